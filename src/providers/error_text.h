#pragma once

#include <string>
#include <string_view>

#include "providers/answer.h"

namespace penstock::providers {

// An upstream's error in its own words; what it does not say is empty.
struct ErrorText {
  std::string message;
  std::string type;        // "invalid_request_error", "BadRequestError", "INVALID_ARGUMENT"
  std::string code;        // "context_length_exceeded"; numbers, which repeat the status, are left out
  std::string inner_code;  // Azure: innererror.code; Gemini: details[].reason
  std::string param;
};

// The body of an error answer in any of the shapes that providers use: {"error": {...}}, {"error": "text"}, a
// list of one such, {"object": "error", "message": ...}, {"type": "error", ...}, {"detail": ...},
// {"message": ...}. Anything else: everything empty.
ErrorText read_error_text(std::string_view body);

// The same for the value of an `error` member (valid JSON).
ErrorText read_error_member(std::string_view raw);

// kOther where the words do not tell.
RefusalCause cause_of(const ErrorText& text);

}  // namespace penstock::providers
