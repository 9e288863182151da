#include <iostream>

#include "app/commands/commands.h"
#include "app/server_client.h"
#include "app/terminal.h"

namespace penstock::app {
namespace {

std::string text_or_dash(const Json& object, std::string_view key) {
  std::string_view text = string_at(object, key);
  return std::string(text.empty() ? "-" : text);
}

std::string milliseconds_between(const Json& request, std::string_view from, std::string_view to) {
  const Json* end = find(request, to);
  if (end == nullptr || !end->is_int64()) return "-";
  return std::to_string((end->get_int64() - int_at(request, from)) / 1000) + " ms";
}

// One request in one line, its columns as wide as such values are.
std::string line_of(const Json& request) {
  int64_t status = int_at(request, "status");
  const Json* tokens = find(request, "tokens");
  auto count = [&](std::string_view kind) { return tokens == nullptr ? 0 : int_at(*tokens, kind); };
  int64_t cost = int_at(request, "cost_nano_usd", -1);
  std::vector<std::string> cells = {
      time_text({int_at(request, "started_at_us")}),
      styled(std::to_string(status), status < 400 ? Style::kGreen : Style::kRed),
      text_or_dash(request, "endpoint"),
      text_or_dash(request, "model"),
      std::to_string(count("input") + count("cached_input")) + "+" + std::to_string(count("output")) +
          " tokens",
      "first " + milliseconds_between(request, "started_at_us", "first_token_at_us"),
      "all " + milliseconds_between(request, "started_at_us", "ended_at_us"),
      cost < 0 ? "-" : money_text(cost),
      styled(text_or_dash(request, "id"), Style::kDim)};
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : "  ") + cell;
  return line;
}

void print(const Json& request, bool as_json) {
  std::cout << (as_json ? to_json(request) : line_of(request)) << std::endl;
}

Result<void> tail(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(int64_t last, arguments.integer("last", 10, 0, 200));
  bool as_json = arguments.has("json");
  if (last > 0) {
    ASSIGN_OR_RETURN(Json page, server->get("/api/v1/requests?limit=" + std::to_string(last)));
    if (const Json* requests = find(page, "requests"); requests != nullptr && requests->is_array()) {
      const JsonArray& list = requests->get_array();
      for (auto request = list.rbegin(); request != list.rend(); ++request) print(*request, as_json);
    }
  }
  if (arguments.has("once")) return {};
  return server->events("GET", "/api/v1/requests/live", {}, [&](const http::SseEvent& event) {
    auto request = parse_json(event.data);
    if (event.name == "request" && request) print(*request, as_json);
    return true;
  });
}

ExitCode run_tail(const Arguments& arguments) {
  Result<void> ended = tail(arguments);
  return ended ? ExitCode::kOk : fail(ended.error());
}

void print_block(std::string_view title, const Json* value) {
  if (value == nullptr || value->is_null()) return;
  std::cout << "\n"
            << styled(title, Style::kBold) << "\n"
            << (value->is_string() ? std::string(value->get_string()) : to_json(*value)) << "\n";
}

ExitCode run_show(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    fail(Error::invalid("", "which request? penstock requests show ID"));
    return ExitCode::kUsage;
  }
  auto server = ServerClient::create(arguments);
  if (!server) return fail(server.error());
  auto request = (*server)->get("/api/v1/requests/" + arguments.positional()[0]);
  if (!request) return fail(request.error());
  if (arguments.has("json")) {
    std::cout << to_json(*request) << "\n";
    return ExitCode::kOk;
  }
  std::cout << line_of(*request) << "\n";
  print_block("Model version", find(*request, "model_version"));
  print_block("Error", find(*request, "error"));
  print_block("Metadata", find(*request, "metadata"));
  print_block("Input", find(*request, "input"));
  print_block("Output", find(*request, "output"));
  return ExitCode::kOk;
}

}  // namespace

Command requests_tail_command() {
  return {.name = "requests tail",
          .summary = "Show requests as they are answered",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag,
                    {"last", "N", "Begin with the last N (default 10, at most 200)"},
                    {"once", "", "Show those and end"},
                    {"json", "", "A JSON object per line"}},
          .details = {},
          .examples =
              "  penstock requests tail\n"
              "  penstock requests tail --once --last 100 --json | jq .cost_nano_usd",
          .run = run_tail};
}

Command requests_show_command() {
  return {.name = "requests show",
          .summary = "Show everything recorded of one request",
          .positional = "ID",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag, {"json", "", "As one JSON object"}},
          .details = "The ID stands in the answer's header x-request-id.",
          .examples = "  penstock requests show 0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90",
          .run = run_show};
}

}  // namespace penstock::app
