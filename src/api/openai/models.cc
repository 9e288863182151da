#include "api/openai/models.h"

#include "core/json_writer.h"
#include "http/error_shape.h"

namespace penstock::api::openai {
namespace {

// `created` is required; for us it is when this gateway's routes came to be.
int64_t created_s(const gateway::Gateway& gateway) { return gateway.created_at().us / 1'000'000; }

void write_model(JsonWriter& json, std::string_view id, const gateway::Route& route, int64_t created) {
  json.begin_object().field("id", id).field("object", "model").field("created", created);
  json.field("owned_by", route.upstream->is_engine() ? "penstock" : route.upstream->name).end_object();
}

}  // namespace

Task<> list_models(const gateway::Gateway& gateway, ResponseStream& out) {
  JsonWriter json;
  json.begin_object().field("object", "list").key("data").begin_array();
  for (const gateway::Route* route : gateway.routes().named()) {
    write_model(json, route->name, *route, created_s(gateway));
  }
  json.end_array().end_object();
  Response response = Response::json(200, json.take());
  co_await out.send(std::move(response));
}

Task<> get_model(const gateway::Gateway& gateway, const Request& request, ResponseStream& out) {
  std::string_view name = request.param("model");
  const gateway::Route* route = gateway.routes().find(name);
  Response response;
  if (route == nullptr) {
    response = http::openai_error(gateway::unknown_model(name));
  } else {
    JsonWriter json;
    write_model(json, name, *route, created_s(gateway));
    response = Response::json(200, json.take());
  }
  co_await out.send(std::move(response));
}

}  // namespace penstock::api::openai
