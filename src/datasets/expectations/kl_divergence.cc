#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "datasets/expectations/aggregates.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

constexpr size_t kCategoriesMax = 100'000;
constexpr size_t kBinsMax = 10'000;

Error wrong_partition() {
  return Error::invalid(
      "partition_object",
      "Invalid partition_object provided: it is {\"values\": [..], \"weights\": [..]} or "
      "{\"bins\": [..], \"weights\": [..]} with one more bin edge than weights, rising edges and "
      "weights that add up to 1");
}

Result<std::vector<double>> numbers_at(const Json& object, std::string_view key) {
  const Json* list = find(object, key);
  if (list == nullptr || !list->is_array()) return Failure(wrong_partition());
  std::vector<double> out;
  for (const Json& item : list->get_array()) {
    if (!item.is_number()) return Failure(wrong_partition());
    out.push_back(item.to_number<double>());
  }
  return out;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

// scipy.stats.entropy(p, q): both scaled to add up to 1; infinite where q lacks what p has.
double divergence(const std::vector<double>& p, const std::vector<double>& q) {
  double p_sum = sum(p);
  double q_sum = sum(q);
  double out = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    double a = p[i] / p_sum;
    double b = q[i] / q_sum;
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
    if (a > 0 && b <= 0) return std::numeric_limits<double>::infinity();
    if (a > 0) out += a * std::log(a / b);
  }
  return out;
}

JsonArray json_numbers(const std::vector<double>& values) {
  JsonArray out;
  for (double value : values) out.push_back(std::isnan(value) ? Json(nullptr) : Json(value));
  return out;
}

Outcome judged(const Question& q, double value, JsonObject observed, JsonObject expected) {
  Outcome out;
  out.success = !q.has("threshold") || value <= q.argument("threshold").to_number<double>();
  out.result["observed_value"] = std::isfinite(value) ? Json(value) : Json(nullptr);
  out.result["details"] =
      JsonObject{{"observed_partition", std::move(observed)}, {"expected_partition", std::move(expected)}};
  return out;
}

double holdout(const Question& q, std::string_view name) {
  const Json& value = q.argument(name);
  return value.is_number() ? value.to_number<double>() : 0;
}

// --- categories ---

struct Category {
  Json value;
  double observed = 0;
  double expected = std::numeric_limits<double>::quiet_NaN();  // not in the partition
};

bool same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  return a == b;
}

// Those of the partition in its order, then what else was found by value.
std::vector<Category> categories(const JsonArray& values, const std::vector<double>& weights,
                                 const std::vector<Row>& rows, Kind kind) {
  std::vector<Category> out;
  for (size_t i = 0; i < values.size(); ++i) out.push_back({.value = values[i], .expected = weights[i]});
  double total = 0;
  for (const Row& row : rows) total += as_number(row[1]);
  for (const Row& row : rows) {
    Json value = as_json(row[0], kind);
    auto found = std::ranges::find_if(out, [&](const Category& c) { return same(c.value, value); });
    double share = as_number(row[1]) / total;
    if (found != out.end()) {
      found->observed = share;
    } else {
      out.push_back({.value = std::move(value), .observed = share});
    }
  }
  return out;
}

Pending<Outcome> categorical(const Question& q, const Json& partition) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  ASSIGN_OR_RETURN(std::vector<double> weights, numbers_at(partition, "weights"));
  const Json* values = find(partition, "values");
  if (!values->is_array() || values->get_array().size() != weights.size()) return Failure(wrong_partition());
  if (std::abs(sum(weights) - 1.0) > 1e-5 + 1e-8) return Failure(wrong_partition());
  if (holdout(q, "internal_weight_holdout") > 0) {
    return Failure(Error::invalid("internal_weight_holdout",
                                  "Internal weight holdout cannot be used for discrete data."));
  }
  std::string name = identifier(column->name);
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups({name}, q.both(name + " IS NOT NULL")));
  if (table == nullptr) return std::nullopt;
  std::string select = "SELECT ";
  select += shown(Column{.name = "k0", .kind = column->kind, .frame_type = {}}) + ", n FROM " + *table +
            " ORDER BY k0 LIMIT " + std::to_string(kCategoriesMax);
  ASSIGN_OR_RETURN(const auto* rows, q.metrics.list(select, kCategoriesMax));
  if (rows == nullptr) return std::nullopt;
  std::vector<Category> all = categories(values->get_array(), weights, *rows, column->kind);
  auto unexpected = std::ranges::count_if(all, [](const Category& c) { return std::isnan(c.expected); });
  double spare = holdout(q, "tail_weight_holdout");
  std::vector<double> p;
  std::vector<double> expected;
  JsonArray names;
  for (const Category& category : all) {
    p.push_back(category.observed);
    double weight = unexpected > 0 ? category.expected * (1 - spare) : category.expected;
    expected.push_back(std::isnan(weight) ? spare / static_cast<double>(unexpected) : weight);
    names.push_back(category.value);
  }
  return judged(q, divergence(p, expected), {{"values", names}, {"weights", json_numbers(p)}},
                {{"values", names}, {"weights", json_numbers(expected)}});
}

// --- bins ---

