#include "storage/database/postgresql_error.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace penstock::database {
namespace {

constexpr int64_t kRetryAfterMs = 1000;

// https://www.postgresql.org/docs/15/errcodes-appendix.html; the longest prefix comes first.
struct State {
  std::string_view prefix;
  ErrorCode code;
};
constexpr std::array kStates = {
    State{"23505", ErrorCode::kConflict},          // unique_violation
    State{"23503", ErrorCode::kConflict},          // foreign_key_violation
    State{"23001", ErrorCode::kConflict},          // restrict_violation
    State{"53100", ErrorCode::kStorageFull},       // disk_full
    State{"57014", ErrorCode::kDeadlineExceeded},  // query_canceled: statement_timeout
    State{"55P03", ErrorCode::kUnavailable},       // lock_not_available: lock_timeout
    State{"25P03", ErrorCode::kUnavailable},       // idle_in_transaction_session_timeout
    State{"25006", ErrorCode::kInternal},          // read_only_sql_transaction
    State{"08", ErrorCode::kUnavailable},          // connection exceptions
    State{"28", ErrorCode::kUnavailable},          // refused to log in
    State{"3D", ErrorCode::kUnavailable},          // no such database
    State{"40", ErrorCode::kUnavailable},          // deadlock, serialization failure
    State{"53", ErrorCode::kUnavailable},          // too many connections, out of memory
    State{"54", ErrorCode::kTooLarge},             // program limits
    State{"57", ErrorCode::kUnavailable},          // shut down, starting up
    State{"58030", ErrorCode::kUnavailable},       // io_error
    State{"XX001", ErrorCode::kCorrupt},           // data_corrupted
    State{"XX002", ErrorCode::kCorrupt},           // index_corrupted
};

std::string field(const PGresult* result, int which) {
  const char* text = PQresultErrorField(result, which);
  return text == nullptr ? "" : text;
}

ErrorCode code_of(std::string_view state) {
  auto found = std::ranges::find_if(kStates, [&](const State& one) { return state.starts_with(one.prefix); });
  return found == kStates.end() ? ErrorCode::kInternal : found->code;
}

// "t.a, t.b" of a violated key: its detail reads "Key (a, b)=(1, secret) already exists."
std::string key_columns(const PGresult* result) {
  std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  size_t start = detail.find('(');
  size_t end = detail.find(")=(");
  if (start == std::string::npos || end == std::string::npos) return field(result, PG_DIAG_TABLE_NAME);
  std::string columns;
  for (std::string_view column : split(std::string_view(detail).substr(start + 1, end - start - 1), ',')) {
    columns.append(columns.empty() ? "" : ", ").append(field(result, PG_DIAG_TABLE_NAME)).append(".");
    columns.append(trim(column));
  }
  return columns;
}

// In SQLite's words where PostgreSQL's would quote values.
std::string message_of(const PGresult* result, std::string_view state) {
  if (state == "23505") return "UNIQUE constraint failed: " + key_columns(result);
  if (state == "23503") return "FOREIGN KEY constraint failed: " + key_columns(result);
  if (state == "23502") {
    return "NOT NULL constraint failed: " + field(result, PG_DIAG_TABLE_NAME) + "." +
           field(result, PG_DIAG_COLUMN_NAME);
  }
  if (state.starts_with("22"))
    return "a value does not suit its column (SQLSTATE " + std::string(state) + ")";
  if (state == "57014") return "the statement took too long";
  if (state == "55P03") return "another process keeps the database locked";
  return field(result, PG_DIAG_MESSAGE_PRIMARY);
}

}  // namespace

Error postgresql_error(const PGresult* result, std::string_view sql) {
  std::string state = field(result, PG_DIAG_SQLSTATE);
  Error error{.code = code_of(state), .message = std::string(sql) + ": " + message_of(result, state)};
  if (error.code == ErrorCode::kUnavailable) error.retry_after_ms = kRetryAfterMs;
  return error;
}

Error postgresql_lost(std::string_view label, std::string_view why) {
  Error error =
      Error::unavailable(std::string(label) + ": " + std::string(trim(why.substr(0, why.find('\n')))));
  error.retry_after_ms = kRetryAfterMs;
  return error;
}

}  // namespace penstock::database
