#include "gateway/gateway.h"

#include <algorithm>

#include "gateway/exchange.h"

namespace penstock::gateway {

Gateway::Gateway(size_t cache_bytes_max, std::vector<EngineUpstream> engines, GatewayServices services)
    : engines_(std::move(engines)), services_(services), cache_(cache_bytes_max) {
  auto chat = std::ranges::find(engines_, registry::ModelKind::kChat, &EngineUpstream::kind);
  if (chat != engines_.end()) default_chat_model_ = chat->model;
}

Result<std::unique_ptr<Gateway>> Gateway::create(GatewayConfig config, std::vector<EngineUpstream> engines,
                                                 GatewayServices services) {
  auto cache_bytes_max = static_cast<size_t>(config.cache_bytes_max);
  std::unique_ptr<Gateway> gateway(new Gateway(cache_bytes_max, std::move(engines), services));
  RETURN_IF_ERROR(gateway->reload(std::move(config)));
  return gateway;
}

Result<void> Gateway::reload(GatewayConfig config) {
  ASSIGN_OR_RETURN(std::unique_ptr<RouteTable> routes, RouteTable::create(config, engines_, states_));
  auto setup = std::make_shared<Setup>(
      Setup{.config = std::move(config), .routes = std::move(routes), .created_at = services_.clock.now()});
  setup_.store(std::move(setup), std::memory_order_release);
  return {};
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
