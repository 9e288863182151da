#include "engine/answer_stream.h"

#include <utility>

#include "http/error_shape.h"

namespace penstock::engine {

void AnswerStream::add(std::string_view json) {
  pending_ += "data: ";
  pending_ += json;
  pending_ += "\n\n";
}

Task<Result<void>> AnswerStream::flush() {
  if (!out_.started()) {
    ResponseHead head{
        .status = 200,
        .headers = {{"content-type", "text/event-stream; charset=utf-8"}, {"cache-control", "no-cache"}}};
    CO_RETURN_IF_ERROR(co_await out_.start(std::move(head)));
  }
  if (pending_.empty()) co_return Result<void>();
  const std::string bytes = std::exchange(pending_, {});
  co_return co_await out_.write(bytes);
}

Task<Result<void>> AnswerStream::finish() {
  add("[DONE]");
  CO_RETURN_IF_ERROR(co_await flush());
  co_return co_await out_.finish();
}

Task<> AnswerStream::fail(Error error) {
  if (!out_.started()) {
    Response response = http::openai_error(error);
    co_await out_.send(std::move(response));
    co_return;
  }
  add(http::openai_error_json(error));
  co_await flush();
  out_.abort();
}

}  // namespace penstock::engine
