#include "access/login_throttle.h"

#include <algorithm>

namespace penstock::access {
namespace {

std::string account_name(std::string_view account) { return "a:" + std::string(account); }

// The address without its port.
std::string peer_name(std::string_view peer) { return "p:" + std::string(peer.substr(0, peer.rfind(':'))); }

}  // namespace

LoginThrottle::Entry* LoginThrottle::find(std::string_view name) {
  auto found = by_name_.find(name);
  if (found == by_name_.end()) return nullptr;
  Entry& entry = *found->second;
  if (clock_.monotonic_us() - entry.last_us > kForgetMs * 1000) entry.failures = 0;
  return &entry;
}

Result<void> LoginThrottle::check(std::string_view account, std::string_view peer) {
  std::lock_guard lock(mutex_);
  int64_t now_us = clock_.monotonic_us();
  int64_t wait_us = 0;
  for (const std::string& name : {account_name(account), peer_name(peer)}) {
    const Entry* entry = find(name);
    if (entry != nullptr && entry->failures > 0) wait_us = std::max(wait_us, entry->open_at_us - now_us);
  }
  if (wait_us <= 0) return {};
  return Failure(Error{.code = ErrorCode::kRateLimited,
                       .message = "too many failed logins; try again in " +
                                  std::to_string((wait_us + 999'999) / 1'000'000) + " s",
                       .reason = "too_many_logins",
                       .retry_after_ms = (wait_us + 999) / 1000});
}

void LoginThrottle::failed(std::string_view account, std::string_view peer) {
  std::lock_guard lock(mutex_);
  count(account_name(account), kFreeFailuresOfAccount);
  count(peer_name(peer), kFreeFailuresOfPeer);
}

void LoginThrottle::count(std::string name, int free) {
  Entry* entry = find(name);
  if (entry == nullptr) {
    if (entries_.size() >= kEntriesMax) {
      by_name_.erase(entries_.back().name);
      entries_.pop_back();
    }
    entries_.push_front({.name = std::move(name)});
    by_name_.emplace(entries_.front().name, entries_.begin());
    entry = &entries_.front();
  } else {
    entries_.splice(entries_.begin(), entries_, by_name_.at(entry->name));
  }
  ++entry->failures;
  entry->last_us = clock_.monotonic_us();
  if (entry->failures < free) return;
  int doublings = std::min(entry->failures - free, 20);
  entry->open_at_us = entry->last_us + std::min(kPauseMinMs << doublings, kPauseMaxMs) * 1000;
}

void LoginThrottle::succeeded(std::string_view account) {
  std::lock_guard lock(mutex_);
  auto found = by_name_.find(account_name(account));
  if (found == by_name_.end()) return;
  auto entry = found->second;
  by_name_.erase(found);
  entries_.erase(entry);
}

}  // namespace penstock::access
