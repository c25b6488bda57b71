#pragma once
// A cluster with a few controllers and no kubelet or scheduler, its objects made from JSON, its changes written down as
// "61.006 MODIFIED Pod p" lines.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/cluster/controller.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/housekeeping.hpp"

namespace orrery::test {

using namespace std::chrono_literals;

/// The latencies of the recorded conformance scenarios.
inline Timing recorded_timing() { return {.api_latency = 2003us, .watch_latency = 1009us, .bind_latency = 10007us, .skew = 1us, .commit_gap = 100ns}; }

struct World {
  static constexpr Time kStart{std::chrono::seconds{1767225600}};  // 2026-01-01T00:00:00Z
  Cluster cluster;
  std::vector<std::unique_ptr<Controller>> controllers;
  std::vector<std::string> lines;   ///< everything but Events
  std::vector<std::string> events;  ///< "61.006 Reason on: message"

  explicit World(const Timing& timing = recorded_timing()) : cluster({.start = kStart, .seed = 1, .timing = timing}) {
    cluster.store().on_commit([this](const Change& c) { write_down(c); });
    cluster.store().on_delivery([this](const Change& c) {
      for (auto& controller : controllers)
        if (controller->running() && controller->watches(c.kind)) controller->on_change(c);
    });
  }
  void add(std::unique_ptr<Controller> controller) { controllers.push_back(std::move(controller)); }
  /// As a run begins: controllers start a second before t = 0, `watchLatency` late.
  void start() {
    run_to(-1s + cluster.timing().watch_latency);
    for (auto& c : controllers) c->start();
    run_to(0s);
  }
  void run_to(Duration t) { (void)cluster.kernel().run_until(kStart + t); }
  Store& store() { return cluster.store(); }

  Ref<const Object> create(const nlohmann::json& object) {
    Ref<Object> made = from_json(object, cluster.names());
    // Objects come from users, who have no say in a pod's phase; these stand in for a kubelet's.
    if (made->kind == Kind::pod)
      for (PodPhase p : {PodPhase::running, PodPhase::succeeded, PodPhase::failed})
        if (phase_name(p) == object["status"]["phase"].get<std::string>()) static_cast<Pod&>(*made).phase = p;
    return store().create(std::move(made)).object;
  }
  void remove(Kind kind, std::string_view name, Propagation p = Propagation::background, std::int64_t grace = -1) {
    (void)store().remove(kind, kind == Kind::node ? Symbol{0} : Symbol{sym::default_}, name, {.grace_s = grace, .propagation = p, .uid = {}});
  }
  template <class T, class F>
  void change(std::string_view name, F f) {
    Ref<T> next = clone_as(*store().live_as<T>(std::is_same_v<T, Node> ? Symbol{0} : Symbol{sym::default_}, name));
    f(*next);
    (void)store().replace(std::move(next));
  }

  nlohmann::json pod(const std::string& name, const std::string& node = "", const Object* owner = nullptr) {
    nlohmann::json p = {{"apiVersion", "v1"},
                        {"kind", "Pod"},
                        {"metadata", {{"name", name}, {"namespace", "default"}, {"generation", 1}}},
                        {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}, {"terminationGracePeriodSeconds", 30}}},
                        {"status", {{"phase", node.empty() ? "Pending" : "Running"}}}};
    if (!node.empty()) p["spec"]["nodeName"] = node;
    if (owner != nullptr)
      p["metadata"]["ownerReferences"] = {{{"apiVersion", api_version(owner->kind)},
                                           {"kind", kind_name(owner->kind)},
                                           {"name", owner->name()},
                                           {"uid", owner->uid().text()},
                                           {"controller", true},
                                           {"blockOwnerDeletion", true}}};
    return p;
  }
  static nlohmann::json node(const std::string& name, const std::string& ready = "True") {
    nlohmann::json n = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}}}, {"spec", nlohmann::json::object()}};
    if (!ready.empty())
      for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"})
        n["status"]["conditions"].push_back({{"type", type},
                                             {"status", std::string_view(type) == "Ready" ? ready : "False"},
                                             {"reason", "R"},
                                             {"message", "m"},
                                             {"lastHeartbeatTime", "2026-01-01T00:00:00Z"},
                                             {"lastTransitionTime", "2026-01-01T00:00:00Z"}});
    return n;
  }
  static nlohmann::json job(const std::string& name) {
    return {{"apiVersion", "batch/v1"},
            {"kind", "Job"},
            {"metadata", {{"name", name}, {"namespace", "default"}, {"generation", 1}}},
            {"spec",
             {{"parallelism", 1},
              {"selector", {{"matchLabels", {{"job", name}}}}},
              {"template",
               {{"metadata", {{"labels", {{"job", name}}}}},
                {"spec", {{"restartPolicy", "Never"}, {"containers", {{{"name", "c"}, {"image", "i"}}}}}}}}}}};
  }

 private:
  void write_down(const Change& c) {
    std::string at;
    append_trace_seconds(at, c.at - kStart);
    if (c.kind == Kind::event) {
      const auto& e = static_cast<const EventObject&>(*c.object);
      events.push_back(fmt::format("{} {} {}: {}", at, cluster.text(e.reason), e.on->name(), e.message));
      return;
    }
    if (c.kind == Kind::lease) return;
    const char* type = c.type == ChangeType::added ? "ADDED" : c.type == ChangeType::modified ? "MODIFIED" : "DELETED";
    lines.push_back(fmt::format("{} {} {} {}", at, type, kind_name(c.kind), c.object->name()));
  }
};

}  // namespace orrery::test
