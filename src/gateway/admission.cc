#include "gateway/admission.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "gateway/subject.h"
#include "observability/request_record.h"

namespace penstock::gateway {
namespace {

using access::LimitKind;

constexpr int kFetchesMax = 8;  // for one call, before it is told to come again
constexpr int64_t kBusyRetryMs = 1'000;
constexpr int64_t kBudgetWarningPercent = 80;

enum class Refusal : uint8_t { kScope, kRate, kConcurrency, kBudget, kUnpriced, kUnknown };
constexpr std::array<std::string_view, 6> kRefusalNames = {"scope",  "rate",     "concurrency",
                                                           "budget", "unpriced", "unknown_principal"};

std::string holder_text(std::string_view holder) {
  size_t colon = holder.find(':');
  return std::string(holder.substr(0, colon)) + " '" + std::string(holder.substr(colon + 1)) + "'";
}

Error scope_error(std::string what, std::string_view value, std::string reason) {
  return Error{.code = ErrorCode::kPermissionDenied,
               .message = "this key may not use the " + what + " '" + std::string(value) + "'",
               .field = what == "model" ? "model" : "",
               .reason = std::move(reason)};
}

Result<void> check_scopes(const Subject& subject, const Demand& demand) {
  for (const access::Scopes* scopes : subject.scopes) {
    if (!access::admits(scopes->endpoints, demand.endpoint)) {
      return Failure(scope_error("endpoint", demand.endpoint, "endpoint_not_allowed"));
    }
    if (!access::admits(scopes->models, demand.model)) {
      return Failure(scope_error("model", demand.model, "model_not_allowed"));
    }
  }
  return {};
}

std::string seconds_text(int64_t us) {
  int64_t ms = (us + 999) / 1000;
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) text += "." + std::to_string(1000 + ms % 1000).substr(1);
  return text + " s";
}

Error rate_error(const RateHold& hold, int64_t units, int64_t retry_after_us) {
  Error error{.code = ErrorCode::kRateLimited,
              .message = holder_text(hold.holder) + " is limited to " + std::to_string(hold.amount) + " " +
                         std::string(access::limit_kind_name(hold.kind)) + " per " +
                         seconds_text(hold.period_us),
              .reason = "rate_limit_exceeded"};
  if (retry_after_us == RateLimit::kNever) {
    error.message += "; this request needs " + std::to_string(units) + " at once and can never be let in";
  } else {
    error.message += "; try again in " + seconds_text(retry_after_us);
    error.retry_after_ms = (retry_after_us + 999) / 1000;
  }
  return error;
}

Error concurrency_error(const GateHold& hold) {
  return Error{.code = ErrorCode::kRateLimited,
               .message = holder_text(hold.holder) + " is limited to " + std::to_string(hold.amount) +
                          " requests at a time",
               .reason = "rate_limit_exceeded",
               .retry_after_ms = kBusyRetryMs};
}

Error unpriced_error(std::string_view model) {
  return Error{.code = ErrorCode::kPermissionDenied,
               .message = "the model '" + std::string(model) +
                          "' has no price, and a budget applies to this key: add it under prices.models",
               .field = "model",
               .reason = "model_not_priced"};
}

// As OpenAI writes it: "6m0s", "1.25s", "80ms".
std::string reset_text(int64_t us) {
  int64_t ms = (us + 999) / 1000;
  if (ms < 1000) return std::to_string(ms) + "ms";
  std::string text;
  if (ms >= 3'600'000) text += std::to_string(ms / 3'600'000) + "h";
  if (ms >= 60'000) text += std::to_string(ms / 60'000 % 60) + "m";
  text += std::to_string(ms / 1000 % 60);
  if (int64_t rest = ms % 1000; rest != 0) {
    text += "." + std::to_string(1000 + rest).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "s";
}

// The limit of `kind` that leaves the least.
const RateHold* tightest(const Subject& subject, LimitKind kind, int64_t now_us, int64_t replicas) {
  const RateHold* found = nullptr;
  int64_t least = 0;
  for (const RateHold& hold : subject.rates) {
    if (hold.kind != kind) continue;
    int64_t remaining = hold.limit->remaining(now_us, hold.rate(replicas));
    if (found == nullptr || remaining < least) {
      found = &hold;
      least = remaining;
    }
  }
  return found;
}

}  // namespace

Reservation::Reservation(Reservation&& other) noexcept { *this = std::move(other); }

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  subject_ = std::move(other.subject_);
  gates_ = std::exchange(other.gates_, 0);
  rates_ = std::exchange(other.rates_, 0);
  budgets_ = std::exchange(other.budgets_, 0);
  marks_ = std::move(other.marks_);
  replicas_ = other.replicas_;
  input_tokens_ = other.input_tokens_;
  output_tokens_ = other.output_tokens_;
  output_bound_ = other.output_bound_;
  cost_ = other.cost_;
  started_at_ = other.started_at_;
  return *this;
}

