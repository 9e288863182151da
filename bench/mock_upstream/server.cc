#include "bench/mock_upstream/server.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

namespace penstock::bench {
namespace {

constexpr size_t kReadBytes = 64 << 10;

// Bytes read, 0 at the end of input or an error, nullopt if nothing is there now.
std::optional<size_t> read_some(int fd, std::array<char, kReadBytes>& buffer) {
  const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  return count < 0 ? 0 : static_cast<size_t>(count);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options) {
  ASSIGN_OR_RETURN(EventLoop loop, EventLoop::create());
  ASSIGN_OR_RETURN(Fd listener, listen_on_loopback(options.port));
  ASSIGN_OR_RETURN(const uint16_t port, port_of(listener));
  std::unique_ptr<Server> server(new Server(std::move(loop), std::move(listener), options));
  server->port_ = port;
  server->loop_.watch(server->listener_.get(), EventLoop::Interest::kRead);
  return server;
}

void Server::run() {
  loop_.run([this](int fd) { ready(fd); });
}

Server::Connection* Server::find(int fd) {
  const auto index = static_cast<size_t>(fd);
  return index < connections_.size() ? connections_[index].get() : nullptr;
}

void Server::accept_all() {
  while (Fd fd = accept_from(listener_)) {
    const auto index = static_cast<size_t>(fd.get());
    if (connections_.size() <= index) connections_.resize(index + 1);
    loop_.watch(fd.get(), EventLoop::Interest::kRead);
    connections_[index] = std::make_unique<Connection>();
    connections_[index]->fd = std::move(fd);
    connections_[index]->slot = index;
    connections_[index]->serial = ++connections_made_;
  }
}

void Server::ready(int fd) {
  if (fd == listener_.get()) return accept_all();
  Connection* connection = find(fd);
  if (connection == nullptr || !flush(*connection)) return;
  read(*connection);
}

void Server::read(Connection& connection) {
  static std::array<char, kReadBytes> buffer;
  const auto count = read_some(connection.fd.get(), buffer);
  if (!count) return;
  if (*count == 0) return drop(connection);
  connection.unread.append(buffer.data(), *count);
  take_requests(connection);
}

void Server::take_requests(Connection& connection) {
  do {
    if (connection.answering || connection.hanging || connection.unread.empty()) return;
    connection.unread.erase(0, connection.reader.feed(connection.unread));
    if (connection.reader.broken()) return drop(connection);
    if (!connection.reader.complete()) return;
    connection.script = answer(connection, connection.reader.message());
    connection.reader.reset();
    connection.step = 0;
    connection.due_us = monotonic_us();
    connection.answering = true;
  } while (play(connection));
}

Script Server::answer(Connection& connection, const HttpMessage& message) {
  connection.entry = 0;
  Result<Call> read = Call::read(message, options_.tokens);
  if (!read) return error_answer(400, read.error().message);
  Call& call = *read;
  if (call.endpoint == Endpoint::kLedger) {
    return {{.bytes = http_answer(200, "application/json", ledger_.json()), .then = Then::kKeepAlive}};
  }
  if (call.endpoint == Endpoint::kLedgerClear) {
    ledger_.clear();
    return {{.bytes = http_answer(200, "application/json", "{}"), .then = Then::kKeepAlive}};
  }
  std::string id = "chatcmpl-mock";
  if (options_.keep_ledger) {
    const Ledger::Entry& entry = ledger_.open(call, message);
    connection.entry = entry.number;
    id = entry.answer_id;
  }
  const bool comes_right = call.fault.kind == FaultKind::kStatus && call.fault.number > 0 &&
                           ledger_.times_asked(call.model) > call.fault.number;
  if (comes_right) call.fault = {};
  return plan(call, id, {.pace_us = options_.pace_us});
}

bool Server::play(Connection& connection) {
  const int64_t now = monotonic_us();
  Then then = Then::kGoOn;
  while (then == Then::kGoOn && connection.due_us + connection.script[connection.step].wait_us <= now) {
    Step& step = connection.script[connection.step++];
    connection.due_us += step.wait_us;
    stamp(step.bytes, now);
    connection.out += step.bytes;
    then = step.then;
    if (connection.entry != 0) ledger_.sent(connection.entry, step.tokens, then == Then::kKeepAlive);
  }
  if (!flush(connection)) return false;
  if (then != Then::kGoOn) return apply(connection, then);
  const int64_t due_us = connection.due_us + connection.script[connection.step].wait_us;
  loop_.call_at(due_us, [this, fd = connection.fd.get(), serial = connection.serial] {
    Connection* same = find(fd);
    if (same != nullptr && same->serial == serial && play(*same)) take_requests(*same);
  });
  return false;
}

bool Server::apply(Connection& connection, Then then) {
  connection.answering = false;
  connection.hanging = then == Then::kHang;
  if (then == Then::kKeepAlive || then == Then::kHang) return true;
  if (then == Then::kReset) close_with_reset(std::move(connection.fd));
  drop(connection);
  return false;
}

bool Server::flush(Connection& connection) {
  if (connection.out.empty()) return true;
  const ssize_t count =
      ::send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EINTR) {
    drop(connection);
    return false;
  }
  if (count > 0) connection.out.erase(0, static_cast<size_t>(count));
  if (connection.out.empty() == connection.waits_to_write) {
    connection.waits_to_write = !connection.waits_to_write;
    using enum EventLoop::Interest;
    loop_.change(connection.fd.get(), connection.waits_to_write ? kReadWrite : kRead);
  }
  return true;
}

void Server::drop(Connection& connection) { connections_[connection.slot].reset(); }

}  // namespace penstock::bench
