#include "observability/traces/ingest.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "observability/traces/trace_store.h"
#include "observability/traces/translation.h"

namespace penstock::traces {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr size_t kTagsPerTraceMax = 200;     // from resources and attributes
constexpr int64_t kSummedSpansMax = 20'000;  // of a trace whose sums are made anew with each batch
constexpr std::string_view kTraceTagPrefix = "mlflow.traceTag.";
constexpr std::string_view kSdkPrefix = "telemetry.sdk.";
constexpr std::string_view kMlflowPrefix = "mlflow.";

std::string text_of(const Attributes& attributes, std::string_view key) {
  const std::string* json = find_attribute(attributes, key);
  return json == nullptr || *json == "null" ? std::string() : plain_text(*json);
}

// A tag's name may not leave the folder that it would be a file of: MLflow's rule for all of its tags.
bool is_tag_key(std::string_view key) {
  if (key.empty() || character_prefix(key, kTagKeyMax).size() != key.size()) return false;
  return std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-. /:").contains(c) || static_cast<unsigned char>(c) >= 0x80;
  });
}

void add_tag(TextMap& tags, std::string_view key, std::string_view json) {
  if (!is_tag_key(key) || tags.size() >= kTagsPerTraceMax) return;
  std::string value = plain_text(json);
  if (value.contains('\0')) return;
  tags.insert_or_assign(std::string(key), std::string(character_prefix(value, kTagValueMax)));
}

void add_resource(IncomingTrace& trace, const Attributes& resource) {
  for (const Attribute& attribute : resource) {
    if (attribute.key.starts_with(kSdkPrefix) || attribute.key.starts_with(kMlflowPrefix)) continue;
    add_tag(trace.tags, attribute.key, attribute.json);
  }
}

void add_root(IncomingTrace& trace, const Span& span) {
  trace.root_state = span.status == SpanStatus::kError ? TraceState::kError : TraceState::kOk;
  if (const std::string* inputs = find_attribute(span.attributes, kInputsKey)) {
    trace.request_preview = preview(*inputs, "user");
  }
  if (const std::string* outputs = find_attribute(span.attributes, kOutputsKey)) {
    trace.response_preview = preview(*outputs, "assistant");
  }
  for (const Attribute& attribute : span.attributes) {
    if (!attribute.key.starts_with(kTraceTagPrefix)) continue;
    add_tag(trace.tags, std::string_view(attribute.key).substr(kTraceTagPrefix.size()), attribute.json);
  }
}

void add_span(IncomingTrace& trace, const Span& span) {
  int64_t start_ms = span.start_ns / kNsPerMs;
  trace.start_ms = trace.spans.empty() ? start_ms : std::min(trace.start_ms, start_ms);
  if (span.end_ns > 0) trace.end_ms = std::max(trace.end_ms.value_or(0), span.end_ns / kNsPerMs);
  if (trace.session.empty()) trace.session = text_of(span.attributes, "session.id");
  if (trace.session.empty()) trace.session = text_of(span.attributes, "gen_ai.conversation.id");
  if (trace.user.empty()) trace.user = text_of(span.attributes, "user.id");
  if (span.parent_id.empty()) add_root(trace, span);
  SpanRow row = make_span_row(span);
  auto amounts = [&](AmountKind kind, const std::string& json) {
    return SpanAmounts{row.span_id, row.parent_id, json.empty() ? std::nullopt : parse_amounts(kind, json)};
  };
  trace.tokens.push_back(amounts(AmountKind::kTokens, row.usage));
  trace.costs.push_back(amounts(AmountKind::kCost, row.cost));
  trace.spans.push_back(std::move(row));
}

bool has_amounts(const std::vector<SpanAmounts>& spans) {
  return std::ranges::any_of(spans, [](const SpanAmounts& span) { return span.amounts.has_value(); });
}

// Sets the trace's sum from all its spans, unless the client has said what it is.
Result<void> write_sum(database::Connection& connection, int64_t trace, bool finalized, std::string_view key,
                       AmountKind kind, const std::vector<SpanAmounts>& spans) {
  if (finalized) {
    ASSIGN_OR_RETURN(std::optional<std::string> said, get_metadata(connection, trace, key));
    if (said) return {};
  }
  std::optional<Amounts> sum = sum_amounts(spans);
  return sum ? set_metadata(connection, trace, key, amounts_json(kind, *sum)) : Result<void>{};
}

