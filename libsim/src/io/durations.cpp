// Durations and distributions of a scenario.
#include <fmt/format.h>

#include <cmath>

#include "fields.hpp"
#include "orrery/io/scenario.hpp"

namespace orrery::scenario_reading {
namespace {

constexpr std::string_view kDurationHint = "write it like 90s, 1h30m, 250ms or 2d";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_bare_number(std::string_view text) {
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
  std::size_t points = 0;
  for (char c : text) {
    if (c == '.')
      ++points;
    else if (!is_digit(c))
      return false;
  }
  return points <= 1;
}

/// Whether only the size of its numbers keeps a text from being a duration.
bool is_duration_but_for_size(std::string_view text) {
  std::string small;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_digit(text[i]) || i == 0 || !is_digit(text[i - 1])) small += is_digit(text[i]) ? '1' : text[i];
  return parse_duration(small).has_value();
}

std::optional<Duration> in_range(Problems& problems, Duration d, std::string_view as_written, const std::string& pointer, Zero zero) {
  if (d < Duration::zero())
    problems.add(pointer, fmt::format("a duration must not be negative, got {}", as_written));
  else if (d > kSampleMax)
    problems.add(pointer, fmt::format("a duration must not be longer than 100 years, got {}", as_written));
  else if (d == Duration::zero() && zero == Zero::refused)
    problems.add(pointer, "the duration must be longer than zero");
  else
    return d;
  return std::nullopt;
}

/// Seconds as a JSON number, exact in its decimal digits.
std::optional<Duration> from_number(Problems& problems, const json& value, const std::string& pointer, Zero zero) {
  std::string text = shown(value);
  if (value.is_number_float()) {
    const double seconds = value.get<double>();
    if (!std::isfinite(seconds) || std::abs(seconds) > 1e10) {
      problems.add(pointer, fmt::format("{} seconds are not a duration of 0 to 100 years", text));
      return std::nullopt;
    }
    text = fmt::format("{}", seconds);
    if (text.find('e') != std::string::npos) text = fmt::format("{:.9f}", seconds);
  }
  const auto d = parse_duration(text + "s");
  if (!d) {
    problems.add(pointer, fmt::format("{} seconds are not a duration of 0 to 100 years", text));
    return std::nullopt;
  }
  return in_range(problems, *d, text, pointer, zero);
}

std::optional<double> positive(Fields& fields, std::string_view key) {
  const json* value = fields.take(key);
  if (!value) {
    fields.missing(key);
    return std::nullopt;
  }
  const auto number = read_number(fields.problems(), *value, fields.at(key));
  if (number && *number <= 0) {
    fields.problems().add(fields.at(key), fmt::format("must be greater than 0, got {}", shown(*value)));
    return std::nullopt;
  }
  return number;
}

std::optional<Duration> required(Fields& fields, std::string_view key) {
  if (fields.is_object() && !fields.has(key)) fields.missing(key);
  return fields.duration(key);
}

/// A duration of a choice: "forever" too where allowed.
std::optional<Duration> value_or_forever(Problems& problems, const json& value, const std::string& pointer, Forever forever) {
  if (forever == Forever::allowed && value == "forever") return kForever;
  return read_duration(problems, value, pointer);
}

std::optional<DurationDistribution> read_uniform(Problems& problems, const json& value, const std::string& pointer) {
  if (!value.is_array() || value.size() != 2) {
    problems.add(pointer, "expected a list of two durations, the least and the greatest", "for example [\"10s\", \"20s\"]");
    return std::nullopt;
  }
  const auto lo = read_duration(problems, value[0], child(pointer, 0));
  const auto hi = read_duration(problems, value[1], child(pointer, 1));
  if (!lo || !hi) return std::nullopt;
  if (*hi < *lo) {
    problems.add(pointer, "the first duration is longer than the second", "swap them");
    return std::nullopt;
  }
  return distribution::Uniform{*lo, *hi};
}

bool good_list(Problems& problems, const json& value, const std::string& pointer) {
  if (!value.is_array() || value.empty()) {
    problems.add(pointer, fmt::format("expected a list with at least one entry, got {}", value.is_array() ? "an empty one" : type_name(value)));
    return false;
  }
  if (value.size() > kMaxDistributionValues) {
    problems.add(pointer, fmt::format("{} entries are more than the limit of {}", value.size(), kMaxDistributionValues));
    return false;
  }
  return true;
}

std::optional<DurationDistribution> read_choice(Problems& problems, const json& value, const std::string& pointer, Forever forever) {
  if (!good_list(problems, value, pointer)) return std::nullopt;
  const std::size_t before = problems.size();
  distribution::Choice choice;
  double sum = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    Fields option(problems, value[i], child(pointer, i));
    distribution::Choice::Option o;
    if (const json* weight = option.take("weight")) {
      o.weight = read_number(problems, *weight, option.at("weight")).value_or(1);
      if (o.weight < 0) problems.add(option.at("weight"), "a weight must not be negative");
    }
    if (const json* v = option.take("value"))
      o.value = value_or_forever(problems, *v, option.at("value"), forever).value_or(Duration{});
    else if (option.is_object())
      option.missing("value");
    option.finish();
    sum += o.weight;
    choice.options.push_back(o);
  }
  if (problems.size() != before) return std::nullopt;
  if (!(sum > 0) || !std::isfinite(sum)) {
    problems.add(pointer, "the sum of the weights must be greater than 0 and finite");
    return std::nullopt;
  }
  return choice;
}

