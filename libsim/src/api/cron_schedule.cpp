// Cron schedules from text, and what the CronJob API says of one that is wrong: C-020 to C-033.
// Source: github.com/robfig/cron/v3 parser.go, pkg/util/parsers/parsers.go, Go's time.ParseDuration.
#include <fmt/format.h>

#include <array>

#include "kind_rules.hpp"
#include "orrery/api/cron.hpp"

namespace orrery {

namespace {

using validation::go_quoted;

struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::vector<std::string_view> names;  ///< of min, min + 1, …
};

const std::array<Bounds, 5>& all_bounds() {
  static const std::array<Bounds, 5> bounds = {{
      {0, 59, {}},
      {0, 23, {}},
      {1, 31, {}},
      {1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
      {0, 6, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
  }};
  return bounds;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && !is_blank(text[i])) ++i;
    out.push_back(text.substr(begin, i - begin));
  }
  return out;
}

/// Empty: `value` was read.
std::string read_int(std::string_view text, std::int64_t& value) {
  const std::optional<std::int64_t> parsed = validation::parse_go_int(text);
  if (!parsed) {
    const std::string_view digits = !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
    bool all_digits = !digits.empty();
    for (const char c : digits) all_digits = all_digits && is_digit(c);
    return fmt::format("failed to parse int from {}: strconv.Atoi: parsing {}: {}", text, go_quoted(text),
                       all_digits ? "value out of range" : "invalid syntax");
  }
  if (*parsed < 0) return fmt::format("negative number ({}) not allowed: {}", *parsed, text);
  value = *parsed;
  return {};
}

std::string read_int_or_name(std::string_view text, const Bounds& bounds, std::int64_t& value) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (std::size_t i = 0; i < bounds.names.size(); ++i) {
    if (lower != bounds.names[i]) continue;
    value = bounds.min + static_cast<std::int64_t>(i);
    return {};
  }
  return read_int(text, value);
}

/// One item of a field's list, `base[/step]`, added to `bits` (C-023). Empty: it was read.
std::string read_item(std::string_view item, const Bounds& bounds, std::uint64_t star, std::uint64_t& bits) {
  const std::vector<std::string_view> base_and_step = split(item, '/');
  const std::vector<std::string_view> limits = split(base_and_step[0], '-');
  std::int64_t first = bounds.min;
  std::int64_t last = bounds.max;
  const bool whole = limits[0] == "*" || limits[0] == "?";
  if (!whole) {
    std::string error = read_int_or_name(limits[0], bounds, first);
    if (!error.empty()) return error;
    last = first;
    if (limits.size() > 2) return fmt::format("too many hyphens: {}", item);
    if (limits.size() == 2) error = read_int_or_name(limits[1], bounds, last);
    if (!error.empty()) return error;
  }
  std::int64_t step = 1;
  if (base_and_step.size() > 2) return fmt::format("too many slashes: {}", item);
  if (base_and_step.size() == 2) {
    const std::string error = read_int(base_and_step[1], step);
    if (!error.empty()) return error;
    if (limits.size() == 1) last = bounds.max;
  }
  if (first < bounds.min) return fmt::format("beginning of range ({}) below minimum ({}): {}", first, bounds.min, item);
  if (last > bounds.max) return fmt::format("end of range ({}) above maximum ({}): {}", last, bounds.max, item);
  if (first > last) return fmt::format("beginning of range ({}) beyond end of range ({}): {}", first, last, item);
  if (step == 0) return fmt::format("step of range should be a positive number: {}", item);
  for (std::int64_t v = first; v <= last; v += std::min(step, bounds.max + 1)) bits |= std::uint64_t{1} << static_cast<unsigned>(v);
  if (whole && step == 1) bits |= star;
  return {};
}

