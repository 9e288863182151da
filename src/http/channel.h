#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "core/task.h"
#include "http/loop.h"

namespace penstock::http {

// What runs on top of the socket; see tls.h.
struct TlsSession;

using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, LoopExecutor>;

// One connected byte stream, plain or TLS, for server and client. It reads ahead: `watch` keeps one read
// pending, so that the peer's end or reset is noticed while nobody waits for bytes, and what arrives is kept
// for later. Its buffer is there only while needed. Everything runs on the channel's loop; callbacks keep the
// channel alive.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  // One read. Beast's default of 512 bytes costs 40 % (cpp_style.md B2).
  static constexpr size_t kBufferBytes = BufferPool::kBlockBytes;
  static constexpr size_t kBufferBytesMax = 64 << 10;  // after a read that filled it

  Channel(Loop& loop, Socket socket);
  ~Channel();

  Loop& loop() { return loop_; }
  Socket& socket() { return socket_; }

  // Puts TLS on top, before anything else is read or written. False if the handshake fails or `timeout_ms`
  // passes; tls_failure() says why.
  Task<bool> handshake(std::unique_ptr<TlsSession> session, int64_t timeout_ms);
  const std::string& tls_failure() const;
  bool encrypted() const { return tls_ != nullptr; }

  // Bytes that have arrived and are not yet consumed. Valid until the next more(), watch() or consume().
  std::span<char> input() { return {buffer_.get() + begin_, end_ - begin_}; }
  std::string_view text() { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(size_t bytes);

  // Waits until input() has grown: true. False if it never will, if the buffer is full at `bytes_max`, or if
  // `timeout_ms` (0: none) passed first: timed_out().
  Task<bool> more(int64_t timeout_ms, size_t bytes_max = kBufferBytesMax);
  // The same between two messages: after a second the buffer is given back until bytes arrive (not under TLS,
  // whose own buffers are larger).
  Task<bool> more_when_idle(int64_t timeout_ms);

  // Keeps a read pending if there is room, without waiting. `on_change` is called once, when something has
  // arrived or the peer has ended or hung up while nobody waits in more(). Replaces the one before.
  void watch(std::move_only_function<void()> on_change);
  void unwatch() { on_change_ = nullptr; }

  bool ended() const { return ended_; }          // the peer sends no more; it may still read
  bool cut() const { return cut_; }              // reset, hung up or closed by us: nothing works any more
  bool timed_out() const { return timed_out_; }  // the last more(), write() or handshake()
  bool truncated() const { return truncated_; }  // ended without TLS's own end

  // Hands all bytes to the kernel, gathered. False: the peer is gone, took nothing for `stall_ms`, or, if
  // asked for, sent something meanwhile (an early answer).
  enum class OnInput : uint8_t { kIgnore, kStop };
  Task<bool> write(std::span<const boost::asio::const_buffer> pieces, int64_t stall_ms,
                   OnInput on_input = OnInput::kIgnore);

  // Ends our side properly (FIN, under TLS close_notify) so that the peer reads everything that was written.
  Task<> end_output();
  void close();  // both sides, at once; what waits returns false
  void reset();  // close() so that the peer sees an error (TCP RST)

 private:
  struct ReadDone;
  static constexpr int64_t kShedAfterMs = 1'000;
  static constexpr int64_t kCloseNotifyMs = 1'000;

  bool start_read(size_t bytes_max);
  bool make_room(size_t bytes_max);
  void on_read(const boost::system::error_code& failure, size_t bytes);
  void note_end(const boost::system::error_code& failure);
  void abandon_reader();
  void watch_hang_up();
  void report();
  void shed();
  void on_read_deadline();
  void on_write_deadline();
  Task<bool> wait_writable(int64_t stall_ms, OnInput on_input);
  Task<bool> write_tls(std::span<const boost::asio::const_buffer> pieces, int64_t stall_ms);
  Task<bool> write_record(std::string_view record, int64_t stall_ms);

  Loop& loop_;
  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
  Deadline read_deadline_;
  Deadline write_deadline_;
  std::move_only_function<void()> reader_;  // waits in more()
  std::move_only_function<void()> on_change_;

  BufferPool::Buffer buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool filled_ = false;  // the last read left no room: a larger buffer pays
  bool reading_ = false;
  bool lean_ = true;  // the next read waits for bytes before it takes a buffer
  bool shedding_ = false;
  bool stop_on_input_ = false;
  bool ending_ = false;
  int64_t idle_rest_ms_ = 0;  // of more_when_idle, after the buffer is shed
  bool ended_ = false;
  bool cut_ = false;
  bool timed_out_ = false;
  bool truncated_ = false;
};

}  // namespace penstock::http
