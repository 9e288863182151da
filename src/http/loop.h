#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <string>
#include <thread>

#include "http/buffer_pool.h"
#include "http/deadlines.h"

namespace penstock::http {

using LoopExecutor = boost::asio::io_context::executor_type;

// The Date header, rendered once a second (RFC 9110 §5.6.7).
class HttpDate {
 public:
  std::string_view text(int64_t now_s);

 private:
  int64_t rendered_s_ = -1;
  std::string text_;
};

// What http/ keeps per event loop. Only its own thread touches it.
struct Loop {
  explicit Loop(size_t loop_index) : index(loop_index) {}

  size_t index;
  BufferPool buffers;  // outlives what io still holds
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<LoopExecutor> work{io.get_executor()};
  DeadlineWheel deadlines{io};
  HttpDate date;
  std::jthread thread;
};

}  // namespace penstock::http
