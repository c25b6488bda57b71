// Node life cycle: heartbeats, conditions, taints, pods of silent nodes, zones (N-020 … N-063).
// upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "node_lifecycle/node_memory.hpp"
#include "node_lifecycle/node_taints.hpp"
#include "orrery/cluster/symbols.hpp"
#include "support/pod_sets.hpp"
#include "support/task_group.hpp"

namespace orrery {
namespace {

using namespace node_taints;
using MemoryPtr = std::shared_ptr<NodeMemory>;
using PodList = std::vector<Ref<const Pod>>;

enum : std::uint16_t { kMonitor = 1, kTaint = 2 };

constexpr Duration kTaintingPeriod = std::chrono::milliseconds{100};
/// Lease period and monitor period, and a little: a node silent for longer is about to be found lost.
constexpr Duration kSuspicious = std::chrono::seconds{16};
constexpr std::size_t kNodesAtOnce = 8;

/// Labels kept equal for old clients (N-038): the stable one, and the one that follows it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kLabels{
    {{"kubernetes.io/os", "beta.kubernetes.io/os"}, {"kubernetes.io/arch", "beta.kubernetes.io/arch"}}};

std::vector<std::pair<std::string, std::string>> labels_to_set(const ObjectMeta& meta) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [stable, old] : kLabels) {
    const std::string* value = meta.label(stable);
    if (value == nullptr) continue;
    const std::string* present = meta.label(old);
    if (present == nullptr || *present != *value) out.emplace_back(old, *value);
  }
  return out;
}

bool follow_labels(Cluster&, Object& copy, std::uint64_t, const RefCounted*) {
  const auto wanted = labels_to_set(copy.meta);
  if (wanted.empty()) return false;
  auto items = copy.meta.labels() ? copy.meta.labels()->items : std::vector<std::pair<std::string, std::string>>{};
  for (const auto& [key, value] : wanted) {
    auto it = std::find_if(items.begin(), items.end(), [&k = key](const auto& i) { return i.first == k; });
    if (it == items.end())
      items.emplace_back(key, value);
    else
      it->second = value;
  }
  copy.meta.set_labels(make_string_map(std::move(items)));
  return true;
}

class NodeLifecycle final : public Controller, private Actor {
 public:
  NodeLifecycle(Cluster& cluster, const NodeLifecycleOptions& options)
      : Controller(cluster, {.name = "nodelifecycle", .component = "node-controller", .position = 6}),
        options_(options),
        self_(cluster.kernel().add(*this)),
        node_queue_(cluster, "node lifecycle nodes", 8, {}, [this](const ObjectKey& key) { return reconcile_node(key); }),
        pod_queue_(cluster, "node lifecycle pods", 4, {}, [this](const ObjectKey& key) { return reconcile_pod(key); }),
        not_ready_(cluster.symbol("NodeNotReady")),
        memory_(std::make_shared<NodeMemory>(options)),
        jitter_(random("taint retries", 0)) {}

  bool watches(Kind kind) const override { return kind == Kind::node || kind == Kind::pod || kind == Kind::lease; }

  void on_change(const Change& c) override {
    switch (c.kind) {
      case Kind::node: return node_changed(c);
      case Kind::lease: return lease_changed(c);
      case Kind::pod: return pod_changed(c);
      default: return;
    }
  }
  void on_start() override {
    node_queue_.start();
    pod_queue_.start();
    taint_anchor_ = now();
    arm_monitor(now(), false);
  }
  void on_stop() override {
    node_queue_.stop();
    pod_queue_.stop();
    cluster_.kernel().cancel(monitor_tick_);
    cluster_.kernel().cancel(taint_tick_);
    pods_.clear();
    tainting_ = false;
    unsettled_ = true;
    memory_ = std::make_shared<NodeMemory>(options_);  // passes in flight keep the old one
  }

 private:
  // ---- the watch

  void node_changed(const Change& c) {
    const Node& node = static_cast<const Node&>(*c.object);
    NodeRecord& r = memory_->record(node.name(), cluster_.symbol(node.name()));
    memory_->node_changed(r, c);
    unsettled_ = true;
    if (c.type == ChangeType::deleted) return;
    node_queue_.add({0, node.name()});
    if (monitor_tick_ && !monitor_urgent_ && needs_pass(r)) arm_monitor(monitor_due_, true);
  }

