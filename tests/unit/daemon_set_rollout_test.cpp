// Rolling updates, step by step. "(creates, deletes)" is what one round of syncs does; pods become ready, or are gone, when
// the test says so. Each case names its rule.
#include <doctest/doctest.h>

#include "orrery/kubectl/rollout.hpp"
#include "support/daemon_world.hpp"

using namespace orrery;
using namespace orrery::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace doctest {
template <>
struct StringMaker<Step> {
  static String convert(const Step& s) { return fmt::format("({}, {})", s.first, s.second).c_str(); }
};
}  // namespace doctest

namespace {
/// Terminating pods are gone, then their replacements come.
Step replaced(DaemonWorld& d) {
  d.finish();
  return d.step();
}
/// What is not ready becomes ready, then whatever follows.
Step readied(DaemonWorld& d, const std::string& image = "") {
  d.all_ready(image);
  return d.step();
}
}  // namespace

TEST_CASE("D-221: 5 nodes, maxUnavailable 2") {
  DaemonWorld d;
  d.settled(5, rolling(2));
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 2});
  CHECK(replaced(d) == Step{2, 0});
  CHECK(readied(d) == Step{0, 2});
  CHECK(replaced(d) == Step{2, 0});
  CHECK(readied(d) == Step{0, 1});
  CHECK(replaced(d) == Step{1, 0});
  CHECK(readied(d) == Step{0, 0});
  CHECK(d.count("i:2") == 5);
  CHECK(d.set().status.updated == 5);
  CHECK(d.set().status.unavailable == 0);
}

TEST_CASE("D-222: new pods that never become ready stop the rollout") {
  DaemonWorld d;
  d.settled(5, rolling(3));
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 3});
  CHECK(replaced(d) == Step{3, 0});
  CHECK(d.step(seconds{600}) == Step{0, 0});
  CHECK(d.count("i:1") == 2);
  SUBCASE("D-070: another template replaces the unready ones at once") {
    REQUIRE(d.image("i:3") == "");
    // Pods that were never bound need no grace; deleted and made anew at once.
    CHECK(d.step() == Step{3, 3});
    CHECK(d.count("i:1") == 2);
    CHECK(d.count("i:3") == 3);
  }
}

TEST_CASE("D-223: old pods that are not ready all go at once") {
  DaemonWorld d;
  d.settled(5, rolling(3));
  for (const auto& p : d.pods()) d.ready(*p, false);
  (void)d.step();
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 5});
}

TEST_CASE("D-224: a second update on top of a broken one") {
  DaemonWorld d;
  d.settled(5, rolling(2));
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 2});
  CHECK(replaced(d) == Step{2, 0});
  for (const auto& p : d.pods())
    if (d.image_of(*p) == "i:2") d.ready(*p, false);  // bound, running, never ready
  (void)d.step();
  REQUIRE(d.image("i:3") == "");
  CHECK(d.step() == Step{0, 2});
  CHECK(replaced(d) == Step{2, 0});
  CHECK(d.step() == Step{0, 0});
  CHECK(d.count("i:1") == 3);
}

TEST_CASE("D-225: unavailable old pods go beyond the budget, available ones do not") {
  DaemonWorld d;
  d.settled(100, rolling(88));
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 88});
  CHECK(replaced(d) == Step{88, 0});
  REQUIRE(d.patch({{"spec", rolling(10)}}) == "");
  CHECK(d.step() == Step{0, 0});
  int broken = 0;
  for (const auto& p : d.pods())
    if (d.image_of(*p) == "i:1" && broken++ < 2) d.ready(*p, false);
  CHECK(d.step() == Step{0, 2});
  CHECK(replaced(d) == Step{2, 0});
  CHECK(d.step() == Step{0, 0});
  CHECK(d.count("i:1") == 10);
}

TEST_CASE("D-226: 10 healthy and 10 unready old pods under different budgets") {
  for (int budget : {1, 2, 9, 10, 11}) {
    CAPTURE(budget);
    DaemonWorld d;
    d.settled(20, rolling(budget));
    int broken = 0;
    for (const auto& p : d.pods())
      if (broken++ < 10) d.ready(*p, false);
    (void)d.step();
    REQUIRE(d.image("i:2") == "");
    CHECK(d.step() == Step{0, std::max(10, budget)});
  }
}

TEST_CASE("D-227, D-228: surge of 2 over 5 nodes") {
  DaemonWorld d;
  d.settled(5, rolling(0, 2));
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{2, 0});
  CHECK(d.step() == Step{0, 0});
  CHECK(readied(d) == Step{2, 2});
  CHECK(replaced(d) == Step{0, 0});
  CHECK(readied(d) == Step{1, 2});
  CHECK(replaced(d) == Step{0, 0});
  CHECK(readied(d) == Step{0, 1});
  CHECK(replaced(d) == Step{0, 0});
  CHECK(d.count("i:2", true) == 5);
  CHECK(d.count("i:1", true) == 0);
}

