#include "engine/engine_routes.h"

#include <utility>

#include "core/json_writer.h"
#include "engine/chat_handler.h"
#include "engine/embedding_handler.h"
#include "engine/engine_service.h"
#include "engine/text_handler.h"
#include "http/error_shape.h"

namespace penstock::engine {
namespace {

using ServiceHandler = Task<> (*)(EngineService&, Request&, ResponseStream&);

Task<> send(ResponseStream& out, Response response) { co_await out.send(std::move(response)); }

// `handler` with the service, once there is one.
Handler served(std::atomic<EngineService*>& service, ServiceHandler handler) {
  return [&service, handler](Request& request, ResponseStream& out) -> Task<> {
    EngineService* loaded = service.load(std::memory_order_acquire);
    if (loaded != nullptr) return handler(*loaded, request, out);
    constexpr int64_t kRetryAfterMs = 1'000;
    Error error = Error::unavailable("the model is being loaded");
    error.reason = "loading";
    error.retry_after_ms = kRetryAfterMs;
    return send(out, http::openai_error(error));
  };
}

void write_model(JsonWriter& json, const EngineService& service) {
  json.begin_object().field("id", service.name).field("object", "model").field("created", service.created_s);
  json.field("owned_by", "penstock");
  if (service.scheduler) json.field("max_model_len", service.scheduler->window_tokens());
  json.end_object();
}

Task<> list_models(EngineService& service, Request&, ResponseStream& out) {
  JsonWriter json;
  json.begin_object().field("object", "list").key("data").begin_array();
  write_model(json, service);
  json.end_array().end_object();
  return send(out, Response::json(200, json.take()));
}

Task<> get_model(EngineService& service, Request& request, ResponseStream& out) {
  Result<void> known = service.check_name(request.param("id"));
  if (!known) return send(out, http::openai_error(known.error()));
  JsonWriter json;
  write_model(json, service);
  return send(out, Response::json(200, json.take()));
}

Task<> get_health(EngineService&, Request&, ResponseStream& out) {
  return send(out, Response::json(200, R"({"status":"ok"})"));
}

Task<> get_metrics(EngineService& service, Request&, ResponseStream& out) {
  Response response = Response::text(200, service.metrics.render(service.name));
  response.head.headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8");
  return send(out, std::move(response));
}

}  // namespace

void add_routes(http::Router& router, std::atomic<EngineService*>& service) {
  struct Route {
    std::string_view method;
    std::string_view pattern;
    ServiceHandler handler;
  };
  constexpr Route kRoutes[] = {
      {"POST", "/v1/chat/completions", chat_completions},
      {"POST", "/v1/completions", text_completions},
      {"POST", "/v1/embeddings", embeddings},
      {"GET", "/v1/models", list_models},
      {"GET", "/v1/models/{id...}", get_model},
      {"GET", "/health", get_health},
      {"GET", "/metrics", get_metrics},
  };
  router.shape("/", http::openai_error);
  for (const Route& route : kRoutes) router.add(route.method, route.pattern, served(service, route.handler));
}

}  // namespace penstock::engine
