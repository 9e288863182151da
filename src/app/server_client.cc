#include "app/server_client.h"

#include <cstdlib>
#include <future>

#include "app/stores.h"
#include "core/task_group.h"
#include "http/client.h"

namespace penstock::app {
namespace {

constexpr size_t kAnswerBytesMax = 64 << 20;

std::string environment(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string(fallback) : std::string(value);
}

// The server's error as ours; its code only where a command needs it.
Error error_in(std::string_view body, int status) {
  ErrorCode code = status == 404 ? ErrorCode::kNotFound : ErrorCode::kUpstream;
  auto json = parse_json(body);
  const Json* error = json ? find(*json, "error") : nullptr;
  std::string message(error == nullptr ? std::string_view{} : string_at(*error, "message"));
  if (message.empty()) message = "the server answered with status " + std::to_string(status);
  return Error{.code = code, .message = std::move(message)};
}

// Runs `task` on the loop and waits for what it gives.
template <class T>
T wait_for(http::EventLoops& loops, Task<T> task) {
  std::promise<T> promise;
  std::future<T> outcome = promise.get_future();
  auto deliver = [](Task<T> inner, std::promise<T> to) -> Task<> { to.set_value(co_await std::move(inner)); };
  TaskGroup tasks;
  tasks.spawn(loops.executor(0), "command", deliver(std::move(task), std::move(promise)));
  T value = outcome.get();
  tasks.wait(INT32_MAX);
  return value;
}

Task<Result<std::string>> read_answer(Task<Result<std::unique_ptr<HttpAnswer>>> sending) {
  ASSIGN_OR_CO_RETURN(std::unique_ptr<HttpAnswer> answer, co_await std::move(sending));
  ASSIGN_OR_CO_RETURN(std::string body, co_await read_all(*answer, kAnswerBytesMax));
  if (answer->head().status >= 300) co_return Failure(error_in(body, answer->head().status));
  co_return body;
}

}  // namespace

Result<std::unique_ptr<ServerClient>> ServerClient::create(const Arguments& arguments) {
  std::unique_ptr<ServerClient> client(new ServerClient);
  std::string url = arguments.text("server", environment("PENSTOCK_URL", "http://127.0.0.1:8080"));
  if (arguments.has("data")) {
    ASSIGN_OR_RETURN(std::filesystem::path sockets, socket_directory(arguments.text("data")));
    url = "unix:" + (sockets / "admin.sock").string();
  }
  ASSIGN_OR_RETURN(client->endpoint_, Endpoint::parse(url));
  client->key_ = environment("PENSTOCK_KEY", "");
  ASSIGN_OR_RETURN(client->loops_, http::EventLoops::create(1, "command"));
  client->client_ = http::make_client(*client->loops_);
  return client;
}

Task<Result<std::unique_ptr<HttpAnswer>>> ServerClient::send(std::string_view method, std::string_view target,
                                                             std::string_view body) {
  HttpCall call{.method = method, .target = target, .body = body};
  if (!body.empty()) call.headers.add("content-type", "application/json");
  if (!key_.empty()) call.headers.add("authorization", "Bearer " + key_);
  auto answer = co_await client_->send(endpoint_, std::move(call));
  if (!answer && answer.error().code == ErrorCode::kUnavailable) {
    answer.error().message = "no server answers at " + endpoint_.text() + " (" + answer.error().message +
                             "); start one with: penstock serve";
  }
  co_return answer;
}

Result<Json> ServerClient::call(std::string_view method, std::string_view target, std::string_view body) {
  ASSIGN_OR_RETURN(std::string text, wait_for(*loops_, read_answer(send(method, target, body))));
  if (text.empty()) return Json();
  return parse_json(text);
}

Result<Json> ServerClient::get(std::string_view target) { return call("GET", target, {}); }
Result<Json> ServerClient::post(std::string_view target, std::string_view body) {
  return call("POST", target, body);
}

Task<Result<void>> ServerClient::read_events(std::string_view method, std::string_view target,
                                             std::string_view body, const OnEvent& on_event) {
  ASSIGN_OR_CO_RETURN(std::unique_ptr<HttpAnswer> answer, co_await send(method, target, body));
  if (answer->head().status != 200) {
    ASSIGN_OR_CO_RETURN(std::string refusal, co_await read_all(*answer, kAnswerBytesMax));
    co_return Failure(error_in(refusal, answer->head().status));
  }
  http::SseParser parser;
  bool wanted = true;
  Result<void> told;
  while (wanted && told) {
    ASSIGN_OR_CO_RETURN(std::string_view piece, co_await answer->read());
    if (piece.empty()) break;
    CO_RETURN_IF_ERROR(parser.feed(piece, [&](const http::SseEvent& event) {
      if (event.data.starts_with("{\"error\"")) told = Failure(error_in(event.data, 502));
      if (wanted && told) wanted = on_event(event);
    }));
  }
  co_return told;
}

Result<void> ServerClient::events(std::string_view method, std::string_view target, std::string_view body,
                                  OnEvent on_event) {
  return wait_for(*loops_, read_events(method, target, body, on_event));
}

}  // namespace penstock::app
