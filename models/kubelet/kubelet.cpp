// The life of pods on their nodes, as one event loop for all kubelets.
// Timing: every step happens at the instant of its cause, and its write is committed right then or, where writes keep a
// distance (commitGap), at the next turn; what follows from a step counts from its write.
// Behaviour source: Kubernetes v1.36, pkg/kubelet; rules P-020 … P-116.
#include <algorithm>

#include <fmt/format.h>

#include "orrery/cluster/symbols.hpp"
#include "orrery/core/check.hpp"
#include "status.hpp"

namespace orrery {

using kubelet::Container;
using kubelet::Deferred;
using kubelet::NodeRecord;
using kubelet::Plan;
using kubelet::PodRecord;
using kubelet::StopPlan;
using State = Container::State;

namespace {
enum : std::uint16_t {
  kPodChanged = 1,   // a: store slot, b: serial
  kPodGone,          // a: pod
  kNodeChanged,      // a: store slot, b: serial
  kNodeGone,         // a: name
  kRenew,            // a: node
  kRecover,          // a: node
  kStarted,          // a: pod, b: container
  kReady,            // a: pod, b: container
  kExit,             // a: pod, b: container; planned in `exits_`
  kBackoffOver,      // a: pod, b: container
  kStopped,          // a: pod, b: container
  kDeadline,         // a: pod
  kKillSidecars,     // a: pod
  kAfterBind,        // what follows a write; a: pod, b: container
  kAfterStart,
  kAfterExit,
  kAfterStop,
  kAfterFinish,
  kPublishOnly,
  kDelete,
  kShutdownOver,     // a: node
};
constexpr Duration kBackoffBase = std::chrono::seconds{10}, kBackoffMax = std::chrono::seconds{300};
constexpr Duration kLeasePeriod = std::chrono::seconds{10};
/// After SIGTERM a container has at least this long (P-092).
constexpr Duration kLeastGrace = std::chrono::seconds{2};

std::uint64_t pack(std::uint32_t index, std::uint32_t generation) { return static_cast<std::uint64_t>(generation) << 32 | index; }
}  // namespace

class Kubelets::Impl final : public Actor {
 public:
  Impl(Cluster& cluster, const std::vector<Behavior>& behaviors, const KubeletOptions& options)
      : cluster_(cluster), kernel_(cluster.kernel()), store_(cluster.store()), options_(options), plans_(cluster, behaviors), self_(kernel_.add(*this)) {
    store_.on_commit([this](const Change& c) { committed(c); });
    if (options.events) recorder_ = std::make_unique<EventRecorder>(cluster, "kubelet", Duration{});
  }

  std::string_view actor_name() const override { return "kubelet"; }
  void on_event(const Event& e) override;

  bool fail_node(std::string_view name, NodeFailure mode, Duration lasts);
  bool shutdown_node(std::string_view name, Duration grace);
  std::size_t fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t code, const std::string& reason);

 private:
  // ---- what is committed by others
  void committed(const Change& c);
  void pod_changed(std::uint64_t slot, std::uint64_t serial);
  void node_changed(std::uint64_t slot, std::uint64_t serial);
  void node_gone(Symbol name);

  // ---- pods
  PodRecord* record(std::uint64_t packed) {
    PodRecord& r = pods_[static_cast<std::uint32_t>(packed)];
    return r.used && r.generation == static_cast<std::uint32_t>(packed >> 32) ? &r : nullptr;
  }
  std::uint64_t handle(const PodRecord& r) const {
    return pack(static_cast<std::uint32_t>(&r - pods_.data()), r.generation);
  }
  std::uint32_t& record_of_slot(std::uint32_t slot) {
    if (slot >= by_slot_.size()) by_slot_.resize(std::max<std::size_t>(slot + 1, by_slot_.size() * 2), UINT32_MAX);
    return by_slot_[slot];
  }
  PodRecord* known(const Pod& pod);
  PodRecord& bind(const Pod& pod, std::uint32_t node);
  void release(PodRecord& r);
  std::uint64_t container_handle(const PodRecord& r, const Container& c) const {
    return pack(static_cast<std::uint32_t>(&c - r.containers.data()), c.generation);
  }
  Container* container(PodRecord& r, std::uint64_t packed) {
    const auto i = static_cast<std::uint32_t>(packed);
    if (i >= r.containers.size()) return nullptr;
    Container& c = r.containers[i];
    return c.generation == static_cast<std::uint32_t>(packed >> 32) ? &c : nullptr;
  }

