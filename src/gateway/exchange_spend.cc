#include <algorithm>

#include "gateway/exchange.h"

// The part of an exchange that lets a call in and accounts for it.
namespace penstock::gateway {
namespace {

constexpr int64_t kBytesPerTokenGuess =
    4;  // of English text in JSON; for limits, which are settled afterwards
constexpr int64_t kBytesPerTokenLeast = 2;  // of nearly every text; for budgets, which must not be overspent
constexpr int64_t kOutputTokensAssumed = 4'096;  // of a call that names no limit
constexpr int64_t kOutputTokensMax = 100'000'000;

struct OutputLimit {
  int64_t tokens = 0;
  OutputBound bound = OutputBound::kStated;
};

bool makes_tokens(providers::Operation operation) {
  using providers::Operation;
  return operation == Operation::kChat || operation == Operation::kCompletions ||
         operation == Operation::kMessages || operation == Operation::kResponses;
}

// What the client allows in all choices together. A field of the wrong type is the upstream's to refuse.
OutputLimit output_limit(const Call& call) {
  if (!makes_tokens(call.operation)) return {};
  OutputLimit limit{.tokens = kOutputTokensAssumed, .bound = OutputBound::kAssumed};
  for (std::string_view name : {"max_completion_tokens", "max_tokens", "max_output_tokens"}) {
    auto stated = call.fields.integer(name);
    if (!stated || !*stated || **stated < 0) continue;
    limit = {.tokens = std::min(**stated, kOutputTokensMax)};
    break;
  }
  for (std::string_view name : {"n", "best_of"}) {
    auto choices = call.fields.integer(name);
    if (choices && *choices && **choices > 1) limit.tokens *= std::min<int64_t>(**choices, 128);
  }
  return limit;
}

}  // namespace

int64_t Exchange::input_tokens_guessed() const {
  return static_cast<int64_t>(call_.body.size()) / kBytesPerTokenGuess;
}

Task<Result<void>> Exchange::admit() {
  prices_ = gateway_.services().prices.current();
  OutputLimit limit = output_limit(call_);
  ASSIGN_OR_CO_RETURN(std::optional<Money> ceiling, cost_ceiling(limit.tokens));
  Demand demand{.principal = call_.principal,
                .endpoint = call_.endpoint,
                .model = call_.model,
                .input_tokens = input_tokens_guessed(),
                .output_tokens_max = limit.tokens,
                .output_bound = limit.bound,
                .cost_max = ceiling,
                .started_at = record_.started_at};
  if (auto at_once = gateway_.services().admission.admit_at_once(demand)) {
    if (!*at_once) co_return Failure(std::move(*at_once).error());
    reservation_ = std::move(**at_once);
  } else {
    ASSIGN_OR_CO_RETURN(reservation_, co_await gateway_.services().admission.admit(demand));
  }
  record_.key = reservation_.key_name();
  record_.key_id = reservation_.key_id();
  record_.group = reservation_.group();
  co_return Result<void>{};
}

// The most that the call may cost at any target that may come to answer it; nullopt: one of them has no
// price.
Result<std::optional<Money>> Exchange::cost_ceiling(int64_t output_tokens_max) const {
  int64_t input_tokens = static_cast<int64_t>(call_.body.size()) / kBytesPerTokenLeast;
  std::optional<Money> most = Money{0};
  std::vector<const Route*> routes = {route_};
  const FallbackPolicy& fallback = route_->config.fallback;
  for (const auto* names : {&fallback.error, &fallback.context_window, &fallback.content_policy}) {
    for (const std::string& name : *names) routes.push_back(setup_->routes->find(name));
  }
  for (const Route* route : routes) {
    for (const Target& target : route->targets) {
      ASSIGN_OR_RETURN(Pricing pricing, prices_->pricing(target.priced(call_.model)));
      if (pricing.price == nullptr && pricing.basis != PriceBasis::kFree) most.reset();
      if (pricing.price == nullptr || !most) continue;
      most = std::max(*most, gateway::cost_ceiling(input_tokens, output_tokens_max, *pricing.price));
    }
  }
  return most;
}

std::optional<Money> Exchange::cost_of_call(const TokenCounts& tokens) const {
  if (tokens.source == TokenSource::kNone || !attempt_) return std::nullopt;
  auto pricing = prices_->pricing(attempt_->target().priced(call_.model));
  if (!pricing || pricing->basis == PriceBasis::kUnpriced) return std::nullopt;
  return pricing->price == nullptr ? Money{0} : cost_of(tokens, *pricing->price);
}

// The record as it would be if the process died now, which is what the spend journal keeps.
Result<void> Exchange::open_spending() {
  record_.tokens = {.input = input_tokens_guessed(), .source = TokenSource::kCounted};
  record_.cost = cost_of_call(record_.tokens);
  if (record_.cost) record_.price_version = prices_->version();
  Result<void> opened;
  if (spending_open_) {
    opened = spending_.reopen(record_);
  } else if (auto entry = gateway_.services().spend.open(record_)) {
    spending_ = std::move(*entry);
    spending_open_ = true;
  } else {
    opened = Failure(std::move(entry).error());
  }
  record_.tokens = {};
  record_.cost.reset();
  record_.price_version.clear();
  return opened;
}

void Exchange::checkpoint(const Attempt& attempt) {
  int64_t events = attempt.observer().content_events();
  if (!spending_.checkpoint_due(events, context_->clock.monotonic_us())) return;
  TokenCounts tokens = tokens_so_far(attempt.observer());
  // A checkpoint that cannot be written makes nothing worse: the one before still counts.
  std::ignore = spending_.checkpoint(tokens, cost_of_call(tokens));
}

TokenCounts Exchange::tokens_guessed(std::string_view output) const {
  return {.input = input_tokens_guessed(),
          .output = static_cast<int64_t>(output.size()) / kBytesPerTokenGuess,
          .source = TokenSource::kCounted};
}

// What the provider said; of an answer that was cut or left in the middle what was seen is counted, a token
// an event, where the provider has said less so far.
TokenCounts Exchange::tokens_so_far(const providers::AnswerObserver& observer) const {
  TokenCounts told = observer.tokens().value_or(TokenCounts{});
  int64_t seen = observer.content_events();
  if (seen == 0) return told;
  TokenCounts tokens = told;
  if (!observer.tokens()) tokens.input = input_tokens_guessed();
  if (tokens.output + tokens.reasoning < seen) {
    tokens.output = seen - tokens.reasoning;
    tokens.source = TokenSource::kCounted;
  }
  return tokens;
}

}  // namespace penstock::gateway
