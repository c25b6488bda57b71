// The scheduler as a model: when it looks at which pod, and what it writes. Which node it takes is decided by the
// algorithm in scheduler/.
//
// A pod is looked at `bindLatency` after it was created, and again `bindLatency` after something happened that one of the
// plugins that rejected it hopes for (S-014). Where there are no nodes it waits for the end of the error back-off (S-018).
// DEVIATION: no back-off after rejections, no periodic rescue, and no limit of bindings per second (S-013, S-016, S-064): in
// the timing model pods do not wait for each other, and an idle scheduler ignores that back-off (S-010). DEVIATION: the
// condition's message of an unschedulable pod is that of the first attempt; rewriting it at each attempt would wake
// controllers that the recorded runs leave asleep. Nodes are looked at in the order of their names, also those that join later.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "orrery/cluster/event_recorder.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/scheduler.hpp"
#include "scheduler/cluster_views.hpp"
#include "scheduler/queueing_hints.hpp"

namespace orrery {

namespace {
enum : std::uint16_t { kTry = 1, kRetry = 2, kWrite = 3 };
constexpr std::string_view kName = "default-scheduler";

/// The first end of a back-off, not before `earliest`, of a pod that failed at `failed` for want of nodes: 1, 2, 4, 8, 10,
/// 10 … s, each ending with the whole second after the one in which the wait is over (S-013).
Time end_of_error_backoff(Time failed, Time earliest) {
  constexpr Duration kSecond = std::chrono::seconds{1}, kMax = 10 * kSecond, kStep = kMax + kSecond;
  const auto after = [&](Time t, Duration wait) { return Time{std::chrono::floor<std::chrono::seconds>((t + wait).time_since_epoch())} + kSecond; };
  Time t = failed;
  for (Duration wait = kSecond; wait < kMax; wait *= 2)
    if (t = after(t, wait); t >= earliest) return t;
  t = after(t, kMax);  // a whole second: from here on every step is the same
  return t >= earliest ? t : t + (earliest - t + kStep - Duration{1}) / kStep * kStep;
}
}  // namespace

class Scheduler::Impl final : public Actor {
 public:
  Impl(Cluster& cluster, const SchedulerOptions& options)
      : cluster_(cluster), store_(cluster.store()), views_(cluster.names()), state_(views_.names(), {.node_order = SchedConfig::NodeOrder::name}), self_(cluster.kernel().add(*this)), bind_latency_(cluster.kernel().fixed_delay(cluster.timing().bind_latency, Phase::commit)) {
    store_.on_commit([this](const Change& c) { committed(c); });
    store_.on_fetch([this](std::uint32_t slot, unsigned step) { state_.fetch(slot, step); });
    if (options.events) recorder_ = std::make_unique<EventRecorder>(cluster, std::string(kName), Duration{});
  }
  std::string_view actor_name() const override { return "scheduler"; }

  void on_event(const Event& e) override {
    if (e.kind != kWrite && cluster_.agents_busy_until > cluster_.now()) {
      cluster_.kernel().at(cluster_.agents_busy_until, e.phase, self_, e.kind, e.a, e.b);
      return;
    }
    switch (e.kind) {
      case kTry: return attempt({e.b, static_cast<std::uint32_t>(e.a)});
      case kRetry: return retry(e.a);
      default: return write_chosen({e.b, static_cast<std::uint32_t>(e.a)});
    }
  }

 private:
  using EventKind = SchedClusterEvent::Kind;
  using Id = SchedPodId;
  static Id id_of(const Pod& pod) { return {pod.meta.id->serial, pod.meta.id->slot}; }
  /// A pod without a node.
  struct Waiting {
    Id id;                           ///< serial 0: none
    SchedPodSpecPtr spec;            ///< as of the last attempt; null before the first
    SchedPluginSet rejected_by = 0;  ///< by the last attempt
    bool no_nodes = false;           ///< there were none at the last attempt
    Time failed{};                   ///< when that was
    std::uint64_t batch = 0;         ///< of the retry that it takes part in
  };
  struct Chosen {
    Id id;
    SchedResult result;
    SchedPodSpecPtr spec;
  };

  // ---- what is committed

  void committed(const Change& c) {
    switch (c.kind) {
      case Kind::node: return node_committed(c);
      case Kind::pod: return pod_committed(c);
      case Kind::poddisruptionbudget: budgets_stale_ = true; return;
      case Kind::other:
        if (const auto& body = static_cast<const GenericObject&>(*c.object).body; body->kind == "Namespace" && body->api_version == "v1")
          state_.set_namespace_labels(views_.names().intern(c.object->name()), views_.namespace_labels(*c.object));
        return;
      default: return;
    }
  }

