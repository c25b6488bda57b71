// Random pods on failing nodes, with invariants checked after every committed change. A failure prints the scenario.
#include <map>

#include "../support/pod_history.hpp"

using namespace orrery;
using orrery::test::Json;

namespace {

Json random_container(RandomStream& r, const std::string& name) {
  Json c = {{"name", name}, {"image", r.below(3) == 0 ? "x:1" : "y:1"}};
  auto probe = [&] { return Json{{"tcpSocket", {{"port", 80}}}, {"periodSeconds", 1 + r.below(10)}, {"initialDelaySeconds", r.below(8)}, {"failureThreshold", 1 + r.below(4)}}; };
  if (r.below(4) == 0) c["startupProbe"] = probe();
  if (r.below(4) == 0) c["readinessProbe"] = probe();
  if (r.below(5) == 0) c["lifecycle"] = {{"preStop", {{"sleep", {{"seconds", 1 + r.below(4)}}}}}};
  if (r.below(6) == 0) c["imagePullPolicy"] = "Never";
  return c;
}

Json random_pod(RandomStream& r, std::uint64_t i) {
  static constexpr const char* kPolicies[] = {"Always", "OnFailure", "Never"};
  Json spec = {{"restartPolicy", kPolicies[r.below(3)]}, {"terminationGracePeriodSeconds", 5 + r.below(20)}, {"tolerations", {{{"operator", "Exists"}}}}};
  for (std::uint64_t k = r.below(3); k > 0; --k) {
    Json c = random_container(r, fmt::format("i{}", k));
    if (r.below(2) == 0) {
      c["restartPolicy"] = "Always";
    } else {
      for (const char* not_there : {"startupProbe", "readinessProbe", "lifecycle"}) c.erase(not_there);
    }
    spec["initContainers"].push_back(c);
  }
  for (std::uint64_t k = 1 + r.below(2); k > 0; --k) {
    Json c = random_container(r, fmt::format("c{}", k));
    if (r.below(3) == 0) {
      c["restartPolicy"] = kPolicies[r.below(3)];
      c["restartPolicyRules"] = {{{"action", r.below(2) == 0 ? "RestartAllContainers" : "Restart"}, {"exitCodes", {{"operator", "In"}, {"values", {3}}}}}};
    }
    spec["containers"].push_back(c);
  }
  if (r.below(5) == 0) spec["activeDeadlineSeconds"] = 5 + r.below(100);
  Json meta = {{"name", fmt::format("p{}", i)}};
  if (r.below(6) == 0) meta["finalizers"] = {"x.io/y"};
  return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", meta}, {"spec", spec}};
}

Json random_scenario(std::uint64_t seed) {
  RandomStream r(seed, purpose("test.kubelet_property"), 0);
  auto at = [&] { return fmt::format("{}ms", 500 + r.below(150000)); };
  Json objects = Json::array(), timeline = Json::array();
  const std::uint64_t pods = 1 + r.below(6);
  for (std::uint64_t i = 0; i < pods; ++i) objects.push_back(random_pod(r, i));
  for (std::uint64_t k = r.below(9); k > 0; --k) {
    const std::string pod = fmt::format("p{}", r.below(pods)), node = fmt::format("n-{}", r.below(2));
    static constexpr const char* kModes[] = {"crash", "partition", "kubelet"};
    switch (r.below(6)) {
      case 0: timeline.push_back({{"at", at()}, {"delete", {{"kind", "Pod"}, {"name", pod}}}}); break;
      case 1: timeline.push_back({{"at", at()}, {"delete", {{"kind", "Pod"}, {"name", pod}, {"gracePeriodSeconds", r.below(3)}}}}); break;
      case 2: timeline.push_back({{"at", at()}, {"failPod", {{"name", pod}, {"exit", r.below(5)}}}}); break;
      case 3: timeline.push_back({{"at", at()}, {"shutdownNode", {{"node", node}, {"gracePeriod", fmt::format("{}s", r.below(20))}}}}); break;
      default: {
        Json fail = {{"node", node}, {"mode", kModes[r.below(3)]}};
        if (r.below(4) != 0) fail["for"] = fmt::format("{}ms", 1 + r.below(60000));
        timeline.push_back({{"at", at()}, {"failNode", fail}});
      }
    }
  }
  Json behavior = {{"match", {{"image", "x:1"}}}, {"start", {{"uniform", {"0s", "3s"}}}}, {"run", {{"exponential", {{"mean", "15s"}}}}}, {"stop", {{"uniform", {"0s", "40s"}}}},
                   {"exit", {{"0", 0.5}, {"1", 0.3}, {"3", 0.2}}}, {"ready", {{"uniform", {"0s", "20s"}}}}, {"pull", {{"uniform", {"0s", "9s"}}}}};
  Json other = behavior;
  other["match"] = Json::object();
  other.erase("pull");
  other["run"] = {{"choice", {{{"weight", 1}, {"value", "4s"}}, {{"weight", 1}, {"value", "2h"}}}}};
  return {{"apiVersion", "orrery/v1"},
          {"kind", "Scenario"},
          {"metadata", {{"name", fmt::format("seed-{}", seed)}}},
          {"spec",
           {{"seed", seed},
            {"until", "20m"},
            {"controlPlane", r.below(2) == 0 ? Json{{"profile", "realistic"}} : Json{{"profile", "ideal"}, {"commitGap", "100ns"}}},
            {"nodes", {{{"count", 2}, {"metadata", {{"name", "n"}}}}}},
            {"objects", objects},
            {"behaviors", {behavior, other}},
            {"timeline", timeline}}}};
}

/// What must hold of a pod's next version; the text of what does not.
std::string broken(Simulation& sim, const Pod& before, const Pod& now) {
  if (before.terminal() && now.phase != before.phase) return "a terminal phase changed";
  if (before.start_time != Stamp{} && now.start_time != before.start_time) return "startTime changed";
  const bool never = std::none_of(now.spec->containers.begin(), now.spec->containers.end(), [](const ContainerSpec& c) { return c.has_restart_policy; }) &&
                     now.spec->restart_policy == RestartPolicy::never;
  auto list = [&](const ContainerStatuses& a, const ContainerStatuses& b, bool regular) -> std::string {
    for (const ContainerStatus& s : b) {
      const std::string name(sim.cluster().text(s.name));
      for (const ContainerStatus& old : a)
        if (old.name == s.name && s.restart_count < old.restart_count) return name + ": restarts went down";
      if (s.restart_count > 0 && !s.has_last) return name + ": restarted without a last state";
      if (s.ready && regular && s.state != ContainerStatus::State::running) return name + ": ready, but does not run";
      if (now.terminal() && s.state == ContainerStatus::State::running) return name + ": runs in a pod that has ended";
      if (regular && never && s.restart_count > 0) return name + ": restarted under Never";
      if (regular && s.state == ContainerStatus::State::running && !condition_true(now.conditions, sym::Initialized)) return name + ": runs before the pod was initialised";
    }
    return {};
  };
  if (std::string why = list(before.init_containers(), now.init_containers(), false); !why.empty()) return why;
  if (std::string why = list(before.containers, now.containers, true); !why.empty()) return why;
  if (now.phase == PodPhase::succeeded)
    for (const ContainerStatus& s : now.containers)
      if (s.terminated.exit_code != 0) return "succeeded, but not every container";
  return {};
}

}  // namespace

