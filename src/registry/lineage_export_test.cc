#include "registry/lineage_export.h"

#include "core/json.h"
#include "registry/lineage.h"
#include "registry/registry_fixture.h"

namespace penstock::registry {
namespace {

class LineageExportTest : public RegistryFixture {
 protected:
  void SetUp() override {
    RegistryFixture::SetUp();
    Entry support = entry("support");
    model_ = version(support, {{"task", "chat"}});
    model_.created_by = "ada@example.com";
    ASSERT_TRUE(write<void>([&](auto& c) -> Result<void> {
      RETURN_IF_ERROR(
          record_edge(c, {.from = "dataset:tickets/9f2c", .to = "run:r1", .role = "input", .at = {1}}));
      RETURN_IF_ERROR(
          record_edge(c, {.from = "run:r1", .to = "version:model/support/1", .role = "output", .at = {2}}));
      return record_edge(
          c, {.from = "logged_model:m-1", .to = "version:model/support/1", .role = "release", .at = {2}});
    }));
  }

  Version model_;
};

TEST_P(LineageExportTest, TheBillOfMaterialsListsWhatTheModelWasMadeFrom) {
  auto text = read<std::string>([&](auto& c) { return cyclonedx(c, model_, clock_.now()); });
  ASSERT_TRUE(text) << text.error().message;
  Json bom = parse_json(*text).value();
  EXPECT_EQ(string_at(bom, "specVersion"), "1.6");
  const Json& subject = *find(*find(bom, "metadata"), "component");
  EXPECT_EQ(string_at(subject, "type"), "machine-learning-model");
  EXPECT_EQ(string_at(subject, "bom-ref"), "version:model/support/1");
  const Json& parameters = *find(*find(subject, "modelCard"), "modelParameters");
  EXPECT_EQ(string_at(parameters, "task"), "chat");
  EXPECT_EQ(string_at(find(parameters, "datasets")->get_array().at(0), "ref"), "dataset:tickets/9f2c");
  EXPECT_EQ(find(bom, "components")->get_array().size(), 2U);
  const Json& dependencies = *find(bom, "dependencies");
  EXPECT_EQ(find(dependencies.get_array().at(0), "dependsOn")->get_array().size(), 2U);
}

TEST_P(LineageExportTest, AVersionThatTheGraphDoesNotKnowStandsAlone) {
  Version lonely = version(entry("lonely"));
  auto text = read<std::string>([&](auto& c) { return cyclonedx(c, lonely, clock_.now()); });
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_TRUE(find(parse_json(*text).value(), "components")->get_array().empty());
}

TEST_P(LineageExportTest, ProvTellsEntitiesActivitiesAndAgents) {
  auto text = read<std::string>([&](auto& c) { return prov_json(c, model_); });
  ASSERT_TRUE(text) << text.error().message;
  Json prov = parse_json(*text).value();
  EXPECT_EQ(find(prov, "entity")->get_object().size(), 3U);
  EXPECT_EQ(find(prov, "activity")->get_object().size(), 1U);
  EXPECT_EQ(find(prov, "used")->get_object().size(), 1U);
  EXPECT_EQ(find(prov, "wasGeneratedBy")->get_object().size(), 1U);
  EXPECT_EQ(find(prov, "wasDerivedFrom")->get_object().size(), 1U);
  EXPECT_EQ(find(prov, "wasAttributedTo")->get_object().size(), 1U);
}

PENSTOCK_ON_ALL_ENGINES(LineageExportTest);

}  // namespace
}  // namespace penstock::registry
