#include "datasets/expectations/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "datasets/expectations/catalogue.h"
#include "datasets/expectations/row_condition.h"

namespace penstock::datasets {
namespace {

constexpr size_t kRoundsMax = 16;  // of questions; no expectation has a longer chain

// One expectation while it is being judged.
struct Case {
  const ExpectationType* type = nullptr;
  Question question;
  size_t index = 0;
};

Result<Case> prepare(const Expectation& expectation, size_t index, const DataFile& file, Metrics& metrics,
                     duckdb::Connection& connection, const ResultFormat& base) {
  const ExpectationType* type = find_expectation(expectation.type);
  if (type == nullptr) {
    return Failure(
        Error::invalid("type", expectation.type + " not found; penstock data expectations lists them"));
  }
  RETURN_IF_ERROR(check_arguments(*type, expectation.kwargs));
  Question question{.file = file,
                    .metrics = metrics,
                    .connection = connection,
                    .kwargs = expectation.kwargs,
                    .filter = {},
                    .format = base};
  ASSIGN_OR_RETURN(question.filter, parse_row_condition(question.argument("row_condition"), file));
  ASSIGN_OR_RETURN(question.format, parse_result_format(question.argument("result_format"), base));
  if (question.mostly() < 0 || question.mostly() > 1) {
    return Failure(Error::invalid("mostly", "mostly must be from 0 to 1"));
  }
  return Case{.type = type, .question = std::move(question), .index = index};
}

Pending<Outcome> judge(const Case& c) {
  if (c.type->aggregate != nullptr) return c.type->aggregate(c.question);
  ASSIGN_OR_RETURN(auto condition, c.type->map(c.question));
  if (!condition) return std::nullopt;
  return evaluate_map(c.question, *condition);
}

// What a result of this format keeps of an outcome that is one for the whole column or table.
void settle(const Case& c, Outcome outcome, ExpectationResult& into) {
  into.success = outcome.success;
  if (c.question.format.detail != Detail::kBooleanOnly) into.result = std::move(outcome.result);
}

Result<void> judge_all(std::vector<Case> cases, Metrics& metrics, std::vector<ExpectationResult>& results) {
  for (size_t round = 0; !cases.empty(); ++round) {
    std::vector<Case> waiting;
    for (Case& c : cases) {
      auto outcome = judge(c);
      if (!outcome) {
        results[c.index].exception = outcome.error().message;
      } else if (*outcome) {
        settle(c, std::move(**outcome), results[c.index]);
      } else {
        waiting.push_back(std::move(c));
      }
    }
    cases.clear();
    for (Case& c : waiting) cases.push_back(std::move(c));
    if (cases.empty()) return {};
    if (metrics.open_questions() == 0 || round == kRoundsMax) {
      return Failure(Error::internal("an expectation waits for an answer that nobody gives"));
    }
    RETURN_IF_ERROR(metrics.run_round());
  }
  return {};
}

Result<Validation> validate_once(duckdb::Connection& connection, const FileOptions& options,
                                 const Suite& suite, const ResultFormat& format) {
  ASSIGN_OR_RETURN(DataFile file, DataFile::open(connection, options));
  Validation out{.file = std::move(file)};
  Metrics metrics(connection);
  out.results.resize(suite.expectations.size());
  std::vector<Case> cases;
  for (size_t i = 0; i < suite.expectations.size(); ++i) {
    Result<Case> prepared = prepare(suite.expectations[i], i, out.file, metrics, connection, format);
    if (prepared) {
      cases.push_back(std::move(*prepared));
    } else {
      out.results[i].exception = prepared.error().message;
    }
  }
  RETURN_IF_ERROR(judge_all(std::move(cases), metrics, out.results));
  out.statements = metrics.statements();
  return out;
}

std::string iso_text(Timestamp at) {
  std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(at.us)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Json exception_info(const ExpectationResult& result) {
  bool raised = !result.exception.empty();
  return JsonObject{
      {"raised_exception", raised},
      {"exception_message", raised ? Json(boost::json::string(result.exception)) : Json(nullptr)},
      {"exception_traceback", nullptr}};
}

Json expectation_config(const Expectation& expectation) {
  JsonObject out = {{"type", expectation.type},
                    {"kwargs", expectation.kwargs},
                    {"meta", expectation.meta},
                    {"severity", expectation.severity}};
  if (!expectation.id.empty()) out["id"] = expectation.id;
  return out;
}

Json statistics(const Validation& validation) {
  size_t evaluated = validation.results.size();
  auto good = static_cast<size_t>(std::ranges::count_if(validation.results, &ExpectationResult::success));
  Json percent = nullptr;
  if (evaluated > 0) percent = static_cast<double>(good) / static_cast<double>(evaluated) * 100;
  return JsonObject{{"evaluated_expectations", evaluated},
                    {"successful_expectations", good},
                    {"unsuccessful_expectations", evaluated - good},
                    {"success_percent", percent}};
}

}  // namespace

Result<Validation> validate(duckdb::Connection& connection, const FileOptions& options, const Suite& suite,
                            const ResultFormat& format) {
  Result<Validation> first = validate_once(connection, options, suite, format);
  bool misled = !first && is_csv_error(first.error()) && options.sample == Sample::kFirstRows;
  if (!misled) return first;
  FileOptions whole = options;
  whole.sample = Sample::kWhole;
  return validate_once(connection, whole, suite, format);
}

bool succeeded(const Validation& validation) {
  return std::ranges::all_of(validation.results, &ExpectationResult::success);
}

Json validation_document(const Suite& suite, const Validation& validation, Timestamp at) {
  JsonArray results;
  for (size_t i = 0; i < validation.results.size(); ++i) {
    const ExpectationResult& result = validation.results[i];
    results.push_back(JsonObject{{"success", result.success},
                                 {"expectation_config", expectation_config(suite.expectations[i])},
                                 {"result", result.result},
                                 {"meta", JsonObject()},
                                 {"exception_info", exception_info(result)}});
  }
  return JsonObject{{"success", succeeded(validation)},
                    {"results", std::move(results)},
                    {"suite_name", suite.name},
                    {"suite_parameters", JsonObject()},
                    {"statistics", statistics(validation)},
                    {"meta",
                     {{"file", validation.file.path},
                      {"validation_time", iso_text(at)},
                      {"statements", validation.statements}}},
                    {"id", nullptr}};
}

}  // namespace penstock::datasets
