#include "orrery/core/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace orrery {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

__extension__ typedef unsigned __int128 Wide;

constexpr std::int64_t kDay = 86400;

constexpr std::int64_t midnight(int year, unsigned month, unsigned day) {
  const sys_days d{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
  return std::int64_t{d.time_since_epoch().count()} * kDay;
}

std::string date_and_time(std::int64_t unix_s) {
  unix_s = std::clamp(unix_s, midnight(0, 1, 1), midnight(10000, 1, 1) - 1);
  const auto day = std::chrono::floor<days>(seconds(unix_s));
  const year_month_day ymd{sys_days{day}};
  const auto second = static_cast<unsigned>(unix_s - std::int64_t{day.count()} * kDay);
  std::string out = "0000-00-00T00:00:00";
  const auto put = [&](std::size_t last, unsigned n) {
    for (; n > 0; n /= 10) out[last--] = static_cast<char>('0' + n % 10);
  };
  put(3, static_cast<unsigned>(static_cast<int>(ymd.year())));
  put(6, static_cast<unsigned>(ymd.month()));
  put(9, static_cast<unsigned>(ymd.day()));
  put(12, second / 3600);
  put(15, second / 60 % 60);
  put(18, second % 60);
  return out;
}

constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads from the front of a text, remembering whether anything was missing.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  void skip() { rest_.remove_prefix(1); }
  void literal(char c) {
    if (peek() == c && !rest_.empty()) skip();
    else ok_ = false;
  }
  int number(int digits) {
    int v = 0;
    for (int i = 0; i < digits; ++i) {
      if (!is_digit(peek())) {
        ok_ = false;
        return 0;
      }
      v = v * 10 + (peek() - '0');
      skip();
    }
    return v;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct Unit {
  std::string_view name;
  std::uint64_t ns;
};
constexpr std::array<Unit, 9> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"\xc2\xb5s", 1'000},  // U+00B5, the micro sign
                                      {"\xce\xbcs", 1'000},  // U+03BC, the Greek letter
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"d", 86'400'000'000'000}}};

constexpr std::uint64_t kMagnitudeMax = std::uint64_t{1} << 63;  // of the most negative duration

/// One "12.5h" at the front of `text`, which it consumes; nanoseconds, at most kMagnitudeMax.
std::optional<std::uint64_t> take_quantity(std::string_view& text) {
  std::uint64_t whole = 0;
  std::size_t i = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    if (whole > kMagnitudeMax / 10) return std::nullopt;
    whole = whole * 10 + static_cast<std::uint64_t>(text[i] - '0');
  }
  bool any_digit = i > 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && is_digit(text[i]); ++i) {
      any_digit = true;
      if (scale == 1'000'000'000'000'000'000U) continue;  // far below a nanosecond, even in days
      fraction = fraction * 10 + static_cast<std::uint64_t>(text[i] - '0');
      scale *= 10;
    }
  }
  if (!any_digit) return std::nullopt;
  text.remove_prefix(i);
  const auto unit_end = std::find_if(text.begin(), text.end(), [](char c) { return c == '.' || is_digit(c); });
  const auto unit_name = text.substr(0, static_cast<std::size_t>(unit_end - text.begin()));
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == unit_name; });
  if (unit == kUnits.end()) return std::nullopt;
  text.remove_prefix(unit_name.size());
  const Wide total = Wide{whole} * unit->ns + Wide{fraction} * unit->ns / scale;
  if (total > kMagnitudeMax) return std::nullopt;
  return static_cast<std::uint64_t>(total);
}

constexpr std::uint64_t magnitude(Duration d) {
  const auto bits = static_cast<std::uint64_t>(d.count());
  return d.count() < 0 ? 0 - bits : bits;
}

/// value / 10^digits, with trailing zeros and a trailing point removed.
void append_decimal(std::string& out, std::uint64_t value, int digits) {
  std::uint64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  fmt::format_to(std::back_inserter(out), "{}", value / scale);
  std::uint64_t fraction = value % scale;
  if (fraction == 0) return;
  while (fraction % 10 == 0) {
    fraction /= 10;
    --digits;
  }
  fmt::format_to(std::back_inserter(out), ".{:0{}}", fraction, digits);
}

}  // namespace

