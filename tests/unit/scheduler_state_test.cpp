// Filters, scores, the choice among equals and the messages, by rule.
#include <doctest/doctest.h>

#include <set>

#include "support/scheduler_world.hpp"

using namespace orrery;
using namespace orrery::test;
using World = SchedulerWorld;
using Names = std::vector<std::string>;
using Totals = std::vector<std::int64_t>;

TEST_CASE("S-022 how many feasible nodes are sought") {
  struct Row {
    std::int64_t nodes;
    std::int32_t percentage;
    std::int64_t sought;
  };
  const Row rows[] = {{1, 0, 1},       {99, 0, 99},     {100, 0, 100},  {200, 0, 100},    {250, 0, 120},    {1000, 0, 420},   {2000, 0, 680}, {5000, 0, 500},
                      {6250, 0, 312}, {10000, 0, 500}, {15000, 0, 750}, {1000, 100, 1000}, {1000, 200, 1000}, {1000, 1, 100}, {1000, 50, 500}};
  for (const Row& r : rows) CHECK(sched_nodes_to_find(r.nodes, r.percentage) == r.sought);
}

TEST_CASE("S-034 the root of the heap") {
  struct Row {
    Totals totals;
    std::size_t root;
  };
  const Row rows[] = {{{5, 5, 5}, 0}, {{0, 9, 0, 9}, 1}, {{0, 0, 9, 9}, 3}, {{0, 0, 9, 0, 9}, 4}, {{1, 9, 9}, 1}, {{3, 7, 7, 7, 7}, 1}, {{0, 0, 0, 7, 7, 7, 7}, 3}, {{4}, 0}};
  for (const Row& r : rows) CHECK(sched_heap_root(r.totals) == r.root);

  RandomStream r(1, purpose("heap"), 0);
  for (int round = 0; round < 2000; ++round) {
    Totals totals(1 + r.below(130));
    const std::uint64_t values = 1 + r.below(6);
    for (auto& t : totals) t = static_cast<std::int64_t>(r.below(values));
    REQUIRE(sched_heap_root(totals) == by_sifting(totals));
  }
}

TEST_CASE("F-01, F-02, F-03, F-04: order and totals of equal pods (S-030 … S-032)") {
  {
    World w;
    w.nodes(3);
    const auto pod = w.spec(World::asking("500m", "1Gi"));
    CHECK(w.place(pod) == "n1");
    CHECK(w.totals() == Totals{463, 463, 463});
    CHECK(w.place_all(pod, 2) == Names{"n2", "n3"});
    CHECK(w.place_all(pod, 4) == Names{"n1", "n2", "n3", "n1"});
    CHECK(w.totals() == Totals{444, 444, 444});
  }
  {
    World w;
    w.nodes(4);
    CHECK(w.place_all(w.spec(World::asking("500m", "1Gi")), 8) == Names{"n1", "n2", "n4", "n3", "n1", "n2", "n4", "n3"});
  }
  {
    World w;
    w.nodes(3);
    const auto pod = w.spec(World::asking("", ""));
    CHECK(w.place(pod) == "n1");
    CHECK(w.totals() == Totals{397, 397, 397});
    w.place_all(pod, 3);
    CHECK(w.place(pod) == "n2");
    CHECK(w.totals() == Totals{394, 396, 396});
  }
  {
    World w;
    w.node(World::node_json("n1"));
    w.node(World::node_json("n2", "8", "32Gi"));
    const auto pod = w.spec(World::asking("500m", "1Gi"));
    const std::pair<Totals, const char*> steps[] = {{{463, 468}, "n2"}, {{463, 464}, "n2"}, {{463, 459}, "n1"}, {{454, 459}, "n2"}, {{454, 455}, "n2"}, {{454, 450}, "n1"}};
    for (const auto& [totals, chosen] : steps) {
      CHECK(w.place(pod) == chosen);
      CHECK(w.totals() == totals);
    }
  }
}

