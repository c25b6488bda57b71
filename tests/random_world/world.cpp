#include "random_world/world.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "orrery/core/random.hpp"

namespace orrery::random_world {

using Json = nlohmann::json;

namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : seed_(seed), r_(seed, purpose("test.random_world"), 0) {}

  Json make() {
    nodes();
    workloads();
    budgets();
    for (std::int64_t i = pick(3, 14); i > 0; --i) action();
    heal();
    return {{"apiVersion", "orrery/v1"},
            {"kind", "Scenario"},
            {"metadata", {{"name", fmt::format("random-world-{}", seed_)}}},
            {"spec",
             {{"seed", seed_},
              {"start", chance(50) ? "2026-03-29T00:59:30Z" : "2026-01-01T00:00:00Z"},
              {"until", "40m"},
              {"controlPlane", control_plane()},
              {"nodes", nodes_},
              {"objects", objects_},
              {"behaviors", behaviors()},
              {"timeline", timeline_}}}};
  }

 private:
  std::int64_t pick(std::int64_t lo, std::int64_t hi) { return lo + static_cast<std::int64_t>(r_.below(static_cast<std::uint64_t>(hi - lo + 1))); }
  bool chance(std::uint64_t percent) { return r_.below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[r_.below(list.size())];
  }

  Json control_plane() {
    if (chance(20)) return {{"profile", "ideal"}};
    Json out = {{"profile", "realistic"}};
    if (chance(30)) out["skew"] = "100us";
    if (chance(30)) out["commitGap"] = "50us";
    if (chance(30)) out["watchLatency"] = fmt::format("{}ms", pick(0, 300));
    if (chance(20)) out["apiLatency"] = fmt::format("{}ms", pick(0, 200));
    return out;
  }

  void nodes() {
    const std::int64_t n = pick(3, 8), zones = pick(1, 3);
    for (std::int64_t i = 0; i < n; ++i) {
      const std::string name = fmt::format("n{}", i);
      names_.push_back(name);
      Json node = {{"metadata", {{"name", name}, {"labels", {{"topology.kubernetes.io/zone", fmt::format("z{}", i % zones)}, {"orrery/rack", fmt::format("r{}", i / 2)}}}}}};
      if (chance(15)) node["spec"]["taints"] = {{{"key", "special"}, {"effect", chance(50) ? "NoSchedule" : "PreferNoSchedule"}}};
      if (chance(30)) node["status"]["allocatable"] = {{"cpu", fmt::format("{}", pick(1, 4))}, {"memory", "4Gi"}, {"pods", fmt::format("{}", pick(3, 20))}};
      nodes_.push_back(std::move(node));
    }
  }

  Json pod_template(bool job) {
    Json container = {{"name", "c"}, {"image", "i:1"}};
    if (chance(50)) container["resources"] = {{"requests", {{"cpu", fmt::format("{}m", pick(1, 15) * 100)}}}};
    Json spec = {{"containers", Json::array({container})}};
    if (job) spec["restartPolicy"] = chance(70) ? "Never" : "OnFailure";
    if (chance(20)) spec["terminationGracePeriodSeconds"] = pick(0, 40);
    if (chance(20)) spec["tolerations"] = {{{"operator", "Exists"}}};
    return {{"metadata", {{"labels", {{"app", fmt::format("app{}", pick(0, 2))}}}}}, {"spec", spec}};
  }

  Json job_spec() {
    Json spec = {{"template", pod_template(true)}};
    const bool never = spec["template"]["spec"]["restartPolicy"] == "Never";
    spec["parallelism"] = pick(1, 4);
    if (chance(85)) spec["completions"] = pick(1, 6);
    if (spec.contains("completions") && chance(40)) {
      spec["completionMode"] = "Indexed";
      if (chance(40)) spec["backoffLimitPerIndex"] = pick(0, 2);
    }
    if (!spec.contains("backoffLimitPerIndex")) spec["backoffLimit"] = pick(0, 5);
    if (chance(15)) spec["activeDeadlineSeconds"] = pick(5, 300);
    if (chance(20)) spec["ttlSecondsAfterFinished"] = pick(0, 120);
    if (never && chance(20)) spec["podFailurePolicy"] = {{"rules", {{{"action", "Ignore"}, {"onPodConditions", {{{"type", "DisruptionTarget"}}}}}}}};
    else if (chance(20)) spec["podReplacementPolicy"] = "Failed";
    return spec;
  }

