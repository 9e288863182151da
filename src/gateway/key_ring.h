#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::gateway {

// A provider's key and its share of the calls.
struct ProviderKey {
  std::string secret;
  int64_t weight = 1;
};

// The keys of one provider: dealt out by weight, smoothly interleaved, passing over those that are resting.
// Thread-safe.
class KeyRing {
 public:
  explicit KeyRing(std::vector<ProviderKey> keys);

  bool empty() const { return keys_.empty(); }
  size_t size() const { return keys_.size(); }

  // The index of the next key that does not rest; -1 if all do. The ring must not be empty.
  int next(int64_t now_us) const;
  std::string_view secret(int index) const { return keys_[static_cast<size_t>(index)].secret; }
  // The provider refused this key or its pace: it is left alone until `until_us` (monotonic).
  void rest(int index, int64_t until_us) const;
  // When the first key may be used again; 0 if one can be used now.
  int64_t rests_until_us(int64_t now_us) const;
  // How many may not be used now.
  size_t resting(int64_t now_us) const;

 private:
  std::vector<ProviderKey> keys_;
  std::vector<int> order_;  // one round, each key as often as its weight
  std::unique_ptr<std::atomic<int64_t>[]> rests_until_us_;
  mutable std::atomic<uint64_t> turn_{0};
};

}  // namespace penstock::gateway
