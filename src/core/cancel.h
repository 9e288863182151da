#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace penstock {

// Tells work that whoever wanted it has gone. Source, tokens and subscriptions belong to one event loop.
class CancelToken;

class CancelSource {
 public:
  CancelToken token() const;
  void cancel();  // runs the callbacks, newest first; later calls do nothing
  bool cancelled() const { return state_->cancelled; }

 private:
  friend class CancelToken;
  struct State {
    bool cancelled = false;
    uint64_t next_id = 1;
    std::vector<std::pair<uint64_t, std::move_only_function<void()>>> callbacks;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class CancelToken {
 public:
  CancelToken() = default;  // never cancelled

  bool cancelled() const { return state_ && state_->cancelled; }

  // Removes its callback when destroyed.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(std::weak_ptr<CancelSource::State> state, uint64_t id) : state_(std::move(state)), id_(id) {}
    Subscription(Subscription&& other) noexcept
        : state_(std::move(other.state_)), id_(std::exchange(other.id_, 0)) {}
    Subscription& operator=(Subscription&& other) noexcept {
      std::swap(state_, other.state_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Subscription() {
      if (auto state = state_.lock()) {
        std::erase_if(state->callbacks, [this](const auto& entry) { return entry.first == id_; });
      }
    }

   private:
    std::weak_ptr<CancelSource::State> state_;
    uint64_t id_ = 0;
  };

  // Calls `callback` once when cancelled; at once if it is cancelled already.
  [[nodiscard]] Subscription on_cancel(std::move_only_function<void()> callback) const {
    if (!state_) return {};
    if (state_->cancelled) {
      callback();
      return {};
    }
    uint64_t id = state_->next_id++;
    state_->callbacks.emplace_back(id, std::move(callback));
    return {state_, id};
  }

 private:
  friend class CancelSource;
  explicit CancelToken(std::shared_ptr<CancelSource::State> state) : state_(std::move(state)) {}
  std::shared_ptr<CancelSource::State> state_;
};

inline CancelToken CancelSource::token() const { return CancelToken(state_); }

inline void CancelSource::cancel() {
  auto state = state_;  // a callback may destroy this source
  if (std::exchange(state->cancelled, true)) return;
  while (!state->callbacks.empty()) {
    auto callback = std::move(state->callbacks.back().second);
    state->callbacks.pop_back();
    callback();
  }
}

}  // namespace penstock
