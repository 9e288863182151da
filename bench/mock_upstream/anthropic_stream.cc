#include <fmt/format.h>

#include "bench/mock_upstream/answer.h"
#include "bench/mock_upstream/content.h"
#include "bench/mock_upstream/stream.h"
#include "core/json_writer.h"

// https://docs.anthropic.com/en/docs/build-with-claude/streaming
namespace penstock::bench {
namespace {

// `members` of an event after its type, each with a comma before it.
std::string event(std::string_view type, std::string_view members) {
  return fmt::format("event: {0}\ndata: {{\"type\":\"{0}\"{1}}}\n\n", type, members);
}

std::string block_start(int64_t index, std::string_view block) {
  return event("content_block_start", fmt::format(R"(,"index":{},"content_block":{})", index, block));
}

std::string delta(int64_t index, std::string_view type, std::string_view member, std::string_view text) {
  return event("content_block_delta", fmt::format(R"(,"index":{},"delta":{{"type":"{}","{}":{}}},"t":"{}")",
                                                  index, type, member, json_quoted(text), kStamp));
}

std::string block_stop(int64_t index) {
  return event("content_block_stop", fmt::format(R"(,"index":{})", index));
}

void add_thinking(StreamScript& script, const Call& call, int64_t index) {
  script.begin(block_start(index, R"({"type":"thinking","thinking":"","signature":""})"));
  for (int64_t i = 0; i < call.tokens.reasoning; ++i) {
    script.add(delta(index, "thinking_delta", "thinking", thought_of(call, i)), {.reasoning = 1});
  }
  script.add(delta(index, "signature_delta", "signature", kSignature) + block_stop(index));
}

void add_tool_use(StreamScript& script, const Call& call, int64_t index, int64_t tool) {
  script.add(block_start(index, fmt::format(R"({{"type":"tool_use","id":"toolu_{}","name":{},"input":{{}}}})",
                                            tool + 1, json_quoted(call.tool_name))));
  for (size_t at = 0; at < kToolArguments.size(); at += kFragmentBytes) {
    const std::string_view part = kToolArguments.substr(at, kFragmentBytes);
    script.add(delta(index, "input_json_delta", "partial_json", part));
  }
  script.add(block_stop(index));
}

void add_text(StreamScript& script, const Call& call, int64_t index) {
  const std::string start = block_start(index, R"({"type":"text","text":""})");
  index == 0 ? script.begin(start) : script.add(start);
  for (int64_t i = 0; i < call.tokens.output; ++i) {
    script.add(delta(index, "text_delta", "text", word_of(call, i)), {.tokens = 1});
  }
}

}  // namespace

Script anthropic_stream(const Call& call, const std::string& id, int64_t pace_us) {
  const std::string ping = event("ping", "");
  StreamScript script(call, fmt::format("request-id: {}\r\n", id), pace_us, ping);
  const auto usage_member = [&](Moment moment) {
    const bool told = call.behaviour.fault.kind != FaultKind::kNoUsage;
    return told ? fmt::format(R"(,"usage":{})", usage(call, moment)) : std::string();
  };
  script.begin(event("message_start",
                     fmt::format(R"(,"message":{{"id":"{}","type":"message","role":"assistant","model":{},)"
                                 R"("content":[],"stop_reason":null,"stop_sequence":null{}}})",
                                 id, json_quoted(call.model), usage_member(Moment::kStart))));
  script.begin(ping);
  int64_t index = 0;
  if (call.tokens.reasoning > 0) add_thinking(script, call, index++);
  for (int64_t tool = 0; tool < tool_calls_of(call); ++tool) add_tool_use(script, call, index++, tool);
  if (!call.tools) add_text(script, call, index);
  std::string end = call.tools ? std::string() : block_stop(index);
  end += event("message_delta", fmt::format(R"(,"delta":{{"stop_reason":"{}","stop_sequence":null}}{})",
                                            finish_reason(call), usage_member(Moment::kEnd)));
  return script.end(end + event("message_stop", ""), call.tools ? call.tokens.output : 0);
}

}  // namespace penstock::bench
