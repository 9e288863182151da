#include "bench/mock_upstream/chunks.h"

#include <fmt/format.h>

#include <array>

#include "core/json_writer.h"

namespace penstock::bench {
namespace {

constexpr std::array<std::string_view, 8> kWords = {"water", "falls",  "through", "a",
                                                    "gated", "narrow", "pipe",    "today"};

std::string_view word(int64_t index) { return kWords[static_cast<size_t>(index) % kWords.size()]; }

// Writes the events of one stream.
class Events {
 public:
  Events(const Call& call, const std::string& id) : call_(call), id_(id) {}

  // `choices` is the text of the list, `tail` further members with a comma before each.
  std::string event(std::string_view choices, std::string_view tail) const {
    return fmt::format(
        R"(data: {{"id":"{}","object":"{}","created":{},"model":{},"system_fingerprint":"fp_mock",)"
        R"("choices":{}{},"t":"{}"}})"
        "\n\n",
        id_, chat() ? "chat.completion.chunk" : "text_completion", kCreated, quoted(call_.model), choices,
        tail, kStamp);
  }

  std::string chat_event(int64_t index, std::string_view delta, std::string_view finish_reason) const {
    return event(fmt::format(R"([{{"index":{},"delta":{},"logprobs":null,"finish_reason":{}}}])", index,
                             delta, finish_reason),
                 tail());
  }

  std::string text_event(int64_t index, std::string_view text, std::string_view finish_reason) const {
    return event(fmt::format(R"([{{"index":{},"text":{},"logprobs":null,"finish_reason":{}}}])", index,
                             quoted(text), finish_reason),
                 tail());
  }

  std::string first(int64_t index) const {
    return chat_event(index, R"({"role":"assistant","content":"","refusal":null})", "null");
  }
  std::string content(int64_t index, int64_t token) const {
    const std::string text = fmt::format("{}{}", token == 0 ? "" : " ", word(token));
    return chat() ? chat_event(index, fmt::format(R"({{"content":{}}})", quoted(text)), "null")
                  : text_event(index, text, "null");
  }
  std::string last(int64_t index) const {
    const std::string_view reason = call_.tools ? "\"tool_calls\"" : "\"stop\"";
    return chat() ? chat_event(index, "{}", reason) : text_event(index, "", reason);
  }
  std::string tool_call(std::string_view fields) const {
    return chat_event(0, fmt::format(R"({{"tool_calls":[{{"index":0,{}}}]}})", fields), "null");
  }
  std::string usage_event() const { return event("[]", fmt::format(R"(,"usage":{})", usage(call_))); }

  bool chat() const { return call_.endpoint == Endpoint::kChat; }

 private:
  // OpenAI: once usage was asked for, every other chunk carries it as null.
  std::string_view tail() const { return call_.include_usage ? R"(,"usage":null)" : ""; }

  const Call& call_;
  const std::string& id_;
};

void append_tool_calls(Script& script, const Events& events, int64_t pace_us) {
  constexpr size_t kFragmentBytes = 9;
  const auto add = [&](std::string_view fields) {
    script.push_back({.wait_us = pace_us, .bytes = chunk(events.tool_call(fields))});
  };
  add(R"("id":"call_1","type":"function","function":{"name":"get_weather","arguments":""})");
  for (size_t at = 0; at < kToolArguments.size(); at += kFragmentBytes) {
    add(fmt::format(R"("function":{{"arguments":{}}})", quoted(kToolArguments.substr(at, kFragmentBytes))));
  }
}

void append_content(Script& script, const Events& events, const Call& call, int64_t pace_us) {
  for (int64_t token = 0; token < call.output_tokens; ++token) {
    for (int64_t index = 0; index < call.choices; ++index) {
      const int64_t wait_us = index == 0 ? pace_us : 0;
      script.push_back({.wait_us = wait_us, .bytes = chunk(events.content(index, token)), .tokens = 1});
    }
  }
}

}  // namespace

std::string chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string words(int64_t tokens) {
  std::string text;
  for (int64_t i = 0; i < tokens; ++i) text.append(i == 0 ? "" : " ").append(word(i));
  return text;
}

std::string usage(const Call& call) {
  const int64_t output = call.output_tokens * call.choices;
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},)"
                     R"("prompt_tokens_details":{{"cached_tokens":0}},)"
                     R"("completion_tokens_details":{{"reasoning_tokens":0}}}})",
                     call.input_tokens, output, call.input_tokens + output);
}

Script stream_of(const Call& call, const std::string& id, int64_t pace_us) {
  const Events events(call, id);
  Script script;
  std::string head(kStreamHead);
  head.insert(head.size() - 2, fmt::format("x-request-id: {}\r\n", id));
  script.push_back({.bytes = std::move(head)});
  if (events.chat()) {
    for (int64_t index = 0; index < call.choices; ++index) {
      script.back().bytes += chunk(events.first(index));
    }
  }
  if (call.tools) {
    append_tool_calls(script, events, pace_us);
  } else {
    append_content(script, events, call, pace_us);
  }
  std::string end;
  for (int64_t index = 0; index < call.choices; ++index) end += chunk(events.last(index));
  if (call.include_usage && call.fault.kind != FaultKind::kNoUsage) end += chunk(events.usage_event());
  end += chunk("data: [DONE]\n\n");
  end += kLastChunk;
  script.push_back(
      {.bytes = std::move(end), .tokens = call.tools ? call.output_tokens : 0, .then = Then::kKeepAlive});
  return script;
}

}  // namespace penstock::bench
