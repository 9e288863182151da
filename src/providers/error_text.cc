#include "providers/error_text.h"

#include "core/json_fields.h"
#include "core/text.h"

namespace penstock::providers {
namespace {

constexpr size_t kMessageBytesMax = 2'000;

std::string text_of(const JsonFields& fields, std::string_view key) {
  auto value = fields.string(key);
  return value ? value->value_or("") : std::string();
}

std::string bounded(std::string_view text) { return std::string(utf8_prefix(text, kMessageBytesMax)); }

// innererror.code (Azure), or the reason in the list of details (Google).
std::string inner_code(const JsonFields& error) {
  if (auto inner = error.object("innererror"); inner && *inner) return text_of(**inner, "code");
  std::string_view details = error.raw("details");
  if (!details.starts_with('[')) return {};
  auto elements = json_elements(details);
  if (!elements) return {};
  for (std::string_view element : *elements) {
    if (!element.starts_with('{')) continue;
    auto detail = JsonFields::of_valid(element);
    if (detail && detail->has("reason")) return text_of(*detail, "reason");
  }
  return {};
}

ErrorText read_object(const JsonFields& error) {
  ErrorText text;
  text.message = bounded(text_of(error, "message"));
  text.type = text_of(error, "type");
  if (text.type.empty()) text.type = text_of(error, "status");
  text.code = text_of(error, "code");
  if (parse_int(text.code)) text.code.clear();  // "429": repeats the status
  text.param = text_of(error, "param");
  text.inner_code = inner_code(error);
  return text;
}

}  // namespace

ErrorText read_error_member(std::string_view raw) {
  if (raw.starts_with('{')) {
    auto fields = JsonFields::of_valid(raw);
    return fields ? read_object(*fields) : ErrorText{};
  }
  ErrorText text;
  auto words = raw.starts_with('"') ? json_unquote(raw) : Result<std::string>(std::string(raw));
  if (words) text.message = bounded(*words);
  return text;
}

ErrorText read_error_text(std::string_view body) {
  std::string_view text = trim(body);
  // Gemini's OpenAI-compatible surface wraps its error into a list.
  if (text.starts_with('[') && text.ends_with(']')) text = trim(text.substr(1, text.size() - 2));
  auto fields = JsonFields::parse(text, "the upstream's error");
  if (!fields) return {};
  if (fields->has("error") && !fields->is_null("error")) {
    ErrorText error = read_error_member(fields->raw("error"));
    if (error.type.empty()) error.type = text_of(*fields, "error_type");  // TGI
    return error;
  }
  ErrorText error = read_object(*fields);
  if (error.message.empty() && fields->has("detail"))
    error.message = read_error_member(fields->raw("detail")).message;
  if (error.message.empty() && fields->has("message")) error.message = bounded(fields->raw("message"));
  return error;
}

}  // namespace penstock::providers
