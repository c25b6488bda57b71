// The scores of the feasible nodes and the choice among them.
// Behaviour source: Kubernetes v1.36, pkg/scheduler/framework/plugins, pkg/scheduler/apis/config/v1/default_plugins.go, rules
// S-030 … S-034. Where upstream computes with doubles, so does this, operation by operation.
#include <algorithm>
#include <cmath>

#include "orrery/core/math.hpp"
#include "scheduler_state.hpp"

namespace orrery {

namespace {
constexpr std::int64_t kMaxScore = 100;
constexpr std::int64_t kTaintWeight = 3, kNodeAffinityWeight = 2, kSpreadWeight = 2, kPodAffinityWeight = 2;
constexpr std::int64_t kIgnored = -1;

std::int64_t share_left(std::int64_t wanted, std::int64_t capacity) {
  return wanted > capacity ? 0 : (capacity - wanted) * kMaxScore / capacity;
}
}  // namespace

std::uint32_t SchedulerState::choose(SchedResult& out, RandomStream* random) {
  const std::size_t n = cycle_.feasible.size();
  static_assert(kTotalElsewhere == kTaintWeight * kMaxScore);
  totals_.assign(n, kTotalElsewhere);  // as if there were no unwelcome taints
  one_.resize(n);
  score_taints();
  score_node_affinity();
  score_resources();
  score_spread();
  score_pod_affinity();
  score_images();
  std::size_t chosen = 0;
  if (config_.tie_break == SchedConfig::TieBreak::heap) {
    chosen = sched_heap_root(totals_);
  } else {
    const auto best = std::max_element(totals_.begin(), totals_.end());
    chosen = static_cast<std::size_t>(best - totals_.begin());
    if (config_.tie_break == SchedConfig::TieBreak::random && random != nullptr) {
      std::uint64_t nth = random->below(static_cast<std::uint64_t>(std::count(best, totals_.end(), *best)));
      while (totals_[chosen] != *best || nth-- > 0) ++chosen;
    }
  }
  out.score = totals_[chosen];
  return cycle_.feasible[chosen];
}

/// What check_remembered found, if it is still true.
const SchedulerState::Shape::OnNode* SchedulerState::remembered(std::uint32_t node) const {
  if (cycle_.shape == nullptr) return nullptr;
  const Shape::OnNode& known = cycle_.shape->nodes[node];
  return known.version == loads_[node].version && static_cast<Code>(known.code) == Code::fits ? &known : nullptr;
}

/// LeastAllocated of NodeResourcesFit, and NodeResourcesBalancedAllocation; weight 1 each.
std::int64_t SchedulerState::resource_score(std::uint32_t node) const {
  const SchedPodSpec& pod = *cycle_.pod;
  Load l = loads_[node];
  std::int64_t total = 0, sum = 0, resources = 0;
  if (l.capacity_cpu != 0) {
    sum += share_left(sched_add(l.scored_cpu, pod.scored_milli_cpu), l.capacity_cpu);
    ++resources;
  }
  if (l.capacity_memory != 0) {
    sum += share_left(sched_add(l.scored_memory, pod.scored_memory), l.capacity_memory);
    ++resources;
  }
  if (resources > 0) total += sum / resources;
  if (pod.requests.milli_cpu == 0 && pod.requests.memory == 0) return total;
  const std::int64_t before = l.balance;
  l.used_cpu = sched_add(l.used_cpu, pod.requests.milli_cpu);
  l.used_memory = sched_add(l.used_memory, pod.requests.memory);
  l.rebalance();
  return total + 50 + (50 + l.balance - before) / 2;
}

void SchedulerState::score_resources() {
  for (std::size_t i = 0; i < totals_.size(); ++i) {
    const Shape::OnNode* known = remembered(cycle_.feasible[i]);
    totals_[i] += known != nullptr ? known->score : resource_score(cycle_.feasible[i]);
  }
}

std::int64_t SchedulerState::unwelcome_taints(std::uint32_t node) const {
  if (!loads_[node].discourages) return 0;
  const auto& taints = nodes_[node].view.taints;
  return std::count_if(taints.begin(), taints.end(), [&](const SchedTaint& t) {
    return t.effect == SchedEffect::prefer_no_schedule && !tolerated(t, cycle_.pod->tolerations);
  });
}

void SchedulerState::score_taints() {
  if (discouraging_ == 0) return;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < one_.size(); ++i) {
    const Shape::OnNode* known = remembered(cycle_.feasible[i]);
    one_[i] = known != nullptr ? known->taints : unwelcome_taints(cycle_.feasible[i]);
    most = std::max(most, one_[i]);
  }
  if (most == 0) return;
  for (std::size_t i = 0; i < one_.size(); ++i) totals_[i] -= kTaintWeight * (kMaxScore * one_[i] / most);
}

