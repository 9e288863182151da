#include "observability/traces/traces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "core/run_task.h"
#include "observability/traces/otlp.h"
#include "observability/traces/otlp_samples.h"
#include "observability/traces/trace_metrics.h"
#include "observability/traces/trace_search.h"
#include "storage/database/database_fixture.h"

namespace penstock::traces {
namespace {

using database::Engine;
using database::engine_name;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

std::string id_bytes(size_t size, int number) {
  std::string id(size, '\0');
  id[size - 2] = static_cast<char>(number >> 8);
  id[size - 1] = static_cast<char>(number);
  return id;
}

std::string trace_name(int number) {
  char text[40];
  std::snprintf(text, sizeof text, "tr-%032x", number);
  return text;
}

class TracesTest : public database::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    auto opened = try_open(traces::migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    Surroundings around{
        .artifact_root = [](database::Connection&, std::string_view id) -> Result<std::string> {
          if (id == "7") return Failure(Error::not_found("No Experiment with id=7 exists"));
          return "mlflow-artifacts:/" + std::string(id);
        }};
    traces_ = std::make_unique<Traces>(*database_, clock_, random_, std::move(around));
  }

  Result<void> log(const std::vector<SampleSpan>& spans, std::string experiment = "1", std::string run = "") {
    auto batch = read_otlp(sample_request(spans));
    EXPECT_TRUE(batch);
    return run_task(traces_->log_spans(std::move(experiment), std::move(*batch), std::move(run)));
  }

  // A trace of a root and a child.
  void log_trace(int number, std::string type = "CHAIN", std::string model = "gpt-4", int64_t start_ms = 0) {
    if (start_ms == 0) start_ms = 1'000 + number;
    SampleSpan root{
        .trace_id = id_bytes(16, number),
        .span_id = id_bytes(8, 1),
        .name = "root",
        .start_ms = start_ms,
        .end_ms = start_ms + 500,
        .attributes = {{"mlflow.spanType", std::move(type)}, {"mlflow.spanInputs", "what is up"}}};
    SampleSpan child{
        .trace_id = root.trace_id,
        .span_id = id_bytes(8, 2),
        .parent_id = root.span_id,
        .name = "child" + std::to_string(number),
        .start_ms = start_ms + 1,
        .end_ms = start_ms + 2,
        .attributes = {{"mlflow.spanType", "TOOL"},
                       {"model", std::move(model)},
                       {"mlflow.chat.tokenUsage", "{\"input_tokens\": 3, \"output_tokens\": 4}"}}};
    auto logged = log({child, root});
    ASSERT_TRUE(logged) << logged.error().message;
  }

  TraceInfo info(int number) {
    auto found = run_task(traces_->info(trace_name(number)));
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : TraceInfo{};
  }

  std::vector<std::string> search(std::string filter, std::vector<std::string> order_by = {},
                                  std::vector<std::string> experiments = {"1"}) {
    auto page = run_task(search_traces(
        *database_,
        {.experiment_ids = std::move(experiments), .filter = filter, .order_by = std::move(order_by)}));
    EXPECT_TRUE(page) << filter << ": " << page.error().message;
    std::vector<std::string> ids;
    if (page) {
      for (const TraceInfo& trace : page->traces) ids.push_back(trace.trace_id);
    }
    return ids;
  }

  std::string refusal(std::string filter, std::vector<std::string> order_by = {}) {
    auto page = run_task(search_traces(
        *database_, {.experiment_ids = {"1"}, .filter = std::move(filter), .order_by = std::move(order_by)}));
    EXPECT_FALSE(page);
    return page ? "" : page.error().message;
  }

  Assessment assess(int number, std::string name, std::string value,
                    AssessmentKind kind = AssessmentKind::kFeedback) {
    auto made = run_task(traces_->assess({.trace_id = trace_name(number),
                                          .name = std::move(name),
                                          .kind = kind,
                                          .value = std::move(value),
                                          .source_type = "HUMAN",
                                          .source_id = "ann"}));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : Assessment{};
  }

