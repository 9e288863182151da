#include "api/mlflow/trace_messages.h"

namespace penstock::api::mlflow {
namespace {

constexpr std::string_view kStates[] = {"OK", "ERROR", "IN_PROGRESS", "STATE_UNSPECIFIED"};
constexpr std::string_view kStatuses[] = {"OK", "ERROR", "IN_PROGRESS", "TRACE_STATUS_UNSPECIFIED"};

constexpr Field kErrorFields[] = {{"error_code"}, {"error_message"}, {"stack_trace"}};
constexpr Message kAssessmentError{"AssessmentError", kErrorFields};
constexpr Field kSourceFields[] = {{"source_type"}, {"source_id"}};
constexpr Message kSource{"AssessmentSource", kSourceFields};
constexpr Field kFeedbackFields[] = {{.name = "value", .type = Type::kValue},
                                     {.name = "error", .type = Type::kMessage, .message = &kAssessmentError}};
constexpr Message kFeedback{"Feedback", kFeedbackFields};
constexpr Field kSerializedFields[] = {{"serialization_format"}, {"value"}};
constexpr Message kSerialized{"SerializedValue", kSerializedFields};
constexpr Field kExpectationFields[] = {
    {.name = "value", .type = Type::kValue},
    {.name = "serialized_value", .type = Type::kMessage, .message = &kSerialized}};
constexpr Message kExpectation{"Expectation", kExpectationFields};
constexpr Field kIssueFields[] = {{"issue_name"}};
constexpr Message kIssue{"IssueReference", kIssueFields};
constexpr Field kAssessmentFields[] = {
    {"assessment_id"},
    {"assessment_name"},
    {"trace_id"},
    {"span_id"},
    {.name = "source", .type = Type::kMessage, .message = &kSource},
    {"create_time"},
    {"last_update_time"},
    {.name = "feedback", .type = Type::kMessage, .message = &kFeedback},
    {.name = "expectation", .type = Type::kMessage, .message = &kExpectation},
    {.name = "issue", .type = Type::kMessage, .message = &kIssue},
    {"rationale"},
    {.name = "error", .type = Type::kMessage, .message = &kAssessmentError},
    {.name = "metadata", .type = Type::kStringMap},
    {"overrides"},
    {.name = "valid", .type = Type::kBool}};
constexpr Message kAssessment{"Assessment", kAssessmentFields};

constexpr Field kExperimentFields[] = {{"experiment_id"}};
constexpr Message kExperimentLocation{"MlflowExperimentLocation", kExperimentFields};
constexpr Field kLocationFields[] = {
    {"type"}, {.name = "mlflow_experiment", .type = Type::kMessage, .message = &kExperimentLocation}};
constexpr Message kLocation{"TraceLocation", kLocationFields};

constexpr Field kInfoFields[] = {
    {"trace_id"},
    {"client_request_id"},
    {.name = "trace_location", .type = Type::kMessage, .message = &kLocation},
    {"request_preview"},
    {"response_preview"},
    {"request_time"},
    {"execution_duration"},
    {.name = "state", .type = Type::kEnum, .names = kStates},
    {.name = "trace_metadata", .type = Type::kStringMap},
    {.name = "assessments", .type = Type::kMessage, .count = Count::kMany, .message = &kAssessment},
    {.name = "tags", .type = Type::kStringMap}};
constexpr Message kInfo{"TraceInfoV3", kInfoFields};
constexpr Field kTraceFields[] = {{.name = "trace_info", .type = Type::kMessage, .message = &kInfo}};
constexpr Message kTrace{"Trace", kTraceFields};

constexpr Field kEntryFields[] = {{.name = "key", .count = Count::kRequired}, {"value"}};
constexpr Message kEntry{"TraceTag", kEntryFields};
constexpr Field kPromptFields[] = {{.name = "name", .count = Count::kRequired},
                                   {.name = "version", .type = Type::kValue, .count = Count::kRequired}};
constexpr Message kPrompt{"PromptVersionRef", kPromptFields};

constexpr Field kTraceIdFields[] = {{"trace_id"}};
constexpr Field kRequestIdFields[] = {{"request_id"}};
constexpr Field kStartV3Fields[] = {
    {.name = "trace", .type = Type::kMessage, .count = Count::kRequired, .message = &kTrace}};
constexpr Field kGetFields[] = {{.name = "trace_id", .count = Count::kRequired},
                                {.name = "allow_partial", .type = Type::kBool}};
constexpr Field kBatchFields[] = {{.name = "trace_ids", .count = Count::kManyRequired},
                                  {.name = "experiment_ids", .count = Count::kMany}};
constexpr Field kSearchV3Fields[] = {
    {.name = "locations", .type = Type::kMessage, .count = Count::kManyRequired, .message = &kLocation},
    {"filter"},
    {.name = "max_results", .type = Type::kInt64},
    {.name = "order_by", .count = Count::kMany},
    {"page_token"}};
constexpr Field kSearchFields[] = {{.name = "experiment_ids", .count = Count::kManyRequired},
                                   {"filter"},
                                   {.name = "max_results", .type = Type::kInt64},
                                   {.name = "order_by", .count = Count::kMany},
                                   {"page_token"}};
constexpr Field kStartFields[] = {
    {"experiment_id"},
    {.name = "timestamp_ms", .type = Type::kInt64},
    {.name = "request_metadata", .type = Type::kMessage, .count = Count::kMany, .message = &kEntry},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kEntry}};
constexpr Field kEndFields[] = {
    {"request_id"},
    {.name = "timestamp_ms", .type = Type::kInt64},
    {.name = "status", .type = Type::kEnum, .names = kStatuses},
    {.name = "request_metadata", .type = Type::kMessage, .count = Count::kMany, .message = &kEntry},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kEntry}};
