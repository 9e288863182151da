// A library for LD_PRELOAD that counts calls of the allocator, so that a test can gate allocations per
// request:
//   ALLOCATION_COUNT_FILE=/tmp/count LD_PRELOAD=libcount_allocations.so penstock serve ...
// The file is a live 8-byte count (native order) of malloc, calloc, realloc and aligned variants by all
// threads. Forked children inherit the mapping and count too, until they execute another program.
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

// glibc's own allocator under names that this library does not replace.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace {

using Count = std::atomic<uint64_t>;
static_assert(sizeof(Count) == sizeof(uint64_t) && Count::is_always_lock_free);

constinit Count unmapped;             // counts until the file is mapped, or where there is none
constinit std::atomic<Count*> count;  // null until then

// The program's start: nothing here may allocate.
__attribute__((constructor)) void map_file() {
  const char* path = std::getenv("ALLOCATION_COUNT_FILE");
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (::ftruncate(fd, sizeof(Count)) == 0) {
    void* mapped = ::mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) count = static_cast<Count*>(mapped);
  }
  ::close(fd);
}

void count_one() {
  Count* mapped = count.load(std::memory_order_relaxed);
  (mapped != nullptr ? *mapped : unmapped).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {

void* malloc(size_t bytes) {
  count_one();
  return __libc_malloc(bytes);
}

void* calloc(size_t items, size_t bytes) {
  count_one();
  return __libc_calloc(items, bytes);
}

void* realloc(void* old, size_t bytes) {
  count_one();
  return __libc_realloc(old, bytes);
}

void* aligned_alloc(size_t alignment, size_t bytes) {
  count_one();
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** result, size_t alignment, size_t bytes) {
  count_one();
  *result = __libc_memalign(alignment, bytes);
  return *result == nullptr ? ENOMEM : 0;
}

}  // extern "C"
