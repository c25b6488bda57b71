#include "orrery/core/ref.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace orrery;

namespace {

struct Counted : RefCounted {
  Counted(int v, int& alive_count) : value(v), alive(&alive_count) { ++*alive; }
  Counted(const Counted& o) : RefCounted(o), value(o.value), alive(o.alive) { ++*alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --*alive; }
  int value;
  int* alive;
};

struct Base : RefCounted {
  virtual ~Base() = default;
};
struct Derived : Base {
  explicit Derived(bool& flag) : destroyed(&flag) {}
  ~Derived() override { *destroyed = true; }
  bool* destroyed;
};

}  // namespace

TEST_CASE("the last share deletes the object") {
  int alive = 0;
  {
    Ref<Counted> a = make_ref<Counted>(5, alive);
    CHECK(a->ref_count() == 1);
    Ref<Counted> b = a;
    Ref<const Counted> c = a;
    CHECK(a->ref_count() == 3);
    CHECK(c->value == 5);
    CHECK(a == b);
    a = nullptr;
    CHECK_FALSE(a);
    CHECK(a == nullptr);
    CHECK(b->ref_count() == 2);
    c.reset();
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

TEST_CASE("moving takes the share along") {
  int alive = 0;
  Ref<Counted> a = make_ref<Counted>(1, alive);
  Ref<Counted> b = std::move(a);
  CHECK(b->ref_count() == 1);
  b = make_ref<Counted>(2, alive);
  CHECK(alive == 1);
  const auto& alias = b;
  b = alias;
  CHECK(b->value == 2);
  CHECK(b->ref_count() == 1);
}

TEST_CASE("a copied object starts uncounted") {
  int alive = 0;
  Ref<Counted> a = make_ref<Counted>(1, alive);
  Ref<Counted> b = a;
  Ref<Counted> copy = make_ref<Counted>(*a);
  CHECK(copy->ref_count() == 1);
  CHECK(copy != a);
  *copy = *a;
  CHECK(copy->ref_count() == 1);
  CHECK(a->ref_count() == 2);
}

TEST_CASE("a base with a virtual destructor may hold the share") {
  bool destroyed = false;
  Ref<Base> base = make_ref<Derived>(destroyed);
  base = nullptr;
  CHECK(destroyed);
}
