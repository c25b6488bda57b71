#pragma once
// Random durations of a scenario: what is drawn depends on the random stream and the parameters only, bit for bit.
#include <algorithm>
#include <variant>
#include <vector>

#include "orrery/core/random.hpp"
#include "orrery/core/time.hpp"

namespace orrery {

/// No sample is longer than this (100 years), unless it is forever.
inline constexpr Duration kSampleMax = std::chrono::hours(24) * 36525;

namespace distribution {

struct Constant {
  Duration value{};
};
/// Never ends: every sample is kForever.
struct Forever {};
/// Every nanosecond of lo..hi, both included; lo when hi is less.
struct Uniform {
  Duration lo{};
  Duration hi{};
};
struct Exponential {
  Duration mean{};
};
/// Values below `min` become `min`.
struct Normal {
  Duration mean{};
  Duration stddev{};
  Duration min{};
};
/// median * e^(sigma z), z standard normal.
struct Lognormal {
  Duration median{};
  double sigma = 0;
};
struct Weibull {
  Duration scale{};
  double shape = 1;
};
/// Mean shape * scale.
struct Gamma {
  double shape = 1;
  Duration scale{};
};
/// Never less than `scale`; infinite mean when shape <= 1.
struct Pareto {
  Duration scale{};
  double shape = 1;
};
/// One of the values, in proportion to the weights (>= 0). Zero when there is none with a positive weight.
struct Choice {
  struct Option {
    double weight = 1;
    Duration value{};  ///< kForever stays that
  };
  std::vector<Option> options;
};
/// One of the values, all equally likely. Zero when there are none.
struct Empirical {
  std::vector<Duration> values;  ///< kForever stays that
};

}  // namespace distribution

/// Shapes must be positive and finite and durations not negative; that is for the reader of the input to report. With
/// others a sample is still some duration of the promised range.
using DurationDistribution =
    std::variant<distribution::Constant, distribution::Forever, distribution::Uniform, distribution::Exponential,
                 distribution::Normal, distribution::Lognormal, distribution::Weibull, distribution::Gamma,
                 distribution::Pareto, distribution::Choice, distribution::Empirical>;

/// The same as sample(), for what is not constant.
Duration sample_random(const DurationDistribution& d, RandomStream& stream);

/// A duration of 0..kSampleMax, or kForever. A constant takes nothing from the stream; the others take one number, the
/// gamma distribution several.
inline Duration sample(const DurationDistribution& d, RandomStream& stream) {
  if (const auto* constant = std::get_if<distribution::Constant>(&d)) [[likely]]
    return std::clamp(constant->value, Duration::zero(), kSampleMax);
  return sample_random(d, stream);
}

}  // namespace orrery
