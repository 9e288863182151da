#include "observability/request_log.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>

#include "core/log.h"

namespace penstock::observability {
namespace {

Result<std::optional<journal::Position>> start_of(const RequestQuery& query, journal::Journal& journal) {
  if (!query.cursor.empty()) {
    auto position = journal::Position::parse(query.cursor);
    if (!position)
      return Failure(Error::invalid("cursor", "'cursor' must be the next_cursor of an earlier page"));
    return position;
  }
  if (!query.filter.until) return std::nullopt;
  constexpr int64_t kLatestUs = std::numeric_limits<int64_t>::max() - kOrderSlackUs;
  return journal.first_at(Timestamp{std::min(query.filter.until->us, kLatestUs) + kOrderSlackUs});
}

// Collects one page while the journal is read backwards.
class PageReader {
 public:
  explicit PageReader(const RequestQuery& query)
      : limit_(static_cast<size_t>(query.limit)), since_(query.filter.since), matcher_(query.filter) {}

  // False when the page is full or nothing older can match.
  bool visit(const journal::Record& entry) {
    if (since_ && entry.at.us + kOrderSlackUs < since_->us) {
      exhausted_ = true;
      return false;
    }
    auto record = decode(entry.payload);
    if (!record) {
      ++unreadable_;
      return true;
    }
    if (!matcher_.matches(*record)) return true;
    record->input = {};
    record->output = {};
    page_.requests.push_back(std::move(*record));
    return page_.requests.size() < limit_;
  }

  RequestPage finish(std::optional<journal::Position> next) {
    if (unreadable_ > 0) log_warn("request log: records could not be read", {{"records", unreadable_}});
    if (next && !exhausted_) page_.next_cursor = next->text();
    return std::move(page_);
  }

 private:
  size_t limit_;
  std::optional<Timestamp> since_;
  RequestMatcher matcher_;
  RequestPage page_;
  bool exhausted_ = false;
  int64_t unreadable_ = 0;
};

}  // namespace

struct RequestLog::Followers {
  using Callback = std::function<void(const RequestRecord&)>;

  std::shared_mutex mutex;
  std::vector<std::shared_ptr<Callback>> callbacks;
  std::mutex order;  // of appends: held from one until its follower has been told
  InOrder in_order;

  void remove(const Callback* callback) {
    std::unique_lock lock(mutex);
    std::erase_if(callbacks, [&](const auto& known) { return known.get() == callback; });
  }
};

RequestLog::RequestLog(journal::Journal& journal)
    : journal_(journal), followers_(std::make_shared<Followers>()) {}

Result<journal::Position> RequestLog::write(const RequestRecord& record) {
  auto position = append({.id = record.id, .at = record.ended_at, .payload = encode(record)}, record);
  if (!position) return position;
  std::shared_lock lock(followers_->mutex);
  for (const auto& callback : followers_->callbacks) (*callback)(record);
  return position;
}

Result<journal::Position> RequestLog::append(const journal::Record& entry, const RequestRecord& record) {
  std::lock_guard lock(followers_->order);
  auto position = journal_.append(entry);
  if (position && followers_->in_order) followers_->in_order(*position, record);
  return position;
}

journal::Position RequestLog::follow_in_order(InOrder on_request) {
  std::lock_guard lock(followers_->order);
  followers_->in_order = std::move(on_request);
  return journal_.end();
}

Task<Result<void>> RequestLog::durable(journal::Position position) { return journal_.durable(position); }

Result<RequestPage> RequestLog::list(const RequestQuery& query) const {
  if (query.limit < 1 || query.limit > kPageMax) {
    return Failure(Error::invalid("limit", "'limit' must be between 1 and " + std::to_string(kPageMax)));
  }
  ASSIGN_OR_RETURN(auto before, start_of(query, journal_));
  PageReader reader(query);
  ASSIGN_OR_RETURN(auto next,
                   journal_.scan_backwards(before, kPageScanBytesMax,
                                           [&](const journal::Position&, const journal::Record& entry) {
                                             return reader.visit(entry);
                                           }));
  return reader.finish(next);
}

Result<RequestRecord> RequestLog::get(const Uuid& id) const {
  auto entry = journal_.find(id);
  if (!entry && entry.error().code == ErrorCode::kNotFound) {
    return Failure(
        Error::not_found("no request has the id " + id.text() + "; it may be older than the retention"));
  }
  if (!entry) return Failure(std::move(entry).error());
  return decode(entry->payload);
}

RequestLog::Follower RequestLog::follow(std::function<void(const RequestRecord&)> on_request) {
  auto callback = std::make_shared<Followers::Callback>(std::move(on_request));
  {
    std::unique_lock lock(followers_->mutex);
    followers_->callbacks.push_back(callback);
  }
  return {callback.get(), [followers = followers_](Followers::Callback* known) { followers->remove(known); }};
}

}  // namespace penstock::observability
