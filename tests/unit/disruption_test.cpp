#include <doctest/doctest.h>

#include "orrery/models/disruption.hpp"
#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

using Json = nlohmann::json;
using Lines = std::vector<std::string>;

struct BudgetWorld : World {
  BudgetWorld() {
    add(make_disruption_controller(cluster));
    start();
  }
  void budget(const Json& spec, const std::string& name = "b") {
    Json b = {{"apiVersion", "policy/v1"}, {"kind", "PodDisruptionBudget"}, {"metadata", {{"name", name}, {"namespace", "default"}, {"generation", 1}}}, {"spec", spec}};
    if (!b["spec"].contains("selector")) b["spec"]["selector"] = {{"matchLabels", {{"app", "a"}}}};
    create(b);
  }
  /// `owner`: "" or Kind/name of a controller whose object has the UID of that text.
  void member(const std::string& name, bool ready = true, const std::string& owner = "", const char* phase = "Running") {
    auto p = pod(name, "n");
    p["metadata"]["labels"] = {{"app", "a"}};
    p["status"]["phase"] = phase;
    p["status"]["conditions"] = {{{"type", "Ready"}, {"status", ready ? "True" : "False"}, {"lastTransitionTime", "2026-01-01T00:00:01Z"}}};
    if (!owner.empty()) {
      const auto slash = owner.find('/');
      const std::string kind = owner.substr(0, slash);
      p["metadata"]["ownerReferences"] = {{{"apiVersion", kind == "Job" ? "batch/v1" : "apps/v1"}, {"kind", kind}, {"name", owner.substr(slash + 1)}, {"uid", owner}, {"controller", true}}};
    }
    create(p);
  }
  void controller(const std::string& kind, const std::string& name, std::int64_t replicas, const std::string& above = "") {
    Json o = {{"apiVersion", "apps/v1"}, {"kind", kind}, {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", kind + "/" + name}}}, {"spec", {{"replicas", replicas}}}};
    if (!above.empty())
      o["metadata"]["ownerReferences"] = {
          {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", above}, {"uid", "Deployment/" + above}, {"controller", true}}};
    create(o);
  }
  const PodDisruptionBudgetStatus& status(std::string_view name = "b") { return store().live_as<PodDisruptionBudget>(sym::default_, name)->status; }
  std::string shown() {
    const auto& s = status();
    const Condition* c = find_condition(s.conditions, sym::DisruptionAllowed);
    return fmt::format("allowed {} healthy {} desired {} expected {} {}", s.allowed, s.healthy, s.desired, s.expected, c != nullptr ? cluster.text(c->reason) : "-");
  }
  bool told(std::string_view text) const {
    for (const auto& e : events)
      if (e.find(text) != std::string::npos) return true;
    return false;
  }
};

}  // namespace

TEST_CASE("E-003 … E-006: what a budget counts") {
  struct Row {
    const char* rule;
    Json spec;
    int pods, ready;
    const char* owner;
    std::int64_t replicas;  // of the owner
    const char* status;
    const char* event;  // part of one; "" = none of these
  };
  const Row rows[] = {
      {"E-201", {{"minAvailable", "50%"}}, 7, 7, "ReplicaSet/r", 7, "allowed 3 healthy 7 desired 4 expected 7 SufficientPods", ""},
      {"E-202", {{"maxUnavailable", "30%"}}, 7, 7, "ReplicaSet/r", 7, "allowed 3 healthy 7 desired 4 expected 7 SufficientPods", ""},
      {"E-203: ready", {{"maxUnavailable", 1}}, 1, 1, "StatefulSet/r", 1, "allowed 1 healthy 1 desired 0 expected 1 SufficientPods", ""},
      {"E-203: unready", {{"maxUnavailable", 1}}, 1, 0, "StatefulSet/r", 1, "allowed 0 healthy 0 desired 0 expected 1 InsufficientPods", ""},
      {"E-204", {{"minAvailable", "100%"}}, 3, 3, "ReplicaSet/r", 3, "allowed 0 healthy 3 desired 3 expected 3 InsufficientPods", ""},
      {"E-003: scale above the pods", {{"maxUnavailable", 1}}, 3, 3, "ReplicaSet/r", 5, "allowed 0 healthy 3 desired 4 expected 5 InsufficientPods", ""},
      {"E-211: Job, maxUnavailable", {{"maxUnavailable", 1}}, 3, 3, "Job/j", -1, "allowed 0 healthy 0 desired 0 expected 0 SyncFailed",
       "Failed to calculate the number of expected pods: jobs.batch does not implement the scale subresource"},
      {"E-211: DaemonSet, percent", {{"minAvailable", "50%"}}, 3, 3, "DaemonSet/d", -1, "allowed 0 healthy 0 desired 0 expected 0 SyncFailed",
       "daemonsets.apps does not implement the scale subresource"},
      {"E-211: Job, minAvailable", {{"minAvailable", 1}}, 3, 3, "Job/j", -1, "allowed 2 healthy 3 desired 1 expected 3 SufficientPods", ""},
      {"E-004: vanished", {{"maxUnavailable", 1}}, 1, 1, "ReplicaSet/gone", -1, "allowed 0 healthy 0 desired 0 expected 0 SyncFailed",
       "found no controllers for pod \"p-0\""},
      {"E-004: unknown kind", {{"maxUnavailable", 1}}, 1, 1, "Robot/r", -1, "allowed 0 healthy 0 desired 0 expected 0 SyncFailed",
       "no matches for kind \"Robot\" in version \"apps/v1\""},
      {"E-212: bare, maxUnavailable", {{"maxUnavailable", 1}}, 3, 3, "", -1, "allowed 0 healthy 3 desired 0 expected 0 InsufficientPods", "UnmanagedPods"},
      {"E-212: bare, minAvailable", {{"minAvailable", 1}}, 3, 3, "", -1, "allowed 2 healthy 3 desired 1 expected 3 SufficientPods", ""},
      {"E-217", {{"minAvailable", 1}, {"selector", Json::object()}}, 2, 2, "", -1, "allowed 1 healthy 2 desired 1 expected 2 SufficientPods", ""},
      {"E-003: neither", Json::object(), 2, 2, "", -1, "allowed 0 healthy 2 desired 0 expected 0 InsufficientPods", ""},
      {"E-006: no pods", {{"minAvailable", 1}}, 0, 0, "", -1, "allowed 0 healthy 0 desired 1 expected 0 InsufficientPods", "NoPods b: No matching pods found"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    BudgetWorld w;
    const std::string owner = row.owner;
    if (row.replicas >= 0) w.controller(owner.substr(0, owner.find('/')), "r", row.replicas);
    for (int i = 0; i < row.pods; ++i) w.member(fmt::format("p-{}", i), i < row.ready, owner);
    w.run_to(1s);
    w.budget(row.spec);
    w.run_to(2s);
    CHECK(w.shown() == row.status);
    if (*row.event != '\0') CHECK(w.told(row.event));
    CHECK(w.told("SyncFailed") == false);
  }
}

TEST_CASE("E-214: two ReplicaSets of one Deployment count once, by the Deployment's replicas") {
  BudgetWorld w;
  w.controller("Deployment", "d", 4);
  w.controller("ReplicaSet", "old", 1, "d");
  w.controller("ReplicaSet", "new", 3, "d");
  w.member("p-0", true, "ReplicaSet/old");
  for (int i = 1; i < 4; ++i) w.member(fmt::format("p-{}", i), true, "ReplicaSet/new");
  w.budget({{"maxUnavailable", 1}});
  w.run_to(1s);
  CHECK(w.shown() == "allowed 1 healthy 4 desired 3 expected 4 SufficientPods");
}

TEST_CASE("E-218: finished pods are expected but not healthy") {
  BudgetWorld w;
  w.member("p-0");
  w.member("p-1", false, "", "Succeeded");
  w.budget({{"minAvailable", 1}});
  w.run_to(1s);
  CHECK(w.shown() == "allowed 0 healthy 1 desired 1 expected 2 InsufficientPods");
}

TEST_CASE("E-002: a pod wakes its budget; one that leaves by its labels does not (E-215)") {
  BudgetWorld w;
  for (int i = 0; i < 3; ++i) w.member(fmt::format("p-{}", i));
  w.budget({{"minAvailable", 1}});
  w.run_to(1s);
  CHECK(w.status().allowed == 2);
  w.change<Pod>("p-0", [](Pod& p) { find_condition(p.conditions, sym::Ready)->status = sym::False; });
  w.run_to(2s);
  CHECK(w.status().allowed == 1);
  w.change<Pod>("p-1", [](Pod& p) { p.meta.set_labels(make_string_map({{"app", "other"}})); });
  w.run_to(3s);
  CHECK(w.status().expected == 3);
  w.change<Pod>("p-2", [](Pod& p) { p.meta.set_annotations(make_string_map({{"touched", "yes"}})); });
  w.run_to(4s);
  CHECK(w.shown() == "allowed 0 healthy 1 desired 1 expected 2 InsufficientPods");
}

TEST_CASE("E-002: of several budgets the first by name is woken, and the pod is told") {
  BudgetWorld w;
  w.budget({{"minAvailable", 1}}, "b");
  w.budget({{"minAvailable", 1}}, "c");
  w.run_to(1s);
  w.member("p");
  w.run_to(2s);
  CHECK(w.told("Pod \"default\"/\"p\" matches multiple PodDisruptionBudgets.  Chose \"b\" arbitrarily."));
  CHECK(w.status("b").expected == 1);
  CHECK(w.status("c").expected == 0);
}

TEST_CASE("E-206, E-207, E-016: an eviction that was granted, and the pod goes, or does not") {
  for (const bool goes : {true, false}) {
    CAPTURE(goes);
    BudgetWorld w;
    for (int i = 0; i < 3; ++i) w.member(fmt::format("p-{}", i));
    w.budget({{"minAvailable", 2}});
    w.run_to(10s);
    CHECK(w.status().allowed == 1);
    w.change<PodDisruptionBudget>("b", [](PodDisruptionBudget& b) {
      b.status.allowed = 0;
      b.status.disrupted = {{"p-0", stamp(World::kStart + 10s)}};
    });
    w.run_to(11s);
    CHECK(w.shown() == "allowed 0 healthy 2 desired 2 expected 3 InsufficientPods");
    CHECK(w.status().disrupted.size() == 1);
    if (goes) {
      w.remove(Kind::pod, "p-0");
      w.run_to(12s);
      CHECK(w.status().disrupted.empty());
      CHECK(w.status().healthy == 2);
      w.member("p-3");
      w.run_to(13s);
      CHECK(w.status().allowed == 1);
      continue;
    }
    w.run_to(129s);
    CHECK(w.status().allowed == 0);
    w.run_to(131s);
    CHECK(w.status().disrupted.empty());
    CHECK(w.shown() == "allowed 1 healthy 3 desired 2 expected 3 SufficientPods");
    CHECK(w.told("NotDeleted p-0: Pod was expected by PDB default/default to be deleted but it wasn't"));
  }
}

TEST_CASE("E-009: a DisruptionTarget that nobody follows up goes False after two minutes") {
  struct Row {
    const char* reason;
    const char* phase;
    bool cleared;
  };
  const Row rows[] = {{"EvictionByEvictionAPI", "Running", true}, {"PreemptionByScheduler", "Running", true}, {"TerminationByKubelet", "Running", false}, {"EvictionByEvictionAPI", "Failed", false}};
  for (const Row& row : rows) {
    CAPTURE(row.reason);
    CAPTURE(row.phase);
    BudgetWorld w;
    w.member("p", true, "", row.phase);
    w.run_to(10s);
    w.change<Pod>("p", [&](Pod& p) {
      Condition c;
      c.type = sym::DisruptionTarget;
      c.status = sym::True;
      c.reason = w.cluster.symbol(row.reason);
      c.transition = stamp(World::kStart + 10s);
      p.conditions.push_back(c);
    });
    const auto target = [&] { return find_condition(w.store().live_pod(sym::default_, "p")->conditions, sym::DisruptionTarget); };
    w.run_to(129900ms);
    CHECK(target()->status == sym::True);
    w.run_to(131s);
    CHECK((target()->status == sym::False) == row.cleared);
    if (row.cleared) CHECK(target()->reason == 0);
  }
}

TEST_CASE("E-213: the status speaks of the generation that was counted") {
  BudgetWorld w;
  for (int i = 0; i < 2; ++i) w.member(fmt::format("p-{}", i));
  w.budget({{"minAvailable", 1}});
  CHECK(w.status().observed_generation == 0);
  w.run_to(1s);
  CHECK(w.status().observed_generation == 1);
  const Json spec = {{"minAvailable", 2}, {"selector", {{"matchLabels", {{"app", "a"}}}}}};
  w.change<PodDisruptionBudget>("b", [&](PodDisruptionBudget& b) {
    b.meta.generation = 2;
    b.spec = PodDisruptionBudgetSpec::make(spec);
  });
  CHECK(w.status().observed_generation == 1);
  w.run_to(2s);
  CHECK(w.status().observed_generation == 2);
  CHECK(w.status().allowed == 0);
}