  ManualClock clock_;
  SeededRandom random_{11};
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<Traces> traces_;
};
PENSTOCK_ON_ALL_ENGINES(TracesTest);

TEST_P(TracesTest, SpansMakeATrace) {
  log_trace(1);
  TraceInfo trace = info(1);
  EXPECT_EQ(trace.experiment_id, "1");
  EXPECT_EQ(trace.request_time_ms, 1'001);
  EXPECT_EQ(trace.execution_ms, 500);
  EXPECT_EQ(trace.state, TraceState::kOk);
  EXPECT_EQ(trace.request_preview, "\"what is up\"");
  EXPECT_THAT(trace.tags, Contains(Pair(kSpansLocationTag, kTrackingStore)));
  EXPECT_THAT(trace.tags, Contains(Pair("service.name", "shop")));
  EXPECT_THAT(trace.tags, Contains(Pair(kArtifactLocationTag,
                                        "mlflow-artifacts:/1/traces/" + trace_name(1) + "/artifacts")));
  EXPECT_THAT(
      trace.metadata,
      Contains(Pair(kTokenUsageKey, "{\"input_tokens\": 3, \"output_tokens\": 4, \"total_tokens\": 0}")));
  auto whole = run_task(traces_->get(trace_name(1), false));
  ASSERT_TRUE(whole) << whole.error().message;
  ASSERT_EQ(whole->spans.size(), 2);
  EXPECT_THAT(whole->spans[0], HasSubstr("\"name\": \"root\""));
  EXPECT_TRUE(parse_json(whole->spans[1]));
}

TEST_P(TracesTest, SpansOfOneTraceMayComeInManyRequests) {
  SampleSpan child{.parent_id = id_bytes(8, 2), .name = "child", .start_ms = 2'000, .end_ms = 9'000};
  child.span_id = id_bytes(8, 3);
  child.attributes = {{"mlflow.chat.tokenUsage", "{\"input_tokens\": 1}"}};
  ASSERT_TRUE(log({child}));
  EXPECT_EQ(info(1).state, TraceState::kInProgress);
  ASSERT_TRUE(log({SampleSpan{.start_ms = 1'000, .end_ms = 9'500, .status = 2}}));
  EXPECT_EQ(info(1).state, TraceState::kError);
  EXPECT_EQ(info(1).request_time_ms, 1'000);
  EXPECT_EQ(info(1).execution_ms, 8'500);
  ASSERT_TRUE(log({child}));  // again: nothing counts twice
  EXPECT_EQ(run_task(traces_->get(trace_name(1), false))->spans.size(), 2);
  EXPECT_THAT(info(1).metadata, Contains(Pair(kTokenUsageKey, HasSubstr("\"input_tokens\": 1,"))));
}

TEST_P(TracesTest, WhatTheClientSaysOfATraceCountsMoreThanItsSpans) {
  log_trace(1);
  TraceInfo said{
      .trace_id = trace_name(1),
      .experiment_id = "1",
      .request_time_ms = 5,
      .execution_ms = 6,
      .state = TraceState::kError,
      .request_preview = "asked",
      .metadata = {{"k", "v"}, {std::string(kSessionKey), "s1"}, {std::string(kTokenUsageKey), "{}"}},
      .tags = {{std::string(kNameTag), "mine"}, {"t", "u"}, {std::string(kSpansLocationTag), "ELSEWHERE"}}};
  auto stored = run_task(traces_->start(said));
  ASSERT_TRUE(stored) << stored.error().message;
  log_trace(1);
  TraceInfo trace = info(1);
  EXPECT_EQ(trace.request_time_ms, 5);
  EXPECT_EQ(trace.execution_ms, 6);
  EXPECT_EQ(trace.state, TraceState::kError);
  EXPECT_EQ(trace.request_preview, "asked");
  EXPECT_EQ(trace.metadata.at(std::string(kTokenUsageKey)), "{}");
  EXPECT_EQ(trace.metadata.at(std::string(kFinalizedKey)), "true");
  EXPECT_EQ(trace.metadata.at(std::string(kSessionKey)), "s1");
  EXPECT_EQ(trace.tags.at(std::string(kSpansLocationTag)), kTrackingStore);
  EXPECT_EQ(trace.tags.at(std::string(kNameTag)), "mine");
}

TEST_P(TracesTest, AnExperimentThatIsNotThereTakesNoTraces) {
  EXPECT_EQ(log({{}}, "7").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(log({{}}, "seven").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(run_task(traces_->start({.trace_id = "tr-1", .experiment_id = "7"})).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(run_task(traces_->info(trace_name(1))).error().message,
            "Trace with ID '" + trace_name(1) + "' not found.");
}

TEST_P(TracesTest, ATraceIsIncompleteUntilAllAnnouncedSpansAreThere) {
  log_trace(1);
  TraceInfo said{.trace_id = trace_name(1),
                 .experiment_id = "1",
                 .state = TraceState::kOk,
                 .metadata = {{std::string(kSizeStatsKey), "{\"num_spans\": 3}"}}};
  ASSERT_TRUE(run_task(traces_->start(said)));
  EXPECT_EQ(run_task(traces_->get(trace_name(1), false)).error().reason, kIncompleteTrace);
  EXPECT_EQ(run_task(traces_->get(trace_name(1), true))->spans.size(), 2);
  EXPECT_THAT(*run_task(traces_->get_many({trace_name(1)}, std::nullopt)), IsEmpty());
}

TEST_P(TracesTest, TracesOfOldClientsBeginAndEnd) {
  auto begun = run_task(traces_->begin({.experiment_id = "1",
                                        .request_time_ms = 100,
                                        .metadata = {{"a", "1"}},
                                        .tags = {{std::string(kNameTag), "old"}}}));
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_EQ(begun->trace_id.size(), 32);
  EXPECT_EQ(begun->state, TraceState::kInProgress);
  auto ended =
      run_task(traces_->end(begun->trace_id, {.at_ms = 150, .metadata = {{"b", "2"}}, .tags = {{"t", "u"}}}));
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->execution_ms, 50);
  EXPECT_THAT(ended->metadata, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_THAT(ended->tags, testing::Not(Contains(Key(kSpansLocationTag))));
}

TEST_P(TracesTest, TagsAreSetAndDeleted) {
  log_trace(1);
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(1), "k", "v")));
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(1), "k", "w")));
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(1), std::string(kNameTag), "new name")));
  EXPECT_EQ(info(1).tags.at("k"), "w");
  EXPECT_THAT(search("name = 'new name'"), ElementsAre(trace_name(1)));
  ASSERT_TRUE(run_task(traces_->delete_tag(trace_name(1), "k")));
  EXPECT_EQ(run_task(traces_->delete_tag(trace_name(1), "k")).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(run_task(traces_->delete_tag(trace_name(1), std::string(kNameTag))));
  EXPECT_EQ(run_task(traces_->set_tag("tr-none", "k", "v")).error().code, ErrorCode::kNotFound);
}

