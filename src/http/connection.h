#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/cancel.h"
#include "core/http_message.h"
#include "http/answer_writer.h"
#include "http/channel.h"
#include "http/request_parser.h"
#include "http/server.h"
#include "http/tls.h"

namespace penstock::http {

class Connection;

// The server's part on one loop. Counters may be read from anywhere, the rest only there.
struct ServerShard {
  explicit ServerShard(Loop& shard_loop) : loop(shard_loop) {}

  Loop& loop;
  std::unordered_set<Connection*> connections;
  std::atomic<int64_t> open = 0;  // raised when a connection is handed over
  std::atomic<int64_t> total = 0;
  std::atomic<int64_t> requests = 0;
  std::atomic<int64_t> refused = 0;
};

// What all connections of a server share; immutable but for `draining`.
struct ServerTerms {
  ServerOptions options;
  Handler handler;
  PathErrorShape shape;
  std::atomic<bool> draining = false;
};

struct ConnectionOrigin {
  std::string peer;           // for Request::peer
  std::string bound_address;  // see check_host
  TlsContext tls;             // null: plain
};

// One client's connection: reads requests and has them answered in order until it ends. Lives in the frame of
// its own task, on its loop.
class Connection {
 public:
  Connection(const ServerTerms& terms, ServerShard& shard, std::shared_ptr<Channel> channel,
             ConnectionOrigin origin);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<> serve();

  void drain();  // ends at once if idle, else after the present answer
  void cut();    // ends at once; the handler's token is cancelled

 private:
  static constexpr int64_t kLingerMs = 30'000;     // reading what a refused client still sends,
  static constexpr int64_t kLingerIdleMs = 5'000;  // as long as it sends

  // kEnd: the connection is over before a request began. kRefused: `refusal_` says why.
  enum class Got : uint8_t { kRequest, kEnd, kRefused };
  Task<Got> read_request(Request& request);
  Task<Got> read_head(Request& request);
  Task<Got> read_body();
  std::optional<int64_t> streamed_body_max(const Request& request) const;
  bool admit(const Request& request);
  Got refuse_for(Refusal refusal);
  Got unfinished(std::string_view part);
  Task<bool> answer(Request& request);
  Task<> call_handler(Request& request, AnswerWriter& out);
  Task<> call_streaming_handler(Request& request, AnswerWriter& out);
  Task<> refuse(const Request& request);
  Task<> linger();
  AnswerTerms answer_terms(const Request& request) const;
  void watch();
  void on_change();
  void on_grace_over();

  const ServerTerms& terms_;
  ServerShard& shard_;
  std::shared_ptr<Channel> channel_;
  ConnectionOrigin origin_;
  RequestParser parser_;
  CancelSource disconnect_;
  Deadline half_close_grace_;
  std::unique_ptr<Refusal> refusal_;
  AnswerWriter* answering_ = nullptr;
  uint64_t writes_seen_ = 0;
  int64_t answered_in_a_row_ = 0;
  bool body_unread_ = false;  // of the present request, whose handler takes it as a stream
  bool idle_ = false;
};

}  // namespace penstock::http
