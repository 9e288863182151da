#include "http/buffer_pool.h"

#include <sys/mman.h>

#include <new>

namespace penstock::http {

BufferPool::~BufferPool() {
  for (char* memory : kept_) ::munmap(memory, kBlockBytes);
}

BufferPool::Buffer BufferPool::take(size_t bytes) {
  if (bytes == kBlockBytes && !kept_.empty()) {
    char* memory = kept_.back();
    kept_.pop_back();
    return Buffer(memory, GiveBack{this, bytes});
  }
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return Buffer(static_cast<char*>(memory), GiveBack{this, bytes});
}

void BufferPool::give_back(char* memory, size_t bytes) {
  if (bytes == kBlockBytes && kept_.size() < kKeptMax) {
    kept_.push_back(memory);
  } else {
    ::munmap(memory, bytes);
  }
}

}  // namespace penstock::http