  void lease_changed(const Change& c) {
    if (c.object->ns() != sym::kube_node_lease) return;
    NodeRecord& r = memory_->record(c.object->name(), cluster_.symbol(c.object->name()));
    r.has_lease = c.type != ChangeType::deleted;
    r.lease_renewed = static_cast<const LeaseObject&>(*c.object).renewed;
  }

  void pod_changed(const Change& c) {
    pods_.observe(c);
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (c.type == ChangeType::deleted || pod.node == 0) return;
    if (c.before && static_cast<const Pod&>(*c.before).node == pod.node) return;
    if (memory_->remembered_unready(pod.node)) pod_queue_.add(key_of(pod));
  }

  /// Will the next pass have something to do for this node that is not a matter of course?
  bool needs_pass(const NodeRecord& r) const {
    if (r.retry) return true;
    if (!r.cached) return false;
    const Condition* ready = find_condition(r.cached->conditions, sym::Ready);
    const auto& taints = r.cached->taints;
    if (ready != nullptr && ready->status == sym::True) {
      if (has_no_execute(taints)) return true;
    } else if (ready != nullptr && r.zone->queue.accepts()) {
      if (!has(taints, ready->status == sym::False ? kNotReady : kUnreachable, sym::NoExecute)) return true;
    }
    const bool lost = ready != nullptr && ready->status == sym::Unknown;
    return options_.heartbeats && !lost && r.has_health && now() > r.probe + kSuspicious;
  }

  // ---- the loops

  void arm_monitor(Time due, bool urgent) {
    Kernel& kernel = cluster_.kernel();
    kernel.cancel(monitor_tick_);
    monitor_due_ = due;
    monitor_urgent_ = urgent;
    monitor_tick_ = urgent ? kernel.at(due, Phase::reconcile, self_, kMonitor) : kernel.at_background(due, Phase::reconcile, self_, kMonitor);
  }

  /// The tainting loop of upstream looks every 100 ms; here it wakes at those instants at which it has something to look at.
  void arm_tainting() {
    if (tainting_ || taint_tick_ || !running()) return;
    bool any = false;
    for (const auto& [key, zone] : memory_->zones()) any = any || (zone.queue.accepts() && !zone.queue.empty());
    if (!any) return;
    const auto periods = (now() - taint_anchor_) / kTaintingPeriod + 1;
    taint_tick_ = cluster_.kernel().at(taint_anchor_ + periods * kTaintingPeriod, Phase::reconcile, self_, kTaint);
  }

  void on_event(const Event& e) override {
    if (e.kind == kMonitor) {
      monitor_tick_ = {};
      return tasks_.add(monitor(memory_));
    }
    taint_tick_ = {};
    tainting_ = true;
    tasks_.add(taint_zones(memory_));
  }
  std::string_view actor_name() const override { return "node lifecycle loops"; }

  // ---- taints, written

  /// Up to five times while others get in between.
  Task<bool> change_taints(std::string name, const std::vector<Taint>& list, bool (*change)(std::vector<Taint>&, const Taint&)) {
    constexpr int kSteps = 5;
    for (int step = 1;; ++step) {
      const ApiResult live = co_await client().get(Kind::node, 0, name);
      if (!live.ok()) co_return false;
      Ref<Node> next = clone_as(static_cast<const Node&>(*live.object));
      bool changed = false;
      for (const Taint& t : list) changed = change(next->taints, t) || changed;
      if (!changed) co_return true;
      auto write = client().update(std::move(next));
      const ApiResult r = co_await write;
      if (r.ok()) co_return true;
      if (r.status != ApiStatus::conflict || step == kSteps) co_return false;
      co_await client().sleep(Duration(static_cast<std::int64_t>(1e8 * (1 + jitter_.unit()))));
    }
  }

  /// Adds, then removes what `node` is known to have of `remove`. upstream: SwapNodeControllerTaint
  Task<bool> swap_taints(Ref<const Node> node, std::vector<Taint> add, std::vector<Taint> remove_list) {
    for (Taint& t : add) t.added = stamp(now());
    if (!add.empty()) {
      auto step = change_taints(std::string(node->name()), add, add_or_update);
      const bool fine = co_await step;
      if (!fine) co_return false;
    }
    bool any = false;
    for (const Taint& t : remove_list) any = any || has(node->taints, t.key, t.effect);
    if (!any) co_return true;
    auto step = change_taints(std::string(node->name()), remove_list, remove);
    const bool fine = co_await step;
    co_return fine;
  }

