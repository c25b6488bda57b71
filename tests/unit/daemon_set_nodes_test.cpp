// Which nodes have a daemon pod, and what becomes of duplicates, failures and orphans. Each case names its rule.
#include <doctest/doctest.h>

#include <algorithm>

#include "daemon_set/daemon_set_controller.hpp"
#include "support/daemon_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace doctest {
template <>
struct StringMaker<Step> {
  static String convert(const Step& s) { return fmt::format("({}, {})", s.first, s.second).c_str(); }
};
}  // namespace doctest

namespace {
const Json kNoSchedule = Json::array({{{"key", "k"}, {"value", "v"}, {"effect", "NoSchedule"}}});
const Json kNoExecute = Json::array({{{"key", "k"}, {"value", "v"}, {"effect", "NoExecute"}}});
const Json kNotReady = Json::array({{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoSchedule"}}, {{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoExecute"}}});
const Json kNone = Json::array();
}  // namespace

TEST_CASE("D-021: which nodes run a pod and which keep one") {
  struct Row {
    const char* what;
    Json pod_spec, labels, taints;
    bool run, keep;
  };
  const auto affinity = [](const Json& terms) {
    return Json{{"affinity", {{"nodeAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", {{"nodeSelectorTerms", terms}}}}}}}};
  };
  const auto expression = [](const char* key, const char* op, const Json& values) {
    return Json::array({{{"matchExpressions", Json::array({{{"key", key}, {"operator", op}, {"values", values}}})}}});
  };
  for (const Row& row : std::vector<Row>{
           {"nothing asked", Json::object(), Json::object(), kNone, true, true},
           {"D-250: another nodeName", {{"nodeName", "other"}}, Json::object(), kNone, false, false},
           {"D-250: this nodeName", {{"nodeName", "n-0"}}, Json::object(), kNone, true, true},
           {"selector met", {{"nodeSelector", {{"disk", "ssd"}}}}, {{"disk", "ssd"}}, kNone, true, true},
           {"selector not met", {{"nodeSelector", {{"disk", "ssd"}}}}, {{"disk", "hdd"}}, kNone, false, false},
           {"affinity met", affinity(expression("disk", "In", {"ssd", "nvme"})), {{"disk", "nvme"}}, kNone, true, true},
           {"affinity not met", affinity(expression("disk", "NotIn", {"ssd"})), {{"disk", "ssd"}}, kNone, false, false},
           {"affinity Gt", affinity(expression("cores", "Gt", {"4"})), {{"cores", "8"}}, kNone, true, true},
           {"affinity Lt of no number", affinity(expression("cores", "Lt", {"4"})), {{"cores", "few"}}, kNone, false, false},
           {"D-212: NoSchedule keeps", Json::object(), Json::object(), kNoSchedule, false, true},
           {"D-213: NoExecute does not", Json::object(), Json::object(), kNoExecute, false, false},
           {"PreferNoSchedule is nothing", Json::object(), Json::object(), Json::array({{{"key", "k"}, {"effect", "PreferNoSchedule"}}}), true, true},
           {"a tolerated taint", {{"tolerations", Json::array({{{"key", "k"}, {"operator", "Exists"}}})}}, Json::object(), kNoExecute, true, true},
           {"D-214: not ready", Json::object(), Json::object(), kNotReady, false, true},
           {"D-253: cordoned", Json::object(), Json::object(), Json::array({{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}}}), true, true},
           {"D-252: no network", Json::object(), Json::object(), Json::array({{{"key", "node.kubernetes.io/network-unavailable"}, {"effect", "NoSchedule"}}}), false, true},
           {"D-252: host network", {{"hostNetwork", true}}, Json::object(), Json::array({{{"key", "node.kubernetes.io/network-unavailable"}, {"effect", "NoSchedule"}}}), true, true}}) {
    CAPTURE(row.what);
    DaemonWorld d;
    REQUIRE(d.create(daemon_set({{"template", {{"spec", row.pod_spec}}}})) == "");
    d.nodes(1, row.labels, row.taints);
    const auto rule = daemon::NodeRule::of(*d.set().spec, d.w.cluster.names());
    const daemon::Fit fit = rule->judge(*d.w.store().live_node("n-0"));
    CHECK(fit.should_run == row.run);
    CHECK(fit.should_continue == row.keep);
    // And so it is: a pod is made, or not; born bound where the template names the node.
    CHECK(d.step().first == (row.run ? 1 : 0));
    if (row.run && row.pod_spec.contains("nodeName")) CHECK(d.pods()[0]->node == d.w.cluster.symbol("n-0"));
    CHECK(d.set().status.desired == (row.run ? 1 : 0));
    CHECK(d.set().status.observed_generation == 1);
  }
}