TEST_CASE("S-034 other ways to choose among equals") {
  World first({.tie_break = SchedConfig::TieBreak::first});
  first.nodes(4);
  const json asks = World::asking("500m", "1Gi");
  CHECK(first.place_all(first.spec(asks), 4) == Names{"n1", "n2", "n3", "n4"});

  World a({.tie_break = SchedConfig::TieBreak::random}), b({.tie_break = SchedConfig::TieBreak::random});
  a.nodes(8);
  b.nodes(8);
  RandomStream ra(1, purpose("tie"), 0), rb(1, purpose("tie"), 0);
  std::set<std::string> seen;
  for (int i = 0; i < 40; ++i) {
    const std::string chosen = a.place(a.spec(asks), nullptr, &ra);
    CHECK(chosen == b.place(b.spec(asks), nullptr, &rb));
    seen.insert(chosen);
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("S-018 no nodes, S-023 rotation of the start") {
  World w;
  const auto pod = w.spec(World::asking("500m", "1Gi"));
  const SchedResult none = w.look(pod);
  CHECK(none.message == "no nodes available to schedule pods");
  CHECK(none.rejected_by == 0);

  w.nodes(200);
  SchedResult r = w.look(pod);
  CHECK(r.feasible == 100);
  CHECK(w.state.next_start() == 100);
  r = w.look(pod);
  CHECK(w.state.next_start() == 0);
  // A pinned pod looks at one node and moves the start by one.
  r = w.look(w.spec(World::pinned(World::asking("1", "1Gi"), "n7")));
  CHECK(w.text(r.node) == "n7");
  CHECK(r.evaluated == 1);
  CHECK(w.state.next_start() == 1);

  World small;
  small.nodes(99);
  (void)small.look(small.spec(World::asking("1", "1Gi")));
  CHECK(small.state.next_start() == 0);
}

TEST_CASE("F-05, F-06: resources (S-041)") {
  World w;
  w.nodes(3);
  CHECK(w.look(w.spec(World::asking("5", "1Gi"))).message ==
        "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
  for (int i = 1; i <= 3; ++i) w.put(w.spec(World::asking("6", "1Gi")), "n" + std::to_string(i));
  CHECK(w.place(w.spec(World::asking("", ""))) != "");
  const SchedResult r = w.look(w.spec({{"containers", json::array({json{{"resources", {{"requests", {{"cpu", "1m"}, {"memory", "20Gi"}, {"example.com/gpu", 1}}}}}}})}}));
  CHECK(r.message ==
        "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient example.com/gpu, 3 Insufficient memory. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");
  CHECK(r.rejected_by == sched_bit(SchedPlugin::node_resources_fit));

  World full;
  json n = World::node_json("n1");
  n["status"]["allocatable"]["pods"] = "1";
  full.node(n);
  full.put(full.spec(World::asking("", "")), "n1");
  CHECK(full.look(full.spec(World::asking("", ""))).message ==
        "0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.");
}

TEST_CASE("F-13, F-14, F-15, S-062: messages") {
  World w;
  json n1 = World::node_json("n1");
  n1["spec"] = {{"unschedulable", true}, {"taints", json::array({json{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}}})}};
  w.node(n1);
  CHECK(w.look(w.spec(World::asking("1", "1Gi"))).message ==
        "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
  json daemon = World::pinned(World::asking("1", "1Gi"), "n1");
  daemon["tolerations"] = json::array({json{{"key", "node.kubernetes.io/unschedulable"}, {"operator", "Exists"}, {"effect", "NoSchedule"}}});
  CHECK(w.place(w.spec(daemon)) == "n1");

  World d;
  d.nodes(3);
  d.put(d.spec(World::asking("4", "1Gi")), "n2");
  const SchedResult r = d.look(d.spec(World::pinned(World::asking("1", "1Gi"), "n2")));
  CHECK(r.message ==
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 "
        "Preemption is not helpful for scheduling.");
  CHECK(r.rejected_by == (sched_bit(SchedPlugin::node_affinity) | sched_bit(SchedPlugin::node_resources_fit)));
  CHECK(d.look(d.spec(World::pinned(World::asking("1", "1Gi"), "gone"))).message ==
        "0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.");

  for (const auto& [full, text] : {std::pair{10, "0/12 nodes are available: 10 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: 0/12 nodes are available: 10 No preemption victims found for "
                                                 "incoming pod, 2 Preemption is not helpful for scheduling."},
                                   std::pair{2, "0/12 nodes are available: 10 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: 0/12 nodes are available: 10 Preemption is not helpful for "
                                                "scheduling, 2 No preemption victims found for incoming pod."}}) {
    World m;
    for (int i = 1; i <= 12; ++i) {
      json n = World::node_json("n" + std::to_string(i));
      if (i > full) n["spec"]["taints"] = json::array({json{{"key", "k"}, {"value", "v"}, {"effect", "NoExecute"}}});
      m.node(n);
      if (i <= full) m.put(m.spec(World::asking("4", "")), "n" + std::to_string(i));
    }
    CHECK(m.look(m.spec(World::asking("1", ""))).message == text);
  }
  CHECK(sched_event_note(std::string(1025, 'x')) == std::string(1020, 'x') + " ...");
  CHECK(sched_event_note(std::string(1024, 'x')) == std::string(1024, 'x'));
}

TEST_CASE("S-042 the other filters, one reason each") {
  struct Row {
    const char* spec;
    const char* message;
    SchedPlugin plugin;
  };
  const Row rows[] = {
      {R"({"nodeName":"other"})", "1 node(s) didn't match the requested node name", SchedPlugin::node_name},
      {R"({"nodeSelector":{"a":"b"}})", "1 node(s) didn't match Pod's node affinity/selector", SchedPlugin::node_affinity},
      {R"({"containers":[{"ports":[{"hostPort":80}]}]})", "1 node(s) didn't have free ports for the requested pod ports", SchedPlugin::node_ports},
      {R"({"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{}}]})",
       "1 node(s) didn't match pod topology spread constraints (missing required label)", SchedPlugin::pod_topology_spread},
      {R"({"topologySpreadConstraints":[{"maxSkew":1,"minDomains":2,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"x"}}}]})",
       "1 node(s) didn't match pod topology spread constraints", SchedPlugin::pod_topology_spread},
      {R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"none"}}}]}}})",
       "1 node(s) didn't match pod affinity rules", SchedPlugin::inter_pod_affinity},
      {R"({"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"x"}}}]}}})",
       "1 node(s) didn't match pod anti-affinity rules", SchedPlugin::inter_pod_affinity},
  };
  for (const Row& r : rows) {
    World w;
    w.nodes(1);
    w.put(w.spec(json::parse(R"({"containers":[{"ports":[{"hostPort":80}]}]})"), {{"app", "x"}}), "n1");
    const SchedResult out = w.look(w.spec(json::parse(r.spec), {{"app", "x"}}));
    CHECK(out.message.starts_with(std::string("0/1 nodes are available: ") + r.message + ". preemption: "));
    CHECK(out.rejected_by == sched_bit(r.plugin));
  }
  World w;
  w.nodes(1);
  w.put(w.spec(json::parse(R"({"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"y"}}}]}}})")), "n1");
  CHECK(w.look(w.spec(json::object(), {{"app", "y"}})).message.starts_with("0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. "));
  CHECK(w.place(w.spec(json::object(), {{"app", "y"}}, "elsewhere")) == "n1");
}

