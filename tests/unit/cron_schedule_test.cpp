// Cron schedules: the grammar and its errors (C-020 to C-033), the next slot (C-040 to C-044, worked examples X1 to X70).
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "orrery/api/cron.hpp"
#include "orrery/api/validation.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;
using namespace std::chrono_literals;

namespace {

CronSchedule parsed(const std::string& text, const std::string& zone = "UTC") {
  CronParse p = CronSchedule::parse(zone == "UTC" ? text : "TZ=" + zone + " " + text);
  REQUIRE_MESSAGE(p.schedule, p.error);
  return *p.schedule;
}

Time at(const std::string& text) {
  const auto t = parse_rfc3339(text);
  REQUIRE_MESSAGE(t, text);
  return *t;
}

struct Example {
  const char *rule, *schedule, *zone, *from, *next;
};
// From is exclusive; several results are successive calls.
const Example kExamples[] = {
    {"X1", "*/5 * * * *", "UTC", "2024-05-01T10:02:30Z", "2024-05-01T10:05:00Z 2024-05-01T10:10:00Z 2024-05-01T10:15:00Z"},
    {"X2", "0 * * * *", "UTC", "2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z 2024-05-01T12:00:00Z"},
    {"X3", "0 * * * *", "UTC", "2024-05-01T09:59:59.5Z", "2024-05-01T10:00:00Z 2024-05-01T11:00:00Z"},
    {"X4", "3-59/15 2,6-8 * * *", "UTC", "2024-05-01T02:48:00Z", "2024-05-01T06:03:00Z 2024-05-01T06:18:00Z 2024-05-01T06:33:00Z"},
    {"X5", "7/20 * * * *", "UTC", "2024-05-01T10:00:00Z", "2024-05-01T10:07:00Z 2024-05-01T10:27:00Z 2024-05-01T10:47:00Z 2024-05-01T11:07:00Z"},
    {"X6", "*/40 * * * *", "UTC", "2024-05-01T10:00:00Z", "2024-05-01T10:40:00Z 2024-05-01T11:00:00Z 2024-05-01T11:40:00Z 2024-05-01T12:00:00Z"},
    {"X7", "*/100 * * * *", "UTC", "2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z 2024-05-01T12:00:00Z"},
    {"X8", "0 22 * * 1-5", "UTC", "2024-05-03T22:00:00Z", "2024-05-06T22:00:00Z 2024-05-07T22:00:00Z"},
    {"X9", "0 0 * * SUN", "UTC", "2024-05-01T00:00:00Z", "2024-05-05T00:00:00Z 2024-05-12T00:00:00Z"},
    {"X10", "0 12 1 jan-MAR/2 ?", "UTC", "2024-01-01T12:00:00Z", "2024-03-01T12:00:00Z 2025-01-01T12:00:00Z 2025-03-01T12:00:00Z"},
    {"X11", "@hourly", "UTC", "2024-05-01T10:00:00.25Z", "2024-05-01T11:00:00Z 2024-05-01T12:00:00Z"},
    {"X12", "@daily", "UTC", "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z 2024-03-01T00:00:00Z 2024-03-02T00:00:00Z"},
    {"X13", "@weekly", "UTC", "2024-05-01T00:00:00Z", "2024-05-05T00:00:00Z 2024-05-12T00:00:00Z"},
    {"X14", "@monthly", "UTC", "2024-01-31T10:00:00Z", "2024-02-01T00:00:00Z 2024-03-01T00:00:00Z"},
    {"X15", "@yearly", "UTC", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z 2026-01-01T00:00:00Z"},
    {"X16", "@every 90m", "UTC", "2024-05-01T10:07:23Z", "2024-05-01T11:37:23Z 2024-05-01T13:07:23Z 2024-05-01T14:37:23Z"},
    {"X17", "@every 1m30.9s", "UTC", "2024-05-01T10:00:00.7Z", "2024-05-01T10:01:30Z 2024-05-01T10:03:00Z 2024-05-01T10:04:30Z"},
    {"X18", "@every 250ms", "UTC", "2024-05-01T10:00:00.999Z", "2024-05-01T10:00:01Z 2024-05-01T10:00:02Z"},
    {"X19", "0 0 13 * 5", "UTC", "2024-09-01T00:00:00Z", "2024-09-06T00:00:00Z 2024-09-13T00:00:00Z 2024-09-20T00:00:00Z 2024-09-27T00:00:00Z"},
    {"X20", "0 0 13 * *", "UTC", "2024-09-01T00:00:00Z", "2024-09-13T00:00:00Z 2024-10-13T00:00:00Z"},
    {"X21", "0 0 * * 5", "UTC", "2024-09-01T00:00:00Z", "2024-09-06T00:00:00Z 2024-09-13T00:00:00Z"},
    {"X22", "0 0 */2 * 1", "UTC", "2024-09-01T00:00:00Z", "2024-09-02T00:00:00Z 2024-09-03T00:00:00Z 2024-09-05T00:00:00Z 2024-09-07T00:00:00Z"},
    {"X23", "0 0 */1 * 1", "UTC", "2024-09-01T00:00:00Z", "2024-09-02T00:00:00Z 2024-09-09T00:00:00Z"},
    {"X24", "0 0 1-31 * 1", "UTC", "2024-09-01T00:00:00Z", "2024-09-02T00:00:00Z 2024-09-03T00:00:00Z 2024-09-04T00:00:00Z"},
    {"X25", "0 0 1,15 * 3", "UTC", "2024-09-01T00:00:00Z", "2024-09-04T00:00:00Z 2024-09-11T00:00:00Z 2024-09-15T00:00:00Z 2024-09-18T00:00:00Z"},
    {"X26", "0 0 1,* * 3", "UTC", "2024-09-01T00:00:00Z", "2024-09-04T00:00:00Z 2024-09-11T00:00:00Z"},
    {"X27", "0 0 31 * *", "UTC", "2024-01-31T00:00:00Z", "2024-03-31T00:00:00Z 2024-05-31T00:00:00Z 2024-07-31T00:00:00Z 2024-08-31T00:00:00Z"},
    {"X28", "0 0 30 * *", "UTC", "2024-01-30T00:00:00Z", "2024-03-30T00:00:00Z 2024-04-30T00:00:00Z"},
    {"X29", "0 0 29 2 *", "UTC", "2023-03-01T00:00:00Z", "2024-02-29T00:00:00Z 2028-02-29T00:00:00Z 2032-02-29T00:00:00Z"},
    {"X30", "0 0 29 2 1", "UTC", "2023-03-01T00:00:00Z", "2024-02-05T00:00:00Z 2024-02-12T00:00:00Z 2024-02-19T00:00:00Z"},
    {"X31", "0 0 31 4,6,9,11 *", "UTC", "2024-01-01T00:00:00Z", "ZERO"},
    {"X32", "59 23 31 2 *", "UTC", "2024-01-01T00:00:00Z", "ZERO"},
    {"X33", "59 23 31 12 *", "UTC", "2024-12-31T23:59:00Z", "2025-12-31T23:59:00Z"},
    {"X34", "0 0 29 2 *", "UTC", "2096-02-29T00:00:00Z", "ZERO"},
    {"X35", "30 2 * * *", "America/New_York", "2024-03-09T02:30:00-05:00", "2024-03-11T02:30:00-04:00 2024-03-12T02:30:00-04:00"},
    {"X36", "0 3 * * *", "America/New_York", "2024-03-09T03:00:00-05:00", "2024-03-10T03:00:00-04:00 2024-03-11T03:00:00-04:00"},
    {"X37", "0 * * * *", "America/New_York", "2024-03-10T00:30:00-05:00", "2024-03-10T01:00:00-05:00 2024-03-10T03:00:00-04:00 2024-03-10T04:00:00-04:00"},
    {"X38", "0 */2 * * *", "America/New_York", "2024-03-10T00:00:00-05:00", "2024-03-10T04:00:00-04:00 2024-03-10T06:00:00-04:00"},
    {"X39", "*/30 1-3 * * *", "America/New_York", "2024-03-10T01:00:00-05:00", "2024-03-10T01:30:00-05:00 2024-03-10T03:00:00-04:00 2024-03-10T03:30:00-04:00 2024-03-11T01:00:00-04:00"},
    {"X40", "30 1 * * *", "America/New_York", "2024-11-03T00:00:00-04:00", "2024-11-03T01:30:00-04:00 2024-11-03T01:30:00-05:00 2024-11-04T01:30:00-05:00"},
    {"X41", "0 * * * *", "America/New_York", "2024-11-03T00:30:00-04:00", "2024-11-03T01:00:00-04:00 2024-11-03T01:00:00-05:00 2024-11-03T02:00:00-05:00 2024-11-03T03:00:00-05:00"},
    {"X42", "0 */2 * * *", "America/New_York", "2024-11-03T00:00:00-04:00", "2024-11-03T02:00:00-05:00 2024-11-03T04:00:00-05:00 2024-11-03T06:00:00-05:00"},
    {"X43", "0 2 * * *", "America/New_York", "2024-11-02T02:00:00-04:00", "2024-11-03T02:00:00-05:00 2024-11-04T02:00:00-05:00"},
    {"X44", "0 0 * * *", "America/New_York", "2024-11-02T00:00:00-04:00", "2024-11-03T00:00:00-04:00 2024-11-04T00:00:00-05:00 2024-11-05T00:00:00-05:00"},
    {"X45", "@every 1h", "America/New_York", "2024-03-10T01:30:00-05:00", "2024-03-10T03:30:00-04:00 2024-03-10T04:30:00-04:00"},
    {"X46", "15 2 10 3 *", "America/New_York", "2024-03-01T00:00:00-05:00", "2025-03-10T02:15:00-04:00 2026-03-10T02:15:00-04:00"},
    {"X47", "30 2 * * *", "Europe/Berlin", "2024-03-30T02:30:00+01:00", "2024-04-01T02:30:00+02:00 2024-04-02T02:30:00+02:00"},
    {"X48", "0 3 * * *", "Europe/Berlin", "2024-03-30T03:00:00+01:00", "2024-03-31T03:00:00+02:00 2024-04-01T03:00:00+02:00"},
    {"X49", "30 2 * * *", "Europe/Berlin", "2024-10-26T02:30:00+02:00", "2024-10-27T02:30:00+02:00 2024-10-27T02:30:00+01:00 2024-10-28T02:30:00+01:00"},
    {"X50", "0 2,3 * * *", "Europe/Berlin", "2024-10-27T00:00:00+02:00", "2024-10-27T02:00:00+02:00 2024-10-27T02:00:00+01:00 2024-10-27T03:00:00+01:00"},
    {"X51", "*/20 2 * * 0", "Europe/Berlin", "2024-10-27T01:59:00+02:00", "2024-10-27T02:00:00+02:00 2024-10-27T02:20:00+02:00 2024-10-27T02:40:00+02:00 2024-10-27T02:00:00+01:00 2024-10-27T02:20:00+01:00 2024-10-27T02:40:00+01:00 2024-11-03T02:00:00+01:00"},
    {"X52", "0 1 * * *", "Europe/Berlin", "2024-10-26T12:00:00+02:00", "2024-10-27T01:00:00+02:00 2024-10-28T01:00:00+01:00"},
    {"X53", "0 2 * * *", "Australia/Lord_Howe", "2024-10-05T02:00:00+10:30", "2024-10-07T02:00:00+11:00 2024-10-08T02:00:00+11:00"},
    {"X54", "30 2 * * *", "Australia/Lord_Howe", "2024-10-05T02:30:00+10:30", "2024-10-06T02:30:00+11:00 2024-10-07T02:30:00+11:00"},
    {"X55", "0 9 * * *", "Australia/Lord_Howe", "2024-10-05T09:00:00+10:30", "2024-10-07T09:00:00+11:00 2024-10-08T09:00:00+11:00"},
    {"X56", "0 9 * * *", "Australia/Lord_Howe", "2024-10-06T05:17:00+11:00", "2024-10-06T09:00:00+11:00 2024-10-07T09:00:00+11:00"},
    {"X57", "45 9 * * *", "Australia/Lord_Howe", "2024-10-05T09:45:00+10:30", "2024-10-06T09:45:00+11:00 2024-10-07T09:45:00+11:00"},
    {"X58", "0 * * * *", "Australia/Lord_Howe", "2024-10-06T00:30:00+10:30", "2024-10-06T01:00:00+10:30 2024-10-06T03:00:00+11:00 2024-10-06T04:00:00+11:00 2024-10-06T05:00:00+11:00"},
    {"X59", "45 1 * * *", "Australia/Lord_Howe", "2024-04-07T00:00:00+11:00", "2024-04-07T01:45:00+11:00 2024-04-07T01:45:00+10:30 2024-04-08T01:45:00+10:30"},
    {"X60", "0 9 * * *", "Australia/Lord_Howe", "2024-04-06T09:00:00+11:00", "2024-04-08T09:00:00+10:30 2024-04-09T09:00:00+10:30"},
    {"X61", "0 * * * *", "Australia/Lord_Howe", "2024-04-07T00:30:00+11:00", "2024-04-07T01:00:00+11:00 2024-04-07T02:00:00+10:30 2024-04-07T03:00:00+10:30 2024-04-07T04:00:00+10:30"},
    {"X62", "*/30 * * * *", "Australia/Lord_Howe", "2024-04-07T01:00:00+11:00", "2024-04-07T01:30:00+11:00 2024-04-07T01:30:00+10:30 2024-04-07T02:00:00+10:30 2024-04-07T02:30:00+10:30"},
    {"X63", "@daily", "Africa/Cairo", "2024-04-25T00:00:00+02:00", "2024-04-27T00:00:00+03:00 2024-04-28T00:00:00+03:00"},
    {"X64", "30 5 26 4 *", "Africa/Cairo", "2024-04-25T12:00:00+02:00", "2025-04-26T05:30:00+03:00"},
    {"X65", "30 5 * * 5", "Africa/Cairo", "2024-04-25T12:00:00+02:00", "2024-05-03T05:30:00+03:00 2024-05-10T05:30:00+03:00"},
    {"X66", "30 5 * * *", "Africa/Cairo", "2024-04-25T12:00:00+02:00", "2024-04-26T05:30:00+03:00 2024-04-27T05:30:00+03:00"},
    {"X67", "0 0 * * *", "America/Havana", "2024-11-02T00:00:00-04:00", "2024-11-03T00:00:00-04:00 2024-11-03T00:00:00-05:00 2024-11-04T00:00:00-05:00"},
    {"X68", "0 9 * * *", "Asia/Kathmandu", "2024-05-01T03:00:00Z", "2024-05-01T09:00:00+05:45 2024-05-02T09:00:00+05:45"},
    {"X69", "0 1,9 * * *", "Australia/Lord_Howe", "2024-10-05T09:00:00+10:30", "2024-10-06T01:00:00+10:30 2024-10-06T09:00:00+11:00 2024-10-07T01:00:00+11:00"},
    {"X70", "15 23 * * *", "Australia/Lord_Howe", "2024-10-05T23:15:00+10:30", "2024-10-07T23:15:00+11:00 2024-10-08T23:15:00+11:00"},
};

/// C-042 word by word, step by step: what the quick way is measured against.
class Reference {
 public:
  Reference(std::vector<std::vector<unsigned>> sets, bool star, TimeZone zone) : sets_(std::move(sets)), star_(star), zone_(zone) {}
  std::optional<std::int64_t> next(std::int64_t t) const {
    std::int64_t u = t + 1;
    bool snapped = false;
    const int limit = civil(u).year + 5;
  restart:
    if (civil(u).year > limit) return std::nullopt;
    while (!in(3, civil(u).month)) {
      if (!snapped) u = make(civil(u).year, civil(u).month, 1, 0, 0, 0);
      snapped = true;
      const Civil c = civil(u);
      u = make(c.year, c.month + 1, c.day, c.hour, c.minute, c.second);
      if (civil(u).month == 1) goto restart;
    }
    while (!day_fits(u)) {
      if (!snapped) u = make(civil(u).year, civil(u).month, civil(u).day, 0, 0, 0);
      snapped = true;
      const Civil c = civil(u);
      u = make(c.year, c.month, c.day + 1, c.hour, c.minute, c.second);
      const auto h = static_cast<std::int64_t>(civil(u).hour);
      if (h != 0) u += h > 12 ? (24 - h) * 3600 : -h * 3600;
      if (civil(u).day == 1) goto restart;
    }
    while (!in(1, civil(u).hour)) {
      if (!snapped) u = make(civil(u).year, civil(u).month, civil(u).day, civil(u).hour, 0, 0);
      snapped = true;
      u += 3600;
      if (civil(u).hour == 0) goto restart;
    }
    while (!in(0, civil(u).minute)) {
      if (!snapped) u -= u % 60;
      snapped = true;
      u += 60;
      if (civil(u).minute == 0) goto restart;
    }
    while (civil(u).second != 0) {
      snapped = true;
      u += 1;
      if (civil(u).second == 0) goto restart;
    }
    return u;
  }

 private:
  struct Civil {
    int year;
    unsigned month, day, hour, minute, second, weekday;
  };
  bool in(std::size_t field, unsigned value) const { return std::find(sets_[field].begin(), sets_[field].end(), value) != sets_[field].end(); }
  bool day_fits(std::int64_t u) const {
    const Civil c = civil(u);
    return star_ ? in(2, c.day) && in(4, c.weekday) : in(2, c.day) || in(4, c.weekday);
  }
  std::int64_t off(std::int64_t u) const { return zone_.span(u).offset_s; }
  Civil civil(std::int64_t u) const {
    const std::int64_t l = u + off(u);
    const auto days = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{l}});
    const std::chrono::year_month_day d{days};
    const auto s = static_cast<unsigned>(l - std::int64_t{days.time_since_epoch().count()} * 86400);
    return {static_cast<int>(d.year()), static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()), s / 3600, s / 60 % 60, s % 60,
            std::chrono::weekday{days}.c_encoding()};
  }
  std::int64_t make(int y, unsigned mo, unsigned d, unsigned h, unsigned mi, unsigned s) const {
    const std::chrono::sys_days first{(std::chrono::year{y} / std::chrono::January / 1) + std::chrono::months{static_cast<int>(mo) - 1}};
    const std::int64_t l = (std::int64_t{first.time_since_epoch().count()} + d - 1) * 86400 + h * 3600 + mi * 60 + s;
    return l - off(l - off(l));
  }
  std::vector<std::vector<unsigned>> sets_;
  bool star_;
  TimeZone zone_;
};

}  // namespace

