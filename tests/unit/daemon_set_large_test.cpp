// A rolling update over 5,000 nodes of which every fiftieth fails meanwhile.
#include <doctest/doctest.h>

#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "daemon_set/node_table.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

TEST_CASE("5,000 nodes, maxUnavailable 10 %, 2 % of the nodes fail during the rollout") {
  constexpr int kNodes = 5000, kFailing = kNodes / 50;
  Json timeline = Json::array({{{"at", "2m"}, {"setImage", {{"kind", "DaemonSet"}, {"name", "agent"}, {"container", "c"}, {"image", "agent:2"}}}}});
  for (int i = 0; i < kFailing; ++i)
    timeline.push_back({{"at", fmt::format("{}ms", 120500 + 730 * i)}, {"failNode", {{"node", fmt::format("n-{}", i * 50 + 7)}, {"mode", i % 2 == 0 ? "crash" : "partition"}}}});
  const Json scenario_json = {
      {"apiVersion", "orrery/v1"},
      {"kind", "Scenario"},
      {"metadata", {{"name", "large"}}},
      {"spec",
       {{"seed", 1},
        {"until", "15m"},
        {"controlPlane", {{"profile", "realistic"}, {"qps", 0}}},
        {"nodes", Json::array({{{"count", kNodes}, {"metadata", {{"name", "n"}}}}})},
        {"objects",
         Json::array({{{"apiVersion", "apps/v1"},
                       {"kind", "DaemonSet"},
                       {"metadata", {{"name", "agent"}}},
                       {"spec",
                        {{"selector", {{"matchLabels", {{"app", "agent"}}}}},
                         {"updateStrategy", {{"rollingUpdate", {{"maxUnavailable", "10%"}}}}},
                         {"template", {{"metadata", {{"labels", {{"app", "agent"}}}}}, {"spec", {{"containers", Json::array({{{"name", "c"}, {"image", "agent:1"}}})}}}}}}}}})},
        {"behaviors", Json::array({{{"match", Json::object()}, {"start", {{"uniform", {"1s", "4s"}}}}, {"stop", {{"uniform", {"200ms", "3s"}}}}}})},
        {"timeline", timeline}}}};
  auto scenario = parse_scenario(scenario_json.dump(), "large", ".");
  if (!scenario)
    for (const Diagnostic& d : scenario.problems()) MESSAGE(to_string(d));
  REQUIRE(scenario);
  Simulation sim(std::move(*scenario));
  std::unordered_map<Symbol, int> live;
  std::unordered_set<Symbol> down;  // through a deletion of a pod that served
  std::size_t most_down = 0, doubled = 0;
  sim.on_change([&](Duration, const Change& c) {
    if (c.kind != Kind::pod) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    const Symbol node = daemon::target_node(pod, sim.cluster().names());
    if (c.type == ChangeType::added && ++live[node] > 1) ++doubled;
    const bool goes = c.type == ChangeType::modified && pod.meta.deleted && !c.before->meta.deleted;
    if (goes || (c.type == ChangeType::deleted && c.before && !c.before->meta.deleted)) --live[node];
    if (goes && daemon::is_ready(static_cast<const Pod&>(*c.before))) down.insert(node);
    if (c.type == ChangeType::modified && !pod.meta.deleted && daemon::is_ready(pod)) down.erase(node);
    most_down = std::max(most_down, down.size());
  });
  const RunReport report = sim.run();
  CHECK(report.refusals.empty());
  const DaemonSet* set = sim.cluster().store().live_daemon_set(sym::default_, "agent");
  REQUIRE(set != nullptr);
  MESSAGE("events ", report.events, ", most down ", most_down, ", updated ", set->status.updated, ", ready ", set->status.ready);
  CHECK(doubled == 0);
  CHECK(most_down <= kNodes / 10);
  // A failed node is unreachable and tainted: misscheduled once the set looks, and no longer wanted.
  CHECK(set->status.desired == kNodes - kFailing);
  CHECK(set->status.misscheduled == kFailing);
  CHECK(set->status.updated == kNodes - kFailing);
  CHECK(set->status.available == kNodes - kFailing);
  CHECK(set->status.observed_generation == 2);
}