TEST_CASE("D-229: with surge, unready old pods are replaced at once and then deleted") {
  DaemonWorld d;
  d.settled(5, rolling(0, 3));
  for (const auto& p : d.pods()) d.ready(*p, false);
  (void)d.step();
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{5, 5});
  CHECK(d.count("i:2") == 5);
}

TEST_CASE("D-230: surge and minReadySeconds") {
  DaemonWorld d;
  Json spec = rolling(0, 3);
  spec["minReadySeconds"] = 15;
  d.settled(5, spec);
  (void)d.step(seconds{300});
  CHECK(d.set().status.available == 5);
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{3, 0});
  int made_ready = 0;
  for (const auto& p : d.pods())
    if (d.image_of(*p) == "i:2" && made_ready++ < 2) d.ready(*p);
  CHECK(d.step(seconds{10}) == Step{0, 0});  // ready, not available
  // An old pod elsewhere fails its probe: its node needs no budget, and the old one need not wait for the new one.
  for (const char* n : {"n-0", "n-1", "n-2", "n-3", "n-4"})
    if (!d.pod_on(n, "i:2")) {
      d.ready(*d.pod_on(n, "i:1"), false);
      break;
    }
  CHECK(d.step() == Step{1, 1});
  // The first two are available after 15 s; the set is woken a second later (D-030), and the last node gets its turn.
  CHECK(d.step(milliseconds{5999}) == Step{0, 0});
  CHECK(d.step(milliseconds{1}) == Step{1, 2});
  (void)replaced(d);
  (void)readied(d);
  CHECK(d.step(seconds{16}) == Step{0, 2});
  CHECK(replaced(d) == Step{0, 0});
  CHECK(d.count("i:2", true) == 5);
}

TEST_CASE("D-231: with surge, a pod on a node that leaves the set goes when another is available instead") {
  DaemonWorld d;
  Json spec = rolling(0, 1);
  spec["template"]["spec"]["tolerations"] = Json::array({{{"key", "k"}, {"operator", "Exists"}}});
  d.nodes(1, Json::object(), Json::array({{{"key", "k"}, {"effect", "NoSchedule"}}}));
  d.nodes(4, Json::object(), Json(), 1);
  REQUIRE(d.create(daemon_set(spec)) == "");
  (void)d.step();
  (void)readied(d);
  CHECK(d.set().status.available == 5);
  REQUIRE(d.patch({{"spec", {{"template", {{"spec", {{"tolerations", nullptr}}}}}}}}, PatchType::merge) == "");
  CHECK(d.step() == Step{1, 1});  // 5 available, 4 wanted
  CHECK_FALSE(d.pod_on("n-0"));
  for (const Step& want : {Step{1, 1}, Step{1, 1}, Step{1, 1}, Step{0, 1}}) {
    (void)replaced(d);
    CHECK(readied(d) == want);
  }
  (void)replaced(d);
  CHECK(d.pods().size() == 4);
}

TEST_CASE("D-232: a pod that cannot end uses up the budget") {
  DaemonWorld d;
  d.settled(3, rolling(1));
  d.ready(*d.pod_on("n-1"), false);
  (void)d.step();
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 1});
  CHECK(d.step(seconds{900}) == Step{0, 0});
  CHECK(d.count("i:1") == 2);
  CHECK(replaced(d) == Step{1, 0});
  CHECK(readied(d) == Step{0, 1});
}

TEST_CASE("D-233: a new pod that is not ready on a node that left the set counts against the fewer nodes that are in it") {
  DaemonWorld d;
  d.settled(5, rolling("40%"));
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step() == Step{0, 2});
  CHECK(replaced(d) == Step{2, 0});
  std::vector<std::string> fresh;
  for (const auto& p : d.pods())
    if (d.image_of(*p) == "i:2") {
      d.bind(*p);
      fresh.push_back(d.target(*p));
    }
  REQUIRE(fresh.size() == 2);
  for (const std::string& n : fresh) d.taint(n, Json::array({{{"key", "k"}, {"effect", "NoSchedule"}}}));
  // 40 % of 3 is 2, and both are taken by pods outside.
  CHECK(d.step() == Step{0, 0});
  CHECK(d.set().status.desired == 3);
  d.ready(*d.pod_on(fresh[0]));
  CHECK(d.step() == Step{0, 1});
}

