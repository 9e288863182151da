#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/http_message.h"

namespace penstock::http {

// The reason phrase of RFC 9110 §15 and others in use; empty for unknown statuses.
std::string_view status_text(int status);

// A method or a field's name (RFC 9110 §5.6.2).
bool is_token(std::string_view text);

// Fields that belong to the connection or are written by us: never taken from a handler or a caller.
bool is_framing_field(std::string_view name);

// Appends "name: value\r\n" for each field but framing fields. One with a malformed name is left out, control
// characters in a value become spaces: nothing that code puts there can end a line (response splitting).
void append_fields(std::string& out, const Headers& headers);

enum class Framing : uint8_t { kLength, kChunked, kUntilClose, kNone };

struct HeadOptions {
  Framing framing = Framing::kLength;
  size_t length = 0;
  enum class Connection : uint8_t { kDefault, kKeepAlive, kClose } connection = Connection::kDefault;
  std::string_view date;
  std::string_view server;
};

// Appends a whole response head, the blank line included.
void append_response_head(std::string& out, const ResponseHead& head, const HeadOptions& options);

}  // namespace penstock::http
