#include "registry/lineage.h"
#include "tracking/tracking_fixture.h"

namespace penstock::tracking {
namespace {

using database::Engine;
using database::engine_name;

using registry::Closure;

class RunLineageTest : public TrackingFixture {};

TEST_P(RunLineageTest, InputsAndOutputsOfARunAreEdgesOfTheGraph) {
  std::string run = new_run();
  DatasetInput tickets{.dataset = {.name = "tickets", .digest = "9f2c", .source_type = "s3", .source = "{}"}};
  must(tracking_->log_inputs(run, {tickets}, {{.model_id = "m-base"}}));
  must(tracking_->log_inputs(run, {tickets}, {}));
  must(tracking_->log_outputs(run, {{.model_id = "m-tuned", .step = 3}}));
  Closure found;
  ASSERT_TRUE(database_->read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(found, registry::closure(connection, {.node = "run:" + run}));
    return {};
  }));
  std::vector<std::string> nodes;
  for (const registry::ClosureNode& node : found.nodes) nodes.push_back(node.node);
  std::ranges::sort(nodes);
  EXPECT_EQ(nodes, (std::vector<std::string>{"dataset:tickets/9f2c", "logged_model:m-base",
                                             "logged_model:m-tuned", "run:" + run}));
  EXPECT_EQ(found.edges.size(), 3U);
}

PENSTOCK_ON_ALL_ENGINES(RunLineageTest);

}  // namespace
}  // namespace penstock::tracking
