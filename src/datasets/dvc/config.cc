#include "datasets/dvc/config.h"

#include <algorithm>

#include "core/file.h"
#include "core/text.h"
#include "datasets/dvc/whole_file.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kConfigBytesMax = 1 << 20;

std::filesystem::path or_else(const std::string& given, const std::filesystem::path& fallback) {
  return given.empty() ? fallback : std::filesystem::path(given);
}

}  // namespace

bool is_url(std::string_view text) {
  size_t end = text.find("://");
  return end != std::string_view::npos && end > 0 &&
         text.substr(0, end).find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-") == std::string_view::npos;
}

bool is_path_option(std::string_view kind, std::string_view option) {
  constexpr std::string_view kOfRemote[] = {"url",
                                            "gdrive_user_credentials_file",
                                            "credentialpath",
                                            "configpath",
                                            "keyfile",
                                            "cert_path",
                                            "key_path",
                                            "gdrive_service_account_json_file_path"};
  if (kind == "cache") return option == "dir";
  return kind == "remote" && std::ranges::find(kOfRemote, option) != std::end(kOfRemote);
}

Result<Config> Config::load(const Environment& environment, std::filesystem::path dvc_folder) {
  Config config;
  config.home_ = environment.home();
  config.files_ = {
      or_else(environment.variable("DVC_SYSTEM_CONFIG_DIR"), "/etc/xdg/dvc") / "config",
      or_else(environment.variable("DVC_GLOBAL_CONFIG_DIR"), environment.user_config() / "dvc") / "config",
      dvc_folder.empty() ? dvc_folder : dvc_folder / "config",
      dvc_folder.empty() ? dvc_folder : dvc_folder / "config.local"};
  for (size_t i = 0; i < config.files_.size(); ++i) {
    if (config.files_[i].empty()) continue;
    Result<std::string> text = read_file(config.files_[i], kConfigBytesMax);
    if (!text && text.error().code == ErrorCode::kNotFound) continue;
    if (!text) return Failure(std::move(text).error());
    ASSIGN_OR_RETURN(config.levels_[i], ConfigText::parse(*text, config.files_[i].string()));
  }
  return config;
}

Result<void> Config::take(ConfigLevel level, std::string_view text, std::filesystem::path file) {
  ASSIGN_OR_RETURN(at(level), ConfigText::parse(text, file.string()));
  files_[static_cast<size_t>(level)] = std::move(file);
  return {};
}

std::string Config::get(std::string_view kind, std::string_view name, std::string_view option) const {
  for (size_t i = levels_.size(); i-- > 0;) {
    if (levels_[i].has(kind, name, option)) return levels_[i].get(kind, name, option);
  }
  return {};
}

bool Config::has(std::string_view kind, std::string_view name, std::string_view option) const {
  return std::ranges::any_of(levels_, [&](const ConfigText& level) { return level.has(kind, name, option); });
}

bool Config::flag(std::string_view kind, std::string_view option) const {
  std::string value = to_lower(get(kind, {}, option));
  return value == "true" || value == "yes" || value == "1" || value == "on";
}

std::map<std::string, std::string> Config::section(std::string_view kind, std::string_view name) const {
  std::map<std::string, std::string> merged;
  for (const ConfigText& level : levels_) {
    const ConfigText::Section* found = level.find(kind, name);
    if (found == nullptr) continue;
    for (const auto& [option, value] : found->options) merged[option] = value;
  }
  for (auto& [option, value] : merged) {
    if (is_path_option(kind, option)) value = path(kind, name, option);
  }
  return merged;
}

std::vector<std::string> Config::remotes() const {
  std::vector<std::string> names;
  for (const ConfigText& level : levels_) {
    for (const ConfigText::Section& section : level.sections) {
      if (section.kind == "remote" && std::ranges::find(names, section.name) == names.end())
        names.push_back(section.name);
    }
  }
  return names;
}

std::string Config::path(std::string_view kind, std::string_view name, std::string_view option) const {
  for (size_t i = levels_.size(); i-- > 0;) {
    if (levels_[i].has(kind, name, option)) return meant(kConfigLevels[i], kind, name, option);
  }
  return {};
}

std::string Config::meant(ConfigLevel level, std::string_view kind, std::string_view name,
                          std::string_view option) const {
  std::string value = at(level).get(kind, name, option);
  if (!is_path_option(kind, option) || value.empty() || is_url(value)) return value;
  if (value == "~" || value.starts_with("~/")) return home_.string() + value.substr(1);
  std::string plain = (file(level).parent_path() / value).lexically_normal().string();
  if (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain;
}

Result<void> Config::save(ConfigLevel level) const {
  const std::filesystem::path& path = file(level);
  if (path.empty()) return Failure(Error::not_found("config file error: Not inside a DVC repo"));
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  if (failure)
    return Failure(Error::internal("cannot make " + path.parent_path().string() + ": " + failure.message()));
  // What Git does not see may hold secrets.
  if (level == ConfigLevel::kLocal) return replace_file(path, at(level).text());
  return write_text_file(path, at(level).text());
}

std::string Config::to_file(ConfigLevel level, const Environment& environment, std::string_view path) const {
  std::filesystem::path given(path);
  if (is_url(path) || given.is_absolute() || path.starts_with('~')) return std::string(path);
  std::string relative = environment.absolute(given).lexically_relative(file(level).parent_path()).string();
  if (relative.size() > 1 && relative.ends_with('/')) relative.pop_back();
  return relative;
}

}  // namespace penstock::datasets::dvc
