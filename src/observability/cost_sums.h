#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "core/units.h"
#include "observability/request_record.h"

namespace penstock::observability {

// Sums over some requests.
struct CostSums {
  int64_t requests = 0;
  int64_t errors = 0;
  int64_t unpriced = 0;  // had tokens and no price
  TokenCounts tokens;    // `source` means nothing
  Money cost;
  Money saved;  // by the cache

  void add(const RequestRecord& record);
  void add(const CostSums& other);
};

// What tells costs apart. All budgets' periods begin with an hour, so budgets can be counted from it, too.
template <class Text>
struct BasicCostKey {
  int64_t hour_us = 0;  // in which the request began
  Text key_id;
  Text group;
  Text user;
  Text feature;
  Text route;
  Text model;
  Text upstream;

  auto parts() const { return std::tie(hour_us, key_id, group, user, feature, route, model, upstream); }
};
using CostKey = BasicCostKey<std::string>;
using CostKeyView = BasicCostKey<std::string_view>;

// Requests added up by the hour and by all that costs are told apart by. One thread at a time.
class HourlyCosts {
 public:
  static constexpr int64_t kHourUs = 3'600'000'000;
  static constexpr size_t kTextBytesMax = 256;  // of what callers name: more is cut off

  struct Row {
    std::string key_name;  // as it was last
    CostSums sums;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const CostKey& key) const { return of(key); }
    size_t operator()(const CostKeyView& key) const { return of(key); }
    template <class Text>
    static size_t of(const BasicCostKey<Text>& key);
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return a.parts() == b.parts(); }
  };
  using Rows = std::unordered_map<CostKey, Row, Hash, Equal>;

  void add(const RequestRecord& record);
  void add(const HourlyCosts& more);
  void clear();

  bool empty() const { return requests_ == 0; }
  int64_t requests() const { return requests_; }
  const Rows& rows() const { return rows_; }

 private:
  Rows rows_;
  int64_t requests_ = 0;
};

}  // namespace penstock::observability
