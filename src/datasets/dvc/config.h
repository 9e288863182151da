#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "datasets/dvc/config_text.h"
#include "datasets/dvc/environment.h"

namespace penstock::datasets::dvc {

// Whose configuration: each shadows those before it.
enum class ConfigLevel : uint8_t { kSystem, kGlobal, kProject, kLocal };
constexpr std::array kConfigLevels = {ConfigLevel::kSystem, ConfigLevel::kGlobal, ConfigLevel::kProject,
                                      ConfigLevel::kLocal};

// DVC's configuration: .dvc/config and .dvc/config.local, the user's and the machine's.
class Config {
 public:
  // `dvc_folder` is a repository's .dvc; empty outside of one.
  static Result<Config> load(const Environment& environment, std::filesystem::path dvc_folder);

  // Takes a level's text from elsewhere, as if it stood in `file`.
  Result<void> take(ConfigLevel level, std::string_view text, std::filesystem::path file);

  // The strongest level's value; empty if none has it.
  std::string get(std::string_view kind, std::string_view name, std::string_view option) const;
  bool has(std::string_view kind, std::string_view name, std::string_view option) const;
  bool flag(std::string_view kind, std::string_view option) const;  // "true", "yes", "1", "on" in any case
  // All options of a section, merged over the levels.
  std::map<std::string, std::string> section(std::string_view kind, std::string_view name = {}) const;
  std::vector<std::string> remotes() const;

  // A path option (cache.dir, remote.X.url) as it is meant: relative to the file that says it, '~' expanded.
  // A URL stays as it is.
  std::string path(std::string_view kind, std::string_view name, std::string_view option) const;
  // One level's value, a path option as it is meant.
  std::string meant(ConfigLevel level, std::string_view kind, std::string_view name,
                    std::string_view option) const;

  const ConfigText& at(ConfigLevel level) const { return levels_[static_cast<size_t>(level)]; }
  ConfigText& at(ConfigLevel level) { return levels_[static_cast<size_t>(level)]; }
  const std::filesystem::path& file(ConfigLevel level) const { return files_[static_cast<size_t>(level)]; }
  // Writes one level's file. kNotFound outside of a repository for the two that belong to one.
  Result<void> save(ConfigLevel level) const;
  // How a path given on the command line is written into a level's file: relative to it, unless it is
  // absolute, begins with '~' or is a URL.
  std::string to_file(ConfigLevel level, const Environment& environment, std::string_view path) const;

 private:
  std::array<ConfigText, 4> levels_{};
  std::array<std::filesystem::path, 4> files_{};
  std::filesystem::path home_;
};

bool is_url(std::string_view text);  // "scheme://..."
// Options that hold a path.
bool is_path_option(std::string_view kind, std::string_view option);

}  // namespace penstock::datasets::dvc