TEST_CASE("D-024, D-026, D-251: tolerations of daemon pods") {
  auto tolerations = [](const Json& given) {
    DaemonWorld d;
    d.nodes(1);
    REQUIRE(d.create(daemon_set({{"template", {{"spec", {{"tolerations", given}}}}}})) == "");
    (void)d.step();
    Json out = Json::array();
    for (const Json& t : d.pods().at(0)->spec->json()["tolerations"])
      out.push_back(t.value("key", "").substr(19) + ":" + t.value("effect", "") + (t.contains("tolerationSeconds") ? "/" + t["tolerationSeconds"].dump() : ""));
    return out;
  };
  const Json all = {"not-ready:NoExecute", "unreachable:NoExecute", "disk-pressure:NoSchedule", "memory-pressure:NoSchedule", "pid-pressure:NoSchedule", "unschedulable:NoSchedule"};
  CHECK(tolerations(Json::array()) == all);
  CHECK(tolerations(Json::array({{{"key", "node.kubernetes.io/not-ready"}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 60}}})) == all);
  Json both = all;
  both.insert(both.begin(), "not-ready:NoExecute/60");
  CHECK(tolerations(Json::array({{{"key", "node.kubernetes.io/not-ready"}, {"operator", "Equal"}, {"effect", "NoExecute"}, {"tolerationSeconds", 60}}})) == both);
}

TEST_CASE("D-027: a daemon pod is pinned to its node, other affinity survives") {
  DaemonWorld d;
  d.nodes(1, {{"a", "b"}});
  const Json given = {{"nodeAffinity",
                       {{"requiredDuringSchedulingIgnoredDuringExecution", {{"nodeSelectorTerms", Json::array({{{"matchExpressions", Json::array({{{"key", "a"}, {"operator", "Exists"}}})}}})}}},
                        {"preferredDuringSchedulingIgnoredDuringExecution", Json::array({{{"weight", 1}, {"preference", {{"matchExpressions", Json::array({{{"key", "x"}, {"operator", "Exists"}}})}}}}})}}}};
  REQUIRE(d.create(daemon_set({{"template", {{"spec", {{"affinity", given}}}}}})) == "");
  (void)d.step();
  const Json& affinity = d.pods().at(0)->spec->json()["affinity"]["nodeAffinity"];
  CHECK(affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].dump() ==
        R"([{"matchFields":[{"key":"metadata.name","operator":"In","values":["n-0"]}]}])");
  CHECK(affinity["preferredDuringSchedulingIgnoredDuringExecution"].size() == 1);
  CHECK(d.pods()[0]->node == 0);
}

TEST_CASE("D-202, D-203: percentages round up, and of nothing are nothing") {
  struct Row {
    IntOrPercent amount;
    std::int64_t nodes, want;
  };
  for (const Row& r : {Row{{50, true}, 3, 2}, Row{{34, true}, 3, 2}, Row{{1, true}, 100, 1}, Row{{1, true}, 5, 1}, Row{{50, true}, 2, 1}, Row{{100, true}, 2, 2},
                       Row{{100, true}, 0, 0}, Row{{0, true}, 9, 0}, Row{{3, false}, 1, 3}})
    CHECK(r.amount.of(r.nodes) == r.want);
}

