#pragma once

#include <cstdint>

namespace penstock::duckdb {

// What we use of DuckDB's C interface (version 1.5.5, "duckdb.h"), declared here because the package that
// carries the library has no header. The library is loaded by name, so that every function is a pointer.
namespace c {

enum State : int { kSuccess = 0, kError = 1 };

struct Database_;
struct Connection_;
struct Config_;
struct Statement_;
struct Chunk_;
struct Vector_;
using Database = Database_*;
using Connection = Connection_*;
using Config = Config_*;
using Statement = Statement_*;
using Chunk = Chunk_*;
using Vector = Vector_*;

struct ResultData {
  uint64_t unused_counts[3];
  void* unused_columns;
  char* unused_message;
  void* internal;
};

struct Progress {
  double percent;
  uint64_t rows_done;
  uint64_t rows_total;
};

union StringData {  // up to 12 bytes stand in place
  struct {
    uint32_t bytes;
    char text[12];
  } inlined;
  struct {
    uint32_t bytes;
    char prefix[4];
    char* text;
  } pointer;
};
static_assert(sizeof(StringData) == 16);

struct HugeInteger {
  uint64_t lower;
  int64_t upper;
};

enum Type : int {
  kBoolean = 1,
  kTinyInt = 2,
  kSmallInt = 3,
  kInteger = 4,
  kBigInt = 5,
  kUTinyInt = 6,
  kUSmallInt = 7,
  kUInteger = 8,
  kUBigInt = 9,
  kFloat = 10,
  kDouble = 11,
  kHugeInt = 16,
  kVarchar = 17,
  kSqlNull = 36,
};

enum ErrorType : int { kIoError = 28, kInterrupt = 29, kOutOfMemory = 33 };

}  // namespace c

// name in the library, result, parameters
#define PENSTOCK_DUCKDB_FUNCTIONS(X)                                                \
  X(library_version, const char*, ())                                               \
  X(create_config, c::State, (c::Config*))                                          \
  X(set_config, c::State, (c::Config, const char*, const char*))                    \
  X(destroy_config, void, (c::Config*))                                             \
  X(open_ext, c::State, (const char*, c::Database*, c::Config, char**))             \
  X(close, void, (c::Database*))                                                    \
  X(connect, c::State, (c::Database, c::Connection*))                               \
  X(disconnect, void, (c::Connection*))                                             \
  X(interrupt, void, (c::Connection))                                               \
  X(query_progress, c::Progress, (c::Connection))                                   \
  X(prepare, c::State, (c::Connection, const char*, c::Statement*))                 \
  X(prepare_error, const char*, (c::Statement))                                     \
  X(nparams, uint64_t, (c::Statement))                                              \
  X(destroy_prepare, void, (c::Statement*))                                         \
  X(bind_null, c::State, (c::Statement, uint64_t))                                  \
  X(bind_boolean, c::State, (c::Statement, uint64_t, bool))                         \
  X(bind_int64, c::State, (c::Statement, uint64_t, int64_t))                        \
  X(bind_double, c::State, (c::Statement, uint64_t, double))                        \
  X(bind_varchar_length, c::State, (c::Statement, uint64_t, const char*, uint64_t)) \
  X(execute_prepared, c::State, (c::Statement, c::ResultData*))                     \
  X(destroy_result, void, (c::ResultData*))                                         \
  X(result_error, const char*, (c::ResultData*))                                    \
  X(result_error_type, c::ErrorType, (c::ResultData*))                              \
  X(column_count, uint64_t, (c::ResultData*))                                       \
  X(column_name, const char*, (c::ResultData*, uint64_t))                           \
  X(column_type, c::Type, (c::ResultData*, uint64_t))                               \
  X(fetch_chunk, c::Chunk, (c::ResultData))                                         \
  X(destroy_data_chunk, void, (c::Chunk*))                                          \
  X(data_chunk_get_size, uint64_t, (c::Chunk))                                      \
  X(data_chunk_get_vector, c::Vector, (c::Chunk, uint64_t))                         \
  X(vector_get_data, void*, (c::Vector))                                            \
  X(vector_get_validity, uint64_t*, (c::Vector))                                    \
  X(free, void, (void*))

// The library's functions, each a pointer once it is loaded.
struct Api {
#define PENSTOCK_DUCKDB_POINTER(name, result, parameters) result(*name) parameters = nullptr;
  PENSTOCK_DUCKDB_FUNCTIONS(PENSTOCK_DUCKDB_POINTER)
#undef PENSTOCK_DUCKDB_POINTER
};

}  // namespace penstock::duckdb
