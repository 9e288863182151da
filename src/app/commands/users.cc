#include <termios.h>
#include <unistd.h>

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
constexpr Flag kRoleFlag = {"role", "ROLE", "viewer, annotator, developer, admin or owner"};
constexpr Flag kNoPasswordFlag = {"no-password", "",
                                  "No password: this account logs in by single sign-on only"};
constexpr int64_t kDayUs = 86'400'000'000;

// One line from standard input, not shown where somebody types it.
Result<std::string> read_password() {
  if (const char* given = std::getenv("PENSTOCK_PASSWORD")) return std::string(given);
  termios shown{};
  bool hidden = is_terminal(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
  if (hidden) {
    termios silent = shown;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    std::cerr << "Password: " << std::flush;
  }
  std::string line;
  bool read = static_cast<bool>(std::getline(std::cin, line));
  if (hidden) {
    tcsetattr(STDIN_FILENO, TCSANOW, &shown);
    std::cerr << "\n";
  }
  if (read) return line;
  return Failure(Error::invalid("password", "send the password on standard input or in $PENSTOCK_PASSWORD"));
}

std::string role_of(const Json& user) {
  const Json* members = find(user, "memberships");
  for (const Json& member : members->get_array()) {
    if (string_at(member, "project") == "default") return std::string(string_at(member, "role"));
  }
  return "-";
}

void print_users(const Json& page) {
  std::vector<std::vector<std::string>> rows = {{"ID", "EMAIL", "ROLE", "STATE", "NAME"}};
  for (const Json& user : find(page, "users")->get_array()) {
    rows.push_back({std::string(string_at(user, "id")), std::string(string_at(user, "email")), role_of(user),
                    bool_at(user, "disabled") ? "disabled" : "active", std::string(string_at(user, "name"))});
  }
  if (rows.size() == 1) {
    std::cout << "No accounts yet. Make the first: penstock users create EMAIL --role owner\n";
  } else {
    std::cout << table(rows);
  }
}

void print_user(const Json& user) {
  if (!user.is_object()) return;
  std::cout << string_at(user, "id") << "  " << string_at(user, "email") << "  " << role_of(user) << "\n";
}

Result<std::string> id_of(ServerClient& server, const std::string& wanted) {
  if (!wanted.contains('@')) return wanted;
  ASSIGN_OR_RETURN(Json page, server.get("/api/v1/users?limit=200&q=" + percent_encode(to_lower(wanted))));
  for (const Json& user : find(page, "users")->get_array()) {
    if (string_at(user, "email") == to_lower(wanted)) return std::string(string_at(user, "id"));
  }
  return Failure(Error::not_found("no user has the address " + wanted));
}

Result<void> list(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json page, server->get("/api/v1/users?limit=200"));
  return show(arguments, page, print_users);
}

Result<void> create(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string email, needed(arguments, "address"));
  JsonWriter json;
  json.begin_object().field("email", email).field("role", arguments.text("role", "viewer"));
  if (arguments.has("name")) json.field("name", arguments.text("name"));
  if (!arguments.has("no-password")) {
    ASSIGN_OR_RETURN(std::string password, read_password());
    json.field("password", password);
  }
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json user, server->post("/api/v1/users", json.end_object().text()));
  return show(arguments, user, print_user);
}

Result<void> update(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string wanted, needed(arguments, "user"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(std::string id, id_of(*server, wanted));
  Json user;
  if (arguments.has("role")) {
    std::string target = "/api/v1/projects/default/members/" + percent_encode(id);
    JsonWriter role;
    role.begin_object().field("role", arguments.text("role")).end_object();
    ASSIGN_OR_RETURN(user, server->call("PUT", target, role.text()));
  }
  JsonWriter json;
  json.begin_object();
  if (arguments.has("disable")) json.field("disabled", true);
  if (arguments.has("enable")) json.field("disabled", false);
  if (arguments.has("set-password")) {
    ASSIGN_OR_RETURN(std::string password, read_password());
    json.field("password", password);
  }
  json.end_object();
  if (json.text() != "{}") {
    ASSIGN_OR_RETURN(user, server->call("PATCH", "/api/v1/users/" + percent_encode(id), json.text()));
  }
  return show(arguments, user, print_user);
}

Result<void> remove(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string wanted, needed(arguments, "user"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(std::string id, id_of(*server, wanted));
  RETURN_IF_ERROR(server->call("DELETE", "/api/v1/users/" + percent_encode(id), ""));
  return {};
}

void print_tokens(const Json& page) {
  std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "MADE", "EXPIRES"}};
  for (const Json& token : find(page, "tokens")->get_array()) {
    int64_t expiry = int_at(token, "expires_at_us");
    rows.push_back({std::string(string_at(token, "id")), std::string(string_at(token, "name")),
                    time_text({int_at(token, "created_at_us")}), expiry == 0 ? "-" : time_text({expiry})});
  }
  std::cout << table(rows);
}

