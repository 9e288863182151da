#include "app/reload_parts.h"

#include <algorithm>

#include "core/log.h"

namespace penstock::app {
namespace {

// As at the start: without accounts and keys of the database, the configuration's must keep strangers out.
Result<void> check_access(const access::Directory& directory, const Settings& settings) {
  std::shared_ptr<const access::Snapshot> now = directory.snapshot();
  const access::AccessData& data = now->data();
  bool stored_key = std::ranges::any_of(
      data.keys, [](const access::Key& key) { return key.source == access::Source::kDatabase; });
  return stored_key || !data.users.empty() ? Result<void>{} : check_exposure(settings);
}

Result<void> check_routes(const std::vector<gateway::EngineUpstream>& engines, const Settings& settings) {
  gateway::TargetStates scratch;
  RETURN_IF_ERROR(gateway::RouteTable::create(settings.gateway, engines, scratch));
  return {};
}

}  // namespace

std::vector<ConfigPart> config_parts(Reloadable parts) {
  ConfigPart prices{.check = {}, .take = [parts](const Settings& settings) {
                      return parts.prices.configure(settings.prices);
                    }};
  ConfigPart routes{
      .check = [parts](const Settings& settings) { return check_routes(parts.engines, settings); },
      .take = [parts](const Settings& settings) -> Result<void> {
        RETURN_IF_ERROR(parts.gateway.reload(settings.gateway));
        parts.health_checks.follow(parts.gateway.setup());
        return {};
      }};
  ConfigPart access{
      .check = [parts](const Settings& settings) { return check_access(parts.directory, settings); },
      .take = [parts](const Settings& settings) -> Result<void> {
        parts.directory.configure(settings.access);
        return {};
      }};
  ConfigPart server{.check = {}, .take = [parts](const Settings& settings) -> Result<void> {
                      set_log_level(settings.log_level);
                      parts.drain_timeout_ms = settings.drain_timeout_ms;
                      return {};
                    }};
  return {prices, routes, access, server};
}

}  // namespace penstock::app
