#pragma once
// From the objects of the cluster to what the scheduler computes with. The only part of the algorithm that knows them.
#include <memory>
#include <vector>

#include "orrery/cluster/store.hpp"
#include "scheduler_state.hpp"

namespace orrery {

/// Compiles objects, with an Interner of its own: what the scheduler looks at shall not show in the cluster's symbols.
class SchedViews {
 public:
  explicit SchedViews(const Interner& cluster_names) : cluster_names_(cluster_names) {}
  SchedViews(const SchedViews&) = delete;

  Interner& names() { return names_; }
  /// The scheduler's symbol of a text that the cluster interned.
  Symbol symbol_of(Symbol cluster_symbol) {
    if (cluster_symbol >= translated_.size()) translated_.resize(cluster_names_.size(), 0);
    Symbol& known = translated_[cluster_symbol];
    if (known == 0) known = names_.intern(cluster_names_.text(cluster_symbol));
    return known;
  }
  /// The other way round.
  Symbol cluster_symbol_of(Symbol own, Interner& cluster_names) {
    if (own >= back_.size()) back_.resize(names_.size(), 0);
    Symbol& known = back_[own];
    if (known == 0) known = cluster_names.intern(names_.text(own));
    return known;
  }

  /// Shared by all pods of a template, apart from labels that some selector looks at: other labels are left out.
  SchedPodSpecPtr pod(const Pod& pod);
  /// Whether, since the last call, a selector came that looks at labels which earlier views left out. They have to be made anew.
  bool take_grown() { return std::exchange(grown_, false); }

  SchedNode node(const Node& node);
  /// Whether the scheduler sees no difference: heartbeats and conditions are none.
  static bool same_node(const Node& a, const Node& b);

  /// Every PodDisruptionBudget there is. O(objects).
  std::vector<SchedPdb> budgets(const Store& store);
  /// Of a Namespace object, with the name label that the API server adds.
  SchedLabels namespace_labels(const Object& ns);

 private:
  SchedPodSpec compiled(const PodSpec& spec, SchedLabels labels, Symbol ns);
  SchedLabels labels_of(const StringMap* labels);
  void look_at(Symbol label_key);

  const Interner& cluster_names_;
  Interner names_;
  std::vector<Symbol> translated_;  ///< by symbol of the cluster; 0 = not met yet
  std::vector<Symbol> back_;        ///< by symbol of the scheduler
  std::vector<bool> looked_at_;  ///< label keys, by symbol
  bool any_looked_at_ = false, grown_ = false;
};

}  // namespace orrery