std::string format_rfc3339(std::int64_t unix_s) { return date_and_time(unix_s) + 'Z'; }

std::string format_rfc1123(Time t) {
  const auto day = std::chrono::floor<days>(seconds(unix_seconds(t)));
  const year_month_day ymd{sys_days{day}};
  const std::int64_t second = unix_seconds(t) - std::int64_t{day.count()} * kDay;
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kWeekdays[std::chrono::weekday{sys_days{day}}.c_encoding()],
                     static_cast<unsigned>(ymd.day()), kMonths[static_cast<unsigned>(ymd.month()) - 1], static_cast<int>(ymd.year()), second / 3600,
                     second / 60 % 60, second % 60);
}

std::string format_rfc3339_micro(Time t) {
  const auto s = unix_seconds(t);
  // In nanoseconds of the second, as s * 1e9 can overflow at the low end of Time.
  const auto ns = ((t.time_since_epoch().count() % 1'000'000'000) + 1'000'000'000) % 1'000'000'000;
  return date_and_time(s) + fmt::format(".{:06}Z", ns / 1000);
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  Reader in(text);
  const int year = in.number(4);
  in.literal('-');
  const int month = in.number(2);
  in.literal('-');
  const int day = in.number(2);
  in.literal('T');
  const int hour = in.number(2);
  in.literal(':');
  const int minute = in.number(2);
  in.literal(':');
  const int second = in.number(2);
  std::int64_t ns = 0;
  if (in.ok() && in.peek() == '.') {
    in.skip();
    int digits = 0;
    for (; digits < 9 && is_digit(in.peek()); ++digits) ns = ns * 10 + in.number(1);
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits) ns *= 10;
  }
  int offset_minutes = 0;
  if (in.peek() == '+' || in.peek() == '-') {
    const int sign = in.peek() == '-' ? -1 : 1;
    in.skip();
    const int offset_hour = in.number(2);
    in.literal(':');
    const int offset_minute = in.number(2);
    if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset_minutes = sign * (offset_hour * 60 + offset_minute);
  } else {
    in.literal('Z');
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  const year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                           std::chrono::day{static_cast<unsigned>(day)}};
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t unix_s = std::int64_t{sys_days{ymd}.time_since_epoch().count()} * kDay + hour * 3600 + minute * 60 +
                              second - offset_minutes * 60;
  if (unix_s < 0 || unix_s >= midnight(2201, 1, 1)) return std::nullopt;
  return Time(seconds(unix_s) + Duration(ns));
}

void append_trace_seconds(std::string& out, Duration d) {
  if (d.count() < 0) out += '-';
  append_decimal(out, magnitude(d), 9);
}

std::optional<Duration> parse_duration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto quantity = take_quantity(text);
    if (!quantity || *quantity > kMagnitudeMax - total) return std::nullopt;
    total += *quantity;
  }
  if (total == kMagnitudeMax) return negative ? std::optional(Duration::min()) : std::nullopt;
  const auto count = static_cast<std::int64_t>(total);
  return Duration(negative ? -count : count);
}

std::string format_go_duration(Duration d) {
  if (d == Duration::zero()) return "0s";
  std::string out = d.count() < 0 ? "-" : "";
  const std::uint64_t ns = magnitude(d);
  if (ns < 1'000) return out + fmt::format("{}ns", ns);
  if (ns < 1'000'000) {
    append_decimal(out, ns, 3);
    return out + "\xc2\xb5s";
  }
  if (ns < 1'000'000'000) {
    append_decimal(out, ns, 6);
    return out + "ms";
  }
  constexpr std::uint64_t kMinute = 60'000'000'000;
  const std::uint64_t minutes = ns / kMinute;
  if (minutes >= 60) out += fmt::format("{}h", minutes / 60);
  if (minutes >= 1) out += fmt::format("{}m", minutes % 60);
  append_decimal(out, ns % kMinute, 9);
  return out + 's';
}

}  // namespace orrery