TEST_CASE("C-050: the worked examples X1 to X70") {
  CHECK(std::size(kExamples) == 70);
  for (const Example& e : kExamples) {
    CAPTURE(e.rule);
    CAPTURE(e.schedule);
    const CronSchedule schedule = parsed(e.schedule, e.zone);
    const TimeZone zone = *TimeZone::find(e.zone);
    Time t = at(e.from);
    std::string found;
    for (const std::string all = e.next; found.size() < all.size();) {
      t = schedule.next(t);
      if (!found.empty()) found += ' ';
      found += t == CronSchedule::kNoSlot ? "ZERO" : format_rfc3339(t, zone);
    }
    CHECK(found == e.next);
  }
}

TEST_CASE("C-033: what the grammar takes") {
  for (const char* s : {"* * * * *", "0 0 ? * ?", "5/15 * * * *", "*/100 * * * *", "0 0 * * SUN-SAT", "1,,2 * * * *", ", * * * *", "*-7 * * * *", "+5 * * * *",
                        "007 * * * *", "@every -5m", "@every 0", "TZ=UTC @daily ", "TZ= 0 0 * * *", "CRON_TZ=Asia/Tokyo 0 9 * * *", "TZ=Local 0 0 * * *",
                        "\t1\n2 * *  *", "@every 1.5h", "@every 1h1m1.000000001s", "@annually", "@midnight"}) {
    CAPTURE(s);
    CHECK(cron_schedule_error(s) == "");
  }
}

