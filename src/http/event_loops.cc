#include "http/event_loops.h"

#include <fmt/chrono.h>
#include <pthread.h>

#include <exception>
#include <system_error>

#include "core/log.h"
#include "http/loop.h"

namespace penstock::http {
namespace {

thread_local constinit std::optional<size_t> current_loop;

void run(Loop& loop, const std::string& name) {
  current_loop = loop.index;
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  while (!loop.io.stopped()) {
    try {
      loop.io.run();
    } catch (const std::exception& thrown) {
      log_error("a callback of an event loop threw", {{"loop", name}, {"what", thrown.what()}});
    }
  }
}

}  // namespace

std::string_view HttpDate::text(int64_t now_s) {
  if (now_s != rendered_s_) {
    rendered_s_ = now_s;
    text_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(now_s)));
  }
  return text_;
}

Result<std::unique_ptr<EventLoops>> EventLoops::create(size_t count, std::string name) {
  if (count == 0) return Failure(Error::invalid("count", "at least one event loop is needed"));
  std::unique_ptr<EventLoops> loops(new EventLoops);
  for (size_t i = 0; i < count; ++i) {
    auto& loop = loops->loops_.emplace_back(std::make_unique<Loop>(i));
    try {
      loop->thread =
          std::jthread([&loop = *loop, name = name + "-" + std::to_string(i)] { run(loop, name); });
    } catch (const std::system_error& refused) {
      return Failure(Error::internal(std::string("cannot start an event loop's thread: ") + refused.what()));
    }
  }
  return loops;
}

EventLoops::~EventLoops() { stop(); }

Executor EventLoops::executor(size_t index) const { return loops_.at(index)->io.get_executor(); }

std::optional<size_t> EventLoops::current() { return current_loop; }

void EventLoops::stop() {
  for (auto& loop : loops_) loop->io.stop();
  for (auto& loop : loops_) {
    if (loop->thread.joinable()) loop->thread.join();
  }
}

}  // namespace penstock::http
