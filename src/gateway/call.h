#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http_message.h"
#include "core/json_fields.h"

namespace penstock::gateway {

// How a contract tells errors: as a whole answer, or as one event of a stream that has begun.
struct ErrorRendering {
  Response (*answer)(const Error&);
  std::string (*event)(const Error&);
};

// One call as its door understood it, in OpenAI's dialect. Views point into the request, which outlives the
// call.
struct Call {
  std::string_view endpoint;  // for the record: "chat.completions", "completions", "embeddings", "predict"
  std::string_view upstream_path;  // below an upstream's base: "/chat/completions"
  std::string_view body;
  JsonFields fields;  // of `body`
  std::string model;
  bool stream = false;
  bool usage_asked = false;  // the client wants the usage chunk of a stream
  std::string feature;
  std::string user;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string principal;
  int64_t arrived_us = 0;  // monotonic
  ErrorRendering errors;
};

}  // namespace penstock::gateway
