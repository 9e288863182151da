#include "storage/blobs/blobs.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "core/doomed_child.h"
#include "core/file_faults.h"
#include "core/temporary_directory.h"

namespace penstock::blobs {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int kProcessKills = 30;

class BlobsTest : public testing::Test {
 protected:
  std::unique_ptr<Blobs> open(FileCalls& calls = system_file_calls()) {
    auto blobs = Blobs::open(root(), clock_, calls);
    EXPECT_TRUE(blobs) << blobs.error().message;
    return blobs ? std::move(*blobs) : nullptr;
  }
  std::filesystem::path root() const { return directory_.path() / "blobs"; }

  std::vector<std::filesystem::path> files_in(const char* below) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / below)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  std::filesystem::path source(std::string_view content, mode_t mode = 0644) {
    std::filesystem::path path = directory_.path() / ("source" + std::to_string(sources_++));
    std::ofstream(path) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }

  static std::string read(const Blobs& blobs, const Digest& digest) {
    auto content = blobs.get(digest, Verify::kYes, 100 << 20);
    EXPECT_TRUE(content) << content.error().message;
    return content.value_or("");
  }

  // Overwrites the content of a blob, as a failing disk would.
  static void damage(const std::filesystem::path& path) {
    ASSERT_EQ(chmod(path.c_str(), 0644), 0);
    std::fstream(path, std::ios::in | std::ios::out) << "X";
  }

  TemporaryDirectory directory_;
  ManualClock clock_{system_clock().now()};
  int sources_ = 0;
};

TEST_F(BlobsTest, ReturnsWhatWasPutUnderItsDigest) {
  auto blobs = open();
  auto put = blobs->put("hello");
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(put->digest, Digest::of("hello"));
  EXPECT_EQ(put->size_bytes, 5);
  EXPECT_EQ(read(*blobs, put->digest), "hello");
  EXPECT_EQ(blobs->info(put->digest)->size_bytes, 5);
}

TEST_F(BlobsTest, TheFileIsWhereTheFormatSays) {
  auto blobs = open();
  Digest digest = blobs->put("hello")->digest;
  std::string hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  EXPECT_EQ(blobs->path(digest), root() / "sha256" / "2c" / hex);
  EXPECT_TRUE(std::filesystem::is_regular_file(blobs->path(digest)));
}

TEST_F(BlobsTest, HoldsTheEmptyBlob) {
  auto blobs = open();
  EXPECT_EQ(read(*blobs, blobs->put("")->digest), "");
}

