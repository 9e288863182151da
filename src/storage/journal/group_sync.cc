#include "storage/journal/group_sync.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/log.h"

namespace penstock::journal {
namespace {

constexpr std::chrono::seconds kIdleUpkeep{60};

Error not_durable() {
  return Error::internal("the disk refused to sync the journal: the record may not survive a power loss");
}

}  // namespace

GroupSync::GroupSync(GroupSyncOptions options, std::shared_ptr<const AppendFile> file, Position end,
                     FileCalls& calls)
    : options_(std::move(options)),
      calls_(calls),
      files_{std::move(file)},
      end_(end),
      thread_({.name = "journal sync", .threads = 1, .queue_max = 1}) {
  thread_.post([this] { run(); });
}

GroupSync::~GroupSync() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_one();
}

void GroupSync::started(std::shared_ptr<const AppendFile> file) {
  std::lock_guard lock(mutex_);
  files_.push_back(std::move(file));
  new_names_ = true;
}

void GroupSync::appended(Position end) {
  std::lock_guard lock(mutex_);
  end_ = end;
  if (!std::exchange(dirty_, true)) changed_.notify_one();
}

void GroupSync::when_durable(Position position, std::function<void(Result<void>)> done) {
  Result<void> answer;
  {
    std::lock_guard lock(mutex_);
    if (position < lost_) {
      answer = Failure(not_durable());
    } else if (position >= end_) {
      answer = Failure(Error::invalid("position", "no record stands at " + position.text()));
    } else if (position >= synced_) {
      waiters_.push_back({position, std::move(done)});
      changed_.notify_one();
      return;
    }
  }
  done(std::move(answer));
}

void GroupSync::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, kIdleUpkeep, [this] { return stopping_ || dirty_; });
    if (dirty_) {
      changed_.wait_for(lock, std::chrono::milliseconds(options_.interval_ms),
                        [this] { return stopping_ || !waiters_.empty(); });
      dirty_ = false;
      Position end = end_;
      auto files = std::exchange(files_, {files_.back()});
      bool new_names = std::exchange(new_names_, false);
      lock.unlock();
      Result<void> synced = sync_files(files, new_names);
      lock.lock();
      new_names_ = new_names_ || (new_names && !synced);
      std::vector<Waiter> answered = take_answered(synced, end);
      lock.unlock();
      for (Waiter& waiter : answered) waiter.done(synced ? Result<void>{} : Failure(not_durable()));
      lock.lock();
    }
    lock.unlock();
    options_.upkeep();
    lock.lock();
    if (stopping_ && !dirty_) return;
  }
}

Result<void> GroupSync::sync_files(const std::vector<std::shared_ptr<const AppendFile>>& files,
                                   bool new_names) {
  Result<void> synced;
  // Every file is tried: one that fails does not make another's records less durable.
  for (const auto& file : files) {
    if (Result<void> one = file->sync(); !one) synced = std::move(one);
  }
  if (new_names && synced) synced = sync_directory(options_.directory, calls_);
  if (!synced) log_error("journal cannot be synced", {{"what", synced.error().message}});
  return synced;
}

std::vector<GroupSync::Waiter> GroupSync::take_answered(const Result<void>& synced, Position end) {
  synced_ = end;
  if (!synced) lost_ = end;
  auto still_waiting =
      std::ranges::partition(waiters_, [&](const Waiter& waiter) { return waiter.position >= end; });
  std::vector<Waiter> answered(std::make_move_iterator(still_waiting.begin()),
                               std::make_move_iterator(still_waiting.end()));
  waiters_.erase(still_waiting.begin(), still_waiting.end());
  return answered;
}

}  // namespace penstock::journal
