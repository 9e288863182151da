#include "api/mlflow/message.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/form.h"
#include "core/json_ascii.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

constexpr std::string_view kSeeDocs = " See the API docs for more information about request parameters.";

// Where a value stands, told only when it is wrong: "metrics[3].key".
struct Place {
  const Place* above = nullptr;
  std::string_view name;
  std::optional<size_t> index{};

  std::string text() const {
    std::string path = above == nullptr ? "" : above->text();
    if (index) return path + "[" + std::to_string(*index) + "]";
    if (!path.empty()) path += '.';
    return path + std::string(name);
  }
};

// What Python calls the type of a JSON value; MLflow's hints name it.
std::string_view python_type(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "NoneType";
    case boost::json::kind::bool_:
      return "bool";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "int";
    case boost::json::kind::double_:
      return "float";
    case boost::json::kind::string:
      return "str";
    case boost::json::kind::array:
      return "list";
    case boost::json::kind::object:
      return "dict";
  }
  return "object";
}

Error wrong_type(const Place& place, const Json& value) {
  return invalid_value(place.text(), value,
                       " Hint: Value was of type '" + std::string(python_type(value)) + "'.");
}

// "run_id" -> "runId", as protobuf's JSON spells it.
std::string json_name(std::string_view name) {
  std::string out;
  bool upper = false;
  for (char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

// Gives members of protobuf's spelling the field's own name.
Result<void> adopt_json_names(const Message& message, JsonObject& object) {
  for (const Field& field : message.fields) {
    if (!field.name.contains('_')) continue;
    std::string spelled = json_name(field.name);
    Json* value = object.if_contains(spelled);
    if (value == nullptr) continue;
    if (object.contains(field.name)) {
      return Failure(Error::invalid(spelled, "Request specifies both '" + std::string(field.name) +
                                                 "' and '" + spelled + "'; provide only one of them."));
    }
    Json taken = std::move(*value);
    object.erase(spelled);
    object.emplace(field.name, std::move(taken));
  }
  return {};
}

void adopt_older_name(const Field& field, JsonObject& object) {
  const Json* value = object.if_contains(field.name);
  bool absent = value == nullptr || value->is_null() || (value->is_string() && value->get_string().empty());
  const Json* older = object.if_contains(field.instead);
  if (absent && older != nullptr) object[field.name] = Json(*older);
}

std::optional<int64_t> as_integer(const Json& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_string()) {
    std::string_view text = value.get_string();
    bool negative = text.starts_with('-');
    auto number = parse_int(text.substr(negative ? 1 : 0));
    return number && negative ? std::optional(-*number) : number;
  }
  constexpr double kLimit = 9223372036854774784.0;  // the greatest double below 2^63
  if (value.is_double() && std::abs(value.get_double()) <= kLimit &&
      value.get_double() == std::trunc(value.get_double())) {
    return static_cast<int64_t>(value.get_double());
  }
  return std::nullopt;
}

std::optional<double> as_double(const Json& value) {
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  std::string_view text = value.get_string();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return parse_number(text);
}

bool is_string_map(const Json& value) {
  const JsonObject* object = value.if_object();
  return object != nullptr &&
         std::ranges::all_of(*object, [](const auto& m) { return m.value().is_string(); });
}

Error unknown_name(const Place& place, const Field& field, const Json& value) {
  std::string names;
  for (std::string_view name : field.names) names.append(names.empty() ? "" : ", ").append(name);
  return invalid_value(place.text(), value, "It must be one of " + names + ".");
}

Result<void> take_enum(const Place& place, const Field& field, Json& value) {
  if (value.is_string()) {
    std::string_view name = value.get_string();
    if (std::ranges::find(field.names, name) != field.names.end()) return {};
  }
  auto number = as_integer(value);
  if (number && *number >= 1 && std::cmp_less_equal(*number, field.names.size())) {
    value = field.names[static_cast<size_t>(*number - 1)];
    return {};
  }
  return Failure(value.is_string() ? unknown_name(place, field, value) : wrong_type(place, value));
}

Result<void> check(const Place* place, const Message& message, JsonObject& object);

// One value that is there; numbers are brought into one form.
Result<void> check_value(const Place& place, const Field& field, Json& value) {
  auto wrong = [&] { return Failure(wrong_type(place, value)); };
  switch (field.type) {
    case Type::kString:
      if (!value.is_string()) return wrong();
      return {};
    case Type::kInt64: {
      auto number = as_integer(value);
      if (!number) return wrong();
      value = *number;
      return {};
    }
    case Type::kDouble: {
      auto number = as_double(value);
      if (!number) return wrong();
      value = *number;
      return {};
    }
    case Type::kBool:
      if (!value.is_bool()) return wrong();
      return {};
    case Type::kEnum:
      return take_enum(place, field, value);
    case Type::kMessage:
      if (!value.is_object()) return wrong();
      return check(&place, *field.message, value.get_object());
    case Type::kStringMap:
      if (!is_string_map(value)) return wrong();
      return {};
    case Type::kValue:
      return {};
  }
  return {};
}

Result<void> check_field(const Place& place, const Field& field, Json* value) {
  bool required = field.count == Count::kRequired || field.count == Count::kManyRequired;
  bool absent = value == nullptr || value->is_null();
  bool empty = !absent && value->is_string() && value->get_string().empty();
  if (required && (absent || empty)) return Failure(missing_value(place.text()));
  if (absent) return {};
  if (field.count != Count::kMany && field.count != Count::kManyRequired) {
    return check_value(place, field, *value);
  }
  JsonArray* items = value->if_array();
  if (items == nullptr) return Failure(wrong_type(place, *value));
  for (size_t i = 0; i < items->size(); ++i) {
    RETURN_IF_ERROR(check_value({.above = &place, .name = {}, .index = i}, field, (*items)[i]));
  }
  return {};
}

// Bounded by the depth of the message's table.
Result<void> check(const Place* above, const Message& message, JsonObject& object) {
  auto known = std::ranges::count_if(message.fields, [&](const Field& f) { return object.contains(f.name); });
  if (std::cmp_less(known, object.size())) RETURN_IF_ERROR(adopt_json_names(message, object));
  for (const Field& field : message.fields) {
    if (!field.instead.empty()) adopt_older_name(field, object);
    Place place{.above = above, .name = field.name};
    RETURN_IF_ERROR(check_field(place, field, object.if_contains(field.name)));
  }
  return {};
}

const Field* find_field(const Message& message, std::string_view name) {
  auto found = std::ranges::find(message.fields, name, &Field::name);
  return found == message.fields.end() ? nullptr : &*found;
}

Result<Json> checked(Json document, const Message& message, PathValues path) {
  JsonObject& object = document.get_object();
  for (const auto& [name, value] : path) {
    if (find_field(message, name) != nullptr) object[name] = value;
  }
  RETURN_IF_ERROR(check(nullptr, message, object));
  return document;
}

Result<Json> query_value(const Field& field, std::string text) {
  if (!is_valid_utf8(text)) {
    return Failure(Error::invalid(std::string(field.name),
                                  "Parameter '" + std::string(field.name) + "' must be valid UTF-8."));
  }
  if (field.type != Type::kBool) return Json(text);
  std::string lower = to_lower(text);
  if (lower == "true" || lower == "false") return Json(lower == "true");
  return Failure(Error::invalid(std::string(field.name),
                                "Invalid boolean value: " + text + ", must be 'true' or 'false'."));
}

}  // namespace

