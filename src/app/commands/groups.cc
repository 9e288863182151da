#include <iostream>

#include "app/commands/commands.h"
#include "app/commands/use_flags.h"
#include "app/server_client.h"
#include "app/terminal.h"

namespace penstock::app {
namespace {

constexpr Flag kJsonFlag = {"json", "", "As one JSON object"};

void print_groups(const Json& page) {
  std::vector<std::vector<std::string>> rows = {{"PATH", "LIMITS", "BUDGET", "SOURCE", "DESCRIPTION"}};
  for (const Json& group : find(page, "groups")->get_array()) {
    rows.push_back({std::string(string_at(group, "path")), limits_text(group), budget_text(group),
                    std::string(string_at(group, "source")), std::string(string_at(group, "description"))});
  }
  if (rows.size() == 1) {
    std::cout << "No groups yet. Make one: penstock groups create acme\n";
  } else {
    std::cout << table(rows);
  }
}

void print_group(const Json& group) {
  if (!group.is_object()) return;
  std::cout << string_at(group, "path") << "  " << limits_text(group) << "  " << budget_text(group) << "\n";
}

Result<void> list(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json page, server->get("/api/v1/groups?limit=200"));
  return show(arguments, page, print_groups);
}

Result<std::string> body_of(const Arguments& arguments, std::string_view path) {
  JsonWriter json;
  json.begin_object();
  if (!path.empty()) json.field("path", path);
  if (arguments.has("description")) json.field("description", arguments.text("description"));
  RETURN_IF_ERROR(write_use(json, arguments));
  return json.end_object().take();
}

Result<void> create(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string path, needed(arguments, "group"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(std::string body, body_of(arguments, path));
  ASSIGN_OR_RETURN(Json group, server->post("/api/v1/groups", body));
  return show(arguments, group, print_group);
}

Result<void> update(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string path, needed(arguments, "group"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(std::string body, body_of(arguments, ""));
  ASSIGN_OR_RETURN(Json group, server->call("PATCH", "/api/v1/groups/" + path, body));
  return show(arguments, group, print_group);
}

Result<void> remove(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string path, needed(arguments, "group"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  RETURN_IF_ERROR(server->call("DELETE", "/api/v1/groups/" + path, ""));
  return {};
}

template <Result<void> (*kWork)(const Arguments&)>
ExitCode run(const Arguments& arguments) {
  Result<void> done = kWork(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

std::vector<Flag> flags_of_groups() {
  std::vector<Flag> flags = {{"description", "TEXT", "For people"}};
  for (Flag& flag : use_flags()) flags.push_back(flag);
  for (const Flag& flag : {ServerClient::kServerFlag, ServerClient::kDataFlag, kJsonFlag})
    flags.push_back(flag);
  return flags;
}

}  // namespace

Command groups_list_command() {
  return {.name = "groups list",
          .summary = "List the groups with their limits and budgets",
          .flags = {ServerClient::kServerFlag, ServerClient::kDataFlag, kJsonFlag},
          .examples = "  penstock groups list",
          .run = run<list>};
}

Command groups_create_command() {
  return {.name = "groups create",
          .summary = "Make a group; acme/search stands below acme, and both must admit a call",
          .positional = "PATH",
          .positional_max = 1,
          .flags = flags_of_groups(),
          .examples =
              "  penstock groups create acme --budget-usd 20000\n"
              "  penstock groups create acme/search --tokens-per-minute 500000 --concurrent 50",
          .run = run<create>};
}

Command groups_update_command() {
  return {.name = "groups update",
          .summary = "Change a group: what is not given stays",
          .positional = "PATH",
          .positional_max = 1,
          .flags = flags_of_groups(),
          .examples = "  penstock groups update acme --budget-usd none",
          .run = run<update>};
}

Command groups_delete_command() {
  return {.name = "groups delete",
          .summary = "Delete a group that no key and no other group uses",
          .positional = "PATH",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag, ServerClient::kDataFlag},
          .examples = "  penstock groups delete acme/search",
          .run = run<remove>};
}

}  // namespace penstock::app
