#include "tracking/run_data.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "tracking/run_inputs.h"
#include "tracking/sql_rows.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

const RowSelect& select_params() {
  static const RowSelect kStatement("SELECT run, key, value FROM tracking_params WHERE run IN",
                                    "ORDER BY run, key");
  return kStatement;
}
const RowSelect& select_tags() {
  static const RowSelect kStatement("SELECT run, key, value FROM tracking_tags WHERE run IN",
                                    "ORDER BY run, key");
  return kStatement;
}
const RowSelect& select_metrics() {
  static const RowSelect kStatement(
      "SELECT run, key, value, step, timestamp_ms FROM tracking_latest_metrics WHERE run IN");
  return kStatement;
}
const RowSelect& select_inputs() {
  static const RowSelect kStatement(
      "SELECT i.run, d.name, d.digest, d.source_type, d.source, d.schema, d.profile, i.tags FROM "
      "tracking_inputs AS i"
      " JOIN tracking_datasets AS d ON d.id = i.dataset WHERE i.run IN",
      "ORDER BY i.run, i.dataset");
  return kStatement;
}
const RowSelect& select_links() {
  static const RowSelect kStatement(
      "SELECT run, model_id, is_output, step FROM tracking_model_links WHERE run IN", "ORDER BY id");
  return kStatement;
}
const RowInsert& upsert_tags() {
  static const RowInsert kStatement("INSERT INTO tracking_tags (run, key, value)", 3,
                                    "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value");
  return kStatement;
}

// Finds runs by their rows' numbers.
class RunsByRow {
 public:
  RunsByRow(std::span<const int64_t> rows, std::span<Run> runs) : runs_(runs) {
    for (size_t i = 0; i < rows.size(); ++i) places_.emplace_back(rows[i], i);
    std::ranges::sort(places_);
  }
  Run& at(int64_t row) const {
    auto place = std::ranges::lower_bound(places_, row, {}, &std::pair<int64_t, size_t>::first);
    return runs_[place->second];
  }

 private:
  std::vector<std::pair<int64_t, size_t>> places_;
  std::span<Run> runs_;
};

Metric read_metric(const Row& row) {
  double value = row.is_null(2) ? std::numeric_limits<double>::quiet_NaN() : row.real(2);
  return {.key = std::string(row.text(1)),
          .value = value,
          .timestamp_ms = row.integer(4),
          .step = row.integer(3),
          .model_id = {},
          .dataset_name = {},
          .dataset_digest = {}};
}

}  // namespace

Result<void> load_run_data(Connection& connection, std::span<const int64_t> rows, std::span<Run> runs) {
  RunsByRow by_row(rows, runs);
  RETURN_IF_ERROR(select_params().run(connection, rows, [&](const Row& row) {
    by_row.at(row.integer(0)).params.push_back({std::string(row.text(1)), std::string(row.text(2))});
  }));
  RETURN_IF_ERROR(select_tags().run(connection, rows, [&](const Row& row) {
    by_row.at(row.integer(0)).tags.push_back({std::string(row.text(1)), std::string(row.text(2))});
  }));
  RETURN_IF_ERROR(select_metrics().run(connection, rows, [&](const Row& row) {
    by_row.at(row.integer(0)).metrics.push_back(read_metric(row));
  }));
  for (Run& run : runs) std::ranges::sort(run.metrics, {}, &Metric::key);
  RETURN_IF_ERROR(select_inputs().run(connection, rows, [&](const Row& row) {
    by_row.at(row.integer(0)).datasets.push_back(read_dataset_input(row));
  }));
  return select_links().run(connection, rows, [&](const Row& row) {
    Run& run = by_row.at(row.integer(0));
    auto& links = row.integer(2) != 0 ? run.model_outputs : run.model_inputs;
    links.push_back({.model_id = std::string(row.text(1)), .step = row.integer(3)});
  });
}

Result<void> write_tags(Connection& connection, int64_t run, std::span<const Tag> tags) {
  std::map<std::string_view, std::string_view> last;
  for (const Tag& tag : tags) last[tag.key] = tag.value;
  std::vector<Value> values;
  values.reserve(last.size() * 3);
  for (const auto& [key, value] : last) {
    values.emplace_back(run);
    values.emplace_back(std::string(key));
    values.emplace_back(std::string(value));
  }
  RETURN_IF_ERROR(upsert_tags().run(connection, values));
  return {};
}

}  // namespace penstock::tracking
