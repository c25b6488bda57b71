// Scores and preemption. Behaviour source: Kubernetes v1.36, pkg/scheduler/framework/plugins, rules S-030 … S-034, S-050 … S-056.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "algorithm.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/core/math.hpp"

namespace orrery::sched {

namespace {
constexpr std::int64_t kMax = 100;
constexpr std::int64_t kImageLeast = std::int64_t{23} << 20, kImageMost = std::int64_t{1000} << 20;

std::int64_t least_allocated(std::int64_t used, std::int64_t capacity) { return capacity == 0 || used > capacity ? 0 : (capacity - used) * kMax / capacity; }

/// (1 - std) * 100 of the fractions used; exact operations on doubles only, so the same everywhere.
std::int64_t balance(std::int64_t cpu, std::int64_t cpu_max, std::int64_t memory, std::int64_t memory_max) {
  double fractions[2];
  int n = 0;
  auto add = [&](std::int64_t used, std::int64_t capacity) {
    if (capacity == 0) return;
    const double f = static_cast<double>(used) / static_cast<double>(capacity);
    fractions[n++] = f > 1 ? 1 : f;
  };
  add(cpu, cpu_max);
  add(memory, memory_max);
  const double std_deviation = n == 2 ? std::fabs((fractions[0] - fractions[1]) / 2) : 0;
  return static_cast<std::int64_t>((1 - std_deviation) * static_cast<double>(kMax));
}

/// The root of a max-heap built by sifting down: what container/heap leaves on top among equals (S-034).
std::size_t heap_root(const std::vector<std::int64_t>& scores) {
  std::vector<std::uint32_t> h(scores.size());
  for (std::uint32_t i = 0; i < h.size(); ++i) h[i] = i;
  for (std::size_t i = h.size() / 2; i-- > 0;)
    for (std::size_t at = i;;) {
      std::size_t child = 2 * at + 1;
      if (child >= h.size()) break;
      if (child + 1 < h.size() && scores[h[child + 1]] > scores[h[child]]) ++child;
      if (scores[h[child]] <= scores[h[at]]) break;
      std::swap(h[at], h[child]);
      at = child;
    }
  return h[0];
}
}  // namespace

std::uint32_t Algorithm::best(const std::vector<std::uint32_t>& feasible, const Request& r) {
  const PodSpecView& v = r.view;
  std::vector<std::int64_t> total(feasible.size(), 0), one(feasible.size(), 0);
  auto add_normalized = [&](std::int64_t weight, bool reverse) {
    const std::int64_t most = *std::max_element(one.begin(), one.end());
    for (std::size_t i = 0; i < one.size(); ++i) {
      std::int64_t score = most == 0 ? 0 : kMax * one[i] / most;
      if (reverse) score = kMax - score;
      total[i] += weight * score;
    }
  };
  // TaintToleration 3
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    one[i] = 0;
    for (const Taint& taint : nodes_[feasible[i]].taints)
      if (taint.effect == sym::PreferNoSchedule && std::none_of(v.tolerations.begin(), v.tolerations.end(), [&](const Toleration& t) {
            return (t.effect == 0 || t.effect == sym::PreferNoSchedule) && tolerates(t, taint);
          }))
        ++one[i];
  }
  add_normalized(3, true);
  // NodeAffinity 2
  if (!v.preferred.empty()) {
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      one[i] = 0;
      for (const PreferredTerm& t : v.preferred)
        if (matches(nodes_[feasible[i]], t.term)) one[i] += t.weight;
    }
    add_normalized(2, false);
  }
  // NodeResourcesFit 1, NodeResourcesBalancedAllocation 1
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    const NodeState& n = nodes_[feasible[i]];
    std::int64_t sum = 0, weights = 0;
    if (n.capacity.cpu != 0) sum += least_allocated(n.scored_cpu + v.scored_cpu, n.capacity.cpu), ++weights;
    if (n.capacity.memory != 0) sum += least_allocated(n.scored_memory + v.scored_memory, n.capacity.memory), ++weights;
    if (weights != 0) total[i] += sum / weights;
    if (!v.best_effort_scoring) {
      const std::int64_t with = balance(n.used.cpu + v.requests.cpu, n.capacity.cpu, n.used.memory + v.requests.memory, n.capacity.memory);
      const std::int64_t without = balance(n.used.cpu, n.capacity.cpu, n.used.memory, n.capacity.memory);
      total[i] += kMax / 2 + (kMax / 2 + with - without) / 2;
    }
  }
  // ImageLocality 1
  if (!image_nodes_.empty()) {
    const auto most = kImageMost * static_cast<std::int64_t>(v.images.size());
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      std::int64_t sum = 0;
      for (Symbol image : v.images)
        for (const auto& [have, size] : nodes_[feasible[i]].images)
          if (have == image) {
            const auto spread = static_cast<double>(image_nodes_[image]) / static_cast<double>(order_.size());
            sum += static_cast<std::int64_t>(static_cast<double>(size) * spread);
            break;
          }
      sum = std::clamp(sum, kImageLeast, std::max(most, kImageLeast));
      if (most > kImageLeast) total[i] += kMax * (sum - kImageLeast) / (most - kImageLeast);
    }
  }
  // PodTopologySpread 2 (ScheduleAnyway)
  if (std::any_of(v.spread.begin(), v.spread.end(), [](const SpreadConstraint& c) { return !c.hard; })) {
    std::vector<bool> ignored(feasible.size(), false);
    std::int64_t least = INT64_MAX, most = 0;
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      double score = 0;
      for (std::size_t k = 0; k < v.spread.size(); ++k) {
        const SpreadConstraint& c = v.spread[k];
        if (c.hard) continue;
        const Symbol value = nodes_[feasible[i]].label(c.topology_key);
        if (value == 0) {
          ignored[i] = true;
          break;
        }
        auto it = r.spread_counts[k].find(value);
        const double count = it == r.spread_counts[k].end() ? 0 : static_cast<double>(it->second);
        score += count * portable_log(static_cast<double>(r.spread_counts[k].size()) + 2) + static_cast<double>(c.max_skew - 1);
      }
      one[i] = static_cast<std::int64_t>(score + 0.5);
      if (ignored[i]) continue;
      least = std::min(least, one[i]);
      most = std::max(most, one[i]);
    }
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (ignored[i]) continue;
      total[i] += 2 * (most == 0 ? kMax : kMax * (most + least - one[i]) / most);
    }
  }
  // InterPodAffinity 2
  if (!v.preferred_pods.empty() || !with_terms_.empty()) {
    std::unordered_map<std::uint64_t, std::int64_t> sums;
    auto count = [&](const PodTerm& t, const NodeState& n, std::int64_t weight) {
      if (const Symbol value = n.label(t.topology_key)) sums[static_cast<std::uint64_t>(t.topology_key) << 32 | value] += weight;
    };
    if (!v.preferred_pods.empty())
      for (const auto& [serial, p] : placed_)
        for (const PodTerm& t : v.preferred_pods)
          if (t.selects(p.ns, p.labels.get())) count(t, nodes_[p.node], t.weight);
    for (const auto& [serial, node] : with_terms_) {
      const PodSpecView& theirs = *placed_.at(serial).view;
      for (const PodTerm& t : theirs.affinity)
        if (t.selects(r.ns, r.labels)) count(t, nodes_[node], 1);
      for (const PodTerm& t : theirs.preferred_pods)
        if (t.selects(r.ns, r.labels)) count(t, nodes_[node], t.weight);
    }
    std::int64_t least = INT64_MAX, most = INT64_MIN;
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      one[i] = 0;
      for (const auto& [key, value] : nodes_[feasible[i]].labels)
        if (auto it = sums.find(static_cast<std::uint64_t>(key) << 32 | value); it != sums.end()) one[i] += it->second;
      least = std::min(least, one[i]);
      most = std::max(most, one[i]);
    }
    if (!sums.empty() && most > least)
      for (std::size_t i = 0; i < feasible.size(); ++i) total[i] += 2 * (kMax * (one[i] - least) / (most - least));
  }
  return feasible[heap_root(total)];
}

