#include "tracking/checks.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/json_ascii.h"
#include "core/text.h"

namespace penstock::tracking {
namespace {

constexpr size_t kDatasetNameLengthMax = 500;
constexpr size_t kDatasetDigestLengthMax = 36;
constexpr size_t kDatasetSourceLengthMax = 65'535;
constexpr size_t kDatasetSchemaLengthMax = 1'048'575;
constexpr size_t kDatasetProfileLengthMax = 16'777'215;
constexpr size_t kInputTagKeyLengthMax = 255;
constexpr size_t kInputTagValueLengthMax = 500;
constexpr size_t kRunIdLengthMax = 256;

constexpr std::string_view kBadCharacters =
    "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) "
    "and "
    "slashes (/).";

Failure invalid(std::string_view field, std::string message) {
  return Failure(Error::invalid(std::string(field), std::move(message)));
}

std::string joined(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : std::string(path) + "." + std::string(name);
}

// `json` is the value as JSON text.
Failure invalid_value(const std::string& path, const std::string& json, std::string_view why) {
  std::string message = "Invalid value " + json + " for parameter '" + path + "' supplied";
  return invalid(path, why.empty() ? message + "." : message + ": " + std::string(why));
}

Failure too_long(std::string_view what, size_t limit) {
  return invalid(what, "'" + std::string(what) + "' exceeds the maximum length of " + std::to_string(limit) +
                           " characters");
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

size_t length_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

bool fits(std::string_view text, size_t limit) { return text.size() <= limit || length_of(text) <= limit; }

// The first `limit` characters.
void cut(std::string& text, size_t limit) {
  if (fits(text, limit)) return;
  size_t characters = 0;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!is_continuation(text[at]) && ++characters > limit) break;
  }
  text.resize(at);
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool has_good_characters(std::string_view name) {
  return std::ranges::all_of(name,
                             [](char c) { return is_word(c) || std::string_view("/.- :").contains(c); });
}

// Python's posixpath.normpath.
std::string normal_path(std::string_view path) {
  std::string root = path.starts_with("//") && !path.starts_with("///") ? "//"
                     : path.starts_with('/')                            ? "/"
                                                                        : "";
  std::vector<std::string_view> parts;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    bool climbs = part == "..";
    if (climbs && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!climbs || root.empty()) {
      parts.push_back(part);
    }
  }
  std::string out = root;
  for (size_t i = 0; i < parts.size(); ++i) out.append(i == 0 ? "" : "/").append(parts[i]);
  return out.empty() ? "." : out;
}

// `leaf` stands below `path`, which are joined only for a message.
Result<void> check_name(std::string_view name, std::string_view above, std::string_view leaf) {
  bool plain = !name.contains('/') && !name.starts_with('.') && !name.empty();
  bool good = has_good_characters(name);
  if (good && plain) return {};
  std::string path = joined(above, leaf);
  if (!good) return invalid_value(path, json_quoted_ascii(name), kBadCharacters);
  std::string normal = normal_path(name);
  if (normal != name || normal == "." || normal.starts_with("..") || normal.starts_with('/')) {
    return invalid_value(
        path, json_quoted_ascii(name),
        "Names may be treated as files in certain cases, and must not resolve to other names "
        "when treated as such. This name would resolve to " +
            python_repr(normal));
  }
  return {};
}

Result<void> check_count(std::string_view what, size_t count, size_t limit) {
  if (count <= limit) return {};
  std::string name(what);
  return invalid(what, "A batch logging request can contain at most " + std::to_string(limit) + " " + name +
                           ". Got " + std::to_string(count) + " " + name + ". Please split up " + name +
                           " across multiple requests and try again.");
}

Result<void> check_dataset(const Dataset& dataset) {
  if (!fits(dataset.name, kDatasetNameLengthMax)) return too_long("name", kDatasetNameLengthMax);
  if (!fits(dataset.digest, kDatasetDigestLengthMax)) return too_long("digest", kDatasetDigestLengthMax);
  if (!fits(dataset.source, kDatasetSourceLengthMax)) return too_long("source", kDatasetSourceLengthMax);
  if (!fits(dataset.schema, kDatasetSchemaLengthMax)) return too_long("schema", kDatasetSchemaLengthMax);
  if (!fits(dataset.profile, kDatasetProfileLengthMax)) return too_long("profile", kDatasetProfileLengthMax);
  return {};
}

Result<void> check_keys_differ(const Params& params) {
  std::set<std::string_view> seen;
  std::string repeated;
  for (const Param& param : params) {
    if (!seen.insert(param.key).second) repeated += (repeated.empty() ? "" : ", ") + python_repr(param.key);
  }
  if (repeated.empty()) return {};
  return invalid("params", "Duplicate parameter keys have been submitted: [" + repeated +
                               "]. Please ensure the request contains only one param value per param key.");
}

}  // namespace

std::string python_repr(std::string_view text) {
  char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  std::string out(1, quote);
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      if (c == '\\' || c == quote) out += '\\';
      out += c;
    }
  }
  return out + quote;
}

