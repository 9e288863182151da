#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"
#include "core/uuid.h"
#include "observability/request_filter.h"
#include "observability/request_record.h"
#include "storage/journal/journal.h"

namespace penstock::observability {

// Records stand in the order of their writing, which may differ from that of `ended_at` by this much at most,
// through scheduling between threads and small corrections of the machine's clock.
inline constexpr int64_t kOrderSlackUs = 60'000'000;

struct RequestQuery {
  RequestFilter filter{};
  int64_t limit = 50;    // 1 to RequestLog::kPageMax
  std::string cursor{};  // next_cursor of the page before; empty: from the newest on
};

// A page reads a bounded part of the journal, so with a filter it may be short, or empty, and still have a
// cursor.
struct RequestPage {
  std::vector<RequestRecord> requests;  // newest first (by end), without input and output
  std::string next_cursor;              // opaque; empty: there is nothing older
};

// The requests of one journal: written once each, read back by page or by id. All members are thread-safe;
// the journal must outlive it.
class RequestLog {
 public:
  static constexpr int64_t kPageMax = 200;
  static constexpr int64_t kPageScanBytesMax = 32 << 20;

  explicit RequestLog(journal::Journal& journal);

  // Appends, then tells the followers. Once it has returned the record survives the process; quick enough for
  // an event loop. kStorageFull and kTooLarge leave no trace.
  Result<journal::Position> write(const RequestRecord& record);
  // For `durability: strict`: returns once the record at `position` is on disk.
  Task<Result<void>> durable(journal::Position position);

  // Blocking: call it on a BlockingPool. kInvalidArgument for a limit or a cursor that is none.
  Result<RequestPage> list(const RequestQuery& query) const;
  // Whole, with input and output. Blocking. kNotFound.
  Result<RequestRecord> get(const Uuid& id) const;

  // Calls `on_request` for every request written from now on, on the writing thread, until the returned
  // object is destroyed; after that no call is in progress. It must be quick and must not write or follow.
  // (The journal's own followers would have to decode what was encoded a moment before.)
  using Follower = std::shared_ptr<void>;
  Follower follow(std::function<void(const RequestRecord&)> on_request);

  // The one that is told of every request in the order of the journal, before the next is written. Returns
  // where the first of them will stand: everything below it was written before. Replaces the one before;
  // an empty function ends it, and after that no call is in progress.
  using InOrder = std::function<void(const journal::Position&, const RequestRecord&)>;
  journal::Position follow_in_order(InOrder on_request);

 private:
  struct Followers;
  Result<journal::Position> append(const journal::Record& entry, const RequestRecord& record);

  journal::Journal& journal_;
  std::shared_ptr<Followers> followers_;
};

}  // namespace penstock::observability
