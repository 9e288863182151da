#include "api/openai/models.h"

#include <fmt/chrono.h>

#include <chrono>

#include "core/json_writer.h"
#include "http/error_shape.h"

namespace penstock::api::openai {
namespace {

// Anthropic's SDKs ask at the same path; they say which contract they mean.
enum class Contract : uint8_t { kOpenAi, kAnthropic };

Contract contract_of(const Request& request) {
  return request.headers.has("anthropic-version") ? Contract::kAnthropic : Contract::kOpenAi;
}

// A time of creation is required; for us it is when this gateway's routes came to be. A route of several
// targets is owned by its first.
void write_model(JsonWriter& json, Contract contract, std::string_view id, const gateway::Route& route,
                 const gateway::Setup& setup) {
  int64_t created_s = setup.created_at.us / 1'000'000;
  json.begin_object().field("id", id);
  if (contract == Contract::kAnthropic) {
    std::chrono::sys_seconds created{std::chrono::seconds(created_s)};
    json.field("type", "model").field("display_name", id).field("lifecycle", "active");
    json.field("created_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", created)).end_object();
    return;
  }
  const gateway::Upstream& upstream = *route.targets.front().upstream;
  json.field("object", "model").field("created", created_s);
  json.field("owned_by", upstream.is_engine() ? "penstock" : upstream.name).end_object();
}

}  // namespace

Task<> list_models(const gateway::Gateway& gateway, const Request& request, ResponseStream& out) {
  Contract contract = contract_of(request);
  std::shared_ptr<const gateway::Setup> setup = gateway.setup();
  std::vector<const gateway::Route*> named = setup->routes->named();
  JsonWriter json;
  json.begin_object();
  if (contract == Contract::kOpenAi) json.field("object", "list");
  json.key("data").begin_array();
  for (const gateway::Route* route : named) write_model(json, contract, route->config.name, *route, *setup);
  json.end_array();
  if (contract == Contract::kAnthropic) {
    json.field("has_more", false);
    json.optional_field("first_id", named.empty() ? std::string_view{} : named.front()->config.name);
    json.optional_field("last_id", named.empty() ? std::string_view{} : named.back()->config.name);
  }
  json.end_object();
  Response response = Response::json(200, json.take());
  co_await out.send(std::move(response));
}

Task<> get_model(const gateway::Gateway& gateway, const Request& request, ResponseStream& out) {
  std::string_view name = request.param("model");
  Contract contract = contract_of(request);
  std::shared_ptr<const gateway::Setup> setup = gateway.setup();
  const gateway::Route* route = setup->routes->find(name);
  Response response;
  if (route == nullptr) {
    Error unknown = gateway::unknown_model(name);
    response =
        contract == Contract::kAnthropic ? http::anthropic_error(unknown) : http::openai_error(unknown);
  } else {
    JsonWriter json;
    write_model(json, contract, name, *route, *setup);
    response = Response::json(200, json.take());
  }
  co_await out.send(std::move(response));
}

}  // namespace penstock::api::openai
