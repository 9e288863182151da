#include "registry/lineage.h"

#include <algorithm>

#include "registry/registry_fixture.h"

namespace penstock::registry {
namespace {

class LineageTest : public RegistryFixture {
 protected:
  Result<void> add(const std::string& from, const std::string& to, int64_t at_us = 1,
                   const std::string& role = "input") {
    return write<void>(
        [&](auto& c) { return record_edge(c, {.from = from, .to = to, .role = role, .at = {at_us}}); });
  }

  // data -> prepare -> clean -> train -> model -> release; and clean -> report
  void add_example() {
    ASSERT_TRUE(add("dataset:raw/1", "run:prepare", 10));
    ASSERT_TRUE(add("run:prepare", "dataset:clean/1", 20));
    ASSERT_TRUE(add("dataset:clean/1", "run:train", 30));
    ASSERT_TRUE(add("run:train", "version:model/m/1", 40));
    ASSERT_TRUE(add("version:model/m/1", "alias:model/m@champion", 50));
    ASSERT_TRUE(add("dataset:clean/1", "run:report", 60));
  }

  Result<Closure> walk(ClosureQuery query) {
    return read<Closure>([&](auto& c) { return closure(c, query); });
  }
  std::vector<std::string> names(const ClosureQuery& query) {
    auto found = walk(query);
    EXPECT_TRUE(found) << found.error().message;
    std::vector<std::string> out;
    for (const ClosureNode& node : found->nodes) out.push_back(std::to_string(node.depth) + " " + node.node);
    std::ranges::sort(out);
    return out;
  }
};

using Names = std::vector<std::string>;

TEST_P(LineageTest, UpstreamIsWhatANodeWasMadeFrom) {
  add_example();
  EXPECT_EQ(names({.node = "version:model/m/1", .direction = Direction::kUpstream}),
            (Names{"-1 run:train", "-2 dataset:clean/1", "-3 run:prepare", "-4 dataset:raw/1",
                   "0 version:model/m/1"}));
}

TEST_P(LineageTest, DownstreamIsWhatCameOfIt) {
  add_example();
  EXPECT_EQ(names({.node = "dataset:clean/1", .direction = Direction::kDownstream}),
            (Names{"0 dataset:clean/1", "1 run:report", "1 run:train", "2 version:model/m/1",
                   "3 alias:model/m@champion"}));
  auto both = walk({.node = "dataset:clean/1"});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->nodes.size(), 7U);
  EXPECT_EQ(both->edges.size(), 6U);
  EXPECT_FALSE(both->truncated);
}

TEST_P(LineageTest, DepthNodesAndTimeBoundAWalk) {
  add_example();
  auto near = walk({.node = "dataset:clean/1", .direction = Direction::kDownstream, .depth_max = 1});
  ASSERT_TRUE(near);
  EXPECT_EQ(near->nodes.size(), 3U);
  EXPECT_TRUE(near->truncated);
  auto few = walk({.node = "dataset:clean/1", .nodes_max = 3});
  ASSERT_TRUE(few);
  EXPECT_EQ(few->nodes.size(), 3U);
  EXPECT_TRUE(few->truncated);
  EXPECT_EQ(names({.node = "dataset:clean/1", .direction = Direction::kDownstream, .until = Timestamp{40}}),
            (Names{"0 dataset:clean/1", "1 run:train"}));
  EXPECT_EQ(names({.node = "dataset:clean/1", .direction = Direction::kDownstream, .since = Timestamp{60}}),
            (Names{"0 dataset:clean/1", "1 run:report"}));
  EXPECT_EQ(walk({.node = "dataset:clean/1", .depth_max = 0}).error().field, "depth");
  EXPECT_EQ(walk({.node = "dataset:clean/1", .nodes_max = 10'001}).error().field, "limit");
}

TEST_P(LineageTest, AnEdgeThatIsThereKeepsItsFirstTime) {
  ASSERT_TRUE(add("a", "b", 5));
  ASSERT_TRUE(add("a", "b", 9));
  ASSERT_TRUE(add("a", "b", 7, "other"));
  auto found = walk({.node = "a"});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->edges.size(), 2U);
  EXPECT_EQ(found->edges[0].at.us, 5);
}

TEST_P(LineageTest, CyclesEnd) {
  ASSERT_TRUE(add("a", "b"));
  ASSERT_TRUE(add("b", "a"));
  auto found = walk({.node = "a"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->nodes.size(), 2U);
  EXPECT_EQ(found->edges.size(), 2U);
}

TEST_P(LineageTest, AWideLevelIsFollowedInWhole) {
  auto added = write<void>([](auto& c) -> Result<void> {
    for (int i = 0; i < 300; ++i) {
      std::string leaf = "leaf:" + std::to_string(i);
      RETURN_IF_ERROR(record_edge(c, {.from = "root", .to = leaf, .role = "r", .at = {1}}));
      RETURN_IF_ERROR(record_edge(c, {.from = leaf, .to = "end", .role = "r", .at = {1}}));
    }
    return {};
  });
  ASSERT_TRUE(added) << added.error().message;
  auto found = walk({.node = "root", .direction = Direction::kDownstream});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->nodes.size(), 302U);
  EXPECT_EQ(found->edges.size(), 600U);
  EXPECT_EQ(found->nodes.back().node, "end");
}

TEST_P(LineageTest, BadEdgesAndUnknownNodesAreRefused) {
  EXPECT_EQ(add("", "b").error().field, "from");
  EXPECT_EQ(add("a", std::string(4'097, 'x')).error().field, "to");
  EXPECT_EQ(add("a", "b", 1, "").error().field, "role");
  EXPECT_EQ(add("a", "a").error().field, "to");
  EXPECT_EQ(walk({.node = "a"}).error().code, ErrorCode::kNotFound);
}

TEST_P(LineageTest, ANodeMayGetAnotherName) {
  add_example();
  ASSERT_TRUE(write<void>([](auto& c) { return rename_node(c, "version:model/m/1", "version:model/n/1"); }));
  EXPECT_EQ(walk({.node = "version:model/m/1"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(names({.node = "version:model/n/1", .direction = Direction::kDownstream}),
            (Names{"0 version:model/n/1", "1 alias:model/m@champion"}));
}

TEST_P(LineageTest, TheNewestFacetOfANameCounts) {
  auto facets = write<Facets>([](auto& c) -> Result<Facets> {
    RETURN_IF_ERROR(set_facet(c, "run:1", "state", "{\"a\":1}", {2}));
    RETURN_IF_ERROR(set_facet(c, "run:1", "state", "{\"a\":0}", {1}));
    RETURN_IF_ERROR(set_facet(c, "run:1", "gone", "{}", {1}));
    RETURN_IF_ERROR(set_facet(c, "run:1", "gone", "", {3}));
    return read_facets(c, "run:1");
  });
  ASSERT_TRUE(facets) << facets.error().message;
  EXPECT_EQ(*facets, (Facets{{"state", "{\"a\":1}"}}));
}

TEST_P(LineageTest, NodesAreFoundByAPartOfTheirNameNewestFirst) {
  add_example();
  auto find = [&](const std::string& text) {
    return read<std::vector<std::string>>([&](auto& c) { return find_nodes(c, text, 2); }).value();
  };
  EXPECT_EQ(find("run:"), (Names{"run:report", "run:train"}));
  EXPECT_EQ(find("%"), Names{});
  EXPECT_EQ(find("clean/"), Names{"dataset:clean/1"});
}

PENSTOCK_ON_ALL_ENGINES(LineageTest);

}  // namespace
}  // namespace penstock::registry
