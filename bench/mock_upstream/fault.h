#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::bench {

enum class FaultKind : uint8_t {
  kNone,
  kSilent,       // reads the request and never answers
  kSlowHeaders,  // answers after `number` ms (1500)
  kCut,          // closes in the middle of the body, after `number` events (5)
  kReset,        // resets the connection, after `number` events (0)
  kStall,        // says nothing more after `number` events (5), and keeps the connection
  kDrip,         // a right answer, a few bytes at a time
  kMalformed,    // broken JSON after `number` events (5), then goes on as if nothing had been
  kErrorIn200,   // status 200, and an error object where the answer should be
  kStatus,       // answers with `status`; the first `number` times only if a number is given
  kHtml,         // status 200 and a web page
  kEmpty,        // status 200, a clean end, and nothing between
  kNoDone,       // a cleanly ended stream after `number` events (5), without finish_reason and [DONE]
  kNoUsage,      // never tells usage
};

// What an upstream does wrong. The client chooses by the model's name:
//   fault-silent  fault-slow-headers[-MS]  fault-cut[-N]  fault-reset[-N]  fault-stall[-N]  fault-drip
//   fault-malformed[-N]  fault-200-error  fault-429[-FIRST_N] (any status from 400 to 599)  fault-html
//   fault-empty fault-no-done[-N]  fault-no-usage
struct Fault {
  FaultKind kind = FaultKind::kNone;
  int64_t number = 0;
  int status = 0;

  static Fault of(std::string_view model);  // kNone for every other name
};

}  // namespace penstock::bench
