#include "observability/record_follower.h"

#include <utility>

#include "core/log.h"
#include "observability/cost_store.h"

namespace penstock::observability {

struct RecordFollower::Batch {
  std::vector<RequestRecord> records;
  journal::Position last;  // read, also where it could not be decoded
  bool more = false;
};

RecordFollower::RecordFollower(journal::Journal& requests, database::Database& database, std::string name,
                               std::string node, std::vector<RecordSink*> sinks)
    : requests_(requests),
      database_(database),
      name_(std::move(name)),
      node_(std::move(node)),
      sinks_(std::move(sinks)) {}

Result<journal::Position> RecordFollower::stored_position() {
  journal::Position position;
  RETURN_IF_ERROR(database_.read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(position, read_follower(connection, name_, node_));
    return {};
  }));
  return position;
}

Result<RecordFollower::Batch> RecordFollower::next_batch(journal::Position after) {
  Batch batch{.records = {}, .last = after};
  auto visit = [&](const journal::Position& position, const journal::Record& entry) {
    if (position == after) return true;
    batch.last = position;
    auto record = decode(entry.payload, Bodies::kLeftOut);
    if (record) {
      batch.records.push_back(std::move(*record));
    } else {
      log_warn("a request record cannot be read and is not counted",
               {{"follower", name_}, {"id", entry.id.text()}, {"error", record.error().message}});
    }
    return batch.records.size() < kBatchRecords;
  };
  ASSIGN_OR_RETURN(auto next, requests_.scan(after, kBatchBytesMax, visit));
  batch.more = next.has_value();
  return batch;
}

Result<int64_t> RecordFollower::catch_up() {
  int64_t counted = 0;
  while (true) {
    if (!position_) {
      ASSIGN_OR_RETURN(position_, stored_position());
    }
    ASSIGN_OR_RETURN(Batch batch, next_batch(*position_));
    if (batch.last == *position_) return counted;
    auto written = database_.write_now([&](database::Connection& connection) -> Result<void> {
      for (RecordSink* sink : sinks_) RETURN_IF_ERROR(sink->count(connection, batch.records));
      return write_follower(connection, name_, node_, batch.last);
    });
    if (!written) {
      position_.reset();  // the transaction may have been made all the same: ask what it left
      return Failure(std::move(written).error());
    }
    position_ = batch.last;
    counted += static_cast<int64_t>(batch.records.size());
    if (!batch.more) return counted;
  }
}

}  // namespace penstock::observability
