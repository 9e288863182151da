#include "registry/aliases.h"

#include "registry/lineage.h"
#include "registry/registry_fixture.h"

namespace penstock::registry {
namespace {

class AliasesTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    support_ = entry("support");
    for (int i = 0; i < 3; ++i) version(support_);
  }

  Result<std::optional<Move>> move(std::optional<int64_t> to, const std::string& alias = "champion") {
    clock_.advance_us(1'000);
    return write<std::optional<Move>>(
        [&](auto& c) { return move_alias(c, support_, alias, to, mover_, clock_.now()); });
  }
  Result<Move> undo(int64_t id) {
    return write<Move>([&](auto& c) { return undo_move(c, id, mover_, clock_.now()); });
  }
  std::optional<int64_t> where(const std::string& alias = "champion") {
    return read<std::optional<int64_t>>([&](auto& c) { return find_alias(c, support_.id, alias); }).value();
  }
  Rule add(Rule rule) {
    return write<Rule>([&](auto& c) { return add_rule(c, rule); }).value();
  }

  Entry support_;
  Mover mover_{.name = "ada@example.com", .role = access::Role::kDeveloper, .reason = "better on tickets"};
};

TEST_P(AliasesTest, EveryMoveIsKeptWithWhoWhenFromToAndWhy) {
  ASSERT_TRUE(move(1));
  ASSERT_TRUE(move(3));
  ASSERT_TRUE(move(3).value() == std::nullopt) << "it stands there already";
  ASSERT_TRUE(move(std::nullopt));
  EXPECT_EQ(where(), std::nullopt);
  auto moves = read<std::vector<Move>>([&](auto& c) { return list_moves(c, {.entry = support_.id}); });
  ASSERT_TRUE(moves) << moves.error().message;
  ASSERT_EQ(moves->size(), 3U);
  EXPECT_EQ((*moves)[0].to, std::nullopt);
  EXPECT_EQ((*moves)[1].from, 1);
  EXPECT_EQ((*moves)[1].to, 3);
  EXPECT_EQ((*moves)[1].by, "ada@example.com");
  EXPECT_EQ((*moves)[1].reason, "better on tickets");
  EXPECT_EQ((*moves)[1].name, "support");
  EXPECT_GT((*moves)[1].at, (*moves)[2].at);
}

TEST_P(AliasesTest, TheLastMoveCanBeUndoneAndThatToo) {
  int64_t first = move(1)->value().id;
  int64_t second = move(2)->value().id;
  EXPECT_EQ(undo(first).error().code, ErrorCode::kConflict);
  auto undone = undo(second);
  ASSERT_TRUE(undone) << undone.error().message;
  EXPECT_EQ(undone->undoes, second);
  EXPECT_EQ(where(), 1);
  ASSERT_TRUE(undo(undone->id));
  EXPECT_EQ(where(), 2);
  EXPECT_EQ(undo(999).error().code, ErrorCode::kNotFound);
}

TEST_P(AliasesTest, AnAliasDoesNotGoBackToADeletedVersion) {
  ASSERT_TRUE(move(1));
  int64_t second = move(2)->value().id;
  ASSERT_TRUE(write<void>([&](auto& c) -> Result<void> {
    ASSIGN_OR_RETURN(auto version, find_version(c, support_.id, 1));
    return delete_version(c, version->id, clock_.now());
  }));
  EXPECT_EQ(undo(second).error().code, ErrorCode::kConflict);
  EXPECT_EQ(where(), 2);
}

TEST_P(AliasesTest, AnAliasPointsOnlyToAVersionThatIsThere) {
  EXPECT_EQ(move(9).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(where(), std::nullopt);
}

TEST_P(AliasesTest, ARuleAsksForARole) {
  add({.kind = Kind::kModel, .name = "supp*", .alias = "champion", .role = access::Role::kAdmin});
  EXPECT_EQ(move(1).error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(move(1, "candidate")) << "other aliases are free";
  mover_.role = access::Role::kOwner;
  EXPECT_TRUE(move(1));
  mover_.role = access::Role::kDeveloper;
  EXPECT_EQ(move(std::nullopt).error().code, ErrorCode::kPermissionDenied) << "taking away is moving";
}

TEST_P(AliasesTest, AGateIsATagOfTheVersion) {
  Rule rule = add({.alias = "champion", .gate_tag = "review", .gate_value = "passed"});
  auto refused = move(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(refused.error().message.contains("'review' = 'passed'")) << refused.error().message;
  Version good = version(support_, {{"review", "passed"}});
  ASSERT_TRUE(move(good.number));
  ASSERT_TRUE(move(std::nullopt)) << "no gate for taking away";
  ASSERT_TRUE(write<Rule>([&](auto& c) { return delete_rule(c, rule.id); }));
  EXPECT_TRUE(move(1));
}

TEST_P(AliasesTest, AGateIsACheckThatPassedLast) {
  add({.gate_check = "evaluation"});
  EXPECT_TRUE(move(1).error().message.contains("has not been recorded"));
  auto record = [&](bool passed) {
    return write<void>([&](auto& c) -> Result<void> {
      ASSIGN_OR_RETURN(auto found, find_version(c, support_.id, 1));
      return record_check(c, found->id,
                          {.name = "evaluation", .passed = passed, .recorded_at = clock_.now()});
    });
  };
  ASSERT_TRUE(record(false));
  EXPECT_TRUE(move(1).error().message.contains("did not pass"));
  ASSERT_TRUE(record(true));
  EXPECT_TRUE(move(1));
}

TEST_P(AliasesTest, RulesApplyToUndoing) {
  int64_t first = move(1)->value().id;
  add({.role = access::Role::kAdmin});
  EXPECT_EQ(undo(first).error().code, ErrorCode::kPermissionDenied);
}

TEST_P(AliasesTest, RulesAreChecked) {
  auto refused = [&](Rule rule) {
    return write<Rule>([&](auto& c) { return add_rule(c, rule); }).error().field;
  };
  EXPECT_EQ(refused({.name = ""}), "name");
  EXPECT_EQ(refused({.alias = std::string(513, 'a')}), "alias");
  EXPECT_EQ(refused({.gate_value = "x"}), "gate_value");
  EXPECT_EQ(write<Rule>([&](auto& c) { return delete_rule(c, 7); }).error().code, ErrorCode::kNotFound);
}

TEST_P(AliasesTest, TheLineageGraphShowsWhereAnAliasPointed) {
  ASSERT_TRUE(move(1));
  ASSERT_TRUE(move(2));
  auto found = read<Closure>([](auto& c) { return closure(c, {.node = "alias:model/support@champion"}); });
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->nodes.size(), 3U);
}

PENSTOCK_ON_ALL_ENGINES(AliasesTest);

}  // namespace
}  // namespace penstock::registry
