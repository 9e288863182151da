#include "gateway/spend_journal.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <utility>

#include "gateway/spend_frame.h"

namespace penstock::gateway {

// An open request: its frame stands at `from` or above.
struct SpendJournal::Entry::Live {
  Uuid id;
  journal::Position from;
  std::list<Live>::iterator self;
};

struct SpendJournal::State {
  State(journal::Journal& to, const Clock& time) : journal(to), clock(time) {}

  Result<journal::Position> append(const Uuid& id, std::string payload) {
    return journal.append({.id = id, .at = clock.now(), .payload = std::move(payload)});
  }

  journal::Journal& journal;
  const Clock& clock;
  std::mutex mutex;                         // of what follows; held for moments
  std::list<Entry::Live> live;              // in order of `from`
  journal::Position newest;                 // the last frame that was appended, nearly
  std::optional<journal::Position> lost;    // the first one that was neither settled nor is live
  std::optional<journal::Position> marked;  // what the last mark says
};

SpendJournal::SpendJournal(journal::Journal& journal, const Clock& clock)
    : state_(std::make_unique<State>(journal, clock)) {}
SpendJournal::~SpendJournal() = default;

Result<SpendJournal::Entry> SpendJournal::open(const observability::RequestRecord& record) {
  State& state = *state_;
  Entry entry;
  {
    std::lock_guard lock(state.mutex);
    auto live = state.live.emplace(state.live.end(), Entry::Live{record.id, state.newest, {}});
    live->self = live;
    entry.journal_ = this;
    entry.live_ = &*live;
  }
  if (Result<void> written = entry.reopen(record); !written) {
    entry.settled();  // nothing of it was written
    return Failure(std::move(written).error());
  }
  return entry;
}

Result<void> SpendJournal::mark() {
  State& state = *state_;
  journal::Position position;
  {
    std::lock_guard lock(state.mutex);
    position = state.live.empty() ? state.newest : state.live.front().from;
    if (state.lost) position = std::min(position, *state.lost);
    if (position == journal::Position{} || state.marked == position) return {};
  }
  RETURN_IF_ERROR(state.append(Uuid{}, encode_mark(position)));
  std::lock_guard lock(state.mutex);
  state.marked = position;
  return {};
}

SpendJournal::Entry::Entry(Entry&& other) noexcept { *this = std::move(other); }

SpendJournal::Entry& SpendJournal::Entry::operator=(Entry&& other) noexcept {
  std::swap(journal_, other.journal_);
  std::swap(live_, other.live_);
  std::swap(tokens_, other.tokens_);
  std::swap(at_us_, other.at_us_);
  return *this;
}

SpendJournal::Entry::~Entry() {
  if (live_ == nullptr) return;
  State& state = *journal_->state_;
  {
    std::lock_guard lock(state.mutex);
    state.lost = std::min(state.lost.value_or(live_->from), live_->from);
  }
  settled();
}

Result<void> SpendJournal::Entry::reopen(const observability::RequestRecord& record) {
  State& state = *journal_->state_;
  ASSIGN_OR_RETURN(journal::Position position, state.append(live_->id, encode_open(record)));
  tokens_ = 0;
  at_us_ = state.clock.monotonic_us();
  std::lock_guard lock(state.mutex);
  state.newest = std::max(state.newest, position);
  return {};
}

Result<void> SpendJournal::Entry::checkpoint(const TokenCounts& tokens, std::optional<Money> cost) {
  State& state = *journal_->state_;
  RETURN_IF_ERROR(state.append(live_->id, encode_checkpoint(live_->id, tokens, cost)));
  tokens_ = observability::output_tokens(tokens);
  at_us_ = state.clock.monotonic_us();
  return {};
}

void SpendJournal::Entry::settled() {
  if (live_ == nullptr) return;
  State& state = *journal_->state_;
  std::lock_guard lock(state.mutex);
  state.live.erase(std::exchange(live_, nullptr)->self);
}

}  // namespace penstock::gateway
