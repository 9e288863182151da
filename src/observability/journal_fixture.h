#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "core/clock.h"
#include "core/random.h"
#include "core/temporary_directory.h"
#include "observability/request_log.h"
#include "storage/journal/journal.h"

namespace penstock::observability {

// A request log over a real journal in a folder of its own, with a clock that the test moves. For tests.
class JournalFixture : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open(int64_t segment_bytes_max = 64 << 20) {
    log_.reset();
    journal_.reset();
    journal::JournalOptions options;
    options.directory = directory_.path();
    options.segment_bytes_max = segment_bytes_max;
    auto opened = journal::Journal::open(options, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    log_ = std::make_unique<RequestLog>(*journal_);
  }

  // A request that took one second and ends now, a second later than the one before.
  RequestRecord next_record() {
    clock_.advance_us(1'000'000);
    RequestRecord r;
    r.started_at = {clock_.now().us - 1'000'000};
    r.ended_at = clock_.now();
    r.id = Uuid::v7(clock_, random_);
    r.endpoint = "chat.completions";
    r.model = r.route = "smollm2";
    r.upstream = "engine:smollm2";
    r.status = 200;
    return r;
  }

  RequestRecord write(RequestRecord record) {
    auto position = log_->write(record);
    EXPECT_TRUE(position) << position.error().message;
    return record;
  }

  ManualClock clock_;
  SeededRandom random_{1};
  TemporaryDirectory directory_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<RequestLog> log_;
};

}  // namespace penstock::observability
