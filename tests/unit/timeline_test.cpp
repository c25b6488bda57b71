// Every verb of the timeline: what it does, when, and what is said when it cannot. One small cluster, one row per case.
#include <doctest/doctest.h>

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

struct Row {
  const char* name;
  const char* timeline;
  const char* expect;
  std::vector<std::string> refused{};  ///< a part of each refusal, in order
};

/// Two zones of two nodes, three bare pods that run for ever (p-0 restarts, the others do not), and a Job of two pods of one minute.
Json world(const Row& row, std::uint64_t seed) {
  static const Json kBase = Json::parse(R"({
    "apiVersion": "orrery/v1", "kind": "Scenario", "metadata": {"name": "timeline"},
    "spec": {
      "until": "4m",
      "controlPlane": {"profile": "realistic"},
      "nodes": [
        {"count": 2, "metadata": {"name": "a", "labels": {"topology.kubernetes.io/zone": "a"}}},
        {"count": 2, "metadata": {"name": "b", "labels": {"topology.kubernetes.io/zone": "b"}}}],
      "objects": [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p-0", "labels": {"app": "x"}}, "spec": {"nodeName": "a-0", "containers": [{"name": "c", "image": "i:1"}]}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p-1", "labels": {"app": "x"}}, "spec": {"nodeName": "a-1", "restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p-2", "labels": {"app": "x"}}, "spec": {"nodeName": "b-0", "restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}},
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"parallelism": 2, "completions": 2, "template": {"spec": {"restartPolicy": "Never", "nodeSelector": {"topology.kubernetes.io/zone": "b"}, "containers": [{"name": "c", "image": "i:1"}]}}}}],
      "behaviors": [{"match": {"kind": "Job"}, "run": "60s", "exit": 0}, {"run": "forever"}]
    }})");
  Json out = kBase;
  out["spec"]["seed"] = seed;
  out["spec"]["timeline"] = Json::parse(row.timeline);
  out["spec"]["expect"] = Json::parse(row.expect);
  return out;
}

Scenario scenario_of(const Row& row, std::uint64_t seed = 1) {
  auto scenario = parse_scenario(world(row, seed).dump(), row.name, ".");
  if (!scenario)
    for (const Diagnostic& d : scenario.problems()) MESSAGE(row.name, ": ", to_string(d));
  REQUIRE(scenario);
  return *scenario;
}

