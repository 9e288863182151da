#include "gateway/spend_frame.h"

#include <algorithm>
#include <array>

#include "core/json_fields.h"
#include "core/json_writer.h"

namespace penstock::gateway {
namespace {

constexpr int64_t kVersion = 1;
constexpr std::array<std::string_view, 3> kKindNames = {"open", "checkpoint", "mark"};

JsonWriter begin(SpendFrame::Kind kind) {
  JsonWriter json;
  json.begin_object().field("v", kVersion).field("kind", kKindNames[static_cast<size_t>(kind)]);
  return json;
}

Error corrupt(std::string_view why) {
  return Error{.code = ErrorCode::kCorrupt, .message = "not a spend frame: " + std::string(why)};
}

Result<SpendFrame::Kind> kind_of(const JsonFields& fields) {
  auto version = fields.integer("v");
  auto name = fields.string("kind");
  if (!version || !*version || !name || !*name) return Failure(corrupt("'v' or 'kind' is missing"));
  if (**version > kVersion) {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = "spend frame of version " + std::to_string(**version) +
                                    "; this program reads up to version " + std::to_string(kVersion)});
  }
  auto known = std::ranges::find(kKindNames, **name);
  if (known == kKindNames.end()) return Failure(corrupt("unknown kind"));
  return static_cast<SpendFrame::Kind>(known - kKindNames.begin());
}

Result<JsonFields> fields_of(std::string_view payload) {
  auto fields = JsonFields::parse(payload, "spend frame");
  if (!fields) return Failure(corrupt(fields.error().message));
  return fields;
}

}  // namespace

std::string encode_open(const observability::RequestRecord& record) {
  return begin(SpendFrame::Kind::kOpen)
      .raw_field("record", encode(record, observability::Bodies::kLeftOut))
      .end_object()
      .take();
}

std::string encode_checkpoint(const Uuid& id, const TokenCounts& tokens, std::optional<Money> cost) {
  observability::RequestRecord record;
  record.id = id;
  record.tokens = tokens;
  record.cost = cost;
  return begin(SpendFrame::Kind::kCheckpoint).raw_field("record", encode(record)).end_object().take();
}

std::string encode_mark(const journal::Position& position) {
  return begin(SpendFrame::Kind::kMark).field("position", position.text()).end_object().take();
}

Result<SpendFrame::Kind> spend_frame_kind(std::string_view payload) {
  ASSIGN_OR_RETURN(JsonFields fields, fields_of(payload));
  return kind_of(fields);
}

Result<SpendFrame> decode_spend_frame(std::string_view payload) {
  ASSIGN_OR_RETURN(JsonFields fields, fields_of(payload));
  SpendFrame frame;
  ASSIGN_OR_RETURN(frame.kind, kind_of(fields));
  if (frame.kind != SpendFrame::Kind::kMark) {
    ASSIGN_OR_RETURN(frame.record, observability::decode(fields.raw("record")));
    return frame;
  }
  auto text = fields.string("position");
  auto position = text && *text ? journal::Position::parse(**text) : std::nullopt;
  if (!position) return Failure(corrupt("'position' is none"));
  frame.position = *position;
  return frame;
}

}  // namespace penstock::gateway
