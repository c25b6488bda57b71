#include "orrery/core/stable_vector.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

using namespace orrery;

TEST_CASE("values stay where they are while others are added, and all of them are destroyed") {
  const auto alive = std::make_shared<int>(0);
  {
    StableVector<std::shared_ptr<int>, 8> values;
    std::vector<const std::shared_ptr<int>*> places;
    for (std::uint32_t i = 0; i < 100; ++i) {
      REQUIRE(values.add() == i);
      REQUIRE(!values[i]);
      values[i] = alive;
      places.push_back(&values[i]);
      REQUIRE(values.size() == i + 1);
    }
    for (std::uint32_t i = 0; i < 100; ++i) CHECK(&std::as_const(values)[i] == places[i]);
    CHECK(alive.use_count() == 101);
    StableVector<std::shared_ptr<int>, 8> others = std::move(values);
    CHECK(&others[99] == places[99]);
    others = {};
    CHECK(others.size() == 0);
    CHECK(alive.use_count() == 1);
    others.add();
  }
  CHECK(alive.use_count() == 1);
}