struct Partition {
  std::vector<double> bins;
  std::vector<double> weights;
  std::vector<double> tail_weights;  // empty, or two
};

Result<Partition> parse_bins(const Json& object) {
  Partition out;
  ASSIGN_OR_RETURN(out.bins, numbers_at(object, "bins"));
  ASSIGN_OR_RETURN(out.weights, numbers_at(object, "weights"));
  if (find(object, "tail_weights") != nullptr) {
    ASSIGN_OR_RETURN(out.tail_weights, numbers_at(object, "tail_weights"));
    if (out.tail_weights.size() != 2) return Failure(wrong_partition());
  }
  bool rising = std::ranges::adjacent_find(out.bins, std::greater_equal<>()) == out.bins.end();
  bool whole = std::abs(sum(out.weights) + sum(out.tail_weights) - 1.0) <= 1e-5 + 1e-8;
  bool fits = out.bins.size() == out.weights.size() + 1 && out.weights.size() <= kBinsMax;
  if (!rising || !whole || !fits || out.weights.empty()) return Failure(wrong_partition());
  return out;
}

struct Histogram {
  double total = 0;
  double below = 0;
  double above = 0;
  std::vector<double> counts;
};

// numpy's bins are open on the right, but for the last.
Pending<Histogram> histogram(const Question& q, const Column& column, const Partition& partition) {
  std::string number = as_numeric(column);
  std::vector<std::string> conditions = {identifier(column.name) + " IS NOT NULL",
                                         number + " < " + literal(partition.bins.front()),
                                         number + " > " + literal(partition.bins.back())};
  for (size_t i = 0; i + 1 < partition.bins.size(); ++i) {
    bool last = i + 2 == partition.bins.size();
    conditions.push_back(number + " >= " + literal(partition.bins[i]) + " AND " + number +
                         (last ? " <= " : " < ") + literal(partition.bins[i + 1]));
  }
  std::vector<double> counts;
  for (const std::string& condition : conditions) {
    ASSIGN_OR_RETURN(const auto* count, q.scalar("count(*)", condition));
    if (count != nullptr) counts.push_back(as_number(*count));
  }
  if (counts.size() < conditions.size()) return std::nullopt;
  return Histogram{counts[0], counts[1], counts[2], {counts.begin() + 3, counts.end()}};
}

std::vector<double> expected_weights(const Question& q, const Partition& partition) {
  double internal = holdout(q, "internal_weight_holdout");
  std::vector<double> out = partition.weights;
  for (double& weight : out) weight *= 1 - holdout(q, "tail_weight_holdout") - internal;
  auto zeros = std::ranges::count(out, 0.0);
  if (internal > 0 && zeros > 0) {
    std::ranges::replace(out, 0.0, internal / static_cast<double>(zeros));
  }
  return out;
}

std::vector<double> with_tails(const std::vector<double>& inner, const std::vector<double>& tails) {
  std::vector<double> out = {tails[0]};
  out.insert(out.end(), inner.begin(), inner.end());
  out.push_back(tails[1]);
  return out;
}

Pending<Outcome> continuous(const Question& q, const Json& object) {
  ASSIGN_OR_RETURN(Partition partition, parse_bins(object));
  ASSIGN_OR_RETURN(const Column* column, q.column());
  double spare = holdout(q, "tail_weight_holdout");
  if (spare != 0 && !partition.tail_weights.empty()) {
    return Failure(Error::invalid(
        "tail_weight_holdout", "tail_weight_holdout must be 0 when using tail_weights in partition object"));
  }
  if (q.has("bucketize_data") && !q.flag("bucketize_data")) {
    return Failure(Error::invalid("bucketize_data",
                                  "KL Divergence cannot be computed with a continuous partition "
                                  "object and the bucketize_data parameter set to false."));
  }
  ASSIGN_OR_RETURN(std::optional<Histogram> found, histogram(q, *column, partition));
  if (!found) return std::nullopt;
  std::vector<double> observed = found->counts;
  for (double& weight : observed) weight /= found->total;
  std::vector<double> observed_tails = {found->below / found->total, found->above / found->total};
  std::vector<double> expected = expected_weights(q, partition);
  std::vector<double> expected_tails = partition.tail_weights;
  if (expected_tails.empty()) expected_tails = {spare / 2, spare / 2};
  double value = divergence(with_tails(observed, observed_tails), with_tails(expected, expected_tails));
  JsonArray bins = find(object, "bins")->get_array();
  return judged(
      q, value,
      {{"bins", bins}, {"weights", json_numbers(observed)}, {"tail_weights", json_numbers(observed_tails)}},
      {{"bins", bins}, {"weights", json_numbers(expected)}, {"tail_weights", json_numbers(expected_tails)}});
}

}  // namespace

Pending<Outcome> kl_divergence_less_than(const Question& q) {
  const Json& partition = q.argument("partition_object");
  if (q.has("threshold") && !q.argument("threshold").is_number()) {
    return Failure(Error::invalid("threshold", "threshold must be a number"));
  }
  if (!partition.is_object() || find(partition, "weights") == nullptr) return Failure(wrong_partition());
  return find(partition, "values") != nullptr ? categorical(q, partition) : continuous(q, partition);
}

}  // namespace penstock::datasets
