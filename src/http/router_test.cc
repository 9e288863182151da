#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/run_task.h"
#include "http/answer_recorder.h"

namespace penstock::http {
namespace {

using testing::HasSubstr;

// A handler that answers its own name and the parameters that it got.
Handler named(std::string name) {
  return [name = std::move(name)](Request& request, ResponseStream& out) -> Task<> {
    std::string text = name;
    for (const auto& [key, value] : request.params) text += " " + key + "=" + value;
    Response response = Response::text(200, std::move(text));
    co_await out.send(std::move(response));
  };
}

class RouterTest : public testing::Test {
 protected:
  Response ask(std::string method, std::string path) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    AnswerRecorder out;
    run_task(router_.handle(request, out));
    return {.head = std::move(out.head), .body = std::move(out.body)};
  }
  std::string get(std::string path) { return ask("GET", std::move(path)).body; }

  Router router_;
};

TEST_F(RouterTest, PrefersTextToParametersAndThemToTheRest) {
  router_.add("GET", "/v1/models", named("list"));
  router_.add("GET", "/v1/models/{model...}", named("model"));
  router_.add("GET", "/v1/models/{model}/info", named("info"));
  router_.add("GET", "/v1/models/default", named("default"));
  router_.add("GET", "/", named("root"));
  EXPECT_EQ(get("/"), "root");
  EXPECT_EQ(get("/v1/models"), "list");
  EXPECT_EQ(get("/v1/models/default"), "default");
  EXPECT_EQ(get("/v1/models/a"), "model model=a");
  EXPECT_EQ(get("/v1/models/org/a/b"), "model model=org/a/b");
  EXPECT_EQ(get("/v1/models/a/info"), "info model=a");
  EXPECT_EQ(get("/v1/models/default/x"), "model model=default/x") << "text that leads nowhere gives way";
}

TEST_F(RouterTest, CollectsSeveralParameters) {
  router_.add("GET", "/a/{x}/b/{y}", named("two"));
  router_.add("POST", "/a/{other}/b/{names}", named("post"));
  EXPECT_EQ(get("/a/1/b/2"), "two x=1 y=2");
  EXPECT_EQ(ask("POST", "/a/1/b/2").body, "post other=1 names=2");
  EXPECT_EQ(ask("GET", "/a//b/2").head.status, 404) << "a parameter is not empty";
}

TEST_F(RouterTest, ServesHeadByGetAndAnswersOptions) {
  router_.add("GET", "/x", named("get"));
  router_.add("DELETE", "/x", named("delete"));
  EXPECT_EQ(ask("HEAD", "/x").body, "get");
  Response options = ask("OPTIONS", "/x");
  EXPECT_EQ(options.head.status, 204);
  EXPECT_EQ(options.head.headers.get("allow"), "GET, DELETE, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS", "*").head.status, 204);
}

TEST_F(RouterTest, WritesErrorsAsTheContractOfThePathDoes) {
  router_.shape("/v1/", openai_error);
  router_.shape("/v1/native/", native_error);
  router_.add("POST", "/v1/chat", named("chat"));
  router_.add("POST", "/v1/native/x", named("x"));
  Response refused = ask("GET", "/v1/chat");
  EXPECT_EQ(refused.head.status, 405);
  EXPECT_EQ(refused.head.headers.get("allow"), "POST, OPTIONS");
  EXPECT_THAT(refused.body, HasSubstr(R"("param":null)"));
  Response unknown = ask("GET", "/v1/other");
  EXPECT_EQ(unknown.head.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr(R"("type":"not_found_error")"));
  EXPECT_THAT(ask("GET", "/v1/native/x").body, HasSubstr(R"("code":"method_not_allowed")"));
  EXPECT_THAT(ask("GET", "/elsewhere").body, HasSubstr(R"("code":"not_found")"));
}

TEST_F(RouterTest, GivesTheFallbackWhatNoContractClaims) {
  router_.shape("/v1/", openai_error);
  router_.fallback(named("ui"));
  EXPECT_EQ(get("/playground"), "ui");
  EXPECT_EQ(ask("GET", "/v1/unknown").head.status, 404);
}

TEST_F(RouterTest, AsksTheGuardBeforeEveryRouteButTheFallback) {
  router_.shape("/v1/", openai_error);
  router_.add("GET", "/v1/x", named("x"));
  router_.fallback(named("ui"));
  router_.guard([](Request& request) -> Result<void> {
    if (request.headers.has("key")) return {};
    return Failure(Error{.code = ErrorCode::kUnauthenticated, .message = "no key"});
  });
  EXPECT_EQ(ask("GET", "/v1/x").head.status, 401);
  EXPECT_EQ(ask("GET", "/v1/unknown").head.status, 401) << "strangers learn nothing about paths";
  EXPECT_EQ(get("/"), "ui");
}

TEST(RouterDeathTest, RejectsPatternsThatCannotWork) {
  Router router;
  router.add("GET", "/x/{a}", named("x"));
  EXPECT_DEATH(router.add("GET", "x", named("x")), "does not begin");
  EXPECT_DEATH(router.add("GET", "/x/{b}", named("x")), "twice");
  EXPECT_DEATH(router.add("GET", "/{a...}/x", named("x")), "goes on");
  EXPECT_DEATH(router.add("GET", "/{}", named("x")), "unnamed");
  EXPECT_DEATH(router.add("GET", "/a{b}", named("x")), "brace");
  EXPECT_DEATH(router.add("GET", "/{b", named("x")), "unclosed");
}

}  // namespace
}  // namespace penstock::http
