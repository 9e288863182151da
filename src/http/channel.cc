#include "http/channel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cassert>
#include <cstring>
#include <string>
#include <utility>

#include "http/tls.h"

namespace penstock::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

// The end of a pending read. If the loop is torn down instead, whoever waits for it is destroyed too: it
// would keep the channel, and the channel it, for ever.
struct Channel::ReadDone {
  std::shared_ptr<Channel> channel;

  explicit ReadDone(std::shared_ptr<Channel> c) : channel(std::move(c)) {}
  ReadDone(ReadDone&&) = default;
  ReadDone& operator=(ReadDone&&) = default;
  ReadDone(const ReadDone&) = delete;
  ReadDone& operator=(const ReadDone&) = delete;
  ~ReadDone() {
    if (channel) channel->abandon_reader();
  }

  void operator()(const error_code& failure, size_t bytes) {
    std::exchange(channel, nullptr)->on_read(failure, bytes);
  }
  // Readable, without a buffer so far.
  void operator()(const error_code& failure) {
    auto self = std::exchange(channel, nullptr);
    if (failure) return self->on_read(failure, 0);
    self->lean_ = false;
    self->reading_ = false;
    self->start_read(kBufferBytesMax);
  }
};

Channel::Channel(Loop& loop, Socket socket)
    : loop_(loop),
      socket_(std::move(socket)),
      read_deadline_(loop.deadlines, [this] { on_read_deadline(); }),
      write_deadline_(loop.deadlines, [this] { on_write_deadline(); }) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_NODELAY>(true), ignored);
}

Channel::~Channel() = default;

Task<bool> Channel::handshake(std::unique_ptr<TlsSession> session, int64_t timeout_ms) {
  tls_ = std::move(session);
  lean_ = false;
  write_deadline_.set_in_ms(timeout_ms);
  auto [failure] = co_await tls_->stream.async_handshake(tls_->role, kAwait);
  write_deadline_.clear();
  if (failure) tls_->failure = failure.message();
  co_return !failure;
}

const std::string& Channel::tls_failure() const { return tls_->failure; }

void Channel::consume(size_t bytes) {
  begin_ += bytes;  // never moved to the front here: a pending read knows only where the end was
}

Task<bool> Channel::more(int64_t timeout_ms, size_t bytes_max) {
  timed_out_ = false;
  if (!start_read(bytes_max)) co_return false;
  size_t before = end_ - begin_;
  read_deadline_.set_in_ms(timeout_ms);
  auto wait = [this](auto handler) { reader_ = std::move(handler); };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(wait, asio::use_awaitable);
  read_deadline_.clear();
  idle_rest_ms_ = 0;
  co_return end_ - begin_ > before;
}

Task<bool> Channel::more_when_idle(int64_t timeout_ms) {
  bool sheds = timeout_ms == 0 || timeout_ms > kShedAfterMs;
  idle_rest_ms_ = sheds ? std::max<int64_t>(timeout_ms - kShedAfterMs, -1) : 0;
  return more(sheds ? kShedAfterMs
                    : timeout_ms);  // no coroutine of its own: idle connections count every byte
}

void Channel::watch(std::move_only_function<void()> on_change) {
  on_change_ = std::move(on_change);
  start_read(kBufferBytesMax);
}

bool Channel::start_read(size_t bytes_max) {
  if (reading_) return true;
  if (ended_ || cut_) return false;
  if (lean_ && begin_ == end_) {
    reading_ = true;
    socket_.async_wait(Socket::wait_read, ReadDone(shared_from_this()));
    return true;
  }
  if (!make_room(bytes_max)) return false;
  reading_ = true;
  auto room = asio::buffer(buffer_.get() + end_, capacity_ - end_);
  if (tls_) {
    tls_->stream.async_read_some(room, ReadDone(shared_from_this()));
  } else {
    socket_.async_read_some(room, ReadDone(shared_from_this()));
  }
  return true;
}

bool Channel::make_room(size_t bytes_max) {
  size_t held = end_ - begin_;
  if (held == 0) begin_ = end_ = 0;
  size_t wanted = std::max(capacity_, kBufferBytes);
  if (held == 0 && filled_) wanted = std::max(wanted, kBufferBytesMax);
  if (held == wanted) wanted = std::min(2 * wanted, std::max(bytes_max, wanted));
  if (wanted > capacity_) {
    auto larger = loop_.buffers.take(wanted);
    if (held > 0) std::memcpy(larger.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
    capacity_ = wanted;
  } else if (begin_ > 0 && capacity_ - end_ < capacity_ / 4) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  } else {
    return end_ < capacity_;
  }
  begin_ = 0;
  end_ = held;
  return end_ < capacity_;
}

void Channel::on_read(const error_code& failure, size_t bytes) {
  reading_ = false;
  end_ += bytes;
  filled_ = bytes > 0 && end_ == capacity_;
  bool was_shedding = std::exchange(shedding_, false);
  if (failure == asio::error::operation_aborted && was_shedding && !timed_out_ && !cut_) {
    shed();
    start_read(kBufferBytesMax);
    return;
  }
  if (failure) note_end(failure);
  error_code ignored;
  if (stop_on_input_) socket_.cancel(ignored);  // only the waiting write can be pending
  report();
}

