#include "observability/request_record.h"

#include <array>
#include <span>

#include "core/json_fields.h"
#include "core/json_writer.h"

namespace penstock::observability {
namespace {

constexpr int64_t kVersion = 1;

constexpr std::array<std::pair<TokenSource, std::string_view>, 3> kTokenSources = {{
    {TokenSource::kNone, "none"},
    {TokenSource::kCounted, "counted"},
    {TokenSource::kProvider, "provider"},
}};

constexpr std::array<std::pair<CacheOutcome, std::string_view>, 4> kCacheOutcomes = {{
    {CacheOutcome::kOff, "off"},
    {CacheOutcome::kMiss, "miss"},
    {CacheOutcome::kExact, "exact"},
    {CacheOutcome::kSemantic, "semantic"},
}};

constexpr std::array<TokenKind, 8> kTokenKinds = {{
    {"input", &TokenCounts::input},
    {"cached_input", &TokenCounts::cached_input},
    {"cache_write", &TokenCounts::cache_write},
    {"cache_write_1h", &TokenCounts::cache_write_1h},
    {"output", &TokenCounts::output},
    {"reasoning", &TokenCounts::reasoning},
    {"audio", &TokenCounts::audio},
    {"image", &TokenCounts::image},
}};

// Text members that are simply left out when empty. The last two are the bodies.
struct TextMember {
  std::string_view name;
  std::string RequestRecord::* text;
};
constexpr std::array<TextMember, 16> kTextMembers = {{
    {"endpoint", &RequestRecord::endpoint},
    {"key", &RequestRecord::key},
    {"key_id", &RequestRecord::key_id},
    {"group", &RequestRecord::group},
    {"model", &RequestRecord::model},
    {"route", &RequestRecord::route},
    {"target", &RequestRecord::target},
    {"upstream", &RequestRecord::upstream},
    {"upstream_model", &RequestRecord::upstream_model},
    {"upstream_request_id", &RequestRecord::upstream_request_id},
    {"finish_reason", &RequestRecord::finish_reason},
    {"price_version", &RequestRecord::price_version},
    {"feature", &RequestRecord::feature},
    {"user", &RequestRecord::user},
    {"input", &RequestRecord::input},
    {"output", &RequestRecord::output},
}};

std::span<const TextMember> members_with(Bodies bodies) {
  constexpr size_t kBodies = 2;
  return std::span(kTextMembers).first(kTextMembers.size() - (bodies == Bodies::kKept ? 0 : kBodies));
}

struct FlagMember {
  std::string_view name;
  bool RequestRecord::* flag;
};
constexpr std::array<FlagMember, 4> kFlagMembers = {{
    {"stream", &RequestRecord::stream},
    {"client_disconnected", &RequestRecord::client_disconnected},
    {"input_truncated", &RequestRecord::input_truncated},
    {"output_truncated", &RequestRecord::output_truncated},
}};

void write_tokens(JsonWriter& json, const TokenCounts& tokens) {
  json.key("tokens").begin_object();
  for (const TokenKind& kind : kTokenKinds) {
    if (tokens.*kind.count != 0) json.field(kind.name, tokens.*kind.count);
  }
  json.field("source", token_source_name(tokens.source)).end_object();
}

void write_attempts(JsonWriter& json, const std::vector<Attempt>& attempts) {
  json.key("attempts").begin_array();
  for (const Attempt& attempt : attempts) {
    json.begin_object().field("target", attempt.target).field("upstream", attempt.upstream);
    json.field("status", attempt.status);
    if (!attempt.error.empty()) json.field("error", attempt.error);
    json.field("duration_ms", attempt.duration_ms).end_object();
  }
  json.end_array();
}

void write_structured(JsonWriter& json, const RequestRecord& r) {
  if (r.model_version) {
    json.key("model_version").begin_object();
    json.field("name", r.model_version->name).field("version", r.model_version->version);
    json.field("digest", r.model_version->digest).end_object();
  }
  if (!r.error_code.empty() || !r.error_message.empty()) {
    json.key("error")
        .begin_object()
        .field("code", r.error_code)
        .field("message", r.error_message)
        .end_object();
  }
  write_tokens(json, r.tokens);
  if (r.cost) json.field("cost_nano_usd", r.cost->nano_usd);
  if (r.saved) json.field("saved_nano_usd", r.saved->nano_usd);
  if (r.cache != CacheOutcome::kOff) json.field("cache", cache_outcome_name(r.cache));
  if (!r.attempts.empty()) write_attempts(json, r.attempts);
  if (!r.metadata.empty()) {
    json.key("metadata").begin_object();
    for (const auto& [name, value] : r.metadata) json.field(name, value);
    json.end_object();
  }
}

Result<int64_t> integer(const JsonFields& fields, std::string_view key) {
  ASSIGN_OR_RETURN(auto value, fields.integer(key));
  return value.value_or(0);
}

Result<std::string> text(const JsonFields& fields, std::string_view key) {
  ASSIGN_OR_RETURN(auto value, fields.string(key));
  return std::move(value).value_or(std::string{});
}

Result<TokenCounts> read_tokens(const JsonFields& fields) {
  TokenCounts tokens;
  for (const TokenKind& kind : kTokenKinds) {
    ASSIGN_OR_RETURN(tokens.*kind.count, integer(fields, kind.name));
  }
  ASSIGN_OR_RETURN(std::string source, text(fields, "source"));
  for (const auto& [value, name] : kTokenSources) {
    if (name == source) tokens.source = value;
  }
  return tokens;
}

Result<Attempt> read_attempt(std::string_view raw) {
  ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(raw));
  Attempt attempt;
  ASSIGN_OR_RETURN(attempt.target, text(fields, "target"));
  ASSIGN_OR_RETURN(attempt.upstream, text(fields, "upstream"));
  ASSIGN_OR_RETURN(int64_t status, integer(fields, "status"));
  attempt.status = static_cast<int>(status);
  ASSIGN_OR_RETURN(attempt.error, text(fields, "error"));
  ASSIGN_OR_RETURN(attempt.duration_ms, integer(fields, "duration_ms"));
  return attempt;
}

Result<void> read_attempts(const JsonFields& fields, RequestRecord& r) {
  if (!fields.has("attempts")) return {};
  ASSIGN_OR_RETURN(auto elements, json_elements(fields.raw("attempts")));
  for (std::string_view element : elements) {
    ASSIGN_OR_RETURN(Attempt attempt, read_attempt(element));
    r.attempts.push_back(std::move(attempt));
  }
  return {};
}

Result<void> read_cost(const JsonFields& fields, RequestRecord& r) {
  ASSIGN_OR_RETURN(auto cost, fields.integer("cost_nano_usd"));
  if (cost) r.cost = Money{*cost};
  ASSIGN_OR_RETURN(auto saved, fields.integer("saved_nano_usd"));
  if (saved) r.saved = Money{*saved};
  ASSIGN_OR_RETURN(std::string cache, text(fields, "cache"));
  for (const auto& [outcome, name] : kCacheOutcomes) {
    if (name == cache) r.cache = outcome;
  }
  return {};
}

Result<ModelVersionRef> read_model_version(const JsonFields& fields) {
  ModelVersionRef ref;
  ASSIGN_OR_RETURN(ref.name, text(fields, "name"));
  ASSIGN_OR_RETURN(ref.version, text(fields, "version"));
  ASSIGN_OR_RETURN(ref.digest, text(fields, "digest"));
  return ref;
}

Result<void> read_structured(const JsonFields& fields, RequestRecord& r) {
  ASSIGN_OR_RETURN(auto model_version, fields.object("model_version"));
  if (model_version) {
    ASSIGN_OR_RETURN(r.model_version, read_model_version(*model_version));
  }
  ASSIGN_OR_RETURN(auto error, fields.object("error"));
  if (error) {
    ASSIGN_OR_RETURN(r.error_code, text(*error, "code"));
    ASSIGN_OR_RETURN(r.error_message, text(*error, "message"));
  }
  ASSIGN_OR_RETURN(auto tokens, fields.object("tokens"));
  if (tokens) {
    ASSIGN_OR_RETURN(r.tokens, read_tokens(*tokens));
  }
  ASSIGN_OR_RETURN(auto metadata, fields.object("metadata"));
  if (metadata) {
    for (const JsonFields::Member& member : metadata->members()) {
      ASSIGN_OR_RETURN(std::string value, json_unquote(member.raw));
      r.metadata.emplace_back(member.name, std::move(value));
    }
  }
  return {};
}

Result<void> read_times(const JsonFields& fields, RequestRecord& r) {
  ASSIGN_OR_RETURN(r.started_at.us, integer(fields, "started_at_us"));
  ASSIGN_OR_RETURN(r.ended_at.us, integer(fields, "ended_at_us"));
  ASSIGN_OR_RETURN(auto first_token, fields.integer("first_token_at_us"));
  if (first_token) r.first_token_at = Timestamp{*first_token};
  return {};
}

// The record up to its bodies, which encode() writes last, as an object of its own. Not one where `payload`
// has no bodies, or was written by something else.
std::string head_of(std::string_view payload) {
  std::string head(payload.substr(0, payload.rfind(R"(,"input":")")));
  head += '}';
  return head;
}

// Bodies are most of a record, and often not wanted.
Result<JsonFields> fields_of(std::string_view payload, Bodies bodies, std::string& head) {
  if (bodies == Bodies::kLeftOut) {
    head = head_of(payload);
    if (auto fields = JsonFields::parse(head, "request record")) return fields;
  }
  return JsonFields::parse(payload, "request record");
}

Result<RequestRecord> read(std::string_view payload, Bodies bodies) {
  std::string head;  // outlives `fields`
  ASSIGN_OR_RETURN(JsonFields fields, fields_of(payload, bodies, head));
  ASSIGN_OR_RETURN(int64_t version, integer(fields, "v"));
  if (version > kVersion) {
    return Failure(Error{.code = ErrorCode::kNotImplemented,
                         .message = "request record of version " + std::to_string(version) +
                                    "; this program reads up to version " + std::to_string(kVersion)});
  }
  RequestRecord r;
  ASSIGN_OR_RETURN(std::string id_text, text(fields, "id"));
  auto id = Uuid::parse(id_text);
  if (!id) return Failure(Error::invalid("id", "'id' is not a UUID"));
  r.id = *id;
  RETURN_IF_ERROR(read_times(fields, r));
  for (const TextMember& member : members_with(bodies)) {
    ASSIGN_OR_RETURN(r.*member.text, text(fields, member.name));
  }
  for (const FlagMember& member : kFlagMembers) {
    ASSIGN_OR_RETURN(auto flag, fields.boolean(member.name));
    r.*member.flag = flag.value_or(false);
  }
  ASSIGN_OR_RETURN(int64_t status, integer(fields, "status"));
  r.status = static_cast<int>(status);
  RETURN_IF_ERROR(read_cost(fields, r));
  RETURN_IF_ERROR(read_attempts(fields, r));
  RETURN_IF_ERROR(read_structured(fields, r));
  return r;
}

}  // namespace

std::span<const TokenKind> token_kinds() { return kTokenKinds; }

std::string_view token_source_name(TokenSource source) {
  for (const auto& [value, name] : kTokenSources) {
    if (value == source) return name;
  }
  return "none";
}

std::string_view cache_outcome_name(CacheOutcome outcome) {
  for (const auto& [known, name] : kCacheOutcomes) {
    if (known == outcome) return name;
  }
  return "off";
}

RequestRecord without_bodies(const RequestRecord& r) {
  RequestRecord copy;
  copy.id = r.id;
  copy.started_at = r.started_at;
  copy.first_token_at = r.first_token_at;
  copy.ended_at = r.ended_at;
  copy.model_version = r.model_version;
  copy.status = r.status;
  copy.error_code = r.error_code;
  copy.error_message = r.error_message;
  copy.tokens = r.tokens;
  copy.cost = r.cost;
  copy.saved = r.saved;
  copy.cache = r.cache;
  copy.attempts = r.attempts;
  copy.metadata = r.metadata;
  for (const FlagMember& member : kFlagMembers) copy.*member.flag = r.*member.flag;
  for (const TextMember& member : members_with(Bodies::kLeftOut)) {
    copy.*member.text = r.*member.text;
  }
  return copy;
}

std::string encode(const RequestRecord& r, Bodies bodies) {
  constexpr size_t kWithoutBodies = 1'024;
  size_t body_bytes = bodies == Bodies::kLeftOut ? 0 : r.input.size() + r.output.size();
  JsonWriter json(kWithoutBodies + body_bytes + body_bytes / 8);
  json.begin_object().field("v", kVersion).field("id", r.id.text());
  json.field("started_at_us", r.started_at.us).field("ended_at_us", r.ended_at.us);
  if (r.first_token_at) json.field("first_token_at_us", r.first_token_at->us);
  json.field("status", r.status);
  write_structured(json, r);
  for (const FlagMember& member : kFlagMembers) {
    if (r.*member.flag) json.field(member.name, true);
  }
  for (const TextMember& member : members_with(bodies)) {
    if (!(r.*member.text).empty()) json.field(member.name, r.*member.text);
  }
  return json.end_object().take();
}

Result<RequestRecord> decode(std::string_view payload, Bodies bodies) {
  auto record = read(payload, bodies);
  if (!record && record.error().code == ErrorCode::kInvalidArgument) {
    return Failure(Error{.code = ErrorCode::kCorrupt, .message = std::move(record).error().message});
  }
  return record;
}

}  // namespace penstock::observability
