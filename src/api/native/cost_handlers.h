#pragma once

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "gateway/admission.h"
#include "gateway/budget_ledger.h"
#include "gateway/price_book.h"
#include "observability/prometheus_text.h"
#include "storage/database/database.h"

// What was spent, what may be spent, and at which prices.
namespace penstock::api::native {

// What these handlers stand on; all of it outlives the router.
struct CostServices {
  database::Database& database;
  gateway::BudgetLedger& budgets;
  gateway::Admission& admission;
  gateway::PriceBook& prices;
};

Task<Result<Response>> get_cost(const NativeServices& services, const Call& call);
Task<Result<Response>> get_cost_csv(const NativeServices& services, const Call& call);
Task<Result<Response>> list_budgets(const NativeServices& services, const Call& call);
Task<Result<Response>> get_prices(const NativeServices& services, const Call& call);
Task<Result<Response>> list_price_versions(const NativeServices& services, const Call& call);
Task<Result<Response>> diff_price_versions(const NativeServices& services, const Call& call);
Task<Result<Response>> import_prices(const NativeServices& services, const Call& call);

// Budgets of this gateway and refusals, in Prometheus' exposition.
void write_spending_metrics(observability::PrometheusText& out, const CostServices& services);

}  // namespace penstock::api::native
