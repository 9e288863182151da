#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/event_scan.h"
#include "bench/load/options.h"
#include "bench/load/report.h"
#include "bench/net/event_loop.h"
#include "bench/net/http_reader.h"

namespace penstock::bench {

// Load on keep-alive connections, one thread. A closed loop: every connection repeats the request as soon as
// its answer is there. An open one (`rate`): requests are due at even intervals, take any idle connection,
// and are measured from when they were due, so that a slow server cannot slow down what it is asked.
class Client {
 public:
  static Result<Report> run(const LoadOptions& options);

 private:
  struct Connection {
    Fd fd;
    HttpReader reader;
    EventScan events;
    std::string out;         // of the request, not yet taken by the kernel
    int64_t sent_us = 0;     // or due
    int64_t content_us = 0;  // of the newest event with text; 0: none yet
    bool done = false;       // [DONE] was read
  };

  Client(EventLoop loop, const LoadOptions& options) : loop_(std::move(loop)), options_(options) {}

  Result<void> open_connection();
  void begin(Connection& connection);  // what a connection does that has nothing to do
  void ask(Connection& connection, int64_t due_us);
  void ask_what_is_due();
  void flush(Connection& connection);
  void ready(int fd);
  void read_events(Connection& connection, int64_t now);
  void complete(Connection& connection, int64_t now);
  void fail(Connection& connection, const std::string& why);
  void replace(Connection& connection);  // by a new one, which asks at once
  bool counting() const { return monotonic_us() >= counted_from_us_; }

  EventLoop loop_;
  const LoadOptions& options_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor number
  std::vector<std::unique_ptr<Connection>> broken_;       // until the callback that broke them has returned
  std::vector<Connection*> idle_;                         // in an open loop
  std::deque<int64_t> due_;  // times of requests that wait for an idle connection
  double next_due_us_ = 0;
  int64_t asked_ = 0;
  int64_t counted_from_us_ = 0;
  Report report_;
};

}  // namespace penstock::bench
