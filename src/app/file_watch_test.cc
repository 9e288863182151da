#include "app/file_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "core/temporary_directory.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public testing::Test {
 protected:
  void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  bool seen(int times) {
    for (int i = 0; i < 5'000 && changes_ < times; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return changes_ == times;
  }

  TemporaryDirectory directory_;
  fs::path file_ = directory_.path() / "f";
  std::atomic<int> changes_{0};
};

TEST_F(FileWatchTest, TellsEachChangeOnce) {
  write(file_, "one");
  FileWatch watch(file_, 1, [&] { ++changes_; });
  write(file_, "longer");
  EXPECT_TRUE(seen(1));
  write(file_, "longer still");
  EXPECT_TRUE(seen(2));
}

TEST_F(FileWatchTest, SeesAFileThatIsPutInItsPlace) {
  write(file_, "one");
  FileWatch watch(file_, 1, [&] { ++changes_; });
  fs::path other = directory_.path() / "other";
  write(other, "two");
  fs::rename(other, file_);
  EXPECT_TRUE(seen(1));
}

TEST_F(FileWatchTest, AFileThatIsGoneIsNoChangeUntilItIsBack) {
  write(file_, "one");
  FileWatch watch(file_, 1, [&] { ++changes_; });
  fs::remove(file_);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(changes_, 0);
  write(file_, "two");
  EXPECT_TRUE(seen(1));
}

TEST_F(FileWatchTest, TheKernelTellsWhatLookingNowAndThenWouldMiss) {
  write(file_, "one");
  FileWatch watch(file_, 3'600'000, [&] { ++changes_; });
  write(file_, "longer");
  EXPECT_TRUE(seen(1));
  fs::path other = directory_.path() / "other";
  write(other, "two");
  fs::rename(other, file_);
  EXPECT_TRUE(seen(2));
}

TEST_F(FileWatchTest, EndsWhileItWaits) {
  write(file_, "one");
  FileWatch watch(file_, 3'600'000, [&] { ++changes_; });
}

}  // namespace
}  // namespace penstock::app
