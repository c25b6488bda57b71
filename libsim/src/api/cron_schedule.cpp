// Whether a cron schedule can be parsed, and what the CronJob API says if not: C-020 to C-033.
// Source: github.com/robfig/cron/v3 parser.go, pkg/util/parsers/parsers.go, Go's time.ParseDuration.
#include <fmt/format.h>

#include <array>
#include <limits>

#include "kind_rules.hpp"

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

std::string item_error(std::string_view item, const Bounds& bounds) {
  const std::vector<std::string_view> base_and_step = split(item, '/');
  const std::vector<std::string_view> limits = split(base_and_step[0], '-');
  std::int64_t first = bounds.min;
  std::int64_t last = bounds.max;
  if (limits[0] != "*" && limits[0] != "?") {
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
  return {};
}

std::string duration_error(std::string_view text) {
  const std::string invalid = fmt::format("time: invalid duration {}", go_quoted(text));
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (rest == "0") return {};
  if (rest.empty()) return invalid;
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"ns", 1},           {"us", 1000},          {"\xc2\xb5s", 1000},      {"\xce\xbcs", 1000},
      {"ms", 1'000'000},   {"s", 1'000'000'000},  {"m", 60'000'000'000},    {"h", 3'600'000'000'000}};
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63U;
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
      rest.remove_prefix(fraction);
    }
    if (digits == 0 && fraction == 0) return invalid;
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
    if (length == 0) return fmt::format("time: missing unit in duration {}", go_quoted(text));
    const std::string_view unit = rest.substr(0, length);
    rest.remove_prefix(length);
    std::uint64_t scale = 0;
    for (const auto& [name, nanoseconds] : kUnits) {
      if (name == unit) scale = nanoseconds;
    }
    if (scale == 0) return fmt::format("time: unknown unit {} in duration {}", go_quoted(unit), go_quoted(text));
    if (value > kLimit / scale) return invalid;
    total += value * scale;
    if (total > kLimit) return invalid;
  }
  return total == kLimit && text[0] != '-' ? invalid : std::string();
}

std::string descriptor_error(std::string_view text) {
  for (const std::string_view known : {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}) {
    if (text == known) return {};
  }
  constexpr std::string_view kEvery = "@every ";
  if (text.substr(0, kEvery.size()) != kEvery) return fmt::format("unrecognized descriptor: {}", text);
  const std::string error = duration_error(text.substr(kEvery.size()));
  return error.empty() ? error : fmt::format("failed to parse duration {}: {}", text, error);
}

std::string location_error(std::string_view name) {
  if (name.find("..") != std::string_view::npos || name.substr(0, 1) == "/" || name.find('\\') != std::string_view::npos) {
    return "time: invalid location name";
  }
  return name == "Local" || is_known_time_zone(name) ? std::string() : fmt::format("unknown time zone {}", name);
}

}  // namespace

std::string cron_schedule_error(std::string_view schedule) {
  if (schedule.empty()) return "empty spec string";
  std::string_view rest = schedule;
  if (rest.substr(0, 3) == "TZ=" || rest.substr(0, 8) == "CRON_TZ=") {
    const std::size_t space = rest.find(' ');
    // The parser crashes here; the API server turns the crash into an error (C-024).
    if (space == std::string_view::npos) return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
    const std::size_t equals = rest.find('=');
    const std::string_view zone = rest.substr(equals + 1, space - equals - 1);
    const std::string error = location_error(zone);
    if (!error.empty()) return fmt::format("provided bad location {}: {}", zone, error);
    rest = rest.substr(space);
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
    while (!rest.empty() && is_blank(rest.back())) rest.remove_suffix(1);
  }
  if (rest.substr(0, 1) == "@") return descriptor_error(rest);
  const std::vector<std::string_view> fields = words(rest);
  if (fields.size() != 5) return fmt::format("expected exactly 5 fields, found {}: [{}]", fields.size(), fmt::join(fields, " "));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::string_view item : split(fields[i], ',')) {
      if (item.empty()) continue;
      std::string error = item_error(item, all_bounds()[i]);
      if (!error.empty()) return error;
    }
  }
  return {};
}

}  // namespace orrery
