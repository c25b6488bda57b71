#include <doctest/doctest.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "drain/filters.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using namespace std::chrono_literals;

namespace {

using Json = nlohmann::json;
using Lines = std::vector<std::string>;

/// A run of a scenario with one node "n" unless `spec` says otherwise, ideal timing, and what it printed.
struct Ran {
  std::unique_ptr<Simulation> sim;
  RunReport report;
  Lines printed() const {
    Lines out;
    for (const PrintedLine& l : report.printed) {
      std::string t;
      append_trace_seconds(t, l.at);
      out.push_back(t + " " + l.text);
    }
    return out;
  }
  Lines refused() const {
    Lines out;
    for (const Refusal& r : report.refusals) out.push_back(r.message);
    return out;
  }
};

Ran run(Json spec) {
  if (!spec.contains("nodes")) spec["nodes"] = {{{"metadata", {{"name", "n"}}}}};
  if (!spec.contains("controlPlane")) spec["controlPlane"] = "ideal";
  const Json document = {{"apiVersion", "orrery/v1"}, {"kind", "Scenario"}, {"metadata", {{"name", "t"}}}, {"spec", spec}};
  auto scenario = parse_scenario(document.dump(), "test", ".");
  for (const auto& p : scenario.problems()) MESSAGE(to_string(p));
  REQUIRE(static_cast<bool>(scenario));
  Ran out;
  out.sim = std::make_unique<Simulation>(std::move(*scenario));
  out.report = out.sim->run();
  return out;
}

Json bare(const std::string& name, const std::string& node = "") {
  Json p = {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", {{"name", name}, {"labels", {{"app", "a"}}}}},
            {"spec", {{"terminationGracePeriodSeconds", 30}, {"containers", {{{"name", "c"}, {"image", "i"}}}}}}};
  if (!node.empty()) p["spec"]["nodeSelector"] = {{"kubernetes.io/hostname", node}};
  return p;
}
Json budget(int available) {
  return {{"apiVersion", "policy/v1"},
          {"kind", "PodDisruptionBudget"},
          {"metadata", {{"name", "b"}}},
          {"spec", {{"minAvailable", available}, {"selector", {{"matchLabels", {{"app", "a"}}}}}}}};
}

}  // namespace