void Channel::note_end(const error_code& failure) {
  if (failure == asio::error::eof || failure == asio::ssl::error::stream_truncated) {
    ended_ = true;
    truncated_ = failure != asio::error::eof;
    watch_hang_up();
  } else if (!timed_out_) {
    cut_ = true;
  }
}

void Channel::abandon_reader() {
  auto reader = std::move(reader_);
  reader_ = nullptr;
}

// After the peer's FIN only the kernel's error and hang-up events can tell that it is gone for good.
void Channel::watch_hang_up() {
  socket_.async_wait(Socket::wait_error, [self = shared_from_this()](const error_code& failure) {
    if (failure || self->cut_) return;
    pollfd state{.fd = self->socket_.native_handle(), .events = 0, .revents = 0};
    if (::poll(&state, 1, 0) != 1 || (state.revents & (POLLHUP | POLLERR)) == 0) return;
    self->cut_ = true;
    self->report();
  });
}

void Channel::report() {
  if (reader_) {
    auto reader = std::move(reader_);
    reader_ = nullptr;
    reader();
  } else if (auto on_change = std::exchange(on_change_, nullptr)) {
    on_change();
  }
}

void Channel::shed() {
  if (tls_ || begin_ != end_ || capacity_ == 0) return;
  if (reading_) {
    if (lean_) return;
    shedding_ = true;
    error_code ignored;
    socket_.cancel(ignored);
    return;
  }
  buffer_.reset();
  capacity_ = begin_ = end_ = 0;
  lean_ = true;
}

void Channel::on_read_deadline() {
  if (int64_t rest = std::exchange(idle_rest_ms_, 0); rest != 0) {
    shed();
    read_deadline_.set_in_ms(rest);
    return;
  }
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Channel::on_write_deadline() {
  timed_out_ = true;
  if (ending_) return close();
  error_code ignored;
  socket_.cancel(ignored);
}

Task<bool> Channel::write(std::span<const asio::const_buffer> pieces, int64_t stall_ms, OnInput on_input) {
  if (cut_) co_return false;
  if (tls_) co_return co_await write_tls(pieces, stall_ms);
  // The kernel nearly always has room: no detour over the loop then.
  std::array<asio::const_buffer, 4> left{};
  assert(pieces.size() <= left.size());
  std::ranges::copy(pieces, left.begin());
  auto first = left.begin();
  while (true) {
    while (first != left.end() && first->size() == 0) ++first;
    if (first == left.end()) co_return true;
    error_code failure;
    size_t sent = socket_.write_some(std::span(first, left.end()), failure);
    if (failure == asio::error::would_block || failure == asio::error::try_again) {
      if (!co_await wait_writable(stall_ms, on_input)) co_return false;
      continue;
    }
    if (failure) co_return false;  // what the peer sent before it went can still be read
    for (; sent > 0 && sent >= first->size(); ++first) sent -= first->size();
    if (sent > 0) *first += sent;
  }
}

Task<bool> Channel::wait_writable(int64_t stall_ms, OnInput on_input) {
  if (on_input == OnInput::kStop && begin_ != end_) co_return false;
  stop_on_input_ = on_input == OnInput::kStop;
  timed_out_ = false;
  write_deadline_.set_in_ms(stall_ms);
  auto [failure] = co_await socket_.async_wait(Socket::wait_write, kAwait);
  write_deadline_.clear();
  stop_on_input_ = false;
  if (timed_out_) cut_ = true;
  co_return !failure && !cut_;
}

// Gathers small pieces into one record: TLS would send each by itself.
Task<bool> Channel::write_tls(std::span<const asio::const_buffer> pieces, int64_t stall_ms) {
  constexpr size_t kRecordBytes = 16 << 10;
  std::string record;
  for (const asio::const_buffer& buffer : pieces) {
    std::string_view piece(static_cast<const char*>(buffer.data()), buffer.size());
    while (!piece.empty()) {
      size_t taken = std::min(piece.size(), kRecordBytes - record.size());
      record.append(piece.substr(0, taken));
      piece.remove_prefix(taken);
      if (record.size() < kRecordBytes) break;
      if (!co_await write_record(record, stall_ms)) co_return false;
      record.clear();
    }
  }
  co_return record.empty() || co_await write_record(record, stall_ms);
}

Task<bool> Channel::write_record(std::string_view record, int64_t stall_ms) {
  timed_out_ = false;
  write_deadline_.set_in_ms(stall_ms);
  auto [failure, sent] = co_await asio::async_write(tls_->stream, asio::buffer(record), kAwait);
  write_deadline_.clear();
  if (failure) cut_ = true;
  co_return !failure;
}

Task<> Channel::end_output() {
  error_code ignored;
  if (cut_) co_return;
  if (tls_) {
    ending_ = true;
    write_deadline_.set_in_ms(kCloseNotifyMs);
    socket_.cancel(ignored);
    co_await tls_->stream.async_shutdown(kAwait);
    write_deadline_.clear();
    ending_ = false;
  }
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Channel::close() {
  cut_ = true;
  error_code ignored;
  socket_.close(ignored);
}

void Channel::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

}  // namespace penstock::http
