#include "api/anthropic/request_id_stream.h"

#include "core/json_fields.h"
#include "core/json_writer.h"

namespace penstock::api::anthropic {
namespace {

void name_request(ResponseHead& head) {
  std::string id(head.headers.get("x-request-id"));
  if (!id.empty()) head.headers.set("request-id", std::move(id));
}

}  // namespace

Task<Result<void>> RequestIdStream::send(Response response) {
  name_request(response.head);
  std::string_view id = response.head.headers.get("request-id");
  if (response.head.status >= 400 && !id.empty()) {
    auto fields = JsonFields::parse(response.body, "the error");
    if (fields && !fields->has("request_id")) {
      response.body = json_with(response.body, *fields, "request_id", json_quoted(id));
    }
  }
  return out_.send(std::move(response));
}

Task<Result<void>> RequestIdStream::start(ResponseHead head) {
  name_request(head);
  return out_.start(std::move(head));
}

}  // namespace penstock::api::anthropic
