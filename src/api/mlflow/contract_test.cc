#include "api/mlflow/contract.h"

#include "api/mlflow/contract_fixture.h"

namespace penstock::api::mlflow {
namespace {

struct Services {
  int calls = 0;
};

constexpr Field kEchoFields[] = {{.name = "name", .count = Count::kRequired}, {.name = "id"}};
constexpr Message kEcho{"Echo", kEchoFields};

Task<Result<std::string>> echo(Services& services, const Call& call) {
  ++services.calls;
  co_return "{\"name\":\"" + std::string(call.in.text("name")) + "\",\"id\":\"" +
      std::string(call.in.text("id")) + "\"}";
}

Task<Result<std::string>> fail(Services&, const Call& call) {
  co_return Failure(Error{.code = ErrorCode::kConflict,
                          .message = "exists",
                          .reason = std::string(call.request.query_value("reason"))});
}

Task<Result<void>> stream(Services&, const Call&, ResponseStream& out) {
  co_return co_await out.send(Response::text(200, "bytes"));
}

constexpr Route<Services> kRoutes[] = {
    {.method = "GET POST", .path = "2.0/mlflow/echo", .message = &kEcho, .answer = echo},
    {.method = "PATCH", .path = "3.0/mlflow/echo/{id}", .message = &kEcho, .answer = echo},
    {.method = "GET", .path = "2.0/mlflow/fail", .needs = access::Capability::kReadRuns, .answer = fail},
    {.method = "GET", .path = "/get-bytes", .stream = stream},
};

class ContractTest : public ContractFixture {
 protected:
  void SetUp() override {
    ContractFixture::SetUp();
    add_routes<Services>(contract(), kRoutes, services_);
  }
  Services services_;
};

TEST_F(ContractTest, ServesBothPrefixesAndBothMethods) {
  EXPECT_EQ(string_at(answer("POST", "/api/2.0/mlflow/echo", R"({"name":"a"})"), "name"), "a");
  EXPECT_EQ(string_at(answer("GET", "/ajax-api/2.0/mlflow/echo?name=b"), "name"), "b");
  EXPECT_EQ(string_at(answer("PATCH", "/api/3.0/mlflow/echo/e7", R"({"name":"c"})"), "id"), "e7");
  EXPECT_EQ(call("GET", "/get-bytes").body, "bytes");
}

TEST_F(ContractTest, RefusesWhatTheMessageDoesNotAllow) {
  EXPECT_EQ(refusal("POST", "/api/2.0/mlflow/echo", "{}"),
            "INVALID_PARAMETER_VALUE: Missing value for required parameter 'name'. See the API docs for more "
            "information about request parameters.");
  EXPECT_EQ(call("POST", "/api/2.0/mlflow/echo", R"({"name":"a"})", "").head.status, 400);
  EXPECT_TRUE(call("POST", "/api/2.0/mlflow/echo", R"({"name":"a"})", "text/plain")
                  .body.contains("Content-Type must be one of ['application/json']"));
  EXPECT_EQ(services_.calls, 0);
}

TEST_F(ContractTest, NamesErrorsAsMlflowDoes) {
  EXPECT_EQ(call("GET", "/api/2.0/mlflow/fail").head.status, 409);
  EXPECT_EQ(refusal("GET", "/api/2.0/mlflow/fail"), "RESOURCE_CONFLICT: exists");
  EXPECT_EQ(refusal("GET", "/api/2.0/mlflow/fail?reason=RESOURCE_ALREADY_EXISTS"),
            "RESOURCE_ALREADY_EXISTS: exists");
  EXPECT_EQ(call("GET", "/api/2.0/mlflow/fail?reason=RESOURCE_ALREADY_EXISTS").head.status, 400);
}

TEST_F(ContractTest, AnUnknownPathIsNoEndpoint) {
  for (std::string_view path : {"/api/2.0/mlflow/nothing", "/api/3.0/mlflow/nothing", "/ajax-api/x"}) {
    http::AnswerRecorder got = call("POST", path, "{}");
    EXPECT_EQ(got.head.status, 404) << path;
    EXPECT_TRUE(got.body.starts_with(R"({"error_code":"ENDPOINT_NOT_FOUND")")) << got.body;
  }
  EXPECT_EQ(call("PUT", "/api/2.0/mlflow/echo").head.status, 405);
}

TEST_F(ContractTest, AsksForTheRightOfEachRoute) {
  principal_ = "user:nobody";
  EXPECT_EQ(call("GET", "/api/2.0/mlflow/fail").head.status, 401);
  EXPECT_EQ(refusal("POST", "/api/2.0/mlflow/echo", R"({"name":"a"})").substr(0, 15), "UNAUTHENTICATED");
  EXPECT_EQ(services_.calls, 0);
}

TEST_F(ContractTest, SaysWhatItIsToWhoeverAsks) {
  principal_ = "user:nobody";
  EXPECT_EQ(call("GET", "/version").body, "3.17.2");
  EXPECT_EQ(string_at(answer("GET", "/api/3.0/mlflow/server-info"), "store_type"), "SqlStore");
  EXPECT_TRUE(is_open("/version"));
  EXPECT_TRUE(is_open("/ajax-api/3.0/mlflow/server-info"));
  EXPECT_FALSE(is_open("/api/2.0/mlflow/echo"));
}

}  // namespace
}  // namespace penstock::api::mlflow
