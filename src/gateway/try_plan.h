#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "gateway/failure.h"
#include "gateway/route_table.h"

namespace penstock::gateway {

// Which target a call tries next. First each of its route's targets once, in the strategy's order; then,
// after a pause, all of them again, up to retry.attempts times; then the fallback routes of the cause, each
// in the same way. Bounded by one deadline for everything. Pure: what happened is told to it. One thread.
class TryPlan {
 public:
  static constexpr size_t kRoutesMax = 8;                  // fallbacks of fallbacks included
  static constexpr int64_t kRetryAfterHonoredMs = 30'000;  // a longer one is not waited for

  struct Failed {
    FailureCause cause = FailureCause::kConnect;
    int64_t retry_after_ms = 0;    // what the upstream asked for; 0: nothing
    bool has_another_key = false;  // the same provider can be asked with another key
  };
  struct Step {
    const Route* route = nullptr;
    const Target* target = nullptr;
    BreakerPass pass = BreakerPass::kCall;
    int64_t pause_ms = 0;  // to be waited before
  };

  // `model` as the client asked for it; `unit`: see order_targets. Times are monotonic. All are kept by
  // reference.
  TryPlan(const RouteTable& routes, const Route& route, const PriceTable& prices, std::string_view model,
          uint64_t unit, int64_t deadline_us, Random& random);

  // The first step, or the one after `failed`. nullopt: there is nothing (more) to try.
  std::optional<Step> next(std::optional<Failed> failed, int64_t now_us);

  // Another target of the same round, to be asked beside the one at hand; nullopt: there is none.
  std::optional<Step> beside(int64_t now_us) { return in_this_round(now_us, 0); }

  // Whether more than one try has been made or could have been: then a client need not repeat it by itself.
  bool has_alternatives() const;
  // When every target was open and nothing was tried: when the first may be tried again. 0: not so.
  int64_t open_until_us() const { return open_until_us_; }

 private:
  void enter(const Route& route, int64_t now_us);
  std::optional<Step> in_this_round(int64_t now_us, int64_t pause_ms);
  std::optional<Step> another_round(const Failed& failed, int64_t now_us);
  bool enter_fallback(FailureCause cause, int64_t now_us);
  std::optional<Step> step_or_fallback(FailureCause cause, int64_t now_us);

  const RouteTable& routes_;
  const Route* route_ = nullptr;
  const PriceTable& prices_;
  std::string_view model_;
  uint64_t unit_;
  int64_t deadline_us_;
  Random& random_;
  std::vector<const Route*> entered_;
  std::vector<size_t> order_;
  size_t position_ = 0;  // in order_, of the next target
  int64_t round_ = 0;
  int64_t key_changes_ = 0;  // at the last target
  size_t steps_ = 0;
  std::optional<Step> last_;
  int64_t open_until_us_ = 0;
};

}  // namespace penstock::gateway
