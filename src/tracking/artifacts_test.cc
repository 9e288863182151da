#include "tracking/artifacts.h"

#include <gmock/gmock.h>

#include "core/run_task.h"
#include "storage/database/database_fixture.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Engine;
using database::engine_name;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A body that comes in the pieces given.
class Pieces final : public BodyStream {
 public:
  explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Task<Result<void>> read(std::string& piece) override {
    piece.clear();
    if (at_ == fails_at) co_return Failure(Error{.code = ErrorCode::kCancelled, .message = "gone"});
    if (at_ < pieces_.size()) piece = pieces_[at_++];
    co_return Result<void>{};
  }
  std::optional<int64_t> length() const override { return std::nullopt; }

  size_t fails_at = SIZE_MAX;

 private:
  std::vector<std::string> pieces_;
  size_t at_ = 0;
};

class ArtifactsTest : public database::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    auto opened = try_open(artifact_migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    blobs_ = blobs::Blobs::open(directory_.path() / "blobs").value();
    artifacts_ = std::make_unique<Artifacts>(*database_, *blobs_, pool_, blobs::Sync::kLater);
  }

  Result<ArtifactFile> put(std::string path, std::string content) {
    return run_task(artifacts_->put(std::move(path), std::move(content)));
  }
  Result<ArtifactFile> put_stream(std::string path, Pieces body) {
    return run_task(artifacts_->put(std::move(path), body));
  }
  std::string get(std::string path, std::optional<ByteRange> range = {}) {
    auto read = [](Artifacts& artifacts, std::string from,
                   std::optional<ByteRange> part) -> Task<Result<std::string>> {
      ASSIGN_OR_CO_RETURN(ArtifactFile file, co_await artifacts.find(std::move(from)));
      ASSIGN_OR_CO_RETURN(ArtifactReader reader, co_await artifacts.read(file, part));
      std::string all;
      std::string piece;
      do {
        CO_RETURN_IF_ERROR(co_await reader.read(piece));
        all += piece;
      } while (!piece.empty());
      co_return all;
    };
    Result<std::string> content = run_task(read(*artifacts_, std::move(path), range));
    return content ? *content : std::string(error_code_name(content.error().code));
  }
  std::vector<std::string> list(std::string directory) {
    std::vector<std::string> names;
    for (const ArtifactEntry& entry : run_task(artifacts_->list(std::move(directory))).value()) {
      names.push_back(entry.name + (entry.is_directory ? "/" : ":" + std::to_string(entry.size_bytes)));
    }
    return names;
  }
  int64_t remove(std::string path) { return run_task(artifacts_->remove(std::move(path))).value(); }
  int64_t contents() {
    int64_t count = 0;
    auto counted = database_->read_now([&](Connection& connection) {
      return connection.query("SELECT COUNT(*) FROM tracking_artifact_contents", {},
                              [&](const database::Row& row) {
                                count = row.integer(0);
                                return false;
                              });
    });
    EXPECT_TRUE(counted);
    return count;
  }

  std::unique_ptr<database::Database> database_;
  std::unique_ptr<blobs::Blobs> blobs_;
  BlockingPool pool_{{.name = "artifacts", .threads = 2, .queue_max = 64}};
  std::unique_ptr<Artifacts> artifacts_;
};

