// Behaviour source: Kubernetes v1.36, pkg/kubelet/kubelet_pods.go (phase, container statuses), pkg/kubelet/status/generate.go.
#include "status.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "orrery/cluster/symbols.hpp"

namespace orrery::kubelet {

using State = Container::State;

namespace {
/// The first rule that is about the exit code decides.
const RestartRule* rule_for(const Container& c) {
  if (!c.spec->has_restart_policy) return nullptr;
  for (const RestartRule& rule : c.spec->restart_rules) {
    const bool listed = std::find(rule.codes.begin(), rule.codes.end(), c.exit_code) != rule.codes.end();
    if (listed != rule.negate) return &rule;
  }
  return nullptr;
}
}  // namespace

bool restarts_everything(const Container& c) {
  const RestartRule* rule = rule_for(c);
  return rule != nullptr && rule->restart_all;
}

bool init_succeeded(const Container& c) {
  return c.state == State::terminated && c.exit_code == 0 && !c.lost && c.exit_reason != sym::OOMKilled;
}

bool restarts_after_exit(const PodRecord& record, const Container& c) {
  if (rule_for(c) != nullptr) return true;
  const ContainerSpec& spec = *c.spec;
  const RestartPolicy policy = spec.has_restart_policy ? spec.restart_policy : record.pod.spec->restart_policy;
  // An init container that has done its work is not repeated, whatever the policy.
  if (c.plain_init()) return policy != RestartPolicy::never && !init_succeeded(c);
  return policy == RestartPolicy::always || (policy == RestartPolicy::on_failure && c.exit_code != 0);
}

TerminatedState terminated_state(const Container& c) {
  if (c.lost) return {137, sym::ContainerStatusUnknown, c.rare().exit_message, {}, {}};
  const Symbol reason = c.exit_reason != 0 ? c.exit_reason : c.exit_code == 0 ? Symbol{sym::Completed} : Symbol{sym::Error};
  return {c.exit_code, reason, 0, stamp(c.begun), stamp(c.ended)};
}

namespace {

constexpr const char* kShutdownMessage = "Pod was terminated in response to imminent node shutdown.";

/// Sets one in the scratch list; one whose status stays keeps its transition time.
void set_condition(StatusScratch& scratch, std::int32_t generation, Symbol type, Symbol status, Symbol reason, Symbol message, Stamp now) {
  for (Condition& c : scratch.conditions) {
    if (c.type != type) continue;
    if (c.status != status) c.transition = now;
    c.status = status;
    c.reason = reason;
    c.message = message;
    c.observed_generation = generation;
    return;
  }
  scratch.conditions.push_back({type, status, reason, message, now, {}, generation});
}

/// The list of the scratch items, shared with pods that have an equal one; `before` where nothing has changed.
Conditions conditions_of(StatusScratch& scratch, const Conditions& before) {
  const std::vector<Condition>& now = scratch.conditions;
  if (now.size() == before.size() && std::equal(now.begin(), now.end(), before.begin())) return before;
  std::uint64_t hash = now.size();
  for (const Condition& c : now) hash = (hash ^ (static_cast<std::uint64_t>(c.transition.s) << 32 | (c.status ^ c.reason << 8 ^ c.message << 16))) * 0xff51afd7ed558ccdULL;
  return scratch.recent_conditions.of(now.data(), now.size(), hash);
}
ContainerStatuses statuses_of(StatusScratch& scratch, const std::vector<ContainerStatus>& now, const ContainerStatuses& before) {
  if (now.size() == before.size() && std::equal(now.begin(), now.end(), before.begin())) return before;
  std::uint64_t hash = now.size();
  for (const ContainerStatus& c : now) {
    hash = (hash ^ (static_cast<std::uint64_t>(c.running_since.s) << 32 | c.terminated.finished.s)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (static_cast<std::uint64_t>(c.terminated.started.s) << 32 | (c.name ^ static_cast<std::uint32_t>(c.restart_count) << 16 ^ static_cast<std::uint32_t>(c.state)))) * 0xff51afd7ed558ccdULL;
  }
  return scratch.recent_statuses.of(now.data(), now.size(), hash);
}

struct Tally {
  int waiting = 0, running = 0, again = 0, succeeded = 0, ready = 0, all = 0;
  int init_running = 0, init_pending = 0, init_failed = 0, sidecars_again = 0;
};

ContainerStatus status_of(const PodRecord& r, const Container& c) {
  ContainerStatus s;
  s.name = c.spec->name;
  s.image = c.spec->image;
  s.restart_count = c.restarts;
  s.ready = c.ready;
  s.started = c.state == State::running && c.started;
  s.has_last = c.has_last;
  s.last = c.rare().last;
  switch (c.state) {
    case State::idle:
    case State::waiting:
      s.state = ContainerStatus::State::waiting;
      s.waiting_reason = c.rare().waiting_reason != 0          ? c.rare().waiting_reason
                         : r.pod.spec->init_containers.empty() ? Symbol{sym::ContainerCreating}
                                                               : Symbol{sym::PodInitializing};
      s.waiting_message = c.rare().waiting_message;
      break;
    case State::backoff:
      s.state = ContainerStatus::State::waiting;
      s.waiting_reason = sym::CrashLoopBackOff;
      s.backoff_s = static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(c.rare().backoff).count());
      break;
    case State::running:
      s.state = ContainerStatus::State::running;
      s.running_since = stamp(c.begun);
      s.has_id = true;
      break;
    case State::terminated:
      s.state = ContainerStatus::State::terminated;
      s.terminated = terminated_state(c);
      // A completed init container counts as ready.
      if (c.plain_init() && init_succeeded(c)) s.ready = true;
      break;
  }
  return s;
}

void count(const PodRecord& r, const Container& c, Tally& t) {
  const bool again = !r.stopping && c.state == State::terminated && (r.restarting_all || c.restarting);
  const bool absent = c.state == State::idle || c.state == State::waiting;
  if (c.plain_init()) {
    // One that has failed and will run again is neither (P-040).
    if (c.state == State::running) ++t.init_running;
    if (c.state == State::running || (absent && !c.has_last)) ++t.init_pending;
    if (c.state == State::terminated && !again && !init_succeeded(c)) ++t.init_failed;
    return;
  }
  ++t.all;
  if (c.ready) ++t.ready;
  if (c.state == State::running) ++t.running;
  if (c.sidecar()) {
    if (c.state == State::backoff || again) ++t.sidecars_again;
    return;
  }
  // One that has run before and waits to run again counts as stopped (P-040).
  if (absent && !c.has_last)
    ++t.waiting;
  else if (absent || c.state == State::backoff || again)
    ++t.again;
  else if (c.state == State::terminated && c.exit_code == 0 && !c.lost)
    ++t.succeeded;
}

/// P-041. While a container runs, or a sidecar is about to, the pod does not get to its end (P-025).
PodPhase phase_of(const PodRecord& r, const Tally& t, int regular) {
  if (r.stopping && t.running + t.init_running == 0 && (r.expired || r.shut_down)) return PodPhase::failed;
  if (t.init_failed > 0) return t.running > 0 || (t.sidecars_again > 0 && !r.stopping) ? PodPhase::pending : PodPhase::failed;
  if (t.init_pending > 0 || t.waiting > 0) return r.ending ? PodPhase::failed : PodPhase::pending;
  if (t.running > 0 || t.again > 0 || (t.sidecars_again > 0 && !r.stopping)) return PodPhase::running;
  return t.succeeded == regular ? PodPhase::succeeded : PodPhase::failed;
}

/// "containers with WHAT status: [a b]". Takes no memory but for a text that is new.
template <class Which>
Symbol list_of(const PodRecord& r, std::string_view what, Which which, StatusScratch::Text& last, Cluster& cluster) {
  std::size_t listed = 0;
  Symbol only = 0;
  for (const Container& c : r.containers)
    if (which(c) && ++listed == 1) only = c.spec->name;
  if (listed == 1 && only == last.container && last.message != 0) return last.message;
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "containers with {} status: [", what);
  bool first = true;
  for (const Container& c : r.containers) {
    if (!which(c)) continue;
    if (!first) text.push_back(' ');
    first = false;
    text.append(cluster.text(c.spec->name));
  }
  text.push_back(']');
  const Symbol message = cluster.symbol({text.data(), text.size()});
  if (listed == 1) last = {only, message};
  return message;
}