std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[32];
  double size = std::abs(value);
  bool fixed = value == 0 || (size >= 1e-4 && size < 1e16);
  auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr;
  std::string out(buffer, end);
  return fixed && !out.contains('.') ? out + ".0" : out;
}

Result<void> check_run_id(std::string_view run_id) {
  bool starts_well =
      !run_id.empty() && is_word(run_id[0]) && run_id[0] != '_' && run_id.size() <= kRunIdLengthMax;
  bool good = starts_well && std::ranges::all_of(run_id, [](char c) { return is_word(c) || c == '-'; });
  if (good) return {};
  return invalid_value("run_id", json_quoted_ascii(utf8_prefix(run_id, 1024)), "");
}

Result<void> check_experiment_name(std::string_view name) {
  if (name.empty()) return invalid("name", "Invalid experiment name: ''");
  if (!fits(name, kExperimentNameLengthMax)) return too_long("name", kExperimentNameLengthMax);
  return {};
}

Result<void> check_experiment_tag(const Tag& tag) {
  RETURN_IF_ERROR(check_name(tag.key, "", "key"));
  if (!fits(tag.key, kKeyLengthMax)) return too_long("key", kKeyLengthMax);
  if (!fits(tag.value, kExperimentTagValueLengthMax)) return too_long("value", kExperimentTagValueLengthMax);
  return {};
}

Result<void> check_artifact_location(std::string_view location) {
  if (location.contains('#') || location.contains(';')) {
    return invalid("artifact_location", "'artifact_location' URL can't include fragments or params.");
  }
  if (location.starts_with("runs:")) {
    return invalid("artifact_location", "Artifact location cannot be a runs:/ URI. Given: '" +
                                            std::string(utf8_prefix(location, 1024)) + "'");
  }
  if (!fits(location, kArtifactLocationLengthMax)) {
    return invalid("artifact_location",
                   "Invalid artifact path length. The length of the artifact path cannot be greater than " +
                       std::to_string(kArtifactLocationLengthMax) + " characters.");
  }
  return {};
}

Result<void> check_metric(const Metric& metric, std::string_view path) {
  RETURN_IF_ERROR(check_name(metric.key, path, "name"));
  if (metric.timestamp_ms < 0) {
    return invalid_value(joined(path, "timestamp"), std::to_string(metric.timestamp_ms),
                         "metric '" + metric.key + "' (value=" + python_float(metric.value) +
                             "). Timestamp must be a nonnegative long (64-bit integer) ");
  }
  if (!fits(metric.key, kKeyLengthMax)) return too_long("Metric name", kKeyLengthMax);
  return {};
}

Result<void> check_param(Param& param, std::string_view path) {
  RETURN_IF_ERROR(check_name(param.key, path, "key"));
  if (!fits(param.key, kKeyLengthMax)) return too_long("Param key", kKeyLengthMax);
  cut(param.value, kParamValueLengthMax);
  return {};
}

Result<void> check_tag(Tag& tag, std::string_view path) {
  RETURN_IF_ERROR(check_name(tag.key, path, "key"));
  if (!fits(tag.key, kKeyLengthMax)) return too_long(joined(path, "key"), kKeyLengthMax);
  cut(tag.value, kTagValueLengthMax);
  return {};
}

Result<void> check_dataset_inputs(std::span<const DatasetInput> inputs) {
  for (const DatasetInput& input : inputs) {
    RETURN_IF_ERROR(check_dataset(input.dataset));
    for (const Tag& tag : input.tags) {
      if (!fits(tag.key, kInputTagKeyLengthMax)) return too_long("key", kInputTagKeyLengthMax);
      if (!fits(tag.value, kInputTagValueLengthMax)) return too_long("value", kInputTagValueLengthMax);
    }
  }
  return {};
}

Result<void> check_batch(Batch& batch) {
  auto path = [](std::string_view list, size_t i) {
    return std::string(list) + "[" + std::to_string(i) + "]";
  };
  for (size_t i = 0; i < batch.metrics.size(); ++i) {
    RETURN_IF_ERROR(check_metric(batch.metrics[i], path("metrics", i)));
  }
  for (size_t i = 0; i < batch.params.size(); ++i) {
    RETURN_IF_ERROR(check_param(batch.params[i], path("params", i)));
  }
  for (size_t i = 0; i < batch.tags.size(); ++i) RETURN_IF_ERROR(check_tag(batch.tags[i], path("tags", i)));
  RETURN_IF_ERROR(check_count("metrics", batch.metrics.size(), kMetricsPerBatchMax));
  RETURN_IF_ERROR(check_count("params", batch.params.size(), kParamsPerBatchMax));
  RETURN_IF_ERROR(check_count("tags", batch.tags.size(), kTagsPerBatchMax));
  RETURN_IF_ERROR(check_count("metrics, params, and tags",
                              batch.metrics.size() + batch.params.size() + batch.tags.size(),
                              kEntitiesPerBatchMax));
  return check_keys_differ(batch.params);
}

}  // namespace penstock::tracking