TEST_P(TracesTest, SearchFindsByEverythingThatTracesHave) {
  log_trace(1, "LLM", "gpt-4");
  log_trace(2, "AGENT", "claude");
  log_trace(3, "LLM", "GPT-4o");
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(2), "env", "prod")));
  ASSERT_TRUE(run_task(traces_->link_to_run({trace_name(3)}, "r1")));
  ASSERT_TRUE(run_task(traces_->link_prompts(trace_name(1), {"qa/2"})));
  auto one = ElementsAre(trace_name(1));
  auto two = ElementsAre(trace_name(2));
  auto three = ElementsAre(trace_name(3));
  auto llms = ElementsAre(trace_name(3), trace_name(1));
  EXPECT_THAT(search(""), ElementsAre(trace_name(3), trace_name(2), trace_name(1)));
  EXPECT_THAT(search("timestamp_ms >= 1002 AND trace.timestamp < 1003"), two);
  EXPECT_THAT(search("attributes.execution_time = 500 AND end_time_ms > 1502.5"), three);
  EXPECT_THAT(search("status = 'OK' AND request_id IN ('" + trace_name(1) + "', 'x')"), one);
  EXPECT_THAT(search("status = 'ERROR'"), IsEmpty());
  EXPECT_THAT(search("tags.env = 'prod'"), two);
  EXPECT_THAT(search("tag.env ILIKE '%ROD'"), two);
  EXPECT_THAT(search("tag.env IS NOT NULL"), two);
  EXPECT_THAT(search("tag.env IS NULL"), llms);
  EXPECT_THAT(search("tag.`service.name` != 'other'"),
              ElementsAre(trace_name(3), trace_name(2), trace_name(1)));
  EXPECT_THAT(search("span.type = 'LLM'"), llms);
  EXPECT_THAT(search("span.type IN ('AGENT', 'CHAIN')"), two);
  EXPECT_THAT(search("span.name LIKE 'child%' AND span.type = 'TOOL'"),
              ElementsAre(trace_name(3), trace_name(2), trace_name(1)));
  EXPECT_THAT(search("span.name = 'child2' AND span.type = 'AGENT'"), IsEmpty());  // of one span, not of two
  EXPECT_THAT(search("span.attributes.model LIKE '%gpt%'"), one);
  EXPECT_THAT(search("span.attributes.model ILIKE '%gpt%'"), llms);
  EXPECT_THAT(search("span.attributes.model = 'gpt-4'"), one);
  EXPECT_THAT(search("span.attributes.model RLIKE '^gpt-[0-9]$'"), one);
  EXPECT_THAT(search("span.attributes.model RLIKE 'aud'"), two);
  EXPECT_THAT(search("trace.text LIKE '%claude%'"), two);
  EXPECT_THAT(search("trace.text ILIKE '%GPT-4O%'"), three);
  EXPECT_THAT(search("run_id = 'r1'"), three);
  EXPECT_THAT(search("prompt = 'qa/2'"), one);
}