Reservation::~Reservation() { give_back(); }

int64_t Reservation::now_us() const { return subject_->clock->monotonic_us(); }

// What the rate limit of that index counts of the call. A bound that nobody stated asks for no more than the
// limit can ever give.
int64_t Reservation::units_of(size_t rate) const {
  const RateHold& hold = subject_->rates[rate];
  int64_t units = gateway::units_of(hold.kind, input_tokens_, output_tokens_);
  if (output_bound_ == OutputBound::kStated) return units;
  return std::min(units, std::max(hold.amount, gateway::units_of(hold.kind, input_tokens_, 0)));
}

void Reservation::give_back() {
  for (size_t i = 0; i < budgets_; ++i) subject_->budgets[i]->settle(cost_, {}, started_at_);
  for (size_t i = 0; i < rates_; ++i) {
    const RateHold& hold = subject_->rates[i];
    hold.limit->give_back(units_of(i), marks_[i], now_us(), hold.rate(replicas_));
  }
  for (size_t i = 0; i < gates_; ++i) subject_->gates[i].limit->leave();
  budgets_ = rates_ = gates_ = 0;
}

void Reservation::settle(const TokenCounts& tokens, Money cost) {
  for (size_t i = 0; i < budgets_; ++i) subject_->budgets[i]->settle(cost_, cost, started_at_);
  for (size_t i = 0; i < rates_; ++i) {
    const RateHold& hold = subject_->rates[i];
    int64_t used = gateway::units_of(hold.kind, observability::input_tokens(tokens),
                                     observability::output_tokens(tokens));
    int64_t reserved = units_of(i);
    if (used < reserved) {
      hold.limit->give_back(reserved - used, marks_[i], now_us(), hold.rate(replicas_));
    } else if (used > reserved) {
      hold.limit->charge(used - reserved, now_us(), hold.rate(replicas_));
    }
  }
  for (size_t i = 0; i < gates_; ++i) subject_->gates[i].limit->leave();
  budgets_ = rates_ = gates_ = 0;
}

std::string_view Reservation::key_name() const {
  return subject_ ? std::string_view(subject_->principal->name) : std::string_view();
}
std::string_view Reservation::key_id() const {
  return subject_ && subject_->principal->key != nullptr ? std::string_view(subject_->principal->key->id)
                                                         : std::string_view();
}
std::string_view Reservation::group() const {
  return subject_ && subject_->principal->key != nullptr ? std::string_view(subject_->principal->key->group)
                                                         : std::string_view();
}

void Reservation::add_rate_headers(Headers& headers) const {
  if (!subject_) return;
  auto add = [&](LimitKind kind, const std::string& name) {
    const RateHold* hold = tightest(*subject_, kind, now_us(), replicas_);
    if (hold == nullptr) return;
    headers.add("x-ratelimit-limit-" + name, std::to_string(hold->amount));
    headers.add("x-ratelimit-remaining-" + name,
                std::to_string(hold->limit->remaining(now_us(), hold->rate(replicas_))));
    headers.add("x-ratelimit-reset-" + name, reset_text(hold->limit->full_in_us(now_us())));
  };
  add(LimitKind::kRequests, "requests");
  add(LimitKind::kTokens, "tokens");
  for (const auto& budget : subject_->budgets) {
    int64_t percent = budget->used_percent(started_at_);
    if (percent < kBudgetWarningPercent) continue;
    headers.add("x-penstock-budget-warning", holder_text(budget->holder()) + " has used " +
                                                 std::to_string(percent) + "% of its budget per " +
                                                 std::string(access::period_name(budget->per())));
    return;
  }
}

// One try to let a call in.
struct Admission::Attempt {
  std::optional<Result<Reservation>> outcome;  // absent: `short_of` has leased too little
  std::shared_ptr<BudgetAccount> short_of;
};

struct Admission::State {
  State(BudgetLedger& ledger, const Clock& clock) : budgets(ledger), builder(ledger, clock) {}

  Attempt attempt(const Demand& demand);
  std::optional<std::pair<Refusal, Error>> take_limits(Reservation& taken) const;
  Result<Reservation> refuse(Refusal why, Error error) {
    refusals[static_cast<size_t>(why)].fetch_add(1, std::memory_order_relaxed);
    return Failure(std::move(error));
  }

  BudgetLedger& budgets;
  std::mutex update_mutex;  // of the builder
  SubjectBuilder builder;
  std::atomic<std::shared_ptr<const Subjects>> subjects{std::make_shared<const Subjects>()};
  std::array<std::atomic<int64_t>, kRefusalNames.size()> refusals{};
};

