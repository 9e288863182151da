#include "api/native/cost_handlers.h"

#include <string>
#include <utility>

#include "core/json_writer.h"
#include "observability/cost_report.h"

namespace penstock::api::native {
namespace {

using observability::CostBucket;
using observability::CostDimension;
using observability::CostQuery;
using observability::CostReport;
using observability::CostSums;

constexpr int64_t kDayUs = 86'400'000'000;
constexpr int64_t kDaysShown = 30;  // of a question without a beginning
constexpr size_t kRowsMax = 10'000;
constexpr size_t kCsvRowsMax = 200'000;

// The checked query of a cost question.
struct Asked {
  CostQuery query;
  CostBucket bucket = CostBucket::kDay;
};

Result<Asked> asked(const NativeServices& services, const Query& query) {
  Asked asked;
  asked.query.to = {query.integer("to_us").value_or(services.clock.now().us)};
  asked.query.from = {query.integer("from_us").value_or(asked.query.to.us - kDaysShown * kDayUs)};
  if (asked.query.from >= asked.query.to) {
    return Failure(Error::invalid("from_us", "'from_us' must be before 'to_us'"));
  }
  asked.query.group_by =
      observability::parse_cost_dimension(query.text("group_by")).value_or(CostDimension::kNone);
  asked.bucket = observability::parse_cost_bucket(query.text("bucket")).value_or(CostBucket::kDay);
  for (auto dimension :
       {CostDimension::kKey, CostDimension::kGroup, CostDimension::kUser, CostDimension::kFeature,
        CostDimension::kRoute, CostDimension::kModel, CostDimension::kUpstream}) {
    std::string value = query.text(observability::cost_dimension_name(dimension));
    if (!value.empty()) asked.query.only[dimension] = std::move(value);
  }
  return asked;
}

Task<Result<CostReport>> report(const NativeServices& services, Asked question, size_t rows_max) {
  auto read = [&question, rows_max](database::Connection& connection) {
    return observability::cost_report(connection, question.query, question.bucket, rows_max);
  };
  std::function<Result<CostReport>(database::Connection&)> work = std::move(read);
  co_return co_await services.costs.database.read<CostReport>(std::move(work));
}

void write_sums(JsonWriter& json, const CostSums& sums) {
  const TokenCounts& t = sums.tokens;
  json.field("requests", sums.requests).field("errors", sums.errors).field("unpriced", sums.unpriced);
  json.field("input_tokens", observability::input_tokens(t));
  json.field("output_tokens", observability::output_tokens(t));
  json.key("tokens").begin_object().field("input", t.input).field("cached_input", t.cached_input);
  json.field("cache_write", t.cache_write)
      .field("cache_write_1h", t.cache_write_1h)
      .field("output", t.output);
  json.field("reasoning", t.reasoning).field("audio", t.audio).field("image", t.image).end_object();
  json.field("cost_nano_usd", sums.cost.nano_usd).field("saved_nano_usd", sums.saved.nano_usd);
}

std::string report_json(const Asked& question, const CostReport& report) {
  JsonWriter json;
  json.begin_object().field("from_us", question.query.from.us).field("to_us", question.query.to.us);
  json.optional_field("group_by", observability::cost_dimension_name(question.query.group_by));
  json.field("bucket", observability::cost_bucket_name(question.bucket));
  json.key("total").begin_object();
  write_sums(json, report.total);
  json.end_object().key("rows").begin_array();
  for (const observability::CostRow& row : report.rows) {
    json.begin_object().field("t_us", row.at.us).field("value", row.value).field("label", row.label);
    write_sums(json, row.sums);
    json.end_object();
  }
  return json.end_array().end_object().take();
}

void write_budget(JsonWriter& json, const gateway::BudgetUsage& usage) {
  json.begin_object().field("holder", usage.holder).field("amount_nano_usd", usage.budget.amount.nano_usd);
  json.field("per", access::period_name(usage.budget.per)).field("spent_nano_usd", usage.spent.nano_usd);
  json.field("reserved_nano_usd", usage.reserved.nano_usd);
  json.field("leased_elsewhere_nano_usd", usage.leased_elsewhere.nano_usd);
  json.field("remaining_nano_usd", usage.remaining.nano_usd);
  json.field("period_starts_at_us", usage.period.starts_at.us);
  if (usage.period.ends_at == gateway::kForever) {
    json.null_field("period_ends_at_us");
  } else {
    json.field("period_ends_at_us", usage.period.ends_at.us);
  }
  json.end_object();
}

}  // namespace

Task<Result<Response>> get_cost(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(Asked question, asked(services, call.query));
  ASSIGN_OR_CO_RETURN(CostReport found, co_await report(services, question, kRowsMax));
  co_return Response::json(200, report_json(question, found));
}

Task<Result<Response>> get_cost_csv(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(Asked question, asked(services, call.query));
  ASSIGN_OR_CO_RETURN(CostReport found, co_await report(services, question, kCsvRowsMax));
  Response response = Response::text(200, observability::cost_csv(found, question.query.group_by));
  response.head.headers.set("content-type", "text/csv; charset=utf-8");
  response.head.headers.set("content-disposition", "attachment; filename=\"penstock-cost.csv\"");
  co_return response;
}

Task<Result<Response>> list_budgets(const NativeServices& services, const Call&) {
  auto read = [&services] { return services.costs.budgets.usage(); };
  ASSIGN_OR_CO_RETURN(auto usages, co_await services.pool.run(std::move(read)));
  JsonWriter json;
  json.begin_object().key("budgets").begin_array();
  for (const gateway::BudgetUsage& usage : usages) write_budget(json, usage);
  json.end_array().end_object();
  co_return Response::json(200, json.take());
}

void write_spending_metrics(observability::PrometheusText& out, const CostServices& services) {
  services.admission.write_metrics(out);
  services.budgets.write_metrics(out);
}

}  // namespace penstock::api::native
