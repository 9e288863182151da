#include <iostream>

#include "app/commands/commands.h"
#include "app/server_client.h"
#include "app/settings.h"
#include "app/terminal.h"
#include "core/file.h"
#include "core/json_writer.h"

// The configuration of a running server.
namespace penstock::app {
namespace {

constexpr Flag kJsonFlag = {"json", "", "As one JSON object"};
constexpr Flag kBaseFlag = {"base", "NUMBER", "Only if this version is in effect (default: whichever is)"};
constexpr int64_t kNumberMax = 1'000'000'000'000'000;

std::string sections(const Json& answer) {
  std::string out;
  if (const Json* list = find(answer, "needs_restart"); list != nullptr && list->is_array()) {
    for (const Json& section : list->get_array()) {
      if (section.is_string()) out.append(out.empty() ? "" : ", ").append(section.get_string());
    }
  }
  return out;
}

void print_applied(const Arguments& arguments, const Json& applied) {
  if (arguments.has("json")) {
    std::cout << to_json(applied) << "\n";
    return;
  }
  std::cout << "version " << int_at(applied, "version")
            << (bool_at(applied, "changed") ? " is in effect" : " was in effect already") << "\n";
  if (std::string restart = sections(applied); !restart.empty())
    std::cout << "needs a restart: " << restart << "\n";
}

Result<int64_t> base_version(const Arguments& arguments, ServerClient& server) {
  if (arguments.has("base")) return arguments.integer("base", 0, 0, kNumberMax);
  ASSIGN_OR_RETURN(Json running, server.get("/api/v1/config"));
  return int_at(running, "version");
}

Result<void> apply(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string text, read_file(arguments.positional()[0], kConfigBytesMax));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(int64_t base, base_version(arguments, *server));
  JsonWriter body;
  body.begin_object().field("text", text).field("comment", arguments.text("comment"));
  body.field("base_version", base).end_object();
  ASSIGN_OR_RETURN(Json applied, server->post("/api/v1/config/apply", body.text()));
  print_applied(arguments, applied);
  return {};
}

Result<void> undo(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(int64_t base, base_version(arguments, *server));
  ASSIGN_OR_RETURN(Json applied,
                   server->post("/api/v1/config/undo?base_version=" + std::to_string(base), {}));
  print_applied(arguments, applied);
  return {};
}

Result<void> list_versions(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(int64_t last, arguments.integer("last", 20, 1, 200));
  ASSIGN_OR_RETURN(Json page, server->get("/api/v1/config/versions?limit=" + std::to_string(last)));
  if (arguments.has("json")) {
    std::cout << to_json(page) << "\n";
    return {};
  }
  const Json* versions = find(page, "versions");
  if (versions == nullptr || !versions->is_array()) return {};
  for (const Json& version : versions->get_array()) {
    std::string_view actor = string_at(version, "actor");
    std::cout << int_at(version, "number") << (bool_at(version, "running") ? " *" : "  ") << "  "
              << time_text({int_at(version, "at_us")}) << "  " << string_at(version, "source") << "  "
              << (actor.empty() ? "-" : actor) << "  " << string_at(version, "comment") << "\n";
  }
  return {};
}

// Of two versions or, with a file, what applying it would change.
Result<Json> difference(const Arguments& arguments, ServerClient& server) {
  if (!arguments.positional().empty()) {
    ASSIGN_OR_RETURN(std::string text, read_file(arguments.positional()[0], kConfigBytesMax));
    JsonWriter body;
    return server.post("/api/v1/config/check", body.begin_object().field("text", text).end_object().text());
  }
  std::string query;
  for (std::string_view end : {"from", "to"}) {
    if (!arguments.has(end)) continue;
    ASSIGN_OR_RETURN(int64_t number, arguments.integer(end, 0, 0, kNumberMax));
    query.append(query.empty() ? "?" : "&").append(end).append("=").append(std::to_string(number));
  }
  return server.get("/api/v1/config/versions/diff" + query);
}

Result<void> diff(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json answer, difference(arguments, *server));
  std::cout << (arguments.has("json") ? to_json(answer) + "\n" : std::string(string_at(answer, "diff")));
  const Json* problems = find(answer, "problems");
  if (problems == nullptr || problems->get_array().empty()) return {};
  std::string all;
  for (const Json& problem : problems->get_array()) {
    int64_t line = int_at(problem, "line");
    all.append("\n  ").append(line == 0 ? "" : "line " + std::to_string(line) + ": ");
    all.append(string_at(problem, "message"));
  }
  return Failure(Error::invalid("", "it cannot be applied:" + all));
}

template <Result<void> (*work)(const Arguments&)>
ExitCode run(const Arguments& arguments) {
  Result<void> done = work(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

ExitCode run_apply(const Arguments& arguments) {
  if (!arguments.positional().empty()) return run<apply>(arguments);
  fail(Error::invalid("", "which file? penstock config apply penstock.yaml"));
  return ExitCode::kUsage;
}

}  // namespace

Command config_apply_command() {
  return {.name = "config apply",
          .summary = "Put a file's text into a running server's configuration file and into effect",
          .positional = "FILE",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag,
                    {"comment", "TEXT", "Why, for the list of versions"},
                    kBaseFlag,
                    kJsonFlag},
          .details =
              "Everything changes or nothing. The server says what is wrong, line by line, and what takes\n"
              "effect at its next start only.",
          .examples =
              "  penstock config diff new.yaml\n"
              "  penstock config apply new.yaml --comment 'half of the calls to the canary'",
          .run = run_apply};
}

Command config_versions_command() {
  return {.name = "config versions",
          .summary = "List the configurations that a running server had",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag, {"last", "N", "So many (default 20, at most 200)"}, kJsonFlag},
          .details = "Number, time, how it came into effect, who did it and why; * is the one in effect.",
          .examples = "  penstock config versions --last 5",
          .run = run<list_versions>};
}

Command config_diff_command() {
  return {
      .name = "config diff",
      .summary = "Show what differs between versions, or what a file would change",
      .positional = "[FILE]",
      .positional_max = 1,
      .flags = {ServerClient::kServerFlag,
                {"from", "NUMBER", "A version (default: the one before)"},
                {"to", "NUMBER", "A version (default: the one in effect)"},
                kJsonFlag},
      .details = {},
      .examples =
          "  penstock config diff\n  penstock config diff --from 3 --to 7\n  penstock config diff new.yaml",
      .run = run<diff>};
}

Command config_undo_command() {
  return {.name = "config undo",
          .summary = "Put the version before the one in effect into effect again",
          .positional = {},
          .positional_max = 0,
          .flags = {ServerClient::kServerFlag, kBaseFlag, kJsonFlag},
          .details = "Done once more, it goes to the one before that.",
          .examples = "  penstock config undo",
          .run = run<undo>};
}

}  // namespace penstock::app
