// PodGC: N-065 … N-080.
// upstream: pkg/controller/podgc/gc_controller.go
//
// A pass of upstream walks all pods. Here the few that a pass can be about are kept at hand: terminated ones, those that
// terminate without a node, and what each node holds.
#include <algorithm>
#include <unordered_map>

#include "orrery/cluster/symbols.hpp"
#include "orrery/models/housekeeping.hpp"
#include "support/pod_patches.hpp"
#include "support/pod_sets.hpp"
#include "support/task_group.hpp"

namespace orrery {
namespace {

using PodList = std::vector<Ref<const Pod>>;

enum : std::uint16_t { kPass = 1 };
constexpr DeleteOptions kAtOnce{.grace_s = 0, .uid = {}};

bool mark_failed(Cluster&, Object& copy, std::uint64_t argument, const RefCounted*) {
  Pod& pod = static_cast<Pod&>(copy);
  pod.phase = PodPhase::failed;
  pod.set_observed_generation(static_cast<std::int32_t>(argument >> 32));
  return true;
}
bool mark_orphan_failed(Cluster& cluster, Object& copy, std::uint64_t argument, const RefCounted*) {
  set_disruption_target(static_cast<Pod&>(copy), argument, sym::DeletionByPodGC, cluster.symbol("PodGC: node no longer exists"));
  return mark_failed(cluster, copy, argument, nullptr);
}

class PodGc final : public Controller, private Actor {
 public:
  PodGc(Cluster& cluster, const PodGcOptions& options)
      : Controller(cluster, {.name = "podgc", .component = "pod-garbage-collector", .position = 4}),
        options_(options),
        self_(cluster.kernel().add(*this)) {}

  bool watches(Kind kind) const override { return kind == Kind::pod || kind == Kind::node; }

  void on_change(const Change& c) override {
    pods_.observe(c);
    if (c.kind == Kind::node) {
      node_changed(c);
    } else if (c.kind == Kind::pod) {
      const Pod* before = static_cast<const Pod*>(c.before.get());
      const Pod* after = c.type == ChangeType::deleted ? nullptr : static_cast<const Pod*>(c.object.get());
      if (c.type == ChangeType::deleted && before == nullptr) before = static_cast<const Pod*>(c.object.get());
      if (before != nullptr && after != nullptr) {
        if (before->node == after->node && before->phase == after->phase && before->reason() == after->reason() && before->meta.deleted == after->meta.deleted &&
            before->meta.deletion_grace == after->meta.deletion_grace)
          return;
        const Facts was = facts(*before), is = facts(*after);
        if (was == is) return;
        if (!was.same_rank(is)) {
          count_terminated(*before, was, false);
          count_terminated(*after, is, true);
        }
        if (!was.same_place(is)) {
          count_placed(*before, was, false);
          count_placed(*after, is, true);
        }
      } else if (const Pod* only = before != nullptr ? before : after; only != nullptr) {
        const Facts f = facts(*only);
        count_terminated(*only, f, only == after);
        count_placed(*only, f, only == after);
      }
    }
    if (tick_ && urgent() != tick_urgent_) arm(due_);
  }

  void on_start() override { arm(now()); }
  void on_stop() override {
    ++epoch_;
    cluster_.kernel().cancel(tick_);
    terminated_.clear();
    unscheduled_.clear();
    pods_.clear();
    nodes_.clear();
    waiting_.clear();
    open_work_ = 0;
    lost_nodes_ = stranding_nodes_ = 0;
  }

 private:
  /// What counts of a pod.
  struct Facts {
    Symbol node = 0;
    bool terminal = false, deleted = false, hopeless = false, evicted = false;
    bool operator==(const Facts&) const = default;
    /// The same for count_terminated.
    bool same_rank(const Facts& o) const { return terminal == o.terminal && evicted == o.evicted; }
    /// The same for count_placed.
    bool same_place(const Facts& o) const { return node == o.node && deleted == o.deleted && hopeless == o.hopeless; }
  };
  struct NodeInfo {
    bool exists = false;
    bool out_of_service = false;       ///< tainted so, and not Ready
    std::uint32_t pods = 0;
    std::uint32_t open = 0;              ///< pods that a forced deletion would change
    std::uint32_t open_terminating = 0;  ///< of those: with a deletion timestamp
    /// Whether it counts for anything: not while all is well.
    bool counts() const { return !exists || out_of_service; }
    std::uint64_t work() const { return !exists ? open : out_of_service ? open_terminating : 0; }
    bool lost() const { return !exists && pods > 0; }
    bool stranding() const { return out_of_service && pods > 0; }
  };
  struct Waiting {
    Symbol node = 0;
    Time due{};
  };

  static Facts facts(const Pod& p) {
    const bool deleted = static_cast<bool>(p.meta.deleted);
    // Failed and without grace: only a finalizer, which is for others to remove, keeps it.
    return {p.node, p.terminal(), deleted, deleted && p.terminal() && p.meta.deletion_grace == 0, evicted(p)};
  }

