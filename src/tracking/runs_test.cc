#include "tracking/runs.h"

#include <cmath>
#include <limits>

#include "tracking/tracking_fixture.h"

namespace penstock::tracking {
namespace {

class RunsTest : public TrackingFixture {};
using database::Engine;
using database::engine_name;
PENSTOCK_ON_ALL_ENGINES(RunsTest);

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

TEST_P(RunsTest, HaveAnIdANameAndAPlaceForArtifacts) {
  tracking::Run run = must(tracking_->create_run({.run_id = {},
                                                  .experiment_id = {},
                                                  .name = "trial",
                                                  .fallback_name = {},
                                                  .user_id = "ada",
                                                  .start_time_ms = 17,
                                                  .tags = {{"mlflow.user", "ada"}}}));
  EXPECT_EQ(run.info.run_id.size(), 32u);
  EXPECT_EQ(run.info.artifact_uri, "mlflow-artifacts:/0/" + run.info.run_id + "/artifacts");
  tracking::Run found = must(tracking_->run(run.info.run_id));
  EXPECT_EQ(found.info.name, "trial");
  EXPECT_EQ(found.info.status, "RUNNING");
  EXPECT_EQ(found.info.start_time_ms, 17);
  EXPECT_EQ(found.tags, (Tags{{"mlflow.runName", "trial"}, {"mlflow.user", "ada"}}));
  EXPECT_FALSE(must(tracking_->run(new_run())).info.name.empty());
  EXPECT_EQ(why(tracking_->run("0123")), "Run with id=0123 not found");
}

TEST_P(RunsTest, ANameAndATagThatDifferAreRefused) {
  EXPECT_EQ(why(tracking_->create_run({.run_id = {},
                                       .experiment_id = {},
                                       .name = "a",
                                       .fallback_name = {},
                                       .user_id = {},
                                       .tags = {{"mlflow.runName", "b"}}})),
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
            "(run_name='a', mlflow.runName='b').");
}

TEST_P(RunsTest, AreUpdatedDeletedAndRestored) {
  std::string id = new_run();
  RunInfo info =
      must(tracking_->update_run({.run_id = id, .status = "FINISHED", .end_time_ms = 99, .name = "new"}));
  EXPECT_EQ(info.status, "FINISHED");
  EXPECT_EQ(info.end_time_ms, 99);
  EXPECT_EQ(must(tracking_->run(id)).tags, (Tags{{"mlflow.runName", "new"}}));
  must(tracking_->set_tag(id, {"mlflow.runName", "newer"}));
  EXPECT_EQ(must(tracking_->run(id)).info.name, "newer");
  must(tracking_->delete_run(id));
  std::string deleted = "The run " + id + " must be in the 'active' state. Current state is deleted.";
  EXPECT_EQ(why(tracking_->log_metric(id, metric("a", 1))), deleted);
  EXPECT_EQ(why(tracking_->log_batch(id, {.params = {{"p", "1"}}})), deleted);
  EXPECT_EQ(why(tracking_->set_tag(id, {"a", "b"})), deleted);
  must(tracking_->restore_run(id));
  must(tracking_->log_metric(id, metric("a", 1)));
}

TEST_P(RunsTest, ParamsNeverChange) {
  std::string id = new_run();
  must(tracking_->log_param(id, {"lr", "0.1"}));
  must(tracking_->log_param(id, {"lr", "0.1"}));
  EXPECT_EQ(
      why(tracking_->log_param(id, {"lr", "0.2"})),
      "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run "
      "ID='" +
          id + "'. Attempted logging new value '0.2'.");
  EXPECT_EQ(
      why(tracking_->log_batch(id, {.params = {{"lr", "0.3"}, {"depth", "3"}}})),
      "Changing param values is not allowed. Params were already logged='[{'key': 'lr', 'old_value': '0.1', "
      "'new_value': '0.3'}]' for run ID='" +
          id + "'.");
  must(tracking_->log_batch(id, {.params = {{"lr", "0.1"}, {"depth", "3"}}}));
  EXPECT_EQ(must(tracking_->run(id)).params, (Params{{"depth", "3"}, {"lr", "0.1"}}));
  must(tracking_->log_param(id, {"long", std::string(7000, 'x')}));
  EXPECT_EQ(must(tracking_->run(id)).params[1].value.size(), kParamValueLengthMax);
}

TEST_P(RunsTest, TheLatestMetricIsThatOfTheGreatestStepTimeAndValue) {
  std::string id = new_run();
  must(tracking_->log_batch(id, {.metrics = {metric("a", 5, 2, 10), metric("a", 9, 1, 99), metric("b", 1)}}));
  must(tracking_->log_metric(id, metric("a", 4, 2, 10)));
  must(tracking_->log_metric(id, metric("a", 3, 2, 9)));
  must(tracking_->log_metric(id, metric("b", kNan, 1)));
  must(tracking_->log_metric(id, metric("c", kInf)));
  auto metrics = must(tracking_->run(id)).metrics;
  ASSERT_EQ(metrics.size(), 3u);
  EXPECT_EQ(metrics[0].value, 5);
  EXPECT_TRUE(std::isnan(metrics[1].value));
  EXPECT_EQ(metrics[2].value, std::numeric_limits<double>::max());
}

TEST_P(RunsTest, ABatchIsAllOrNothing) {
  std::string id = new_run();
  must(tracking_->log_param(id, {"lr", "1"}));
  EXPECT_FALSE(run_task(tracking_->log_batch(
      id, {.metrics = {metric("a", 1)}, .params = {{"lr", "2"}}, .tags = {{"t", "v"}}})));
  tracking::Run run = must(tracking_->run(id));
  EXPECT_TRUE(run.metrics.empty());
  EXPECT_EQ(run.tags.size(), 1u);  // its name
}

TEST_P(RunsTest, TagsAreReplacedAndDeleted) {
  std::string id = new_run();
  must(tracking_->log_batch(id, {.tags = {{"k", "1"}, {"k", "2"}}}));
  EXPECT_EQ(must(tracking_->run(id)).tags[0], (Tag{"k", "2"}));
  must(tracking_->delete_tag(id, "k"));
  EXPECT_EQ(why(tracking_->delete_tag(id, "k")), "No tag with name: k in run with id " + id);
}

TEST_P(RunsTest, InputsAndOutputsAreKept) {
  std::string id = new_run();
  DatasetInput input{.dataset = {.name = "train",
                                 .digest = "d1",
                                 .source_type = "local",
                                 .source = "/x",
                                 .schema = "s",
                                 .profile = {}},
                     .tags = {{"mlflow.data.context", "training"}}};
  must(tracking_->log_inputs(id, {input, input}, {{.model_id = "m-1"}}));
  must(tracking_->log_inputs(id, {input}, {}));
  must(tracking_->log_inputs(id, {}, {{.model_id = "m-1"}}));
  must(tracking_->log_outputs(id, {{.model_id = "m-2", .step = 7}}));
  auto again = run_task(tracking_->log_outputs(id, {{.model_id = "m-2", .step = 8}}));
  EXPECT_EQ(again.error().reason, "BAD_REQUEST");
  tracking::Run run = must(tracking_->run(id));
  ASSERT_EQ(run.datasets.size(), 1u);
  EXPECT_EQ(run.datasets[0].dataset.schema, "s");
  EXPECT_EQ(run.datasets[0].tags, input.tags);
  EXPECT_EQ(run.model_inputs[0].model_id, "m-1");
  EXPECT_EQ(run.model_outputs[0].step, 7);
  auto summaries = must(tracking_->search_datasets({"0", "5"}));
  ASSERT_EQ(summaries.size(), 1u);
  EXPECT_EQ(summaries[0].context, "training");
}

TEST_P(RunsTest, LegacyModelsAreAListInATag) {
  std::string id = new_run();
  std::string model = R"({"artifact_path":"m","flavors":{},"run_id":"r","utc_time_created":"t"})";
  must(tracking_->log_legacy_model(id, model));
  must(tracking_->log_legacy_model(id, model));
  EXPECT_EQ(must(tracking_->run(id)).tags[0].value, "[" + model + "," + model + "]");
  EXPECT_TRUE(why(tracking_->log_legacy_model(id, "{")).starts_with("Malformed model info."));
  EXPECT_EQ(why(tracking_->log_legacy_model(id, R"({"flavors":{},"run_id":""})")),
            "Model json is missing mandatory fields: {'artifact_path', 'utc_time_created'}");
}

}  // namespace
}  // namespace penstock::tracking
