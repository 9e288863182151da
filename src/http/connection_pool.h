#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "http/channel.h"

namespace penstock::http {

// Idle connections of one loop by endpoint. A connection that its server closes, or that stays idle too long,
// is dropped by itself. Only on its loop.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  explicit ConnectionPool(size_t idle_per_endpoint_max) : idle_per_endpoint_max_(idle_per_endpoint_max) {}
  ~ConnectionPool() { clear(); }

  // The connection used last, which is the least likely to be closed soon; null if there is none.
  std::shared_ptr<Channel> take(const std::string& endpoint);

  // Keeps `channel` for `idle_ms`. The one idle longest makes room.
  void put(const std::string& endpoint, std::shared_ptr<Channel> channel, int64_t idle_ms);

  void clear();

 private:
  struct Idle {
    Idle(std::shared_ptr<Channel> idle_channel, std::move_only_function<void()> on_expired)
        : channel(std::move(idle_channel)), deadline(channel->loop().deadlines, std::move(on_expired)) {}
    ~Idle() { channel->unwatch(); }
    std::shared_ptr<Channel> channel;
    Deadline deadline;
  };
  using IdleList = std::list<Idle>;  // used last at the back

  void drop(const std::string& endpoint, const Channel* channel);

  size_t idle_per_endpoint_max_;
  std::unordered_map<std::string, IdleList> idle_;
};

}  // namespace penstock::http