  void node_committed(const Change& c) {
    const Node& node = static_cast<const Node&>(*c.object);
    if (c.type == ChangeType::modified && SchedViews::same_node(node, static_cast<const Node&>(*c.before))) return;
    SchedClusterEvent e;
    const Symbol name = views_.names().intern(node.name());
    const SchedNode* old = state_.node(name);
    const bool known = old != nullptr, heard = !rejected_.empty();
    if (known && heard) e.old_node = std::make_shared<SchedNode>(*old);
    if (c.type == ChangeType::deleted) {
      e.kind = EventKind::node_deleted;
      state_.remove_node(name);
    } else {
      e.kind = known ? EventKind::node_updated : EventKind::node_added;
      SchedNode view = views_.node(node);
      if (heard) e.node = std::make_shared<SchedNode>(view);
      state_.upsert_node(std::move(view));
      if (!known && state_.node_count() == 1) end_of_no_nodes();
    }
    happened(e);
  }

  void pod_committed(const Change& c) {
    const Pod& pod = static_cast<const Pod&>(*c.object);
    const Id id = id_of(pod);
    if (c.type == ChangeType::deleted || pod.terminal()) {
      // Its end was the end of it here.
      if (c.before && static_cast<const Pod&>(*c.before).terminal()) return;
      return pod_gone(pod, id);
    }
    if (pod.node == 0) return pod_without_node(c, pod, id);
    const Time started_at = pod.start_time ? time_of(pod.start_time) : kNever;
    const bool placed = state_.is_placed(id);
    if (placed) {
      const Pod& before = static_cast<const Pod&>(*c.before);
      if (pod.start_time != before.start_time) state_.set_started(id, started_at);
      if (pod.spec == before.spec && pod.meta.labels() == before.meta.labels()) {
        if (pod.meta.deleted) mark_terminating(pod, id);
        return;
      }
    }
    SchedClusterEvent e;
    e.pod = id;
    if (!placed) {
      forget(id);
      e.kind = EventKind::pod_assigned;
      e.spec = view_of(pod);
      state_.add_pod(id, e.spec, views_.symbol_of(pod.node), started_at);
    } else {
      e.kind = EventKind::pod_updated;
      e.old_spec = state_.spec_of(id);
      e.spec = view_of(pod);
      state_.update_pod(id, e.spec);
    }
    if (pod.meta.deleted) mark_terminating(pod, id);
    happened(e);
  }

  void mark_terminating(const Pod& pod, Id id) {
    const Condition* target = find_condition(pod.conditions, sym::DisruptionTarget);
    state_.set_terminating(id, target != nullptr && target->status == sym::True && target->reason == sym::PreemptionByScheduler);
  }

  void pod_gone(const Pod& pod, Id id) {
    SchedClusterEvent e;
    e.kind = EventKind::pod_deleted;
    e.pod = id;
    if (e.old_spec = state_.spec_of(id); !e.old_spec && state_.has_nomination(id)) e.old_spec = view_of(pod);
    forget(id);
    state_.remove_pod(id);
    if (e.old_spec) happened(e);
  }

  void pod_without_node(const Change& c, const Pod& pod, Id id) {
    if (pod.meta.deleted || pod.spec->gated || (pod.spec->scheduler_name != 0 && cluster_.text(pod.spec->scheduler_name) != kName)) return;
    Waiting* w = waiting(id);
    if (w == nullptr) {
      // A pod that was gated is new to the scheduler once its last gate is gone (S-006).
      const bool was_gated = c.before && static_cast<const Pod&>(*c.before).spec->gated;
      if (c.type != ChangeType::added && !was_gated) return;
      add_waiting(id);
      cluster_.kernel().after(bind_latency_, self_, kTry, id.slot, id.serial);
      return;
    }
    const Pod& before = static_cast<const Pod&>(*c.before);
    if (!w->spec || (pod.spec == before.spec && pod.meta.labels() == before.meta.labels())) return;
    SchedClusterEvent e;
    e.kind = EventKind::self_updated;
    e.pod = id;
    e.old_spec = w->spec;
    w->spec = e.spec = view_of(pod);
    happened(e);
  }

  /// Views leave out labels that no selector looks at. When one comes that does, the pods of before need theirs.
  SchedPodSpecPtr view_of(const Pod& pod) {
    SchedPodSpecPtr out = views_.pod(pod);
    look_again();
    return out;
  }
  void look_again() {
    while (views_.take_grown())
      for (const Id id : state_.placed_pods())
        if (const Object* o = store_.live_at(id.slot); o != nullptr && o->meta.id->serial == id.serial) state_.update_pod(id, views_.pod(static_cast<const Pod&>(*o)));
  }

  // ---- pods without a node

