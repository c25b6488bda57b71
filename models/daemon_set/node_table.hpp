#pragma once
// A daemon set's pods, node by node, and what each node amounts to: its part of the status, its stage of a rolling update,
// whether something must be done there. Kept up to date change by change, so that a sync costs what has changed since the
// last one and not the size of the cluster.
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "node_rule.hpp"
#include "orrery/cluster/cluster.hpp"

namespace orrery::daemon {

inline constexpr const char* kHashLabel = "controller-revision-hash";
inline constexpr const char* kGenerationLabel = "pod-template-generation";
inline constexpr const char* kGenerationAnnotation = "deprecated.daemonset.template.generation";

bool is_ready(const Pod& pod);
/// D-064; `min_ready_s` >= 0.
bool is_available(const Pod& pod, std::int64_t min_ready_s, Time now);
/// D-046: is `a` the one to keep rather than `b`?
bool comes_first(const Pod& a, const Pod& b);
/// D-028: the node where the pod is or is meant to be; 0 = none.
Symbol target_node(const Pod& pod, Interner& names);

/// `labels` and these, which win.
Ref<const StringMap> with_labels(const StringMap* labels, std::vector<std::pair<std::string, std::string>> more);

/// Where a node stands in a rolling update (D-063): which pods that are not being deleted it has, and how they are.
enum class Stage : std::uint8_t { outside, empty, excess, new_ok, new_bad, old_ok, old_bad, both_new_ok, both_new_bad };
inline constexpr std::size_t kStages = 9;

/// What a sync compares pods with.
struct Revision {
  std::string hash;
  std::string generation;  ///< template generation in decimal; empty = unknown
  bool operator==(const Revision&) const = default;
  bool has_hash(const Pod& pod) const;
  bool is_of(const Pod& pod) const;
};

struct NodeEntry {
  Symbol name = 0;
  std::string_view text;  ///< of the name
  Ref<const Node> node;   ///< as the sync sees it; null: no such node
  std::vector<Ref<const Pod>> pods;  ///< claimed and meant for this node, in the order of their names

  // what was made of it
  Fit fit;
  Stage stage = Stage::outside;
  bool exists = false;     ///< has a pod that is not both terminal and terminating
  bool attention = false;  ///< manage has something to do or to look at here
  bool desired = false, current = false, misscheduled = false, ready = false, available = false, updated = false;
  bool surge_available = false;  ///< counts as available in a surging update (D-067)
  Time due = kNever;             ///< when a ready pod becomes available
  bool dirty = false;

  // the spec of a pod for this node, and the template it was made from
  Ref<const PodTemplate> made_from;
  Ref<const PodSpec> pod_spec;

  struct Two {
    const Pod* fresh = nullptr;
    const Pod* old = nullptr;
    bool excess = false;
  };
  Two two(const Revision& revision) const;
};

struct Totals {
  std::int32_t desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0;
  std::int32_t surge_available = 0;
  std::array<std::int32_t, kStages> stages{};
  std::int32_t in(Stage s) const { return stages[static_cast<std::size_t>(s)]; }
};

class NodeTable final : public RefCounted {
 public:
  struct ByName {
    bool operator()(const NodeEntry* a, const NodeEntry* b) const { return a->text < b->text; }
  };
  using Set = std::set<NodeEntry*, ByName>;

  /// Takes in all cached nodes and the cached pods of the set. O(objects in the store).
  NodeTable(Cluster& cluster, const DaemonSet& set);

  // ---- changes, as they reach the caches
  /// A pod that the set controls, or has just adopted.
  void put(const Pod& pod);
  void drop(const Pod& pod);
  /// A pod of the namespace that has no controller; `there`: and still exists.
  void orphan(const Pod& pod, bool there);
  /// A node was added or deleted, or its labels or taints changed: seen from the next sync on, as a sync lists nodes once.
  void node_changed(Symbol name) { changed_nodes_.push_back(name); }

  // ---- a sync
  /// Once, at the beginning.
  void begin(Ref<const DaemonSet> set);
  void compare_with(const Revision& revision);
  /// Brings everything below up to date.
  void refresh(Time now);
  const Revision& revision() const { return revision_; }
  const Totals& totals() const { return totals_; }
  const Set& attention() const { return attention_; }
  const Set& old_ok() const { return old_ok_; }
  const Set& old_bad() const { return old_bad_; }
  const Set& both_new_ok() const { return both_new_ok_; }
  /// Pods that the set controls without selecting them.
  const std::map<std::string, Ref<const Pod>, std::less<>>& strays() const { return strays_; }
  /// Pods without controller that the set selects.
  const std::map<std::string, Ref<const Pod>, std::less<>>& orphans() const { return orphans_; }
  /// Every claimed pod with a target, terminal and terminating ones too.
  template <class F>
  void each_pod(F f) const {
    for (const auto& [name, e] : entries_)
      for (const auto& pod : e->pods) f(*pod);
  }
  /// What a new pod has of the template and the revision, and of the set: shared by all of them (D-047, D-048).
  /// What all pods of this template have in common.
  const ObjectMeta& pod_meta(const Ref<const PodTemplate>& pod_template);
  Ref<const OwnerList> owners();
  /// The spec of a new pod for a node (D-027).
  Ref<const PodSpec> spec_for(Symbol node, const Ref<const PodTemplate>& pod_template);

 private:
  NodeEntry& entry(Symbol name);
  void mark(NodeEntry& e);
  void mark_all();
  void take_node(Symbol name);
  void withdraw(NodeEntry& e);
  void evaluate(NodeEntry& e, Time now);
  void count(NodeEntry& e);

  struct ByDue {
    bool operator()(const NodeEntry* a, const NodeEntry* b) const { return a->due != b->due ? a->due < b->due : a->text < b->text; }
  };

  Cluster& cluster_;
  Ref<const DaemonSet> set_;
  Ref<const NodeRule> rule_;
  Revision revision_;
  std::map<std::string_view, std::unique_ptr<NodeEntry>> entries_;
  std::unordered_map<Uid, NodeEntry*, UidHash> place_;
  std::map<std::string, Ref<const Pod>, std::less<>> strays_, orphans_;
  std::vector<Symbol> changed_nodes_;
  std::vector<NodeEntry*> dirty_;
  Ref<const PodTemplate> meta_of_;
  ObjectMeta pod_meta_;
  Ref<const OwnerList> owners_;
  Totals totals_;
  Set attention_, old_ok_, old_bad_, both_new_ok_;
  std::set<NodeEntry*, ByDue> ripening_;
};

}  // namespace orrery::daemon
