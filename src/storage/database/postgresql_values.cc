#include "storage/database/postgresql_values.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "storage/database/column_mismatch.h"

namespace penstock::database {
namespace {

// Object identifiers of built-in types, fixed by PostgreSQL's catalog/pg_type.dat.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kVarchar = 1043;
constexpr Oid kNumeric = 1700;

constexpr int kTextFormat = 0;
constexpr int kBinaryFormat = 1;

template <class T>
std::string number_text(T number) {
  std::array<char, 32> buffer{};
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

template <class T>
std::optional<T> parse(std::string_view text) {
  T number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// "\x00ff", the only form in which servers since 9.0 send bytes.
Blob decode_bytea(std::string_view text) {
  Blob bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 2; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(hex_digit(text[i]) << 4 | hex_digit(text[i + 1])));
  }
  return bytes;
}

}  // namespace

PostgresqlParameters::PostgresqlParameters(std::span<const Value> values) {
  numbers_.reserve(values.size());  // `bytes` points into it
  auto add = [this](Oid type, const char* data, size_t length, int format) {
    types.push_back(type);
    bytes.push_back(data);
    lengths.push_back(static_cast<int>(length));
    formats.push_back(format);
  };
  struct Adder {
    decltype(add)& add_one;
    std::vector<std::string>& numbers;
    void operator()(std::monostate) const { add_one(0, nullptr, 0, kTextFormat); }
    void operator()(int64_t integer) const { add_number(kInt8, number_text(integer)); }
    void operator()(double real) const { add_number(kFloat8, number_text(real)); }
    void operator()(const std::string& text) const {
      add_one(kText, text.data(), text.size(), kBinaryFormat);
    }
    void operator()(const Blob& blob) const {
      const char* data = blob.empty() ? "" : reinterpret_cast<const char*>(blob.data());  // null means NULL
      add_one(kBytea, data, blob.size(), kBinaryFormat);
    }
    void add_number(Oid type, std::string text) const {
      numbers.push_back(std::move(text));
      add_one(type, numbers.back().c_str(), 0, kTextFormat);
    }
  };
  for (const Value& value : values) std::visit(Adder{add, numbers_}, value);
}

int64_t PostgresqlRow::integer(int column) const {
  Type found = type(column);
  if (found == Type::kBoolean) return bytes(column) == "t" ? 1 : 0;
  if (found == Type::kInteger || found == Type::kNumeric) {
    if (auto number = parse<int64_t>(bytes(column))) return *number;
  }
  mismatch(column, "INTEGER");
}

double PostgresqlRow::real(int column) const {
  Type found = type(column);
  if (found == Type::kReal || found == Type::kNumeric || found == Type::kInteger) {
    if (auto number = parse<double>(bytes(column))) return *number;
  }
  mismatch(column, "REAL");
}

std::string_view PostgresqlRow::text(int column) const {
  if (type(column) != Type::kText) mismatch(column, "TEXT");
  return bytes(column);
}

std::span<const std::byte> PostgresqlRow::blob(int column) const {
  if (type(column) != Type::kBlob) mismatch(column, "BLOB");
  blobs_.resize(static_cast<size_t>(PQnfields(result_)));
  std::optional<Blob>& blob = blobs_[static_cast<size_t>(column)];
  if (!blob) blob = decode_bytea(bytes(column));
  return *blob;
}

bool PostgresqlRow::is_null(int column) const { return type(column) == Type::kNull; }

PostgresqlRow::Type PostgresqlRow::type(int column) const {
  int columns = PQnfields(result_);
  if (column < 0 || column >= columns) throw ColumnMismatch::absent(column, columns);
  if (PQgetisnull(result_, row_, column) != 0) return Type::kNull;
  switch (PQftype(result_, column)) {
    case kInt2:
    case kInt4:
    case kInt8:
      return Type::kInteger;
    case kBool:
      return Type::kBoolean;
    case kFloat4:
    case kFloat8:
      return Type::kReal;
    case kNumeric:
      return Type::kNumeric;
    case kText:
    case kVarchar:
    case kName:
      return Type::kText;
    case kBytea:
      return Type::kBlob;
    default:
      return Type::kOther;
  }
}

std::string_view PostgresqlRow::bytes(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<size_t>(PQgetlength(result_, row_, column))};
}

void PostgresqlRow::mismatch(int column, std::string_view wanted) const {
  static constexpr std::array<std::string_view, 8> kNames = {"NULL",    "INTEGER", "BOOLEAN", "REAL",
                                                             "NUMERIC", "TEXT",    "BLOB",    "another type"};
  throw ColumnMismatch::other_type(column, PQfname(result_, column),
                                   kNames.at(std::to_underlying(type(column))), wanted);
}

}  // namespace penstock::database
