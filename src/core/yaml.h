#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config.h"
#include "core/result.h"

namespace penstock {

// A YAML document as it stands, for files that other programs define; our own have a schema (core/config.h).
// Anchors are followed, and the members of `<<` stand where it stood unless the mapping has them itself.
struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kMap, kList };

  Kind kind = Kind::kNull;
  int line = 0;                                             // from 1
  std::string scalar{};                                     // text as written: "true", "0.5"
  std::vector<std::pair<std::string, YamlNode>> members{};  // in order
  std::vector<YamlNode> items{};

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  const YamlNode* find(std::string_view key) const;      // nullptr if absent
  std::string_view text_at(std::string_view key) const;  // of a scalar; else empty
};

// kInvalidArgument names file, line and column; kTooLarge.
Result<YamlNode> parse_yaml(std::string_view text, std::string_view file, ConfigLimits limits = {});

}  // namespace penstock
