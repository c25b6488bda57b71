#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "orrery/cluster/objects.hpp"
#include "orrery/core/random.hpp"
#include "orrery/core/slot_index.hpp"

using namespace orrery;

TEST_CASE("finds what a map finds, while UIDs come and go") {
  SlotIndex index;
  std::map<Uid, std::uint32_t> model;
  std::vector<Uid> uids;  // by node
  RandomStream random(1, 2, 3);
  const auto find = [&](Uid uid) { return index.find(UidHash{}(uid), [&](std::uint32_t n) { return uids[n] == uid; }); };
  CHECK(find({1, 2}) == SlotIndex::kNone);
  for (int step = 0; step < 50000; ++step) {
    // Few different values, so that they come and go.
    const Uid uid{random.next() % 40, random.next() % 40};
    const auto it = model.find(uid);
    REQUIRE(find(uid) == (it == model.end() ? SlotIndex::kNone : it->second));
    if (it == model.end()) {
      const auto node = static_cast<std::uint32_t>(uids.size());
      uids.push_back(uid);
      index.insert(UidHash{}(uid), node);
      model.emplace(uid, node);
    } else {
      index.erase(UidHash{}(uid), it->second);
      model.erase(it);
    }
    REQUIRE(index.size() == model.size());
  }
  for (const auto& [uid, node] : model) REQUIRE(find(uid) == node);
}

TEST_CASE("a SlotIndex finds what was put in, also where hashes are equal or collide") {
  RandomStream r(1, purpose("test.slot_index"), 0);
  SlotIndex index;
  std::vector<int> hash_of(5000, -1);  // by slot
  CHECK(index.find(3, [](std::uint32_t) { return true; }) == SlotIndex::kNone);
  index.erase(3, 3);
  for (int i = 0; i < 100'000; ++i) {
    const auto slot = static_cast<std::uint32_t>(r.below(hash_of.size()));
    const auto same = [&](std::uint32_t s) { return s == slot; };
    if (hash_of[slot] < 0) {
      hash_of[slot] = static_cast<int>(r.below(700));  // many of one hash
      index.insert(static_cast<std::uint64_t>(hash_of[slot]), slot);
      REQUIRE(index.find(static_cast<std::uint64_t>(hash_of[slot]), same) == slot);
    } else {
      index.erase(static_cast<std::uint64_t>(hash_of[slot]), slot);
      REQUIRE(index.find(static_cast<std::uint64_t>(hash_of[slot]), same) == SlotIndex::kNone);
      hash_of[slot] = -1;
    }
  }
  std::size_t there = 0;
  for (std::uint32_t slot = 0; slot < hash_of.size(); ++slot) {
    if (hash_of[slot] < 0) continue;
    ++there;
    REQUIRE(index.find(static_cast<std::uint64_t>(hash_of[slot]), [&](std::uint32_t s) { return s == slot; }) == slot);
  }
  CHECK(index.size() == there);
}
