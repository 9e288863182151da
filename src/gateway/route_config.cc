#include "gateway/route_config.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/text.h"
#include "registry/prompt_resolver.h"

namespace penstock::gateway {
namespace {

constexpr std::array<std::pair<Strategy, std::string_view>, 6> kStrategies = {{
    {Strategy::kWeighted, "weighted"},
    {Strategy::kPriority, "priority"},
    {Strategy::kLeastBusy, "least_busy"},
    {Strategy::kEwmaLatency, "ewma_latency"},
    {Strategy::kCheapest, "cheapest"},
    {Strategy::kHedge, "hedge"},
}};

constexpr std::array<std::pair<FailureCause, std::string_view>, 6> kRetryCauses = {{
    {FailureCause::kConnect, "connect"},
    {FailureCause::kTimeout, "timeout"},
    {FailureCause::kRateLimited, "429"},
    {FailureCause::kServer, "5xx"},
    {FailureCause::kBroken, "broken"},
    {FailureCause::kCredentials, "credentials"},
}};

constexpr std::array<std::pair<CacheScope, std::string_view>, 2> kScopes = {{
    {CacheScope::kKey, "key"},
    {CacheScope::kGroup, "group"},
}};

template <class T, size_t N>
std::vector<std::string> names(const std::array<std::pair<T, std::string_view>, N>& table) {
  std::vector<std::string> out;
  for (const auto& [value, name] : table) out.emplace_back(name);
  return out;
}

// The schema has checked that the name is one of the table's.
template <class T, size_t N>
T named(const std::array<std::pair<T, std::string_view>, N>& table, std::string_view name, T fallback) {
  for (const auto& [value, known] : table) {
    if (known == name) return value;
  }
  return fallback;
}

ConfigSchema milliseconds(std::string description) {
  return ConfigSchema::integer(std::move(description)).between(1, 86'400'000);
}

ConfigSchema texts(std::string element, std::string description) {
  return ConfigSchema::list(ConfigSchema::string(std::move(element)), std::move(description));
}

ConfigSchema target_schema() {
  return ConfigSchema::object(
      {{"id", ConfigSchema::string("Its name within the route; default PROVIDER/MODEL")},
       {"provider", ConfigSchema::string("A name under `providers`").required()},
       {"model",
        ConfigSchema::string("The provider's name of the model; absent: the name the client asked for")},
       {"weight", ConfigSchema::number("Its share of the calls (default 1)").between(0, 1'000'000)}});
}

ConfigSchema timeouts_schema() {
  return ConfigSchema::object(
      {{"connect_ms", milliseconds("To connect")},
       {"ttft_ms", milliseconds("Until the first content of a stream, or the head of a whole answer")},
       {"idle_ms", milliseconds("Between two pieces of an answer")},
       {"total_ms", milliseconds("For the whole call, retries included")},
       {"min_tokens_per_s", ConfigSchema::number("A slower stream is given up").between(0, 100'000)}},
      "Time limits of a call");
}

ConfigSchema retry_schema() {
  return ConfigSchema::object(
      {{"attempts", ConfigSchema::integer("Tries at one target (default 2)").between(1, 10)},
       {"on", ConfigSchema::list(ConfigSchema::string("A cause").one_of(names(kRetryCauses)),
                                 "What is tried again (default all but credentials)")},
       {"backoff_ms", ConfigSchema::list(milliseconds("A pause"), "First and longest pause: [200, 2000]")},
       {"honor_retry_after", ConfigSchema::boolean("Wait as long as the provider asks (default true)")}},
      "When a failed call is tried again");
}

ConfigSchema breaker_schema() {
  ConfigSchema trip = ConfigSchema::object(
      {{"error_rate", ConfigSchema::number("Of the window's calls (default 0.5)").between(0, 1)},
       {"min", ConfigSchema::integer("Calls in the window, at least (default 10)").between(1, 1'000'000)}});
  return ConfigSchema::object(
      {{"window_s", ConfigSchema::integer("How far back it looks (default 30)").between(1, 3'600)},
       {"trip", std::move(trip)},
       {"cooldown_s", ConfigSchema::list(ConfigSchema::integer("Seconds").between(1, 86'400),
                                         "First and longest: [5, 60]")},
       {"probe", ConfigSchema::integer("Calls let through to try it (default 1)").between(1, 1'000)}},
      "When a failing target is left alone. Without this section targets are passed over while another can "
      "answer; with it, calls fail fast when all are open");
}

ConfigSchema hedge_schema() {
  return ConfigSchema::object(
      {{"after_ms", ConfigSchema::string("Milliseconds, or p95 of the first target's own (default p95)")},
       {"max_extra", ConfigSchema::integer("More targets asked for one call (default 1)").between(1, 4)},
       {"budget_pct", ConfigSchema::number("Of the calls may be sent twice (default 3)").between(0, 100)}},
      "Asking a second target when the first is late (strategy: hedge)");
}

ConfigSchema cache_schema() {
  ConfigSchema scope = ConfigSchema::string("Who shares answers: the same key, or its group (default key)")
                           .one_of(names(kScopes));
  ConfigSchema ttl = ConfigSchema::string("How long an answer is kept: 30s, 10m, 1h, 7d").required();
  return ConfigSchema::object(
      {{"exact", ConfigSchema::object({{"ttl", ttl}, {"scope", scope}}, "Equal requests")},
       {"semantic",
        ConfigSchema::object(
            {{"ttl", ttl},
             {"scope", scope},
             {"threshold", ConfigSchema::number("Cosine similarity, at least (default 0.95)").between(0, 1)},
             {"embed", ConfigSchema::string("The route that embeds questions").required()}},
            "Requests that ask the same in other words")}},
      "Answers kept for later requests");
}

// "10m" in seconds.
std::optional<int64_t> read_duration_s(std::string_view text) {
  constexpr std::pair<char, int64_t> kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}};
  constexpr int64_t kSecondsMax = 366LL * 86'400;
  if (text.size() < 2) return std::nullopt;
  auto number = parse_int(text.substr(0, text.size() - 1));
  for (auto [unit, seconds] : kUnits) {
    if (unit == text.back() && number && *number > 0 && *number <= kSecondsMax / seconds) {
      return *number * seconds;
    }
  }
  return std::nullopt;
}

Result<int64_t> ttl_s(const ConfigNode& node) {
  auto seconds = read_duration_s(node.string_at("ttl"));
  if (!seconds) return Failure(node.find("ttl")->error("is not a duration such as 30s, 10m, 1h or 7d"));
  return *seconds;
}

Result<StickySource> read_sticky_source(const ConfigNode& node) {
  using Kind = StickySource::Kind;
  std::string_view text = node.scalar();
  if (text == "user") return StickySource{Kind::kUser, {}};
  if (text == "key") return StickySource{Kind::kKey, {}};
  if (text.starts_with("header:") && text.size() > 7) {
    return StickySource{Kind::kHeader, std::string(text.substr(7))};
  }
  if (text.starts_with("metadata.") && text.size() > 9) {
    return StickySource{Kind::kMetadata, std::string(text.substr(9))};
  }
  return Failure(node.error("is none of user, key, header:NAME and metadata.NAME"));
}

RouteTimeouts read_timeouts(const ConfigNode* node) {
  RouteTimeouts timeouts;
  if (node == nullptr) return timeouts;
  timeouts.http.connect_ms = node->integer_at("connect_ms", timeouts.http.connect_ms);
  timeouts.ttft_ms = node->integer_at("ttft_ms", 0);
  if (timeouts.ttft_ms > 0) timeouts.http.first_byte_ms = timeouts.ttft_ms;
  timeouts.http.idle_ms = node->integer_at("idle_ms", timeouts.http.idle_ms);
  timeouts.total_ms = node->integer_at("total_ms", 0);
  timeouts.min_tokens_per_s = node->number_at("min_tokens_per_s", 0);
  return timeouts;
}

// Two numbers, the second not below the first; a single one stands for both.
Result<std::pair<int64_t, int64_t>> read_range(const ConfigNode& parent, std::string_view key, int64_t low,
                                               int64_t high) {
  const ConfigNode* list = parent.find(key);
  if (list == nullptr) return std::pair(low, high);
  if (list->items().empty() || list->items().size() > 2) {
    return Failure(list->error("needs one or two numbers"));
  }
  low = *parse_int(list->items().front().scalar());
  high = *parse_int(list->items().back().scalar());
  if (low > high) return Failure(list->error("the first number is greater than the second"));
  return std::pair(low, high);
}

Result<RetryPolicy> read_retry(const ConfigNode* node) {
  RetryPolicy retry;
  if (node == nullptr) return retry;
  retry.attempts = node->integer_at("attempts", retry.attempts);
  retry.honor_retry_after = node->boolean_at("honor_retry_after", retry.honor_retry_after);
  if (const ConfigNode* on = node->find("on")) {
    retry.on = 0;
    for (const ConfigNode& cause : on->items()) {
      retry.on |= cause_bit(named(kRetryCauses, cause.scalar(), FailureCause::kConnect));
    }
  }
  ASSIGN_OR_RETURN(auto backoff, read_range(*node, "backoff_ms", retry.backoff_min_ms, retry.backoff_max_ms));
  std::tie(retry.backoff_min_ms, retry.backoff_max_ms) = backoff;
  return retry;
}

Result<BreakerPolicy> read_breaker(const ConfigNode* node) {
  constexpr int64_t kSecond = 1'000'000;
  BreakerPolicy policy;
  if (node == nullptr) return policy;
  policy.window_us = node->integer_at("window_s", policy.window_us / kSecond) * kSecond;
  if (const ConfigNode* trip = node->find("trip")) {
    policy.error_rate = trip->number_at("error_rate", policy.error_rate);
    policy.calls_min = trip->integer_at("min", policy.calls_min);
  }
  ASSIGN_OR_RETURN(auto cooldown, read_range(*node, "cooldown_s", policy.cooldown_min_us / kSecond,
                                             policy.cooldown_max_us / kSecond));
  policy.cooldown_min_us = cooldown.first * kSecond;
  policy.cooldown_max_us = cooldown.second * kSecond;
  policy.probes_max = node->integer_at("probe", policy.probes_max);
  return policy;
}

Result<HedgePolicy> read_hedge(const ConfigNode* node) {
  HedgePolicy hedge;
  if (node == nullptr) return hedge;
  std::string after = node->string_at("after_ms", "p95");
  if (after != "p95") {
    auto ms = parse_int(after);
    if (!ms || *ms < 1 || *ms > 86'400'000) {
      return Failure(node->find("after_ms")->error("is neither a number of milliseconds nor p95"));
    }
    hedge.after_ms = *ms;
  }
  hedge.extra_max = node->integer_at("max_extra", hedge.extra_max);
  hedge.budget = node->number_at("budget_pct", hedge.budget * 100) / 100;
  return hedge;
}

std::vector<std::string> read_texts(const ConfigNode& parent, std::string_view key) {
  std::vector<std::string> out;
  if (const ConfigNode* list = parent.find(key)) {
    for (const ConfigNode& item : list->items()) out.push_back(item.scalar());
  }
  return out;
}

Result<CachePolicy> read_cache(const ConfigNode* node) {
  CachePolicy cache;
  if (node == nullptr) return cache;
  if (const ConfigNode* exact = node->find("exact")) {
    ASSIGN_OR_RETURN(cache.exact_ttl_s, ttl_s(*exact));
    cache.scope = named(kScopes, exact->string_at("scope"), CacheScope::kKey);
  }
  if (const ConfigNode* semantic = node->find("semantic")) {
    ASSIGN_OR_RETURN(cache.semantic_ttl_s, ttl_s(*semantic));
    cache.threshold = semantic->number_at("threshold", cache.threshold);
    cache.embed = semantic->string_at("embed");
    if (semantic->find("scope") != nullptr) {
      cache.scope = named(kScopes, semantic->string_at("scope"), CacheScope::kKey);
    }
  }
  return cache;
}

Result<std::vector<TargetConfig>> read_targets(const ConfigNode& list) {
  constexpr size_t kTargetsMax = 64;
  if (list.items().empty()) return Failure(list.error("needs at least one target"));
  if (list.items().size() > kTargetsMax) return Failure(list.error("has more than 64 targets"));
  std::vector<TargetConfig> targets;
  double weights = 0;
  for (const ConfigNode& node : list.items()) {
    TargetConfig target{.id = node.string_at("id"),
                        .provider = node.string_at("provider"),
                        .model = node.string_at("model"),
                        .weight = node.number_at("weight", 1)};
    if (target.id.empty())
      target.id = target.model.empty() ? target.provider : target.provider + "/" + target.model;
    if (std::ranges::find(targets, target.id, &TargetConfig::id) != targets.end()) {
      return Failure(node.error("a second target has the id '" + target.id + "'; give each its own `id`"));
    }
    weights += target.weight;
    targets.push_back(std::move(target));
  }
  if (weights <= 0) return Failure(list.error("all targets have weight 0"));
  return targets;
}

}  // namespace

std::string_view strategy_name(Strategy strategy) {
  for (const auto& [known, name] : kStrategies) {
    if (known == strategy) return name;
  }
  return "weighted";
}

ConfigSchema route_schema() {
  ConfigSchema sticky = ConfigSchema::object(
      {{"by", texts("user, key, header:NAME or metadata.NAME", "The first that a call has names its unit")
                  .required()}},
      "Calls of one unit go to the same target");
  ConfigSchema fallback =
      ConfigSchema::object({{"default", texts("A model name", "When the targets fail")},
                            {"context_window", texts("A model name", "When the input is too long")},
                            {"content_policy", texts("A model name", "When the provider's filter refuses")}},
                           "Routes that take over, in this order");
  return ConfigSchema::object(
      {{"strategy",
        ConfigSchema::string("How a target is chosen (default weighted)").one_of(names(kStrategies))},
       {"targets", ConfigSchema::list(target_schema(), "Where the calls go").required()},
       {"sticky", std::move(sticky)},
       {"timeouts", timeouts_schema()},
       {"retry", retry_schema()},
       {"breaker", breaker_schema()},
       {"hedge", hedge_schema()},
       {"fallback", std::move(fallback)},
       {"cache", cache_schema()},
       {"prompt", ConfigSchema::string("A prompt of the registry, name@alias or name/version, whose messages "
                                       "stand before those of each call")}});
}

Result<RouteConfig> read_route(const std::string& name, const ConfigNode& node) {
  if (name.find('*') < name.size() - 1) return Failure(node.error("a '*' may only end a model name"));
  RouteConfig route{.name = name};
  route.strategy = named(kStrategies, node.string_at("strategy"), Strategy::kWeighted);
  ASSIGN_OR_RETURN(route.targets, read_targets(*node.find("targets")));
  if (const ConfigNode* sticky = node.find("sticky")) {
    for (const ConfigNode& source : sticky->find("by")->items()) {
      ASSIGN_OR_RETURN(StickySource read, read_sticky_source(source));
      route.sticky.push_back(std::move(read));
    }
  }
  route.timeouts = read_timeouts(node.find("timeouts"));
  ASSIGN_OR_RETURN(route.retry, read_retry(node.find("retry")));
  ASSIGN_OR_RETURN(route.breaker, read_breaker(node.find("breaker")));
  route.fails_fast = node.find("breaker") != nullptr;
  ASSIGN_OR_RETURN(route.hedge, read_hedge(node.find("hedge")));
  if (const ConfigNode* fallback = node.find("fallback")) {
    route.fallback = {.error = read_texts(*fallback, "default"),
                      .context_window = read_texts(*fallback, "context_window"),
                      .content_policy = read_texts(*fallback, "content_policy")};
  }
  ASSIGN_OR_RETURN(route.cache, read_cache(node.find("cache")));
  route.prompt = node.string_at("prompt");
  if (!route.prompt.empty() && !registry::parse_prompt_reference(route.prompt)) {
    return Failure(node.find("prompt")->error("must name a prompt as name@alias or name/version"));
  }
  return route;
}

}  // namespace penstock::gateway