TEST_P(TracesTest, SearchFindsByAssessments) {
  for (int number : {1, 2, 3}) log_trace(number);
  assess(1, "score", "0.9");
  assess(2, "score", "0.4");
  assess(3, "good", "true");
  Assessment first = assess(2, "grade", "\"bad\"");
  EXPECT_THAT(search("feedback.score > 0.5"), ElementsAre(trace_name(1)));
  EXPECT_THAT(search("feedback.score <= 0.4"), ElementsAre(trace_name(2)));
  EXPECT_THAT(search("feedback.good > 0"), IsEmpty());  // a boolean is no number
  EXPECT_THAT(search("feedback.good = 'true'"), ElementsAre(trace_name(3)));
  EXPECT_THAT(search("feedback.grade = 'bad'"), ElementsAre(trace_name(2)));
  EXPECT_THAT(search("feedback.grade LIKE '%ad%'"), ElementsAre(trace_name(2)));
  EXPECT_THAT(search("expectation.grade IS NOT NULL"), IsEmpty());
  EXPECT_THAT(search("feedback.score IS NULL"), ElementsAre(trace_name(3)));
}

TEST_P(TracesTest, SearchNeverLeavesItsExperiments) {
  log_trace(1);
  ASSERT_TRUE(log({SampleSpan{.trace_id = id_bytes(16, 9), .name = "other"}}, "2"));
  EXPECT_THAT(search("span.name LIKE '%'"), ElementsAre(trace_name(1)));
  EXPECT_THAT(search("", {}, {"2"}), ElementsAre(trace_name(9)));
  EXPECT_THAT(search("", {"experiment_id"}, {"1", "2"}), ElementsAre(trace_name(1), trace_name(9)));
  EXPECT_THAT(search("", {}, {}), IsEmpty());
}

