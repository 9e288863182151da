#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "observability/request_record.h"
#include "storage/journal/journal.h"

// The payloads of the journal `spend`, version 1 (docs/formats/spend_journal.md).
namespace penstock::gateway {

struct SpendFrame {
  enum class Kind : uint8_t { kOpen, kCheckpoint, kMark };

  Kind kind = Kind::kOpen;
  observability::RequestRecord record;  // kOpen: all that is known; kCheckpoint: id, tokens and cost
  journal::Position position;           // kMark: everything opened below it is settled
};

std::string encode_open(const observability::RequestRecord& record);
std::string encode_checkpoint(const Uuid& id, const TokenCounts& tokens, std::optional<Money> cost);
std::string encode_mark(const journal::Position& position);

// The kind alone, which is quick.
Result<SpendFrame::Kind> spend_frame_kind(std::string_view payload);
// kCorrupt: no such frame; kNotImplemented: written by a newer version.
Result<SpendFrame> decode_spend_frame(std::string_view payload);

}  // namespace penstock::gateway