TEST_CASE("S-045 the first pod of a group, namespaces of a term") {
  World w;
  w.nodes(2);
  const char* together = R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"x"}}}]}}})";
  const auto pod = w.spec(json::parse(together), {{"app", "x"}});
  CHECK(w.place_all(pod, 3) == Names{"n1", "n1", "n1"});
  CHECK(w.look(w.spec(json::parse(together), {{"app", "x"}}, "elsewhere")).node != 0);

  const auto selecting = w.spec(json::parse(R"({"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname",
    "labelSelector":{"matchLabels":{"app":"x"}},"namespaceSelector":{"matchLabels":{"team":"a"}}}]}}})"), json::object(), "third");
  CHECK(w.look(selecting).node == 0);
  SchedLabels labels;
  labels.set("team", "a", w.names);
  w.state.set_namespace_labels(w.sym("default"), labels);
  CHECK(w.place(selecting) == "n1");
}

TEST_CASE("S-044 spreading over zones, terminating pods do not count") {
  World w;
  for (const auto& [name, zone] : {std::pair{"n1", "a"}, {"n2", "a"}, {"n3", "b"}}) w.node(World::node_json(name, "4", "16Gi", {{"zone", zone}}));
  const auto pod = w.spec(json::parse(R"({"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"x"}}}]})"), {{"app", "x"}});
  const SchedPodId a = w.put(pod, "n1");
  CHECK(w.text(w.look(pod).node) == "n3");
  w.state.set_terminating(a, false);
  CHECK(w.look(pod).feasible == 3);
  w.put(pod, "n3");
  CHECK(w.look(pod).feasible == 2);
}

TEST_CASE("S-033 preferences: taints, node affinity, pod affinity, spreading") {
  World w;
  json n1 = World::node_json("n1", "4", "16Gi", {{"zone", "a"}, {"disk", "ssd"}});
  n1["spec"]["taints"] = json::array({json{{"key", "k"}, {"effect", "PreferNoSchedule"}}});
  w.node(n1);
  w.node(World::node_json("n2", "4", "16Gi", {{"zone", "b"}}));
  const std::int64_t base = 97;
  (void)w.look(w.spec(json::parse(R"({"containers":[{}]})")));
  CHECK(w.totals() == Totals{base, base + 300});
  (void)w.look(w.spec(json::parse(R"({"containers":[{}],"tolerations":[{"key":"k","operator":"Exists"}],"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[
    {"weight":10,"preference":{"matchExpressions":[{"key":"disk","operator":"Exists"}]}},{"weight":30,"preference":{"matchExpressions":[{"key":"zone","operator":"Exists"}]}}]}}})")));
  CHECK(w.totals() == Totals{base + 300 + 200, base + 300 + 2 * 75});
  w.put(w.spec(json::object(), {{"app", "x"}}), "n1");
  w.put(w.spec(json::object(), {{"app", "x"}}), "n2");
  w.put(w.spec(json::object(), {{"app", "x"}}), "n2");
  (void)w.look(w.spec(json::parse(R"({"containers":[{}],"tolerations":[{"operator":"Exists"}],"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[
    {"weight":7,"podAffinityTerm":{"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"x"}}}}]}}})")));
  CHECK(w.totals() == Totals{base + 300 + 200, base + 300});
  (void)w.look(w.spec(json::parse(R"({"containers":[{}],"tolerations":[{"operator":"Exists"}],"topologySpreadConstraints":[
    {"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app":"x"}}}]})")));
  // ln 4 = 1.386: 1 and 2 pods make 1 and 3; 100 and 33.
  CHECK(w.totals() == Totals{base + 300 + 200, base + 300 + 2 * 33});
}

