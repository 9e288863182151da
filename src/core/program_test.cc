#include "core/program.h"

#include <gtest/gtest.h>

#include "core/hmac.h"
#include "core/md5.h"
#include "core/parallel_for.h"
#include "core/text.h"

namespace penstock {
namespace {

TEST(Program, ItsOutputItsErrorsAndItsExitStatusComeBack) {
  auto said = run_program({.program = "sh", .arguments = {"-c", "echo out; echo err >&2; exit 3"}});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->out, "out\n");
  EXPECT_EQ(said->errors, "err\n");
  EXPECT_EQ(said->exit_status, 3);
}

TEST(Program, AnUnknownOneIsNotFound) {
  auto said = run_program({.program = "no-such-program-here", .arguments = {}});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, ErrorCode::kNotFound);
}

TEST(Program, OneThatSaysTooMuchIsStopped) {
  auto said = run_program({.program = "yes", .arguments = {}, .output_bytes_max = 1000});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, ErrorCode::kTooLarge);
}

TEST(Md5, IsThatOfRfc1321) {
  EXPECT_EQ(hex(md5_of("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(md5_of("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Hmac, IsThatOfRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(std::as_bytes(std::span("Jefe", 4)), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(ParallelFor, DoesEveryItemOnce) {
  BlockingPool pool({.name = "test", .threads = 3});
  std::vector<std::atomic<int>> done(1000);
  parallel_for(pool, 3, done.size(), [&](size_t i) { ++done[i]; });
  for (auto& count : done) EXPECT_EQ(count.load(), 1);
}

}  // namespace
}  // namespace penstock
