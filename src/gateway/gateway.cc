#include "gateway/gateway.h"

#include "gateway/exchange.h"

namespace penstock::gateway {

Gateway::Gateway(GatewayConfig config, const std::vector<EngineUpstream>& engines, GatewayServices services)
    : config_(std::move(config)), routes_(config_, engines), services_(services) {}

Task<> Gateway::relay(Call& call, ResponseStream& out) const {
  Exchange exchange(*this, call, out);
  co_await exchange.run();
}

Task<> Gateway::refuse(Call& call, const Error& error, ResponseStream& out) const {
  Exchange exchange(*this, call, out);
  co_await exchange.answer_error(error);
}

}  // namespace penstock::gateway
