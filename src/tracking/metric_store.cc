#include "tracking/metric_store.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "tracking/sql_rows.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

// What a run may have unpacked: a read of one metric looks through at most that much.
constexpr int64_t kLogRowsMax = 256;
constexpr int64_t kLogBytesMax = 4 << 20;

constexpr std::string_view kCountLog =
    "UPDATE tracking_runs SET log_rows = log_rows + 1, log_bytes = log_bytes + $2 WHERE id = $1"
    " RETURNING log_rows, log_bytes";
constexpr std::string_view kInsertLog = "INSERT INTO tracking_metric_log (run, points) VALUES ($1, $2)";
constexpr std::string_view kSelectLog = "SELECT points FROM tracking_metric_log WHERE run = $1 ORDER BY id";
constexpr std::string_view kDeleteLog = "DELETE FROM tracking_metric_log WHERE run = $1";
constexpr std::string_view kResetLog = "UPDATE tracking_runs SET log_rows = 0, log_bytes = 0 WHERE id = $1";
constexpr std::string_view kInsertChunk = R"sql(
INSERT INTO tracking_metric_chunks (run, key, min_step, max_step, max_timestamp_ms, points)
VALUES ($1, $2, $3, $4, $5, $6))sql";
constexpr std::string_view kSelectChunks = R"sql(
SELECT points FROM tracking_metric_chunks
WHERE run = $1 AND key = $2 AND max_step >= $3 AND min_step <= $4 AND max_timestamp_ms >= $5
ORDER BY id)sql";

const RowInsert& upsert_latest() {
  static const RowInsert kStatement(
      "INSERT INTO tracking_latest_metrics (experiment, key, run, value, step, timestamp_ms)", 6,
      "ON CONFLICT (experiment, key, run) DO UPDATE"
      " SET value = excluded.value, step = excluded.step, timestamp_ms = excluded.timestamp_ms"
      " WHERE (excluded.step, excluded.timestamp_ms, COALESCE(excluded.value, 0.0))"
      " > (tracking_latest_metrics.step, tracking_latest_metrics.timestamp_ms,"
      " COALESCE(tracking_latest_metrics.value, 0.0))");
  return kStatement;
}

const RowInsert& insert_model_metrics() {
  static const RowInsert kStatement(
      "INSERT INTO tracking_model_metrics"
      " (model_id, run_id, key, value, timestamp_ms, step, dataset_name, dataset_digest)",
      8);
  return kStatement;
}

Value real_value(double value) { return std::isnan(value) ? Value() : Value(value); }

double storable(double value) {
  constexpr double kGreatest = std::numeric_limits<double>::max();
  return std::isinf(value) ? std::copysign(kGreatest, value) : value;
}

auto age(const Metric& metric) {
  return std::tuple(metric.step, metric.timestamp_ms, sort_value(storable(metric.value)));
}

Result<void> update_latest(Connection& connection, RunKey run, std::span<const Metric> metrics) {
  std::map<std::string_view, const Metric*> latest;
  for (const Metric& metric : metrics) {
    auto [known, added] = latest.emplace(metric.key, &metric);
    if (!added && age(metric) > age(*known->second)) known->second = &metric;
  }
  std::vector<Value> values;
  values.reserve(latest.size() * 6);
  for (const auto& [key, metric] : latest) {
    values.emplace_back(run.experiment);
    values.emplace_back(std::string(key));
    values.emplace_back(run.run);
    values.push_back(real_value(storable(metric->value)));
    values.emplace_back(metric->step);
    values.emplace_back(metric->timestamp_ms);
  }
  RETURN_IF_ERROR(upsert_latest().run(connection, values));
  return {};
}

Result<void> insert_chunk(Connection& connection, int64_t run, const std::string& key,
                          std::span<const Point> points) {
  ChunkWriter writer;
  for (const Point& point : points) writer.add(key, point);
  auto [least, most] = std::ranges::minmax(points, {}, &Point::step);
  int64_t newest = std::ranges::max(points, {}, &Point::timestamp_ms).timestamp_ms;
  const std::array<Value, 6> values = {run, key, least.step, most.step, newest, writer.take()};
  RETURN_IF_ERROR(connection.execute(kInsertChunk, values));
  return {};
}

// Runs `sql`, whose only column is a chunk.
template <class Read>
Result<void> read_chunks(Connection& connection, std::string_view sql, std::span<const Value> values,
                         Read read) {
  Result<void> readable;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    readable = read(row.blob(0));
    return readable.has_value();
  }));
  return readable;
}

Result<void> pack_log(Connection& connection, int64_t run) {
  const std::array<Value, 1> of_run = {run};
  PointsByKey points;
  RETURN_IF_ERROR(read_chunks(connection, kSelectLog, of_run, [&](std::span<const std::byte> chunk) {
    return read_all_points(chunk, points);
  }));
  for (const auto& [key, list] : points) RETURN_IF_ERROR(insert_chunk(connection, run, key, list));
  RETURN_IF_ERROR(connection.execute(kDeleteLog, of_run));
  RETURN_IF_ERROR(connection.execute(kResetLog, of_run));
  return {};
}

}  // namespace

double sort_value(double value) { return std::isnan(value) ? 0.0 : value; }

Result<void> append_metrics(Connection& connection, RunKey run, std::span<const Metric> metrics) {
  if (metrics.empty()) return {};
  ChunkWriter writer;
  for (const Metric& metric : metrics) {
    writer.add(metric.key, {storable(metric.value), metric.step, metric.timestamp_ms});
  }
  database::Blob points = writer.take();
  const std::array<Value, 2> counted = {run.run, std::ssize(points)};
  bool full = false;
  RETURN_IF_ERROR(connection.query(kCountLog, counted, [&](const Row& row) {
    full = row.integer(0) >= kLogRowsMax || row.integer(1) >= kLogBytesMax;
    return true;
  }));
  const std::array<Value, 2> logged = {run.run, std::move(points)};
  RETURN_IF_ERROR(connection.execute(kInsertLog, logged));
  if (full) RETURN_IF_ERROR(pack_log(connection, run.run));
  return update_latest(connection, run, metrics);
}

Result<void> append_model_metrics(Connection& connection, std::string_view run_id,
                                  std::span<const Metric> metrics) {
  std::vector<Value> values;
  for (const Metric& metric : metrics) {
    if (metric.model_id.empty()) continue;
    values.insert(values.end(),
                  {metric.model_id, std::string(run_id), metric.key, real_value(storable(metric.value)),
                   metric.timestamp_ms, metric.step, metric.dataset_name, metric.dataset_digest});
  }
  RETURN_IF_ERROR(insert_model_metrics().run(connection, values));
  return {};
}

Result<std::vector<Point>> load_points(Connection& connection, int64_t run, std::string_view key,
                                       PointRange range) {
  std::vector<Point> points;
  auto read = [&](std::span<const std::byte> chunk) { return read_points(chunk, key, points); };
  const std::array<Value, 5> packed = {run, std::string(key), range.min_step, range.max_step,
                                       range.min_timestamp_ms};
  RETURN_IF_ERROR(read_chunks(connection, kSelectChunks, packed, read));
  const std::array<Value, 1> logged = {run};
  RETURN_IF_ERROR(read_chunks(connection, kSelectLog, logged, read));
  std::erase_if(points, [&](const Point& point) {
    return point.step < range.min_step || point.step > range.max_step ||
           point.timestamp_ms < range.min_timestamp_ms;
  });
  return points;
}

}  // namespace penstock::tracking