// ---- preemption

void Algorithm::preempt(Decision& out, Request& r, const std::vector<std::uint32_t>& candidates) {
  const std::size_t all = order_.size();
  if (!r.view.may_preempt) {
    out.message += " preemption: not eligible due to preemptionPolicy=Never.";
    return;
  }
  struct Option {
    std::uint32_t node;
    std::vector<std::uint64_t> victims;
    std::int32_t highest = INT32_MIN;
    std::int64_t sum = 0;
    Stamp latest_start;
  };
  std::vector<Option> options;
  const std::size_t simulated = std::max<std::size_t>(all / 10, 100);
  for (std::uint32_t i : candidates) {
    if (options.size() >= simulated) break;
    NodeState& n = nodes_[i];
    std::vector<std::uint64_t> lower;
    for (std::uint64_t serial : n.pods)
      if (placed_.at(serial).view->priority < r.view.priority) lower.push_back(serial);
    if (lower.empty()) continue;
    // More important first: higher priority, then the earlier start.
    std::sort(lower.begin(), lower.end(), [&](std::uint64_t a, std::uint64_t b) {
      const Placed &x = placed_.at(a), &y = placed_.at(b);
      if (x.view->priority != y.view->priority) return x.view->priority > y.view->priority;
      if (x.started != y.started) return x.started < y.started;
      return a < b;
    });
    const std::vector<std::uint64_t> before = n.pods;
    auto set_aside = [&](std::uint64_t serial) {
      charge(n, *placed_.at(serial).view, -1);
      std::erase(n.pods, serial);
    };
    auto put_back = [&](std::uint64_t serial) {
      charge(n, *placed_.at(serial).view, 1);
      n.pods.push_back(serial);
    };
    for (std::uint64_t serial : lower) set_aside(serial);
    Option option{i, {}, INT32_MIN, 0, {}};
    const bool helps = check(n, r, nullptr) == Verdict::fits;
    for (std::uint64_t serial : lower) {
      put_back(serial);
      if (!helps || check(n, r, nullptr) == Verdict::fits) continue;
      set_aside(serial);
      option.victims.push_back(serial);
    }
    for (std::uint64_t serial : option.victims) {
      put_back(serial);
      const Placed& p = placed_.at(serial);
      option.sum += static_cast<std::int64_t>(p.view->priority) + (std::int64_t{1} << 31);
      if (p.view->priority > option.highest) {
        option.highest = p.view->priority;
        option.latest_start = p.started;
      } else if (p.view->priority == option.highest) {
        option.latest_start = std::min(option.latest_start, p.started);
      }
    }
    n.pods = before;
    if (helps) options.push_back(std::move(option));
  }
  if (options.empty()) {
    std::vector<std::string> parts;
    if (!candidates.empty()) parts.push_back(fmt::format("{} No preemption victims found for incoming pod", candidates.size()));
    if (all > candidates.size()) parts.push_back(fmt::format("{} Preemption is not helpful for scheduling", all - candidates.size()));
    std::sort(parts.begin(), parts.end());
    out.message += fmt::format(" preemption: 0/{} nodes are available: {}.", all, fmt::join(parts, ", "));
    return;
  }
  const auto chosen = std::min_element(options.begin(), options.end(), [](const Option& a, const Option& b) {
    if (a.highest != b.highest) return a.highest < b.highest;
    if (a.sum != b.sum) return a.sum < b.sum;
    if (a.victims.size() != b.victims.size()) return a.victims.size() < b.victims.size();
    return a.latest_start > b.latest_start;
  });
  out.nominated = nodes_[chosen->node].name;
  out.victims = chosen->victims;
}

}  // namespace orrery::sched
