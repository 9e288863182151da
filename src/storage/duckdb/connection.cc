#include <utility>

#include "storage/duckdb/duckdb.h"
#include "storage/duckdb/library.h"

namespace penstock::duckdb {
namespace {

ErrorCode code_of(c::ErrorType type) {
  switch (type) {
    case c::kInterrupt:
      return ErrorCode::kCancelled;
    case c::kOutOfMemory:
      return ErrorCode::kTooLarge;
    case c::kIoError:
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kInvalidArgument;
  }
}

// A statement that does not get as far as a result says what went wrong in its text only.
Error unprepared(std::string message) {
  if (message.starts_with("INTERRUPT Error")) {
    return Error{.code = ErrorCode::kCancelled, .message = std::move(message)};
  }
  return Error::invalid("", std::move(message));
}

bool is_cell_type(c::Type type) {
  return (type >= c::kBoolean && type <= c::kDouble) || type == c::kHugeInt || type == c::kVarchar ||
         type == c::kSqlNull;
}

c::State bind(const Api& api, c::Statement statement, uint64_t at, const Value& value) {
  struct Binder {
    const Api& api;
    c::Statement statement;
    uint64_t at;
    c::State operator()(std::monostate) const { return api.bind_null(statement, at); }
    c::State operator()(bool flag) const { return api.bind_boolean(statement, at, flag); }
    c::State operator()(int64_t number) const { return api.bind_int64(statement, at, number); }
    c::State operator()(double number) const { return api.bind_double(statement, at, number); }
    c::State operator()(const std::string& text) const {
      return api.bind_varchar_length(statement, at, text.data(), text.size());
    }
  };
  return std::visit(Binder{api, statement, at}, value);
}

struct StatementOwner {
  const Api& api;
  c::Statement statement = nullptr;
  ~StatementOwner() {
    if (statement != nullptr) api.destroy_prepare(&statement);
  }
};

Result<void> set(const Api& api, c::Config config, const char* name, const std::string& value) {
  if (api.set_config(config, name, value.c_str()) == c::kSuccess) return {};
  return Failure(Error::internal(std::string("DuckDB refuses the setting ") + name + " = " + value));
}

Result<void> configure(const Api& api, c::Config config, const Options& options) {
  RETURN_IF_ERROR(set(api, config, "autoinstall_known_extensions", "false"));
  RETURN_IF_ERROR(set(api, config, "autoload_known_extensions", "false"));
  RETURN_IF_ERROR(set(api, config, "memory_limit", std::to_string(options.memory_bytes_max) + "B"));
  if (options.threads > 0) RETURN_IF_ERROR(set(api, config, "threads", std::to_string(options.threads)));
  return set(api, config, "temp_directory", options.spill_directory.string());
}

}  // namespace

struct Rows::State {
  const Api& api;
  c::ResultData result{};
  c::Chunk chunk = nullptr;
  Chunk view{};
  std::vector<std::string> names{};

  ~State() {
    if (chunk != nullptr) api.destroy_data_chunk(&chunk);
    api.destroy_result(&result);
  }
};

Rows::Rows(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

const std::vector<std::string>& Rows::columns() const { return state_->names; }

Result<const Chunk*> Rows::fetch() {
  const Api& api = state_->api;
  if (state_->chunk != nullptr) api.destroy_data_chunk(&state_->chunk);
  state_->chunk = api.fetch_chunk(state_->result);
  if (state_->chunk == nullptr) return nullptr;
  Chunk& view = state_->view;
  view.rows_ = api.data_chunk_get_size(state_->chunk);
  if (view.rows_ == 0) return nullptr;
  view.columns_.resize(state_->names.size());
  for (size_t i = 0; i < view.columns_.size(); ++i) {
    c::Vector vector = api.data_chunk_get_vector(state_->chunk, i);
    view.columns_[i] = {.data = api.vector_get_data(vector),
                        .valid = api.vector_get_validity(vector),
                        .type = api.column_type(&state_->result, i)};
  }
  return &view;
}

Result<std::vector<std::vector<Value>>> Rows::all(size_t rows_max) {
  std::vector<std::vector<Value>> out;
  while (true) {
    ASSIGN_OR_RETURN(const Chunk* chunk, fetch());
    if (chunk == nullptr) return out;
    for (size_t row = 0; row < chunk->rows(); ++row) {
      if (out.size() == rows_max) {
        return Failure(Error{.code = ErrorCode::kTooLarge,
                             .message = "a result has more than " + std::to_string(rows_max) + " rows"});
      }
      std::vector<Value>& cells = out.emplace_back();
      for (size_t i = 0; i < state_->names.size(); ++i) cells.push_back(chunk->value(i, row));
    }
  }
}

struct Connection::State {
  const Api& api;
  c::Database database = nullptr;
  c::Connection connection = nullptr;

  ~State() {
    if (connection != nullptr) api.disconnect(&connection);
    if (database != nullptr) api.close(&database);
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const Options& options) {
  ASSIGN_OR_RETURN(const Api* api, library());
  auto state = std::make_unique<State>(*api);
  c::Config config = nullptr;
  if (api->create_config(&config) != c::kSuccess) {
    return Failure(Error::internal("DuckDB made no configuration"));
  }
  Result<void> configured = configure(*api, config, options);
  char* message = nullptr;
  std::string path = options.file.string();
  c::State opened =
      configured ? api->open_ext(path.empty() ? nullptr : path.c_str(), &state->database, config, &message)
                 : c::kError;
  api->destroy_config(&config);
  if (!configured) return Failure(configured.error());
  if (opened != c::kSuccess) {
    std::string why = message == nullptr ? "no reason given" : message;
    api->free(message);
    return Failure(Error::internal("DuckDB does not open '" + path + "': " + why));
  }
  if (api->connect(state->database, &state->connection) != c::kSuccess) {
    return Failure(Error::internal("DuckDB gives no connection"));
  }
  return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

Result<Rows> Connection::run(std::string_view sql, std::span<const Value> values) {
  const Api& api = state_->api;
  StatementOwner owner{api};
  if (api.prepare(state_->connection, std::string(sql).c_str(), &owner.statement) != c::kSuccess) {
    return Failure(unprepared(api.prepare_error(owner.statement)));
  }
  if (api.nparams(owner.statement) != values.size()) {
    return Failure(Error::internal("a statement with " + std::to_string(api.nparams(owner.statement)) +
                                   " parameters was given " + std::to_string(values.size())));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (bind(api, owner.statement, i + 1, values[i]) != c::kSuccess) {
      return Failure(Error::internal("DuckDB does not take parameter " + std::to_string(i + 1)));
    }
  }
  auto state = std::make_unique<Rows::State>(api);
  if (api.execute_prepared(owner.statement, &state->result) != c::kSuccess) {
    const char* message = api.result_error(&state->result);
    return Failure(Error{.code = code_of(api.result_error_type(&state->result)),
                         .message = message == nullptr ? "DuckDB gave no reason" : message});
  }
  for (uint64_t i = 0; i < api.column_count(&state->result); ++i) {
    state->names.emplace_back(api.column_name(&state->result, i));
    if (!is_cell_type(api.column_type(&state->result, i))) {
      return Failure(Error::internal("column '" + state->names.back() + "' must be cast to VARCHAR"));
    }
  }
  return Rows(std::move(state));
}

void Connection::interrupt() { state_->api.interrupt(state_->connection); }

double Connection::progress_percent() const { return state_->api.query_progress(state_->connection).percent; }

}  // namespace penstock::duckdb
