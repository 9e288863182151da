#include "observability/cost_sums.h"

#include "core/text.h"

namespace penstock::observability {
namespace {

std::string_view cut(std::string_view text) { return utf8_prefix(text, HourlyCosts::kTextBytesMax); }

CostKeyView key_of(const RequestRecord& r) {
  // A name that no route has is whatever somebody typed.
  std::string_view model = r.upstream_model.empty() && !r.route.empty() ? r.model : r.upstream_model;
  return {.hour_us = r.started_at.us - r.started_at.us % HourlyCosts::kHourUs,
          .key_id = r.key_id,
          .group = r.group,
          .user = cut(r.user),
          .feature = cut(r.feature),
          .route = cut(r.route),
          .model = cut(model),
          .upstream = cut(r.upstream)};
}

CostKey owned(const CostKeyView& key) {
  return {.hour_us = key.hour_us,
          .key_id = std::string(key.key_id),
          .group = std::string(key.group),
          .user = std::string(key.user),
          .feature = std::string(key.feature),
          .route = std::string(key.route),
          .model = std::string(key.model),
          .upstream = std::string(key.upstream)};
}

}  // namespace

void CostSums::add(const RequestRecord& record) {
  requests += 1;
  errors += is_error(record) ? 1 : 0;
  unpriced += !record.cost && record.tokens.source != TokenSource::kNone ? 1 : 0;
  for (const TokenKind& kind : token_kinds()) tokens.*kind.count += record.tokens.*kind.count;
  cost = cost + record.cost.value_or(Money{});
  saved = saved + record.saved.value_or(Money{});
}

void CostSums::add(const CostSums& other) {
  requests += other.requests;
  errors += other.errors;
  unpriced += other.unpriced;
  for (const TokenKind& kind : token_kinds()) tokens.*kind.count += other.tokens.*kind.count;
  cost = cost + other.cost;
  saved = saved + other.saved;
}

template <class Text>
size_t HourlyCosts::Hash::of(const BasicCostKey<Text>& key) {
  size_t hash = static_cast<size_t>(key.hour_us);
  auto mix = [&hash](std::string_view text) { hash = hash * 31 + std::hash<std::string_view>{}(text); };
  for (const Text* text :
       {&key.key_id, &key.group, &key.user, &key.feature, &key.route, &key.model, &key.upstream}) {
    mix(*text);
  }
  return hash;
}
template size_t HourlyCosts::Hash::of(const CostKey& key);
template size_t HourlyCosts::Hash::of(const CostKeyView& key);

void HourlyCosts::add(const RequestRecord& record) {
  CostKeyView key = key_of(record);
  auto row = rows_.find(key);
  if (row == rows_.end()) row = rows_.try_emplace(owned(key)).first;
  row->second.key_name = record.key;
  row->second.sums.add(record);
  ++requests_;
}

void HourlyCosts::add(const HourlyCosts& more) {
  for (const auto& [key, row] : more.rows_) {
    Row& known = rows_[key];
    known.key_name = row.key_name;
    known.sums.add(row.sums);
  }
  requests_ += more.requests_;
}

void HourlyCosts::clear() {
  rows_.clear();
  requests_ = 0;
}

}  // namespace penstock::observability
