// What an append costs: CPU time is the figure to watch, wall time depends on the disk.
//   journal_bench --benchmark_counters_tabular=true
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "core/random.h"
#include "core/temporary_directory.h"
#include "storage/journal/crc32c.h"
#include "storage/journal/journal.h"

namespace penstock::journal {
namespace {

struct OpenJournal {
  TemporaryDirectory directory;
  // Old segments go, so that a long run does not fill the disk.
  std::unique_ptr<Journal> journal =
      *Journal::open({.directory = directory.path() / "bench", .retention_bytes_max = 1 << 30});

  static Record record(int64_t payload_bytes) {
    return {.id = Uuid::v7(system_clock(), system_random()),
            .at = system_clock().now(),
            .payload = std::string(static_cast<size_t>(payload_bytes), 'p')};
  }
};

void append(benchmark::State& state) {
  static std::unique_ptr<OpenJournal> shared;
  if (state.thread_index() == 0) shared = std::make_unique<OpenJournal>();
  Record record = OpenJournal::record(state.range(0));
  for (auto _ : state) {
    Result<Position> position = shared->journal->append(record);
    if (!position) state.SkipWithError(position.error().message.c_str());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
  if (state.thread_index() == 0) shared.reset();
}
BENCHMARK(append)->Arg(256)->Arg(1024)->Arg(4096)->Arg(16384);
BENCHMARK(append)->Arg(1024)->Threads(2);

void find_by_id(benchmark::State& state) {
  OpenJournal open;
  std::vector<Uuid> ids;
  for (int64_t i = 0; i < state.range(0); ++i) {
    Record record = OpenJournal::record(1024);
    ids.push_back(record.id);
    if (!open.journal->append(record)) state.SkipWithError("append failed");
  }
  SeededRandom random(1);
  for (auto _ : state) benchmark::DoNotOptimize(open.journal->find(ids[random.next_u64() % ids.size()]));
}
BENCHMARK(find_by_id)->Arg(100'000);

// The newest page of a list.
void scan_last_50(benchmark::State& state) {
  OpenJournal open;
  for (int64_t i = 0; i < 20'000; ++i) {
    if (!open.journal->append(OpenJournal::record(4096))) state.SkipWithError("append failed");
  }
  for (auto _ : state) {
    int seen = 0;
    auto visit = [&](const Position&, const Record&) { return ++seen < 50; };
    benchmark::DoNotOptimize(open.journal->scan_backwards({}, INT64_MAX, visit));
  }
}
BENCHMARK(scan_last_50);

void checksum(benchmark::State& state) {
  std::string bytes(static_cast<size_t>(state.range(0)), 'c');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->Arg(48)->Arg(4096);

}  // namespace
}  // namespace penstock::journal
