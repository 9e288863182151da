#include "api/mlflow/artifact_routes.h"

#include <gmock/gmock.h>

#include "api/mlflow/artifact_download.h"
#include "api/mlflow/contract_fixture.h"
#include "tracking/artifact_store.h"

namespace penstock::api::mlflow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kProxy = "/api/2.0/mlflow-artifacts/artifacts";

Task<Result<std::string>> root_of(std::string id) {
  if (id == "absent") co_return Failure(Error::not_found("Run with id=absent not found"));
  if (id == "elsewhere") co_return "s3://bucket/x";
  co_return "mlflow-artifacts:/0/" + id + "/artifacts";
}

class ArtifactRoutesTest : public ContractFixture {
 protected:
  void SetUp() override {
    ContractFixture::SetUp();
    database_ = database::Database::open_sqlite({.path = files_.path() / "artifacts.db"},
                                                tracking::artifact_migrations())
                    .value();
    blobs_ = blobs::Blobs::open(files_.path() / "blobs").value();
    artifacts_ = std::make_unique<tracking::Artifacts>(*database_, *blobs_, pool_, blobs::Sync::kLater);
    services_ = std::make_unique<ArtifactServices>(ArtifactServices{
        .artifacts = *artifacts_,
        .run_uri = root_of,
        .model_uri = root_of,
        .version_uri = [](std::string name, std::string version) { return root_of(name + version); }});
    add_artifact_routes(contract(), *services_);
  }

  int put(std::string_view path, std::string_view body) {
    return call("PUT", std::string(kProxy) + "/" + std::string(path), body, "text/plain").head.status;
  }
  http::AnswerRecorder get(std::string path, Headers headers = {}, std::string method = "GET") {
    Request request{.method = std::move(method), .headers = std::move(headers)};
    size_t question = std::min(path.find('?'), path.size());
    request.path = path.substr(0, question);
    request.query = path.substr(std::min(question + 1, path.size()));
    http::AnswerRecorder recorded;
    run_task(router_.handle(request, recorded));
    return recorded;
  }

  std::unique_ptr<database::Database> database_;
  std::unique_ptr<blobs::Blobs> blobs_;
  BlockingPool pool_{{.name = "artifacts", .threads = 1, .queue_max = 64}};
  std::unique_ptr<tracking::Artifacts> artifacts_;
  std::unique_ptr<ArtifactServices> services_;
};

TEST_F(ArtifactRoutesTest, PutsGetsListsAndDeletesThroughTheProxy) {
  EXPECT_EQ(put("0/r/artifacts/model/MLmodel", "flavors: {}"), 200);
  EXPECT_EQ(put("0/r/artifacts/notes.txt", "hello"), 200);
  EXPECT_EQ(put("0/r/artifacts/empty", ""), 200);
  http::AnswerRecorder file = get(std::string(kProxy) + "/0/r/artifacts/notes.txt");
  EXPECT_EQ(file.body, "hello");
  EXPECT_EQ(file.head.headers.get("content-type"), "text/plain");
  EXPECT_EQ(file.head.headers.get("content-disposition"), "attachment; filename=notes.txt");
  EXPECT_EQ(file.head.headers.get("x-content-type-options"), "nosniff");
  EXPECT_EQ(file.head.length, 5);
  EXPECT_EQ(call("GET", std::string(kProxy) + "?path=0/r/artifacts").body,
            R"({"files":[{"path":"empty","is_dir":false},{"path":"model","is_dir":true},)"
            R"({"path":"notes.txt","is_dir":false,"file_size":5}]})");
  EXPECT_EQ(call("GET", std::string(kProxy) + "?path=0/none").body, "{}");
  EXPECT_EQ(call("DELETE", std::string(kProxy) + "/0/r/artifacts/model").body, "{}");
  EXPECT_EQ(get(std::string(kProxy) + "/0/r/artifacts/model/MLmodel").head.status, 404);
  EXPECT_EQ(call("DELETE", std::string(kProxy) + "/0/r/absent").head.status, 200);
}

