#include <algorithm>
#include <array>
#include <utility>

#include "core/digest.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "tracking/evaluation_datasets.h"
#include "tracking/python_json.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr int64_t kRecordResultsMax = 10'000;
constexpr std::string_view kUserTag = "mlflow.user";
constexpr std::array<std::string_view, 5> kSourceTypes = {"UNSPECIFIED", "TRACE", "HUMAN", "DOCUMENT",
                                                          "CODE"};

constexpr std::string_view kFind =
    "SELECT record_id, outputs, expectations, tags, updated_by FROM tracking_evaluation_records"
    " WHERE dataset_id = $1 AND input_hash = $2";
constexpr std::string_view kInsert =
    "INSERT INTO tracking_evaluation_records (record_id, dataset_id, input_hash, inputs, outputs, "
    "expectations,"
    " tags, source, created_ms, updated_ms, created_by, updated_by)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $10)";
constexpr std::string_view kUpdate =
    "UPDATE tracking_evaluation_records SET outputs = $2, expectations = $3, tags = $4, updated_ms = $5,"
    " updated_by = $6 WHERE record_id = $1";
constexpr std::string_view kCount = "SELECT COUNT(*) FROM tracking_evaluation_records WHERE dataset_id = $1";
constexpr std::string_view kDelete =
    "DELETE FROM tracking_evaluation_records WHERE dataset_id = $1 AND record_id = $2";
constexpr std::string_view kRead =
    "SELECT record_id, inputs, outputs, expectations, tags, source, created_ms, updated_ms, created_by, "
    "updated_by"
    " FROM tracking_evaluation_records WHERE dataset_id = $1"
    " AND (created_ms > $2 OR (created_ms = $2 AND record_id > $3)) ORDER BY created_ms, record_id LIMIT $4";

Failure invalid(std::string message) { return Failure(Error::invalid("records", std::move(message))); }

std::string_view type_of(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "boolean";
    case boost::json::kind::double_:
      return "float";
    case boost::json::kind::string:
      return "string";
    case boost::json::kind::array:
      return "array";
    case boost::json::kind::object:
      return "object";
    default:
      return "integer";
  }
}

// One record of an upsert; members that are absent are nullptr.
struct Given {
  Json inputs;
  const Json* outputs = nullptr;
  const Json* expectations = nullptr;
  const Json* tags = nullptr;
  std::optional<std::string> user;
  std::string source;  // JSON; empty: none
};

Result<std::string> read_source(const Json& source) {
  std::string type(string_at(source, "source_type"));
  for (char& c : type) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (std::ranges::find(kSourceTypes, type) == kSourceTypes.end()) {
    return invalid("Invalid dataset record source type: " + type +
                   ". Valid source types: ['UNSPECIFIED', 'TRACE', 'HUMAN', 'DOCUMENT', 'CODE']");
  }
  JsonObject out;
  out["source_type"] = type;
  const Json* data = find(source, "source_data");
  out["source_data"] = data != nullptr && data->is_object() ? *data : Json(JsonObject());
  return python_json(out);
}

// A member that must be an object or null where it is there; null is absent.
Result<const Json*> object_member(const Json& record, std::string_view name) {
  const Json* value = find(record, name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->is_object()) return value;
  return invalid("'" + std::string(name) + "' of a record must be an object");
}

Result<Given> read_given(const Json& record) {
  if (!record.is_object()) return invalid("each record must be an object");
  Given given;
  ASSIGN_OR_RETURN(const Json* inputs, object_member(record, "inputs"));
  given.inputs = inputs == nullptr ? Json(JsonObject()) : *inputs;
  given.outputs = find(record, "outputs");
  ASSIGN_OR_RETURN(given.expectations, object_member(record, "expectations"));
  ASSIGN_OR_RETURN(given.tags, object_member(record, "tags"));
  if (given.tags != nullptr && find(*given.tags, kUserTag) != nullptr) {
    given.user = std::string(string_at(*given.tags, kUserTag));
  }
  ASSIGN_OR_RETURN(const Json* source, object_member(record, "source"));
  if (source != nullptr) {
    ASSIGN_OR_RETURN(given.source, read_source(*source));
  }
  return given;
}

// What the first record that has a field says about its type.
void learn(JsonObject& types, const Json* value) {
  if (value == nullptr || !value->is_object()) return;
  for (const auto& [key, field] : value->get_object()) {
    if (!types.contains(key)) types.emplace(key, type_of(field));
  }
}