Admission::Admission(BudgetLedger& budgets, const Clock& clock)
    : state_(std::make_unique<State>(budgets, clock)) {}
Admission::~Admission() = default;

void Admission::update(std::shared_ptr<const access::Snapshot> snapshot) {
  std::lock_guard lock(state_->update_mutex);
  state_->subjects.store(std::make_shared<const Subjects>(state_->builder.build(snapshot)),
                         std::memory_order_release);
}

// Everything that is not money, key first. What has been taken when one refuses is in `taken`.
std::optional<std::pair<Refusal, Error>> Admission::State::take_limits(Reservation& taken) const {
  const Subject& subject = *taken.subject_;
  for (const GateHold& gate : subject.gates) {
    if (!gate.limit->enter(gate.amount_of(taken.replicas_))) {
      return std::pair(Refusal::kConcurrency, concurrency_error(gate));
    }
    ++taken.gates_;
  }
  if (subject.rates.empty()) return std::nullopt;
  taken.marks_ = std::make_unique_for_overwrite<int64_t[]>(subject.rates.size());
  const int64_t now_us = taken.now_us();
  for (const RateHold& hold : subject.rates) {
    int64_t units = taken.units_of(taken.rates_);
    RateLimit::Outcome outcome = hold.limit->take(units, now_us, hold.rate(taken.replicas_));
    if (!outcome.admitted) {
      return std::pair(Refusal::kRate, rate_error(hold, units, outcome.retry_after_us));
    }
    taken.marks_[taken.rates_++] = outcome.mark;
  }
  return std::nullopt;
}

Admission::Attempt Admission::State::attempt(const Demand& demand) {
  std::shared_ptr<const Subjects> known = subjects.load(std::memory_order_acquire);
  auto found = known->find(demand.principal);
  if (found == known->end()) {
    Error error{.code = ErrorCode::kUnauthenticated, .message = "the caller's key or account exists no more"};
    return {.outcome = refuse(Refusal::kUnknown, std::move(error)), .short_of = {}};
  }
  Reservation taken;
  taken.subject_ = found->second;
  const Subject& subject = *taken.subject_;
  if (auto allowed = check_scopes(subject, demand); !allowed) {
    return {.outcome = refuse(Refusal::kScope, std::move(allowed).error()), .short_of = {}};
  }
  if (!demand.cost_max && !subject.budgets.empty()) {
    return {.outcome = refuse(Refusal::kUnpriced, unpriced_error(demand.model)), .short_of = {}};
  }
  taken.replicas_ = budgets.replicas();
  taken.input_tokens_ = demand.input_tokens;
  taken.output_tokens_ = demand.output_tokens_max;
  taken.output_bound_ = demand.output_bound;
  taken.cost_ = demand.cost_max.value_or(Money{});
  taken.started_at_ = demand.started_at;
  if (auto refused = take_limits(taken)) {
    return {.outcome = refuse(refused->first, std::move(refused->second)), .short_of = {}};
  }
  for (const std::shared_ptr<BudgetAccount>& budget : subject.budgets) {
    if (!budget->reserve(taken.cost_, taken.started_at_)) return {.outcome = {}, .short_of = budget};
    ++taken.budgets_;
  }
  return {.outcome = std::move(taken), .short_of = {}};
}

std::optional<Result<Reservation>> Admission::admit_at_once(const Demand& demand) {
  return state_->attempt(demand).outcome;
}

Task<Result<Reservation>> Admission::admit(Demand demand) {
  for (int fetches = 0; fetches < kFetchesMax; ++fetches) {
    Attempt attempt = state_->attempt(demand);
    if (attempt.outcome) co_return std::move(*attempt.outcome);
    Result<void> fetched =
        co_await state_->budgets.fetch(std::move(attempt.short_of), *demand.cost_max, demand.started_at);
    if (!fetched) co_return state_->refuse(Refusal::kBudget, std::move(fetched).error());
  }
  co_return state_->refuse(Refusal::kBudget,
                           Error{.code = ErrorCode::kRateLimited,
                                 .message = "other requests took what the budget had; try again",
                                 .reason = "insufficient_quota",
                                 .retry_after_ms = kBusyRetryMs});
}

void Admission::write_metrics(observability::PrometheusText& out) const {
  constexpr std::string_view kName = "penstock_admission_refusals_total";
  out.family(kName, observability::PrometheusText::Type::kCounter, "Calls that were not let in, by reason.");
  for (size_t i = 0; i < kRefusalNames.size(); ++i) {
    out.sample(kName, {{"reason", kRefusalNames[i]}}, state_->refusals[i].load(std::memory_order_relaxed));
  }
}

}  // namespace penstock::gateway
