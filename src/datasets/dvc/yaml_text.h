#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "datasets/dvc/value.h"

namespace penstock::datasets::dvc {

struct YamlLimits {
  size_t bytes_max = 256 << 20;
  int depth_max = 64;
};

// One YAML 1.2 document of block and flow collections, all scalar styles, comments, anchors, aliases and
// merge keys; no tags, no "? " keys. Aliases are copied. An empty text is an empty map. `file` is for errors,
// which are kInvalidArgument with file and line.
Result<Value> read_yaml(std::string_view text, std::string_view file, YamlLimits limits = {});

// The text as DVC writes it: block style, two columns per level, dashes at their key's column, quotes only
// where a plain scalar would read back as something else, lines folded after 80 columns, comments kept (the
// output of ruamel.yaml, whose documents DVC's files are compared with byte by byte).
std::string write_yaml(const Value& document);

// The kind that a plain scalar has in YAML 1.2 as ruamel.yaml resolves it; kString if no other.
Value::Kind plain_kind(std::string_view text);

// Whether a string must be quoted for this reason: plain, it would read back as another kind.
bool plain_would_change(std::string_view text);

}  // namespace penstock::datasets::dvc
