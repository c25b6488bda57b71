// The timing model of a scenario and its profiles.
#include <fmt/format.h>

#include <cmath>

#include "sections.hpp"

namespace orrery {

std::optional<ControlPlane> control_plane_profile(std::string_view name) {
  ControlPlane out;
  out.profile = std::string(name);
  if (name == "ideal") return out;
  if (name != "realistic") return std::nullopt;
  out.api_latency = std::chrono::milliseconds(5);
  out.watch_latency = std::chrono::milliseconds(5);
  out.bind_latency = std::chrono::milliseconds(10);
  out.qps_milli = 20'000;
  out.burst = 30;
  return out;
}

namespace scenario_reading {
namespace {

constexpr double kMaxQps = 1e6;
constexpr std::int64_t kMaxBurst = 1'000'000;

ControlPlane profile(Problems& problems, const json& value, const std::string& pointer) {
  const auto name = read_text(problems, value, pointer);
  if (!name) return {};
  if (const auto found = control_plane_profile(*name)) return *found;
  problems.add(pointer, fmt::format("unknown profile \"{}\"", shown(std::string_view(*name))), [&] {
    std::string hint = did_you_mean(*name, {"realistic", "ideal"});
    return hint.empty() ? std::string("known: realistic, ideal") : hint;
  }());
  return {};
}

/// Thousandths of a call per second: an integer, so that the limiter's arithmetic is exact.
void read_qps(Fields& fields, ControlPlane& out) {
  const json* value = fields.take("qps");
  if (!value) return;
  const auto qps = read_number(fields.problems(), *value, fields.at("qps"));
  if (!qps) return;
  const double milli = std::round(*qps * 1000);
  if (*qps < 0 || *qps > kMaxQps)
    fields.problems().add(fields.at("qps"), fmt::format("expected 0 (unlimited) to {}, got {}", static_cast<std::int64_t>(kMaxQps), shown(*value)));
  else if (std::abs(*qps * 1000 - milli) > 1e-6)
    fields.problems().add(fields.at("qps"), fmt::format("{} has more than three decimals", shown(*value)), "the limit is kept in thousandths");
  else
    out.qps_milli = static_cast<std::int64_t>(milli);
}

}  // namespace

ControlPlane read_control_plane(Problems& problems, const json& value, const std::string& pointer) {
  if (value.is_string()) return profile(problems, value, pointer);
  Fields fields(problems, value, pointer);
  ControlPlane out;
  // Without a profile's name what is not given costs nothing: a trace is then comparable field by field.
  if (const json* name = fields.take("profile")) out = profile(problems, *name, fields.at("profile"));
  const auto set = [&](std::string_view key, Duration& target) { target = fields.duration(key).value_or(target); };
  set("apiLatency", out.api_latency);
  set("watchLatency", out.watch_latency);
  set("bindLatency", out.bind_latency);
  set("skew", out.skew);
  set("commitGap", out.commit_gap);
  const std::size_t before = problems.size();
  read_qps(fields, out);
  out.burst = static_cast<std::int32_t>(fields.integer("burst", 0, kMaxBurst).value_or(out.burst));
  if (problems.size() == before && out.qps_milli > 0 && out.burst == 0)
    problems.add(pointer, "a limit \"qps\" needs a \"burst\" of at least 1", "kube-controller-manager has qps 20 and burst 30");
  fields.finish();
  return out;
}

}  // namespace scenario_reading
}  // namespace orrery
