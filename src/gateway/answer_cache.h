#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/units.h"

namespace penstock::gateway {

// An answer as its client got it, and what the record of it said.
struct CachedAnswer {
  std::string body;  // of a stream: all its events
  std::string content_type;
  std::string finish_reason;
  std::string output;
  std::optional<Money> cost;
  int64_t stored_at_us = 0;   // monotonic
  int64_t expires_at_us = 0;  // monotonic
};

// Answers kept for later requests, the least recently used dropped first where the memory is used up. Which
// requests share an answer is decided by who makes the key. Thread-safe: a short lock on one of some shards,
// taken only by calls of routes with a cache.
class AnswerCache {
 public:
  static constexpr size_t kAnswerBytesMax = 1 << 20;  // a longer one is not kept
  static constexpr size_t kSimilarMax = 1'000;        // per context; the oldest is dropped

  explicit AnswerCache(size_t bytes_max);

  std::shared_ptr<const CachedAnswer> find(const Digest& key, int64_t now_us);
  void keep(const Digest& key, std::shared_ptr<const CachedAnswer> answer);

  // Questions within one context, by the direction of their embedding.
  struct Similar {
    std::shared_ptr<const CachedAnswer> answer;
    double similarity = 0;  // cosine
  };
  // The nearest that is at least as similar as `threshold`. O(questions of the context * dimensions).
  std::optional<Similar> find_similar(const Digest& context, const std::vector<float>& embedding,
                                      double threshold, int64_t now_us);
  void keep_similar(const Digest& context, std::vector<float> embedding,
                    std::shared_ptr<const CachedAnswer> answer);

  size_t bytes() const;

 private:
  struct Entry {
    Digest key;
    std::vector<float> embedding;  // of unit length; empty: an exact one
    std::shared_ptr<const CachedAnswer> answer;
    size_t bytes() const;
  };
  using Entries = std::list<Entry>;  // least recently used first
  struct Shard {
    mutable std::mutex mutex;
    Entries entries;
    std::map<Digest, Entries::iterator> exact;
    std::map<Digest, std::vector<Entries::iterator>> similar;
    size_t bytes = 0;
  };
  static constexpr size_t kShards = 16;

  Shard& shard_of(const Digest& key) { return shards_[std::to_integer<size_t>(key.bytes[0]) % kShards]; }
  void add(Shard& shard, Entry entry);
  void drop(Shard& shard, Entries::iterator entry);

  size_t shard_bytes_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace penstock::gateway
