#include "tracking/logged_models.h"

#include <gmock/gmock.h>

#include "core/run_task.h"
#include "storage/database/database_fixture.h"
#include "tracking/experiments.h"
#include "tracking/metric_store.h"
#include "tracking/tracking_schema.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Engine;
using database::engine_name;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LoggedModelsTest : public database::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    std::span<const database::Migration> first = tracking::migrations();
    std::vector<database::Migration> all(first.begin(), first.end());
    std::ranges::copy(logged_model_migrations(), std::back_inserter(all));
    auto opened = try_open(all);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    ASSERT_TRUE(database_->write_now([](Connection& c) { return prepare_default_experiment(c, 1); }));
    models_ = std::make_unique<LoggedModels>(*database_, clock_, random_);
  }

  LoggedModel make(std::string name, Params params = {}, Tags tags = {}, std::string type = {}) {
    clock_.advance_us(1'000);
    NewLoggedModel wanted{.experiment_id = "0",
                          .name = std::move(name),
                          .model_type = std::move(type),
                          .source_run_id = {},
                          .params = std::move(params),
                          .tags = std::move(tags)};
    auto made = run_task(models_->create(std::move(wanted)));
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(LoggedModel{});
  }
  void measure(const LoggedModel& model, std::string key, double value, int64_t step = 0,
               std::string dataset = {}, std::string digest = {}) {
    Metric metric{.key = std::move(key),
                  .value = value,
                  .timestamp_ms = 1'000,
                  .step = step,
                  .model_id = model.model_id,
                  .dataset_name = std::move(dataset),
                  .dataset_digest = std::move(digest)};
    ASSERT_TRUE(database_->write_now([&](Connection& connection) {
      return append_model_metrics(connection, "run1", std::span(&metric, 1));
    }));
  }
  std::vector<std::string> search(LoggedModelQuery query) {
    if (query.experiment_ids.empty()) query.experiment_ids = {"0"};
    auto page = run_task(models_->search(std::move(query)));
    if (!page) return {page.error().message};
    std::vector<std::string> names;
    for (const LoggedModel& model : page->models) names.push_back(model.name);
    token_ = page->next_page_token;
    return names;
  }
  std::vector<std::string> search(std::string filter) {
    return search(
        LoggedModelQuery{.experiment_ids = {}, .filter = std::move(filter), .datasets = {}, .order = {}});
  }

  ManualClock clock_;
  SeededRandom random_{5};
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<LoggedModels> models_;
  std::string token_;
};

TEST_P(LoggedModelsTest, ArePendingUntilTheyAreFinalized) {
  LoggedModel made = make("forest", {{"depth", "3"}}, {{"team", "a"}}, "agent");
  EXPECT_TRUE(made.model_id.starts_with("m-"));
  EXPECT_EQ(made.model_id.size(), 34u);
  EXPECT_EQ(made.artifact_location, "mlflow-artifacts:/0/models/" + made.model_id + "/artifacts");
  EXPECT_EQ(made.status, LoggedModelStatus::kPending);
  LoggedModel ready = run_task(models_->finalize(made.model_id, LoggedModelStatus::kReady)).value();
  EXPECT_EQ(ready.status, LoggedModelStatus::kReady);
  EXPECT_THAT(ready.params, ElementsAre(Tag{"depth", "3"}));
  EXPECT_THAT(ready.tags, ElementsAre(Tag{"team", "a"}));
  EXPECT_FALSE(make("").name.empty()) << "a name is made up";
}

