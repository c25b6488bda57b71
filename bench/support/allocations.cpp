#include "allocations.hpp"

#include <malloc.h>

#include "allocator/recent_blocks.hpp"

namespace {

// The benchmarks have one thread.
std::uint64_t calls = 0;
std::int64_t live = 0;
std::int64_t peak = 0;
int not_counting = 0;

using orrery::RecentBlocks;

void* counted(void* p) {
  if (p == nullptr || not_counting != 0) return p;
  ++calls;
  live += static_cast<std::int64_t>(malloc_usable_size(p));
  if (live > peak) peak = live;
  return p;
}

void* released(void* p) {
  if (p != nullptr && not_counting == 0) live -= static_cast<std::int64_t>(malloc_usable_size(p));
  return p;
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

// As new_delete.cpp does it.
void* operator new(std::size_t size) { return counted(RecentBlocks::allocate(size)); }
void* operator new[](std::size_t size) { return counted(RecentBlocks::allocate(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(RecentBlocks::try_allocate(size)); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(RecentBlocks::try_allocate(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto a = static_cast<std::size_t>(align);
  void* const p = std::aligned_alloc(a, (size + a - 1) / a * a);
  if (p == nullptr) throw std::bad_alloc();
  return counted(p);
}
void operator delete(void* p) noexcept { std::free(released(p)); }
void operator delete[](void* p) noexcept { std::free(released(p)); }
void operator delete(void* p, std::size_t size) noexcept { RecentBlocks::release(released(p), size); }
void operator delete[](void* p, std::size_t size) noexcept { RecentBlocks::release(released(p), size); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(released(p)); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(released(p)); }
