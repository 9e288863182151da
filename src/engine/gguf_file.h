#pragma once

#include <gguf.h>

#include <memory>

namespace penstock::engine {

struct GgufDeleter {
  void operator()(gguf_context* context) const { gguf_free(context); }
};
using GgufFile = std::unique_ptr<gguf_context, GgufDeleter>;

}  // namespace penstock::engine
