#include "tracking/run_log.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "core/json.h"
#include "core/json_writer.h"
#include "tracking/metric_store.h"
#include "tracking/run_data.h"
#include "tracking/runs.h"
#include "tracking/sql_rows.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kSelectParams = "SELECT key, value FROM tracking_params WHERE run = $1";
constexpr std::string_view kSelectParam = "SELECT value FROM tracking_params WHERE run = $1 AND key = $2";
constexpr std::string_view kSelectTag = "SELECT value FROM tracking_tags WHERE run = $1 AND key = $2";
constexpr std::string_view kDeleteTag = "DELETE FROM tracking_tags WHERE run = $1 AND key = $2";

constexpr std::string_view kModelHistoryTag = "mlflow.log-model.history";

const RowInsert& insert_params() {
  static const RowInsert kStatement("INSERT INTO tracking_params (run, key, value)", 3);
  return kStatement;
}

Result<std::optional<std::string>> find_value(Connection& connection, std::string_view sql, int64_t run,
                                              std::string_view key) {
  const std::array<Value, 2> values = {run, std::string(key)};
  std::optional<std::string> value;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    value = row.text(0);
    return false;
  }));
  return value;
}

Result<void> insert(Connection& connection, int64_t run, const std::vector<const Param*>& params) {
  std::vector<Value> values;
  values.reserve(params.size() * 3);
  for (const Param* param : params) values.insert(values.end(), {run, param->key, param->value});
  RETURN_IF_ERROR(insert_params().run(connection, values));
  return {};
}

Result<void> add_params(Connection& connection, std::string_view run_id, int64_t run, const Params& params) {
  if (params.empty()) return {};
  const std::array<Value, 1> of_run = {run};
  std::map<std::string, std::string> known;
  RETURN_IF_ERROR(connection.query(kSelectParams, of_run, [&](const Row& row) {
    known.emplace(row.text(0), row.text(1));
    return true;
  }));
  std::vector<const Param*> added;
  std::string changed;
  for (const Param& param : params) {
    auto old = known.find(param.key);
    if (old == known.end()) {
      added.push_back(&param);
    } else if (old->second != param.value) {
      changed += changed.empty() ? "" : ", ";
      changed += "{'key': " + python_repr(param.key) + ", 'old_value': " + python_repr(old->second) +
                 ", 'new_value': " + python_repr(param.value) + "}";
    }
  }
  if (!changed.empty()) {
    return Failure(
        Error::invalid("params", "Changing param values is not allowed. Params were already logged='[" +
                                     changed + "]' for run ID='" + std::string(run_id) + "'."));
  }
  return insert(connection, run, added);
}

Result<void> add_tags(Connection& connection, int64_t run, const Tags& tags) {
  if (tags.empty()) return {};
  RETURN_IF_ERROR(write_tags(connection, run, tags));
  for (const Tag& tag : tags) {
    if (tag.key == kRunNameTag && !tag.value.empty()) RETURN_IF_ERROR(rename_run(connection, run, tag.value));
  }
  return {};
}

Result<JsonArray> model_history(Connection& connection, int64_t run) {
  ASSIGN_OR_RETURN(auto old, find_value(connection, kSelectTag, run, kModelHistoryTag));
  if (!old) return JsonArray();
  auto list = parse_json(*old);
  if (list && list->is_array()) return std::move(list->get_array());
  return Failure(Error::invalid("run_id", "the tag " + std::string(kModelHistoryTag) +
                                              " of the run is no list of models any more; delete it"));
}

}  // namespace

Result<void> log_batch(Connection& connection, std::string_view run_id, Batch batch) {
  RETURN_IF_ERROR(check_run_id(run_id));
  RETURN_IF_ERROR(check_batch(batch));
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  RETURN_IF_ERROR(add_params(connection, run_id, run.run, batch.params));
  RETURN_IF_ERROR(append_metrics(connection, run, batch.metrics));
  RETURN_IF_ERROR(append_model_metrics(connection, run_id, batch.metrics));
  return add_tags(connection, run.run, batch.tags);
}

Result<void> log_metric(Connection& connection, std::string_view run_id, const Metric& metric) {
  RETURN_IF_ERROR(check_metric(metric, ""));
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  RETURN_IF_ERROR(append_metrics(connection, run, {&metric, 1}));
  return append_model_metrics(connection, run_id, {&metric, 1});
}

Result<void> log_param(Connection& connection, std::string_view run_id, Param param) {
  RETURN_IF_ERROR(check_param(param, ""));
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  ASSIGN_OR_RETURN(auto old, find_value(connection, kSelectParam, run.run, param.key));
  if (!old) return insert(connection, run.run, {&param});
  if (*old == param.value) return {};
  return Failure(Error::invalid("value", "Changing param values is not allowed. Param with key='" +
                                             param.key + "' was already logged with value='" + *old +
                                             "' for run ID='" + std::string(run_id) +
                                             "'. Attempted logging new value '" + param.value + "'."));
}

Result<void> set_tag(Connection& connection, std::string_view run_id, Tag tag) {
  RETURN_IF_ERROR(check_tag(tag, ""));
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  return add_tags(connection, run.run, {std::move(tag)});
}

Result<void> delete_tag(Connection& connection, std::string_view run_id, std::string_view key) {
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  const std::array<Value, 2> values = {run.run, std::string(key)};
  ASSIGN_OR_RETURN(int64_t gone, connection.execute(kDeleteTag, values));
  if (gone > 0) return {};
  return Failure(
      Error::not_found("No tag with name: " + std::string(key) + " in run with id " + std::string(run_id)));
}

Result<void> log_legacy_model(Connection& connection, std::string_view run_id, std::string_view model_json) {
  auto model = parse_json(model_json);
  if (!model) {
    return Failure(Error::invalid(
        "model_json", "Malformed model info. \n " + std::string(model_json) + " \n is not a valid JSON."));
  }
  std::string missing;
  for (std::string_view field : {"artifact_path", "flavors", "run_id", "utc_time_created"}) {
    if (find(*model, field) == nullptr) missing += (missing.empty() ? "'" : ", '") + std::string(field) + "'";
  }
  if (!missing.empty()) {
    return Failure(Error::invalid("model_json", "Model json is missing mandatory fields: {" + missing + "}"));
  }
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  ASSIGN_OR_RETURN(JsonArray history, model_history(connection, run.run));
  history.push_back(std::move(*model));
  const std::array<Tag, 1> tag = {Tag{std::string(kModelHistoryTag), to_json(history)}};
  return write_tags(connection, run.run, tag);
}

}  // namespace penstock::tracking
