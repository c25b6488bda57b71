#include "values.hpp"

#include <array>
#include <chrono>
#include <limits>

#include <fmt/format.h>

#include "orrery/api/quantity.hpp"
#include "orrery/core/time.hpp"

namespace orrery::kubectl {

using Json = nlohmann::json;

namespace {
const Json kNull;
const Json kNoItems = Json::array();
}  // namespace

const Json& at_path(const Json& object, std::initializer_list<const char*> path) {
  const Json* v = &object;
  for (const char* key : path) v = &member(*v, key);
  return *v;
}

std::string text_at(const Json& object, std::initializer_list<const char*> path) { return text_of(at_path(object, path)); }

const Json& items_of(const Json& value) { return value.is_array() ? value : kNoItems; }

std::int64_t integer_of(const Json& value) { return value.is_number_integer() ? value.get<std::int64_t>() : 0; }

bool is_true(const Json& value) { return value.is_boolean() && value.get<bool>(); }

const Json& condition_of(const Json& object, std::string_view type) {
  for (const Json& c : items_of(at_path(object, {"status", "conditions"})))
    if (text_at(c, {"type"}) == type) return c;
  return kNull;
}

const Json& controller_of(const Json& object) {
  for (const Json& r : items_of(at_path(object, {"metadata", "ownerReferences"})))
    if (is_true(member(r, "controller"))) return r;
  return kNull;
}

std::string scalar_text(const Json& value) {
  if (value.is_number_integer()) return fmt::format("{}", value.get<std::int64_t>());
  return text_of(value);
}

std::string quantity_text(const Json& value) {
  const auto q = parse_quantity(value);
  return q ? q->to_string() : text_of(value);
}

std::string map_line(const Json& map) {
  std::string out;
  if (map.is_object())
    for (const auto& [k, v] : map.items()) out += (out.empty() ? "" : ",") + k + '=' + text_of(v);
  return out.empty() ? "<none>" : out;
}

std::int64_t nanoseconds_of(const Json& timestamp) {
  const auto t = parse_rfc3339(text_of(timestamp));
  return t ? t->time_since_epoch().count() : std::numeric_limits<std::int64_t>::min();
}

std::string absolute_time(const Json& timestamp) {
  const auto t = parse_rfc3339(text_of(timestamp));
  if (!t) return "Mon, 01 Jan 0001 00:00:00 +0000";
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds second{std::chrono::seconds{unix_seconds(*t)}};
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{second - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\n', begin);
    out.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return out;
    begin = end + 1;
  }
}

}  // namespace orrery::kubectl