Error invalid_value(const std::string& path, const Json& value, std::string_view why) {
  constexpr size_t kShownBytesMax = 1024;
  std::string shown;
  if (value.is_string()) {
    shown = json_quoted_ascii(std::string_view(value.get_string()));
  } else if (value.is_double()) {
    append_json_number(shown, value.get_double());
  } else {
    shown = to_json(value);
  }
  if (shown.size() > kShownBytesMax) shown = std::string(utf8_prefix(shown, kShownBytesMax)) + "...";
  std::string message = "Invalid value " + shown + " for parameter '" + path + "' supplied: ";
  return Error::invalid(path, message.append(why).append(kSeeDocs));
}

Error missing_value(const std::string& path) {
  std::string message = "Missing value for required parameter '" + path + "'.";
  return Error::invalid(path, message.append(kSeeDocs));
}

Result<Json> read_body(std::string_view body, const Message& message, PathValues path) {
  if (trim(body).empty()) return checked(Json(JsonObject()), message, path);
  auto document = parse_json(body, {.bytes_max = kBodyBytesMax, .depth_max = kBodyDepthMax});
  if (!document) {
    Error error = std::move(document).error();
    error.message = "The request body: " + error.message;
    return Failure(std::move(error));
  }
  // Old clients encode the document twice.
  if (document->is_string()) {
    std::string inner(document->get_string());
    ASSIGN_OR_RETURN(*document, parse_json(inner, {.bytes_max = kBodyBytesMax, .depth_max = kBodyDepthMax}));
  }
  if (document->is_null()) *document = JsonObject();
  if (!document->is_object()) {
    return Failure(Error::invalid("", "The request body must be a JSON object, got a value of type '" +
                                          std::string(python_type(*document)) + "'."));
  }
  return checked(std::move(*document), message, path);
}

