// How containers start, become ready, exit and start again.
#include <algorithm>

#include <fmt/format.h>

#include "impl.hpp"
#include "orrery/cluster/symbols.hpp"
#include "status.hpp"

namespace orrery {

using namespace kubelet;

/// Starts what is to be started next: init containers one after the other (P-057), then all the others.
void Kubelets::Impl::advance(PodRecord& r) {
  if (r.stopping || r.done) return;
  if (!r.initialized) {
    for (Container& c : r.containers) {
      if (!c.init) break;
      if (c.sidecar() ? c.started : init_succeeded(c)) continue;
      if (c.state == State::idle) begin(r, c);
      return;
    }
    r.initialized = true;
  }
  for (Container& c : r.containers)
    if (!c.init && c.state == State::idle) begin(r, c);
}

bool Kubelets::Impl::image_missing(const NodeRecord& node, const Container& c) const {
  const auto it = node.images.find(c.spec->image);
  return it == node.images.end() || it->second > cluster_.now();
}

/// Under the policy Always the registry is asked nevertheless (P-070).
void Kubelets::Impl::image_is_there(const PodRecord& r, const Container& c) {
  const std::string_view image = cluster_.text(c.spec->image);
  if (c.spec->pull == PullPolicy::always) {
    say(r, &c, sym::Normal, "Pulling", "Pulling image \"{}\"", image);
    say_pulled(r, c, {}, {});
  } else {
    say(r, &c, sym::Normal, "Pulled", "Container image \"{}\" already present on machine and can be accessed by the pod", image);
  }
}

/// Images have no size here.
void Kubelets::Impl::say_pulled(const PodRecord& r, const Container& c, Duration took, Duration in_all) {
  if (!recorder_) return;
  using std::chrono::milliseconds;
  say(r, &c, sym::Normal, "Pulled", "Successfully pulled image \"{}\" in {} ({} including waiting). Image size: 0 bytes.", cluster_.text(c.spec->image),
      format_go_duration(std::chrono::floor<milliseconds>(took)), format_go_duration(std::chrono::floor<milliseconds>(in_all)));
}

/// From when on the container's image is there. An image that is there costs nothing, whatever the policy.
Time Kubelets::Impl::image_at(PodRecord& r, Container& c, const Plan& plan) {
  const Time now = cluster_.now();
  NodeRecord& node = node_of(r);
  if (!image_missing(node, c)) {
    image_is_there(r, c);
    return now;
  }
  say(r, &c, sym::Normal, "Pulling", "Pulling image \"{}\"", cluster_.text(c.spec->image));
  // A second pull of an image that is on its way waits its turn like any other, and then finds it there (P-072).
  c.rare_to_change().pull_asked = now;
  c.rare_to_change().pull_takes = {};
  if (!node.images.contains(c.spec->image)) {
    node.images[c.spec->image] = node.pulls_free = add_checked(std::max(node.pulls_free, now), plan.pull);
    c.rare_to_change().pull_takes = plan.pull;
  }
  if (recorder_) kernel_.at(node.pulls_free, Phase::timer, self_, kPulled, handle(r), handle(r, c));
  return node.pulls_free;
}

void Kubelets::Impl::pulled(PodRecord& r, Container& c) {
  if (c.state == State::running || node_of(r).dead) return;
  say_pulled(r, c, c.rare().pull_takes, cluster_.now() - c.rare().pull_asked);
}

/// Nothing but another pod brings the image of a container that must not pull it (P-070); the kubelet looks again every
/// 10 s, which alone does not keep a run alive.
void Kubelets::Impl::wait_for_image(PodRecord& r, Container& c) {
  if (r.stopping || r.done || node_of(r).dead) return;
  if (!image_missing(node_of(r), c)) {
    c.set_waiting(0, 0);
    return begin(r, c);
  }
  c.next = kernel_.after_background(kBackoffBase, Phase::timer, self_, kImageAgain, handle(r), handle(r, c));
  if (c.rare().waiting_reason != 0) return;
  const std::string message = fmt::format("Container image \"{}\" is not present with pull policy of Never", cluster_.text(c.spec->image));
  c.set_waiting(sym::ErrImageNeverPull, cluster_.symbol(message));
  say(r, &c, sym::Warning, "ErrImageNeverPull", "{}", message);
  write_then(r, kPublishOnly);
}

void Kubelets::Impl::begin(PodRecord& r, Container& c) {
  if (c.state == State::idle) c.state = State::waiting;
  if (c.spec->pull == PullPolicy::never && image_missing(node_of(r), c) && plans_.pulls(r.pod, node_of(r).name, *c.spec)) return wait_for_image(r, c);
  const Plan plan = plans_.start(r.pod, node_of(r).name, *c.spec);
  if (plan.ready != c.rare().plan_ready) c.rare_to_change().plan_ready = plan.ready;
  c.plan_run = plan.run;
  c.plan_exit_code = plan.exit_code;
  c.plan_exit_reason = plan.exit_reason.empty() ? Symbol{0} : cluster_.symbol(plan.exit_reason);
  Time from = cluster_.now();
  if (plan.pull_given)
    from = image_at(r, c, plan);
  else
    image_is_there(r, c);
  if (plan.start == usual_start_.delay && from == cluster_.now())
    c.next = kernel_.after(usual_start_, self_, kStarted, handle(r), handle(r, c));
  else
    c.next = kernel_.at(add_checked(from, plan.start), Phase::timer, self_, kStarted, handle(r), handle(r, c));
}

void Kubelets::Impl::start(PodRecord& r, Container& c) {
  if (r.stopping || r.done || node_of(r).dead) return;
  if (c.state != State::waiting) ++c.restarts;
  c.state = State::running;
  c.begun = cluster_.now();
  c.restarting = c.lost = c.stop_planned = c.unstarted = false;
  c.set_waiting(0, 0);
  c.started = c.plain_init() || startup_of(r, c).passes <= c.begun;
  c.ready = !c.plain_init() && c.started && ready_at(c, c.begun) <= c.begun;
  say(r, &c, sym::Normal, "Created", "Container created");
  say(r, &c, sym::Normal, "Started", "Container started");
  write_then(r, kAfterStart, handle(r, c));
}

void Kubelets::Impl::after_start(PodRecord& r, Container& c) {
  const std::uint64_t h = handle(r), ch = handle(r, c);
  if (!c.plain_init()) await_probes(r, c);
  c.next = kernel_.after(c.plan_run, Phase::timer, self_, kExit, h, ch);
  if (c.sidecar() && c.started && !r.initialized) advance(r);
}

void Kubelets::Impl::exited(PodRecord& r, Container& c, std::int32_t code, Symbol reason) {
  if (node_of(r).dead) return;
  void_plans(c);
  if (c.unstarted && !r.stopping && !r.restarting_all) {
    // It was being stopped, and has ended by itself.
    kernel_.cancel(c.rare_to_change().stop);
    --r.rare_to_change().stops_open;
  }
  c.state = State::terminated;
  c.ready = c.started = c.unstarted = false;
  c.corpse = true;
  c.ended = cluster_.now();
  c.exit_code = code;
  c.exit_reason = reason;
  c.restarting = !r.stopping && restarts_after_exit(r, c);
  if (c.restarting && restarts_everything(c)) r.restarting_all = true;
  if (c.restarting && !r.restarting_all) {
    // What ran for long enough starts the series anew (P-061).
    if (c.ended - c.rare().backoff_set > 2 * kBackoffMax) c.forget_backoff();
    if (c.rare().backoff.count() > 0) back_off(r, c);
  }
  write_then(r, kAfterExit, handle(r, c));
}

/// What has just ended may not start again yet.
void Kubelets::Impl::back_off(PodRecord& r, Container& c) {
  c.rare_to_change().last = terminated_state(c);
  c.has_last = true;
  c.state = State::backoff;
  if (recorder_)
    say(r, &c, sym::Warning, "BackOff", "Back-off restarting failed container {} in pod {}_{}({})", cluster_.text(c.spec->name), r.pod.name(),
        cluster_.text(r.pod.ns()), r.pod.uid().text());
}

void Kubelets::Impl::after_exit(PodRecord& r, Container& c) {
  if (r.restarting_all && !r.stopping) return restart_all(r);
  if (c.restarting) {
    const Duration wait = c.state == State::backoff ? c.rare().backoff : Duration{};
    c.next = kernel_.after(wait, Phase::timer, self_, kBackoffOver, handle(r), handle(r, c));
    return;
  }
  if (r.stopping || r.done) return;
  if (c.plain_init() && init_succeeded(c)) return advance(r);
  // When nothing is left to run, or an init container has failed for good, the sidecars go too (P-045, P-054).
  bool left = false, failed = false, sidecars = false;
  for (const Container& x : r.containers) {
    if (!x.init) left = left || !x.over();
    if (x.plain_init()) failed = failed || (x.over() && !init_succeeded(x));
    if (x.sidecar()) sidecars = sidecars || !x.over();
  }
  if (left && !failed) return;
  if (sidecars) return stop_pod(r, std::chrono::seconds{r.pod.spec->grace_s});
  // The pod has ended by itself; nothing that happens to it later concerns its kubelet.
  const NodeRecord& node = node_of(r);
  r.done = true;
  if (!node.down && node.later.empty()) release(r);
}

void Kubelets::Impl::backoff_over(PodRecord& r, Container& c) {
  if (r.stopping || r.done || node_of(r).dead) return;
  c.rare_to_change().last = terminated_state(c);
  c.has_last = true;
  if (!c.free_restart) {
    c.rare_to_change().backoff = std::min(std::max(2 * c.rare().backoff, kBackoffBase), kBackoffMax);
    c.rare_to_change().backoff_set = cluster_.now();
  }
  c.free_restart = false;
  begin(r, c);
}

// ---- all containers anew

/// The container begins as if it had never run, but for its count of restarts and its last end.
void Kubelets::Impl::renew_container(Container& c) {
  void_plans(c);
  if (c.state != State::idle && c.state != State::waiting) {
    c.rare_to_change().last = terminated_state(c);
    c.has_last = true;
    ++c.restarts;
  }
  c.state = State::idle;
  c.forget_backoff();
  c.ready = c.started = c.lost = c.restarting = c.stop_planned = c.unstarted = c.free_restart = c.corpse = false;
  c.set_waiting(0, 0);
}

/// P-056: all containers are killed, without preStop and with the least grace, and start again from the first init container.
void Kubelets::Impl::restart_all(PodRecord& r) {
  for (Container& c : r.containers) {
    if (c.state == State::running) {
      if (!c.stop_planned) stop_container(r, c, {}, kLeastGrace);
    } else {
      void_plans(c);
    }
  }
  if (r.rare().stops_open == 0) all_stopped_for_restart(r);
}

void Kubelets::Impl::all_stopped_for_restart(PodRecord& r) {
  r.restarting_all = false;
  const Symbol reason = cluster_.symbol("RestartingAllContainers");
  const Symbol message = cluster_.symbol("The container is removed because RestartAllContainers in place");
  for (Container& c : r.containers) {
    const bool existed = c.state != State::idle && c.state != State::waiting;
    renew_container(c);
    if (!existed) continue;
    c.rare_to_change().last = {137, reason, message, {}, {}};
    c.set_waiting(reason, message);
  }
  r.initialized = r.pod.spec->init_containers.empty();
  write_then(r, kAfterBind);
}

}  // namespace orrery
