#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "engine/generation.h"
#include "engine/model.h"

namespace penstock::engine {

// The chat model of a first run, loaded once per test program.
inline const Model& chat_model() {
  static const std::unique_ptr<Model> model = [] {
    auto loaded = Model::load(PENSTOCK_CHAT_MODEL);
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message;
      std::abort();
    }
    return std::move(loaded).value();
  }();
  return *model;
}

inline std::vector<Token> tokens_of(std::string_view text) {
  return chat_model().tokenize(text, Framing::kNone, SpecialTokens::kParsed).value();
}

// Keeps what a generation says. Its sink may be called from another thread; the object outlives that.
class Collector {
 public:
  EventSink sink() {
    return [this](GenerationEvent event) {
      std::lock_guard lock(mutex_);
      if (events_left_ == 0) return false;
      if (events_left_ > 0) --events_left_;
      ended_ += event.failure ? 1000 : event.finish != FinishReason::kNone ? 1 : 0;
      events_.push_back(std::move(event));
      changed_.notify_all();
      return true;
    };
  }
  // Stops listening after so many events.
  void listen_for(int events) { events_left_ = events; }

  // Waits until `choices` choices have ended, or one failed.
  std::vector<GenerationEvent> wait(int choices = 1) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::minutes(4), [&] { return ended_ >= choices; })) {
      ADD_FAILURE() << "the generation did not end";
    }
    return events_;
  }
  void wait_for_events(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::minutes(4), [&] { return events_.size() >= count; });
  }
  size_t size() {
    std::lock_guard lock(mutex_);
    return events_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<GenerationEvent> events_;
  int ended_ = 0;
  int events_left_ = -1;
};

inline std::string text_of(const std::vector<GenerationEvent>& events, int32_t choice = 0) {
  std::string text;
  for (const GenerationEvent& event : events) {
    if (event.choice == choice) text += event.text;
  }
  return text;
}

}  // namespace penstock::engine
