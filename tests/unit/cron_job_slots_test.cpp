// Which slot is due and when to look again (C-068, C-085): the timing rows of C-201 to C-263 as arithmetic.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cron_job/slots.hpp"

using namespace orrery;
using namespace orrery::cron_job;

namespace {

Time at(const char* text) {
  const auto t = parse_rfc3339(std::string(text).find('T') == std::string::npos ? "2024-05-01T" + std::string(text) : std::string(text));
  REQUIRE_MESSAGE(t, text);
  return *t;
}

std::string shown(Time t) {
  std::string s = format_rfc3339_micro(t);
  if (s.substr(0, 11) == "2024-05-01T") s.erase(0, 11);
  s.pop_back();
  while (s.back() == '0') s.pop_back();
  if (s.back() == '.') s.pop_back();
  return s;
}

/// Of a sync (S7 to S15) or of a changed schedule (C-061), which starts nothing.
enum class What { sync, edit };

struct Row {
  const char *rule, *schedule, *zone, *created, *last;
  std::int64_t deadline;
  const char* now;
  What what;
  const char* slot;  ///< "": none; "error"
  Missed missed;
  const char* wake;
};

constexpr std::int64_t kNone = kUnset;
constexpr auto kSync = What::sync, kEdit = What::edit;
constexpr auto kOk = Missed::none, kFew = Missed::few, kMany = Missed::many;
constexpr const char* kEarly = "08:30:00Z";
constexpr const char* kHourly = "0 * * * *";

const Row kRows[] = {
    {"C-201", kHourly, "", kEarly, "10:00:00Z", kNone, "13:20:00Z", kSync, "13:00:00", kFew, "14:00:00.1"},
    {"C-202", kHourly, "", kEarly, "10:00:00Z", 600, "13:20:00Z", kSync, "", kOk, "14:00:00.1"},
    {"C-203", kHourly, "", kEarly, "10:00:00Z", 600, "13:05:00Z", kSync, "13:00:00", kOk, "14:00:00.1"},
    {"C-204", kHourly, "", kEarly, "10:00:00Z", 1200, "13:20:00Z", kSync, "", kOk, "14:00:00.1"},
    {"C-204", kHourly, "", kEarly, "10:00:00Z", 1201, "13:20:00Z", kSync, "13:00:00", kOk, "14:00:00.1"},
    {"C-205", "* * * * *", "", kEarly, "10:00:00Z", kNone, "13:00:30Z", kSync, "13:00:00", kMany, "13:01:00.1"},
    {"C-206", "* * * * *", "", kEarly, "10:00:00Z", kNone, "11:40:59Z", kSync, "11:40:00", kFew, "11:41:00.1"},
    {"C-206", "* * * * *", "", kEarly, "10:00:00Z", kNone, "11:41:00Z", kSync, "11:41:00", kMany, "11:42:00.1"},
    {"C-207", "* * * * *", "", kEarly, "10:00:00Z", 200, "13:00:30Z", kSync, "13:00:00", kFew, "13:01:00.1"},
    {"C-208", kHourly, "", "2014-05-01T08:30:00Z", "", kNone, "13:20:00Z", kSync, "13:00:00", kMany, "14:00:00.1"},
    {"C-209", "*/10 * * * *", "", "10:01:00Z", "", 5, "10:01:00Z", kSync, "", kOk, "10:10:00.1"},
    {"C-209", "*/10 * * * *", "", "10:01:00Z", "", 5, "10:10:00.1Z", kSync, "10:10:00", kOk, "10:20:00.1"},
    {"C-209", "*/10 * * * *", "", "10:01:00Z", "", 5, "10:10:06Z", kSync, "", kOk, "10:20:00.1"},
    {"C-210", "*/10 * * * *", "", "10:01:00Z", "", 0, "10:10:00Z", kSync, "", kOk, "10:20:00.1"},
    {"C-210", "*/10 * * * *", "", "10:01:00Z", "", 0, "10:10:00.1Z", kSync, "", kOk, "10:20:00.1"},
    {"C-210", "*/10 * * * *", "", "10:01:00Z", "", 1, "10:10:00.1Z", kSync, "10:10:00", kOk, "10:20:00.1"},
    {"C-211", "* * * * *", "", kEarly, "10:00:00Z", kNone, "10:02:30.05Z", kSync, "10:02:00", kFew, "10:03:00.1"},
    {"C-212", "* * * * *", "", kEarly, "10:00:00Z", 20, "10:02:30.05Z", kSync, "", kOk, "10:03:00.1"},
    {"C-214", kHourly, "", kEarly, "10:00:00Z", kNone, "13:40:00Z", kSync, "13:00:00", kFew, "14:00:00.1"},
    {"C-214", kHourly, "", kEarly, "10:00:00Z", kNone, "14:10:00Z", kSync, "14:00:00", kFew, "15:00:00.1"},
    {"C-215", "* * * * *", "", kEarly, "10:00:00Z", kNone, "13:20:00Z", kSync, "13:20:00", kMany, "13:21:00.1"},
    {"C-223", kHourly, "", kEarly, "10:00:00Z", kNone, "14:25:00Z", kSync, "14:00:00", kFew, "15:00:00.1"},
    {"C-224", kHourly, "", kEarly, "10:00:00Z", 900, "14:25:00Z", kSync, "", kOk, "15:00:00.1"},
    {"C-224", kHourly, "", kEarly, "10:00:00Z", 1800, "14:25:00Z", kSync, "14:00:00", kOk, "15:00:00.1"},
    {"C-225", "0 0 * * *", "", kEarly, "", kNone, "2024-05-04T07:00:00Z", kSync, "2024-05-04T00:00:00", kFew, "2024-05-05T00:00:00.1"},
    {"C-227", "30 * * * *", "", kEarly, "10:00:00Z", kNone, "14:25:00Z", kEdit, "", kOk, "14:30:00.1"},
    {"C-227", "30 * * * *", "", kEarly, "10:00:00Z", kNone, "14:30:00.1Z", kSync, "14:30:00", kFew, "15:30:00.1"},
    {"C-228", "*/5 * * * *", "", kEarly, "10:00:00Z", kNone, "10:32:00Z", kEdit, "", kOk, "10:35:00.1"},
    {"C-228", "*/5 * * * *", "", kEarly, "10:00:00Z", kNone, "10:33:00Z", kSync, "10:30:00", kFew, "10:35:00.1"},
    {"C-228", "*/5 * * * *", "", kEarly, "10:00:00Z", kNone, "10:35:00.1Z", kSync, "10:35:00", kFew, "10:40:00.1"},
    {"C-229", "15 * * * *", "", kEarly, "10:00:00Z", kNone, "10:30:00Z", kEdit, "", kOk, "11:15:00.1"},
    {"C-229", "15 * * * *", "", kEarly, "10:00:00Z", kNone, "11:00:00.1Z", kSync, "10:15:00", kOk, "11:15:00.1"},
    {"C-230", "0 3 * * *", "", kEarly, "10:00:00Z", kNone, "10:32:00Z", kEdit, "", kOk, "2024-05-02T03:00:00.1"},
    {"C-230", "0 3 * * *", "", kEarly, "10:00:00Z", kNone, "11:00:00.1Z", kSync, "", kOk, "2024-05-02T03:00:00.1"},
    {"C-231", "45 9 * * *", "", kEarly, "", kNone, "10:30:00Z", kEdit, "", kOk, "2024-05-02T09:45:00.1"},
    {"C-231", "45 9 * * *", "", kEarly, "", kNone, "10:30:05Z", kSync, "09:45:00", kOk, "2024-05-02T09:45:00.1"},
    {"C-232", "0 9 * * *", "America/New_York", kEarly, "09:00:00Z", kNone, "10:00:00Z", kEdit, "", kOk, "13:00:00.1"},
    {"C-232", "0 9 * * *", "America/New_York", kEarly, "09:00:00Z", kNone, "13:00:00.1Z", kSync, "13:00:00", kOk, "2024-05-02T13:00:00.1"},
    {"C-232", "0 9 * * *", "Asia/Tokyo", kEarly, "09:00:00Z", kNone, "10:00:00Z", kEdit, "", kOk, "2024-05-02T00:00:00.1"},
    {"C-233", kHourly, "", kEarly, "10:00:00Z", kNone, "09:59:30Z", kSync, "", kOk, "11:00:00.1"},
    {"C-234", "*/5 * * * *", "", "10:02:00Z", "", kNone, "10:00:00Z", kSync, "", kOk, "10:05:00.1"},
    {"C-235", kHourly, "", kEarly, "09:00:00Z", kNone, "09:59:59.95Z", kSync, "", kOk, "10:00:00.1"},
    {"C-235", kHourly, "", kEarly, "09:00:00Z", kNone, "10:00:00Z", kSync, "10:00:00", kOk, "11:00:00.1"},
    {"C-236", kHourly, "", "10:00:00Z", "", kNone, "10:00:00Z", kSync, "", kOk, "11:00:00.1"},
    {"C-236", kHourly, "", "09:59:59Z", "", kNone, "10:00:00.1Z", kSync, "10:00:00", kOk, "11:00:00.1"},
    {"C-237", "0 9-17 * * 1-5", "", kEarly, "2024-05-03T17:00:00Z", kNone, "2024-05-06T10:20:00Z", kSync, "2024-05-06T10:00:00", kFew, "2024-05-06T11:00:00.1"},
    {"C-238", "30 10,11,12 * * 1-5", "", kEarly, "2016-05-19T10:30:00Z", kNone, "2016-05-20T10:31:00Z", kSync, "2016-05-20T10:30:00", kFew, "2016-05-20T11:30:00.1"},
    {"C-238", "30 10,11,12 * * 1-5", "", kEarly, "2016-05-19T10:30:00Z", kNone, "2016-05-20T11:31:00Z", kSync, "2016-05-20T11:30:00", kFew, "2016-05-20T12:30:00.1"},
    {"C-238", "30 10,11,12 * * 1-5", "", kEarly, "2016-05-19T10:30:00Z", kNone, "2016-05-20T12:31:00Z", kSync, "2016-05-20T12:30:00", kFew, "2016-05-23T10:30:00.1"},
    {"C-238", "30 10,11,12 * * 1-5", "", kEarly, "2016-05-19T10:30:00Z", kNone, "2016-05-20T13:31:00Z", kSync, "", kFew, "2016-05-23T10:30:00.1"},
    {"C-238", "30 10,11,12 * * 1-5", "", kEarly, "2016-05-19T10:30:00Z", kNone, "2016-05-20T16:30:00Z", kSync, "", kFew, "2016-05-23T10:30:00.1"},
    {"C-239", "0 0 1,2,20 * *", "", kEarly, "2024-04-20T00:00:00Z", kNone, "2024-05-19T12:00:00Z", kSync, "", kFew, "2024-05-20T00:00:00.1"},
    {"C-239", "0 0 1,2,20 * *", "", kEarly, "2024-04-20T00:00:00Z", kNone, "2024-05-21T12:00:00Z", kSync, "", kFew, "2024-06-01T00:00:00.1"},
    {"C-240", "59 23 31 2 *", "", kEarly, "", kNone, "10:00:00Z", kSync, "error", kOk, ""},
    {"C-240", ", * * * *", "", kEarly, "", kNone, "10:00:00Z", kSync, "error", kOk, ""},
    {"C-241", "0 0 29 2 *", "", kEarly, "2024-02-29T00:00:00Z", kNone, "2024-03-01T00:00:00Z", kSync, "", kOk, "2028-02-29T00:00:00.1"},
    {"C-010", "* * * * *", "", kEarly, "10:00:00Z", 9223372037, "13:00:30Z", kSync, "", kOk, "13:01:00.1"},
    {"C-010", "* * * * *", "", kEarly, "10:00:00Z", 9223372036, "10:01:30Z", kSync, "10:01:00", kOk, "10:02:00.1"},
    {"C-252", "@every 30s", "", "10:00:00Z", "", kNone, "10:00:30.1Z", kSync, "10:00:30", kOk, "10:01:00.1"},
    {"C-252", "@every 30s", "", "10:00:00Z", "10:01:00Z", kNone, "10:01:30.1Z", kSync, "10:01:30", kOk, "10:02:00.1"},
    {"C-254", "@every 1h", "", "10:07:23Z", "", 600, "11:07:23.1Z", kSync, "", kOk, "12:07:23.1"},
    {"C-254", "@every 1h", "", "10:07:23Z", "", 3600, "11:07:23.1Z", kSync, "11:07:23", kOk, "12:07:23.1"},
    {"C-254", "@every 1h", "", "10:07:23Z", "", 3600, "11:07:25.3Z", kSync, "11:07:25", kOk, "12:07:25.1"},
    {"C-254", "@every 1h", "", "10:07:23Z", "", 5400, "11:07:25.3Z", kSync, "11:07:23", kOk, "12:07:23.1"},
    {"C-255", "@every 1h", "", kEarly, "11:07:23Z", kNone, "15:30:00Z", kSync, "15:07:23", kFew, "16:07:23.1"},
    {"C-260", "30 2 * * *", "America/New_York", "2024-03-01T00:00:00Z", "2024-03-09T07:30:00Z", kNone, "2024-03-09T07:30:00.1Z", kEdit, "", kOk,
     "2024-03-11T06:30:00.1"},
    {"C-261", "30 1 * * *", "America/New_York", "2024-11-01T00:00:00Z", "2024-11-02T05:30:00Z", kNone, "2024-11-03T05:30:00.1Z", kSync, "2024-11-03T05:30:00", kOk,
     "2024-11-03T06:30:00.1"},
    {"C-261", "30 1 * * *", "America/New_York", "2024-11-01T00:00:00Z", "2024-11-03T05:30:00Z", kNone, "2024-11-03T06:30:00.1Z", kSync, "2024-11-03T06:30:00", kOk,
     "2024-11-04T06:30:00.1"},
    {"C-262", "0 0 * * *", "Africa/Cairo", "2024-04-01T00:00:00Z", "2024-04-24T22:00:00Z", kNone, "2024-04-24T22:00:00.1Z", kEdit, "", kOk, "2024-04-26T21:00:00.1"},
    {"C-263", "0 9 * * *", "Australia/Lord_Howe", "2024-10-01T00:00:00Z", "2024-10-04T22:30:00Z", kNone, "2024-10-04T22:30:00.1Z", kEdit, "", kOk,
     "2024-10-06T22:00:00.1"},
    {"C-263", "0 9 * * *", "Australia/Lord_Howe", "2024-10-01T00:00:00Z", "2024-10-04T22:30:00Z", kNone, "2024-10-05T23:17:00Z", kSync, "", kOk,
     "2024-10-06T22:00:00.1"},
};

}  // namespace

