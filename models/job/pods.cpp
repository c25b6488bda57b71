// Behaviour source: Kubernetes v1.36, pkg/controller/job/{backoff_utils,indexed_job_utils}.go, pkg/controller/controller_utils.go.
#include "pods.hpp"

#include <algorithm>
#include <charconv>

namespace orrery::job {

namespace {
std::optional<std::int64_t> number(const std::string* text) {
  if (text == nullptr) return {};
  std::int64_t v = 0;
  const char* begin = text->data();
  const char* end = begin + text->size();
  if (begin != end && *begin == '+') ++begin;
  auto r = std::from_chars(begin, end, v);
  if (r.ec != std::errc{} || r.ptr != end) return {};
  return v;
}
std::int32_t count_of(const Pod& pod, const char* key) {
  const auto v = number(pod.meta.annotation(key));
  return v && *v >= 0 && *v <= INT32_MAX ? static_cast<std::int32_t>(*v) : 0;
}
}  // namespace

std::int32_t completion_index(const Pod& pod) {
  const auto v = number(pod.meta.annotation(kIndexKey));
  return v && *v >= 0 && *v <= INT32_MAX ? static_cast<std::int32_t>(*v) : kUnknownIndex;
}
std::int32_t failure_count(const Pod& pod) { return count_of(pod, kFailureCountKey); }
std::int32_t ignored_count(const Pod& pod) { return count_of(pod, kIgnoredCountKey); }

namespace {
/// The latest finish among these statuses and `before`; none as soon as one has not finished.
Stamp latest_finish(Stamp before, const ContainerStatuses& list, const Pod& pod, bool sidecars_only) {
  Stamp latest = before;
  for (const auto& c : list) {
    if (sidecars_only) {
      auto spec = std::find_if(pod.spec->init_containers.begin(), pod.spec->init_containers.end(), [&](const auto& s) { return s.name == c.name; });
      if (spec == pod.spec->init_containers.end() || !spec->sidecar()) continue;
    }
    if (c.state != ContainerStatus::State::terminated || !c.terminated.finished) return {};
    latest = std::max(latest, c.terminated.finished);
  }
  return latest;
}
}  // namespace

Stamp finish_time(const Pod& pod) {
  Stamp t = latest_finish({}, pod.containers, pod, false);
  t = latest_finish(t, pod.init_containers(), pod, true);
  if (t) return t;
  if (const Condition* c = find_condition(pod.conditions, sym::Ready); c != nullptr && c->status == sym::False && c->transition) return c->transition;
  if (pod.meta.deleted) return {pod.meta.deleted.s - static_cast<std::uint32_t>(std::max(pod.meta.deletion_grace, 0))};
  return pod.meta.id->created;
}

bool drop_tracking(Cluster&, Object& copy, std::uint64_t, const RefCounted*) {
  if (!copy.meta.has_finalizer(sym::job_tracking)) return false;
  copy.meta.remove_finalizer(sym::job_tracking);
  return true;
}

bool only_replaces_failed(const JobSpec& spec) { return spec.has_failure_policy || spec.only_failed; }

bool is_failed(const Pod& pod, const JobSpec& spec) {
  if (pod.phase == PodPhase::failed) return true;
  if (only_replaces_failed(spec)) return false;
  return pod.meta.deleted && pod.phase != PodPhase::succeeded;
}

namespace {
int phase_rank(PodPhase p) {
  switch (p) {
    case PodPhase::running: return 2;
    case PodPhase::unknown: return 1;
    default: return 0;
  }
}
Stamp ready_since(const Pod& pod) {
  const Condition* c = find_condition(pod.conditions, sym::Ready);
  return c != nullptr && c->status == sym::True ? c->transition : Stamp{};
}
/// Later first; never counts as latest.
bool after_or_zero(Stamp a, Stamp b) {
  if (!a || !b) return !a;
  return a > b;
}
std::pair<std::int32_t, std::int32_t> most_restarts(const Pod& pod) {
  std::int32_t regular = 0, sidecar = 0;
  for (const auto& c : pod.containers) regular = std::max(regular, c.restart_count);
  for (const auto& c : pod.init_containers())
    for (const auto& s : pod.spec->init_containers)
      if (s.name == c.name && s.sidecar()) sidecar = std::max(sidecar, c.restart_count);
  return {regular, sidecar};
}
}  // namespace

bool deleted_before(const Pod& a, const Pod& b) {
  if ((a.node == 0) != (b.node == 0)) return a.node == 0;
  if (phase_rank(a.phase) != phase_rank(b.phase)) return phase_rank(a.phase) < phase_rank(b.phase);
  const bool ready_a = is_ready(a), ready_b = is_ready(b);
  if (ready_a != ready_b) return !ready_a;
  if (ready_a && ready_since(a) != ready_since(b)) return after_or_zero(ready_since(a), ready_since(b));
  const auto restarts_a = most_restarts(a), restarts_b = most_restarts(b);
  if (restarts_a.first != restarts_b.first) return restarts_a.first > restarts_b.first;
  if (restarts_a.second != restarts_b.second) return restarts_a.second > restarts_b.second;
  if (a.meta.id->created != b.meta.id->created) return after_or_zero(a.meta.id->created, b.meta.id->created);
  return a.meta.id->serial > b.meta.id->serial;
}

}  // namespace orrery::job
