#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace penstock::observability {

// How many durations fell where, in fixed memory: bins of 8 µs up to 64 µs, then eight equal bins per
// doubling up to 71 minutes. A quantile is interpolated inside its bin, which is at most 1/8 of its value
// wide. `Count` is wide enough for what one histogram will hold. Thread rule: one thread.
template <class Count>
class DurationHistogram {
 public:
  void add(int64_t duration_us) { ++counts_[bin_of(duration_us)]; }

  template <class Other>
  void add(const DurationHistogram<Other>& other) {
    for (size_t i = 0; i < kBins; ++i) counts_[i] += other.count(i);
  }

  Count count(size_t bin) const { return counts_[bin]; }

  // The duration in µs below which the share `q` (0 to 1) of all lies; nullopt while empty.
  std::optional<double> quantile_us(double q) const {
    uint64_t total = 0;
    for (Count count : counts_) total += count;
    if (total == 0) return std::nullopt;
    double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(total);
    double below = 0;
    size_t last = 0;
    for (size_t bin = 0; bin < kBins; ++bin) {
      auto here = static_cast<double>(counts_[bin]);
      if (here == 0) continue;
      last = bin;
      if (below + here >= rank) {
        auto width = static_cast<double>(lower_bound_us(bin + 1) - lower_bound_us(bin));
        return static_cast<double>(lower_bound_us(bin)) + width * (rank - below) / here;
      }
      below += here;
    }
    return static_cast<double>(lower_bound_us(last + 1));
  }

  static constexpr size_t kBins = 216;

  static constexpr size_t bin_of(int64_t duration_us) {
    auto us = static_cast<uint64_t>(std::clamp<int64_t>(duration_us, 0, kMaxUs));
    if (us < 64) return us / 8;
    auto octave = static_cast<size_t>(std::bit_width(us)) - 1;  // 6 to 31
    return (octave - 5) * 8 + (us >> (octave - 3) & 7);
  }

  static constexpr int64_t lower_bound_us(size_t bin) {
    if (bin < 8) return static_cast<int64_t>(bin) * 8;
    size_t octave = bin / 8 + 5;
    return static_cast<int64_t>(8 + bin % 8) << (octave - 3);
  }

 private:
  static constexpr int64_t kMaxUs = (int64_t{1} << 32) - 1;
  std::array<Count, kBins> counts_{};
};

}  // namespace penstock::observability
