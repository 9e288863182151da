#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "core/result.h"
#include "storage/database/database.h"

namespace penstock::registry {

// Statements about many rows take their ids 64 at a time, so that one prepared statement serves all of them.
inline constexpr size_t kIdsPerStatement = 64;

#define PENSTOCK_64_IDS                                                                                    \
  "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, " \
  "$23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, "   \
  "$43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, "   \
  "$63, $64)"

// Runs `sql`, which has PENSTOCK_64_IDS in it and no other parameter, for all of `ids`; rows come in no
// order across chunks. `on_row` returns false to stop.
template <class OnRow>
Result<void> query_by_ids(database::Connection& connection, std::string_view sql,
                          std::span<const int64_t> ids, OnRow on_row) {
  std::array<database::Value, kIdsPerStatement> values;
  bool wanted = true;
  for (size_t from = 0; from < ids.size() && wanted; from += kIdsPerStatement) {
    size_t last = std::min(ids.size(), from + kIdsPerStatement) - 1;
    for (size_t i = 0; i < kIdsPerStatement; ++i) values[i] = ids[std::min(from + i, last)];
    RETURN_IF_ERROR(
        connection.query(sql, values, [&](const database::Row& row) { return wanted = on_row(row); }));
  }
  return {};
}

}  // namespace penstock::registry
