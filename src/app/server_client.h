#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/command_line.h"
#include "core/http_client.h"
#include "core/json.h"
#include "http/event_loops.h"
#include "http/sse.h"

namespace penstock::app {

// How a command talks to a running server: --data, else --server, else $PENSTOCK_URL, else
// http://127.0.0.1:8080, with the key or API token in $PENSTOCK_KEY. Every call blocks. Errors are the
// server's own message, or kUnavailable when none answers.
class ServerClient {
 public:
  static constexpr Flag kServerFlag = {"server", "URL",
                                       "Server to ask (default $PENSTOCK_URL or http://127.0.0.1:8080)"};

  static Result<std::unique_ptr<ServerClient>> create(const Arguments& arguments);

  // The private socket of the server that has this data directory: whoever may open it is its owner.
  static constexpr Flag kDataFlag = {
      "data", "DIR", "Ask the server of this data directory over its private socket, as owner"};

  // Null where the answer has no body.
  Result<Json> call(std::string_view method, std::string_view target, std::string_view body);
  Result<Json> get(std::string_view target);
  Result<Json> post(std::string_view target, std::string_view body);

  // Reads events until the stream ends or `on_event` returns false. An `error` event ends it with that error.
  using OnEvent = std::function<bool(const http::SseEvent&)>;
  Result<void> events(std::string_view method, std::string_view target, std::string_view body,
                      OnEvent on_event);

  std::string server() const { return endpoint_.text(); }

 private:
  ServerClient() = default;
  Task<Result<std::unique_ptr<HttpAnswer>>> send(std::string_view method, std::string_view target,
                                                 std::string_view body);
  Task<Result<void>> read_events(std::string_view method, std::string_view target, std::string_view body,
                                 const OnEvent& on_event);

  Endpoint endpoint_;
  std::string key_;
  std::unique_ptr<http::EventLoops> loops_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace penstock::app
