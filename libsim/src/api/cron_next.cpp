// The slot after an instant: C-032 and C-040 to C-044. Away from changes of the clock it is arithmetic on bit sets; near
// one, a walk in the same steps as the library's.
#include <bit>
#include <chrono>

#include "orrery/api/cron.hpp"

namespace orrery {

namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
/// Searching stops at the end of the year of the start plus these.
constexpr std::int64_t kYears = 5;
/// The fast way is taken only where the offset holds this much longer on both sides: no step of the walk can then see another.
constexpr std::int64_t kMargin = 2 * kDay;

constexpr std::int64_t floor_to(std::int64_t v, std::int64_t unit) { return v - ((v % unit) + unit) % unit; }

struct Date {
  std::int64_t year = 1970;
  unsigned month = 1, day = 1;
};

Date date_of(std::int64_t local_s) {
  const std::chrono::year_month_day d{std::chrono::sys_days{std::chrono::days{floor_to(local_s, kDay) / kDay}}};
  return {static_cast<int>(d.year()), static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day())};
}
/// Local seconds at midnight of the first of a month; months beyond December carry over.
std::int64_t month_start(std::int64_t year, std::int64_t month) {
  year += (month - 1) / 12;
  month = (month - 1) % 12 + 1;
  const std::chrono::sys_days first{std::chrono::year{static_cast<int>(year)} / static_cast<int>(month) / 1};
  return static_cast<std::int64_t>(first.time_since_epoch().count()) * kDay;
}
unsigned weekday_of(std::int64_t local_s) {
  return static_cast<unsigned>(((floor_to(local_s, kDay) / kDay + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
}
bool has(std::uint64_t set, unsigned value) { return (set >> value & 1U) != 0; }
/// The smallest member that is at least `from` and at most `last`, or 64.
unsigned first_from(std::uint64_t set, unsigned from, unsigned last) {
  const std::uint64_t upto = last >= 63 ? ~std::uint64_t{0} : (std::uint64_t{2} << last) - 1;
  return from > last ? 64U : static_cast<unsigned>(std::countr_zero(set & upto & (~std::uint64_t{0} << from)));
}

}  // namespace

bool CronSchedule::day_matches(unsigned day, unsigned weekday) const {
  const bool by_day = has(days_, day), by_weekday = has(weekdays_, weekday);
  return ((days_ | weekdays_) & kStar) != 0 ? by_day && by_weekday : by_day || by_weekday;
}

/// The matching days, 1 to 31, of a month that begins on this day of the week.
std::uint64_t CronSchedule::days_of_month(unsigned first_weekday) const {
  // The week, turned so that bit 0 is the first of the month, five times over, and moved to bit 1.
  const std::uint64_t week = weekdays_ & 0x7f;
  const std::uint64_t turned = (week >> first_weekday | week << (7 - first_weekday)) & 0x7f;
  const std::uint64_t by_weekday = (turned * 0x10204081ULL) << 1U;
  const std::uint64_t both = ((days_ | weekdays_) & kStar) != 0 ? days_ & by_weekday : days_ | by_weekday;
  return both & 0xfffffffeULL;
}

/// The first matching local time at or after `local_s` if the clock never changes; nothing within kYears: nullopt.
std::optional<std::int64_t> CronSchedule::next_local(std::int64_t local_s) const {
  std::int64_t at = floor_to(local_s + kMinute - 1, kMinute);
  const std::int64_t last_year = date_of(local_s).year + kYears;
  Date d = date_of(at);
  auto minute_of_day = static_cast<unsigned>((at - floor_to(at, kDay)) / kMinute);
  while (d.year <= last_year) {
    const unsigned month = first_from(months_, d.month, 12);
    if (month > 12) {
      d = {d.year + 1, 1, 1};
      minute_of_day = 0;
      continue;
    }
    if (month != d.month) {
      d = {d.year, month, 1};
      minute_of_day = 0;
    }
    const std::int64_t start = month_start(d.year, d.month);
    const auto length = static_cast<unsigned>((month_start(d.year, static_cast<std::int64_t>(d.month) + 1) - start) / kDay);
    const std::uint64_t days = days_of_month(weekday_of(start));
    for (unsigned day = first_from(days, d.day, length); day <= length; day = first_from(days, day + 1, length)) {
      const unsigned hour = day == d.day ? minute_of_day / 60 : 0;
      const unsigned minute = day == d.day ? minute_of_day % 60 : 0;
      for (unsigned h = first_from(hours_, hour, 23); h <= 23; h = first_from(hours_, h + 1, 23)) {
        const unsigned m = first_from(minutes_, h == hour ? minute : 0, 59);
        if (m <= 59) return start + (day - 1) * kDay + h * kHour + m * kMinute;
      }
    }
    d = {d.year, d.month + 1, 1};
    if (d.month > 12) d = {d.year + 1, 1, 1};
    minute_of_day = 0;
  }
  return std::nullopt;
}

/// The library's walk (C-042), in seconds since the epoch.
struct CronSchedule::Walk {
  const CronSchedule& s;
  TimeZone::Span span{0, 0, 0};

  std::int64_t offset(std::int64_t u) {
    if (!span.holds(u)) span = s.zone_.span(u);
    return span.offset_s;
  }
  std::int64_t local(std::int64_t u) { return u + offset(u); }
  /// The instant of a local time as the library picks it in gaps and overlaps (C-041).
  std::int64_t instant(std::int64_t local_s) { return local_s - offset(local_s - offset(local_s)); }
  unsigned hour(std::int64_t u) {
    const std::int64_t l = local(u);
    return static_cast<unsigned>((l - floor_to(l, kDay)) / kHour);
  }
  unsigned minute(std::int64_t u) {
    const std::int64_t l = local(u);
    return static_cast<unsigned>((l - floor_to(l, kHour)) / kMinute);
  }

  std::optional<std::int64_t> run(std::int64_t u) {
    const std::int64_t last_year = date_of(local(u)).year + kYears;
    bool snapped = false;
    while (date_of(local(u)).year <= last_year) {
      if (month_stage(u, snapped) && day_stage(u, snapped) && hour_stage(u, snapped) && minute_stage(u, snapped) && second_stage(u, snapped)) return u;
    }
    return std::nullopt;
  }

  // Each stage moves u on until it fits; false: it came round to the start of the next larger unit.
  bool month_stage(std::int64_t& u, bool& snapped) {
    for (Date d = date_of(local(u)); !has(s.months_, d.month); d = date_of(local(u))) {
      if (!snapped) u = instant(month_start(d.year, d.month));
      snapped = true;
      const std::int64_t l = local(u);
      d = date_of(l);
      const std::int64_t into_month = l - month_start(d.year, d.month);
      u = instant(month_start(d.year, static_cast<std::int64_t>(d.month) + 1) + into_month);
      if (date_of(local(u)).month == 1) return false;
    }
    return true;
  }
  bool day_stage(std::int64_t& u, bool& snapped) {
    while (!s.day_matches(date_of(local(u)).day, weekday_of(local(u)))) {
      if (!snapped) u = instant(floor_to(local(u), kDay));
      snapped = true;
      u = instant(local(u) + kDay);
      const unsigned h = hour(u);
      if (h > 12)
        u += (24 - h) * kHour;
      else
        u -= h * kHour;
      if (date_of(local(u)).day == 1) return false;
    }
    return true;
  }
  bool hour_stage(std::int64_t& u, bool& snapped) {
    while (!has(s.hours_, hour(u))) {
      if (!snapped) u = instant(floor_to(local(u), kHour));
      snapped = true;
      u += kHour;
      if (hour(u) == 0) return false;
    }
    return true;
  }
  bool minute_stage(std::int64_t& u, bool& snapped) {
    while (!has(s.minutes_, minute(u))) {
      if (!snapped) u = floor_to(u, kMinute);
      snapped = true;
      u += kMinute;
      if (minute(u) == 0) return false;
    }
    return true;
  }
  bool second_stage(std::int64_t& u, bool& snapped) {
    while (local(u) != floor_to(local(u), kMinute)) {
      snapped = true;
      ++u;
      if (local(u) == floor_to(local(u), kMinute)) return false;
    }
    return true;
  }
};

Time CronSchedule::next(Time t) const {
  if (t == kNoSlot || t == kNever) return t;
  const std::int64_t u = unix_seconds(t) + 1;
  if (every_s_ != 0) return from_unix_seconds(u - 1 + every_s_);
  // An empty set matches nothing, however long the search.
  if (minutes_ == 0 || hours_ == 0 || months_ == 0) return kNoSlot;
  std::optional<std::int64_t> found;
  if (zone_.is_utc()) {
    found = next_local(u);
    return found ? from_unix_seconds(*found) : kNoSlot;
  }
  Walk walk{*this};
  const std::int64_t local = walk.local(u);
  const TimeZone::Span here = walk.span;
  // What the walk may go back to first: the start of the day, or of the month where the month does not match.
  const Date d = date_of(local);
  const std::int64_t earliest = has(months_, d.month) ? floor_to(local, kDay) : month_start(d.year, d.month);
  if (here.begin <= earliest - kMargin) {
    found = next_local(local);
    if (found && *found + kMargin < here.end) return from_unix_seconds(*found - here.offset_s);
  }
  found = walk.run(u);
  return found ? from_unix_seconds(*found) : kNoSlot;
}

}  // namespace orrery
