#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock::bench {

extern const std::string_view kLoadUsage;

struct LoadOptions {
  uint16_t port = 0;
  std::string path = "/v1/chat/completions";
  std::string body;                  // each "@N@" in it becomes the request's number
  std::vector<std::string> headers;  // further lines, "name: value"
  int64_t connections = 1;
  double rate = 0;       // requests begun per second, whatever is answered; 0: a closed loop
  int64_t requests = 0;  // counted ones to stop after; 0: `duration_us` decides
  int64_t duration_us = 0;
  int64_t warm_up_us = 0;  // before anything is counted

  static Result<LoadOptions> parse(std::span<char*> words);
};

}  // namespace penstock::bench
