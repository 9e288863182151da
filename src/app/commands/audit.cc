#include <iostream>

#include "app/commands/commands.h"
#include "app/commands/use_flags.h"
#include "app/server_client.h"
#include "app/terminal.h"
#include "core/text.h"

namespace penstock::app {
namespace {

constexpr Flag kJsonFlag = {"json", "", "As one JSON object"};

void print_records(const Json& page) {
  std::vector<std::vector<std::string>> rows = {{"#", "TIME", "ACTOR", "ACTION", "OBJECT"}};
  for (const Json& record : find(page, "records")->get_array()) {
    std::string_view name = string_at(record, "actor_name");
    std::string_view actor = name.empty() ? string_at(record, "actor") : name;
    rows.push_back({std::to_string(int_at(record, "sequence")), time_text({int_at(record, "at_us")}),
                    std::string(actor.empty() ? "-" : actor), std::string(string_at(record, "action")),
                    std::string(string_at(record, "object"))});
  }
  std::cout << table(rows, {0});
}

Result<void> list(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(int64_t last, arguments.integer("last", 50, 1, 200));
  std::string target = "/api/v1/audit?limit=" + std::to_string(last);
  for (std::string_view name : {"action", "object", "actor", "cursor"}) {
    if (arguments.has(name))
      target.append("&").append(name).append("=").append(percent_encode(arguments.text(name)));
  }
  ASSIGN_OR_RETURN(Json page, server->get(target));
  return show(arguments, page, print_records);
}

void print_verdict(const Json& verdict) {
  std::cout << int_at(verdict, "records") << " records, head " << string_at(verdict, "head") << "\n";
  for (const Json& finding : find(verdict, "findings")->get_array()) {
    std::cout << styled("finding", Style::kRed) << ": " << std::string_view(finding.get_string()) << "\n";
  }
  std::cout << (bool_at(verdict, "sound") ? "The chain is sound.\n" : "The chain is NOT sound.\n");
}

Result<void> verify(const Arguments& arguments) {
  ASSIGN_OR_RETURN(auto server, ServerClient::create(arguments));
  ASSIGN_OR_RETURN(Json verdict, server->get("/api/v1/audit/verification"));
  RETURN_IF_ERROR(show(arguments, verdict, print_verdict));
  if (!bool_at(verdict, "sound")) {
    return Failure(
        Error{.code = ErrorCode::kCorrupt, .message = "the audit journal is not what was written"});
  }
  std::string expected = arguments.text("head");
  if (expected.empty() || expected == string_at(verdict, "head")) return {};
  // Records that came since lie behind the head that was kept.
  std::string_view cursor;
  Json page;
  do {
    std::string target = "/api/v1/audit?limit=200&cursor=" + percent_encode(cursor);
    ASSIGN_OR_RETURN(page, server->get(target));
    for (const Json& record : find(page, "records")->get_array()) {
      if (string_at(record, "hash") == expected) return {};
    }
    cursor = string_at(page, "next_cursor");
  } while (!cursor.empty());
  return Failure(Error{.code = ErrorCode::kCorrupt, .message = "no record has the hash " + expected});
}

template <Result<void> (*kWork)(const Arguments&)>
ExitCode run(const Arguments& arguments) {
  Result<void> done = kWork(arguments);
  return done ? ExitCode::kOk : fail(done.error());
}

}  // namespace

Command audit_list_command() {
  return {.name = "audit list",
          .summary = "List administrative actions, newest first",
          .flags = {{"last", "N", "How many (default 50)"},
                    {"action", "NAME", "keys.create, or keys. for everything about keys"},
                    {"object", "ID", "What was changed: key:Ab12..."},
                    {"actor", "ID", "Who changed it: user:0192..."},
                    {"cursor", "TEXT", "next_cursor of the page before (see --json)"},
                    ServerClient::kServerFlag,
                    ServerClient::kDataFlag,
                    kJsonFlag},
          .examples = "  penstock audit list --action keys.",
          .run = run<list>};
}

Command audit_verify_command() {
  return {.name = "audit verify",
          .summary = "Check the whole chain of the audit journal",
          .flags = {{"head", "HASH",
                     "Also demand that a record with this hash, kept from an earlier check, stands there"},
                    ServerClient::kServerFlag,
                    ServerClient::kDataFlag,
                    kJsonFlag},
          .details = "Exits with 1 if any record was changed, left out, put in, moved or cut off.",
          .examples = "  penstock audit verify --json | jq -r .head",
          .run = run<verify>};
}

}  // namespace penstock::app