TEST_CASE("E-023: what each filter says of a pod, and whose word stays") {
  Interner names;
  intern_well_known(names);
  struct Row {
    const char* rule;
    const char* owner;  // "" = none
    PodPhase phase;
    bool mirror, local;
    bool force, ignore, empty_dir;
    const char* lookup;  // error of the DaemonSet's GET
    bool missing;
    DrainVerdict::Kind kind;
    bool evict;
    const char* message;
  };
  using K = DrainVerdict::Kind;
  constexpr auto kRuns = PodPhase::running, kDone = PodPhase::succeeded;
  const Row rows[] = {
      {"managed", "Job", kRuns, false, false, false, false, false, "", false, K::fine, true, ""},
      {"E-023.5: bare", "", kRuns, false, false, false, false, false, "", false, K::error, false, "Pods that declare no controller (use --force to override)"},
      {"E-023.5: bare, force", "", kRuns, false, false, true, false, false, "", false, K::warning, true, "deleting Pods that declare no controller"},
      {"E-023.5: bare, finished", "", kDone, false, false, false, false, false, "", false, K::fine, true, ""},
      {"E-219", "DaemonSet", kRuns, false, false, true, false, false, "", false, K::error, false, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"},
      {"E-023.2: ignored", "DaemonSet", kRuns, false, false, false, true, false, "", false, K::warning, false, "ignoring DaemonSet-managed Pods"},
      {"E-224", "DaemonSet", kRuns, false, false, true, false, false, "gone", true, K::fine, true, ""},
      {"E-023.2: orphan, no force", "DaemonSet", kRuns, false, false, false, true, false, "gone", true, K::error, false, "gone"},
      {"E-023.2: unreadable", "DaemonSet", kRuns, false, false, true, true, false, "down", false, K::error, false, "down"},
      {"E-226", "DaemonSet", kDone, false, false, false, false, false, "", false, K::fine, true, ""},
      {"E-023.3: mirror", "", kRuns, true, false, false, false, false, "", false, K::skip, false, ""},
      {"E-225", "", kRuns, true, true, false, false, false, "", false, K::skip, false, ""},
      {"E-023.4: local", "Job", kRuns, false, true, false, false, false, "", false, K::error, false, "Pods with local storage (use --delete-emptydir-data to override)"},
      {"E-023.4: local, finished", "Job", kDone, false, true, false, false, false, "", false, K::fine, true, ""},
      {"E-223: managed, local", "Job", kRuns, false, true, false, false, true, "", false, K::fine, true, ""},
      {"E-223: bare, local", "", kRuns, false, true, true, false, true, "", false, K::warning, true, "deleting Pods that declare no controller"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    Json p = bare("p");
    p["metadata"]["namespace"] = "default";
    if (*row.owner != '\0')
      p["metadata"]["ownerReferences"] = {
          {{"apiVersion", std::string(row.owner) == "Job" ? "batch/v1" : "apps/v1"}, {"kind", row.owner}, {"name", "o"}, {"uid", "u"}, {"controller", true}}};
    if (row.mirror) p["metadata"]["annotations"] = {{"kubernetes.io/config.mirror", "x"}};
    if (row.local) p["spec"]["volumes"] = {{{"name", "v"}, {"emptyDir", Json::object()}}};
    Ref<Object> made = from_json(p, names);
    Pod& pod = static_cast<Pod&>(*made);
    pod.phase = row.phase;
    verb::Drain options;
    options.force = row.force;
    options.ignore_daemon_sets = row.ignore;
    options.delete_empty_dir_data = row.empty_dir;
    const DrainVerdict v = judge_pod(pod, options, row.lookup, row.missing);
    CHECK(v.kind == row.kind);
    CHECK(v.evict == row.evict);
    CHECK(v.message == row.message);
  }
}

TEST_CASE("E-021, E-024: errors of several pods as one text") {
  CHECK(aggregated({"a"}) == "a");
  CHECK(aggregated({"a", "a"}) == "a");
  CHECK(aggregated({"a", "b", "a"}) == "[a, b]");
}

TEST_CASE("E-220: the deadline is looked at before each attempt, so a drain overruns it by less than a pause") {
  const Ran out = run({{"objects", {bare("p"), budget(1)}},
                           {"timeline", {{{"at", "10s"}, {"drain", {{"node", "n"}, {"force", true}, {"timeout", "12s"}}}}}},
                           {"until", "60s"}});
  CHECK(out.printed() == Lines{"10 node/n cordoned", "10 Warning: deleting Pods that declare no controller: default/p", "10 evicting pod default/p",
                               "10 error when evicting pods/\"p\" -n \"default\" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.",
                               "15 evicting pod default/p",
                               "15 error when evicting pods/\"p\" -n \"default\" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.",
                               "20 evicting pod default/p",
                               "20 error when evicting pods/\"p\" -n \"default\" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.",
                               "25 evicting pod default/p",
                               "25 There are pending pods in node \"n\" when an error occurred: error when evicting pods/\"p\" -n \"default\": global timeout reached: 12s",
                               "25 pod/p",
                               "25 error: unable to drain node \"n\" due to error: error when evicting pods/\"p\" -n \"default\": global timeout reached: 12s, continuing command...",
                               "25 There are pending nodes to be drained:", "25  n"});
  CHECK(out.refused() == Lines{"unable to drain node \"n\" due to error: error when evicting pods/\"p\" -n \"default\": global timeout reached: 12s"});
}

TEST_CASE("E-221: a pod that takes 30 s to end is seen gone by the poll after that") {
  const Ran out = run({{"objects", {bare("p")}},
                           {"behaviors", {{{"match", {{"container", "c"}}}, {"stop", "29500ms"}}}},
                           {"timeline", {{{"at", "10s"}, {"drain", {{"node", "n"}, {"force", true}}}}}}});
  CHECK(out.printed() == Lines{"10 node/n cordoned", "10 Warning: deleting Pods that declare no controller: default/p", "10 evicting pod default/p", "40 pod/p evicted", "40 node/n drained"});
  CHECK(out.refused().empty());
}

TEST_CASE("E-227: a node that cannot be drained does not keep the next one from it; both stay cordoned") {
  const Ran out = run({{"nodes", {{{"metadata", {{"name", "a"}, {"labels", {{"old", "yes"}}}}}}, {{"metadata", {{"name", "b"}, {"labels", {{"old", "yes"}}}}}}}},
                           {"objects", {bare("p", "a"), {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "j"}}}, {"spec", {{"template", {{"spec", {{"restartPolicy", "Never"}, {"nodeSelector", {{"kubernetes.io/hostname", "b"}}}, {"containers", {{{"name", "c"}, {"image", "i"}}}}}}}}}}}}},
                           {"behaviors", {{{"match", {{"container", "c"}}}, {"run", "forever"}}}},
                           {"timeline", {{{"at", "10s"}, {"drain", {{"selector", "old=yes"}}}}}},
                           {"until", "60s"}});
  REQUIRE(out.refused().size() == 1);
  CHECK(out.refused()[0] == "unable to drain node \"a\" due to error: cannot delete Pods that declare no controller (use --force to override): default/p");
  CHECK(out.report.printed.back().text == " a");
  CHECK(out.report.printed[out.report.printed.size() - 3].text == "node/b drained");
  for (const char* n : {"a", "b"}) CHECK(out.sim->cluster().store().live_node(n)->unschedulable);
}

