#include "allocations.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

// The benchmarks have one thread.
std::uint64_t calls = 0;
std::int64_t live = 0;
std::int64_t peak = 0;
int not_counting = 0;

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  if (not_counting != 0) return p;
  ++calls;
  live += static_cast<std::int64_t>(malloc_usable_size(p));
  if (live > peak) peak = live;
  return p;
}

void release(void* p) {
  if (p == nullptr) return;
  if (not_counting == 0) live -= static_cast<std::int64_t>(malloc_usable_size(p));
  std::free(p);
}

}  // namespace

namespace orrery::bench {

NotCounting::NotCounting() { ++not_counting; }
NotCounting::~NotCounting() { --not_counting; }
std::uint64_t allocations() { return calls; }
std::int64_t live_bytes() { return live; }
std::int64_t peak_bytes() { return peak; }
void reset_peak() { peak = live; }

}  // namespace orrery::bench

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new[](std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto a = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(a, (size + a - 1) / a * a));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
