#include "orrery/core/distribution.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace orrery;
using namespace std::chrono_literals;
namespace dist = orrery::distribution;

namespace {

RandomStream stream(std::uint64_t object = 7) { return {42, purpose("pod.run"), object}; }

}  // namespace

TEST_CASE("samples are pinned: a change here changes every recorded run") {
  struct Row {
    const char* name;
    DurationDistribution distribution;
    std::int64_t ns[3];
  };
  const std::vector<Row> rows{
      {"uniform", dist::Uniform{10s, 20s}, {15565439082, 15883587506, 17883889742}},
      {"exponential", dist::Exponential{30s}, {17580276322, 15912551913, 7132910666}},
      {"normal", dist::Normal{30s, 5s, 0s}, {30711062342, 31116625466, 34004219234}},
      {"lognormal", dist::Lognormal{30s, 0.5}, {32210858488, 33544064350, 44773627985}},
      {"weibull", dist::Weibull{30s, 1.5}, {21008298660, 19657742442, 11513789224}},
      {"gamma", dist::Gamma{2.5, 10s}, {23828115832, 35721841194, 20479817172}},
      {"gamma with a small shape", dist::Gamma{0.5, 10s}, {4413476336, 568145958, 37022416}},
      {"pareto", dist::Pareto{10s, 3}, {12157198902, 11933997091, 10824798463}},
      {"choice", dist::Choice{{{3, 1s}, {1, 2s}}}, {1000000000, 1000000000, 2000000000}},
      {"empirical", dist::Empirical{{1s, 2s, 3s, 4s, 5s}}, {3000000000, 3000000000, 4000000000}},
      {"constant", dist::Constant{3s}, {3000000000, 3000000000, 3000000000}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    RandomStream s = stream();
    for (auto ns : row.ns) CHECK(sample(row.distribution, s).count() == ns);
  }
}

TEST_CASE("mean and deviation are those of the textbook") {
  struct Row {
    const char* name;
    DurationDistribution distribution;
    double mean, deviation;  // seconds
  };
  const std::vector<Row> rows{
      {"uniform", dist::Uniform{10s, 20s}, 15, 10 / std::sqrt(12.0)},
      {"exponential", dist::Exponential{30s}, 30, 30},
      {"normal", dist::Normal{30s, 5s, 0s}, 30, 5},
      {"lognormal", dist::Lognormal{30s, 0.5}, 30 * std::exp(0.125), 30 * std::exp(0.125) * std::sqrt(std::exp(0.25) - 1)},
      {"weibull", dist::Weibull{30s, 1.5}, 30 * std::tgamma(1 + 1 / 1.5),
       30 * std::sqrt(std::tgamma(1 + 2 / 1.5) - std::pow(std::tgamma(1 + 1 / 1.5), 2))},
      {"gamma", dist::Gamma{2.5, 10s}, 25, 10 * std::sqrt(2.5)},
      {"gamma with a small shape", dist::Gamma{0.5, 10s}, 5, 10 * std::sqrt(0.5)},
      {"pareto", dist::Pareto{10s, 6}, 12, 10 * std::sqrt(6.0 / (25.0 * 4.0))},
      {"choice", dist::Choice{{{3, 1s}, {0, 99s}, {1, 5s}}}, 2, std::sqrt(3.0)},
      {"empirical", dist::Empirical{{1s, 2s, 3s, 4s, 5s}}, 3, std::sqrt(2.0)},
  };
  constexpr int kSamples = 200'000;
  for (const auto& row : rows) {
    CAPTURE(row.name);
    RandomStream s = stream();
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kSamples; ++i) {
      const double x = std::chrono::duration<double>(sample(row.distribution, s)).count();
      sum += x;
      squares += (x - row.mean) * (x - row.mean);
    }
    CHECK(sum / kSamples == doctest::Approx(row.mean).epsilon(0.01));
    CHECK(std::sqrt(squares / kSamples) == doctest::Approx(row.deviation).epsilon(0.02));
  }
}

TEST_CASE("samples stay within 0 and 100 years, whatever the parameters") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<DurationDistribution> odd{
      dist::Constant{-1s}, dist::Constant{Duration::max()}, dist::Uniform{-5s, -2s}, dist::Uniform{20s, 10s},
      dist::Uniform{0s, Duration::max()}, dist::Exponential{Duration::max()}, dist::Exponential{-1s},
      dist::Normal{0s, 100s, -50s}, dist::Normal{Duration::max(), Duration::max(), Duration::max()},
      dist::Lognormal{1s, 1e6}, dist::Lognormal{1s, kNan}, dist::Weibull{1s, 0}, dist::Weibull{1s, 1e-9},
      dist::Weibull{1s, kNan}, dist::Gamma{0, 1s}, dist::Gamma{-1, 1s}, dist::Gamma{kNan, 1s}, dist::Gamma{kInfinity, 1s},
      dist::Gamma{1e-300, 1s}, dist::Gamma{1e300, 1s}, dist::Pareto{1s, 0}, dist::Pareto{1s, 1e-9}, dist::Choice{},
      dist::Choice{{{0, 1s}}}, dist::Choice{{{-1, 1s}, {kNan, 2s}}}, dist::Choice{{{kInfinity, 1s}}},
      dist::Choice{{{1, -1s}}}, dist::Empirical{}, dist::Empirical{{-1s}}};
  for (std::size_t i = 0; i < odd.size(); ++i) {
    CAPTURE(i);
    RandomStream s = stream(i);
    for (int n = 0; n < 1000; ++n) {
      const Duration d = sample(odd[i], s);
      REQUIRE(d >= Duration::zero());
      REQUIRE(d <= kSampleMax);
    }
  }
}

TEST_CASE("forever is longer than every run") {
  RandomStream s = stream();
  CHECK(sample(dist::Forever{}, s) == kForever);
  CHECK(sample(dist::Choice{{{1, kForever}}}, s) == kForever);
  CHECK(sample(dist::Empirical{{kForever}}, s) == kForever);
  CHECK(add_checked(Time(1s), sample(dist::Forever{}, s)) == kNever);
}

TEST_CASE("limits of the normal and uniform distributions are kept") {
  RandomStream s = stream();
  bool at_min = false;
  for (int i = 0; i < 1000; ++i) {
    const Duration d = sample(dist::Normal{5s, 5s, 2s}, s);
    REQUIRE(d >= 2s);
    at_min = at_min || d == 2s;
  }
  CHECK(at_min);
  bool seen[3] = {};
  for (int i = 0; i < 200; ++i) {
    const auto d = sample(dist::Uniform{Duration(5), Duration(7)}, s).count();
    REQUIRE(d >= 5);
    REQUIRE(d <= 7);
    seen[d - 5] = true;
  }
  CHECK((seen[0] && seen[1] && seen[2]));
}

TEST_CASE("a constant takes nothing from the stream") {
  RandomStream a = stream();
  RandomStream b = stream();
  CHECK(sample(dist::Constant{3s}, a) == 3s);
  CHECK(a.next() == b.next());
}
