#include <doctest/doctest.h>

#include "support/pod_sets.hpp"
#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

TEST_CASE("the pods of the lowest ranks, with all equals of the last") {
  World w;
  std::vector<Ref<const Object>> pods;
  RankedPods ranked;
  PodSet plain;
  for (int i = 0; i < 30; ++i) pods.push_back(w.create(w.pod("p" + std::to_string(i))));
  w.run_to(1s);
  const auto rank = [](std::size_t i) { return std::uint64_t{i % 3} << 32; };  // ten pods of each
  for (std::size_t i = 0; i < pods.size(); ++i) {
    ranked.insert(*pods[i], rank(i));
    ranked.insert(*pods[i], rank(i));  // once is enough
    plain.insert(*pods[i]);
  }
  const auto names = [&](std::size_t count) {
    std::vector<std::string> out;
    for (const auto& pod : ranked.lowest(w.store(), count)) out.emplace_back(pod->name());
    return out;
  };
  CHECK(ranked.size() == 30);
  CHECK(names(0).empty());
  CHECK(names(1).size() == 10);
  CHECK(names(10).size() == 10);
  CHECK(names(11).size() == 20);
  CHECK(names(99).size() == 30);
  for (std::size_t i = 0; i < pods.size(); i += 3)
    if (i != 9) {
      ranked.erase(*pods[i], rank(i));
      ranked.erase(*pods[i], rank(i));
      plain.erase(*pods[i]);
    }
  CHECK(ranked.size() == 21);
  CHECK(plain.size() == 21);
  CHECK(names(1) == std::vector<std::string>{"p9"});
  CHECK(names(2).size() == 11);
  CHECK(plain.contains(*pods[9]));
  CHECK(!plain.contains(*pods[12]));
  CHECK(plain.pods(w.store()).size() == 21);
  ranked.clear();
  CHECK(ranked.size() == 0);
  CHECK(names(5).empty());
}