TEST_CASE("C-201 to C-263: the slot that is due and the next wake-up") {
  for (const Row& row : kRows) {
    CAPTURE(row.rule);
    CAPTURE(row.schedule);
    CAPTURE(row.now);
    const CronParse schedule = CronSchedule::parse(row.zone[0] == '\0' ? row.schedule : "TZ=" + std::string(row.zone) + " " + row.schedule);
    REQUIRE(schedule.schedule);
    Facts facts{stamp(at(row.created)), {}, row.deadline};
    if (row.last[0] != '\0') facts.last_schedule = stamp(at(row.last));
    const Time now = at(row.now);
    if (row.what == What::sync) {
      const Recent recent = most_recent(facts, *schedule.schedule, now, true);
      CHECK((recent.error ? "error" : recent.slot ? shown(*recent.slot) : "") == row.slot);
      CHECK(recent.missed == row.missed);
      if (recent.error) continue;
      if (recent.slot) {
        // C-087: a slot that is found with the deadline has not missed it.
        CHECK_FALSE(too_late(facts, *recent.slot, now));
        facts.last_schedule = stamp(*recent.slot);
      }
    }
    CHECK(shown(now + requeue_delay(facts, *schedule.schedule, now)) == row.wake);
  }
}

TEST_CASE("C-068: a schedule that never fires asks for an immediate look, which then reports it") {
  const Facts facts{stamp(at("10:00:00Z")), {}, kUnset};
  const CronParse schedule = CronSchedule::parse("0 0 31 2 *");
  CHECK(requeue_delay(facts, *schedule.schedule, at("12:00:00Z")) < Duration{});
}

TEST_CASE("C-087: MissSchedule would need a slot older than the deadline") {
  const Facts facts{stamp(at("10:00:00Z")), {}, 600};
  CHECK(too_late(facts, at("11:00:00Z"), at("11:10:00.1Z")));
  CHECK_FALSE(too_late(facts, at("11:00:00Z"), at("11:10:00Z")));
  CHECK(format_rfc1123(at("11:00:00Z")) == "Wed, 01 May 2024 11:00:00 +0000");
}
