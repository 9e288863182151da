#include "tracking/logged_model_search.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <unordered_map>

#include "core/digest.h"
#include "core/filter_expression.h"
#include "core/json.h"
#include "core/text.h"
#include "tracking/checks.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr size_t kModelsMax = 1'000'000;  // of all the experiments together

constexpr std::string_view kTagOfExperiment =
    "SELECT t.model_id, t.value FROM tracking_logged_model_tags t JOIN tracking_logged_models m "
    "ON m.model_id = t.model_id WHERE m.experiment_id = $1 AND m.deleted = 0 AND t.key = $2";
constexpr std::string_view kParamOfExperiment =
    "SELECT p.model_id, p.value FROM tracking_logged_model_params p JOIN tracking_logged_models m "
    "ON m.model_id = p.model_id WHERE m.experiment_id = $1 AND m.deleted = 0 AND p.key = $2";
constexpr std::string_view kMetricOfExperiment =
    "SELECT x.model_id, x.value, x.timestamp_ms, x.step, x.run_id, x.dataset_name, x.dataset_digest "
    "FROM tracking_model_metrics x JOIN tracking_logged_models m ON m.model_id = x.model_id "
    "WHERE m.experiment_id = $1 AND m.deleted = 0 AND x.key = $2 "
    "ORDER BY x.timestamp_ms DESC, x.step DESC, x.run_id";
constexpr std::string_view kMeasuredOfExperiment =
    "SELECT x.model_id, x.dataset_name, x.dataset_digest FROM tracking_model_metrics x "
    "JOIN tracking_logged_models m ON m.model_id = x.model_id WHERE m.experiment_id = $1 AND m.deleted = 0";

enum class Entity : uint8_t { kAttribute, kMetric, kParam, kTag };

struct Attribute {
  std::string_view name;
  std::string (*text)(const LoggedModel&);
  int64_t (*number)(const LoggedModel&);  // instead of `text`
};

std::string status_text(const LoggedModel& model) {
  constexpr std::string_view kNames[] = {"UNSPECIFIED", "PENDING", "READY", "FAILED"};
  return std::string(kNames[static_cast<size_t>(model.status)]);
}

constexpr Attribute kAttributes[] = {
    {"name", [](const LoggedModel& m) { return m.name; }, nullptr},
    {"model_id", [](const LoggedModel& m) { return m.model_id; }, nullptr},
    {"model_type", [](const LoggedModel& m) { return m.model_type; }, nullptr},
    {"status", status_text, nullptr},
    {"source_run_id", [](const LoggedModel& m) { return m.source_run_id; }, nullptr},
    {"experiment_id", [](const LoggedModel& m) { return m.experiment_id; }, nullptr},
    {"artifact_location", [](const LoggedModel& m) { return m.artifact_location; }, nullptr},
    {"creation_timestamp", nullptr, [](const LoggedModel& m) { return m.created_at_ms; }},
    {"creation_time", nullptr, [](const LoggedModel& m) { return m.created_at_ms; }},
    {"creation_timestamp_ms", nullptr, [](const LoggedModel& m) { return m.created_at_ms; }},
    {"last_updated_timestamp", nullptr, [](const LoggedModel& m) { return m.updated_at_ms; }},
    {"last_updated_time", nullptr, [](const LoggedModel& m) { return m.updated_at_ms; }},
    {"last_updated_timestamp_ms", nullptr, [](const LoggedModel& m) { return m.updated_at_ms; }},
};

const Attribute* find_attribute(std::string_view name) {
  const Attribute* found = std::ranges::find(kAttributes, name, &Attribute::name);
  return found == std::end(kAttributes) ? nullptr : found;
}

// One comparison, with everything that it is compared with read.
struct Test {
  Entity entity = Entity::kAttribute;
  std::string key;
  const Attribute* attribute = nullptr;
  std::string comparator;
  double number = 0;
  std::string text;
  std::vector<std::string> items;
};

Result<Entity> entity_of(const FilterClause& clause) {
  if (clause.entity.empty() || clause.entity == "attributes") return Entity::kAttribute;
  if (clause.entity == "metrics") return Entity::kMetric;
  if (clause.entity == "params") return Entity::kParam;
  if (clause.entity == "tags") return Entity::kTag;
  return Failure(
      Error::invalid("filter", "Invalid entity type: '" + clause.entity +
                                   "'. Expected one of ['attributes', 'metrics', 'params', 'tags']."));
}

constexpr std::string_view kEntityNames[] = {"attributes", "metrics", "params", "tags"};