TEST_P(ArtifactsTest, GivesBackWhatWasPutSmallAndLarge) {
  std::string large(3'000'000, 'x');
  large += "end";
  ASSERT_TRUE(put("0/run/artifacts/a.txt", "hello"));
  ASSERT_TRUE(put("0/run/artifacts/empty", ""));
  ASSERT_TRUE(put("0/run/artifacts/large", large));
  ASSERT_TRUE(put_stream("0/run/artifacts/streamed", Pieces({"ab", large, std::string(16'384, 'y')})));
  ASSERT_TRUE(put_stream("0/run/artifacts/two", Pieces({"ab", "cd"})));
  ASSERT_TRUE(put_stream("0/run/artifacts/none", Pieces({})));
  EXPECT_EQ(get("0/run/artifacts/a.txt"), "hello");
  EXPECT_EQ(get("0/run/artifacts/empty"), "");
  EXPECT_EQ(get("0/run/artifacts/large"), large);
  EXPECT_EQ(get("0/run/artifacts/streamed"), "ab" + large + std::string(16'384, 'y'));
  EXPECT_EQ(get("0/run/artifacts/two"), "abcd");
  EXPECT_EQ(get("0/run/artifacts/none"), "");
  EXPECT_EQ(get("0/run/artifacts/absent"), "not_found");
  EXPECT_THAT(list("0/run/artifacts"),
              ElementsAre("a.txt:5", "empty:0", "large:3000003", "none:0", "streamed:3016389", "two:4"));
}

TEST_P(ArtifactsTest, ReadsRanges) {
  std::string large;
  for (int i = 0; large.size() < 2'000'000; ++i) large += std::to_string(i);
  ASSERT_TRUE(put("large", large));
  ASSERT_TRUE(put("small", "0123456789"));
  EXPECT_EQ(get("small", ByteRange{.first = 2, .last = 4}), "234");
  EXPECT_EQ(get("large", ByteRange{.first = 999'999, .last = 1'999'998}), large.substr(999'999, 1'000'000));
  EXPECT_EQ(get("large", ByteRange{.first = 1, .last = 1}), large.substr(1, 1));
}

TEST_P(ArtifactsTest, KeepsIdenticalFilesOnce) {
  std::string large(100'000, 'x');
  for (std::string path : {"a", "b", "c/d"}) {
    ASSERT_TRUE(put("small/" + path, "same"));
    ASSERT_TRUE(put("large/" + path, large));
  }
  EXPECT_EQ(contents(), 1);
  std::set<Digest> referenced;
  ASSERT_TRUE(database_->read_now(
      [&](Connection& connection) { return add_referenced_blobs(connection, referenced); }));
  EXPECT_THAT(referenced, ElementsAre(Digest::of(large)));
  EXPECT_THAT(blobs_->collect_garbage(referenced, 0).value(), IsEmpty());
  EXPECT_EQ(remove("small/a"), 1);
  EXPECT_EQ(get("small/b"), "same");
  EXPECT_EQ(remove("small"), 2);
  EXPECT_EQ(contents(), 0);
  EXPECT_EQ(remove("large"), 3);
  referenced.clear();
  ASSERT_TRUE(database_->read_now(
      [&](Connection& connection) { return add_referenced_blobs(connection, referenced); }));
  EXPECT_EQ(blobs_->collect_garbage(referenced, 0).value().size(), 1u);
}

TEST_P(ArtifactsTest, ReplacesAFileInOneStep) {
  std::string large(100'000, 'x');
  ASSERT_TRUE(put("f", "one"));
  ASSERT_TRUE(put("f", "two"));
  EXPECT_EQ(contents(), 1);
  EXPECT_EQ(get("f"), "two");
  ASSERT_TRUE(put("f", large));
  EXPECT_EQ(contents(), 0);
  EXPECT_EQ(get("f"), large);
  Pieces broken({"part", large});
  broken.fails_at = 2;
  EXPECT_EQ(put_stream("f", broken).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(get("f"), large) << "a broken upload changes nothing";
}

TEST_P(ArtifactsTest, ListsChildrenOnceHoweverMuchLiesBelow) {
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(put("r/deep/" + std::to_string(i) + "/f", "x"));
  for (std::string path : {"r/deep-1", "r/deep.txt", "r/deep0", "r/a/b/c", "r2/x", "r/deep 1"}) {
    ASSERT_TRUE(put(path, "x"));
  }
  EXPECT_THAT(list("r"), ElementsAre("a/", "deep/", "deep 1:1", "deep-1:1", "deep.txt:1", "deep0:1"));
  EXPECT_EQ(list("r/deep").size(), 600u);
  EXPECT_THAT(list(""), ElementsAre("r/", "r2/"));
  EXPECT_THAT(list("absent"), IsEmpty());
  EXPECT_THAT(list("r/deep0"), IsEmpty()) << "a file";
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(put("many/" + std::to_string(i), "x"));
  EXPECT_EQ(list("many").size(), 600u);
}

TEST_P(ArtifactsTest, APathIsAFileOrADirectory) {
  ASSERT_TRUE(put("a/b", "x"));
  Result<ArtifactFile> below = put("a/b/c/d/e/f/g/h/i/j/k", "x");
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().code, ErrorCode::kConflict);
  EXPECT_THAT(below.error().message, HasSubstr("'a/b' is a file"));
  EXPECT_FALSE(put("a", "x"));
  EXPECT_TRUE(put("ab", "x"));
}

TEST_P(ArtifactsTest, SaysWhenTheBytesAreGone) {
  std::string large(100'000, 'x');
  ASSERT_TRUE(put("f", large));
  std::filesystem::remove(blobs_->path(Digest::of(large)));
  EXPECT_EQ(get("f"), "corrupt");
}

PENSTOCK_ON_ALL_ENGINES(ArtifactsTest);

}  // namespace
}  // namespace penstock::tracking
