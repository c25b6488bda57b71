#include "orrery/api/time_zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <exception>

#include "orrery/api/validation.hpp"

namespace orrery {

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  if (name.empty() || name == "UTC") return TimeZone{};
  if (!is_known_time_zone(name)) return std::nullopt;
  TimeZone out;
  try {
    const date::time_zone* zone = date::locate_zone(std::string(name));
    (void)zone->get_info(date::sys_seconds{});  // reads its file, which may be missing
    out.zone_ = zone;
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return out;
}

TimeZone::Span TimeZone::span(std::int64_t unix_s) const {
  if (zone_ == nullptr) return {};
  const date::sys_info info = static_cast<const date::time_zone*>(zone_)->get_info(date::sys_seconds{std::chrono::seconds{unix_s}});
  return {info.begin.time_since_epoch().count(), info.end.time_since_epoch().count(), static_cast<std::int32_t>(info.offset.count())};
}

std::string format_rfc3339(Time t, const TimeZone& zone) {
  const std::int64_t s = unix_seconds(t);
  const std::int32_t offset = zone.span(s).offset_s;
  std::string text = format_rfc3339(s + offset);
  if (offset == 0) return text;
  text.pop_back();
  const std::int32_t minutes = (offset < 0 ? -offset : offset) / 60;
  return fmt::format("{}{}{:02}:{:02}", text, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace orrery