  /// upstream: markNodeAsReachable
  Task<void> mark_reachable(NodeRecord* r, Ref<const Node> node) {
    for (const std::string_view key : {kUnreachable, kNotReady}) {
      auto step = swap_taints(node, {}, {no_execute(key)});
      const bool fine = co_await step;
      if (!fine) co_return;
    }
    r->zone->queue.remove(r->name);
  }

  Task<Outcome> reconcile_node(const ObjectKey& key) {
    const Node* cached = store().cached_node(key.name);
    if (cached == nullptr) co_return Outcome::ok();
    const Ref<const Node> node(cached);
    Difference d = no_schedule_difference(*node, cluster_.names());
    if (!d.add.empty() || !d.remove.empty()) {
      auto step = swap_taints(node, std::move(d.add), std::move(d.remove));
      (void)co_await step;
      cached = store().cached_node(key.name);
      if (cached == nullptr) co_return Outcome::ok();
    }
    if (labels_to_set(cached->meta).empty()) co_return Outcome::ok();
    const ApiResult live = co_await client().get(Kind::node, 0, key.name);
    if (!live.ok()) co_return Outcome::ok();
    (void)co_await client().patch(Kind::node, 0, key.name, {}, follow_labels);
    co_return Outcome::ok();
  }

  // ---- NoExecute, zone by zone

  Task<void> taint_zones(MemoryPtr m) {
    for (auto& [key, zone] : m->zones()) {
      ZoneQueue& queue = zone.queue;
      while (!queue.empty()) {
        const ZoneQueue::Head head = queue.head();
        // The token is gone even if nothing comes of it.
        if (!queue.try_accept(now()) || now() < head.due) break;
        const NodeRecord* r = m->find(head.node);
        if (r == nullptr || !r->cached) {
          queue.done(head.node);
          continue;
        }
        const Ref<const Node> node = r->cached;
        const Condition* ready = find_condition(node->conditions, sym::Ready);
        if (ready == nullptr) {
          queue.retry(head.node, now() + std::chrono::milliseconds{50} + Duration{1});
          continue;
        }
        if (ready->status == sym::True) {
          queue.done(head.node);
          continue;
        }
        const bool unknown = ready->status == sym::Unknown;
        auto step = swap_taints(node, {no_execute(unknown ? kUnreachable : kNotReady)}, {no_execute(unknown ? kNotReady : kUnreachable)});
        const bool fine = co_await step;
        if (fine)
          queue.done(head.node);
        else
          queue.retry(head.node, now() + Duration{1});
      }
    }
    if (m != memory_) co_return;
    tainting_ = false;
    taint_anchor_ = now();
    arm_tainting();
  }

  // ---- the monitor pass

  Task<void> monitor(MemoryPtr m) {
    bool urgent = false;
    if (options_.heartbeats || unsettled_) {
      unsettled_ = false;
      auto step = pass(m);
      co_await step;
      if (m != memory_) co_return;
      for (const NodeRecord* r : m->nodes()) urgent = urgent || needs_pass(*r);
      unsettled_ = unsettled_ || urgent;
    }
    if (running()) arm_monitor(now() + options_.monitor_period, urgent);
  }

  Task<void> pass(MemoryPtr m) {
    auto first = register_nodes(m);
    co_await first;

    std::vector<std::pair<NodeRecord*, Ref<const Node>>> nodes;
    for (NodeRecord* r : m->nodes()) nodes.emplace_back(r, r->cached);
    for (auto& [key, zone] : m->zones()) zone.ready = zone.not_ready = 0;
    Crew crew{m, nodes, 0};
    std::vector<Task<void>> workers;
    // Worker after worker runs until it has to wait for a call; most passes need none.
    workers.push_back(work(crew));
    Latch latch;
    ++latch.open;
    workers.back().start(latch);
    while (crew.next < nodes.size() && workers.size() < kNodesAtOnce) {
      workers.push_back(work(crew));
      workers.back().start(latch);
    }
    LastOf last{latch};
    co_await last;

    auto end = handle_disruption(m, nodes);
    co_await end;
  }

  struct LastOf {
    Latch& latch;
    bool await_ready() const { return --latch.open == 0; }
    void await_suspend(std::coroutine_handle<> h) const { latch.waiting = h; }
    void await_resume() const noexcept {}
  };
  struct Crew {
    MemoryPtr memory;
    const std::vector<std::pair<NodeRecord*, Ref<const Node>>>& nodes;
    std::size_t next = 0;
  };

