#include "observability/cost_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace penstock::observability {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 4> kBucketNames = {"hour", "day", "month", "all"};

using Instant = sys_time<microseconds>;

template <class Time>
Timestamp timestamp(Time time) {
  return {time_point_cast<microseconds>(time).time_since_epoch().count()};
}

std::string rfc3339(Timestamp at) {
  const Instant instant{microseconds(at.us)};
  const sys_days day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(instant - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

// A spreadsheet takes text that begins like a formula for one (CSV injection); an apostrophe stops it.
std::string csv_cell(std::string_view text) {
  constexpr std::string_view kFormulaStarts = "=+-@\t\r";
  std::string cell(text);
  if (!cell.empty() && kFormulaStarts.contains(cell[0])) cell.insert(0, "'");
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string usd(Money money) {
  return fmt::format("{}.{:09}", money.nano_usd / 1'000'000'000, money.nano_usd % 1'000'000'000);
}

}  // namespace

std::string_view cost_bucket_name(CostBucket bucket) { return kBucketNames[std::to_underlying(bucket)]; }

std::optional<CostBucket> parse_cost_bucket(std::string_view name) {
  auto found = std::ranges::find(kBucketNames, name);
  if (found == kBucketNames.end()) return std::nullopt;
  return static_cast<CostBucket>(found - kBucketNames.begin());
}

Timestamp bucket_start(CostBucket bucket, Timestamp at, Timestamp from) {
  const Instant instant{microseconds(at.us)};
  switch (bucket) {
    case CostBucket::kHour:
      return timestamp(floor<hours>(instant));
    case CostBucket::kDay:
      return timestamp(floor<days>(instant));
    case CostBucket::kMonth: {
      const year_month_day date(floor<days>(instant));
      return timestamp(sys_days(date.year() / date.month() / 1));
    }
    case CostBucket::kAll:
      break;
  }
  return from;
}

Result<CostReport> cost_report(database::Connection& connection, const CostQuery& query, CostBucket bucket,
                               size_t rows_max) {
  std::map<std::pair<Timestamp, std::string>, CostRow> rows;
  CostReport report;
  RETURN_IF_ERROR(read_cost(connection, query, [&](CostHour hour) {
    report.total.add(hour.sums);
    Timestamp at = bucket_start(bucket, hour.at, query.from);
    auto known = rows.find({at, hour.value});
    if (known == rows.end()) {
      if (rows.size() > rows_max) return;
      known = rows.emplace(std::pair(at, hour.value), CostRow{.at = at, .value = hour.value}).first;
    }
    known->second.label = std::move(hour.label);
    known->second.sums.add(hour.sums);
  }));
  if (rows.size() > rows_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "more than " + std::to_string(rows_max) +
                                    " rows; ask for a shorter time, a longer bucket or fewer values"});
  }
  for (auto& [key, row] : rows) report.rows.push_back(std::move(row));
  std::ranges::sort(report.rows, [](const CostRow& a, const CostRow& b) {
    return std::tuple(a.at, -a.sums.cost.nano_usd, std::string_view(a.value)) <
           std::tuple(b.at, -b.sums.cost.nano_usd, std::string_view(b.value));
  });
  return report;
}

std::string cost_csv(const CostReport& report, CostDimension group_by) {
  std::string_view dimension = group_by == CostDimension::kNone ? "value" : cost_dimension_name(group_by);
  std::string csv = fmt::format(
      "at,{},name,requests,errors,unpriced,input,cached_input,cache_write,cache_write_1h,output,reasoning,"
      "audio,"
      "image,cost_usd,saved_usd\r\n",
      dimension);
  for (const CostRow& row : report.rows) {
    const CostSums& sums = row.sums;
    const TokenCounts& t = sums.tokens;
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n", rfc3339(row.at),
                       csv_cell(row.value), csv_cell(row.label), sums.requests, sums.errors, sums.unpriced,
                       t.input, t.cached_input, t.cache_write, t.cache_write_1h, t.output, t.reasoning,
                       t.audio, t.image, usd(sums.cost), usd(sums.saved));
  }
  return csv;
}

}  // namespace penstock::observability
