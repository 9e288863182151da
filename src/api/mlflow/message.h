#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
  kEnum,       // a name of `names`
  kMessage,    // an object of `message`
  kStringMap,  // an object with strings for values
  kValue,      // any JSON
};

enum class Count : uint8_t { kOptional, kRequired, kMany };

struct Message;

struct Field {
  std::string_view name;
  Type type = Type::kString;
  Count count = Count::kOptional;
  const Message* message = nullptr;           // of kMessage
  std::span<const std::string_view> names{};  // of kEnum
};

// One message as a table: parsing, checking and the error texts are made from it. Unknown fields are ignored,
// as MLflow ignores them.
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
  const Message* message_;
  const JsonObject* object_;
};

inline constexpr size_t kBodyBytesMax = 16 << 20;
inline constexpr size_t kBodyDepthMax = 32;

// The document of a request: its JSON body, or the query of a GET (repeated keys make a list, numbers are
// read as the message says). kInvalidArgument in MLflow's own words: "Missing value for required parameter
// 'name'.
// ...", "Invalid value \"x\" for parameter 'max_results' supplied: ...".
Result<Json> read_body(std::string_view body, const Message& message);
Result<Json> read_query(std::string_view query, const Message& message);

}  // namespace penstock::api::mlflow
