#pragma once
// The DaemonSet controller alone with the API: pods become bound, ready, failed or gone when a test says so.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/cluster/user_api.hpp"
#include "orrery/models/daemon_set.hpp"
#include "support/housekeeping_world.hpp"

namespace orrery::test {

using Json = nlohmann::json;

inline Json daemon_set(const Json& spec = Json::object(), const std::string& name = "d") {
  Json o = {{"apiVersion", "apps/v1"},
            {"kind", "DaemonSet"},
            {"metadata", {{"name", name}}},
            {"spec",
             {{"selector", {{"matchLabels", {{"app", name}}}}},
              {"template", {{"metadata", {{"labels", {{"app", name}}}}}, {"spec", {{"containers", Json::array({{{"name", "c"}, {"image", "i:1"}}})}}}}}}}};
  o["spec"].merge_patch(spec);
  return o;
}
inline Json rolling(const Json& unavailable, const Json& surge = 0) {
  return {{"updateStrategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", unavailable}, {"maxSurge", surge}}}}}};
}
inline Json on_delete() { return {{"updateStrategy", {{"type", "OnDelete"}}}}; }

/// Pods made and pods deleted (a graceful deletion counts when it is asked for).
using Step = std::pair<int, int>;

struct DaemonWorld {
  World w;
  UserApi api;
  Duration t{};
  Step done{};
  std::vector<std::string> warnings;  ///< refused calls of the test itself
  std::map<Duration, Step> at;        ///< by instant

  explicit DaemonWorld(const Timing& timing = Timing{}) : w(timing), api(w.cluster) {
    w.add(make_daemon_set_controller(w.cluster));
    w.store().on_commit([this](const Change& c) {
      if (c.kind != Kind::pod) return;
      Step& here = at[c.at - World::kStart];
      if (c.type == ChangeType::added && c.object->meta.controller() != nullptr) {
        ++done.first;
        ++here.first;
      }
      if (c.type == ChangeType::modified && c.object->meta.deleted && !c.before->meta.deleted) {
        ++done.second;
        ++here.second;
      }
    });
    w.start();
  }
  /// What happened since the last step, after all that happens now or in the next `d`.
  Step step(Duration d = {}) {
    t += d;
    w.run_to(t);
    return std::exchange(done, {});
  }
  std::string create(const Json& o) {
    const ApiResult r = api.create(o);
    return r.message();
  }
  std::string patch(const Json& p, PatchType type = PatchType::strategic) { return api.patch("DaemonSet", "default", "d", type, p).message(); }
  std::string image(const std::string& i) {
    return patch({{"spec", {{"template", {{"spec", {{"containers", Json::array({{{"name", "c"}, {"image", i}}})}}}}}}}});
  }
  void nodes(int count, const Json& labels = Json::object(), const Json& taints = Json(), int from = 0) {
    for (int i = from; i < from + count; ++i) {
      Json n = World::node(fmt::format("n-{}", i));
      if (!labels.empty()) n["metadata"]["labels"] = labels;
      if (taints.is_array()) n["spec"]["taints"] = taints;
      (void)create(n);
    }
  }
  void taint(const std::string& node, const Json& taints) { (void)api.patch("Node", "", node, PatchType::merge, {{"spec", {{"taints", taints}}}}); }
  void label(const std::string& node, const Json& labels) { (void)api.patch("Node", "", node, PatchType::merge, {{"metadata", {{"labels", labels}}}}); }

  const DaemonSet& set() { return *w.store().live_daemon_set(sym::default_, "d"); }
  std::vector<Ref<const Pod>> pods() {
    std::vector<Ref<const Pod>> out;
    for (const auto& o : w.store().list(Kind::pod)) out.emplace_back(static_cast<const Pod*>(o.get()));
    return out;
  }
  std::string image_of(const Pod& p) { return std::string(w.cluster.text(p.spec->containers[0].image)); }
  std::string target(const Pod& p) { return std::string(w.cluster.text(p.node != 0 ? p.node : p.spec->pinned_node)); }
  Ref<const Pod> pod_on(const std::string& node, const std::string& image = "") {
    for (const auto& p : pods())
      if (target(*p) == node && !p->meta.deleted && (image.empty() || image_of(*p) == image)) return p;
    return {};
  }
  int count(const std::string& image, bool terminating_too = false) {
    int n = 0;
    for (const auto& p : pods())
      if (image_of(*p) == image && (terminating_too || !p->meta.deleted)) ++n;
    return n;
  }

  void bind(const Pod& p) {
    w.change<Pod>(p.name(), [](Pod& x) {
      if (x.node == 0) x.node = x.spec->pinned_node;
    });
  }
  void ready(const Pod& p, bool value = true) {
    const Stamp now = stamp(w.cluster.now());
    w.change<Pod>(p.name(), [&](Pod& x) {
      if (x.node == 0) x.node = x.spec->pinned_node;
      x.phase = PodPhase::running;
      Condition c;
      c.type = sym::Ready;
      c.status = value ? sym::True : sym::False;
      c.transition = now;
      if (Condition* old = find_condition(x.conditions, sym::Ready))
        *old = c;
      else
        x.conditions.push_back(c);
    });
  }
  void phase(const Pod& p, PodPhase phase) {
    w.change<Pod>(p.name(), [&](Pod& x) {
      if (x.node == 0) x.node = x.spec->pinned_node;
      x.phase = phase;
      x.conditions.clear();
    });
  }
  /// Every pod that is neither ready nor going becomes ready.
  void all_ready(const std::string& image = "") {
    for (const auto& p : pods())
      if (!p->meta.deleted && !p->terminal() && !condition_true(p->conditions, sym::Ready) && (image.empty() || image_of(*p) == image)) ready(*p);
  }
  /// Gone at once, without grace.
  void kill(const Pod& p) {
    DeleteOptions now;
    now.grace_s = 0;
    (void)w.store().remove(Kind::pod, p.ns(), p.name(), now);
  }
  void delete_set(Propagation propagation) {
    DeleteOptions options;
    options.propagation = propagation;
    (void)api.remove("DaemonSet", "default", "d", options);
  }
  /// Every terminating pod is gone.
  void finish() {
    for (const auto& p : pods())
      if (p->meta.deleted) kill(*p);
  }
  /// A set on `n` nodes, all its pods ready.
  void settled(int n, const Json& spec) {
    nodes(n);
    (void)create(daemon_set(spec));
    (void)step();
    all_ready();
    (void)step();
  }
  /// A pod with the set's label and no controller.
  void orphan(const std::string& name, const std::string& node, bool bound = true, const std::string& phase_text = "Running") {
    Json p = w.pod(name, bound ? node : "");
    p["metadata"]["labels"] = {{"app", "d"}};
    p["status"]["phase"] = bound ? phase_text : "Pending";
    if (!bound)
      p["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] =
          Json::array({{{"matchFields", Json::array({{{"key", "metadata.name"}, {"operator", "In"}, {"values", Json::array({node})}}})}}});
    (void)w.create(p);
  }
  std::vector<std::int64_t> revisions() {
    std::vector<std::int64_t> out;
    for (const auto& o : w.store().list(Kind::controllerrevision)) out.push_back(static_cast<const ControllerRevision&>(*o).revision);
    std::sort(out.begin(), out.end());
    return out;
  }
  int events(std::string_view reason) {
    int n = 0;
    for (const std::string& e : w.events)
      if (e.find(std::string(" ") + std::string(reason) + " ") != std::string::npos) ++n;
    return n;
  }
};

}  // namespace orrery::test