Result<Json> read_query(std::string_view query, const Message& message, PathValues path) {
  JsonObject object;
  for (auto& [name, text] : form_pairs(query)) {
    auto is_meant = [&](const Field& f) { return f.name == name || (!name.empty() && f.instead == name); };
    auto field = std::ranges::find_if(message.fields, is_meant);
    if (field == message.fields.end()) continue;
    ASSIGN_OR_RETURN(Json value, query_value(*field, std::move(text)));
    if (field->count == Count::kMany || field->count == Count::kManyRequired) {
      Json& list = object[name];
      if (!list.is_array()) list = JsonArray();
      list.get_array().push_back(std::move(value));
    } else if (!object.contains(name)) {
      object.emplace(name, std::move(value));
    }
  }
  return checked(Json(std::move(object)), message, path);
}

const Message* Fields::nested(std::string_view name) const {
  const Field* field = find_field(*message_, name);
  return field == nullptr ? nullptr : field->message;
}

const Json* Fields::json(std::string_view name) const {
  const Json* value = object_->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Fields::has(std::string_view name) const { return json(name) != nullptr; }

std::string_view Fields::text(std::string_view name, std::string_view fallback) const {
  const Json* value = json(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : fallback;
}

int64_t Fields::integer(std::string_view name, int64_t fallback) const {
  const Json* value = json(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : fallback;
}

double Fields::number(std::string_view name, double fallback) const {
  const Json* value = json(name);
  return value != nullptr && value->is_double() ? value->get_double() : fallback;
}

bool Fields::flag(std::string_view name, bool fallback) const {
  const Json* value = json(name);
  return value != nullptr && value->is_bool() ? value->get_bool() : fallback;
}

std::optional<Fields> Fields::message(std::string_view name) const {
  const Json* value = json(name);
  const Message* type = nested(name);
  if (value == nullptr || type == nullptr || !value->is_object()) return std::nullopt;
  return Fields(*type, value->get_object());
}

std::vector<Fields> Fields::messages(std::string_view name) const {
  const Json* value = json(name);
  const Message* type = nested(name);
  std::vector<Fields> out;
  if (value == nullptr || type == nullptr || !value->is_array()) return out;
  out.reserve(value->get_array().size());
  for (const Json& item : value->get_array()) {
    if (item.is_object()) out.emplace_back(*type, item.get_object());
  }
  return out;
}

std::vector<std::string_view> Fields::texts(std::string_view name) const {
  const Json* value = json(name);
  std::vector<std::string_view> out;
  if (value == nullptr || !value->is_array()) return out;
  for (const Json& item : value->get_array()) {
    if (item.is_string()) out.emplace_back(item.get_string());
  }
  return out;
}

}  // namespace penstock::api::mlflow
