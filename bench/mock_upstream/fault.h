#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::bench {

enum class FaultKind : uint8_t {
  kNone,
  kSilent,         // reads the request and never answers
  kSlowHeaders,    // answers after `number` ms (1500)
  kCut,            // closes after `number` events (5); of a whole answer: in its middle
  kReset,          // resets the connection, after `number` events (0: before the head)
  kResetHead,      // resets the connection behind the head
  kStall,          // says nothing more after `number` events (5), and keeps the connection
  kDrip,           // a right answer, a few bytes at a time
  kMalformed,      // broken JSON after `number` events (5), then goes on as if nothing had been
  kTruncated,      // half of an event after `number` events (5), or half of the JSON, and a clean end
  kErrorIn200,     // status 200, and an error object where the answer should be
  kErrorEvent,     // an error event after `number` events (5), and a clean end
  kStatus,         // answers with `status`
  kHtml,           // status 200 and a web page
  kContentType,    // a right answer that is called text/plain
  kEmpty,          // status 200, a clean end, and nothing between
  kNoDone,         // a cleanly ended stream after `number` events (5), without what ends one properly
  kNoUsage,        // never tells usage
  kContextWindow,  // refuses: the prompt is too long
  kContentPolicy,  // refuses: the prompt is not allowed
  kQuota,          // refuses: the account has no money left
};

// What an upstream does wrong. The client chooses by the model's name:
//   fault-silent  fault-slow-headers[-MS]  fault-cut[-N]  fault-reset[-N]  fault-reset-head  fault-stall[-N]
//   fault-drip  fault-malformed[-N]  fault-truncated[-N]  fault-200-error  fault-error-event[-N]
//   fault-429[-FIRST_N] (any status from 400 to 599)  fault-html  fault-content-type  fault-empty
//   fault-no-done[-N]  fault-no-usage  fault-context-window  fault-content-policy  fault-quota
// Events are counted from the first word; what comes before it (the role, message_start) goes with the head.
struct Fault {
  FaultKind kind = FaultKind::kNone;
  int64_t number = 0;
  int status = 0;

  static Fault of(std::string_view name);  // kNone for every other name

  // The provider did the work and bills it, however little of it arrived. False for refusals and the like.
  bool is_billed() const;
};

}  // namespace penstock::bench
