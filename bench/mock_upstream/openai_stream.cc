#include <fmt/format.h>

#include "bench/mock_upstream/answer.h"
#include "bench/mock_upstream/content.h"
#include "bench/mock_upstream/stream.h"
#include "core/json_writer.h"

namespace penstock::bench {
namespace {

// Writes the events of one stream.
class Events {
 public:
  Events(const Call& call, const std::string& id) : call_(call), id_(id) {}

  std::string first(int64_t index) const {
    return chat_event(index, R"({"role":"assistant","content":"","refusal":null})", "null");
  }
  std::string thought(int64_t index, std::string_view text) const {
    return chat_event(index, fmt::format(R"({{"reasoning_content":{}}})", json_quoted(text)), "null");
  }
  std::string content(int64_t index, std::string_view text) const {
    return chat() ? chat_event(index, fmt::format(R"({{"content":{}}})", json_quoted(text)), "null")
                  : text_event(index, text, "null");
  }
  std::string tool_call(int64_t index, int64_t tool, std::string_view fields) const {
    return chat_event(index, fmt::format(R"({{"tool_calls":[{{"index":{},{}}}]}})", tool, fields), "null");
  }
  std::string last(int64_t index) const {
    const std::string reason = json_quoted(finish_reason(call_));
    return chat() ? chat_event(index, "{}", reason) : text_event(index, "", reason);
  }
  std::string usage_event() const { return event("[]", fmt::format(R"(,"usage":{})", usage(call_))); }

  bool chat() const { return call_.endpoint == Endpoint::kChat; }

 private:
  // `choices` is the text of the list, `tail` further members with a comma before each.
  std::string event(std::string_view choices, std::string_view tail) const {
    return fmt::format(
        R"(data: {{"id":"{}","object":"{}","created":{},"model":{},"system_fingerprint":"fp_mock",)"
        R"("choices":{}{},"t":"{}"}})"
        "\n\n",
        id_, chat() ? "chat.completion.chunk" : "text_completion", kCreated, json_quoted(call_.model),
        choices, tail, kStamp);
  }
  std::string chat_event(int64_t index, std::string_view delta, std::string_view reason) const {
    constexpr std::string_view kForm = R"([{{"index":{},"delta":{},"logprobs":null,"finish_reason":{}}}])";
    return event(fmt::format(kForm, index, delta, reason), tail());
  }
  std::string text_event(int64_t index, std::string_view text, std::string_view reason) const {
    constexpr std::string_view kForm = R"([{{"index":{},"text":{},"logprobs":null,"finish_reason":{}}}])";
    return event(fmt::format(kForm, index, json_quoted(text), reason), tail());
  }
  // OpenAI: once usage was asked for, every other chunk carries it as null.
  std::string_view tail() const { return call_.include_usage ? R"(,"usage":null)" : ""; }

  const Call& call_;
  const std::string& id_;
};

void add_tool_calls(StreamScript& script, const Events& events, const Call& call, int64_t index) {
  for (int64_t tool = 0; tool < tool_calls_of(call); ++tool) {
    const std::string head =
        fmt::format(R"("id":"call_{}","type":"function","function":{{"name":{},"arguments":""}})", tool + 1,
                    json_quoted(call.tool_name));
    script.add(events.tool_call(index, tool, head));
    for (size_t at = 0; at < kToolArguments.size(); at += kFragmentBytes) {
      const std::string arguments = json_quoted(kToolArguments.substr(at, kFragmentBytes));
      script.add(events.tool_call(index, tool, fmt::format(R"("function":{{"arguments":{}}})", arguments)));
    }
  }
}

}  // namespace

Script openai_stream(const Call& call, const std::string& id, int64_t pace_us) {
  const Events events(call, id);
  StreamScript script(call, fmt::format("x-request-id: {}\r\n", id), pace_us, ": ping\n\n");
  for (int64_t index = 0; index < call.choices && events.chat(); ++index) script.begin(events.first(index));
  for (int64_t i = 0; i < call.tokens.reasoning; ++i) {
    const std::string part = thought_of(call, i / call.choices);
    script.add(events.thought(i % call.choices, part), {.reasoning = 1});
  }
  if (call.tools) {
    for (int64_t index = 0; index < call.choices; ++index) add_tool_calls(script, events, call, index);
  }
  for (int64_t i = 0; i < call.tokens.output && !call.tools; ++i) {
    script.add(events.content(i % call.choices, word_of(call, i / call.choices)), {.tokens = 1});
  }
  std::string end;
  for (int64_t index = 0; index < call.choices; ++index) end += events.last(index);
  const bool tells_usage = call.include_usage && call.behaviour.fault.kind != FaultKind::kNoUsage;
  if (tells_usage) end += events.usage_event();
  return script.end(end + "data: [DONE]\n\n", call.tools ? call.tokens.output : 0);
}

}  // namespace penstock::bench
