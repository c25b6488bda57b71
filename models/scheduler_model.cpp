// The scheduler as a model: when it looks at which pod, and what it writes. Which node it takes is decided by the
// algorithm in scheduler/.
#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/quantity.hpp"
#include "orrery/cluster/event_recorder.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/scheduler.hpp"

namespace orrery {

namespace {
enum : std::uint16_t { kTry = 1, kBind = 2 };
}

class Scheduler::Impl final : public Actor {
 public:
  Impl(Cluster& cluster, const SchedulerOptions& options) : cluster_(cluster), store_(cluster.store()), options_(options), self_(cluster.kernel().add(*this)) {
    store_.on_commit([this](const Change& c) { committed(c); });
  }
  std::string_view actor_name() const override { return "scheduler"; }

  void on_event(const Event& e) override {
    if (e.kind == kTry && cluster_.agents_busy_until > cluster_.now()) {
      cluster_.kernel().at(cluster_.agents_busy_until, e.phase, self_, e.kind, e.a, e.b);
      return;
    }
    const auto slot = static_cast<std::uint32_t>(e.a);
    if (e.kind == kTry) return attempt(slot, e.b);
    write(slot, e.b);
  }

 private:
  struct Pending {
    std::uint32_t slot = 0;
  };
  void committed(const Change& c) {
    if (c.kind == Kind::node) return retry();
    if (c.kind != Kind::pod) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (c.type == ChangeType::deleted) {
      pending_.erase(pod.meta.id->serial);
      return retry();
    }
    if (pod.node == 0) {
      if (c.type == ChangeType::added && !pod.meta.deleted && !pod.spec->gated) {
        pending_[pod.meta.id->serial] = {pod.meta.id->slot};
        later(pod.meta.id->slot, pod.meta.id->serial);
      }
      return;
    }
    if (pod.terminal()) retry();
  }
  void later(std::uint32_t slot, std::uint64_t serial) { cluster_.kernel().after(cluster_.timing().bind_latency, Phase::commit, self_, kTry, slot, serial); }
  void retry() {
    for (const auto& [serial, p] : pending_) later(p.slot, serial);
  }
  const Pod* pod_at(std::uint32_t slot, std::uint64_t serial) {
    if (!pending_.contains(serial)) return nullptr;
    const Object* o = store_.live_at(slot);
    if (o == nullptr || o->meta.id->serial != serial || o->meta.deleted) {
      pending_.erase(serial);
      return nullptr;
    }
    return static_cast<const Pod*>(o);
  }
  void attempt(std::uint32_t slot, std::uint64_t serial) {
    const Pod* pod = pod_at(slot, serial);
    if (pod == nullptr) return;
    chosen_[serial] = pick(*pod);
    const Time turn = cluster_.reserve_commit();
    if (turn > cluster_.now()) {
      cluster_.agents_busy_until = turn;
      cluster_.kernel().at(turn, Phase::commit, self_, kBind, slot, serial);
      return;
    }
    write(slot, serial);
  }
  void write(std::uint32_t slot, std::uint64_t serial) {
    const Pod* pod = pod_at(slot, serial);
    const Symbol node = chosen_[serial];
    chosen_.erase(serial);
    if (pod == nullptr) return;
    Ref<Pod> next = clone_as(*pod);
    set_condition(*next, node != 0);
    next->node = node;
    if (node != 0) pending_.erase(serial);
    (void)store_.replace(std::move(next));
  }
  void set_condition(Pod& pod, bool scheduled) {
    const Symbol status = scheduled ? sym::True : sym::False;
    const Symbol reason = scheduled ? Symbol{0} : Symbol{sym::Unschedulable};
    const auto generation = static_cast<std::int32_t>(pod.meta.generation);
    if (Condition* c = find_condition(pod.conditions, sym::PodScheduled)) {
      if (c->status != status) c->transition = stamp(cluster_.now());
      c->status = status;
      c->reason = reason;
      c->observed_generation = generation;
      return;
    }
    pod.conditions.push_back({sym::PodScheduled, status, reason, 0, stamp(cluster_.now()), {}, generation});
  }
  Symbol pick(const Pod& pod) {
    std::map<std::string, int> load;
    for (const auto& o : store_.list(Kind::pod)) {
      const Pod& p = static_cast<const Pod&>(*o);
      if (p.node != 0 && !p.terminal()) ++load[std::string(cluster_.text(p.node))];
    }
    Symbol best = 0;
    int least = INT32_MAX;
    for (const auto& o : store_.list(Kind::node)) {
      const Node& n = static_cast<const Node&>(*o);
      if (pod.spec->pinned_node != 0 && cluster_.text(pod.spec->pinned_node) != n.name()) continue;
      std::vector<Taint> taints = n.taints;
      if (n.unschedulable) taints.push_back({"node.kubernetes.io/unschedulable", "", sym::NoSchedule, {}});
      const bool bad = std::any_of(taints.begin(), taints.end(), [&](const Taint& t) {
        return t.effect != sym::PreferNoSchedule && std::none_of(pod.spec->tolerations.begin(), pod.spec->tolerations.end(), [&](const Toleration& x) { return tolerates(x, t); });
      });
      if (bad || load[n.name()] >= least) continue;
      least = load[n.name()];
      best = cluster_.symbol(n.name());
    }
    return best;
  }

  Cluster& cluster_;
  Store& store_;
  SchedulerOptions options_;
  ActorId self_;
  std::map<std::uint64_t, Pending> pending_;  ///< by serial: oldest first
  std::map<std::uint64_t, Symbol> chosen_;
};

Scheduler::Scheduler(Cluster& cluster, const SchedulerOptions& options) : impl_(std::make_unique<Impl>(cluster, options)) {}
Scheduler::~Scheduler() = default;

}  // namespace orrery
