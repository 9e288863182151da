#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http_message.h"
#include "core/json.h"
#include "core/text.h"
#include "http/answer_recorder.h"

namespace penstock::engine {

// The answer of a handler, as JSON or as a stream's events.
class TestStream : public http::AnswerRecorder {
 public:
  // The data of a stream's events, "[DONE]" included.
  std::vector<std::string> events() const {
    std::vector<std::string> out;
    for (std::string_view line : split(body, '\n')) {
      if (line.starts_with("data: ")) out.emplace_back(line.substr(6));
    }
    return out;
  }
  Json json() const { return parse_json(body).value(); }
};

inline Request post(std::string body) {
  Request request;
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

}  // namespace penstock::engine
