#pragma once

#include <cstdint>
#include <string_view>

#include "bench/mock_upstream/fault.h"

namespace penstock::bench {

// Whose words an error is put into.
enum class Words : uint8_t { kOpenAi, kAzure, kAnthropic, kVllm, kLlamaServer, kGemini };

// How a call is answered, chosen by the model's name: "NAME+TRAIT+TRAIT...". A trait may end in "-NUMBER".
// Unknown traits mean nothing, so they can make names differ whose calls are counted apart.
//
//   tools        calls the tool that was given (a model of this name needs no trait), until a result is there
//   parallel     two calls instead of one
//   json         answers the tool's arguments as text: for response_format
//   cached       half of the prompt was read from the cache
//   cache-write  an eighth was written to it for minutes, a sixteenth for an hour
//   reasoning    thinks before it answers
//   images       begins its answer with how many images it was shown
//   strict       refuses what is not of the OpenAI protocol (the Anthropic one is always refused)
//   ping         a comment or ping before each event of a stream
//   events-N     words of an answer
//   latency-MS   waits before it answers
//   pace-MS      between the events of a stream
//   first-N      has its fault only in the first N calls of this very name (counted in the ledger)
//   retry-ms-N, retry-s-N, retry-none    what a 429 or 503 says of when to come back (1 s)
//   as-azure, as-vllm, as-llama, as-gemini   whose words its errors have
struct Behaviour {
  Fault fault;
  bool tools = false;
  bool parallel = false;
  bool json = false;
  bool cached = false;
  bool cache_write = false;
  bool reasoning = false;
  bool images = false;
  bool strict = false;
  bool ping = false;
  int64_t events = 0;          // 0: the server's default
  int64_t latency_us = 0;      // before the head
  int64_t pace_us = -1;        // -1: the server's default
  int64_t faulty_first = 0;    // 0: every call
  int64_t retry_after_ms = 0;  // 0: no such header
  int64_t retry_after_s = 1;   // 0: no such header
  Words words = Words::kOpenAi;

  static Behaviour of(std::string_view model);
};

}  // namespace penstock::bench
