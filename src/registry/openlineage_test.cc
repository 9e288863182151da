#include "registry/openlineage.h"

#include "registry/iso_time.h"
#include "registry/registry_fixture.h"

namespace penstock::registry {
namespace {

constexpr const char* kRunEvent = R"({
  "eventTime": "2026-11-25T01:02:03.5+01:00", "eventType": "COMPLETE",
  "producer": "https://example.com/airflow", "schemaURL": "https://openlineage.io/spec",
  "run": {"runId": "0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90", "facets": {
    "nominalTime": {"_producer": "p", "_schemaURL": "s", "nominalStartTime": "2026-11-25T00:00:00Z"}}},
  "job": {"namespace": "airflow", "name": "prepare.tickets"},
  "inputs": [{"namespace": "s3://raw", "name": "tickets.csv", "facets": {
    "version": {"_producer": "p", "_schemaURL": "s", "datasetVersion": "7"}}}],
  "outputs": [{"namespace": "penstock://default", "name": "dataset:tickets/9f2c"}]
})";

class OpenLineageTest : public RegistryFixture {
 protected:
  Result<int64_t> take(const std::string& text) {
    Json event = parse_json(text).value();
    return write<int64_t>([&](auto& c) { return take_event(c, event); });
  }
  // The field that a change of the good event is refused for.
  std::string refused(const std::string& from, const std::string& to) {
    std::string text = kRunEvent;
    size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    auto taken = take(text.replace(at, from.size(), to));
    EXPECT_FALSE(taken) << to;
    return taken ? "" : taken.error().field;
  }
};

TEST_P(OpenLineageTest, ARunEventLinksItsJobInputsAndOutputs) {
  auto taken = take(kRunEvent);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(*taken, 3);
  auto found = read<Closure>([](auto& c) {
    return closure(c, {.node = "dataset:tickets/9f2c", .direction = Direction::kUpstream});
  });
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->nodes.size(), 4U);
  EXPECT_EQ(found->nodes[1].node, "run:0193a5c25d1e7c3f9b1a2f6d8e4c7a90");
  std::vector<std::string> last = {found->nodes[2].node, found->nodes[3].node};
  std::ranges::sort(last);
  EXPECT_EQ(last,
            (std::vector<std::string>{"dataset:s3://raw/tickets.csv/7", "job:airflow/prepare.tickets"}));
  EXPECT_EQ(iso_time(found->edges[0].at), "2026-11-25T00:02:03.500000Z");
}

TEST_P(OpenLineageTest, WhatCameInGoesOut) {
  ASSERT_TRUE(take(kRunEvent));
  auto events = read<std::string>([](auto& c) { return events_about(c, "dataset:tickets/9f2c"); });
  ASSERT_TRUE(events) << events.error().message;
  Json json = parse_json(*events).value();
  ASSERT_EQ(json.get_array().size(), 1U);
  const Json& event = json.get_array()[0];
  EXPECT_EQ(string_at(event, "eventType"), "COMPLETE");
  EXPECT_EQ(string_at(*find(event, "run"), "runId"), "0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90");
  EXPECT_EQ(string_at(*find(event, "job"), "namespace"), "airflow");
  EXPECT_EQ(string_at(*find(event, "job"), "name"), "prepare.tickets");
  const Json& input = find(event, "inputs")->get_array().at(0);
  EXPECT_EQ(string_at(input, "namespace"), "s3://raw");
  EXPECT_NE(find(*find(*find(event, "run"), "facets"), "nominalTime"), nullptr);
  auto twice = write<int64_t>([&](auto& c) { return take_event(c, event); });
  ASSERT_TRUE(twice) << twice.error().message;
}

TEST_P(OpenLineageTest, DatasetAndJobEventsAreTaken) {
  EXPECT_EQ(take(R"({"eventTime":"2026-11-25T01:02:03Z","producer":"p","schemaURL":"s",
      "dataset":{"namespace":"s3://b","name":"x"}})")
                .value(),
            0);
  EXPECT_EQ(take(R"({"eventTime":"2026-11-25T01:02:03Z","producer":"p","schemaURL":"s",
      "job":{"namespace":"n","name":"j"},"outputs":[{"namespace":"s3://b","name":"y"}]})")
                .value(),
            1);
  auto nodes = read<std::vector<std::string>>([](auto& c) { return find_nodes(c, "dataset:", 10); });
  EXPECT_EQ(*nodes, (std::vector<std::string>{"dataset:s3://b/y", "dataset:s3://b/x"}));
}

TEST_P(OpenLineageTest, WrongEventsAreRefusedByMemberAndLeaveNothing) {
  EXPECT_EQ(refused("\"producer\": \"https://example.com/airflow\"", "\"producer\": 1"), "producer");
  EXPECT_EQ(refused("2026-11-25T01:02:03.5+01:00", "yesterday"), "eventTime");
  EXPECT_EQ(refused("0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90", "17"), "run.runId");
  EXPECT_EQ(refused("COMPLETE", "DONE"), "eventType");
  EXPECT_EQ(refused("\"job\": {\"namespace\": \"airflow\", \"name\": \"prepare.tickets\"}", "\"job\": 1"),
            "job");
  EXPECT_EQ(refused("\"name\": \"prepare.tickets\"", "\"name\": \"\""), "job.name");
  EXPECT_EQ(refused("\"name\": \"tickets.csv\"", "\"title\": \"x\""), "inputs[0].name");
  EXPECT_EQ(refused("\"outputs\": [", "\"outputs\": [1, "), "outputs[0]");
  EXPECT_EQ(take("[]").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read<std::vector<std::string>>([](auto& c) { return find_nodes(c, "", 10); })->size(), 0U);
}

TEST(IsoTimeTest, TimesReadBack) {
  for (const char* text : {"1970-01-01T00:00:00.000000Z", "2026-02-28T23:59:59.999999Z"}) {
    EXPECT_EQ(iso_time(parse_iso_time(text).value()), text);
  }
  EXPECT_EQ(parse_iso_time("2026-11-25T01:02:03Z"), parse_iso_time("2026-11-24T20:02:03-05:00"));
  for (const char* bad : {"", "2026-11-25", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                          "2026-11-25T01:02:03", "2026-11-25T25:02:03Z", "2026-11-25T01:02:03+1:00"}) {
    EXPECT_FALSE(parse_iso_time(bad)) << bad;
  }
}

PENSTOCK_ON_ALL_ENGINES(OpenLineageTest);

}  // namespace
}  // namespace penstock::registry
