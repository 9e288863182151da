// What letting a call in and settling it costs: a key below two groups, with limits on requests, tokens and
// concurrency and a budget at each level.
#include <benchmark/benchmark.h>

#include <memory>

#include "core/run_task.h"
#include "core/temporary_directory.h"
#include "gateway/admission.h"
#include "gateway/lease_store.h"

namespace penstock::gateway {
namespace {

using access::LimitKind;

constexpr Money kLarge{1'000'000'000'000'000};

struct Ready {
  TemporaryDirectory directory;
  std::unique_ptr<database::Database> database =
      *database::Database::open_sqlite({.path = directory.path() / "bench.db"}, spend_migrations());
  BudgetLedger budgets{*database, system_clock(), {.node = "bench"}};
  Admission admission{budgets, system_clock()};

  explicit Ready(int64_t keys) {
    access::AccessData data;
    for (int64_t i = 0; i < keys; ++i) {
      access::Key key;
      key.id = key.name = "k" + std::to_string(i);
      key.group = "acme/search";
      key.limits = {{LimitKind::kRequests, 1'000'000'000, 60}, {LimitKind::kTokens, 1'000'000'000'000, 60}};
      key.budget = access::Budget{.amount = kLarge};
      data.keys.push_back(std::move(key));
    }
    for (std::string_view path : {"acme", "acme/search"}) {
      access::Group group;
      group.path = path;
      group.limits = {{LimitKind::kRequests, 1'000'000'000, 60}, {LimitKind::kConcurrent, 1'000, 0}};
      group.budget = access::Budget{.amount = kLarge};
      data.groups.push_back(std::move(group));
    }
    admission.update(std::make_shared<const access::Snapshot>(std::move(data), access::Anonymous::kRefused));
  }

  static Demand demand() {
    return {.principal = "key:k0",
            .endpoint = "chat.completions",
            .model = "fast",
            .input_tokens = 100,
            .output_tokens_max = 400,
            .cost_max = Money{10'000},
            .started_at = system_clock().now()};
  }
};

void admit_and_settle(benchmark::State& state) {
  static std::unique_ptr<Ready> ready;
  if (state.thread_index() == 0) {
    ready = std::make_unique<Ready>(state.range(0));
    if (!run_task(ready->admission.admit(Ready::demand()))) state.SkipWithError("not let in");
  }
  for (auto _ : state) {
    auto reservation = ready->admission.admit_at_once(Ready::demand());
    if (!reservation || !*reservation) {
      state.SkipWithError("not let in");
      break;
    }
    (*reservation)->settle({.input = 100, .output = 50}, {5'000});
  }
  if (state.thread_index() == 0) ready.reset();
}
BENCHMARK(admit_and_settle)->Arg(1)->Arg(10'000);
BENCHMARK(admit_and_settle)->Arg(10'000)->Threads(2);

// After a change of the directory: not on a loop, but how long until it holds.
void update(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::make_unique<Ready>(state.range(0)));
}
BENCHMARK(update)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock::gateway
