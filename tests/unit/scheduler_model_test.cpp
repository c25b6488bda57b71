// When the scheduler looks at a pod and what it writes (S-001 … S-018, S-050 … S-061), on a cluster without kubelets.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "orrery/cluster/user_api.hpp"
#include "orrery/models/scheduler.hpp"

using namespace orrery;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct World {
  static constexpr Time kStart{std::chrono::seconds{1767225600}};
  Cluster cluster{{.start = kStart, .seed = 1, .timing = {.bind_latency = 10ms}}};
  UserApi api{cluster};
  Scheduler scheduler{cluster, {.events = true}};
  std::vector<std::string> events;

  World() {
    cluster.store().on_commit([this](const Change& c) {
      if (c.kind != Kind::event || c.type != ChangeType::added) return;
      const auto& e = static_cast<const EventObject&>(*c.object);
      events.push_back(fmt::format("{} {}", cluster.text(e.reason), e.on->name()));
    });
    to(0s);
  }
  void to(Duration t) { (void)cluster.kernel().run_until(kStart + t); }
  void make(const json& object) {
    const ApiResult r = api.apply(object);
    INFO(r.message());
    REQUIRE(r.ok());
  }
  void node(const std::string& name, json spec = json::object(), json labels = json::object()) {
    make({{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}, {"labels", labels}}}, {"spec", spec},
          {"status", {{"allocatable", {{"cpu", "4"}, {"memory", "16Gi"}, {"pods", "110"}}}}}});
  }
  static json pod_json(const std::string& name, const std::string& cpu, std::int64_t priority = 0, json labels = json::object()) {
    return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", name}, {"labels", labels}}},
            {"spec", {{"priority", priority}, {"terminationGracePeriodSeconds", 5}, {"containers", json::array({{{"name", "c"}, {"image", "i"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}})}}}};
  }
  void pod(const std::string& name, const std::string& cpu, std::int64_t priority = 0, json labels = json::object()) { make(pod_json(name, cpu, priority, labels)); }
  const Pod* live(const std::string& name) { return cluster.store().live_pod(sym::default_, name); }
  std::string place(const std::string& name) {
    const Pod* p = live(name);
    return p == nullptr ? "gone" : std::string(cluster.text(p->node));
  }
  std::string nominated(const std::string& name) { return std::string(cluster.text(live(name)->nominated_node())); }
  std::string why(const std::string& name) {
    const Condition* c = find_condition(live(name)->conditions, sym::PodScheduled);
    return c == nullptr ? "" : std::string(cluster.text(c->message));
  }
  void remove(Kind kind, const std::string& name, std::int64_t grace = 0) {
    (void)cluster.store().remove(kind, kind == Kind::node ? Symbol{0} : Symbol{sym::default_}, name, {.grace_s = grace, .uid = {}});
  }
};

}  // namespace

TEST_CASE("a pod is bound the bind latency after it came; equal nodes go by name, whenever they joined") {
  World w;
  w.node("b");
  w.node("a");
  w.pod("p", "1");
  w.to(9ms);
  CHECK(w.place("p") == "");
  w.to(10ms);
  CHECK(w.place("p") == "a");
  CHECK(condition_true(w.live("p")->conditions, sym::PodScheduled));
  w.to(1s);
  CHECK(w.events == std::vector<std::string>{"Scheduled p"});
}

TEST_CASE("S-001 pods of other schedulers are left alone; S-006 a gated pod counts from the end of its last gate") {
  World w;
  w.node("a");
  json other = World::pod_json("other", "1");
  other["spec"]["schedulerName"] = "mine";
  w.make(other);
  json gated = World::pod_json("gated", "1");
  gated["spec"]["schedulingGates"] = json::array({{{"name", "g"}}});
  w.make(gated);
  w.to(10s);
  CHECK(w.place("other") == "");
  CHECK(w.place("gated") == "");
  CHECK(w.events.empty());
  REQUIRE(w.api.patch("Pod", "", "gated", PatchType::json, json::array({{{"op", "remove"}, {"path", "/spec/schedulingGates"}}})).ok());
  w.to(10s + 10ms);
  CHECK(w.place("gated") == "a");
}