  // ---- steps
  void write_then(PodRecord& r, std::uint16_t next, std::uint64_t b = 0);
  void publish(PodRecord& r);
  void follow(PodRecord& r, std::uint16_t next, std::uint64_t b);
  void advance(PodRecord& r);
  void begin(PodRecord& r, Container& c);
  void started(PodRecord& r, Container& c);
  void after_start(PodRecord& r, Container& c);
  void exited(PodRecord& r, Container& c, std::int32_t code, Symbol reason);
  void after_exit(PodRecord& r, Container& c);
  void backoff_over(PodRecord& r, Container& c);
  void stop_pod(PodRecord& r, Duration grace);
  bool stop_container(PodRecord& r, Container& c, Duration grace);
  void stopped(PodRecord& r, std::uint64_t packed);
  void after_stop(PodRecord& r);
  bool still_running(const PodRecord& r) const;
  void finish(PodRecord& r);
  void remove_pod(PodRecord& r);
  void say(const PodRecord& r, const Container* c, Symbol type, std::string_view reason, std::string message);
  Duration image_delay(NodeRecord& node, const Container& c, const Plan& plan);
  Duration ready_delay(const PodRecord& r, const Container& c) const;
  void renew(std::uint64_t packed);
  void recover(std::uint64_t packed);

  Cluster& cluster_;
  Kernel& kernel_;
  Store& store_;
  KubeletOptions options_;
  kubelet::Plans plans_;
  ActorId self_;
  std::unique_ptr<EventRecorder> recorder_;
  std::vector<PodRecord> pods_;
  std::vector<std::uint32_t> free_pods_;
  std::vector<std::uint32_t> by_slot_;
  std::vector<NodeRecord> nodes_;
  std::unordered_map<Symbol, std::uint32_t> node_of_;
};

// ---- changes

void Kubelets::Impl::committed(const Change& c) {
  // Never act inside the hook: the store is in the middle of a write.
  if (c.kind == Kind::node) {
    if (c.type == ChangeType::deleted)
      kernel_.after({}, Phase::commit, self_, kNodeGone, cluster_.symbol(c.object->name()));
    else if (c.type == ChangeType::added)
      kernel_.after({}, Phase::commit, self_, kNodeChanged, c.object->meta.id->slot, c.object->meta.id->serial);
    return;
  }
  if (c.kind != Kind::pod) return;
  const Pod& pod = static_cast<const Pod&>(*c.object);
  PodRecord* r = known(pod);
  if (c.type == ChangeType::deleted) {
    if (r != nullptr) kernel_.after({}, Phase::commit, self_, kPodGone, handle(*r));
    return;
  }
  if (pod.node == 0) return;
  const bool wants_deletion = pod.meta.deleted && (r == nullptr || !r->deleting);
  if (r == nullptr ? !pod.terminal() : wants_deletion) kernel_.after({}, Phase::commit, self_, kPodChanged, pod.meta.id->slot, pod.meta.id->serial);
}

PodRecord* Kubelets::Impl::known(const Pod& pod) {
  const std::uint32_t i = record_of_slot(pod.meta.id->slot);
  if (i == UINT32_MAX) return nullptr;
  PodRecord& r = pods_[i];
  return r.used && r.pod->meta.id == pod.meta.id ? &r : nullptr;
}

PodRecord& Kubelets::Impl::bind(const Pod& pod, std::uint32_t node) {
  std::uint32_t i;
  if (free_pods_.empty()) {
    i = static_cast<std::uint32_t>(pods_.size());
    pods_.emplace_back();
  } else {
    i = free_pods_.back();
    free_pods_.pop_back();
  }
  PodRecord& r = pods_[i];
  const std::uint32_t generation = r.generation;
  std::vector<Container> containers = std::move(r.containers);
  containers.clear();
  r = {};
  r.generation = generation;
  r.containers = std::move(containers);
  r.used = true;
  r.pod = Ref<const Pod>(&pod);
  r.node = node;
  r.started = cluster_.now();
  for (const ContainerSpec& spec : pod.spec->init_containers) {
    Container c;
    c.spec = &spec;
    c.init = true;
    r.containers.push_back(c);
  }
  for (const ContainerSpec& spec : pod.spec->containers) {
    Container c;
    c.spec = &spec;
    r.containers.push_back(c);
  }
  r.initialized = pod.spec->init_containers.empty();
  record_of_slot(pod.meta.id->slot) = i;
  return r;
}

