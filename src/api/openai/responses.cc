#include "api/openai/responses.h"

#include "api/openai/parse.h"
#include "http/error_shape.h"
#include "http/sse.h"
#include "providers/responses_to_chat.h"

namespace penstock::api::openai {
namespace {

constexpr CallPath kResponses = {"/v1/responses", "responses", providers::Operation::kResponses, "input"};

struct AbsentPath {
  std::string_view method;
  std::string_view path;
};
constexpr AbsentPath kAbsent[] = {
    {"GET", "/v1/responses/{id}"},         {"DELETE", "/v1/responses/{id}"},
    {"POST", "/v1/responses/{id}/cancel"}, {"GET", "/v1/responses/{id}/input_items"},
    {"POST", "/v1/responses/compact"},     {"POST", "/v1/responses/input_tokens"},
};

// Before any event of the response: a stream that has events ends with one of its own, numbered like them.
std::string event_of(const Error& error) { return http::sse_event("error", http::openai_error_json(error)); }

Task<> respond(const gateway::Gateway& gateway, Request& request, ResponseStream& out) {
  gateway::Call call = begin_call(kResponses, request);
  call.errors.event = event_of;
  call.usage_asked = true;  // the contract always tells it
  Result<void> parsed = parse_call(kResponses, call);
  if (parsed) parsed = providers::check_stateless(call.fields);
  if (!parsed) {
    co_await gateway.refuse(call, parsed.error(), out);
  } else {
    co_await gateway.relay(call, out);
  }
}

Task<> say_absent(ResponseStream& out) {
  Error error{.code = ErrorCode::kNotImplemented,
              .message =
                  "this gateway stores no responses: each request is answered by itself, with the whole "
                  "conversation in its 'input'"};
  co_await out.send(http::openai_error(error));
}

}  // namespace

void register_responses(http::Router& router, const gateway::Gateway& gateway) {
  router.add("POST", kResponses.path,
             [&gateway](Request& request, ResponseStream& out) { return respond(gateway, request, out); });
  for (const AbsentPath& absent : kAbsent) {
    router.add(absent.method, absent.path, [](Request&, ResponseStream& out) { return say_absent(out); });
  }
}

}  // namespace penstock::api::openai
