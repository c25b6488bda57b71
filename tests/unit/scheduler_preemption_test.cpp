// Preemption (S-050 … S-056).
#include <doctest/doctest.h>

#include <map>

#include "support/scheduler_world.hpp"

using namespace orrery;
using namespace orrery::test;
using World = SchedulerWorld;
using Ids = std::vector<SchedPodId>;

TEST_CASE("S-050 who may preempt") {
  World w;
  w.nodes(1);
  const SchedPodId low = w.put(w.spec(World::asking("4", "1Gi", 0)), "n1");
  json never = World::asking("1", "1Gi", 10);
  never["preemptionPolicy"] = "Never";
  CHECK(w.look(w.spec(never)).message == "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.");
  const auto pod = w.spec(World::asking("1", "1Gi", 10));
  SchedResult r = w.state.schedule(*pod, 50);
  CHECK(r.message == "0/1 nodes are available: 1 Insufficient cpu.");
  CHECK(w.text(r.nominated) == "n1");
  CHECK(r.victims == Ids{low});
  w.state.nominate(50, pod, r.nominated);
  w.state.set_terminating(low, true);
  r = w.state.schedule(*pod, 50);
  CHECK(r.message == "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.");
  CHECK(r.nominated == 0);
  w.state.remove_pod(low);
  CHECK(w.text(w.state.schedule(*pod, 50).node) == "n1");
}

TEST_CASE("S-052 the more important victims are spared") {
  World w;
  w.nodes(1);
  const SchedPodId a = w.put(w.spec(World::asking("1", "1Gi", 3)), "n1", 10);
  const SchedPodId b = w.put(w.spec(World::asking("1", "1Gi", 1)), "n1", 20);
  const SchedPodId c = w.put(w.spec(World::asking("1", "1Gi", 1)), "n1", 30);
  const SchedPodId d = w.put(w.spec(World::asking("1", "1Gi", 50)), "n1", 5);
  CHECK(w.look(w.spec(World::asking("1", "1Gi", 10))).victims == Ids{c});
  CHECK(w.look(w.spec(World::asking("2", "1Gi", 10))).victims == Ids{b, c});
  CHECK(w.look(w.spec(World::asking("3", "1Gi", 10))).victims == Ids{a, b, c});
  const SchedResult no = w.look(w.spec(World::asking("4", "1Gi", 10)));
  CHECK(no.victims.empty());
  CHECK(no.message == "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Insufficient cpu.");
  CHECK(w.look(w.spec(World::asking("4", "1Gi", 60))).victims == Ids{d, a, b, c});
}

TEST_CASE("S-053 which node is chosen") {
  struct Victim {
    std::int64_t priority;
    std::int64_t started;
    const char* cpu;
    bool guarded;  ///< by a PodDisruptionBudget that allows nothing
  };
  struct Row {
    const char* why;
    std::vector<Victim> n1, n2;
    const char* chosen;
  };
  const Row rows[] = {
      {"fewest violations", {{1, 0, "4", true}}, {{5, 0, "4", false}}, "n2"},
      {"lowest highest priority", {{5, 0, "4", false}}, {{4, 0, "2", false}, {4, 0, "2", false}}, "n2"},
      {"smallest sum", {{4, 0, "2", false}, {3, 0, "2", false}}, {{4, 0, "2", false}, {2, 0, "2", false}}, "n2"},
      {"fewest pods", {{4, 0, "2", false}, {-2147483648, 0, "2", false}}, {{4, 0, "4", false}}, "n2"},
      {"latest start", {{4, 10, "4", false}}, {{4, 11, "4", false}}, "n2"},
      {"first", {{4, 10, "4", false}}, {{4, 10, "4", false}}, "n1"},
  };
  for (const Row& r : rows) {
    INFO(r.why);
    World w;
    w.nodes(2);
    for (const auto& [node, victims] : {std::pair{"n1", r.n1}, std::pair{"n2", r.n2}})
      for (const Victim& v : victims) w.put(w.spec(World::asking(v.cpu, "1Gi", v.priority), {{"guarded", v.guarded ? "yes" : "no"}}), node, v.started);
    SchedPdb pdb{w.sym("default"), parse_sched_selector(json::parse(R"({"matchLabels":{"guarded":"yes"}})"), w.names), 0, {}};
    w.state.set_pdbs({pdb});
    CHECK(w.text(w.look(w.spec(World::asking("4", "1Gi", 10))).nominated) == r.chosen);
  }
}

