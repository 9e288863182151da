#include <gtest/gtest.h>

#include "api/native/native_fixture.h"
#include "observability/record_samples.h"

namespace penstock::api::native {
namespace {

class RegistryHandlersTest : public NativeFixture {
 protected:
  http::AnswerRecorder send(std::string_view method, std::string_view target, std::string body = {}) {
    Request request;
    request.method = method;
    request.target = target;
    request.path = target.substr(0, target.find('?'));
    request.body = std::move(body);
    request.body.reserve(request.body.size() + 64);
    http::AnswerRecorder answer;
    run_task(router_.handle(request, answer));
    return answer;
  }
  void made(std::string_view method, std::string_view target, std::string body, int status = 201) {
    http::AnswerRecorder answer = send(method, target, std::move(body));
    ASSERT_EQ(answer.head.status, status) << target << ": " << answer.body;
  }
  void add_prompt() {
    made("POST", "/api/v1/registry/prompt", R"({"name":"greet","tags":{"lang":"en"}})");
    for (const char* text : {"Hi {{ name }}", "Hello {{ name }}"}) {
      made("POST", "/api/v1/registry/prompt/greet/versions",
           std::string(R"({"source":"prompt-template","tags":{"mlflow.prompt.text":")") + text + "\"}}");
    }
  }
};

TEST_F(RegistryHandlersTest, EntriesAndVersionsAreAsDescribed) {
  add_prompt();
  Json kinds = get_described("/api/v1/registry", "/api/v1/registry");
  EXPECT_EQ(find(kinds, "kinds")->get_array().size(), 8U);
  get_described("/api/v1/registry/prompt?limit=1", "/api/v1/registry/{kind}");
  Json entry = get_described("/api/v1/registry/prompt/greet", "/api/v1/registry/{kind}/{name}");
  EXPECT_EQ(string_at(*find(entry, "tags"), "mlflow.prompt.is_prompt"), "true");
  Json page = get_described("/api/v1/registry/prompt/greet/versions?limit=1",
                            "/api/v1/registry/{kind}/{name}/versions");
  EXPECT_EQ(string_at(page, "next_cursor"), "2");
  get_described("/api/v1/registry/prompt/greet/versions/2",
                "/api/v1/registry/{kind}/{name}/versions/{number}");
  get_described("/api/v1/registry/planet", "/api/v1/registry/{kind}", 404);
  get_described("/api/v1/registry/prompt/none", "/api/v1/registry/{kind}/{name}", 404);
}

TEST_F(RegistryHandlersTest, MovesAreListedAndUndone) {
  add_prompt();
  made("PUT", "/api/v1/registry/prompt/greet/aliases/live", R"({"version":1})", 200);
  made("PUT", "/api/v1/registry/prompt/greet/aliases/live", R"({"version":2,"reason":"warmer"})", 200);
  Json moves = get_described("/api/v1/registry/prompt/greet/moves", "/api/v1/registry/{kind}/{name}/moves");
  EXPECT_EQ(find(moves, "moves")->get_array().size(), 2U);
  made("POST", "/api/v1/registry/prompt/greet/moves/2/undo", R"({"reason":"too warm"})");
  made("POST", "/api/v1/registry/prompt/greet/moves/2/undo", "{}", 409);
  made("DELETE", "/api/v1/registry/prompt/greet/aliases/live", "", 204);
  auto audited = audit_->list({.action = "registry."});
  ASSERT_TRUE(audited);
  EXPECT_EQ(audited->records.size(), 4U);
}

TEST_F(RegistryHandlersTest, RulesAndChecks) {
  add_prompt();
  made("POST", "/api/v1/promotion_rules", R"({"kind":"prompt","gate_check":"eval"})");
  Json rules = get_described("/api/v1/promotion_rules", "/api/v1/promotion_rules");
  EXPECT_EQ(find(rules, "rules")->get_array().size(), 1U);
  made("PUT", "/api/v1/registry/prompt/greet/aliases/live", R"({"version":1})", 409);
  made("POST", "/api/v1/registry/prompt/greet/versions/1/checks", R"({"name":"eval","passed":true})");
  made("PUT", "/api/v1/registry/prompt/greet/aliases/live", R"({"version":1})", 200);
  made("DELETE", "/api/v1/promotion_rules/1", "", 204);
  made("DELETE", "/api/v1/promotion_rules/1", "", 404);
}

TEST_F(RegistryHandlersTest, PromptsAreComparedAndRendered) {
  add_prompt();
  Json diff =
      get_described("/api/v1/registry/prompt/greet/diff?from=1&to=2", "/api/v1/registry/prompt/{name}/diff");
  EXPECT_TRUE(string_at(diff, "diff").contains("+Hello {{ name }}"));
  http::AnswerRecorder rendered =
      send("POST", "/api/v1/registry/prompt/greet/render", R"({"version":"2","variables":{"name":"Ada"}})");
  EXPECT_TRUE(rendered.body.contains(R"("content":"Hello Ada")")) << rendered.body;
  made("POST", "/api/v1/registry/prompt/greet/render", R"({"version":"2"})", 400);
  made("POST", "/api/v1/registry/prompt/greet/render", "{}", 400);
}

TEST_F(RegistryHandlersTest, LineageIsAsDescribed) {
  made("POST", "/api/v1/registry/model", R"({"name":"m"})");
  made("POST", "/api/v1/registry/model/m/versions", R"({"source":"s3://b/x","made_from":["dataset:d/1"]})");
  Json graph = get_described("/api/v1/lineage?node=dataset:d/1&direction=down", "/api/v1/lineage");
  EXPECT_EQ(find(graph, "nodes")->get_array().size(), 2U);
  get_described("/api/v1/lineage?node=none", "/api/v1/lineage", 404);
  get_described("/api/v1/lineage", "/api/v1/lineage", 400);
  get_described("/api/v1/lineage/nodes?query=dataset", "/api/v1/lineage/nodes");
  EXPECT_TRUE(get("/api/v1/registry/model/m/versions/1/bom").body.contains("CycloneDX"));
  EXPECT_TRUE(get("/api/v1/registry/model/m/versions/1/prov").body.contains("wasDerivedFrom"));
  EXPECT_TRUE(get("/api/v1/lineage/events?node=dataset:d/1").body.contains("DatasetEvent"));
}

TEST_F(RegistryHandlersTest, AnswersThatADataSetTouchedAreFound) {
  made("POST", "/api/v1/registry/model", R"({"name":"m"})");
  made("POST", "/api/v1/registry/model/m/versions", R"({"source":"s3://b/x","made_from":["dataset:d/1"]})");
  observability::RequestRecord touched = next_record();
  touched.model_version = observability::ModelVersionRef{"m", "1", ""};
  write(touched);
  observability::RequestRecord other = next_record();
  other.model_version = observability::ModelVersionRef{"m", "2", ""};
  write(other);
  Json found = get_described("/api/v1/lineage/requests?node=dataset:d/1", "/api/v1/lineage/requests");
  ASSERT_EQ(find(found, "requests")->get_array().size(), 1U);
  EXPECT_EQ(string_at(find(found, "requests")->get_array()[0], "id"), touched.id.text());
}

}  // namespace
}  // namespace penstock::api::native
