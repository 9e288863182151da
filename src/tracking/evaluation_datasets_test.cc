#include "tracking/evaluation_datasets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "storage/database/database_fixture.h"
#include "tracking/python_json.h"
#include "tracking/scorers.h"

namespace penstock::tracking {
namespace {

using database::Engine;
using database::engine_name;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Json json(std::string_view text) { return parse_json(text).value(); }

class EvaluationTest : public database::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    auto opened = try_open(evaluation_migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }

  // Runs work in one write and returns what it made.
  template <class T>
  Result<T> write(const std::function<Result<T>(database::Connection&)>& work) {
    std::optional<T> value;
    auto done = database_->write_now([&](database::Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(value, work(connection));
      return {};
    });
    if (!done) return Failure(done.error());
    return std::move(*value);
  }

  EvaluationDataset create(std::string name, DatasetTags tags = {},
                           std::vector<std::string> experiments = {}) {
    auto made = write<EvaluationDataset>([&](database::Connection& connection) {
      return create_evaluation_dataset(
          connection, random_, {.name = name, .tags = tags, .experiment_ids = experiments}, ++now_ms_);
    });
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : EvaluationDataset{};
  }

  UpsertCounts upsert(const std::string& id, std::string_view records) {
    auto counts = write<UpsertCounts>([&](database::Connection& connection) {
      return upsert_records(connection, random_, id, json(records), ++now_ms_);
    });
    EXPECT_TRUE(counts) << counts.error().message;
    return counts.value_or(UpsertCounts{});
  }

  Json records(const std::string& id) {
    auto page = write<RecordPage>(
        [&](database::Connection& connection) { return read_records(connection, id, 1000, ""); });
    EXPECT_TRUE(page) << page.error().message;
    return json(page->records);
  }

  EvaluationDataset get(const std::string& id) {
    return write<EvaluationDataset>(
               [&](database::Connection& connection) { return get_evaluation_dataset(connection, id); })
        .value_or(EvaluationDataset{});
  }

  Result<std::vector<std::string>> search(DatasetSearch search) {
    std::vector<std::string> names;
    auto page = write<DatasetPage>(
        [&](database::Connection& connection) { return search_evaluation_datasets(connection, search); });
    if (!page) return Failure(page.error());
    for (const EvaluationDataset& dataset : page->datasets) names.push_back(dataset.name);
    return names;
  }

  SeededRandom random_{3};
  int64_t now_ms_ = 1'000;
  std::unique_ptr<database::Database> database_;
};
PENSTOCK_ON_ALL_ENGINES(EvaluationTest);

TEST_P(EvaluationTest, ARecordIsKnownByItsInputs) {
  EvaluationDataset dataset = create("d");
  UpsertCounts first =
      upsert(dataset.dataset_id, R"([{"inputs": {"a": 1, "b": "x"}, "expectations": {"e": 1}},
                                     {"inputs": {"a": 2}, "outputs": null, "tags": {"k": "v"}}])");
  EXPECT_EQ(first.inserted, 2);
  UpsertCounts again =
      upsert(dataset.dataset_id, R"([{"inputs": {"b": "x", "a": 1}, "expectations": {"f": 2}}])");
  EXPECT_EQ(again.updated, 1);
  Json stored = records(dataset.dataset_id);
  ASSERT_EQ(stored.get_array().size(), 2);
  std::vector<std::string> expectations;
  for (const Json& record : stored.get_array()) {
    if (const Json* value = find(record, "expectations")) expectations.push_back(python_json(*value));
  }
  EXPECT_THAT(expectations, ElementsAre(R"({"e": 1, "f": 2})"));
  EXPECT_EQ(get(dataset.dataset_id).profile, R"({"num_records": 2})");
  EXPECT_THAT(get(dataset.dataset_id).schema, HasSubstr(R"("inputs": {"a": "integer", "b": "string"})"));
  EXPECT_NE(get(dataset.dataset_id).digest, dataset.digest);
}

