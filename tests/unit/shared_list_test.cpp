#include <doctest/doctest.h>

#include <vector>

#include "orrery/core/random.hpp"
#include "orrery/core/shared_list.hpp"

using namespace orrery;

namespace {
std::vector<int> all(const SharedList<int>& list) { return {list.begin(), list.end()}; }
}  // namespace

TEST_CASE("a SharedList is a value: what is done to a copy stays with the copy") {
  SharedList<int> a{1, 2, 3};
  SharedList<int> b = a;
  CHECK(a.data() == b.data());
  b.edit()[1] = 9;
  CHECK(all(a) == std::vector<int>{1, 2, 3});
  CHECK(all(b) == std::vector<int>{1, 9, 3});
  SharedList<int> c = b;
  c.push_back(4);
  CHECK(all(b).size() == 3);
  CHECK(all(c) == std::vector<int>{1, 9, 3, 4});
  c.append(c.data(), c.size());
  CHECK(all(c) == std::vector<int>{1, 9, 3, 4, 1, 9, 3, 4});
  CHECK(c.erase_if([](int i) { return i == 9; }) == 2);
  CHECK(all(c) == std::vector<int>{1, 3, 4, 1, 3, 4});
  CHECK(c.erase_if([](int i) { return i == 9; }) == 0);
  SharedList<int> d = c;
  CHECK(d == c);
  d.clear();
  CHECK(d.empty());
  CHECK(c.size() == 6);
  CHECK(d != c);
  c.resize(2);
  CHECK(all(c) == std::vector<int>{1, 3});
  c.reserve(100);
  CHECK(all(c) == std::vector<int>{1, 3});
  c = SharedList<int>{};
  CHECK(c.edit() == nullptr);
}

TEST_CASE("a SharedList does what a vector does, whoever shares it") {
  RandomStream r(1, purpose("test.shared_list"), 0);
  std::vector<SharedList<int>> lists(4);
  std::vector<std::vector<int>> vectors(4);
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t at = r.below(4), from = r.below(4);
    const int value = static_cast<int>(r.below(8));
    switch (r.below(6)) {
      case 0:
        lists[at] = lists[from];
        vectors[at] = vectors[from];
        break;
      case 1:
        (void)lists[at].erase_if([&](int x) { return x == value; });
        std::erase(vectors[at], value);
        break;
      case 2:
        if (!vectors[at].empty()) lists[at].edit()[0] = vectors[at][0] = value;
        break;
      case 3:
        if (r.below(50) != 0) break;
        lists[at].clear();
        vectors[at].clear();
        break;
      default:
        lists[at].push_back(value);
        vectors[at].push_back(value);
    }
    REQUIRE(all(lists[at]) == vectors[at]);
    REQUIRE((lists[at] == lists[from]) == (vectors[at] == vectors[from]));
  }
}
