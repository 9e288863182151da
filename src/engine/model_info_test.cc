#include "engine/model_info.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/gguf_reader.h"
#include "engine/import_safetensors.h"
#include "engine/test_embedder.h"

namespace penstock::engine {
namespace {

constexpr size_t kMagicBytes = 4;

class InspectModel : public ::testing::Test {
 protected:
  // A small valid model; nearly all of it is head.
  std::string tiny_model() {
    TinyEmbedder().write(folder_.path() / "tiny");
    EXPECT_TRUE(import_safetensors({.folder = folder_.path() / "tiny", .output = file_}));
    return read_text(file_);
  }
  Result<ModelInfo> inspect(std::string_view bytes) {
    write_text(file_, bytes);
    return inspect_model(file_);
  }

  TemporaryDirectory folder_;
  std::filesystem::path file_ = folder_.path() / "model.gguf";
};

// The beginning of a GGUF file, piece by piece.
class Bytes {
 public:
  Bytes() { text("GGUF").number<uint32_t>(3); }
  template <class T>
  Bytes& number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& text(std::string_view text) {
    bytes_ += text;
    return *this;
  }
  Bytes& counts(uint64_t tensors, uint64_t keys) { return number(tensors).number(keys); }
  Bytes& key(std::string_view name, uint32_t type) {
    return number<uint64_t>(name.size()).text(name).number(type);
  }
  operator std::string_view() const { return bytes_; }

 private:
  std::string bytes_;
};

TEST_F(InspectModel, DescribesAChatModel) {
  auto info = inspect_model(PENSTOCK_CHAT_MODEL);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->architecture, "llama");
  EXPECT_EQ(info->quantization, "Q4_1");
  EXPECT_EQ(info->parameters, 134515008);
  EXPECT_EQ(info->context_tokens, 8192);
  EXPECT_EQ(info->embedding_width, 576);
  EXPECT_FALSE(info->is_embedding);
  EXPECT_TRUE(info->has_chat_template);
  EXPECT_EQ(info->size_bytes, 98362432);
}

TEST_F(InspectModel, DescribesAnEmbedder) {
  auto info = inspect(tiny_model());
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->architecture, "bert");
  EXPECT_EQ(info->name, "tiny");
  EXPECT_EQ(info->quantization, "F16");
  EXPECT_EQ(info->context_tokens, 4);
  EXPECT_EQ(info->embedding_width, 8);
  EXPECT_TRUE(info->is_embedding);
  EXPECT_FALSE(info->has_chat_template);
}

TEST_F(InspectModel, SaysThatAFileIsAbsentOrNoModel) {
  EXPECT_EQ(inspect_model(folder_.path() / "absent.gguf").error().code, ErrorCode::kNotFound);
  for (std::string_view bytes : {"", "GG", "not a model at all", "GGUF"}) {
    EXPECT_EQ(inspect(bytes).error().code, ErrorCode::kCorrupt) << bytes;
  }
  EXPECT_TRUE(inspect(Bytes().counts(0, 0)).error().message.contains("general.architecture"));
}

TEST_F(InspectModel, NoticesAFileThatWasCutShort) {
  const std::string whole = tiny_model();
  for (size_t bytes = 0; bytes < whole.size(); bytes += 61) {
    auto info = inspect(std::string_view(whole).substr(0, bytes));
    ASSERT_FALSE(info) << bytes << " bytes of " << whole.size();
    EXPECT_EQ(info.error().code, ErrorCode::kCorrupt) << info.error().message;
    EXPECT_TRUE(info.error().message.contains("model.gguf"));
  }
}

TEST_F(InspectModel, SurvivesAnyChangedBytes) {
  const std::string whole = tiny_model();
  std::mt19937 random(20241124);
  for (int round = 0; round < 500; ++round) {
    std::string bytes = whole;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[kMagicBytes + random() % (bytes.size() - kMagicBytes)] = static_cast<char>(random());
    }
    auto info = inspect(bytes);
    if (!info) EXPECT_FALSE(info.error().message.empty());
  }
}

TEST_F(InspectModel, RefusesCountsAndLengthsThatTheFileCannotHold) {
  constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max() / 2;
  EXPECT_EQ(inspect(Bytes().counts(kHuge, 0)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(inspect(Bytes().counts(0, kHuge)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(inspect(Bytes().counts(0, 1).number(kHuge)).error().code, ErrorCode::kCorrupt);
  // An array (9) of numbers (4), of texts (8), of arrays; a text; a type that there isn't.
  EXPECT_EQ(inspect(Bytes().counts(0, 1).key("a", 9).number<uint32_t>(4).number(kHuge)).error().code,
            ErrorCode::kCorrupt);
  EXPECT_EQ(inspect(Bytes().counts(0, 1).key("a", 9).number<uint32_t>(8).number(kHuge)).error().code,
            ErrorCode::kCorrupt);
  EXPECT_EQ(inspect(Bytes().counts(0, 1).key("a", 9).number<uint32_t>(9).number<uint64_t>(1)).error().code,
            ErrorCode::kCorrupt);
  EXPECT_EQ(inspect(Bytes().counts(0, 1).key("a", 8).number(kHuge)).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(inspect(Bytes().counts(0, 1).key("a", 13).number(kHuge)).error().code, ErrorCode::kCorrupt);
}

TEST_F(InspectModel, RefusesTensorsThatCannotBe) {
  auto tensor = [](uint32_t dimensions, int64_t extent, uint32_t type, uint64_t offset) {
    Bytes bytes;
    bytes.counts(1, 0).number<uint64_t>(1).text("t").number(dimensions);
    for (uint32_t i = 0; i < std::min(dimensions, 4U); ++i) bytes.number(extent);
    return bytes.number(type).number(offset);
  };
  constexpr uint32_t kF32 = 0;
  constexpr uint32_t kQ4_0 = 2;
  EXPECT_TRUE(inspect(tensor(5, 1, kF32, 0)).error().message.contains("dimensions"));
  EXPECT_TRUE(inspect(tensor(2, -1, kF32, 0)).error().message.contains("shape"));
  EXPECT_TRUE(inspect(tensor(3, int64_t{1} << 40, kF32, 0)).error().message.contains("shape"));
  EXPECT_TRUE(inspect(tensor(1, 31, kQ4_0, 0)).error().message.contains("blocks"));
  EXPECT_TRUE(inspect(tensor(1, 32, 4000, 0)).error().message.contains("type"));
  EXPECT_TRUE(inspect(tensor(1, 32, kF32, ~uint64_t{0} - 16)).error().message.contains("beyond the end"));
}

TEST_F(InspectModel, RefusesOtherVersionsAndRepeatedKeys) {
  std::string bytes(std::string_view(Bytes().counts(0, 0)));
  bytes[kMagicBytes] = 1;
  EXPECT_TRUE(inspect(bytes).error().message.contains("version 1"));
  EXPECT_TRUE(inspect(Bytes().counts(0, 2).key("a", 0).number<uint8_t>(1).key("a", 0).number<uint8_t>(1))
                  .error()
                  .message.contains("before"));
}

}  // namespace
}  // namespace penstock::engine
