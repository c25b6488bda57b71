// Identities and metadata of objects: what versions and pods share, and what they must not.
#include <doctest/doctest.h>

#include <string>

#include "orrery/cluster/object_meta.hpp"
#include "orrery/cluster/symbols.hpp"

using namespace orrery;

namespace {

std::string letters(std::size_t count) { return std::string(count, 'a'); }

ObjectMeta tracked() {
  ObjectMeta m;
  m.set_labels(make_string_map({{"app", "a"}}));
  m.set_finalizers({sym::job_tracking});
  return m;
}

}  // namespace

TEST_CASE("an identity keeps a name of any length") {
  for (const std::size_t size : {0, 1, 11, 12, 13, 63, 253, 70'000}) {
    CAPTURE(size);
    const Ref<Identity> id = Identity::make(Kind::job, sym::default_, letters(size));
    CHECK(id->name() == letters(size));
    CHECK(id->kind == Kind::job);
    CHECK(id->ns == sym::default_);
    CHECK(id->generate_name().empty());
    CHECK(id->has_name() == (size != 0));
  }
}

TEST_CASE("J-043: a generated name, and the prefix it was made from") {
  for (const std::size_t size : {1, 7, 8, 40, 58, 59, 200}) {
    CAPTURE(size);
    const std::string prefix = letters(size);
    const Ref<Identity> id = Identity::unnamed(Kind::pod, sym::default_, prefix);
    CHECK_FALSE(id->has_name());
    CHECK(id->generate_name() == prefix);
    const std::string made = prefix.substr(0, 58) + "x7k2p";
    id->set_generated(made);
    CHECK(id->has_name());
    CHECK(id->name() == made);
    CHECK(id->generate_name() == prefix);
  }
}

TEST_CASE("the hostname is kept beside the name, whether it follows from it or not") {
  const Ref<Identity> indexed = Identity::unnamed(Kind::pod, sym::default_, "job-3-");
  indexed->set_hostname("job-3");
  indexed->set_generated("job-3-x7k2p");
  CHECK(indexed->hostname() == "job-3");

  const std::string prefix = letters(70) + "-";
  const Ref<Identity> cut = Identity::unnamed(Kind::pod, sym::default_, prefix);
  cut->set_hostname(letters(70));
  cut->set_generated(letters(58) + "x7k2p");
  CHECK(cut->hostname() == letters(70));
  CHECK(cut->generate_name() == prefix);
}

TEST_CASE("a copy of an identity says the same, and is another one") {
  const Ref<Identity> id = Identity::unnamed(Kind::other, sym::default_, "x-");
  id->set_other_kind(sym::Ready);
  id->uid = {1, 2};
  id->serial = 3;
  id->slot = 4;
  id->created = {5};
  const Ref<Identity> unnamed = Identity::copy(*id);
  id->set_generated("x-12345");
  const Ref<Identity> named = Identity::copy(*id);
  CHECK_FALSE(unnamed->has_name());
  unnamed->set_generated("x-54321");
  CHECK(unnamed->name() == "x-54321");
  CHECK(named->name() == "x-12345");
  for (const Ref<Identity>& copy : {unnamed, named}) {
    CHECK(copy->generate_name() == "x-");
    CHECK(copy->other_kind() == sym::Ready);
    CHECK(copy->uid == Uid{1, 2});
    CHECK(copy->serial == 3);
    CHECK(copy->slot == 4);
    CHECK(copy->created == Stamp{5});
  }
}

TEST_CASE("a change of one's metadata leaves that of the others alone") {
  const ObjectMeta first = tracked();
  ObjectMeta second = first;
  CHECK(second.shared_ref() == first.shared_ref());
  second.set_annotations(make_string_map({{"note", "n"}}));
  CHECK(second.annotation("note") != nullptr);
  CHECK(first.annotation("note") == nullptr);
  CHECK(second.labels() == first.labels());
  CHECK(second.has_finalizer(sym::job_tracking));
  second.set_labels({});
  CHECK(first.label("app") != nullptr);
  CHECK_FALSE(same_meta(first, second));
}

TEST_CASE("setting what is there already changes nothing") {
  const ObjectMeta first = tracked();
  ObjectMeta second = first;
  second.set_labels(first.labels());
  second.set_finalizers(first.finalizers());
  second.set_owners({});
  CHECK(second.shared_ref() == first.shared_ref());
}

TEST_CASE("the pods of a template that have lost their finalizer share what is left") {
  const ObjectMeta pods = tracked();
  ObjectMeta a = pods, b = pods;
  a.remove_finalizer(sym::job_tracking);
  b.remove_finalizer(sym::job_tracking);
  CHECK(a.finalizers().empty());
  CHECK(a.shared_ref() == b.shared_ref());
  CHECK(a.label("app") != nullptr);
  CHECK(pods.has_finalizer(sym::job_tracking));
  CHECK(same_meta(a, b));
  CHECK_FALSE(same_meta(a, pods));
}

TEST_CASE("what was left without finalizers is not taken for what it became") {
  ObjectMeta m = tracked();
  ObjectMeta copy = m;
  copy.remove_finalizer(sym::job_tracking);
  copy = {};
  // `m` alone has it now, with the memory of what it is without finalizers.
  m.set_labels(make_string_map({{"app", "b"}}));
  ObjectMeta other = m;
  other.remove_finalizer(sym::job_tracking);
  REQUIRE(other.label("app") != nullptr);
  CHECK(*other.label("app") == "b");
}

TEST_CASE("one finalizer of two goes, the other stays") {
  const ObjectMeta before = [] {
    ObjectMeta m = tracked();
    m.add_finalizer(sym::orphan);
    return m;
  }();
  ObjectMeta after = before;
  after.remove_finalizer(sym::job_tracking);
  CHECK_FALSE(after.has_finalizer(sym::job_tracking));
  CHECK(after.has_finalizer(sym::orphan));
  CHECK(before.finalizers().size() == 2);
  after.remove_finalizer(sym::foregroundDeletion);
  CHECK(after.finalizers().size() == 1);
}
