#include "app/command_line.h"

#include <algorithm>
#include <iostream>

#include "core/text.h"

namespace penstock::app {
namespace {

constexpr std::string_view kHelpFlag = "--help";

const Flag* find_flag(const Command& command, std::string_view name) {
  auto found = std::ranges::find(command.flags, name, &Flag::name);
  return found == command.flags.end() ? nullptr : &*found;
}

// The flag of "-o": the one that has that letter, or the only one that begins with it.
const Flag* find_short_flag(const Command& command, std::string_view word) {
  if (word.size() != 2 || word[0] != '-' || word[1] == '-') return nullptr;
  if (auto own = std::ranges::find(command.flags, word[1], &Flag::letter); own != command.flags.end())
    return &*own;
  auto begins = [&](const Flag& flag) { return flag.name.starts_with(word[1]); };
  auto found = std::ranges::find_if(command.flags, begins);
  return std::ranges::count_if(command.flags, begins) == 1 ? &*found : nullptr;
}

Error usage(const Command& command, std::string_view what) {
  return Error::invalid("", std::string(what) + "; see: penstock " + std::string(command.name) + " --help");
}

Error unknown_flag(const Command& command, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Flag& flag : command.flags) known.push_back(flag.name);
  std::string what = "unknown flag --" + std::string(name);
  if (std::string_view guess = nearest(name, known); !guess.empty()) {
    what += "; did you mean --" + std::string(guess) + "?";
  }
  return usage(command, what);
}

std::string padded(std::string_view text, size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size() + 1), ' ');
  return out;
}

std::string flag_usage(const Flag& flag) {
  std::string letter = flag.letter == 0 ? std::string() : std::string{'-', flag.letter, ',', ' '};
  return letter + "--" + std::string(flag.name) + (flag.value.empty() ? "" : " " + std::string(flag.value));
}

}  // namespace

std::string Arguments::text(std::string_view flag, std::string_view fallback) const {
  auto found = flags_.find(std::string(flag));
  return found == flags_.end() ? std::string(fallback) : found->second;
}

Result<int64_t> Arguments::integer(std::string_view flag, int64_t fallback, int64_t low, int64_t high) const {
  if (!has(flag)) return fallback;
  auto value = parse_int(text(flag));
  if (value && *value >= low && *value <= high) return *value;
  return Failure(Error::invalid(std::string(flag), "--" + std::string(flag) +
                                                       " must be a whole number from " + std::to_string(low) +
                                                       " to " + std::to_string(high)));
}

Result<Arguments> CommandLine::parse(const Command& command, std::span<const std::string_view> given) {
  Arguments arguments;
  bool only_positional = false;
  for (size_t i = 0; i < given.size(); ++i) {
    std::string_view word = given[i];
    const Flag* short_flag = only_positional ? nullptr : find_short_flag(command, word);
    if (only_positional || (!word.starts_with("--") && short_flag == nullptr)) {
      arguments.positional_.emplace_back(word);
      continue;
    }
    if (word == "--") {
      only_positional = true;
      continue;
    }
    size_t equals = word.find('=');
    std::string_view name = short_flag != nullptr
                                ? short_flag->name
                                : word.substr(2, equals == std::string_view::npos ? equals : equals - 2);
    const Flag* flag = find_flag(command, name);
    if (flag == nullptr) return Failure(unknown_flag(command, name));
    std::string value;
    if (equals != std::string_view::npos) {
      if (flag->value.empty()) return Failure(usage(command, "--" + std::string(name) + " takes no value"));
      value = word.substr(equals + 1);
    } else if (!flag->value.empty()) {
      if (++i == given.size()) return Failure(usage(command, flag_usage(*flag) + ": the value is missing"));
      value = given[i];
    }
    arguments.flags_[std::string(name)] = std::move(value);
  }
  if (arguments.positional_.size() > static_cast<size_t>(command.positional_max)) {
    return Failure(usage(command, "unexpected '" + arguments.positional_.back() + "'"));
  }
  return arguments;
}

const Command* CommandLine::find(std::span<const std::string_view> arguments) const {
  std::string two(arguments[0]);
  if (arguments.size() > 1) two.append(" ").append(arguments[1]);
  for (const std::string& name : {two, std::string(arguments[0])}) {
    auto found = std::ranges::find(commands_, name, &Command::name);
    if (found != commands_.end()) return &*found;
  }
  return nullptr;
}

ExitCode CommandLine::unknown(std::string_view name) const {
  std::vector<std::string_view> known;
  std::string group;
  for (const Command& command : commands_) {
    known.push_back(command.name);
    if (command.name.starts_with(std::string(name) + " "))
      group.append("  penstock ").append(command.name).append("\n");
  }
  if (!group.empty()) {
    std::cerr << "penstock " << name << " needs one more word:\n" << group;
    return ExitCode::kUsage;
  }
  std::cerr << "penstock: unknown command '" << name << "'";
  if (std::string_view guess = nearest(name, known); !guess.empty())
    std::cerr << "; did you mean '" << guess << "'?";
  std::cerr << "\nAll commands: penstock --help\n";
  return ExitCode::kUsage;
}

