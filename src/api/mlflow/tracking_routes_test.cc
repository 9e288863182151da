#include "api/mlflow/tracking_routes.h"

#include <algorithm>
#include <vector>

#include "api/mlflow/contract_fixture.h"
#include "core/random.h"
#include "registry/registry_schema.h"
#include "tracking/tracking_schema.h"

namespace penstock::api::mlflow {
namespace {

class TrackingRoutesTest : public ContractFixture {
 protected:
  void SetUp() override {
    ContractFixture::SetUp();
    std::vector<database::Migration> all(tracking::migrations().begin(), tracking::migrations().end());
    all.insert(all.end(), registry::migrations().begin(),
               registry::migrations().end());  // of the lineage graph
    std::ranges::sort(all, {}, &database::Migration::number);
    database_ = database::Database::open_sqlite({.path = files_.path() / "rows.db"}, all).value();
    tracking_ = std::make_unique<tracking::Tracking>(*database_, clock_, random_);
    ASSERT_TRUE(tracking_->prepare());
    services_ = std::make_unique<TrackingApi>(*tracking_);
    add_experiment_routes(contract(), *services_);
    add_run_routes(contract(), *services_);
    add_metric_routes(contract(), *services_);
  }
  Json post(std::string_view path, std::string_view body, int status = 200) {
    return answer("POST", "/api/2.0/mlflow/" + std::string(path), body, status);
  }
  Json get(std::string_view path) { return answer("GET", "/ajax-api/2.0/mlflow/" + std::string(path)); }
  std::string refused(std::string_view path, std::string_view body) {
    return refusal("POST", "/api/2.0/mlflow/" + std::string(path), body);
  }
  std::string new_run() {
    Json made = post("runs/create", R"({"experiment_id":"0","run_name":"r","start_time":5})");
    return std::string(string_at(made.at("run").at("info"), "run_id"));
  }
  static std::string body(std::string text, const std::string& run) {
    return "{\"run_id\":\"" + run + "\"," + std::move(text) + "}";
  }

  SeededRandom random_{1};
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<tracking::Tracking> tracking_;
  std::unique_ptr<TrackingApi> services_;
};

TEST_F(TrackingRoutesTest, AnExperimentIsWrittenAsMlflowWritesIt) {
  Json made = post("experiments/create", R"({"name":"e","tags":[{"key":"k","value":"v"}]})");
  EXPECT_EQ(string_at(made, "experiment_id"), "1");
  Json found = get("experiments/get?experiment_id=1").at("experiment");
  EXPECT_EQ(to_json(found.at("tags")), R"([{"key":"k","value":"v"}])");
  EXPECT_EQ(string_at(found, "lifecycle_stage"), "active");
  EXPECT_EQ(string_at(found, "artifact_location"), "mlflow-artifacts:/1");
  EXPECT_EQ(get("experiments/get-by-name?experiment_name=e").at("experiment"), found);
  EXPECT_EQ(get("experiments/search?max_results=10&order_by=name%20DESC").at("experiments").as_array().size(),
            2u);
  EXPECT_EQ(refused("experiments/create", R"({"name":"e"})"),
            "RESOURCE_ALREADY_EXISTS: Experiment(name=e) already exists.");
  EXPECT_EQ(
      refused("experiments/search", "{}"),
      "INVALID_PARAMETER_VALUE: Invalid value 0 for parameter 'max_results' supplied. It must be a positive "
      "integer");
}

TEST_F(TrackingRoutesTest, ARunIsWrittenAsMlflowWritesIt) {
  std::string run = new_run();
  post("runs/log-batch",
       body(R"("metrics":[{"key":"m","value":"NaN","timestamp":1},{"key":"n","value":2,"timestamp":1}],
                                "params":[{"key":"p","value":"1"}],"tags":[{"key":"t","value":"v"}])",
            run));
  post("runs/update", body(R"("status":"FINISHED","end_time":9)", run));
  Json found = get("runs/get?run_uuid=" + run).at("run");
  EXPECT_EQ(
      to_json(found.at("data").at("metrics")),
      R"([{"key":"m","value":"NaN","timestamp":1,"step":0},{"key":"n","value":2,"timestamp":1,"step":0}])");
  EXPECT_EQ(to_json(found.at("data").at("params")), R"([{"key":"p","value":"1"}])");
  EXPECT_EQ(string_at(found.at("info"), "status"), "FINISHED");
  EXPECT_EQ(int_at(found.at("info"), "end_time"), 9);
  EXPECT_EQ(string_at(found.at("info"), "run_uuid"), run);
  Json page = post("runs/search", R"({"experiment_ids":["0"],"filter":"metrics.n > 1"})");
  EXPECT_EQ(page.at("runs").at(0), found);
}

TEST_F(TrackingRoutesTest, HistoriesComeAloneInBulkAndSampled) {
  std::string run = new_run();
  post("runs/log-metric", body(R"("key":"m","value":1.5,"timestamp":"10","step":3)", run));
  EXPECT_EQ(to_json(get("metrics/get-history?run_id=" + run + "&metric_key=m")),
            R"({"metrics":[{"key":"m","value":1.5E0,"timestamp":10,"step":3}]})");
  Json bulk = get("metrics/get-history-bulk?run_id=" + run + "&metric_key=m");
  EXPECT_EQ(string_at(bulk.at("metrics").at(0), "run_id"), run);
  Json sampled = get("metrics/get-history-bulk-interval?run_ids=" + run + "&metric_key=m&max_results=5");
  EXPECT_EQ(sampled, bulk);
}

TEST_F(TrackingRoutesTest, MissingFieldsAreNamed) {
  EXPECT_TRUE(refused("runs/log-metric", R"({"run_id":"r","key":"k","value":1})")
                  .starts_with("INVALID_PARAMETER_VALUE: Missing value for required parameter 'timestamp'."));
  EXPECT_TRUE(
      refused("runs/log-batch", R"({"run_id":"r","metrics":[{"key":"a","timestamp":1}]})")
          .starts_with("INVALID_PARAMETER_VALUE: Missing value for required parameter 'metrics[0].value'."));
  EXPECT_EQ(refused("runs/delete", R"({"run_id":"none"})"),
            "RESOURCE_DOES_NOT_EXIST: Run with id=none not found");
  EXPECT_EQ(call("POST", "/api/2.0/mlflow/runs/search", R"({"max_results":50001})").head.status, 400);
}

}  // namespace
}  // namespace penstock::api::mlflow
