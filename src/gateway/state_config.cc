#include "gateway/state_config.h"

namespace penstock::gateway {

ConfigSchema::Fields state_config_fields() {
  return {
      {"state",
       ConfigSchema::object(
           {{"database",
             ConfigSchema::secret(
                 "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, shared by all gateways; absent: SQLite in "
                 "the data directory",
                 {{"connections", ConfigSchema::integer("To PostgreSQL: one for writes, the others for reads "
                                                        "(default 5)")
                                      .between(2, 100)},
                  {"statement_timeout_ms",
                   ConfigSchema::integer("How long PostgreSQL may take for a statement (default 30000)")
                       .between(100, 600'000)}})},
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
  if (const ConfigNode* database = state->find("database")) {
    config.database_url = database->scalar();
    config.database_connections = database->integer_at("connections", config.database_connections);
    config.database_statement_timeout_ms =
        database->integer_at("statement_timeout_ms", config.database_statement_timeout_ms);
  }
  std::string on_loss = state->string_at("on_store_loss", "share");
  config.on_store_loss = on_loss == "deny"    ? StoreLoss::kDeny
                         : on_loss == "allow" ? StoreLoss::kAllow
                                              : StoreLoss::kShare;
  return config;
}

}  // namespace penstock::gateway
