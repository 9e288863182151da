#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::traces {

using TextMap = std::map<std::string, std::string, std::less<>>;

enum class TraceState : uint8_t { kUnspecified, kOk, kError, kInProgress };
std::string_view state_name(TraceState state);  // "STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"
std::optional<TraceState> parse_state(std::string_view name);

// What somebody or something thinks of a trace.
enum class AssessmentKind : uint8_t { kFeedback, kExpectation, kIssue };
std::string_view kind_name(AssessmentKind kind);  // "feedback", "expectation", "issue"

struct Assessment {
  std::string id;  // "a-" + 32 hex digits; given when it is made
  std::string trace_id;
  std::string name;
  AssessmentKind kind = AssessmentKind::kFeedback;
  std::string value = "null";  // JSON
  std::string error;           // JSON object {error_code, error_message, stack_trace}; empty: none
  std::string source_type;     // HUMAN, LLM_JUDGE, CODE
  std::string source_id;
  std::optional<std::string> span_id;
  std::optional<std::string> rationale;
  TextMap metadata;
  std::string overrides;  // the id of the assessment that this one stands for; empty: none
  bool valid = true;      // false once another one overrides it
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
};

// A trace without its spans.
struct TraceInfo {
  std::string trace_id;
  std::string experiment_id;
  int64_t request_time_ms = 0;
  std::optional<int64_t> execution_ms;
  TraceState state = TraceState::kUnspecified;
  std::optional<std::string> client_request_id;
  std::optional<std::string> request_preview;
  std::optional<std::string> response_preview;
  TextMap metadata;
  TextMap tags;
  std::vector<Assessment> assessments;
};

// Names of MLflow that mean something here.
inline constexpr std::string_view kNameTag = "mlflow.traceName";
inline constexpr std::string_view kSpansLocationTag = "mlflow.trace.spansLocation";
inline constexpr std::string_view kArtifactLocationTag = "mlflow.artifactLocation";
inline constexpr std::string_view kLinkedPromptsTag = "mlflow.linkedPrompts";
inline constexpr std::string_view kFinalizedKey = "mlflow.trace.infoFinalized";
inline constexpr std::string_view kSessionKey = "mlflow.trace.session";
inline constexpr std::string_view kUserKey = "mlflow.trace.user";
inline constexpr std::string_view kTokenUsageKey = "mlflow.trace.tokenUsage";
inline constexpr std::string_view kTraceCostKey = "mlflow.trace.cost";
inline constexpr std::string_view kSizeStatsKey = "mlflow.trace.sizeStats";
inline constexpr std::string_view kSourceRunKey = "mlflow.sourceRun";
inline constexpr std::string_view kTrackingStore = "TRACKING_STORE";

// Limits of MLflow 3.17 in characters; longer text is cut.
inline constexpr size_t kTagKeyMax = 250;
inline constexpr size_t kTagValueMax = 4096;  // as it is shown, and of a trace's name
inline constexpr size_t kTagStoredMax = 8000;
inline constexpr size_t kMetadataMax = 250;
inline constexpr size_t kPreviewMax = 1000;

// The longest prefix of at most `characters` characters.
std::string_view character_prefix(std::string_view text, size_t characters);

}  // namespace penstock::traces
