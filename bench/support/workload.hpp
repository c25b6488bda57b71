#pragma once
// The work that every pending-event set is measured with: how long until an entity's next event, and what the event does.
// Used by our own benchmarks and by those of other simulators; it includes nothing of either.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace orrery::bench {

enum class Delays : std::uint8_t {
  exponential,  ///< mean 10 s, no two alike: the worst case for whoever sorts
  bimodal,      ///< nine of ten about 5 ms, one of ten about 100 s: calls and timeouts
  kubernetes,   ///< nine of ten a constant of 1 s to 1 h on a grid of 10 ms, with many ties; the rest exponential
};

/// Draws delays in nanoseconds. Small and fast, so that the draw is not what is measured.
class DelaySource {
 public:
  explicit DelaySource(Delays kind, std::uint64_t seed = 1) : kind_(kind), state_(seed * 0x9e3779b97f4a7c15ULL + 1) {
    for (std::size_t i = 0; i <= kSteps; ++i) {
      const double p = (static_cast<double>(i) + (i == kSteps ? -0.5 : 0.0)) / static_cast<double>(kSteps);
      quantiles_[i] = static_cast<std::int64_t>(-std::log1p(-p) * 10e9);
    }
  }

  std::uint64_t bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

  std::int64_t next() {
    const std::uint64_t r = bits();
    switch (kind_) {
      case Delays::exponential: return exponential(r);
      case Delays::bimodal:
        return r % 10 != 0 ? static_cast<std::int64_t>(r >> 40) * 10'000'000 >> 24
                           : 50'000'000'000 + (static_cast<std::int64_t>(r >> 40) * 100'000 >> 4) * 953;
      case Delays::kubernetes: break;
    }
    return r % 10 != 0 ? kConstants[r >> 61] : exponential(bits());
  }

 private:
  static constexpr std::size_t kSteps = 512;
  static constexpr std::array<std::int64_t, 8> kConstants{1'000'000'000,  2'000'000'000,  5'000'000'000,   10'000'000'000,
                                                          30'000'000'000, 60'000'000'000, 300'000'000'000, 3'600'000'000'000};

  std::int64_t exponential(std::uint64_t r) const {
    const auto i = static_cast<std::size_t>(r >> 55);
    const auto fraction = static_cast<std::int64_t>(r >> 23 & 0xffffffff) >> 8;
    return quantiles_[i] + ((quantiles_[i + 1] - quantiles_[i]) / 256 * (fraction >> 8) >> 8);
  }

  Delays kind_;
  std::uint64_t state_;
  std::array<std::int64_t, kSteps + 1> quantiles_{};
};

/// What an event happens to: one cache line each, met in the order of time, which is scattered.
struct alignas(64) Entity {
  std::uint64_t events = 0;
  std::uint64_t checksum = 0;
  std::array<std::uint64_t, 6> rest{};

  void touch(std::uint64_t at) {
    ++events;
    checksum = checksum * 31 + at;
    rest[events & 3] ^= at;
  }
};

/// A time for an entity's first event, so that the population looks like one that has been running for long.
inline std::int64_t first_time(DelaySource& delays, Delays kind) {
  const std::int64_t d = delays.next();
  // On the grid, as everything else of a cluster that was started on it.
  if (kind == Delays::kubernetes) return static_cast<std::int64_t>(delays.bits() % static_cast<std::uint64_t>(d / 10'000'000 + 1)) * 10'000'000;
  return static_cast<std::int64_t>(delays.bits() % static_cast<std::uint64_t>(d + 1));
}

}  // namespace orrery::bench
