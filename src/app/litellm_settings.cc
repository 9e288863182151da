#include <algorithm>
#include <array>
#include <cmath>

#include "app/litellm_plan.h"
#include "core/text.h"

namespace penstock::app::litellm {
namespace {

using FallbackList = std::vector<std::string> PlannedRoute::*;

bool is_true(const YamlNode* node) {
  return node != nullptr && (equals_ignoring_case(node->scalar, "true") || node->scalar == "1");
}

// The names of `list` that routes have, without `from` itself.
std::vector<std::string> known_names(Plan& plan, const YamlNode& list, const std::string& setting,
                                     std::string_view from) {
  std::vector<std::string> names;
  auto add = [&](const YamlNode& node) {
    if (!node.is_scalar()) {
      plan.left_out(node.line, setting, "a fallback with parameters of its own has no counterpart");
    } else if (plan.route(node.scalar) == nullptr) {
      plan.left_out(node.line, setting, "no route is called '" + node.scalar + "'");
    } else if (node.scalar != from && std::ranges::find(names, node.scalar) == names.end()) {
      names.push_back(node.scalar);
    }
  };
  if (list.is_list()) {
    for (const YamlNode& node : list.items) add(node);
  } else {
    add(list);
  }
  return names;
}

// Routes without fallbacks of their own take these.
void set_default_fallbacks(Plan& plan, const YamlNode& list, const std::string& setting, FallbackList which) {
  std::vector<std::string> names = known_names(plan, list, setting, {});
  for (PlannedRoute& route : plan.routes) {
    if (!(route.*which).empty()) continue;
    std::ranges::copy_if(names, std::back_inserter(route.*which),
                         [&](const std::string& name) { return name != route.name; });
  }
}

// [{"gpt-4": ["claude", "gpt-3"]}, {"*": ["gpt-3"]}]
void read_fallbacks(Plan& plan, const YamlNode& section, std::string_view name, const std::string& path,
                    FallbackList which) {
  const YamlNode* list = section.find(name);
  if (list == nullptr) return;
  std::string setting = path + "." + std::string(name);
  const YamlNode* for_all = nullptr;
  if (!list->is_list()) plan.left_out(list->line, setting, "it is no list");
  for (const YamlNode& entry : list->items) {
    if (!entry.is_map()) plan.left_out(entry.line, setting, "it is no {model: [fallbacks]}");
    for (const auto& [from, to] : entry.members) {
      PlannedRoute* route = plan.route(from);
      if (from == "*") {
        for_all = &to;
      } else if (route == nullptr) {
        plan.left_out(to.line, setting, "no route is called '" + from + "'");
      } else {
        route->*which = known_names(plan, to, setting, from);
      }
    }
  }
  if (for_all != nullptr) set_default_fallbacks(plan, *for_all, setting, which);
}

void read_all_fallbacks(Plan& plan, const YamlNode& section, const std::string& path) {
  read_fallbacks(plan, section, "fallbacks", path, &PlannedRoute::fallback);
  read_fallbacks(plan, section, "context_window_fallbacks", path, &PlannedRoute::context_window);
  read_fallbacks(plan, section, "content_policy_fallbacks", path, &PlannedRoute::content_policy);
  if (const YamlNode* list = section.find("default_fallbacks"))
    set_default_fallbacks(plan, *list, path + ".default_fallbacks", &PlannedRoute::fallback);
}

struct RetryClass {
  std::string_view name;
  std::string_view cause;  // of ours; empty: it is never tried again
};

constexpr std::array<RetryClass, 6> kRetryClasses = {{{"TimeoutErrorRetries", "timeout"},
                                                      {"RateLimitErrorRetries", "429"},
                                                      {"InternalServerErrorRetries", "5xx"},
                                                      {"AuthenticationErrorRetries", "credentials"},
                                                      {"BadRequestErrorRetries", {}},
                                                      {"ContentPolicyViolationErrorRetries", {}}}};

// {TimeoutErrorRetries: 3, ...}: we count tries for all causes alike, so the greatest counts.
void read_retry_policy(Plan& plan, const YamlNode& policy, const std::string& path, PlannedRetry& retry) {
  std::set<int64_t> counts;
  for (const auto& [name, node] : policy.members) {
    auto known = std::ranges::find(kRetryClasses, name, &RetryClass::name);
    auto count = whole_number(plan, node, path + "." + name, 0);
    if (!count) continue;
    if (known == kRetryClasses.end()) {
      plan.left_out(node.line, path + "." + name, "it has no counterpart");
    } else if (*count > 0 && known->cause.empty()) {
      plan.left_out(node.line, path + "." + name,
                    "a request that is wrong stays wrong: it is not sent again");
    } else if (*count > 0) {
      retry.on.emplace(known->cause);
      counts.insert(*count);
    }
  }
  if (counts.empty()) return;
  retry.attempts = *counts.rbegin() + 1;
  retry.on.insert({"connect", "broken"});
  if (counts.size() > 1) {
    plan.changed(policy.line, path, "one number of tries counts for all causes: the greatest");
  }
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kStrategies = {
    {{"simple-shuffle", "weighted"},
     {"least-busy", "least_busy"},
     {"latency-based-routing", "ewma_latency"},
     {"cost-based-routing", "cheapest"}}};

void read_strategy(Plan& plan, const YamlNode& settings) {
  const YamlNode* node = settings.find("routing_strategy");
  if (node == nullptr) return;
  std::string strategy = "least_busy";
  auto known = std::ranges::find_if(kStrategies, [&](const auto& row) { return row.first == node->scalar; });
  if (known != kStrategies.end()) {
    strategy = known->second;
  } else {
    plan.changed(node->line, "router_settings.routing_strategy",
                 "'" + node->scalar + "' has no counterpart; least_busy comes nearest");
  }
  for (PlannedRoute& route : plan.routes) {
    if (route.strategy != "priority") route.strategy = strategy;
  }
}

// {"gpt-4": "gpt-3.5"} or {"gpt-4": {"model": "gpt-3.5", "hidden": true}}: the same targets by another name.
void read_aliases(Plan& plan, const YamlNode& settings) {
  const YamlNode* aliases = settings.find("model_group_alias");
  if (aliases == nullptr) return;
  if (!aliases->is_map())
    plan.left_out(aliases->line, "router_settings.model_group_alias", "it is no mapping");
  for (const auto& [alias, to] : aliases->members) {
    std::string setting = "router_settings.model_group_alias." + alias;
    std::string_view name = to.is_map() ? to.text_at("model") : std::string_view(to.scalar);
    const PlannedRoute* route = plan.route(name);
    if (route == nullptr || plan.route(alias) != nullptr) {
      plan.left_out(to.line, setting,
                    route == nullptr ? "no route is called '" + std::string(name) + "'"
                                     : "a route of that name exists");
      continue;
    }
    if (is_true(to.find("hidden"))) plan.changed(to.line, setting, "a route is never hidden from /v1/models");
    PlannedRoute copy = *route;
    copy.name = alias;
    copy.alias_of = name;
    copy.line = to.line;
    plan.routes.push_back(std::move(copy));
  }
}

void read_times(Plan& plan, const YamlNode& section, const std::string& path, std::string_view total) {
  if (const YamlNode* node = section.find(total))
    plan.timeouts.total_ms = milliseconds(plan, *node, path + "." + std::string(total));
  if (const YamlNode* node = section.find("stream_timeout"))
    plan.timeouts.ttft_ms = milliseconds(plan, *node, path + ".stream_timeout");
}

void read_breaker(Plan& plan, const YamlNode& section, const std::string& path) {
  if (const YamlNode* node = section.find("allowed_fails")) {
    if (auto fails = whole_number(plan, *node, path + ".allowed_fails", 0)) {
      plan.breaker.failures = std::min<int64_t>(*fails + 1, 1'000'000);
      plan.changed(node->line, path + ".allowed_fails",
                   "a target rests after so many calls in a minute of which half failed");
    }
  }
  if (const YamlNode* node = section.find("cooldown_time")) {
    plan.breaker.cooldown_s = (milliseconds(plan, *node, path + ".cooldown_time") + 999) / 1'000;
  }
}

void read_cache(Plan& plan, const YamlNode& settings) {
  constexpr int64_t kTtlS = 3'600;
  const YamlNode* cache = settings.find("cache");
  const YamlNode* parameters = settings.find("cache_params");
  if (parameters != nullptr) {
    leave_out_others(plan, *parameters, "litellm_settings.cache_params", {"type", "ttl"});
    std::string_view type = parameters->text_at("type");
    if (type.contains("semantic")) {
      plan.left_out(parameters->find("type")->line, "litellm_settings.cache_params.type",
                    "only equal requests are cached; see cache.semantic, which needs a route that embeds");
    }
  }
  if (!is_true(cache)) return;
  plan.cache_ttl_s = kTtlS;
  const YamlNode* ttl = parameters == nullptr ? nullptr : parameters->find("ttl");
  if (ttl != nullptr) {
    plan.cache_ttl_s = (milliseconds(plan, *ttl, "litellm_settings.cache_params.ttl") + 999) / 1'000;
  }
  plan.changed(cache->line, "litellm_settings.cache",
               std::string("answers are kept in this process, for each key apart") +
                   (ttl == nullptr ? ", and for an hour" : ""));
}

}  // namespace

void read_router_settings(Plan& plan, const YamlNode& settings) {
  const std::string path = "router_settings";
  read_aliases(plan, settings);  // fallbacks may name them
  read_strategy(plan, settings);
  read_all_fallbacks(plan, settings, path);
  read_retries(plan, settings, "num_retries", path, plan.retry);
  read_times(plan, settings, path, "timeout");
  read_breaker(plan, settings, path);
  if (const YamlNode* pause = settings.find("retry_after"); pause != nullptr && pause->scalar != "0")
    plan.retry.backoff_ms = milliseconds(plan, *pause, path + ".retry_after");
  if (const YamlNode* policy = settings.find("retry_policy"))
    read_retry_policy(plan, *policy, path + ".retry_policy", plan.retry);
  if (const YamlNode* groups = settings.find("model_group_retry_policy")) {
    for (const auto& [name, policy] : groups->members) {
      std::string setting = path + ".model_group_retry_policy." + name;
      if (PlannedRoute* route = plan.route(name)) {
        read_retry_policy(plan, policy, setting, route->retry);
      } else {
        plan.left_out(policy.line, setting, "no route is called '" + name + "'");
      }
    }
  }
  leave_out_others(
      plan, settings, path,
      {"routing_strategy", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks",
       "default_fallbacks", "num_retries", "timeout", "stream_timeout", "allowed_fails", "cooldown_time",
       "retry_after", "retry_policy", "model_group_retry_policy", "model_group_alias"});
}

void read_litellm_settings(Plan& plan, const YamlNode& settings) {
  const std::string path = "litellm_settings";
  read_all_fallbacks(plan, settings, path);
  read_retries(plan, settings, "num_retries", path, plan.retry);
  read_times(plan, settings, path, "request_timeout");
  read_breaker(plan, settings, path);
  read_cache(plan, settings);
  if (is_true(settings.find("set_verbose"))) plan.log_level = "debug";
  if (is_true(settings.find("json_logs"))) plan.log_format = "json";
  if (const YamlNode* drop = settings.find("drop_params"); drop != nullptr && !is_true(drop)) {
    plan.changed(drop->line, path + ".drop_params",
                 "what a provider does not take is always left out and named in x-penstock-dropped-fields");
  }
  leave_out_others(plan, settings, path,
                   {"fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks",
                    "num_retries", "request_timeout", "stream_timeout", "allowed_fails", "cooldown_time",
                    "cache", "cache_params", "set_verbose", "json_logs", "drop_params"});
}

void read_general_settings(Plan& plan, const YamlNode& settings) {
  if (const YamlNode* key = settings.find("master_key"); key != nullptr && !key->scalar.empty()) {
    plan.master_key_env =
        secret_variable(plan, key->line, "general_settings.master_key", key->scalar, "PENSTOCK_MASTER_KEY");
  }
  leave_out_others(plan, settings, "general_settings", {"master_key"});
}

}  // namespace penstock::app::litellm
