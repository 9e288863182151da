#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace penstock {

struct ProgramOutput {
  int exit_status = 0;   // 128 + signal where one ended it
  std::string out{};     // what it wrote to standard output
  std::string errors{};  // what it wrote to standard error, its first 64 KiB
};

struct ProgramCall {
  enum class Output : uint8_t {
    kCaptured,
    kInherited
  };  // inherited: this process's own, nothing is returned

  std::string program;                 // a path, or a name that is looked up in PATH
  std::vector<std::string> arguments;  // each reaches the program as it is: there is no shell
  std::filesystem::path folder{};      // where it runs; empty: here
  size_t output_bytes_max = 1 << 30;   // of standard output; above: kTooLarge
  Output output = Output::kCaptured;
};

// Runs a program to its end and returns what it said; blocks. Its standard input is /dev/null and it inherits
// the environment. kNotFound when there is no such program; an exit status other than 0 is no error here.
Result<ProgramOutput> run_program(const ProgramCall& call);

}  // namespace penstock
