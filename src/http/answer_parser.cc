#include "http/answer_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <string>
#include <utility>

#include "core/text.h"
#include "http/field_rules.h"

namespace penstock::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr int kInterimMax = 8;  // 1xx answers before the real one
constexpr int64_t kFieldCountMax = 200;
constexpr size_t kTrailerBytesMax = 16 << 10;

Failure broken(std::string_view why) {
  return Failure(
      Error{.code = ErrorCode::kUpstream, .message = "the answer is malformed: " + std::string(why)});
}

bool is_interim(int status) { return status >= 100 && status < 200; }

}  // namespace

struct AnswerParser::Beast : beast::http::basic_parser<false> {
  Beast(ResponseHead& answer_head, int64_t header_bytes_max, bool bodyless)
      : head(answer_head), rules(kFieldCountMax) {
    this->header_limit(static_cast<uint32_t>(header_bytes_max));
    this->body_limit(boost::none);
    this->eager(true);
    this->skip(bodyless);
  }

  ResponseHead& head;
  FieldRules rules;
  std::string_view refusal;
  bool in_trailer = false;
  char* piece_end = nullptr;  // where the next body bytes go

  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int, error_code&) override {
  }

  void on_response_impl(int status, beast::string_view /*reason*/, int /*version*/,
                        error_code& failure) override {
    head.status = status;
    if (status < 100 || status == 101) {
      refusal = "its status is not to be expected";
      failure = beast::http::error::bad_status;
    }
  }

  void on_field_impl(beast::http::field /*known*/, beast::string_view name, beast::string_view value,
                     error_code& failure) override {
    refusal = rules.check(view(name), view(value));
    if (!refusal.empty()) failure = beast::http::error::bad_field;
    if (!in_trailer) head.headers.add(std::string(view(name)), std::string(view(value)));
  }

  void on_header_impl(error_code& /*failure*/) override {}
  void on_body_init_impl(const boost::optional<uint64_t>& /*length*/, error_code& /*failure*/) override {
    in_trailer = true;
  }

  size_t take(beast::string_view bytes) {
    std::memmove(piece_end, bytes.data(), bytes.size());
    piece_end += bytes.size();
    return bytes.size();
  }
  size_t on_body_impl(beast::string_view bytes, error_code& /*failure*/) override { return take(bytes); }
  size_t on_chunk_body_impl(uint64_t /*left*/, beast::string_view bytes, error_code& /*failure*/) override {
    return take(bytes);
  }

  void on_chunk_header_impl(uint64_t /*size*/, beast::string_view extension, error_code& failure) override {
    if (is_safe_extension(view(extension))) return;
    refusal = "a chunk extension holds a control character";
    failure = beast::http::error::bad_chunk_extension;
  }
  void on_finish_impl(error_code& /*failure*/) override {}
};

AnswerParser::AnswerParser(int64_t header_bytes_max, bool bodyless)
    : header_bytes_max_(header_bytes_max), bodyless_(bodyless) {
  begin();
}
AnswerParser::~AnswerParser() = default;

void AnswerParser::begin() {
  head_ = {};
  head_bytes_ = 0;
  beast_ = std::make_unique<Beast>(head_, header_bytes_max_, bodyless_);
}

Result<AnswerParser::Fed> AnswerParser::feed(std::span<char> bytes) {
  size_t used = 0;
  beast_->piece_end = bytes.data();
  while (true) {
    std::span<char> rest = bytes.subspan(used);
    bool in_head = !beast_->is_header_done();
    if (!in_head && beast_->rules.chunked() && rest.size() < kChunkedBytesMin) break;
    error_code failure;
    beast_->rules.set_input({rest.data(), rest.size()});
    size_t taken = beast_->put(boost::asio::const_buffer(rest.data(), rest.size()), failure);
    used += taken;
    if (failure == beast::http::error::need_more) failure = {};
    if (failure == beast::http::error::header_limit) return broken("its head is too large");
    if (failure) return broken(beast_->refusal.empty() ? describe(failure) : beast_->refusal);
    size_t waiting = rest.size() - taken;
    if (in_head) head_bytes_ += static_cast<int64_t>(beast_->is_header_done() ? 0 : taken);
    if (!beast_->is_header_done() && head_bytes_ + static_cast<int64_t>(waiting) > header_bytes_max_) {
      return broken("its head is larger than " + std::to_string(header_bytes_max_) + " bytes");
    }
    if (!in_head && taken == 0 && waiting > kTrailerBytesMax) {
      return broken("a chunk's head or the trailer is too large");
    }
    if (!beast_->is_done() || !is_interim(head_.status)) break;
    if (++interim_count_ > kInterimMax) return broken("too many interim answers");
    begin();
    beast_->piece_end = bytes.data();
    if (used == bytes.size()) break;
  }
  return Fed{used, {bytes.data(), static_cast<size_t>(beast_->piece_end - bytes.data())}};
}

bool AnswerParser::head_done() const { return beast_->is_header_done(); }
bool AnswerParser::done() const { return beast_->is_done(); }

bool AnswerParser::finish() {
  if (!beast_->got_some() || beast_->is_done()) return beast_->is_done();
  error_code failure;
  beast_->put_eof(failure);
  return !failure;
}

bool AnswerParser::keep_alive() const { return beast_->is_done() && beast_->keep_alive(); }

std::optional<int64_t> AnswerParser::keep_alive_s() const {
  std::string lower = to_lower(head_.headers.get("keep-alive"));
  for (std::string_view parameter : split(lower, ',')) {
    parameter = trim(parameter);
    if (parameter.starts_with("timeout=")) return parse_int(parameter.substr(8));
  }
  return std::nullopt;
}

}  // namespace penstock::http