TEST_CASE("E-208: two budgets over one pod end the drain at once") {
  Json second = budget(0);
  second["metadata"]["name"] = "c";
  const Ran out = run({{"objects", {bare("p"), budget(0), second}},
                           {"timeline", {{{"at", "10s"}, {"drain", {{"node", "n"}, {"force", true}}}}}},
                           {"until", "60s"}});
  REQUIRE(out.refused().size() == 1);
  CHECK(out.refused()[0] ==
        "unable to drain node \"n\" due to error: error when evicting pods/\"p\" -n \"default\": This pod has more than one PodDisruptionBudget, which the eviction "
        "subresource does not support.");
}

TEST_CASE("E-228: uncordon takes the taint away and brings no pod back") {
  const Ran out = run({{"objects", {bare("p")}},
                           {"timeline", {{{"at", "10s"}, {"drain", {{"node", "n"}, {"force", true}}}}, {{"at", "30s"}, {"uncordon", {{"node", "n"}}}}}},
                           {"until", "60s"}});
  const Node* node = out.sim->cluster().store().live_node("n");
  CHECK_FALSE(node->unschedulable);
  CHECK(node->taints.empty());
  CHECK(out.sim->cluster().store().count(Kind::pod) == 0);
}

TEST_CASE("a node that is not there is not drained") {
  const Ran out = run({{"timeline", {{{"at", "10s"}, {"drain", {{"node", "m"}}}}}}, {"until", "20s"}});
  CHECK(out.refused() == Lines{"nodes \"m\" not found"});
}

TEST_CASE("E-032, E-033: a node that shuts down says so, ends its pods, rejects new ones, and is gone when they are") {
  const Ran out = run({{"nodes", {{{"metadata", {{"name", "n"}}}}, {{"metadata", {{"name", "m"}}}}}},
                           {"objects", {bare("p", "n")}},
                           {"behaviors", {{{"match", {{"container", "c"}}}, {"stop", "3s"}}}},
                           {"timeline", {{{"at", "10s"}, {"shutdownNode", {{"node", "n"}, {"gracePeriod", "30s"}}}}}},
                           {"until", "100s"}});
  const Store& store = out.sim->cluster().store();
  const Pod* pod = store.live_pod(sym::default_, "p");
  REQUIRE(pod != nullptr);
  CHECK(pod->phase == PodPhase::failed);
  CHECK(pod->reason() == sym::Terminated);
  const Condition* target = find_condition(pod->conditions, sym::DisruptionTarget);
  REQUIRE(target != nullptr);
  CHECK(target->reason == sym::TerminationByKubelet);
  const Condition* ready = find_condition(store.live_node("n")->conditions, sym::Ready);
  CHECK(ready->status == sym::Unknown);
  // Last lease at 9.5 s; the machine is off at 13 s, before the next: Unknown at the first pass later than 50 s after it.
  CHECK(time_of(ready->transition) - out.sim->scenario().start < 75s);
}

TEST_CASE("a run that settles waits for the node monitor, even where nothing else happens") {
  for (const char* mode : {"crash", "partition", "kubelet"}) {
    CAPTURE(mode);
    const Ran out = run({{"nodes", {{{"metadata", {{"name", "n"}}}}, {{"metadata", {{"name", "m"}}}}}},
                             {"timeline", {{{"at", "10s"}, {"failNode", {{"node", "n"}, {"mode", mode}}}}}}});
    CHECK(find_condition(out.sim->cluster().store().live_node("n")->conditions, sym::Ready)->status == sym::Unknown);
    CHECK(out.report.status == RunStatus::settled);
  }
}
