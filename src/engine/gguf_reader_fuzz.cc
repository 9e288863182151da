// Feeds the GGUF reader with anything: it must not crash, and what it accepts must lie in the file.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "engine/gguf_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int fd = memfd_create("model.gguf", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  auto head = penstock::engine::read_gguf_head("/proc/self/fd/" + std::to_string(fd));
  close(fd);
  if (!head) return 0;
  for (const auto& tensor : head->tensors) {
    if (tensor.bytes <= 0 || static_cast<size_t>(tensor.bytes) > size) std::abort();
  }
  return 0;
}
