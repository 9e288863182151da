#include <array>

#include "core/text.h"
#include "datasets/expectations/aggregates.h"
#include "datasets/expectations/map_expectation.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;

// Names of types and the frame type that each means, as numpy reads them ("int" is int64 on this platform).
struct TypeName {
  std::string_view name;
  std::string_view frame_type;
};
constexpr std::array<TypeName, 29> kTypeNames = {{{"int", "int64"},
                                                  {"long", "int64"},
                                                  {"int64", "int64"},
                                                  {"int32", "int32"},
                                                  {"int16", "int16"},
                                                  {"int8", "int8"},
                                                  {"uint64", "uint64"},
                                                  {"uint32", "uint32"},
                                                  {"uint16", "uint16"},
                                                  {"uint8", "uint8"},
                                                  {"float", "float64"},
                                                  {"float64", "float64"},
                                                  {"double", "float64"},
                                                  {"float32", "float32"},
                                                  {"bool", "bool"},
                                                  {"bool_", "bool"},
                                                  {"str", "str"},
                                                  {"string_types", "str"},
                                                  {"object", "object_"},
                                                  {"O", "object_"},
                                                  {"datetime64", "datetime64"},
                                                  {"datetime64[ns]", "datetime64"},
                                                  {"datetime64[us]", "datetime64"},
                                                  {"datetime64[ms]", "datetime64"},
                                                  {"datetime64[s]", "datetime64"},
                                                  {"Timestamp", "Timestamp"},
                                                  {"list", "list"},
                                                  {"dict", "dict"},
                                                  {"none", "none"}}};

std::string_view frame_type_of(std::string_view name) {
  for (const TypeName& row : kTypeNames) {
    if (row.name == name) return row.frame_type;
  }
  return {};
}

// The type pandas gives the column: missing values turn integers into floats and booleans into objects, and
// a CSV column without any value is one of floats.
Pending<std::string> frame_type(const Question& q, const Column& column) {
  std::string name = identifier(column.name);
  ASSIGN_OR_RETURN(const auto* rows, q.metrics.scalar("data", "count(*)"));
  ASSIGN_OR_RETURN(const auto* values, q.metrics.scalar("data", "count(" + name + ")"));
  if (rows == nullptr || values == nullptr) return std::nullopt;
  if (q.file.format == FileFormat::kCsv && as_count(*values) == 0) {
    return std::string(as_count(*rows) == 0 ? "object_" : "float64");
  }
  bool missing = as_count(*values) < as_count(*rows);
  if (missing && column.kind == Kind::kInteger) return std::string("float64");
  if (missing && column.kind == Kind::kBoolean) return std::string("object_");
  return column.frame_type;
}

Error unknown_type(std::string_view name) {
  return Error::invalid("type_", "Unrecognized numpy/python type: " + std::string(name));
}

// What single values of an object column are instances of.
bool holds_instances(Kind kind, std::string_view type_name) {
  if (kind == Kind::kBoolean) return type_name == "bool" || type_name == "int";
  if (kind == Kind::kText) return type_name == "str" || type_name == "string_types";
  if (kind == Kind::kNested) return type_name == "list" || type_name == "dict";
  return false;
}

// Object columns are looked at value by value.
Pending<Outcome> instances(const Question& q, const Column& column, const std::vector<std::string>& names) {
  bool fits = false;
  for (const std::string& name : names) {
    if (frame_type_of(name).empty()) return Failure(unknown_type(name));
    fits = fits || holds_instances(column.kind, name);
  }
  return evaluate_map(q, {.columns = {&column},
                          .considered = identifier(column.name) + " IS NOT NULL",
                          .unexpected = fits ? "false" : "true"});
}

}  // namespace

Pending<Outcome> be_of_type(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  ASSIGN_OR_RETURN(std::optional<std::string> actual, frame_type(q, *column));
  if (!actual) return std::nullopt;
  if (!q.has("type_")) return Outcome{.success = true, .result = {{"observed_value", *actual}}};
  ASSIGN_OR_RETURN(std::string wanted, q.text("type_"));
  if (*actual == "object_" && wanted != "object" && wanted != "object_" && wanted != "O") {
    return instances(q, *column, {wanted});
  }
  return Outcome{.success = frame_type_of(wanted) == *actual, .result = {{"observed_value", *actual}}};
}

Pending<Outcome> be_in_type_list(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  ASSIGN_OR_RETURN(std::optional<std::string> actual, frame_type(q, *column));
  if (!actual) return std::nullopt;
  if (!q.has("type_list")) return Outcome{.success = true, .result = {{"observed_value", *actual}}};
  ASSIGN_OR_RETURN(std::vector<Json> items, q.items("type_list"));
  std::vector<std::string> names;
  for (const Json& item : items) {
    if (!item.is_string()) return Failure(Error::invalid("type_list", "type_list must hold names of types"));
    names.emplace_back(item.get_string());
  }
  if (*actual == "object_") return instances(q, *column, names);
  bool found = false;
  // pandas' own text type equals none of the types that a name in a list stands for.
  for (const std::string& name : names) found = found || (frame_type_of(name) == *actual && *actual != "str");
  return Outcome{.success = found, .result = {{"observed_value", *actual}}};
}

Pending<Outcome> column_type_to_be(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  ASSIGN_OR_RETURN(std::string wanted, q.text("type_"));
  ASSIGN_OR_RETURN(std::optional<std::string> actual, frame_type(q, *column));
  if (!actual) return std::nullopt;
  std::string observed = *actual == "object_" ? "object" : *actual;
  std::string_view meant = frame_type_of(wanted);
  if (meant.empty()) return Failure(Error::invalid("type_", "Unrecognized pandas type: " + wanted));
  return Outcome{.success = meant == *actual, .result = {{"observed_value", observed}}};
}

}  // namespace penstock::datasets