void make_status(const PodRecord& r, Pod& out, Cluster& cluster, StatusScratch& scratch) {
  Tally t;
  const auto regular = static_cast<int>(r.pod.spec->containers.size());
  scratch.containers.clear();
  scratch.init_containers.clear();
  scratch.conditions.assign(out.conditions.begin(), out.conditions.end());
  for (const Container& c : r.containers) {
    (c.init ? scratch.init_containers : scratch.containers).push_back(status_of(r, c));
    count(r, c, t);
  }
  if (scratch.containers.size() > 1)
    std::sort(scratch.containers.begin(), scratch.containers.end(),
              [&](const ContainerStatus& a, const ContainerStatus& b) { return cluster.text(a.name) < cluster.text(b.name); });
  out.containers = statuses_of(scratch, scratch.containers, out.containers);
  out.set_init_containers(statuses_of(scratch, scratch.init_containers, out.init_containers()));
  const std::int32_t generation = out.meta.generation;
  out.set_observed_generation(generation);
  out.start_time = stamp(r.started);
  out.phase = phase_of(r, t, regular);
  if (out.phase == PodPhase::failed && r.expired) {
    out.set_reason(sym::DeadlineExceeded, cluster.symbol("Pod was active on the node longer than the specified deadline"));
  } else if (out.phase == PodPhase::failed && r.shut_down) {
    out.set_reason(sym::Terminated, cluster.symbol(kShutdownMessage));
  }
  const bool ready = t.ready == t.all && t.ready > 0;
  Symbol reason = 0, message = 0;
  if (out.phase == PodPhase::succeeded) {
    reason = sym::PodCompleted;
  } else if (out.phase == PodPhase::failed) {
    reason = sym::PodFailed;
  } else if (!ready) {
    reason = sym::ContainersNotReady;
    message = list_of(r, "unready", [](const Container& c) { return !c.plain_init() && !c.ready; }, scratch.unready, cluster);
  }
  const Stamp now = stamp(cluster.now());
  auto set = [&](Symbol type, Symbol status, Symbol why, Symbol text) { set_condition(scratch, generation, type, status, why, text, now); };
  if (r.shut_down && out.phase != PodPhase::succeeded)
    set(sym::DisruptionTarget, sym::True, sym::TerminationByKubelet, cluster.symbol(kShutdownMessage));
  auto truth = [](bool b) { return b ? Symbol{sym::True} : Symbol{sym::False}; };
  // An init container that runs, or waits to run again, has a sandbox to do it in.
  const bool sandbox = t.running > 0 || t.again > 0 || std::any_of(r.containers.begin(), r.containers.end(), [](const Container& c) {
                         return c.init && (c.state == State::running || c.state == State::backoff);
                       });
  set(sym::PodReadyToStartContainers, truth(sandbox), 0, 0);
  auto incomplete = [](const Container& c) { return c.init && !(c.sidecar() ? c.started : init_succeeded(c)); };
  if (r.initialized || std::none_of(r.containers.begin(), r.containers.end(), incomplete))
    set(sym::Initialized, sym::True, out.phase == PodPhase::succeeded ? Symbol{sym::PodCompleted} : Symbol{0}, 0);
  else
    set(sym::Initialized, sym::False, sym::ContainersNotInitialized, list_of(r, "incomplete", incomplete, scratch.incomplete, cluster));
  set(sym::Ready, truth(ready), reason, message);
  set(sym::ContainersReady, truth(ready), reason, message);
  if (r.may_restart_all)
    set(cluster.symbol("AllContainersRestarting"), truth(r.restarting_all), r.restarting_all ? cluster.symbol("RestartAllContainersStarted") : Symbol{0}, 0);
  out.conditions = conditions_of(scratch, out.conditions);
}

