#include "orrery/core/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>

#include "core/philox.hpp"

using namespace orrery;

TEST_CASE("Philox gives the published test vectors") {
  using Words = std::array<std::uint32_t, 4>;
  constexpr std::uint32_t kOnes = 0xffffffff;
  CHECK(philox_block({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox_block({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox_block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("streams are pinned: a change here changes every recorded run") {
  RandomStream zero(0, 0, 0);
  CHECK(zero.next() == 0xe169c58d6627e8d5);
  CHECK(zero.next() == 0x9b00dbd8bc57ac4c);

  RandomStream s(42, purpose("pod.run"), 7);
  for (std::uint64_t expected : {0x8e79a95c8677ea12U, 0x969eadd8040879c1U, 0xc9d3dc1c96b2377eU, 0x3ab6328ce04cad8bU,
                                 0x779e9cf01a5442faU, 0x67bcdbb7347212ceU})
    CHECK(s.next() == expected);

  RandomStream d(42, purpose("pod.run"), 7);
  for (std::uint64_t expected : {5U, 5U, 7U, 2U, 4U, 4U}) CHECK(d.below(10) == expected);

  RandomStream n(42, purpose("pod.run"), 7);
  CHECK(random_suffix(n, 5) == "tt4jq");
  CHECK(random_suffix(n, 10) == "ndk6gg7g7z");
  CHECK(random_suffix(n, 0).empty());
}

TEST_CASE("purposes are hashed at compile time with FNV-1a") {
  static_assert(purpose("") == 0xcbf29ce484222325);
  static_assert(purpose("a") == 0xaf63dc4c8601ec8c);
  static_assert(purpose("foobar") == 0x85944171f73967e8);
  static_assert(sizeof(RandomStream) == 40);
}

TEST_CASE("streams differ in each of seed, purpose, object") {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32})
    for (const char* p : {"a", "b"})
      for (std::uint64_t object : {0ULL, 1ULL, 1ULL << 32, 1ULL << 63})
        firsts.insert(RandomStream(seed, purpose(p), object).next());
  CHECK(firsts.size() == 24);
}

TEST_CASE("a copy continues with the same numbers") {
  RandomStream a(1, 2, 3);
  a.next();
  RandomStream b = a;
  for (int i = 0; i < 5; ++i) CHECK(a.next() == b.next());
}

TEST_CASE("below is in range and even") {
  RandomStream s(1, purpose("test"), 0);
  CHECK(s.below(0) == 0);
  CHECK(s.below(1) == 0);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[s.below(7)];
  for (int c : counts) CHECK(c == doctest::Approx(10'000).epsilon(0.04));
  // A modulus just above half the range rejects nearly every second number.
  const std::uint64_t big = (std::uint64_t{1} << 63) + 1;
  for (int i = 0; i < 1000; ++i) REQUIRE(s.below(big) < big);
}

TEST_CASE("unit is in [0, 1) with the right mean") {
  RandomStream s(1, purpose("test"), 0);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double u = s.unit();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    sum += u;
  }
  CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.01));
}
