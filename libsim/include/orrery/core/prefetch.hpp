#pragma once
// A large simulation waits for memory more than it computes. Whoever walks a list of objects knows what it needs next.
#include <cstddef>

namespace orrery {

/// Begins to load `bytes` from `p` on into the caches. Never faults, changes nothing.
inline void fetch_ahead(const void* p, std::size_t bytes = 1) {
  for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(static_cast<const char*>(p) + i);
  __builtin_prefetch(static_cast<const char*>(p) + bytes - 1);
}

}  // namespace orrery
