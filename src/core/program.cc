#include "core/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/file.h"

extern char** environ;

namespace penstock {
namespace {

constexpr size_t kErrorBytesMax = 64 << 10;
constexpr size_t kReadBytes = 64 << 10;

struct Pipe {
  UniqueFd read;
  UniqueFd write;

  static Result<Pipe> create() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return Failure(Error::from_errno(errno, "cannot make a pipe"));
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  }
};

Result<pid_t> spawn(const ProgramCall& call, int out, int errors) {
  std::vector<char*> argv = {const_cast<char*>(call.program.c_str())};
  for (const std::string& argument : call.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  if (call.output == ProgramCall::Output::kCaptured) {
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, errors, 2);
  }
  if (!call.folder.empty()) posix_spawn_file_actions_addchdir_np(&files, call.folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  int failure = posix_spawnp(&pid, call.program.c_str(), &files, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) return Failure(Error::from_errno(failure, "cannot start " + call.program));
  return pid;
}

// Appends what is there; false once the other side has closed.
bool take(int fd, std::string& into, size_t bytes_max) {
  std::array<char, kReadBytes> buffer;
  ssize_t got = read(fd, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  // One byte beyond the limit tells that there was more.
  size_t room = bytes_max + 1 - std::min(bytes_max + 1, into.size());
  into.append(buffer.data(), std::min(static_cast<size_t>(got), room));
  return true;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<ProgramOutput> run_program(const ProgramCall& call) {
  ASSIGN_OR_RETURN(Pipe out, Pipe::create());
  ASSIGN_OR_RETURN(Pipe errors, Pipe::create());
  ASSIGN_OR_RETURN(pid_t pid, spawn(call, out.write.get(), errors.write.get()));
  out.write = UniqueFd();
  errors.write = UniqueFd();

  ProgramOutput said;
  std::array<pollfd, 2> open = {pollfd{out.read.get(), POLLIN, 0}, pollfd{errors.read.get(), POLLIN, 0}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (poll(open.data(), open.size(), -1) < 0) continue;
    if (open[0].revents != 0 && !take(open[0].fd, said.out, call.output_bytes_max)) open[0].fd = -1;
    if (open[1].revents != 0 && !take(open[1].fd, said.errors, kErrorBytesMax)) open[1].fd = -1;
    if (said.out.size() > call.output_bytes_max) {
      kill(pid, SIGKILL);
      wait_for(pid);
      return Failure(Error{
          .code = ErrorCode::kTooLarge,
          .message = call.program + " wrote more than " + std::to_string(call.output_bytes_max) + " bytes"});
    }
  }
  said.exit_status = wait_for(pid);
  return said;
}

}  // namespace penstock
