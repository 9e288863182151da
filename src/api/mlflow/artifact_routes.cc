#include "api/mlflow/artifact_routes.h"

#include <utility>

#include "api/mlflow/artifact_download.h"
#include "core/json_writer.h"
#include "tracking/artifact_path.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;
using tracking::ArtifactEntry;

constexpr int64_t kUiUploadBytesMax = 10 << 20;  // MLflow's own limit for what its UI uploads

constexpr Field kProxyListFields[] = {{.name = "path"}};
constexpr Message kProxyList{.name = "ListArtifacts", .fields = kProxyListFields};

constexpr Field kListFields[] = {
    {.name = "run_id"}, {.name = "run_uuid"}, {.name = "path"}, {.name = "page_token"}};
constexpr Message kList{.name = "ListArtifacts", .fields = kListFields};

constexpr Field kModelListFields[] = {{.name = "model_id", .count = Count::kRequired},
                                      {.name = "artifact_directory_path"},
                                      {.name = "page_token"}};
constexpr Message kModelList{.name = "ListLoggedModelArtifacts", .fields = kModelListFields};

// A path of a listing: none and "." are the root itself.
Result<std::string> directory_path(std::string_view text) {
  if (text.empty() || text == "." || text == "./") return std::string();
  return tracking::artifact_path(text);
}

void render_files(JsonWriter& json, const std::vector<ArtifactEntry>& entries, std::string_view parent) {
  if (entries.empty()) return;  // as protobuf's JSON leaves out what is unset
  json.key("files").begin_array();
  for (const ArtifactEntry& entry : entries) {
    json.begin_object().field("path", tracking::join_path(parent, entry.name));
    json.field("is_dir", entry.is_directory);
    if (entry.size_bytes > 0) json.field("file_size", entry.size_bytes);
    json.end_object();
  }
  json.end_array();
}

// The files of `directory` below the root `uri`, which paths in the answer are relative to.
Task<Result<std::string>> list_below(ArtifactServices& services, std::string uri, std::string directory) {
  ASSIGN_OR_CO_RETURN(std::string root, tracking::artifact_path_of(uri));
  ASSIGN_OR_CO_RETURN(auto entries, co_await services.artifacts.list(tracking::join_path(root, directory)));
  JsonWriter json(64 * entries.size() + 128);
  json.begin_object().field("root_uri", uri);
  render_files(json, entries, directory);
  co_return json.end_object().take();
}

Task<Result<void>> send_below(ArtifactServices& services, const std::string& uri, std::string_view path,
                              const Call& call, ResponseStream& out) {
  ASSIGN_OR_CO_RETURN(std::string root, tracking::artifact_path_of(uri));
  ASSIGN_OR_CO_RETURN(std::string checked, tracking::artifact_path(path));
  co_return co_await send_artifact(services.artifacts, tracking::join_path(root, checked), call.request, out);
}

Result<std::string> proxy_path(const Call& call) {
  return tracking::artifact_path(call.request.param("artifact_path"));
}

Task<Result<void>> download(ArtifactServices& services, const Call& call, ResponseStream& out) {
  ASSIGN_OR_CO_RETURN(std::string path, proxy_path(call));
  co_return co_await send_artifact(services.artifacts, std::move(path), call.request, out);
}

Task<Result<void>> upload(ArtifactServices& services, const Call& call, ResponseStream& out) {
  ASSIGN_OR_CO_RETURN(std::string path, proxy_path(call));
  CO_RETURN_IF_ERROR(co_await services.artifacts.put(std::move(path), *call.request.stream));
  Response done{.head = {.status = 200, .headers = {}}, .body = {}};
  co_return co_await out.send(std::move(done));
}

Task<Result<std::string>> remove(ArtifactServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string path, proxy_path(call));
  CO_RETURN_IF_ERROR(co_await services.artifacts.remove(std::move(path)));
  co_return "{}";
}

Task<Result<std::string>> list_proxy(ArtifactServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string directory, directory_path(call.in.text("path")));
  ASSIGN_OR_CO_RETURN(auto entries, co_await services.artifacts.list(std::move(directory)));
  JsonWriter json(64 * entries.size() + 16);
  json.begin_object();
  render_files(json, entries, {});
  co_return json.end_object().take();
}

Task<Result<std::string>> list_run(ArtifactServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string directory, directory_path(call.in.text("path")));
  std::string run(call.in.text("run_id", call.in.text("run_uuid")));
  if (run.empty()) co_return Failure(missing_value("run_id"));
  ASSIGN_OR_CO_RETURN(std::string uri, co_await services.run_uri(std::move(run)));
  co_return co_await list_below(services, std::move(uri), std::move(directory));
}

Task<Result<std::string>> list_model(ArtifactServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string directory, directory_path(call.in.text("artifact_directory_path")));
  ASSIGN_OR_CO_RETURN(std::string uri, co_await services.model_uri(std::string(call.in.text("model_id"))));
  co_return co_await list_below(services, std::move(uri), std::move(directory));
}

Task<Result<void>> get_run_file(ArtifactServices& services, const Call& call, ResponseStream& out) {
  std::string run = call.request.query_value("run_id");
  if (run.empty()) run = call.request.query_value("run_uuid");
  if (run.empty()) co_return Failure(missing_value("run_id"));
  ASSIGN_OR_CO_RETURN(std::string uri, co_await services.run_uri(std::move(run)));
  co_return co_await send_below(services, uri, call.request.query_value("path"), call, out);
}

