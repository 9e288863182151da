#include <numeric>
#include <string>

#include "api/native/gateway_handlers.h"
#include "core/json_writer.h"
#include "gateway/gateway.h"

namespace penstock::api::native {
namespace {

using gateway::Route;
using gateway::Setup;
using gateway::Strategy;
using gateway::Target;
using gateway::Upstream;
using observability::PrometheusText;

// Breakers know monotonic time; people, the calendar's.
struct Now {
  Timestamp wall;
  int64_t monotonic_us;
  int64_t wall_us(int64_t monotonic) const { return wall.us + monotonic - monotonic_us; }
};

void write_breaker(JsonWriter& json, const gateway::Breaker& breaker, const Now& now) {
  gateway::BreakerState state = breaker.state(now.monotonic_us);
  json.key("breaker").begin_object().field("state", gateway::breaker_state_name(state));
  if (state == gateway::BreakerState::kOpen) {
    json.field("until_us", now.wall_us(breaker.opens_until_us()));
  } else {
    json.null_field("until_us");
  }
  json.end_object();
}

void write_first_token(JsonWriter& json, const gateway::TargetState& state) {
  auto field = [&](std::string_view name, int64_t us) {
    us == 0 ? json.null_field(name) : json.field(name, static_cast<double>(us) / 1e3);
  };
  json.key("ttft_ms").begin_object();
  field("mean", state.first_token_us.load(std::memory_order_relaxed));
  field("p95", state.first_token_p95_us());
  json.end_object();
}

void write_target(JsonWriter& json, const Target& target, std::optional<double> share, const Now& now) {
  const gateway::TargetState& state = *target.state;
  json.begin_object().field("id", target.config.id).field("provider", target.config.provider);
  json.optional_field("model", target.config.model).field("weight", target.config.weight);
  share ? json.field("share", *share) : json.null_field("share");
  json.field("unwell", target.upstream->unwell.load(std::memory_order_relaxed));
  write_breaker(json, state.breaker, now);
  json.field("in_flight", state.in_flight.load(std::memory_order_relaxed));
  json.field("calls", state.calls.load(std::memory_order_relaxed));
  json.field("errors", state.errors.load(std::memory_order_relaxed));
  write_first_token(json, state);
  json.end_object();
}

void write_names(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.key(key).begin_array();
  for (const std::string& name : names) json.value(name);
  json.end_array();
}

void write_route(JsonWriter& json, const Route& route, const Now& now) {
  const std::vector<Target>& targets = route.targets;
  double weights = std::accumulate(targets.begin(), targets.end(), 0.0, [](double sum, const Target& target) {
    return sum + target.config.weight;
  });
  bool by_weight = route.config.strategy == Strategy::kWeighted && weights > 0;
  json.begin_object().field("name", route.config.name);
  json.field("strategy", gateway::strategy_name(route.config.strategy));
  json.field("engine", route.is_engine()).key("targets").begin_array();
  for (const Target& target : targets) {
    write_target(json, target, by_weight ? std::optional(target.config.weight / weights) : std::nullopt, now);
  }
  json.end_array().key("fallback").begin_object();
  write_names(json, "default", route.config.fallback.error);
  write_names(json, "context_window", route.config.fallback.context_window);
  write_names(json, "content_policy", route.config.fallback.content_policy);
  json.end_object().end_object();
}

void write_provider(JsonWriter& json, const Upstream& upstream, const Now& now) {
  json.begin_object().field("name", upstream.name).field("type", upstream.type->name);
  json.field("base_url", upstream.endpoint.text());
  json.field("engine", upstream.is_engine());
  json.field("unwell", upstream.unwell.load(std::memory_order_relaxed));
  json.optional_field("health_path", upstream.health.path);
  json.field("keys", upstream.keys.size()).field("keys_resting", upstream.keys.resting(now.monotonic_us));
  json.end_object();
}

std::string gateway_json(const Setup& setup, const Now& now) {
  JsonWriter json;
  json.begin_object().field("loaded_at_us", setup.created_at.us).key("routes").begin_array();
  for (const Route* route : setup.routes->all()) write_route(json, *route, now);
  json.end_array().key("providers").begin_array();
  for (const auto& upstream : setup.routes->upstreams()) write_provider(json, *upstream, now);
  return json.end_array().end_object().take();
}

struct Family {
  std::string_view name;
  PrometheusText::Type type;
  std::string_view help;
  int64_t (*value)(const Target& target, int64_t now_us);
};

constexpr Family kFamilies[] = {
    {"penstock_target_state", PrometheusText::Type::kGauge,
     "Whether a target takes calls: 0 closed (it does), 1 half open (a probe), 2 open (it does not).",
     [](const Target& target, int64_t now_us) -> int64_t {
       switch (target.state->breaker.state(now_us)) {
         case gateway::BreakerState::kClosed:
           return 0;
         case gateway::BreakerState::kHalfOpen:
           return 1;
         case gateway::BreakerState::kOpen:
           return 2;
       }
       return 0;
     }},
    {"penstock_target_unwell", PrometheusText::Type::kGauge,
     "1 while the health checks of a target's provider fail.",
     [](const Target& target, int64_t) { return int64_t{target.upstream->unwell.load() ? 1 : 0}; }},
    {"penstock_target_in_flight", PrometheusText::Type::kGauge, "Calls on their way to a target.",
     [](const Target& target, int64_t) { return target.state->in_flight.load(); }},
    {"penstock_target_calls_total", PrometheusText::Type::kCounter, "Calls made to a target, retries too.",
     [](const Target& target, int64_t) { return target.state->calls.load(); }},
    {"penstock_target_errors_total", PrometheusText::Type::kCounter, "Calls that a target failed.",
     [](const Target& target, int64_t) { return target.state->errors.load(); }},
};

}  // namespace

Task<Result<Response>> get_gateway(const NativeServices& services, const Call&) {
  Now now{.wall = services.clock.now(), .monotonic_us = services.clock.monotonic_us()};
  co_return Response::json(200, gateway_json(*services.gateway_setup(), now));
}

void write_target_metrics(PrometheusText& out, const NativeServices& services) {
  std::shared_ptr<const Setup> setup = services.gateway_setup();
  int64_t now_us = services.clock.monotonic_us();
  for (const Family& family : kFamilies) {
    size_t series = 0;
    out.family(family.name, family.type, family.help);
    for (const Route* route : setup->routes->all()) {
      for (const Target& target : route->targets) {
        if (++series > kTargetSeriesMax) break;
        out.sample(family.name, {{"route", route->config.name}, {"target", target.config.id}},
                   family.value(target, now_us));
      }
    }
  }
}

}  // namespace penstock::api::native
