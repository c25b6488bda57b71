// The kubelets' records of pods: their numbers, their reuse, and what a record keeps of the pod before.
#include <doctest/doctest.h>

#include <set>

#include "kubelet/runtime.hpp"

using namespace orrery;
using namespace orrery::kubelet;

TEST_CASE("records have numbers of their own and stay where they are") {
  PodRecords records;
  std::vector<PodRecord*> all;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    all.push_back(&records.take());
    CHECK(all.back()->index == i);
  }
  for (std::uint32_t i = 0; i < 1000; ++i) CHECK(&records[i] == all[i]);
}

TEST_CASE("a record that is used again is as new, and old handles do not fit it") {
  PodRecords records;
  PodRecord& first = records.take();
  const std::uint32_t generation = first.generation;
  first.containers.reset(3);
  first.containers[2].rare_to_change().backoff = std::chrono::seconds{10};
  first.pod.id = Identity::make(Kind::pod, sym::default_, "p");
  const Ref<Identity> id = first.pod.id;
  first.stopping = true;
  first.rare_to_change().stops_open = 2;
  records.give_back(first);
  CHECK(records.find(0) == nullptr);
  CHECK(id->ref_count() == 1);
  CHECK(first.containers.size() == 3);  // whoever is in the middle of a loop over them may go on

  PodRecord& second = records.take();
  CHECK(&second == &first);
  CHECK(second.generation != generation);
  CHECK(second.index == 0);
  CHECK(second.containers.size() == 0);
  CHECK_FALSE(bool{second.stopping});
  CHECK(second.rare().stops_open == 0);
}

TEST_CASE("a number that nobody has finds nothing, and records in use are left alone by others' coming and going") {
  PodRecords records;
  std::vector<PodRecord*> all;
  for (std::uint32_t i = 0; i < 300; ++i) all.push_back(&records.take());
  std::set<std::uint32_t> generations;
  for (const PodRecord* r : all) generations.insert(r->generation);
  CHECK(generations.size() == 300);
  for (std::uint32_t i = 0; i < 300; i += 2) records.give_back(*all[i]);
  CHECK(records.find(300) == nullptr);
  for (std::uint32_t i = 0; i < 300; ++i) CHECK((records.find(i) == nullptr) == (i % 2 == 0));
  for (std::uint32_t i = 0; i < 150; ++i) generations.insert(records.take().generation);
  CHECK(generations.size() == 450);
  for (std::uint32_t i = 0; i < 300; ++i) {
    REQUIRE(records.find(i) != nullptr);
    CHECK(records[i].index == i);
    if (i % 2 == 1) CHECK(&records[i] == all[i]);
  }
}

TEST_CASE("containers are one block, however many there are") {
  for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    Containers list;
    list.reset(n);
    CHECK(list.size() == n);
    std::size_t seen = 0;
    for (Container& c : list) CHECK(&c == list.data() + seen++);
    CHECK(seen == n);
  }
}

TEST_CASE("what few containers have is made when it is written") {
  Container c;
  c.set_waiting(0, 0);
  c.forget_backoff();
  CHECK(&c.rare() == &kNoRare);
  c.set_waiting(7, 8);
  CHECK(c.rare().waiting_reason == 7);
  CHECK(c.rare().waiting_message == 8);
  c.set_waiting(0, 0);
  CHECK(c.rare().waiting_reason == 0);
}
