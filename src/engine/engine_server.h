#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace penstock::engine {

struct EngineOptions {
  std::filesystem::path model;       // a GGUF file
  std::string model_name;            // served name; empty: the file's name without ".gguf"
  std::string listen;                // "unix:/path" or "host:port"; port 0 takes a free one
  std::filesystem::path port_file;   // gets the chosen port of a host:port; empty: none
  int32_t threads = 1;               // of computation; more than the free cores makes it many times slower
  int32_t sequences_max = 32;        // texts at once
  int32_t context_tokens = 0;        // longest prompt and text together; 0: the model's, at most 8192
  int64_t kv_bytes_max = 512 << 20;  // of key and value cache, unless one longest text needs more
  int32_t queue_max = 256;           // requests that wait; one more gets 429
  int32_t prefill_tokens_per_step =
      128;                    // of prompts beside running texts; more: faster starts, slower streams
  std::string chat_template;  // Jinja source that replaces the model's; empty: the model's
  int64_t drain_ms = 10'000;  // for open answers at shutdown
  int parent_pid = 0;         // ends when that process is no longer the parent; 0: does not care
};

// Serves one model over OpenAI's HTTP API until SIGTERM or SIGINT, then lets open answers end for drain_ms.
// /health answers 503 while the model loads. Call it once, on the main thread of a process of its own: a
// model file that makes libllama abort ends this process and no other. Errors: a model that does not load, an
// address in use.
Result<void> run_engine(const EngineOptions& options);

}  // namespace penstock::engine