  Waiting* waiting(Id id) {
    Waiting* w = waiting_.find(waiting_at_.at(id.slot));
    return w != nullptr && w->id == id ? w : nullptr;
  }
  void add_waiting(Id id) {
    const std::uint32_t place = waiting_.take();
    waiting_at_.set(id.slot, place);
    waiting_[place].id = id;
  }
  void forget(Id id) {
    Waiting* w = waiting(id);
    if (w == nullptr) return;
    if (w->rejected_by != 0) rejected_.erase(id);
    waiting_.give_back(waiting_at_.at(id.slot));
    waiting_at_.clear(id.slot);
  }

  // ---- trying again

  /// One pass per instant serves all pods that something in it may help.
  void happened(SchedClusterEvent& e) {
    if (rejected_.empty()) return;
    if (const SchedPodSpec* of = e.spec ? e.spec.get() : e.old_spec.get()) e.namespace_labels = state_.namespace_labels(of->ns);
    for (const Id id : rejected_) {
      Waiting& w = *waiting(id);
      if (!sched_worth_trying(w.rejected_by, *w.spec, id, e)) continue;
      if (woken_at_ != cluster_.now()) {
        woken_at_ = cluster_.now();
        ++batch_;
        cluster_.kernel().after(cluster_.timing().bind_latency, Phase::commit, self_, kRetry, batch_);
      }
      if (w.batch == batch_) continue;
      w.batch = batch_;
      batches_[batch_].push_back(id);
    }
  }

  /// Higher priority first, then the older failure (S-011).
  void retry(std::uint64_t batch) {
    std::vector<Id> all = std::move(batches_[batch]);
    batches_.erase(batch);
    std::erase_if(all, [&](Id id) { return waiting(id) == nullptr; });
    std::sort(all.begin(), all.end(), [&](Id a, Id b) {
      const Waiting &x = *waiting(a), &y = *waiting(b);
      if (x.spec->priority != y.spec->priority) return x.spec->priority > y.spec->priority;
      return x.failed != y.failed ? x.failed < y.failed : a < b;
    });
    for (const Id id : all) cluster_.kernel().at_once(Phase::commit, self_, kTry, id.slot, id.serial);
  }

  void end_of_no_nodes() {
    std::vector<Id> failed;  // the oldest pod first
    waiting_.for_each([&](Waiting& w) {
      if (std::exchange(w.no_nodes, false)) failed.push_back(w.id);
    });
    std::sort(failed.begin(), failed.end());
    for (const Id id : failed)
      cluster_.kernel().at(end_of_error_backoff(waiting(id)->failed, cluster_.now()), Phase::commit, self_, kTry, id.slot, id.serial);
  }

  const Pod* pod_at(Id id) {
    if (waiting(id) == nullptr) return nullptr;
    const Object* o = store_.live_at(id.slot);
    if (o == nullptr || o->meta.id->serial != id.serial || o->meta.deleted) {
      forget(id);
      state_.clear_nomination(id);
      return nullptr;
    }
    return static_cast<const Pod*>(o);
  }

  // ---- one pod

  void attempt(Id id) {
    const Pod* pod = pod_at(id);
    if (pod == nullptr) return;
    if (budgets_stale_) {
      budgets_stale_ = false;
      state_.set_pdbs(views_.budgets(store_));
      look_again();
    }
    SchedPodSpecPtr spec = view_of(*pod);
    Chosen chosen{id, state_.schedule(*spec, id), spec};
    Waiting& w = *waiting(id);
    w.spec = std::move(spec);
    if (w.rejected_by != 0 && chosen.result.rejected_by == 0) rejected_.erase(id);
    if (w.rejected_by == 0 && chosen.result.rejected_by != 0) rejected_.insert(id);
    w.rejected_by = chosen.result.rejected_by;
    w.no_nodes = state_.node_count() == 0;
    w.failed = cluster_.now();
    w.batch = 0;
    // Of two attempts at one pod before the first write, the later one counts.
    std::erase_if(chosen_, [&](const Chosen& c) { return c.id == id; });
    const Time turn = cluster_.reserve_commit();
    if (turn > cluster_.now()) {
      chosen_.push_back(std::move(chosen));
      cluster_.agents_busy_until = turn;
      cluster_.kernel().at(turn, Phase::commit, self_, kWrite, id.slot, id.serial);
      return;
    }
    write(chosen);
  }

  void write_chosen(Id id) {
    const auto it = std::find_if(chosen_.begin(), chosen_.end(), [&](const Chosen& c) { return c.id == id; });
    if (it == chosen_.end()) return;
    const Chosen chosen = std::move(*it);
    chosen_.erase(it);
    write(chosen);
  }

