#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

#include "core/result.h"

namespace penstock::bench {

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// All sockets are TCP on 127.0.0.1, non-blocking once connected, without Nagle's delay.
Result<Fd> listen_on_loopback(uint16_t port);  // port 0: a free one
Result<uint16_t> port_of(const Fd& listener);
Result<Fd> connect_to_loopback(uint16_t port);
Fd accept_from(const Fd& listener);  // empty when nobody waits

// Closes so that the peer sees a reset instead of the end of the stream.
void close_with_reset(Fd connection);

// Puts the port there whole or not at all, so that whoever waits for the file never reads half of it.
Result<void> write_port_file(const std::filesystem::path& path, uint16_t port);

}  // namespace penstock::bench
