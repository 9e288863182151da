#include "engine/embedding_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/clock.h"
#include "core/random.h"
#include "core/run_task.h"
#include "core/temporary_directory.h"
#include "core/text.h"
#include "engine/embedder.h"
#include "engine/engine_service.h"
#include "engine/import_safetensors.h"
#include "engine/test_stream.h"

namespace penstock::engine {
namespace {

EngineService& service() {
  static const TemporaryDirectory folder;
  static const std::unique_ptr<EngineService> made = [] {
    const auto file = folder.path() / "minilm.gguf";
    EXPECT_TRUE(import_safetensors({.folder = PENSTOCK_EMBEDDER_SOURCE, .output = file}));
    return EngineService::create({.model = file, .model_name = "minilm"}, system_clock(), system_random())
        .value();
  }();
  return *made;
}

TestStream embed(std::string_view members) {
  TestStream stream;
  Request request = post(R"({"model":"minilm",)" + std::string(members) + "}");
  run_task(embeddings(service(), request, stream));
  return stream;
}

std::vector<double> vector_at(const Json& answer, size_t index) {
  std::vector<double> values;
  for (const Json& value : answer.at("data").at(index).at("embedding").as_array()) {
    values.push_back(value.to_number<double>());
  }
  return values;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(EmbeddingHandler, PutsLikeTextsNearEachOther) {
  const TestStream stream =
      embed(R"("input":["A cat sleeps.","A kitten is sleeping.","Interest rates rose."])");
  ASSERT_EQ(stream.head.status, 200) << stream.body;
  const Json answer = stream.json();
  EXPECT_EQ(answer.at("object"), "list");
  EXPECT_EQ(answer.at("data").at(2).at("index"), 2);
  const auto cat = vector_at(answer, 0);
  EXPECT_EQ(cat.size(), 384U);
  EXPECT_NEAR(dot(cat, cat), 1, 1e-5);
  EXPECT_GT(dot(cat, vector_at(answer, 1)), dot(cat, vector_at(answer, 2)) + 0.3);
  EXPECT_EQ(answer.at("usage").at("prompt_tokens"), answer.at("usage").at("total_tokens"));
}

TEST(EmbeddingHandler, GivesTheSameVectorAloneAndTogether) {
  const auto alone = vector_at(embed(R"("input":"A cat sleeps.")").json(), 0);
  const auto together =
      vector_at(embed(R"("input":["Interest rates rose again last month.","A cat sleeps."])").json(), 1);
  EXPECT_NEAR(dot(alone, together), 1, 1e-5);
}

TEST(EmbeddingHandler, WritesBase64AsLittleEndianFloats) {
  const Json floats = embed(R"("input":"Hi","encoding_format":"float")").json();
  const Json text = embed(R"("input":"Hi","encoding_format":"base64")").json();
  std::vector<float> values;
  for (double value : vector_at(floats, 0)) values.push_back(static_cast<float>(value));
  EXPECT_EQ(string_at(text.at("data").at(0), "embedding"), base64(std::as_bytes(std::span(values))));
}

TEST(EmbeddingHandler, TakesTokens) {
  const auto tokens = service().model->tokenize("Hi", Framing::kAdded, SpecialTokens::kAsText).value();
  std::string list;
  for (Token token : tokens) list += (list.empty() ? "" : ",") + std::to_string(token);
  const auto by_tokens = vector_at(embed(R"("input":[)" + list + "]").json(), 0);
  EXPECT_NEAR(dot(by_tokens, vector_at(embed(R"("input":"Hi")").json(), 0)), 1, 1e-6);
}

TEST(EmbeddingHandler, ShortensToTheDimensionsAskedFor) {
  const auto values = vector_at(embed(R"("input":"Hi","dimensions":8)").json(), 0);
  ASSERT_EQ(values.size(), 8U);
  EXPECT_NEAR(dot(values, values), 1, 1e-5);
  EXPECT_EQ(embed(R"("input":"Hi","dimensions":385)").json().at("error").at("param"), "dimensions");
}

TEST(EmbeddingHandler, RefusesWhatItCannotEmbed) {
  EXPECT_EQ(embed(R"("input":"")").json().at("error").at("param"), "input");
  EXPECT_EQ(embed(R"("input":[])").json().at("error").at("param"), "input");
  EXPECT_EQ(embed(R"("input":[[999999]])").head.status, 400);
  std::string words;
  for (int i = 0; i < 600; ++i) words += "word ";
  const TestStream overflow = embed(R"("input":["a",")" + words + R"("])");
  EXPECT_EQ(overflow.head.status, 400);
  EXPECT_EQ(overflow.json().at("error").at("code"), "context_length_exceeded");
  EXPECT_EQ(overflow.json().at("error").at("param"), "input[1]");
}

TEST(EmbeddingHandler, EmbedsMoreTextsThanOneStepHolds) {
  std::string list;
  for (int i = 0; i < 300; ++i)
    list += (i > 0 ? ",\"" : "\"") + std::string("text number ") + std::to_string(i) + "\"";
  const Json answer = embed(R"("input":[)" + list + "]").json();
  ASSERT_EQ(answer.at("data").as_array().size(), 300U);
  EXPECT_NEAR(dot(vector_at(answer, 299), vector_at(embed(R"("input":"text number 299")").json(), 0)), 1,
              1e-5);
}

}  // namespace
}  // namespace penstock::engine
