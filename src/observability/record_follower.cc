#include "observability/record_follower.h"

#include <mutex>
#include <optional>
#include <utility>

#include "core/log.h"
#include "observability/cost_store.h"

namespace penstock::observability {

using journal::Position;

namespace {

// The first place behind the record at `position`.
Position behind(Position position) { return {position.segment, position.offset + 1}; }

// Requests that are written while we live, added up.
class LiveCosts {
 public:
  // Every request of the journal from `from` to `last` is in `costs`.
  struct Taken {
    Position from;
    Position last;
    HourlyCosts costs;
  };

  void begin(Position from) {
    std::lock_guard lock(mutex_);
    held_.from = from;
  }

  // In order of position. Drops what was held where memory runs full: the journal has it.
  void add(const Position& position, const RequestRecord& record) {
    std::lock_guard lock(mutex_);
    if (held_.costs.rows().size() >= RecordFollower::kLiveRowsMax) {
      held_ = {.from = position, .last = {}, .costs = {}};
    }
    held_.costs.add(record);
    held_.last = position;
  }

  // What is held begins here; everything below has been taken or dropped.
  Position from() {
    std::lock_guard lock(mutex_);
    return held_.from;
  }

  Taken take() {
    std::lock_guard lock(mutex_);
    if (held_.costs.empty()) return {.from = held_.from, .last = {}, .costs = {}};
    Position next = behind(held_.last);
    return std::exchange(held_, Taken{.from = next, .last = {}, .costs = {}});
  }

  // What was taken has not been counted, unless what stands behind it was dropped meanwhile.
  void put_back(Taken taken) {
    std::lock_guard lock(mutex_);
    if (taken.costs.empty() || held_.from != behind(taken.last)) return;
    taken.costs.add(held_.costs);
    if (!held_.costs.empty()) taken.last = held_.last;
    held_ = std::move(taken);
  }

 private:
  std::mutex mutex_;
  Taken held_;
};

struct Batch {
  HourlyCosts costs;
  Position last;  // read, also where it could not be decoded
  bool more = false;
};

}  // namespace

struct RecordFollower::State {
  Result<Position> stored_position();
  Result<Batch> read_batch(Position after, Position below);
  Result<void> count(const HourlyCosts& costs, Position last);
  Result<int64_t> count_journal(Position below);
  Result<int64_t> count_live();

  journal::Journal& requests;
  RequestLog& log;
  database::Database& database;
  const std::string name;
  const std::string node;
  const std::vector<RecordSink*> sinks;
  LiveCosts live;
  std::optional<Position> counted;   // the last request that is; unknown until read
  std::optional<Position> whole_to;  // everything below is counted
};

RecordFollower::RecordFollower(journal::Journal& requests, RequestLog& log, database::Database& database,
                               std::string name, std::string node, std::vector<RecordSink*> sinks)
    : state_(new State{.requests = requests,
                       .log = log,
                       .database = database,
                       .name = std::move(name),
                       .node = std::move(node),
                       .sinks = std::move(sinks)}) {
  LiveCosts& live = state_->live;
  live.begin(log.follow_in_order(
      [&live](const Position& position, const RequestRecord& record) { live.add(position, record); }));
}

RecordFollower::~RecordFollower() { state_->log.follow_in_order({}); }

Result<Position> RecordFollower::State::stored_position() {
  Position position;
  RETURN_IF_ERROR(database.read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(position, read_follower(connection, name, node));
    return {};
  }));
  return position;
}

Result<Batch> RecordFollower::State::read_batch(Position after, Position below) {
  Batch batch{.costs = {}, .last = after};
  auto visit = [&](const Position& position, const journal::Record& entry) {
    if (position == after) return true;
    if (position >= below) return false;
    batch.last = position;
    if (auto record = decode(entry.payload, Bodies::kLeftOut)) {
      batch.costs.add(*record);
    } else {
      log_warn("a request record cannot be read and is not counted",
               {{"follower", name}, {"id", entry.id.text()}, {"error", record.error().message}});
    }
    return batch.costs.requests() < static_cast<int64_t>(kBatchRecords);
  };
  ASSIGN_OR_RETURN(auto next, requests.scan(after, kBatchBytesMax, visit));
  batch.more = next.has_value() && *next < below;
  return batch;
}

Result<void> RecordFollower::State::count(const HourlyCosts& costs, Position last) {
  auto written = database.write_now([&](database::Connection& connection) -> Result<void> {
    for (RecordSink* sink : sinks) RETURN_IF_ERROR(sink->count(connection, costs));
    return write_follower(connection, name, node, last);
  });
  if (!written) {
    counted.reset();  // the transaction may have been made all the same: ask what it left
    return written;
  }
  counted = last;
  return {};
}

Result<int64_t> RecordFollower::State::count_journal(Position below) {
  int64_t requests_counted = 0;
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(Batch batch, read_batch(*counted, below));
    if (batch.last != *counted) RETURN_IF_ERROR(count(batch.costs, batch.last));
    requests_counted += batch.costs.requests();
    more = batch.more;
  }
  whole_to = below;
  return requests_counted;
}

Result<int64_t> RecordFollower::State::count_live() {
  LiveCosts::Taken taken = live.take();
  if (taken.costs.empty()) return 0;
  int64_t requests_counted = taken.costs.requests();
  Position last = taken.last;
  if (taken.from != *whole_to) {  // something was dropped a moment ago: next time
    live.put_back(std::move(taken));
    return 0;
  }
  Result<void> written = count(taken.costs, last);
  if (!written) {
    Result<Position> stored = stored_position();
    if (stored && *stored < last) live.put_back(std::move(taken));
    if (!stored || *stored < last) {
      if (!stored) whole_to.reset();  // so that the journal is read from where the database says it stopped
      return Failure(std::move(written).error());
    }
    counted = *stored;
  }
  whole_to = behind(last);
  return requests_counted;
}

Result<int64_t> RecordFollower::catch_up() {
  State& state = *state_;
  if (!state.counted) {
    ASSIGN_OR_RETURN(state.counted, state.stored_position());
  }
  int64_t requests_counted = 0;
  Position live_from = state.live.from();
  if (state.whole_to != live_from) {
    ASSIGN_OR_RETURN(requests_counted, state.count_journal(live_from));
  }
  ASSIGN_OR_RETURN(int64_t live, state.count_live());
  return requests_counted + live;
}

}  // namespace penstock::observability
