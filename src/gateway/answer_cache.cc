#include "gateway/answer_cache.h"

#include <algorithm>
#include <cmath>

namespace penstock::gateway {
namespace {

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return -1;
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

std::vector<float> of_unit_length(std::vector<float> vector) {
  double length = std::sqrt(dot(vector, vector));
  if (length > 0) {
    for (float& x : vector) x = static_cast<float>(x / length);
  }
  return vector;
}

}  // namespace

AnswerCache::AnswerCache(size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}

size_t AnswerCache::Entry::bytes() const {
  constexpr size_t kOverhead = 256;  // of list, map and pointers, about
  return kOverhead + answer->body.size() + answer->output.size() + embedding.size() * sizeof(float);
}

std::shared_ptr<const CachedAnswer> AnswerCache::find(const Digest& key, int64_t now_us) {
  Shard& shard = shard_of(key);
  std::lock_guard lock(shard.mutex);
  auto found = shard.exact.find(key);
  if (found == shard.exact.end()) return nullptr;
  if (found->second->answer->expires_at_us <= now_us) {
    drop(shard, found->second);
    return nullptr;
  }
  shard.entries.splice(shard.entries.end(), shard.entries, found->second);
  return found->second->answer;
}

void AnswerCache::keep(const Digest& key, std::shared_ptr<const CachedAnswer> answer) {
  Shard& shard = shard_of(key);
  std::lock_guard lock(shard.mutex);
  if (auto found = shard.exact.find(key); found != shard.exact.end()) drop(shard, found->second);
  add(shard, Entry{.key = key, .embedding = {}, .answer = std::move(answer)});
}

std::optional<AnswerCache::Similar> AnswerCache::find_similar(const Digest& context,
                                                              const std::vector<float>& embedding,
                                                              double threshold, int64_t now_us) {
  std::vector<float> direction = of_unit_length(embedding);
  Shard& shard = shard_of(context);
  std::lock_guard lock(shard.mutex);
  auto found = shard.similar.find(context);
  if (found == shard.similar.end()) return std::nullopt;
  Entries::iterator nearest = shard.entries.end();
  double greatest = threshold;
  for (Entries::iterator entry : found->second) {
    double similarity = dot(entry->embedding, direction);
    if (similarity < greatest || entry->answer->expires_at_us <= now_us) continue;
    greatest = similarity;
    nearest = entry;
  }
  if (nearest == shard.entries.end()) return std::nullopt;
  shard.entries.splice(shard.entries.end(), shard.entries, nearest);
  return Similar{nearest->answer, greatest};
}

void AnswerCache::keep_similar(const Digest& context, std::vector<float> embedding,
                               std::shared_ptr<const CachedAnswer> answer) {
  Shard& shard = shard_of(context);
  std::lock_guard lock(shard.mutex);
  auto found = shard.similar.find(context);
  if (found != shard.similar.end() && found->second.size() >= kSimilarMax) {
    drop(shard, found->second.front());
  }
  add(shard,
      Entry{.key = context, .embedding = of_unit_length(std::move(embedding)), .answer = std::move(answer)});
}

void AnswerCache::add(Shard& shard, Entry entry) {
  size_t bytes = entry.bytes();
  if (bytes > shard_bytes_max_) return;
  while (shard.bytes + bytes > shard_bytes_max_) drop(shard, shard.entries.begin());
  shard.bytes += bytes;
  shard.entries.push_back(std::move(entry));
  auto added = std::prev(shard.entries.end());
  if (added->embedding.empty()) {
    shard.exact[added->key] = added;
  } else {
    shard.similar[added->key].push_back(added);
  }
}

void AnswerCache::drop(Shard& shard, Entries::iterator entry) {
  shard.bytes -= entry->bytes();
  if (entry->embedding.empty()) {
    shard.exact.erase(entry->key);
  } else if (auto found = shard.similar.find(entry->key); found != shard.similar.end()) {
    std::erase(found->second, entry);
    if (found->second.empty()) shard.similar.erase(found);
  }
  shard.entries.erase(entry);
}

size_t AnswerCache::bytes() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

}  // namespace penstock::gateway
