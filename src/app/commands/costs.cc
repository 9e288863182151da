#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "app/commands/commands.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "core/clock.h"
#include "core/text.h"

namespace penstock::app {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;
constexpr int64_t kDaysMax = 3'660;

std::string percent(int64_t part, int64_t whole) {
  return whole <= 0 ? "-"
                    : fmt::format("{}%", static_cast<int64_t>(static_cast<__int128>(part) * 100 / whole));
}

// Everything of a name that is not one of RFC 3986's unreserved characters.
std::string escaped(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    bool plain = std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return out;
}

Result<std::string> cost_target(const Arguments& arguments) {
  ASSIGN_OR_RETURN(int64_t days, arguments.integer("days", 30, 1, kDaysMax));
  int64_t now = system_clock().now().us;
  std::string target =
      fmt::format("/api/v1/cost?from_us={}&to_us={}&bucket={}&group_by={}", now - days * kDayUs, now,
                  escaped(arguments.text("bucket", "all")), escaped(arguments.text("by", "feature")));
  for (std::string_view filter : {"key", "group", "user", "feature", "route", "model", "upstream"}) {
    if (arguments.has(filter)) target += fmt::format("&{}={}", filter, escaped(arguments.text(filter)));
  }
  return target;
}

std::vector<std::string> cost_cells(const Json& row, std::string first, std::string second) {
  return {std::move(first),
          std::move(second),
          std::to_string(int_at(row, "requests")),
          std::to_string(int_at(row, "input_tokens")),
          std::to_string(int_at(row, "output_tokens")),
          money_text(int_at(row, "cost_nano_usd")),
          money_text(int_at(row, "saved_nano_usd"))};
}

void print_cost(const Json& report, const std::string& by) {
  std::vector<std::vector<std::string>> rows = {{"FROM", by, "REQUESTS", "INPUT", "OUTPUT", "COST", "SAVED"}};
  if (const Json* found = find(report, "rows"); found != nullptr && found->is_array()) {
    for (const Json& row : found->get_array()) {
      std::string_view label = string_at(row, "label");
      std::string from = time_text({int_at(row, "t_us")}).substr(0, 16);
      rows.push_back(cost_cells(row, std::move(from), std::string(label.empty() ? "-" : label)));
    }
  }
  if (const Json* total = find(report, "total")) rows.push_back(cost_cells(*total, "total", ""));
  std::cout << table(rows, {2, 3, 4, 5, 6});
}

ExitCode run_cost(const Arguments& arguments) {
  auto target = cost_target(arguments);
  if (!target) {
    fail(target.error());
    return ExitCode::kUsage;
  }
  auto server = ServerClient::create(arguments);
  if (!server) return fail(server.error());
  auto report = (*server)->get(*target);
  if (!report) return fail(report.error());
  if (arguments.has("json")) {
    std::cout << to_json(*report) << "\n";
  } else {
    std::string by = arguments.text("by", "feature");
    std::ranges::transform(by, by.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    print_cost(*report, by);
  }
  return ExitCode::kOk;
}

ExitCode run_budgets(const Arguments& arguments) {
  auto server = ServerClient::create(arguments);
  if (!server) return fail(server.error());
  auto answer = (*server)->get("/api/v1/budgets");
  if (!answer) return fail(answer.error());
  if (arguments.has("json")) {
    std::cout << to_json(*answer) << "\n";
    return ExitCode::kOk;
  }
  std::vector<std::vector<std::string>> rows = {
      {"BUDGET", "PER", "AMOUNT", "SPENT", "USED", "RESERVED", "REMAINING", "ANEW AT"}};
  if (const Json* budgets = find(*answer, "budgets"); budgets != nullptr && budgets->is_array()) {
    for (const Json& budget : budgets->get_array()) {
      int64_t amount = int_at(budget, "amount_nano_usd");
      int64_t spent = int_at(budget, "spent_nano_usd");
      int64_t ends = int_at(budget, "period_ends_at_us");
      rows.push_back({std::string(string_at(budget, "holder")), std::string(string_at(budget, "per")),
                      money_text(amount), money_text(spent), percent(spent, amount),
                      money_text(int_at(budget, "reserved_nano_usd")),
                      money_text(int_at(budget, "remaining_nano_usd")),
                      ends == 0 ? "never" : time_text({ends})});
    }
  }
  std::cout << table(rows, {2, 3, 4, 5, 6});
  return ExitCode::kOk;
}

}  // namespace

Command cost_command() {
  return {
      .name = "cost",
      .summary = "Show what requests cost",
      .positional = {},
      .positional_max = 0,
      .flags = {ServerClient::kServerFlag,
                {"by", "WHAT", "Tell apart key, group, user, feature (default), route, model or upstream"},
                {"bucket", "TIME", "Tell apart hour, day, month or nothing: all (default)"},
                {"days", "N", "The last N days (default 30)"},
                {"key", "ID", "Only this key"},
                {"group", "PATH", "Only this group and those below it"},
                {"user", "NAME", "Only this user"},
                {"feature", "NAME", "Only this feature"},
                {"route", "NAME", "Only this public model name"},
                {"model", "NAME", "Only this model, by the upstream's name"},
                {"upstream", "NAME", "Only this provider"},
                {"json", "", "As one JSON object"}},
      .details = {},
      .examples =
          "  penstock cost --by group --days 7\n"
          "  penstock cost --by model --bucket day --group acme --json | jq .total",
      .run = run_cost};
}

Command budgets_command() {
  return {.name = "budgets",
          .summary = "Show how every budget stands",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag, {"json", "", "As one JSON object"}},
          .details = {},
          .examples = "  penstock budgets",
          .run = run_budgets};
}

}  // namespace penstock::app
