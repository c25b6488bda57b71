#pragma once
// Which node a pod gets: filters, scores and preemption of the default profile of Kubernetes 1.36, as a pure function of
// the nodes and pods it was told about. No clock, no store, no events. The queue in front of it is queue.hpp.
//
//   SchedulerState state(names);
//   state.upsert_node(parse_sched_node(node, names));
//   SchedResult r = state.schedule(*spec, pod_id);
//   if (r.node != 0) state.add_pod(pod_id, spec, r.node);   // assume
//
// Equal sequences of calls give equal results. What upstream leaves to chance is decided like this: nodes are looked at in
// snapshot order from the start index on (S-028), equals are chosen as SchedConfig says (S-034), preemption starts with the
// first candidate (S-052), and pods of equal importance are ordered by id.
// Not here: volumes, dynamic resources and declared node features (these filters pass), the batching hint of S-035,
// resizing in place, and affinity that the profile itself may add.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "flat_counts.hpp"
#include "node_view.hpp"
#include "orrery/cluster/slot_column.hpp"
#include "orrery/core/random.hpp"
#include "orrery/core/ref.hpp"
#include "orrery/core/numbered.hpp"
#include "orrery/core/time.hpp"
#include "pod_spec_view.hpp"
#include "score_ring.hpp"

namespace orrery {

/// Names a pod, as the caller likes. No two pods that are known at one time have the same `slot` or the same `serial`.
struct SchedPodId {
  std::uint64_t serial = 0;  ///< the order among pods of equal importance
  std::uint32_t slot = 0;    ///< where to find it: memory grows with the greatest one
  constexpr SchedPodId() = default;
  constexpr SchedPodId(std::uint64_t serial_number, std::uint32_t place) : serial(serial_number), slot(place) {}
  /// For few pods, whose number is both.
  constexpr SchedPodId(std::uint64_t number) : SchedPodId(number, static_cast<std::uint32_t>(number)) {}
  friend constexpr bool operator==(const SchedPodId& a, const SchedPodId& b) { return a.serial == b.serial; }
  friend constexpr auto operator<=>(const SchedPodId& a, const SchedPodId& b) { return a.serial <=> b.serial; }
};
using SchedPodSpecPtr = Ref<const SchedPodSpec>;

enum class SchedPlugin : std::uint8_t {
  node_unschedulable,
  node_name,
  taint_toleration,
  node_affinity,
  node_ports,
  node_resources_fit,
  pod_topology_spread,
  inter_pod_affinity,
  default_preemption,
};
inline constexpr std::size_t kSchedPlugins = 9;
std::string_view sched_plugin_name(SchedPlugin plugin);  ///< "NodeResourcesFit"
using SchedPluginSet = std::uint16_t;                    ///< bit 1 << plugin
constexpr SchedPluginSet sched_bit(SchedPlugin plugin) { return static_cast<SchedPluginSet>(1U << static_cast<unsigned>(plugin)); }

struct SchedConfig {
  /// Of the profile; 0 = adaptive (S-022), 100 and more = all nodes.
  std::int32_t percentage_of_nodes_to_score = 0;
  enum class TieBreak : std::uint8_t {
    heap,    ///< S-034, what 1.35 and later do
    first,   ///< the first in the order of feasible nodes
    random,  ///< one of the best, evenly; like `first` when no stream is given
  } tie_break = TieBreak::heap;
  std::int64_t hard_pod_affinity_weight = 1;
  enum class NodeOrder : std::uint8_t {
    joined,  ///< S-021
    name,    ///< as if the scheduler had just been started: it lists the nodes by name
  } node_order = NodeOrder::joined;
};

/// A PodDisruptionBudget as preemption sees it.
struct SchedPdb {
  Symbol ns = 0;
  SchedSelector selector;  ///< empty or missing: covers no pod
  std::int64_t disruptions_allowed = 0;
  std::vector<SchedPodId> disrupted;  ///< pods already counted in its status
};

struct SchedResult {
  Symbol node = 0;        ///< 0: none
  std::int64_t score = 0;  ///< total; 0 when there was no choice
  std::uint32_t feasible = 0;
  std::uint32_t evaluated = 0;  ///< nodes filtered
  /// Why not, as the FailedScheduling event says (S-061), not yet cut to 1024 bytes. Empty on success.
  std::string message;
  /// Plugins that rejected the pod on some node; none when there are no nodes (S-018).
  SchedPluginSet rejected_by = 0;
  /// Preemption: node to nominate and pods to evict there, the most important first (S-053, S-054).
  Symbol nominated = 0;
  std::vector<SchedPodId> victims;
  std::vector<SchedPodId> displaced;  ///< nominations of lower priority to that node, which end
  bool clear_nomination = false;      ///< an earlier nomination of the pod has become pointless
};

/// S-061: at most 1024 bytes, cut with " ...".
std::string sched_event_note(std::string_view message);

/// S-022.
std::int64_t sched_nodes_to_find(std::int64_t nodes, std::int32_t percentage);
/// S-034: index of the root of the max-heap that Go's container/heap builds of `totals`, which is not empty. That is, of the
/// greatest ones, the first in a walk of the implicit tree that visits a node, then its left, then its right branch.
std::size_t sched_heap_root(const std::vector<std::int64_t>& totals);

class SchedulerState {
 public:
  /// `names` is the one everything given here was compiled with; it outlives this.
  explicit SchedulerState(Interner& names, SchedConfig config = {});
  SchedulerState(const SchedulerState&) = delete;