TEST_F(BlobsTest, StreamsLargeContentInPieces) {
  auto blobs = open();
  auto writer = *blobs->create();
  std::string piece(300'000, 'p');
  for (int i = 0; i < 10; ++i) {
    piece[0] = static_cast<char>('a' + i);
    ASSERT_TRUE(writer->write(std::as_bytes(std::span(piece))));
  }
  BlobInfo info = *writer->commit();
  EXPECT_EQ(info.size_bytes, 3'000'000);
  size_t pieces = 0;
  size_t bytes = 0;
  ASSERT_TRUE(blobs->read(info.digest, Verify::kYes, [&](std::span<const std::byte> read) -> Result<void> {
    ++pieces;
    bytes += read.size();
    return {};
  }));
  EXPECT_EQ(bytes, 3'000'000);
  EXPECT_GT(pieces, 1);
}

TEST_F(BlobsTest, TheSinksErrorStopsAReadAndIsReturned) {
  auto blobs = open();
  Digest digest = blobs->put("hello")->digest;
  auto stopped = blobs->read(digest, Verify::kYes, [](std::span<const std::byte>) -> Result<void> {
    return Failure(Error{.code = ErrorCode::kCancelled, .message = "enough"});
  });
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST_F(BlobsTest, AnAbsentBlobIsNotFoundByEveryCall) {
  auto blobs = open();
  Digest digest = Digest::of("never put");
  EXPECT_FALSE(blobs->contains(digest));
  EXPECT_EQ(blobs->info(digest).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(blobs->get(digest, Verify::kNo, 10).error().code, ErrorCode::kNotFound);
  auto read = blobs->read(digest, Verify::kNo, [](std::span<const std::byte>) { return Result<void>(); });
  EXPECT_EQ(read.error().code, ErrorCode::kNotFound);
}

TEST_F(BlobsTest, AReadBoundedBelowTheSizeIsTooLarge) {
  auto blobs = open();
  Digest digest = blobs->put("hello")->digest;
  EXPECT_EQ(blobs->get(digest, Verify::kNo, 4).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(blobs->get(digest, Verify::kNo, 5));
}

TEST_F(BlobsTest, DamageIsFoundByAVerifiedReadAndHealedByPuttingTheContentAgain) {
  auto blobs = open();
  Digest digest = blobs->put("hello")->digest;
  damage(blobs->path(digest));
  EXPECT_EQ(blobs->get(digest, Verify::kYes, 10).error().code, ErrorCode::kCorrupt);
  EXPECT_TRUE(blobs->get(digest, Verify::kNo, 10));
  ASSERT_TRUE(blobs->put("hello"));
  EXPECT_EQ(read(*blobs, digest), "hello");
}

TEST_F(BlobsTest, ABlobIsWriteProtected) {
  auto blobs = open();
  struct stat status{};
  ASSERT_EQ(stat(blobs->path(blobs->put("hello")->digest).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0222, 0);
}

TEST_F(BlobsTest, AWriterWithoutCommitLeavesNothing) {
  auto blobs = open();
  {
    auto writer = *blobs->create();
    ASSERT_TRUE(writer->write(std::as_bytes(std::span("half", 4))));
    EXPECT_EQ(files_in("tmp").size(), 1);
  }
  EXPECT_TRUE(files_in("tmp").empty());
  EXPECT_TRUE(files_in("sha256").empty());
}

TEST_F(BlobsTest, AWriteThatSyncsLaterIsThereAtOnce) {
  auto blobs = open();
  auto writer = blobs->create(Sync::kLater).value();
  std::string content(100'000, 'x');
  ASSERT_TRUE(writer->write(std::as_bytes(std::span(content))));
  BlobInfo info = writer->commit().value();
  EXPECT_EQ(read(*blobs, info.digest), content);
  EXPECT_TRUE(writer->sync());
  writer.reset();
  EXPECT_EQ(read(*blobs, Digest::of(content)), content);
  EXPECT_TRUE(files_in("tmp").empty());
}

TEST_F(BlobsTest, AWriterMayOutliveTheStore) {
  auto writer = *open()->create();
  ASSERT_TRUE(writer->write(std::as_bytes(std::span("late", 4))));
  Digest digest = writer->commit()->digest;
  EXPECT_EQ(read(*open(), digest), "late");
}

TEST_F(BlobsTest, ConcurrentPutsOfTheSameContentAllSucceed) {
  auto blobs = open();
  std::string content(200'000, 'c');
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5; ++n) {
        ASSERT_TRUE(blobs->put(content));
        EXPECT_EQ(read(*blobs, Digest::of(content)), content);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(files_in("sha256").size(), 1);
  EXPECT_TRUE(files_in("tmp").empty());
}

TEST_F(BlobsTest, TakesInAFileAndLeavesTheSource) {
  auto blobs = open();
  auto path = source("from a file");
  auto put = blobs->put_file(path);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(put->size_bytes, 11);
  EXPECT_EQ(read(*blobs, Digest::of("from a file")), "from a file");
  std::ofstream(path) << "changed later";
  EXPECT_EQ(read(*blobs, put->digest), "from a file");
}

TEST_F(BlobsTest, TakesInAWriteProtectedFileWithoutACopy) {
  auto blobs = open();
  auto path = source("immutable", 0444);
  auto put = blobs->put_file(path);
  ASSERT_TRUE(put) << put.error().message;
  struct stat at_source{};
  struct stat at_blob{};
  ASSERT_EQ(stat(path.c_str(), &at_source), 0);
  ASSERT_EQ(stat(blobs->path(put->digest).c_str(), &at_blob), 0);
  // On a file system with reflinks it is a clone instead.
  if (at_source.st_nlink > 1) EXPECT_EQ(at_source.st_ino, at_blob.st_ino);
  EXPECT_EQ(read(*blobs, put->digest), "immutable");
  // Once more, where source and blob are one file already.
  ASSERT_TRUE(blobs->put_file(path));
  EXPECT_EQ(read(*blobs, put->digest), "immutable");
  EXPECT_TRUE(files_in("tmp").empty());
}

TEST_F(BlobsTest, CopiesWhereTheFileSystemCannotLink) {
  FaultyFileCalls calls;
  auto blobs = open(calls);
  calls.fail(FaultyFileCalls::Call::kLink, EXDEV, 1);
  auto put = blobs->put_file(source("immutable", 0444));
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_EQ(read(*blobs, put->digest), "immutable");
  EXPECT_TRUE(files_in("tmp").empty());
}

TEST_F(BlobsTest, FollowsASymbolicLinkToTheSource) {
  auto blobs = open();
  auto link = directory_.path() / "link";
  std::filesystem::create_symlink(source("behind a link", 0444), link);
  auto put = blobs->put_file(link);
  ASSERT_TRUE(put) << put.error().message;
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(blobs->path(put->digest))));
}

TEST_F(BlobsTest, RefusesWhatIsNoFile) {
  auto blobs = open();
  EXPECT_EQ(blobs->put_file(directory_.path() / "absent").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(blobs->put_file(directory_.path()).error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(files_in("tmp").empty());
}

TEST_F(BlobsTest, NoTextOutsideOfADigestBecomesAPath) {
  for (const char* text : {"../../../etc/passwd", "sha256:../../etc/passwd", "", "sha256:", "ab/cd",
                           "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
                           "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b982/"}) {
    EXPECT_FALSE(Digest::parse(text)) << text;
  }
}

TEST_F(BlobsTest, CollectsOldUnreferencedBlobsOnly) {
  auto blobs = open();
  Digest kept = blobs->put("referenced")->digest;
  Digest garbage = blobs->put("garbage")->digest;
  EXPECT_TRUE(blobs->collect_garbage({kept}, kHourUs)->empty());
  clock_.advance_us(2 * kHourUs);
  auto deleted = blobs->collect_garbage({kept}, kHourUs);
  ASSERT_TRUE(deleted) << deleted.error().message;
  ASSERT_EQ(deleted->size(), 1);
  EXPECT_EQ(deleted->front().digest, garbage);
  EXPECT_EQ(deleted->front().size_bytes, 7);
  EXPECT_TRUE(blobs->contains(kept));
  EXPECT_FALSE(blobs->contains(garbage));
}

TEST_F(BlobsTest, GarbageCollectionLeavesForeignFilesAlone) {
  auto blobs = open();
  std::filesystem::create_directories(root() / "sha256" / "zz");
  std::ofstream(root() / "sha256" / "zz" / "note.txt") << "mine";
  std::ofstream(root() / "sha256" / "zz" / Digest::of("moved").hex()) << "moved";
  clock_.advance_us(2 * kHourUs);
  EXPECT_TRUE(blobs->collect_garbage({}, kHourUs)->empty());
  EXPECT_EQ(files_in("sha256").size(), 2);
}

TEST_F(BlobsTest, ContentThatIsPutDuringGarbageCollectionSurvives) {
  auto blobs = open();
  std::atomic<bool> collecting = true;
  std::jthread collector([&] {
    while (collecting) ASSERT_TRUE(blobs->collect_garbage({}, 10'000));
  });
  // The collector's clock says that everything is old but what was put in the last moment.
  for (int i = 0; i < 200; ++i) {
    clock_.advance_us(system_clock().now().us - clock_.now().us);
    Digest digest = blobs->put("again and again")->digest;
    EXPECT_TRUE(blobs->contains(digest));
  }
  collecting = false;
}

TEST_F(BlobsTest, OpeningRemovesWhatAKilledWriterLeftAndNotWhatALivingOneHas) {
  auto first = open();
  auto living = *first->create();
  std::ofstream(root() / "tmp" / "0193-dead") << "left over";
  auto second = open();
  EXPECT_EQ(files_in("tmp").size(), 1);
  ASSERT_TRUE(living->write(std::as_bytes(std::span("alive", 5))));
  EXPECT_EQ(read(*second, living->commit()->digest), "alive");
}

TEST_F(BlobsTest, AFullDiskIsStorageFullAndLeavesNothing) {
  FaultyFileCalls calls;
  auto blobs = open(calls);
  calls.fill_up_after(1000);
  auto put = blobs->put(std::string(5000, 'x'));
  EXPECT_EQ(put.error().code, ErrorCode::kStorageFull);
  EXPECT_TRUE(files_in("tmp").empty());
  EXPECT_TRUE(files_in("sha256").empty());
  calls.make_room();
  EXPECT_TRUE(blobs->put(std::string(5000, 'x')));
}

TEST_F(BlobsTest, AnErrorOfAnyCallLeavesNoBlobAndNoLeftover) {
  using Call = FaultyFileCalls::Call;
  for (Call call : {Call::kOpen, Call::kWrite, Call::kSync, Call::kRename}) {
    FaultyFileCalls calls;
    auto blobs = open(calls);
    calls.fail(call, EIO, 1);
    EXPECT_FALSE(blobs->put("content"));
    EXPECT_FALSE(blobs->contains(Digest::of("content")));
    EXPECT_TRUE(files_in("tmp").empty());
  }
}

TEST_F(BlobsTest, AReadErrorIsReported) {
  FaultyFileCalls calls;
  auto blobs = open(calls);
  Digest digest = blobs->put("content")->digest;
  calls.fail(FaultyFileCalls::Call::kRead, EIO, 1);
  EXPECT_EQ(blobs->get(digest, Verify::kYes, 100).error().code, ErrorCode::kInternal);
}

TEST_F(BlobsTest, ADeathAtAnyStepLeavesWholeBlobsOnly) {
  std::vector<std::string> contents = {"", "short", std::string(3000, 'l'), "short"};
  for (int64_t step = 0;; step += step < 100 ? 1 : 97) {
    FaultyFileCalls calls;
    std::vector<Digest> acknowledged;
    {
      auto blobs = open(calls);
      calls.die_after(step);
      for (const std::string& content : contents) {
        if (auto put = blobs->put(content)) acknowledged.push_back(put->digest);
      }
    }
    auto blobs = open();
    for (const Digest& digest : acknowledged) read(*blobs, digest);
    for (const auto& path : files_in("sha256")) read(*blobs, *Digest::parse(path.filename().string()));
    EXPECT_TRUE(files_in("tmp").empty());
    if (!calls.died()) break;
    std::filesystem::remove_all(root());
  }
}

TEST_F(BlobsTest, SigkillLosesNoCommittedBlobAndLeavesWholeOnesOnly) {
  SeededRandom random(3);
  for (int round = 0; round < kProcessKills && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    auto content = [&](size_t i) {
      return std::to_string(round) + "/" + std::to_string(i) + std::string(i * 5000, 'x');
    };
    std::string heard = run_doomed_child(random.next_u64() % 12, [&](const Acknowledge& acknowledge) {
      auto blobs = Blobs::open(root());
      for (size_t i = 0; blobs && (*blobs)->put(content(i)); ++i) acknowledge('p');
    });
    auto blobs = open();
    for (size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(read(*blobs, Digest::of(content(i))), content(i));
    for (const auto& path : files_in("sha256")) read(*blobs, *Digest::parse(path.filename().string()));
    EXPECT_TRUE(files_in("tmp").empty());
  }
}

TEST_F(BlobsTest, ARealFullFileSystemIsStorageFull) {
  std::filesystem::path mounted = directory_.path() / "small";
  std::filesystem::create_directory(mounted);
  if (mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "cannot mount a small tmpfs here: " << std::strerror(errno);
  }
  {
    auto blobs = *Blobs::open(mounted / "blobs", clock_);
    auto put = blobs->put(std::string(2 << 20, 'x'));
    EXPECT_EQ(put.error().code, ErrorCode::kStorageFull);
    EXPECT_TRUE(blobs->put(std::string(500'000, 'y')));
  }
  EXPECT_EQ(umount(mounted.c_str()), 0);
}

}  // namespace
}  // namespace penstock::blobs