std::int64_t SchedulerState::preferred_weight(std::uint32_t node) const {
  const SchedNode& n = nodes_[node].view;
  std::int64_t sum = 0;
  for (const SchedPreferredTerm& p : cycle_.pod->preferred)
    if (p.term.matches(n.labels, n.name)) sum += p.weight;
  return sum;
}

void SchedulerState::score_node_affinity() {
  if (cycle_.pod->preferred.empty()) return;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < one_.size(); ++i) {
    const Shape::OnNode* known = remembered(cycle_.feasible[i]);
    one_[i] = known != nullptr ? known->preferred : preferred_weight(cycle_.feasible[i]);
    most = std::max(most, one_[i]);
  }
  if (most == 0) return;
  for (std::size_t i = 0; i < one_.size(); ++i) totals_[i] += kNodeAffinityWeight * (kMaxScore * one_[i] / most);
}

void SchedulerState::score_spread() {
  const SchedPodSpec& pod = *cycle_.pod;
  auto& soft = cycle_.soft;
  if (soft.empty()) return;
  const bool all_keys = !pod.spread_is_default;
  auto usable = [&](const SchedNode& n) { return !all_keys || has_spread_keys(soft, n.labels); };
  auto value_at = [&](const SchedNode& n, const SchedSpread& c) {
    const SchedLabel* l = n.labels.find(c.topology_key);
    return l == nullptr ? Symbol{0} : l->value;
  };

  // Domains of the feasible nodes. Nodes are domains of their own: their pods are counted by node (in sums_).
  FlatCounts& counts = cycle_.soft_counts;
  counts.clear();
  sums_.clear();
  std::int64_t usable_nodes = 0;
  for (Cycle::Spread& s : soft) s.domains = 0;
  for (std::uint32_t node : cycle_.feasible) {
    const SchedNode& n = nodes_[node].view;
    if (!usable(n)) continue;
    ++usable_nodes;
    for (std::uint32_t i = 0; i < soft.size(); ++i) {
      if (soft[i].constraint->topology_key == hostname_key_) continue;
      const std::size_t before = counts.entries().size();
      counts[FlatCounts::key_of(i, value_at(n, *soft[i].constraint))] += 0;
      soft[i].domains += counts.entries().size() > before ? 1 : 0;
    }
  }
  for (Cycle::Spread& s : soft)
    s.weight = portable_log(static_cast<double>((s.constraint->topology_key == hostname_key_ ? usable_nodes : s.domains) + 2));

  for (std::uint32_t i = 0; i < soft.size(); ++i) {
    const SchedSpread& c = *soft[i].constraint;
    if (c.selector.empty() || c.selector.nothing) continue;
    const NodeCounts& pods = selected(c.selection, {spread_term(c, pod.ns)});
    for (std::uint32_t node : pods.nodes) {
      if (!nodes_[node].present) continue;
      const SchedNode& n = nodes_[node].view;
      const std::int32_t here = pods.by_node[node].pods - pods.by_node[node].terminating;
      if (c.topology_key == hostname_key_) {
        sums_[FlatCounts::key_of(i, node)] += here;
      } else if (const std::uint64_t key = FlatCounts::key_of(i, value_at(n, c)); usable(n) && counted(c, node) && counts.find(key) != nullptr) {
        counts[key] += here;
      }
    }
  }

  std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
  for (std::size_t k = 0; k < one_.size(); ++k) {
    const std::uint32_t node = cycle_.feasible[k];
    const SchedNode& n = nodes_[node].view;
    one_[k] = kIgnored;
    if (!usable(n)) continue;
    double sum = 0;
    for (std::uint32_t i = 0; i < soft.size(); ++i) {
      const SchedSpread& c = *soft[i].constraint;
      const SchedLabel* l = n.labels.find(c.topology_key);
      if (l == nullptr) continue;
      const std::int64_t pods = c.topology_key == hostname_key_ ? sums_.get(FlatCounts::key_of(i, node)) : counts.get(FlatCounts::key_of(i, l->value));
      sum += static_cast<double>(pods) * soft[i].weight + static_cast<double>(c.max_skew - 1);
    }
    one_[k] = static_cast<std::int64_t>(std::round(sum));
    least = std::min(least, one_[k]);
    most = std::max(most, one_[k]);
  }
  for (std::size_t k = 0; k < one_.size(); ++k)
    if (one_[k] != kIgnored) totals_[k] += kSpreadWeight * (most == 0 ? kMaxScore : kMaxScore * (most + least - one_[k]) / most);
}

