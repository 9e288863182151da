#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace penstock {

// A program that was started and must end before this object does. One thread.
class Subprocess {
 public:
  // Starts `program` (a path, never looked up) with `arguments`. It inherits the environment and standard
  // error; standard input and output are /dev/null. All signals are unblocked for it.
  static Result<Subprocess> start(const std::string& program, const std::vector<std::string>& arguments);

  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&&) = delete;
  ~Subprocess();  // kills it if it still runs

  pid_t pid() const { return pid_; }
  // Once it has ended: "exit status 1" or "killed by signal 9". Does not block.
  std::optional<std::string> poll();
  void signal(int number) const;

 private:
  explicit Subprocess(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  std::optional<std::string> ended_;
};

}  // namespace penstock
