#include "bench/net/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

namespace penstock::bench {
namespace {

constexpr int kBacklog = 4096;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Fd> listen_on_loopback(uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Failure(Error::from_errno(errno, "socket"));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = loopback(port);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return Failure(Error::from_errno(errno, "listening on 127.0.0.1:" + std::to_string(port)));
  }
  return fd;
}

Result<uint16_t> port_of(const Fd& listener) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return Failure(Error::from_errno(errno, "getsockname"));
  }
  return ntohs(address.sin_port);
}

Result<Fd> connect_to_loopback(uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return Failure(Error::from_errno(errno, "socket"));
  sockaddr_in address = loopback(port);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Failure(Error::from_errno(errno, "connecting to 127.0.0.1:" + std::to_string(port)));
  }
  send_at_once(fd.get());
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  return fd;
}

Fd accept_from(const Fd& listener) {
  Fd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) send_at_once(fd.get());
  return fd;
}

void close_with_reset(Fd connection) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

Result<void> write_port_file(const std::filesystem::path& path, uint16_t port) {
  std::filesystem::path staged = path;
  staged += ".new";
  std::ofstream file(staged);
  file << port << '\n';
  file.close();
  std::error_code failure;
  if (file) std::filesystem::rename(staged, path, failure);
  if (!file || failure) return Failure(Error::internal("cannot write the port to " + path.string()));
  return {};
}

}  // namespace penstock::bench
