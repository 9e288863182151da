#include "api/mlflow/artifact_download.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

using tracking::ArtifactFile;
using tracking::ArtifactReader;
using tracking::ByteRange;

struct TypeRow {
  std::string_view extension;
  std::string_view type;
};

constexpr std::string_view kText = "text/plain";
constexpr std::string_view kBinary = "application/octet-stream";

// mlflow/utils/mime_type_utils.py: shown as text whatever else it is.
constexpr std::string_view kTextExtensions[] = {
    "txt",  "log",   "err",  "cfg",  "conf", "cnf",   "cf",      "ini",      "properties",
    "prop", "hocon", "toml", "yaml", "yml",  "xml",   "json",    "js",       "py",
    "py3",  "csv",   "tsv",  "md",   "rst",  "ipynb", "MLmodel", "MLproject"};

// Sorted. The usual types of IANA's register, as Python's `mimetypes` names them.
constexpr TypeRow kTypes[] = {
    {"aac", "audio/x-aac"},
    {"avi", "video/x-msvideo"},
    {"avif", "image/avif"},
    {"bin", kBinary},
    {"bmp", "image/bmp"},
    {"bz2", kBinary},
    {"css", "text/css"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eps", "application/postscript"},
    {"gif", "image/gif"},
    {"gz", kBinary},
    {"h5", "application/x-hdf5"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ico", "image/vnd.microsoft.icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"ogg", "audio/ogg"},
    {"parquet", kBinary},
    {"pdf", "application/pdf"},
    {"pkl", kBinary},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps", "application/postscript"},
    {"rtf", "application/rtf"},
    {"sh", "application/x-sh"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"wav", "audio/x-wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"zip", "application/zip"},
};

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Digits only: no sign.
std::optional<int64_t> offset_of(std::string_view text) {
  bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? parse_int(text) : std::nullopt;
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

ResponseHead head_of(const ArtifactFile& file) {
  ResponseHead head;
  head.headers.add("content-type", std::string(content_type_of(file.path)));
  head.headers.add("content-disposition", attachment(file.path));
  head.headers.add("x-content-type-options", "nosniff");
  head.headers.add("accept-ranges", "bytes");
  head.headers.add("etag", "\"" + file.digest.hex() + "\"");
  return head;
}

bool matches(std::string_view if_none_match, const ArtifactFile& file) {
  return std::ranges::any_of(split(if_none_match, ','), [&](std::string_view tag) {
    tag = trim(tag);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag == "*" || tag == "\"" + file.digest.hex() + "\"";
  });
}

Task<Result<void>> send_part(tracking::Artifacts& artifacts, const ArtifactFile& file, ByteRange part,
                             bool with_body, ResponseHead head, ResponseStream& out) {
  std::optional<ArtifactReader> reader;
  if (with_body) {
    ASSIGN_OR_CO_RETURN(ArtifactReader opened, co_await artifacts.read(file, part));
    reader.emplace(std::move(opened));
  }
  head.length = part.size();
  CO_RETURN_IF_ERROR(co_await out.start(std::move(head)));
  std::string piece;
  while (reader) {
    CO_RETURN_IF_ERROR(co_await reader->read(piece));
    if (piece.empty()) break;
    CO_RETURN_IF_ERROR(co_await out.write(piece));
  }
  co_return co_await out.finish();
}

Result<void> not_a_directory(std::string_view path) {
  return Failure(
      Error::invalid("path", "Artifact path refers to a directory, not a file: '" + std::string(path) + "'"));
}

}  // namespace

std::optional<ByteRange> requested_range(std::string_view header, int64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  constexpr ByteRange kNothing{.first = 0, .last = -1};
  if (!header.starts_with(kUnit)) return std::nullopt;
  std::string_view spec = trim(header.substr(kUnit.size()));
  size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return std::nullopt;
  std::optional<int64_t> from = offset_of(spec.substr(0, dash));
  std::optional<int64_t> to = offset_of(spec.substr(dash + 1));
  if (dash == 0) {  // the last so many bytes
    if (!to) return std::nullopt;
    return *to == 0 ? kNothing : ByteRange{.first = std::max<int64_t>(size - *to, 0), .last = size - 1};
  }
  bool open = dash + 1 == spec.size();
  if (!from || (!to && !open) || (to && *to < *from)) return std::nullopt;
  if (*from >= size) return kNothing;
  return ByteRange{.first = *from, .last = std::min(to.value_or(size - 1), size - 1)};
}

std::string_view content_type_of(std::string_view path) {
  std::string_view name = name_of(path);
  size_t dot = name.rfind('.');
  std::string_view extension = dot == std::string_view::npos || dot == 0 ? name : name.substr(dot + 1);
  if (std::ranges::find(kTextExtensions, extension) != std::end(kTextExtensions)) return kText;
  std::string lower = to_lower(extension);
  auto row = std::ranges::lower_bound(kTypes, std::string_view(lower), {}, &TypeRow::extension);
  return row != std::end(kTypes) && row->extension == lower ? row->type : kBinary;
}

std::string attachment(std::string_view path) {
  std::string_view name = name_of(path);
  std::string plain;
  for (char c : name) {
    if (!is_ascii(c)) continue;
    if (c == '"' || c == '\\') plain += '\\';
    plain += c;
  }
  bool foreign = !std::ranges::all_of(name, is_ascii);
  bool token = std::ranges::none_of(plain, [](char c) {
    return std::string_view(" \"(),/:;<=>?@[\\]{}").find(c) != std::string_view::npos;
  });
  std::string text = "attachment; filename=";
  if (plain.empty()) plain = "download";
  text += token ? plain : "\"" + plain + "\"";
  if (foreign) text += "; filename*=UTF-8''" + percent_encode(name);
  return text;
}

Task<Result<void>> send_artifact(tracking::Artifacts& artifacts, std::string path, const Request& request,
                                 ResponseStream& out) {
  Result<ArtifactFile> file = co_await artifacts.find(path);
  if (!file && file.error().code == ErrorCode::kNotFound) {
    ASSIGN_OR_CO_RETURN(auto children, co_await artifacts.list(path));
    if (!children.empty()) co_return not_a_directory(path);
  }
  if (!file) co_return Failure(std::move(file).error());
  ResponseHead head = head_of(*file);
  if (matches(request.headers.get("if-none-match"), *file)) {
    head.status = 304;
    Response unchanged{.head = std::move(head), .body = {}};
    co_return co_await out.send(std::move(unchanged));
  }
  bool with_body = request.method != "HEAD";
  std::optional<ByteRange> part = requested_range(request.headers.get("range"), file->size_bytes);
  if (part && part->size() == 0) {
    head.status = 416;
    head.headers.add("content-range", "bytes */" + std::to_string(file->size_bytes));
    Response refused{.head = std::move(head), .body = {}};
    co_return co_await out.send(std::move(refused));
  }
  if (part) {
    head.status = 206;
    head.headers.add("content-range", "bytes " + std::to_string(part->first) + "-" +
                                          std::to_string(part->last) + "/" +
                                          std::to_string(file->size_bytes));
  }
  ByteRange all{.first = 0, .last = file->size_bytes - 1};
  co_return co_await send_part(artifacts, *file, part.value_or(all), with_body, std::move(head), out);
}

}  // namespace penstock::api::mlflow
