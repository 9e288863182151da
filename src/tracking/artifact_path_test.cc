#include "tracking/artifact_path.h"

#include <gtest/gtest.h>

namespace penstock::tracking {
namespace {

TEST(ArtifactPathTest, TakesOrdinaryPathsAsTheyAre) {
  for (std::string_view path : {"0/1f/artifacts/model/MLmodel", "a", "a b/c-d_e.f", "ü/日本.txt", "100%",
                                "50%25 off", "a..b/..c/d..", "x/c:/y"}) {
    Result<std::string> checked = artifact_path(path);
    ASSERT_TRUE(checked) << path;
    EXPECT_EQ(*checked, path);
  }
  EXPECT_EQ(artifact_path("a//b/./c/"), "a/b/c");
}

// The ways in of CVE-2023-1177, CVE-2023-2780, CVE-2023-6909, CVE-2024-1483, CVE-2024-3848 and their like.
TEST(ArtifactPathTest, RefusesWhateverSomeReaderTakesForAnotherPlace) {
  for (std::string_view path : {"",
                                "/",
                                "/etc/passwd",
                                "..",
                                "../x",
                                "a/../b",
                                "a/..",
                                ".",
                                "./",
                                "//a",
                                "a:b",
                                "a\\b",
                                "..\\x",
                                "C:/x",
                                "c:\\x",
                                "C:x",
                                "file:/x",
                                "file:///etc/passwd",
                                "FILE:x",
                                "a#b",
                                "#/../x",
                                "%2e%2e/x",
                                "%2E%2E%2Fx",
                                "a/%2e%2e/b",
                                "%252e%252e/x",
                                "%25252e%25252e%25252fx",
                                "a%2f..%2fb",
                                "%2fetc/passwd",
                                "%252fetc",
                                "a%5cb",
                                "a%255cb",
                                "a%00b",
                                "a%2500b",
                                "%23x",
                                "a%0ab"}) {
    Result<std::string> checked = artifact_path(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(checked.error().message, "Invalid path");
  }
  for (std::string_view path :
       {std::string_view("a\0b", 3), std::string_view("a\nb"), std::string_view("\xFF")}) {
    EXPECT_FALSE(artifact_path(path));
  }
  EXPECT_FALSE(artifact_path(std::string(kArtifactPathBytesMax + 1, 'a')));
  std::string deep = "..";
  for (int i = 0; i < 20; ++i) {
    std::string again;
    for (char c : deep) again += c == '.' ? "%2e" : c == '%' ? "%25" : std::string(1, c);
    deep = again;
  }
  EXPECT_FALSE(artifact_path(deep.substr(0, kArtifactPathBytesMax)));
}

TEST(ArtifactPathTest, ReadsArtifactUris) {
  EXPECT_EQ(artifact_path_of("mlflow-artifacts:/0/1f/artifacts"), "0/1f/artifacts");
  EXPECT_EQ(artifact_path_of("mlflow-artifacts://host:80/0/1f"), "0/1f");
  EXPECT_EQ(artifact_path_of("mlflow-artifacts:/"), "");
  EXPECT_FALSE(artifact_path_of("mlflow-artifacts:/0/../1"));
  Result<std::string> foreign = artifact_path_of("s3://bucket/x");
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::kNotImplemented);
}

TEST(ArtifactPathTest, JoinsPaths) {
  EXPECT_EQ(join_path("a", "b/c"), "a/b/c");
  EXPECT_EQ(join_path("", "b"), "b");
  EXPECT_EQ(join_path("a", ""), "a");
}

}  // namespace
}  // namespace penstock::tracking
