#include "core/error.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace penstock {

std::string_view error_code_name(ErrorCode code) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "invalid_argument",   "unauthenticated",   "permission_denied", "not_found",
      "method_not_allowed", "conflict",          "too_large",         "rate_limited",
      "cancelled",          "deadline_exceeded", "unavailable",       "upstream",
      "storage_full",       "corrupt",           "not_implemented",   "internal"};
  return kNames.at(std::to_underlying(code));
}

Error Error::invalid(std::string field, std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument, .message = std::move(message), .field = std::move(field)};
}

Error Error::not_found(std::string message, std::string reason) {
  return Error{.code = ErrorCode::kNotFound, .message = std::move(message), .reason = std::move(reason)};
}

Error Error::unavailable(std::string message) {
  return Error{.code = ErrorCode::kUnavailable, .message = std::move(message)};
}

Error Error::internal(std::string message) {
  return Error{.code = ErrorCode::kInternal, .message = std::move(message)};
}

Error Error::from_errno(int error_number, std::string_view what) {
  ErrorCode code = ErrorCode::kInternal;
  if (error_number == ENOSPC || error_number == EDQUOT) code = ErrorCode::kStorageFull;
  if (error_number == ENOENT) code = ErrorCode::kNotFound;
  return Error{.code = code, .message = std::string(what) + ": " + std::strerror(error_number)};
}

}  // namespace penstock