TEST_F(ArtifactRoutesTest, SendsTheRangeThatIsAskedFor) {
  put("f.bin", "0123456789");
  std::string path = std::string(kProxy) + "/f.bin";
  http::AnswerRecorder part = get(path, {{"range", "bytes=2-4"}});
  EXPECT_EQ(part.head.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.head.headers.get("content-range"), "bytes 2-4/10");
  EXPECT_EQ(get(path, {{"range", "bytes=7-"}}).body, "789");
  EXPECT_EQ(get(path, {{"range", "bytes=-3"}}).body, "789");
  EXPECT_EQ(get(path, {{"range", "bytes=8-99"}}).body, "89");
  EXPECT_EQ(get(path, {{"range", "bytes=0-1,4-5"}}).body, "0123456789");
  http::AnswerRecorder beyond = get(path, {{"range", "bytes=10-"}});
  EXPECT_EQ(beyond.head.status, 416);
  EXPECT_EQ(beyond.head.headers.get("content-range"), "bytes */10");
  http::AnswerRecorder head = get(path, {}, "HEAD");
  EXPECT_EQ(head.head.length, 10);
  EXPECT_EQ(head.body, "");
  std::string etag(head.head.headers.get("etag"));
  EXPECT_EQ(get(path, {{"if-none-match", etag}}).head.status, 304);
}

TEST_F(ArtifactRoutesTest, ReadsRangesAsTheStandardHasThem) {
  using tracking::ByteRange;
  auto range = [](std::string_view header, int64_t size) {
    std::optional<ByteRange> found = requested_range(header, size);
    return found ? std::to_string(found->first) + "+" + std::to_string(found->size()) : "all";
  };
  EXPECT_EQ(range("bytes=0-0", 10), "0+1");
  EXPECT_EQ(range("bytes=-20", 10), "0+10");
  EXPECT_EQ(range("bytes=-0", 10), "0+0");
  EXPECT_EQ(range("bytes=0-", 0), "0+0");
  EXPECT_EQ(range("bytes=99999999999999999999-", 10), "all");
  for (std::string_view header : {"", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "lines=0-1",
                                  "bytes=--1", "bytes=1--2", "bytes=0-1,3-4"}) {
    EXPECT_EQ(range(header, 10), "all") << header;
  }
}

TEST_F(ArtifactRoutesTest, FindsFilesByRunModelAndVersion) {
  put("0/r1/artifacts/a/b.json", "{}");
  EXPECT_EQ(call("GET", "/api/2.0/mlflow/artifacts/list?run_id=r1").body,
            R"({"root_uri":"mlflow-artifacts:/0/r1/artifacts","files":[{"path":"a","is_dir":true}]})");
  EXPECT_EQ(call("GET", "/ajax-api/2.0/mlflow/artifacts/list?run_uuid=r1&path=a").body,
            R"({"root_uri":"mlflow-artifacts:/0/r1/artifacts","files":[{"path":"a/b.json","is_dir":false,)"
            R"("file_size":2}]})");
  EXPECT_EQ(
      call("GET", "/api/2.0/mlflow/logged-models/r1/artifacts/directories?artifact_directory_path=a").body,
      R"({"root_uri":"mlflow-artifacts:/0/r1/artifacts","files":[{"path":"a/b.json","is_dir":false,)"
      R"("file_size":2}]})");
  EXPECT_EQ(get("/get-artifact?run_id=r1&path=a%2Fb.json").body, "{}");
  EXPECT_EQ(get("/model-versions/get-artifact?name=r&version=1&path=a/b.json").body, "{}");
  EXPECT_EQ(get("/ajax-api/2.0/mlflow/logged-models/r1/artifacts/files?artifact_file_path=a/b.json").body,
            "{}");
  EXPECT_EQ(
      call("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=r1&path=ui/x", "data", "").head.status,
      200);
  EXPECT_EQ(get("/get-artifact?run_uuid=r1&path=ui/x").body, "data");
}

