#include "plan.hpp"

#include <algorithm>
#include <utility>

namespace orrery::kubelet {

namespace {
constexpr const char* kIndexKey = "batch.kubernetes.io/job-completion-index";
constexpr std::uint64_t kRunDraw = purpose("kubelet.container"), kStopDraw = purpose("kubelet.stop");
constexpr std::string_view kNone{};

bool fits(const BehaviorMatch& m, const OwnerReference* owner) {
  return owner != nullptr && (m.kind.empty() || m.kind == owner->kind) && (m.name.empty() || m.name == owner->name);
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) { return (a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdULL; }

bool is_random(const std::optional<DurationDistribution>& d) {
  return d && !std::holds_alternative<distribution::Constant>(*d) && !std::holds_alternative<distribution::Forever>(*d);
}
bool is_random(const AttemptBehavior& a) { return is_random(a.start) || is_random(a.ready) || is_random(a.run) || (a.exit && a.exit->size() > 1); }
}  // namespace

Plans::Plans(Cluster& cluster, const std::vector<Behavior>& behaviors) : cluster_(cluster), behaviors_(behaviors) {
  for (std::size_t i = 0; i < behaviors.size(); ++i)
    (behaviors[i].match.name.empty() ? of_any_name_ : of_name_[behaviors[i].match.name]).push_back(i);
}

/// Everything but the controlling object.
bool Plans::matches(const BehaviorMatch& m, const BoundPod& pod, Symbol node, const ContainerSpec& container) const {
  if (!m.ns.empty() && m.ns != cluster_.text(pod.ns())) return false;
  if (!m.container.empty() && m.container != cluster_.text(container.name)) return false;
  if (!m.image.empty() && m.image != cluster_.text(container.image)) return false;
  if (!m.node.empty() && m.node != cluster_.text(node)) return false;
  if (m.index) {
    const std::string* index = pod.annotation(kIndexKey);
    if (index == nullptr || *index != std::to_string(*m.index)) return false;
  }
  return std::all_of(m.labels.begin(), m.labels.end(), [&](const auto& wanted) {
    const std::string* have = pod.label(wanted.first);
    return have != nullptr && *have == wanted.second;
  });
}

/// The first entry that is about the pod's controller, or about the CronJob of the Job that is its controller.
Plans::Match Plans::match(const BoundPod& pod, Symbol node, const ContainerSpec& container) const {
  static const std::vector<std::size_t> kNothing;
  const OwnerReference* owner = pod.controller();
  Match out;
  out.job = owner != nullptr && owner->kind == "Job";
  // Looked for only where an entry is not about the owner itself.
  const OwnerReference* cron = nullptr;
  bool cron_known = !out.job;
  auto cron_job = [&] {
    if (!std::exchange(cron_known, true))
      if (const Job* job = cluster_.store().live_job(pod.ns(), owner->name)) cron = job->meta.controller();
    return cron;
  };
  auto named = [this](const OwnerReference* o) {
    const auto found = o == nullptr ? of_name_.end() : of_name_.find(o->name);
    return found == of_name_.end() ? &kNothing : &found->second;
  };
  const std::vector<std::size_t>* lists[] = {&of_any_name_, &kNothing, &kNothing};
  if (!of_name_.empty()) {
    lists[1] = named(owner);
    lists[2] = named(cron_job());
    if (lists[2] == lists[1]) lists[2] = &kNothing;
  }
  std::size_t at[] = {0, 0, 0};
  for (;;) {
    // The first entry of the three lists.
    std::size_t from = 3;
    for (std::size_t k = 0; k < 3; ++k)
      if (at[k] < lists[k]->size() && (from == 3 || (*lists[k])[at[k]] < (*lists[from])[at[from]])) from = k;
    if (from == 3) break;
    const std::size_t i = (*lists[from])[at[from]++];
    const BehaviorMatch& m = behaviors_[i].match;
    const OwnerReference* counted = owner;
    if ((!m.kind.empty() || !m.name.empty()) && !fits(m, owner)) {
      if (!fits(m, cron_job())) continue;
      counted = cron;
    }
    if (!matches(m, pod, node, container)) continue;
    out.behavior = &behaviors_[i];
    out.entry = i;
    out.counted_for = counted != nullptr ? counted->uid : pod.uid();
    return out;
  }
  out.counted_for = owner != nullptr ? owner->uid : pod.uid();
  return out;
}

std::uint64_t Plans::count_start(const Match& m, const BoundPod& pod, const ContainerSpec& container) {
  const std::string* index = pod.annotation(kIndexKey);
  std::uint64_t key = mix(m.counted_for.hi, m.counted_for.lo);
  key = mix(key, m.entry);
  key = mix(key, fnv1a(index != nullptr ? std::string_view(*index) : kNone));
  key = mix(key, container.name);
  return starts_[key]++;
}

Plan Plans::start(const BoundPod& pod, Symbol node, const ContainerSpec& container) {
  const Match m = match(pod, node, container);
  Plan plan;
  if (m.job) plan.run = std::chrono::seconds{5};
  if (m.behavior == nullptr) return plan;
  const Behavior& b = *m.behavior;
  const AttemptBehavior* attempt = nullptr;
  std::uint64_t nth = 0;
  bool random = is_random(b.base) || is_random(b.pull);
  for (const AttemptBehavior& a : b.attempts) random = random || is_random(a);
  if (!b.attempts.empty() || random) nth = count_start(m, pod, container);
  if (!b.attempts.empty()) attempt = &b.attempts[std::min<std::size_t>(nth, b.attempts.size() - 1)];
  // One stream per start, keyed by what the start is for and which in line it is: other objects do not disturb it.
  std::uint64_t object = 0;
  if (random) {
    const OwnerReference* owner = pod.controller();
    object = fnv1a(owner != nullptr ? std::string_view(owner->name) : std::string_view(pod.name()));
    const std::string* index = pod.annotation(kIndexKey);
    object = mix(object, fnv1a(cluster_.text(pod.ns())));
    object = mix(object, fnv1a(index != nullptr ? std::string_view(*index) : kNone));
    object = mix(mix(object, fnv1a(cluster_.text(container.name))), nth);
  }
  RandomStream stream(cluster_.seed(), kRunDraw, object);
  auto draw = [&](std::optional<DurationDistribution> AttemptBehavior::*field, Duration& out) {
    const auto& chosen = attempt != nullptr && attempt->*field ? attempt->*field : b.base.*field;
    if (!chosen) return false;
    out = sample(*chosen, stream);
    return true;
  };
  draw(&AttemptBehavior::start, plan.start);
  plan.ready_given = draw(&AttemptBehavior::ready, plan.ready);
  draw(&AttemptBehavior::run, plan.run);
  plan.pull_given = b.pull.has_value();
  if (b.pull) plan.pull = sample(*b.pull, stream);
  const auto& exits = attempt != nullptr && attempt->exit ? attempt->exit : b.base.exit;
  if (exits && !exits->empty()) {
    std::size_t pick = 0;
    if (exits->size() > 1) {
      double sum = 0;
      for (const auto& e : *exits) sum += e.weight;
      double at = stream.unit() * sum;
      while (pick + 1 < exits->size() && at >= (*exits)[pick].weight) at -= (*exits)[pick++].weight;
    }
    plan.exit_code = (*exits)[pick].code;
    plan.exit_reason = (*exits)[pick].reason;
  }
  return plan;
}

StopPlan Plans::stop(const BoundPod& pod, Symbol node, const ContainerSpec& container) {
  const Match m = match(pod, node, container);
  StopPlan plan;
  if (m.behavior == nullptr) return plan;
  if (m.behavior->stop) {
    RandomStream stream(cluster_.seed(), kStopDraw, mix(mix(fnv1a(cluster_.text(pod.ns())), fnv1a(pod.name())), fnv1a(cluster_.text(container.name))));
    plan.stop = sample(*m.behavior->stop, stream);
  }
  plan.exit_code = m.behavior->stop_exit.value_or(143);
  return plan;
}

bool Plans::pulls(const BoundPod& pod, Symbol node, const ContainerSpec& container) const {
  const Match m = match(pod, node, container);
  return m.behavior != nullptr && m.behavior->pull;
}

}  // namespace orrery::kubelet
