#include <algorithm>
#include <array>
#include <iostream>

#include "app/commands/data_commands.h"
#include "app/commands/data_files.h"
#include "app/terminal.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json_text.h"
#include "datasets/expectations/validate.h"

namespace penstock::app {
namespace {

using datasets::ExpectationResult;
using datasets::Suite;
using datasets::Validation;

constexpr std::array<std::string_view, 3> kSeverities = {"critical", "warning", "info"};
constexpr size_t kCellBytesMax = 60;

Result<Suite> read_suite(const Arguments& arguments) {
  std::string path = arguments.text("suite");
  if (path.empty()) {
    return Failure(
        Error::invalid("suite", "--suite FILE is missing; penstock data profile proposes a suite"));
  }
  ASSIGN_OR_RETURN(std::string text, read_file(path, datasets::kSuiteBytesMax));
  ASSIGN_OR_RETURN(Suite suite, datasets::parse_suite(text, path));
  JsonObject parameters;
  if (arguments.has("parameters")) {
    ASSIGN_OR_RETURN(Json given, parse_json(arguments.text("parameters")));
    if (!given.is_object())
      return Failure(Error::invalid("parameters", "--parameters must be a JSON object"));
    parameters = given.get_object();
  }
  RETURN_IF_ERROR(datasets::fill_parameters(suite, parameters));
  return suite;
}

Result<datasets::ResultFormat> result_format(const Arguments& arguments) {
  if (!arguments.has("result-format")) return datasets::ResultFormat();
  std::string text = arguments.text("result-format");
  Json value = boost::json::string(text);
  if (text.starts_with('{')) {
    ASSIGN_OR_RETURN(value, parse_json(text));
  }
  return datasets::parse_result_format(value, {});
}

// The least severity whose failures fail the command.
Result<size_t> failing_severity(const Arguments& arguments) {
  std::string name = arguments.text("fail-on", "info");
  auto found = std::ranges::find(kSeverities, name);
  if (found != kSeverities.end()) return static_cast<size_t>(found - kSeverities.begin());
  return Failure(Error::invalid("fail-on", "--fail-on must be critical, warning or info"));
}

std::string cut(std::string text) {
  if (text.size() <= kCellBytesMax) return text;
  size_t end = kCellBytesMax;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string subject(const JsonObject& kwargs) {
  for (std::string_view name : {"column", "column_list", "column_A"}) {
    auto found = kwargs.find(name);
    if (found == kwargs.end()) continue;
    std::string text =
        found->value().is_string() ? std::string(found->value().get_string()) : to_json(found->value());
    if (auto other = kwargs.find("column_B"); other != kwargs.end() && other->value().is_string()) {
      text += ", " + std::string(other->value().get_string());
    }
    return cut(text);
  }
  return "(table)";
}

std::string count_text(const Json& result) {
  int64_t unexpected = int_at(result, "unexpected_count");
  if (unexpected == 0) return "none unexpected";
  std::string out = std::to_string(unexpected) + " of " + std::to_string(int_at(result, "element_count"));
  const Json* values = find(result, "partial_unexpected_list");
  if (values == nullptr || !values->is_array() || values->get_array().empty()) return out;
  JsonArray first;
  for (const Json& value : values->get_array()) {
    if (first.size() < 3) first.push_back(value);
  }
  return out + ": " + json_text(first);
}

// What was found, in a few words.
std::string finding(const ExpectationResult& result) {
  if (!result.exception.empty()) return cut(result.exception.substr(0, result.exception.find('\n')));
  Json document = result.result;
  if (find(document, "element_count") != nullptr) return cut(count_text(document));
  const Json* observed = find(document, "observed_value");
  if (observed != nullptr && !observed->is_null()) return cut(json_text(*observed));
  for (std::string_view name : {"partial_unexpected_list", "partial_missing_list"}) {
    const Json* values = find(document, name);
    if (values == nullptr || !values->is_array() || values->get_array().empty()) continue;
    return cut((name == "partial_missing_list" ? "missing " : "unexpected ") + json_text(*values));
  }
  return "";
}

void print_report(const Suite& suite, const Validation& validation) {
  std::vector<std::vector<std::string>> rows = {{"RESULT", "EXPECTATION", "COLUMN", "FOUND"}};
  for (size_t i = 0; i < suite.expectations.size(); ++i) {
    const datasets::Expectation& expectation = suite.expectations[i];
    const ExpectationResult& result = validation.results[i];
    std::string verdict =
        result.success ? "ok" : (expectation.severity == "critical" ? "FAILED" : expectation.severity);
    std::string_view name = expectation.type;
    if (name.starts_with("expect_")) name.remove_prefix(7);
    rows.push_back({verdict, std::string(name), subject(expectation.kwargs), finding(result)});
  }
  std::cout << table(rows);
  auto good = std::ranges::count_if(validation.results, &ExpectationResult::success);
  std::string total = std::to_string(good) + " of " + std::to_string(validation.results.size()) +
                      " expectations met by " + validation.file.path;
  bool all = succeeded(validation);
  std::cout << styled(total, all ? Style::kGreen : Style::kRed) << "\n";
}

Result<void> write_result(const Arguments& arguments, const Suite& suite, const Validation& validation) {
  Json document = validation_document(suite, validation, system_clock().now());
  if (arguments.has("output")) {
    RETURN_IF_ERROR(replace_file(arguments.text("output"), json_text(document) + "\n"));
  }
  if (arguments.has("json")) {
    std::cout << json_text(document) << "\n";
  } else {
    print_report(suite, validation);
  }
  return {};
}

Result<bool> validate_command(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto file, data_file(arguments));
  ASSIGN_OR_RETURN(Suite suite, read_suite(arguments));
  ASSIGN_OR_RETURN(auto format, result_format(arguments));
  ASSIGN_OR_RETURN(size_t failing, failing_severity(arguments));
  ASSIGN_OR_RETURN(auto engine, DataEngine::open(arguments));
  Result<Validation> validation = [&] {
    ProgressLine progress(engine->connection());
    return datasets::validate(engine->connection(), file, suite, format);
  }();
  if (!validation) return Failure(validation.error());
  RETURN_IF_ERROR(write_result(arguments, suite, *validation));
  for (size_t i = 0; i < suite.expectations.size(); ++i) {
    auto severity = std::ranges::find(kSeverities, suite.expectations[i].severity) - kSeverities.begin();
    if (!validation->results[i].success && static_cast<size_t>(severity) <= failing) return false;
  }
  return true;
}

ExitCode run(const Arguments& arguments) {
  Result<bool> met = validate_command(arguments);
  if (!met) {
    // 1 means that an expectation is not met; what could not be judged is another matter.
    ExitCode code = fail(met.error());
    return code == ExitCode::kFailed ? ExitCode::kInvalid : code;
  }
  return *met ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

Command data_validate_command() {
  return {
      .name = "data validate",
      .summary = "Check a data file against a suite of expectations",
      .positional = "FILE",
      .positional_max = 1,
      .flags = {{"suite", "FILE", "The suite: Great Expectations' JSON, or YAML"},
                {"json", "", "As Great Expectations writes the result of a validation"},
                {"output", "FILE", "Also write that to a file"},
                {"result-format", "F", "BOOLEAN_ONLY, BASIC, SUMMARY (default), COMPLETE, or a JSON object"},
                {"parameters", "JSON", "Values of the suite's parameters: {\"max_age\": 120}"},
                {"fail-on", "SEVERITY",
                 "critical, warning or info (default): which failures fail the command"},
                kFormatFlag,
                kDelimiterFlag,
                kMemoryFlag,
                kThreadsFlag},
      .details =
          "FILE is CSV, JSON Lines or Parquet, or a glob of such files. Exits with 0 if every expectation is "
          "met, with 1 if\none is not, so that a pipeline stops there, and with 3 if the file or the suite "
          "cannot be read.",
      .examples =
          "  penstock data validate users.parquet --suite users.yaml\n"
          "  penstock data validate 'part-*.csv' --suite suite.json --json | jq .statistics",
      .run = run};
}

}  // namespace penstock::app
