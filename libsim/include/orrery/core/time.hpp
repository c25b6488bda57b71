#pragma once
// Virtual time: integer nanoseconds, their text forms, and nothing that could read a real clock or a locale.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery {

/// Nanoseconds, signed 64 bits: about ±292 years.
using Duration = std::chrono::nanoseconds;

/// The clock of the simulated world. It has no now(): only a Kernel knows what time it is.
struct VirtualClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<VirtualClock, duration>;
  static constexpr bool is_steady = true;
};

/// Nanoseconds since the Unix epoch, in virtual wall time (UTC, no leap seconds).
using Time = std::chrono::time_point<VirtualClock, Duration>;

/// "Does not happen": later than every instant a run can reach.
inline constexpr Time kNever = Time::max();
/// "Does not end": adding it to any instant at or after the epoch gives kNever.
inline constexpr Duration kForever = Duration::max();

constexpr bool is_never(Time t) { return t == kNever; }

/// t + d. Saturates: kNever when the sum is too large (or t is kNever), Time::min() when it is too small.
constexpr Time add_checked(Time t, Duration d) {
  if (t == kNever) return kNever;
  std::int64_t sum = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), d.count(), &sum)) return d.count() > 0 ? kNever : Time::min();
  return Time(Duration(sum));
}

/// a - b, saturated to the range of Duration; kForever when a is kNever.
constexpr Duration subtract_checked(Time a, Time b) {
  if (a == kNever) return kForever;
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(a.time_since_epoch().count(), b.time_since_epoch().count(), &difference))
    return a > b ? Duration::max() : Duration::min();
  return Duration(difference);
}

/// d * n, saturated to the range of Duration.
constexpr Duration multiply_checked(Duration d, std::int64_t n) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(d.count(), n, &product)) return (d.count() < 0) == (n < 0) ? Duration::max() : Duration::min();
  return Duration(product);
}

/// Whole seconds since the Unix epoch, rounded down: what metav1.Time keeps of an instant.
constexpr std::int64_t unix_seconds(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}

/// The instant that many whole seconds after the Unix epoch, saturated like add_checked.
constexpr Time from_unix_seconds(std::int64_t s) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(s, std::int64_t{1'000'000'000}, &ns)) return s > 0 ? kNever : Time::min();
  return Time(Duration(ns));
}

/// "2026-01-05T00:00:00Z", as metav1.Time is written. Years outside 0000..9999 are clamped to that range.
std::string format_rfc3339(std::int64_t unix_s);
/// "2026-01-05T00:00:00.000000Z", as metav1.MicroTime is written; finer digits are cut off.
std::string format_rfc3339_micro(Time t);

/// "Mon, 05 Jan 2026 00:00:00 +0000": Go's RFC1123Z, in UTC.
std::string format_rfc1123(Time t);

/// Strict RFC 3339: upper-case T and Z, or an offset ±hh:mm, and optionally a fraction of 1 to 9 digits. No leap
/// second. nullopt when malformed or when the instant (in UTC) is outside the years 1970..2200.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Appends seconds with at most nine decimals, trailing zeros and a trailing point removed: "61.006", "0", "-0.5".
void append_trace_seconds(std::string& out, Duration d);

/// Go's time.ParseDuration syntax ("1h30m", "250ms", "-1.5s", units ns us µs ms s m h), plus the unit d of 24 hours.
/// Integer arithmetic; digits below a nanosecond are cut off. Like in Go, "0" needs no unit and every other number
/// does. nullopt when malformed or out of range.
std::optional<Duration> parse_duration(std::string_view text);

/// The text of Go's Duration.String(): "1h0m0s", "1.5s", "250ms", "1.5µs", "0s".
std::string format_go_duration(Duration d);

}  // namespace orrery