TEST_CASE("D-260: rolled out, as far as the nodes of the set go, while an old pod still ends on one that left it") {
  DaemonWorld d;
  d.settled(3, rolling(1));
  d.taint("n-2", Json::array({{{"key", "k"}, {"effect", "NoSchedule"}}}));
  (void)d.step();
  REQUIRE(d.image("i:2") == "");
  const auto says = [&] { return daemon_set_rollout_status(to_json(d.set(), d.w.cluster.names())).message; };
  CHECK(d.step() == Step{0, 1});
  CHECK(replaced(d) == Step{1, 0});
  CHECK(readied(d) == Step{0, 1});
  CHECK(replaced(d) == Step{1, 0});
  CHECK(says() != "daemon set \"d\" successfully rolled out");
  CHECK(readied(d) == Step{0, 1});
  CHECK(says() == "daemon set \"d\" successfully rolled out");
  CHECK(d.set().status.desired == 2);
  CHECK(d.count("i:1", true) == 1);
}

TEST_CASE("D-248, D-246: a change of the spec while pods are awaited is observed by the sync after they have come") {
  // Pods become visible 100 ms after they were made, each 2 ms after the other.
  DaemonWorld d(Timing{.api_latency = milliseconds{2}, .watch_latency = milliseconds{100}, .bind_latency = {}, .skew = {}, .commit_gap = {}});
  const auto waits = [&] { return daemon_set_rollout_status(to_json(d.set(), d.w.cluster.names())).message; };
  const auto later = [&](Duration until) { return d.step(until - d.t); };
  d.nodes(4);
  (void)later(seconds{1});
  REQUIRE(d.create(daemon_set(rolling(2))) == "");
  (void)later(milliseconds{1101});
  REQUIRE(d.image("i:2") == "");
  SUBCASE("creations (D-248)") {
    (void)later(milliseconds{1203});
    CHECK(d.set().status.observed_generation == 1);
    CHECK(waits() == "Waiting for daemon set spec update to be observed...");
    (void)later(seconds{2});
    CHECK(d.set().status.observed_generation == 2);
  }
  SUBCASE("deletions, and updates of another pod that is going count for them (D-246): nothing is deleted twice") {
    (void)later(seconds{2});
    d.all_ready();
    (void)later(seconds{3});
    while (d.count("i:1") > 0) {
      d.finish();
      d.all_ready();
      (void)d.step(seconds{1});
    }
    d.finish();
    (void)d.step(seconds{1});
    d.all_ready();
    (void)d.step(seconds{1});
    REQUIRE(d.count("i:2") == 4);
    const Ref<const Pod> going = d.pod_on("n-3");
    (void)d.w.store().remove(Kind::pod, going->ns(), going->name(), {.grace_s = 30, .propagation = Propagation::unset, .uid = {}});
    (void)d.step(seconds{1});
    const Duration t = d.t;
    REQUIRE(d.image("i:3") == "");
    for (const int at : {100'500, 101'000}) {
      (void)later(t + std::chrono::microseconds{at});
      d.w.change<Pod>(going->name(), [&](Pod& p) { p.set_reason(d.w.cluster.symbol(fmt::format("{}", at)), p.message()); });
    }
    // One more may be missing beside the one that is going.
    CHECK(later(t + seconds{5}) == Step{0, 1});
    d.finish();
    CHECK(later(t + seconds{6}) == Step{2, 0});
  }
}

TEST_CASE("D-249: where pods could not be made nothing is rolled, yet the status is written") {
  DaemonWorld d(Timing{.api_latency = milliseconds{2}, .watch_latency = milliseconds{1}, .bind_latency = {}, .skew = {}, .commit_gap = {}});
  d.nodes(2);
  REQUIRE(d.create(daemon_set(rolling(1))) == "");
  (void)d.step(seconds{1});
  d.all_ready();
  (void)d.step(seconds{1});
  REQUIRE(d.set().status.ready == 2);
  d.nodes(1, Json::object(), Json(), 2);
  REQUIRE(d.image("i:2") == "");
  // The revision first, then the pod, 2 ms each.
  CHECK(d.step(milliseconds{4}) == Step{0, 0});
  d.w.controllers[0]->client().cut_off(true);
  CHECK(d.step(milliseconds{1}) == Step{0, 0});
  d.w.controllers[0]->client().cut_off(false);
  CHECK(d.step(milliseconds{2}) == Step{0, 0});
  CHECK(d.set().status.observed_generation == 2);
  CHECK(d.set().status.desired == 3);
  CHECK(d.count("i:2") == 0);
  // Tried again after 5 ms; then the new node lacks its pod, which is as many as may be missing.
  CHECK(d.step(seconds{1}) == Step{1, 0});
  CHECK(readied(d) == Step{0, 0});
  CHECK(d.step(seconds{1}) == Step{0, 1});
}

