#include "access/roles.h"

#include <gtest/gtest.h>

#include "access/principal.h"

namespace penstock::access {
namespace {

TEST(Roles, EachPersonMayWhatTheOneBeforeMay) {
  constexpr Role kPeople[] = {Role::kViewer, Role::kAnnotator, Role::kDeveloper, Role::kAdmin, Role::kOwner};
  for (Capability capability : capabilities()) {
    for (size_t i = 1; i < std::size(kPeople); ++i) {
      EXPECT_LE(may(kPeople[i - 1], capability), may(kPeople[i], capability)) << capability_name(capability);
    }
    EXPECT_TRUE(may(Role::kOwner, capability)) << capability_name(capability);
  }
}

TEST(Roles, NobodyMayOnlyWhatIsOpen) {
  for (Capability capability : capabilities()) {
    EXPECT_EQ(may(Role::kNone, capability), capability == Capability::kOpen) << capability_name(capability);
  }
}

TEST(Roles, AClientCallsModelsAndSeesItsOwn) {
  for (Capability capability : capabilities()) {
    bool expected = capability == Capability::kOpen || capability == Capability::kIdentity ||
                    capability == Capability::kCallModels || capability == Capability::kReadOwnRequests;
    EXPECT_EQ(may(Role::kClient, capability), expected) << capability_name(capability);
  }
}

TEST(Roles, AViewerChangesNothingButItsTokens) {
  for (Capability changes : {Capability::kAnnotate, Capability::kDevelop, Capability::kManageKeys,
                             Capability::kManageGateway, Capability::kManageUsers,
                             Capability::kManageProjects, Capability::kCallModels, Capability::kReadAudit}) {
    EXPECT_FALSE(may(Role::kViewer, changes)) << capability_name(changes);
  }
}

TEST(Roles, NamesReadBack) {
  for (std::string_view name : person_role_names()) EXPECT_EQ(role_name(*parse_role(name)), name);
  EXPECT_FALSE(parse_role("root"));
}

TEST(Globs, AStarStandsForAnything) {
  EXPECT_TRUE(glob_matches("gpt-*", "gpt-4o"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(glob_matches("*mini", "gpt-mini-mini"));
  EXPECT_FALSE(glob_matches("gpt-*", "xgpt-4"));
  EXPECT_FALSE(glob_matches("gpt", "gpt-4"));
  EXPECT_FALSE(glob_matches("a*b", "a-c"));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(admits({}, "anything"));
  EXPECT_FALSE(admits({"x"}, "y"));
}

}  // namespace
}  // namespace penstock::access