  void write(const Chosen& chosen) {
    const Id id = chosen.id;
    const Pod* pod = pod_at(id);
    if (pod == nullptr) return;
    const SchedResult& r = chosen.result;
    const Ref<const Pod> held(pod);
    Ref<Pod> next = clone_as(*pod);
    Symbol nominated = 0;
    if (r.node != 0) {
      const Symbol node = views_.cluster_symbol_of(r.node, cluster_.names());
      set_condition(*next, sym::PodScheduled, sym::True, 0, 0);
      next->node = node;
      next->set_nominated_node(0);  // the server clears it with the binding
      forget(id);
      if (recorder_)
        recorder_->event(*pod, sym::Normal, cluster_.symbol("Scheduled"),
                         fmt::format("Successfully assigned {}/{} to {}", cluster_.text(pod->ns()), pod->name(), cluster_.text(node)));
    } else {
      const std::string message = sched_event_note(r.message);
      if (recorder_) recorder_->event(*pod, sym::Warning, cluster_.symbol("FailedScheduling"), message);
      set_condition(*next, sym::PodScheduled, sym::False, sym::Unschedulable, cluster_.symbol(message));
      if (r.nominated != 0) {
        nominated = views_.cluster_symbol_of(r.nominated, cluster_.names());
        next->set_nominated_node(nominated);
        state_.nominate(id, chosen.spec, r.nominated);
      } else if (r.clear_nomination) {
        next->set_nominated_node(0);
        state_.clear_nomination(id);
      }
    }
    (void)store_.replace(std::move(next));
    if (nominated == 0) return;
    for (const Id other : r.displaced) give_up_nomination(other);
    for (const Id victim : r.victims) evict(victim, *held, nominated);
  }

  void set_condition(Pod& pod, Symbol type, Symbol status, Symbol reason, Symbol message) {
    const auto generation = static_cast<std::int32_t>(pod.meta.generation);
    if (Condition* c = find_condition(pod.conditions, type)) {
      if (c->status == status && c->reason == reason) return;
      if (c->status != status) c->transition = stamp(cluster_.now());
      c->status = status;
      c->reason = reason;
      c->message = message;
      c->observed_generation = generation;
      return;
    }
    pod.conditions.push_back({type, status, reason, message, stamp(cluster_.now()), {}, generation});
  }

  /// A more important pod has been nominated to the node.
  void give_up_nomination(Id id) {
    state_.clear_nomination(id);
    const Pod* pod = pod_at(id);
    if (pod == nullptr || pod->nominated_node() == 0) return;
    Ref<Pod> next = clone_as(*pod);
    next->set_nominated_node(0);
    (void)store_.replace(std::move(next));
  }

  /// S-054: a victim is marked and deleted with its own grace period.
  void evict(Id id, const Pod& preemptor, Symbol node) {
    const Object* o = state_.is_placed(id) ? store_.live_at(id.slot) : nullptr;
    if (o == nullptr || o->meta.id->serial != id.serial || o->meta.deleted) return;
    const Ref<const Pod> victim(static_cast<const Pod*>(o));
    Ref<Pod> next = clone_as(*victim);
    set_condition(*next, sym::DisruptionTarget, sym::True, sym::PreemptionByScheduler,
                  cluster_.symbol(fmt::format("{}: preempting to accommodate a higher priority pod", kName)));
    (void)store_.replace(std::move(next));
    if (recorder_)
      if (const Pod* live = store_.live_pod(victim->ns(), victim->name()))
        recorder_->event(*live, sym::Normal, cluster_.symbol("Preempted"),
                         fmt::format("Preempted by pod {} on node {}", preemptor.uid().text(), cluster_.text(node)));
    (void)store_.remove(Kind::pod, victim->ns(), victim->name(), {.grace_s = -1, .uid = victim->uid()});
  }

  Cluster& cluster_;
  Store& store_;
  SchedViews views_;
  SchedulerState state_;
  ActorId self_;
  FixedDelay bind_latency_;
  std::unique_ptr<EventRecorder> recorder_;
  bool budgets_stale_ = false;
  Numbered<Waiting> waiting_;
  NumberColumn waiting_at_;                    ///< numbers there
  std::set<Id> rejected_;                      ///< of them, those that a plugin rejected at their last attempt
  std::vector<Chosen> chosen_;                 ///< decided, the write is on its way; attempts wait for it, so these are few
  std::map<std::uint64_t, std::vector<Id>> batches_;
  std::uint64_t batch_ = 0;
  Time woken_at_ = kNever;
};

Scheduler::Scheduler(Cluster& cluster, const SchedulerOptions& options) : impl_(std::make_unique<Impl>(cluster, options)) {}
Scheduler::~Scheduler() = default;

}  // namespace orrery
