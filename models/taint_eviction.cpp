// Taint eviction: N-050 … N-055.
// upstream: pkg/controller/tainteviction/{taint_eviction,timed_workers}.go
//
// Decisions take no time, so the sharded workers of upstream come down to: at an instant, nodes before pods, each in the
// order of its changes. Deletions then run beside each other, as there.
#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "orrery/cluster/symbols.hpp"
#include "orrery/models/housekeeping.hpp"
#include "support/pod_patches.hpp"
#include "support/pod_sets.hpp"
#include "support/task_group.hpp"

namespace orrery {
namespace {

enum : std::uint16_t { kDecide = 1, kFire = 2 };

std::vector<Taint> no_execute(const Object* node) {
  std::vector<Taint> out;
  if (node == nullptr) return out;
  for (const Taint& t : static_cast<const Node*>(node)->taints)
    if (t.effect == sym::NoExecute) out.push_back(t);
  return out;
}

constexpr std::string_view kMessage = "Taint manager: deleting due to NoExecute taint";

bool add_disruption_target(Cluster& cluster, Object& copy, std::uint64_t argument, const RefCounted*) {
  set_disruption_target(static_cast<Pod&>(copy), argument, sym::DeletionByTaintManager, cluster.symbol(kMessage));
  return true;
}

/// How long the pod may stay: kForever, or at least zero; nothing when a taint is not tolerated at all.
std::optional<Duration> tolerated_for(const std::vector<Toleration>& tolerations, const std::vector<Taint>& taints) {
  Duration least = kForever;
  for (const Taint& taint : taints) {
    // The first that matches counts, not the most generous (N-208).
    auto used = std::find_if(tolerations.begin(), tolerations.end(), [&](const Toleration& t) { return tolerates(t, taint); });
    if (used == tolerations.end()) return std::nullopt;
    if (used->seconds >= 0) least = std::min(least, multiply_checked(std::chrono::seconds{1}, used->seconds));
  }
  return least;
}

class TaintEviction final : public Controller, private Actor {
 public:
  explicit TaintEviction(Cluster& cluster)
      : Controller(cluster, {.name = "tainteviction", .component = "taint-eviction-controller", .position = 7}),
        self_(cluster.kernel().add(*this)),
        reason_(cluster.symbol("TaintManagerEviction")) {}

  bool watches(Kind kind) const override { return kind == Kind::pod || kind == Kind::node; }

  void on_change(const Change& c) override {
    pods_.observe(c);
    if (c.kind == Kind::node) node_changed(c);
    if (c.kind == Kind::pod) pod_changed(c);
    if ((!node_updates_.empty() || !pod_updates_.empty()) && !decision_)
      decision_ = cluster_.kernel().after({}, Phase::reconcile, self_, kDecide);
  }
  void on_start() override {}
  void on_stop() override {
    for (auto& [key, work] : works_) cluster_.kernel().cancel(work.timer);
    cluster_.kernel().cancel(decision_);
    works_.clear();
    fires_.clear();
    tainted_.clear();
    node_updates_.clear();
    pod_updates_.clear();
    pods_.clear();
  }

 private:
  struct Work {
    std::uint64_t id = 0;
    Time created{};
    EventHandle timer;
    bool timed = false;  ///< had a timer: it can be cancelled, and replaced
  };

  void node_changed(const Change& c) {
    const Object* next = c.type == ChangeType::deleted ? nullptr : c.object.get();
    const Symbol name = cluster_.symbol(c.object->name());
    const bool same = next != nullptr && c.before && no_execute(c.before.get()) == no_execute(next);
    if (same) return;
    // Without taints and evictions there is nothing to find out.
    if (works_.empty() && !tainted_.contains(name) && no_execute(next).empty()) return;
    node_updates_.push_back(name);
  }

  void pod_changed(const Change& c) {
    if (tainted_.empty() && node_updates_.empty() && works_.empty()) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (c.type == ChangeType::modified && c.before) {
      const Pod& before = static_cast<const Pod&>(*c.before);
      if (before.node == pod.node && before.spec == pod.spec) return;
    }
    if (c.type == ChangeType::deleted && !works_.contains(key_of(pod))) return;
    pod_updates_.push_back(key_of(pod));
  }

  void on_event(const Event& e) override {
    if (e.kind == kFire) {
      auto it = fires_.find(e.a);
      const ObjectKey key = it->second;
      fires_.erase(it);
      works_[key].timer = {};
      tasks_.add(evict(key, e.a));
      return;
    }
    decision_ = {};
    const std::vector<Symbol> nodes = std::exchange(node_updates_, {});
    const std::vector<ObjectKey> pods = std::exchange(pod_updates_, {});
    // Once each: a queue holds an item once.
    std::unordered_set<Symbol> seen_nodes;
    for (Symbol n : nodes)
      if (seen_nodes.insert(n).second) decide_node(n);
    std::unordered_set<ObjectKey, ObjectKeyHash> seen_pods;
    for (const ObjectKey& p : pods)
      if (seen_pods.insert(p).second) decide_pod(p);
  }
  std::string_view actor_name() const override { return "taint eviction timers"; }

