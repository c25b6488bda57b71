#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "orrery/core/numbered.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;

TEST_CASE("the lowest free number, and values that stay where they are") {
  Numbered<std::string> values;
  std::vector<std::string*> places;
  for (std::uint32_t i = 0; i < 300; ++i) {
    REQUIRE(values.take() == i);
    values[i] = std::to_string(i);
    places.push_back(&values[i]);
  }
  for (const std::uint32_t i : {200U, 7U, 64U, 299U}) values.give_back(i);
  CHECK(values.size() == 296);
  CHECK_FALSE(values.has(64));
  CHECK(values.find(7) == nullptr);
  CHECK(values.take() == 7);
  CHECK(values[7].empty());
  CHECK(values.take() == 64);
  CHECK(values.take() == 200);
  CHECK(values.take() == 299);
  CHECK(values.take() == 300);
  for (std::uint32_t i = 0; i < 300; ++i) CHECK(&values[i] == places[i]);
  CHECK(values[299].empty());
  CHECK(values[298] == "298");
}

TEST_CASE("after a crowd the memory goes back") {
  Numbered<std::string> values;
  for (int i = 0; i < 10'000; ++i) (void)values.take();
  for (std::uint32_t i = 100; i < 10'000; ++i) values.give_back(i);
  CHECK(values.size() == 100);
  CHECK(values.blocks() == 3);  // two in use, one kept
  CHECK_FALSE(values.has(9'999));
  CHECK(values.take() == 100);
  std::uint32_t seen = 0;
  values.for_each([&](std::string&) { ++seen; });
  CHECK(seen == 101);
}

TEST_CASE("the same as a set of numbers") {
  RandomStream random(7, 0, 0);
  Numbered<std::uint32_t> values;
  std::set<std::uint32_t> used, holes;
  for (int step = 0; step < 20'000; ++step) {
    const bool grow = random.next() % 100 < (step % 4'000 < 2'000 ? 70U : 30U);
    if (grow || used.empty()) {
      const std::uint32_t n = values.take();
      CHECK(values[n] == 0);
      values[n] = n + 1;
      CHECK(n == (holes.empty() ? static_cast<std::uint32_t>(used.size()) : *holes.begin()));
      holes.erase(n);
      used.insert(n);
    } else {
      auto it = used.lower_bound(static_cast<std::uint32_t>(random.next() % (*used.rbegin() + 1)));
      const std::uint32_t n = *it;
      CHECK(values[n] == n + 1);
      values.give_back(n);
      used.erase(it);
      holes.insert(n);
      while (!holes.empty() && (used.empty() || *holes.rbegin() > *used.rbegin())) holes.erase(*holes.rbegin());
    }
    CHECK(values.size() == used.size());
    CHECK(values.has(used.empty() ? 0 : *used.rbegin()) == !used.empty());
  }
}
