#include "bench/mock_upstream/ledger.h"

#include <fmt/format.h>

#include "core/json_writer.h"

namespace penstock::bench {

Ledger::Entry& Ledger::open(const Call& call, const HttpMessage& message) {
  ++calls_;
  ++asked_[call.model];
  entries_.push_back({.number = first_number_ + entries_.size(),
                      .request_id = std::string(message.header("x-request-id")),
                      .authorization = std::string(message.header("authorization")),
                      .call = call,
                      .body = message.body});
  Entry& entry = entries_.back();
  entry.answer_id = fmt::format("chatcmpl-mock-{}", entry.number);
  if (entries_.size() > kEntriesMax) {
    entries_.pop_front();
    ++first_number_;
  }
  return entry;
}

void Ledger::sent(uint64_t number, int64_t tokens, bool complete) {
  tokens_sent_ += tokens;
  complete_ += complete;
  if (number < first_number_ || number >= first_number_ + entries_.size()) return;
  Entry& entry = entries_[number - first_number_];
  entry.tokens_sent += tokens;
  entry.complete = complete;
}

void Ledger::clear() {
  first_number_ += entries_.size();
  entries_.clear();
  asked_.clear();
  calls_ = 0;
  complete_ = tokens_sent_ = 0;
}

std::string Ledger::json() const {
  JsonWriter json;
  json.begin_object().field("calls", calls_).field("complete", complete_).field("tokens_sent", tokens_sent_);
  json.key("requests").begin_array();
  for (const Entry& entry : entries_) {
    json.begin_object().field("number", entry.number).field("answer_id", entry.answer_id);
    json.field("request_id", entry.request_id).field("authorization", entry.authorization);
    json.field("model", entry.call.model).field("stream", entry.call.stream);
    json.field("include_usage", entry.call.include_usage).field("input_tokens", entry.call.input_tokens);
    json.field("tokens_sent", entry.tokens_sent).field("complete", entry.complete).field("body", entry.body);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

}  // namespace penstock::bench
