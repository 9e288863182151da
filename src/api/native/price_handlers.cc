#include <string>
#include <utility>

#include "api/native/cost_handlers.h"
#include "api/native/listing.h"
#include "core/json_writer.h"
#include "gateway/price_text.h"

namespace penstock::api::native {
namespace {

using gateway::ModelPrice;
using gateway::PriceVersion;

void write_rates(JsonWriter& json, const gateway::TokenRates& rates) {
  for (const gateway::RateKind& kind : gateway::kRateKinds) json.field(kind.name, rates.*kind.rate);
}

void write_price(JsonWriter& json, const ModelPrice& price) {
  json.begin_object();
  write_rates(json, price.rates);
  json.key("tiers").begin_array();
  for (const gateway::PriceTier& tier : price.tiers) {
    json.begin_object().field("input_tokens_above", tier.input_tokens_above);
    write_rates(json, tier.rates);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_side(JsonWriter& json, std::string_view name, const std::optional<ModelPrice>& price) {
  json.key(name);
  price ? write_price(json, *price) : static_cast<void>(json.null());
}

void write_version(JsonWriter& json, const PriceVersion& version) {
  json.begin_object().field("number", version.number).field("at_us", version.at.us);
  json.field("actor", version.actor).field("source", version.source).field("models", version.models);
  json.end_object();
}

std::string_view unknown_name(gateway::UnknownModel unknown) {
  switch (unknown) {
    case gateway::UnknownModel::kDeny:
      return "deny";
    case gateway::UnknownModel::kCeiling:
      return "ceiling";
    case gateway::UnknownModel::kRecord:
      break;
  }
  return "record";
}

std::string import_json(const gateway::PriceBook::Import& import) {
  JsonWriter json;
  json.begin_object().key("version");
  write_version(json, import.version);
  json.field("models", import.models).key("refused").begin_array();
  for (const std::string& refused : import.refused) json.value(refused);
  return json.end_array().end_object().take();
}

}  // namespace

Task<Result<Response>> get_prices(const NativeServices& services, const Call&) {
  auto table = services.costs.prices.current();
  JsonWriter json;
  json.begin_object().optional_field("version", table->version());
  json.field("unknown_model", unknown_name(table->unknown_model())).key("models").begin_object();
  for (const auto& [name, price] : table->models()) {
    json.key(name);
    write_price(json, price);
  }
  json.end_object().end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> list_price_versions(const NativeServices& services, const Call& call) {
  int64_t limit = call.query.integer("limit").value_or(50);
  auto read = [&services, limit] { return services.costs.prices.versions(limit); };
  ASSIGN_OR_CO_RETURN(auto versions, co_await services.pool.run(std::move(read)));
  JsonWriter json;
  json.begin_object().key("versions").begin_array();
  for (const PriceVersion& version : versions) write_version(json, version);
  json.end_array().end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> diff_price_versions(const NativeServices& services, const Call& call) {
  auto from = call.query.integer("from");
  auto to = call.query.integer("to");
  if (!from || !to) co_return Failure(Error::invalid(from ? "to" : "from", "'from' and 'to' are needed"));
  auto read = [&services, from, to] { return services.costs.prices.diff(*from, *to); };
  ASSIGN_OR_CO_RETURN(auto changes, co_await services.pool.run(std::move(read)));
  JsonWriter json;
  json.begin_object().field("from", *from).field("to", *to).key("changes").begin_array();
  for (const gateway::PriceChange& change : changes) {
    json.begin_object().field("model", change.model);
    write_side(json, "before", change.before);
    write_side(json, "after", change.after);
    json.end_object();
  }
  json.end_array().end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> import_prices(const NativeServices& services, const Call& call) {
  std::string source = call.query.text("source");
  if (source.empty()) source = "prices";
  access::Actor actor = actor_of(call);
  auto work = [&services, &call, source, actor] {
    auto record = [&](database::Connection& connection, const PriceVersion& version) {
      JsonWriter after;
      after.begin_object().field("version", version.number).field("models", version.models);
      after.field("source", source).end_object();
      return services.audit.record(connection, {.actor = actor,
                                                .action = "prices.import",
                                                .object = "prices:" + std::to_string(version.number),
                                                .after = after.take()});
    };
    return services.costs.prices.import(call.request.body, source, actor.id, record);
  };
  ASSIGN_OR_CO_RETURN(auto import, co_await services.pool.run(std::move(work)));
  co_return Response::json(201, import_json(import));
}

}  // namespace penstock::api::native