Task<Result<void>> get_version_file(ArtifactServices& services, const Call& call, ResponseStream& out) {
  ASSIGN_OR_CO_RETURN(std::string uri, co_await services.version_uri(call.request.query_value("name"),
                                                                     call.request.query_value("version")));
  co_return co_await send_below(services, uri, call.request.query_value("path"), call, out);
}

Task<Result<void>> get_model_file(ArtifactServices& services, const Call& call, ResponseStream& out) {
  std::string path = call.request.query_value("artifact_file_path");
  if (path.empty()) {
    co_return Failure(Error{.code = ErrorCode::kInvalidArgument,
                            .message = "Request must include the \"artifact_file_path\" query parameter.",
                            .field = "artifact_file_path",
                            .reason = "BAD_REQUEST"});
  }
  ASSIGN_OR_CO_RETURN(std::string uri,
                      co_await services.model_uri(std::string(call.request.param("model_id"))));
  co_return co_await send_below(services, uri, path, call, out);
}

// What MLflow's web UI uploads: small files, by run.
Task<Result<void>> upload_for_run(ArtifactServices& services, const Call& call, ResponseStream& out) {
  std::string run = call.request.query_value("run_uuid");
  if (run.empty()) co_return Failure(Error::invalid("run_uuid", "Request must specify run_uuid."));
  std::string path = call.request.query_value("path");
  if (path.empty()) co_return Failure(Error::invalid("path", "Request must specify path."));
  ASSIGN_OR_CO_RETURN(path, tracking::artifact_path(path));
  const std::string& body = call.request.body;
  if (body.empty()) co_return Failure(Error::invalid("data", "Request must specify data."));
  if (static_cast<int64_t>(body.size()) > kUiUploadBytesMax) {
    co_return Failure(Error::invalid("data", "Artifact size is too large. Max size is 10MB."));
  }
  ASSIGN_OR_CO_RETURN(std::string uri, co_await services.run_uri(std::move(run)));
  ASSIGN_OR_CO_RETURN(std::string root, tracking::artifact_path_of(uri));
  CO_RETURN_IF_ERROR(co_await services.artifacts.put(tracking::join_path(root, path), std::string(body)));
  Response done = Response::json(200, "");
  co_return co_await out.send(std::move(done));
}

Failure absent(std::string message) {
  return Failure(Error{.code = ErrorCode::kNotImplemented, .message = std::move(message)});
}

// Clients know this text and go on with one PUT, which is the fastest way to this server in any case.
Task<Result<std::string>> no_multipart(ArtifactServices& /*services*/, const Call& /*call*/) {
  co_return absent("Multipart upload is not supported for the current artifact repository");
}

Task<Result<std::string>> no_presigned(ArtifactServices& /*services*/, const Call& /*call*/) {
  co_return absent("Presigned download is not supported for the current artifact repository");
}

Task<Result<std::string>> no_presigned_url(ArtifactServices& /*services*/, const Call& /*call*/) {
  co_return Failure(
      Error::invalid("run_id",
                     "Presigned URLs are not supported for proxied artifact storage (artifact URI scheme: "
                     "mlflow-artifacts). This endpoint requires a direct cloud storage artifact URI."));
}

constexpr Route<ArtifactServices> kRoutes[] = {
    {.method = "GET",
     .path = "2.0/mlflow-artifacts/artifacts",
     .message = &kProxyList,
     .needs = Capability::kReadRuns,
     .answer = list_proxy},
    {.method = "GET",
     .path = "2.0/mlflow-artifacts/artifacts/{artifact_path...}",
     .needs = Capability::kReadRuns,
     .stream = download},
    {.method = "PUT",
     .path = "2.0/mlflow-artifacts/artifacts/{artifact_path...}",
     .stream = upload,
     .streamed_bytes_max = kArtifactBytesMax},
    {.method = "DELETE", .path = "2.0/mlflow-artifacts/artifacts/{artifact_path...}", .answer = remove},
    {.method = "POST", .path = "2.0/mlflow-artifacts/mpu/create/{artifact_path...}", .answer = no_multipart},
    {.method = "POST",
     .path = "2.0/mlflow-artifacts/mpu/complete/{artifact_path...}",
     .answer = no_multipart},
    {.method = "POST", .path = "2.0/mlflow-artifacts/mpu/abort/{artifact_path...}", .answer = no_multipart},
    {.method = "GET",
     .path = "2.0/mlflow-artifacts/presigned/{artifact_path...}",
     .needs = Capability::kReadRuns,
     .answer = no_presigned},
    {.method = "POST", .path = "2.0/mlflow/artifacts/presigned-upload-url", .answer = no_presigned_url},
    {.method = "POST",
     .path = "2.0/mlflow/artifacts/presigned-download-url",
     .needs = Capability::kReadRuns,
     .answer = no_presigned_url},
    {.method = "GET",
     .path = "2.0/mlflow/artifacts/list",
     .message = &kList,
     .needs = Capability::kReadRuns,
     .answer = list_run},
    {.method = "GET",
     .path = "2.0/mlflow/logged-models/{model_id}/artifacts/directories",
     .message = &kModelList,
     .needs = Capability::kReadRuns,
     .answer = list_model},
    {.method = "GET",
     .path = "/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files",
     .needs = Capability::kReadRuns,
     .stream = get_model_file},
    {.method = "POST", .path = "/ajax-api/2.0/mlflow/upload-artifact", .stream = upload_for_run},
    {.method = "GET", .path = "/get-artifact", .needs = Capability::kReadRuns, .stream = get_run_file},
    {.method = "GET",
     .path = "/model-versions/get-artifact",
     .needs = Capability::kReadRuns,
     .stream = get_version_file},
};

}  // namespace

void add_artifact_routes(Contract contract, ArtifactServices& services) {
  add_routes<ArtifactServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