  /// Adds a node or replaces what is known of it; pods on it stay.
  void upsert_node(SchedNode node);
  /// Pods on it stay known until they are removed, but count for nothing. False if there is no such node.
  bool remove_node(Symbol name);
  const SchedNode* node(Symbol name) const;
  std::size_t node_count() const { return order_.size(); }

  /// For namespaceSelector. A namespace never named has the label kubernetes.io/metadata.name alone.
  void set_namespace_labels(Symbol ns, SchedLabels labels);
  const SchedLabels& namespace_labels(Symbol ns);

  /// Charges a pod to a node, from the assume step on (S-004); ends its nomination. The node need not exist (yet).
  /// False if the pod is already placed.
  bool add_pod(SchedPodId pod, SchedPodSpecPtr spec, Symbol node, Time started = kNever);
  /// The pod is gone, terminal, or its binding failed (S-002). Also ends its nomination. False if it was not placed.
  bool remove_pod(SchedPodId pod);
  /// The pod's labels or requests changed; where it is and what was said of it stays. False if it is not placed.
  bool update_pod(SchedPodId pod, SchedPodSpecPtr spec);
  /// status.startTime became known: what importance among victims looks at. kNever counts as latest.
  void set_started(SchedPodId pod, Time started);
  /// deletionTimestamp was set (S-003). `by_preemption`: it also has the condition DisruptionTarget of a preemption.
  void set_terminating(SchedPodId pod, bool by_preemption);
  /// See Store::fetch_behind.
  void fetch(std::uint32_t slot, unsigned step) const;
  std::size_t pod_count() const { return placed_.size(); }
  bool is_placed(SchedPodId pod) const { return find(pod) != nullptr; }
  /// As it was given last; null if the pod is not placed. O(1).
  SchedPodSpecPtr spec_of(SchedPodId pod) const;
  /// All placed pods, by serial. O(pods log pods).
  std::vector<SchedPodId> placed_pods() const;

  /// The pod waits for room on that node (S-026); replaces an earlier nomination. False if there is no such node.
  bool nominate(SchedPodId pod, SchedPodSpecPtr spec, Symbol node);
  void clear_nomination(SchedPodId pod);
  bool has_nomination(SchedPodId pod) const { return nominations_.contains(pod.serial); }

  /// S-050, S-053.
  void set_pdbs(std::vector<SchedPdb> pdbs) { pdbs_ = std::move(pdbs); }

  /// One scheduling cycle up to the choice of a node. Changes nothing but the start index of the next (S-023); the caller
  /// then calls add_pod, or nominate. `random` is used for ties only, one number per cycle that has a choice of nodes.
  SchedResult schedule(const SchedPodSpec& pod, SchedPodId id, RandomStream* random = nullptr);

