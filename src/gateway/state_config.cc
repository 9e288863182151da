#include "gateway/state_config.h"

namespace penstock::gateway {

ConfigSchema::Fields state_config_fields() {
  return {
      {"state",
       ConfigSchema::object(
           {{"database", ConfigSchema::secret("postgresql://... that all gateways share; absent: SQLite in "
                                              "the data directory")},
            {"on_store_loss",
             ConfigSchema::string("While budgets cannot be fetched from it, a gateway spends its share of "
                                  "what was left (share, the default), only what it has fetched (deny), or "
                                  "freely (allow)")
                 .one_of({"share", "deny", "allow"})}},
           "What gateways share")}};
}

Result<StateConfig> read_state_config(const ConfigNode& root) {
  StateConfig config;
  const ConfigNode* state = root.find("state");
  if (state == nullptr) return config;
  if (const ConfigNode* database = state->find("database")) config.database_url = database->scalar();
  std::string on_loss = state->string_at("on_store_loss", "share");
  config.on_store_loss = on_loss == "deny"    ? StoreLoss::kDeny
                         : on_loss == "allow" ? StoreLoss::kAllow
                                              : StoreLoss::kShare;
  return config;
}

}  // namespace penstock::gateway
