// Lists of completion indexes. Source: pkg/apis/batch/validation/validation.go.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "kind_rules.hpp"

namespace orrery::validation {

namespace {

struct Interval {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::string error;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Interval parse_interval(std::string_view text, std::int64_t completions) {
  Interval out;
  const std::vector<std::string_view> limits = split(text, '-');
  if (limits.size() > 2) {
    out.error = fmt::format("the fragment {} violates the requirement that an index interval can have at most two parts separated by '-'",
                            go_quoted(text));
    return out;
  }
  std::int64_t* const targets[] = {&out.first, &out.last};
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const std::optional<std::int64_t> value = parse_go_int(limits[i]);
    if (!value) {
      out.error = fmt::format("cannot convert string to integer for index: {}", go_quoted(limits[i]));
      return out;
    }
    if (*value >= completions) {
      out.error = fmt::format("too large index: {}", go_quoted(limits[i]));
      return out;
    }
    *targets[i] = *value;
  }
  if (limits.size() == 1) {
    out.last = out.first;
  } else if (out.first >= out.last) {
    out.error = fmt::format("non-increasing order, previous: {}, current: {}", out.first, out.last);
  }
  return out;
}

}  // namespace

std::optional<std::int64_t> parse_go_int(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  constexpr std::uint64_t kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const std::uint64_t limit = kMax + (negative ? 1 : 0);
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const std::uint64_t digit = static_cast<std::uint64_t>(c - '0');
    if (value > (limit - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return static_cast<std::int64_t>(negative ? std::uint64_t{0} - value : value);
}

IndexList parse_index_list(std::string_view text, std::int64_t completions) {
  IndexList out;
  if (text.empty()) return out;
  std::optional<std::int64_t> previous;
  for (const std::string_view part : split(text, ',')) {
    const Interval interval = parse_interval(part, completions);
    if (!interval.error.empty()) return {0, interval.error};
    if (previous && *previous >= interval.first) {
      return {0, fmt::format("non-increasing order, previous: {}, current: {}", *previous, interval.first)};
    }
    out.count += interval.last - interval.first + 1;
    previous = interval.last;
  }
  return out;
}

std::string overlapping_index(std::string_view completed, std::string_view failed, std::int64_t completions) {
  if (completed.empty() || failed.empty()) return {};
  const auto parse_all = [&](std::string_view text) {
    std::vector<Interval> intervals;
    for (const std::string_view part : split(text, ',')) {
      Interval interval = parse_interval(part, completions);
      if (interval.error.empty()) intervals.push_back(std::move(interval));
    }
    return intervals;
  };
  const std::vector<Interval> a = parse_all(completed);
  const std::vector<Interval> b = parse_all(failed);
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a[i].first <= b[k].last && b[k].first <= a[i].last) {
      return fmt::format("failedIndexes and completedIndexes overlap at index: {}", std::max(a[i].first, b[k].first));
    }
    if (a[i].first <= b[k].first) {
      ++i;
    } else {
      ++k;
    }
  }
  return {};
}

}  // namespace orrery::validation