Result<void> check_operator(const Test& test, bool numeric) {
  constexpr std::string_view kNumeric[] = {"<", "<=", ">", ">=", "=", "!="};
  constexpr std::string_view kText[] = {"=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"};
  std::span<const std::string_view> allowed = numeric ? std::span(kNumeric) : std::span(kText);
  if (std::ranges::find(allowed, std::string_view(test.comparator)) != allowed.end()) return {};
  std::string list;
  for (std::string_view name : allowed) list += (list.empty() ? "'" : ", '") + std::string(name) + "'";
  return Failure(Error::invalid("filter", "Invalid comparison operator for " +
                                              std::string(kEntityNames[static_cast<size_t>(test.entity)]) +
                                              "." + test.key + ": '" + test.comparator +
                                              "'. Expected one of (" + list + ")."));
}

Result<Test> test_of(const FilterClause& clause) {
  Test test{.key = clause.key, .comparator = clause.comparator};
  ASSIGN_OR_RETURN(test.entity, entity_of(clause));
  if (test.entity == Entity::kAttribute) {
    test.attribute = find_attribute(test.key);
    if (test.attribute == nullptr) {
      return Failure(Error::invalid("filter", "Invalid attribute key '" + test.key + "' in the filter"));
    }
  }
  bool numeric =
      test.entity == Entity::kMetric || (test.attribute != nullptr && test.attribute->number != nullptr);
  RETURN_IF_ERROR(check_operator(test, numeric));
  if (numeric) {
    ASSIGN_OR_RETURN(test.number, filter_number(clause.value, "Expected a numeric value, found "));
  } else if (test.comparator.ends_with("IN")) {
    ASSIGN_OR_RETURN(test.items, filter_list(clause.value));
  } else if (clause.value.kind == FilterValue::Kind::kText) {
    ASSIGN_OR_RETURN(test.text, filter_text(clause.value, "Expected a quoted string value, found "));
  } else {
    test.text = clause.value.written;
  }
  return test;
}

bool holds(double value, std::string_view comparator, double with) {
  if (comparator == "<") return value < with;
  if (comparator == "<=") return value <= with;
  if (comparator == ">") return value > with;
  if (comparator == ">=") return value >= with;
  return comparator == "=" ? value == with : value != with;
}

bool holds(std::string_view value, const Test& test) {
  if (test.comparator == "=") return value == test.text;
  if (test.comparator == "!=") return value != test.text;
  if (test.comparator == "LIKE") return is_like(value, test.text, LetterCase::kMatters);
  if (test.comparator == "ILIKE") return is_like(value, test.text, LetterCase::kIgnored);
  bool listed = std::ranges::find(test.items, value) != test.items.end();
  return listed == (test.comparator == "IN");
}

bool is_of(const DatasetChoice& choice, std::string_view name, std::string_view digest) {
  return choice.name == name && (choice.digest.empty() || choice.digest == digest);
}

bool is_of_any(const std::vector<DatasetChoice>& choices, std::string_view name, std::string_view digest) {
  return std::ranges::any_of(choices,
                             [&](const DatasetChoice& choice) { return is_of(choice, name, digest); });
}

using Kept = std::unordered_map<std::string, bool>;

// The models for which a parameter, tag or metric passes a test.
Result<Kept> passing(Connection& connection, const LoggedModelQuery& query, const Test& test) {
  Kept kept;
  std::string_view sql = test.entity == Entity::kTag     ? kTagOfExperiment
                         : test.entity == Entity::kParam ? kParamOfExperiment
                                                         : kMetricOfExperiment;
  for (const std::string& experiment : query.experiment_ids) {
    const Value values[] = {experiment, test.key};
    RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
      bool passes = test.entity != Entity::kMetric
                        ? holds(row.text(1), test)
                        : !row.is_null(1) && holds(row.real(1), test.comparator, test.number) &&
                              (query.datasets.empty() || is_of_any(query.datasets, row.text(5), row.text(6)));
      if (passes) kept.emplace(row.text(0), true);
      return true;
    }));
  }
  return kept;
}

// Those with any metric on one of the datasets.
Result<Kept> measured(Connection& connection, const LoggedModelQuery& query) {
  Kept kept;
  for (const std::string& experiment : query.experiment_ids) {
    const Value values[] = {experiment};
    RETURN_IF_ERROR(connection.query(kMeasuredOfExperiment, values, [&](const Row& row) {
      if (is_of_any(query.datasets, row.text(1), row.text(2))) kept.emplace(row.text(0), true);
      return true;
    }));
  }
  return kept;
}

