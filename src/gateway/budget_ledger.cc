#include "gateway/budget_ledger.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "core/await_callback.h"
#include "core/blocking_pool.h"
#include "core/log.h"
#include "gateway/lease_store.h"

namespace penstock::gateway {
namespace {

using database::Connection;

constexpr size_t kFetchesMax = 4096;  // budgets that wait for the store at once
constexpr int64_t kReservedRetryMs = 1'000;

// A budget as the store last showed it.
struct Seen {
  int64_t starts_at_us = -1;  // of the period that this is about
  int64_t left = 0;           // of the amount, leased by nobody
  int64_t trusted = 0;        // this node's part of it: may be spent while the store is lost
  int64_t at_us = 0;          // monotonic
};

struct Waiter {
  int64_t cost = 0;
  Timestamp at;
  std::function<void(Result<void>)> done;
};

struct Entry {
  std::shared_ptr<BudgetAccount> account;
  std::map<int64_t, int64_t> leased;  // what this node holds, by the start of the period
  int64_t spent_at_tick = 0;
  Seen seen;
  std::vector<Waiter> waiters;
  bool fetching = false;
  bool shown = true;
};

// One budget's part of a visit to the store; what comes of it is applied once it is committed.
struct Visit {
  Entry* entry = nullptr;
  PeriodSpan period;
  int64_t wanted = 0;    // to lease more, at least
  int64_t returned = 0;  // taken from what was free, to be given back
  // Filled by the store:
  int64_t own = 0;  // leased by this node before
  int64_t granted = 0;
  int64_t spent_before = 0;  // by records that the slice does not know of
  int64_t left = 0;
  int64_t elsewhere = 0;  // leased by other nodes
};

LeaseKey key_of(const Entry& entry, const PeriodSpan& period) {
  return {entry.account->holder(), std::string(access::period_name(entry.account->per())), period.starts_at};
}

Error used_up(const BudgetAccount& account, const Waiter& waiter) {
  const std::string& holder = account.holder();
  size_t colon = holder.find(':');
  Error error{.code = ErrorCode::kRateLimited,
              .message = "the " + std::string(access::period_name(account.per())) + "'s budget of the " +
                         holder.substr(0, colon) + " '" + holder.substr(colon + 1) +
                         "' has not enough left for this request",
              .reason = "insufficient_quota"};
  const BudgetSlice* slice = account.slice_at(waiter.at);
  if (slice != nullptr && slice->free.load() + slice->reserved.load() >= waiter.cost) {
    error.message += "; requests in progress have reserved it and may give some back";
    error.retry_after_ms = kReservedRetryMs;
  }
  return error;
}

}  // namespace

struct BudgetLedger::State {
  State(database::Database& store, const Clock& time, LedgerOptions with)
      : database(store), clock(time), options(std::move(with)) {}

  using EntryKey = std::pair<std::string, access::Period>;

  Result<void> settle_with_store(Connection& connection, Visit& visit) const;
  void apply(const Visit& visit);
  void undo(const Visit& visit);
  Result<void> visit_store(Visit& visit);
  void trust(const Visit& visit);
  void fetch_for_waiters(Entry& entry);
  std::vector<Waiter> next_waiters(Entry& entry);
  void answer(Entry& entry, const std::vector<Waiter>& waiters, const Result<void>& outcome);
  bool known_used_up(const Entry& entry, const PeriodSpan& period, int64_t cost) const;
  std::vector<Entry*> all_entries();
  std::vector<Entry*> shown_entries();
  std::vector<Visit> visits_of_tick(Timestamp now);

