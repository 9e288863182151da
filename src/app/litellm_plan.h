#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/litellm_import.h"
#include "core/yaml.h"

// What litellm_import.h is made of: a plan of the configuration, filled from LiteLLM's sections, then
// written.
namespace penstock::app::litellm {

struct PlannedProvider {
  std::string name;
  std::string type;
  std::string base_url;  // empty: the type's own
  std::string key_env;   // empty: it takes no key
  std::string api_version;
  int line = 0;
};

struct PlannedTarget {
  std::string id;  // empty: as the gateway names it
  std::string provider;
  std::string model;  // empty: the name as asked
  double weight = 1;
  double order = 0;
  int line = 0;
};

struct PlannedTimeouts {
  int64_t total_ms = 0, ttft_ms = 0;  // 0: not set
};

struct PlannedRetry {
  int64_t attempts = 0;  // 0: not set
  std::set<std::string> on;
  int64_t backoff_ms = 0;
};

struct PlannedBreaker {
  int64_t failures = 0;  // 0: not set
  int64_t cooldown_s = 0;
};

struct PlannedRoute {
  std::string name;
  std::string strategy = "weighted";
  std::vector<PlannedTarget> targets;
  PlannedTimeouts timeouts;
  PlannedRetry retry;
  std::vector<std::string> fallback, context_window, content_policy;
  std::string alias_of;  // a route whose fallbacks are its own, too; empty: none
  int line = 0;
};

struct PlannedPrice {
  std::optional<double> input, output, cached_input, cache_write;  // USD for a million tokens
};

struct Plan {
  std::vector<PlannedProvider> providers;
  std::vector<PlannedRoute> routes;
  PlannedTimeouts timeouts;  // of every route that has none of its own
  PlannedRetry retry;
  PlannedBreaker breaker;
  int64_t cache_ttl_s = 0;  // 0: no cache
  std::map<std::string, PlannedPrice> prices;
  std::string master_key_env;
  std::string log_level, log_format;
  std::map<std::string, std::string> provider_keys;  // by provider, as the file has them: never written
  std::set<std::string> environment;                 // variables that the result needs
  std::vector<ImportNote> notes;

  void note(ImportNote::Kind kind, int line, std::string setting, std::string message) {
    notes.push_back({kind, line, std::move(setting), std::move(message)});
  }
  void left_out(int line, std::string setting, std::string message) {
    note(ImportNote::Kind::kLeftOut, line, std::move(setting), std::move(message));
  }
  void changed(int line, std::string setting, std::string message) {
    note(ImportNote::Kind::kChanged, line, std::move(setting), std::move(message));
  }
  PlannedRoute* route(std::string_view name) {
    auto found = std::ranges::find(routes, name, &PlannedRoute::name);
    return found == routes.end() ? nullptr : &*found;
  }
};

// The environment variable of "os.environ/NAME"; empty for any other text.
std::string_view environment_name(std::string_view text);

// A secret as a variable to read it from: the one that `text` names or, for a secret that stands in the file,
// `otherwise`, with a note.
std::string secret_variable(Plan& plan, int line, const std::string& setting, std::string_view text,
                            std::string_view otherwise);

// A positive number of seconds in milliseconds; 0, with a note, for anything else.
int64_t milliseconds(Plan& plan, const YamlNode& node, const std::string& setting);
// A whole number of at least `low`; none, with a note, for anything else.
std::optional<int64_t> whole_number(Plan& plan, const YamlNode& node, const std::string& setting,
                                    int64_t low);

// `name` retries are one try more; the greatest number counts.
void read_retries(Plan& plan, const YamlNode& map, std::string_view name, const std::string& section,
                  PlannedRetry& retry);

// Notes every member of `map` that is not in `known`, with why, where that is known.
void leave_out_others(Plan& plan, const YamlNode& map, const std::string& section,
                      std::initializer_list<std::string_view> known);

// Adds the provider and the target of one entry of model_list; nullopt, with a note, where there can be none.
std::optional<PlannedTarget> read_deployment(Plan& plan, std::string_view model_name,
                                             const YamlNode& parameters);

void read_model_list(Plan& plan, const YamlNode& list);
void read_router_settings(Plan& plan, const YamlNode& settings);
void read_litellm_settings(Plan& plan, const YamlNode& settings);
void read_general_settings(Plan& plan, const YamlNode& settings);

// The configuration as text.
std::string write_plan(const Plan& plan, std::string_view file);

}  // namespace penstock::app::litellm
