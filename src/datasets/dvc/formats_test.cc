#include <gtest/gtest.h>

#include "core/temporary_directory.h"
#include "core/text.h"
#include "datasets/dvc/config_text.h"
#include "datasets/dvc/hash_state.h"
#include "datasets/dvc/ignore.h"
#include "datasets/dvc/manifest.h"
#include "datasets/dvc/object_cache.h"
#include "datasets/dvc/sigv4.h"
#include "datasets/dvc/stage.h"
#include "datasets/dvc/template.h"
#include "datasets/dvc/whole_file.h"
#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

TEST(Manifest, IsTheOneThatDvcWrote) {
  Manifest manifest{.entries = {{"empty", "d41d8cd98f00b204e9800998ecf8427e"},
                                {"sub/ü: y", "009520053b00386d1173f3988c55d192"},
                                {"x", "401b30e3b8b5d629635a5c613cdb7919"}}};
  EXPECT_EQ(manifest.text(),
            "[{\"md5\": \"d41d8cd98f00b204e9800998ecf8427e\", \"relpath\": \"empty\"}, "
            "{\"md5\": \"009520053b00386d1173f3988c55d192\", \"relpath\": \"sub/\\u00fc: y\"}, "
            "{\"md5\": \"401b30e3b8b5d629635a5c613cdb7919\", \"relpath\": \"x\"}]");
  EXPECT_EQ(manifest.id(), "5a9e7d7677840cdd29fddf07995f777e.dir");
  auto back = Manifest::parse(manifest.text(), "test");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->entries, manifest.entries);
}

TEST(Manifest, PathsThatLeaveTheFolderAreRefused) {
  for (std::string_view path : {"../x", "/etc/passwd", "a/../../b", "", "a//b"}) {
    std::string text =
        "[{\"md5\": \"dff70c0392d7d386c39a23c64fcc0376\", \"relpath\": \"" + std::string(path) + "\"}]";
    auto manifest = Manifest::parse(text, "evil.dir");
    ASSERT_FALSE(manifest) << path;
    EXPECT_EQ(manifest.error().code, ErrorCode::kCorrupt);
  }
}

TEST(ConfigText, RoundTripsAsConfigobjWritesIt) {
  std::string text =
      "[core]\n    remote = storage\n    autostage = true\n['remote \"storage\"']\n    url = "
      "s3://bucket/path\n"
      "    password = \"a,b\"\n";
  auto config = ConfigText::parse(text, "config");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->get("remote", "storage", "password"), "a,b");
  EXPECT_EQ(config->text(), text);
  EXPECT_FALSE(ConfigText::parse("[core\n", "config"));
  EXPECT_FALSE(ConfigText::parse("x = 1\n", "config"));
}

TEST(Ignore, FollowsGitsRules) {
  auto ignored = [](std::string_view line, std::string_view path, bool folder = false) {
    auto rule = IgnoreRule::parse(line, "");
    return rule && rule->matches(path, folder);
  };
  EXPECT_TRUE(ignored("*.tmp", "a/b.tmp"));
  EXPECT_FALSE(ignored("/*.tmp", "a/b.tmp"));
  EXPECT_TRUE(ignored("a/*.tmp", "a/b.tmp"));
  EXPECT_FALSE(ignored("a/*.tmp", "a/c/b.tmp"));
  EXPECT_TRUE(ignored("a/**/b", "a/b"));
  EXPECT_TRUE(ignored("a/**/b", "a/x/y/b"));
  EXPECT_TRUE(ignored("**/b", "b"));
  EXPECT_TRUE(ignored("**/b", "x/y/b"));
  EXPECT_TRUE(ignored("a/**", "a/x/y"));
  EXPECT_FALSE(ignored("a/**", "a"));
  EXPECT_FALSE(ignored("build/", "build"));
  EXPECT_TRUE(ignored("build/", "x/build", true));
  EXPECT_TRUE(ignored("[a-c]?", "b1"));
  EXPECT_FALSE(ignored("[!a-c]?", "b1"));
  EXPECT_TRUE(ignored("\\!x", "!x"));
  EXPECT_FALSE(ignored("# x", "# x"));
}