/// Go's time.ParseDuration, in nanoseconds. Empty: it was read.
std::string read_duration(std::string_view text, std::int64_t& nanoseconds) {
  const std::string invalid = fmt::format("time: invalid duration {}", go_quoted(text));
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  nanoseconds = 0;
  if (rest == "0") return {};
  if (rest.empty()) return invalid;
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"ns", 1},           {"us", 1000},          {"\xc2\xb5s", 1000},      {"\xce\xbcs", 1000},
      {"ms", 1'000'000},   {"s", 1'000'000'000},  {"m", 60'000'000'000},    {"h", 3'600'000'000'000}};
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;
  constexpr std::size_t kFractionDigitsMax = 13;  // of an hour: less than a nanosecond is left; no overflow below
  std::uint64_t total = 0;
  while (!rest.empty()) {
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest.size() && is_digit(rest[digits]); ++digits) {
      const std::uint64_t digit = static_cast<std::uint64_t>(rest[digits] - '0');
      if (value > (kLimit - digit) / 10) return invalid;
      value = value * 10 + digit;
    }
    rest.remove_prefix(digits);
    std::size_t fraction = 0;
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      while (fraction < rest.size() && is_digit(rest[fraction])) ++fraction;
    }
    const std::string_view fraction_digits = rest.substr(0, fraction);
    rest.remove_prefix(fraction);
    if (digits == 0 && fraction == 0) return invalid;
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
    if (length == 0) return fmt::format("time: missing unit in duration {}", go_quoted(text));
    const std::string_view unit = rest.substr(0, length);
    rest.remove_prefix(length);
    std::uint64_t scale = 0;
    for (const auto& [name, of_unit] : kUnits) {
      if (name == unit) scale = of_unit;
    }
    if (scale == 0) return fmt::format("time: unknown unit {} in duration {}", go_quoted(unit), go_quoted(text));
    if (value > kLimit / scale) return invalid;
    total += value * scale;
    if (total > kLimit) return invalid;
    std::uint64_t part = scale;
    for (std::size_t i = 0; i < std::min(fraction, kFractionDigitsMax) && part > 0; ++i) {
      total += part * static_cast<std::uint64_t>(fraction_digits[i] - '0') / 10;
      part /= 10;
    }
    if (total > kLimit) return invalid;
  }
  if (total == kLimit && !negative) return invalid;
  nanoseconds = static_cast<std::int64_t>(negative ? 0 - total : total);
  return {};
}

/// Empty: the zone was found.
std::string read_location(std::string_view name, TimeZone& zone) {
  if (name.find("..") != std::string_view::npos || name.substr(0, 1) == "/" || name.find('\\') != std::string_view::npos) {
    return "time: invalid location name";
  }
  // The zone of the controller's process is UTC here.
  if (name == "Local") return {};
  const std::optional<TimeZone> found = TimeZone::find(name);
  if (found) zone = *found;
  return found ? std::string() : fmt::format("unknown time zone {}", name);
}

}  // namespace

/// Fills one schedule; every function returns the parser's message, empty if there is none.
struct CronSchedule::Parser {
  CronSchedule out;

  std::string fields(std::string_view text) {
    const std::vector<std::string_view> parts = words(text);
    if (parts.size() != 5) return fmt::format("expected exactly 5 fields, found {}: [{}]", parts.size(), fmt::join(parts, " "));
    std::uint64_t* const sets[] = {&out.minutes_, &out.hours_, &out.days_, &out.months_, &out.weekdays_};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (const std::string_view item : split(parts[i], ',')) {
        if (item.empty()) continue;
        std::string error = read_item(item, all_bounds()[i], kStar, *sets[i]);
        if (!error.empty()) return error;
      }
    }
    return {};
  }

  std::string descriptor(std::string_view text) {
    constexpr std::pair<std::string_view, std::string_view> kKnown[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};
    for (const auto& [name, same_as] : kKnown) {
      if (text == name) return fields(same_as);
    }
    constexpr std::string_view kEvery = "@every ";
    if (text.substr(0, kEvery.size()) != kEvery) return fmt::format("unrecognized descriptor: {}", text);
    std::int64_t nanoseconds = 0;
    const std::string error = read_duration(text.substr(kEvery.size()), nanoseconds);
    if (!error.empty()) return fmt::format("failed to parse duration {}: {}", text, error);
    out.every_s_ = std::max<std::int64_t>(1, nanoseconds / 1'000'000'000);
    return {};
  }

  std::string schedule(std::string_view text) {
    if (text.empty()) return "empty spec string";
    if (text.substr(0, 3) == "TZ=" || text.substr(0, 8) == "CRON_TZ=") {
      const std::size_t space = text.find(' ');
      // The library crashes here; the API server turns the crash into an error (C-024).
      if (space == std::string_view::npos) return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
      const std::size_t equals = text.find('=');
      const std::string_view zone = text.substr(equals + 1, space - equals - 1);
      const std::string error = read_location(zone, out.zone_);
      if (!error.empty()) return fmt::format("provided bad location {}: {}", zone, error);
      text = text.substr(space);
      while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
      while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    }
    return text.substr(0, 1) == "@" ? descriptor(text) : fields(text);
  }
};

CronParse CronSchedule::parse(std::string_view text) {
  Parser parser;
  std::string error = parser.schedule(text);
  if (!error.empty()) return {std::nullopt, std::move(error)};
  return {std::move(parser.out), {}};
}

std::string cron_schedule_error(std::string_view schedule) { return CronSchedule::parse(schedule).error; }

}  // namespace orrery