TEST_CASE("D-201: surge with the default maxUnavailable is refused") {
  DaemonWorld d;
  const Json surge = {{"updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 1}}}}}};
  CHECK(d.create(daemon_set(surge)).find("spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero") != std::string::npos);
  CHECK(d.create(daemon_set(rolling(0, 1))) == "");
}

TEST_CASE("D-204, D-206: slow start, and at most 250 at once") {
  DaemonWorld d(Timing{.api_latency = std::chrono::milliseconds{2}, .watch_latency = std::chrono::milliseconds{1}});
  d.nodes(400, {{"run", "yes"}});
  REQUIRE(d.create(daemon_set({{"template", {{"spec", {{"nodeSelector", {{"run", "yes"}}}}}}}})) == "");
  CHECK(d.step(std::chrono::seconds{1}) == Step{400, 0});
  std::vector<int> batches;
  for (const auto& [t, s] : d.at)
    if (s.first > 0) batches.push_back(s.first);
  CHECK(batches == std::vector<int>{1, 2, 4, 8, 16, 32, 64, 123, 1, 2, 4, 8, 16, 32, 64, 23});
  d.all_ready();
  (void)d.step(std::chrono::seconds{1});
  d.at.clear();
  for (int i = 0; i < 300; ++i) d.label(fmt::format("n-{}", i), {{"run", nullptr}});
  CHECK(d.step(std::chrono::seconds{1}) == Step{0, 300});
  std::vector<int> deletions;
  for (const auto& [t, s] : d.at)
    if (s.second > 0) deletions.push_back(s.second);
  CHECK(deletions == std::vector<int>{250, 50});
}

TEST_CASE("D-207: of duplicates the scheduled one stays, then the older") {
  DaemonWorld d;
  d.nodes(1);
  d.orphan("a", "n-0", false);
  (void)d.step(std::chrono::seconds{5});
  d.orphan("b", "n-0");
  (void)d.step(std::chrono::seconds{2});
  d.orphan("c", "n-0");
  REQUIRE(d.create(daemon_set(on_delete())) == "");
  CHECK(d.step(std::chrono::milliseconds{1}) == Step{0, 2});
  REQUIRE(d.pod_on("n-0"));
  CHECK(d.pod_on("n-0")->name() == "b");
  // D-255: what had the label and no controller has one now.
  CHECK(d.pod_on("n-0")->meta.controller() != nullptr);
}

TEST_CASE("D-208, D-209: a failed pod goes first, its replacement comes when it is gone") {
  SUBCASE("one failed and three that run: 3 deletions and 1 event") {
    DaemonWorld d;
    d.nodes(1);
    d.orphan("a", "n-0", true, "Failed");
    for (const char* name : {"b", "c", "e"}) {
      (void)d.step(std::chrono::seconds{1});
      d.orphan(name, "n-0");
    }
    REQUIRE(d.create(daemon_set(on_delete())) == "");
    CHECK(d.step() == Step{0, 3});
    CHECK(d.events("FailedDaemonPod") == 1);
    CHECK(d.pod_on("n-0")->name() == "b");
  }
  SUBCASE("only a failed one") {
    DaemonWorld d;
    d.settled(1, on_delete());
    d.phase(*d.pod_on("n-0"), PodPhase::failed);
    // A pod that has ended needs no grace: it is gone at once, and the next sync makes a new one.
    CHECK(d.step() == Step{1, 1});
    CHECK(d.events("FailedDaemonPod") == 1);
  }
}

TEST_CASE("D-210: the back-off of failed pods, 1, 2, 4 s") {
  DaemonWorld d;
  d.settled(1, on_delete());
  auto fail = [&] { d.phase(*d.pod_on("n-0"), PodPhase::failed); };
  using std::chrono::milliseconds;
  fail();
  CHECK(d.step() == Step{1, 1});  // t = 0
  (void)d.step(milliseconds{500});
  fail();
  CHECK(d.step() == Step{0, 0});              // 0.5: held back, looked at again 1 s later
  CHECK(d.step(milliseconds{999}) == Step{0, 0});
  CHECK(d.step(milliseconds{1}) == Step{1, 1});  // 1.5
  (void)d.step(milliseconds{500});
  fail();
  CHECK(d.step(milliseconds{1999}) == Step{0, 0});
  CHECK(d.step(milliseconds{1}) == Step{1, 1});  // 4.0
  (void)d.step(milliseconds{500});
  fail();
  CHECK(d.step(milliseconds{3999}) == Step{0, 0});
  CHECK(d.step(milliseconds{1}) == Step{1, 1});  // 8.5
}

TEST_CASE("D-050: delays double up to 15 minutes and are forgotten after half an hour") {
  daemon::FailedPodBackoff b;
  Time now{};
  std::vector<std::int64_t> delays;
  for (int i = 0; i < 13; ++i) {
    REQUIRE(b.next(1, 7, now).count() == 0);
    const Duration wait = b.next(1, 7, now);  // at once again: held back for the whole delay
    delays.push_back(wait.count() / 1'000'000'000);
    CHECK(b.next(1, 7, now + wait - Duration{1}) == wait);
    now += wait;
  }
  CHECK(delays == std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900});
  now += std::chrono::minutes{31};
  CHECK(b.next(1, 7, now).count() == 0);
  CHECK(b.next(1, 7, now) == std::chrono::seconds{1});
  CHECK(b.next(1, 8, now).count() == 0);  // another node
  CHECK(b.next(2, 7, now).count() == 0);  // another observed generation
}

TEST_CASE("D-258: a pod that succeeds is replaced without back-off") {
  DaemonWorld d;
  d.settled(1, on_delete());
  for (int i = 0; i < 3; ++i) {
    d.phase(*d.pod_on("n-0"), PodPhase::succeeded);
    CHECK(d.step() == Step{1, 1});
  }
  CHECK(d.events("SucceededDaemonPod") == 3);
}

TEST_CASE("D-212, D-032: NoSchedule on a node with a pod wakes nobody; the status follows at the next sync") {
  DaemonWorld d;
  d.settled(2, rolling(1));
  d.taint("n-0", kNoSchedule);
  CHECK(d.step(std::chrono::seconds{10}) == Step{0, 0});
  CHECK(d.set().status.desired == 2);
  CHECK(d.patch({{"metadata", {{"labels", {{"x", "y"}}}}}}) == "");
  CHECK(d.step() == Step{0, 0});
  CHECK(d.set().status.desired == 1);
  CHECK(d.set().status.misscheduled == 1);
  SUBCASE("D-215: with misscheduled pods the end of the taint wakes the set") {
    d.taint("n-0", Json::array());
    CHECK(d.step() == Step{0, 0});
    CHECK(d.set().status.desired == 2);
    CHECK(d.set().status.misscheduled == 0);
  }
  SUBCASE("the pod is not replaced once it is lost") {
    d.kill(*d.pod_on("n-0"));
    CHECK(d.step() == Step{0, 1});
    CHECK(d.set().status.misscheduled == 0);
  }
}

TEST_CASE("D-213: an untolerated NoExecute taint makes the set delete its pod") {
  DaemonWorld d;
  d.settled(2, rolling(1));
  d.taint("n-1", kNoExecute);
  CHECK(d.step() == Step{0, 1});
  d.finish();
  CHECK(d.step() == Step{0, 0});
  CHECK(d.set().status.desired == 1);
}

TEST_CASE("D-216, D-218: pods of a node that is gone") {
  DaemonWorld d;
  d.nodes(2);
  REQUIRE(d.create(daemon_set(rolling(1))) == "");
  (void)d.step();
  SUBCASE("a bound pod stays for PodGC, desired too until a sync") {
    d.all_ready();
    (void)d.step();
    (void)d.api.remove("Node", "", "n-1", {});
    CHECK(d.step(std::chrono::seconds{30}) == Step{0, 0});
    CHECK(d.set().status.desired == 2);
    d.kill(*d.pod_on("n-1"));
    (void)d.step();
    CHECK(d.set().status.desired == 1);
  }
  SUBCASE("an unscheduled pod is deleted by the next sync, which nothing brings about by itself") {
    (void)d.api.remove("Node", "", "n-1", {});
    CHECK(d.step(std::chrono::seconds{30}) == Step{0, 0});
    CHECK(d.patch({{"metadata", {{"labels", {{"x", "y"}}}}}}) == "");
    CHECK(d.step() == Step{0, 1});
    CHECK_FALSE(d.pod_on("n-1"));
  }
}

TEST_CASE("D-219: without surge a terminating pod blocks its replacement, with surge it does not") {
  for (const bool surge : {false, true}) {
    DaemonWorld d;
    d.settled(1, surge ? rolling(0, 1) : rolling(1));
    (void)d.w.store().remove(Kind::pod, sym::default_, d.pod_on("n-0")->name(), {});
    CHECK(d.step() == Step{surge ? 1 : 0, 1});
    d.finish();
    CHECK(d.step() == Step{surge ? 0 : 1, 0});
  }
}

TEST_CASE("D-220: a pod that is terminal and terminating is invisible") {
  DaemonWorld d;
  d.settled(1, rolling(1));
  const std::string name(d.pod_on("n-0")->name());
  d.w.change<Pod>(name, [&](Pod& p) {
    p.meta.add_finalizer(d.w.cluster.symbol("x/y"));
    p.meta.deleted = stamp(d.w.cluster.now());
    p.meta.deletion_grace = 0;
    p.phase = PodPhase::failed;
    p.conditions.clear();
  });
  CHECK(d.step() == Step{1, 1});
  CHECK(d.set().status.current == 1);
  CHECK(d.set().status.ready == 0);
}

TEST_CASE("D-257: a pending pod whose node loses its label stays until another trigger") {
  DaemonWorld d;
  d.nodes(1, {{"run", "yes"}});
  REQUIRE(d.create(daemon_set({{"template", {{"spec", {{"nodeSelector", {{"run", "yes"}}}}}}}})) == "");
  CHECK(d.step() == Step{1, 0});
  d.label("n-0", {{"run", nullptr}});
  CHECK(d.step(std::chrono::seconds{20}) == Step{0, 0});
  CHECK(d.patch({{"metadata", {{"labels", {{"x", "y"}}}}}}) == "");
  CHECK(d.step() == Step{0, 1});
}

TEST_CASE("D-245: a set that is going is left alone") {
  DaemonWorld d;
  d.settled(1, rolling(1));
  d.delete_set(Propagation::foreground);
  d.kill(*d.pod_on("n-0"));
  CHECK(d.step() == Step{0, 1});
  CHECK(d.set().status.current == 1);
}

TEST_CASE("D-254: a pod that loses the label is released and replaced") {
  DaemonWorld d;
  d.settled(1, rolling(1));
  const std::string name(d.pod_on("n-0")->name());
  d.w.change<Pod>(name, [](Pod& p) { p.meta.set_labels(make_string_map({{"app", "other"}})); });
  CHECK(d.step() == Step{1, 0});
  CHECK(d.w.store().live_pod(sym::default_, name)->meta.controller() == nullptr);
  CHECK(d.pods().size() == 2);
}

TEST_CASE("D-256: a pod without a target is nobody's business") {
  DaemonWorld d;
  d.nodes(1);
  REQUIRE(d.create(daemon_set(on_delete())) == "");
  (void)d.step();
  Json p = d.w.pod("stray", "", &d.set());
  p["metadata"]["labels"] = {{"app", "d"}};
  (void)d.w.create(p);
  (void)d.step();
  CHECK(d.set().status.current == 1);
  CHECK(d.w.store().live_pod(sym::default_, "stray") != nullptr);
}

TEST_CASE("D-261: two failed pods on one node go one after the other") {
  DaemonWorld d;
  d.settled(1, on_delete());
  d.phase(*d.pod_on("n-0"), PodPhase::failed);
  d.orphan("b", "n-0", true, "Failed");
  CHECK(d.step() == Step{0, 1});
  CHECK(d.step(std::chrono::milliseconds{999}) == Step{0, 0});
  CHECK(d.step(std::chrono::milliseconds{1}) == Step{1, 1});
}

TEST_CASE("a node that joins gets its pod") {
  DaemonWorld d;
  d.settled(2, rolling(1));
  d.nodes(1, Json::object(), Json(), 2);
  CHECK(d.step() == Step{1, 0});
  CHECK(d.set().status.desired == 3);
  CHECK(d.events("SuccessfulCreate") == 3);
}