TEST_F(ArtifactRoutesTest, SaysWhatIsWrong) {
  put("0/r/artifacts/dir/f", "x");
  EXPECT_EQ(refusal("GET", std::string(kProxy) + "/0/none"),
            "RESOURCE_DOES_NOT_EXIST: No such artifact: '0/none'");
  EXPECT_THAT(refusal("GET", std::string(kProxy) + "/0/r/artifacts/dir"),
              StartsWith("INVALID_PARAMETER_VALUE: Artifact path refers to a directory"));
  EXPECT_EQ(refusal("GET", "/api/2.0/mlflow/artifacts/list?run_id=absent"),
            "RESOURCE_DOES_NOT_EXIST: Run with id=absent not found");
  EXPECT_THAT(refusal("GET", "/api/2.0/mlflow/artifacts/list"), HasSubstr("parameter 'run_id'"));
  EXPECT_THAT(refusal("GET", "/api/2.0/mlflow/artifacts/list?run_id=elsewhere"), HasSubstr("s3://bucket/x"));
  EXPECT_EQ(refusal("GET", "/ajax-api/2.0/mlflow/logged-models/r1/artifacts/files"),
            "BAD_REQUEST: Request must include the \"artifact_file_path\" query parameter.");
  EXPECT_EQ(refusal("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/r/artifacts", "{}"),
            "NOT_IMPLEMENTED: Multipart upload is not supported for the current artifact repository");
  EXPECT_EQ(refusal("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=r1&path=x"),
            "INVALID_PARAMETER_VALUE: Request must specify data.");
}

TEST_F(ArtifactRoutesTest, LeavesNoWayOutOfARoot) {
  put("0/other/artifacts/secret", "x");
  for (std::string path : {"../../other/artifacts/secret", "%2e%2e/%2e%2e/other/artifacts/secret",
                           "%252e%252e/other", "/etc/passwd", "..%5c..%5cother", "file:///etc/passwd"}) {
    EXPECT_EQ(get("/get-artifact?run_id=r1&path=" + path).head.status, 400) << path;
    EXPECT_EQ(call("GET", "/api/2.0/mlflow/artifacts/list?run_id=r1&path=" + path).head.status, 400) << path;
    EXPECT_EQ(call("GET", std::string(kProxy) + "?path=" + path).head.status, 400) << path;
    EXPECT_EQ(
        call("POST", "/ajax-api/2.0/mlflow/upload-artifact?run_uuid=r&path=" + path, "x", "").head.status,
        400)
        << path;
  }
  EXPECT_EQ(put("..%2f..%2fx", "x"), 400) << "encoded once more than the server decodes";
}

TEST(ArtifactDownloadTest, GuessesTypesAsMlflowDoes) {
  EXPECT_EQ(content_type_of("a/b.png"), "image/png");
  EXPECT_EQ(content_type_of("a/MLmodel"), "text/plain");
  EXPECT_EQ(content_type_of("x.yaml"), "text/plain");
  EXPECT_EQ(content_type_of("x.JSON"), "application/octet-stream");
  EXPECT_EQ(content_type_of("x.PNG"), "image/png");
  EXPECT_EQ(content_type_of("model.pkl"), "application/octet-stream");
  EXPECT_EQ(content_type_of("noextension"), "application/octet-stream");
}

TEST(ArtifactDownloadTest, NamesFilesForEveryClient) {
  EXPECT_EQ(attachment("a/b c.txt"), "attachment; filename=\"b c.txt\"");
  EXPECT_EQ(attachment("q\"uote"), "attachment; filename=\"q\\\"uote\"");
  EXPECT_EQ(attachment("日本"), "attachment; filename=download; filename*=UTF-8''%E6%97%A5%E6%9C%AC");
}

}  // namespace
}  // namespace penstock::api::mlflow
