#include "datasets/dvc/params_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/file.h"
#include "core/json.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr size_t kParamsBytesMax = 64 << 20;

// repr(float) of Python: the shortest text that reads back, with ".0" where it would look whole.
std::string python_float(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

Value from_json(const Json& json) {
  switch (json.kind()) {
    case boost::json::kind::object: {
      Value map = Value::map();
      for (const auto& [key, value] : json.as_object())
        map.members.emplace_back(std::string(key), from_json(value));
      return map;
    }
    case boost::json::kind::array: {
      Value list = Value::list();
      for (const Json& item : json.as_array()) list.items.push_back(from_json(item));
      return list;
    }
    case boost::json::kind::string:
      return Value::string(std::string_view(json.as_string()));
    case boost::json::kind::bool_:
      return Value::boolean(json.as_bool());
    case boost::json::kind::int64:
      return Value::integer(json.as_int64());
    case boost::json::kind::uint64:
      return {.kind = Value::Kind::kInteger, .text = std::to_string(json.as_uint64())};
    case boost::json::kind::double_:
      return {.kind = Value::Kind::kFloat, .text = python_float(json.as_double())};
    case boost::json::kind::null:
      return {};
  }
  return {};
}

// "0x10" and "1_000" as 16 and 1000.
std::string python_integer(std::string text) {
  std::erase(text, '_');
  bool negative = text.starts_with('-');
  std::string_view body = text;
  if (negative || body.starts_with('+')) body.remove_prefix(1);
  int radix = body.starts_with("0x") ? 16 : body.starts_with("0o") ? 8 : body.starts_with("0b") ? 2 : 10;
  if (radix != 10) body.remove_prefix(2);
  int64_t number = 0;
  auto read = std::from_chars(body.data(), body.data() + body.size(), number, radix);
  if (read.ec != std::errc() || read.ptr != body.data() + body.size()) return text;
  return std::to_string(negative ? -number : number);
}

void normalise(Value& value) {
  for (auto& [key, member] : value.members) normalise(member);
  for (Value& item : value.items) normalise(item);
  value.remark.clear();
  value.below.clear();
  value.above.clear();
  value.block_style = 0;
  if (value.kind == Value::Kind::kInteger) value.text = python_integer(value.text);
  if (value.kind != Value::Kind::kFloat || value.text.find_first_of("nN") != std::string::npos) return;
  std::string digits = value.text;
  std::erase(digits, '_');
  if (digits.starts_with('+')) digits.erase(0, 1);
  double number = 0;
  auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec == std::errc()) value.text = python_float(number);
}

}  // namespace

Result<Value> read_params_text(const std::filesystem::path& path, std::string_view text) {
  std::string extension = path.extension().string();
  if (extension == ".toml" || extension == ".py") {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = path.string() +
                                    ": parameters in TOML or Python are read by dvc only; write them "
                                    "as YAML or JSON"});
  }
  if (extension == ".json") {
    Result<Json> json = parse_json(text);
    if (!json) return Failure(Error::invalid("", path.string() + ": " + json.error().message));
    return from_json(*json);
  }
  ASSIGN_OR_RETURN(Value value, read_yaml(text, path.string()));
  normalise(value);
  return value;
}

Result<Value> read_params_file(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(std::string text, read_file(path, kParamsBytesMax));
  return read_params_text(path, text);
}

}  // namespace penstock::datasets::dvc