TEST_CASE("C-020 to C-033: what it refuses, and how it says so") {
  struct Row {
    const char *rule, *schedule, *error;
  };
  const Row rows[] = {
      {"C-020", "", "empty spec string"},
      {"C-020", "TZ=Nowhere/Land * * * * *", "provided bad location Nowhere/Land: unknown time zone Nowhere/Land"},
      {"C-021", "* * * *", "expected exactly 5 fields, found 4: [* * * *]"},
      {"C-021", "0 0 0 1 1 *", "expected exactly 5 fields, found 6: [0 0 0 1 1 *]"},
      {"C-022", "0 0 * * 7", "end of range (7) above maximum (6): 7"},
      {"C-022", "60 * * * *", "end of range (60) above maximum (59): 60"},
      {"C-022", "* 24 * * *", "end of range (24) above maximum (23): 24"},
      {"C-022", "0 0 0 * *", "beginning of range (0) below minimum (1): 0"},
      {"C-022", "* * * 13 *", "end of range (13) above maximum (12): 13"},
      {"C-023", "*/0 * * * *", "step of range should be a positive number: */0"},
      {"C-023", "10-5 * * * *", "beginning of range (10) beyond end of range (5): 10-5"},
      {"C-023", "0 0 * * FRI-MON", "beginning of range (5) beyond end of range (1): FRI-MON"},
      {"C-023", "-5 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"},
      {"C-023", "*/-5 * * * *", "negative number (-5) not allowed: -5"},
      {"C-023", "1-2-3 * * * *", "too many hyphens: 1-2-3"},
      {"C-023", "1/2/3 * * * *", "too many slashes: 1/2/3"},
      {"C-023", "1.5 * * * *", "failed to parse int from 1.5: strconv.Atoi: parsing \"1.5\": invalid syntax"},
      {"C-023", "99999999999999999999 * * * *",
       "failed to parse int from 99999999999999999999: strconv.Atoi: parsing \"99999999999999999999\": value out of range"},
      {"C-024", "TZ=UTC", "invalid schedule format: runtime error: slice bounds out of range [:-1]"},
      {"C-024", "TZ=0", "invalid schedule format: runtime error: slice bounds out of range [:-1]"},
      {"C-025", "0 0 L * *", "failed to parse int from L: strconv.Atoi: parsing \"L\": invalid syntax"},
      {"C-025", "0 0 15W * *", "failed to parse int from 15W: strconv.Atoi: parsing \"15W\": invalid syntax"},
      {"C-025", "0 0 * * 5#2", "failed to parse int from 5#2: strconv.Atoi: parsing \"5#2\": invalid syntax"},
      {"C-025", "H * * * *", "failed to parse int from H: strconv.Atoi: parsing \"H\": invalid syntax"},
      {"C-025", "0 0 * January *", "failed to parse int from January: strconv.Atoi: parsing \"January\": invalid syntax"},
      {"C-030", "@Daily", "unrecognized descriptor: @Daily"},
      {"C-030", " @daily", "expected exactly 5 fields, found 1: [@daily]"},
      {"C-030", "@daily ", "unrecognized descriptor: @daily "},
      {"C-030", "@reboot", "unrecognized descriptor: @reboot"},
      {"C-030", "@every", "unrecognized descriptor: @every"},
      {"C-031", "@every 1d", "failed to parse duration @every 1d: time: unknown unit \"d\" in duration \"1d\""},
      {"C-031", "@every 5", "failed to parse duration @every 5: time: missing unit in duration \"5\""},
      {"C-031", "@every  1h", "failed to parse duration @every  1h: time: invalid duration \" 1h\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CAPTURE(row.schedule);
    CHECK(cron_schedule_error(row.schedule) == row.error);
  }
}

TEST_CASE("C-031: the interval of @every") {
  struct Row {
    const char* text;
    std::int64_t seconds;
  };
  for (const Row& row : {Row{"@every -5m", 1}, Row{"@every 0", 1}, Row{"@every 999ms", 1}, Row{"@every 1.999s", 1}, Row{"@every 1h1m1.5s", 3661}, Row{"@every 0.1h", 360},
                         Row{"@every +2m", 120}, Row{"@every 1500\xc2\xb5s", 1}, Row{"@every .5h", 1800}, Row{"@every 876000h", 3153600000}}) {
    CAPTURE(row.text);
    CHECK(parsed(row.text).next(at("2024-05-01T00:00:00.25Z")) == add_checked(at("2024-05-01T00:00:00Z"), std::chrono::seconds{row.seconds}));
  }
}

TEST_CASE("C-043: what never fires, and the ends of time") {
  for (const char* s : {"0 0 31 4,6,9,11 *", "* * 30 2 *", ", * * * *", "* , * * *", "* * * , *", "0 0 , * *"}) {
    CAPTURE(s);
    CHECK(parsed(s).next(at("2024-05-01T00:00:00Z")) == CronSchedule::kNoSlot);
    CHECK(parsed(s, "America/New_York").next(at("2024-05-01T00:00:00Z")) == CronSchedule::kNoSlot);
  }
  CHECK(parsed("* * * * *").next(CronSchedule::kNoSlot) == CronSchedule::kNoSlot);
  CHECK(parsed("* * * * *").next(kNever) == kNever);
  CHECK(parsed("0 0 1 1 *").next(from_unix_seconds(9'220'000'000)) == kNever);
  CHECK(parsed("@every 2562047h").next(from_unix_seconds(9'220'000'000)) == kNever);
}

TEST_CASE("C-102: an instant in its zone") {
  struct Row {
    const char *zone, *text;
  };
  for (const Row& row : {Row{"UTC", "2024-05-01T13:00:00Z"}, Row{"America/New_York", "2024-05-01T09:00:00-04:00"}, Row{"Asia/Kathmandu", "2024-05-01T18:45:00+05:45"},
                         Row{"Africa/Abidjan", "2024-05-01T13:00:00Z"}}) {
    CHECK(format_rfc3339(at("2024-05-01T13:00:00.7Z"), *TimeZone::find(row.zone)) == row.text);
  }
  CHECK_FALSE(TimeZone::find("europe/berlin"));
  CHECK_FALSE(TimeZone::find("Europe/Nowhere"));
  CHECK(TimeZone::find("")->is_utc());
}

TEST_CASE("C-042: random schedules agree with the walk written out, in zones of every temper") {
  const char* const zones[] = {"UTC",           "America/New_York",  "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana",
                               "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia",  "America/Santiago",    "Asia/Beirut",  "Antarctica/Troll"};
  RandomStream r(1, purpose("test.cron"), 0);
  auto pick = [&](std::uint64_t n) { return static_cast<unsigned>(r.below(n)); };
  struct Range {
    unsigned low, high;
  };
  constexpr Range kRanges[] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
  for (int i = 0; i < 1500; ++i) {
    std::string text;
    std::vector<std::vector<unsigned>> sets(5);
    bool star = false;
    for (std::size_t f = 0; f < 5; ++f) {
      const Range range = kRanges[f];
      std::string item;
      if (pick(100) < (f == 0 ? 15U : f == 1 ? 35U : 55U)) {
        item = "*";
        for (unsigned v = range.low; v <= range.high; ++v) sets[f].push_back(v);
        star = star || f == 2 || f == 4;
      } else if (pick(3) == 0) {
        const unsigned step = 2 + pick(8);
        item = fmt::format("*/{}", step);
        for (unsigned v = range.low; v <= range.high; v += step) sets[f].push_back(v);
      } else {
        for (unsigned n = 1 + pick(3); n > 0; --n) {
          const unsigned v = range.low + pick(range.high - range.low + 1);
          item += (item.empty() ? "" : ",") + std::to_string(v);
          sets[f].push_back(v);
        }
      }
      text += (text.empty() ? "" : " ") + item;
    }
    const std::string zone = zones[pick(std::size(zones))];
    const CronSchedule schedule = parsed(text, zone);
    const Reference reference(sets, star, *TimeZone::find(zone));
    // Some starts are anywhere in thirty years, the others near a change of the clock.
    std::int64_t t = 1'000'000'000 + static_cast<std::int64_t>(r.below(900'000'000));
    const TimeZone::Span span = TimeZone::find(zone)->span(t);
    if (pick(2) == 0 && span.end < 2'000'000'000) t = span.end - 90'000 + static_cast<std::int64_t>(r.below(100'000));
    for (int k = 0; k < 6; ++k) {
      const auto expected = reference.next(t);
      const Time found = schedule.next(from_unix_seconds(t));
      REQUIRE_MESSAGE((expected ? from_unix_seconds(*expected) : CronSchedule::kNoSlot) == found,
                      fmt::format("{} in {} after {}: {}", text, zone, t, found == CronSchedule::kNoSlot ? 0 : unix_seconds(found)));
      if (!expected) break;
      t = *expected;
    }
  }
}