  Task<void> work(Crew& crew) {
    while (crew.next < crew.nodes.size()) {
      const auto& [record, node] = crew.nodes[crew.next++];
      const NodeHealth health = crew.memory->look(*record, node, now());
      if (update_at_once(*record, health)) continue;
      auto step = update(crew.memory, record, health);
      co_await step;
    }
  }

  void tell_of_node(const Identity& node, Symbol reason, std::string message) {
    Node about;
    about.meta.id = Identity::copy(node);
    recorder().event(about, sym::Normal, reason, std::move(message));
  }

  Task<void> register_nodes(MemoryPtr m) {
    std::vector<NodeRecord*> added;
    for (NodeRecord* r : m->nodes()) {
      if (!r->registered)
        added.push_back(r);
      else
        m->open_zone(*r->zone);
    }
    const std::vector<NodeRecord*> gone = m->vanished();
    for (NodeRecord* r : added) {
      const Ref<const Node> node = r->cached;
      if (!node) continue;
      tell_of_node(*node->meta.id, cluster_.symbol("RegisteredNode"),
                   fmt::format("Node {0} event: Registered Node {0} in Controller", node->name()));
      r->registered = node;
      m->open_zone(*r->zone);
      if (!has_no_execute(node->taints)) {
        r->zone->queue.remove(r->name);
        continue;
      }
      auto step = mark_reachable(r, node);
      co_await step;
    }
    for (NodeRecord* r : gone) {
      tell_of_node(*r->registered->meta.id, cluster_.symbol("RemovingNode"),
                   fmt::format("Node {0} event: Removing Node {0} from Controller", r->registered->name()));
      r->registered.reset();
    }
  }

  static void count(NodeRecord& r, const NodeHealth& h) {
    if (!r.excluded) ++(h.current == sym::True ? r.zone->ready : r.zone->not_ready);
  }

  void mark_for_tainting(NodeRecord& r, const Node& node, Symbol ready) {
    if (!has(node.taints, ready == sym::False ? kNotReady : kUnreachable, sym::NoExecute)) r.zone->queue.remove(r.name);
    r.zone->queue.add(r.name, now());
    arm_tainting();
  }

  /// What needs no calls. False: the node needs some.
  bool update_at_once(NodeRecord& r, const NodeHealth& h) {
    if (h.silent) return false;
    const auto& taints = h.node->taints;
    if (h.current == sym::True) {
      if (has_no_execute(taints)) return false;
      r.zone->queue.remove(r.name);
    } else if (h.current != 0) {
      if (r.retry || has(taints, h.current == sym::False ? kUnreachable : kNotReady, sym::NoExecute)) return false;
      mark_for_tainting(r, *h.node, h.current);
    }
    count(r, h);
    r.retry = false;
    return true;
  }

  Task<void> update(MemoryPtr m, NodeRecord* r, NodeHealth h) {
    constexpr Duration kPause = std::chrono::milliseconds{20};
    const Time deadline = now() + 5 * kPause;
    while (h.silent) {
      h.node = mark_silent(*h.node, cluster_.names(), now());
      auto write = client().update_status(clone_as(*h.node));
      const ApiResult written = co_await write;
      if (written.ok()) {
        m->written(*r, h);
        break;
      }
      const std::string name(h.node->name());
      const ApiResult live = co_await client().get(Kind::node, 0, name);
      if (!live.ok() || now() + kPause > deadline) co_return;  // skipped, and missing in its zone's statistics
      co_await client().sleep(kPause);
      h = m->look(*r, Ref<const Node>(static_cast<const Node*>(live.object.get())), now());
    }
    count(*r, h);
    if (h.current != 0) {
      const bool lost = h.current != sym::True && h.observed == sym::True;
      const bool mark = lost || (r->retry && h.observed != sym::True);
      const PodList pods = mark ? pods_.on(store(), r->name) : PodList{};
      auto taints = taint_step(r, h);
      co_await taints;
      if (lost) tell_of_node(*h.node->meta.id, not_ready_, fmt::format("Node {} status is now: NodeNotReady", h.node->name()));
      if (mark) {
        auto step = mark_pods(pods);
        const bool fine = co_await step;
        if (!fine) {
          r->retry = true;
          co_return;
        }
      }
    }
    r->retry = false;
  }