TEST_P(TracesTest, OrderPutsAbsentValuesLast) {
  for (int number : {1, 2, 3}) log_trace(number);
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(1), "rank", "b")));
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(3), "rank", "a")));
  EXPECT_THAT(search("", {"timestamp ASC"}), ElementsAre(trace_name(1), trace_name(2), trace_name(3)));
  EXPECT_THAT(search("", {"tags.rank"}), ElementsAre(trace_name(3), trace_name(1), trace_name(2)));
  EXPECT_THAT(search("", {"tags.rank DESC"}), ElementsAre(trace_name(1), trace_name(3), trace_name(2)));
  EXPECT_THAT(refusal("", {"timestamp", "timestamp DESC"}), HasSubstr("duplicate fields"));
  EXPECT_THAT(refusal("", {"color"}), HasSubstr("color"));
}

TEST_P(TracesTest, PagesFollowTheLastTraceSeen) {
  for (int number = 1; number <= 7; ++number) log_trace(number, "LLM", "m", 5'000 + number / 3);
  for (std::vector<std::string> order : {std::vector<std::string>{}, std::vector<std::string>{"status"}}) {
    std::vector<std::string> seen;
    TraceSearch search{.experiment_ids = {"1"}, .results_max = 3, .order_by = order};
    do {
      auto page = run_task(search_traces(*database_, search));
      ASSERT_TRUE(page) << page.error().message;
      for (const TraceInfo& trace : page->traces) seen.push_back(trace.trace_id);
      search.page_token = page->next_page_token;
    } while (!search.page_token.empty());
    EXPECT_THAT(seen, ElementsAre(trace_name(6), trace_name(7), trace_name(3), trace_name(4), trace_name(5),
                                  trace_name(1), trace_name(2)));
  }
  EXPECT_FALSE(run_task(search_traces(*database_, {.experiment_ids = {"1"}, .page_token = "?"})));
}

TEST_P(TracesTest, FiltersThatAreNoneAreRefusedWithTheReason) {
  EXPECT_THAT(refusal("color = 'red'"), HasSubstr("Invalid attribute key 'color'"));
  EXPECT_THAT(refusal("planet.color = 'red'"), HasSubstr("Invalid entity type 'planet'"));
  EXPECT_THAT(refusal("status > 'OK'"), HasSubstr("Invalid comparator '>'"));
  EXPECT_THAT(refusal("span.color = 'red'"), HasSubstr("Invalid span attribute 'color'"));
  EXPECT_THAT(refusal("span.name RLIKE '('"), HasSubstr("regular expression"));
  EXPECT_THAT(refusal("timestamp_ms > 'x'"), HasSubstr("numeric value"));
  EXPECT_EQ(refusal("status > 'OK'"),
            "Invalid comparator '>' not one of '{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN', 'RLIKE'}'");
  EXPECT_EQ(refusal("span.content = 'x'"), "span.content comparator '=' not one of '{'ILIKE', 'LIKE'}'");
  EXPECT_EQ(refusal("tags.color = 5"),
            "Expected a quoted string value for tag (e.g. 'my-value'). Got value 5");
  EXPECT_EQ(refusal("", {"span.name"}), "Invalid identifier type 'span'");
  EXPECT_THAT(refusal("prompt = 'x'"), HasSubstr("name/version"));
}

TEST_P(TracesTest, ValuesOfFiltersAreNeverStatements) {
  log_trace(1);
  EXPECT_THAT(search("tags.`x'; DROP TABLE trace_infos; --` = 'y'"), IsEmpty());
  EXPECT_THAT(search("span.attributes.`m'o%_del` = \"' OR 1=1 --\""), IsEmpty());
  EXPECT_THAT(search(""), ElementsAre(trace_name(1)));
}

TEST_P(TracesTest, AssessmentsAreChangedOverriddenAndRestored) {
  log_trace(1);
  Assessment first = assess(1, "ok", "true");
  EXPECT_TRUE(first.id.starts_with("a-"));
  auto second = run_task(traces_->assess({.trace_id = trace_name(1),
                                          .name = "ok",
                                          .value = "false",
                                          .source_type = "HUMAN",
                                          .source_id = "bob",
                                          .overrides = first.id}));
  ASSERT_TRUE(second);
  EXPECT_FALSE(run_task(traces_->assessment(trace_name(1), first.id))->valid);
  auto changed = run_task(traces_->change_assessment(
      trace_name(1), second->id,
      {.kind = AssessmentKind::kFeedback, .value = "0.5", .rationale = "because", .metadata = {{"k", "v"}}}));
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->value, "0.5");
  EXPECT_EQ(changed->rationale, "because");
  EXPECT_THAT(run_task(traces_->change_assessment(trace_name(1), second->id,
                                                  {.kind = AssessmentKind::kExpectation, .value = "1"}))
                  .error()
                  .message,
              HasSubstr("Cannot update expectation"));
  ASSERT_TRUE(run_task(traces_->remove_assessment(trace_name(1), second->id)));
  ASSERT_TRUE(run_task(traces_->remove_assessment(trace_name(1), second->id)));
  EXPECT_TRUE(run_task(traces_->assessment(trace_name(1), first.id))->valid);
  EXPECT_EQ(info(1).assessments.size(), 1);
  EXPECT_EQ(run_task(traces_->assessment(trace_name(1), "a-none")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run_task(traces_->assess({.trace_id = "tr-none", .name = "x"})).error().code,
            ErrorCode::kNotFound);
}

TEST_P(TracesTest, TracesAreDeletedByTimeAndById) {
  for (int number = 1; number <= 5; ++number) log_trace(number);
  assess(1, "x", "1");
  auto removed = [&](TraceDeletion deletion) { return run_task(traces_->remove(std::move(deletion))); };
  EXPECT_EQ(*removed({.experiment_id = "1", .trace_ids = {trace_name(5), "tr-none"}}), 1);
  EXPECT_EQ(*removed({.experiment_id = "2", .until_ms = 9'999}), 0);
  EXPECT_EQ(*removed({.experiment_id = "1", .until_ms = 1'004, .count_max = 2}), 2);
  EXPECT_THAT(search(""), ElementsAre(trace_name(4), trace_name(3)));
  EXPECT_EQ(*removed({.experiment_id = "1", .until_ms = 9'999}), 2);
  EXPECT_THAT(removed({.experiment_id = "1"}).error().message, HasSubstr("must be specified"));
  EXPECT_FALSE(removed({.experiment_id = "1", .until_ms = 1, .count_max = 0}));
  int64_t left = -1;
  ASSERT_TRUE(database_->read_now([&](database::Connection& connection) {
    return connection.query(
        "SELECT (SELECT COUNT(*) FROM trace_spans) + (SELECT COUNT(*) FROM trace_tags) +"
        " (SELECT COUNT(*) FROM trace_metadata) + (SELECT COUNT(*) FROM trace_assessments)",
        {}, [&](const database::Row& row) {
          left = row.integer(0);
          return false;
        });
  }));
  EXPECT_EQ(left, 0);
}

TEST_P(TracesTest, TracesAreLinkedToRuns) {
  log_trace(1);
  EXPECT_FALSE(run_task(traces_->link_to_run(std::vector<std::string>(101, trace_name(1)), "r1")));
  ASSERT_TRUE(log({SampleSpan{.trace_id = id_bytes(16, 4)}}, "1", "r1"));
  EXPECT_THAT(search("run_id = 'r1'"), ElementsAre(trace_name(4)));
  ASSERT_TRUE(run_task(traces_->link_to_run({trace_name(1), "tr-none"}, "r1")));
  ASSERT_TRUE(run_task(traces_->link_to_run({trace_name(1)}, "r1")));
  EXPECT_THAT(search("run_id = 'r1'"), ElementsAre(trace_name(1), trace_name(4)));
}

TEST_P(TracesTest, HugeTracesAreReadByPage) {
  std::vector<SampleSpan> spans;
  for (int i = 1; i <= 2'500; ++i) {
    spans.push_back(
        {.span_id = id_bytes(8, i), .parent_id = i == 1 ? "" : id_bytes(8, 1), .start_ms = 1'000 + i});
  }
  ASSERT_TRUE(log(spans));
  auto page = run_task(traces_->spans(trace_name(1), 2'000, 1'000));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->size(), 500);
  EXPECT_EQ(run_task(traces_->get(trace_name(1), false))->spans.size(), 2'500);
}

TEST_P(TracesTest, CorrelationOfFilters) {
  for (int number = 1; number <= 4; ++number) log_trace(number, number <= 2 ? "LLM" : "AGENT");
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(1), "bad", "1")));
  ASSERT_TRUE(run_task(traces_->set_tag(trace_name(2), "bad", "1")));
  auto found = run_task(correlate_filters(*database_, {"1"}, "span.type = 'LLM'", "tags.bad = '1'", ""));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->total, 4);
  EXPECT_EQ(found->joint, 2);
  EXPECT_DOUBLE_EQ(found->npmi, 1);
  EXPECT_GT(found->npmi_smoothed, 0);
  auto never = run_task(correlate_filters(*database_, {"1"}, "span.type = 'AGENT'", "tags.bad = '1'", ""));
  EXPECT_DOUBLE_EQ(never->npmi, -1);
}

TEST_P(TracesTest, MetricsByTimeAndDimension) {
  for (int number = 1; number <= 4; ++number)
    log_trace(number, "LLM", "m", number <= 3 ? 60'000 + number : 130'000);
  assess(1, "score", "0.5");
  assess(2, "score", "1");
  auto ask = [&](MetricsQuery query) {
    query.experiment_ids = {"1"};
    auto points = run_task(query_metrics(*database_, std::move(query)));
    EXPECT_TRUE(points) << points.error().message;
    return points.value_or(std::vector<MetricPoint>{});
  };
  auto counts = ask({.metric = "trace_count",
                     .aggregations = {{"COUNT"}},
                     .interval_s = 60,
                     .start_ms = 0,
                     .end_ms = 200'000});
  ASSERT_EQ(counts.size(), 2);
  EXPECT_THAT(counts[0].dimensions, ElementsAre(Pair("time_bucket", "1970-01-01T00:01:00+00:00")));
  EXPECT_THAT(counts[0].values, ElementsAre(Pair("COUNT", 3)));
  auto types = ask({.view = MetricView::kSpans,
                    .metric = "span_count",
                    .aggregations = {{"COUNT"}},
                    .dimensions = {"span_type"}});
  ASSERT_EQ(types.size(), 2);
  EXPECT_THAT(types[1].dimensions, ElementsAre(Pair("span_type", "TOOL")));
  auto tokens = ask({.metric = "output_tokens", .aggregations = {{"SUM"}, {"PERCENTILE", 50}}});
  EXPECT_THAT(tokens[0].values, ElementsAre(Pair("SUM", 16), Pair("P50.0", 4)));
  auto scores = ask({.view = MetricView::kAssessments,
                     .metric = "assessment_value",
                     .aggregations = {{"AVG"}, {"PERCENTILE", 25}},
                     .filters = {"assessment.name = 'score'", "trace.status = 'OK'"}});
  EXPECT_THAT(scores[0].values, ElementsAre(Pair("AVG", 0.75), Pair("P25.0", 0.625)));
  EXPECT_FALSE(run_task(query_metrics(*database_, {.experiment_ids = {"1"}, .metric = "color"})));
  EXPECT_FALSE(run_task(
      query_metrics(*database_, {.experiment_ids = {"1"}, .metric = "latency", .aggregations = {{"SUM"}}})));
}

}  // namespace
}  // namespace penstock::traces
