#include "registry/models.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/temporary_directory.h"

namespace penstock::registry {
namespace {

class ModelsTest : public testing::Test {
 protected:
  void SetUp() override {
    database::DatabaseOptions options;
    options.path = directory_.path() / "penstock.db";
    auto database = database::Database::open_sqlite(options, migrations());
    ASSERT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    auto blobs = blobs::Blobs::open(directory_.path() / "blobs");
    ASSERT_TRUE(blobs) << blobs.error().message;
    blobs_ = std::move(*blobs);
    models_ = std::make_unique<Models>(*database_, *blobs_, clock_);
  }

  ModelFile file(const std::string& name, const std::string& content, ModelKind kind = ModelKind::kChat) {
    std::filesystem::path path = directory_.path() / (name + ".gguf");
    std::ofstream(path, std::ios::binary) << content;
    return {.name = name, .kind = kind, .path = path, .licence = "Apache-2.0", .source = "file"};
  }

  ManualClock clock_;
  TemporaryDirectory directory_;
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<blobs::Blobs> blobs_;
  std::unique_ptr<Models> models_;
};

TEST_F(ModelsTest, ARegisteredFileIsAVersionWhoseBlobHoldsItsBytes) {
  auto model = models_->register_file(file("smollm2", "weights"));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->name, "smollm2");
  EXPECT_EQ(model->kind, ModelKind::kChat);
  EXPECT_EQ(model->version, 1);
  EXPECT_EQ(model->digest, Digest::of("weights"));
  EXPECT_EQ(model->licence, "Apache-2.0");
  EXPECT_EQ(model->size_bytes, 7);
  EXPECT_EQ(model->source, "file");
  EXPECT_EQ(model->registered_at, clock_.now());
  std::ifstream blob(model->path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(blob), {}), "weights");
}

TEST_F(ModelsTest, TheSameFileAgainIsTheSameVersionAndAnotherOneTheNext) {
  ASSERT_TRUE(models_->register_file(file("x", "one")));
  EXPECT_EQ(models_->register_file(file("x", "one"))->version, 1);
  EXPECT_EQ(models_->register_file(file("x", "two"))->version, 2);
  EXPECT_EQ(models_->find("x")->version, 2);
  EXPECT_EQ(models_->find("x", 1)->digest, Digest::of("one"));
}

TEST_F(ModelsTest, TheListHoldsTheNewestOfEachByName) {
  ASSERT_TRUE(models_->register_file(file("b", "one")));
  ASSERT_TRUE(models_->register_file(file("b", "two")));
  ASSERT_TRUE(models_->register_file(file("a", "one", ModelKind::kEmbedding)));
  auto list = models_->list();
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].name, "a");
  EXPECT_EQ((*list)[0].kind, ModelKind::kEmbedding);
  EXPECT_EQ((*list)[1].version, 2);
}

TEST_F(ModelsTest, BadNamesAndFilesAreRefusedAndLeaveNothing) {
  EXPECT_EQ(models_->register_file(file("a", "")).error().code, ErrorCode::kInvalidArgument);
  ModelFile bad_name = file("ok", "x");
  bad_name.name = "../ok";
  EXPECT_EQ(models_->register_file(bad_name).error().field, "name");
  ModelFile absent = file("ok", "x");
  absent.path += ".absent";
  EXPECT_EQ(models_->register_file(absent).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(models_->list()->empty());
}

TEST_F(ModelsTest, AModelWithoutItsWeightsIsCorrupt) {
  auto model = models_->register_file(file("x", "one"));
  ASSERT_TRUE(model);
  std::filesystem::remove(model->path);
  auto found = models_->find("x");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(models_->find("y").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace penstock::registry
