// The global operator new of our programs, see recent_blocks.hpp. Not with the sanitizers, which would not see what is freed.
#include "recent_blocks.hpp"

using orrery::RecentBlocks;

void* operator new(std::size_t size) { return RecentBlocks::allocate(size); }
void* operator new[](std::size_t size) { return RecentBlocks::allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return RecentBlocks::try_allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return RecentBlocks::try_allocate(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t size) noexcept { RecentBlocks::release(p, size); }
void operator delete[](void* p, std::size_t size) noexcept { RecentBlocks::release(p, size); }
