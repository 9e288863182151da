#include "core/json_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "core/json_scanner.h"
#include "core/text.h"

namespace penstock {
namespace {

constexpr size_t kUsualMembers = 16;   // of a request
constexpr size_t kMembersOfSmall = 8;  // of an event of a stream, a choice, a usage
constexpr size_t kSmallBytes = 512;

Error malformed(std::string_view name, std::string_view why) {
  return Error::invalid("", std::string(name) + " is not valid JSON: " + std::string(why));
}

Error wrong_type(std::string_view key, std::string_view wanted, std::string_view raw) {
  std::string shown(raw.substr(0, 40));
  return Error::invalid(std::string(key),
                        "'" + std::string(key) + "' must be " + std::string(wanted) + ", got " + shown);
}

bool is_given(std::string_view raw) { return !raw.empty() && raw != "null"; }

bool is_string(std::string_view raw) { return raw.size() >= 2 && raw.front() == '"' && raw.back() == '"'; }

std::string unquoted(std::string_view raw) {
  std::string text;
  text.reserve(raw.size() - 2);
  append_json_unescaped(text, raw.substr(1, raw.size() - 2));
  return text;
}

// Members of the object that comes next, as far as it is one; false: it is malformed.
bool collect(JsonScanner& scanner, std::vector<JsonFields::Member>& members) {
  if (!scanner.take('{')) return scanner.fail("an object is missing");
  if (scanner.take('}')) return true;
  do {
    std::string_view key = scanner.string();
    if (key.empty()) return false;
    if (!scanner.take(':')) return scanner.fail("a colon is missing");
    std::string_view raw = scanner.value();
    if (raw.empty()) return false;
    std::string_view name = key.substr(1, key.size() - 2);
    bool plain = name.find('\\') == std::string_view::npos;
    members.push_back({plain ? std::string(name) : unquoted(key), raw});
  } while (scanner.take(','));
  return scanner.take('}') || scanner.fail("a comma or an end is missing");
}

// `text` as a whole is something else than an object: which error is that?
Error not_an_object(std::string_view text, std::string_view name) {
  JsonScanner scanner(text);
  if (scanner.value().empty() || !scanner.at_end()) return malformed(name, scanner.problem());
  return Error::invalid("", std::string(name) + " must be a JSON object");
}

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text, std::string_view name) {
  if (!simdjson::validate_utf8(text)) return Failure(malformed(name, "it is not UTF-8"));
  JsonFields fields;
  fields.members_.reserve(text.size() > kSmallBytes ? kUsualMembers : kMembersOfSmall);
  JsonScanner scanner(text);
  if (!collect(scanner, fields.members_)) {
    bool begins_otherwise = fields.members_.empty() && !trim(text).starts_with('{');
    return Failure(begins_otherwise ? not_an_object(text, name) : malformed(name, scanner.problem()));
  }
  if (!scanner.at_end()) return Failure(malformed(name, scanner.problem()));
  return fields;
}

Result<JsonFields> JsonFields::of_valid(std::string_view text) {
  JsonFields fields;
  fields.members_.reserve(text.size() > kSmallBytes ? kUsualMembers : kMembersOfSmall);
  JsonScanner scanner(text);
  if (!collect(scanner, fields.members_)) return Failure(malformed("the object", scanner.problem()));
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
  std::string_view value = raw(key);
  if (!is_given(value)) return std::nullopt;
  if (!is_string(value)) return Failure(wrong_type(key, "a string", value));
  return unquoted(value);
}

Result<std::optional<bool>> JsonFields::boolean(std::string_view key) const {
  std::string_view value = raw(key);
  if (!is_given(value)) return std::nullopt;
  if (value != "true" && value != "false") return Failure(wrong_type(key, "true or false", value));
  return value == "true";
}

Result<std::optional<int64_t>> JsonFields::integer(std::string_view key) const {
  std::string_view value = raw(key);
  if (!is_given(value)) return std::nullopt;
  int64_t number = 0;
  auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failure != std::errc() || end != value.data() + value.size()) {
    return Failure(wrong_type(key, "a whole number", value));
  }
  return number;
}

Result<std::optional<double>> JsonFields::number(std::string_view key) const {
  std::string_view value = raw(key);
  if (!is_given(value)) return std::nullopt;
  auto number = parse_number(value);
  if (!number) return Failure(wrong_type(key, "a number", value));
  return *number;
}

Result<std::optional<JsonFields>> JsonFields::object(std::string_view key) const {
  std::string_view text = raw(key);
  if (!is_given(text)) return std::nullopt;
  if (!text.starts_with('{')) return Failure(wrong_type(key, "an object", text));
  ASSIGN_OR_RETURN(JsonFields inner, of_valid(text));
  return inner;
}

Result<std::vector<std::string_view>> json_elements(std::string_view text) {
  std::vector<std::string_view> elements;
  JsonScanner scanner(text);
  auto not_array = [] { return Failure(Error::invalid("", "not a JSON array")); };
  if (!scanner.take('[')) return not_array();
  if (scanner.take(']')) return elements;
  do {
    std::string_view element = scanner.value();
    if (element.empty()) return not_array();
    elements.push_back(element);
  } while (scanner.take(','));
  if (!scanner.take(']')) return not_array();
  return elements;
}

Result<std::string> json_unquote(std::string_view raw) {
  if (!is_given(raw)) return std::string();
  if (!is_string(raw)) return Failure(wrong_type("value", "a string", raw));
  return unquoted(raw);
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
