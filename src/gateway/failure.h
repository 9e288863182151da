#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace penstock::gateway {

// Why a try at an upstream did not lead to an answer: what decides about retries and fallbacks.
enum class FailureCause : uint8_t {
  kConnect,        // no connection, DNS and TLS included
  kTimeout,        // connect, first token, idle or total
  kRateLimited,    // 429
  kServer,         // 5xx
  kBroken,         // an answer against the protocol, cut, empty, or an error in spite of its status 200
  kCredentials,    // 401, 402, 403: the gateway's key is the problem, never the client's
  kContextWindow,  // the input is too long for this model
  kContentPolicy,  // the provider's filter refused it
  kUnsupported,    // this kind of provider cannot do it
  kRefused,        // another 4xx: the request itself is wrong, and would be anywhere
  kCancelled,      // the client has gone
};

// A set of causes, as `retry.on` gives it.
using CauseSet = uint32_t;
constexpr CauseSet cause_bit(FailureCause cause) { return CauseSet{1} << static_cast<unsigned>(cause); }
constexpr bool contains(CauseSet set, FailureCause cause) { return (set & cause_bit(cause)) != 0; }

// Failures that say something about the upstream, not about this request: they count for breakers and may be
// tried again or elsewhere.
constexpr bool is_upstreams_fault(FailureCause cause) {
  constexpr CauseSet kFaults = cause_bit(FailureCause::kConnect) | cause_bit(FailureCause::kTimeout) |
                               cause_bit(FailureCause::kRateLimited) | cause_bit(FailureCause::kServer) |
                               cause_bit(FailureCause::kBroken) | cause_bit(FailureCause::kCredentials);
  return contains(kFaults, cause);
}

// The cause of a failed send or read that has no HTTP status.
constexpr FailureCause cause_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
      return FailureCause::kConnect;
    case ErrorCode::kDeadlineExceeded:
      return FailureCause::kTimeout;
    case ErrorCode::kCancelled:
      return FailureCause::kCancelled;
    default:
      return FailureCause::kBroken;
  }
}

}  // namespace penstock::gateway
