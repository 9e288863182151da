#include "gateway/race.h"

#include <algorithm>

namespace penstock::gateway {

void Race::enter(std::unique_ptr<Attempt> attempt) {
  entries_.push_back(std::make_unique<Entry>());
  entries_.back()->attempt = std::move(attempt);
  tasks_.spawn(executor_, "hedged attempt", run(*this, *entries_.back()));
}

Task<> Race::run(Race& race, Entry& entry) {
  entry.outcome = co_await entry.attempt->begin();
  race.finished_.notify();
}

std::optional<Race::Finish> Race::finish() {
  bool all_failed = true;
  Entry* last = nullptr;
  for (const auto& entry : entries_) {
    if (!entry->attempt) continue;
    all_failed = all_failed && entry->outcome && !*entry->outcome;
    if (entry->outcome && *entry->outcome) return Finish{std::move(entry->attempt), *entry->outcome};
    last = entry.get();
  }
  if (!all_failed || last == nullptr) return std::nullopt;
  return Finish{std::move(last->attempt), std::move(*last->outcome)};
}

std::vector<Race::Other> Race::others() const {
  std::vector<Other> others;
  for (const auto& entry : entries_) {
    if (!entry->attempt) continue;
    others.push_back({entry->attempt.get(), entry->outcome ? &entry->outcome->error() : nullptr});
  }
  return others;
}

void Race::cancel() {
  for (const auto& entry : entries_) {
    if (entry->attempt && !entry->outcome) entry->attempt->cancel();
  }
}

Task<> Race::end() {
  cancel();
  constexpr int64_t kLookAgainMs = 50;
  while (tasks_.running() > 0) co_await wait(kLookAgainMs);
}

}  // namespace penstock::gateway