TEST_CASE("F-06, F-09, S-014, S-015: a rejected pod is tried again for what its plugins hope for, and for nothing else") {
  World w;
  w.node("a");
  w.pod("big", "3");
  w.to(100ms);
  w.pod("waits", "2");
  json picky = World::pod_json("picky", "1");
  picky["spec"]["nodeSelector"] = {{"disk", "ssd"}};
  w.make(picky);
  w.to(200ms);
  CHECK(w.why("waits") == "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.");
  CHECK(w.why("picky") ==
        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
  w.events.clear();
  w.remove(Kind::pod, "big");
  w.to(205ms);
  CHECK(w.place("waits") == "");
  w.to(210ms);
  CHECK(w.place("waits") == "a");
  w.to(1s);
  CHECK(w.events == std::vector<std::string>{"Scheduled waits"});
  w.node("b", json::object(), {{"disk", "ssd"}});
  w.to(1s + 10ms);
  CHECK(w.place("picky") == "b");
}

TEST_CASE("F-10, F-11, S-018 without nodes a pod waits for the end of its back-off") {
  for (const auto& row : {std::pair{1'500ms, 2'000ms}, {3'000ms, 5'000ms}, {9'000ms, 10'000ms}, {12'000ms, 19'000ms}, {20'000ms, 30'000ms}, {31'000ms, 41'000ms}, {200'000ms, 206'000ms}}) {
    const Duration joins = row.first, bound = row.second;
    INFO(joins.count());
    World w;
    w.pod("p", "1");
    w.to(joins);
    CHECK(w.why("p") == "no nodes available to schedule pods");
    w.node("a");
    w.to(bound - 1ms);
    CHECK(w.place("p") == "");
    w.to(bound + 10ms);
    CHECK(w.place("p") == "a");
  }
}

TEST_CASE("S-050 … S-055 preemption: nomination, victims, and the freed node") {
  World w;
  w.node("a");
  w.node("b");
  w.pod("a0", "4");
  w.to(50ms);
  w.pod("b0", "4", 1);
  w.to(100ms);
  const std::string node = w.place("a0");
  w.events.clear();
  w.pod("urgent", "2", 100);
  w.to(110ms);
  CHECK(w.nominated("urgent") == node);
  CHECK(w.why("urgent") == "0/2 nodes are available: 2 Insufficient cpu.");
  const Pod* victim = w.live("a0");
  CHECK(victim->meta.deleted);
  CHECK(victim->meta.deletion_grace == 5);
  const Condition* target = find_condition(victim->conditions, sym::DisruptionTarget);
  REQUIRE(target != nullptr);
  CHECK(target->reason == sym::PreemptionByScheduler);
  CHECK(w.cluster.text(target->message) == "default-scheduler: preempting to accommodate a higher priority pod");
  // A less important pod does not take the room.
  w.remove(Kind::pod, "a0");
  w.pod("late", "3");
  w.to(120ms);
  CHECK(w.place("urgent") == node);
  CHECK(w.live("urgent")->nominated_node() == 0);
  CHECK(w.place("late") == "");
  w.to(2s);
  // "late" has its first try before the retries of the same instant, and finds the room taken by the nomination (S-026).
  CHECK(fmt::format("{}", fmt::join(w.events, ", ")) == "FailedScheduling urgent, Preempted a0, FailedScheduling late, Scheduled urgent");
}

TEST_CASE("S-050 … S-053 a PodDisruptionBudget protects its pods from preemption while others can go") {
  for (const bool guarded : {false, true}) {
    World w;
    w.node("a");
    w.pod("first", "2", 0, {{"app", "g"}});
    w.to(50ms);
    w.pod("second", "2", 5);
    w.to(100ms);
    if (guarded)
      w.make({{"apiVersion", "policy/v1"}, {"kind", "PodDisruptionBudget"}, {"metadata", {{"name", "pdb"}, {"namespace", "default"}}}, {"spec", {{"minAvailable", 1}, {"selector", {{"matchLabels", {{"app", "g"}}}}}}}});
    w.pod("urgent", "2", 100);
    w.to(200ms);
    CHECK(w.nominated("urgent") == "a");
    CHECK(static_cast<bool>(w.live("first")->meta.deleted) == !guarded);
    CHECK(static_cast<bool>(w.live("second")->meta.deleted) == guarded);
  }
}

TEST_CASE("S-045 labels and namespaces that selectors come to look at later") {
  World w;
  for (const char* n : {"a", "b"}) w.node(n);
  w.pod("web", "1", 0, {{"app", "web"}, {"index", "7"}});
  w.to(100ms);
  const std::string taken = w.place("web");
  w.make({{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "far"}, {"labels", {{"team", "x"}}}}}});
  json lonely = World::pod_json("lonely", "1");
  lonely["metadata"]["namespace"] = "far";
  lonely["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
      json::array({{{"topologyKey", "kubernetes.io/hostname"}, {"labelSelector", {{"matchLabels", {{"index", "7"}}}}}, {"namespaceSelector", {{"matchExpressions", json::array({{{"key", "kubernetes.io/metadata.name"}, {"operator", "In"}, {"values", {"default"}}}})}}}}});
  w.make(lonely);
  w.to(200ms);
  const Pod* p = w.cluster.store().live_pod(w.cluster.symbol("far"), "lonely");
  CHECK(w.cluster.text(p->node) == (taken == "a" ? "b" : "a"));
  // The other way round: its anti-affinity selects by a label of its own namespace's name only, so "web" pods may not join it.
  w.pod("web2", "1", 0, {{"index", "7"}});
  json follow = World::pod_json("follow", "1");
  follow["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
      json::array({{{"topologyKey", "kubernetes.io/hostname"}, {"labelSelector", json::object()}, {"namespaceSelector", {{"matchLabels", {{"team", "x"}}}}}}});
  w.make(follow);
  w.to(300ms);
  CHECK(w.place("web2") == taken);
  CHECK(w.place("follow") == w.cluster.text(p->node));
}
