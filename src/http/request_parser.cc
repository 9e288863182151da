#include "http/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <string>
#include <utility>

#include "core/text.h"
#include "http/field_rules.h"
#include "http/request_target.h"

namespace penstock::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

constexpr size_t kSpareBytes = 64;           // promised by Request::body
constexpr size_t kBodyReserveMax = 1 << 20;  // a length that was only announced takes no more than this
constexpr size_t kUsualFieldCount = 16;
constexpr int64_t kTrailerBytesMax = 16 << 10;

Refusal malformed(std::string_view why) {
  return {400, Error{.code = ErrorCode::kInvalidArgument,
                     .message = "malformed request: " + std::string(why),
                     .reason = "malformed_request"}};
}

Refusal too_large(int status, std::string message) {
  return {status, Error{.code = ErrorCode::kTooLarge, .message = std::move(message)}};
}

}  // namespace

// Beast's parser with what it reads put straight into the request.
struct RequestParser::Beast : beast::http::basic_parser<true> {
  Beast(const ServerLimits& parser_limits, Request& target_request)
      : limits(parser_limits), request(target_request), rules(parser_limits.header_count_max) {
    this->header_limit(static_cast<uint32_t>(limits.header_bytes_max));
    this->body_limit(boost::none);  // set by limit_body, when the head tells who takes it
    this->eager(false);
  }

  const ServerLimits& limits;
  Request& request;
  FieldRules rules;
  std::optional<Refusal> refusal;
  int version = 11;

  void refuse(Refusal reason, error_code& failure) {
    refusal = std::move(reason);
    failure = beast::http::error::bad_field;
  }

  void on_request_impl(beast::http::verb /*verb*/, beast::string_view method, beast::string_view target,
                       int http, error_code& failure) override {
    version = http;
    request.headers.reserve(kUsualFieldCount);
    request.method = view(method);
    request.target = view(target);
    auto parts = penstock::http::parse_target(request.method, request.target);
    if (!parts) return refuse({400, std::move(parts).error()}, failure);
    request.path = std::move(parts->path);
    request.query = std::move(parts->query);
    authority = std::move(parts->authority);
  }

  void on_field_impl(beast::http::field /*known*/, beast::string_view name, beast::string_view value,
                     error_code& failure) override {
    if (std::string_view why = rules.check(view(name), view(value)); !why.empty()) {
      if (rules.too_many()) return refuse(too_large(431, std::string(why)), failure);
      return refuse(malformed(why), failure);
    }
    if (!in_trailer) request.headers.add(std::string(view(name)), std::string(view(value)));
  }

  void on_header_impl(error_code& /*failure*/) override {}

  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code& /*failure*/) override {
    in_trailer = true;
    request.body.reserve(std::min<uint64_t>(length.value_or(0), kBodyReserveMax) + kSpareBytes);
  }

  size_t on_body_impl(beast::string_view bytes, error_code& /*failure*/) override {
    request.body.append(view(bytes));
    return bytes.size();
  }

  void on_chunk_header_impl(uint64_t /*size*/, beast::string_view extension, error_code& failure) override {
    if (!is_safe_extension(view(extension))) {
      refuse(malformed("a chunk extension holds a control character"), failure);
    }
  }

  size_t on_chunk_body_impl(uint64_t /*left*/, beast::string_view bytes, error_code& /*failure*/) override {
    request.body.append(view(bytes));
    return bytes.size();
  }

  void on_finish_impl(error_code& /*failure*/) override {
    if (request.body.capacity() < request.body.size() + kSpareBytes) {
      request.body.reserve(request.body.size() + kSpareBytes);
    }
  }

  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  std::string authority;
  bool in_trailer = false;
};

RequestParser::RequestParser(const ServerLimits& limits)
    : limits_(limits), beast_(std::make_unique<std::optional<Beast>>()) {}
RequestParser::~RequestParser() = default;

