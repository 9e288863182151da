#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "core/config.h"
#include "core/text.h"

namespace penstock {

using Kind = ConfigSchema::Kind;

// Walks a YAML tree beside its schema and gathers every problem.
class ConfigLoader {
 public:
  ConfigLoader(std::string_view file, const Environment& environment, ConfigLimits limits)
      : file_(file), environment_(environment), limits_(limits) {}

  Result<ConfigNode> load(std::string_view text, const ConfigSchema& schema) {
    if (text.size() > limits_.bytes_max) {
      return Failure(
          Error{.code = ErrorCode::kTooLarge,
                .message = file_ + " is larger than " + std::to_string(limits_.bytes_max) + " bytes"});
    }
    ConfigNode root;
    try {
      root = read(YAML::Load(std::string(text)), schema, "", 0);
    } catch (const YAML::Exception& e) {
      problem(e.mark, "", e.msg);
    }
    if (problems_.empty()) return root;
    return Failure(Error::invalid("", joined()));
  }

 private:
  ConfigNode read(const YAML::Node& yaml, const ConfigSchema& schema, const std::string& path, int depth) {
    ConfigNode node;
    node.place_ = place(yaml.Mark(), path);
    if (depth > limits_.depth_max || ++nodes_ > limits_.nodes_max) {
      if (nodes_ <= limits_.nodes_max + 1)
        problem(yaml.Mark(), path, "the file is nested too deeply or too large");
      return node;
    }
    switch (schema.kind) {
      case Kind::kObject:
        read_object(yaml, schema, path, depth, node);
        break;
      case Kind::kMap:
        read_map(yaml, schema, path, depth, node);
        break;
      case Kind::kList:
        read_list(yaml, schema, path, depth, node);
        break;
      case Kind::kSecret:
        read_secret(yaml, schema, path, depth, node);
        break;
      default:
        read_scalar(yaml, schema, path, node);
        break;
    }
    return node;
  }

  void read_object(const YAML::Node& yaml, const ConfigSchema& schema, const std::string& path, int depth,
                   ConfigNode& node) {
    if (yaml.IsDefined() && !yaml.IsNull() && !yaml.IsMap()) {
      problem(yaml.Mark(), path, "must be a mapping (key: value lines)");
      return;
    }
    std::set<std::string> seen;
    for (const auto& entry : yaml) {
      std::string key = entry.first.as<std::string>("");
      auto field = std::ranges::find(schema.fields, key, &std::pair<std::string, ConfigSchema>::first);
      if (field == schema.fields.end()) {
        problem(entry.first.Mark(), path, unknown_key(key, schema));
      } else if (!seen.insert(key).second) {
        problem(entry.first.Mark(), path, "the key '" + key + "' stands here twice");
      } else {
        node.members_.emplace_back(key, read(entry.second, field->second, join(path, key), depth + 1));
      }
    }
    for (const auto& [name, field] : schema.fields) {
      if (field.is_required && !seen.contains(name)) {
        problem(yaml.Mark(), path, "'" + name + "' is missing: " + field.description);
      }
    }
  }

  void read_map(const YAML::Node& yaml, const ConfigSchema& schema, const std::string& path, int depth,
                ConfigNode& node) {
    if (!yaml.IsNull() && !yaml.IsMap()) {
      problem(yaml.Mark(), path, "must be a mapping (name: value lines)");
      return;
    }
    std::set<std::string> seen;
    for (const auto& entry : yaml) {
      std::string key = entry.first.as<std::string>("");
      if (key.empty()) {
        problem(entry.first.Mark(), path, "a name must be a non-empty string");
      } else if (!seen.insert(key).second) {
        problem(entry.first.Mark(), path, "the name '" + key + "' stands here twice");
      } else {
        node.members_.emplace_back(key, read(entry.second, *schema.element, join(path, key), depth + 1));
      }
    }
  }

  void read_list(const YAML::Node& yaml, const ConfigSchema& schema, const std::string& path, int depth,
                 ConfigNode& node) {
    if (!yaml.IsNull() && !yaml.IsSequence()) {
      problem(yaml.Mark(), path, "must be a list (lines that begin with '- ', or [a, b])");
      return;
    }
    size_t index = 0;
    for (const auto& item : yaml) {
      node.items_.push_back(
          read(item, *schema.element, path + "[" + std::to_string(index++) + "]", depth + 1));
    }
  }

  void read_secret(const YAML::Node& yaml, const ConfigSchema& schema, const std::string& path, int depth,
                   ConfigNode& node) {
    if (!yaml.IsMap() || yaml["env"].IsDefined() == yaml["file"].IsDefined()) {
      problem(yaml.Mark(), path,
              "must be {env: NAME} or {file: PATH}; secrets never stand in the file itself");
      return;
    }
    ConfigSchema with_source = schema;
    for (const char* source : {"env", "file"})
      with_source.fields.emplace_back(source, ConfigSchema::string(""));
    read_object(yaml, with_source, path, depth, node);
    if (std::string name = node.string_at("env"); !name.empty()) {
      take_secret(environment_(name), "the environment variable " + name + " is not set", yaml, path, node);
    } else if (std::string file = node.string_at("file"); !file.empty()) {
      take_secret(read_file(file), "cannot read the file " + file, yaml, path, node);
    }
  }