Result<void> write_sums(database::Connection& connection, const TraceRow& row, bool created,
                        const IncomingTrace& incoming) {
  bool tokens = has_amounts(incoming.tokens);
  bool costs = has_amounts(incoming.costs);
  if (!tokens && !costs) return {};
  StoredAmounts all;
  if (created) {
    all = {incoming.tokens, incoming.costs};
  } else {
    ASSIGN_OR_RETURN(int64_t count, count_spans(connection, row.id));
    if (count > kSummedSpansMax) return {};
    ASSIGN_OR_RETURN(all, read_amounts(connection, row.id));
  }
  if (tokens) {
    RETURN_IF_ERROR(
        write_sum(connection, row.id, row.finalized, kTokenUsageKey, AmountKind::kTokens, all.tokens));
  }
  if (costs) {
    RETURN_IF_ERROR(
        write_sum(connection, row.id, row.finalized, kTraceCostKey, AmountKind::kCost, all.costs));
  }
  return {};
}

TraceRow new_trace(const IncomingTrace& incoming, int64_t experiment, const std::string& artifact_root) {
  TraceRow row{.trace_id = incoming.trace_id,
               .experiment = experiment,
               .request_time_ms = incoming.start_ms,
               .state = incoming.root_state.value_or(TraceState::kInProgress),
               .artifact_location = trace_artifacts(artifact_root, incoming.trace_id)};
  if (incoming.end_ms) row.execution_ms = *incoming.end_ms - incoming.start_ms;
  return row;
}

// Widens the time of a trace that has not been finished by its client.
void extend(TraceRow& row, const IncomingTrace& incoming) {
  int64_t start = std::min(row.request_time_ms, incoming.start_ms);
  if (incoming.end_ms) {
    int64_t end = row.execution_ms ? row.request_time_ms + *row.execution_ms : *incoming.end_ms;
    row.execution_ms = std::max(end, *incoming.end_ms) - start;
  }
  row.request_time_ms = start;
}

void apply(TraceRow& row, const IncomingTrace& incoming) {
  bool open = row.state == TraceState::kInProgress || row.state == TraceState::kUnspecified;
  if (open && incoming.root_state) row.state = *incoming.root_state;
  if (!row.request_preview && !incoming.request_preview.empty())
    row.request_preview = incoming.request_preview;
  if (!row.response_preview && !incoming.response_preview.empty()) {
    row.response_preview = incoming.response_preview;
  }
  if (!row.session && !incoming.session.empty()) {
    row.session = std::string(character_prefix(incoming.session, kMetadataMax));
  }
  if (auto name = incoming.tags.find(kNameTag); name != incoming.tags.end()) row.name = name->second;
  row.spans_here = true;
}

}  // namespace

std::string trace_artifacts(std::string_view artifact_root, std::string_view trace_id) {
  std::string location(artifact_root);
  if (!location.ends_with('/')) location += '/';
  return location.append("traces/").append(trace_id).append("/artifacts");
}

std::vector<IncomingTrace> prepare(SpanBatch batch) {
  std::vector<IncomingTrace> traces;
  std::unordered_map<std::string, size_t> by_id;
  for (Span& span : batch.spans) {
    translate(span);
    auto [found, added] = by_id.emplace(span.trace_id, traces.size());
    if (added) {
      traces.push_back({.trace_id = mlflow_trace_id(span.trace_id)});
      add_resource(traces.back(), batch.resources[span.resource]);
    }
    add_span(traces[found->second], span);
  }
  return traces;
}

Result<void> write_spans(database::Connection& connection, const IncomingTrace& incoming, int64_t experiment,
                         const std::string& artifact_root) {
  ASSIGN_OR_RETURN(std::optional<TraceRow> found, find_trace(connection, incoming.trace_id));
  bool created = !found;
  TraceRow row = found ? std::move(*found) : new_trace(incoming, experiment, artifact_root);
  if (!created && !row.finalized) extend(row, incoming);
  apply(row, incoming);
  if (created) {
    ASSIGN_OR_RETURN(row.id, insert_trace(connection, row));
  } else {
    RETURN_IF_ERROR(update_trace(connection, row));
  }
  for (const SpanRow& span : incoming.spans) RETURN_IF_ERROR(write_span(connection, row.id, span));
  RETURN_IF_ERROR(write_sums(connection, row, created, incoming));
  if (!incoming.user.empty()) {
    ASSIGN_OR_RETURN(std::optional<std::string> user, get_metadata(connection, row.id, kUserKey));
    if (!user) RETURN_IF_ERROR(set_metadata(connection, row.id, kUserKey, incoming.user));
  }
  for (const auto& [key, value] : incoming.tags) {
    if (key != kNameTag) RETURN_IF_ERROR(set_tag(connection, row.id, key, value));
  }
  return {};
}

}  // namespace penstock::traces