TEST_CASE("D-244: a set that selects all pods says so and does nothing") {
  DaemonWorld d;
  d.nodes(2);
  Json set = daemon_set();
  set["metadata"]["namespace"] = "default";
  set["spec"]["selector"] = Json::object();
  (void)d.w.create(set);
  CHECK(d.step() == Step{0, 0});
  CHECK(d.events("SelectingAll") == 1);
  CHECK(d.set().status.observed_generation == 0);
  d.w.change<DaemonSet>("d", [](DaemonSet& x) { ++x.meta.generation; });
  CHECK(d.step() == Step{0, 0});
  CHECK(d.events("SelectingAll") == 2);
  CHECK(d.set().status.observed_generation == 0);
}

TEST_CASE("D-234, D-103: available exactly minReadySeconds after ready") {
  DaemonWorld d;
  Json spec = rolling(1);
  spec["minReadySeconds"] = 10;
  d.settled(1, spec);
  CHECK(d.set().status.ready == 1);
  CHECK(d.set().status.available == 0);
  (void)d.step(milliseconds{9999});
  CHECK(d.set().status.available == 0);
  (void)d.step(milliseconds{1});
  CHECK(d.set().status.available == 1);
}

TEST_CASE("D-235, D-101: during a surge the old pod speaks for its node until it is gone") {
  DaemonWorld d;
  d.settled(1, rolling(0, 1));
  (void)d.step(seconds{1});  // of two pods of one second the name would decide
  REQUIRE(d.image("i:2") == "");
  (void)d.step();
  CHECK(d.set().status.updated == 0);
  CHECK(d.set().status.ready == 1);
  CHECK(readied(d) == Step{0, 1});
  CHECK(d.set().status.updated == 0);
  (void)replaced(d);
  CHECK(d.set().status.updated == 1);
}

TEST_CASE("D-060, D-259: OnDelete leaves pods alone; a switch to RollingUpdate rolls them without a new revision") {
  DaemonWorld d;
  d.settled(3, on_delete());
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step(seconds{60}) == Step{0, 0});
  CHECK(d.set().status.updated == 0);
  d.kill(*d.pod_on("n-2"));
  CHECK(d.step() == Step{1, 1});
  CHECK(d.image_of(*d.pod_on("n-2")) == "i:2");
  (void)readied(d);
  const auto generation = d.set().meta.generation;
  REQUIRE(d.patch({{"spec", rolling(1)}}) == "");
  CHECK(d.step() == Step{0, 1});
  CHECK(d.set().meta.generation == generation + 1);
  CHECK(*d.set().meta.annotation("deprecated.daemonset.template.generation") == "2");
  CHECK(d.revisions() == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("D-071, D-211: back-off and a new template") {
  DaemonWorld d;
  d.settled(1, rolling(1));
  for (int i = 0; i < 2; ++i) {
    d.phase(*d.pod_on("n-0"), PodPhase::failed);
    (void)d.step();
  }
  CHECK(d.step() == Step{0, 0});  // in back-off
  SUBCASE("a failed old pod is deleted by the rolling update, back-off or not") {
    REQUIRE(d.image("i:2") == "");
    CHECK(d.step() == Step{1, 1});
    CHECK(d.image_of(*d.pod_on("n-0")) == "i:2");
  }
  SUBCASE("a change outside the template counts once it has been observed") {
    REQUIRE(d.patch({{"spec", {{"revisionHistoryLimit", 5}}}}) == "");
    CHECK(d.step() == Step{1, 1});
  }
}

TEST_CASE("D-262: with surge a failed pod is replaced beside it, back-off or not") {
  DaemonWorld d;
  d.settled(1, rolling(0, 1));
  d.phase(*d.pod_on("n-0"), PodPhase::failed);
  CHECK(d.step() == Step{1, 1});
  d.phase(*d.pod_on("n-0"), PodPhase::failed);
  CHECK(d.step() == Step{1, 0});
  CHECK(d.pods().size() == 2);
}

TEST_CASE("D-217: a surging rollout stands still while a pod is bound to a node that is gone") {
  DaemonWorld d;
  d.settled(3, rolling(0, 1));
  (void)d.api.remove("Node", "", "n-1", {});
  REQUIRE(d.image("i:2") == "");
  CHECK(d.step(seconds{30}) == Step{0, 0});
  CHECK(d.set().status.desired == 2);
  CHECK(d.set().status.observed_generation == 2);
  d.kill(*d.pod_on("n-1"));
  CHECK(d.step(seconds{100}) == Step{1, 1});  // the deletion by hand, then the surge
}

TEST_CASE("D-100: observedGeneration follows a sync that did its work") {
  DaemonWorld d;
  d.settled(2, rolling(1));
  CHECK(d.set().status.observed_generation == d.set().meta.generation);
  REQUIRE(d.image("i:2") == "");
  CHECK(d.set().status.observed_generation == 1);
  (void)d.step();
  CHECK(d.set().status.observed_generation == 2);
}
