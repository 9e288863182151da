#include "providers/provider_type.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/http_client.h"
#include "providers/translation.h"

namespace penstock::providers {
namespace {

WireTarget wire(std::string_view type, Operation operation, std::string_view key,
                ProviderOptions options = {}) {
  return wire_target(*find_provider_type(type), operation, "m 1/x", key, options);
}

TranslatedRequest prepared(std::string_view type, Operation operation, std::string_view body,
                           std::string_view model) {
  auto fields = JsonFields::parse(body, "body");
  auto request = prepare_request(*find_provider_type(type), operation, body, *fields, model, {});
  EXPECT_TRUE(request) << request.error().message;
  return request ? *request : TranslatedRequest{};
}

TEST(ProviderTypes, StandByNameInOrderAndOnce) {
  auto types = provider_types();
  EXPECT_TRUE(std::ranges::is_sorted(types, std::ranges::less_equal{}, &ProviderType::name));
  EXPECT_EQ(find_provider_type("vllm")->name, "vllm");
  EXPECT_EQ(find_provider_type("nobody"), nullptr);
}

TEST(ProviderTypes, EveryUsualAddressIsOne) {
  for (const ProviderType& type : provider_types()) {
    if (type.default_base_url.empty()) continue;
    EXPECT_TRUE(Endpoint::parse(type.default_base_url)) << type.name;
  }
}

TEST(WireTarget, OpenAiShowsItsKeyAsABearer) {
  WireTarget target = wire("openai", Operation::kEmbeddings, "sk-1");
  EXPECT_EQ(target.target, "/embeddings");
  EXPECT_EQ(target.headers.get("authorization"), "Bearer sk-1");
  EXPECT_EQ(wire("openai", Operation::kResponses, "").target, "/chat/completions");
  EXPECT_EQ(wire("openai", Operation::kMessages, "").headers.size(), 0U);
}

TEST(WireTarget, AzureHasTheDeploymentInThePathAndAVersionInTheQuery) {
  WireTarget target = wire("azure", Operation::kChat, "k", {.api_version = "2025-01-01-preview"});
  EXPECT_EQ(target.target, "/openai/deployments/m%201%2Fx/chat/completions?api-version=2025-01-01-preview");
  EXPECT_EQ(target.headers.get("api-key"), "k");
  EXPECT_FALSE(target.headers.has("authorization"));
  EXPECT_TRUE(wire("azure", Operation::kChat, "k").target.ends_with("?api-version=2024-10-21"));
}

TEST(WireTarget, AnthropicHasVersionAndKeyInHeaders) {
  WireTarget target = wire("anthropic", Operation::kChat, "k", {.anthropic_beta = "b-1"});
  EXPECT_EQ(target.target, "/messages");
  EXPECT_EQ(target.headers.get("x-api-key"), "k");
  EXPECT_EQ(target.headers.get("anthropic-version"), "2023-06-01");
  EXPECT_EQ(target.headers.get("anthropic-beta"), "b-1");
  EXPECT_EQ(wire("anthropic", Operation::kCountTokens, "").target, "/messages/count_tokens");
}

TEST(WireTarget, ANativeCallKeepsTheVersionThatItsClientSpeaks) {
  const ProviderType& type = *find_provider_type("anthropic");
  Headers client{
      {"anthropic-version", "2026-10-21"}, {"anthropic-beta", "b-2"}, {"x-api-key", "the client's"}};
  WireTarget native = wire("anthropic", Operation::kMessages, "k", {.anthropic_beta = "b-1"});
  keep_client_version(native, type, Operation::kMessages, client);
  EXPECT_EQ(native.headers.get("anthropic-version"), "2026-10-21");
  EXPECT_EQ(native.headers.get("anthropic-beta"), "b-1,b-2");
  EXPECT_EQ(native.headers.get("x-api-key"), "k");
  WireTarget translated = wire("anthropic", Operation::kChat, "k");
  keep_client_version(translated, type, Operation::kChat, client);
  EXPECT_EQ(translated.headers.get("anthropic-version"), "2023-06-01");
}

TEST(WireTarget, CohereReranksBesideItsOpenAiSurface) {
  EXPECT_EQ(wire("cohere", Operation::kRerank, "").target, "/v2/rerank");
  EXPECT_EQ(wire("cohere", Operation::kChat, "").target, "/compatibility/v1/chat/completions");
}

TEST(PrepareRequest, WhatNeedsNoChangeIsNotWrittenAnew) {
  EXPECT_EQ(prepared("openai", Operation::kChat, R"({"model":"m","messages":[],"x_new":1})", "m").body, "");
  EXPECT_EQ(prepared("openai", Operation::kChat,
                     R"({"model":"m","stream":true,"stream_options":{"include_usage":true}})", "m")
                .body,
            "");
  EXPECT_EQ(prepared("anthropic", Operation::kMessages, R"({"model":"m","stream":true})", "m").body, "");
}

TEST(PrepareRequest, ModelAndUsageArePutIntoANativeRequest) {
  EXPECT_EQ(prepared("vllm", Operation::kChat, R"({"model":"a","stream":true,"x_new":{"y": 1}})", "b").body,
            R"({"model":"b","stream":true,"x_new":{"y": 1},"stream_options":{"include_usage":true}})");
  EXPECT_EQ(
      prepared("vllm", Operation::kChat,
               R"({"model":"a","stream":true,"stream_options":{"include_obfuscation":false}})", "a")
          .body,
      R"({"model":"a","stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}})");
  EXPECT_EQ(prepared("openai", Operation::kEmbeddings, R"({"model":"a","input":"x"})", "b").body,
            R"({"model":"b","input":"x"})");
}

