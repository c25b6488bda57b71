// The pods of one controller: a new version put in place stands where one that is taken away and added anew would.
#include <doctest/doctest.h>

#include <vector>

#include "orrery/cluster/owned_pods.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;

namespace {

constexpr Uid kOwner{1, 2};

Ref<const Pod> random_version(RandomStream& random, std::uint32_t slot, const Ref<const StringMap>& labels) {
  auto pod = make_ref<Pod>();
  pod->meta.id = Identity::make(Kind::pod, sym::default_, "p");
  pod->meta.id->slot = slot;
  if (random.next() % 8 != 0) pod->meta.set_labels(labels);
  pod->phase = random.next() % 3 == 0 ? PodPhase::succeeded : PodPhase::running;
  if (random.next() % 4 == 0) pod->meta.deleted = {5};
  if (random.next() % 2 == 0) pod->meta.add_finalizer(sym::job_tracking);
  if (random.next() % 2 == 0) {
    Condition ready;
    ready.type = sym::Ready;
    ready.status = sym::True;
    pod->conditions.push_back(ready);
  }
  return pod;
}

std::vector<const Pod*> unsettled(const OwnedPods& pods) {
  std::vector<const Pod*> out;
  pods.for_each_unsettled([&](const Ref<const Pod>& p) { out.push_back(p.get()); });
  return out;
}
std::vector<const Pod*> special(const OwnedPods& pods) {
  std::vector<const Pod*> out;
  pods.for_each_special([&](const Ref<const Pod>& p) { out.push_back(p.get()); });
  return out;
}

/// What for_each_special with a limit is to visit: all of them but the done ones behind the first so many.
std::vector<const Pod*> special_up_to(const OwnedPods& pods, std::int32_t limit) {
  std::vector<const Pod*> out;
  for (const Pod* p : special(pods)) {
    const bool labelled = p->meta.labels() && p->meta.labels()->says_uid("batch.kubernetes.io/controller-uid", kOwner);
    const bool done = labelled && p->phase == PodPhase::succeeded && p->meta.has_finalizer(sym::job_tracking);
    if (!done || limit-- > 0) out.push_back(p);
  }
  return out;
}

/// One set, with the positions that its user keeps.
struct Kept {
  OwnedPods pods;
  std::vector<std::uint32_t> position;
  void moved(const Pod* pod, std::uint32_t to) {
    if (pod != nullptr) position[pod->meta.id->slot] = to;
  }
};

}  // namespace

TEST_CASE("a new version in place is one taken away and added") {
  RandomStream random(1, 2, 3);
  const Ref<const StringMap> labels = make_string_map({{"batch.kubernetes.io/controller-uid", kOwner.text()}});
  constexpr std::uint32_t kPods = 150;
  Kept a, b;
  a.position.resize(kPods);
  b.position.resize(kPods);
  for (std::uint32_t slot = 0; slot < kPods; ++slot) {
    const auto pod = random_version(random, slot, labels);
    a.position[slot] = a.pods.add(pod, kOwner);
    b.position[slot] = b.pods.add(pod, kOwner);
  }
  for (int step = 0; step < 3000; ++step) {
    const auto slot = static_cast<std::uint32_t>(random.next() % kPods);
    const auto pod = random_version(random, slot, labels);
    const std::uint32_t at = a.position[slot];
    a.position[slot] = static_cast<std::uint32_t>(a.pods.all().size() - 1);
    a.moved(a.pods.replace(at, pod, kOwner), at);
    b.moved(b.pods.remove(b.position[slot]), b.position[slot]);
    b.position[slot] = b.pods.add(pod, kOwner);
    REQUIRE(a.position == b.position);
    REQUIRE(a.pods.all() == b.pods.all());
    REQUIRE(unsettled(a.pods) == unsettled(b.pods));
    REQUIRE(special(a.pods) == special(b.pods));
    REQUIRE(a.pods.special() == static_cast<std::int32_t>(special(a.pods).size()));
    REQUIRE(b.pods.special() == a.pods.special());
    std::vector<const Pod*> some;
    const auto limit = static_cast<std::int32_t>(random.below(40));
    a.pods.for_each_special(limit, [&](const Ref<const Pod>& p) { some.push_back(p.get()); });
    REQUIRE(some == special_up_to(a.pods, limit));
    REQUIRE(a.pods.done() == static_cast<std::int32_t>(special(a.pods).size() - special_up_to(a.pods, 0).size()));
    REQUIRE(b.pods.done() == a.pods.done());
    REQUIRE(a.pods.plain() == b.pods.plain());
    REQUIRE(a.pods.plain_ready() == b.pods.plain_ready());
  }
  for (std::uint32_t slot = 0; slot < kPods; ++slot) b.moved(b.pods.remove(b.position[slot]), b.position[slot]);
  CHECK(b.pods.empty());
  CHECK(b.pods.special() == 0);
  CHECK(b.pods.plain() == 0);
}