  void decide_node(Symbol name) {
    const Node* node = store().cached_node(cluster_.text(name));
    if (node == nullptr) {
      tainted_.erase(name);  // running timers go on (N-055)
      return;
    }
    std::vector<Taint> taints = no_execute(node);
    if (taints.empty()) {
      tainted_.erase(name);
      if (works_.empty()) return;
      for (const auto& pod : pods_.on(store(), name)) cancel(key_of(*pod));
      return;
    }
    const std::vector<Taint>& kept = tainted_.insert_or_assign(name, std::move(taints)).first->second;
    for (const auto& pod : pods_.on(store(), name)) decide(*pod, kept);
  }

  void decide_pod(const ObjectKey& key) {
    const Pod* pod = store().cached_pod(key.ns, key.name);
    if (pod == nullptr) return cancel(key);
    auto it = tainted_.find(pod->node);
    if (pod->node != 0 && it != tainted_.end()) decide(*pod, it->second);
  }

  void decide(const Pod& pod, const std::vector<Taint>& taints) {
    const ObjectKey key = key_of(pod);
    const std::optional<Duration> wait = tolerated_for(pod.spec->tolerations(), taints);
    if (!wait) {
      cancel(key);
      return schedule(key, {});
    }
    if (*wait == kForever) return cancel(key);
    auto it = works_.find(key);
    if (it != works_.end() && it->second.timed) {
      if (it->second.created < now()) return;  // the timer that runs stays as it is (N-053)
      cancel(key);
    }
    schedule(key, *wait);
  }

  void schedule(const ObjectKey& key, Duration wait) {
    if (works_.contains(key)) return;
    Work& work = works_[key];
    work = {.id = ++last_id_, .created = now(), .timer = {}, .timed = wait.count() > 0};
    if (!work.timed) return tasks_.add(evict(key, work.id));
    fires_.emplace(work.id, key);
    work.timer = cluster_.kernel().after(wait, Phase::timer, self_, kFire, work.id);
  }

  void cancel(const ObjectKey& key) {
    auto it = works_.find(key);
    if (it == works_.end()) return;
    const bool timed = it->second.timed;
    if (cluster_.kernel().cancel(it->second.timer)) fires_.erase(it->second.id);
    works_.erase(it);
    if (timed) tell(key, "Cancelling deletion of Pod");
  }

  void tell(const ObjectKey& key, std::string_view what) {
    // Upstream knows no more of the pod than its name here.
    Pod about;
    about.meta.id = Identity::make(Kind::pod, key.ns, key.name);
    recorder().event(about, sym::Normal, reason_, fmt::format("{} {}/{}", what, cluster_.text(key.ns), key.name));
  }

  Task<void> evict(ObjectKey key, std::uint64_t id) {
    constexpr int kTries = 5;
    tell(key, "Marking for deletion Pod");
    for (int i = 0; i < kTries; ++i) {
      auto attempt = mark_and_delete(key);
      const bool done = co_await attempt;
      if (done) break;
      co_await client().sleep(std::chrono::milliseconds{10});
    }
    auto it = works_.find(key);
    if (it != works_.end() && it->second.id == id) works_.erase(it);
  }

  Task<bool> mark_and_delete(const ObjectKey& key) {
    const ApiResult got = co_await client().get(Kind::pod, key.ns, key.name);
    if (!got.ok()) co_return false;
    const Pod& pod = static_cast<const Pod&>(*got.object);
    const Condition* c = find_condition(pod.conditions, sym::DisruptionTarget);
    const bool marked =
        c != nullptr && c->status == sym::True && c->reason == sym::DeletionByTaintManager && cluster_.text(c->message) == kMessage;
    if (!marked) {
      const ApiResult patched =
          co_await client().patch(Kind::pod, key.ns, key.name, pod.uid(), add_disruption_target, status_argument(pod, now()));
      if (!patched.ok()) co_return false;
    }
    const DeleteOptions how{.uid = {}};
    const ApiResult gone = co_await client().remove(Kind::pod, key.ns, key.name, how);
    co_return gone.ok();
  }

  ActorId self_;
  Symbol reason_;
  PodsByNode pods_;
  std::unordered_map<Symbol, std::vector<Taint>> tainted_;
  std::unordered_map<ObjectKey, Work, ObjectKeyHash> works_;  ///< evictions that wait or run
  std::unordered_map<std::uint64_t, ObjectKey> fires_;        ///< pods of the timers, by id
  std::uint64_t last_id_ = 0;
  std::vector<Symbol> node_updates_;
  std::vector<ObjectKey> pod_updates_;
  EventHandle decision_;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<Controller> make_taint_eviction(Cluster& cluster) { return std::make_unique<TaintEviction>(cluster); }

}  // namespace orrery
