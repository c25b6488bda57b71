// Whom to evict so that a pod fits. Behaviour source: Kubernetes v1.36, pkg/scheduler/framework/preemption,
// pkg/scheduler/framework/plugins/defaultpreemption, rules S-050 … S-056.
#include <algorithm>

#include <fmt/format.h>

#include "reasons.hpp"
#include "scheduler_state.hpp"

namespace orrery {

bool SchedulerState::more_important(std::uint32_t a, std::uint32_t b) const {
  const Placed &x = placed_[a], &y = placed_[b];
  const std::int32_t px = groups_[x.group].spec->priority, py = groups_[y.group].spec->priority;
  if (px != py) return px > py;
  if (x.started != y.started) return x.started < y.started;
  return x.id() < y.id();
}

/// `pods` are sorted by importance: the first use up what the budgets allow.
void SchedulerState::split_by_pdb(const std::vector<std::uint32_t>& pods, std::vector<std::uint32_t>& violating, std::vector<std::uint32_t>& others) const {
  std::vector<std::int64_t> left;
  for (const SchedPdb& pdb : pdbs_) left.push_back(pdb.disruptions_allowed);
  for (std::uint32_t slot : pods) {
    const SchedPodSpec& pod = *groups_[placed_[slot].group].spec;
    bool violates = false;
    for (std::size_t i = 0; i < pdbs_.size() && pod.has_labels; ++i) {
      const SchedPdb& pdb = pdbs_[i];
      if (pdb.ns != pod.ns || pdb.selector.empty() || !pdb.selector.matches(pod.labels)) continue;
      if (std::find(pdb.disrupted.begin(), pdb.disrupted.end(), placed_[slot].id()) != pdb.disrupted.end()) continue;
      violates |= --left[i] < 0;
    }
    (violates ? violating : others).push_back(slot);
  }
}

/// Removes all less important pods and brings back whom it can. Where it fits there are victims: with all pods back it would
/// be the state in which the pod was rejected.
SchedulerState::Verdict SchedulerState::dry_run(std::uint32_t node, Candidate& out) {
  std::vector<std::uint32_t> lower;
  for (std::uint32_t slot : nodes_[node].pods)
    if (groups_[placed_[slot].group].spec->priority < cycle_.pod->priority) lower.push_back(slot);
  if (lower.empty()) return {Code::unresolvable, SchedPlugin::default_preemption, sched_reason::bit(sched_reason::kNoVictims)};
  std::sort(lower.begin(), lower.end(), [&](std::uint32_t a, std::uint32_t b) { return more_important(a, b); });
  auto move = [&](std::uint32_t slot, int sign) {
    const SchedPodSpec& spec = *groups_[placed_[slot].group].spec;
    charge(node, spec, sign);
    shift_counts(spec, node, sign);
  };
  for (std::uint32_t slot : lower) move(slot, -1);
  const Verdict v = check_with_nominated(node);
  if (v.code != Code::fits) {
    for (std::uint32_t slot : lower) move(slot, 1);
    return v;
  }
  std::vector<std::uint32_t> violating, others;
  split_by_pdb(lower, violating, others);
  auto spare = [&](std::uint32_t slot) {
    move(slot, 1);
    if (check_with_nominated(node).code == Code::fits) return true;
    move(slot, -1);
    out.victims.push_back(slot);
    return false;
  };
  for (std::uint32_t slot : violating) out.violations += spare(slot) ? 0 : 1;
  for (std::uint32_t slot : others) spare(slot);
  for (std::uint32_t slot : out.victims) move(slot, 1);
  if (out.victims.empty()) return {Code::unresolvable, SchedPlugin::default_preemption, 0};
  std::sort(out.victims.begin(), out.victims.end(), [&](std::uint32_t a, std::uint32_t b) { return more_important(a, b); });
  out.node = node;
  out.highest = groups_[placed_[out.victims[0]].group].spec->priority;
  for (std::uint32_t slot : out.victims) {
    const std::int32_t priority = groups_[placed_[slot].group].spec->priority;
    out.rank_sum += static_cast<std::int64_t>(priority) + (std::int64_t{1} << 31);
    if (priority == out.highest) out.earliest = std::min(out.earliest, placed_[slot].started);
  }
  return {};
}

/// S-053.
bool SchedulerState::is_better(const Candidate& a, const Candidate& b) {
  if (a.violations != b.violations) return a.violations < b.violations;
  if (a.highest != b.highest) return a.highest < b.highest;
  if (a.rank_sum != b.rank_sum) return a.rank_sum < b.rank_sum;
  if (a.victims.size() != b.victims.size()) return a.victims.size() < b.victims.size();
  return a.earliest > b.earliest;
}

void SchedulerState::preempt(SchedResult& out) {
  const SchedPodSpec& pod = *cycle_.pod;
  if (!pod.may_preempt) {
    out.message += " preemption: not eligible due to preemptionPolicy=Never.";
    return;
  }
  auto& potential = cycle_.preemptable;
  if (const auto it = nominations_.find(cycle_.id.serial); it != nominations_.end()) {
    const std::uint32_t node = it->second.node;
    const bool hopeless = std::find(potential.begin(), potential.end(), node) == potential.end();
    if (!hopeless)
      for (std::uint32_t slot : nodes_[node].pods)
        if (placed_[slot].terminating && placed_[slot].by_preemption && groups_[placed_[slot].group].spec->priority < pod.priority) {
          out.message += " preemption: not eligible due to a terminating pod on the nominated node.";
          return;
        }
  }

  // In the order of the snapshot: the search began somewhere in the middle of it.
  std::rotate(potential.begin(), potential.begin() + static_cast<std::ptrdiff_t>(cycle_.wrapped), potential.end());
  const std::size_t enough = std::min(potential.size(), std::max<std::size_t>(potential.size() / 10, 100));
  std::array<std::uint32_t, 64> histogram{};
  std::size_t explained = 0, harmless = 0, found = 0;
  Candidate best;
  // Nobody runs that is less important: no node has a victim (the usual case).
  if (priorities_.empty() || priorities_.begin()->first >= pod.priority) {
    explained = potential.size();
    histogram[sched_reason::kNoVictims] = static_cast<std::uint32_t>(potential.size());
    potential.clear();
  }
  for (std::uint32_t node : potential) {
    Candidate c;
    const Verdict v = dry_run(node, c);
    if (v.code != Code::fits) {
      ++explained;
      note(v, histogram);
      continue;
    }
    ++found;
    harmless += c.violations == 0 ? 1 : 0;
    if (found == 1 || is_better(c, best)) best = std::move(c);
    if (harmless > 0 && found >= enough) break;
  }
  if (found == 0) {
    out.message += " preemption: " + describe(histogram, order_.size() - explained, "Preemption is not helpful for scheduling");
    out.clear_nomination = nominations_.contains(cycle_.id.serial);
    return;
  }
  out.nominated = nodes_[best.node].view.name;
  for (std::uint32_t slot : best.victims) out.victims.push_back(placed_[slot].id());
  for (SchedPodId id : nodes_[best.node].nominated)
    if (id != cycle_.id && nominations_.find(id.serial)->second.spec->priority < pod.priority) out.displaced.push_back(id);
}

}  // namespace orrery