void SchedulerState::score_pod_affinity() {
  const SchedPodSpec& pod = *cycle_.pod;
  if (pod.preferred_pods.empty() && carried_.empty()) return;
  sums_.clear();
  const SchedLabels& ours = namespace_labels(pod.ns);
  for (const SchedPodTerm& t : pod.preferred_pods) count_domains(sums_, t.topology_key, selected(t.selection, {t}), t.weight);
  for (const auto& [key, c] : carried_) {
    const std::int64_t weight = c.kind == Carried::Kind::affinity ? config_.hard_pod_affinity_weight : c.term.weight;
    if (c.kind == Carried::Kind::anti_affinity || weight == 0 || !sched_term_selects(c.term, pod.ns, ours, pod.labels)) continue;
    count_domains(sums_, c.term.topology_key, c.counts, weight);
  }
  if (sums_.empty()) return;
  std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = std::numeric_limits<std::int64_t>::min();
  for (std::size_t k = 0; k < one_.size(); ++k) {
    one_[k] = 0;
    for (const SchedLabel& l : nodes_[cycle_.feasible[k]].view.labels.items()) one_[k] += sums_.get(FlatCounts::key_of(l.key, l.value));
    least = std::min(least, one_[k]);
    most = std::max(most, one_[k]);
  }
  if (most == least) return;
  // Upstream divides first: 29 of 100 become 28.999… and thus 28.
  for (std::size_t k = 0; k < one_.size(); ++k)
    totals_[k] += kPodAffinityWeight * static_cast<std::int64_t>(static_cast<double>(kMaxScore) * (static_cast<double>(one_[k] - least) / static_cast<double>(most - least)));
}

void SchedulerState::score_images() {
  const SchedPodSpec& pod = *cycle_.pod;
  if (images_.empty() || pod.images.empty()) return;
  constexpr std::int64_t kMiB = std::int64_t{1} << 20;
  constexpr std::int64_t kLeast = 23 * kMiB;
  const std::int64_t most = 1000 * kMiB * static_cast<std::int64_t>(pod.images.size());
  for (std::size_t k = 0; k < totals_.size(); ++k) {
    const auto& images = nodes_[cycle_.feasible[k]].view.images;
    std::int64_t sum = 0;
    for (Symbol wanted : pod.images) {
      const auto it = std::lower_bound(images.begin(), images.end(), wanted, [](const SchedNode::Image& a, Symbol s) { return a.name < s; });
      if (it == images.end() || it->name != wanted) continue;
      const ImageState& s = images_.find(wanted)->second;
      sum = sched_add(sum, static_cast<std::int64_t>(static_cast<double>(s.bytes) * (static_cast<double>(s.nodes) / static_cast<double>(order_.size()))));
    }
    totals_[k] += kMaxScore * (std::clamp(sum, kLeast, most) - kLeast) / (most - kLeast);
  }
}

}  // namespace orrery
