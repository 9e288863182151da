#include "bench/mock_upstream/server.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

#include "bench/mock_upstream/refusal.h"

namespace penstock::bench {
namespace {

constexpr size_t kReadBytes = 64 << 10;

bool shows_key(const HttpMessage& message, std::string_view key) {
  return message.header("authorization").ends_with(key) || message.header("x-api-key") == key;
}

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

Script Server::ledger_answer(const HttpMessage& message) {
  const bool brief = message.start_line.find("bodies=0") != std::string::npos;
  const std::string json = ledger_.json(brief ? Ledger::Detail::kNone : Ledger::Detail::kAll);
  if (Place::of(message.start_line).endpoint == Endpoint::kLedgerClear) ledger_.clear();
  return {{.bytes = http_answer(200, kJsonType, json), .then = Then::kKeepAlive}};
}

Script Server::answer(Connection& connection, const HttpMessage& message) {
  connection.entry = 0;
  Result<Call> read = Call::read(message, options_.tokens);
  if (!read) {
    Behaviour behaviour;
    if (Place::of(message.start_line).protocol == Protocol::kAnthropic) behaviour.words = Words::kAnthropic;
    return status_answer(behaviour, 400, read.error().message);
  }
  Call& call = *read;
  if (call.endpoint == Endpoint::kLedger || call.endpoint == Endpoint::kLedgerClear) {
    return ledger_answer(message);
  }
  if (!options_.refused_key.empty() && shows_key(message, options_.refused_key)) {
    call.behaviour.fault = {.kind = FaultKind::kStatus, .status = 401};
  }
  if (!options_.keep_ledger) return plan(call, "mock", {.pace_us = options_.pace_us});
  if (ledger_.times_asked(call.model) >= call.behaviour.faulty_first && call.behaviour.faulty_first > 0) {
    call.behaviour.fault = {};
  }
  const Ledger::Entry& entry = ledger_.open(call, message);
  connection.entry = entry.number;
  return plan(call, entry.answer_id, {.pace_us = options_.pace_us});
}

bool Server::play(Connection& connection) {
  const int64_t now = monotonic_us();
  Then then = Then::kGoOn;
  while (then == Then::kGoOn && connection.due_us + connection.script[connection.step].wait_us <= now) {
    Step& step = connection.script[connection.step++];
    connection.due_us += step.wait_us;
    stamp(step.bytes, now);
    connection.out += step.bytes;
    connection.out_bytes += step.bytes.size();
    then = step.then;
    const Ledger::Sent sent = {step.tokens, step.reasoning, then == Then::kKeepAlive};
    const bool worth_telling = sent.complete || sent.tokens + sent.reasoning > 0;
    if (connection.entry != 0 && worth_telling) {
      connection.marks.push_back({connection.out_bytes, connection.entry, sent});
    }
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
  if (count > 0) {
    connection.out.erase(0, static_cast<size_t>(count));
    connection.sent_bytes += static_cast<uint64_t>(count);
    tell_ledger(connection);
  }
  if (connection.out.empty() == connection.waits_to_write) {
    connection.waits_to_write = !connection.waits_to_write;
    using enum EventLoop::Interest;
    loop_.change(connection.fd.get(), connection.waits_to_write ? kReadWrite : kRead);
  }
  return true;
}

void Server::tell_ledger(Connection& connection) {
  while (!connection.marks.empty() && connection.marks.front().end <= connection.sent_bytes) {
    ledger_.sent(connection.marks.front().entry, connection.marks.front().sent);
    connection.marks.pop_front();
  }
}

void Server::drop(Connection& connection) {
  const bool unfinished = connection.answering || connection.hanging || !connection.marks.empty();
  if (connection.entry != 0 && unfinished) ledger_.peer_left(connection.entry);
  connections_[connection.slot].reset();
}

}  // namespace penstock::bench
