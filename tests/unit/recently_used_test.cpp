#include <doctest/doctest.h>

#include <list>
#include <string>
#include <string_view>

#include "orrery/cluster/recently_used.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;

namespace {

struct Lookup {
  std::string_view text;
  std::uint64_t hash() const { return text.size() % 3; }  // everything collides
};
struct Key {
  std::string text;
  Key& operator=(const Lookup& l) {
    text = l.text;
    return *this;
  }
  bool operator==(const Lookup& l) const { return text == l.text; }
};
using Cache = RecentlyUsed<Key, int>;

}  // namespace

TEST_CASE("values stay until others are used more recently") {
  Cache cache;
  CHECK(cache.find(Lookup{"a"}) == nullptr);
  cache.get(Lookup{"a"}, [](int& value) { value = 7; }) += 1;
  CHECK(cache.get(Lookup{"a"}) == 8);
  CHECK(cache.get(Lookup{"b"}) == 0);
  for (std::size_t i = 2; i < Cache::kSizeMax; ++i) cache.get(Lookup{std::to_string(i)}) = static_cast<int>(i);
  CHECK(cache.size() == Cache::kSizeMax);
  CHECK(cache.get(Lookup{"a"}) == 8);  // now b is the oldest
  cache.get(Lookup{"one more"});
  CHECK(cache.size() == Cache::kSizeMax);
  CHECK(cache.find(Lookup{"b"}) == nullptr);
  CHECK(cache.find(Lookup{"2"}) != nullptr);  // a look is no use
  CHECK(*cache.find(Lookup{"a"}) == 8);
  cache.get(Lookup{"another"});
  CHECK(cache.find(Lookup{"2"}) == nullptr);
  CHECK(*cache.find(Lookup{"3"}) == 3);
  CHECK(cache.get(Lookup{"b"}) == 0);  // made anew
}

TEST_CASE("a list with linear search forgets the same") {
  Cache cache;
  std::list<std::pair<std::string, int>> model;  // the most recent first
  RandomStream random(1, 2, 3);
  for (int step = 0; step < 20000; ++step) {
    const std::string key = std::to_string(random.next() % 5000);
    auto it = model.begin();
    while (it != model.end() && it->first != key) ++it;
    int& value = cache.get(Lookup{key}, [&](int& made) { made = step; });
    if (it != model.end()) {
      model.splice(model.begin(), model, it);
    } else {
      model.emplace_front(key, step);
      if (model.size() > Cache::kSizeMax) model.pop_back();
    }
    REQUIRE(value == model.front().second);
  }
}
