#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cstring>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/http_message.h"
#include "core/text.h"
#include "http/event_loops.h"
#include "http/listener.h"
#include "http/server.h"

// What the tests of this folder share: peers that say exactly what they are told, whatever HTTP thinks of it.
namespace penstock::http {

inline std::unique_ptr<EventLoops> test_loops(size_t count = 1) { return EventLoops::create(count).value(); }

// Runs `task` on a loop and waits for what it returns.
template <class T>
T run_on(EventLoops& loops, Task<T> task, size_t index = 0) {
  return boost::asio::co_spawn(loops.executor(index), std::move(task), boost::asio::use_future).get();
}

// A blocking socket. Reads give up after 20 s, so that a broken server fails a test instead of hanging it.
class RawPeer {
 public:
  explicit RawPeer(Descriptor fd) : fd_(std::move(fd)) {
    timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  // "127.0.0.1:1234" or "unix:/path"
  static RawPeer to(std::string_view address, int receive_buffer_bytes = 0) {
    bool is_unix = address.starts_with("unix:");
    Descriptor fd(::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer_bytes > 0) {
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    sockaddr_un local{.sun_family = AF_UNIX, .sun_path = {}};
    sockaddr_in internet{};
    if (is_unix) {
      std::memcpy(local.sun_path, address.data() + 5, address.size() - 5);
      ::connect(fd.get(), reinterpret_cast<sockaddr*>(&local), sizeof local);
    } else {
      internet.sin_family = AF_INET;
      internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size_t colon = address.rfind(':');
      internet.sin_port = htons(static_cast<uint16_t>(*parse_int(address.substr(colon + 1))));
      ::connect(fd.get(), reinterpret_cast<sockaddr*>(&internet), sizeof internet);
    }
    return RawPeer(std::move(fd));
  }

  // False if the other side is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Reads until `text` has come (kept: what follows it), or the end. What was read so far.
  std::string read_until(std::string_view text) {
    while (true) {
      if (size_t at = received_.find(text); at != std::string::npos) {
        std::string upto = received_.substr(0, at + text.size());
        received_.erase(0, upto.size());
        return upto;
      }
      if (!receive()) return std::exchange(received_, {});
    }
  }

  // Exactly one message with Content-Length (or none).
  std::string read_answer() {
    std::string head = read_until("\r\n\r\n");
    std::string lower = to_lower(head);
    size_t at = lower.find("content-length: ");
    if (at == std::string::npos) return head;
    std::string digits = lower.substr(at + 16, lower.find('\r', at) - at - 16);
    auto length = static_cast<size_t>(*parse_int(digits));
    while (received_.size() < length && receive()) {
    }
    std::string answer = head + received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }
  // Whether the last read ended by a reset rather than an end.
  bool was_reset() const { return was_reset_; }

  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_ = Descriptor(); }
  void reset() {
    linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  int fd() const { return fd_.get(); }

 private:
  bool receive() {
    char bytes[16384];
    ssize_t count = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (count > 0) received_.append(bytes, static_cast<size_t>(count));
    was_reset_ = count < 0 && errno == ECONNRESET;
    return count > 0;
  }

  Descriptor fd_;
  std::string received_;
  bool was_reset_ = false;
};

inline int status_of(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.1 ") || answer.size() < 12) return 0;
  return static_cast<int>(parse_int(answer.substr(9, 3)).value_or(0));
}

inline std::string body_of(std::string_view answer) {
  size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(answer.substr(end + 4));
}

// A server whose connections are served one after the other by a script.
class ScriptedServer {
 public:
  using Script = std::function<void(RawPeer& client, int connection)>;  // connections count from 0

  explicit ScriptedServer(Script script) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name);
    ::listen(listener_.get(), 16);
    address_ = name_of(listener_.get(), SocketSide::kLocal).text;
    thread_ = std::jthread([this, script = std::move(script)] {
      for (int connection = 0;; ++connection) {
        Descriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd.valid()) return;
        RawPeer client(std::move(fd));
        script(client, connection);
      }
    });
  }
  ~ScriptedServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  std::string url() const { return "http://" + address_; }

 private:
  Descriptor listener_;
  std::string address_;
  std::jthread thread_;
};

}  // namespace penstock::http
