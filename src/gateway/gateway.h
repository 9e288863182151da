#pragma once

#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/http_message.h"
#include "core/random.h"
#include "gateway/call.h"
#include "gateway/config.h"
#include "gateway/recording_state.h"
#include "gateway/route_table.h"
#include "observability/request_log.h"

namespace penstock::gateway {

enum class Durability : uint8_t { kProcess, kStrict };

// What the gateway stands on; all of it outlives the gateway.
struct GatewayServices {
  HttpClient& client;
  observability::RequestLog& log;
  const Clock& clock;
  Random& random;
  Durability durability = Durability::kProcess;
};

// The request path: finds the route of a call, calls its upstream, passes the answer on and settles, with one
// journal record per call that is written before the last byte of the answer leaves. Immutable; used from all
// loops.
class Gateway {
 public:
  Gateway(GatewayConfig config, const std::vector<EngineUpstream>& engines, GatewayServices services);

  // Answers `call` on `out`, whatever happens. Every answer names its record in x-request-id.
  Task<> relay(Call& call, ResponseStream& out) const;

  // Answers a request that its door could not understand with `error`, and records it.
  Task<> refuse(Call& call, const Error& error, ResponseStream& out) const;

  // The first embedded model that chats; empty if there is none.
  std::string_view default_chat_model() const { return default_chat_model_; }
  Timestamp created_at() const { return created_at_; }
  const RouteTable& routes() const { return routes_; }
  RecordingState& recording() const { return recording_; }
  const GatewayConfig& config() const { return config_; }
  const GatewayServices& services() const { return services_; }

 private:
  GatewayConfig config_;
  RouteTable routes_;
  GatewayServices services_;
  mutable RecordingState recording_;
  std::string default_chat_model_;
  Timestamp created_at_;
};

// The error for a model that no route has.
Error unknown_model(std::string_view model);

}  // namespace penstock::gateway
