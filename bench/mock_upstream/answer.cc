#include "bench/mock_upstream/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/mock_upstream/refusal.h"
#include "bench/mock_upstream/stream.h"

namespace penstock::bench {
namespace {

constexpr int64_t kDripBytes = 7;
constexpr int64_t kDripWaitUs = 500;

bool is_anthropic(const Call& call) { return call.protocol == Protocol::kAnthropic; }

std::string right_body(const Call& call, const std::string& id) {
  return is_anthropic(call) ? anthropic_answer(call, id) : openai_answer(call, id);
}

Script whole(const Call& call, const std::string& id, std::string_view type = kJsonType) {
  const std::string body = right_body(call, id);
  if (body.empty()) return status_answer(call.behaviour, 404, "the mock upstream has no such path");
  const std::string field = fmt::format("{}request-id: {}\r\n", is_anthropic(call) ? "" : "x-", id);
  return {{.bytes = http_answer(200, type, body, field),
           .tokens = call.tokens.output,
           .reasoning = call.tokens.reasoning,
           .then = Then::kKeepAlive}};
}

Script right_answer(const Call& call, const std::string& id, const AnswerOptions& options) {
  const bool can_stream = call.endpoint == Endpoint::kChat || call.endpoint == Endpoint::kCompletions ||
                          call.endpoint == Endpoint::kMessages;
  if (!call.stream || !can_stream) return whole(call, id);
  const int64_t pace_us = call.behaviour.pace_us < 0 ? options.pace_us : call.behaviour.pace_us;
  return is_anthropic(call) ? anthropic_stream(call, id, pace_us) : openai_stream(call, id, pace_us);
}

// One event in the call's protocol. `type` is the event's name, which OpenAI's have not.
std::string event(const Call& call, std::string_view type, std::string_view data) {
  const std::string name = is_anthropic(call) ? fmt::format("event: {}\n", type) : std::string();
  return fmt::format("{}data: {}\n\n", name, data);
}

std::string overloaded(const Call& call) {
  const int status = is_anthropic(call) ? 529 : 503;
  return error_body(call.behaviour.words, status, "The mock upstream is overloaded.", "overloaded");
}

// Keeps `events` whole events of a stream (behind the head), or half of the one step of another answer, and
// ends so.
Script shortened(Script script, const Call& call, int64_t events, Then then) {
  if (call.stream) {
    script.resize(std::min(script.size(), static_cast<size_t>(events) + 1));
  } else {
    script.front().bytes.resize(script.front().bytes.size() / 2);
    script.front().tokens = script.front().reasoning = 0;
  }
  script.back().then = then;
  return script;
}

// The first events of a stream, then `last` and a clean end.
Script ended_by(Script script, const Call& call, std::string_view last) {
  script = shortened(std::move(script), call, call.behaviour.fault.number, Then::kKeepAlive);
  if (!last.empty()) script.back().bytes += chunk(last);
  script.back().bytes += kLastChunk;
  return script;
}

Script dripped(const Script& script) {
  Script drops;
  for (const Step& step : script) {
    for (size_t at = 0; at < step.bytes.size(); at += kDripBytes) {
      drops.push_back({.wait_us = kDripWaitUs, .bytes = step.bytes.substr(at, kDripBytes)});
    }
    drops.back().tokens = step.tokens;
    drops.back().reasoning = step.reasoning;
    drops.back().then = step.then;
  }
  return drops;
}

Script with_malformed(Script script, const Call& call) {
  if (!call.stream)
    return {{.bytes = http_answer(200, kJsonType, R"({"id": "broken)"), .then = Then::kKeepAlive}};
  const auto at =
      std::min(static_cast<std::ptrdiff_t>(call.behaviour.fault.number) + 1, std::ssize(script) - 1);
  script.insert(script.begin() + at,
                Step{.bytes = chunk(event(call, "content_block_delta", "{\"id\": \"broken"))});
  return script;
}

Script truncated(Script script, const Call& call, const std::string& id) {
  if (call.stream) return ended_by(std::move(script), call, "data: {\"id\":\"half of an ev");
  std::string body = right_body(call, id);
  body.resize(body.size() / 2);
  return {{.bytes = http_answer(200, kJsonType, body), .then = Then::kKeepAlive}};
}

Script error_in_200(const Call& call) {
  if (!call.stream)
    return {{.bytes = http_answer(200, kJsonType, overloaded(call)), .then = Then::kKeepAlive}};
  return {
      {.bytes = stream_head()},
      {.bytes = chunk(event(call, "error", overloaded(call))).append(kLastChunk), .then = Then::kKeepAlive}};
}

Script empty(const Call& call) {
  std::string bytes = call.stream ? stream_head().append(kLastChunk) : http_answer(200, kJsonType, "");
  return {{.bytes = std::move(bytes), .then = Then::kKeepAlive}};
}

Script called_text(Script script) {
  std::string& head = script.front().bytes;
  const size_t at = head.find("Content-Type: ") + std::string_view("Content-Type: ").size();
  head.replace(at, head.find("\r\n", at) - at, "text/plain");
  return script;
}

Script with_fault(Script script, const Call& call, const std::string& id) {
  const Fault& fault = call.behaviour.fault;
  switch (fault.kind) {
    case FaultKind::kNone:
    case FaultKind::kNoUsage:
      return script;
    case FaultKind::kSilent:
      return {{.then = Then::kHang}};
    case FaultKind::kSlowHeaders:
      script.front().wait_us = fault.number * 1000;
      return script;
    case FaultKind::kCut:
      return shortened(std::move(script), call, fault.number, Then::kClose);
    case FaultKind::kReset:
      if (fault.number == 0) return {{.then = Then::kReset}};
      return shortened(std::move(script), call, fault.number, Then::kReset);
    case FaultKind::kResetHead:
      return shortened(std::move(script), call, 0, Then::kReset);
    case FaultKind::kStall:
      return shortened(std::move(script), call, fault.number, Then::kHang);
    case FaultKind::kDrip:
      return dripped(script);
    case FaultKind::kMalformed:
      return with_malformed(std::move(script), call);
    case FaultKind::kTruncated:
      return truncated(std::move(script), call, id);
    case FaultKind::kErrorIn200:
      return error_in_200(call);
    case FaultKind::kErrorEvent:
      return call.stream ? ended_by(std::move(script), call, event(call, "error", overloaded(call)))
                         : error_in_200(call);
    case FaultKind::kStatus:
      return status_answer(call.behaviour, fault.status,
                           fmt::format("The mock upstream answers {}.", fault.status));
    case FaultKind::kHtml:
      return {{.bytes = http_answer(200, "text/html", "<html><body>It works!</body></html>"),
               .then = Then::kKeepAlive}};
    case FaultKind::kContentType:
      return called_text(std::move(script));
    case FaultKind::kEmpty:
      return empty(call);
    case FaultKind::kNoDone:
      return call.stream ? ended_by(std::move(script), call, "") : empty(call);
    case FaultKind::kContextWindow:
    case FaultKind::kContentPolicy:
    case FaultKind::kQuota:
      return refusal(call);
  }
  return script;
}

}  // namespace

std::string http_answer(int status, std::string_view type, std::string_view body, std::string_view fields) {
  return fmt::format("HTTP/1.1 {} Mock\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}", status, type,
                     fields, body.size(), body);
}

Script plan(const Call& call, const std::string& id, const AnswerOptions& options) {
  Script script = with_fault(right_answer(call, id, options), call, id);
  script.front().wait_us += call.behaviour.latency_us;
  return script;
}

}  // namespace penstock::bench
