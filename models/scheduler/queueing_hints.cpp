// Behaviour source: Kubernetes v1.36, EventsToRegister and the queueing hint functions of pkg/scheduler/framework/plugins.
#include "queueing_hints.hpp"

#include <algorithm>

namespace orrery {

namespace {

using Kind = SchedClusterEvent::Kind;

bool is_node(Kind k) { return k == Kind::node_added || k == Kind::node_updated; }
bool has_node(const SchedClusterEvent& e) { return e.node != nullptr && (e.kind == Kind::node_added || e.old_node != nullptr); }

/// Some resource that `pod` asks for became less in the second.
bool asks_less(const SchedPodSpec& pod, const SchedResources& before, const SchedResources& after) {
  const SchedResources& want = pod.requests;
  if (want.milli_cpu > 0 && after.milli_cpu < before.milli_cpu) return true;
  if (want.memory > 0 && after.memory < before.memory) return true;
  if (want.ephemeral > 0 && after.ephemeral < before.ephemeral) return true;
  return std::any_of(want.scalars.begin(), want.scalars.end(), [&](const auto& s) { return after.scalar(s.first) < before.scalar(s.first); });
}

bool resources_hint(const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& e) {
  switch (e.kind) {
    case Kind::pod_deleted: return true;
    case Kind::node_added: return SchedulerState::fits_empty(pod, *e.node);
    case Kind::node_updated:
      return SchedulerState::fits_empty(pod, *e.node) &&
             (e.node->pods_max > e.old_node->pods_max || asks_less(pod, e.node->allocatable, e.old_node->allocatable));
    case Kind::pod_updated: return e.spec && e.old_spec && asks_less(pod, e.old_spec->requests, e.spec->requests);
    case Kind::self_updated: return e.pod == id && e.spec && e.old_spec && asks_less(*e.old_spec, e.old_spec->requests, e.spec->requests);
    case Kind::node_deleted:
    case Kind::pod_assigned: break;
  }
  return false;
}

bool spread_hint(const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& e) {
  auto all_keys = [&](const SchedNode& n) {
    return std::all_of(pod.spread.begin(), pod.spread.end(), [&](const SchedSpread& c) { return !c.hard || n.labels.find(c.topology_key) != nullptr; });
  };
  auto matched = [&](const SchedPodSpec& other) {
    return other.ns == pod.ns && std::any_of(pod.spread.begin(), pod.spread.end(), [&](const SchedSpread& c) { return c.hard && c.selector.matches(other.labels); });
  };
  auto moved = [&](const SchedSpread& c) {
    const SchedLabel *before = e.old_node->labels.find(c.topology_key), *after = e.node->labels.find(c.topology_key);
    if (c.hard && (before == nullptr) != (after == nullptr)) return true;
    return c.hard && before != nullptr && before->value != after->value;
  };
  switch (e.kind) {
    case Kind::node_added: return all_keys(*e.node);
    case Kind::node_deleted: return e.old_node && all_keys(*e.old_node);
    case Kind::node_updated: {
      if (!all_keys(*e.node) && !all_keys(*e.old_node)) return false;
      const bool honors_taints = std::any_of(pod.spread.begin(), pod.spread.end(), [](const SchedSpread& c) { return c.hard && c.honor_taints; });
      return std::any_of(pod.spread.begin(), pod.spread.end(), moved) || (honors_taints && e.node->taints != e.old_node->taints) ||
             pod.node_matches(e.node->labels, e.node->name) != pod.node_matches(e.old_node->labels, e.old_node->name);
    }
    case Kind::pod_assigned: return e.spec && matched(*e.spec);
    case Kind::pod_deleted: return e.old_spec && matched(*e.old_spec);
    case Kind::pod_updated: return e.spec && e.old_spec && matched(*e.spec) != matched(*e.old_spec);
    case Kind::self_updated: return e.pod == id && e.spec && e.old_spec && !(e.spec->labels == e.old_spec->labels);
  }
  return false;
}

bool pod_affinity_hint(const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& e) {
  auto selects = [&](const SchedPodTerm& t, const SchedPodSpec& other) { return sched_term_selects(t, other.ns, e.namespace_labels, other.labels); };
  auto joins = [&](const SchedPodSpec& other) {
    return !pod.affinity.empty() && std::all_of(pod.affinity.begin(), pod.affinity.end(), [&](const SchedPodTerm& t) { return selects(t, other); });
  };
  auto shuns = [&](const SchedPodSpec& other) {
    return std::any_of(pod.anti_affinity.begin(), pod.anti_affinity.end(), [&](const SchedPodTerm& t) { return selects(t, other); });
  };
  // Namespace labels of the waiting pod are not at hand here: a term with a namespaceSelector is taken to select it.
  auto shunned_by = [&](const SchedPodSpec& other) {
    return std::any_of(other.anti_affinity.begin(), other.anti_affinity.end(), [&](const SchedPodTerm& t) {
      return (!t.namespace_selector.nothing || std::binary_search(t.namespaces.begin(), t.namespaces.end(), pod.ns)) && t.selector.matches(pod.labels);
    });
  };
  auto concerned = [&](const std::vector<SchedPodTerm>& terms) {
    return std::any_of(terms.begin(), terms.end(), [&](const SchedPodTerm& t) {
      const SchedLabel* after = e.node->labels.find(t.topology_key);
      const SchedLabel* before = e.kind == Kind::node_updated ? e.old_node->labels.find(t.topology_key) : nullptr;
      return e.kind == Kind::node_added ? after != nullptr : (before == nullptr) != (after == nullptr) || (after != nullptr && before->value != after->value);
    });
  };
  switch (e.kind) {
    case Kind::node_added:
      if (pod.affinity.empty() && pod.anti_affinity.empty()) return true;  // refused by others, who may not be there
      return concerned(pod.affinity) || concerned(pod.anti_affinity);
    case Kind::node_updated: return concerned(pod.affinity) || concerned(pod.anti_affinity);
    case Kind::pod_assigned: return e.spec && joins(*e.spec);
    case Kind::pod_deleted: return e.old_spec && (shuns(*e.old_spec) || shunned_by(*e.old_spec));
    case Kind::pod_updated:
      return e.spec && e.old_spec &&
             ((joins(*e.spec) && !joins(*e.old_spec)) || (shuns(*e.old_spec) && !shuns(*e.spec)) || (shunned_by(*e.old_spec) && !shunned_by(*e.spec)));
    case Kind::self_updated: return e.pod == id && e.spec && e.old_spec && !(e.spec->labels == e.old_spec->labels);
    case Kind::node_deleted: break;
  }
  return false;
}

bool ports_hint(const SchedPodSpec& pod, const SchedClusterEvent& e) {
  if (e.kind == Kind::node_added) return true;
  if (e.kind != Kind::pod_deleted || !e.old_spec) return false;
  for (const SchedPort& a : pod.ports)
    for (const SchedPort& b : e.old_spec->ports)
      if (a.conflicts(b)) return true;
  return false;
}

}  // namespace

bool sched_hint(SchedPlugin plugin, const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& e) {
  if (is_node(e.kind) && !has_node(e)) return false;
  const bool added = e.kind == Kind::node_added, own = e.kind == Kind::self_updated && e.pod == id && e.spec && e.old_spec;
  switch (plugin) {
    case SchedPlugin::node_resources_fit: return resources_hint(pod, id, e);
    case SchedPlugin::node_ports: return ports_hint(pod, e);
    case SchedPlugin::pod_topology_spread: return spread_hint(pod, id, e);
    case SchedPlugin::inter_pod_affinity: return pod_affinity_hint(pod, id, e);
    case SchedPlugin::node_name: return added && e.node->name == pod.node_name;
    case SchedPlugin::taint_toleration:
      if (own) return e.spec->tolerations != e.old_spec->tolerations;
      return is_node(e.kind) && untolerated(e.node->taints, pod.tolerations) == nullptr &&
             (added || untolerated(e.old_node->taints, pod.tolerations) != nullptr);
    case SchedPlugin::node_affinity:
      return is_node(e.kind) && pod.node_matches(e.node->labels, e.node->name) && (added || !pod.node_matches(e.old_node->labels, e.old_node->name));
    case SchedPlugin::node_unschedulable:
      if (own) return e.spec->tolerates_cordon && !e.old_spec->tolerates_cordon;
      return is_node(e.kind) && !e.node->unschedulable && (added || e.old_node->unschedulable);
    case SchedPlugin::default_preemption: break;  // other plugins rejected the pod as well, and decide
  }
  return false;
}

bool sched_worth_trying(SchedPluginSet rejected_by, const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& event) {
  for (std::size_t p = 0; p < kSchedPlugins; ++p)
    if ((rejected_by & sched_bit(static_cast<SchedPlugin>(p))) != 0 && sched_hint(static_cast<SchedPlugin>(p), pod, id, event)) return true;
  return false;
}

}  // namespace orrery
