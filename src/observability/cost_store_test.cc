#include "observability/cost_store.h"

#include <gtest/gtest.h>

#include <map>

#include "core/doomed_child.h"
#include "observability/journal_fixture.h"
#include "storage/database/database.h"

namespace penstock::observability {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr std::array kUsers = {"ann", "bob", "", "z\0z"};

class CostTest : public JournalFixture {
 protected:
  std::unique_ptr<database::Database> database() {
    auto opened = database::Database::open_sqlite({.path = data_.path() / "penstock.db"}, cost_migrations());
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  RequestRecord random_request() {
    auto pick = [this](int64_t count) {
      return static_cast<int64_t>(random_.next_u64() % static_cast<uint64_t>(count));
    };
    clock_.advance_us(pick(kHourUs / 20));
    RequestRecord r = next_record();
    r.started_at = {r.ended_at.us - pick(5'000'000)};
    r.key_id = "k" + std::to_string(pick(3));
    r.key = "name of " + r.key_id;
    r.group = pick(2) == 0 ? "acme/search" : "acme";
    r.user = kUsers[static_cast<size_t>(pick(3))];
    r.feature = "f" + std::to_string(pick(2));
    r.upstream_model = "m" + std::to_string(pick(4));
    r.tokens = {.input = pick(1'000),
                .cached_input = pick(500),
                .output = pick(900),
                .source = TokenSource::kProvider};
    if (pick(5) != 0) r.cost = Money{pick(1'000'000)};
    if (pick(4) == 0) r.saved = Money{pick(1'000'000)};
    if (pick(6) == 0) r.error_code = "upstream";
    return r;
  }

  static CostSums total(database::Database& database, CostQuery query = {}) {
    if (query.to.us == 0) query.to = {INT64_MAX};
    CostSums sums;
    EXPECT_TRUE(database.read_now([&](database::Connection& connection) {
      return read_cost(connection, query, [&](CostHour hour) { sums.add(hour.sums); });
    }));
    return sums;
  }

  static std::map<std::string, int64_t> cost_by(database::Database& database, CostDimension dimension) {
    std::map<std::string, int64_t> costs;
    EXPECT_TRUE(database.read_now([&](database::Connection& connection) {
      return read_cost(connection, {.to = {INT64_MAX}, .group_by = dimension},
                       [&](const CostHour& hour) { costs[hour.value] += hour.sums.cost.nano_usd; });
    }));
    return costs;
  }

  static void expect_equal(const CostSums& a, const CostSums& b) {
    EXPECT_EQ(a.requests, b.requests);
    EXPECT_EQ(a.errors, b.errors);
    EXPECT_EQ(a.unpriced, b.unpriced);
    EXPECT_EQ(a.tokens.input, b.tokens.input);
    EXPECT_EQ(a.tokens.cached_input, b.tokens.cached_input);
    EXPECT_EQ(a.tokens.output, b.tokens.output);
    EXPECT_EQ(a.cost, b.cost);
    EXPECT_EQ(a.saved, b.saved);
  }

  TemporaryDirectory data_;
  CostRollup rollup_;
};

TEST_F(CostTest, AddsUpToWhatTheRecordsSayByEveryDimension) {
  auto database = this->database();
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
  CostSums all;
  std::map<std::string, int64_t> by_key, by_group, by_feature, by_model;
  for (int i = 0; i < 3'000; ++i) {
    RequestRecord r = write(random_request());
    all.add(r);
    int64_t cost = r.cost.value_or(Money{}).nano_usd;
    by_key[r.key_id] += cost;
    by_group[r.group] += cost;
    by_feature[r.feature] += cost;
    by_model[r.upstream_model] += cost;
    if (random_.next_u64() % 300 == 0) ASSERT_TRUE(follower.catch_up());
  }
  ASSERT_TRUE(follower.catch_up());
  EXPECT_EQ(*follower.catch_up(), 0);
  expect_equal(total(*database), all);
  EXPECT_EQ(cost_by(*database, CostDimension::kKey), by_key);
  EXPECT_EQ(cost_by(*database, CostDimension::kGroup), by_group);
  EXPECT_EQ(cost_by(*database, CostDimension::kFeature), by_feature);
  EXPECT_EQ(cost_by(*database, CostDimension::kModel), by_model);
  for (int d = 0; d <= 7; ++d) {
    CostQuery query{.to = {INT64_MAX}, .group_by = static_cast<CostDimension>(d)};
    expect_equal(total(*database, query), all);
  }
}

TEST_F(CostTest, AFilterLeavesOnlyItsOwnAndAGroupHoldsItsSubgroups) {
  auto database = this->database();
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
  CostSums acme, search, ann;
  for (int i = 0; i < 200; ++i) {
    RequestRecord r = write(random_request());
    acme.add(r);
    if (r.group == "acme/search") search.add(r);
    if (r.user == "ann" && r.upstream_model == "m1") ann.add(r);
  }
  RequestRecord other = random_request();
  other.group = "acmes";
  write(other);
  ASSERT_TRUE(follower.catch_up());
  auto only = [&](std::map<CostDimension, std::string> filter) {
    return total(*database, {.to = {INT64_MAX}, .only = std::move(filter)});
  };
  expect_equal(only({{CostDimension::kGroup, "acme"}}), acme);
  expect_equal(only({{CostDimension::kGroup, "acme/search"}}), search);
  CostSums found =
      only({{CostDimension::kUser, "ann"}, {CostDimension::kModel, "m1"}, {CostDimension::kGroup, "acme"}});
  expect_equal(found, ann);
}

TEST_F(CostTest, AnHourHoldsWhatBeganInIt) {
  auto database = this->database();
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
  RequestRecord r = next_record();
  r.started_at = {1'700'002'800'000'000 - 1};  // the end of an hour
  r.ended_at = {r.started_at.us + 5'000'000};
  r.cost = Money{5};
  write(r);
  ASSERT_TRUE(follower.catch_up());
  EXPECT_EQ(total(*database, {.from = {1'699'999'200'000'000}, .to = {1'700'002'800'000'000}}).requests, 1);
  EXPECT_EQ(total(*database, {.from = {1'700'002'800'000'000}, .to = {1'700'006'400'000'000}}).requests, 0);
}

TEST_F(CostTest, TextThatNoRowMayHoldIsKeptOut) {
  auto database = this->database();
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
  RequestRecord r = random_request();
  r.user = std::string("a\0b", 3);
  r.feature = std::string(10'000, 'f');
  write(r);
  ASSERT_TRUE(follower.catch_up());
  EXPECT_TRUE(cost_by(*database, CostDimension::kUser).contains("a?b"));
  EXPECT_TRUE(cost_by(*database, CostDimension::kFeature).contains(std::string(256, 'f')));
}

// A sink that cannot count.
struct FailingSink : RecordSink {
  Result<void> count(database::Connection&, const HourlyCosts&) override {
    if (fails) return Failure(Error::unavailable("not now"));
    return {};
  }
  bool fails = true;
};

TEST_F(CostTest, WhatOneSinkCannotCountNoSinkCounts) {
  auto database = this->database();
  FailingSink failing;
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_, &failing});
  write(random_request());
  EXPECT_FALSE(follower.catch_up());
  EXPECT_EQ(total(*database).requests, 0);
  failing.fails = false;
  EXPECT_EQ(*follower.catch_up(), 1);
  EXPECT_EQ(total(*database).requests, 1);
}

TEST_F(CostTest, WhatWasWrittenBeforeItLivedIsCountedOnceToo) {
  auto database = this->database();
  CostSums all;
  for (int life = 0; life < 3; ++life) {
    for (int i = 0; i < 5; ++i) all.add(write(random_request()));
    RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
    EXPECT_EQ(*follower.catch_up(), 5);
    for (int i = 0; i < 7; ++i) all.add(write(random_request()));
    EXPECT_EQ(*follower.catch_up(), 7);
    EXPECT_EQ(*follower.catch_up(), 0);
  }
  expect_equal(total(*database), all);
}

TEST_F(CostTest, WhatASinkCouldNotCountIsCountedWithWhatCameAfter) {
  auto database = this->database();
  FailingSink failing;
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_, &failing});
  CostSums all;
  for (int i = 0; i < 4; ++i) {
    all.add(write(random_request()));
    EXPECT_FALSE(follower.catch_up());
  }
  all.add(write(random_request()));
  failing.fails = false;
  EXPECT_EQ(*follower.catch_up(), 5);
  expect_equal(total(*database), all);
}

TEST_F(CostTest, WhereMemoryRunsFullTheJournalIsRead) {
  auto database = this->database();
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
  CostSums all;
  constexpr int64_t kRequests = static_cast<int64_t>(RecordFollower::kLiveRowsMax) + 10;
  for (int64_t i = 0; i < kRequests; ++i) {
    RequestRecord r = random_request();
    r.user = "user " + std::to_string(i);
    all.add(write(std::move(r)));
  }
  EXPECT_EQ(*follower.catch_up(), kRequests);
  write(random_request());
  EXPECT_EQ(*follower.catch_up(), 1);
  EXPECT_EQ(total(*database).requests, all.requests + 1);
}

TEST_F(CostTest, SigkillCountsNothingTwiceAndLosesNothing) {
  CostSums all;
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    for (int i = 0; i < 20; ++i) all.add(write(random_request()));
    log_.reset();
    journal_.reset();  // one process owns a journal
    uint64_t kill_after = random_.next_u64() % 3;
    run_doomed_child(kill_after, [&](const Acknowledge& acknowledge) {
      open();
      auto database = this->database();
      RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
      acknowledge('s');
      (void)follower.catch_up();
      acknowledge('d');
    });
    open();
  }
  auto database = this->database();
  RecordFollower follower(*journal_, *log_, *database, "cost", "node", {&rollup_});
  ASSERT_TRUE(follower.catch_up());
  expect_equal(total(*database), all);
}

TEST(CostDimension, NamesReadBack) {
  for (int d = 0; d <= 7; ++d) {
    auto dimension = static_cast<CostDimension>(d);
    EXPECT_EQ(parse_cost_dimension(cost_dimension_name(dimension)), dimension);
  }
  EXPECT_FALSE(parse_cost_dimension("colour"));
}

}  // namespace
}  // namespace penstock::observability