TEST(PrepareRequest, MistralGetsItsNamesAndNothingThatItRefuses) {
  TranslatedRequest request = prepared(
      "mistral", Operation::kChat,
      R"({"model":"m","stream":true,"stream_options":{},"seed":1,"max_completion_tokens":5,"user":"u"})",
      "m");
  EXPECT_EQ(request.body, R"({"model":"m","stream":true,"random_seed":1,"max_tokens":5})");
  EXPECT_EQ(request.dropped, std::vector<std::string>{"user"}) << "stream_options needs no mention";
}

TEST(PrepareRequest, OpenAisReasoningModelsGetTheNameThatTheyTake) {
  EXPECT_EQ(prepared("openai", Operation::kChat, R"({"model":"o3-mini","max_tokens":5})", "o3-mini").body,
            R"({"model":"o3-mini","max_completion_tokens":5})");
  EXPECT_EQ(prepared("openai", Operation::kChat, R"({"model":"gpt-4o","max_tokens":5})", "gpt-4o").body, "");
  EXPECT_EQ(prepared("openai_compatible", Operation::kChat, R"({"model":"o3","max_tokens":5})", "o3").body,
            "");
}

TEST(PrepareRequest, ARenamedFieldGivesWayToItsNewName) {
  EXPECT_EQ(
      prepared("deepseek", Operation::kChat, R"({"model":"m","max_completion_tokens":9,"max_tokens":5})", "m")
          .body,
      R"({"model":"m","max_tokens":5})");
}

TEST(PrepareRequest, BytesThatNeedNoChangeStayAsTheyAre) {
  EXPECT_EQ(
      prepared("groq", Operation::kChat, "{ \"logprobs\":true ,\n \"a\" : 1.50, \"model\" : \"x\" } ", "m")
          .body,
      "{\"a\" : 1.50, \"model\" : \"m\" } ");
  EXPECT_EQ(prepared("groq", Operation::kChat, R"({"model":"m","logprobs":true})", "m").body,
            R"({"model":"m"})");
}

TEST(PrepareRequest, NamesOfDroppedFieldsFitIntoAHeader) {
  TranslatedRequest request;
  request.drop("top_k");
  request.drop("top_k");
  request.drop("x\r\nset-cookie: a");
  request.drop("");
  request.drop(std::string(65, 'x'));
  EXPECT_EQ(request.dropped, std::vector<std::string>{"top_k"});
  for (int i = 0; i < 100; ++i) request.drop("x" + std::to_string(i));
  EXPECT_EQ(request.dropped.size(), TranslatedRequest::kDroppedMax);
}

TEST(PrepareRequest, QuirksOfTextRequestsLeaveOthersAlone) {
  EXPECT_EQ(prepared("mistral", Operation::kEmbeddings, R"({"model":"m","input":"x","user":"u"})", "m").body,
            "");
}

TEST(PrepareRequest, WhatAProtocolHasNoCounterpartForIsAbsent) {
  auto fields = JsonFields::parse(R"({"model":"m","input":"x"})", "body");
  auto refused =
      prepare_request(*find_provider_type("anthropic"), Operation::kEmbeddings, "", *fields, "m", {});
  EXPECT_EQ(refused.error().code, ErrorCode::kNotImplemented);
}

}  // namespace
}  // namespace penstock::providers