void RequestParser::begin(Request& request) {
  request_ = &request;
  beast_->emplace(limits_, request);
  head_bytes_ = 0;
  head_done_ = false;
  expects_continue_ = false;
}

std::expected<size_t, Refusal> RequestParser::feed(std::string_view bytes) {
  Beast& beast = **beast_;
  if (head_done_ && beast.rules.chunked() && bytes.size() < kChunkedBytesMin) return 0;
  error_code failure;
  beast.rules.set_input(bytes);
  size_t used = beast.put(boost::asio::const_buffer(bytes.data(), bytes.size()), failure);
  if (failure == boost::beast::http::error::need_more) failure = {};
  if (!head_done_) head_bytes_ += static_cast<int64_t>(used);
  int64_t waiting = static_cast<int64_t>(bytes.size() - used);
  bool head_ends = beast.is_header_done() && !head_done_;
  if (failure == boost::beast::http::error::header_limit || head_bytes_ > limits_.header_bytes_max ||
      (!beast.is_header_done() && head_bytes_ + waiting > limits_.header_bytes_max)) {
    return std::unexpected(too_large(
        431, "the request's head is larger than " + std::to_string(limits_.header_bytes_max) + " bytes"));
  }
  if (failure == boost::beast::http::error::body_limit) return std::unexpected(body_too_large());
  if (failure && beast.refusal) return std::unexpected(std::move(*beast.refusal));
  if (failure) return std::unexpected(malformed(describe(failure)));
  if (head_done_ && used == 0 && waiting > kTrailerBytesMax) {
    return std::unexpected(too_large(431, "a chunk's head or the trailer is too large"));
  }
  if (head_ends) {
    head_done_ = true;
    beast.eager(true);
    if (auto refusal = check_head()) return std::unexpected(std::move(*refusal));
  }
  return used;
}

std::optional<Refusal> RequestParser::limit_body(int64_t bytes_max) {
  body_bytes_max_ = bytes_max;
  if (content_length().value_or(0) > bytes_max) return body_too_large();
  (*beast_)->body_limit(static_cast<uint64_t>(bytes_max));
  return std::nullopt;
}

Refusal RequestParser::body_too_large() const {
  return too_large(413, "the request's body is larger than " + std::to_string(body_bytes_max_) + " bytes");
}

std::optional<Refusal> RequestParser::check_head() {
  if (http_1_0() && (*beast_)->rules.chunked()) return malformed("Transfer-Encoding needs HTTP/1.1");
  std::string_view expect = request_->headers.get("expect");
  expects_continue_ = !http_1_0() && equals_ignoring_case(expect, "100-continue");
  if (!expect.empty() && !http_1_0() && !expects_continue_) {
    return Refusal{417, Error::invalid("expect", "only 'Expect: 100-continue' is understood")};
  }
  return check_host();
}

std::optional<Refusal> RequestParser::check_host() {
  int64_t count = std::ranges::count_if(request_->headers,
                                        [](const auto& f) { return equals_ignoring_case(f.first, "host"); });
  if (count != 1) return malformed(count == 0 ? "there is no Host" : "Host is repeated");
  std::string_view host = request_->headers.get("host");
  if (auto parts = parse_host(host); !parts) return malformed(parts.error().message);
  if (!(*beast_)->authority.empty() && !equals_ignoring_case((*beast_)->authority, host)) {
    return malformed("Host differs from the request target");
  }
  return std::nullopt;
}

bool RequestParser::done() const { return head_done_ && (*beast_)->is_done(); }
bool RequestParser::keep_alive() const { return (*beast_)->keep_alive(); }
bool RequestParser::http_1_0() const { return (*beast_)->version == 10; }

std::optional<int64_t> RequestParser::content_length() const {
  auto length = (*beast_)->content_length();
  if (!length) return std::nullopt;
  return static_cast<int64_t>(*length);
}

}  // namespace penstock::http