  /// Whether the pod's requests fit the node when nothing runs there (hints of S-014).
  static bool fits_empty(const SchedPodSpec& pod, const SchedNode& node);

  /// Nodes and totals of the last cycle that scored, in feasible order. For tests and explanations.
  struct Total {
    Symbol node = 0;
    std::int64_t total = 0;
  };
  std::vector<Total> last_totals() const;
  std::size_t next_start() const { return next_; }
  void set_next_start(std::size_t index) { next_ = index; }

 private:
  /// What the filters and scores of most pods touch, side by side.
  struct Load {
    std::int64_t capacity_cpu = 0, capacity_memory = 0, capacity_ephemeral = 0, pods_max = 0;
    std::int64_t used_cpu = 0, used_memory = 0, used_ephemeral = 0, pods = 0;
    std::int64_t scored_cpu = 0, scored_memory = 0;
    std::uint32_t version = 0;   ///< grows with every change of the node or of what runs there
    std::int16_t balance = 100;  ///< S-032, of what runs there now
    bool unschedulable = false, repels = false, discourages = false, nominated = false;
    void rebalance();
  };
  struct NodeState {
    SchedNode view;
    bool present = false;
    SchedResources used;               ///< only the scalars; the rest is in Load
    std::vector<SchedPort> ports;      ///< in use; as often as used
    std::vector<std::uint32_t> pods;   ///< slots
    std::vector<SchedPodId> nominated;
  };
  struct Placed {
    std::uint64_t serial = 0;
    Time started = kNever;
    std::uint32_t slot = 0;
    std::uint32_t node = 0, position = 0;  ///< position in NodeState::pods
    std::uint32_t group : 30 = 0;
    bool terminating : 1 = false, by_preemption : 1 = false;
    SchedPodId id() const { return {serial, slot}; }
  };
  /// How many pods of some sort each node has.
  struct NodeCounts {
    struct Count {
      std::int32_t pods = 0;         ///< all
      std::int32_t terminating = 0;  ///< of them
    };
    std::vector<Count> by_node;
    std::vector<std::uint32_t> nodes;  ///< that ever had one, each once
    void add(std::uint32_t node, std::int32_t pods, std::int32_t terminating);
  };
  /// The pods that all of some terms select, counted for as long as the terms are in use: no cycle looks at pods one by one.
  struct Selection {
    std::vector<SchedPodTerm> terms;
    NodeCounts counts;
  };
  /// The pods that have a certain term of affinity or anti-affinity.
  struct Carried {
    enum class Kind : std::uint8_t { affinity, anti_affinity, preferred } kind = Kind::affinity;
    SchedPodTerm term;
    std::size_t pods = 0;
    NodeCounts counts;
  };
  /// All placed pods of one spec: what selectors have to look at only once.
  struct Group {
    SchedPodSpecPtr spec;
    std::size_t pods = 0;
    std::vector<Selection*> selections;  ///< that select it
    std::vector<Carried*> carried;       ///< one for each of its terms
  };
  /// What is known of a pod of one signature on each node, whatever the pods' labels.
  struct Shape {
    struct OnNode {
      std::uint32_t version = 0;   ///< of the node's load that the rest is true for; 0: nothing known
      std::uint32_t reasons = 0;
      std::int32_t preferred = 0;  ///< sum of weights (S-033)
      std::int16_t score = 0;      ///< S-031 and S-032; where the pod fits
      std::int16_t taints = 0;     ///< untolerated PreferNoSchedule
      std::uint8_t code = 0, plugin = 0;
    };
    const std::string* signature = nullptr;  ///< its key in shape_by_signature_
    std::size_t uses = 0;
    std::vector<OnNode> nodes;  ///< empty before the second use
    ScoreRing ring;             ///< of totals, for pods whose choice depends on nothing else (chooses_by_ring)
    std::uint64_t ring_order = 0;    ///< SchedNodeOrder::version() that it is for; 0: none yet
    std::uint64_t ring_changes = 0;  ///< how many changes of loads it has seen
  };
  struct Nomination {
    SchedPodSpecPtr spec;
    std::uint32_t node = 0;
  };
  enum class Code : std::uint8_t { fits, unschedulable, unresolvable };
  struct Verdict {
    Code code = Code::fits;
    SchedPlugin plugin = SchedPlugin::node_resources_fit;
    std::uint64_t reasons = 0;  ///< bits 1 << Reason
  };
  /// What a cycle knows beyond the nodes. Reused, so that a cycle allocates nothing.
  struct Cycle {
    struct Spread {
      const SchedSpread* constraint = nullptr;
      std::int64_t least = 0;    ///< pods in the emptiest domain
      std::int64_t domains = 0;
      std::int64_t self = 0;     ///< 1 if the pod matches its own selector
      double weight = 0;         ///< soft ones: ln(domains + 2)
    };
    const SchedPodSpec* pod = nullptr;
    SchedPodId id;
    Shape* shape = nullptr;  ///< null: nothing is remembered
    const SchedLabels* namespace_labels = nullptr;
    bool by_node = false;  ///< has nodeSelector or required node affinity
    bool pod_terms = false, selects_itself = false;
    FlatCounts affinity, anti, existing_anti;  ///< by (topology key, value)
    std::vector<Spread> hard, soft;
    FlatCounts hard_counts, soft_counts;       ///< by (index of constraint, value)
    std::vector<std::uint32_t> feasible;
    std::vector<std::uint32_t> preemptable;    ///< rejected, but not for good; in the order of visits
    std::size_t wrapped = 0;                   ///< how many of them were visited before the start index came round
    std::array<std::uint32_t, 64> histogram{}; ///< by Reason
    SchedPluginSet rejected_by = 0;
  };

