#include "orrery/core/time.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace orrery;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

std::string trace_seconds(Duration d) {
  std::string out;
  append_trace_seconds(out, d);
  return out;
}

}  // namespace

TEST_CASE("arithmetic saturates") {
  CHECK(add_checked(Time(1s), 2s) == Time(3s));
  CHECK(add_checked(Time(1s), kForever) == kNever);
  CHECK(add_checked(kNever, -1s) == kNever);
  CHECK(add_checked(Time::min(), -1s) == Time::min());
  CHECK(subtract_checked(Time(3s), Time(1s)) == 2s);
  CHECK(subtract_checked(kNever, Time(1s)) == kForever);
  CHECK(subtract_checked(Time(1s), Time::min()) == Duration::max());
  CHECK(subtract_checked(Time::min(), Time(1s)) == Duration::min());
  CHECK(multiply_checked(2s, 3) == 6s);
  CHECK(multiply_checked(2s, kMax) == Duration::max());
  CHECK(multiply_checked(-2s, kMax) == Duration::min());
  CHECK(multiply_checked(2s, kMin) == Duration::min());
  CHECK(from_unix_seconds(5) == Time(5s));
  CHECK(from_unix_seconds(kMax) == kNever);
  CHECK(from_unix_seconds(kMin) == Time::min());
  CHECK(is_never(kNever));
  CHECK_FALSE(is_never(Time(1s)));
}

TEST_CASE("unix seconds are rounded down") {
  CHECK(unix_seconds(Time(1999ms)) == 1);
  CHECK(unix_seconds(Time(2s)) == 2);
  CHECK(unix_seconds(Time(-1ns)) == -1);
  CHECK(unix_seconds(Time(-1s)) == -1);
}