  database::Database& database;
  const Clock& clock;
  const LedgerOptions options;
  std::atomic<int64_t> replicas{1};
  std::mutex store_mutex;  // held while talking to the store; of `leased`, `spent_at_tick`; before `mutex`
  std::mutex mutex;        // of what follows, and of the rest of its entries; held for moments
  std::map<EntryKey, Entry> entries;                                               // only ever grows
  BlockingPool pool{{.name = "budgets", .threads = 1, .queue_max = kFetchesMax}};  // last: uses the rest
};

// Within a transaction, during which no other node leases.
Result<void> BudgetLedger::State::settle_with_store(Connection& connection, Visit& visit) const {
  Entry& entry = *visit.entry;
  const LeaseKey key = key_of(entry, visit.period);
  ASSIGN_OR_RETURN(Leases leases, read_leases(connection, key, options.node));
  auto known = entry.leased.find(visit.period.starts_at.us);
  visit.own = (known == entry.leased.end() ? 0 : known->second) - visit.returned;
  visit.spent_before = std::max<int64_t>(0, leases.own.spent - visit.own);
  visit.own += visit.spent_before;
  const BudgetSlice* slice = entry.account->slice_at(visit.period.starts_at);
  int64_t owed = slice == nullptr ? 0 : std::max<int64_t>(0, -slice->free.load());
  int64_t left = entry.account->amount().nano_usd - leases.others.leased - visit.own;
  int64_t part = visit.wanted > 0 ? left / (kLeaseParts * replicas.load()) : 0;
  visit.granted = std::max(owed, std::min(std::max(visit.wanted + owed, part), left));
  visit.left = std::max<int64_t>(0, left - visit.granted);
  visit.elsewhere = leases.others.leased;
  if (visit.own + visit.granted == leases.own.leased) return {};
  return write_lease(connection, key, options.node, visit.own + visit.granted);
}

void BudgetLedger::State::apply(const Visit& visit) {
  Entry& entry = *visit.entry;
  BudgetSlice* slice = entry.account->slice_at(visit.period.starts_at);
  if (slice == nullptr) {
    slice = &entry.account->begin(visit.period);
    while (entry.leased.size() >= BudgetAccount::kSlices) entry.leased.erase(entry.leased.begin());
  }
  entry.leased[visit.period.starts_at.us] = visit.own + visit.granted;
  slice->spent.fetch_add(visit.spent_before);
  slice->free.fetch_add(visit.granted);
  slice->elsewhere.store(visit.elsewhere, std::memory_order_relaxed);
  std::lock_guard lock(mutex);
  entry.seen = {.starts_at_us = visit.period.starts_at.us,
                .left = visit.left,
                .trusted = visit.left / replicas.load(),
                .at_us = clock.monotonic_us()};
}

void BudgetLedger::State::undo(const Visit& visit) {
  if (visit.returned == 0) return;
  if (BudgetSlice* slice = visit.entry->account->slice_at(visit.period.starts_at)) {
    slice->free.fetch_add(visit.returned);
  }
}

// With store_mutex held.
Result<void> BudgetLedger::State::visit_store(Visit& visit) {
  auto visited =
      database.write_now([&](Connection& connection) { return settle_with_store(connection, visit); });
  if (!visited) {
    undo(visit);
    return visited;
  }
  apply(visit);
  return {};
}

// The store is lost: grants what `on_store_loss` allows. The store hears of it at the next visit.
void BudgetLedger::State::trust(const Visit& visit) {
  if (options.on_store_loss == StoreLoss::kDeny) return;
  Entry& entry = *visit.entry;
  int64_t granted = visit.wanted;
  if (options.on_store_loss == StoreLoss::kShare) {
    std::lock_guard lock(mutex);
    Seen& seen = entry.seen;
    if (seen.starts_at_us != visit.period.starts_at.us) {
      // A period that nobody can have leased from yet, as far as is known.
      int64_t amount = entry.account->amount().nano_usd;
      seen = {.starts_at_us = visit.period.starts_at.us, .trusted = amount / replicas.load()};
    }
    granted = std::min(granted, seen.trusted);
    seen.trusted -= granted;
  }
  BudgetSlice* slice = entry.account->slice_at(visit.period.starts_at);
  if (slice == nullptr) slice = &entry.account->begin(visit.period);
  entry.leased[visit.period.starts_at.us] += granted;
  slice->free.fetch_add(granted);
}

// Those of one period, the first one's; none is left: then the fetching ends.
std::vector<Waiter> BudgetLedger::State::next_waiters(Entry& entry) {
  std::lock_guard lock(mutex);
  if (entry.waiters.empty()) {
    entry.fetching = false;
    return {};
  }
  PeriodSpan period = period_at(entry.account->per(), entry.waiters.front().at);
  auto later =
      std::ranges::partition(entry.waiters, [&](const Waiter& waiter) { return period.holds(waiter.at); });
  std::vector<Waiter> now(std::make_move_iterator(entry.waiters.begin()),
                          std::make_move_iterator(later.begin()));
  entry.waiters.erase(entry.waiters.begin(), later.begin());
  return now;
}

void BudgetLedger::State::answer(Entry& entry, const std::vector<Waiter>& waiters,
                                 const Result<void>& outcome) {
  for (const Waiter& waiter : waiters) {
    const BudgetSlice* slice = entry.account->slice_at(waiter.at);
    bool enough = slice != nullptr && slice->free.load() >= waiter.cost;
    if (enough) {
      waiter.done({});
    } else if (outcome) {
      waiter.done(Failure(used_up(*entry.account, waiter)));
    } else {
      waiter.done(
          Failure(Error::unavailable("the store of budgets does not answer, and this gateway may not "
                                     "spend more without it")));
    }
  }
}

// On the pool's thread.
void BudgetLedger::State::fetch_for_waiters(Entry& entry) {
  while (true) {
    std::vector<Waiter> waiters = next_waiters(entry);
    if (waiters.empty()) return;
    std::unique_lock lock(store_mutex);
    Visit visit{.entry = &entry, .period = period_at(entry.account->per(), waiters.front().at)};
    for (const Waiter& waiter : waiters) visit.wanted += waiter.cost;
    const BudgetSlice* slice = entry.account->slice_at(visit.period.starts_at);
    int64_t free = slice == nullptr ? 0 : std::max<int64_t>(0, slice->free.load());
    visit.wanted = std::max<int64_t>(0, visit.wanted - free);
    Result<void> visited = visit_store(visit);
    if (!visited) {
      log_warn("the store of budgets does not answer", {{"error", visited.error().message}});
      trust(visit);
    }
    lock.unlock();
    answer(entry, waiters, visited);
  }
}

// With mutex held. So a budget that is used up costs the store one visit a second, however many ask.
bool BudgetLedger::State::known_used_up(const Entry& entry, const PeriodSpan& period, int64_t cost) const {
  const Seen& seen = entry.seen;
  const BudgetSlice* slice = entry.account->slice_at(period.starts_at);
  if (slice == nullptr || seen.starts_at_us != period.starts_at.us) return false;
  return slice->free.load() + seen.left < cost && clock.monotonic_us() - seen.at_us < kAskAgainUs;
}

std::vector<Entry*> BudgetLedger::State::all_entries() {
  std::lock_guard lock(mutex);
  std::vector<Entry*> all;
  for (auto& [key, entry] : entries) all.push_back(&entry);
  return all;
}

std::vector<Entry*> BudgetLedger::State::shown_entries() {
  std::lock_guard lock(mutex);
  std::vector<Entry*> shown;
  for (auto& [key, entry] : entries) {
    if (entry.shown) shown.push_back(&entry);
  }
  return shown;
}

// What this node seems not to need: everything where nothing has happened since the last tick, else what is
// beyond a part of what is left and as much as was spent. Debts are reported, too. With store_mutex held.
std::vector<Visit> BudgetLedger::State::visits_of_tick(Timestamp now) {
  std::vector<Visit> visits;
  for (Entry* entry : all_entries()) {
    BudgetSlice* slice = entry->account->slice_at(now);
    if (slice == nullptr) continue;
    int64_t spent = slice->spent.load();
    int64_t since = spent - std::exchange(entry->spent_at_tick, spent);
    int64_t free = slice->free.load();
    if (free == 0) continue;
    bool idle = since == 0 && slice->reserved.load() == 0;
    int64_t left = 0;
    {
      std::lock_guard lock(mutex);
      left = entry->seen.left;
    }
    int64_t keep = idle ? 0 : left / (kLeaseParts * replicas.load()) + since;
    Visit visit{.entry = entry, .period = slice->period()};
    if (free > 2 * keep) visit.returned = slice->take_free(free - keep);
    visits.push_back(visit);
  }
  return visits;
}

BudgetLedger::BudgetLedger(database::Database& database, const Clock& clock, LedgerOptions options)
    : state_(std::make_unique<State>(database, clock, std::move(options))) {}
BudgetLedger::~BudgetLedger() = default;

std::shared_ptr<BudgetAccount> BudgetLedger::account(std::string_view holder, const access::Budget& budget) {
  std::lock_guard lock(state_->mutex);
  Entry& entry = state_->entries[{std::string(holder), budget.per}];
  if (!entry.account) {
    entry.account = std::make_shared<BudgetAccount>(std::string(holder), budget);
  } else if (entry.account->amount() != budget.amount) {
    entry.account->set_amount(budget.amount);
    entry.seen = {};
  }
  entry.shown = true;
  return entry.account;
}

void BudgetLedger::show_only(std::span<const std::shared_ptr<BudgetAccount>> accounts) {
  std::lock_guard lock(state_->mutex);
  for (auto& [key, entry] : state_->entries) entry.shown = false;
  for (const auto& account : accounts) state_->entries.at({account->holder(), account->per()}).shown = true;
}

Task<Result<void>> BudgetLedger::fetch(std::shared_ptr<BudgetAccount> account, Money cost, Timestamp at) {
  auto start = [&](std::function<void(Result<void>)> done) {
    State& state = *state_;
    std::unique_lock lock(state.mutex);
    Entry& entry = state.entries[{account->holder(), account->per()}];
    Waiter waiter{.cost = cost.nano_usd, .at = at, .done = std::move(done)};
    if (state.known_used_up(entry, period_at(account->per(), at), waiter.cost)) {
      lock.unlock();
      waiter.done(Failure(used_up(*account, waiter)));
      return;
    }
    entry.waiters.push_back(std::move(waiter));
    if (std::exchange(entry.fetching, true)) return;
    if (state.pool.post([&state, &entry] { state.fetch_for_waiters(entry); })) return;
    entry.fetching = false;
    std::vector<Waiter> refused = std::exchange(entry.waiters, {});
    lock.unlock();
    for (const Waiter& one : refused) {
      one.done(Failure(Error::unavailable("too many budgets wait for their store")));
    }
  };
  co_return co_await await_callback<Result<void>>(start);
}

Result<void> BudgetLedger::recover() {
  std::lock_guard lock(state_->store_mutex);
  return state_->database.write_now(
      [this](Connection& connection) { return keep_what_is_spent(connection, state_->options.node); });
}

Result<void> BudgetLedger::tick() {
  State& state = *state_;
  std::lock_guard lock(state.store_mutex);
  const Timestamp now = state.clock.now();
  std::vector<Visit> visits;
  if (state.replicas.load() > 1) visits = state.visits_of_tick(now);
  int64_t nodes = 1;
  auto visited = state.database.write_now([&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(nodes, report_node(connection, state.options.node, now, {now.us - kReplicaSilentUs}));
    for (Visit& visit : visits) RETURN_IF_ERROR(state.settle_with_store(connection, visit));
    return {};
  });
  for (const Visit& visit : visits) visited ? state.apply(visit) : state.undo(visit);
  if (visited) state.replicas.store(std::max<int64_t>(1, nodes));
  return visited;
}

int64_t BudgetLedger::replicas() const { return state_->replicas.load(std::memory_order_relaxed); }

Result<void> BudgetLedger::close() {
  State& state = *state_;
  std::lock_guard lock(state.store_mutex);
  std::vector<Visit> visits;
  for (Entry* entry : state.all_entries()) {
    BudgetSlice* slice = entry->account->slice_at(state.clock.now());
    if (slice == nullptr) continue;
    visits.push_back({.entry = entry, .period = slice->period(), .returned = slice->take_free(INT64_MAX)});
  }
  auto closed = state.database.write_now([&](Connection& connection) -> Result<void> {
    for (Visit& visit : visits) RETURN_IF_ERROR(state.settle_with_store(connection, visit));
    return forget_node(connection, state.options.node);
  });
  for (const Visit& visit : visits) closed ? state.apply(visit) : state.undo(visit);
  return closed;
}

Result<std::vector<BudgetUsage>> BudgetLedger::usage() {
  State& state = *state_;
  const Timestamp now = state.clock.now();
  std::vector<Entry*> entries = state.shown_entries();
  std::vector<BudgetUsage> usages;
  RETURN_IF_ERROR(state.database.read_now([&](Connection& connection) -> Result<void> {
    for (const Entry* entry : entries) {
      const BudgetAccount& account = *entry->account;
      PeriodSpan period = period_at(account.per(), now);
      ASSIGN_OR_RETURN(Leases leases, read_leases(connection, key_of(*entry, period), state.options.node));
      const BudgetSlice* slice = account.slice_at(now);
      // Records are counted a moment after they were settled here.
      int64_t own = std::max(slice == nullptr ? 0 : slice->spent.load(), leases.own.spent);
      BudgetUsage usage{
          .holder = account.holder(),
          .budget = {.amount = account.amount(), .per = account.per()},
          .spent = {own + leases.others.spent},
          .reserved = {slice == nullptr ? 0 : slice->reserved.load()},
          .leased_elsewhere = {std::max<int64_t>(0, leases.others.leased - leases.others.spent)},
          .remaining = {},
          .period = period};
      usage.remaining.nano_usd =
          std::max<int64_t>(0, usage.budget.amount.nano_usd - usage.spent.nano_usd - usage.reserved.nano_usd);
      usages.push_back(std::move(usage));
    }
    return {};
  }));
  return usages;
}

Result<void> BudgetLedger::count(Connection& connection, const observability::HourlyCosts& costs) {
  std::map<LeaseKey, int64_t> spent;
  auto add = [&](const std::string& holder, int64_t hour_us, Money cost) {
    auto entry = state_->entries.lower_bound({holder, access::Period{}});
    for (; entry != state_->entries.end() && entry->first.first == holder; ++entry) {
      access::Period per = entry->first.second;
      LeaseKey key{holder, std::string(access::period_name(per)), period_at(per, {hour_us}).starts_at};
      spent[key] += cost.nano_usd;
    }
  };
  std::unique_lock lock(state_->mutex);
  for (const auto& [key, row] : costs.rows()) {
    Money cost = row.sums.cost;
    if (cost.nano_usd == 0) continue;
    if (!key.key_id.empty()) add("key:" + key.key_id, key.hour_us, cost);
    for (std::string_view path = key.group; !path.empty();) {
      add("group:" + std::string(path), key.hour_us, cost);
      size_t slash = path.rfind('/');
      path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
    }
  }
  lock.unlock();
  for (const auto& [key, nano_usd] : spent) {
    RETURN_IF_ERROR(add_spent(connection, key, state_->options.node, nano_usd));
  }
  return {};
}

void BudgetLedger::write_metrics(observability::PrometheusText& out) const {
  struct Gauge {
    std::string_view name;
    std::string_view help;
    int64_t (*of)(const BudgetAccount&, const BudgetSlice*);
  };
  static constexpr std::array<Gauge, 4> kGauges = {{
      {"penstock_budget_usd", "What a budget allows per period.",
       [](const BudgetAccount& account, const BudgetSlice*) { return account.amount().nano_usd; }},
      {"penstock_budget_spent_usd", "What this gateway has spent of it in this period.",
       [](const BudgetAccount&, const BudgetSlice* slice) { return slice ? slice->spent.load() : 0; }},
      {"penstock_budget_reserved_usd", "What requests in progress here have reserved of it.",
       [](const BudgetAccount&, const BudgetSlice* slice) { return slice ? slice->reserved.load() : 0; }},
      {"penstock_budget_leased_elsewhere_usd", "What other gateways hold of it, as last seen.",
       [](const BudgetAccount&, const BudgetSlice* slice) { return slice ? slice->elsewhere.load() : 0; }},
  }};
  std::vector<Entry*> entries = state_->shown_entries();
  entries.resize(std::min(entries.size(), kMetricsMax));
  const Timestamp now = state_->clock.now();
  for (const Gauge& gauge : kGauges) {
    out.family(gauge.name, observability::PrometheusText::Type::kGauge, gauge.help);
    for (const Entry* entry : entries) {
      const BudgetAccount& account = *entry->account;
      out.sample(gauge.name, {{"holder", account.holder()}, {"per", access::period_name(account.per())}},
                 static_cast<double>(gauge.of(account, account.slice_at(now))) / 1e9);
    }
  }
}

}  // namespace penstock::gateway