void Kubelets::Impl::release(PodRecord& r) {
  const auto i = static_cast<std::uint32_t>(&r - pods_.data());
  std::uint32_t& at = record_of_slot(r.pod->meta.id->slot);
  if (at == i) at = UINT32_MAX;
  r.used = false;
  ++r.generation;
  r.pod.reset();
  free_pods_.push_back(i);
}

void Kubelets::Impl::pod_changed(std::uint64_t slot, std::uint64_t serial) {
  const Object* o = store_.live_at(static_cast<std::uint32_t>(slot));
  if (o == nullptr || o->kind != Kind::pod || o->meta.id->serial != serial) return;
  const Pod& pod = static_cast<const Pod&>(*o);
  PodRecord* r = known(pod);
  if (r == nullptr) {
    auto it = node_of_.find(pod.node);
    if (it == node_of_.end() || pod.terminal()) return;
    r = &bind(pod, it->second);
    if (!pod.meta.deleted) {
      if (pod.spec->active_deadline_s >= 0) {
        const Time due = time_of(stamp(r->started)) + std::chrono::seconds{pod.spec->active_deadline_s};
        kernel_.at(std::max(due, cluster_.now()), Phase::timer, self_, kDeadline, handle(*r));
      }
      return write_then(*r, kAfterBind);
    }
  }
  if (pod.meta.deleted && !r->deleting) {
    r->deleting = true;
    const Duration grace = std::chrono::seconds{std::max<std::int32_t>(pod.meta.deletion_grace, 0)};
    NodeRecord& node = nodes_[r->node];
    if (node.dead) return;
    if (node.down) {
      node.later.push_back({static_cast<std::uint32_t>(r - pods_.data()), r->generation, kDelete, 0});
      return;
    }
    stop_pod(*r, grace);
  }
}

// ---- writing

/// Publishes the pod's status, now or at the next turn, and goes on with `next`.
void Kubelets::Impl::write_then(PodRecord& r, std::uint16_t next, std::uint64_t b) {
  NodeRecord& node = nodes_[r.node];
  if (node.dead) return follow(r, next, b);
  if (node.down) {
    node.later.push_back({static_cast<std::uint32_t>(&r - pods_.data()), r.generation, kPublishOnly, 0});
    return follow(r, next, b);
  }
  const Time turn = cluster_.reserve_commit();
  if (turn > cluster_.now()) {
    cluster_.agents_busy_until = turn;
    kernel_.at(turn, Phase::commit, self_, next, handle(r), b);
    return;
  }
  publish(r);
  follow(r, next, b);
}

void Kubelets::Impl::publish(PodRecord& r) {
  const Object* o = store_.live_at(r.pod->meta.id->slot);
  if (o == nullptr || o->meta.id != r.pod->meta.id) return;
  const Pod& live = static_cast<const Pod&>(*o);
  if (live.terminal()) return;
  Ref<Pod> next = clone_as(live);
  kubelet::fill_status(r, *next, cluster_);
  (void)store_.replace(std::move(next));
}

void Kubelets::Impl::follow(PodRecord& r, std::uint16_t next, std::uint64_t b) {
  switch (next) {
    case kAfterBind: return advance(r);
    case kAfterStart:
      if (Container* c = container(r, b)) after_start(r, *c);
      return;
    case kAfterExit:
      if (Container* c = container(r, b)) after_exit(r, *c);
      return;
    case kAfterStop: return after_stop(r);
    case kAfterFinish: return remove_pod(r);
    default: return;
  }
}

