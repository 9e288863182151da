#include "api/native/cost_handlers.h"

#include <gtest/gtest.h>

#include "api/native/native_fixture.h"

namespace penstock::api::native {
namespace {

constexpr Money kDollar{1'000'000'000};

class CostHandlersTest : public NativeFixture {
 protected:
  void count(observability::RequestRecord record) {
    observability::CostRollup rollup;
    observability::HourlyCosts costs;
    costs.add(record);
    ASSERT_TRUE(database_->write_now([&](database::Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(rollup.count(connection, costs));
      return budgets_->count(connection, costs);
    }));
  }

  observability::RequestRecord spent(std::string feature, int64_t nano_usd) {
    observability::RequestRecord record = next_record();
    record.feature = std::move(feature);
    record.key_id = "k1";
    record.key = "search-team";
    record.group = "acme/search";
    record.tokens = {.input = 7, .cached_input = 3, .output = 5, .source = TokenSource::kProvider};
    record.cost = Money{nano_usd};
    return record;
  }
};

TEST_F(CostHandlersTest, CostIsAsTheDocumentSays) {
  count(spent("search", 10));
  count(spent("chat", 30));
  Json report = get_described("/api/v1/cost?group_by=feature", "/api/v1/cost");
  const JsonArray& rows = find(report, "rows")->get_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(string_at(rows[0], "value"), "chat");
  EXPECT_EQ(int_at(rows[0], "cost_nano_usd"), 30);
  EXPECT_EQ(int_at(rows[0], "input_tokens"), 10);
  EXPECT_EQ(int_at(*find(report, "total"), "cost_nano_usd"), 40);
  Json filtered = get_described("/api/v1/cost?bucket=all&feature=search&group=acme&key=k1", "/api/v1/cost");
  EXPECT_EQ(int_at(*find(filtered, "total"), "requests"), 1);
  get_described("/api/v1/cost?from_us=5&to_us=4", "/api/v1/cost", 400);
  get_described("/api/v1/cost?group_by=colour", "/api/v1/cost", 400);
}

TEST_F(CostHandlersTest, CsvIsOneLinePerRow) {
  count(spent("search", 1'500'000'000));
  auto answer = get("/api/v1/cost.csv?group_by=feature");
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_EQ(answer.head.headers.get("content-type"), "text/csv; charset=utf-8");
  EXPECT_NE(answer.body.find(",search,search,1,0,0,7,3,0,0,5,0,0,0,1.500000000,0.000000000\r\n"),
            std::string::npos)
      << answer.body;
}

TEST_F(CostHandlersTest, BudgetsAreAsTheDocumentSays) {
  budgets_->account("group:acme", {.amount = kDollar, .per = access::Period::kMonth});
  budgets_->account("key:k1", {.amount = kDollar, .per = access::Period::kTotal});
  count(spent("search", 250));
  Json list = get_described("/api/v1/budgets", "/api/v1/budgets");
  const JsonArray& budgets = find(list, "budgets")->get_array();
  ASSERT_EQ(budgets.size(), 2U);
  EXPECT_EQ(string_at(budgets[0], "holder"), "group:acme");
  EXPECT_EQ(int_at(budgets[0], "spent_nano_usd"), 250);
  EXPECT_EQ(int_at(budgets[0], "remaining_nano_usd"), kDollar.nano_usd - 250);
  EXPECT_TRUE(find(budgets[1], "period_ends_at_us")->is_null());
}

TEST_F(CostHandlersTest, PricesAndTheirVersionsAreAsTheDocumentSays) {
  get_described("/api/v1/prices", "/api/v1/prices");
  gateway::ModelPrice tiered{.rates = {.input = 1}, .tiers = {{200'000, {.input = 2}}}};
  ASSERT_TRUE(prices_->configure({.models = {{"a", tiered}}}));
  ASSERT_TRUE(prices_->configure({.models = {{"b", {}}}}));
  Json prices = get_described("/api/v1/prices", "/api/v1/prices");
  EXPECT_EQ(string_at(prices, "version"), "2");
  Json versions = get_described("/api/v1/prices/versions?limit=1", "/api/v1/prices/versions");
  EXPECT_EQ(find(versions, "versions")->get_array().size(), 1U);
  Json diff = get_described("/api/v1/prices/diff?from=1&to=2", "/api/v1/prices/diff");
  EXPECT_EQ(find(diff, "changes")->get_array().size(), 2U);
  get_described("/api/v1/prices/diff?from=1", "/api/v1/prices/diff", 400);
  get_described("/api/v1/prices/diff?from=1&to=9", "/api/v1/prices/diff", 404);
}

TEST_F(CostHandlersTest, MetricsHoldBudgetsAndRefusals) {
  budgets_->account("group:acme", {.amount = kDollar, .per = access::Period::kMonth});
  std::string metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("penstock_budget_usd{holder=\"group:acme\",per=\"month\"} 1"), std::string::npos);
  EXPECT_NE(metrics.find("penstock_admission_refusals_total{reason=\"budget\"} 0"), std::string::npos);
}

}  // namespace
}  // namespace penstock::api::native
