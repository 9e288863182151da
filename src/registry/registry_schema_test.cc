#include "registry/registry_schema.h"

#include "registry/registry_fixture.h"

namespace penstock::registry {
namespace {

constexpr std::string_view kInsertOld =
    "INSERT INTO registry_versions (kind, name, number, digest, size_bytes, licence, source, tags, "
    "created_at_us)"
    " VALUES ('model', $1, $2, $3, 7, 'MIT', 'file', $4, $5)";

// Databases whose versions were registered before there were entries.
class RegistrySchemaTest : public database::DatabaseFixture {};

TEST_P(RegistrySchemaTest, VersionsOfEarlierGetEntriesAndKeepNumbersDigestsAndTags) {
  {
    auto old = try_open(registry::migrations().first(1));
    ASSERT_TRUE(old) << old.error().message;
    ASSERT_TRUE((*old)->write_now([](database::Connection& connection) -> Result<void> {
      struct Row {
        std::string name;
        int64_t number;
        std::string tags;
      };
      for (const Row& row :
           {Row{"llama3:8b", 1, R"({"task":"chat"})"}, Row{"llama3:8b", 2, R"({"task":"chat"})"},
            Row{"minilm", 1, R"({"task":"embedding"})"}, Row{"other", 1, "{}"}}) {
        const database::Value values[] = {row.name, row.number,
                                          Digest::of(row.name + row.tags + std::to_string(row.number)).text(),
                                          row.tags, row.number * 10};
        RETURN_IF_ERROR(connection.execute(kInsertOld, values));
      }
      return {};
    }));
  }
  auto now = try_open(registry::migrations());
  ASSERT_TRUE(now) << now.error().message;
  std::vector<Version> versions;
  std::vector<Entry> entries;
  ASSERT_TRUE((*now)->read_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(versions, list_versions(connection, Kind::kModel));
    ASSIGN_OR_RETURN(entries, list_entries(connection, {}));
    return {};
  }));
  ASSERT_EQ(versions.size(), 4U);
  EXPECT_EQ(versions[0].name, "llama3:8b");
  EXPECT_EQ(versions[0].number, 2);
  EXPECT_EQ(versions[0].digest, Digest::of(R"(llama3:8b{"task":"chat"}2)"));
  EXPECT_EQ(versions[0].tags, (Tags{{"task", "chat"}}));
  EXPECT_EQ(versions[0].created_at.us, 20);
  EXPECT_EQ(versions[2].tags, (Tags{{"task", "embedding"}}));
  EXPECT_TRUE(versions[3].tags.empty());
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].created_at.us, 10);
  EXPECT_EQ(entries[0].updated_at.us, 20);
  // And they go on from there.
  Version next{.name = "llama3:8b", .digest = Digest::of("new"), .created_at = {30}};
  ASSERT_TRUE((*now)->write_now([&](database::Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(next, register_version(connection, next));
    return {};
  }));
  EXPECT_EQ(next.number, 3);
}

PENSTOCK_ON_ALL_ENGINES(RegistrySchemaTest);

}  // namespace
}  // namespace penstock::registry