void Kubelets::Impl::on_event(const Event& e) {
  const bool is_turn = e.kind >= kAfterBind && e.kind <= kDelete;
  if (!is_turn && cluster_.agents_busy_until > cluster_.now()) {
    // Somebody waits for the turn of a write: agents work one after the other.
    kernel_.at(cluster_.agents_busy_until, e.phase, self_, e.kind, e.a, e.b);
    return;
  }
  switch (e.kind) {
    case kPodChanged: return pod_changed(e.a, e.b);
    case kNodeChanged: return node_changed(e.a, e.b);
    case kNodeGone: return node_gone(static_cast<Symbol>(e.a));
    case kRenew: return renew(e.a);
    case kRecover: return recover(e.a);
    case kShutdownOver: {
      NodeRecord& node = nodes_[static_cast<std::uint32_t>(e.a)];
      if (node.used && node.generation == e.a >> 32) node.down = true;
      return;
    }
    default: break;
  }
  PodRecord* r = record(e.a);
  if (r == nullptr) return;
  switch (e.kind) {
    case kPodGone: return release(*r);
    case kAfterBind:
    case kAfterStart:
    case kAfterExit:
    case kAfterStop:
    case kAfterFinish:
    case kPublishOnly:
      publish(*r);
      return follow(*r, e.kind, e.b);
    case kStopped: return stopped(*r, e.b);
    case kDelete: {
      const Pod& pod = *r->pod;
      (void)store_.remove(Kind::pod, pod.ns(), pod.name(), {.grace_s = 0, .uid = pod.uid()});
      return;
    }
    case kDeadline:
      if (r->done || r->stopping) return;
      r->expired = true;
      say(*r, nullptr, sym::Normal, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
      return stop_pod(*r, std::chrono::seconds{r->pod->spec->grace_s});
    default: break;
  }
  Container* c = container(*r, e.b);
  if (c == nullptr) return;
  switch (e.kind) {
    case kStarted: return started(*r, *c);
    case kReady:
      if (c->state != State::running) return;
      c->ready = true;
      return write_then(*r, kPublishOnly);
    case kExit:
      if (c->state == State::running) exited(*r, *c, c->plan_exit_code, c->plan_exit_reason);
      return;
    case kBackoffOver: return backoff_over(*r, *c);
    default: return;
  }
}

// ---- running

/// Starts what is to be started next: init containers one after the other (P-057), then all the others.
void Kubelets::Impl::advance(PodRecord& r) {
  if (r.stopping || r.done) return;
  if (!r.initialized) {
    for (Container& c : r.containers) {
      if (!c.init) break;
      if (c.plain_init() && c.state == State::terminated && c.exit_code == 0) continue;
      if (c.sidecar() && c.started) continue;
      if (c.state == State::idle) begin(r, c);
      return;
    }
    r.initialized = true;
  }
  for (Container& c : r.containers)
    if (!c.init && c.state == State::idle) begin(r, c);
}

Duration Kubelets::Impl::image_delay(NodeRecord& node, const Container& c, const Plan& plan) {
  if (plan.pull.count() == 0) return {};
  const Time now = cluster_.now();
  auto [it, absent] = node.images.try_emplace(c.spec->image, now);
  if (c.spec->pull == PullPolicy::never || (!absent && c.spec->pull != PullPolicy::always)) return std::max(Duration{}, it->second - now);
  node.pulls_free = std::max(node.pulls_free, now) + plan.pull;
  it->second = node.pulls_free;
  return node.pulls_free - now;
}

void Kubelets::Impl::begin(PodRecord& r, Container& c) {
  const Plan plan = plans_.start(*r.pod, *c.spec);
  if (c.state == State::idle) c.state = State::waiting;
  NodeRecord& node = nodes_[r.node];
  const bool absent = plan.pull.count() > 0 && !node.images.contains(c.spec->image);
  if (absent && c.spec->pull == PullPolicy::never) {
    // Nothing can ever bring the image: the container waits for good (P-070).
    c.waiting_reason = sym::ErrImageNeverPull;
    say(r, &c, sym::Warning, "ErrImageNeverPull", fmt::format("Container image \"{}\" is not present with pull policy of Never", cluster_.text(c.spec->image)));
    return write_then(r, kPublishOnly);
  }
  if (absent) say(r, &c, sym::Normal, "Pulling", fmt::format("Pulling image \"{}\"", cluster_.text(c.spec->image)));
  const Duration wait = plan.start == kForever ? kForever : image_delay(node, c, plan) + plan.start;
  c.plan_ready = plan.ready;
  c.plan_ready_given = plan.ready_given;
  c.plan_run = plan.run;
  c.plan_exit_code = plan.exit_code;
  c.plan_exit_reason = plan.exit_reason.empty() ? Symbol{0} : cluster_.symbol(plan.exit_reason);
  if (plan.start != kForever) kernel_.after(wait, Phase::timer, self_, kStarted, handle(r), container_handle(r, c));
}

void Kubelets::Impl::started(PodRecord& r, Container& c) {
  if (r.stopping || r.done || nodes_[r.node].dead) return;
  if (c.state != State::waiting) ++c.restarts;
  c.state = State::running;
  c.begun = cluster_.now();
  c.restarting = false;
  c.lost = false;
  const bool probed = !c.plan_ready_given && (c.spec->readiness.present || c.spec->startup.present);
  c.started = !c.spec->startup.present;
  c.ready = !c.plain_init() && (probed ? ready_delay(r, c).count() == 0 : c.plan_ready.count() == 0);
  if (c.ready) c.started = true;
  say(r, &c, sym::Normal, "Created", "Container created");
  say(r, &c, sym::Normal, "Started", "Container started");
  write_then(r, kAfterStart, container_handle(r, c));
}

/// Probes succeed as soon as they are asked: at the first tick of the worker, which began when the pod was bound (P-081),
/// that is not before the initial delay, and as often as the threshold wants.
Duration Kubelets::Impl::ready_delay(const PodRecord& r, const Container& c) const {
  auto one = [&](const ProbeSpec& p) -> Duration {
    if (!p.present) return {};
    const Duration period = std::chrono::seconds{std::max(p.period_s, 1)};
    const Duration asked = std::chrono::seconds{p.initial_delay_s};
    Duration at = asked;
    // Readiness without a delay is asked right when the container has started (P-085).
    if (asked.count() > 0) {
      const Duration since = c.begun + asked - r.started;
      at = (since + period - Duration{1}) / period * period - (c.begun - r.started);
    }
    return at + (std::max(p.success_threshold, 1) - 1) * period;
  };
  return std::max(one(c.spec->startup), one(c.spec->readiness));
}

void Kubelets::Impl::after_start(PodRecord& r, Container& c) {
  const std::uint64_t h = handle(r), ch = container_handle(r, c);
  if (!c.ready && !c.plain_init()) {
    const bool probed = !c.plan_ready_given && (c.spec->readiness.present || c.spec->startup.present);
    const Duration wait = probed ? ready_delay(r, c) : c.plan_ready;
    if (wait != kForever) kernel_.after(wait, Phase::timer, self_, kReady, h, ch);
  }
  if (c.plan_run != kForever) kernel_.after(c.plan_run, Phase::timer, self_, kExit, h, ch);
  if (c.sidecar() && c.started && !r.initialized) advance(r);
}

void Kubelets::Impl::exited(PodRecord& r, Container& c, std::int32_t code, Symbol reason) {
  if (nodes_[r.node].dead) return;
  ++c.generation;
  c.state = State::terminated;
  c.ready = c.started = false;
  c.ended = cluster_.now();
  c.exit_code = code;
  c.exit_reason = reason;
  c.restarting = !r.stopping && !(r.sidecars_stopping && c.sidecar()) && kubelet::restarts_after_exit(r, c);
  if (!c.restarting) return write_then(r, kAfterExit, container_handle(r, c));
  Duration wait{};
  if (c.backoff.count() == 0 || c.ended - c.backoff_set > 2 * kBackoffMax)
    c.backoff = {};
  else
    wait = c.backoff;
  if (wait.count() > 0) {
    c.last = kubelet::terminated_state(c);
    c.has_last = true;
    c.state = State::backoff;
    say(r, &c, sym::Warning, "BackOff",
        fmt::format("Back-off restarting failed container {} in pod {}_{}({})", cluster_.text(c.spec->name), r.pod->name(), cluster_.text(r.pod->ns()), r.pod->uid().text()));
  }
  write_then(r, kAfterExit, container_handle(r, c));
}

void Kubelets::Impl::after_exit(PodRecord& r, Container& c) {
  if (c.restarting) {
    const Duration wait = c.state == State::backoff ? c.backoff : Duration{};
    kernel_.after(wait, Phase::timer, self_, kBackoffOver, handle(r), container_handle(r, c));
    return;
  }
  if (r.stopping || r.done) return;
  if (c.plain_init() && c.exit_code == 0) return advance(r);
  // When the last regular container is gone for good, the sidecars go too (P-045).
  bool left = false, failed = false, sidecars = false;
  for (const Container& x : r.containers) {
    const bool over = x.state == State::terminated && !x.restarting;
    if (!x.init) left = left || !over;
    if (x.plain_init()) failed = failed || (over && x.exit_code != 0);
    if (x.sidecar()) sidecars = sidecars || x.state == State::running;
  }
  if ((left && !failed) || r.sidecars_stopping) return;
  if (!sidecars) {
    // The pod has ended by itself; nothing that happens to it later concerns its kubelet.
    const NodeRecord& node = nodes_[r.node];
    if (!node.down && node.later.empty()) release(r);
    return;
  }
  r.sidecars_stopping = true;
  const Duration grace = std::chrono::seconds{r.pod->spec->grace_s};
  for (auto it = r.containers.rbegin(); it != r.containers.rend(); ++it)
    if (it->sidecar() && it->state == State::running) stop_container(r, *it, grace);
}

void Kubelets::Impl::backoff_over(PodRecord& r, Container& c) {
  if (r.stopping || r.done || nodes_[r.node].dead) return;
  c.last = kubelet::terminated_state(c);
  c.has_last = true;
  c.backoff = std::min(std::max(2 * c.backoff, kBackoffBase), kBackoffMax);
  c.backoff_set = cluster_.now();
  begin(r, c);
}

// ---- stopping

bool Kubelets::Impl::still_running(const PodRecord& r) const {
  return std::any_of(r.containers.begin(), r.containers.end(), [](const Container& c) { return c.state == State::running; });
}

/// SIGTERM; the exit comes after the stop time, or at the end of the grace period with 137. False when it is not running.
bool Kubelets::Impl::stop_container(PodRecord& r, Container& c, Duration grace) {
  if (c.state != State::running) return false;
  const StopPlan plan = plans_.stop(*r.pod, *c.spec);
  Duration pre{};
  if (c.spec->pre_stop_sleep_s > 0) pre = std::min<Duration>(std::chrono::seconds{c.spec->pre_stop_sleep_s}, grace);
  Duration stop = plan.stop;
  std::int32_t code = plan.exit_code;
  Duration left = grace - pre;
  if (pre.count() > 0) left = std::max(left, kLeastGrace);
  if (left.count() > 0 && stop > left) {
    stop = left;
    code = 137;
  }
  c.stop_code = code;
  ++r.stops_open;
  say(r, &c, sym::Normal, "Killing", fmt::format("Stopping container {}", cluster_.text(c.spec->name)));
  kernel_.after(pre + stop, Phase::timer, self_, kStopped, handle(r), container_handle(r, c));
  return true;
}

void Kubelets::Impl::stop_pod(PodRecord& r, Duration grace) {
  if (r.stopping) {
    // A second reason to stop does not change what is under way.
    if (!still_running(r)) finish(r);
    return;
  }
  r.stopping = true;
  r.stop_by = add_checked(cluster_.now(), grace);
  bool any = false, regular = false;
  for (Container& c : r.containers) {
    if (c.state == State::running) {
      if (!c.sidecar()) regular = stop_container(r, c, grace) || regular;
      any = true;
      continue;
    }
    ++c.generation;
    if (c.state == State::backoff) c.state = State::terminated;
    c.restarting = false;
  }
  if (!any) return finish(r);
  // Sidecars go after the others, in reverse order (P-094).
  if (!regular)
    for (auto it = r.containers.rbegin(); it != r.containers.rend(); ++it)
      if (it->sidecar() && stop_container(r, *it, grace)) break;
}

/// A container may have ended by itself while it was being stopped; the pod goes on when the stop has run its course.
void Kubelets::Impl::stopped(PodRecord& r, std::uint64_t packed) {
  if (nodes_[r.node].dead) return;
  Container* c = container(r, packed);
  if (c == nullptr || c->state != State::running) return after_stop(r);
  ++c->generation;
  c->state = State::terminated;
  c->ready = c->started = c->restarting = false;
  c->ended = cluster_.now();
  c->exit_code = c->stop_code;
  c->exit_reason = 0;
  write_then(r, kAfterStop);
}

void Kubelets::Impl::after_stop(PodRecord& r) {
  if (--r.stops_open > 0 || !r.stopping) return;
  const Duration grace = std::max(r.stop_by - cluster_.now(), kLeastGrace);
  for (auto it = r.containers.rbegin(); it != r.containers.rend(); ++it)
    if (it->sidecar() && stop_container(r, *it, grace)) return;
  finish(r);
}

/// The final status, then the deletion with grace 0, both now.
void Kubelets::Impl::finish(PodRecord& r) {
  NodeRecord& node = nodes_[r.node];
  if (node.dead || r.done) return;
  if (node.down) {
    node.later.push_back({static_cast<std::uint32_t>(&r - pods_.data()), r.generation, kAfterFinish, 0});
    return;
  }
  for (Container& c : r.containers)
    if (c.state != State::terminated && !(c.init && c.state == State::idle && r.initialized)) {
      c.state = State::terminated;
      c.lost = true;
      c.ready = false;
      c.exit_message = cluster_.symbol("The container could not be located when the pod was terminated");
    }
  write_then(r, kAfterFinish);
}

void Kubelets::Impl::remove_pod(PodRecord& r) {
  r.done = true;
  if (!r.deleting) return;
  const Time turn = cluster_.reserve_commit();
  if (turn > cluster_.now()) {
    cluster_.agents_busy_until = turn;
    kernel_.at(turn, Phase::commit, self_, kDelete, handle(r));
    return;
  }
  const Pod& pod = *r.pod;
  (void)store_.remove(Kind::pod, pod.ns(), pod.name(), {.grace_s = 0, .uid = pod.uid()});
}

void Kubelets::Impl::say(const PodRecord& r, const Container* c, Symbol type, std::string_view reason, std::string message) {
  if (!recorder_) return;
  const std::string path = c == nullptr ? std::string{} : fmt::format("spec.{}{{{}}}", c->init ? "initContainers" : "containers", cluster_.text(c->spec->name));
  recorder_->event(*r.pod, type, cluster_.symbol(reason), std::move(message), path, nodes_[r.node].name);
}

// ---- nodes

void Kubelets::Impl::node_changed(std::uint64_t slot, std::uint64_t serial) {
  const Object* o = store_.live_at(static_cast<std::uint32_t>(slot));
  if (o == nullptr || o->kind != Kind::node || o->meta.id->serial != serial) return;
  const Symbol name = cluster_.symbol(o->name());
  auto it = node_of_.find(name);
  if (it != node_of_.end() && nodes_[it->second].uid == o->uid()) return;
  const auto i = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  NodeRecord& node = nodes_.back();
  node.name = name;
  node.uid = o->uid();
  node.used = true;
  node_of_[name] = i;
  if (options_.heartbeats) renew(pack(i, 0));
}

void Kubelets::Impl::node_gone(Symbol name) {
  auto it = node_of_.find(name);
  if (it == node_of_.end()) return;
  nodes_[it->second].dead = true;
  ++nodes_[it->second].generation;
  node_of_.erase(it);
}

void Kubelets::Impl::renew(std::uint64_t packed) {
  NodeRecord& node = nodes_[static_cast<std::uint32_t>(packed)];
  if (node.generation != packed >> 32 || node.dead) return;
  if (!node.down) {
    const std::string name(cluster_.text(node.name));
    const Object* old = store_.live(Kind::lease, sym::kube_node_lease, name);
    if (old != nullptr) {
      Ref<LeaseObject> next = clone_as(static_cast<const LeaseObject&>(*old));
      next->renewed = cluster_.now();
      (void)store_.replace(std::move(next));
    } else {
      auto lease = make_ref<LeaseObject>();
      auto id = make_ref<Identity>();
      id->kind = Kind::lease;
      id->ns = sym::kube_node_lease;
      id->name = name;
      lease->meta.id = std::move(id);
      lease->holder = node.name;
      lease->renewed = cluster_.now();
      (void)store_.create(std::move(lease));
    }
  }
  kernel_.after_background(kLeasePeriod, Phase::timer, self_, kRenew, packed);
}

bool Kubelets::Impl::fail_node(std::string_view name, NodeFailure mode, Duration lasts) {
  auto it = node_of_.find(cluster_.symbol(name));
  if (it == node_of_.end()) return false;
  NodeRecord& node = nodes_[it->second];
  if (mode == NodeFailure::crash) {
    node.dead = true;
    ++node.generation;
  } else {
    node.down = true;
  }
  if (lasts != kForever) kernel_.after(lasts, Phase::timer, self_, kRecover, pack(it->second, node.generation));
  return true;
}

/// The kubelet is back: it writes what it could not, after saying that the node is well. After a crash its containers
/// are gone, and start again where their pod's policy lets them.
void Kubelets::Impl::recover(std::uint64_t packed) {
  const auto i = static_cast<std::uint32_t>(packed);
  NodeRecord& node = nodes_[i];
  if (node.generation != packed >> 32 || !node.used || store_.live_node(cluster_.text(node.name)) == nullptr) return;
  const bool crashed = node.dead;
  node.down = node.dead = false;
  if (const Node* live = store_.live_node(cluster_.text(node.name))) {
    Ref<Node> next = clone_as(*live);
    const Stamp now = stamp(cluster_.now());
    for (const auto& [type, status, reason] :
         {std::tuple{Symbol{sym::MemoryPressure}, Symbol{sym::False}, Symbol{sym::KubeletHasSufficientMemory}},
          std::tuple{Symbol{sym::DiskPressure}, Symbol{sym::False}, Symbol{sym::KubeletHasNoDiskPressure}},
          std::tuple{Symbol{sym::PIDPressure}, Symbol{sym::False}, Symbol{sym::KubeletHasSufficientPID}},
          std::tuple{Symbol{sym::Ready}, Symbol{sym::True}, Symbol{sym::KubeletReady}}}) {
      Condition* c = find_condition(next->conditions, type);
      if (c == nullptr) continue;
      if (c->status != status) c->transition = now;
      c->status = status;
      c->reason = reason;
      c->message = 0;
      c->probe = now;
    }
    (void)store_.replace(std::move(next));
  }
  if (crashed) {
    if (options_.heartbeats) renew(pack(i, node.generation));
    for (std::size_t p = 0; p < pods_.size(); ++p) {
      PodRecord& r = pods_[p];
      if (!r.used || r.node != i || r.done) continue;
      for (std::size_t k = 0; k < r.containers.size(); ++k) {
        Container& c = r.containers[k];
        if (c.state == State::running) exited(r, c, 137, 0);
        else if (c.state == State::waiting) begin(r, c);
      }
      if (r.deleting && !r.stopping) stop_pod(r, {});
    }
  }
  std::vector<Deferred> later = std::move(node.later);
  node.later.clear();
  for (const Deferred& d : later) {
    PodRecord* r = record(pack(d.pod, d.generation));
    if (r == nullptr) continue;
    if (d.what == kDelete) {
      const Object* o = store_.live_at(r->pod->meta.id->slot);
      const std::int32_t grace = o != nullptr ? o->meta.deletion_grace : 0;
      stop_pod(*r, std::chrono::seconds{std::max(grace, 0)});
    } else if (d.what == kAfterFinish) {
      finish(*r);
    } else {
      write_then(*r, kPublishOnly);
    }
  }
}

bool Kubelets::Impl::shutdown_node(std::string_view name, Duration grace) {
  auto it = node_of_.find(cluster_.symbol(name));
  if (it == node_of_.end()) return false;
  const std::uint32_t i = it->second;
  for (std::size_t p = 0; p < pods_.size(); ++p) {
    PodRecord& r = pods_[p];
    if (!r.used || r.node != i || r.done || r.stopping) continue;
    r.shut_down = true;
    const Duration own = std::chrono::seconds{r.pod->spec->grace_s};
    stop_pod(r, std::min(own, grace));
  }
  kernel_.after(grace, Phase::timer, self_, kShutdownOver, pack(i, nodes_[i].generation));
  return true;
}

std::size_t Kubelets::Impl::fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t code, const std::string& reason) {
  std::vector<PodRecord*> hit;
  for (const auto& pod : pods) {
    PodRecord* r = known(static_cast<const Pod&>(*pod));
    if (r != nullptr && !r->stopping && still_running(*r)) hit.push_back(r);
  }
  std::sort(hit.begin(), hit.end(), [](const PodRecord* a, const PodRecord* b) {
    if (a->started != b->started) return a->started < b->started;
    return a->pod->name() < b->pod->name();
  });
  if (count > 0 && hit.size() > static_cast<std::size_t>(count)) hit.resize(static_cast<std::size_t>(count));
  const Symbol why = reason.empty() ? Symbol{0} : cluster_.symbol(reason);
  for (PodRecord* r : hit)
    for (Container& c : r->containers)
      if (c.state == State::running) exited(*r, c, code, why);
  return hit.size();
}

// ---- the face

Kubelets::Kubelets(Cluster& cluster, const std::vector<Behavior>& behaviors, const KubeletOptions& options)
    : impl_(std::make_unique<Impl>(cluster, behaviors, options)) {}
Kubelets::~Kubelets() = default;
bool Kubelets::fail_node(std::string_view name, NodeFailure mode, Duration lasts) { return impl_->fail_node(name, mode, lasts); }
bool Kubelets::shutdown_node(std::string_view name, Duration grace) { return impl_->shutdown_node(name, grace); }
std::size_t Kubelets::fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t exit_code, const std::string& reason) {
  return impl_->fail_pods(pods, count, exit_code, reason);
}

}  // namespace orrery