TEST_CASE("timestamps are written like metav1.Time and metav1.MicroTime") {
  struct Row {
    std::int64_t s;
    const char* text;
  };
  for (const auto& row : {Row{0, "1970-01-01T00:00:00Z"}, Row{1'767'571'200, "2026-01-05T00:00:00Z"},
                          Row{951'782'399, "2000-02-28T23:59:59Z"}, Row{951'782'400, "2000-02-29T00:00:00Z"},
                          Row{4'107'542'399, "2100-02-28T23:59:59Z"}, Row{4'107'542'400, "2100-03-01T00:00:00Z"},
                          Row{-1, "1969-12-31T23:59:59Z"}, Row{-62'167'219'200, "0000-01-01T00:00:00Z"},
                          Row{kMin, "0000-01-01T00:00:00Z"}, Row{kMax, "9999-12-31T23:59:59Z"}}) {
    CAPTURE(row.s);
    CHECK(format_rfc3339(row.s) == row.text);
  }
  CHECK(format_rfc3339_micro(Time(1'767'571'200s)) == "2026-01-05T00:00:00.000000Z");
  CHECK(format_rfc3339_micro(Time(1'767'571'200s + 1'234'567ns)) == "2026-01-05T00:00:00.001234Z");
  CHECK(format_rfc3339_micro(Time(-1ns)) == "1969-12-31T23:59:59.999999Z");
  CHECK(format_rfc3339_micro(Time::min()) == "1677-09-21T00:12:43.145224Z");
  CHECK(format_rfc3339_micro(kNever) == "2262-04-11T23:47:16.854775Z");
}

TEST_CASE("timestamps that are read") {
  struct Row {
    const char* text;
    Duration since_epoch;
  };
  for (const auto& row :
       {Row{"1970-01-01T00:00:00Z", 0s}, Row{"2026-01-05T00:00:00Z", 1'767'571'200s},
        Row{"2026-01-05T01:30:00+01:30", 1'767'571'200s}, Row{"2026-01-04T22:00:00-02:00", 1'767'571'200s},
        Row{"2026-01-05T00:00:00.5Z", 1'767'571'200s + 500ms}, Row{"2026-01-05T00:00:00.000000001Z", 1'767'571'200s + 1ns},
        Row{"2026-01-05T00:00:00.123456789+00:00", 1'767'571'200s + 123'456'789ns},
        Row{"2024-02-29T12:00:00Z", 1'709'208'000s}, Row{"2200-12-31T23:59:59Z", 7'289'654'399s},
        Row{"1969-12-31T23:00:00-01:00", 0s}}) {
    CAPTURE(row.text);
    const auto t = parse_rfc3339(row.text);
    REQUIRE(t);
    CHECK(t->time_since_epoch() == row.since_epoch);
  }
  for (const char* text :
       {"", "2026", "2026-01-05", "2026-01-05T00:00:00", "2026-01-05 00:00:00Z", "2026-01-05t00:00:00Z",
        "2026-01-05T00:00:00z", "2026-01-05T00:00:00.Z", "2026-01-05T00:00:00.1234567890Z", "2026-01-05T00:00:00,5Z",
        "2026-13-05T00:00:00Z", "2026-00-05T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T00:60:00Z", "2026-01-05T00:00:60Z",
        "2026-01-05T00:00:00Z ", " 2026-01-05T00:00:00Z", "2026-01-05T00:00:00+0100", "2026-01-05T00:00:00+01:60",
        "2026-01-05T00:00:00+24:00", "2026-01-05T00:00:00+1:00", "+026-01-05T00:00:00Z", "2026-1-05T00:00:00Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "2201-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
  CHECK_FALSE(parse_rfc3339(std::string_view("2026-01-05T00:00:00\0", 20)));
  CHECK_FALSE(parse_rfc3339(std::string_view("2026-01-05T00:00:00Z\0", 21)));
}

TEST_CASE("seconds of the trace carry no needless digits") {
  CHECK(trace_seconds(0s) == "0");
  CHECK(trace_seconds(61'006ms) == "61.006");
  CHECK(trace_seconds(10s) == "10");
  CHECK(trace_seconds(1ns) == "0.000000001");
  CHECK(trace_seconds(100ms) == "0.1");
  CHECK(trace_seconds(-500ms) == "-0.5");
  CHECK(trace_seconds(Duration::max()) == "9223372036.854775807");
  CHECK(trace_seconds(Duration::min()) == "-9223372036.854775808");
}

TEST_CASE("durations that are read") {
  struct Row {
    const char* text;
    Duration d;
  };
  for (const auto& row :
       {Row{"0", 0s}, Row{"-0", 0s}, Row{"+0", 0s}, Row{"0s", 0s}, Row{"5s", 5s}, Row{"1h30m", 90min}, Row{"250ms", 250ms},
        Row{"+5s", 5s}, Row{"-5s", -5s}, Row{"-1.5h", -90min}, Row{"1.5s", 1500ms}, Row{".5s", 500ms}, Row{"1.s", 1s},
        Row{"10ns", 10ns}, Row{"11us", 11us}, Row{"12\xc2\xb5s", 12us}, Row{"12\xce\xbcs", 12us}, Row{"2d", 48h},
        Row{"1d12h", 36h}, Row{"0.5d", 12h}, Row{"3m1h", 63min}, Row{"1s1s", 2s}, Row{"0.000000001s", 1ns},
        Row{"0.0000000019s", 1ns}, Row{"0.100000000000000000000h", 6min}, Row{"0.9999999999999999999999s", 999'999'999ns},
        Row{"0.830103483285477580700h", 2'988'372'539'827ns}, Row{"39h9m14.425s", 39h + 9min + 14'425ms},
        Row{"9223372036854775807ns", Duration::max()}, Row{"-9223372036854775808ns", Duration::min()},
        Row{"2562047h47m16.854775807s", Duration::max()}, Row{"106751d", 106751 * 24h}}) {
    CAPTURE(row.text);
    const auto d = parse_duration(row.text);
    REQUIRE(d);
    CHECK(*d == row.d);
  }
  for (const char* text : {"", "3", "-", "+", "s", ".", "-.", ".s", "+.s", "1", "1.5", "5 s", " 5s", "5s ", "5S", "1x", "1h5",
                           "--5s", "1h-5m", "1e3s", "0x1s", "9223372036854775808ns", "-9223372036854775809ns", "106752d",
                           "3000000h", "2562047h47m16.854775808s", "99999999999999999999999s", "1.1.1s", "1w", "\xc2s",
                           "forever", "NaN"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("durations are written like Go does") {
  struct Row {
    Duration d;
    const char* text;
  };
  for (const auto& row :
       {Row{0s, "0s"}, Row{1ns, "1ns"}, Row{1100ns, "1.1\xc2\xb5s"}, Row{2200us, "2.2ms"}, Row{3300ms, "3.3s"},
        Row{100ms, "100ms"}, Row{999'999ns, "999.999\xc2\xb5s"}, Row{5s, "5s"}, Row{4min + 5s, "4m5s"},
        Row{4min + 5001ms, "4m5.001s"}, Row{1min, "1m0s"}, Row{1h, "1h0m0s"}, Row{5h + 6min + 7001ms, "5h6m7.001s"},
        Row{8min + 1ns, "8m0.000000001s"}, Row{48h, "48h0m0s"}, Row{-1500ms, "-1.5s"}, Row{-1ns, "-1ns"},
        Row{Duration::max(), "2562047h47m16.854775807s"}, Row{Duration::min(), "-2562047h47m16.854775808s"}}) {
    CAPTURE(row.text);
    CHECK(format_go_duration(row.d) == row.text);
    CHECK(parse_duration(row.text) == row.d);
  }
}
