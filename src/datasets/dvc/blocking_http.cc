#include "datasets/dvc/blocking_http.h"

#include <poll.h>

#include <future>

namespace penstock::datasets::dvc {
namespace {

constexpr int kTries = 3;
constexpr int kFirstWaitMs = 200;

// Every argument of both lives in the frame of once(), which waits.
Task<Result<HttpReply>> exchange(HttpClient& client, const Endpoint& endpoint, const HttpCall& call,
                                 const BlockingHttp::Sink& sink, bool& sunk) {
  HttpCall copy = call;
  ASSIGN_OR_CO_RETURN(std::unique_ptr<HttpAnswer> answer, co_await client.send(endpoint, std::move(copy)));
  HttpReply reply{.status = answer->head().status, .headers = answer->head().headers};
  bool to_sink = sink && reply.status >= 200 && reply.status < 300;
  while (true) {
    ASSIGN_OR_CO_RETURN(std::string_view piece, co_await answer->read());
    if (piece.empty()) co_return reply;
    if (to_sink) {
      sunk = true;
      CO_RETURN_IF_ERROR(sink(piece));
    } else if (reply.body.size() + piece.size() > BlockingHttp::kBodyBytesMax) {
      co_return Failure(
          Error{.code = ErrorCode::kTooLarge, .message = "an answer of " + endpoint.text() + " is too long"});
    } else {
      reply.body += piece;
    }
  }
}

Task<> run_call(HttpClient& client, const Endpoint& endpoint, const HttpCall& call,
                const BlockingHttp::Sink& sink, bool& sunk, std::promise<Result<HttpReply>>& done) {
  Result<HttpReply> reply = co_await exchange(client, endpoint, call, sink, sunk);
  done.set_value(std::move(reply));
}

bool is_worth_repeating(const Result<HttpReply>& reply) {
  if (reply) return reply->status == 429 || reply->status >= 500;
  ErrorCode code = reply.error().code;
  return code == ErrorCode::kUnavailable || code == ErrorCode::kUpstream ||
         code == ErrorCode::kDeadlineExceeded;
}

}  // namespace

Result<HttpReply> BlockingHttp::once(const Endpoint& endpoint, const HttpCall& call, const Sink& sink,
                                     bool& sunk) {
  std::promise<Result<HttpReply>> done;
  std::future<Result<HttpReply>> outcome = done.get_future();
  tasks_.spawn(executors_[next_++ % executors_.size()], "dvc remote",
               run_call(*client_, endpoint, call, sink, sunk, done));
  return outcome.get();
}

Result<HttpReply> BlockingHttp::call(const Endpoint& endpoint, const HttpCall& call, const Sink& sink) {
  bool sunk = false;
  for (int i = 1;; ++i) {
    Result<HttpReply> reply = once(endpoint, call, sink, sunk);
    if (i == kTries || sunk || !is_worth_repeating(reply)) return reply;
    ::poll(nullptr, 0, kFirstWaitMs << i);  // a transfer's own thread
  }
}

}  // namespace penstock::datasets::dvc
