#pragma once
// Counts what the program asks the allocator for. Linking bench_support replaces the global operator new.
#include <cstdint>

namespace orrery::bench {

/// While there is one, nothing is counted: what is measured by time then does not pay for it. What is allocated under one should go
/// under one, too.
class NotCounting {
 public:
  NotCounting();
  ~NotCounting();
  NotCounting(const NotCounting&) = delete;
  NotCounting& operator=(const NotCounting&) = delete;
};

/// Calls of operator new since the start of the program.
std::uint64_t allocations();
/// Bytes that are allocated and not yet freed, as the allocator rounds them.
std::int64_t live_bytes();
/// The highest value of live_bytes() since the last reset_peak().
std::int64_t peak_bytes();
void reset_peak();

}  // namespace orrery::bench
