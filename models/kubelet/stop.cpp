// How pods are stopped: SIGTERM, the grace period, the order of sidecars, the final status, the deletion.
#include <algorithm>

#include <fmt/format.h>

#include "impl.hpp"
#include "orrery/cluster/symbols.hpp"
#include "status.hpp"

namespace orrery {

using namespace kubelet;

/// Regular containers at once; sidecars after them, the last one first, or all that are left when the grace period is
/// over (P-094).
void Kubelets::Impl::stop_pod(PodRecord& r, Duration grace) {
  if (r.done) return finished(r);
  // A second reason to stop does not change what is under way (P-091).
  if (r.stopping && r.rare().stops_open > 0) return;
  if (r.stopping) return finish(r);
  r.stopping = true;
  r.restarting_all = false;
  PodRecordRare& rare = r.rare_to_change();
  rare.stop_began = cluster_.now();
  rare.stop_by = add_checked(rare.stop_began, grace);
  kernel_.cancel(rare.deadline);
  bool running = false, sidecars = false;
  for (Container& c : r.containers) {
    if (c.state == State::running) {
      running = true;
      if (!c.stop_planned) say(r, &c, sym::Normal, "Killing", "Stopping container {}", cluster_.text(c.spec->name));
      if (c.sidecar())
        sidecars = true;
      else if (!c.stop_planned)
        stop_container(r, c, pre_stop_of(c, grace), grace);
      continue;
    }
    void_plans(c);
    if (c.state == State::backoff) c.state = State::terminated;
    c.restarting = false;
  }
  if (!running) return finish(r);
  if (!sidecars) return;
  rare.deadline = kernel_.at(rare.stop_by, Phase::timer, self_, kGraceOver, handle(r));
  if (rare.stops_open == 0) stop_next_sidecar(r, false);
}

/// The last sidecar that runs and is not being stopped, or all of them. False when there is none. Its preStop hook has
/// been running since the pod began to stop (P-092).
bool Kubelets::Impl::stop_next_sidecar(PodRecord& r, bool all) {
  const Time now = cluster_.now();
  bool any = false;
  for (std::size_t i = r.containers.size(); i-- > 0;) {
    Container& c = r.containers[i];
    if (!c.sidecar() || c.state != State::running || c.stop_planned) continue;
    const Time began = r.rare().stop_began;
    const Duration grace = r.rare().stop_by - began;
    const Duration hook = pre_stop_of(c, grace), asleep = std::max<Duration>(began + hook - now, {});
    // Of the wait for its turn only whole seconds are taken off its grace period (P-092).
    const auto waited = std::chrono::floor<std::chrono::seconds>(std::max<Duration>(now - began - hook, {}));
    stop_container(r, c, asleep, asleep + std::max<Duration>(grace - hook - waited, kLeastGrace));
    any = true;
    if (!all) break;
  }
  return any;
}

/// SIGTERM after `pre_stop`; the exit comes after the stop time, or at the end of the grace period with 137.
void Kubelets::Impl::stop_container(PodRecord& r, Container& c, Duration pre_stop, Duration grace) {
  const StopPlan plan = plans_.stop(r.pod, node_of(r).name, *c.spec);
  Duration stop = plan.stop, left = grace - pre_stop;
  ContainerRare& rare = c.rare_to_change();
  rare.stop_code = plan.exit_code;
  // What a hook has used up leaves the process its least grace (P-092), and so does a deletion without any (P-093).
  if (pre_stop.count() > 0 || grace.count() == 0) left = std::max(left, kLeastGrace);
  if (stop > left) {
    stop = left;
    rare.stop_code = 137;
  }
  c.stop_planned = true;
  ++r.rare_to_change().stops_open;
  rare.stop = kernel_.after(pre_stop + stop, Phase::timer, self_, kStopped, handle(r), handle(r, c));
}

/// A container may have ended by itself while it was being stopped; the pod goes on when the stop has run its course.
void Kubelets::Impl::stopped(PodRecord& r, std::uint64_t packed) {
  if (node_of(r).dead) return;
  Container* c = container(r, packed);
  if (c == nullptr || c->state != State::running) return after_stop(r);
  void_plans(*c);
  c->state = State::terminated;
  c->ready = c->started = c->restarting = false;
  if (c->unstarted && !r.stopping && !r.restarting_all) return killed_by_probe(r, *c);
  c->ended = cluster_.now();
  c->exit_code = c->rare().stop_code;
  c->exit_reason = 0;
  write_then(r, kAfterStop);
}

void Kubelets::Impl::after_stop(PodRecord& r) {
  if (r.done || r.rare().stops_open == 0 || --r.rare_to_change().stops_open > 0) return;
  if (!r.stopping) {
    if (r.restarting_all) all_stopped_for_restart(r);
    return;
  }
  if (!stop_next_sidecar(r, false)) finish(r);
}

/// The final status, then the deletion with grace 0, both now.
void Kubelets::Impl::finish(PodRecord& r) {
  const NodeRecord& node = node_of(r);
  if (node.dead || r.done) return;
  if (node.down) return defer(r, Deferred::What::finish);
  r.ending = true;
  // Of a pod that was not initialised, only what had its turn is taken for lost; the rest never was.
  std::size_t had_turn = r.containers.size();
  if (!r.initialized) {
    had_turn = r.pod.spec->init_containers.size();
    auto untouched = [](const Container& c) { return !c.has_last && (c.state == State::idle || c.state == State::waiting); };
    while (had_turn > 1 && untouched(r.containers[had_turn - 1])) --had_turn;
  }
  for (std::size_t i = 0; i < r.containers.size(); ++i) {
    Container& c = r.containers[i];
    if (c.state == State::terminated) continue;
    void_plans(c);
    if (i >= had_turn) continue;
    c.state = State::terminated;
    c.lost = true;
    c.ready = c.started = false;
    c.rare_to_change().exit_message = cluster_.symbol("The container could not be located when the pod was terminated");
  }
  write_then(r, kAfterFinish);
}

void Kubelets::Impl::finished(PodRecord& r) {
  r.done = true;
  shutdown_done(r);
  if (!r.deleting) {
    if (!node_of(r).down && node_of(r).later.empty()) release(r);
    return;
  }
  if (!wait_for_turn(kRemove, handle(r))) remove_pod(r);
}

}  // namespace orrery
