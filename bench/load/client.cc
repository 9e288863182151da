#include "bench/load/client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace penstock::bench {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr std::string_view kNumber = "@N@";
constexpr int64_t kErrorsMax = 1000;  // gives up: the server is not there, or the request is wrong
constexpr int64_t kReconnectsMax = 100'000;

std::string numbered(std::string body, int64_t number) {
  for (size_t at = body.find(kNumber); at != std::string::npos; at = body.find(kNumber, at)) {
    body.replace(at, kNumber.size(), std::to_string(number));
  }
  return body;
}

bool is_stream(const HttpMessage& message) {
  return message.header("content-type").starts_with("text/event-stream");
}

}  // namespace

Result<Report> Client::run(const LoadOptions& options) {
  ASSIGN_OR_RETURN(EventLoop loop, EventLoop::create());
  Client client(std::move(loop), options);
  const int64_t started = monotonic_us();
  client.counted_from_us_ = started + options.warm_up_us;
  for (int64_t i = 0; i < options.connections; ++i) RETURN_IF_ERROR(client.open_connection());
  if (options.rate > 0) {
    client.next_due_us_ = static_cast<double>(monotonic_us());
    client.ask_what_is_due();
  }
  const int64_t deadline = options.duration_us == 0 ? 0 : client.counted_from_us_ + options.duration_us;
  client.loop_.run(
      [&client](int fd) {
        client.ready(fd);
        client.broken_.clear();
      },
      deadline);
  client.report_.elapsed_us = std::max<int64_t>(1, monotonic_us() - client.counted_from_us_);
  return std::move(client.report_);
}

Result<void> Client::open_connection() {
  ASSIGN_OR_RETURN(Fd fd, connect_to_loopback(options_.port));
  const auto index = static_cast<size_t>(fd.get());
  if (connections_.size() <= index) connections_.resize(index + 1);
  loop_.watch(fd.get(), EventLoop::Interest::kRead);
  connections_[index] = std::make_unique<Connection>();
  connections_[index]->fd = std::move(fd);
  begin(*connections_[index]);
  return {};
}

void Client::begin(Connection& connection) {
  if (options_.rate == 0) return ask(connection, monotonic_us());
  if (due_.empty()) return idle_.push_back(&connection);
  const int64_t due_us = due_.front();
  due_.pop_front();
  ask(connection, due_us);
}

void Client::ask_what_is_due() {
  const auto now = static_cast<double>(monotonic_us());
  for (; next_due_us_ <= now; next_due_us_ += 1e6 / options_.rate) {
    const auto due_us = static_cast<int64_t>(next_due_us_);
    if (idle_.empty()) {
      due_.push_back(due_us);
      continue;
    }
    Connection& connection = *idle_.back();
    idle_.pop_back();
    ask(connection, due_us);
  }
  loop_.call_at(static_cast<int64_t>(next_due_us_), [this] { ask_what_is_due(); });
}

void Client::ask(Connection& connection, int64_t due_us) {
  const std::string body = numbered(options_.body, ++asked_);
  connection.out = fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
      options_.path, options_.port, body.size());
  for (const std::string& header : options_.headers) connection.out.append(header).append("\r\n");
  connection.out.append("\r\n").append(body);
  connection.reader.reset();
  connection.events.reset();
  connection.content_us = 0;
  connection.done = false;
  connection.sent_us = due_us;
  flush(connection);
}

// Requests are small against a socket's buffer; what does not fit goes with the next readiness.
void Client::flush(Connection& connection) {
  const ssize_t count =
      ::send(connection.fd.get(), connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
  if (count > 0) connection.out.erase(0, static_cast<size_t>(count));
  loop_.change(connection.fd.get(),
               connection.out.empty() ? EventLoop::Interest::kRead : EventLoop::Interest::kReadWrite);
}

void Client::ready(int fd) {
  static std::array<char, kReadBytes> buffer;
  Connection* connection = connections_[static_cast<size_t>(fd)].get();
  if (connection == nullptr) return;
  if (!connection->out.empty()) flush(*connection);
  const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const int64_t now = monotonic_us();
  if (count <= 0 && connection->reader.idle() && report_.reconnects++ < kReconnectsMax)
    return replace(*connection);
  if (count <= 0) {
    connection->reader.end_of_input();
    return connection->reader.complete() ? complete(*connection, now)
                                         : fail(*connection, "the connection was cut");
  }
  connection->reader.feed(std::string_view(buffer.data(), static_cast<size_t>(count)));
  if (connection->reader.broken()) return fail(*connection, "the answer is not HTTP");
  if (connection->reader.has_head() && is_stream(connection->reader.message())) read_events(*connection, now);
  if (connection->reader.complete()) complete(*connection, now);
}

void Client::read_events(Connection& connection, int64_t now) {
  const bool counted = counting();
  while (const auto event = connection.events.next(connection.reader.message().body)) {
    connection.done = connection.done || event->is_done();
    if (!counted) continue;
    ++report_.events;
    if (!event->has_content()) continue;
    if (const auto stamp = event->stamp_us()) report_.event_delay.push_back(now - *stamp);
    if (connection.content_us == 0) {
      report_.first_content.push_back(now - connection.sent_us);
    } else {
      report_.between_content.push_back(now - connection.content_us);
    }
    connection.content_us = now;
  }
}

void Client::complete(Connection& connection, int64_t now) {
  const HttpMessage& message = connection.reader.message();
  if (message.start_line.find(" 200") == std::string::npos) {
    return fail(connection, message.start_line + ": " + message.body.substr(0, 300));
  }
  if (is_stream(message) && !connection.done) return fail(connection, "a stream ended without [DONE]");
  if (now >= counted_from_us_) {
    ++report_.requests;
    report_.latency.push_back(now - connection.sent_us);
    report_.output_tokens += last_number(message.body, "completion_tokens");
  }
  if (options_.requests > 0 && report_.requests >= options_.requests) return loop_.stop();
  begin(connection);
}

void Client::fail(Connection& connection, const std::string& why) {
  if (report_.errors++ == 0) report_.first_error = why;
  if (report_.errors > kErrorsMax) return loop_.stop();
  replace(connection);
}

void Client::replace(Connection& connection) {
  std::erase(idle_, &connection);
  broken_.push_back(std::move(connections_[static_cast<size_t>(connection.fd.get())]));
  connection.fd = Fd();
  if (!open_connection()) loop_.stop();
}

}  // namespace penstock::bench