  void count_terminated(const Pod& pod, const Facts& f, bool add) {
    if (f.terminal) add ? terminated_.insert(pod, rank(pod)) : terminated_.erase(pod, rank(pod));
  }
  void count_placed(const Pod& pod, const Facts& f, bool add) {
    if (f.node == 0) {
      if (!f.deleted) return;
      add ? unscheduled_.insert(pod) : unscheduled_.erase(pod);
      if (!f.hopeless) open_work_ += add ? 1 : UINT64_MAX;
      return;
    }
    NodeInfo& node = info_of(f.node);
    weigh(node, -1);
    const std::uint32_t by = add ? 1 : UINT32_MAX;  // modulo 2^32: plus or minus one
    node.pods += by;
    if (!f.hopeless) node.open += by;
    if (f.deleted && !f.hopeless) node.open_terminating += by;
    weigh(node, 1);
  }

  /// Good until the next call.
  NodeInfo& info_of(Symbol node) {
    if (node >= nodes_.size()) nodes_.resize(std::size_t{node} + 1);
    return nodes_[node];
  }

  /// Takes what a node counts for out of the sums, or adds it.
  void weigh(const NodeInfo& node, int sign) {
    if (!node.counts()) return;
    open_work_ += static_cast<std::uint64_t>(sign) * node.work();
    lost_nodes_ += node.lost() ? sign : 0;
    stranding_nodes_ += node.stranding() ? sign : 0;
  }

  void node_changed(const Change& c) {
    const Node& n = static_cast<const Node&>(*c.object);
    const Symbol name = cluster_.symbol(n.name());
    NodeInfo& node = info_of(name);
    weigh(node, -1);
    node.exists = c.type != ChangeType::deleted;
    node.out_of_service = false;
    for (const Taint& t : n.taints)
      if (t.key == "node.kubernetes.io/out-of-service") node.out_of_service = node.exists && !condition_true(n.conditions, sym::Ready);
    weigh(node, 1);
  }

  bool too_many_terminated() const {
    return options_.terminated_pods_max > 0 && terminated_.size() > static_cast<std::size_t>(options_.terminated_pods_max);
  }
  /// Is there anything that a coming pass will change? Only then does the loop keep a run alive.
  bool urgent() const { return open_work_ > 0 || too_many_terminated(); }

  void arm(Time due) {
    Kernel& kernel = cluster_.kernel();
    kernel.cancel(tick_);
    due_ = due;
    tick_urgent_ = urgent();
    tick_ = tick_urgent_ ? kernel.at(due, Phase::reconcile, self_, kPass) : kernel.at_background(due, Phase::reconcile, self_, kPass);
  }

  void on_event(const Event&) override {
    tick_ = {};
    tasks_.add(pass(epoch_));
  }
  std::string_view actor_name() const override { return "podgc loop"; }

  /// `count` of them, so that most passes need not look.
  std::vector<Symbol> nodes_where(bool (NodeInfo::*wanted)() const, int count) const {
    std::vector<Symbol> out;
    if (count == 0) return out;
    for (Symbol name = 0; name < nodes_.size(); ++name)
      if ((nodes_[name].*wanted)()) out.push_back(name);
    std::sort(out.begin(), out.end(), [this](Symbol a, Symbol b) { return cluster_.text(a) < cluster_.text(b); });
    return out;
  }

  Task<void> pass(std::uint32_t epoch) {
    // All four steps work on what the caches held when the pass began.
    PodList excess = excess_terminated();
    PodList stranded = terminating_out_of_service();
    PodList unscheduled = unscheduled_.pods(store());
    sort_pods(unscheduled, cluster_.names());
    const std::vector<Symbol> missing = nodes_where(&NodeInfo::lost, lost_nodes_);
    std::unordered_map<Symbol, PodList> lost;
    for (const Waiting& w : waiting_)
      if (w.due <= now()) lost[w.node] = pods_.on(store(), w.node);

    if (!excess.empty()) {
      auto step = delete_all(std::move(excess));
      co_await step;
    }
    if (!stranded.empty()) {
      auto step = delete_all(std::move(stranded));
      co_await step;
    }
    if (epoch == epoch_) {
      auto step = delete_orphans(epoch, missing, lost);
      co_await step;
    }
    for (const auto& pod : unscheduled) {
      auto step = force_delete(pod, mark_failed);
      co_await step;
    }
    if (epoch == epoch_ && running()) arm(now() + options_.period);
  }

  static bool evicted(const Pod& p) { return p.phase == PodPhase::failed && p.reason() == sym::Evicted; }
  /// The first two criteria of first_to_go.
  static std::uint64_t rank(const Pod& p) { return std::uint64_t{evicted(p) ? 0U : 1U} << 32 | p.meta.id->created.s; }

