#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace penstock {

// What a configuration value may be. One schema serves checking, the published JSON Schema and "did you
// mean". Build it with the functions below:
//   object({{"listen", string("HOST:PORT to serve on")}, {"engines", map(engine_schema(), "...")}})
struct ConfigSchema {
  enum class Kind : uint8_t { kString, kInteger, kNumber, kBoolean, kSecret, kObject, kMap, kList };

  Kind kind = Kind::kString;
  std::string description;
  std::vector<std::pair<std::string, ConfigSchema>> fields{};  // kObject, kSecret
  std::shared_ptr<ConfigSchema> element{};                     // kMap, kList
  std::vector<std::string> choices{};                          // kString
  std::optional<int64_t> minimum{};                            // kInteger, kNumber
  std::optional<int64_t> maximum{};
  bool is_required = false;

  ConfigSchema required() && {
    is_required = true;
    return std::move(*this);
  }
  ConfigSchema one_of(std::vector<std::string> values) && {
    choices = std::move(values);
    return std::move(*this);
  }
  ConfigSchema between(int64_t low, int64_t high) && {
    minimum = low;
    maximum = high;
    return std::move(*this);
  }

  using Fields = std::vector<std::pair<std::string, ConfigSchema>>;
  static ConfigSchema string(std::string description);
  static ConfigSchema integer(std::string description);
  static ConfigSchema number(std::string description);
  static ConfigSchema boolean(std::string description);
  // {env: NAME} or {file: PATH}; the value is read when the configuration is loaded and never printed.
  // `fields` may stand beside them: {env: NAME, weight: 2}.
  static ConfigSchema secret(std::string description, Fields fields = {});
  static ConfigSchema object(Fields fields, std::string description = {});
  static ConfigSchema map(ConfigSchema element, std::string description);  // any keys
  static ConfigSchema list(ConfigSchema element, std::string description);
};

// One value of a loaded configuration, with where it stood. Scalars are text that the schema has checked.
class ConfigNode {
 public:
  const ConfigNode* find(std::string_view key) const;  // nullptr if absent
  std::string string_at(std::string_view key, std::string_view fallback = {}) const;
  int64_t integer_at(std::string_view key, int64_t fallback) const;
  double number_at(std::string_view key, double fallback) const;
  bool boolean_at(std::string_view key, bool fallback) const;

  const std::string& scalar() const { return scalar_; }  // a secret's value, too
  const std::vector<std::pair<std::string, ConfigNode>>& members() const { return members_; }  // object, map
  const std::vector<ConfigNode>& items() const { return items_; }                              // list

  // An error about this value: "penstock.yaml:12:5: models.fast.targets[0]: <message>".
  Error error(std::string_view message) const;

 private:
  friend class ConfigLoader;
  std::string scalar_;
  std::vector<std::pair<std::string, ConfigNode>> members_;
  std::vector<ConfigNode> items_;
  std::string place_;  // "file:line:column: path"
};

// Looks up an environment variable.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

struct ConfigLimits {
  size_t bytes_max = 4 << 20;
  int depth_max = 32;
  int nodes_max = 100'000;
};

// Reads YAML text against a schema. Strings may hold ${NAME} and ${NAME:-default} ($$ is a dollar sign). The
// error lists every problem, a line each, with file, line, column, path, and for an unknown key the nearest
// valid one.
Result<ConfigNode> load_config(std::string_view text, std::string_view file, const ConfigSchema& schema,
                               const Environment& environment, ConfigLimits limits = {});

// The schema as JSON Schema, draft 2020-12.
Json json_schema(const ConfigSchema& schema);

}  // namespace penstock
