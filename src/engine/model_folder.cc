#include "engine/model_folder.h"

#include <fmt/format.h>

#include "core/file.h"

namespace penstock::engine {
namespace {

Result<Json> read_json(const std::filesystem::path& file, size_t bytes_max) {
  ASSIGN_OR_RETURN(const std::string text, read_file(file, bytes_max));
  Result<Json> document = parse_json(text);
  if (!document) {
    return Failure(Error::invalid("", fmt::format("{}: {}", file.string(), document.error().message)));
  }
  return document;
}

}  // namespace

Result<Json> read_json_object(const std::filesystem::path& file, size_t bytes_max) {
  ASSIGN_OR_RETURN(Json document, read_json(file, bytes_max));
  if (document.is_object()) return document;
  return Failure(Error::invalid("", file.string() + ": not a JSON object"));
}

Result<Json> read_json_array(const std::filesystem::path& file, size_t bytes_max) {
  ASSIGN_OR_RETURN(Json document, read_json(file, bytes_max));
  if (document.is_array()) return document;
  return Failure(Error::invalid("", file.string() + ": not a JSON array"));
}

Result<int64_t> required_count(const Json& object, std::string_view key, int64_t max,
                               const std::filesystem::path& file) {
  const int64_t count = int_at(object, key, 0);
  if (count >= 1 && count <= max) return count;
  return Failure(
      Error::invalid("", fmt::format("{}: {} must be a whole number from 1 to {}", file.string(), key, max)));
}

}  // namespace penstock::engine
