#pragma once
// The zones of the IANA tz database: which offset from UTC holds at an instant. The rules come from the system's copy
// (/usr/share/zoneinfo); no process zone, no clock. After the last transition that the copy lists (2037), its offset stays.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/core/time.hpp"

namespace orrery {

class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;
  /// "" and "UTC" are UTC. nullopt: no such zone, or the system's database lacks it. Case matters.
  static std::optional<TimeZone> find(std::string_view name);

  /// The offset holds from `begin` up to, not including, `end` (seconds since the Unix epoch).
  struct Span {
    std::int64_t begin = INT64_MIN;
    std::int64_t end = INT64_MAX;
    std::int32_t offset_s = 0;  ///< local = UTC + offset
    bool holds(std::int64_t unix_s) const { return begin <= unix_s && unix_s < end; }
  };
  /// O(log n) in the transitions of the zone.
  Span span(std::int64_t unix_s) const;
  bool is_utc() const { return zone_ == nullptr; }

 private:
  const void* zone_ = nullptr;  ///< of the database, which lives as long as the process and never changes
};

/// As Go's RFC3339: "2024-05-01T09:00:00-04:00", and "…Z" where the offset is zero (C-102). Fractions are cut off.
std::string format_rfc3339(Time t, const TimeZone& zone);

}  // namespace orrery
