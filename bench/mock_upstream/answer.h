#pragma once

#include <string>
#include <string_view>

#include "bench/mock_upstream/call.h"
#include "bench/mock_upstream/script.h"

namespace penstock::bench {

constexpr int64_t kCreated = 1'700'000'000;
constexpr std::string_view kJsonType = "application/json";

struct AnswerOptions {
  int64_t pace_us = 0;  // between the events of a stream
};

// One HTTP answer with a Content-Length. `fields` are further header lines, each with its CRLF.
std::string http_answer(int status, std::string_view type, std::string_view body,
                        std::string_view fields = {});

// How a call is answered, its fault included. `id` is the answer's request id and its object id.
Script plan(const Call& call, const std::string& id, const AnswerOptions& options);

// Whole answers of either protocol; empty for an endpoint that it lacks.
std::string openai_answer(const Call& call, const std::string& id);
std::string anthropic_answer(const Call& call, const std::string& id);

// In the words of the call's protocol. An Anthropic stream tells usage at its start too, but for what it has
// yet to say.
enum class Moment : uint8_t { kStart, kEnd };
std::string usage(const Call& call, Moment moment = Moment::kEnd);
std::string_view finish_reason(const Call& call);

}  // namespace penstock::bench
