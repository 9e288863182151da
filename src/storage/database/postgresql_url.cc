#include "storage/database/postgresql_url.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace penstock::database {
namespace {

Failure refuse(std::string_view what) {
  return Failure(
      Error::invalid("state.database", "the URL of the database " + std::string(what) +
                                           ": write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with "
                                           "%40 for @, %2F for /, %3A for : and %25 "
                                           "for % inside a password"));
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string value_of(const PostgresqlUrl& url, std::string_view keyword) {
  auto found = std::ranges::find(url.settings, keyword, &std::pair<std::string, std::string>::first);
  return found == url.settings.end() ? "" : found->second;
}

// An unescaped character of a password moves its rest into these.
bool is_plain_name(std::string_view text) { return text.find_first_of("@:/?#") == std::string_view::npos; }
bool is_port_list(std::string_view text) {
  return text.find_first_not_of("0123456789,") == std::string_view::npos;
}
bool is_host(std::string_view text) {  // names, IPv4, IPv6, directories of Unix sockets; several with commas
  return text.find_first_of("@?#") == std::string_view::npos;
}

std::string label_of(const PostgresqlUrl& url) {
  std::string host = value_of(url, "host");
  if (host.empty()) host = value_of(url, "hostaddr");
  std::string port = value_of(url, "port");
  std::string name = value_of(url, "dbname");
  return "postgresql://" + host + (port.empty() ? "" : ":" + port) + (name.empty() ? "" : "/" + name);
}

}  // namespace

Result<PostgresqlUrl> parse_postgresql_url(std::string_view url) {
  std::string text(url);
  if (text.contains('\0')) return refuse("holds a zero byte");
  char* why = nullptr;
  std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(text.c_str(), &why));
  PQfreemem(why);  // it quotes the URL
  if (!options) return refuse("cannot be read");
  PostgresqlUrl parsed;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parsed.settings.emplace_back(option->keyword, option->val);
  }
  if (parsed.settings.empty()) return refuse("is empty");
  if (!is_port_list(value_of(parsed, "port"))) return refuse("has a port that is no number");
  if (!is_host(value_of(parsed, "host"))) return refuse("has a host that is no name");
  if (!is_plain_name(value_of(parsed, "dbname"))) return refuse("has a database that is no name");
  parsed.label = label_of(parsed);
  return parsed;
}

}  // namespace penstock::database