  void workloads() {
    for (std::int64_t i = pick(1, 4); i > 0; --i) {
      const std::string name = fmt::format("job{}", i);
      jobs_.push_back(name);
      objects_.push_back({{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", name}}}, {"spec", job_spec()}});
    }
    for (std::int64_t i = pick(0, 2); i > 0; --i) {
      const std::string name = fmt::format("cron{}", i);
      crons_.push_back(name);
      Json spec = {{"schedule", one_of<std::string>({"* * * * *", "*/2 * * * *", "*/5 * * * *"})},
                   {"concurrencyPolicy", one_of<std::string>({"Allow", "Forbid", "Forbid", "Replace"})},
                   {"jobTemplate", {{"spec", job_spec()}}}};
      if (chance(30)) spec["startingDeadlineSeconds"] = pick(10, 200);
      if (chance(40)) spec["successfulJobsHistoryLimit"] = pick(0, 3);
      if (chance(40)) spec["failedJobsHistoryLimit"] = pick(0, 2);
      objects_.push_back({{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", name}}}, {"spec", spec}});
    }
    for (std::int64_t i = pick(0, 2); i > 0; --i) {
      const std::string name = fmt::format("ds{}", i);
      daemons_.push_back(name);
      Json t = pod_template(false);
      t["metadata"]["labels"]["ds"] = name;
      t["metadata"]["labels"].erase("app");
      if (chance(30)) t["spec"]["nodeSelector"] = {{"topology.kubernetes.io/zone", "z0"}};
      Json spec = {{"selector", {{"matchLabels", {{"ds", name}}}}}, {"template", t}};
      if (chance(30)) spec["updateStrategy"] = {{"type", "OnDelete"}};
      else if (chance(50)) spec["updateStrategy"] = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", chance(50) ? Json(pick(1, 3)) : Json("50%")}}}};
      if (chance(20)) spec["minReadySeconds"] = pick(1, 20);
      objects_.push_back({{"apiVersion", "apps/v1"}, {"kind", "DaemonSet"}, {"metadata", {{"name", name}}}, {"spec", spec}});
    }
    if (chance(40)) workflow();
    if (chance(40)) servers();
  }

  /// Pods without a controller that run for ever: what budgets protect.
  void servers() {
    for (std::int64_t i = pick(2, 6); i > 0; --i) {
      Json pod = pod_template(false);
      pod["apiVersion"] = "v1";
      pod["kind"] = "Pod";
      pod["metadata"]["name"] = fmt::format("server{}", i);
      pod["metadata"]["labels"]["app"] = "app1";
      objects_.push_back(std::move(pod));
    }
  }

  void workflow() {
    Json jobs = Json::array();
    const std::int64_t n = pick(1, 6);
    for (std::int64_t i = 0; i < n; ++i) {
      Json job = {{"name", fmt::format("s{}", i)}, {"template", {{"spec", job_spec()}}}};
      // Only on jobs before: no cycle.
      Json depends = Json::array();
      for (std::int64_t k = 0; k < i; ++k)
        if (chance(40)) depends.push_back({{"job", fmt::format("s{}", k)}, {"condition", one_of<std::string>({"success", "success", "failure", "always"})}});
      if (!depends.empty()) job["dependsOn"] = depends;
      jobs.push_back(std::move(job));
    }
    Json spec = {{"jobs", jobs}};
    if (chance(30)) spec["parallelism"] = pick(1, 3);
    if (chance(20)) spec["suspend"] = true;
    has_workflow_ = true;
    objects_.push_back({{"apiVersion", "orrery/v1"}, {"kind", "Workflow"}, {"metadata", {{"name", "flow"}}}, {"spec", spec}});
  }

  void budgets() {
    for (std::int64_t i = pick(0, 2); i > 0; --i) {
      Json spec = {{"selector", {{"matchLabels", {{"app", fmt::format("app{}", i)}}}}}};
      // Of pods without a scalable controller only a number can be demanded (E-004).
      if (chance(70)) spec["minAvailable"] = pick(0, 3);
      else spec[chance(50) ? "minAvailable" : "maxUnavailable"] = fmt::format("{}%", pick(0, 100));
      if (chance(30)) spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
      objects_.push_back({{"apiVersion", "policy/v1"}, {"kind", "PodDisruptionBudget"}, {"metadata", {{"name", fmt::format("pdb{}", i)}}}, {"spec", spec}});
    }
  }

  Json behaviors() {
    return {{{"match", {{"kind", "Job"}}},
             {"start", {{"uniform", {"200ms", "3s"}}}},
             {"run", {{"exponential", {{"mean", fmt::format("{}s", pick(2, 90))}}}}},
             {"stop", {{"uniform", {"0s", "12s"}}}},
             {"exit", {{"0", 0.7}, {"1", 0.25}, {"3", 0.05}}}},
            {{"start", {{"uniform", {"200ms", "3s"}}}}, {"ready", {{"uniform", {"0s", "5s"}}}}, {"run", chance(70) ? Json("forever") : Json({{"exponential", {{"mean", "4m"}}}})}, {"stop", "1s"}}};
  }

  void at(Json verb) {
    verb["at"] = fmt::format("{}ms", pick(100, 600'000));
    timeline_.push_back(std::move(verb));
  }
  std::string zone() { return fmt::format("topology.kubernetes.io/zone=z{}", pick(0, 2)); }
  Json node_target() {
    if (chance(70)) return {{"node", one_of(names_)}};
    Json out = {{"selector", chance(50) ? zone() : fmt::format("orrery/rack=r{}", pick(0, 3))}};
    if (chance(50)) out["count"] = 1;
    return out;
  }
  Json lasting(Json target) {
    target["mode"] = one_of<std::string>({"crash", "partition", "kubelet"});
    if (chance(80)) target["for"] = chance(50) ? Json(fmt::format("{}s", pick(1, 240))) : Json({{"exponential", {{"mean", "60s"}}}});
    return target;
  }
  Json workload() {
    std::vector<Json> all;
    for (const auto& n : jobs_) all.push_back({{"kind", "Job"}, {"name", n}});
    for (const auto& n : crons_) all.push_back({{"kind", "CronJob"}, {"name", n}});
    if (has_workflow_) all.push_back({{"kind", "Workflow"}, {"name", "flow"}});
    return one_of(all);
  }

  void action() {
    switch (r_.below(20)) {
      case 0:
      case 18:
      case 19: {
        Json d = node_target();
        d["ignoreDaemonSets"] = true;
        d["force"] = true;
        if (chance(50)) d["timeout"] = fmt::format("{}s", pick(5, 120));
        at({{"drain", d}});
        break;
      }
      case 1: at({{"cordon", node_target()}}); break;
      case 2: at({{"uncordon", node_target()}}); break;
      case 3:
      case 4: at({{"failNode", lasting(node_target())}}); break;
      case 5: at({{"shutdownNode", {{"node", one_of(names_)}, {"gracePeriod", fmt::format("{}s", pick(1, 40))}}}}); break;
      case 6: at({{"removeNode", {{"node", one_of(names_)}}}}); break;
      case 7: at({{"addNode", {{"metadata", {{"name", chance(60) ? fmt::format("x{}", pick(0, 3)) : one_of(names_)}, {"labels", {{"topology.kubernetes.io/zone", "z0"}}}}}}}}); break;
      case 8: at({{"patch", {{"kind", "Job"}, {"name", one_of(jobs_)}, {"patch", {{"spec", {{"parallelism", pick(0, 5)}}}}}}}}); break;
      case 9: at({{"suspend", workload()}}); break;
      case 10: at({{"resume", workload()}}); break;
      case 11: at({{"delete", {{"kind", "Pod"}, {"selector", "job-name"}, {"count", pick(1, 3)}}}}); break;
      case 12: at({{"failPod", {{"selector", chance(50) ? "job-name" : "app"}, {"count", pick(1, 3)}, {"exit", 137}}}}); break;
      case 13: {
        Json d = workload();
        if (chance(50)) d["propagation"] = one_of<std::string>({"Background", "Foreground", "Orphan"});
        at({{"delete", d}});
        break;
      }
      case 14:
        if (!daemons_.empty())
          at({{"patch", {{"kind", "DaemonSet"}, {"name", one_of(daemons_)}, {"patch", {{"spec", {{"template", {{"metadata", {{"annotations", {{"v", fmt::format("{}", pick(1, 9))}}}}}}}}}}}}}});
        break;
      case 15:
        if (!crons_.empty()) at({{"patch", {{"kind", "CronJob"}, {"name", one_of(crons_)}, {"patch", {{"spec", {{"concurrencyPolicy", one_of<std::string>({"Allow", "Replace"})}}}}}}}});
        break;
      case 16: {
        const std::string c = one_of<std::string>({"job", "cronjob", "daemonset", "gc", "nodelifecycle", "tainteviction", "disruption", "workflow"});
        const std::int64_t from = pick(100, 500'000);
        timeline_.push_back({{"at", fmt::format("{}ms", from)}, {"stopController", {{"controller", c}}}});
        timeline_.push_back({{"at", fmt::format("{}ms", from + pick(1, 90'000))}, {"startController", {{"controller", c}}}});
        break;
      }
      default: at({{"apiOutage", {{"for", fmt::format("{}s", pick(1, 30))}}}}); break;
    }
  }

  /// What stands in the way of rest is taken away; what is not there any more is refused, and that is fine.
  void heal() {
    const auto then = [&](Json verb) {
      verb["at"] = "11m";
      timeline_.push_back(std::move(verb));
    };
    for (const char* c : {"job", "cronjob", "daemonset", "gc", "nodelifecycle", "tainteviction", "disruption", "workflow"}) then({{"startController", {{"controller", c}}}});
    then({{"uncordon", {{"selector", "kubernetes.io/hostname"}}}});
    for (const auto& n : crons_) then({{"suspend", {{"kind", "CronJob"}, {"name", n}}}});
    for (const auto& n : jobs_) then({{"resume", {{"kind", "Job"}, {"name", n}}}});
    if (has_workflow_) then({{"resume", {{"kind", "Workflow"}, {"name", "flow"}}}});
    for (int i = 0; i < 2; ++i) then({{"addNode", {{"metadata", {{"name", fmt::format("fresh{}", i)}, {"labels", {{"topology.kubernetes.io/zone", "z0"}}}}}}}});
  }

  std::uint64_t seed_;
  RandomStream r_;
  Json nodes_ = Json::array(), objects_ = Json::array(), timeline_ = Json::array();
  std::vector<std::string> names_, jobs_, crons_, daemons_;
  bool has_workflow_ = false;
};

}  // namespace

Json make_world(std::uint64_t seed) { return Maker(seed).make(); }

}  // namespace orrery::random_world
