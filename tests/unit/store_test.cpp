// What the store's caches are asked by UID.
#include <doctest/doctest.h>

#include <chrono>

#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

TEST_CASE("cached objects are found by their UID, pods too, from the first question on and as they come and go") {
  World w;
  w.start();
  const Ref<const Object> node = w.create(w.node("n")), early = w.create(w.pod("early", "n"));
  w.run_to(1s);
  const Store& store = w.store();
  CHECK(store.cached_no_pod(node->uid()) != nullptr);
  CHECK(store.cached_no_pod(early->uid()) == nullptr);
  CHECK(store.cached_by_uid(node->uid())->name() == "n");
  CHECK(store.cached_by_uid(Uid{1, 2}) == nullptr);
  CHECK(store.cached_by_uid(early->uid())->name() == "early");

  const Ref<const Object> late = w.create(w.pod("late"));
  CHECK(store.cached_by_uid(late->uid()) == nullptr);  // the caches have not seen it
  w.run_to(2s);
  CHECK(store.cached_by_uid(late->uid())->name() == "late");
  w.remove(Kind::pod, "late", Propagation::background, 0);
  w.run_to(3s);
  CHECK(store.cached_by_uid(late->uid()) == nullptr);
  // Its slot has another object now.
  const Ref<const Object> other = w.create(w.pod("other"));
  w.run_to(4s);
  CHECK(store.cached_by_uid(late->uid()) == nullptr);
  CHECK(store.cached_by_uid(other->uid())->name() == "other");
  CHECK(store.cached_by_uid(early->uid())->name() == "early");
}
