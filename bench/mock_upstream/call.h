#pragma once

#include <cstdint>
#include <string>

#include "bench/mock_upstream/fault.h"
#include "bench/net/http_reader.h"
#include "core/result.h"

namespace penstock::bench {

enum class Endpoint : uint8_t { kChat, kCompletions, kEmbeddings, kModels, kLedger, kLedgerClear, kUnknown };

// What is needed of a request to answer it.
struct Call {
  Endpoint endpoint = Endpoint::kUnknown;
  std::string model;
  Fault fault;
  bool stream = false;
  bool include_usage = false;
  bool tools = false;         // the model is called `tools`, and tools were given
  bool base64 = false;        // embeddings: encoding_format
  int64_t choices = 1;        // `n`
  int64_t inputs = 1;         // embeddings: how many texts
  int64_t output_tokens = 0;  // of each choice; one event of a stream each
  int64_t input_tokens = 0;   // a quarter of the body's bytes, so that it differs from call to call

  // `tokens` answers a call that sets no max_tokens. kInvalidArgument: not JSON, or a field of a wrong type.
  static Result<Call> read(const HttpMessage& message, int64_t tokens);
};

}  // namespace penstock::bench