TEST_CASE("S-052 pods guarded by a budget are spared first") {
  World w;
  w.nodes(1);
  const SchedPodId guarded = w.put(w.spec(World::asking("2", "1Gi", 0), {{"app", "g"}}), "n1", 9);
  const SchedPodId free = w.put(w.spec(World::asking("2", "1Gi", 5), {{"app", "f"}}), "n1", 1);
  const auto pod = w.spec(World::asking("2", "1Gi", 10));
  CHECK(w.look(pod).victims == Ids{guarded});
  SchedPdb pdb{w.sym("default"), parse_sched_selector(json::parse(R"({"matchLabels":{"app":"g"}})"), w.names), 0, {}};
  w.state.set_pdbs({pdb});
  CHECK(w.look(pod).victims == Ids{free});
  pdb.disruptions_allowed = 1;
  w.state.set_pdbs({pdb});
  CHECK(w.look(pod).victims == Ids{guarded});
}

TEST_CASE("preemption frees ports, anti-affinity and spreading; affinity and taints it cannot mend") {
  struct Row {
    const char* victim;
    const char* pod;
    bool helps;
  };
  const Row rows[] = {
      {R"({"containers":[{"ports":[{"hostPort":80}]}]})", R"({"priority":9,"containers":[{"ports":[{"hostPort":80}]}]})", true},
      {"{}", R"({"priority":9,"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"x"}}}]}}})", true},
      {R"({"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"x"}}}]}}})", R"({"priority":9})", true},
      {"{}", R"({"priority":9,"topologySpreadConstraints":[{"maxSkew":1,"minDomains":5,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"x"}}}]})", true},
      {"{}", R"({"priority":9,"nodeSelector":{"a":"b"}})", false},
  };
  for (const Row& r : rows) {
    INFO(r.pod);
    World w;
    w.nodes(1);
    const SchedPodId victim = w.put(w.spec(json::parse(r.victim), {{"app", "x"}}), "n1");
    const auto pod = w.spec(json::parse(r.pod), {{"app", "x"}});
    const SchedResult out = w.look(pod);
    CHECK(out.node == 0);
    CHECK(out.victims == (r.helps ? Ids{victim} : Ids{}));
    // The trial leaves no trace.
    CHECK(w.look(pod).victims == out.victims);
    w.state.remove_pod(victim);
    CHECK((w.look(pod).node != 0) == r.helps);
  }
}

TEST_CASE("S-054 nominations of lower priority give way") {
  World w;
  w.nodes(1);
  w.put(w.spec(World::asking("4", "1Gi", 0)), "n1");
  const auto middle = w.spec(World::asking("2", "1Gi", 5)), high = w.spec(World::asking("2", "1Gi", 9));
  w.state.nominate(70, middle, w.sym("n1"));
  const SchedResult r = w.state.schedule(*high, 71);
  CHECK(w.text(r.nominated) == "n1");
  CHECK(r.displaced == Ids{70});
}

TEST_CASE("random clusters: victims are enough, and none too many") {
  RandomStream random(11, purpose("preemption"), 0);
  int preemptions = 0;
  for (int round = 0; round < 200; ++round) {
    World w;
    const int nodes = 1 + static_cast<int>(random.below(5));
    w.nodes(nodes);
    std::vector<SchedPodSpecPtr> specs;
    for (int i = 0; i < 6; ++i) {
      const std::string cpu = std::to_string(200 + random.below(1500)) + "m";
      specs.push_back(w.spec(World::asking(cpu, "1Gi", static_cast<std::int64_t>(random.below(4)))));
    }
    std::map<SchedPodId, std::pair<SchedPodSpecPtr, Symbol>> placed;
    for (int i = 0; i < 25; ++i) {
      const auto& s = specs[random.below(specs.size())];
      if (const SchedResult r = w.look(s); r.node != 0) {
        w.state.add_pod(++w.last_id, s, r.node, from_unix_seconds(static_cast<std::int64_t>(random.below(100))));
        placed[w.last_id] = {s, r.node};
      }
    }
    const auto pod = w.spec(World::asking("1500m", "1Gi", 3));
    const SchedResult r = w.look(pod);
    if (r.node != 0 || r.nominated == 0) continue;
    ++preemptions;
    const auto here = w.spec(World::pinned(World::asking("1500m", "1Gi", 3), w.text(r.nominated)));
    for (SchedPodId v : r.victims) {
      CHECK(placed.at(v).second == r.nominated);
      CHECK(placed.at(v).first->priority < 3);
      w.state.remove_pod(v);
    }
    CHECK(w.look(here).node == r.nominated);
    for (SchedPodId v : r.victims) {
      w.state.add_pod(v, placed.at(v).first, r.nominated);
      CHECK(w.look(here).node == 0);
      w.state.remove_pod(v);
    }
  }
  CHECK(preemptions > 50);
}
