#pragma once

#include <string>
#include <string_view>

#include "bench/mock_upstream/call.h"
#include "bench/mock_upstream/script.h"

namespace penstock::bench {

struct AnswerOptions {
  int64_t pace_us = 0;  // between the events of a stream
};

// One HTTP answer with a Content-Length. `fields` are further header lines, each with its CRLF.
std::string http_answer(int status, std::string_view type, std::string_view body,
                        std::string_view fields = {});

// How a call is answered, its fault included. `id` is the answer's x-request-id and its object id.
Script plan(const Call& call, const std::string& id, const AnswerOptions& options);

// OpenAI's error object, and the whole answer around it. A 429 or 503 says when to come back.
std::string error_body(std::string_view message, std::string_view type, std::string_view code);
Script error_answer(int status, std::string_view message);

}  // namespace penstock::bench
