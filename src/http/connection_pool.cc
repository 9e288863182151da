#include "http/connection_pool.h"

#include <algorithm>
#include <utility>

namespace penstock::http {

std::shared_ptr<Channel> ConnectionPool::take(const std::string& endpoint) {
  auto found = idle_.find(endpoint);
  if (found == idle_.end()) return nullptr;
  std::shared_ptr<Channel> channel = found->second.back().channel;
  found->second.pop_back();
  if (found->second.empty()) idle_.erase(found);
  return channel;
}

void ConnectionPool::put(const std::string& endpoint, std::shared_ptr<Channel> channel, int64_t idle_ms) {
  if (idle_per_endpoint_max_ == 0 || idle_ms <= 0) return channel->close();
  IdleList& list = idle_[endpoint];
  if (list.size() >= idle_per_endpoint_max_) {
    list.front().channel->close();
    list.pop_front();
  }
  auto drop_it = [this, endpoint, channel = channel.get()] { drop(endpoint, channel); };
  Idle& idle = list.emplace_back(channel, drop_it);
  idle.deadline.set_in_ms(idle_ms);
  // Whatever comes now, bytes or the end, makes it useless.
  channel->watch([pool = weak_from_this(), endpoint, channel = channel.get()] {
    if (auto alive = pool.lock()) alive->drop(endpoint, channel);
  });
}

void ConnectionPool::drop(const std::string& endpoint, const Channel* channel) {
  auto found = idle_.find(endpoint);
  if (found == idle_.end()) return;
  IdleList& list = found->second;
  auto idle = std::ranges::find_if(list, [&](const Idle& entry) { return entry.channel.get() == channel; });
  if (idle == list.end()) return;
  IdleList dropped;  // dies last: with it the caller's own closure
  dropped.splice(dropped.begin(), list, idle);
  if (list.empty()) idle_.erase(found);
  dropped.front().channel->close();
}

void ConnectionPool::clear() {
  for (auto& [endpoint, list] : idle_) {
    for (Idle& idle : list) idle.channel->close();
  }
  idle_.clear();
}

}  // namespace penstock::http
