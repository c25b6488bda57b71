// When containers become started and ready.
// What a scenario says of a container is when it answers (`ready`, counted from its start) and when it exits. A probe asks
// at the ticks of its worker, and succeeds from the first tick on at which the container answers; a liveness probe always
// succeeds. Without a probe a container is started at once, and ready as soon as it would answer.
// Behaviour source: Kubernetes v1.36, pkg/kubelet/prober; rules P-080 … P-086, P-053, P-066.
#include <algorithm>

#include "impl.hpp"
#include "orrery/cluster/symbols.hpp"
#include "status.hpp"

namespace orrery {

using namespace kubelet;

namespace {

Duration period_of(const ProbeSpec& p) { return std::chrono::seconds{std::max(p.period_s, 1)}; }
Time answers_from(const Container& c) { return add_checked(c.begun, c.rare().plan_ready); }
/// An initial delay counts from the whole second of the start, as it is stored (P-082).
Time asked_from(const Container& c, const ProbeSpec& p) {
  return std::max(c.begun, add_checked(time_of(stamp(c.begun)), std::chrono::seconds{std::max(p.initial_delay_s, 0)}));
}

/// The first tick at `t` or after it of a worker that began at `from`.
Time tick(Time from, Duration period, Time t) {
  if (t <= from || t == kNever) return std::max(from, t);
  const Duration over = (t - from) % period;
  return over.count() == 0 ? t : add_checked(t, period - over);
}

}  // namespace

/// The worker began when the pod was bound, and is in step with that ever after (P-081).
Kubelets::Impl::Startup Kubelets::Impl::startup_of(const PodRecord& r, const Container& c) {
  const ProbeSpec& p = c.spec->startup;
  if (!p.present) return {c.begun, c.begun, kNever};
  const Time first = asked_from(c, p), asked = tick(r.probed_from(), period_of(p), first);
  return {asked, tick(r.probed_from(), period_of(p), std::max(first, answers_from(c))), add_checked(asked, (std::max(p.failure_threshold, 1) - 1) * period_of(p))};
}

/// A started container is asked at once (P-085), and then every period.
Time Kubelets::Impl::ready_at(const Container& c, Time started) {
  const ProbeSpec& p = c.spec->readiness;
  if (!p.present) return c.spec->startup.present ? started : answers_from(c);
  const Time first = tick(started, period_of(p), std::max(asked_from(c, p), answers_from(c)));
  return add_checked(first, (std::max(p.success_threshold, 1) - 1) * period_of(p));
}

void Kubelets::Impl::await_probes(PodRecord& r, Container& c) {
  if (c.started) return await_ready(r, c);
  const Startup s = startup_of(r, c);
  const bool fails = s.fails < s.passes;
  c.rare_to_change().probe = kernel_.after(subtract_checked(fails ? s.fails : s.passes, c.begun), Phase::timer, self_, fails ? kStartupFailed : kStartupPassed, handle(r), handle(r, c));
  if (recorder_ && s.asked < std::min(s.passes, s.fails))
    kernel_.at_background(std::max(s.asked, cluster_.now()), Phase::timer, self_, kUnhealthy, handle(r), handle(r, c));
}

void Kubelets::Impl::await_ready(PodRecord& r, Container& c) {
  if (c.ready) return;
  const Time now = cluster_.now(), started = c.spec->startup.present ? now : c.begun;
  c.rare_to_change().probe = kernel_.after(subtract_checked(ready_at(c, started), started), Phase::timer, self_, kReady, handle(r), handle(r, c));
  const ProbeSpec& p = c.spec->readiness;
  if (!recorder_ || !p.present) return;
  const Time asked = tick(started, period_of(p), asked_from(c, p));
  if (asked < answers_from(c)) kernel_.at_background(std::max(asked, now), Phase::timer, self_, kUnhealthy, handle(r), handle(r, c));
}

/// A probe failed. Only its Event comes of it.
void Kubelets::Impl::unhealthy(PodRecord& r, Container& c) {
  if (c.state != State::running || c.stop_planned || node_of(r).dead) return;
  const ProbeSpec& p = c.started ? c.spec->readiness : c.spec->startup;
  say(r, &c, sym::Warning, "Unhealthy", "{} probe failed: ", c.started ? "Readiness" : "Startup");
  const Startup s = startup_of(r, c);
  const Time next = cluster_.now() + period_of(p), end = c.started ? answers_from(c) : std::min(s.passes, s.fails);
  if (next < end) kernel_.at_background(next, Phase::timer, self_, kUnhealthy, handle(r), handle(r, c));
}

void Kubelets::Impl::startup_passed(PodRecord& r, Container& c) {
  if (c.state != State::running) return;
  const Time now = cluster_.now();
  c.started = true;
  c.ready = ready_at(c, now) <= now;
  await_ready(r, c);
  write_then(r, kAfterStarted, handle(r, c));
}

void Kubelets::Impl::become_ready(PodRecord& r, Container& c) {
  if (c.state != State::running) return;
  c.ready = true;
  write_then(r, kPublishOnly);
}

namespace {
/// After a probe's kill the exit code is of no interest, and the rules are not asked (P-053).
bool restarts_after_kill(const PodRecord& r, const Container& c) {
  return (c.spec->has_restart_policy ? c.spec->restart_policy : r.pod.spec->restart_policy) != RestartPolicy::never;
}
}  // namespace

void Kubelets::Impl::startup_failed(PodRecord& r, Container& c) {
  if (c.state != State::running || c.stop_planned || r.stopping || node_of(r).dead) return;
  say(r, &c, sym::Warning, "Unhealthy", "Startup probe failed: ");
  say(r, &c, sym::Normal, "Killing", "{} {} failed startup probe{}", c.init ? "Init container" : "Container", cluster_.text(c.spec->name),
      !c.init && restarts_after_kill(r, c) ? ", will be restarted" : "");
  c.unstarted = true;
  const Duration grace = std::chrono::seconds{c.spec->startup.grace_s >= 0 ? c.spec->startup.grace_s : r.pod.spec->grace_s};
  stop_container(r, c, pre_stop_of(c, grace), grace);
}

/// The kubelet restarts it in the same breath. It looks at the instance before the killed one to see whether it has to
/// back off; without one the restart is free (P-066).
void Kubelets::Impl::killed_by_probe(PodRecord& r, Container& c) {
  const Time before = c.ended;
  c.unstarted = c.stop_planned = false;
  c.ended = cluster_.now();
  c.exit_code = c.rare().stop_code;
  c.exit_reason = 0;
  c.restarting = restarts_after_kill(r, c);
  --r.rare_to_change().stops_open;
  if (c.restarting) {
    if (!c.corpse) {
      c.free_restart = true;
    } else if (before - c.rare().backoff_set > 2 * kBackoffMax) {
      c.forget_backoff();
    } else if (c.ended - before < c.rare().backoff) {
      back_off(r, c);
    }
  }
  c.corpse = true;
  write_then(r, kAfterExit, handle(r, c));
}

}  // namespace orrery
