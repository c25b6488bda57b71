#pragma once
// A pod's spec as the scheduler needs it: compiled once per pod template and shared by all its pods.
//
// Labels and namespace belong to it, because selectors of other pods look at them: pods whose labels differ need a
// SchedPodSpec each. What does not depend on labels is the same for all of them and is recognized by its signature.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/core/ref.hpp"
#include "resource_view.hpp"
#include "selector_view.hpp"

namespace orrery {

/// One term of a node selector: all must hold; without any requirement it matches no node.
struct SchedNodeTerm {
  struct NameRequirement {  ///< matchFields on metadata.name, the only field there is
    bool in = true;
    std::vector<Symbol> names;
  };
  std::vector<SchedRequirement> labels;
  std::vector<NameRequirement> names;
  bool matches(const SchedLabels& node_labels, Symbol node_name) const;
};

struct SchedPreferredTerm {
  std::int64_t weight = 0;
  SchedNodeTerm term;
};

/// A term of pod affinity or anti-affinity.
struct SchedPodTerm {
  std::int64_t weight = 0;  ///< of preferred terms; negative for anti-affinity
  Symbol topology_key = 0;
  SchedSelector selector;
  std::vector<Symbol> namespaces;    ///< sorted; the pod's own when the term names none
  SchedSelector namespace_selector;  ///< nothing when absent
  std::string selection;             ///< equal for terms that select the same pods
};

struct SchedSpread {
  std::int64_t max_skew = 1;
  std::int64_t min_domains = 1;
  Symbol topology_key = 0;
  bool hard = true;             ///< DoNotSchedule
  bool honor_affinity = true;   ///< nodeAffinityPolicy
  bool honor_taints = false;    ///< nodeTaintsPolicy
  SchedSelector selector;       ///< with matchLabelKeys merged in
  std::string selection;        ///< as of a term; its namespace is the pod's own
};

struct SchedPort {
  Symbol ip = 0;  ///< 0: all addresses
  Symbol protocol = 0;
  std::int32_t port = 0;
  bool conflicts(const SchedPort& other) const {
    return port == other.port && protocol == other.protocol && (ip == 0 || other.ip == 0 || ip == other.ip);
  }
};

struct SchedPodSpec : RefCounted {
  Symbol ns = 0;
  SchedLabels labels;        ///< at least those that some selector looks at
  bool has_labels = false;   ///< the pod has any
  std::int32_t priority = 0;
  bool may_preempt = true;   ///< preemptionPolicy is not Never
  bool gated = false;        ///< schedulingGates is not empty
  Symbol node_name = 0;      ///< spec.nodeName, 0 = none

  SchedResources requests;             ///< S-040
  std::int64_t scored_milli_cpu = 0;   ///< with 100m per container that asks for none (S-031)
  std::int64_t scored_memory = 0;      ///< with 200 MiB likewise

  std::vector<std::pair<Symbol, Symbol>> node_selector;
  bool has_required = false;
  std::vector<SchedNodeTerm> required;  ///< one must match
  std::vector<SchedPreferredTerm> preferred;
  /// S-024: the only nodes worth looking at, without repetition; empty when not narrowed.
  std::vector<Symbol> pinned;
  bool pins_conflict = false;  ///< every term pins, but to no node at all

  std::vector<SchedToleration> tolerations;
  bool tolerates_cordon = false;  ///< node.kubernetes.io/unschedulable:NoSchedule

  std::vector<SchedPodTerm> affinity, anti_affinity;
  std::vector<SchedPodTerm> preferred_pods;  ///< both kinds, anti-affinity with negative weights
  std::vector<SchedSpread> spread;
  bool spread_is_default = false;  ///< the constraints are the system's: nodes need not have all their keys

  std::vector<Symbol> label_keys;  ///< of labels that its selectors look at, on other pods and on itself; sorted

  std::vector<SchedPort> ports;
  std::vector<Symbol> images;  ///< of init and regular containers, repetitions kept

  /// All that filters and scores need to know of the pod on a node of given load, other pods' labels aside: equal texts are
  /// equal verdicts and equal scores.
  std::string signature;

  /// Where a SchedulerState has put what it keeps of such pods: it checks before it believes. Not part of the value.
  mutable std::uint32_t group_hint = UINT32_MAX, shape_hint = UINT32_MAX;

  bool has_pod_terms() const { return !affinity.empty() || !anti_affinity.empty() || !preferred_pods.empty(); }
  /// nodeSelector and required affinity (S-042).
  bool node_matches(const SchedLabels& node_labels, Symbol node) const;
};

/// Compiles a PodSpec (after API defaults). Never fails: what cannot be understood is left out and, if `problems` is given,
/// reported there with a pointer into `spec`.
SchedPodSpec parse_sched_pod_spec(const nlohmann::json& spec, SchedLabels labels, std::string_view ns, Interner& names, Diagnostics* problems = nullptr);
SchedPodSpec parse_sched_pod_spec(const nlohmann::json& spec, const nlohmann::json& labels, std::string_view ns, Interner& names, Diagnostics* problems = nullptr);

/// What a spec comes to when its required node affinity is replaced by "metadata.name In [node]" (D-027).
void pin_sched_pod_spec(SchedPodSpec& pod, Symbol node);

/// The system's spreading (hostname skew 3, zone skew 5, both soft), for a pod without constraints of its own which a
/// Service, ReplicationController, ReplicaSet or StatefulSet selects; `selector` is all their selectors together (S-033).
void add_default_spread(SchedPodSpec& pod, const SchedSelector& selector, Interner& names);

/// The term that selects the pods a constraint of a pod in `ns` counts.
SchedPodTerm spread_term(const SchedSpread& constraint, Symbol ns);

/// "ubuntu" -> "ubuntu:latest" (S-033).
std::string sched_image_name(std::string_view image);

/// What `term` selects, given the labels of the namespace `ns`.
bool sched_term_selects(const SchedPodTerm& term, Symbol ns, const SchedLabels& namespace_labels, const SchedLabels& labels);

}  // namespace orrery