TEST(Ignore, AGlobOfManyStarsEnds) {
  std::string text(200, 'a');
  EXPECT_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*b", text));
  EXPECT_FALSE(glob_matches("**/**/**/**/**/x", "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a"));
}

// docs.aws.amazon.com, "Signature Version 4 test suite": get-vanilla-query-order-key-case and post-vanilla.
TEST(SigV4, MakesTheSignaturesOfAwssTestSuite) {
  AwsCredentials credentials{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  SigningScope scope{"us-east-1", "service"};
  Timestamp when{1'440'938'160'000'000};  // 20150830T123600Z
  constexpr std::string_view kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  auto signature = [&](std::string_view method, std::vector<std::pair<std::string, std::string>> query) {
    Headers headers;
    sign({.method = method,
          .host = "example.amazonaws.com",
          .path = "/",
          .query = std::move(query),
          .payload_hash = kEmpty},
         credentials, scope, when, headers);
    std::string text(headers.get("Authorization"));
    return text.substr(text.rfind('=') + 1);
  };
  EXPECT_EQ(signature("GET", {}), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  EXPECT_EQ(signature("POST", {}), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
  EXPECT_EQ(signature("GET", {{"Param2", "value2"}, {"Param1", "value1"}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST(SigV4, S3sOwnExampleHolds) {
  // docs.aws.amazon.com, "Examples: Signature Calculations": GET Object.
  AwsCredentials credentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
  Headers headers{{"Range", "bytes=0-9"}};
  sign({.method = "GET",
        .host = "examplebucket.s3.amazonaws.com",
        .path = "/test.txt",
        .payload_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
       credentials, {"us-east-1", "s3"}, Timestamp{1'369'353'600'000'000}, headers);
  EXPECT_TRUE(headers.get("Authorization")
                  .ends_with("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"))
      << headers.get("Authorization");
}

TEST(HashState, ARecordHoldsUntilTheFileChanges) {
  TemporaryDirectory folder;
  FileStamp stamp{.inode = 7, .mtime_ns = 1'000, .bytes = 3};
  Md5 md5 = md5_of("abc");
  HashState state = HashState::load(folder.path() / "state" / "hashes");
  state.put("/a", stamp, md5);
  ASSERT_TRUE(state.save(1'000'000'000));
  HashState again = HashState::load(folder.path() / "state" / "hashes");
  EXPECT_EQ(again.find("/a", stamp), md5);
  EXPECT_FALSE(again.find("/b", stamp));
  EXPECT_FALSE(again.find("/a", stamp, HashState::Kind::kDos2Unix));
  FileStamp changed = stamp;
  changed.mtime_ns += 1;
  EXPECT_FALSE(again.find("/a", changed));
}

TEST(HashState, ATornRecordCostsOnlyItself) {
  TemporaryDirectory folder;
  auto file = folder.path() / "hashes";
  HashState state = HashState::load(file);
  for (int i = 0; i < 3; ++i)
    state.put("/" + std::to_string(i), {.inode = 1, .mtime_ns = 5, .bytes = i}, md5_of("x"));
  ASSERT_TRUE(state.save(1'000'000'000));
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 10);
  HashState torn = HashState::load(file);
  EXPECT_TRUE(torn.find("/0", {.inode = 1, .mtime_ns = 5, .bytes = 0}));
  EXPECT_FALSE(torn.find("/2", {.inode = 1, .mtime_ns = 5, .bytes = 2}));
  torn.put("/2", {.inode = 1, .mtime_ns = 5, .bytes = 2}, md5_of("x"));
  ASSERT_TRUE(torn.save(1'000'000'000));
  EXPECT_TRUE(HashState::load(file).find("/2", {.inode = 1, .mtime_ns = 5, .bytes = 2}));
}

TEST(HashState, AFileOfThisMomentIsNotBelievedLater) {
  TemporaryDirectory folder;
  HashState state = HashState::load(folder.path() / "hashes");
  state.put("/a", {.inode = 1, .mtime_ns = 995'000'000, .bytes = 1}, md5_of("x"));
  ASSERT_TRUE(state.save(1'000'000'000));
  EXPECT_FALSE(HashState::load(folder.path() / "hashes")
                   .find("/a", {.inode = 1, .mtime_ns = 995'000'000, .bytes = 1}));
}

TEST(ObjectCache, ObjectsAreReadOnlyAndACorruptOneGoes) {
  TemporaryDirectory folder;
  ObjectCache cache(folder.path());
  std::string id = hex(md5_of("hello"));
  ASSERT_TRUE(cache.put(id, "hello"));
  EXPECT_EQ(cache.check(id, HashKind::kBytes, nullptr), ObjectCache::Presence::kPresent);
  EXPECT_EQ(*cache.read(id), "hello");
  std::filesystem::permissions(cache.path_of(id), std::filesystem::perms(0644));
  {
    std::ignore = replace_file(cache.path_of(id), "hullo");
  }
  EXPECT_EQ(cache.check(id, HashKind::kBytes, nullptr), ObjectCache::Presence::kCorrupt);
  EXPECT_FALSE(cache.exists(id));
}

TEST(ObjectCache, LargeAndSmallFilesGetTheMd5OfTheirBytes) {
  TemporaryDirectory folder;
  ObjectCache cache(folder.path() / "cache");
  for (size_t bytes : {size_t{0}, size_t{10}, size_t{9} << 20}) {
    std::string content(bytes, 'x');
    auto file = folder.path() / "file";
    ASSERT_TRUE(replace_file(file, content));
    auto md5 = cache.add(file, *FileStamp::of(file), false);
    ASSERT_TRUE(md5);
    EXPECT_EQ(*md5, md5_of(content));
    EXPECT_EQ(*cache.read(hex(*md5)), content);
  }
}

TEST(WholeFile, IsNotThereUntilItIsPublished) {
  TemporaryDirectory folder;
  auto path = folder.path() / "file";
  {
    auto file = WholeFile::create(path, 0644);
    ASSERT_TRUE(file && file->write("half"));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  auto file = WholeFile::create(path, 0644);
  ASSERT_TRUE(file && file->write("whole") && file->publish(WholeFile::Existing::kReplace));
  EXPECT_EQ(*read_file(path, 100), "whole");
}

TEST(StageFile, UnknownKeysAndBadHashesAreNamed) {
  EXPECT_FALSE(read_stage_file("/r/a.dvc", "outs:\n- md5: xyz\n  path: a\n"));
  EXPECT_FALSE(read_stage_file("/r/a.dvc", "outs:\n- md5: 764efa883dda1e11db47671c4a3bbd9e\n"));
  auto odd = read_stage_file("/r/a.dvc", "oust: []\n");
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().message, "/r/a.dvc: unknown key 'oust'");
}

TEST(StageFile, AnEntryOfDvc2StaysOne) {
  std::string text = "outs:\n- md5: 764efa883dda1e11db47671c4a3bbd9e\n  size: 3\n  path: a\n";
  auto stage = read_stage_file("/r/a.dvc", text);
  ASSERT_TRUE(stage);
  EXPECT_EQ(stage->outputs[0].hash.kind, HashKind::kDos2Unix);
  EXPECT_EQ(stage_file_text(*stage), text);
}

TEST(Template, IsFilledFromVariables) {
  auto variables = read_yaml("model:\n  depth: 3\n  names: [a, b]\n", "params.yaml");
  auto stage = read_yaml("cmd: run ${model.depth} ${model.names[1]} \\${HOME}\nouts: ['${model.names[0]}']\n",
                         "dvc.yaml");
  auto filled = fill_template(*stage, *variables, "test");
  ASSERT_TRUE(filled) << filled.error().message;
  EXPECT_EQ(filled->text_at("cmd"), "run 3 b ${HOME}");
  EXPECT_EQ(filled->find("outs")->items[0].text, "a");
  EXPECT_FALSE(fill_template(*read_yaml("cmd: ${no}\n", "x"), *variables, "test"));
}

}  // namespace
}  // namespace penstock::datasets::dvc
