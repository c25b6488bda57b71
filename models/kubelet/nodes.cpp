// Nodes: registration, heartbeats, failures of all kinds, and the pods that a timeline makes fail.
#include <algorithm>

#include "impl.hpp"
#include "orrery/cluster/symbols.hpp"
#include "status.hpp"

namespace orrery {

using namespace kubelet;

namespace {
constexpr Duration kLeasePeriod = std::chrono::seconds{10};
}

void Kubelets::Impl::node_added(std::uint64_t slot, std::uint64_t serial) {
  const Object* o = store_.live_at(static_cast<std::uint32_t>(slot));
  if (o == nullptr || o->kind != Kind::node || o->meta.id->serial != serial) return;
  NodeRecord& node = node_named(cluster_.symbol(o->name()));
  if (!node.absent) return;
  node.uid = o->uid();
  node.absent = node.dead = node.down = node.shutting = false;
  if (options_.heartbeats) renew(node_handle(node));
  for (const std::uint64_t h : pods_of(node))
    if (PodRecord* r = record(h)) revive(*r);
}

void Kubelets::Impl::node_gone(Symbol name) {
  NodeRecord& node = node_named(name);
  if (node.absent) return;
  power_off(node);
  node.absent = true;
  node.images.clear();
}

/// The record of the node, of an absent one where it has not joined yet.
NodeRecord& Kubelets::Impl::node_named(Symbol name) {
  const std::uint32_t known = node_of_name_.at(name);
  if (known != NumberColumn::kNone) return nodes_[known];
  node_of_name_.set(name, static_cast<std::uint32_t>(nodes_.size()));
  NodeRecord& node = nodes_.emplace_back();
  node.name = name;
  node.absent = node.dead = true;
  return node;
}

NodeRecord* Kubelets::Impl::present_node(std::string_view name) {
  const std::uint32_t known = node_of_name_.at(cluster_.symbol(name));
  return known == NumberColumn::kNone || nodes_[known].absent ? nullptr : &nodes_[known];
}

/// Nothing of what was going on there happens any more.
void Kubelets::Impl::power_off(NodeRecord& node) {
  node.dead = true;
  node.down = node.shutting = false;
  node.shutdown_left = 0;
  node.later.clear();
  node.pulls_free = cluster_.now();
  ++node.generation;
  for (const std::uint32_t i : node.pods) {
    PodRecord& r = pods_[i];
    r.counted = r.unwritten = false;
    for (Container& c : r.containers) {
      void_plans(c);
      if (c.has_rare()) kernel_.cancel(c.rare_to_change().stop);
    }
  }
  kernel_.cancel(node.recovery);
}

NodeRecord* Kubelets::Impl::node(std::uint64_t packed) {
  NodeRecord& n = nodes_[static_cast<std::uint32_t>(packed)];
  return n.generation == packed >> 32 ? &n : nullptr;
}

void Kubelets::Impl::renew(std::uint64_t packed) {
  const NodeRecord* n = node(packed);
  if (n == nullptr || n->dead) return;
  if (!n->down) {
    const std::string_view name = cluster_.text(n->name);
    if (const Object* old = store_.live(Kind::lease, sym::kube_node_lease, name)) {
      Ref<LeaseObject> next = clone_as(static_cast<const LeaseObject&>(*old));
      next->renewed = cluster_.now();
      (void)store_.replace(std::move(next));
    } else {
      auto lease = make_ref<LeaseObject>();
      lease->meta.id = Identity::make(Kind::lease, sym::kube_node_lease, name);
      lease->holder = n->name;
      lease->renewed = cluster_.now();
      (void)store_.create(std::move(lease));
    }
  }
  kernel_.after_background(kLeasePeriod, Phase::timer, self_, kRenew, packed);
}

// ---- failures

bool Kubelets::Impl::fail_node(std::string_view name, NodeFailure mode, Duration lasts) {
  NodeRecord* present = present_node(name);
  if (present == nullptr) return false;
  NodeRecord& node = *present;
  if (mode == NodeFailure::crash) {
    power_off(node);
    // What was being pulled is lost.
    std::erase_if(node.images, [&](const auto& image) { return image.second > cluster_.now(); });
    node.recovery = kernel_.after(lasts, Phase::timer, self_, kRecover, node_handle(node), 1);
    return true;
  }
  // A machine that is off is cut off already; of two cuts the longer one counts.
  const Time until = add_checked(cluster_.now(), lasts);
  if (node.dead || (node.down && until <= node.down_until)) return true;
  node.down = true;
  node.down_until = until;
  kernel_.cancel(node.recovery);
  node.recovery = kernel_.at(until, Phase::timer, self_, kRecover, node_handle(node));
  return true;
}

/// The kubelet is back: it says that the node is well, then writes what it could not write.
void Kubelets::Impl::recover(std::uint64_t packed, bool rebooted) {
  NodeRecord* n = node(packed);
  if (n == nullptr || n->dead != rebooted) return;
  n->down = false;
  if (!wait_for_turn(kNodeReady, packed)) recovered(*n);
}

void Kubelets::Impl::recovered(NodeRecord& n) {
  write_node(n, true);
  if (n.dead) {
    n.dead = false;
    if (options_.heartbeats) renew(node_handle(n));
    for (const std::uint64_t h : pods_of(n))
      if (PodRecord* r = record(h)) revive(*r);
    return;
  }
  const std::vector<Deferred> later = std::move(n.later);
  n.later.clear();
  for (const Deferred& d : later) {
    PodRecord* r = record(pack(d.pod, d.generation));
    if (r == nullptr) continue;
    switch (d.what) {
      case Deferred::What::publish:
        r->unwritten = false;
        write_then(*r, kPublishOnly);
        break;
      case Deferred::What::stop: {
        const Object* o = store_.live_at(r->slot);
        const std::int32_t grace = o != nullptr ? o->meta.deletion_grace : 0;
        stop_pod(*r, std::chrono::seconds{std::max(grace, 0)});
        break;
      }
      case Deferred::What::finish: finish(*r); break;
    }
  }
}

/// What a kubelet that has just started does with a pod that is bound to its node. The sandboxes of before are gone, by a
/// crash (P-055) or because the node is another machine of that name: a pod that never restarts has failed, any other
/// starts again from its first init container, except for what had succeeded under OnFailure. The new kubelet knows of no
/// back-off, and admits all that never ran.
void Kubelets::Impl::revive(PodRecord& r) {
  const Object* o = store_.live_at(r.slot);
  if (o == nullptr || o->meta.id != r.pod.id) return;
  if (static_cast<const Pod&>(*o).terminal()) {
    if (o->meta.deleted) remove_pod(r);
    return;
  }
  r.rare_to_change().stops_open = 0;
  r.done = r.ending = r.restarting_all = false;
  r.rare_to_change().probed_from = cluster_.now();
  bool existed = false;
  for (Container& c : r.containers) {
    existed = existed || (c.state != State::idle && c.state != State::waiting);
    if (c.state != State::running) continue;
    c.state = State::terminated;
    c.lost = true;
    c.ready = c.started = false;
    c.ended = cluster_.now();
    c.exit_code = 137;
    c.exit_reason = 0;
    c.restarting = restarts_after_exit(r, c);
    c.rare_to_change().exit_message = cluster_.symbol("The container could not be located when the pod was deleted.  The container used to be Running");
  }
  r.deleting = r.deleting || o->meta.deleted;
  bool ends = r.deleting || r.stopping || r.expired || (existed && r.pod.spec->restart_policy == RestartPolicy::never);
  if (!ends && r.initialized)
    ends = std::all_of(r.containers.begin(), r.containers.end(), [](const Container& c) { return c.init || c.over(); });
  if (ends) {
    for (Container& c : r.containers) {
      if (c.state == State::backoff) c.state = State::terminated;
      c.restarting = false;
    }
    r.stopping = true;
    return finish(r);
  }
  if (!existed) {
    if (const Stamp began = static_cast<const Pod&>(*o).start_time; !began) r.started = cluster_.now();
  }
  for (Container& c : r.containers)
    if (c.init || !c.over()) renew_container(c);
  r.initialized = r.pod.spec->init_containers.empty();
  if (!existed) return take(r, true);
  write_then(r, kAfterBind);
}

/// The conditions of a healthy node (P-126), or of one that is being shut down.
void Kubelets::Impl::write_node(const NodeRecord& n, bool ready) {
  const Node* live = store_.live_node(cluster_.text(n.name));
  if (live == nullptr || live->uid() != n.uid) return;
  Ref<Node> next = clone_as(*live);
  const Stamp now = stamp(cluster_.now());
  auto set = [&](Symbol type, Symbol status, Symbol reason, Symbol message) {
    Condition* c = find_condition(next->conditions, type);
    if (c == nullptr) return;
    if (c->status != status) c->transition = now;
    c->status = status;
    c->reason = reason;
    c->message = message;
    c->probe = now;
  };
  if (ready) {
    set(sym::MemoryPressure, sym::False, sym::KubeletHasSufficientMemory, 0);
    set(sym::DiskPressure, sym::False, sym::KubeletHasNoDiskPressure, 0);
    set(sym::PIDPressure, sym::False, sym::KubeletHasSufficientPID, 0);
    set(sym::Ready, sym::True, sym::KubeletReady, 0);
  } else {
    set(sym::Ready, sym::False, cluster_.symbol("KubeletNotReady"), cluster_.symbol("node is shutting down"));
  }
  (void)store_.replace(std::move(next));
}

/// Graceful shutdown (P-116, E-030 to E-033): first the pods of ordinary priority have what `critical` leaves of `grace`,
/// then the critical ones have `critical`; then the machine is gone.
bool Kubelets::Impl::shutdown_node(std::string_view name, Duration grace, Duration critical) {
  NodeRecord* present = present_node(name);
  if (present == nullptr) return false;
  NodeRecord& n = *present;
  if (n.dead || n.shutting) return true;
  n.shutting = true;
  n.critical_grace = critical;
  if (!n.down && !wait_for_turn(kNodeNotReady, node_handle(n))) write_node(n, false);
  if (const Node* live = store_.live_node(name); recorder_ && live != nullptr)
    recorder_->event(*live, sym::Normal, cluster_.symbol("NodeShutdown"), "Shutdown manager detected shutdown event", {}, n.name);
  shut_down_group(n, false, grace - critical);
  return true;
}

/// Each pod of the group gets its own grace period, at most `grace`.
void Kubelets::Impl::shut_down_group(NodeRecord& n, bool critical, Duration grace) {
  n.shutting_critical = critical;
  for (const std::uint32_t i : n.pods) pods_[i].counted = false;
  std::vector<std::uint64_t> group = pods_of(n);
  std::erase_if(group, [&](std::uint64_t h) { return record(h)->done || (record(h)->pod.spec->priority >= kSystemCriticalPriority) != critical; });
  for (const std::uint64_t h : group) record(h)->counted = true;
  n.shutdown_left = static_cast<std::uint32_t>(group.size());
  if (group.empty()) return shutdown_group_over(n);
  for (const std::uint64_t h : group) {
    PodRecord* r = record(h);
    if (r == nullptr || r->stopping) continue;
    r->shut_down = true;
    stop_pod(*r, std::min<Duration>(std::chrono::seconds{r->pod.spec->grace_s}, grace));
    // That it is disrupted shows before it is over.
    if (record(h) != nullptr && !r->done) write_then(*r, kPublishOnly);
  }
  // After the stops, so that what ends in the last instant has ended.
  kernel_.after(grace, Phase::timer, self_, kShutdownOver, node_handle(n), critical ? 1 : 0);
}

void Kubelets::Impl::shutdown_group_over(NodeRecord& n) {
  if (n.shutting_critical)
    n.dead = true;
  else
    shut_down_group(n, true, n.critical_grace);
}

void Kubelets::Impl::shutdown_done(PodRecord& r) {
  if (!r.counted) return;
  r.counted = false;
  NodeRecord& n = node_of(r);
  if (--n.shutdown_left == 0 && n.shutting) shutdown_group_over(n);
}

std::size_t Kubelets::Impl::fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t code, const std::string& reason) {
  std::vector<PodRecord*> hit;
  for (const auto& pod : pods) {
    PodRecord* r = known(static_cast<const Pod&>(*pod));
    if (r == nullptr || r->stopping || node_of(*r).dead) continue;
    if (std::any_of(r->containers.begin(), r->containers.end(), [](const Container& c) { return c.state == State::running; })) hit.push_back(r);
  }
  std::sort(hit.begin(), hit.end(), [](const PodRecord* a, const PodRecord* b) {
    if (a->started != b->started) return a->started < b->started;
    return a->pod.name() < b->pod.name();
  });
  if (count > 0 && hit.size() > static_cast<std::size_t>(count)) hit.resize(static_cast<std::size_t>(count));
  const Symbol why = reason.empty() ? Symbol{0} : cluster_.symbol(reason);
  for (PodRecord* r : hit)
    for (Container& c : r->containers) {
      if (c.state != State::running) continue;
      // Each exit is written before the next one happens; while one waits for its turn, the next waits too.
      if (cluster_.agents_busy_until <= cluster_.now()) {
        exited(*r, c, code, why);
        continue;
      }
      c.plan_exit_code = code;
      c.plan_exit_reason = why;
      kernel_.cancel(c.next);
      c.next = kernel_.after({}, Phase::timeline, self_, kExit, handle(*r), handle(*r, c));
    }
  return hit.size();
}

}  // namespace orrery