bool passes_attribute(const LoggedModel& model, const Test& test) {
  if (test.attribute->number != nullptr) {
    return holds(static_cast<double>(test.attribute->number(model)), test.comparator, test.number);
  }
  return holds(test.attribute->text(model), test);
}

Result<void> apply(Connection& connection, const LoggedModelQuery& query, std::vector<LoggedModel>& models) {
  Result<std::vector<FilterClause>> clauses = parse_filter(query.filter);
  if (!clauses) {
    return Failure(Error::invalid("filter", "Invalid filter string: " + python_repr(query.filter) +
                                                ". Expected a list of comparisons separated by 'AND' (e.g. "
                                                "'metrics.loss > 0.1 AND params.lr = 0.01')."));
  }
  bool by_metric = false;
  for (const FilterClause& clause : *clauses) {
    ASSIGN_OR_RETURN(Test test, test_of(clause));
    if (test.entity == Entity::kAttribute) {
      std::erase_if(models, [&](const LoggedModel& model) { return !passes_attribute(model, test); });
      continue;
    }
    by_metric |= test.entity == Entity::kMetric;
    ASSIGN_OR_RETURN(Kept kept, passing(connection, query, test));
    std::erase_if(models, [&](const LoggedModel& model) { return !kept.contains(model.model_id); });
  }
  if (query.datasets.empty() || by_metric) return {};
  ASSIGN_OR_RETURN(Kept kept, measured(connection, query));
  std::erase_if(models, [&](const LoggedModel& model) { return !kept.contains(model.model_id); });
  return {};
}

// What one model is sorted by, in one of the orders: a number or a text; a metric that it does not have comes
// last.
struct SortKey {
  std::optional<double> number;
  std::string text;
  bool absent = false;
};

Result<void> add_keys(Connection& connection, const LoggedModelQuery& query, const LoggedModelOrder& order,
                      const std::vector<LoggedModel>& models, std::vector<std::vector<SortKey>>& keys) {
  size_t dot = order.field.find('.');
  if (dot == std::string::npos) {
    const Attribute* attribute = find_attribute(order.field);
    if (attribute == nullptr) {
      return Failure(Error::invalid("order_by", "Invalid order by field name: " + order.field));
    }
    for (size_t i = 0; i < models.size(); ++i) {
      bool numeric = attribute->number != nullptr;
      keys[i].push_back(numeric ? SortKey{.number = static_cast<double>(attribute->number(models[i]))}
                                : SortKey{.text = attribute->text(models[i])});
    }
    return {};
  }
  if (order.field.substr(0, dot) != "metrics") {
    return Failure(Error::invalid(
        "order_by", "Invalid order by field name: " + order.field + ". Only metrics are supported."));
  }
  std::unordered_map<std::string, double> latest;
  for (const std::string& experiment : query.experiment_ids) {
    const Value values[] = {experiment, order.field.substr(dot + 1)};
    RETURN_IF_ERROR(connection.query(kMetricOfExperiment, values, [&](const Row& row) {
      bool counts = order.dataset.name.empty() || is_of(order.dataset, row.text(5), row.text(6));
      if (counts && !row.is_null(1)) latest.emplace(row.text(0), row.real(1));  // the first is the newest
      return true;
    }));
  }
  for (size_t i = 0; i < models.size(); ++i) {
    auto found = latest.find(models[i].model_id);
    keys[i].push_back(found == latest.end() ? SortKey{.absent = true} : SortKey{.number = found->second});
  }
  return {};
}

// Negative: `a` comes before `b`.
int compare(const SortKey& a, const SortKey& b, bool ascending) {
  if (a.absent || b.absent) return static_cast<int>(a.absent) - static_cast<int>(b.absent);
  int difference = a.number ? (*a.number > *b.number) - (*a.number < *b.number) : a.text.compare(b.text);
  return ascending ? difference : -difference;
}