const Row kRows[] = {
    {"apply creates, and patches what is there",
     R"([{"at": "5s", "apply": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"k": "v"}}},
         {"at": "6s", "apply": {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "labels": {"new": "yes"}}}}])",
     R"([{"at": "5s", "object": "ConfigMap", "count": 1},
         {"at": "6s", "object": "Job/j", "path": "/metadata/labels/new", "equals": "yes"},
         {"at": "6s", "object": "Job/j", "path": "/spec/parallelism", "equals": 2}])"},
    {"patch: strategic, merge, json",
     R"([{"at": "5s", "patch": {"kind": "Job", "name": "j", "patch": {"spec": {"parallelism": 1}}}},
         {"at": "6s", "patch": {"kind": "Pod", "name": "p-0", "type": "merge", "patch": {"metadata": {"labels": {"app": null, "b": "c"}}}}},
         {"at": "7s", "patch": {"kind": "Node", "name": "a-0", "type": "json", "patch": [{"op": "add", "path": "/metadata/labels/z", "value": "w"}]}},
         {"at": "8s", "patch": {"kind": "Job", "name": "k", "patch": {"spec": {}}}}])",
     R"([{"at": "4s", "object": "Job/j", "path": "/status/active", "equals": 2},
         {"at": "10s", "object": "Job/j", "path": "/status/active", "equals": 1},
         {"at": "6s", "object": "Pod/p-0", "path": "/metadata/labels", "equals": {"b": "c"}},
         {"at": "7s", "object": "Node/a-0", "path": "/metadata/labels/z", "equals": "w"}])",
     {"jobs.batch \"k\" not found"}},
    {"delete by name, by selector oldest first, by node",
     R"([{"at": "5s", "delete": {"kind": "Pod", "selector": "app=x", "count": 2, "gracePeriodSeconds": 0}},
         {"at": "10s", "delete": {"kind": "Pod", "name": "p-2"}},
         {"at": "20s", "delete": {"kind": "Job", "name": "j", "propagation": "Orphan"}},
         {"at": "30s", "delete": {"kind": "Pod", "name": "p-2"}},
         {"at": "31s", "delete": {"kind": "Pod", "node": "a-0", "count": 1}}])",
     R"([{"at": "5s", "object": "Pod", "selector": "app=x", "count": 1},
         {"at": "5s", "object": "Pod/p-2", "path": "/status/phase", "equals": "Running"},
         {"at": "15s", "object": "Pod", "selector": "app=x", "count": 0},
         {"at": "25s", "object": "Job", "count": 0},
         {"at": "25s", "object": "Pod", "count": 2}])",
     {"pods \"p-2\" not found"}},
    {"cordon and uncordon, by name and by selector",
     R"([{"at": "5s", "cordon": {"node": "a-0"}}, {"at": "6s", "cordon": {"selector": "topology.kubernetes.io/zone=b"}},
         {"at": "7s", "uncordon": {"selector": "topology.kubernetes.io/zone"}}, {"at": "8s", "cordon": {"node": "z"}},
         {"at": "9s", "cordon": {"selector": "nothing=here"}}])",
     R"([{"at": "5s", "object": "Node", "path": "/spec/unschedulable", "equals": true, "count": 1},
         {"at": "6s", "object": "Node", "path": "/spec/unschedulable", "equals": true, "count": 3},
         {"at": "7s", "object": "Node", "path": "/spec/unschedulable", "equals": true, "count": 0}])",
     {"nodes \"z\" not found", "no node matches the selector"}},
    {"addNode and removeNode",
     R"([{"at": "3s", "apply": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "q"}, "spec": {"nodeSelector": {"new": "yes"}, "containers": [{"name": "c", "image": "i:1"}]}}},
         {"at": "5s", "addNode": {"metadata": {"name": "c", "labels": {"new": "yes"}}}},
         {"at": "10s", "removeNode": {"selector": "topology.kubernetes.io/zone=a"}}, {"at": "20s", "removeNode": {"node": "a-0"}}])",
     R"([{"at": "4s", "object": "Pod/q", "path": "/spec/nodeName", "equals": null},
         {"at": "6s", "object": "Pod/q", "path": "/spec/nodeName", "equals": "c"},
         {"at": "10s", "object": "Node", "count": 3},
         {"at": "2m", "object": "Pod/p-0", "path": "/metadata/name", "equals": null}])",
     {"nodes \"a-0\" not found"}},
    {"failNode crash of a whole zone: both nodes are lost, nothing of them is ever written",
     R"([{"at": "10s", "failNode": {"selector": "topology.kubernetes.io/zone=a"}}])",
     R"([{"at": "2m", "object": "Node", "path": "/status/conditions/3/status", "equals": "Unknown", "count": 2},
         {"at": "2m", "object": "Node/a-0", "path": "/spec/taints/0/key", "equals": "node.kubernetes.io/unreachable"},
         {"at": "always", "object": "Node/b-0", "path": "/status/conditions/3/status", "equals": "True"},
         {"at": "2m", "object": "Pod/p-0", "path": "/status/phase", "equals": "Running"}])"},
    {"failNode partition for a time: what happened meanwhile is written when it is over",
     R"([{"at": "10s", "failNode": {"node": "a-1", "mode": "partition", "for": "20s"}},
         {"at": "15s", "failPod": {"name": "p-1", "exit": 3}}])",
     R"([{"at": "29s", "object": "Pod/p-1", "path": "/status/phase", "equals": "Running"},
         {"at": "30s", "object": "Pod/p-1", "path": "/status/phase", "equals": "Failed"},
         {"at": "30s", "object": "Pod/p-1", "path": "/status/containerStatuses/0/state/terminated/exitCode", "equals": 3},
         {"at": "always", "object": "Node/a-1", "path": "/spec/taints", "equals": null}])"},
    {"failNode kubelet: containers run on; after the grace period the node is not ready, until the kubelet is back",
     R"([{"at": "10s", "failNode": {"node": "b-0", "mode": "kubelet", "for": "90s"}}])",
     R"([{"at": "80s", "object": "Node/b-0", "path": "/status/conditions/3/status", "equals": "Unknown"},
         {"at": "2m", "object": "Node/b-0", "path": "/status/conditions/3/status", "equals": "True"},
         {"at": "2m", "object": "Pod/p-2", "path": "/status/phase", "equals": "Running"},
         {"at": "2m", "object": "Pod/p-2", "path": "/status/containerStatuses/0/restartCount", "equals": 0}])"},
    {"failNode by selector with a count hits so many",
     R"([{"at": "10s", "failNode": {"selector": "topology.kubernetes.io/zone", "count": 3}}])",
     R"([{"at": "2m", "object": "Node", "path": "/status/conditions/3/status", "equals": "Unknown", "count": 3}])"},
    {"shutdownNode: the pods end within the grace period, then the node is gone from the network",
     R"([{"at": "10s", "shutdownNode": {"node": "a-1", "gracePeriod": "10s"}}, {"at": "11s", "shutdownNode": {"node": "z"}}])",
     R"([{"at": "25s", "object": "Pod/p-1", "path": "/status/phase", "equals": "Failed"},
         {"at": "25s", "object": "Pod/p-1", "path": "/status/reason", "equals": "Terminated"},
         {"at": "2m", "object": "Node/a-1", "path": "/status/conditions/3/status", "equals": "Unknown"}])",
     {"nodes \"z\" not found"}},
    {"failPod: the running containers exit now, the longest running pods first",
     R"([{"at": "10s", "failPod": {"selector": "app=x", "count": 2, "exit": 137, "reason": "OOMKilled"}},
         {"at": "20s", "failPod": {"name": "p-2"}}, {"at": "30s", "failPod": {"name": "p-2"}},
         {"at": "40s", "failPod": {"node": "b-0", "namespace": "other"}}])",
     R"([{"at": "10s", "object": "Pod/p-1", "path": "/status/containerStatuses/0/state/terminated/reason", "equals": "OOMKilled"},
         {"at": "10s", "object": "Pod/p-1", "path": "/status/containerStatuses/0/state/terminated/exitCode", "equals": 137},
         {"at": "15s", "object": "Pod/p-0", "path": "/status/containerStatuses/0/restartCount", "equals": 1},
         {"at": "19s", "object": "Pod/p-2", "path": "/status/phase", "equals": "Running"},
         {"at": "20s", "object": "Pod/p-2", "path": "/status/containerStatuses/0/state/terminated/exitCode", "equals": 1}])",
     {"nothing matches", "nothing matches"}},
    {"setImage of one container, and of all",
     R"([{"at": "5s", "setImage": {"kind": "Pod", "name": "p-0", "container": "c", "image": "i:2"}},
         {"at": "6s", "setImage": {"kind": "Pod", "name": "p-1", "container": "*", "image": "i:3"}},
         {"at": "7s", "setImage": {"kind": "Pod", "name": "p-0", "container": "d", "image": "i:4"}}])",
     R"([{"at": "5s", "object": "Pod/p-0", "path": "/spec/containers/0/image", "equals": "i:2"},
         {"at": "6s", "object": "Pod/p-1", "path": "/spec/containers/0/image", "equals": "i:3"}])",
     {"unable to find container named \"d\""}},
    {"suspend and resume",
     R"([{"at": "5s", "suspend": {"kind": "Job", "name": "j"}}, {"at": "2m", "resume": {"kind": "Job", "name": "j"}}])",
     R"([{"at": "10s", "object": "Job/j", "path": "/status/conditions/0/type", "equals": "Suspended"},
         {"at": "45s", "object": "Pod", "selector": "job-name=j", "count": 0},
         {"at": "125s", "object": "Job/j", "path": "/status/active", "equals": 2},
         {"at": "end", "object": "Job/j", "path": "/status/succeeded", "equals": 2}])"},
    {"stopController and startController",
     R"([{"at": "1s", "stopController": {"controller": "job"}}, {"at": "1500ms", "stopController": {"controller": "job"}},
         {"at": "2s", "apply": {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "k"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}}},
         {"at": "20s", "startController": {"controller": "job"}}, {"at": "20001ms", "startController": {"controller": "job"}},
         {"at": "21s", "startController": {"controller": "job"}},
         {"at": "30s", "stopController": {"controller": "workflow"}}])",
     R"([{"at": "19s", "object": "Pod", "selector": "job-name=k", "count": 0},
         {"at": "20004ms", "object": "Pod", "selector": "job-name=k", "count": 0},
         {"at": "21s", "object": "Pod", "selector": "job-name=k", "count": 1},
         {"at": "2m", "object": "Job/j", "path": "/status/succeeded", "equals": 2}])",
     {"controller job is not running", "controller job is running already", "controller job is running already"}},
    {"a controller that is stopped before its caches are filled never starts",
     R"([{"at": "1s", "stopController": {"controller": "job"}}, {"at": "2s", "startController": {"controller": "job"}},
         {"at": "2002ms", "stopController": {"controller": "job"}}])",
     R"([{"at": "end", "object": "Job/j", "path": "/status/succeeded", "equals": null}])"},
    {"apiOutage: nobody gets an answer; what happened meanwhile is seen when it is over",
     R"([{"at": "40s", "apiOutage": {"for": "45s"}}, {"at": "50s", "cordon": {"node": "a-0"}},
         {"at": "60s", "failPod": {"name": "p-1"}}, {"at": "90s", "cordon": {"node": "a-0"}}])",
     R"([{"at": "84s", "object": "Pod/p-1", "path": "/status/phase", "equals": "Running"},
         {"at": "84s", "object": "Job/j", "path": "/status/active", "equals": 2},
         {"at": "85s", "object": "Pod/p-1", "path": "/status/phase", "equals": "Failed"},
         {"at": "95s", "object": "Job/j", "path": "/status/succeeded", "equals": 2},
         {"at": "always", "object": "Node/b-1", "path": "/spec/taints", "equals": null},
         {"at": "end", "object": "Node/a-0", "path": "/spec/unschedulable", "equals": true}])",
     {"Unable to connect to the server"}},
    {"apiOutage longer than the grace period: all nodes are found again",
     R"([{"at": "10s", "failNode": {"node": "a-1"}}, {"at": "20s", "apiOutage": {"for": "100s"}}])",
     R"([{"at": "119s", "object": "Node", "path": "/status/conditions/3/status", "equals": "True", "count": 4},
         {"at": "end", "object": "Node", "path": "/status/conditions/3/status", "equals": "True", "count": 3},
         {"at": "end", "object": "Node/a-1", "path": "/status/conditions/3/status", "equals": "Unknown"},
         {"at": "end", "object": "Job/j", "path": "/status/succeeded", "equals": 2}])"},
    {"kubectl: the command line does the same",
     R"([{"at": "5s", "kubectl": "kubectl cordon a-0"}, {"at": "6s", "kubectl": "kubectl delete pod p-1 --grace-period=0 --force"}])",
     R"([{"at": "5s", "object": "Node/a-0", "path": "/spec/unschedulable", "equals": true}, {"at": "6s", "object": "Pod/p-1", "path": "/metadata/name", "equals": null}])"},
    {"every, with times and without at: the first turn comes after the first interval",
     R"([{"every": "50s", "times": 3, "failPod": {"name": "p-0"}}])",
     R"([{"at": "49s", "object": "Pod/p-0", "path": "/status/containerStatuses/0/restartCount", "equals": 0},
         {"at": "55s", "object": "Pod/p-0", "path": "/status/containerStatuses/0/restartCount", "equals": 1},
         {"at": "end", "object": "Pod/p-0", "path": "/status/containerStatuses/0/restartCount", "equals": 3}])"},
    {"every without times: until the end",
     R"([{"at": "10s", "every": "25s", "apply": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "m-"}}}])",
     R"([{"at": "9s", "object": "ConfigMap", "count": 0}, {"at": "10s", "object": "ConfigMap", "count": 1}, {"at": "35s", "object": "ConfigMap", "count": 2},
         {"at": "end", "object": "ConfigMap", "count": 10}])"},
    {"at, from a distribution",
     R"([{"at": {"uniform": ["10s", "20s"]}, "cordon": {"node": "a-0"}}])",
     R"([{"at": "9s", "object": "Node/a-0", "path": "/spec/unschedulable", "equals": null}, {"at": "20s", "object": "Node/a-0", "path": "/spec/unschedulable", "equals": true}])"},
};

}  // namespace

