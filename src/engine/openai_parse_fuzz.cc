#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/openai_parse.h"

// Whatever a body says, it is read or refused.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  (void)penstock::engine::parse_chat_request(body);
  (void)penstock::engine::parse_text_request(body);
  (void)penstock::engine::parse_embedding_request(body);
  return 0;
}
