#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "garbage_collector/uid_index.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;
using gc::kNoNode;
using gc::NodeIndex;

TEST_CASE("finds what a map finds, while UIDs come and go") {
  gc::UidIndex index;
  std::map<Uid, NodeIndex> model;
  std::vector<Uid> uids;  // by node
  RandomStream random(1, 2, 3);
  const auto find = [&](Uid uid) { return index.find(uid, [&](NodeIndex n) { return uids[n] == uid; }); };
  CHECK(find({1, 2}) == kNoNode);
  for (int step = 0; step < 50000; ++step) {
    // Few different values, so that they come and go.
    const Uid uid{random.next() % 40, random.next() % 40};
    const auto it = model.find(uid);
    REQUIRE(find(uid) == (it == model.end() ? kNoNode : it->second));
    if (it == model.end()) {
      const auto node = static_cast<NodeIndex>(uids.size());
      uids.push_back(uid);
      index.insert(uid, node);
      model.emplace(uid, node);
    } else {
      index.erase(uid, it->second);
      model.erase(it);
    }
    REQUIRE(index.size() == model.size());
  }
  for (const auto& [uid, node] : model) REQUIRE(find(uid) == node);
}