TEST_CASE("random pods keep what every pod keeps") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const Json json = random_scenario(seed);
    const std::string text = json.dump();
    INFO(text);
    const auto scenario = parse_scenario(text, "random.json", ".");
    if (!scenario) {
      for (const auto& problem : scenario.problems()) FAIL(to_string(problem));
      continue;
    }
    Simulation sim(*scenario, {.component_events = seed % 2 == 0});
    std::map<Uid, Ref<const Object>> last;
    std::string why;
    sim.on_change([&](Duration t, const Change& c) {
      if (c.kind != Kind::pod || !why.empty()) return;
      Ref<const Object>& before = last[c.object->uid()];
      if (before) why = broken(sim, static_cast<const Pod&>(*before), static_cast<const Pod&>(*c.object));
      if (!why.empty()) why = fmt::format("{} {}: {}", orrery::test::seconds_text(t), c.object->name(), why);
      before = c.object;
      if (c.type == ChangeType::deleted) last.erase(c.object->uid());
    });
    const RunReport report = sim.run();
    REQUIRE(why == "");
    CHECK(report.status != RunStatus::livelock);
    // Where no machine is off, a deleted pod is gone in the end, but for a finalizer.
    bool off = false;
    for (const Json& a : json["spec"]["timeline"]) off = off || a.contains("shutdownNode") || (a.contains("failNode") && !a["failNode"].contains("for"));
    if (off) continue;
    for (const auto& entry : last) {
      const Object& pod = *entry.second;
      if (pod.meta.deleted) CHECK_MESSAGE(!pod.meta.finalizers().empty(), pod.name() << " is still there");
    }
  }
}
