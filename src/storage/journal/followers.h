#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/journal/journal.h"

namespace penstock::journal {

// Who is told of each appended record. Thread-safe; a follower may outlive it.
class Followers {
 public:
  using Callback = std::function<void(const Position&, const Record&)>;

  Journal::Follower add(Callback callback) {
    auto entry = std::make_shared<Callback>(std::move(callback));
    {
      std::lock_guard lock(state_->mutex);
      state_->callbacks.push_back(entry);
    }
    // The removal waits for a call in progress, so that none comes after it.
    return Journal::Follower(entry.get(), [state = state_, entry](void*) {
      std::lock_guard lock(state->mutex);
      std::erase(state->callbacks, entry);
    });
  }

  void tell(const Position& position, const Record& record) {
    std::lock_guard lock(state_->mutex);
    for (const auto& callback : state_->callbacks) (*callback)(position, record);
  }

 private:
  struct State {
    std::mutex mutex;
    std::vector<std::shared_ptr<Callback>> callbacks;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace penstock::journal
