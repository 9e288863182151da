#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/task.h"
#include "http/loop.h"

namespace penstock::http {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

// A listening socket that hands accepted connections on. On one loop.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using OnConnection = std::function<void(Descriptor connection)>;

  // See Server::listen for `address` and errors. Blocks briefly (name lookup): not on a loop.
  static Result<std::shared_ptr<Listener>> open(Loop& loop, std::string_view address,
                                                OnConnection on_connection);
  ~Listener();

  const std::string& address() const;  // with the real port

  // Accepts until stop(). Out of descriptors: waits a little and tries again.
  Task<> run();
  void stop();

 private:
  struct Socket;
  explicit Listener(std::unique_ptr<Socket> socket);
  bool accept_batch();

  std::unique_ptr<Socket> socket_;
};

// "127.0.0.1" and its port, "[::1]:80" for the whole; "unix" for a Unix socket.
struct SocketName {
  std::string host;  // empty for a Unix socket
  std::string text;
};
enum class SocketSide : uint8_t { kLocal, kPeer };
SocketName name_of(int fd, SocketSide side);

}  // namespace penstock::http
