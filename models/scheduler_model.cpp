// The scheduler as a model: when it looks at which pod, and what it writes. Which node it takes is decided by the
// algorithm in scheduler/.
//
// A pod is looked at `bindLatency` after it was created, and again `bindLatency` after a node changed or a pod made room.
// DEVIATION: no back-off between attempts and no limit of bindings per second (S-010 … S-019, S-064): the timing model says
// so. DEVIATION: the message of an unschedulable pod is that of the first attempt; rewriting it at each attempt would
// wake controllers that the recorded runs leave asleep.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "orrery/cluster/event_recorder.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/scheduler.hpp"
#include "scheduler/algorithm.hpp"

namespace orrery {

namespace {
enum : std::uint16_t { kTry = 1, kRetryAll = 2, kWrite = 3 };
constexpr std::size_t kMessageMax = 1024;  // of a condition and of the Event (S-061)
}  // namespace

class Scheduler::Impl final : public Actor {
 public:
  Impl(Cluster& cluster, const SchedulerOptions& options)
      : cluster_(cluster), store_(cluster.store()), algorithm_(cluster.names()), self_(cluster.kernel().add(*this)) {
    store_.on_commit([this](const Change& c) { committed(c); });
    if (options.events) recorder_ = std::make_unique<EventRecorder>(cluster, "default-scheduler", Duration{});
  }
  std::string_view actor_name() const override { return "scheduler"; }

  void on_event(const Event& e) override {
    if (e.kind != kWrite && cluster_.agents_busy_until > cluster_.now()) {
      cluster_.kernel().at(cluster_.agents_busy_until, e.phase, self_, e.kind, e.a, e.b);
      return;
    }
    switch (e.kind) {
      case kTry: return attempt(static_cast<std::uint32_t>(e.a), e.b);
      case kRetryAll: return retry_all();
      default: return write(static_cast<std::uint32_t>(e.a), e.b);
    }
  }

 private:
  using View = Ref<sched::PodSpecView>;
  struct Chosen {
    sched::Decision decision;
    View view;
  };

  // ---- what is committed

  void committed(const Change& c) {
    if (c.kind == Kind::node) {
      if (c.type == ChangeType::deleted)
        algorithm_.node_removed(cluster_.symbol(c.object->name()));
      else
        algorithm_.node_changed(static_cast<const Node&>(*c.object));
      return wake();
    }
    if (c.kind != Kind::pod) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    const std::uint64_t serial = pod.meta.id->serial;
    if (c.type == ChangeType::deleted) {
      waiting_.erase(serial);
      algorithm_.pod_gone(serial);
      return wake();
    }
    if (pod.node == 0) {
      // A pod that was gated is new to the scheduler once its last gate is gone.
      const bool was_gated = c.before && static_cast<const Pod&>(*c.before).spec->gated;
      if ((c.type == ChangeType::added || was_gated) && !pod.meta.deleted && !pod.spec->gated && !waiting_.contains(serial)) {
        waiting_.emplace(serial, pod.meta.id->slot);
        cluster_.kernel().after(cluster_.timing().bind_latency, Phase::commit, self_, kTry, pod.meta.id->slot, serial);
      }
      return;
    }
    if (pod.terminal()) {
      algorithm_.pod_gone(serial);
      return wake();
    }
    algorithm_.pod_placed(serial, view_of(pod), pod.node, pod.ns(), pod.meta.labels, pod.start_time);
  }

  View view_of(const Pod& pod) {
    // Terms that name no namespace mean the pod's own: a template is used in one namespace only.
    if (!pod.spec->scheduler_view) pod.spec->scheduler_view = sched::compile(*pod.spec, pod.ns(), cluster_.names());
    return View(static_cast<sched::PodSpecView*>(pod.spec->scheduler_view.get()));
  }

  /// Something happened that may let a waiting pod fit. One pass per instant serves all that happened in it.
  void wake() {
    if (waiting_.empty() || woken_at_ == cluster_.now()) return;
    woken_at_ = cluster_.now();
    cluster_.kernel().after(cluster_.timing().bind_latency, Phase::commit, self_, kRetryAll);
  }

