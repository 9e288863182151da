#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "core/uuid.h"

namespace penstock::observability {

// Which registered model version answered. `digest` is that of the weights ("sha256:...").
struct ModelVersionRef {
  std::string name;
  std::string version;
  std::string digest;

  bool operator==(const ModelVersionRef&) const = default;
};

// One try at one upstream.
struct Attempt {
  std::string target;    // the target's id within its route
  std::string upstream;  // provider name, or "engine:<model>"
  int status = 0;        // HTTP status; 0: there was none
  std::string error;     // empty: it answered
  int64_t duration_ms = 0;

  bool operator==(const Attempt&) const = default;
};

// Where an answer came from. kOff: the call's route has no cache, or the call asked for none.
enum class CacheOutcome : uint8_t { kOff, kMiss, kExact, kSemantic };
std::string_view cache_outcome_name(CacheOutcome outcome);  // "off", "miss", "exact", "semantic"

// Everything that is kept of one answered call; the unit of the `requests` journal. The gateway fills it
// while the request lives and writes it once, before the last byte of the answer leaves.
struct RequestRecord {
  Uuid id;
  Timestamp started_at;                     // first byte read
  std::optional<Timestamp> first_token_at;  // first content event (streams), or the head of the answer
  Timestamp ended_at;
  std::string endpoint;             // "chat.completions", "completions", "embeddings", "messages", ...
  std::string key;                  // name of the client's key; empty: none was asked for
  std::string key_id;               // its id
  std::string group;                // the group that the key belongs to, "acme/search"
  std::string model;                // as the client asked
  std::string route;                // the public model name that matched; empty if none did
  std::string target;               // id of the route's target that answered, or was tried last
  std::string upstream;             // provider name from the configuration, or "engine:<model>"
  std::string upstream_model;       // the name sent upstream
  std::string upstream_request_id;  // the upstream's x-request-id
  std::optional<ModelVersionRef> model_version;
  bool stream = false;
  int status = 0;  // HTTP status answered
  std::string finish_reason;
  std::string error_code;  // empty: no error
  std::string error_message;
  TokenCounts tokens;
  std::optional<Money> cost;  // nullopt: no price is configured
  std::string price_version;  // of the price table that gave `cost`
  CacheOutcome cache = CacheOutcome::kOff;
  std::optional<Money> saved;     // what the cached answer had cost
  std::vector<Attempt> attempts;  // in order, the last one included; empty where nothing was called
  std::string feature;            // x-penstock-feature or metadata.feature
  std::string user;               // the body's `user`
  std::vector<std::pair<std::string, std::string>> metadata;  // the body's `metadata`
  bool client_disconnected = false;
  std::string input;  // request body, cut at record.body_bytes_max; empty if recording is off
  bool input_truncated = false;
  std::string output;  // JSON: the message, or the list of choices; embeddings are not kept
  bool output_truncated = false;

  bool operator==(const RequestRecord&) const = default;
};

// How a request ended. kCancelled: the client left on its own account, which nobody counts as a failure.
// kError: an error is recorded (also one after a 200 head, in the middle of a stream) or the status is 400
// and up.
enum class Outcome : uint8_t { kOk, kError, kCancelled };
inline Outcome outcome_of(const RequestRecord& record) {
  constexpr int kClientClosed = 499;
  if (record.status == kClientClosed) return Outcome::kCancelled;
  return !record.error_code.empty() || record.status >= 400 ? Outcome::kError : Outcome::kOk;
}
inline bool is_error(const RequestRecord& record) { return outcome_of(record) == Outcome::kError; }

// A copy without input and output, which may be large.
RequestRecord without_bodies(const RequestRecord& record);

// Tokens as OpenAI's prompt_tokens and completion_tokens count them.
inline int64_t input_tokens(const TokenCounts& t) {
  return t.input + t.cached_input + t.cache_write + t.cache_write_1h + t.image;
}
inline int64_t output_tokens(const TokenCounts& t) { return t.output + t.reasoning + t.audio; }

// A kind of token by its name in the format, in metrics and in the native API.
struct TokenKind {
  std::string_view name;
  int64_t TokenCounts::* count;
};
std::span<const TokenKind> token_kinds();

// "provider", "counted" or "none".
std::string_view token_source_name(TokenSource source);

// The journal's payload, version 1: one JSON object (docs/formats/request_record.md). Bytes that are not
// UTF-8 become U+FFFD; everything else reads back as it was written.
enum class Bodies : uint8_t { kKept, kLeftOut };
std::string encode(const RequestRecord& record, Bodies bodies = Bodies::kKept);
// Members it does not know are skipped, absent ones keep their defaults. kCorrupt: not such an object, or
// without an id; kNotImplemented: written by a newer version whose meaning has changed.
Result<RequestRecord> decode(std::string_view payload, Bodies bodies = Bodies::kKept);

}  // namespace penstock::observability
