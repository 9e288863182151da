#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/database/database.h"

namespace penstock::database {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresqlResult = std::unique_ptr<PGresult, ClearResult>;

// Values as libpq sends them. Those given must outlive it.
struct PostgresqlParameters {
  explicit PostgresqlParameters(std::span<const Value> values);

  std::vector<Oid> types;  // declared, so that `$1 > 0` is not a comparison of 32 bits; 0 for NULL
  std::vector<const char*> bytes;
  std::vector<int> lengths;
  std::vector<int> formats;

 private:
  std::vector<std::string> numbers_;  // their text, which `bytes` points to
};

// One row of a result in text format. Reads what PostgreSQL calls boolean or numeric as integers, too: SQLite
// has them as such.
class PostgresqlRow : public Row {
 public:
  explicit PostgresqlRow(const PGresult* result) : result_(result) {}
  void move_to(int row) {
    row_ = row;
    blobs_.clear();
  }

  int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  std::span<const std::byte> blob(int column) const override;
  bool is_null(int column) const override;

 private:
  enum class Type : uint8_t { kNull, kInteger, kBoolean, kReal, kNumeric, kText, kBlob, kOther };
  Type type(int column) const;
  std::string_view bytes(int column) const;
  [[noreturn]] void mismatch(int column, std::string_view wanted) const;

  const PGresult* result_;
  int row_ = 0;
  mutable std::vector<std::optional<Blob>> blobs_;  // by column, decoded when asked for
};

}  // namespace penstock::database
