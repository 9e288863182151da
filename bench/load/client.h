#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/event_scan.h"
#include "bench/load/options.h"
#include "bench/load/report.h"
#include "bench/net/event_loop.h"
#include "bench/net/http_reader.h"

namespace penstock::bench {

// Closed-loop load: every connection repeats the request as soon as its answer is there. One thread.
class Client {
 public:
  static Result<Report> run(const LoadOptions& options);

 private:
  struct Connection {
    Fd fd;
    HttpReader reader;
    EventScan events;
    std::string out;  // of the request, not yet taken by the kernel
    int64_t sent_us = 0;
    int64_t content_us = 0;  // of the newest event with text; 0: none yet
    bool done = false;       // [DONE] was read
  };

  Client(EventLoop loop, const LoadOptions& options) : loop_(std::move(loop)), options_(options) {}

  Result<void> open_connection();
  void ask(Connection& connection);
  void flush(Connection& connection);
  void ready(int fd);
  void read_events(Connection& connection, int64_t now);
  void complete(Connection& connection, int64_t now);
  void fail(Connection& connection, const std::string& why);
  void replace(Connection& connection);  // by a new one, which asks at once
  void ask_again(Connection& connection);
  bool counting() const { return monotonic_us() >= counted_from_us_; }

  EventLoop loop_;
  const LoadOptions& options_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor number
  std::vector<std::unique_ptr<Connection>> broken_;       // until the callback that broke them has returned
  int64_t asked_ = 0;
  int64_t counted_from_us_ = 0;
  Report report_;
};

}  // namespace penstock::bench
