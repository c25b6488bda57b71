#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "orrery/core/random.hpp"
#include "support/uid_set.hpp"

using namespace orrery;

TEST_CASE("a set of UIDs holds what a std::set does") {
  RandomStream random(1, 2, 3);
  UidSet set;
  std::set<Uid> model;
  for (int step = 0; step < 20000; ++step) {
    const Uid uid{1 + random.next() % 40, random.next() % 3};
    if (random.next() % 2 == 0) {
      set.insert(uid);
      model.insert(uid);
    } else {
      set.erase(uid);
      model.erase(uid);
    }
    REQUIRE(set.contains(uid) == model.contains(uid));
    REQUIRE(set.size() == model.size());
    REQUIRE(set.empty() == model.empty());
  }
  set.assign({Uid{7, 1}, Uid{3, 1}, Uid{7, 1}});
  CHECK(set.size() == 2);
  CHECK(set.contains(Uid{3, 1}));
  CHECK(!set.contains(Uid{3, 0}));
}
