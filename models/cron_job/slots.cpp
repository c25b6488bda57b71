#include "slots.hpp"

namespace orrery::cron_job {

namespace {

/// The deadline as a duration, with the wrap-around of Go's 64-bit arithmetic (C-010).
Duration deadline_of(const Facts& facts) {
  return Duration(static_cast<std::int64_t>(static_cast<std::uint64_t>(facts.starting_deadline_s) * std::uint64_t{1'000'000'000}));
}
Duration negated(Duration d) { return Duration(static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(d.count()))); }

/// Whole seconds, halves away from zero.
std::int64_t rounded_seconds(Duration d) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t whole = d.count() / kSecond, rest = d.count() % kSecond;
  return whole + (rest >= kSecond / 2 ? 1 : rest <= -kSecond / 2 ? -1 : 0);
}

}  // namespace

Recent most_recent(const Facts& facts, const NextSlot& next, Time now, bool with_deadline) {
  Recent out;
  out.base = time_of(facts.last_schedule ? facts.last_schedule : facts.created);
  if (with_deadline && facts.starting_deadline_s != kUnset) out.base = std::max(out.base, add_checked(now, negated(deadline_of(facts))));
  const Time first = next(out.base);
  const Time second = next(first);
  if (now < first) return out;
  if (now < second) {
    out.slot = first;
    return out;
  }
  const std::int64_t gap = rounded_seconds(subtract_checked(second, first));
  if (gap < 1) {
    out.error = true;
    return out;
  }
  const std::int64_t missed = (now - first) / std::chrono::seconds{1} / gap + 1;
  const Time probe = add_checked(first, multiply_checked(std::chrono::seconds{gap}, missed - 2));
  for (Time t = next(probe); t <= now && t != CronSchedule::kNoSlot; t = next(t)) out.slot = t;
  out.missed = missed > kMissedMax ? Missed::many : Missed::few;
  return out;
}

Duration requeue_delay(const Facts& facts, const NextSlot& next, Time now) {
  const Recent recent = most_recent(facts, next, now, false);
  Time from = now;
  if (!recent.error && recent.slot)
    from = *recent.slot;
  else if (!recent.error && recent.missed == Missed::none)
    from = recent.base;
  return subtract_checked(add_checked(next(from), kSlotDelta), now);
}

bool too_late(const Facts& facts, Time slot, Time now) {
  return facts.starting_deadline_s != kUnset && add_checked(slot, deadline_of(facts)) < now;
}

}  // namespace orrery::cron_job
