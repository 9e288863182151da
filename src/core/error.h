#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// The closed list of what can go wrong. Each wire contract in api/ maps it to its own statuses and names in
// one table; adding a code means adding a row there.
enum class ErrorCode : uint8_t {
  kInvalidArgument,   // the caller's value is wrong; `field` names it
  kUnauthenticated,   // no credential, or one that does not verify
  kPermissionDenied,  // a known caller that may not
  kNotFound,
  kMethodNotAllowed,
  kConflict,          // exists already, or changed since it was read
  kTooLarge,          // over a named size limit
  kRateLimited,       // over a limit or a full queue; retry_after_ms says when to come back
  kCancelled,         // whoever asked has gone; expected, never logged as a failure
  kDeadlineExceeded,  // a peer or a task did not answer within its time limit
  kUnavailable,       // a part of this system is not ready
  kUpstream,          // an upstream failed or broke its protocol
  kStorageFull,       // no space left on the device
  kCorrupt,           // stored bytes do not match their checksum or format
  kNotImplemented,    // absent on purpose; the message says why
  kInternal,          // a bug or an operating system failure
};

// "invalid_argument", "not_found", ...: stable text for logs, records and the native API.
std::string_view error_code_name(ErrorCode code);

// What went wrong, for a person: `message` names the offending field or file and, where there is one, the
// fix. Never contains a secret.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message{};
  std::string field{};   // JSON path of the offending request field, e.g. "messages[2].role"; empty if none
  std::string reason{};  // finer, contract-level code such as "model_not_found"; empty if none
  std::optional<int64_t> retry_after_ms{};

  static Error invalid(std::string field, std::string message);
  static Error not_found(std::string message, std::string reason = {});
  static Error unavailable(std::string message);
  static Error internal(std::string message);
  // From errno after a failed system call: ENOSPC and EDQUOT become kStorageFull, ENOENT kNotFound, others
  // kInternal. `what` says what was tried and on which path.
  static Error from_errno(int error_number, std::string_view what);
};

}  // namespace penstock
