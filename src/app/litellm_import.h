#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock::app {

// Something of the file that could not be carried over as it was.
struct ImportNote {
  enum class Kind : uint8_t {
    kLeftOut,  // it has no counterpart, or needs a decision
    kChanged,  // carried over as what comes nearest
    kSecret,   // a secret stood in the file; the result names an environment variable to put it into
  };
  Kind kind = Kind::kLeftOut;
  int line = 0;
  std::string setting;  // "router_settings.redis_host"
  std::string message;
};
std::string_view import_note_name(ImportNote::Kind kind);  // "left out"

struct LitellmImport {
  std::string yaml;               // a penstock.yaml, commented
  std::vector<ImportNote> notes;  // by line
};

// Makes a penstock.yaml of LiteLLM's config.yaml. Every setting of the file is carried over or named in a
// note; secrets never are. `file` is its name in comments. kInvalidArgument if it is no YAML mapping.
//
// Source of the format: docs.litellm.ai, "Proxy: All settings" and "Router", as of version 1.80.
Result<LitellmImport> import_litellm(std::string_view text, std::string_view file);

}  // namespace penstock::app
