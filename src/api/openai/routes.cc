#include "api/openai/routes.h"

#include <array>

#include "api/openai/models.h"
#include "api/openai/parse.h"
#include "api/openai/predict.h"
#include "api/openai/responses.h"
#include "http/error_shape.h"

namespace penstock::api::openai {
namespace {

constexpr std::array<CallPath, 6> kCallPaths = {{
    {"/v1/chat/completions", "chat.completions", providers::Operation::kChat, "messages"},
    {"/v1/completions", "completions", providers::Operation::kCompletions, "prompt"},
    {"/v1/embeddings", "embeddings", providers::Operation::kEmbeddings, "input"},
    {"/v1/moderations", "moderations", providers::Operation::kModerations, "input", "omni-moderation-latest"},
    {"/v1/rerank", "rerank", providers::Operation::kRerank, "query"},
    {"/v2/rerank", "rerank", providers::Operation::kRerank, "query"},  // where Cohere's SDK asks
}};

Task<> relay(const gateway::Gateway& gateway, const CallPath& path, Request& request, ResponseStream& out) {
  gateway::Call call = begin_call(path, request);
  if (Result<void> parsed = parse_call(path, call); !parsed) {
    co_await gateway.refuse(call, parsed.error(), out);
  } else {
    co_await gateway.relay(call, out);
  }
}

}  // namespace

void register_routes(http::Router& router, const gateway::Gateway& gateway) {
  router.shape("/v1/", http::openai_error);
  for (const CallPath& path : kCallPaths) {
    router.add("POST", path.path, [&gateway, &path](Request& request, ResponseStream& out) {
      return relay(gateway, path, request, out);
    });
  }
  router.shape("/v2/rerank", http::openai_error);
  register_responses(router, gateway);
  router.add("GET", "/v1/models", [&gateway](Request& request, ResponseStream& out) {
    return list_models(gateway, request, out);
  });
  router.add("GET", "/v1/models/{model...}",
             [&gateway](Request& request, ResponseStream& out) { return get_model(gateway, request, out); });
  router.add("POST", "/predict",
             [&gateway](Request& request, ResponseStream& out) { return predict(gateway, request, out); });
}

}  // namespace penstock::api::openai
