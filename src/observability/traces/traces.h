#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "core/task.h"
#include "observability/traces/span.h"
#include "observability/traces/trace.h"
#include "observability/traces/trace_store.h"
#include "storage/database/database.h"

namespace penstock::traces {

// What belongs to tracking, which this folder does not know. Called inside reads and writes.
struct Surroundings {
  // The artifact root of an active experiment. kNotFound, or kInvalidArgument for one that is deleted.
  std::function<Result<std::string>(database::Connection&, std::string_view experiment_id)> artifact_root;
};

// A trace with its spans, each as span_content() writes it: roots first, then by start.
struct Trace {
  TraceInfo info;
  std::vector<std::string> spans;
};

inline constexpr int64_t kSpansPerTraceMax = 200'000;  // read at once; more are read by page
inline constexpr size_t kTracesPerGetMax = 500;
inline constexpr size_t kLinksPerCallMax = 100;
inline constexpr std::string_view kDefaultExperiment = "0";
// Error::reason while spans are on their way: asking again may help.
inline constexpr std::string_view kIncompleteTrace = "incomplete_trace";

// What an ended trace of an old client (MLflow 2.x) is.
struct TraceEnd {
  int64_t at_ms = 0;
  TraceState state = TraceState::kOk;
  TextMap metadata;
  TextMap tags;
};

struct TraceDeletion {
  std::string experiment_id;
  std::optional<int64_t> until_ms;     // requests up to this time...
  std::optional<int64_t> count_max;    // ...at most so many, oldest first
  std::vector<std::string> trace_ids;  // or these
};

// Changes of an assessment; what is absent stays. Metadata is merged.
struct AssessmentChange {
  std::optional<std::string> name;
  std::optional<AssessmentKind> kind;  // of the value, which must be the assessment's own
  std::string value;                   // JSON, with `kind`
  std::string error;
  std::optional<std::string> rationale;
  TextMap metadata;
};

// Traces, their spans and assessments in the platform's database. All errors are in MLflow's words.
// Thread-safe.
class Traces {
 public:
  Traces(database::Database& database, const Clock& clock, Random& random, Surroundings surroundings)
      : database_(database), clock_(clock), random_(random), around_(std::move(surroundings)) {}

  // Keeps the spans of one OTLP request: all of them or none. Traces that are new belong to `experiment_id`.
  // `run_id`, if not empty, is linked to the traces whose root is among the spans.
  Task<Result<void>> log_spans(std::string experiment_id, SpanBatch batch, std::string run_id);

  // The client's word about a whole trace: makes it, or completes one that spans have begun.
  Task<Result<TraceInfo>> start(TraceInfo info);
  // The two calls of MLflow 2.x. The first gives the trace its id.
  Task<Result<TraceInfo>> begin(TraceInfo info);
  Task<Result<TraceInfo>> end(std::string trace_id, TraceEnd end);

  Task<Result<TraceInfo>> info(std::string trace_id);
  // Those that exist (and are in one of `experiment_ids`, where given), in the order asked.
  Task<Result<std::vector<TraceInfo>>> infos(std::vector<std::string> trace_ids,
                                             std::optional<std::vector<std::string>> experiment_ids);
  // kNotFound; unless `partial`, also while fewer spans have come than the client has announced.
  Task<Result<Trace>> get(std::string trace_id, bool partial);
  // Those that are whole.
  Task<Result<std::vector<Trace>>> get_many(std::vector<std::string> trace_ids,
                                            std::optional<std::vector<std::string>> experiment_ids);
  // A page of a trace that may be huge: spans `offset` to `offset + spans_max`.
  Task<Result<std::vector<std::string>>> spans(std::string trace_id, int64_t offset, int64_t spans_max);

  Task<Result<void>> set_tag(std::string trace_id, std::string key, std::string value);
  Task<Result<void>> delete_tag(std::string trace_id, std::string key);
  // Returns how many are gone. Deletes some hundred at a time, so that other writes get their turn.
  Task<Result<int64_t>> remove(TraceDeletion deletion);
  // Traces that are not there are passed over; whether there is such a run is not asked, as in MLflow.
  Task<Result<void>> link_to_run(std::vector<std::string> trace_ids, std::string run_id);
  Task<Result<void>> link_prompts(std::string trace_id, std::vector<std::string> prompts);  // "name/version"

  Task<Result<Assessment>> assess(Assessment assessment);  // gives it its id
  Task<Result<Assessment>> assessment(std::string trace_id, std::string id);
  Task<Result<Assessment>> change_assessment(std::string trace_id, std::string id, AssessmentChange change);
  Task<Result<void>> remove_assessment(std::string trace_id, std::string id);

  database::Database& database() { return database_; }

 private:
  int64_t now_ms() const;
  std::string new_id(std::string_view prefix);

  database::Database& database_;
  const Clock& clock_;
  Random& random_;
  Surroundings around_;
};

// An experiment's number. kInvalidArgument in MLflow's words.
Result<int64_t> experiment_number(std::string_view experiment_id);

}  // namespace penstock::traces
