#include "engine/safetensors.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/test_embedder.h"

namespace penstock::engine {
namespace {

class SafetensorsFile : public ::testing::Test {
 protected:
  Result<Safetensors> open(std::string_view bytes) {
    write_text(file_, bytes);
    return Safetensors::open(file_);
  }
  Result<Safetensors> open(std::string_view header, size_t data_bytes) {
    return open(safetensors_of(header, std::string(data_bytes, '\0')));
  }
  void expect_corrupt(std::string_view header, size_t data_bytes, std::string_view part) {
    auto opened = open(header, data_bytes);
    ASSERT_FALSE(opened) << header;
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
    EXPECT_TRUE(opened.error().message.contains(part)) << opened.error().message;
    EXPECT_TRUE(opened.error().message.contains(file_.string())) << opened.error().message;
  }
  static std::string tensor(std::string_view type, std::string_view shape, std::string_view offsets) {
    return std::string(R"({"t":{"dtype":")")
        .append(type)
        .append(R"(","shape":)")
        .append(shape)
        .append(R"(,"data_offsets":)")
        .append(offsets)
        .append("}}");
  }

  TemporaryDirectory folder_;
  std::filesystem::path file_ = folder_.path() / "model.safetensors";
};

TEST_F(SafetensorsFile, GivesNumbersOfAllThreeFloatingTypes) {
  // 1.5 and -2 in each.
  const std::string data(
      "\x00\x00\xC0\x3F\x00\x00\x00\xC0"
      "\x00\x3E\x00\xC0"
      "\xC0\x3F\x00\xC0",
      16);
  auto file = open(safetensors_of(R"({"single":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
    "half":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},
    "brain":{"dtype":"BF16","shape":[1,2],"data_offsets":[12,16]},"__metadata__":{"format":"pt"}})",
                                  data));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->tensors().size(), 3);
  for (const auto& [name, tensor] : file->tensors()) {
    EXPECT_EQ(file->read(name, tensor).value(), (std::vector<float>{1.5F, -2})) << name;
  }
  EXPECT_EQ(file->tensors().at("brain").shape, (std::vector<int64_t>{1, 2}));
}

TEST_F(SafetensorsFile, ListsOtherTypesButDoesNotReadThem) {
  auto file = open(tensor("I64", "[]", "[0,8]"), 8);
  ASSERT_TRUE(file) << file.error().message;
  const auto& [name, place] = *file->tensors().begin();
  EXPECT_TRUE(file->read(name, place).error().message.contains("tensor t: weights of type I64"));
}

TEST_F(SafetensorsFile, RefusesHeadersThatAreNone) {
  EXPECT_EQ(Safetensors::open(folder_.path() / "absent").error().code, ErrorCode::kNotFound);
  for (std::string_view bytes : {"", "short", "neither JSON nor a length"}) {
    EXPECT_EQ(open(bytes).error().code, ErrorCode::kCorrupt) << bytes;
  }
  expect_corrupt("{", 0, "not JSON");
  expect_corrupt("[]", 0, "not a JSON object");
  expect_corrupt(R"({"t":1})", 0, "tensor t");
}

TEST_F(SafetensorsFile, RefusesAHeaderBeyondTheLimit) {
  auto opened = open(std::string(Safetensors::kHeaderBytesMax + 1, ' '), 0);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kTooLarge);
}

TEST_F(SafetensorsFile, RefusesTensorsThatContradictThemselvesOrTheFile) {
  expect_corrupt(tensor("F32", "[2]", "[0,4]"), 4, "tensor t");    // shorter than its shape
  expect_corrupt(tensor("F32", "[2]", "[0,8]"), 4, "tensor t");    // longer than the file
  expect_corrupt(tensor("F32", "[2]", "[8,0]"), 8, "tensor t");    // backwards
  expect_corrupt(tensor("F32", "[-2]", "[0,8]"), 8, "tensor t");   // negative
  expect_corrupt(tensor("F32", "[2]", "[0]"), 8, "tensor t");      // no end
  expect_corrupt(tensor("F32", "[2.0]", "[0,8]"), 8, "tensor t");  // not whole
  expect_corrupt(tensor("F99", "[2]", "[0,8]"), 8, "tensor t");    // unknown
  expect_corrupt(tensor("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), 1, "tensor t");
  expect_corrupt(tensor("U8", "[4294967296,4294967296]", "[0,0]"), 0, "tensor t");  // 2^64 overflows to 0
}

TEST_F(SafetensorsFile, RefusesGapsOverlapsAndTrailingBytes) {
  constexpr std::string_view kTwo = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
    "b":{"dtype":"U8","shape":[2],"data_offsets":[)";
  expect_corrupt(std::string(kTwo) + "1,3]}}", 3, "overlap");
  expect_corrupt(std::string(kTwo) + "3,5]}}", 5, "gap");
  expect_corrupt(std::string(kTwo) + "2,4]}}", 5, "follow the last");
  EXPECT_TRUE(open(std::string(kTwo) + "2,4]}}", 4));
}

TEST_F(SafetensorsFile, SurvivesAnyChangedBytes) {
  const std::string whole = TinyEmbedder().safetensors();
  std::mt19937 random(20241124);
  for (int round = 0; round < 300; ++round) {
    std::string bytes = whole;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % 2500] = static_cast<char>(random());
    }
    if (auto opened = open(bytes); opened) {
      for (const auto& [name, tensor] : opened->tensors()) {
        if (auto numbers = opened->read(name, tensor)) EXPECT_LE(numbers->size() * 2, bytes.size());
      }
    }
  }
}

}  // namespace
}  // namespace penstock::engine
