#include "storage/database/postgresql_link.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "core/clock.h"
#include "storage/database/postgresql_error.h"

namespace penstock::database {
namespace {

constexpr int kServerVersionMin = 130000;  // pg_current_xact_id and pg_xact_status
// A process that stops in the middle of a write, e.g. by SIGSTOP, must not keep all others waiting.
constexpr int64_t kIdleInTransactionMs = 10'000;

constexpr std::string_view kSetTimeouts =
    "SELECT set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('idle_in_transaction_session_timeout', $3, false)";

// Added where the URL does not say otherwise.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"fallback_application_name", "penstock"},
    {"target_session_attrs", "read-write"},  // of several hosts the one that takes writes
    {"keepalives_idle", "30"},
};

int64_t now_us() { return system_clock().monotonic_us(); }

// Until the socket is ready; false when the deadline has passed.
bool wait_for(int socket, short events, int64_t deadline_us) {
  while (true) {
    int64_t left_ms = (deadline_us - now_us() + 999) / 1000;
    if (left_ms <= 0) return false;
    pollfd entry{.fd = socket, .events = events, .revents = 0};
    int ready = poll(&entry, 1, static_cast<int>(std::min<int64_t>(left_ms, 60'000)));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // libpq finds the socket's error itself
  }
}

}  // namespace

Result<std::unique_ptr<PostgresqlLink>> PostgresqlLink::connect(const PostgresqlUrl& url,
                                                                PostgresqlTimeouts timeouts) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  auto add = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  for (const auto& [keyword, value] : kDefaults) add(keyword, value);
  for (const auto& [keyword, value] : url.settings) add(keyword.c_str(), value.c_str());  // the last one wins
  add("client_encoding", "UTF8");
  add(nullptr, nullptr);
  std::unique_ptr<PostgresqlLink> link(
      new PostgresqlLink(PQconnectStartParams(keywords.data(), values.data(), 0), timeouts));
  RETURN_IF_ERROR(link->finish_connecting(url));
  RETURN_IF_ERROR(link->prepare_session(url));
  return link;
}

Result<void> PostgresqlLink::finish_connecting(const PostgresqlUrl& url) {
  if (handle_ == nullptr) return Failure(postgresql_lost(url.label, "out of memory"));
  int64_t deadline_us = now_us() + timeouts_.connect_ms * 1000;
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  if (PQstatus(handle_.get()) == CONNECTION_BAD) status = PGRES_POLLING_FAILED;
  while (status == PGRES_POLLING_WRITING || status == PGRES_POLLING_READING) {
    short events = status == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
    if (!wait_for(PQsocket(handle_.get()), events, deadline_us)) {
      return Failure(
          postgresql_lost(url.label, "no connection within " + std::to_string(timeouts_.connect_ms) + " ms"));
    }
    status = PQconnectPoll(handle_.get());
  }
  if (status != PGRES_POLLING_OK) return Failure(postgresql_lost(url.label, last_message()));
  PQsetnonblocking(handle_.get(), 1);
  PQsetNoticeProcessor(handle_.get(), [](void*, const char*) {}, nullptr);  // else on standard error
  if (PQenterPipelineMode(handle_.get()) != 1) return Failure(postgresql_lost(url.label, last_message()));
  return {};
}

Result<void> PostgresqlLink::prepare_session(const PostgresqlUrl& url) {
  if (server_version() < kServerVersionMin) {
    return Failure(Error::unavailable(url.label + ": the server is PostgreSQL " +
                                      std::to_string(server_version() / 10000) + "; 13 or newer is needed"));
  }
  const char* encoding = PQparameterStatus(handle_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return Failure(Error::unavailable(url.label + ": the database must be made with the encoding UTF8" +
                                      " (createdb --template template0 --encoding UTF8 ...)"));
  }
  const Value values[] = {std::to_string(timeouts_.statement_ms),
                          std::to_string(timeouts_.statement_ms * 2 / 3),  // ends first, and says more
                          std::to_string(kIdleInTransactionMs)};
  PostgresqlParameters parameters(values);
  using Kind = PostgresqlCommand::Kind;
  const PostgresqlCommand commands[] = {
      {.kind = Kind::kPrepare, .text = std::string(kSetTimeouts), .parameters = &parameters},
      {.kind = Kind::kExecute, .parameters = &parameters},
  };
  PostgresqlReply reply = exchange(commands);
  if (reply.lost) return Failure(postgresql_lost(url.label, *reply.lost));
  if (reply.refused) return Failure(postgresql_error(reply.refused.get(), url.label));
  return {};
}

PostgresqlReply PostgresqlLink::exchange(std::span<const PostgresqlCommand> commands) {
  PostgresqlReply reply;
  bool sent = std::ranges::all_of(commands, [this](const auto& command) { return send(command); });
  sent = sent && PQpipelineSync(handle_.get()) == 1;
  int64_t deadline_us = now_us() + (timeouts_.statement_ms + timeouts_.connect_ms) * 1000;
  reply.lost = sent ? receive(reply, deadline_us) : last_message();
  broken_ = reply.lost.has_value();
  return reply;
}

bool PostgresqlLink::send(const PostgresqlCommand& command) {
  PGconn* handle = handle_.get();
  const PostgresqlParameters* values = command.parameters;
  int count = values == nullptr ? 0 : static_cast<int>(values->types.size());
  switch (command.kind) {
    case PostgresqlCommand::Kind::kRun:
      return PQsendQueryParams(handle, command.text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 1;
    case PostgresqlCommand::Kind::kPrepare:
      return PQsendPrepare(handle, command.name.c_str(), command.text.c_str(), count,
                           values == nullptr ? nullptr : values->types.data()) == 1;
    case PostgresqlCommand::Kind::kExecute:
      return PQsendQueryPrepared(handle, command.name.c_str(), count,
                                 values == nullptr ? nullptr : values->bytes.data(),
                                 values == nullptr ? nullptr : values->lengths.data(),
                                 values == nullptr ? nullptr : values->formats.data(), 0) == 1;
  }
  return false;
}

// Until the answer to the last command; returns why the connection broke, if it did.
std::optional<std::string> PostgresqlLink::receive(PostgresqlReply& reply, int64_t deadline_us) {
  while (true) {
    if (!wait_until_readable(deadline_us)) {
      if (!silent_) return last_message();
      int64_t waited_ms = timeouts_.statement_ms + timeouts_.connect_ms;
      return "the server has not answered for " + std::to_string(waited_ms) + " ms";
    }
    PostgresqlResult result(PQgetResult(handle_.get()));
    if (PQstatus(handle_.get()) == CONNECTION_BAD) {
      return result ? std::string(PQresultErrorMessage(result.get())) : last_message();
    }
    if (!result) continue;  // it separates the commands' results
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        return std::nullopt;
      case PGRES_PIPELINE_ABORTED:
        break;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
        reply.results.push_back(std::move(result));
        break;
      default:
        if (!reply.refused) reply.refused = std::move(result);
    }
  }
}

// Until PQgetResult has something to say; false when the connection broke or the deadline has passed.
bool PostgresqlLink::wait_until_readable(int64_t deadline_us) {
  PGconn* handle = handle_.get();
  while (true) {
    int unsent = PQflush(handle);
    if (unsent < 0) return false;
    if (unsent == 0 && PQisBusy(handle) == 0) return true;
    short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    if (!wait_for(PQsocket(handle), events, deadline_us)) {
      silent_ = true;
      return false;
    }
    if (PQconsumeInput(handle) != 1) return false;
  }
}

}  // namespace penstock::database
