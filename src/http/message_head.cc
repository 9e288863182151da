#include "http/message_head.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.h"

namespace penstock::http {
namespace {

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

}  // namespace

bool is_token(std::string_view text) {
  auto is_tchar = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_tchar);
}

std::string_view status_text(int status) {
  static constexpr std::pair<int, std::string_view> kTexts[] = {
      {100, "Continue"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {402, "Payment Required"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {424, "Failed Dependency"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {507, "Insufficient Storage"},
      {529, "Overloaded"},
  };
  auto found = std::ranges::lower_bound(kTexts, status, {}, [](const auto& row) { return row.first; });
  return found != std::end(kTexts) && found->first == status ? found->second : std::string_view{};
}

bool is_framing_field(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "connection", "content-length",    "date",   "host", "keep-alive", "proxy-connection",
      "te",         "transfer-encoding", "upgrade"};
  return std::ranges::any_of(kNames, [&](std::string_view n) { return equals_ignoring_case(n, name); });
}

void append_fields(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_token(name) || is_framing_field(name)) continue;
    out += name;
    out += ": ";
    size_t at = out.size();
    out += value;
    std::replace_if(out.begin() + static_cast<ptrdiff_t>(at), out.end(), is_control, ' ');
    out += "\r\n";
  }
}

void append_response_head(std::string& out, const ResponseHead& head, const HeadOptions& options) {
  out += "HTTP/1.1 ";
  out += std::to_string(head.status);
  out += ' ';
  out += status_text(head.status);
  out += "\r\ndate: ";
  out += options.date;
  if (!options.server.empty()) {
    out += "\r\nserver: ";
    out += options.server;
  }
  if (options.framing == Framing::kLength) {
    out += "\r\ncontent-length: ";
    out += std::to_string(options.length);
  } else if (options.framing == Framing::kChunked) {
    out += "\r\ntransfer-encoding: chunked";
  }
  if (options.connection == HeadOptions::Connection::kClose) out += "\r\nconnection: close";
  if (options.connection == HeadOptions::Connection::kKeepAlive) out += "\r\nconnection: keep-alive";
  out += "\r\n";
  append_fields(out, head.headers);
  out += "\r\n";
}

}  // namespace penstock::http
