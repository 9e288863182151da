#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http_message.h"
#include "core/json_fields.h"
#include "providers/protocol.h"

namespace penstock::gateway {

// How a contract tells errors: as a whole answer, or as one event of a stream that has begun.
struct ErrorRendering {
  Response (*answer)(const Error&);
  std::string (*event)(const Error&);
};

// One call as its door understood it, in its own contract. Views point into the request, which outlives the
// call.
struct Call {
  std::string_view endpoint;  // for the record: "chat.completions", "messages", "predict"
  providers::Operation operation = providers::Operation::kChat;
  std::string_view body;
  JsonFields fields;                 // of `body`
  const Headers* headers = nullptr;  // the client's; may be absent
  std::string model;
  bool stream = false;
  bool usage_asked = false;  // kChat, kCompletions: the client wants the usage chunk of a stream
  std::string feature;
  std::string user;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string principal;
  int64_t arrived_us = 0;  // monotonic
  ErrorRendering errors;

  std::string_view header(std::string_view name) const {
    return headers == nullptr ? std::string_view{} : headers->get(name);
  }
};

}  // namespace penstock::gateway
