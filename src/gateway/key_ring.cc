#include "gateway/key_ring.h"

#include <algorithm>
#include <numeric>

namespace penstock::gateway {

// Smooth weighted round robin: each step every key gains its weight, the richest is dealt and pays the total.
KeyRing::KeyRing(std::vector<ProviderKey> keys)
    : keys_(std::move(keys)), rests_until_us_(new std::atomic<int64_t>[keys_.size()]) {
  int64_t divisor = 0;
  int64_t total = 0;
  for (size_t i = 0; i < keys_.size(); ++i) {
    rests_until_us_[i].store(0);
    divisor = std::gcd(divisor, keys_[i].weight);
    total += keys_[i].weight;
  }
  if (divisor == 0) return;
  total /= divisor;
  std::vector<int64_t> credit(keys_.size());
  for (int64_t step = 0; step < total; ++step) {
    for (size_t i = 0; i < keys_.size(); ++i) credit[i] += keys_[i].weight / divisor;
    auto richest = std::ranges::max_element(credit);
    *richest -= total;
    order_.push_back(static_cast<int>(richest - credit.begin()));
  }
}

int KeyRing::next(int64_t now_us) const {
  uint64_t turn = turn_.fetch_add(1, std::memory_order_relaxed);
  for (size_t i = 0; i < order_.size(); ++i) {
    int key = order_[(turn + i) % order_.size()];
    if (rests_until_us_[static_cast<size_t>(key)].load(std::memory_order_relaxed) <= now_us) return key;
  }
  return -1;
}

void KeyRing::rest(int index, int64_t until_us) const {
  rests_until_us_[static_cast<size_t>(index)].store(until_us, std::memory_order_relaxed);
}

int64_t KeyRing::rests_until_us(int64_t now_us) const {
  int64_t first_us = INT64_MAX;
  for (size_t i = 0; i < keys_.size(); ++i) {
    first_us = std::min(first_us, rests_until_us_[i].load(std::memory_order_relaxed));
  }
  return keys_.empty() || first_us <= now_us ? 0 : first_us;
}

size_t KeyRing::resting(int64_t now_us) const {
  size_t count = 0;
  for (size_t i = 0; i < keys_.size(); ++i) {
    count += rests_until_us_[i].load(std::memory_order_relaxed) > now_us ? 1 : 0;
  }
  return count;
}

}  // namespace penstock::gateway
