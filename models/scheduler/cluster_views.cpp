#include "cluster_views.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "../support/json_reading.hpp"

namespace orrery {

using json_reading::at;
using json_reading::list;
using json_reading::number;
using json_reading::text;

namespace {
/// What is remembered at a shared PodSpec: the views of the label sets met last.
struct PodViews final : Attachment {
  static constexpr std::size_t kMax = 4;
  std::vector<SchedPodSpecPtr> views;
  std::vector<SchedPodSpecPtr> bases;  ///< with all labels, as read; only of what pinned specs are made from
  std::size_t next = 0;
};
}  // namespace

SchedLabels SchedViews::labels_of(const StringMap* labels) {
  SchedLabels out;
  if (labels != nullptr)
    for (const auto& [key, value] : labels->items) out.set(key, value, names_);
  return out;
}

void SchedViews::look_at(Symbol key) {
  if (key >= looked_at_.size()) looked_at_.resize(names_.size(), false);
  if (looked_at_[key]) return;
  looked_at_[key] = true;
  any_looked_at_ = grown_ = true;
}

/// There is a pinned spec for every node, so only what they are made from is compiled from its JSON.
SchedPodSpec SchedViews::compiled(const PodSpec& spec, SchedLabels labels, Symbol ns) {
  if (spec.base() == nullptr) return parse_sched_pod_spec(spec.json(), std::move(labels), names_.text(ns), names_);
  const PodSpec& base = *spec.base();
  if (!base.scheduler_view) base.scheduler_view = make_ref<PodViews>();
  PodViews& known = static_cast<PodViews&>(*base.scheduler_view);
  const auto same = [&](const SchedPodSpecPtr& v) { return v->ns == ns && v->labels == labels; };
  auto it = std::find_if(known.bases.begin(), known.bases.end(), same);
  if (it == known.bases.end()) {
    if (known.bases.size() >= PodViews::kMax) known.bases.clear();
    known.bases.push_back(make_ref<SchedPodSpec>(parse_sched_pod_spec(base.json(), labels, names_.text(ns), names_)));
    it = std::prev(known.bases.end());
  }
  SchedPodSpec out = **it;
  pin_sched_pod_spec(out, symbol_of(spec.pinned_node));
  return out;
}

SchedPodSpecPtr SchedViews::pod(const Pod& pod) {
  const StringMap* all = pod.meta.labels().get();
  auto visible = [&] {
    SchedLabels out;
    if (all == nullptr || !any_looked_at_) return out;
    for (const auto& [key, value] : all->items)
      if (const auto s = names_.find(key); s && *s < looked_at_.size() && looked_at_[*s]) out.set(key, value, names_);
    return out;
  };
  SchedLabels labels = visible();
  const bool has_labels = all != nullptr && !all->items.empty();
  const Symbol ns = symbol_of(pod.ns());
  if (!pod.spec->scheduler_view) pod.spec->scheduler_view = make_ref<PodViews>();
  PodViews& known = static_cast<PodViews&>(*pod.spec->scheduler_view);
  for (const SchedPodSpecPtr& v : known.views)
    if (v->ns == ns && v->has_labels == has_labels && v->labels == labels) return v;

  Ref<SchedPodSpec> made;
  const auto base = std::find_if(known.views.begin(), known.views.end(), [&](const SchedPodSpecPtr& v) { return v->ns == ns && v->label_keys.empty(); });
  if (base != known.views.end() && !(*base)->has_pod_terms() && (*base)->spread.empty()) {
    made = make_ref<SchedPodSpec>(**base);
    made->group_hint = UINT32_MAX;  // another spec, another group
  } else {
    made = make_ref<SchedPodSpec>(compiled(*pod.spec, labels_of(all), ns));
    for (Symbol key : made->label_keys) look_at(key);
    labels = visible();
  }
  made->labels = std::move(labels);
  made->has_labels = has_labels;
  if (known.views.size() < PodViews::kMax)
    known.views.push_back(made);
  else
    known.views[known.next++ % PodViews::kMax] = made;
  return made;
}

SchedNode SchedViews::node(const Node& node) {
  SchedNode out = parse_sched_node_status(*node.body->status, names_);
  out.name = names_.intern(node.name());
  out.labels = labels_of(node.meta.labels().get());
  out.zone = sched_zone_of(out.labels, names_);
  out.unschedulable = node.unschedulable;
  for (const Taint& t : node.taints) out.taints.push_back({names_.intern(t.key), names_.intern(t.value), parse_sched_effect(cluster_names_.text(t.effect))});
  return out;
}

bool SchedViews::same_node(const Node& a, const Node& b) {
  const auto same_labels = [](const Ref<const StringMap>& x, const Ref<const StringMap>& y) { return x == y || (x && y && *x == *y); };
  return a.body == b.body && a.unschedulable == b.unschedulable && a.taints == b.taints && same_labels(a.meta.labels(), b.meta.labels());
}

std::vector<SchedPdb> SchedViews::budgets(const Store& store) {
  std::vector<SchedPdb> out;
  if (store.count(Kind::poddisruptionbudget) == 0) return out;
  for (const auto& object : store.list(Kind::poddisruptionbudget)) {
    const nlohmann::json budget = to_json(*object, cluster_names_);
    const nlohmann::json& status = at(budget, "status");
    SchedPdb pdb;
    pdb.ns = symbol_of(object->ns());
    pdb.selector = parse_sched_selector(at(at(budget, "spec"), "selector"), names_);
    for (const SchedRequirement& r : pdb.selector.requirements) look_at(r.key);
    pdb.disruptions_allowed = number(at(status, "disruptionsAllowed"), 0);
    if (const nlohmann::json& disrupted = at(status, "disruptedPods"); disrupted.is_object())
      for (const auto& entry : disrupted.items())
        if (const Pod* pod = store.live_pod(object->ns(), entry.key())) pdb.disrupted.push_back({pod->meta.id->serial, pod->meta.id->slot});
    out.push_back(std::move(pdb));
  }
  return out;
}

SchedLabels SchedViews::namespace_labels(const Object& ns) {
  SchedLabels out = labels_of(ns.meta.labels().get());
  out.set("kubernetes.io/metadata.name", ns.name(), names_);
  return out;
}

}  // namespace orrery
