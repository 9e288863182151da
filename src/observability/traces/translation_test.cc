#include "observability/traces/translation.h"

#include <gtest/gtest.h>

#include "core/json_writer.h"
#include "observability/traces/summary.h"

namespace penstock::traces {
namespace {

Span translated(Attributes attributes, std::vector<SpanEvent> events = {}) {
  Span span{.trace_id = std::string(32, 'a'), .span_id = std::string(16, 'b'), .name = "n"};
  span.attributes = std::move(attributes);
  span.events = std::move(events);
  translate(span);
  return span;
}

std::string at(const Span& span, std::string_view key) {
  const std::string* json = find_attribute(span.attributes, key);
  return json == nullptr ? "absent" : *json;
}

TEST(Translation, MlflowsOwnSpansAreKept) {
  Span span = translated({{"mlflow.spanType", "\"CHAIN\""}, {"mlflow.spanInputs", "{\"q\": 1}"}});
  EXPECT_EQ(at(span, kSpanTypeKey), "\"CHAIN\"");
  EXPECT_EQ(at(span, kRequestIdKey), "\"tr-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"");
  EXPECT_EQ(at(span, kOutputsKey), "absent");
}

TEST(Translation, StringsThatHoldJsonBecomeIt) {
  Span span =
      translated({{"a", json_quoted("{\"x\": 1}")}, {"b", json_quoted("{no")}, {"c", json_quoted("1")}});
  EXPECT_EQ(at(span, "a"), "{\"x\": 1}");
  EXPECT_EQ(at(span, "b"), "\"{no\"");
  EXPECT_EQ(at(span, "c"), "\"1\"");
}

TEST(Translation, GenAiConventions) {
  Span span = translated({{"gen_ai.operation.name", "\"chat\""},
                          {"gen_ai.request.model", "\"gpt-4\""},
                          {"gen_ai.provider.name", "\"openai\""},
                          {"gen_ai.usage.input_tokens", "10"},
                          {"gen_ai.usage.output_tokens", "\"5\""},
                          {"gen_ai.input.messages", json_quoted("[{\"role\": \"user\"}]")}});
  EXPECT_EQ(at(span, kSpanTypeKey), "\"CHAT_MODEL\"");
  EXPECT_EQ(at(span, kModelKey), "\"gpt-4\"");
  EXPECT_EQ(at(span, kProviderKey), "\"openai\"");
  EXPECT_EQ(at(span, kUsageKey), "{\"input_tokens\": 10, \"output_tokens\": 5, \"total_tokens\": 15}");
  EXPECT_EQ(at(span, kInputsKey), "[{\"role\": \"user\"}]");
}

TEST(Translation, OpenInferenceAndOpenLlmetry) {
  Span open_inference = translated({{"openinference.span.kind", "\"RETRIEVER\""},
                                    {"input.value", "\"q\""},
                                    {"output.value", "\"docs\""},
                                    {"llm.token_count.total", "7"}});
  EXPECT_EQ(at(open_inference, kSpanTypeKey), "\"RETRIEVER\"");
  EXPECT_EQ(at(open_inference, kOutputsKey), "\"docs\"");
  EXPECT_EQ(at(open_inference, kUsageKey), "{\"total_tokens\": 7}");
  Span traceloop = translated({{"traceloop.span.kind", "\"workflow\""},
                               {"gen_ai.prompt.0.content", "\"hi\""},
                               {"gen_ai.completion.0.content", "\"ho\""},
                               {"gen_ai.usage.prompt_tokens", "1"},
                               {"gen_ai.usage.completion_tokens", "2"}});
  EXPECT_EQ(at(traceloop, kSpanTypeKey), "\"WORKFLOW\"");
  EXPECT_EQ(at(traceloop, kInputsKey), "\"hi\"");
  EXPECT_EQ(at(traceloop, kOutputsKey), "\"ho\"");
  EXPECT_EQ(at(traceloop, kUsageKey), "{\"input_tokens\": 1, \"output_tokens\": 2, \"total_tokens\": 3}");
}

TEST(Translation, MessagesInEvents) {
  Span span = translated({{"gen_ai.operation.name", "\"chat\""}},
                         {{"gen_ai.user.message", 1, {{"content", "\"hi\""}}},
                          {"gen_ai.message", 1, {{"content", "\"no role\""}}},
                          {"gen_ai.choice", 2, {{"content", "\"ho\""}}}});
  EXPECT_EQ(at(span, kInputsKey), "[{\"role\": \"user\", \"content\": \"hi\"}]");
  EXPECT_EQ(at(span, kOutputsKey), "[{\"role\": \"assistant\", \"content\": \"ho\"}]");
}

TEST(Translation, TheModelMayStandInTheInputs) {
  EXPECT_EQ(at(translated({{"mlflow.spanInputs", "{\"model\": \"m1\"}"}}), kModelKey), "\"m1\"");
}

std::optional<Amounts> tokens(double input, double output) {
  Amounts amounts;
  amounts.values[0] = input;
  amounts.values[1] = output;
  amounts.values[2] = input + output;
  return amounts;
}

TEST(Summary, AParentsSumCountsInPlaceOfItsChildrens) {
  auto sum = sum_amounts({{"a", "", std::nullopt},
                          {"b", "a", tokens(10, 5)},
                          {"c", "b", tokens(4, 2)},
                          {"d", "a", tokens(1, 1)},
                          {"e", "lost", tokens(2, 0)}});
  ASSERT_TRUE(sum);
  EXPECT_EQ(amounts_json(AmountKind::kTokens, *sum),
            "{\"input_tokens\": 13, \"output_tokens\": 6, \"total_tokens\": 19}");
  EXPECT_FALSE(sum_amounts({{"a", "", std::nullopt}}));
  EXPECT_FALSE(sum_amounts({{"a", "b", tokens(1, 1)}, {"b", "a", std::nullopt}}));  // a ring has no root
}

TEST(Summary, PreviewsShowTheLastMessageOfTheRole) {
  EXPECT_EQ(preview(R"({"messages": [{"role": "user", "content": "one"}, {"role": "user", "content": "two"},
                        {"role": "assistant", "content": "three"}]})",
                    "user"),
            "two");
  EXPECT_EQ(preview(R"({"choices": [{"message": {"role": "assistant", "content": "yes"}}]})", "assistant"),
            "yes");
  EXPECT_EQ(preview("{\"x\": 1}", "user"), "{\"x\": 1}");
  std::string cut = preview(std::string(2000, 'a'), "user");
  EXPECT_EQ(cut.size(), 1000);
  EXPECT_TRUE(cut.ends_with("a..."));
}

}  // namespace
}  // namespace penstock::traces
