#include "gateway/health_checks.h"

#include <algorithm>
#include <utility>

#include "core/log.h"
#include "core/wakeup.h"

namespace penstock::gateway {

// One provider's task.
struct HealthChecks::Check {
  Check(std::shared_ptr<const Upstream> of, Executor on) : upstream(std::move(of)), loop(std::move(on)) {}
  const std::shared_ptr<const Upstream> upstream;
  const Executor loop;
  Wakeup ended;         // ends its pause
  CancelSource asking;  // ends its question; of `loop`
};

namespace {

constexpr int64_t kFirstMs = 500;

// Whether the same question goes to the same place.
bool same_question(const Upstream& a, const Upstream& b) {
  return a.type == b.type && a.endpoint.text() == b.endpoint.text() &&
         a.endpoint.prefix == b.endpoint.prefix && a.health.path == b.health.path;
}

HttpCall question(const Upstream& upstream, CancelToken cancel) {
  // Any operation's headers will do: they name the caller, and the path is the operator's own.
  std::string_view key = upstream.keys.empty() ? std::string_view{} : upstream.keys.secret(0);
  HttpCall call{.method = "GET", .target = upstream.health.path, .cancel = std::move(cancel)};
  call.headers =
      providers::wire_target(*upstream.type, providers::Operation::kChat, "", key, upstream.options).headers;
  int64_t timeout = HealthChecks::kTimeoutMs;
  call.timeouts = {.connect_ms = timeout, .first_byte_ms = timeout, .idle_ms = timeout, .total_ms = timeout};
  return call;
}

}  // namespace

HealthChecks::HealthChecks(HttpClient& client, Random& random, std::vector<Executor> loops)
    : client_(client), random_(random), loops_(std::move(loops)) {}

HealthChecks::~HealthChecks() = default;

void HealthChecks::follow(const std::shared_ptr<const Setup>& setup) {
  std::lock_guard lock(mutex_);
  auto before = std::exchange(checks_, {});
  for (const auto& upstream : setup->routes->upstreams()) {
    if (upstream->health.path.empty()) continue;
    auto old = before.find(upstream->name);
    if (old != before.end() && same_question(*old->second->upstream, *upstream)) {
      upstream->unwell.store(old->second->upstream->unwell.load());
    }
    auto check = std::make_shared<Check>(upstream, loops_[next_loop_++ % loops_.size()]);
    checks_.emplace(upstream->name, check);
    // Soon after a start or a change, but not all in the same moment.
    auto longest = static_cast<uint64_t>(std::min<int64_t>(upstream->health.interval_ms, kFirstMs));
    tasks_.spawn(check->loop, "health check",
                 ask_on_and_on(check, client_, static_cast<int64_t>(random_.next_u64() % longest)));
  }
  for (const auto& [name, check] : before) end(check);
}

void HealthChecks::stop() {
  {
    std::lock_guard lock(mutex_);
    for (const auto& [name, check] : checks_) end(check);
    checks_.clear();
  }
  tasks_.wait(kTimeoutMs);
}

void HealthChecks::end(const std::shared_ptr<Check>& check) {
  check->ended.notify();
  auto cancel = [](std::shared_ptr<Check> of) -> Task<> {
    of->asking.cancel();
    co_return;
  };
  tasks_.spawn(check->loop, "health check ends", cancel(check));
}

Task<> HealthChecks::ask_on_and_on(std::shared_ptr<Check> check, HttpClient& client, int64_t first_ms) {
  const Upstream& upstream = *check->upstream;
  int64_t pause_ms = first_ms;
  while (co_await check->ended.wait(pause_ms) == Wakeup::Reason::kTimeout) {
    bool well = co_await answers(client, upstream, check->asking.token());
    if (check->asking.cancelled()) break;
    if (upstream.unwell.exchange(!well) == well) {
      log_info(well ? "a provider is well again" : "a provider does not answer its health check",
               {{"provider", upstream.name}, {"path", upstream.health.path}});
    }
    pause_ms = upstream.health.interval_ms;
  }
}

Task<bool> HealthChecks::answers(HttpClient& client, const Upstream& upstream, CancelToken cancel) {
  HttpCall call = question(upstream, std::move(cancel));
  auto answer = co_await client.send(upstream.endpoint, std::move(call));
  if (!answer || (*answer)->head().status / 100 != 2) co_return false;
  auto body = co_await read_all(**answer, kAnswerBytesMax);  // so that the connection can be used again
  co_return body || body.error().code == ErrorCode::kTooLarge;
}

}  // namespace penstock::gateway