TEST_P(LoggedModelsTest, RefuseBadNamesAndAbsentExperiments) {
  NewLoggedModel bad{
      .experiment_id = "0", .name = "a/b", .model_type = {}, .source_run_id = {}, .params = {}, .tags = {}};
  EXPECT_THAT(run_task(models_->create(bad)).error().message,
              HasSubstr("cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")"));
  bad.name = "fine";
  bad.experiment_id = "77";
  EXPECT_EQ(run_task(models_->create(bad)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run_task(models_->get("m-1")).error().message, "Logged model with ID 'm-1' not found.");
}

TEST_P(LoggedModelsTest, KeepTagsAndParams) {
  LoggedModel made = make("m", {{"a", "1"}}, {{"t", "1"}});
  ASSERT_TRUE(run_task(models_->set_tags(made.model_id, {{"t", "2"}, {"u", "3"}})));
  ASSERT_TRUE(run_task(models_->add_params(made.model_id, {{"a", "1"}, {"b", "2"}})));
  EXPECT_EQ(run_task(models_->add_params(made.model_id, {{"a", "9"}})).error().code,
            ErrorCode::kInvalidArgument);
  ASSERT_TRUE(run_task(models_->delete_tag(made.model_id, "u")));
  EXPECT_EQ(run_task(models_->delete_tag(made.model_id, "u")).error().message,
            "No tag with key 'u' found for model with ID '" + made.model_id + "'.");
  LoggedModel now = run_task(models_->get(made.model_id)).value();
  EXPECT_THAT(now.tags, ElementsAre(Tag{"t", "2"}));
  EXPECT_THAT(now.params, ElementsAre(Tag{"a", "1"}, Tag{"b", "2"}));
}

TEST_P(LoggedModelsTest, DeletedOnesAreHidden) {
  LoggedModel made = make("m");
  ASSERT_TRUE(run_task(models_->remove(made.model_id)));
  EXPECT_EQ(run_task(models_->get(made.model_id)).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(run_task(models_->get(made.model_id, Deleted::kShown)).value().deleted);
  EXPECT_THAT(search(""), IsEmpty());
}

TEST_P(LoggedModelsTest, AreFoundByWhateverTheyHave) {
  LoggedModel one = make("one", {{"depth", "3"}}, {{"team", "a"}}, "agent");
  LoggedModel two = make("two", {{"depth", "5"}});
  LoggedModel three = make("Three");
  measure(one, "accuracy", 0.9, 1, "train", "d1");
  measure(two, "accuracy", 0.7, 1, "test", "d2");
  measure(two, "accuracy", 0.95, 2, "train", "d1");
  EXPECT_THAT(search(""), ElementsAre("Three", "two", "one")) << "newest first";
  EXPECT_THAT(search("params.depth = '3'"), ElementsAre("one"));
  EXPECT_THAT(search("tags.team != 'b'"), ElementsAre("one")) << "an absent tag is not unequal";
  EXPECT_THAT(search("metrics.accuracy > 0.8"), ElementsAre("two", "one"));
  EXPECT_THAT(search("metrics.accuracy > 0.8 AND params.depth = '5'"), ElementsAre("two"));
  EXPECT_THAT(search("name LIKE 't%'"), ElementsAre("two"));
  EXPECT_THAT(search("name ILIKE 'T%'"), ElementsAre("Three", "two"));
  EXPECT_THAT(search("name IN ('one', 'Three')"), ElementsAre("Three", "one"));
  EXPECT_THAT(search("model_type = 'agent'"), ElementsAre("one"));
  EXPECT_THAT(search("creation_time > " + std::to_string(one.created_at_ms)), ElementsAre("Three", "two"));
  LoggedModelQuery on_test{.experiment_ids = {"0", "0"},
                           .filter = "metrics.accuracy > 0.8",
                           .datasets = {{.name = "test", .digest = {}}},
                           .order = {}};
  EXPECT_THAT(search(on_test), IsEmpty());
  on_test.filter = "";
  EXPECT_THAT(search(on_test), ElementsAre("two"));
  on_test.datasets[0].digest = "other";
  EXPECT_THAT(search(on_test), IsEmpty());
}

TEST_P(LoggedModelsTest, AreSortedWithWhatIsAbsentLast) {
  LoggedModel one = make("one");
  LoggedModel two = make("two");
  make("three");
  measure(one, "accuracy", 0.9);
  measure(two, "accuracy", 0.7, 1);
  measure(two, "accuracy", 0.95, 2);
  auto by = [&](std::string field, bool ascending) {
    return search(
        LoggedModelQuery{.experiment_ids = {},
                         .filter = {},
                         .datasets = {},
                         .order = {{.field = std::move(field), .ascending = ascending, .dataset = {}}}});
  };
  EXPECT_THAT(by("metrics.accuracy", true), ElementsAre("one", "two", "three"));
  EXPECT_THAT(by("metrics.accuracy", false), ElementsAre("two", "one", "three"));
  EXPECT_THAT(by("name", true), ElementsAre("one", "three", "two"));
  EXPECT_THAT(by("creation_timestamp", true), ElementsAre("one", "two", "three"));
  EXPECT_THAT(by("bogus", true), ElementsAre("Invalid order by field name: bogus"));
  EXPECT_THAT(by("params.x", true), ElementsAre(HasSubstr("Only metrics are supported")));
}

TEST_P(LoggedModelsTest, ComePageByPage) {
  for (std::string name : {"a", "b", "c", "d", "e"}) make(name);
  LoggedModelQuery query{
      .experiment_ids = {"0"}, .filter = {}, .datasets = {}, .order = {}, .max_results = 2};
  EXPECT_THAT(search(query), ElementsAre("e", "d"));
  query.page_token = token_;
  EXPECT_THAT(search(query), ElementsAre("c", "b"));
  query.page_token = token_;
  EXPECT_THAT(search(query), ElementsAre("a"));
  EXPECT_EQ(token_, "");
  query.filter = "name = 'a'";
  EXPECT_THAT(search(query), ElementsAre(HasSubstr("does not match")));
  query.page_token = "nonsense!";
  EXPECT_THAT(search(query), ElementsAre(HasSubstr("Invalid page token")));
}

TEST_P(LoggedModelsTest, SayWhatIsWrongWithAFilter) {
  EXPECT_THAT(search("other.x = 'y'"), ElementsAre(HasSubstr("Invalid entity type: 'other'")));
  EXPECT_THAT(search("name > 'y'"),
              ElementsAre(HasSubstr("Invalid comparison operator for attributes.name: '>'")));
  EXPECT_THAT(search("metrics.x LIKE 'y'"),
              ElementsAre(HasSubstr("Expected one of ('<', '<=', '>', '>=', '=', '!=')")));
  EXPECT_THAT(search("bogus = 'y'"), ElementsAre(HasSubstr("'bogus'")));
}

TEST(LikeTest, MatchesAsSqlDoes) {
  EXPECT_TRUE(is_like("forest", "f%t", LetterCase::kMatters));
  EXPECT_TRUE(is_like("forest", "%", LetterCase::kMatters));
  EXPECT_TRUE(is_like("", "%%", LetterCase::kMatters));
  EXPECT_TRUE(is_like("forest", "_o_est", LetterCase::kMatters));
  EXPECT_TRUE(is_like("für", "f_r", LetterCase::kMatters)) << "one character, two bytes";
  EXPECT_TRUE(is_like("aXbXc", "%X%X%", LetterCase::kMatters));
  EXPECT_FALSE(is_like("forest", "F%", LetterCase::kMatters));
  EXPECT_TRUE(is_like("forest", "F%", LetterCase::kIgnored));
  EXPECT_FALSE(is_like("forest", "forest_", LetterCase::kMatters));
  EXPECT_FALSE(is_like("forest", "", LetterCase::kMatters));
}

PENSTOCK_ON_ALL_ENGINES(LoggedModelsTest);

}  // namespace
}  // namespace penstock::tracking