ExitCode CommandLine::run(std::span<const std::string_view> arguments) const {
  if (arguments.empty() || arguments[0] == kHelpFlag || arguments[0] == "help" || arguments[0] == "-h") {
    (arguments.empty() ? std::cerr : std::cout) << help();
    return arguments.empty() ? ExitCode::kUsage : ExitCode::kOk;
  }
  if (arguments[0] == "--version") return run(std::array{std::string_view("version")});
  if (arguments[0] == "completion") {
    Result<std::string> script = completion(arguments.size() > 1 ? arguments[1] : "");
    if (!script) return fail(script.error());
    std::cout << *script;
    return ExitCode::kOk;
  }
  const Command* command = find(arguments);
  if (command == nullptr) return unknown(arguments[0]);
  size_t words = static_cast<size_t>(std::ranges::count(command->name, ' ')) + 1;
  std::span<const std::string_view> rest = arguments.subspan(words);
  if (std::ranges::find(rest, kHelpFlag) != rest.end()) {
    std::cout << help(*command);
    return ExitCode::kOk;
  }
  Result<Arguments> parsed = parse(*command, rest);
  if (!parsed) {
    fail(parsed.error());
    return ExitCode::kUsage;
  }
  return command->run(*parsed);
}

std::string CommandLine::help() const {
  std::string out =
      "Penstock carries an LLM application from data to production and back.\n\n"
      "Usage: penstock COMMAND [--flag VALUE ...]\n\nCommands:\n";
  for (const Command& command : commands_) {
    out += "  " + padded(command.name, 18) + std::string(command.summary) + "\n";
  }
  out += "  " + padded("completion SHELL", 18) + "Print a completion script for bash or zsh\n";
  out +=
      "\nEvery command explains itself: penstock COMMAND --help\n\n"
      "Examples:\n"
      "  penstock serve                                  # gateway, platform API and web UI on "
      "127.0.0.1:8080\n"
      "  penstock chat 'Why is the sky blue?'            # ask the running server\n"
      "  eval \"$(penstock completion bash)\"              # complete commands and flags\n"
      "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 invalid configuration or input, 4 no server "
      "answers\n";
  return out;
}

std::string CommandLine::help(const Command& command) {
  std::string out = std::string(command.summary) + "\n\nUsage: penstock " + std::string(command.name);
  if (!command.flags.empty()) out += " [--flag VALUE ...]";
  if (!command.positional.empty()) out += " " + std::string(command.positional);
  out += "\n";
  if (!command.details.empty()) out += "\n" + std::string(command.details) + "\n";
  if (!command.flags.empty()) out += "\nFlags:\n";
  for (const Flag& flag : command.flags)
    out += "  " + padded(flag_usage(flag), 26) + std::string(flag.help) + "\n";
  return out + "\nExamples:\n" + std::string(command.examples) + "\n";
}

Result<std::string> CommandLine::completion(std::string_view shell) const {
  if (shell != "bash" && shell != "zsh") {
    return Failure(Error::invalid("", "completion is for bash or zsh: penstock completion bash"));
  }
  std::string script = shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  std::string first;
  std::string cases;
  for (const Command& command : commands_) {
    std::string_view head = command.name.substr(0, command.name.find(' '));
    if (!first.contains(std::string(" ") + std::string(head) + " "))
      first.append(" ").append(head).append(" ");
    std::string flags = kHelpFlag.data();
    for (const Flag& flag : command.flags) flags += " --" + std::string(flag.name);
    cases.append("    '").append(command.name).append("') words='").append(flags).append("' ;;\n");
  }
  script +=
      "_penstock() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" words=''\n"
      "  if [ \"$COMP_CWORD\" = 1 ]; then words='" +
      first + " completion help';\n  else\n  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n";
  for (std::string_view group : split(first, ' ')) {
    std::string subcommands;
    for (const Command& command : commands_) {
      if (command.name.starts_with(std::string(group) + " ")) {
        subcommands.append(command.name.substr(group.size() + 1)).append(" ");
      }
    }
    if (subcommands.empty()) continue;
    cases.append("    '").append(group).append("'*) words='").append(subcommands).append("' ;;\n");
  }
  for (const Command& command : commands_) {
    if (command.name.contains(' ')) continue;
    size_t at = cases.find("'" + std::string(command.name) + "')");
    if (at != std::string::npos) cases.insert(at + command.name.size() + 2, "*");
  }
  script += cases +
            "  esac\n  fi\n"
            "  COMPREPLY=( $(compgen -W \"$words\" -- \"$current\") )\n"
            "}\n"
            "complete -o default -F _penstock penstock\n";
  return script;
}

ExitCode fail(const Error& error) {
  std::cerr << "penstock: " << error.message << "\n";
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCorrupt:
      return ExitCode::kInvalid;
    case ErrorCode::kUnavailable:
      return ExitCode::kUnreachable;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace penstock::app