std::optional<DurationDistribution> read_empirical(Problems& problems, const json& value, const std::string& pointer, Forever forever) {
  if (!good_list(problems, value, pointer)) return std::nullopt;
  const std::size_t before = problems.size();
  distribution::Empirical empirical;
  for (std::size_t i = 0; i < value.size(); ++i)
    empirical.values.push_back(value_or_forever(problems, value[i], child(pointer, i), forever).value_or(Duration{}));
  if (problems.size() != before) return std::nullopt;
  return empirical;
}

/// The distributions that are an object of parameters.
std::optional<DurationDistribution> read_parametric(Problems& problems, std::string_view name, const json& value, const std::string& pointer) {
  Fields f(problems, value, pointer);
  if (!f.is_object()) return std::nullopt;
  const std::size_t before = problems.size();
  DurationDistribution out;
  if (name == "exponential") {
    out = distribution::Exponential{required(f, "mean").value_or(Duration{})};
  } else if (name == "normal") {
    const auto mean = required(f, "mean");
    const auto stddev = required(f, "stddev");
    out = distribution::Normal{mean.value_or(Duration{}), stddev.value_or(Duration{}), f.duration("min").value_or(Duration{})};
  } else if (name == "lognormal") {
    const auto median = required(f, "median");
    out = distribution::Lognormal{median.value_or(Duration{}), positive(f, "sigma").value_or(1)};
  } else if (name == "gamma") {
    const double shape = positive(f, "shape").value_or(1);
    auto scale = f.duration("scale");
    const auto mean = f.duration("mean");
    if (f.has("scale") == f.has("mean")) problems.add(pointer, "expected either \"scale\" or \"mean\"");
    if (mean) scale = Duration(static_cast<std::int64_t>(std::min(9e18, static_cast<double>(mean->count()) / shape)));
    out = distribution::Gamma{shape, scale.value_or(Duration{})};
  } else {
    const auto scale = required(f, "scale");
    const double shape = positive(f, "shape").value_or(1);
    if (name == "weibull")
      out = distribution::Weibull{scale.value_or(Duration{}), shape};
    else
      out = distribution::Pareto{scale.value_or(Duration{}), shape};
  }
  f.finish();
  if (problems.size() != before) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Duration> read_duration(Problems& problems, std::string_view text, const std::string& pointer, Zero zero) {
  const std::string written = is_bare_number(text) ? std::string(text) + "s" : std::string(text);
  const auto d = parse_duration(written);
  if (d) return in_range(problems, *d, "\"" + shown(text) + "\"", pointer, zero);
  if (is_duration_but_for_size(written))
    problems.add(pointer, fmt::format("the duration \"{}\" does not fit into 100 years", shown(text)));
  else
    problems.add(pointer, fmt::format("\"{}\" is not a duration", shown(text)), std::string(kDurationHint));
  return std::nullopt;
}

std::optional<Duration> read_duration(Problems& problems, const json& value, const std::string& pointer, Zero zero) {
  if (value.is_string()) return read_duration(problems, std::string_view(value.get_ref<const std::string&>()), pointer, zero);
  if (value.is_number()) return from_number(problems, value, pointer, zero);
  problems.add(pointer, fmt::format("expected a duration, got {}", type_name(value)), std::string(kDurationHint));
  return std::nullopt;
}

std::optional<DurationDistribution> read_distribution(Problems& problems, const json& value, const std::string& pointer, Forever forever) {
  if (value == "forever") {
    if (forever == Forever::allowed) return distribution::Forever{};
    problems.add(pointer, "\"forever\" is possible for \"run\" only", "give a duration");
    return std::nullopt;
  }
  if (!value.is_object()) {
    const auto d = read_duration(problems, value, pointer);
    return d ? std::optional<DurationDistribution>(distribution::Constant{*d}) : std::nullopt;
  }
  static const std::vector<std::string_view> kNames = {"uniform", "exponential", "normal", "lognormal", "weibull",
                                                       "gamma",   "pareto",      "choice", "empirical"};
  if (value.size() != 1) {
    problems.add(pointer, "a distribution is an object with one field, its name", fmt::format("one of {}", fmt::join(kNames, ", ")));
    return std::nullopt;
  }
  const std::string& name = value.begin().key();
  const json& parameters = value.begin().value();
  const std::string inner = child(pointer, name);
  if (name == "uniform") return read_uniform(problems, parameters, inner);
  if (name == "choice") return read_choice(problems, parameters, inner, forever);
  if (name == "empirical") return read_empirical(problems, parameters, inner, forever);
  for (std::string_view known : kNames)
    if (name == known) return read_parametric(problems, known, parameters, inner);
  std::string hint = did_you_mean(name, kNames);
  if (hint.empty()) hint = fmt::format("known: {}", fmt::join(kNames, ", "));
  problems.add(inner, fmt::format("unknown distribution \"{}\"", shown(std::string_view(name))), std::move(hint));
  return std::nullopt;
}

}  // namespace orrery::scenario_reading
