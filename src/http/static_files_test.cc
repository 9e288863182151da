#include "http/static_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "core/run_task.h"
#include "http/answer_recorder.h"

namespace penstock::http {
namespace {

constexpr std::array kFiles = {
    StaticFile{"/app-1.js", "text/javascript", "\"a1\"", "script", "zipped", true},
    StaticFile{"/index.html", "text/html; charset=utf-8", "\"i1\"", "<html>", "", false},
};

Response get(std::string path, Headers headers = {}, std::string method = "GET") {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.headers = std::move(headers);
  AnswerRecorder out;
  run_task(serve_static(kFiles, request, out));
  return {.head = std::move(out.head), .body = std::move(out.body)};
}

TEST(StaticFilesTest, ServesAFileWithItsHeaders) {
  Response answer = get("/index.html");
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_EQ(answer.body, "<html>");
  EXPECT_EQ(answer.head.headers.get("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(answer.head.headers.get("cache-control"), "no-cache");
  EXPECT_EQ(answer.head.headers.get("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.head.headers.get("content-security-policy"),
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:");
  EXPECT_EQ(get("/app-1.js").head.headers.get("cache-control"), "public, max-age=31536000, immutable");
}

TEST(StaticFilesTest, CompressesForWhoeverAcceptsIt) {
  for (std::string accepts : {"gzip", "GZIP", "br, gzip;q=0.5", "*", "deflate, *;q=0.1"}) {
    Response answer = get("/app-1.js", {{"accept-encoding", accepts}});
    EXPECT_EQ(answer.body, "zipped") << accepts;
    EXPECT_EQ(answer.head.headers.get("content-encoding"), "gzip") << accepts;
  }
  for (std::string accepts : {"", "br", "gzip;q=0", "gzip; q=0.000, br", "*;q=0", "gzip;q=0, *"}) {
    Response answer = get("/app-1.js", {{"accept-encoding", accepts}});
    EXPECT_EQ(answer.body, "script") << accepts;
    EXPECT_FALSE(answer.head.headers.has("content-encoding")) << accepts;
  }
  EXPECT_EQ(get("/index.html", {{"accept-encoding", "gzip"}}).body, "<html>")
      << "where there is no smaller form";
}

TEST(StaticFilesTest, SaysWhenTheClientHasTheFileAlready) {
  for (std::string tags : {"\"i1\"", "W/\"i1\"", "\"x\", \"i1\"", "*"}) {
    Response answer = get("/index.html", {{"if-none-match", tags}});
    EXPECT_EQ(answer.head.status, 304) << tags;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.head.headers.get("etag"), "\"i1\"");
  }
  EXPECT_EQ(get("/index.html", {{"if-none-match", "\"other\""}}).head.status, 200);
}

TEST(StaticFilesTest, GivesThePageForTheUisOwnRoutes) {
  for (std::string path : {"/", "/requests", "/requests/abc/detail"})
    EXPECT_EQ(get(path).body, "<html>") << path;
  EXPECT_EQ(get("/missing.js").head.status, 404);
  EXPECT_EQ(get("/", {}, "HEAD").head.status, 200);
}

TEST(StaticFilesTest, OnlyReads) {
  Response answer = get("/", {}, "POST");
  EXPECT_EQ(answer.head.status, 405);
  EXPECT_EQ(answer.head.headers.get("allow"), "GET, HEAD");
}

}  // namespace
}  // namespace penstock::http
