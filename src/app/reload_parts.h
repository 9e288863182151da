#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "access/directory.h"
#include "app/settings.h"
#include "gateway/gateway.h"
#include "gateway/health_checks.h"
#include "gateway/price_book.h"

namespace penstock::app {

// A part of the server that takes over its share of another configuration while it runs. Both blocking; an
// error changes nothing.
struct ConfigPart {
  std::function<Result<void>(const Settings&)> check;  // may be empty
  std::function<Result<void>(const Settings&)> take;
};

// What a reload reaches; all of it outlives the parts.
struct Reloadable {
  gateway::PriceBook& prices;
  gateway::Gateway& gateway;
  const std::vector<gateway::EngineUpstream>& engines;
  gateway::HealthChecks& health_checks;
  access::Directory& directory;
  std::atomic<int64_t>& drain_timeout_ms;
};

// In the order in which they take a change: those that may fail come first.
std::vector<ConfigPart> config_parts(Reloadable parts);

}  // namespace penstock::app
