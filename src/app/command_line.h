#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock::app {

// What the process tells its parent. Stands in `penstock --help`.
enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,       // the work was tried and failed
  kUsage = 2,        // the command line is wrong
  kInvalid = 3,      // a configuration or an input file is wrong
  kUnreachable = 4,  // no server answers
};

struct Flag {
  std::string_view
      name;  // "data", given as --data VALUE or --data=VALUE, or -d VALUE if no other has its letter
  std::string_view value;  // what stands for its value in the help; empty: a switch
  std::string_view help;
  char letter = 0;  // its short name, where the first letter is not unique or not it
};

// The command line of one command, checked against its flags.
class Arguments {
 public:
  bool has(std::string_view flag) const { return flags_.contains(std::string(flag)); }
  std::string text(std::string_view flag, std::string_view fallback = {}) const;
  // kInvalidArgument when the value is not a whole number in [low, high].
  Result<int64_t> integer(std::string_view flag, int64_t fallback, int64_t low, int64_t high) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  friend class CommandLine;
  std::map<std::string, std::string> flags_;
  std::vector<std::string> positional_;
};

struct Command {
  std::string_view name;        // "serve" or "models import"
  std::string_view summary;     // one line
  std::string_view positional;  // "FILE", "[PROMPT]", or empty
  int positional_max = 0;
  std::vector<Flag> flags;
  std::string_view details;   // paragraphs; may be empty
  std::string_view examples;  // lines
  ExitCode (*run)(const Arguments& arguments);
};

// All commands of the binary, and everything that follows from their table: dispatch, help, completion.
class CommandLine {
 public:
  explicit CommandLine(std::vector<Command> commands) : commands_(std::move(commands)) {}

  ExitCode run(std::span<const std::string_view> arguments) const;

  // Of one command; kInvalidArgument names the unknown flag and the nearest known one.
  static Result<Arguments> parse(const Command& command, std::span<const std::string_view> arguments);

  std::string help() const;
  static std::string help(const Command& command);
  // A completion script for "bash" or "zsh"; kInvalidArgument for another shell.
  Result<std::string> completion(std::string_view shell) const;

 private:
  const Command* find(std::span<const std::string_view> arguments) const;
  ExitCode unknown(std::string_view name) const;

  std::vector<Command> commands_;
};

// Says `error` on standard error, as "penstock: ...", and gives the exit code that fits it.
ExitCode fail(const Error& error);

}  // namespace penstock::app
