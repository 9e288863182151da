#include "gateway/spend_recovery.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "core/log.h"
#include "gateway/spend_frame.h"

namespace penstock::gateway {
namespace {

using journal::Position;
using observability::RequestRecord;

constexpr int64_t kAllBytes = std::numeric_limits<int64_t>::max();
constexpr std::string_view kInterrupted = "interrupted";

// What the last mark says; without one, the beginning.
Result<Position> last_mark(journal::Journal& spend) {
  Position from;
  RETURN_IF_ERROR(
      spend.scan_backwards(std::nullopt, kAllBytes, [&](const Position&, const journal::Record& r) {
        auto kind = spend_frame_kind(r.payload);
        if (!kind || *kind != SpendFrame::Kind::kMark) return true;
        auto mark = decode_spend_frame(r.payload);
        if (mark) from = mark->position;
        return !mark;
      }));
  return from;
}

struct Opened {
  std::set<Uuid> ids;
  int64_t first_at_us = std::numeric_limits<int64_t>::max();
  Position end;
};

// Every request that was opened at `from` or later.
Result<Opened> opened_since(journal::Journal& spend, Position from) {
  Opened opened;
  RETURN_IF_ERROR(spend.scan(from, kAllBytes, [&](const Position& position, const journal::Record& record) {
    opened.end = position;
    auto kind = spend_frame_kind(record.payload);
    if (!kind || *kind == SpendFrame::Kind::kMark) return true;
    opened.ids.insert(record.id);
    opened.first_at_us = std::min(opened.first_at_us, record.at.us);
    return true;
  }));
  return opened;
}

// Takes away those that have their record.
Result<void> drop_settled(journal::Journal& requests, Opened& opened) {
  if (opened.ids.empty()) return {};
  ASSIGN_OR_RETURN(auto from, requests.first_at({opened.first_at_us - observability::kOrderSlackUs}));
  if (!from) return {};
  RETURN_IF_ERROR(requests.scan(*from, kAllBytes, [&](const Position&, const journal::Record& record) {
    opened.ids.erase(record.id);
    return !opened.ids.empty();
  }));
  return {};
}

// What is known of each orphan: its last open frame, with the tokens and cost of its last checkpoint.
Result<std::map<Uuid, RequestRecord>> orphans_since(journal::Journal& spend, Position from,
                                                    const std::set<Uuid>& ids) {
  std::map<Uuid, RequestRecord> orphans;
  RETURN_IF_ERROR(spend.scan(from, kAllBytes, [&](const Position&, const journal::Record& record) {
    if (!ids.contains(record.id)) return true;
    auto frame = decode_spend_frame(record.payload);
    if (!frame) {
      log_warn("a spend frame cannot be read",
               {{"request", record.id.text()}, {"error", frame.error().message}});
      return true;
    }
    if (frame->kind == SpendFrame::Kind::kOpen) {
      orphans[record.id] = std::move(frame->record);
    } else if (auto known = orphans.find(record.id); known != orphans.end()) {
      known->second.tokens = frame->record.tokens;
      known->second.cost = frame->record.cost;
    }
    return true;
  }));
  return orphans;
}

}  // namespace

Result<SpendRecovery> recover_spend(journal::Journal& spend, journal::Journal& requests,
                                    observability::RequestLog& log, const Clock& clock) {
  ASSIGN_OR_RETURN(Position from, last_mark(spend));
  ASSIGN_OR_RETURN(Opened opened, opened_since(spend, from));
  SpendRecovery recovery{.opens = static_cast<int64_t>(opened.ids.size()), .settled = 0};
  RETURN_IF_ERROR(drop_settled(requests, opened));
  ASSIGN_OR_RETURN(auto orphans, orphans_since(spend, from, opened.ids));
  for (auto& [id, record] : orphans) {
    record.ended_at = clock.now();
    record.error_code = kInterrupted;
    record.error_message = "the gateway ended while this request was in progress; what it cost is estimated";
    RETURN_IF_ERROR(log.write(record));
    ++recovery.settled;
  }
  if (opened.end != Position{}) {
    RETURN_IF_ERROR(spend.append({.id = {}, .at = clock.now(), .payload = encode_mark(opened.end)}));
  }
  return recovery;
}

}  // namespace penstock::gateway
