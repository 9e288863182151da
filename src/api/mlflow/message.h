#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace penstock::api::mlflow {

// What a field of an MLflow message may hold: the types of its protobuf files that its clients send.
enum class Type : uint8_t {
  kString,
  kInt64,   // 32-bit ones too; a decimal string is one as well, as in protobuf's JSON
  kDouble,  // "NaN", "Infinity" and "-Infinity" too
  kBool,
  kEnum,       // a name of `names`, or its number, of which the first has 1
  kMessage,    // an object of `message`
  kStringMap,  // an object with strings for values
  kValue,      // any JSON
};

// kRequired: there, and not an empty text. kMany: a list; kManyRequired: a list that is there, if empty.
enum class Count : uint8_t { kOptional, kRequired, kMany, kManyRequired };

struct Message;

struct Field {
  std::string_view name;
  Type type = Type::kString;
  Count count = Count::kOptional;
  const Message* message = nullptr;           // of kMessage
  std::span<const std::string_view> names{};  // of kEnum
  std::string_view instead{};                 // an older name of the field, which may stand in its place
};

// One message as a table: parsing, checking and the error texts are made from it, in the table's order.
// Unknown fields are ignored, as MLflow ignores them.
struct Message {
  std::string_view name;  // "CreateRun"
  std::span<const Field> fields;
};

// A checked object: each field that is there has its type. Refers to the document it was read from.
class Fields {
 public:
  Fields(const Message& message, const JsonObject& object) : message_(&message), object_(&object) {}

  bool has(std::string_view name) const;  // there, and not null
  // The value, or `fallback` where it is absent.
  std::string_view text(std::string_view name, std::string_view fallback = {}) const;
  int64_t integer(std::string_view name, int64_t fallback = 0) const;
  double number(std::string_view name, double fallback = 0) const;
  bool flag(std::string_view name, bool fallback = false) const;
  std::optional<Fields> message(std::string_view name) const;
  std::vector<Fields> messages(std::string_view name) const;
  std::vector<std::string_view> texts(std::string_view name) const;
  const Json* json(std::string_view name) const;  // nullptr where it is absent

 private:
  const Message* nested(std::string_view name) const;

  const Message* message_;
  const JsonObject* object_;
};

inline constexpr size_t kBodyBytesMax = 32 << 20;
inline constexpr size_t kBodyDepthMax = 32;

// Values of path parameters, by name; those that are fields of the message become part of the document.
using PathValues = std::span<const std::pair<std::string, std::string>>;

// The document of a request: its JSON body (empty: no field), or the query of a GET, in which repeated keys
// make a list. Field names may be spelled as protobuf's JSON spells them ("runId"). kInvalidArgument in
// MLflow's own words: "Missing value for required parameter 'name'. ...", "Invalid value \"x\" for parameter
// 'max_results' supplied: ...". The result is an object; numbers, enums and names are in one form.
Result<Json> read_body(std::string_view body, const Message& message, PathValues path = {});
Result<Json> read_query(std::string_view query, const Message& message, PathValues path = {});

// "Invalid value \"x\" for parameter 'path' supplied: why See the API docs ..."
Error invalid_value(const std::string& path, const Json& value, std::string_view why);
// "Missing value for required parameter 'path'. See the API docs ..."
Error missing_value(const std::string& path);

}  // namespace penstock::api::mlflow
