// Commands for .dvc/config: config, remote, cache.

#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_repository.h"
#include "core/text.h"
#include "datasets/dvc/config.h"

namespace penstock::app {
namespace {

namespace dvc = datasets::dvc;
using dvc::ConfigLevel;

std::optional<ConfigLevel> level_of(const Arguments& arguments) {
  if (arguments.has("local")) return ConfigLevel::kLocal;
  if (arguments.has("project")) return ConfigLevel::kProject;
  if (arguments.has("global")) return ConfigLevel::kGlobal;
  if (arguments.has("system")) return ConfigLevel::kSystem;
  return std::nullopt;
}

Result<dvc::Config> load(const dvc::Environment& environment) {
  std::filesystem::path root = dvc::find_repository(environment.current_folder);
  return dvc::Config::load(environment, root.empty() ? root : root / ".dvc");
}

struct OptionName {
  std::string kind;
  std::string name;
  std::string option;
};

// "core.remote", "remote.origin.url"
Result<OptionName> parse_name(std::string_view text) {
  std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() == 2) return OptionName{to_lower(parts[0]), "", to_lower(parts[1])};
  if (parts.size() == 3 && (parts[0] == "remote" || parts[0] == "db"))
    return OptionName{to_lower(parts[0]), to_lower(parts[1]), to_lower(parts[2])};
  return Failure(Error::invalid("", "name argument should look like remote.name.option or section.option"));
}

Error absent(const OptionName& name) {
  return Error::not_found("config file error: option '" + name.option + "' doesn't exist in section '" +
                          (name.name.empty() ? name.kind : name.name) + "'");
}

void print_all(const dvc::Config& config, ConfigLevel level, const std::string& prefix) {
  for (const auto& section : config.at(level).sections) {
    for (const auto& [option, value] : section.options) {
      std::cout << prefix << section.kind << "." << (section.name.empty() ? "" : section.name + ".") << option
                << "=" << config.meant(level, section.kind, section.name, option) << "\n";
    }
  }
}

std::string origin(const dvc::Config& config, ConfigLevel level, const dvc::Environment& environment,
                   bool shown) {
  if (!shown) return {};
  bool inside = level == ConfigLevel::kProject || level == ConfigLevel::kLocal;
  std::filesystem::path root = dvc::find_repository(environment.current_folder);
  return (inside ? config.file(level).lexically_relative(root) : config.file(level)).string() + "\t";
}

Result<ExitCode> show_option(const dvc::Config& config, const Arguments& arguments,
                             const dvc::Environment& environment, const OptionName& name) {
  std::optional<ConfigLevel> level = level_of(arguments);
  for (size_t i = dvc::kConfigLevels.size(); i-- > 0;) {
    ConfigLevel candidate = dvc::kConfigLevels[i];
    if (level && *level != candidate) continue;
    if (!config.at(candidate).has(name.kind, name.name, name.option)) continue;
    std::cout << origin(config, candidate, environment, arguments.has("show-origin"))
              << config.meant(candidate, name.kind, name.name, name.option) << "\n";
    return ExitCode::kOk;
  }
  if (level) return Failure(absent(name));
  return ExitCode::kOk;
}

Result<ExitCode> work_config(const dvc::Environment& environment, const Arguments& arguments) {
  ASSIGN_OR_RETURN(dvc::Config config, load(environment));
  const std::vector<std::string>& words = arguments.positional();
  std::optional<ConfigLevel> level = level_of(arguments);
  if (arguments.has("list")) {
    for (ConfigLevel candidate : dvc::kConfigLevels) {
      if (!level || *level == candidate)
        print_all(config, candidate, origin(config, candidate, environment, arguments.has("show-origin")));
    }
    return ExitCode::kOk;
  }
  if (words.empty()) return missing_word(data_config_command());
  ASSIGN_OR_RETURN(OptionName name, parse_name(words[0]));
  if (words.size() == 1 && !arguments.has("unset")) return show_option(config, arguments, environment, name);
  ConfigLevel target = level.value_or(ConfigLevel::kProject);
  if (arguments.has("unset")) {
    if (!config.at(target).unset(name.kind, name.name, name.option)) return Failure(absent(name));
  } else {
    bool path = dvc::is_path_option(name.kind, name.option);
    if (name.kind == "cache" && name.option == "type") RETURN_IF_ERROR(dvc::parse_link_types(words[1]));
    config.at(target).set(name.kind, name.name, name.option,
                          path ? config.to_file(target, environment, words[1]) : words[1]);
  }
  RETURN_IF_ERROR(config.save(target));
  if (name.kind == "cache" && name.option == "type")
    environment.warn("the files keep the links they have until: penstock data checkout --relink");
  return ExitCode::kOk;
}

ExitCode run_config(const Arguments& arguments) {
  return with_data_environment(
      [&](const dvc::Environment& environment) { return work_config(environment, arguments); });
}

Error no_such_remote(const std::string& name) {
  return Error::not_found("config file error: remote '" + name + "' doesn't exist.");
}

Result<ExitCode> list_remotes(const dvc::Config& config, std::optional<ConfigLevel> level) {
  std::string standard =
      level ? config.at(*level).get("core", {}, "remote") : config.get("core", {}, "remote");
  for (const std::string& name : config.remotes()) {
    if (level && !config.at(*level).has("remote", name, "url")) continue;
    std::cout << name << "\t" << config.path("remote", name, "url") << (name == standard ? "\t(default)" : "")
              << "\n";
  }
  return ExitCode::kOk;
}

// Every level's core.remote that names one remote names another now; empty: none.
Result<void> rename_default(dvc::Config& config, const std::string& from, const std::string& to) {
  for (ConfigLevel level : dvc::kConfigLevels) {
    if (config.at(level).get("core", {}, "remote") != from) continue;
    if (to.empty()) {
      config.at(level).unset("core", {}, "remote");
    } else {
      config.at(level).set("core", {}, "remote", to);
    }
    RETURN_IF_ERROR(config.save(level));
  }
  return {};
}

Result<ExitCode> set_default(dvc::Config& config, const Arguments& arguments, ConfigLevel level) {
  const std::vector<std::string>& words = arguments.positional();
  if (words.size() < 2 && !arguments.has("unset")) {
    std::string name = config.get("core", {}, "remote");
    std::cout << (name.empty() ? "No default remote set" : name) << "\n";
    return name.empty() ? ExitCode::kFailed : ExitCode::kOk;
  }
  if (arguments.has("unset")) {
    config.at(level).unset("core", {}, "remote");
  } else if (!config.has("remote", to_lower(words[1]), "url")) {
    return Failure(Error::not_found("config file error: default remote must be present in remote list."));
  } else {
    config.at(level).set("core", {}, "remote", to_lower(words[1]));
  }
  RETURN_IF_ERROR(config.save(level));
  return ExitCode::kOk;
}

Result<ExitCode> add_remote(dvc::Config& config, const dvc::Environment& environment,
                            const Arguments& arguments, ConfigLevel level) {
  const std::vector<std::string>& words = arguments.positional();
  std::string name = to_lower(words[1]);
  if (config.at(level).find("remote", name) != nullptr && !arguments.has("force")) {
    return Failure(Error{.code = ErrorCode::kConflict,
                         .message = "config file error: remote '" + name +
                                    "' already exists. Use `-f|--force` to "
                                    "overwrite it."});
  }
  config.at(level).remove("remote", name);
  config.at(level).set("remote", name, "url", config.to_file(level, environment, words[2]));
  if (arguments.has("default")) {
    std::cout << "Setting '" << name << "' as a default remote.\n";
    config.at(level).set("core", {}, "remote", name);
  }
  RETURN_IF_ERROR(config.save(level));
  return ExitCode::kOk;
}

Result<ExitCode> modify_remote(dvc::Config& config, const dvc::Environment& environment,
                               const Arguments& arguments, ConfigLevel level) {
  const std::vector<std::string>& words = arguments.positional();
  std::string name = to_lower(words[1]);
  if (!config.has("remote", name, "url")) return Failure(no_such_remote(name));
  if (arguments.has("unset")) {
    config.at(level).unset("remote", name, words[2]);
  } else if (words.size() < 4) {
    return missing_word(data_remote_command());
  } else {
    bool path = dvc::is_path_option("remote", words[2]);
    config.at(level).set("remote", name, words[2],
                         path ? config.to_file(level, environment, words[3]) : words[3]);
  }
  RETURN_IF_ERROR(config.save(level));
  return ExitCode::kOk;
}

Result<ExitCode> work_remote(const dvc::Environment& environment, const Arguments& arguments) {
  ASSIGN_OR_RETURN(dvc::Config config, load(environment));
  const std::vector<std::string>& words = arguments.positional();
  std::string action = words.empty() ? "" : words[0];
  ConfigLevel level = level_of(arguments).value_or(ConfigLevel::kProject);
  if (action == "list") return list_remotes(config, level_of(arguments));
  if (action == "default") return set_default(config, arguments, level);
  if (action == "add" && words.size() == 3) return add_remote(config, environment, arguments, level);
  if (action == "modify" && words.size() >= 3) return modify_remote(config, environment, arguments, level);
  if (action == "remove" && words.size() == 2) {
    std::string name = to_lower(words[1]);
    if (!config.at(level).remove("remote", name)) return Failure(no_such_remote(name));
    RETURN_IF_ERROR(config.save(level));
    RETURN_IF_ERROR(rename_default(config, name, ""));
    return ExitCode::kOk;
  }
  if (action == "rename" && words.size() == 3) {
    std::string from = to_lower(words[1]);
    std::string to = to_lower(words[2]);
    if (config.has("remote", to, "url"))
      return Failure(
          Error{.code = ErrorCode::kConflict,
                .message = "config file error: Rename failed. Remote name '" + to + "' already exists."});
    const dvc::ConfigText::Section* section = config.at(level).find("remote", from);
    if (section == nullptr) return Failure(no_such_remote(from));
    dvc::ConfigText::Section renamed = *section;
    renamed.name = to;
    config.at(level).remove("remote", from);
    config.at(level).sections.push_back(std::move(renamed));
    RETURN_IF_ERROR(config.save(level));
    RETURN_IF_ERROR(rename_default(config, from, to));
    return ExitCode::kOk;
  }
  return missing_word(data_remote_command());
}

ExitCode run_remote(const Arguments& arguments) {
  return with_data_environment(
      [&](const dvc::Environment& environment) { return work_remote(environment, arguments); });
}

std::vector<Flag> level_flags(std::vector<Flag> more) {
  more.insert(more.end(), {{"project", "", "In .dvc/config (the default)"},
                           {"local", "", "In .dvc/config.local, which Git ignores"},
                           {"global", "", "In the user's own file"},
                           {"system", "", "In the machine's file"}});
  return more;
}

}  // namespace

Command data_config_command() {
  return {
      .name = "data config",
      .summary = "Show and set DVC's options",
      .positional = "[SECTION.OPTION [VALUE]]",
      .positional_max = 2,
      .flags = level_flags({{"unset", "", "Take the option out", 'u'},
                            {"list", "", "Show all", 'l'},
                            {"show-origin", "", "With the file that says it"}}),
      .examples = "  penstock data config cache.type reflink,hardlink,copy\n  penstock data config --list",
      .run = run_config};
}

Command data_remote_command() {
  return {.name = "data remote",
          .summary = "Show and change remotes",
          .positional =
              "add NAME URL | modify NAME OPTION [VALUE] | default [NAME] | list | remove NAME | "
              "rename NAME NEW",
          .positional_max = 4,
          .flags = level_flags({{"default", "", "With add: make it the default", 'd'},
                                {"unset", "", "With modify and default: take it out", 'u'},
                                kForceFlag}),
          .examples =
              "  penstock data remote add -d storage s3://bucket/path\n"
              "  penstock data remote modify --local storage secret_access_key \"$SECRET\"",
          .run = run_remote};
}

}  // namespace penstock::app
