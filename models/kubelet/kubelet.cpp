// The life of pods on their nodes, as one event loop for all kubelets.
// Timing: every step happens at the instant of its cause, and its write is committed right then or, where writes keep a
// distance (commitGap), at the next turn; what follows from a step counts from its write.
// Behaviour source: Kubernetes v1.36, pkg/kubelet; rules P-020 … P-116.
#include <algorithm>

#include <fmt/format.h>

#include "impl.hpp"
#include "orrery/cluster/symbols.hpp"
#include "status.hpp"

namespace orrery {

using namespace kubelet;

Kubelets::Impl::Impl(Cluster& cluster, const std::vector<Behavior>& behaviors, const KubeletOptions& options)
    : cluster_(cluster), kernel_(cluster.kernel()), store_(cluster.store()), options_(options), plans_(cluster, behaviors), self_(kernel_.add(*this, true)),
      usual_start_(kernel_.fixed_delay(Plan{}.start, Phase::timer)) {
  store_.on_commit([this](const Change& c) { committed(c); });
  store_.on_fetch([this](std::uint32_t slot, unsigned step) {
    if (step == 0)
      by_slot_.fetch(slot);
    else
      pods_.fetch(by_slot_.at(slot));
  });
  if (options.events) recorder_ = std::make_unique<EventRecorder>(cluster, "kubelet", Duration{});
}

// ---- changes

void Kubelets::Impl::committed(const Change& c) {
  // Never act inside the hook: the store is in the middle of a write.
  if (c.kind == Kind::node) {
    if (c.type == ChangeType::deleted)
      kernel_.at_once(Phase::commit, self_, kNodeGone, cluster_.symbol(c.object->name()));
    else if (c.type == ChangeType::added)
      kernel_.at_once(Phase::commit, self_, kNodeAdded, c.object->meta.id->slot, c.object->meta.id->serial);
    return;
  }
  if (c.kind != Kind::pod) return;
  const Pod& pod = static_cast<const Pod&>(*c.object);
  const PodRecord* r = known(pod);
  if (c.type == ChangeType::deleted) {
    if (r != nullptr) kernel_.at_once(Phase::commit, self_, kGone, handle(*r));
    return;
  }
  if (pod.node == 0 || (r == nullptr && pod.terminal())) return;
  const Identity& id = *pod.meta.id;
  if (pod.meta.deleted) {
    if (r == nullptr || !r->deleting) kernel_.at_once(Phase::commit, self_, kDeleting, id.slot, id.serial);
  } else if (r == nullptr) {
    kernel_.at_once(Phase::commit, self_, c.type == ChangeType::added ? kPlaced : kBound, id.slot, id.serial);
  }
}

const Pod* Kubelets::Impl::live_pod(std::uint64_t slot, std::uint64_t serial) const {
  const Object* o = store_.live_at(static_cast<std::uint32_t>(slot));
  return o != nullptr && o->kind == Kind::pod && o->meta.id->serial == serial ? static_cast<const Pod*>(o) : nullptr;
}

void Kubelets::Impl::pod_bound(std::uint64_t slot, std::uint64_t serial, bool placed) {
  const Pod* pod = live_pod(slot, serial);
  if (pod == nullptr || known(*pod) != nullptr || pod->terminal()) return;
  PodRecord& r = bind(*pod, node_named(pod->node));
  // Whoever starts there will find it.
  if (!node_of(r).dead) take(r, placed);
}

/// The kubelet sees the pod for the first time.
void Kubelets::Impl::take(PodRecord& r, bool placed) {
  if (node_of(r).shutting) {
    r.rare_to_change().refused = cluster_.symbol("NodeShutdown");
    r.rare_to_change().refusal = cluster_.symbol("Pod was rejected as the node is shutting down.");
  } else if (placed) {
    admit(r);
  }
  if (r.rare().refused != 0) return write_then(r, kReject);
  if (const std::int64_t limit = r.pod.spec->active_deadline_s; limit >= 0) {
    // The kubelet compares with the start time as it is stored, in whole seconds (P-110).
    const Time due = add_checked(time_of(stamp(r.started)), std::chrono::seconds{limit});
    EventHandle& deadline = r.rare_to_change().deadline;
    kernel_.cancel(deadline);
    deadline = kernel_.at(std::max(due, cluster_.now()), Phase::timer, self_, kDeadline, handle(r));
  }
  write_then(r, kAfterBind);
}

void Kubelets::Impl::pod_deleting(std::uint64_t slot, std::uint64_t serial) {
  const Pod* pod = live_pod(slot, serial);
  if (pod == nullptr) return;
  PodRecord* r = known(*pod);
  if (r == nullptr) {
    if (pod->terminal() && pod->meta.deletion_grace <= 0) return;
    r = &bind(*pod, node_named(pod->node));
    // It ended just when it was deleted: only its removal is left to do.
    r->done = r->stopping = pod->terminal();
  }
  if (r->deleting) return;
  r->deleting = true;
  const NodeRecord& node = node_of(*r);
  if (node.dead) return;
  if (node.down) return defer(*r, Deferred::What::stop);
  stop_pod(*r, std::chrono::seconds{std::max<std::int32_t>(pod->meta.deletion_grace, 0)});
}

// ---- records

PodRecord& kubelet::PodRecords::take() {
  if (free_.empty()) free_.push_back(records_.add());
  const std::uint32_t i = free_.back();
  free_.pop_back();
  std::unique_ptr<PodRecord>& r = records_[i];
  if (spares_.empty()) {
    r = std::make_unique<PodRecord>();
  } else {
    r = std::move(spares_.back());
    spares_.pop_back();
    *r = {};
  }
  r->index = i;
  r->generation = ++generation_;
  return *r;
}

void kubelet::PodRecords::give_back(PodRecord& r) {
  r.pod = {};
  free_.push_back(r.index);
  if (spares_.size() == kSpares) spares_.erase(spares_.begin(), spares_.begin() + kSpares / 2);
  spares_.push_back(std::move(records_[r.index]));
}

PodRecord* Kubelets::Impl::known(const Pod& pod) {
  PodRecord* r = pods_.find(by_slot_.at(pod.meta.id->slot));
  return r != nullptr && r->pod.id == pod.meta.id ? r : nullptr;
}

PodRecord& Kubelets::Impl::bind(const Pod& pod, NodeRecord& node) {
  PodRecord& r = pods_.take();
  r.pod = {pod.meta.id, pod.spec, pod.meta.shared_ref()};
  if (recorder_) r.rare_to_change().bound = Ref<const Pod>(&pod);
  r.node = static_cast<std::uint32_t>(&node - nodes_.data());
  r.slot = pod.meta.id->slot;
  r.started = cluster_.now();
  const auto &inits = pod.spec->init_containers, &regular = pod.spec->containers;
  r.containers.reset(inits.size() + regular.size());
  for (std::size_t k = 0; k < r.containers.size(); ++k) {
    r.containers[k].init = k < inits.size();
    r.containers[k].spec = k < inits.size() ? &inits[k] : &regular[k - inits.size()];
  }
  r.initialized = inits.empty();
  for (const Container& c : r.containers)
    for (const RestartRule& rule : c.spec->restart_rules) r.may_restart_all = r.may_restart_all || rule.restart_all;
  by_slot_.set(r.slot, r.index);
  std::vector<std::uint32_t>& here = node.pods;
  r.place = static_cast<std::uint32_t>(here.size());
  here.push_back(r.index);
  return r;
}

void Kubelets::Impl::release(PodRecord& r) {
  shutdown_done(r);
  for (Container& c : r.containers) void_plans(c);
  if (r.has_rare()) kernel_.cancel(r.rare_to_change().deadline);
  // The slot may have another pod by now.
  if (by_slot_.at(r.slot) == r.index) by_slot_.clear(r.slot);
  std::vector<std::uint32_t>& here = node_of(r).pods;
  here[r.place] = here.back();
  pods_[here[r.place]].place = r.place;
  here.pop_back();
  pods_.give_back(r);
}

std::vector<std::uint64_t> Kubelets::Impl::pods_of(const NodeRecord& n) const {
  std::vector<std::uint32_t> sorted = n.pods;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::uint64_t> out;
  out.reserve(sorted.size());
  for (const std::uint32_t i : sorted) out.push_back(handle(pods_[i]));
  return out;
}

void Kubelets::Impl::void_plans(Container& c) {
  ++c.generation;
  kernel_.cancel(c.next);
  if (c.has_rare()) kernel_.cancel(c.rare_to_change().probe);
}

// ---- writing

/// Asks for the turn of a write. True when it is yet to come: an event of `kind` will then say so.
bool Kubelets::Impl::wait_for_turn(std::uint16_t kind, std::uint64_t a, std::uint64_t b) {
  const Time turn = cluster_.reserve_commit();
  if (turn <= cluster_.now()) return false;
  cluster_.agents_busy_until = turn;
  kernel_.at(turn, Phase::commit, self_, kind, a, b);
  return true;
}

/// Publishes the pod's status, now or at the next turn, and goes on with `next`.
void Kubelets::Impl::write_then(PodRecord& r, std::uint16_t next, std::uint64_t b) {
  const NodeRecord& node = node_of(r);
  if (node.down && !node.dead) defer(r, Deferred::What::publish);
  if (node.down || node.dead) return follow(r, next, b);
  if (wait_for_turn(next, handle(r), b)) return;
  if (next != kReject) publish(r);
  follow(r, next, b);
}

void Kubelets::Impl::publish(PodRecord& r) {
  const Object* o = store_.live_at(r.slot);
  if (o == nullptr || o->meta.id != r.pod.id) return;
  const Pod& live = static_cast<const Pod&>(*o);
  if (live.terminal()) return;
  Ref<Pod> next = clone_as(live);
  fill_status(r, *next, cluster_, status_scratch_);
  (void)store_.replace(std::move(next));
}

/// What a node refuses has failed (P-111); no container of it is ever mentioned.
void Kubelets::Impl::reject(PodRecord& r) {
  const Object* o = store_.live_at(r.slot);
  if (o != nullptr && o->meta.id == r.pod.id && !static_cast<const Pod&>(*o).terminal() && !node_of(r).down && !node_of(r).dead) {
    Ref<Pod> next = clone_as(static_cast<const Pod&>(*o));
    next->phase = PodPhase::failed;
    next->set_reason(r.rare().refused, cluster_.symbol(fmt::format("Pod was rejected: {}", cluster_.text(r.rare().refusal))));
    next->start_time = stamp(r.started);
    next->set_observed_generation(next->meta.generation);
    say(r, nullptr, sym::Warning, cluster_.text(r.rare().refused), "{}", cluster_.text(r.rare().refusal));
    (void)store_.replace(std::move(next));
  }
  release(r);
}

void Kubelets::Impl::remove_pod(const PodRecord& r) {
  (void)store_.remove(*r.pod.id, {.grace_s = 0, .propagation = Propagation::unset, .uid = r.pod.uid()});
}

void Kubelets::Impl::follow(PodRecord& r, std::uint16_t next, std::uint64_t b) {
  switch (next) {
    case kAfterBind: return advance(r);
    case kAfterStop: return after_stop(r);
    case kAfterFinish: return finished(r);
    case kReject: return reject(r);
    default: break;
  }
  Container* c = container(r, b);
  if (c == nullptr) return;
  switch (next) {
    case kAfterStart: return after_start(r, *c);
    case kAfterStarted: return advance(r);
    case kAfterExit: return after_exit(r, *c);
    default: return;
  }
}

/// One write of the present status makes up for any number that were missed.
void Kubelets::Impl::defer(PodRecord& r, Deferred::What what) {
  if (what == Deferred::What::publish) {
    if (r.unwritten) return;
    r.unwritten = true;
  }
  node_of(r).later.push_back({r.index, r.generation, what});
}

void Kubelets::Impl::post(const PodRecord& r, const Container* c, Symbol type, std::string_view reason, std::string message) {
  const std::string path = c == nullptr ? std::string{} : fmt::format("spec.{}{{{}}}", c->init ? "initContainers" : "containers", cluster_.text(c->spec->name));
  recorder_->event(*r.rare().bound, type, cluster_.symbol(reason), std::move(message), path, nodes_[r.node].name);
}

// ---- events

void Kubelets::Impl::on_event(const Event& e) {
  if (e.kind < kTurns && cluster_.agents_busy_until > cluster_.now()) {
    // Somebody waits for the turn of a write: agents work one after the other.
    const Time free = cluster_.agents_busy_until;
    if (e.background != 0)
      kernel_.at_background(free, e.phase, self_, e.kind, e.a, e.b);
    else
      kernel_.at(free, e.phase, self_, e.kind, e.a, e.b);
    return;
  }
  switch (e.kind) {
    case kBound: return pod_bound(e.a, e.b, false);
    case kPlaced: return pod_bound(e.a, e.b, true);
    case kDeleting: return pod_deleting(e.a, e.b);
    case kNodeAdded: return node_added(e.a, e.b);
    case kNodeGone: return node_gone(static_cast<Symbol>(e.a));
    case kRenew: return renew(e.a);
    case kRecover: return recover(e.a, e.b != 0);
    case kShutdownOver:
      if (NodeRecord* n = node(e.a); n != nullptr && !n->dead && n->shutting_critical == (e.b != 0)) shutdown_group_over(*n);
      return;
    case kNodeReady:
      if (NodeRecord* n = node(e.a)) recovered(*n);
      return;
    case kNodeNotReady:
      if (const NodeRecord* n = node(e.a)) write_node(*n, false);
      return;
    default: break;
  }
  PodRecord* r = record(e.a);
  if (r == nullptr) return;
  switch (e.kind) {
    case kGone: return release(*r);
    case kReject: return reject(*r);
    case kRemove: return remove_pod(*r);
    case kStopped: return stopped(*r, e.b);
    case kGraceOver:
      if (!r->done) stop_next_sidecar(*r, true);
      return;
    case kDeadline:
      if (r->done || r->stopping) return;
      r->expired = true;
      if (node_of(*r).dead) return;
      say(*r, nullptr, sym::Normal, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
      return stop_pod(*r, std::chrono::seconds{r->pod.spec->grace_s});
    default: break;
  }
  if (e.kind >= kTurns) {
    publish(*r);
    return follow(*r, e.kind, e.b);
  }
  if (Container* c = container(*r, e.b)) container_event(*r, *c, e.kind);
}

void Kubelets::Impl::fetch(const ComingEvent& e, unsigned step) const {
  if (e.kind < kStarted || e.kind > kDeadline) return;
  const auto index = static_cast<std::uint32_t>(e.a);
  if (step == 0) return pods_.fetch(index);
  const PodRecord* r = pods_.find(index);
  if (r == nullptr) return;
  if (step == 1) fetch_ahead(r->pod.id.get(), sizeof(Identity));
  store_.fetch_behind(r->slot, step - 1);
}

void Kubelets::Impl::container_event(PodRecord& r, Container& c, std::uint16_t kind) {
  switch (kind) {
    case kStarted: return start(r, c);
    case kStartupPassed: return startup_passed(r, c);
    case kStartupFailed: return startup_failed(r, c);
    case kUnhealthy: return unhealthy(r, c);
    case kReady: return become_ready(r, c);
    case kBackoffOver: return backoff_over(r, c);
    case kImageAgain: return wait_for_image(r, c);
    case kPulled: return pulled(r, c);
    case kExit:
      if (c.state == State::running) exited(r, c, c.plan_exit_code, c.plan_exit_reason);
      return;
    default: return;
  }
}

// ---- the face

Kubelets::Kubelets(Cluster& cluster, const std::vector<Behavior>& behaviors, const KubeletOptions& options)
    : impl_(std::make_unique<Impl>(cluster, behaviors, options)) {}
Kubelets::~Kubelets() = default;
bool Kubelets::fail_node(std::string_view name, NodeFailure mode, Duration lasts) { return impl_->fail_node(name, mode, lasts); }
bool Kubelets::shutdown_node(std::string_view name, Duration grace, Duration critical) { return impl_->shutdown_node(name, grace, critical); }
std::size_t Kubelets::fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t exit_code, const std::string& reason) {
  return impl_->fail_pods(pods, count, exit_code, reason);
}

}  // namespace orrery
