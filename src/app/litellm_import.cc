#include "app/litellm_import.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "app/litellm_plan.h"
#include "core/text.h"

namespace penstock::app {
namespace litellm {
namespace {

constexpr std::string_view kEnvironment = "os.environ/";

struct Reason {
  std::string_view setting;  // or, ending in '.', a whole section
  std::string_view why;
};

// Why settings that many files have are left out.
constexpr Reason kReasons[] = {
    {"environment_variables.", "set it in the environment of penstock serve"},
    {"general_settings.alerting", "alerts come from Prometheus: /metrics"},
    {"general_settings.database_url",
     "keys and budgets are kept in the data directory, or in PostgreSQL by state.database"},
    {"general_settings.salt_key", "keys of this file are not stored; virtual keys are hashed"},
    {"general_settings.store_model_in_db",
     "models stand in this file; the API changes it and keeps every version"},
    {"litellm_settings.callbacks", "requests are recorded by Penstock itself"},
    {"litellm_settings.failure_callback", "requests are recorded by Penstock itself"},
    {"litellm_settings.success_callback", "requests are recorded by Penstock itself"},
    {"litellm_settings.max_budget", "give each key or group a budget"},
    {"model_list.litellm_params.rpm",
     "limits belong to keys and groups; it counts as the target's weight here"},
    {"model_list.litellm_params.tpm",
     "limits belong to keys and groups; it counts as the target's weight here"},
    {"model_list.model_info.", "it describes the model; nothing here depends on it"},
    {"router_settings.redis_host", "gateways share limits and budgets by state.database (PostgreSQL)"},
    {"router_settings.redis_password", "gateways share limits and budgets by state.database (PostgreSQL)"},
    {"router_settings.redis_port", "gateways share limits and budgets by state.database (PostgreSQL)"},
    {"router_settings.redis_url", "gateways share limits and budgets by state.database (PostgreSQL)"},
};

std::string why_left_out(std::string_view setting) {
  for (const Reason& reason : kReasons) {
    bool whole = !reason.setting.ends_with('.') && reason.setting == setting;
    if (whole || (reason.setting.ends_with('.') && setting.starts_with(reason.setting)))
      return std::string(reason.why);
  }
  return "it has no counterpart";
}

std::optional<double> number_of(const YamlNode& node) {
  return node.is_scalar() ? parse_number(node.scalar) : std::nullopt;
}

void read_timeouts(Plan& plan, const YamlNode& parameters, const std::string& section, PlannedRoute& route) {
  auto take = [&](std::string_view name, int64_t& into) {
    const YamlNode* node = parameters.find(name);
    if (node == nullptr) return;
    int64_t ms = milliseconds(plan, *node, section + "." + std::string(name));
    if (ms == 0) return;
    if (into != 0 && into != ms) {
      plan.changed(node->line, section + "." + std::string(name),
                   "deployments of '" + route.name + "' differ; the longest counts for all");
    }
    into = std::max(into, ms);
  };
  take("timeout", route.timeouts.total_ms);
  take("stream_timeout", route.timeouts.ttft_ms);
}

// Costs stand in litellm_params or in model_info, for one token.
void read_prices(Plan& plan, const YamlNode& map, const std::string& section, const std::string& model) {
  constexpr double kPerMillion = 1e6;
  auto take = [&](std::string_view name, std::optional<double> PlannedPrice::* field) {
    const YamlNode* node = map.find(name);
    if (node == nullptr) return;
    auto cost = number_of(*node);
    if (!cost || *cost < 0 || model.empty()) {
      plan.left_out(node->line, section + "." + std::string(name), "it is no price for a token of one model");
      return;
    }
    plan.prices[model].*field = std::round(*cost * kPerMillion * 1e6) / 1e6;
  };
  take("input_cost_per_token", &PlannedPrice::input);
  take("output_cost_per_token", &PlannedPrice::output);
  take("cache_read_input_token_cost", &PlannedPrice::cached_input);
  take("cache_creation_input_token_cost", &PlannedPrice::cache_write);
}

constexpr std::initializer_list<std::string_view> kParameters = {"model",
                                                                 "api_base",
                                                                 "base_url",
                                                                 "api_key",
                                                                 "api_version",
                                                                 "custom_llm_provider",
                                                                 "weight",
                                                                 "order",
                                                                 "timeout",
                                                                 "stream_timeout",
                                                                 "max_retries",
                                                                 "num_retries",
                                                                 "input_cost_per_token",
                                                                 "output_cost_per_token",
                                                                 "cache_read_input_token_cost",
                                                                 "cache_creation_input_token_cost"};

// One entry of model_list, whose weights are settled when the route is whole.
struct Weights {
  std::vector<double> weight, rpm, tpm;
};

void read_entry(Plan& plan, const YamlNode& entry, std::map<std::string, Weights>& weights) {
  const std::string section = "model_list.litellm_params";
  std::string name(entry.text_at("model_name"));
  const YamlNode* parameters = entry.find("litellm_params");
  if (name.empty() || parameters == nullptr || parameters->text_at("model").empty()) {
    plan.left_out(entry.line, "model_list", "the entry lacks model_name or litellm_params.model");
    return;
  }
  auto target = read_deployment(plan, name, *parameters);
  if (!target) return;
  PlannedRoute* route = plan.route(name);
  if (route == nullptr) {
    plan.routes.push_back({.name = name, .line = entry.line});
    route = &plan.routes.back();
  }
  read_timeouts(plan, *parameters, section, *route);
  read_retries(plan, *parameters, "max_retries", section, route->retry);
  read_retries(plan, *parameters, "num_retries", section, route->retry);
  read_prices(plan, *parameters, section, target->model);
  leave_out_others(plan, *parameters, section, kParameters);
  if (const YamlNode* info = entry.find("model_info"); info != nullptr && info->is_map()) {
    target->id = info->text_at("id");
    read_prices(plan, *info, "model_list.model_info", target->model);
    leave_out_others(plan, *info, "model_list.model_info",
                     {"id", "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost",
                      "cache_creation_input_token_cost"});
  }
  leave_out_others(plan, entry, "model_list", {"model_name", "litellm_params", "model_info"});
  auto number = [&](std::string_view key) {
    const YamlNode* node = parameters->find(key);
    return node == nullptr ? 0.0 : number_of(*node).value_or(0);
  };
  target->order = number("order");
  Weights& of_route = weights[name];
  of_route.weight.push_back(number("weight"));
  of_route.rpm.push_back(number("rpm"));
  of_route.tpm.push_back(number("tpm"));
  route->targets.push_back(std::move(*target));
}

// LiteLLM shuffles by weight or, where there is none, by rpm or tpm.
void settle_weights(PlannedRoute& route, const Weights& weights) {
  constexpr double kWeightMax = 1'000'000;
  for (const std::vector<double>* by : {&weights.weight, &weights.rpm, &weights.tpm}) {
    double largest = *std::ranges::max_element(*by);
    if (largest <= 0) continue;
    double scale = largest > kWeightMax ? kWeightMax / largest : 1;
    for (size_t i = 0; i < route.targets.size(); ++i)
      route.targets[i].weight = std::max(0.0, (*by)[i]) * scale;
    return;
  }
}

// Ids are unique in a route; two entries may be the same but for their keys.
void settle_ids(PlannedRoute& route) {
  std::set<std::string> used;
  for (PlannedTarget& target : route.targets) {
    std::string id = !target.id.empty()     ? target.id
                     : target.model.empty() ? target.provider
                                            : target.provider + "/" + target.model;
    std::string unique = id;
    for (int i = 2; !used.insert(unique).second; ++i) unique = id + "#" + std::to_string(i);
    if (unique != id) target.id = unique;
  }
}

void settle_order(PlannedRoute& route) {
  double first = route.targets.front().order;
  if (std::ranges::all_of(route.targets, [&](const PlannedTarget& t) { return t.order == first; })) return;
  std::ranges::sort(route.targets, {}, [](const PlannedTarget& t) { return std::pair(t.order, t.line); });
  route.strategy = "priority";
}

// An alias falls back as the route that it stands for, but not on itself.
void settle_aliases(Plan& plan) {
  for (PlannedRoute& alias : plan.routes) {
    const PlannedRoute* route = plan.route(alias.alias_of);
    if (route == nullptr) continue;
    for (auto list :
         {&PlannedRoute::fallback, &PlannedRoute::context_window, &PlannedRoute::content_policy}) {
      if ((alias.*list).empty()) alias.*list = route->*list;
      std::erase(alias.*list, alias.name);
    }
  }
}

}  // namespace

std::string_view environment_name(std::string_view text) {
  if (!text.starts_with(kEnvironment)) return {};
  std::string_view name = text.substr(kEnvironment.size());
  bool valid = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return valid ? name : std::string_view{};
}

std::string secret_variable(Plan& plan, int line, const std::string& setting, std::string_view text,
                            std::string_view otherwise) {
  std::string name(environment_name(text));
  if (name.empty()) {
    name = otherwise;
    plan.note(ImportNote::Kind::kSecret, line, setting,
              "a secret stands in the file; put it into the environment variable " + name +
                  " and think of it as known to whoever could read the file");
  }
  plan.environment.insert(name);
  return name;
}

int64_t milliseconds(Plan& plan, const YamlNode& node, const std::string& setting) {
  constexpr double kSecondsMax = 86'400;
  auto seconds = number_of(node);
  if (seconds && *seconds > 0) {
    if (*seconds > kSecondsMax) plan.changed(node.line, setting, "a day is the longest there is");
    return std::max<int64_t>(1, std::llround(std::min(*seconds, kSecondsMax) * 1'000));
  }
  plan.left_out(node.line, setting, "it is no positive number of seconds");
  return 0;
}

std::optional<int64_t> whole_number(Plan& plan, const YamlNode& node, const std::string& setting,
                                    int64_t low) {
  auto number = number_of(node);
  if (number && *number >= static_cast<double>(low) && *number < 1e12) return std::llround(*number);
  plan.left_out(node.line, setting, "it is no number of at least " + std::to_string(low));
  return std::nullopt;
}

void read_retries(Plan& plan, const YamlNode& map, std::string_view name, const std::string& section,
                  PlannedRetry& retry) {
  constexpr int64_t kAttemptsMax = 10;
  const YamlNode* node = map.find(name);
  if (node == nullptr) return;
  auto count = whole_number(plan, *node, section + "." + std::string(name), 0);
  if (!count) return;
  if (*count + 1 > kAttemptsMax) {
    plan.changed(node->line, section + "." + std::string(name), "there are 10 tries at most");
  }
  retry.attempts = std::max(retry.attempts, std::min(*count + 1, kAttemptsMax));
}

void leave_out_others(Plan& plan, const YamlNode& map, const std::string& section,
                      std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : map.members) {
    if (std::ranges::find(known, key) != known.end()) continue;
    std::string setting = section.empty() ? key : section + "." + key;
    plan.left_out(value.line, setting, why_left_out(setting));
  }
}

void read_model_list(Plan& plan, const YamlNode& list) {
  if (!list.is_list()) {
    plan.left_out(list.line, "model_list", "it is no list");
    return;
  }
  std::map<std::string, Weights> weights;
  for (const YamlNode& entry : list.items) read_entry(plan, entry, weights);
  for (PlannedRoute& route : plan.routes) {
    settle_weights(route, weights[route.name]);
    settle_ids(route);
    settle_order(route);
  }
}

}  // namespace litellm

std::string_view import_note_name(ImportNote::Kind kind) {
  switch (kind) {
    case ImportNote::Kind::kLeftOut:
      return "left out";
    case ImportNote::Kind::kChanged:
      return "changed";
    case ImportNote::Kind::kSecret:
      return "secret";
  }
  return "left out";
}

Result<LitellmImport> import_litellm(std::string_view text, std::string_view file) {
  ASSIGN_OR_RETURN(YamlNode root, parse_yaml(text, file));
  if (!root.is_map()) {
    return Failure(Error::invalid("", std::string(file) + " is no configuration of LiteLLM: it has no keys"));
  }
  litellm::Plan plan;
  using Reader = void (*)(litellm::Plan&, const YamlNode&);
  constexpr std::pair<std::string_view, Reader> kSections[] = {
      {"model_list", litellm::read_model_list},
      {"router_settings", litellm::read_router_settings},
      {"litellm_settings", litellm::read_litellm_settings},
      {"general_settings", litellm::read_general_settings},
  };
  for (const auto& [name, read] : kSections) {
    if (const YamlNode* section = root.find(name)) read(plan, *section);
  }
  if (const YamlNode* variables = root.find("environment_variables")) {
    leave_out_others(plan, *variables, "environment_variables", {});
  }
  leave_out_others(
      plan, root, "",
      {"model_list", "router_settings", "litellm_settings", "general_settings", "environment_variables"});
  litellm::settle_aliases(plan);
  std::ranges::sort(plan.notes, {}, [](const ImportNote& note) { return std::tie(note.line, note.setting); });
  std::string yaml = litellm::write_plan(plan, file);
  return LitellmImport{.yaml = std::move(yaml), .notes = std::move(plan.notes)};
}

}  // namespace penstock::app
