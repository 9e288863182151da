#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace penstock::http {

// Memory for reading, page by page from the kernel: what idle connections give back is really free, where
// malloc would keep the holes between what stays. One loop; outlives its buffers.
class BufferPool {
 public:
  static constexpr size_t kBlockBytes = 16 << 10;
  static constexpr size_t kKeptMax = 64;  // blocks that wait for the next connection

  struct GiveBack {
    BufferPool* pool = nullptr;
    size_t bytes = 0;
    void operator()(char* memory) const { pool->give_back(memory, bytes); }
  };
  using Buffer = std::unique_ptr<char[], GiveBack>;

  BufferPool() = default;
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  Buffer take(size_t bytes);  // throws std::bad_alloc, as new does

 private:
  void give_back(char* memory, size_t bytes);
  std::vector<char*> kept_;
};

}  // namespace penstock::http
