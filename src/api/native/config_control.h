#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "core/result.h"
#include "core/units.h"
#include "gateway/config_versions.h"

namespace penstock::api::native {

// The configuration that the server works by.
struct RunningConfig {
  int64_t version = 0;  // 0: it could not be recorded yet
  std::string file;     // where it stands; empty: the server was started without one
  std::string text;
  Timestamp since;                         // when it took effect
  std::string problem;                     // why the file as it stands now is not in effect; empty: it is
  std::vector<std::string> needs_restart;  // sections that differ from what the server was started with
};

// One thing that is wrong with a configuration, and where: from 1, 0 where it has no place.
struct ConfigProblem {
  int64_t line = 0;
  int64_t column = 0;
  std::string message;
};

// What would happen if a text were applied. Nothing is wrong if `problems` is empty.
struct ConfigCheck {
  int64_t base_version = 0;  // the running one, which `diff` begins with
  std::vector<ConfigProblem> problems;
  std::string diff;  // unified; empty: nothing changes
  std::vector<std::string> needs_restart;
};

struct ConfigChange {
  std::string text;
  std::string comment;
  int64_t base_version = 0;  // that the text was made from
};

struct ConfigApplied {
  int64_t version = 0;
  bool changed = false;                    // false: the text was in effect already
  std::vector<std::string> needs_restart;  // as above; all else is in effect
};

// Holds the configuration and changes it. Implemented by app/. Thread-safe and blocking: call it on a pool.
class ConfigControl {
 public:
  virtual ~ConfigControl() = default;

  virtual RunningConfig running() = 0;
  // JSON Schema of the file.
  virtual std::string schema() = 0;
  virtual ConfigCheck check(const std::string& text) = 0;

  // Each changes everything or nothing. kInvalidArgument lists every problem, a line each.

  // Puts a text into the file and into effect. kConflict, with a reason, where it must not:
  // "version_conflict" (another change came between), "file_changed" (by hand, since it was read), "no_file".
  virtual Result<ConfigApplied> apply(const ConfigChange& change, const access::Actor& actor) = 0;
  // Applies the version before the running one; undone once more, the one before that. kConflict where there
  // is none, or where `base_version`, if given, does not run any more.
  virtual Result<ConfigApplied> undo(std::optional<int64_t> base_version, const access::Actor& actor) = 0;
  // Reads the file again, and the files of secrets with it.
  virtual Result<ConfigApplied> reload(const access::Actor& actor) = 0;

  virtual Result<std::vector<gateway::ConfigVersion>> versions(int64_t below, int64_t limit) = 0;
  virtual Result<gateway::ConfigVersion> version(int64_t number) = 0;
};

}  // namespace penstock::api::native