  void take_secret(const std::optional<std::string>& value, const std::string& absent, const YAML::Node& yaml,
                   const std::string& path, ConfigNode& node) {
    if (value && !trim(*value).empty()) {
      node.scalar_ = trim(*value);
    } else {
      problem(yaml.Mark(), path, value ? absent + " or is empty" : absent);
    }
  }

  void read_scalar(const YAML::Node& yaml, const ConfigSchema& schema, const std::string& path,
                   ConfigNode& node) {
    if (!yaml.IsScalar()) {
      problem(yaml.Mark(), path, "must be a single value");
      return;
    }
    if (auto expanded = expand(yaml, path)) node.scalar_ = std::move(*expanded);
    if (std::string why = mismatch(node.scalar_, schema); !why.empty()) problem(yaml.Mark(), path, why);
    if (schema.kind == Kind::kBoolean) node.scalar_ = node.scalar_ == "true" ? "true" : "false";
  }

  // What is wrong with a scalar, or nothing.
  static std::string mismatch(const std::string& text, const ConfigSchema& schema) {
    if (schema.kind == Kind::kBoolean && text != "true" && text != "false") return "must be true or false";
    if (schema.kind == Kind::kInteger || schema.kind == Kind::kNumber) {
      std::optional<double> number = parse_number(text);
      bool whole = schema.kind == Kind::kNumber || parse_int(text).has_value();
      if (!number || !whole)
        return schema.kind == Kind::kNumber ? "must be a number" : "must be a whole number";
      if (schema.minimum && *number < static_cast<double>(*schema.minimum)) {
        return "must be at least " + std::to_string(*schema.minimum);
      }
      if (schema.maximum && *number > static_cast<double>(*schema.maximum)) {
        return "must be at most " + std::to_string(*schema.maximum);
      }
    }
    if (!schema.choices.empty() && std::ranges::find(schema.choices, text) == schema.choices.end()) {
      std::string choices;
      for (const std::string& choice : schema.choices) choices += (choices.empty() ? "" : ", ") + choice;
      return "'" + text + "' is not one of: " + choices;
    }
    return {};
  }

  std::optional<std::string> expand(const YAML::Node& yaml, const std::string& path) {
    const std::string& text = yaml.Scalar();
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '$' || i + 1 == text.size()) {
        out += text[i];
      } else if (text[i + 1] == '$') {
        out += text[++i];
      } else if (text[i + 1] != '{') {
        out += text[i];
      } else {
        size_t end = text.find('}', i);
        if (end == std::string::npos) {
          problem(yaml.Mark(), path, "'${' without '}' (write $$ for a dollar sign)");
          return std::nullopt;
        }
        std::string name = text.substr(i + 2, end - i - 2);
        size_t fallback = name.find(":-");
        std::optional<std::string> value = environment_(name.substr(0, fallback));
        if (!value && fallback != std::string::npos) value = name.substr(fallback + 2);
        if (!value) {
          problem(yaml.Mark(), path, "the environment variable " + name + " is not set");
          return std::nullopt;
        }
        out += *value;
        i = end;
      }
    }
    return out;
  }

  static std::optional<std::string> read_file(const std::string& path) {
    constexpr std::streamsize kSecretBytesMax = 64 << 10;
    std::ifstream in(path, std::ios::binary);
    std::string content(kSecretBytesMax, '\0');
    if (!in.read(content.data(), kSecretBytesMax) && !in.eof()) return std::nullopt;
    content.resize(static_cast<size_t>(in.gcount()));
    return content;
  }

  static std::string unknown_key(const std::string& key, const ConfigSchema& schema) {
    std::vector<std::string_view> known;
    for (const auto& field : schema.fields) known.push_back(field.first);
    std::string_view guess = nearest(key, known);
    if (!guess.empty()) return "unknown key '" + key + "'; did you mean '" + std::string(guess) + "'?";
    std::string all;
    for (std::string_view name : known) all.append(all.empty() ? "" : ", ").append(name);
    return "unknown key '" + key + "'; known here: " + all;
  }

  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  std::string place(const YAML::Mark& mark, const std::string& path) const {
    std::string out = file_;
    if (!mark.is_null()) out += ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    return path.empty() ? out : out + ": " + path;
  }

  void problem(const YAML::Mark& mark, const std::string& path, const std::string& message) {
    problems_.push_back(place(mark, path) + ": " + message);
  }

  std::string joined() const {
    std::string out;
    for (const std::string& line : problems_) out += (out.empty() ? "" : "\n") + line;
    return out;
  }

  std::string file_;
  const Environment& environment_;
  ConfigLimits limits_;
  int nodes_ = 0;
  std::vector<std::string> problems_;
};

Result<ConfigNode> load_config(std::string_view text, std::string_view file, const ConfigSchema& schema,
                               const Environment& environment, ConfigLimits limits) {
  return ConfigLoader(file, environment, limits).load(text, schema);
}

}  // namespace penstock
