// Which events make a rejected pod worth another try (S-014, S-015).
#include <doctest/doctest.h>

#include "scheduler/queueing_hints.hpp"
#include "support/scheduler_world.hpp"

using namespace orrery;
using namespace orrery::test;
using World = SchedulerWorld;
using Kind = SchedClusterEvent::Kind;

TEST_CASE("S-014, S-015 hints by plugin and event") {
  World w;
  json tainted = World::node_json("n");
  tainted["spec"]["taints"] = json::array({json{{"key", "k"}, {"effect", "NoSchedule"}}});
  json cordoned = World::node_json("n");
  cordoned["spec"]["unschedulable"] = true;
  auto node = [&](const json& n) { return std::make_shared<const SchedNode>(w.node_of(n)); };
  const auto plain = node(World::node_json("n")), small = node(World::node_json("n", "500m")), bigger = node(World::node_json("n", "8")), taint = node(tainted), cordon = node(cordoned),
             labelled = node(World::node_json("n", "4", "16Gi", {{"disk", "ssd"}}));
  auto pod = [&](const char* s, const json& labels = json::object()) { return w.spec(json::parse(s), labels); };
  const auto asking = w.spec(World::asking("1", "")), ssd = pod(R"({"nodeSelector":{"disk":"ssd"}})"), port = pod(R"({"containers":[{"ports":[{"hostPort":80}]}]})"),
             port81 = pod(R"({"containers":[{"ports":[{"hostPort":81}]}]})"), named = pod(R"({"nodeName":"n"})"),
             anti = pod(R"({"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"disk","labelSelector":{"matchLabels":{"app":"x"}}}]}}})"),
             join = pod(R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"disk","labelSelector":{"matchLabels":{"app":"x"}}}]}}})"),
             spread = pod(R"({"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"disk","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"x"}}}]})"),
             x = pod("{}", {{"app", "x"}}), y = pod("{}", {{"app", "y"}});
  auto added = [](auto n) { return SchedClusterEvent{Kind::node_added, 0, {}, {}, n, {}, {}}; };
  auto changed = [](auto from, auto to) { return SchedClusterEvent{Kind::node_updated, 0, {}, {}, to, from, {}}; };
  auto node_gone = [](auto n) { return SchedClusterEvent{Kind::node_deleted, 0, {}, {}, {}, n, {}}; };
  auto gone = [](auto s) { return SchedClusterEvent{Kind::pod_deleted, 9, {}, s, {}, {}, {}}; };
  auto bound = [](auto s) { return SchedClusterEvent{Kind::pod_assigned, 9, s, {}, {}, {}, {}}; };
  auto relabelled = [](auto from, auto to) { return SchedClusterEvent{Kind::pod_updated, 9, to, from, {}, {}, {}}; };
  using P = SchedPlugin;
  struct Row {
    P plugin;
    SchedPodSpecPtr pod;
    SchedClusterEvent event;
    bool queue;
  };
  const Row rows[] = {
      {P::node_resources_fit, asking, gone(y), true},
      {P::node_resources_fit, asking, bound(y), false},
      {P::node_resources_fit, asking, added(plain), true},
      {P::node_resources_fit, asking, added(small), false},
      {P::node_resources_fit, asking, added(taint), true},  // F-12
      {P::node_resources_fit, asking, changed(plain, bigger), true},
      {P::node_resources_fit, asking, changed(bigger, plain), false},
      {P::node_resources_fit, asking, changed(taint, plain), false},
      {P::node_resources_fit, asking, relabelled(w.spec(World::asking("2", "")), asking), true},
      {P::node_resources_fit, asking, node_gone(plain), false},
      {P::taint_toleration, asking, added(plain), true},
      {P::taint_toleration, asking, added(taint), false},
      {P::taint_toleration, asking, changed(taint, plain), true},
      {P::taint_toleration, asking, changed(plain, bigger), false},
      {P::taint_toleration, asking, gone(y), false},
      {P::node_affinity, ssd, added(labelled), true},
      {P::node_affinity, ssd, added(plain), false},
      {P::node_affinity, ssd, changed(plain, labelled), true},
      {P::node_affinity, ssd, changed(labelled, labelled), false},
      {P::node_affinity, ssd, gone(y), false},
      {P::node_unschedulable, asking, added(plain), true},
      {P::node_unschedulable, asking, added(cordon), false},
      {P::node_unschedulable, asking, changed(cordon, plain), true},
      {P::node_unschedulable, asking, changed(plain, plain), false},
      {P::node_name, named, added(plain), true},
      {P::node_name, named, changed(plain, plain), false},
      {P::node_ports, port, gone(port), true},
      {P::node_ports, port, gone(port81), false},
      {P::node_ports, port, added(small), true},
      {P::pod_topology_spread, spread, bound(x), true},
      {P::pod_topology_spread, spread, bound(y), false},
      {P::pod_topology_spread, spread, gone(x), true},
      {P::pod_topology_spread, spread, relabelled(x, y), true},
      {P::pod_topology_spread, spread, added(labelled), true},
      {P::pod_topology_spread, spread, added(plain), false},
      {P::pod_topology_spread, spread, changed(plain, labelled), true},
      {P::pod_topology_spread, spread, node_gone(labelled), true},
      {P::pod_topology_spread, spread, node_gone(plain), false},
      {P::inter_pod_affinity, join, bound(x), true},
      {P::inter_pod_affinity, join, bound(y), false},
      {P::inter_pod_affinity, join, gone(x), false},
      {P::inter_pod_affinity, anti, gone(x), true},
      {P::inter_pod_affinity, anti, gone(y), false},
      {P::inter_pod_affinity, x, gone(anti), true},
      {P::inter_pod_affinity, anti, added(labelled), true},
      {P::inter_pod_affinity, anti, added(plain), false},
      {P::inter_pod_affinity, join, changed(plain, labelled), true},
      {P::inter_pod_affinity, join, changed(labelled, labelled), false},
      {P::default_preemption, asking, gone(y), false},
  };
  int i = 0;
  for (const Row& r : rows) {
    INFO("row " << i++ << " " << sched_plugin_name(r.plugin));
    CHECK(sched_hint(r.plugin, *r.pod, 1, r.event) == r.queue);
  }
}
