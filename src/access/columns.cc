#include "access/columns.h"

#include "core/json.h"
#include "core/json_writer.h"

namespace penstock::access {
namespace {

Error corrupt(std::string_view what) {
  return Error{.code = ErrorCode::kCorrupt, .message = "the database holds unreadable " + std::string(what)};
}

}  // namespace

std::string limits_to_json(const std::vector<Limit>& limits) {
  JsonWriter json;
  json.begin_array();
  for (const Limit& limit : limits) {
    json.begin_object().field("kind", limit_kind_name(limit.kind)).field("amount", limit.amount);
    json.field("per_s", limit.per_s).end_object();
  }
  return json.end_array().take();
}

Result<std::vector<Limit>> limits_from_json(std::string_view text) {
  auto json = parse_json(text);
  if (!json || !json->is_array()) return Failure(corrupt("limits"));
  std::vector<Limit> limits;
  for (const Json& item : json->get_array()) {
    auto kind = parse_limit_kind(string_at(item, "kind"));
    if (!kind) return Failure(corrupt("limits"));
    limits.push_back({.kind = *kind, .amount = int_at(item, "amount"), .per_s = int_at(item, "per_s")});
  }
  return limits;
}

std::string texts_to_json(const std::vector<std::string>& texts) {
  JsonWriter json;
  json.begin_array();
  for (const std::string& text : texts) json.value(text);
  return json.end_array().take();
}

Result<std::vector<std::string>> texts_from_json(std::string_view text) {
  auto json = parse_json(text);
  if (!json || !json->is_array()) return Failure(corrupt("scopes"));
  std::vector<std::string> texts;
  for (const Json& item : json->get_array()) {
    if (!item.is_string()) return Failure(corrupt("scopes"));
    texts.emplace_back(std::string_view(item.get_string()));
  }
  return texts;
}

database::Value value_of(std::optional<Timestamp> time) {
  if (!time) return std::monostate();
  return time->us;
}

database::Value value_of(const std::optional<Digest>& digest) {
  if (!digest) return std::monostate();
  return digest->hex();
}

std::optional<Timestamp> time_at(const database::Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return Timestamp{row.integer(column)};
}

Result<Digest> digest_at(const database::Row& row, int column) {
  auto digest = Digest::parse(row.text(column));
  if (!digest) return Failure(corrupt("digest of a secret"));
  return *digest;
}

}  // namespace penstock::access