  /// TaintToleration where there are no unwelcome taints: 100, weight 3 (S-033).
  static constexpr std::int64_t kTotalElsewhere = 300;

  // scheduler_state.cpp
  std::uint32_t node_slot(Symbol name);
  std::uint32_t present_node(Symbol name) const;
  std::uint32_t group_of(SchedPodSpecPtr spec);
  void count(const Group& group, std::uint32_t node, std::int32_t pods, std::int32_t terminating);
  static bool selects(const std::vector<SchedPodTerm>& terms, const SchedPodSpec& pod, const SchedLabels& namespace_labels);
  const NodeCounts& selected(const std::string& key, std::vector<SchedPodTerm> terms);
  Carried& carried(Carried::Kind kind, const SchedPodTerm& term);
  void forget_selections();
  Shape* shape_of(const SchedPodSpec& pod);
  void load_changed(std::uint32_t node);
  void charge(std::uint32_t node, const SchedPodSpec& pod, int sign);
  const Placed* find(SchedPodId pod) const;
  Placed* find(SchedPodId pod) { return const_cast<Placed*>(std::as_const(*this).find(pod)); }
  void drop_images(const SchedNode& node);
  // filter_plugins.cpp
  void prepare(const SchedPodSpec& pod, SchedPodId id);
  void prepare_pod_terms();
  void prepare_spread();
  void count_least(Cycle::Spread& s, std::size_t index);
  void shift_counts(const SchedPodSpec& other, std::uint32_t node, int sign);
  bool counted(const SchedSpread& c, std::uint32_t node) const;
  bool has_spread_keys(const std::vector<Cycle::Spread>& constraints, const SchedLabels& labels) const;
  void count_domains(FlatCounts& into, Symbol topology_key, const NodeCounts& counts, std::int64_t weight) const;
  Verdict check(std::uint32_t node) const;
  Verdict check_node(std::uint32_t node) const;
  Verdict check_others(const SchedLabels& labels) const;
  Verdict check_remembered(std::uint32_t node);
  Verdict check_resources(std::uint32_t node) const;
  Verdict check_spread(const SchedLabels& labels) const;
  Verdict check_pod_terms(const SchedLabels& labels) const;
  Verdict check_with_nominated(std::uint32_t node);
  static void note(Verdict v, std::array<std::uint32_t, 64>& histogram);
  std::string describe(const std::array<std::uint32_t, 64>& histogram, std::size_t elsewhere, std::string_view elsewhere_reason) const;
  bool chooses_by_ring() const;
  void update_ring(const std::vector<std::uint32_t>& list);
  bool choose_by_ring(const std::vector<std::uint32_t>& list, SchedResult& out);
  void find_feasible(const std::vector<std::uint32_t>& list, SchedResult& out);
  void fail(SchedResult& out, std::size_t elsewhere);
  // score_plugins.cpp
  std::uint32_t choose(SchedResult& out, RandomStream* random);
  std::int64_t resource_score(std::uint32_t node) const;
  std::int64_t preferred_weight(std::uint32_t node) const;
  std::int64_t unwelcome_taints(std::uint32_t node) const;
  const Shape::OnNode* remembered(std::uint32_t node) const;
  void score_resources();
  void score_taints();
  void score_node_affinity();
  void score_spread();
  void score_pod_affinity();
  void score_images();
  // preemption.cpp
  struct Candidate {
    std::uint32_t node = 0;
    std::vector<std::uint32_t> victims;  ///< slots, most important first
    std::int64_t violations = 0;
    std::int64_t rank_sum = 0;        ///< of priority + 2^31
    std::int32_t highest = 0;         ///< priority among the victims
    Time earliest = kNever;           ///< start of the first of that priority
  };
  void preempt(SchedResult& out);
  Verdict dry_run(std::uint32_t node, Candidate& out);
  static bool is_better(const Candidate& a, const Candidate& b);
  bool more_important(std::uint32_t a, std::uint32_t b) const;
  void split_by_pdb(const std::vector<std::uint32_t>& pods, std::vector<std::uint32_t>& violating, std::vector<std::uint32_t>& others) const;

