#include "http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/basic_descriptor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "core/log.h"
#include "core/text.h"

namespace penstock::http {
namespace {

namespace asio = boost::asio;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr int kBacklog = 4096;       // the kernel lowers it to net.core.somaxconn
constexpr int kAcceptBatchMax = 64;  // before other work of the loop gets its turn
constexpr int64_t kOutOfDescriptorsMs = 100;

Error cannot_listen(std::string_view address, int error_number) {
  ErrorCode code = ErrorCode::kInternal;
  if (error_number == EADDRINUSE) code = ErrorCode::kConflict;
  if (error_number == EADDRNOTAVAIL || error_number == EACCES || error_number == ENOENT) {
    code = ErrorCode::kInvalidArgument;
  }
  return Error{.code = code,
               .message = "cannot listen on " + std::string(address) + ": " + std::strerror(error_number),
               .field = "listen"};
}

Error bad_address(std::string_view address) {
  return Error::invalid("listen", "'" + std::string(address) +
                                      "' is no address to listen on; write 127.0.0.1:8080, " +
                                      "[::1]:8080 or unix:/path");
}

Result<Descriptor> bind_and_listen(std::string_view address, const sockaddr* name, socklen_t length,
                                   mode_t mode) {
  Descriptor fd(::socket(name->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Failure(cannot_listen(address, errno));
  int on = 1;
  if (name->sa_family != AF_UNIX) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (name->sa_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // Before bind: Linux gives the socket file this mode, so it is never open to others, not even briefly.
  if (name->sa_family == AF_UNIX && ::fchmod(fd.get(), mode) != 0)
    return Failure(cannot_listen(address, errno));
  if (::bind(fd.get(), name, length) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return Failure(cannot_listen(address, errno));
  }
  return fd;
}

// A socket file that nobody listens on any more.
bool is_left_over(const sockaddr_un& name, socklen_t length) {
  struct stat file{};
  if (::lstat(name.sun_path, &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0 &&
         errno == ECONNREFUSED;
}

Result<Descriptor> listen_unix(std::string_view address, std::string_view path) {
  sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.empty()) return Failure(bad_address(address));
  if (path.size() >= sizeof name.sun_path) {
    return Failure(Error::invalid("listen", "the socket path '" + std::string(path) + "' is longer than " +
                                                std::to_string(sizeof name.sun_path - 1) + " bytes"));
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  socklen_t length = sizeof name;
  if (is_left_over(name, length)) ::unlink(name.sun_path);
  return bind_and_listen(address, reinterpret_cast<const sockaddr*>(&name), length, 0600);
}

Result<Descriptor> listen_tcp(std::string_view address) {
  size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return Failure(bad_address(address));
  std::string host(address.substr(0, colon));
  std::string port(address.substr(colon + 1));
  auto number = parse_int(port);
  if (!number || *number < 0 || *number > 65535) return Failure(bad_address(address));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return Failure(bad_address(address));
  }
  if (host == "localhost") host = "127.0.0.1";
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int failure = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); failure != 0) {
    return Failure(Error::invalid(
        "listen", "cannot listen on " + std::string(address) + ": " + ::gai_strerror(failure)));
  }
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  return bind_and_listen(address, addresses->ai_addr, addresses->ai_addrlen, 0);
}

bool is_shortage(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

struct Listener::Socket {
  Socket(Loop& loop, Descriptor fd) : descriptor(loop.io.get_executor(), fd.release()), pause(loop.io) {}

  asio::posix::basic_stream_descriptor<LoopExecutor> descriptor;
  asio::steady_timer pause;
  OnConnection on_connection;
  std::string address;
  std::string unix_path;
};

Result<std::shared_ptr<Listener>> Listener::open(Loop& loop, std::string_view address,
                                                 OnConnection on_connection) {
  bool is_unix = address.starts_with("unix:");
  ASSIGN_OR_RETURN(Descriptor fd, is_unix ? listen_unix(address, address.substr(5)) : listen_tcp(address));
  std::string bound = is_unix ? std::string(address) : name_of(fd.get(), SocketSide::kLocal).text;
  auto socket = std::make_unique<Socket>(loop, std::move(fd));
  socket->on_connection = std::move(on_connection);
  socket->address = std::move(bound);
  if (is_unix) socket->unix_path = address.substr(5);
  return std::shared_ptr<Listener>(new Listener(std::move(socket)));
}

Listener::Listener(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
Listener::~Listener() = default;

const std::string& Listener::address() const { return socket_->address; }

Task<> Listener::run() {
  auto self = shared_from_this();
  while (socket_->descriptor.is_open()) {
    auto [failure] = co_await socket_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, kAwait);
    if (failure) break;
    if (accept_batch()) continue;
    log_warn("no connection can be accepted for want of descriptors or memory",
             {{"listen", socket_->address}});
    socket_->pause.expires_after(std::chrono::milliseconds(kOutOfDescriptorsMs));
    co_await socket_->pause.async_wait(kAwait);
  }
}

// False when the system is short of something.
bool Listener::accept_batch() {
  for (int i = 0; i < kAcceptBatchMax; ++i) {
    Descriptor connection(
        ::accept4(socket_->descriptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.valid()) {
      socket_->on_connection(std::move(connection));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (is_shortage(errno)) {
      return false;
    }  // others concern only that connection (accept(2))
  }
  return true;
}

void Listener::stop() {
  boost::system::error_code ignored;
  socket_->descriptor.close(ignored);
  socket_->pause.cancel();
  if (!socket_->unix_path.empty()) ::unlink(socket_->unix_path.c_str());
}

SocketName name_of(int fd, SocketSide side) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  auto* address = reinterpret_cast<sockaddr*>(&name);
  int failure =
      side == SocketSide::kLocal ? ::getsockname(fd, address, &length) : ::getpeername(fd, address, &length);
  if (failure != 0) return {};
  if (name.ss_family == AF_UNIX) return {.host = {}, .text = "unix"};
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  constexpr int kNumeric = NI_NUMERICHOST | NI_NUMERICSERV;
  if (::getnameinfo(address, length, host.data(), host.size(), port.data(), port.size(), kNumeric) != 0)
    return {};
  std::string text = host.data();
  if (name.ss_family == AF_INET6) text = "[" + text + "]";
  return {.host = host.data(), .text = text + ":" + port.data()};
}

}  // namespace penstock::http