  void retry_all() {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> all(waiting_.begin(), waiting_.end());
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return priority(a.second) > priority(b.second); });
    for (const auto& [serial, slot] : all) cluster_.kernel().after({}, Phase::commit, self_, kTry, slot, serial);
  }
  std::int32_t priority(std::uint32_t slot) const {
    const Object* o = store_.live_at(slot);
    return o != nullptr && o->kind == Kind::pod ? static_cast<const Pod&>(*o).spec->priority : 0;
  }

  const Pod* pod_at(std::uint32_t slot, std::uint64_t serial) {
    if (!waiting_.contains(serial)) return nullptr;
    const Object* o = store_.live_at(slot);
    if (o == nullptr || o->meta.id->serial != serial || o->meta.deleted) {
      waiting_.erase(serial);
      algorithm_.forget_nomination(serial);
      return nullptr;
    }
    return static_cast<const Pod*>(o);
  }

  // ---- one pod

  void attempt(std::uint32_t slot, std::uint64_t serial) {
    const Pod* pod = pod_at(slot, serial);
    if (pod == nullptr) return;
    View view = view_of(*pod);
    Chosen chosen{algorithm_.schedule(serial, *view, pod->ns(), pod->meta.labels.get()), view};
    const Time turn = cluster_.reserve_commit();
    chosen_.insert_or_assign(serial, std::move(chosen));
    if (turn > cluster_.now()) {
      cluster_.agents_busy_until = turn;
      cluster_.kernel().at(turn, Phase::commit, self_, kWrite, slot, serial);
      return;
    }
    write(slot, serial);
  }

  void write(std::uint32_t slot, std::uint64_t serial) {
    auto it = chosen_.find(serial);
    const Chosen chosen = std::move(it->second);
    chosen_.erase(it);
    const Pod* pod = pod_at(slot, serial);
    if (pod == nullptr) return;
    const sched::Decision& d = chosen.decision;
    Ref<Pod> next = clone_as(*pod);
    if (d.node != 0) {
      set_condition(*next, sym::True, 0, 0);
      next->node = d.node;
      waiting_.erase(serial);
      if (recorder_)
        recorder_->event(*pod, sym::Normal, cluster_.symbol("Scheduled"),
                         fmt::format("Successfully assigned {}/{} to {}", cluster_.text(pod->ns()), pod->name(), cluster_.text(d.node)));
    } else {
      std::string message = d.message;
      if (message.size() > kMessageMax) message = message.substr(0, kMessageMax - 4) + " ...";
      if (recorder_) recorder_->event(*pod, sym::Warning, cluster_.symbol("FailedScheduling"), message);
      set_condition(*next, sym::False, sym::Unschedulable, cluster_.symbol(message));
      if (d.nominated != 0) {
        next->nominated_node = d.nominated;
        algorithm_.nominate(serial, chosen.view, d.nominated);
      }
    }
    const Ref<const Pod> preemptor(pod);
    (void)store_.replace(std::move(next));
    if (d.nominated != 0) evict(*preemptor, d);
  }

  void set_condition(Pod& pod, Symbol status, Symbol reason, Symbol message) {
    const auto generation = static_cast<std::int32_t>(pod.meta.generation);
    if (Condition* c = find_condition(pod.conditions, sym::PodScheduled)) {
      if (c->status == status && c->reason == reason) return;
      if (c->status != status) c->transition = stamp(cluster_.now());
      c->status = status;
      c->reason = reason;
      c->message = message;
      c->observed_generation = generation;
      return;
    }
    pod.conditions.push_back({sym::PodScheduled, status, reason, message, stamp(cluster_.now()), {}, generation});
  }

  /// S-054: each victim is marked and deleted with its own grace period.
  void evict(const Pod& preemptor, const sched::Decision& d) {
    for (std::uint64_t serial : d.victims) {
      const Pod* victim = nullptr;
      for (const auto& o : store_.list(Kind::pod))
        if (o->meta.id->serial == serial) victim = static_cast<const Pod*>(o.get());
      if (victim == nullptr || victim->meta.deleted) continue;
      Ref<Pod> next = clone_as(*victim);
      const Symbol message = cluster_.symbol("default-scheduler: preempting to accommodate a higher priority pod");
      next->conditions.push_back({sym::DisruptionTarget, sym::True, sym::PreemptionByScheduler, message, stamp(cluster_.now()), {}, static_cast<std::int32_t>(next->meta.generation)});
      const Symbol ns = victim->ns();
      const std::string name = victim->name();
      const Uid uid = victim->uid();
      (void)store_.replace(std::move(next));
      if (recorder_)
        if (const Pod* live = store_.live_pod(ns, name))
          recorder_->event(*live, sym::Normal, cluster_.symbol("Preempted"),
                           fmt::format("Preempted by pod {} on node {}", preemptor.uid().text(), cluster_.text(d.nominated)));
      (void)store_.remove(Kind::pod, ns, name, {.grace_s = -1, .uid = uid});
    }
  }

  Cluster& cluster_;
  Store& store_;
  sched::Algorithm algorithm_;
  ActorId self_;
  std::unique_ptr<EventRecorder> recorder_;
  std::map<std::uint64_t, std::uint32_t> waiting_;  ///< pods without a node: serial -> slot, oldest first
  std::map<std::uint64_t, Chosen> chosen_;          ///< decided, the write is on its way
  Time woken_at_ = kNever;
};

Scheduler::Scheduler(Cluster& cluster, const SchedulerOptions& options) : impl_(std::make_unique<Impl>(cluster, options)) {}
Scheduler::~Scheduler() = default;

}  // namespace orrery