TEST_P(EvaluationTest, RecordsAreReadByPageAndDeleted) {
  EvaluationDataset dataset = create("d");
  for (int i = 0; i < 5; ++i)
    upsert(dataset.dataset_id, "[{\"inputs\": {\"i\": " + std::to_string(i) + "}}]");
  std::vector<std::string> ids;
  std::string token;
  do {
    auto page = write<RecordPage>([&](database::Connection& connection) {
      return read_records(connection, dataset.dataset_id, 2, token);
    });
    ASSERT_TRUE(page);
    const Json list = json(page->records);
    for (const Json& record : list.get_array()) ids.emplace_back(string_at(record, "dataset_record_id"));
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(ids.size(), 5);
  auto deleted = write<int64_t>([&](database::Connection& connection) {
    return delete_records(connection, dataset.dataset_id,
                          std::vector<std::string>{ids[0], ids[3], "dr-none"});
  });
  EXPECT_EQ(*deleted, 2);
  EXPECT_EQ(get(dataset.dataset_id).profile, R"({"num_records": 3})");
}

TEST_P(EvaluationTest, SearchByNameTagTimeAndExperiment) {
  EvaluationDataset a = create("alpha", {{"team", "x"}}, {"1"});
  create("beta", {{"team", "y"}}, {"2"});
  EXPECT_THAT(*search({}), ElementsAre("beta", "alpha"));
  EXPECT_THAT(*search({.experiment_ids = {"1"}}), ElementsAre("alpha"));
  EXPECT_THAT(*search({.filter = "name LIKE 'al%' AND tags.team = 'x'"}), ElementsAre("alpha"));
  EXPECT_THAT(*search({.filter = "name IN ('beta', 'gamma')"}), ElementsAre("beta"));
  EXPECT_THAT(*search({.filter = "created_time > " + std::to_string(a.created_ms)}), ElementsAre("beta"));
  EXPECT_THAT(*search({.order_by = {"name ASC"}}), ElementsAre("alpha", "beta"));
  EXPECT_THAT(search({.filter = "color = 'red'"}).error().message,
              HasSubstr("Invalid attribute key 'color'"));
  EXPECT_FALSE(search({.results_max = 0}));
}

TEST_P(EvaluationTest, DatasetsBelongToExperimentsAndGoAway) {
  EvaluationDataset dataset = create("d", {}, {"1"});
  ASSERT_TRUE(write<EvaluationDataset>([&](database::Connection& connection) {
    return add_dataset_to_experiments(connection, dataset.dataset_id, std::vector<std::string>{"2", "1"}, 5);
  }));
  auto ids = write<std::vector<std::string>>(
      [&](database::Connection& connection) { return dataset_experiments(connection, dataset.dataset_id); });
  EXPECT_THAT(*ids, ElementsAre("1", "2"));
  upsert(dataset.dataset_id, R"([{"inputs": {}}])");
  ASSERT_TRUE(database_->write_now([&](database::Connection& connection) {
    return delete_evaluation_dataset(connection, dataset.dataset_id);
  }));
  EXPECT_THAT(*search({}), IsEmpty());
  EXPECT_EQ(write<RecordPage>([&](database::Connection& connection) {
              return read_records(connection, dataset.dataset_id, 1, "");
            })
                .error()
                .code,
            ErrorCode::kNotFound);
}

TEST_P(EvaluationTest, RecordsThatAreNoneAreRefusedAsAWhole) {
  EvaluationDataset dataset = create("d");
  for (std::string_view bad : {R"({})", R"([1])", R"([{"inputs": {"a": 1}}, {"inputs": 3}])",
                               R"([{"inputs": {}, "source": {"source_type": "MOON"}}])"}) {
    auto counts = write<UpsertCounts>([&](database::Connection& connection) {
      return upsert_records(connection, random_, dataset.dataset_id, json(bad), 1);
    });
    EXPECT_EQ(counts.error().code, ErrorCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(records(dataset.dataset_id).get_array().empty());
}

TEST_P(EvaluationTest, ScorersHaveVersions) {
  auto add = [&](std::string text) {
    return write<ScorerVersion>([&](database::Connection& connection) {
      return register_scorer(connection, random_, 1, "polite", text, 5);
    });
  };
  EXPECT_EQ(add("{\"v\": 1}")->version, 1);
  EXPECT_EQ(add("{\"v\": 2}")->version, 2);
  EXPECT_THAT(add("{\"nested\": [{\"call_source\": \"import os\"}]}").error().message,
              HasSubstr("program text"));
  EXPECT_FALSE(add("{"));
  using Versions = std::vector<ScorerVersion>;
  auto latest = write<Versions>(
      [](database::Connection& connection) { return list_scorers(connection, std::vector<int64_t>{1, 2}); });
  ASSERT_EQ(latest->size(), 1);
  EXPECT_EQ(latest->front().version, 2);
  auto one = [&](std::optional<int64_t> version) {
    return write<ScorerVersion>(
        [&](database::Connection& connection) { return get_scorer(connection, 1, "polite", version); });
  };
  EXPECT_EQ(one(1)->serialized, "{\"v\": 1}");
  EXPECT_EQ(one(3).error().message, "Scorer with name 'polite' and version 3 not found for experiment 1.");
  auto remove = [&](std::optional<int64_t> version) {
    return database_->write_now(
        [&](database::Connection& connection) { return delete_scorer(connection, 1, "polite", version); });
  };
  EXPECT_TRUE(remove(2));
  EXPECT_EQ(one(std::nullopt)->version, 1);
  EXPECT_TRUE(remove(std::nullopt));
  EXPECT_EQ(one(std::nullopt).error().code, ErrorCode::kNotFound);
}

TEST(PythonJson, IsWrittenAsPythonWritesIt) {
  EXPECT_EQ(python_json(json(R"({"b":[1,2.0,true,null],"a":"\u00e4\n"})")),
            R"({"b": [1, 2.0, true, null], "a": "\u00e4\n"})");
  EXPECT_EQ(python_json(json(R"({"b":1,"a":{"d":1,"c":2}})"), KeyOrder::kSorted),
            R"({"a": {"c": 2, "d": 1}, "b": 1})");
  EXPECT_EQ(python_json(json("[1e16, 1e-5, 0.1, 123456.5]")), "[1e+16, 1e-05, 0.1, 123456.5]");
}

}  // namespace
}  // namespace penstock::tracking