  static auto by_name(const Interner& names) {
    return [&names](const Ref<const Pod>& a, const Ref<const Pod>& b) {
      const int order = a->name().compare(b->name());
      return order != 0 ? order < 0 : names.text(a->ns()) < names.text(b->ns());
    };
  }
  /// Evicted ones first, then the oldest, then by name.
  static auto first_to_go(const Interner& names) {
    return [&names](const Ref<const Pod>& a, const Ref<const Pod>& b) {
      if (evicted(*a) != evicted(*b)) return evicted(*a);
      if (a->meta.id->created != b->meta.id->created) return a->meta.id->created < b->meta.id->created;
      return by_name(names)(a, b);
    };
  }

  PodList excess_terminated() {
    if (!too_many_terminated()) return {};
    const std::size_t excess = terminated_.size() - static_cast<std::size_t>(options_.terminated_pods_max);
    PodList first = terminated_.lowest(store(), excess);
    const std::size_t n = std::min(excess, first.size());
    // They are in the order of their ranks already.
    for (auto from = first.begin(); from != first.end();) {
      const std::uint64_t same = rank(**from);
      auto to = std::find_if(from, first.end(), [same](const auto& pod) { return rank(*pod) != same; });
      std::sort(from, to, by_name(cluster_.names()));
      from = to;
    }
    first.resize(n);
    return first;
  }

  PodList terminating_out_of_service() {
    PodList out;
    for (Symbol name : nodes_where(&NodeInfo::stranding, stranding_nodes_))
      for (auto& pod : pods_.on(store(), name))
        if (pod->meta.deleted) out.push_back(std::move(pod));
    std::sort(out.begin(), out.end(), first_to_go(cluster_.names()));
    return out;
  }

  Task<void> delete_all(PodList pods) {
    if (std::all_of(pods.begin(), pods.end(), [](const auto& pod) { return pod->terminal(); })) {
      // One call each. There may be thousands, which wait long for the limiter; meanwhile nobody needs to hold on to the pods.
      std::vector<CallId> calls;
      calls.reserve(pods.size());
      for (const auto& pod : pods) calls.push_back(client().start_remove(*pod, kAtOnce));
      pods = {};
      co_await client().all_ended(calls);
      co_return;
    }
    std::vector<Task<void>> tasks;
    for (const auto& pod : pods) tasks.push_back(force_delete(pod, mark_failed));
    Latch latch;
    WhenAll all{tasks, latch};
    co_await all;
  }

  Task<void> delete_orphans(std::uint32_t epoch, const std::vector<Symbol>& missing, const std::unordered_map<Symbol, PodList>& lost) {
    // Due names leave the quarantine at their time, so that the same name may enter it anew.
    std::vector<Waiting> due;
    for (const Waiting& w : waiting_)
      if (w.due <= now()) due.push_back(w);
    std::erase_if(waiting_, [this](const Waiting& w) { return w.due <= now(); });
    for (Symbol name : missing)
      if (std::none_of(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.node == name; }))
        waiting_.push_back({name, now() + options_.quarantine});
    std::stable_sort(due.begin(), due.end(), [](const Waiting& a, const Waiting& b) { return a.due < b.due; });

    PodList orphans;
    for (const Waiting& w : due) {
      const std::string name(cluster_.text(w.node));
      if (store().cached_node(name) != nullptr) continue;
      const ApiResult live = co_await client().get(Kind::node, 0, name);
      if (live.status != ApiStatus::not_found) continue;  // there, or not known: a later pass will see
      if (auto it = lost.find(w.node); it != lost.end()) orphans.insert(orphans.end(), it->second.begin(), it->second.end());
      if (epoch != epoch_) co_return;
    }
    sort_pods(orphans, cluster_.names());
    for (const auto& pod : orphans) {
      auto step = force_delete(pod, mark_orphan_failed);
      co_await step;
    }
  }

  Task<void> force_delete(Ref<const Pod> pod, PatchFunction mark) {
    if (!pod->terminal()) {
      Client::Call call = client().patch(*pod, pod->uid(), mark, status_argument(*pod, now()));
      const ApiResult marked = co_await call;
      if (!marked.ok()) co_return;
    }
    Client::Call call = client().remove(*pod, kAtOnce);
    (void)co_await call;
  }

  const PodGcOptions options_;
  ActorId self_;
  RankedPods terminated_;
  PodSet unscheduled_;
  PodsByNode pods_;
  std::vector<NodeInfo> nodes_;  ///< by name; as a whole zero where nothing is known
  std::vector<Waiting> waiting_;  ///< the quarantine
  std::uint64_t open_work_ = 0;   ///< pods that a pass would change
  int lost_nodes_ = 0, stranding_nodes_ = 0;  ///< see NodeInfo
  EventHandle tick_;
  bool tick_urgent_ = false;
  Time due_{};
  std::uint32_t epoch_ = 0;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<Controller> make_pod_gc(Cluster& cluster, const PodGcOptions& options) { return std::make_unique<PodGc>(cluster, options); }

}  // namespace orrery
