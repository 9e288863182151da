#include "core/json_fields.h"

#include <simdjson.h>

#include <algorithm>

namespace penstock {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kDepthMax = 64;

// Per thread and reused: simdjson needs spare bytes after the text, and its parsers keep their buffers.
struct Parsers {
  simdjson::dom::parser dom;
  ondemand::parser fields;
  std::string padded;

  simdjson::padded_string_view pad(std::string_view text) {
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(text);
    return simdjson::padded_string_view(padded.data(), padded.size(), padded.capacity());
  }
};

Parsers& parsers() {
  thread_local Parsers instance;
  return instance;
}

Error malformed(std::string_view name, std::string_view why) {
  return Error::invalid("", std::string(name) + " is not valid JSON: " + std::string(why));
}

Error wrong_type(std::string_view key, std::string_view wanted, std::string_view raw) {
  std::string shown(raw.substr(0, 40));
  return Error::invalid(std::string(key),
                        "'" + std::string(key) + "' must be " + std::string(wanted) + ", got " + shown);
}

// simdjson's raw tokens include the white space behind them.
std::string_view without_trailing_space(std::string_view raw) {
  return raw.substr(0, raw.find_last_not_of(" \t\r\n") + 1);
}

simdjson::error_code raw_value(ondemand::value value, std::string_view& raw) {
  ondemand::json_type type;
  if (auto failure = value.type().get(type)) return failure;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (auto failure = value.get_object().get(object)) return failure;
    return object.raw_json().get(raw);
  }
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (auto failure = value.get_array().get(array)) return failure;
    return array.raw_json().get(raw);
  }
  raw = without_trailing_space(value.raw_json_token());
  return simdjson::SUCCESS;
}

// `at` is where the parsed copy stands; slices are moved back onto `text`.
std::string_view onto(std::string_view text, std::string_view slice, const std::string& copy) {
  return text.substr(static_cast<size_t>(slice.data() - copy.data()), slice.size());
}

simdjson::error_code collect(std::string_view text, std::vector<JsonFields::Member>& members) {
  Parsers& p = parsers();
  ondemand::document document;
  if (auto failure = p.fields.iterate(p.pad(text)).get(document)) return failure;
  ondemand::object object;
  if (auto failure = document.get_object().get(object)) return failure;
  for (auto item : object) {
    ondemand::field field;
    if (auto failure = std::move(item).get(field)) return failure;
    std::string_view key;
    if (auto failure = field.unescaped_key().get(key)) return failure;
    std::string name(key);
    std::string_view raw;
    if (auto failure = raw_value(field.value(), raw)) return failure;
    members.push_back({std::move(name), onto(text, raw, p.padded)});
  }
  return simdjson::SUCCESS;
}

template <class T>
Result<std::optional<T>> scalar(std::string_view raw, std::string_view key, std::string_view wanted) {
  if (raw.empty() || raw == "null") return std::nullopt;
  Parsers& p = parsers();
  simdjson::dom::element element;
  T value{};
  if (p.dom.parse(raw.data(), raw.size()).get(element) || element.get(value)) {
    return Failure(wrong_type(key, wanted, raw));
  }
  return value;
}

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text, std::string_view name) {
  Parsers& p = parsers();
  if (p.dom.max_depth() != kDepthMax) {
    if (p.dom.allocate(0, kDepthMax)) return Failure(Error::internal("simdjson: out of memory"));
  }
  simdjson::dom::element element;
  if (auto failure = p.dom.parse(text.data(), text.size()).get(element)) {
    return Failure(malformed(name, simdjson::error_message(failure)));
  }
  if (!element.is_object()) return Failure(Error::invalid("", std::string(name) + " must be a JSON object"));
  return of_valid(text);
}

Result<JsonFields> JsonFields::of_valid(std::string_view text) {
  JsonFields fields;
  fields.members_.reserve(16);
  if (auto failure = collect(text, fields.members_)) {
    return Failure(malformed("the object", simdjson::error_message(failure)));
  }
  return fields;
}

std::string_view JsonFields::raw(std::string_view key) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->name == key) return member->raw;
  }
  return {};
}

size_t JsonFields::count(std::string_view key) const {
  return static_cast<size_t>(std::ranges::count(members_, key, &Member::name));
}

Result<std::optional<std::string>> JsonFields::string(std::string_view key) const {
  ASSIGN_OR_RETURN(auto view, scalar<std::string_view>(raw(key), key, "a string"));
  if (!view) return std::nullopt;
  return std::string(*view);
}

Result<std::optional<bool>> JsonFields::boolean(std::string_view key) const {
  return scalar<bool>(raw(key), key, "true or false");
}

Result<std::optional<int64_t>> JsonFields::integer(std::string_view key) const {
  return scalar<int64_t>(raw(key), key, "a whole number");
}

Result<std::optional<double>> JsonFields::number(std::string_view key) const {
  return scalar<double>(raw(key), key, "a number");
}

Result<std::optional<JsonFields>> JsonFields::object(std::string_view key) const {
  std::string_view text = raw(key);
  if (text.empty() || text == "null") return std::nullopt;
  if (!text.starts_with('{')) return Failure(wrong_type(key, "an object", text));
  ASSIGN_OR_RETURN(JsonFields inner, of_valid(text));
  return inner;
}

Result<std::vector<std::string_view>> json_elements(std::string_view text) {
  Parsers& p = parsers();
  std::vector<std::string_view> elements;
  ondemand::document document;
  ondemand::array array;
  if (p.fields.iterate(p.pad(text)).get(document) || document.get_array().get(array)) {
    return Failure(Error::invalid("", "not a JSON array"));
  }
  for (auto item : array) {
    ondemand::value value;
    std::string_view raw;
    if (std::move(item).get(value) || raw_value(value, raw))
      return Failure(Error::invalid("", "not a JSON array"));
    elements.push_back(onto(text, raw, p.padded));
  }
  return elements;
}

Result<std::string> json_unquote(std::string_view raw) {
  ASSIGN_OR_RETURN(auto view, scalar<std::string_view>(raw, "value", "a string"));
  return std::string(view.value_or(std::string_view{}));
}

std::string json_with(std::string_view body, const JsonFields& fields, std::string_view key,
                      std::string_view raw) {
  std::string out;
  out.reserve(body.size() + key.size() + raw.size() + 8);
  std::string_view old = fields.raw(key);
  if (!old.empty()) {
    size_t at = static_cast<size_t>(old.data() - body.data());
    out.append(body.substr(0, at)).append(raw).append(body.substr(at + old.size()));
    return out;
  }
  size_t end = body.find_last_of('}');
  out.append(body.substr(0, end));
  if (!fields.members().empty()) out += ',';
  out.append("\"").append(key).append("\":").append(raw).append(body.substr(end));
  return out;
}

}  // namespace penstock