TEST_CASE("every verb does what it says, when it says") {
  for (const Row& row : kRows) {
    SUBCASE(row.name) {
      Simulation sim(scenario_of(row));
      const RunReport report = sim.run();
      CHECK(report.status != RunStatus::livelock);
      for (const ExpectationResult& e : report.expectations) CHECK_MESSAGE(e.met, e.message);
      REQUIRE_MESSAGE(report.refusals.size() == row.refused.size(), (report.refusals.empty() ? std::string("none") : report.refusals.back().message));
      for (std::size_t i = 0; i < row.refused.size(); ++i) CHECK_MESSAGE(report.refusals[i].message.find(row.refused[i]) != std::string::npos, report.refusals[i].message);
    }
  }
}

TEST_CASE("chance is drawn from the seed: other seeds give other nodes and instants, the same seed the same") {
  const Row count{"count", R"([{"at": "5s", "cordon": {"selector": "topology.kubernetes.io/zone", "count": 1}}])", "[]"};
  const Row instant{"at", R"([{"at": {"exponential": {"mean": "30s"}}, "cordon": {"node": "a-0"}}])", "[]"};
  std::set<std::string> hit;
  std::set<Duration> when;
  for (std::uint64_t seed = 0; seed < 24; ++seed)
    for (const Row* row : {&count, &instant}) {
      const auto once = [&] {
        Simulation sim(scenario_of(*row, seed));
        std::pair<Duration, std::string> found;
        sim.on_change([&](Duration t, const Change& c) {
          if (c.kind == Kind::node && static_cast<const Node&>(*c.object).unschedulable) found = {t, std::string(c.object->name())};
        });
        (void)sim.run();
        return found;
      };
      const auto first = once();
      CHECK(once() == first);
      if (row == &count)
        hit.insert(first.second);
      else
        when.insert(first.first);
    }
  CHECK(hit == std::set<std::string>{"a-0", "a-1", "b-0", "b-1"});
  CHECK(when.size() > 15);
}
