#include "access/keys.h"

#include <gmock/gmock.h>

#include "access/access_fixture.h"
#include "access/key_text.h"

namespace penstock::access {
namespace {

using testing::HasSubstr;

using KeysTest = AccessFixture;

TEST_F(KeysTest, ANewKeyWorksAtOnceAndItsSecretIsNowhere) {
  IssuedKey made = create({.name = "search"});
  EXPECT_EQ(bearer(made.secret), "key:" + made.key.id);
  EXPECT_EQ(directory_->snapshot()->find("key:" + made.key.id)->name, "search");
  std::string secret = made.secret.substr(19, 43);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(files_.path())) {
    if (!entry.is_regular_file()) continue;
    std::string content = read_file(entry.path(), 64 << 20).value();
    EXPECT_FALSE(content.contains(secret)) << entry.path();
  }
}

TEST_F(KeysTest, AWrongTextOfOurShapeIsRefusedEvenOnAnOpenServer) {
  IssuedKey made = create({.name = "search"});
  EXPECT_EQ(bearer("sk-test-of-some-sdk"), "") << "SDKs always send something";
  std::string other = make_key_text(SecretKind::kKey, random_, made.key.id);
  EXPECT_EQ(bearer(other), "invalid_api_key");
  EXPECT_EQ(bearer(made.secret.substr(0, 60)), "invalid_api_key");
}

TEST_F(KeysTest, AnExpiredKeyIsRefused) {
  Timestamp soon{clock_.now().us + 1'000'000};
  IssuedKey made = create({.name = "search", .expires_at = soon});
  EXPECT_EQ(bearer(made.secret), "key:" + made.key.id);
  clock_.advance_us(1'000'000);
  EXPECT_EQ(bearer(made.secret), "api_key_expired");
}

TEST_F(KeysTest, RotationLetsTheOldSecretWorkUntilTheOverlapEnds) {
  IssuedKey first = create({.name = "search"});
  IssuedKey second = run_task(keys_->rotate(first.key.id, 60, actor_)).value();
  EXPECT_EQ(second.key.id, first.key.id);
  EXPECT_EQ(bearer(first.secret), bearer(second.secret));
  clock_.advance_us(60'000'000);
  EXPECT_EQ(bearer(first.secret), "invalid_api_key");
  EXPECT_EQ(bearer(second.secret), "key:" + first.key.id);
  IssuedKey third = run_task(keys_->rotate(first.key.id, 0, actor_)).value();
  EXPECT_EQ(bearer(second.secret), "invalid_api_key");
  EXPECT_EQ(bearer(third.secret), "key:" + first.key.id);
}

TEST_F(KeysTest, RevocationIsForGood) {
  IssuedKey made = create({.name = "search"});
  ASSERT_TRUE(run_task(keys_->revoke(made.key.id, actor_)));
  EXPECT_EQ(bearer(made.secret), "api_key_revoked");
  EXPECT_EQ(directory_->snapshot()->find("key:" + made.key.id), nullptr);
  EXPECT_TRUE(run_task(keys_->revoke(made.key.id, actor_))) << "twice is the same as once";
  EXPECT_EQ(run_task(keys_->rotate(made.key.id, 0, actor_)).error().code, ErrorCode::kConflict);
  create({.name = "search"});  // the name is free again
}

TEST_F(KeysTest, ErrorsNameTheFieldAndTheFix) {
  create({.name = "search"});
  auto failure = [&](Key key) { return run_task(keys_->create(std::move(key), actor_)).error(); };
  EXPECT_EQ(failure({.name = ""}).field, "name");
  EXPECT_EQ(failure({.name = "search"}).code, ErrorCode::kConflict);
  EXPECT_THAT(failure({.name = "a", .group = "no/such"}).message,
              HasSubstr("penstock groups create no/such"));
  EXPECT_EQ(failure({.name = "a", .limits = {{LimitKind::kRequests, 0, 60}}}).field, "limits[0].amount");
  EXPECT_EQ(failure({.name = "a", .limits = {{LimitKind::kConcurrent, 5, 60}}}).field, "limits[0].per_s");
  Limit twice{LimitKind::kTokens, 5, 60};
  EXPECT_EQ(failure({.name = "a", .limits = {twice, twice}}).field, "limits[1]");
  EXPECT_EQ(failure({.name = "a", .budget = Budget{{-1}}}).field, "budget.amount_nano_usd");
  EXPECT_EQ(failure({.name = "a", .scopes = {.models = {"ok", ""}}}).field, "models[1]");
  EXPECT_EQ(failure({.name = "a", .expires_at = clock_.now()}).field, "expires_at_us");
  EXPECT_EQ(run_task(keys_->revoke("nobody", actor_)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run_task(keys_->rotate("nobody", -1, actor_)).error().field, "overlap_s");
}

TEST_F(KeysTest, EveryAncestorOfAKeysGroupStandsInItsPrincipal) {
  for (const char* path : {"acme", "acme/search", "acme/other"}) {
    ASSERT_TRUE(run_task(keys_->create_group({.path = path}, actor_)));
  }
  IssuedKey made = create({.name = "search", .group = "acme/search"});
  auto now = directory_->snapshot();
  const Principal* principal = now->find("key:" + made.key.id);
  ASSERT_EQ(principal->groups.size(), 2U);
  EXPECT_EQ(principal->groups[0]->path, "acme/search");
  EXPECT_EQ(principal->groups[1]->path, "acme");
}

TEST_F(KeysTest, AUsedGroupCannotBeDeleted) {
  for (const char* path : {"acme", "acme/search"}) {
    ASSERT_TRUE(run_task(keys_->create_group({.path = path}, actor_)));
  }
  EXPECT_EQ(run_task(keys_->create_group({.path = "acme"}, actor_)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(run_task(keys_->delete_group("acme", actor_)).error().code, ErrorCode::kConflict);
  IssuedKey made = create({.name = "search", .group = "acme/search"});
  EXPECT_THAT(run_task(keys_->delete_group("acme/search", actor_)).error().message,
              HasSubstr("key 'search'"));
  ASSERT_TRUE(run_task(keys_->revoke(made.key.id, actor_)));
  EXPECT_TRUE(run_task(keys_->delete_group("acme/search", actor_)));
  EXPECT_TRUE(run_task(keys_->delete_group("acme", actor_)));
  EXPECT_EQ(run_task(keys_->delete_group("acme", actor_)).error().code, ErrorCode::kNotFound);
}

TEST_F(KeysTest, AGroupOfTheFileIsChangedInTheFile) {
  directory_->configure({.groups = {{.path = "acme", .source = Source::kConfig}}});
  EXPECT_THAT(run_task(keys_->create_group({.path = "acme"}, actor_)).error().message,
              HasSubstr("penstock.yaml"));
  EXPECT_EQ(run_task(keys_->update_group("acme", [](Group&) {}, actor_)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(run_task(keys_->delete_group("acme", actor_)).error().code, ErrorCode::kConflict);
  create({.name = "search", .group = "acme"});
}

TEST_F(KeysTest, WhatIsChangedReadsBack) {
  ASSERT_TRUE(run_task(keys_->create_group({.path = "acme"}, actor_)));
  IssuedKey made = create({.name = "search"});
  auto change = [](Key& key) {
    key.name = "find";
    key.group = "acme";
    key.limits = {{LimitKind::kOutputTokens, 7, 3600}};
    key.budget = Budget{{12}, Period::kTotal};
    key.scopes = {.models = {"gpt-*"}, .endpoints = {"embeddings"}};
  };
  Key changed = run_task(keys_->update(made.key.id, change, actor_)).value();
  EXPECT_EQ(*directory_->snapshot()->key(made.key.id), changed);
  EXPECT_EQ(changed.limits[0], (Limit{LimitKind::kOutputTokens, 7, 3600}));
  size_t records = audited().size();
  ASSERT_TRUE(run_task(keys_->update(made.key.id, [](Key&) {}, actor_)));
  EXPECT_EQ(audited().size(), records) << "nothing was changed";
}

TEST_F(KeysTest, EveryChangeIsAuditedWithWhoAndWhatButNoSecret) {
  IssuedKey made = create({.name = "search"});
  ASSERT_TRUE(run_task(keys_->rotate(made.key.id, 60, actor_)));
  ASSERT_TRUE(run_task(keys_->revoke(made.key.id, actor_)));
  std::vector<AuditRecord> records = audited();
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0].event.action, "keys.revoke");
  EXPECT_THAT(records[0].event.before, HasSubstr(R"("revoked_at_us":null)"));
  EXPECT_EQ(records[1].event.action, "keys.rotate");
  EXPECT_EQ(records[2].event.action, "keys.create");
  EXPECT_EQ(records[2].event.object, "key:" + made.key.id);
  EXPECT_EQ(records[2].event.actor.name, "ada@example.com");
  EXPECT_EQ(records[2].event.actor.request_id, "r1");
  EXPECT_EQ(records[3].event.action, "audit.begin");
  for (const AuditRecord& record : records) {
    EXPECT_FALSE(encode(record).contains(made.key.secret.hex()));
  }
}

TEST_F(KeysTest, ASecondServerOnTheDatabaseSeesTheKeyAfterItsNextReading) {
  Directory other(AccessConfig{}, *database_, clock_, Anonymous::kOwner);
  ASSERT_TRUE(other.reload());
  IssuedKey made = create({.name = "search"});
  EXPECT_EQ(other.snapshot()->key(made.key.id), nullptr);
  ASSERT_TRUE(run_task(other.refresh()));
  EXPECT_NE(other.snapshot()->key(made.key.id), nullptr);
  auto before = other.snapshot();
  ASSERT_TRUE(other.reload());
  EXPECT_EQ(other.snapshot(), before) << "nothing has changed, so nothing is read";
}

}  // namespace
}  // namespace penstock::access