constexpr Field kDeleteFields[] = {{.name = "experiment_id", .count = Count::kRequired},
                                   {.name = "max_timestamp_millis", .type = Type::kInt64},
                                   {.name = "max_traces", .type = Type::kInt64},
                                   {.name = "request_ids", .count = Count::kMany}};
constexpr Field kSetTagFields[] = {
    {"request_id"}, {"trace_id"}, {.name = "key", .count = Count::kRequired}, {"value"}};
constexpr Field kDeleteTagFields[] = {
    {"request_id"}, {"trace_id"}, {.name = "key", .count = Count::kRequired}};
constexpr Field kLinkRunFields[] = {{.name = "trace_ids", .count = Count::kManyRequired},
                                    {.name = "run_id", .count = Count::kRequired}};
constexpr Field kLinkPromptFields[] = {
    {.name = "trace_id", .count = Count::kRequired},
    {.name = "prompt_versions", .type = Type::kMessage, .count = Count::kManyRequired, .message = &kPrompt}};
constexpr Field kCorrelationFields[] = {{.name = "experiment_ids", .count = Count::kManyRequired},
                                        {.name = "filter_string1", .count = Count::kRequired},
                                        {.name = "filter_string2", .count = Count::kRequired},
                                        {"base_filter"}};
constexpr Field kSpansPageFields[] = {
    {"trace_id"}, {.name = "max_results", .type = Type::kInt64}, {"page_token"}};
constexpr Field kArtifactFields[] = {{.name = "request_id", .count = Count::kRequired}, {"path"}};
constexpr Field kCreateFields[] = {
    {"trace_id"},
    {.name = "assessment", .type = Type::kMessage, .count = Count::kRequired, .message = &kAssessment}};
constexpr Field kUpdateFields[] = {
    {"trace_id"},
    {"assessment_id"},
    {.name = "assessment", .type = Type::kMessage, .count = Count::kRequired, .message = &kAssessment},
    {.name = "update_mask", .count = Count::kRequired}};
constexpr Field kAssessmentIdFields[] = {{"trace_id"}, {"assessment_id"}};

}  // namespace

const Message kTraceIdMessage{"GetTraceInfoV3", kTraceIdFields};
const Message kRequestIdMessage{"GetTraceInfo", kRequestIdFields};
const Message kStartTraceV3{"StartTraceV3", kStartV3Fields};
const Message kGetTrace{"GetTrace", kGetFields};
const Message kBatchGetTraces{"BatchGetTraces", kBatchFields};
const Message kSearchTracesV3{"SearchTracesV3", kSearchV3Fields};
const Message kSearchTraces{"SearchTraces", kSearchFields};
const Message kStartTrace{"StartTrace", kStartFields};
const Message kEndTrace{"EndTrace", kEndFields};
const Message kDeleteTraces{"DeleteTraces", kDeleteFields};
const Message kSetTraceTag{"SetTraceTag", kSetTagFields};
const Message kDeleteTraceTag{"DeleteTraceTag", kDeleteTagFields};
const Message kLinkTracesToRun{"LinkTracesToRun", kLinkRunFields};
const Message kLinkPromptsToTrace{"LinkPromptsToTrace", kLinkPromptFields};
const Message kFilterCorrelation{"CalculateTraceFilterCorrelation", kCorrelationFields};
const Message kTraceSpansPage{"TraceSpansPage", kSpansPageFields};
const Message kGetTraceArtifact{"GetTraceArtifact", kArtifactFields};
const Message kCreateAssessment{"CreateAssessment", kCreateFields};
const Message kUpdateAssessment{"UpdateAssessment", kUpdateFields};
const Message kAssessmentId{"GetAssessmentRequest", kAssessmentIdFields};

}  // namespace penstock::api::mlflow
