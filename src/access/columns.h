#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "core/result.h"
#include "storage/database/database.h"

// How the values of this folder stand in columns.
namespace penstock::access {

std::string limits_to_json(const std::vector<Limit>& limits);  // [{"kind":"tokens","amount":5,"per_s":60}]
Result<std::vector<Limit>> limits_from_json(std::string_view text);
std::string texts_to_json(const std::vector<std::string>& texts);
Result<std::vector<std::string>> texts_from_json(std::string_view text);

database::Value value_of(std::optional<Timestamp> time);
database::Value value_of(const std::optional<Digest>& digest);
std::optional<Timestamp> time_at(const database::Row& row, int column);
Result<Digest> digest_at(const database::Row& row, int column);

// Reads every row; a row that cannot be read is kCorrupt.
template <class T, class Read>
Result<std::vector<T>> read_rows(database::Connection& connection, std::string_view sql,
                                 std::span<const database::Value> values, Read read) {
  std::vector<T> out;
  Result<void> readable;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const database::Row& row) {
    Result<T> value = read(row);
    if (value) {
      out.push_back(std::move(*value));
    } else {
      readable = Failure(std::move(value).error());
    }
    return readable.has_value();
  }));
  RETURN_IF_ERROR(readable);
  return out;
}

}  // namespace penstock::access
