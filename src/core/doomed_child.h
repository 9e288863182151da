#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace penstock {

// How a child of run_doomed_child says that something is done.
class Acknowledge {
 public:
  explicit Acknowledge(int pipe) : pipe_(pipe) {}
  void operator()(char what) const;  // said once this returns, whatever happens to the child

 private:
  int pipe_;
};

// For crash tests: runs `work` in a forked child and kills it (SIGKILL) as soon as it has acknowledged
// `count` times; it may also end by itself. Returns what it acknowledged, in order, including what came after
// the decision to kill. Call it while this process has one thread.
std::string run_doomed_child(size_t count, const std::function<void(const Acknowledge&)>& work);

}  // namespace penstock
