#include <iostream>

#include "app/commands/commands.h"
#include "app/commands/use_flags.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "core/clock.h"
#include "core/text.h"

namespace penstock::app {
namespace {

constexpr Flag kJsonFlag = {"json", "", "As one JSON object"};
constexpr int64_t kDayUs = 86'400'000'000;

std::string dash(std::string_view text) { return std::string(text.empty() ? "-" : text); }

std::string expiry_text(const Json& key) {
  int64_t us = int_at(key, "expires_at_us");
  return us == 0 ? "-" : time_text({us});
}

void print_keys(const Json& page) {
  std::vector<std::vector<std::string>> rows = {
      {"ID", "NAME", "GROUP", "STATUS", "LIMITS", "BUDGET", "EXPIRES"}};
  if (const Json* keys = find(page, "keys")) {
    for (const Json& view : keys->get_array()) {
      const Json& key = *find(view, "key");
      rows.push_back({dash(string_at(key, "id")), dash(string_at(key, "name")), dash(string_at(key, "group")),
                      dash(string_at(view, "status")), limits_text(key), budget_text(key), expiry_text(key)});
    }
  }
  if (rows.size() == 1) {
    std::cout << "No keys yet. Make one: penstock keys create --name NAME\n";
  } else {
    std::cout << table(rows);
  }
}

void print_issued(const Json& issued) {
  std::cout << string_at(issued, "secret") << "\n";
  std::cerr << "This is key " << string_at(*find(issued, "key"), "id")
            << ". Its text is shown this once and kept nowhere.\n";
}

void print_key(const Json& view) {
  const Json& key = *find(view, "key");
  std::cout << string_at(key, "id") << "  " << string_at(key, "name") << "  " << string_at(view, "status")
            << "\n";
}

// Keys are named by id or, while they are in use, by name.
Result<std::string> id_of(ServerClient& server, const std::string& wanted) {
  ASSIGN_OR_RETURN(Json page, server.get("/api/v1/keys?limit=200&status=active&q=" + percent_encode(wanted)));
  for (const Json& view : find(page, "keys")->get_array()) {
    const Json& key = *find(view, "key");
    if (string_at(key, "name") == wanted) return std::string(string_at(key, "id"));
  }
  return wanted;
}

Result<std::string> body_of(const Arguments& arguments) {
  JsonWriter json;
  json.begin_object();
  if (arguments.has("name")) json.field("name", arguments.text("name"));
  if (arguments.has("group")) json.optional_field("group", arguments.text("group"));
  RETURN_IF_ERROR(write_use(json, arguments));
  if (arguments.has("expires-in-days")) {
    ASSIGN_OR_RETURN(int64_t days, arguments.integer("expires-in-days", 0, 0, 36'500));
    if (days == 0) {
      json.null_field("expires_at_us");
    } else {
      json.field("expires_at_us", system_clock().now().us + days * kDayUs);
    }
  }
  return json.end_object().take();
}

Result<void> list(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  std::string target = "/api/v1/keys?limit=200";
  for (std::string_view name : {"group", "status", "cursor"}) {
    if (arguments.has(name))
      target.append("&").append(name).append("=").append(percent_encode(arguments.text(name)));
  }
  ASSIGN_OR_RETURN(Json page, server->get(target));
  return show(arguments, page, print_keys);
}

Result<void> create(const Arguments& arguments) {
  if (!arguments.has("name"))
    return Failure(Error::invalid("name", "which name? penstock keys create --name NAME"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(std::string body, body_of(arguments));
  ASSIGN_OR_RETURN(Json issued, server->post("/api/v1/keys", body));
  return show(arguments, issued, print_issued);
}

// Does something to one key.
Result<void> change(const Arguments& arguments, std::string_view method, std::string_view below,
                    const std::string& body, void (*print)(const Json&)) {
  ASSIGN_OR_RETURN(std::string wanted, needed(arguments, "key"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(std::string id, id_of(*server, wanted));
  std::string target = "/api/v1/keys/" + percent_encode(id) + std::string(below);
  ASSIGN_OR_RETURN(Json answer, server->call(method, target, body));
  return show(arguments, answer, print);
}

Result<void> update(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string body, body_of(arguments));
  return change(arguments, "PATCH", "", body, print_key);
}

Result<void> rotate(const Arguments& arguments) {
  ASSIGN_OR_RETURN(int64_t overlap_s, arguments.integer("overlap-s", 0, 0, 2'592'000));
  return change(arguments, "POST", "/rotate", "{\"overlap_s\":" + std::to_string(overlap_s) + "}",
                print_issued);
}

Result<void> revoke(const Arguments& arguments) {
  return change(arguments, "POST", "/revoke", "{}", print_key);
}

template <Result<void> (*kWork)(const Arguments&)>
ExitCode run(const Arguments& arguments) {
  Result<void> done = kWork(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

std::vector<Flag> flags_of_keys() {
  std::vector<Flag> flags = {{"name", "NAME", "Whose key it is; stands in records"},
                             {"group", "PATH", "The group whose limits and budget it shares: acme/search"},
                             {"expires-in-days", "N", "When it ends; 0: never"}};
  for (Flag& flag : use_flags()) flags.push_back(flag);
  for (const Flag& flag : {ServerClient::kServerFlag, ServerClient::kDataFlag, kJsonFlag})
    flags.push_back(flag);
  return flags;
}

}  // namespace

Command keys_list_command() {
  return {.name = "keys list",
          .summary = "List the virtual keys, newest first, without secrets",
          .flags = {{"group", "PATH", "Of this group and of those below it"},
                    {"status", "STATE", "active, expired or revoked"},
                    {"cursor", "TEXT", "next_cursor of the page before (see --json)"},
                    ServerClient::kServerFlag,
                    ServerClient::kDataFlag,
                    kJsonFlag},
          .examples = "  penstock keys list --group acme",
          .run = run<list>};
}

Command keys_create_command() {
  return {
      .name = "keys create",
      .summary = "Make a virtual key and print its text, this once",
      .flags = flags_of_keys(),
      .details =
          "The text goes to standard output alone, so that it can be kept: KEY=$(penstock keys create ...).",
      .examples =
          "  penstock keys create --name search --group acme/search --model 'gpt-*' --budget-usd 50 "
          "--per month \\\n      --requests-per-minute 300",
      .run = run<create>};
}

Command keys_update_command() {
  return {.name = "keys update",
          .summary = "Change a key: what is not given stays",
          .positional = "KEY",
          .positional_max = 1,
          .flags = flags_of_keys(),
          .details = "KEY is its id or its name. --group '' takes it out of its group.",
          .examples = "  penstock keys update search --budget-usd 100",
          .run = run<update>};
}

Command keys_rotate_command() {
  return {.name = "keys rotate",
          .summary = "Give a key a new text; the old one works on for the overlap",
          .positional = "KEY",
          .positional_max = 1,
          .flags = {{"overlap-s", "N", "Seconds for which the old text works on (default 0)"},
                    ServerClient::kServerFlag,
                    ServerClient::kDataFlag,
                    kJsonFlag},
          .examples = "  penstock keys rotate search --overlap-s 86400",
          .run = run<rotate>};
}

Command keys_revoke_command() {
  return {.name = "keys revoke",
          .summary = "End a key at once and for good",
          .positional = "KEY",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag, ServerClient::kDataFlag, kJsonFlag},
          .examples = "  penstock keys revoke search",
          .run = run<revoke>};
}

}  // namespace penstock::app
