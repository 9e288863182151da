#include "core/doomed_child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "core/file.h"

namespace penstock {

void Acknowledge::operator()(char what) const {
  if (::write(pipe_, &what, 1) != 1) std::abort();
}

std::string run_doomed_child(size_t count, const std::function<void(const Acknowledge&)>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) std::abort();
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    work(Acknowledge(writing.get()));
    _exit(0);
  }
  writing = UniqueFd();  // else the pipe would never end
  std::string received;
  std::array<char, 4096> buffer{};
  bool killed = false;
  while (true) {
    if (!killed && received.size() >= count) {
      kill(child, SIGKILL);
      killed = true;
    }
    ssize_t got = ::read(reading.get(), buffer.data(), killed ? buffer.size() : 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    received.append(buffer.data(), static_cast<size_t>(got));
  }
  int status = 0;
  waitpid(child, &status, 0);
  return received;
}

}  // namespace penstock