Json starting_schema(const std::string& stored) {
  Result<Json> schema = stored.empty() ? Failure(Error::internal("none")) : parse_json(stored);
  if (schema && schema->is_object()) return std::move(*schema);
  JsonObject fresh;
  fresh["inputs"] = JsonObject();
  fresh["outputs"] = JsonObject();
  fresh["expectations"] = JsonObject();
  fresh["version"] = "1.0";
  return fresh;
}

void learn(Json& schema, const Given& given) {
  JsonObject& parts = schema.get_object();
  if (parts["inputs"].is_object()) learn(parts["inputs"].get_object(), &given.inputs);
  if (parts["expectations"].is_object()) learn(parts["expectations"].get_object(), given.expectations);
  Json& outputs = parts["outputs"];
  if (given.outputs == nullptr || given.outputs->is_null()) return;
  if (given.outputs->is_object()) {
    if (outputs.is_object()) learn(outputs.get_object(), given.outputs);
  } else if (outputs.is_object() && outputs.get_object().empty()) {
    outputs = type_of(*given.outputs);
  }
}

// `stored` with the members of `added` over it.
std::string merged(std::string_view stored, const Json* added) {
  Result<Json> base = parse_json(stored);
  JsonObject object = base && base->is_object() ? base->get_object() : JsonObject();
  if (added != nullptr) {
    for (const auto& [key, value] : added->get_object()) object[key] = value;
  }
  return python_json(object);
}

struct Stored {
  std::string record_id;
  std::string outputs;
  std::string expectations;
  std::string tags;
  std::optional<std::string> updated_by;
};

Result<std::optional<Stored>> find_record(Connection& connection, const std::string& dataset_id,
                                          const std::string& hash) {
  std::optional<Stored> found;
  const Value values[] = {dataset_id, hash};
  RETURN_IF_ERROR(connection.query(kFind, values, [&](const Row& row) {
    found = Stored{std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                   std::string(row.text(3)),
                   row.is_null(4) ? std::nullopt : std::optional(std::string(row.text(4)))};
    return false;
  }));
  return found;
}

Value optional_text(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

std::string json_or_empty(const Json* value) {
  return value == nullptr ? std::string() : python_json(*value);
}

Result<void> update_record(Connection& connection, const Stored& stored, const Given& given, int64_t now_ms) {
  bool expectations = given.expectations != nullptr || !stored.expectations.empty();
  const Value values[] = {stored.record_id,
                          given.outputs == nullptr ? stored.outputs : python_json(*given.outputs),
                          expectations ? merged(stored.expectations, given.expectations) : std::string(),
                          merged(stored.tags, given.tags),
                          now_ms,
                          optional_text(given.user ? given.user : stored.updated_by)};
  RETURN_IF_ERROR(connection.execute(kUpdate, values));
  return {};
}

Result<void> insert_record(Connection& connection, Random& random, const std::string& dataset_id,
                           const std::string& hash, const Given& given, int64_t now_ms) {
  std::array<uint64_t, 2> bits = {random.next_u64(), random.next_u64()};
  const Value values[] = {"dr-" + hex(std::as_bytes(std::span(bits))),
                          dataset_id,
                          hash,
                          python_json(given.inputs),
                          given.outputs == nullptr ? std::string("{}") : python_json(*given.outputs),
                          json_or_empty(given.expectations),
                          given.tags == nullptr ? std::string("{}") : python_json(*given.tags),
                          given.source,
                          now_ms,
                          optional_text(given.user)};
  RETURN_IF_ERROR(connection.execute(kInsert, values));
  return {};
}

Result<std::string> profile_of(Connection& connection, const std::string& dataset_id) {
  int64_t count = 0;
  const Value values[] = {dataset_id};
  RETURN_IF_ERROR(connection.query(kCount, values, [&](const Row& row) {
    count = row.integer(0);
    return false;
  }));
  return count == 0 ? std::string() : "{\"num_records\": " + std::to_string(count) + "}";
}

void write_source(JsonWriter& json, std::string_view source) {
  if (source.empty()) return;
  json.raw_field("source", source);
  Result<Json> value = parse_json(source);
  if (!value) return;
  std::string_view type = string_at(*value, "source_type");
  const Json* data = find(*value, "source_data");
  std::string_view id =
      data == nullptr ? std::string_view() : string_at(*data, type == "TRACE" ? "trace_id" : "source_id");
  if (!id.empty()) json.field("source_id", id);
  json.field("source_type", type);
}

void write_record(JsonWriter& json, std::string_view dataset_id, const Row& row) {
  json.begin_object().field("dataset_record_id", row.text(0)).field("dataset_id", dataset_id);
  json.raw_field("inputs", row.text(1));
  if (row.text(2) != "null") json.raw_field("outputs", row.text(2));
  if (!row.text(3).empty()) json.raw_field("expectations", row.text(3));
  json.raw_field("tags", row.text(4));
  write_source(json, row.text(5));
  json.field("created_time", row.integer(6)).field("last_update_time", row.integer(7));
  if (!row.is_null(8)) json.field("created_by", row.text(8));
  if (!row.is_null(9)) json.field("last_updated_by", row.text(9));
  json.end_object();
}

}  // namespace

