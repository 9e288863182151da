#include "gateway/gateway.h"

#include <algorithm>

#include "gateway/exchange.h"

namespace penstock::gateway {

Gateway::Gateway(GatewayConfig config, const std::vector<EngineUpstream>& engines, GatewayServices services)
    : config_(std::move(config)),
      routes_(config_, engines),
      services_(services),
      created_at_(services.clock.now()) {
  auto chat = std::ranges::find(engines, registry::ModelKind::kChat, &EngineUpstream::kind);
  if (chat != engines.end()) default_chat_model_ = chat->model;
}

Task<> Gateway::relay(Call& call, ResponseStream& out) const {
  Exchange exchange(*this, call, out);
  co_await exchange.run();
}

Task<> Gateway::refuse(Call& call, const Error& error, ResponseStream& out) const {
  Exchange exchange(*this, call, out);
  co_await exchange.answer_error(error);
}

Error unknown_model(std::string_view model) {
  Error error = Error::not_found(
      "The model '" + std::string(model) + "' does not exist; GET /v1/models lists those that do",
      "model_not_found");
  error.field = "model";
  return error;
}

}  // namespace penstock::gateway