TEST_CASE("F-24 ImageLocality") {
  struct Row {
    std::int64_t mib;
    int on_nodes;
    std::int64_t there, elsewhere;
  };
  const Row rows[] = {{500, 1, 14, 0}, {500, 3, 48, 48}, {80, 1, 0, 0}, {60, 1, 0, 0}, {5000, 1, 100, 0}};
  for (const Row& r : rows) {
    World w;
    for (int i = 1; i <= 3; ++i) {
      json n = World::node_json("n" + std::to_string(i));
      if (i <= r.on_nodes) n["status"]["images"] = json::array({json{{"names", json::array({"app:latest"})}, {"sizeBytes", r.mib << 20}}});
      w.node(n);
    }
    (void)w.look(w.spec(json::parse(R"({"containers":[{"image":"app"}]})")));
    CHECK(w.totals()[0] == 397 + r.there);
    CHECK(w.totals()[2] == 397 + (r.on_nodes == 3 ? r.there : r.elsewhere));
  }
}

TEST_CASE("S-026 room for nominated pods; the nominated node is taken without scoring") {
  World w;
  w.nodes(2);
  const auto important = w.spec(World::asking("3", "1Gi", 10)), other = w.spec(World::asking("2", "1Gi", 5)), higher = w.spec(World::asking("2", "1Gi", 20));
  REQUIRE(w.state.nominate(100, important, w.sym("n1")));
  CHECK(w.text(w.look(other).node) == "n2");
  CHECK(w.look(higher).feasible == 2);
  SchedResult r = w.state.schedule(*important, 100);
  CHECK(w.text(r.node) == "n1");
  CHECK(r.evaluated == 1);
  w.state.clear_nomination(100);
  CHECK(w.look(other).feasible == 2);
}

TEST_CASE("S-040 a pod that names a node without being bound, a node that goes with its pods") {
  World w;
  w.put(w.spec(World::asking("3", "1Gi")), "n1");
  w.nodes(1);
  CHECK(w.look(w.spec(World::asking("2", "1Gi"))).node == 0);
  CHECK(w.state.remove_node(w.sym("n1")));
  CHECK_FALSE(w.state.remove_node(w.sym("n1")));
  CHECK(w.look(w.spec(World::asking("2", "1Gi"))).message == "no nodes available to schedule pods");
  w.nodes(1);
  CHECK(w.look(w.spec(World::asking("2", "1Gi"))).node == 0);
  CHECK(w.state.remove_pod(1));
  CHECK_FALSE(w.state.remove_pod(1));
  CHECK(w.look(w.spec(World::asking("2", "1Gi"))).node != 0);
}

TEST_CASE("a place in the caller's table may pass from one pod to another") {
  World w;
  w.nodes(2);
  const auto pod = w.spec(World::asking("3", "1Gi"));
  const SchedPodId first{70, 5}, second{71, 5}, other{12, 6};
  CHECK(w.state.add_pod(first, pod, w.sym("n1")));
  CHECK_FALSE(w.state.add_pod(first, pod, w.sym("n2")));
  CHECK(w.state.add_pod(other, pod, w.sym("n2")));
  CHECK_FALSE(w.state.is_placed(second));
  CHECK_FALSE(w.state.remove_pod(second));
  CHECK(w.state.placed_pods() == std::vector<SchedPodId>{other, first});
  CHECK(w.state.remove_pod(first));
  CHECK_FALSE(w.state.is_placed(first));
  CHECK(w.state.spec_of(first) == nullptr);
  CHECK(w.state.pod_count() == 1);
  CHECK(w.state.add_pod(second, pod, w.sym("n1")));
  CHECK(w.state.spec_of(second) == pod);
  CHECK_FALSE(w.state.remove_pod(first));
  CHECK(w.look(pod).node == 0);
}
