#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <iostream>

#include "app/commands/commands.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "core/file.h"
#include "core/text.h"

namespace penstock::app {
namespace {

constexpr size_t kFileBytesMax = 16 << 20;
constexpr size_t kRefusedShown = 10;

// USD for a million tokens.
std::string rate(const Json& price, std::string_view kind) {
  std::string text = fmt::format("{:.6f}", static_cast<double>(int_at(price, kind)) / 1e9);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

ExitCode print_or(const Arguments& arguments, const Result<Json>& answer, void (*print)(const Json&)) {
  if (!answer) return fail(answer.error());
  if (arguments.has("json")) {
    std::cout << to_json(*answer) << "\n";
  } else {
    print(*answer);
  }
  return ExitCode::kOk;
}

Result<Json> ask(const Arguments& arguments, std::string_view target) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  return server->get(target);
}

void print_prices(const Json& answer) {
  std::vector<std::vector<std::string>> rows = {
      {"MODEL", "INPUT", "CACHED", "CACHE WRITE", "OUTPUT", "REASONING", "TIERS"}};
  if (const Json* models = find(answer, "models"); models != nullptr && models->is_object()) {
    for (const auto& model : models->get_object()) {
      const Json& price = model.value();
      const Json* tiers = find(price, "tiers");
      size_t tier_count = tiers != nullptr && tiers->is_array() ? tiers->get_array().size() : 0;
      rows.push_back({std::string(model.key()), rate(price, "input"), rate(price, "cached_input"),
                      rate(price, "cache_write"), rate(price, "output"), rate(price, "reasoning"),
                      tier_count == 0 ? "" : std::to_string(tier_count)});
    }
  }
  std::string_view version = string_at(answer, "version");
  std::cout << "USD for a million tokens; version " << (version.empty() ? "-" : version) << "\n"
            << table(rows, {1, 2, 3, 4, 5, 6});
}

void print_versions(const Json& answer) {
  std::vector<std::vector<std::string>> rows = {{"VERSION", "AT", "BY", "FROM", "MODELS"}};
  if (const Json* versions = find(answer, "versions"); versions != nullptr && versions->is_array()) {
    for (const Json& version : versions->get_array()) {
      rows.push_back({std::to_string(int_at(version, "number")), time_text({int_at(version, "at_us")}),
                      std::string(string_at(version, "actor")), std::string(string_at(version, "source")),
                      std::to_string(int_at(version, "models"))});
    }
  }
  std::cout << table(rows, {0, 4});
}

std::string side(const Json* price) {
  if (price == nullptr || !price->is_object()) return "-";
  return rate(*price, "input") + " / " + rate(*price, "output");
}

void print_diff(const Json& answer) {
  std::vector<std::vector<std::string>> rows = {{"MODEL", "BEFORE", "AFTER"}};
  if (const Json* changes = find(answer, "changes"); changes != nullptr && changes->is_array()) {
    for (const Json& change : changes->get_array()) {
      rows.push_back({std::string(string_at(change, "model")), side(find(change, "before")),
                      side(find(change, "after"))});
    }
  }
  std::cout << "USD for a million tokens, input / output; --json shows every kind\n" << table(rows);
}

void print_import(const Json& answer) {
  const Json* version = find(answer, "version");
  std::cout << "version " << (version == nullptr ? 0 : int_at(*version, "number")) << ": "
            << int_at(answer, "models") << " models imported\n";
  const Json* refused = find(answer, "refused");
  if (refused == nullptr || !refused->is_array()) return;
  const JsonArray& all = refused->get_array();
  for (size_t i = 0; i < std::min(all.size(), kRefusedShown); ++i) {
    std::cout << "left out: " << std::string_view(all[i].get_string()) << "\n";
  }
  if (all.size() > kRefusedShown) {
    std::cout << "and " << all.size() - kRefusedShown << " more; --json shows them\n";
  }
}

ExitCode run_list(const Arguments& arguments) {
  return print_or(arguments, ask(arguments, "/api/v1/prices"), print_prices);
}

ExitCode run_versions(const Arguments& arguments) {
  return print_or(arguments, ask(arguments, "/api/v1/prices/versions"), print_versions);
}

ExitCode run_diff(const Arguments& arguments) {
  const auto& numbers = arguments.positional();
  auto from = numbers.size() == 2 ? parse_int(numbers[0]) : std::nullopt;
  auto to = numbers.size() == 2 ? parse_int(numbers[1]) : std::nullopt;
  if (!from || !to) {
    fail(Error::invalid("", "which versions? penstock prices diff 3 4"));
    return ExitCode::kUsage;
  }
  return print_or(arguments, ask(arguments, fmt::format("/api/v1/prices/diff?from={}&to={}", *from, *to)),
                  print_diff);
}

Result<Json> import(const Arguments& arguments, const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(std::string text, read_file(path, kFileBytesMax));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  std::string name;
  for (char c : path.filename().string())
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '_';
  return server->post("/api/v1/prices/import?source=" + name.substr(0, 200), text);
}

ExitCode run_import(const Arguments& arguments) {
  if (arguments.positional().empty()) {
    fail(Error::invalid("", "which file? penstock prices import prices.yaml"));
    return ExitCode::kUsage;
  }
  return print_or(arguments, import(arguments, arguments.positional()[0]), print_import);
}

constexpr Flag kJson = {"json", "", "As one JSON object"};

}  // namespace

Command prices_list_command() {
  return {.name = "prices list",
          .summary = "Show the prices in force",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag, kJson},
          .details = {},
          .examples = "  penstock prices list",
          .run = run_list};
}

Command prices_import_command() {
  return {.name = "prices import",
          .summary = "Replace the imported prices of a server by those of a file",
          .positional = "FILE",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag, kJson},
          .details =
              "FILE is a price file (models as under `prices` in penstock.yaml) or LiteLLM's "
              "model_prices_and_context_window.json. What the configuration says about a model goes "
              "before it.",
          .examples = "  penstock prices import model_prices_and_context_window.json",
          .run = run_import};
}

Command prices_versions_command() {
  return {.name = "prices versions",
          .summary = "Show every state that the prices had, who made it and when",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag, kJson},
          .details = {},
          .examples = "  penstock prices versions",
          .run = run_versions};
}

Command prices_diff_command() {
  return {.name = "prices diff",
          .summary = "Show what separates two versions of the prices",
          .positional = "FROM TO",
          .positional_max = 2,
          .flags = {ServerClient::kServerFlag, kJson},
          .details = {},
          .examples = "  penstock prices diff 3 4",
          .run = run_diff};
}

}  // namespace penstock::app
