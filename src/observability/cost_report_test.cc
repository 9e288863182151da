#include "observability/cost_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/temporary_directory.h"

namespace penstock::observability {
namespace {

using testing::HasSubstr;

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kFirstOfMay = 1'777'593'600'000'000;  // 2026-05-01T00:00:00Z

class CostReportTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = *database::Database::open_sqlite({.path = directory_.path() / "rows.db"}, cost_migrations());
  }

  void add(int64_t at_us, std::string feature, int64_t nano_usd) {
    RequestRecord record;
    record.started_at = {at_us};
    record.feature = std::move(feature);
    record.key_id = "k1";
    record.key = "search, \"team\"";
    record.cost = Money{nano_usd};
    record.tokens = {.input = 10, .output = 5, .source = TokenSource::kProvider};
    HourlyCosts costs;
    costs.add(record);
    ASSERT_TRUE(database_->write_now(
        [&](database::Connection& connection) { return rollup_.count(connection, costs); }));
  }

  Result<CostReport> report(const CostQuery& query, CostBucket bucket, size_t rows_max = 1'000) {
    Result<CostReport> found;
    auto read = database_->read_now([&](database::Connection& connection) -> Result<void> {
      found = cost_report(connection, query, bucket, rows_max);
      return {};
    });
    EXPECT_TRUE(read);
    return found;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<database::Database> database_;
  CostRollup rollup_;
};

TEST_F(CostReportTest, AddsHoursUpToDaysAndMonths) {
  add(kFirstOfMay - 1, "chat", 1);
  add(kFirstOfMay, "chat", 10);
  add(kFirstOfMay + 5 * kHourUs, "chat", 100);
  add(kFirstOfMay + 5 * kHourUs, "search", 500);
  add(kFirstOfMay + 24 * kHourUs, "chat", 1'000);
  CostQuery query{.from = {kFirstOfMay - 24 * kHourUs},
                  .to = {kFirstOfMay + 48 * kHourUs},
                  .group_by = CostDimension::kFeature};
  auto days = report(query, CostBucket::kDay);
  ASSERT_TRUE(days);
  ASSERT_EQ(days->rows.size(), 4U);
  EXPECT_EQ(days->rows[0].at.us, kFirstOfMay - 24 * kHourUs);
  EXPECT_EQ(days->rows[1].value, "search");  // the dearest of its day first
  EXPECT_EQ(days->rows[2].sums.cost, Money{110});
  EXPECT_EQ(days->total.cost, Money{1'611});
  auto months = report(query, CostBucket::kMonth);
  ASSERT_EQ(months->rows.size(), 3U);
  EXPECT_EQ(months->rows[1].at.us, kFirstOfMay);
  EXPECT_EQ(months->rows[1].sums.cost, Money{1'110});
  auto all = report(query, CostBucket::kAll);
  ASSERT_EQ(all->rows.size(), 2U);
  EXPECT_EQ(all->rows[0].at, query.from);
  EXPECT_EQ(report(query, CostBucket::kHour)->rows.size(), 5U);
}

TEST_F(CostReportTest, TooManyRowsAreAnErrorThatSaysWhatToDo) {
  for (int i = 0; i < 4; ++i) add(kFirstOfMay, "f" + std::to_string(i), 1);
  CostQuery query{.from = {0}, .to = {INT64_MAX}, .group_by = CostDimension::kFeature};
  EXPECT_TRUE(report(query, CostBucket::kDay, 4));
  auto refused = report(query, CostBucket::kDay, 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_THAT(refused.error().message, HasSubstr("longer bucket"));
}

TEST_F(CostReportTest, CsvQuotesTextAndStopsFormulas) {
  add(kFirstOfMay, "=HYPERLINK(1)", 1'234'567'890);
  CostQuery query{.from = {0}, .to = {INT64_MAX}, .group_by = CostDimension::kFeature};
  std::string csv = cost_csv(*report(query, CostBucket::kDay), query.group_by);
  EXPECT_EQ(csv,
            "at,feature,name,requests,errors,unpriced,input,cached_input,cache_write,cache_write_1h,output,"
            "reasoning,audio,image,cost_usd,saved_usd\r\n"
            "2026-05-01T00:00:00Z,'=HYPERLINK(1),'=HYPERLINK(1),1,0,0,10,0,0,0,5,0,0,0,1.234567890,"
            "0.000000000\r\n");
  query.group_by = CostDimension::kKey;
  EXPECT_THAT(cost_csv(*report(query, CostBucket::kDay), query.group_by),
              HasSubstr(",k1,\"search, \"\"team\"\"\","));
}

}  // namespace
}  // namespace penstock::observability
