#pragma once
// Which node a pod gets: the filters and scores of the default profile of Kubernetes 1.36, deterministic.
// Knows nodes and placed pods from what it is told; no store, no clock, no events.
// Not here: volumes, dynamic resources, the batching hint of S-035 (differs among ties only).
// Upstream leaves the order of equals to chance (parallel workers). Here nodes come zone by zone (S-021), within a zone in
// the order of their names, and the heap rule (S-034) decides.
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "spec_view.hpp"

namespace orrery::sched {

struct Decision {
  Symbol node = 0;      ///< 0: none
  std::string message;  ///< why not, as the FailedScheduling event says it (S-061)
  /// Where preemption helps: the node nominated, and the serials of the pods to evict there (S-050 … S-053).
  Symbol nominated = 0;
  std::vector<std::uint64_t> victims;
};

class Algorithm {
 public:
  explicit Algorithm(Interner& names);

  void node_changed(const Node& node);  ///< added, or changed in any way
  void node_removed(Symbol name);
  void pod_placed(std::uint64_t serial, Ref<const PodSpecView> view, Symbol node, Symbol ns, Ref<const StringMap> labels, Stamp started);
  void pod_gone(std::uint64_t serial);  ///< deleted, or terminal
  /// Other pods of lower or equal priority leave room for it there until it is placed or gone.
  void nominate(std::uint64_t serial, Ref<const PodSpecView> view, Symbol node);
  void forget_nomination(std::uint64_t serial);

  Decision schedule(std::uint64_t serial, const PodSpecView& view, Symbol ns, const StringMap* labels);
  std::size_t nodes() const { return order_.size(); }

 private:
  struct NodeState {
    Symbol name = 0;
    bool present = false, unschedulable = false;
    std::vector<std::pair<Symbol, Symbol>> labels;  ///< sorted
    std::vector<Taint> taints;
    Resources capacity, used;
    std::int64_t pods_max = 0;
    std::int64_t scored_cpu = 0, scored_memory = 0;
    std::vector<std::uint64_t> pods;
    std::vector<std::pair<Symbol, std::int64_t>> images;
    std::string zone;
    Symbol label(Symbol key) const;
  };
  struct Placed {
    Ref<const PodSpecView> view;
    std::uint32_t node = 0;
    Symbol ns = 0;
    Ref<const StringMap> labels;
    Stamp started;
    bool has_terms() const { return !view->affinity.empty() || !view->anti_affinity.empty() || !view->preferred_pods.empty(); }
  };
  struct Request {
    const PodSpecView& view;
    std::uint64_t serial;
    Symbol ns;
    const StringMap* labels;
    // computed before filtering, only where the pod or others have terms
    bool any_terms = false;
    std::vector<std::unordered_map<Symbol, std::int64_t>> affinity_counts, anti_counts, spread_counts;
    std::vector<std::int64_t> spread_min;
    std::unordered_map<std::uint64_t, std::int64_t> forbidden;  ///< (topology key, value) of existing pods' anti-affinity
    bool affinity_unmatched = false;  ///< no pod anywhere matches, and the pod matches its own terms
  };
  enum class Verdict : std::uint8_t { fits, unschedulable, unresolvable };

  NodeState* find(Symbol name);
  void charge(NodeState& n, const PodSpecView& v, int sign);
  void rebuild_order();
  void prepare(Request& r) const;
  bool matches(const NodeState& n, const NodeRequirement& r) const;
  bool matches(const NodeState& n, const NodeTerm& t) const;
  bool affinity_fits(const NodeState& n, const PodSpecView& v) const;
  bool taints_fit(const NodeState& n, const PodSpecView& v) const;
  Verdict check(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const;
  Verdict check_resources(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const;
  Verdict check_spread(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const;
  Verdict check_pod_affinity(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const;
  std::uint32_t best(const std::vector<std::uint32_t>& feasible, const Request& r);
  void preempt(Decision& out, Request& r, const std::vector<std::uint32_t>& candidates);
  std::string_view insufficient(Symbol resource) const;

  Interner& names_;
  Symbol unschedulable_key_;
  std::vector<NodeState> nodes_;
  std::unordered_map<Symbol, std::uint32_t> by_name_;
  std::vector<std::uint32_t> order_;  ///< S-021
  bool order_stale_ = false;
  std::size_t next_ = 0;
  std::unordered_map<std::uint64_t, Placed> placed_;
  std::map<std::uint64_t, std::uint32_t> with_terms_;  ///< placed pods that have (anti-)affinity, by serial
  struct Nomination {
    Ref<const PodSpecView> view;
    std::uint32_t node = 0;
  };
  std::map<std::uint64_t, Nomination> nominated_;
  std::unordered_map<Symbol, std::int64_t> image_nodes_;
  mutable std::unordered_map<Symbol, std::string> insufficient_;
};

}  // namespace orrery::sched