/// All that the status of such a pod follows from, but for its spec and its conditions before.
std::array<std::uint64_t, 5> facts_of(const PodRecord& r, const Pod& pod, Stamp now) {
  const Container& c = *r.containers.begin();
  auto both = [](std::uint32_t a, std::uint32_t b) { return static_cast<std::uint64_t>(a) << 32 | b; };
  auto flags = static_cast<std::uint32_t>(c.state);
  for (const bool b : {bool{c.ready}, bool{c.started}, bool{c.lost}, bool{c.has_last}, bool{c.restarting}, bool{r.stopping}, bool{r.ending}, bool{r.initialized}, bool{r.may_restart_all},
                       bool{r.restarting_all}})
    flags = flags << 1 | (b ? 1U : 0U);
  return {both(now.s, stamp(r.started).s), both(stamp(c.begun).s, stamp(c.ended).s), both(static_cast<std::uint32_t>(pod.meta.generation), flags),
          both(static_cast<std::uint32_t>(c.exit_code), c.exit_reason), static_cast<std::uint64_t>(c.restarts)};
}

}  // namespace

void fill_status(const PodRecord& r, Pod& out, Cluster& cluster, StatusScratch& scratch) {
  if (r.containers.size() != 1 || r.containers.begin()->has_rare() || r.expired || r.shut_down || !out.init_containers().empty()) return make_status(r, out, cluster, scratch);
  const auto from = facts_of(r, out, stamp(cluster.now()));
  std::uint64_t hash = 0;
  for (const std::uint64_t word : from) hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
  StatusScratch::Made& made = scratch.made[hash >> 58];
  if (made.from == from && made.spec == r.pod.spec && made.before == out.conditions) {
    out.set_observed_generation(out.meta.generation);
    out.start_time = stamp(r.started);
    out.phase = made.phase;
    out.conditions = made.conditions;
    out.containers = made.containers;
    return;
  }
  made.before = out.conditions;
  make_status(r, out, cluster, scratch);
  made.from = from;
  made.spec = r.pod.spec;
  made.phase = out.phase;
  made.conditions = out.conditions;
  made.containers = out.containers;
}

}  // namespace orrery::kubelet
