#include "orrery/core/distribution.hpp"

#include <cmath>

#include "orrery/core/math.hpp"

namespace orrery {
namespace {

namespace dist = distribution;

double as_double(Duration d) { return static_cast<double>(d.count()); }

/// To the nearest nanosecond within 0..kSampleMax; not a number counts as 0.
Duration from_double(double ns) {
  if (!(ns > 0)) return Duration::zero();
  if (ns >= as_double(kSampleMax)) return kSampleMax;
  return Duration(static_cast<std::int64_t>(ns + 0.5));
}

Duration from_list(Duration d) { return d == kForever ? d : std::clamp(d, Duration::zero(), kSampleMax); }

/// Uniform in (0, 1), both ends excluded: the odd multiples of 2^-53.
double open_unit(RandomStream& stream) { return (static_cast<double>(stream.next() >> 12) + 0.5) * 0x1p-52; }

double standard_normal(RandomStream& stream) { return normal_quantile(open_unit(stream)); }

/// With scale 1. G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
double standard_gamma(double shape, RandomStream& stream) {
  if (!(shape > 0)) return 0;
  if (shape < 1) {
    const double power = portable_pow(open_unit(stream), 1 / shape);
    return standard_gamma(shape + 1, stream) * power;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / (3 * std::sqrt(d));
  // A try fails with probability below 0.05; the bound is for parameters that are not numbers.
  for (int tries = 0; tries < 100; ++tries) {
    const double z = standard_normal(stream);
    const double root = 1 + c * z;
    const double u = open_unit(stream);
    if (!(root > 0)) continue;
    const double v = root * root * root;
    if (portable_log(u) < 0.5 * z * z + d - d * v + d * portable_log(v)) return d * v;
  }
  return d;
}

struct Sampler {
  RandomStream& stream;

  Duration operator()(const dist::Constant& d) const { return std::clamp(d.value, Duration::zero(), kSampleMax); }
  Duration operator()(const dist::Forever&) const { return kForever; }
  Duration operator()(const dist::Uniform& d) const {
    const auto lo = std::clamp(d.lo, Duration::zero(), kSampleMax);
    const auto hi = std::clamp(d.hi, lo, kSampleMax);
    return lo + Duration(static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>((hi - lo).count()) + 1)));
  }
  Duration operator()(const dist::Exponential& d) const {
    return from_double(as_double(d.mean) * -portable_log(open_unit(stream)));
  }
  Duration operator()(const dist::Normal& d) const {
    const auto drawn = from_double(as_double(d.mean) + as_double(d.stddev) * standard_normal(stream));
    return std::max(drawn, std::clamp(d.min, Duration::zero(), kSampleMax));
  }
  Duration operator()(const dist::Lognormal& d) const {
    return from_double(as_double(d.median) * portable_exp(d.sigma * standard_normal(stream)));
  }
  Duration operator()(const dist::Weibull& d) const {
    return from_double(as_double(d.scale) * portable_pow(-portable_log(open_unit(stream)), 1 / d.shape));
  }
  Duration operator()(const dist::Gamma& d) const {
    return from_double(as_double(d.scale) * standard_gamma(d.shape, stream));
  }
  Duration operator()(const dist::Pareto& d) const {
    return from_double(as_double(d.scale) * portable_pow(open_unit(stream), -1 / d.shape));
  }
  Duration operator()(const dist::Choice& d) const {
    double total = 0;
    for (const auto& option : d.options)
      if (option.weight > 0) total += option.weight;
    const double target = stream.unit() * total;
    double sum = 0;
    Duration last = Duration::zero();
    for (const auto& option : d.options) {
      if (!(option.weight > 0)) continue;
      sum += option.weight;
      last = from_list(option.value);
      if (target < sum) break;
    }
    return last;
  }
  Duration operator()(const dist::Empirical& d) const {
    const auto index = stream.below(d.values.size());
    return d.values.empty() ? Duration::zero() : from_list(d.values[index]);
  }
};

}  // namespace

Duration sample_random(const DurationDistribution& d, RandomStream& stream) { return std::visit(Sampler{stream}, d); }

}  // namespace orrery
