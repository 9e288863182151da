// Feeds the safetensors reader with anything: it must not crash, and every tensor it lists can be read whole
// or is refused for its type.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "engine/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using penstock::ErrorCode;
  const int fd = memfd_create("model.safetensors", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  auto file = penstock::engine::Safetensors::open("/proc/self/fd/" + std::to_string(fd));
  close(fd);
  if (!file) return 0;
  size_t bytes = 0;
  for (const auto& [name, tensor] : file->tensors()) {
    bytes += static_cast<size_t>(tensor.bytes);
    auto numbers = file->read(name, tensor);
    if (!numbers && numbers.error().code != ErrorCode::kInvalidArgument) std::abort();
  }
  if (bytes > size) std::abort();
  return 0;
}
