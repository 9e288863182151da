#include "api/mlflow/registry_routes.h"

#include "api/mlflow/contract_fixture.h"
#include "registry/registry_schema.h"

namespace penstock::api::mlflow {
namespace {

class NoOrigins : public registry::ModelOrigins {
 public:
  Result<std::optional<std::string>> run_artifacts(database::Connection&, std::string_view) override {
    return std::nullopt;
  }
  Result<std::optional<LoggedModel>> logged_model(database::Connection&, std::string_view) override {
    return std::nullopt;
  }
  Result<void> add_version(database::Connection&, std::string_view, std::string_view, int64_t) override {
    return {};
  }
};

class RegistryRoutesTest : public ContractFixture {
 protected:
  void SetUp() override {
    ContractFixture::SetUp();
    database_ =
        database::Database::open_sqlite({.path = files_.path() / "registry.db"}, registry::migrations())
            .value();
    models_ = std::make_unique<registry::ModelRegistry>(*database_, origins_, nullptr, clock_);
    services_.reset(new RegistryServices{*models_});
    add_registry_routes(contract(), *services_);
  }

  std::string post(std::string_view path, std::string_view body) {
    return call("POST", std::string("/api/2.0/mlflow/").append(path), body).body;
  }

  NoOrigins origins_;
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<registry::ModelRegistry> models_;
  std::unique_ptr<RegistryServices> services_;
};

TEST_F(RegistryRoutesTest, AModelAndItsVersionAreWrittenAsMlflowWritesThem) {
  EXPECT_EQ(post("registered-models/create", R"({"name":"m","tags":[{"key":"k","value":"v"}]})"),
            R"({"registered_model":{"name":"m","creation_timestamp":1700000000000,)"
            R"("last_updated_timestamp":1700000000000,"tags":[{"key":"k","value":"v"}]}})");
  EXPECT_EQ(post("model-versions/create", R"({"name":"m","source":"s3://b/x"})"),
            R"({"model_version":{"name":"m","version":"1","creation_timestamp":1700000000000,)"
            R"("last_updated_timestamp":1700000000000,"current_stage":"None","description":"",)"
            R"("source":"s3://b/x","run_id":"","status":"READY","run_link":""}})");
  EXPECT_EQ(post("registered-models/alias", R"({"name":"m","alias":"a","version":"1"})"), "{}");
  Json model = answer("GET", "/ajax-api/2.0/mlflow/registered-models/get?name=m");
  EXPECT_EQ(to_json(*find(*find(model, "registered_model"), "aliases")), R"([{"alias":"a","version":"1"}])");
}

TEST_F(RegistryRoutesTest, RefusalsHaveMlflowsCodes) {
  EXPECT_EQ(refusal("GET", "/api/2.0/mlflow/registered-models/get?name=m"),
            "RESOURCE_DOES_NOT_EXIST: Registered Model with name=m not found");
  post("registered-models/create", R"({"name":"m"})");
  EXPECT_EQ(refusal("POST", "/api/2.0/mlflow/registered-models/create", R"({"name":"m"})"),
            "RESOURCE_ALREADY_EXISTS: Registered Model (name=m) already exists.");
  EXPECT_TRUE(refusal("POST", "/api/2.0/mlflow/registered-models/create", "{}")
                  .starts_with("INVALID_PARAMETER_VALUE: Missing value for required parameter 'name'."));
  EXPECT_TRUE(
      refusal("GET", "/api/2.0/mlflow/registered-models/search?max_results=1001")
          .starts_with("INVALID_PARAMETER_VALUE: Invalid value \"1001\" for parameter 'max_results'"));
}

TEST_F(RegistryRoutesTest, SearchesAndTheNewestVersions) {
  EXPECT_EQ(call("GET", "/api/2.0/mlflow/registered-models/search").body, "{}");
  post("registered-models/create", R"({"name":"m"})");
  post("model-versions/create", R"({"name":"m","source":"s3://b/x"})");
  Json found = answer("GET", "/api/2.0/mlflow/model-versions/search?filter=name%3D%27m%27");
  EXPECT_EQ(find(found, "model_versions")->get_array().size(), 1U);
  Json latest = answer("POST", "/api/2.0/mlflow/registered-models/get-latest-versions", R"({"name":"m"})");
  EXPECT_EQ(find(latest, "model_versions")->get_array().size(), 1U);
}

}  // namespace
}  // namespace penstock::api::mlflow