  Interner& names_;
  SchedConfig config_;
  Symbol hostname_key_;
  std::vector<NodeState> nodes_;
  std::vector<Load> loads_;  ///< by node
  std::vector<std::uint32_t> changed_;  ///< nodes whose loads changed, the latest last
  std::uint64_t changed_before_ = 0;    ///< changes that are not in changed_ any more
  std::vector<std::uint32_t> position_of_;  ///< in order_.list(), by node
  std::uint64_t positions_order_ = 0;       ///< SchedNodeOrder::version() that they are for
  NumberColumn node_by_name_;  ///< in nodes_, by the symbol
  SchedNodeOrder order_;
  std::size_t next_ = 0;
  Numbered<Placed> placed_;
  NumberColumn place_of_;  ///< in placed_, by SchedPodId::slot
  std::vector<Group> groups_;
  std::vector<std::uint32_t> free_groups_;
  std::map<std::string, Selection> selections_;
  std::map<std::string, Carried> carried_;
  std::size_t carried_anti_ = 0;  ///< of them, required anti-affinity
  std::vector<Shape> shapes_;
  std::unordered_map<std::string, std::uint32_t> shape_by_signature_;
  std::size_t remembered_ = 0;    ///< entries of all shapes
  std::size_t discouraging_ = 0;  ///< nodes with PreferNoSchedule taints
  std::map<std::int32_t, std::size_t> priorities_;  ///< of groups with placed pods
  std::unordered_map<std::uint64_t, Nomination> nominations_;  ///< by serial
  std::vector<SchedPdb> pdbs_;
  std::unordered_map<Symbol, SchedLabels> namespaces_;
  struct ImageState {
    std::int64_t bytes = 0;  ///< as the first node reported it
    std::int64_t nodes = 0;
  };
  std::unordered_map<Symbol, ImageState> images_;
  Cycle cycle_;
  std::vector<std::int64_t> totals_, one_;
  std::vector<ScoreRing::Piece> visited_;
  bool by_ring_ = false;  ///< the last cycle chose by the ring of its shape, among the nodes of visited_
  std::vector<std::uint32_t> list_;  ///< scratch: nodes of a narrowed search
  FlatCounts sums_;
};

}  // namespace orrery