Result<UpsertCounts> upsert_records(Connection& connection, Random& random, std::string_view dataset_id,
                                    const Json& records, int64_t now_ms) {
  if (!records.is_array()) return invalid("'records' must be a JSON list");
  if (records.get_array().size() > kRecordsPerCallMax) {
    return invalid("at most " + std::to_string(kRecordsPerCallMax) + " records can be written at once");
  }
  ASSIGN_OR_RETURN(EvaluationDataset dataset, get_evaluation_dataset(connection, dataset_id));
  Json schema = starting_schema(dataset.schema);
  std::optional<std::string> by;
  UpsertCounts counts;
  for (const Json& record : records.get_array()) {
    ASSIGN_OR_RETURN(Given given, read_given(record));
    if (given.user) by = given.user;
    learn(schema, given);
    std::string hash = Digest::of(python_json(given.inputs, KeyOrder::kSorted)).hex();
    ASSIGN_OR_RETURN(std::optional<Stored> stored, find_record(connection, dataset.dataset_id, hash));
    if (stored) {
      RETURN_IF_ERROR(update_record(connection, *stored, given, now_ms));
      ++counts.updated;
    } else {
      RETURN_IF_ERROR(insert_record(connection, random, dataset.dataset_id, hash, given, now_ms));
      ++counts.inserted;
    }
  }
  bool seen = !records.get_array().empty() || !dataset.schema.empty();
  ASSIGN_OR_RETURN(std::string profile, profile_of(connection, dataset.dataset_id));
  RETURN_IF_ERROR(
      refresh_dataset(connection, dataset, seen ? python_json(schema) : std::string(), profile, by, now_ms));
  return counts;
}

Result<int64_t> delete_records(Connection& connection, std::string_view dataset_id,
                               std::span<const std::string> record_ids) {
  if (record_ids.size() > kRecordsPerCallMax) {
    return invalid("at most " + std::to_string(kRecordsPerCallMax) + " records can be deleted at once");
  }
  ASSIGN_OR_RETURN(EvaluationDataset dataset, get_evaluation_dataset(connection, dataset_id));
  int64_t deleted = 0;
  for (const std::string& record_id : record_ids) {
    const Value values[] = {dataset.dataset_id, record_id};
    ASSIGN_OR_RETURN(int64_t count, connection.execute(kDelete, values));
    deleted += count;
  }
  if (deleted == 0) return deleted;
  ASSIGN_OR_RETURN(std::string profile, profile_of(connection, dataset.dataset_id));
  RETURN_IF_ERROR(
      refresh_dataset(connection, dataset, dataset.schema, profile, dataset.updated_by, dataset.updated_ms));
  return deleted;
}

Result<RecordPage> read_records(Connection& connection, std::string_view dataset_id, int64_t results_max,
                                const std::string& page_token) {
  ASSIGN_OR_RETURN(EvaluationDataset dataset, get_evaluation_dataset(connection, dataset_id));
  if (results_max < 1 || results_max > kRecordResultsMax) {
    return Failure(
        Error::invalid("max_results", "max_results must be 1 to " + std::to_string(kRecordResultsMax)));
  }
  int64_t after_ms = -1;
  std::string after_id;
  if (!page_token.empty()) {
    size_t colon = page_token.find(':');
    std::optional<int64_t> ms = parse_int(std::string_view(page_token).substr(0, colon));
    if (colon == std::string::npos || !ms) return Failure(Error::invalid("page_token", "Invalid page token"));
    after_ms = *ms;
    after_id = page_token.substr(colon + 1);
  }
  RecordPage page;
  JsonWriter json(4096);
  json.begin_array();
  int64_t count = 0;
  std::string last;
  const Value values[] = {dataset.dataset_id, after_ms, after_id, results_max + 1};
  RETURN_IF_ERROR(connection.query(kRead, values, [&](const Row& row) {
    if (++count > results_max) {
      page.next_page_token = last;
      return false;
    }
    last = std::to_string(row.integer(6)) + ":" + std::string(row.text(0));
    write_record(json, dataset.dataset_id, row);
    return true;
  }));
  page.records = json.end_array().take();
  return page;
}

}  // namespace penstock::tracking