  /// N-040, by the condition as this pass leaves it. upstream: processTaintBaseEviction
  Task<void> taint_step(NodeRecord* r, const NodeHealth& h) {
    if (h.current == sym::True) {
      auto step = mark_reachable(r, h.node);
      co_await step;
      co_return;
    }
    const std::string_view wanted = h.current == sym::False ? kNotReady : kUnreachable;
    const std::string_view opposite = h.current == sym::False ? kUnreachable : kNotReady;
    if (has(h.node->taints, opposite, sym::NoExecute)) {
      // A change of sides takes no turn in the queue.
      auto step = swap_taints(h.node, {no_execute(wanted)}, {no_execute(opposite)});
      (void)co_await step;
    } else {
      mark_for_tainting(*r, *h.node, h.current);
    }
  }

  // ---- pods

  /// Ready=False for those that have the condition (N-030). False: not all could be written.
  Task<bool> mark_pods(PodList pods) {
    bool fine = true;
    for (const auto& pod : pods) {
      const Condition* ready = find_condition(pod->conditions, sym::Ready);
      if (ready == nullptr || ready->status == sym::False) continue;
      Ref<Pod> next = clone_as(*pod);
      Condition* c = find_condition(next->conditions, sym::Ready);
      c->status = sym::False;
      c->transition = stamp(now());
      auto write = client().update_status(clone_as(*next));
      const ApiResult r = co_await write;
      if (r.status == ApiStatus::not_found) continue;
      fine = fine && r.ok();
      recorder().event(*next, sym::Warning, not_ready_, "Node is not ready");
    }
    co_return fine;
  }

  Task<Outcome> reconcile_pod(const ObjectKey& key) {
    const Pod* pod = store().cached_pod(key.ns, key.name);
    if (pod == nullptr || !memory_->remembered_unready(pod->node)) co_return Outcome::ok();
    if (store().cached_node(cluster_.text(pod->node)) == nullptr) co_return Outcome::failed();
    auto step = mark_pods({Ref<const Pod>(pod)});
    const bool fine = co_await step;
    co_return fine ? Outcome::ok() : Outcome::failed();
  }

  // ---- zones

  Task<void> handle_disruption(MemoryPtr m, const std::vector<std::pair<NodeRecord*, Ref<const Node>>>& nodes) {
    bool all_full = true, all_were_full = true;
    for (auto& [key, zone] : m->zones()) {
      if (zone.size() == 0) {
        zone.state.reset();
        continue;
      }
      if (!zone.state) zone.state = ZoneState::initial;
      zone.next = NodeMemory::state_of(zone, options_.unhealthy_zone_share);
      all_full = all_full && zone.next == ZoneState::full_disruption;
      all_were_full = all_were_full && *zone.state == ZoneState::full_disruption;
    }
    if (all_full && all_were_full) co_return;
    if (all_full) {
      // The whole cluster is silent: more likely the control plane is cut off. No evictions.
      for (const auto& [record, node] : nodes) {
        if (!has_no_execute(node->taints)) {
          record->zone->queue.remove(record->name);
          continue;
        }
        auto step = mark_reachable(record, node);
        co_await step;
      }
    } else if (all_were_full) {
      for (const auto& [record, node] : nodes) record->probe = now();
    }
    for (auto& [key, zone] : m->zones()) {
      if (!zone.state || (*zone.state == zone.next && !all_full && !all_were_full)) continue;
      zone.queue.set_rate(all_full ? 0.0F : m->rate_for(zone.next, zone.size()), now());
      zone.state = zone.next;
    }
    arm_tainting();
  }

  const NodeLifecycleOptions options_;
  ActorId self_;
  WorkQueue node_queue_, pod_queue_;
  Symbol not_ready_;
  MemoryPtr memory_;
  PodsByNode pods_;
  RandomStream jitter_;
  EventHandle monitor_tick_, taint_tick_;
  Time monitor_due_{}, taint_anchor_{};
  bool monitor_urgent_ = false;
  bool tainting_ = false;
  bool unsettled_ = true;  ///< a pass would not only find what the last one left
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<Controller> make_node_lifecycle(Cluster& cluster, const NodeLifecycleOptions& options) {
  return std::make_unique<NodeLifecycle>(cluster, options);
}

}  // namespace orrery