Result<void> sort_models(Connection& connection, const LoggedModelQuery& query,
                         std::vector<LoggedModel>& models) {
  std::vector<std::vector<SortKey>> keys(models.size());
  for (const LoggedModelOrder& order : query.order) {
    RETURN_IF_ERROR(add_keys(connection, query, order, models, keys));
  }
  std::vector<size_t> places(models.size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::ranges::sort(places, [&](size_t a, size_t b) {
    for (size_t i = 0; i < query.order.size(); ++i) {
      int difference = compare(keys[a][i], keys[b][i], query.order[i].ascending);
      if (difference != 0) return difference < 0;
    }
    const LoggedModel& one = models[a];
    const LoggedModel& other = models[b];
    if (one.created_at_ms != other.created_at_ms) return one.created_at_ms > other.created_at_ms;
    return one.model_id < other.model_id;
  });
  std::vector<LoggedModel> sorted;
  sorted.reserve(models.size());
  for (size_t place : places) sorted.push_back(std::move(models[place]));
  models = std::move(sorted);
  return {};
}

// What a page token belongs to.
std::string fingerprint(const LoggedModelQuery& query) {
  std::string text = query.filter;
  for (const std::string& id : query.experiment_ids) text += "\n" + id;
  for (const LoggedModelOrder& order : query.order) {
    text += "\n" + order.field + (order.ascending ? " up " : " down ") + order.dataset.name + " " +
            order.dataset.digest;
  }
  for (const DatasetChoice& dataset : query.datasets) text += "\n" + dataset.name + " " + dataset.digest;
  return Digest::of(text).hex().substr(0, 16);
}

Result<size_t> offset_of(const LoggedModelQuery& query) {
  if (query.page_token.empty()) return 0;
  std::optional<std::string> text = decode_base64url(query.page_token);
  Json token = text ? parse_json(*text).value_or(Json()) : Json();
  int64_t offset = int_at(token, "offset", -1);
  if (offset < 0) return Failure(Error::invalid("page_token", "Invalid page token: " + query.page_token));
  if (string_at(token, "query") != fingerprint(query)) {
    return Failure(Error::invalid(
        "page_token",
        "The page token does not match the requested experiment IDs, filter string and order by"));
  }
  return static_cast<size_t>(offset);
}

std::string token_for(const LoggedModelQuery& query, size_t offset) {
  std::string text = R"({"offset":)" + std::to_string(offset) + R"(,"query":")" + fingerprint(query) + "\"}";
  return base64url(std::as_bytes(std::span(text)));
}

}  // namespace

bool is_like(std::string_view text, std::string_view pattern, LetterCase letters) {
  std::string lower_text = letters == LetterCase::kIgnored ? to_lower(text) : std::string(text);
  std::string lower_pattern = letters == LetterCase::kIgnored ? to_lower(pattern) : std::string(pattern);
  size_t at = 0;
  size_t in_pattern = 0;
  size_t after_any = std::string::npos;  // where the pattern goes on behind the last %
  size_t retry = 0;
  while (at < lower_text.size()) {
    size_t length = std::max<size_t>(utf8_sequence_length(std::string_view(lower_text).substr(at)), 1);
    char wanted = in_pattern < lower_pattern.size() ? lower_pattern[in_pattern] : '\0';
    if (in_pattern < lower_pattern.size() && wanted == '%') {
      after_any = ++in_pattern;
      retry = at;
    } else if (in_pattern < lower_pattern.size() && wanted == '_') {
      at += length;
      ++in_pattern;
    } else if (in_pattern < lower_pattern.size() && wanted == lower_text[at]) {
      ++at;
      ++in_pattern;
    } else if (after_any != std::string::npos) {
      at = ++retry;
      in_pattern = after_any;
    } else {
      return false;
    }
  }
  return lower_pattern.find_first_not_of('%', in_pattern) == std::string::npos;
}

Result<LoggedModelPage> search_logged_models(Connection& connection, const LoggedModelQuery& query) {
  bool unnamed = std::ranges::any_of(query.datasets, [](const auto& d) { return d.name.empty(); });
  if (unnamed) {
    return Failure(Error::invalid("datasets", "`dataset_name` in the `datasets` clause must be specified."));
  }
  ASSIGN_OR_RETURN(size_t offset, offset_of(query));
  std::vector<LoggedModel> models;
  const std::set<std::string> experiments(query.experiment_ids.begin(), query.experiment_ids.end());
  for (const std::string& experiment : experiments) {
    ASSIGN_OR_RETURN(std::vector<LoggedModel> some, logged_models_of(connection, experiment));
    std::ranges::move(some, std::back_inserter(models));
    if (models.size() <= kModelsMax) continue;
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "the experiments have more than " + std::to_string(kModelsMax) +
                                    " logged models together; search fewer of them at once",
                         .field = "experiment_ids"});
  }
  RETURN_IF_ERROR(apply(connection, query, models));
  RETURN_IF_ERROR(sort_models(connection, query, models));
  LoggedModelPage page;
  size_t end = std::min(models.size(), offset + query.max_results);
  for (size_t i = std::min(offset, end); i < end; ++i) {
    RETURN_IF_ERROR(complete_logged_model(connection, models[i]));
    page.models.push_back(std::move(models[i]));
  }
  if (end < models.size()) page.next_page_token = token_for(query, end);
  return page;
}

}  // namespace penstock::tracking
