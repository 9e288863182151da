#include "tracking/experiments.h"

#include "tracking/tracking_fixture.h"

namespace penstock::tracking {
namespace {

class ExperimentsTest : public TrackingFixture {
 protected:
  std::string create(std::string name, Tags tags = {}) {
    clock_.advance_us(1'000'000);
    return must(tracking_->create_experiment(
        {.name = std::move(name), .artifact_location = {}, .tags = std::move(tags)}));
  }
  // Names found, in order; pages of `max_results` are followed to the end.
  std::vector<std::string> found(ExperimentSearch search) {
    std::vector<std::string> names;
    for (int pages = 0; pages < 20; ++pages) {
      auto page = must(tracking_->search_experiments(search));
      for (const Experiment& experiment : page.items) names.push_back(experiment.name);
      if (page.next_page_token.empty()) return names;
      search.page_token = page.next_page_token;
    }
    ADD_FAILURE() << "pages without end";
    return names;
  }
};
using database::Engine;
using database::engine_name;
PENSTOCK_ON_ALL_ENGINES(ExperimentsTest);

using Names = std::vector<std::string>;

TEST_P(ExperimentsTest, TheDefaultOneIsThereFromTheStart) {
  Experiment found = must(tracking_->experiment("0"));
  EXPECT_EQ(found.name, "Default");
  EXPECT_EQ(found.artifact_location, "mlflow-artifacts:/0");
  EXPECT_EQ(found.created_at_ms, clock_.now().us / 1000);
  clock_.advance_us(5'000'000);
  ASSERT_TRUE(tracking_->prepare());
  EXPECT_LT(must(tracking_->experiment("0")).created_at_ms, clock_.now().us / 1000);
}

TEST_P(ExperimentsTest, AreCreatedWithTagsAndFoundByIdAndName) {
  std::string id = create("first", {{"team", "search"}, {"a", "b"}});
  EXPECT_EQ(id, "1");
  Experiment found = must(tracking_->experiment_by_name("first"));
  EXPECT_EQ(found.id, id);
  EXPECT_EQ(found.artifact_location, "mlflow-artifacts:/1");
  EXPECT_EQ(found.tags, (Tags{{"a", "b"}, {"team", "search"}}));
  std::string other =
      must(tracking_->create_experiment({.name = "s3", .artifact_location = "s3://b/x", .tags = {}}));
  EXPECT_EQ(must(tracking_->experiment(other)).artifact_location, "s3://b/x");
}

TEST_P(ExperimentsTest, SayInMlflowsWordsWhatIsWrong) {
  create("taken");
  auto again = run_task(tracking_->create_experiment({.name = "taken", .artifact_location = {}, .tags = {}}));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(again.error().message, "Experiment(name=taken) already exists.");
  EXPECT_EQ(why(tracking_->experiment("77")), "No Experiment with id=77 exists");
  EXPECT_EQ(why(tracking_->experiment("abc")),
            "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.");
  EXPECT_EQ(why(tracking_->experiment("111111111111111111111111111111")),
            "No Experiment with id=111111111111111111111111111111 exists");
  EXPECT_EQ(why(tracking_->experiment_by_name("none")), "Could not find experiment with name 'none'");
  EXPECT_EQ(why(tracking_->create_experiment({.name = "", .artifact_location = {}, .tags = {}})),
            "Invalid experiment name: ''");
  EXPECT_EQ(
      why(tracking_->create_experiment({.name = std::string(501, 'x'), .artifact_location = {}, .tags = {}})),
      "'name' exceeds the maximum length of 500 characters");
  EXPECT_EQ(why(tracking_->rename_experiment("0", "taken")), "Experiment(name=taken) already exists.");
}

TEST_P(ExperimentsTest, AreDeletedAndRestoredWithTheirRuns) {
  std::string id = create("gone");
  std::string run = new_run(1, id);
  must(tracking_->delete_experiment(id));
  EXPECT_EQ(must(tracking_->experiment(id)).stage, Stage::kDeleted);
  EXPECT_EQ(must(tracking_->run(run)).info.stage, Stage::kDeleted);
  EXPECT_EQ(why(tracking_->delete_experiment(id)), "No Experiment with id=" + id + " exists");
  EXPECT_EQ(why(tracking_->rename_experiment(id, "other")), "Cannot rename a non-active experiment.");
  EXPECT_TRUE(why(tracking_->set_experiment_tag(id, {"a", "b"})).contains("must be in the 'active' state"));
  EXPECT_TRUE(why(tracking_->create_run({.run_id = {},
                                         .experiment_id = id,
                                         .name = {},
                                         .fallback_name = {},
                                         .user_id = {},
                                         .tags = {}}))
                  .contains("must be in the 'active' state"));
  must(tracking_->restore_experiment(id));
  EXPECT_EQ(must(tracking_->run(run)).info.stage, Stage::kActive);
  must(tracking_->rename_experiment(id, "back"));
  EXPECT_EQ(must(tracking_->experiment(id)).name, "back");
}

TEST_P(ExperimentsTest, TagsAreReplacedAndDeleted) {
  must(tracking_->set_experiment_tag("0", {"k", "1"}));
  must(tracking_->set_experiment_tag("0", {"k", "2"}));
  EXPECT_EQ(must(tracking_->experiment("0")).tags, (Tags{{"k", "2"}}));
  must(tracking_->delete_experiment_tag("0", "k"));
  EXPECT_EQ(why(tracking_->delete_experiment_tag("0", "k")), "No tag with name: k in experiment with id 0");
}

TEST_P(ExperimentsTest, AreSearchedByNameTimeTagAndStage) {
  std::string a = create("Alpha", {{"team", "x"}});
  std::string b = create("beta", {{"team", "y"}});
  create("gamma");
  must(tracking_->delete_experiment(b));
  EXPECT_EQ(found({}), (Names{"gamma", "Alpha", "Default"}));
  EXPECT_EQ(found({.view = View::kDeletedOnly}), (Names{"beta"}));
  EXPECT_EQ(found({.filter = "name LIKE 'A%'", .view = View::kAll}), (Names{"Alpha"}));
  EXPECT_EQ(found({.filter = "name LIKE 'a%'", .view = View::kAll}), (Names{}));
  EXPECT_EQ(found({.filter = "name ILIKE 'a%'", .view = View::kAll}), (Names{"Alpha"}));
  EXPECT_EQ(found({.filter = "tags.team = 'y'", .view = View::kAll}), (Names{"beta"}));
  EXPECT_EQ(found({.filter = "tags.team IS NULL", .view = View::kAll, .order_by = {"name"}}),
            (Names{"Default", "gamma"}));
  EXPECT_EQ(found({.filter = "experiment_id IN ('" + a + "', '0')", .order_by = {"experiment_id ASC"}}),
            (Names{"Default", "Alpha"}));
  EXPECT_EQ(
      found({.filter = "creation_time > " + std::to_string(must(tracking_->experiment(a)).created_at_ms)}),
      (Names{"gamma"}));
}

TEST_P(ExperimentsTest, PagesGoOnWhereTheLastOneEnded) {
  for (int i = 0; i < 7; ++i) create("e" + std::to_string(i));
  Names by_name = {"Default", "e0", "e1", "e2", "e3", "e4", "e5", "e6"};
  EXPECT_EQ(found({.max_results = 3, .order_by = {"name ASC"}}), by_name);
  Names newest(by_name.rbegin(), by_name.rend());
  EXPECT_EQ(found({.max_results = 2}), newest);
  EXPECT_TRUE(
      why(tracking_->search_experiments({.page_token = "nonsense"})).starts_with("Invalid page token"));
}

TEST_P(ExperimentsTest, RefuseFiltersInMlflowsWords) {
  EXPECT_EQ(why(tracking_->search_experiments({.filter = "name = 'a' OR name = 'b'"})),
            "Invalid clause(s) in filter string: OR");
  EXPECT_EQ(why(tracking_->search_experiments({.filter = "metrics.a > 1"})),
            "Invalid entity type 'metrics'. Valid entity types are ('attribute', 'tag', 'tags')");
  EXPECT_EQ(why(tracking_->search_experiments({.filter = "name IN ('a')"})),
            "Only ['experiment_id'] attributes support comparison with a list of quoted string values.");
  EXPECT_EQ(why(tracking_->search_experiments({.max_results = 0})),
            "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer");
}

}  // namespace
}  // namespace penstock::tracking
