#include "bench/mock_upstream/ledger.h"

#include <fmt/format.h>

#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::bench {
namespace {

std::string_view header_of(const Ledger::Entry& entry, std::string_view name) {
  for (const auto& [key, value] : entry.headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

void write_tokens(JsonWriter& json, const Ledger::Entry& entry) {
  const Tokens tokens = entry.billed ? entry.call.tokens : Tokens();
  json.begin_object().field("input", tokens.input).field("cached_input", tokens.cached_input);
  json.field("cache_write", tokens.cache_write).field("cache_write_1h", tokens.cache_write_1h);
  json.field("output", entry.tokens_sent).field("reasoning", entry.reasoning_sent).end_object();
}

void write_details(JsonWriter& json, const Ledger::Entry& entry) {
  json.key("headers").begin_object();
  for (const auto& [name, value] : entry.headers) json.field(to_lower(name), value);
  json.end_object().field("body", entry.body);
}

void write(JsonWriter& json, const Ledger::Entry& entry, Ledger::Detail detail) {
  const size_t space = entry.start_line.find(' ') + 1;
  json.begin_object().field("number", entry.number).field("answer_id", entry.answer_id);
  json.field("request_id", header_of(entry, "x-request-id"));
  json.field("authorization", header_of(entry, "authorization"));
  json.field("target", entry.start_line.substr(space, entry.start_line.rfind(' ') - space));
  json.field("model", entry.call.model).field("stream", entry.call.stream);
  json.field("include_usage", entry.call.include_usage).field("images", entry.call.images);
  json.field("input_tokens", entry.call.tokens.prompt()).field("tokens_sent", entry.tokens_sent);
  json.field("complete", entry.complete).field("left", entry.left).key("tokens");
  write_tokens(json, entry);
  if (detail == Ledger::Detail::kAll) write_details(json, entry);
  json.end_object();
}

}  // namespace

Ledger::Entry& Ledger::open(const Call& call, const HttpMessage& message) {
  ++calls_;
  ++asked_[call.model];
  entries_.push_back({.number = first_number_ + entries_.size(),
                      .start_line = message.start_line,
                      .headers = message.headers,
                      .call = call,
                      .body = message.body});
  Entry& entry = entries_.back();
  entry.billed = call.endpoint != Endpoint::kCountTokens && call.behaviour.fault.is_billed();
  const bool anthropic = call.protocol == Protocol::kAnthropic;
  entry.answer_id = fmt::format("{}mock-{}", anthropic ? "msg-" : "chatcmpl-", entry.number);
  if (entries_.size() > kEntriesMax) {
    entries_.pop_front();
    ++first_number_;
  }
  return entry;
}

Ledger::Entry* Ledger::find(uint64_t number) {
  if (number < first_number_ || number >= first_number_ + entries_.size()) return nullptr;
  return &entries_[number - first_number_];
}

void Ledger::sent(uint64_t number, const Sent& sent) {
  tokens_sent_ += sent.tokens + sent.reasoning;
  complete_ += sent.complete;
  Entry* entry = find(number);
  if (entry == nullptr) return;
  entry->tokens_sent += sent.tokens;
  entry->reasoning_sent += sent.reasoning;
  entry->complete = sent.complete;
}

void Ledger::peer_left(uint64_t number) {
  if (Entry* entry = find(number)) entry->left = true;
}

void Ledger::clear() {
  first_number_ += entries_.size();
  entries_.clear();
  asked_.clear();
  calls_ = 0;
  complete_ = tokens_sent_ = 0;
}

std::string Ledger::json(Detail detail) const {
  JsonWriter json;
  json.begin_object().field("calls", calls_).field("complete", complete_).field("tokens_sent", tokens_sent_);
  json.key("requests").begin_array();
  for (const Entry& entry : entries_) write(json, entry, detail);
  return json.end_array().end_object().take();
}

}  // namespace penstock::bench
