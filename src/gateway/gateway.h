#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/http_message.h"
#include "core/random.h"
#include "gateway/admission.h"
#include "gateway/answer_cache.h"
#include "gateway/call.h"
#include "gateway/config.h"
#include "gateway/price_book.h"
#include "gateway/recording_state.h"
#include "gateway/route_table.h"
#include "gateway/spend_journal.h"
#include "observability/request_log.h"

namespace penstock::registry {
class PromptResolver;
}

namespace penstock::gateway {

enum class Durability : uint8_t { kProcess, kStrict };

// What the gateway stands on; all of it outlives the gateway.
struct GatewayServices {
  HttpClient& client;
  observability::RequestLog& log;
  Admission& admission;
  SpendJournal& spend;
  const PriceBook& prices;
  const Clock& clock;
  Random& random;
  Durability durability = Durability::kProcess;
  registry::PromptResolver* prompts = nullptr;  // for routes with a prompt
};

// A configuration and what was made of it. Immutable; swapped whole, so that a call sees one of them from its
// beginning to its end.
struct Setup {
  GatewayConfig config;
  std::unique_ptr<const RouteTable> routes;
  Timestamp created_at;
};

// The request path: finds the route of a call, tries its targets, passes the answer on and settles, with one
// journal record per call that is written before the last byte of the answer leaves. Used from all loops.
class Gateway {
 public:
  // kInvalidArgument: the configuration names what is not there.
  static Result<std::unique_ptr<Gateway>> create(GatewayConfig config, std::vector<EngineUpstream> engines,
                                                 GatewayServices services);

  // Works by another configuration from now on; calls on their way keep theirs. An error changes nothing.
  // What was learnt of targets that stay is kept. Thread-safe, blocking for microseconds.
  Result<void> reload(GatewayConfig config);

  // Answers `call` on `out`, whatever happens. Every answer names its record in x-request-id.
  Task<> relay(Call& call, ResponseStream& out) const;

  // Answers a request that its door could not understand with `error`, and records it.
  Task<> refuse(Call& call, const Error& error, ResponseStream& out) const;

  std::shared_ptr<const Setup> setup() const { return setup_.load(std::memory_order_acquire); }
  // The first embedded model that chats; empty if there is none.
  std::string_view default_chat_model() const { return default_chat_model_; }
  RecordingState& recording() const { return recording_; }
  AnswerCache& cache() const { return cache_; }
  const GatewayServices& services() const { return services_; }

 private:
  Gateway(size_t cache_bytes_max, std::vector<EngineUpstream> engines, GatewayServices services);

  std::vector<EngineUpstream> engines_;
  GatewayServices services_;
  TargetStates states_;
  std::atomic<std::shared_ptr<const Setup>> setup_;
  mutable RecordingState recording_;
  mutable AnswerCache cache_;
  std::string default_chat_model_;
};

// The error for a model that no route has.
Error unknown_model(std::string_view model);

}  // namespace penstock::gateway