void print_issued(const Json& issued) {
  std::cout << string_at(issued, "secret") << "\n";
  std::cerr << "This is token " << string_at(*find(issued, "token"), "id")
            << ". Its text is shown this once and kept nowhere.\n";
}

Result<void> list_tokens(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json page, server->get("/api/v1/tokens?limit=200"));
  return show(arguments, page, print_tokens);
}

Result<void> create_token(const Arguments& arguments) {
  JsonWriter json;
  json.begin_object().field("name", arguments.text("name", "cli"));
  ASSIGN_OR_RETURN(int64_t days, arguments.integer("expires-in-days", 0, 0, 36'500));
  if (days > 0) json.field("expires_at_us", system_clock().now().us + days * kDayUs);
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json issued, server->post("/api/v1/tokens", json.end_object().text()));
  return show(arguments, issued, print_issued);
}

Result<void> revoke_token(const Arguments& arguments) {
  ASSIGN_OR_RETURN(std::string id, needed(arguments, "token"));
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  RETURN_IF_ERROR(server->call("DELETE", "/api/v1/tokens/" + percent_encode(id), ""));
  return {};
}

template <Result<void> (*kWork)(const Arguments&)>
ExitCode run(const Arguments& arguments) {
  Result<void> done = kWork(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

}  // namespace

Command users_list_command() {
  return {.name = "users list",
          .summary = "List the accounts",
          .flags = {ServerClient::kServerFlag, ServerClient::kDataFlag, kJsonFlag},
          .examples = "  penstock users list",
          .run = run<list>};
}

Command users_create_command() {
  return {.name = "users create",
          .summary = "Make an account; once there is one, everybody has to log in",
          .positional = "EMAIL",
          .positional_max = 1,
          .flags = {kRoleFlag,
                    {"name", "NAME", "For people"},
                    kNoPasswordFlag,
                    ServerClient::kServerFlag,
                    ServerClient::kDataFlag,
                    kJsonFlag},
          .details =
              "The first account must be an owner. The password is read from $PENSTOCK_PASSWORD or from\n"
              "standard input, at least 12 bytes. --data works without an account: whoever may open the\n"
              "data directory owns the server.",
          .examples = "  penstock users create ada@example.com --role owner --data ~/.local/share/penstock",
          .run = run<create>};
}

Command users_update_command() {
  return {.name = "users update",
          .summary = "Change an account's role, password or state",
          .positional = "USER",
          .positional_max = 1,
          .flags = {kRoleFlag,
                    {"disable", "", "Ends all sessions; tokens stop working"},
                    {"enable", "", "Lets it in again"},
                    {"set-password", "", "Reads a new password like users create; ends all sessions"},
                    ServerClient::kServerFlag,
                    ServerClient::kDataFlag,
                    kJsonFlag},
          .details = "USER is an id or an address.",
          .examples = "  penstock users update ada@example.com --role admin",
          .run = run<update>};
}

Command users_delete_command() {
  return {.name = "users delete",
          .summary = "Delete an account with its tokens and sessions",
          .positional = "USER",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag, ServerClient::kDataFlag},
          .examples = "  penstock users delete ada@example.com",
          .run = run<remove>};
}

Command tokens_list_command() {
  return {.name = "tokens list",
          .summary = "List your API tokens",
          .flags = {ServerClient::kServerFlag, kJsonFlag},
          .examples = "  penstock tokens list",
          .run = run<list_tokens>};
}

Command tokens_create_command() {
  return {
      .name = "tokens create",
      .summary = "Make an API token that may do what you may, and print its text, this once",
      .flags = {{"name", "NAME", "What it is for (default cli)"},
                {"expires-in-days", "N", "When it ends; 0 (default): never"},
                ServerClient::kServerFlag,
                kJsonFlag},
      .details =
          "Needs a token in $PENSTOCK_KEY; the first one is made in the web UI or by POST /api/v1/tokens.",
      .examples = "  penstock tokens create --name ci --expires-in-days 90",
      .run = run<create_token>};
}

Command tokens_revoke_command() {
  return {.name = "tokens revoke",
          .summary = "End an API token",
          .positional = "TOKEN",
          .positional_max = 1,
          .flags = {ServerClient::kServerFlag, ServerClient::kDataFlag},
          .examples = "  penstock tokens revoke Ab12Cd34Ef56",
          .run = run<revoke_token>};
}

}  // namespace penstock::app
