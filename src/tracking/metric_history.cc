#include "tracking/metric_history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "core/page_token.h"
#include "tracking/metric_store.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kFindRun = "SELECT id FROM tracking_runs WHERE run_id = $1";
constexpr size_t kTokenKeys = 4;  // timestamp, step, value, whether it is NaN

Result<std::optional<int64_t>> find_run(Connection& connection, std::string_view run_id) {
  const std::array<Value, 1> values = {std::string(run_id)};
  std::optional<int64_t> run;
  RETURN_IF_ERROR(connection.query(kFindRun, values, [&](const Row& row) {
    run = row.integer(0);
    return false;
  }));
  return run;
}

auto by_time(const Point& point) {
  return std::tuple(point.timestamp_ms, point.step, sort_value(point.value), std::isnan(point.value));
}
auto by_step(const Point& point) {
  return std::tuple(point.step, point.timestamp_ms, sort_value(point.value), std::isnan(point.value));
}

// Sorted, each point once.
template <class Order>
void arrange(std::vector<Point>& points, Order order) {
  std::ranges::sort(points, {}, order);
  auto same = [&](const Point& a, const Point& b) { return order(a) == order(b); };
  points.erase(std::ranges::unique(points, same).begin(), points.end());
}

std::string token_after(const Point& point) {
  return make_page_token({point.timestamp_ms, point.step, sort_value(point.value), std::isnan(point.value)});
}

Result<std::tuple<int64_t, int64_t, double, bool>> read_token(std::string_view token) {
  ASSIGN_OR_RETURN(JsonArray keys, read_page_token(token, kTokenKeys));
  if (keys[0].is_int64() && keys[1].is_int64() && keys[2].is_number() && keys[3].is_bool()) {
    return std::tuple(keys[0].get_int64(), keys[1].get_int64(), keys[2].to_number<double>(),
                      keys[3].get_bool());
  }
  return Failure(Error::invalid("page_token", "Invalid page token"));
}

// The first of each of `groups` groups of `count` rows as NTILE makes them: the first ones are one longer.
std::vector<size_t> group_starts(size_t count, size_t groups) {
  groups = std::min(groups, count);
  std::vector<size_t> starts;
  size_t longer = groups == 0 ? 0 : count % groups;
  for (size_t i = 0, at = 0; i < groups; ++i) {
    starts.push_back(at);
    at += count / groups + (i < longer ? 1 : 0);
  }
  return starts;
}

std::vector<Point> sampled(const std::vector<Point>& points, size_t max_results) {
  std::vector<Point> out;
  for (size_t at : group_starts(points.size(), max_results)) out.push_back(points[at]);
  if (points.empty() || by_step(out.back()) == by_step(points.back())) return out;
  if (out.size() >= max_results) {
    out.back() = points.back();
  } else {
    out.push_back(points.back());
  }
  return out;
}

}  // namespace

Result<HistoryPage> metric_history(Connection& connection, std::string_view run_id, std::string_view key,
                                   std::optional<int64_t> max_results, std::string_view page_token) {
  HistoryPage page{.key = std::string(key), .points = {}, .next_page_token = {}};
  ASSIGN_OR_RETURN(auto run, find_run(connection, run_id));
  if (!run) return page;
  PointRange range;
  std::optional<std::tuple<int64_t, int64_t, double, bool>> after;
  if (!page_token.empty()) {
    ASSIGN_OR_RETURN(after, read_token(page_token));
    range.min_timestamp_ms = std::get<0>(*after);
  }
  ASSIGN_OR_RETURN(page.points, load_points(connection, *run, key, range));
  arrange(page.points, by_time);
  if (after) {
    auto first = std::ranges::upper_bound(page.points, *after, {}, by_time);
    page.points.erase(page.points.begin(), first);
  }
  auto limit = static_cast<size_t>(std::min(max_results.value_or(kHistoryPageMax), kHistoryPageMax));
  if (page.points.size() > limit) {
    page.points.resize(limit);
    page.next_page_token = token_after(page.points.back());
  }
  return page;
}

Result<std::vector<RunPoints>> metric_histories(Connection& connection, std::span<const std::string> run_ids,
                                                std::string_view key, int64_t max_results) {
  std::vector<std::string> ordered(run_ids.begin(), run_ids.end());
  std::ranges::sort(ordered);
  ordered.erase(std::ranges::unique(ordered).begin(), ordered.end());
  std::vector<RunPoints> out;
  auto left = static_cast<size_t>(std::max<int64_t>(max_results, 0));
  for (const std::string& run_id : ordered) {
    if (left == 0) break;
    ASSIGN_OR_RETURN(auto run, find_run(connection, run_id));
    if (!run) continue;
    RunPoints& history = out.emplace_back(RunPoints{.run_id = run_id, .points = {}});
    ASSIGN_OR_RETURN(history.points, load_points(connection, *run, key));
    arrange(history.points, by_time);
    if (history.points.size() > left) history.points.resize(left);
    left -= history.points.size();
  }
  return out;
}

Result<std::vector<RunPoints>> sampled_histories(Connection& connection, std::span<const std::string> run_ids,
                                                 std::string_view key, std::optional<StepRange> steps,
                                                 int64_t max_results) {
  PointRange range;
  if (steps) {
    range.min_step = steps->first;
    range.max_step = steps->last;
  }
  std::vector<RunPoints> out;
  for (const std::string& run_id : run_ids) {
    ASSIGN_OR_RETURN(auto run, find_run(connection, run_id));
    if (!run) continue;
    ASSIGN_OR_RETURN(auto points, load_points(connection, *run, key, range));
    arrange(points, by_step);
    out.push_back({.run_id = run_id,
                   .points = sampled(points, static_cast<size_t>(std::max<int64_t>(max_results, 1)))});
  }
  return out;
}

}  // namespace penstock::tracking
