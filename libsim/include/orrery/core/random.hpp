#pragma once
// Random numbers that depend on (seed, purpose, object) and a count, on nothing else: a new consumer of randomness, or
// a new object, does not disturb the draws of any other. Philox4x32-10, the counter-based generator of Random123.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace orrery {

/// FNV-1a, 64 bits.
constexpr std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325U;
  for (char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3U;
  }
  return h;
}

/// What a stream is for: `constexpr auto kRunTime = purpose("pod.runTime");`. Evaluated at compile time.
constexpr std::uint64_t purpose(std::string_view text) { return fnv1a(text); }

/// One stream: a value of 40 bytes without heap; copies continue independently with the same numbers.
/// Good for 2^33 numbers, after which they repeat.
class RandomStream {
 public:
  /// `object` is any number that names the object, such as a dense index or fnv1a(name).
  RandomStream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t object)
      : seed_(seed), object_(object), purpose_(static_cast<std::uint32_t>(purpose ^ (purpose >> 32))) {}

  /// Uniform over all 64-bit values.
  std::uint64_t next();
  /// Uniform over 0..n-1, without bias; 0 when n is 0.
  std::uint64_t below(std::uint64_t n);
  /// Uniform in [0, 1), a multiple of 2^-53.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  std::uint64_t seed_;
  std::uint64_t object_;
  std::uint64_t drawn_ = 0;  ///< numbers given out; each Philox block yields two
  std::uint64_t spare_ = 0;  ///< second number of the block when drawn_ is odd
  std::uint32_t purpose_;
};

/// `n` characters of the alphabet Kubernetes uses for generated names: no vowels, nothing that looks like another.
/// Source: k8s.io/apimachinery/pkg/util/rand.
std::string random_suffix(RandomStream& stream, std::size_t n);
void append_random_suffix(std::string& to, RandomStream& stream, std::size_t n);

}  // namespace orrery
