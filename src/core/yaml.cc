#include "core/yaml.h"

#include <yaml-cpp/yaml.h>

namespace penstock {
namespace {

constexpr std::string_view kMerge = "<<";

// Copies yaml-cpp's tree, which shares nodes, into values.
class Copier {
 public:
  explicit Copier(ConfigLimits limits) : limits_(limits) {}

  bool too_large() const { return too_large_; }

  YamlNode copy(const YAML::Node& yaml, int depth = 0) {
    YamlNode node{.line = yaml.Mark().line + 1};
    if (too_large_ || depth > limits_.depth_max || ++nodes_ > limits_.nodes_max) {
      too_large_ = true;
      return node;
    }
    if (yaml.IsScalar()) {
      node.kind = YamlNode::Kind::kScalar;
      node.scalar = yaml.Scalar();
    } else if (yaml.IsSequence()) {
      node.kind = YamlNode::Kind::kList;
      for (const auto& item : yaml) node.items.push_back(copy(item, depth + 1));
    } else if (yaml.IsMap()) {
      node.kind = YamlNode::Kind::kMap;
      copy_members(yaml, depth, node);
    }
    return node;
  }

 private:
  void copy_members(const YAML::Node& yaml, int depth, YamlNode& node) {
    std::vector<YamlNode> merged;
    for (const auto& entry : yaml) {
      std::string key = entry.first.as<std::string>("");
      YamlNode value = copy(entry.second, depth + 1);
      if (key != kMerge) {
        // Its line is the key's: a nested mapping begins a line later.
        value.line = entry.first.Mark().line + 1;
        node.members.emplace_back(std::move(key), std::move(value));
      } else if (value.is_list()) {
        for (YamlNode& each : value.items) merged.push_back(std::move(each));
      } else {
        merged.push_back(std::move(value));
      }
    }
    for (YamlNode& each : merged) {
      for (auto& [key, value] : each.members) {
        if (node.find(key) == nullptr) node.members.emplace_back(std::move(key), std::move(value));
      }
    }
  }

  ConfigLimits limits_;
  int nodes_ = 0;
  bool too_large_ = false;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, node] : members) {
    if (name == key) return &node;
  }
  return nullptr;
}

std::string_view YamlNode::text_at(std::string_view key) const {
  const YamlNode* node = find(key);
  return node == nullptr ? std::string_view{} : std::string_view(node->scalar);
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view file, ConfigLimits limits) {
  std::string name(file);
  if (text.size() > limits.bytes_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = name + " is larger than " + std::to_string(limits.bytes_max) + " bytes"});
  }
  try {
    Copier copier(limits);
    YamlNode root = copier.copy(YAML::Load(std::string(text)));
    if (!copier.too_large()) return root;
    return Failure(
        Error{.code = ErrorCode::kTooLarge, .message = name + " is nested too deeply or too large"});
  } catch (const YAML::Exception& e) {
    std::string place = e.mark.is_null()
                            ? ""
                            : ":" + std::to_string(e.mark.line + 1) + ":" + std::to_string(e.mark.column + 1);
    return Failure(Error::invalid("", name + place + ": " + e.msg));
  }
}

}  // namespace penstock
