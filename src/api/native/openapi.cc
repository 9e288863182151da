#include "api/native/openapi.h"

#include <algorithm>
#include <vector>

#include "api/native/route_table.h"
#include "api/native/schemas.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kInfoText =
    "Requests, statistics, models and health of one Penstock server. Times are microseconds since the Unix "
    "epoch, "
    "money is nano-USD. Unknown query parameters are refused by name.";

std::string reference(std::string_view schema) {
  return "{\"$ref\":\"#/components/schemas/" + std::string(schema) + "\"}";
}

void write_parameter_schema(JsonWriter& json, const Parameter& parameter) {
  json.key("schema").begin_object();
  switch (parameter.type) {
    case Parameter::Type::kInteger:
      json.field("type", "integer").field("minimum", parameter.minimum).field("maximum", parameter.maximum);
      if (parameter.fallback) json.field("default", *parameter.fallback);
      break;
    case Parameter::Type::kText:
      json.field("type", "string").field("maxLength", parameter.maximum);
      break;
    case Parameter::Type::kChoice:
      json.field("type", "string").key("enum").begin_array();
      for (std::string_view choice : parameter.choices) json.value(choice);
      json.end_array();
      break;
  }
  json.end_object();
}

// "id" of "{id}" and "{id...}".
std::string_view parameter_name(std::string_view segment) {
  return segment.substr(1, segment.size() - (segment.ends_with("...}") ? 5 : 2));
}

// The names in braces of a path.
void write_path_parameters(JsonWriter& json, std::string_view path) {
  for (std::string_view segment : split(path, '/')) {
    if (!segment.starts_with('{')) continue;
    json.begin_object().field("name", parameter_name(segment)).field("in", "path");
    json.field("required", true).raw_field("schema", R"({"type":"string"})").end_object();
  }
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  write_path_parameters(json, route.path);
  for (const Parameter& parameter : route.query) {
    json.begin_object().field("name", parameter.name).field("in", "query");
    json.field("description", parameter.description);
    write_parameter_schema(json, parameter);
    json.end_object();
  }
  json.end_array();
}

void write_success(JsonWriter& json, const Route& route) {
  json.key(std::to_string(route.success)).begin_object().field("description", route.summary);
  if (route.success == 204) {
    json.end_object();
    return;
  }
  json.key("content").begin_object().key(route.content_type).begin_object();
  json.raw_field("schema", route.schema.empty() ? R"({"type":"string"})" : reference(route.schema));
  if (route.stream != nullptr) {
    // OpenAPI 3.1 has no words for the events of a stream.
    json.key("x-events").begin_object().raw_field("request", reference("RequestSummary"));
    json.raw_field("dropped", reference("Dropped")).end_object();
  }
  json.end_object().end_object().end_object();
}

void write_error(JsonWriter& json, std::string_view status, const Route& route) {
  json.key(status).begin_object().field("description", "An error.").key("content").begin_object();
  // The API's errors are JSON; /health answers its word with 503, too.
  bool is_text = !route.path.starts_with("/api/");
  json.key(is_text ? route.content_type : "application/json").begin_object();
  json.raw_field("schema", is_text ? R"({"type":"string"})" : reference("Error"));
  json.end_object().end_object().end_object();
}

void write_body(JsonWriter& json, const Route& route) {
  if (route.body.empty()) return;
  json.key("requestBody").begin_object().field("required", true).key("content").begin_object();
  json.key("application/json").begin_object().raw_field("schema", reference(route.body));
  json.end_object().end_object().end_object();
}

// Which roles may call it; a route for everybody has none and no security.
void write_access(JsonWriter& json, const Route& route) {
  if (route.needs == access::Capability::kOpen) {
    json.key("security").begin_array().end_array();
    return;
  }
  json.field("x-needs", access::capability_name(route.needs)).key("x-roles").begin_array();
  for (access::Role role : {access::Role::kClient, access::Role::kViewer, access::Role::kAnnotator,
                            access::Role::kDeveloper, access::Role::kAdmin, access::Role::kOwner}) {
    if (access::may(role, route.needs)) json.value(access::role_name(role));
  }
  json.end_array();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.key(to_lower(method_name(route.method))).begin_object();
  json.field("operationId", route.operation).field("summary", route.summary);
  write_access(json, route);
  write_parameters(json, route);
  write_body(json, route);
  json.key("responses").begin_object();
  write_success(json, route);
  for (std::string_view status : split(route.error_statuses, ' ')) {
    if (!status.empty()) write_error(json, status, route);
  }
  if (route.needs != access::Capability::kOpen) {
    write_error(json, "401", route);
    write_error(json, "403", route);
  }
  json.end_object().end_object();
}

}  // namespace

// OpenAPI has no word for a parameter that takes the rest of a path.
std::string documented_path(std::string_view path) {
  if (!path.ends_with("...}")) return std::string(path);
  return std::string(path.substr(0, path.size() - 4)) + "}";
}

namespace {

// Each path once, with all of its methods.
void write_paths(JsonWriter& json) {
  std::vector<std::string_view> paths;
  for (const Route& route : routes()) {
    if (std::ranges::find(paths, route.path) == paths.end()) paths.push_back(route.path);
  }
  for (std::string_view path : paths) {
    json.key(documented_path(path)).begin_object();
    for (const Route& route : routes()) {
      if (route.path == path) write_operation(json, route);
    }
    json.end_object();
  }
}

void write_security(JsonWriter& json) {
  json.raw_field("securitySchemes",
                 R"({"bearer":{"type":"http","scheme":"bearer","description":"A key or an API token."},)"
                 R"("session":{"type":"apiKey","in":"cookie","name":"penstock_session"}})");
}

}  // namespace

std::string openapi_json(std::string_view version) {
  JsonWriter json;
  json.begin_object().field("openapi", "3.1.0").key("info").begin_object();
  json.field("title", "Penstock native API").field("version", version).field("description", kInfoText);
  json.key("license")
      .begin_object()
      .field("name", "Apache-2.0")
      .field("identifier", "Apache-2.0")
      .end_object();
  json.end_object().key("paths").begin_object();
  write_paths(json);
  json.end_object().raw_field("security", R"([{"bearer":[]},{"session":[]}])");
  json.key("components").begin_object().key("schemas").begin_object();
  for (const Schema& schema : schemas()) json.raw_field(schema.name, schema.json);
  json.end_object();
  write_security(json);
  return json.end_object().end_object().take();
}

}  // namespace penstock::api::native
