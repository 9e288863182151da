#include "api/openai/models.h"

#include "core/json_writer.h"
#include "http/error_shape.h"

namespace penstock::api::openai {
namespace {

// `created` is required; for us it is when this gateway's routes came to be. A route of several targets is
// owned by its first.
void write_model(JsonWriter& json, std::string_view id, const gateway::Route& route,
                 const gateway::Setup& setup) {
  json.begin_object().field("id", id).field("object", "model");
  json.field("created", setup.created_at.us / 1'000'000);
  const gateway::Upstream& upstream = *route.targets.front().upstream;
  json.field("owned_by", upstream.is_engine() ? "penstock" : upstream.name).end_object();
}

}  // namespace

Task<> list_models(const gateway::Gateway& gateway, ResponseStream& out) {
  JsonWriter json;
  json.begin_object().field("object", "list").key("data").begin_array();
  std::shared_ptr<const gateway::Setup> setup = gateway.setup();
  for (const gateway::Route* route : setup->routes->named()) {
    write_model(json, route->config.name, *route, *setup);
  }
  json.end_array().end_object();
  Response response = Response::json(200, json.take());
  co_await out.send(std::move(response));
}

Task<> get_model(const gateway::Gateway& gateway, const Request& request, ResponseStream& out) {
  std::string_view name = request.param("model");
  std::shared_ptr<const gateway::Setup> setup = gateway.setup();
  const gateway::Route* route = setup->routes->find(name);
  Response response;
  if (route == nullptr) {
    response = http::openai_error(gateway::unknown_model(name));
  } else {
    JsonWriter json;
    write_model(json, name, *route, *setup);
    response = Response::json(200, json.take());
  }
  co_await out.send(std::move(response));
}

}  // namespace penstock::api::openai
