// One cycle up to the choice: PreFilter, Filter and the failure message.
// Behaviour source: Kubernetes v1.36, pkg/scheduler/schedule_one.go, pkg/scheduler/framework/plugins, rules S-020 … S-045, S-061.
#include <algorithm>

#include <fmt/format.h>

#include "reasons.hpp"
#include "scheduler_state.hpp"

namespace orrery {

using sched_reason::bit;

// ---- PreFilter: what depends on other pods

void SchedulerState::prepare(const SchedPodSpec& pod, SchedPodId id) {
  cycle_.pod = &pod;
  cycle_.id = id;
  cycle_.by_node = !pod.node_selector.empty() || pod.has_required;
  cycle_.feasible.clear();
  cycle_.preemptable.clear();
  cycle_.wrapped = 0;
  cycle_.histogram.fill(0);
  cycle_.rejected_by = 0;
  totals_.clear();
  by_ring_ = false;
  cycle_.shape = shape_of(pod);
  prepare_spread();
  prepare_pod_terms();
}

/// Adds what the nodes have to their domains, by (topology key, value).
void SchedulerState::count_domains(FlatCounts& into, Symbol topology_key, const NodeCounts& counts, std::int64_t weight) const {
  for (std::uint32_t node : counts.nodes) {
    const std::int32_t pods = counts.by_node[node].pods;
    if (pods == 0 || !nodes_[node].present) continue;
    if (const SchedLabel* l = nodes_[node].view.labels.find(topology_key)) into[FlatCounts::key_of(l->key, l->value)] += weight * pods;
  }
}

void SchedulerState::prepare_pod_terms() {
  const SchedPodSpec& pod = *cycle_.pod;
  cycle_.pod_terms = !pod.affinity.empty() || !pod.anti_affinity.empty() || carried_anti_ > 0;
  if (!cycle_.pod_terms) return;
  cycle_.affinity.clear();
  cycle_.anti.clear();
  cycle_.existing_anti.clear();
  const SchedLabels& ours = namespace_labels(pod.ns);
  cycle_.namespace_labels = &ours;
  if (!pod.affinity.empty()) {
    // A pod counts for affinity only if all terms select it.
    std::string key;
    for (const SchedPodTerm& t : pod.affinity) key += t.selection;
    const NodeCounts& counts = selected(key, pod.affinity);
    for (const SchedPodTerm& t : pod.affinity) count_domains(cycle_.affinity, t.topology_key, counts, 1);
  }
  for (const SchedPodTerm& t : pod.anti_affinity) count_domains(cycle_.anti, t.topology_key, selected(t.selection, {t}), 1);
  if (carried_anti_ > 0)
    for (const auto& [key, c] : carried_)
      if (c.kind == Carried::Kind::anti_affinity && sched_term_selects(c.term, pod.ns, ours, pod.labels))
        count_domains(cycle_.existing_anti, c.term.topology_key, c.counts, 1);
  cycle_.selects_itself = selects(pod.affinity, pod, ours);
}

bool SchedulerState::has_spread_keys(const std::vector<Cycle::Spread>& constraints, const SchedLabels& labels) const {
  return std::all_of(constraints.begin(), constraints.end(), [&](const Cycle::Spread& s) { return labels.find(s.constraint->topology_key) != nullptr; });
}

/// Whether the pods of a node count for the constraint (nodeAffinityPolicy, nodeTaintsPolicy).
bool SchedulerState::counted(const SchedSpread& c, std::uint32_t node) const {
  const SchedNode& n = nodes_[node].view;
  if (c.honor_affinity && cycle_.by_node && !cycle_.pod->node_matches(n.labels, n.name)) return false;
  return !c.honor_taints || !loads_[node].repels || untolerated(n.taints, cycle_.pod->tolerations) == nullptr;
}

void SchedulerState::prepare_spread() {
  const SchedPodSpec& pod = *cycle_.pod;
  cycle_.hard.clear();
  cycle_.soft.clear();
  for (const SchedSpread& c : pod.spread)
    (c.hard ? cycle_.hard : cycle_.soft).push_back({&c, 0, 0, c.selector.matches(pod.labels) ? 1 : 0, 0.0});
  if (cycle_.hard.empty()) return;
  cycle_.hard_counts.clear();
  for (std::uint32_t node : order_.list()) {
    const SchedLabels& labels = nodes_[node].view.labels;
    if (!has_spread_keys(cycle_.hard, labels)) continue;
    for (std::uint32_t i = 0; i < cycle_.hard.size(); ++i)
      if (counted(*cycle_.hard[i].constraint, node))
        cycle_.hard_counts[FlatCounts::key_of(i, labels.find(cycle_.hard[i].constraint->topology_key)->value)] += 0;
  }
  for (std::uint32_t i = 0; i < cycle_.hard.size(); ++i) {
    const SchedSpread& c = *cycle_.hard[i].constraint;
    if (c.selector.empty() || c.selector.nothing) continue;  // an empty selector counts no pod, though it matches the new one (S-044)
    const NodeCounts& counts = selected(c.selection, {spread_term(c, pod.ns)});
    for (std::uint32_t node : counts.nodes) {
      const NodeCounts::Count& n = counts.by_node[node];
      const SchedLabels& labels = nodes_[node].view.labels;
      if (n.pods == 0 || !nodes_[node].present || !has_spread_keys(cycle_.hard, labels) || !counted(c, node)) continue;
      cycle_.hard_counts[FlatCounts::key_of(i, labels.find(c.topology_key)->value)] += n.pods - n.terminating;
    }
  }
  for (std::size_t i = 0; i < cycle_.hard.size(); ++i) count_least(cycle_.hard[i], i);
}

void SchedulerState::count_least(Cycle::Spread& s, std::size_t index) {
  s.least = std::numeric_limits<std::int32_t>::max();
  s.domains = 0;
  for (const FlatCounts::Entry& e : cycle_.hard_counts.entries())
    if (e.key >> 32 == index) {
      s.least = std::min(s.least, e.value);
      ++s.domains;
    }
  if (s.domains < s.constraint->min_domains) s.least = 0;
}

/// What a pod that comes to (or leaves) a node for the sake of a trial changes in the counts.
void SchedulerState::shift_counts(const SchedPodSpec& other, std::uint32_t node, int sign) {
  const SchedPodSpec& pod = *cycle_.pod;
  const SchedLabels& labels = nodes_[node].view.labels;
  if (!cycle_.hard.empty() && other.ns == pod.ns && has_spread_keys(cycle_.hard, labels))
    for (std::uint32_t i = 0; i < cycle_.hard.size(); ++i) {
      const SchedSpread& c = *cycle_.hard[i].constraint;
      if (!counted(c, node) || !c.selector.matches(other.labels)) continue;
      cycle_.hard_counts[FlatCounts::key_of(i, labels.find(c.topology_key)->value)] += sign;
      count_least(cycle_.hard[i], i);
    }
  if (pod.affinity.empty() && pod.anti_affinity.empty() && other.anti_affinity.empty()) return;
  if (!cycle_.pod_terms) {  // only a nominated pod has such terms
    cycle_.pod_terms = true;
    cycle_.affinity.clear();
    cycle_.anti.clear();
    cycle_.existing_anti.clear();
    cycle_.namespace_labels = &namespace_labels(pod.ns);
  }
  const SchedLabels& theirs = namespace_labels(other.ns);
  auto shift = [&](FlatCounts& into, const SchedPodTerm& t) {
    if (const SchedLabel* l = labels.find(t.topology_key)) into[FlatCounts::key_of(l->key, l->value)] += sign;
  };
  auto selected = [&](const SchedPodTerm& t) { return sched_term_selects(t, other.ns, theirs, other.labels); };
  if (std::all_of(pod.affinity.begin(), pod.affinity.end(), selected))
    for (const SchedPodTerm& t : pod.affinity) shift(cycle_.affinity, t);
  for (const SchedPodTerm& t : pod.anti_affinity)
    if (selected(t)) shift(cycle_.anti, t);
  for (const SchedPodTerm& t : other.anti_affinity)
    if (sched_term_selects(t, pod.ns, *cycle_.namespace_labels, pod.labels)) shift(cycle_.existing_anti, t);
}

// ---- Filter

SchedulerState::Verdict SchedulerState::check(std::uint32_t node) const {
  const Verdict v = check_node(node);
  return v.code != Code::fits ? v : check_others(nodes_[node].view.labels);
}

/// What depends on other pods' labels.
SchedulerState::Verdict SchedulerState::check_others(const SchedLabels& labels) const {
  if (!cycle_.hard.empty())
    if (const Verdict v = check_spread(labels); v.code != Code::fits) return v;
  return cycle_.pod_terms ? check_pod_terms(labels) : Verdict{};
}

/// The rest, which is the same for every pod of a signature as long as the node's load is.
SchedulerState::Verdict SchedulerState::check_remembered(std::uint32_t node) {
  if (cycle_.shape == nullptr) return check(node);
  Shape::OnNode& known = cycle_.shape->nodes[node];
  if (const std::uint32_t version = loads_[node].version; known.version != version) {
    const Verdict v = check_node(node);
    if ((v.reasons >> 32) != 0) return v;  // many extended resources: not worth the room
    known = {version, static_cast<std::uint32_t>(v.reasons), 0, 0, 0, static_cast<std::uint8_t>(v.code), static_cast<std::uint8_t>(v.plugin)};
    if (v.code == Code::fits) {
      known.score = static_cast<std::int16_t>(resource_score(node));
      known.preferred = static_cast<std::int32_t>(preferred_weight(node));
      known.taints = static_cast<std::int16_t>(std::min<std::int64_t>(unwelcome_taints(node), INT16_MAX));
    }
  }
  if (const Code code = static_cast<Code>(known.code); code != Code::fits) return {code, static_cast<SchedPlugin>(known.plugin), known.reasons};
  return cycle_.hard.empty() && !cycle_.pod_terms ? Verdict{} : check_others(nodes_[node].view.labels);
}

SchedulerState::Verdict SchedulerState::check_node(std::uint32_t node) const {
  const SchedPodSpec& pod = *cycle_.pod;
  const Load& l = loads_[node];
  const NodeState& n = nodes_[node];
  auto refuse = [](Code code, SchedPlugin plugin, unsigned reason) { return Verdict{code, plugin, bit(reason)}; };
  if (l.unschedulable && !pod.tolerates_cordon) return refuse(Code::unresolvable, SchedPlugin::node_unschedulable, sched_reason::kCordoned);
  if (pod.node_name != 0 && pod.node_name != n.view.name) return refuse(Code::unresolvable, SchedPlugin::node_name, sched_reason::kNodeName);
  if (l.repels && untolerated(n.view.taints, pod.tolerations) != nullptr)
    return refuse(Code::unresolvable, SchedPlugin::taint_toleration, sched_reason::kTaint);
  if (cycle_.by_node && !pod.node_matches(n.view.labels, n.view.name))
    return refuse(Code::unresolvable, SchedPlugin::node_affinity, sched_reason::kNodeAffinity);
  for (const SchedPort& wanted : pod.ports)
    for (const SchedPort& used : n.ports)
      if (wanted.conflicts(used)) return refuse(Code::unschedulable, SchedPlugin::node_ports, sched_reason::kPorts);
  return check_resources(node);
}

SchedulerState::Verdict SchedulerState::check_resources(std::uint32_t node) const {
  const SchedResources& want = cycle_.pod->requests;
  const Load& l = loads_[node];
  Verdict v{Code::fits, SchedPlugin::node_resources_fit, 0};
  auto test = [&](std::int64_t wanted, std::int64_t capacity, std::int64_t used, unsigned reason) {
    if (wanted <= 0 || wanted <= sched_add(capacity, -used)) return;
    v.reasons |= bit(reason);
    v.code = std::max(v.code, wanted > capacity ? Code::unresolvable : Code::unschedulable);
  };
  if (l.pods + 1 > l.pods_max) {
    v.reasons |= bit(sched_reason::kPods);
    v.code = Code::unschedulable;
  }
  test(want.milli_cpu, l.capacity_cpu, l.used_cpu, sched_reason::kCpu);
  test(want.memory, l.capacity_memory, l.used_memory, sched_reason::kMemory);
  test(want.ephemeral, l.capacity_ephemeral, l.used_ephemeral, sched_reason::kEphemeral);
  for (std::size_t i = 0; i < want.scalars.size() && i < kSchedScalarsMax; ++i) {
    const auto& [name, amount] = want.scalars[i];
    test(amount, nodes_[node].view.allocatable.scalar(name), nodes_[node].used.scalar(name), sched_reason::kFirstScalar + static_cast<unsigned>(i));
  }
  return v;
}

SchedulerState::Verdict SchedulerState::check_spread(const SchedLabels& labels) const {
  for (std::uint32_t i = 0; i < cycle_.hard.size(); ++i) {
    const Cycle::Spread& s = cycle_.hard[i];
    const SchedLabel* l = labels.find(s.constraint->topology_key);
    if (l == nullptr) return {Code::unresolvable, SchedPlugin::pod_topology_spread, bit(sched_reason::kSpreadLabel)};
    if (cycle_.hard_counts.get(FlatCounts::key_of(i, l->value)) + s.self - s.least > s.constraint->max_skew)
      return {Code::unschedulable, SchedPlugin::pod_topology_spread, bit(sched_reason::kSpread)};
  }
  return {};
}

SchedulerState::Verdict SchedulerState::check_pod_terms(const SchedLabels& labels) const {
  const SchedPodSpec& pod = *cycle_.pod;
  bool all_met = true;
  for (const SchedPodTerm& t : pod.affinity) {
    const SchedLabel* l = labels.find(t.topology_key);
    if (l == nullptr) return {Code::unresolvable, SchedPlugin::inter_pod_affinity, bit(sched_reason::kPodAffinity)};
    all_met = all_met && cycle_.affinity.get(FlatCounts::key_of(l->key, l->value)) > 0;
  }
  // The first pod of a group that wants to be together has nobody to join.
  if (!all_met && !(cycle_.selects_itself && cycle_.affinity.all_zero()))
    return {Code::unresolvable, SchedPlugin::inter_pod_affinity, bit(sched_reason::kPodAffinity)};
  for (const SchedPodTerm& t : pod.anti_affinity)
    if (const SchedLabel* l = labels.find(t.topology_key); l != nullptr && cycle_.anti.get(FlatCounts::key_of(l->key, l->value)) > 0)
      return {Code::unschedulable, SchedPlugin::inter_pod_affinity, bit(sched_reason::kPodAntiAffinity)};
  if (!cycle_.existing_anti.empty())
    for (const SchedLabel& l : labels.items())
      if (cycle_.existing_anti.get(FlatCounts::key_of(l.key, l.value)) > 0)
        return {Code::unschedulable, SchedPlugin::inter_pod_affinity, bit(sched_reason::kExistingAntiAffinity)};
  return {};
}

/// S-026: with the pods nominated to the node that are at least as important, and then without.
SchedulerState::Verdict SchedulerState::check_with_nominated(std::uint32_t node) {
  if (!loads_[node].nominated) return check(node);
  bool any = false;
  auto move_in = [&](int sign) {
    for (SchedPodId id : nodes_[node].nominated) {
      const SchedPodSpec& other = *nominations_.find(id.serial)->second.spec;
      if (id == cycle_.id || other.priority < cycle_.pod->priority) continue;
      charge(node, other, sign);
      shift_counts(other, node, sign);
      any = true;
    }
  };
  move_in(1);
  const Verdict v = check(node);
  move_in(-1);
  return !any || v.code != Code::fits ? v : check(node);
}

// ---- the search

void SchedulerState::note(Verdict v, std::array<std::uint32_t, 64>& histogram) {
  for (std::uint64_t rest = v.reasons; rest != 0; rest &= rest - 1) ++histogram[static_cast<std::size_t>(__builtin_ctzll(rest))];
}

void SchedulerState::find_feasible(const std::vector<std::uint32_t>& list, SchedResult& out) {
  const std::size_t n = list.size();
  if (n == 0) return;
  const auto wanted = static_cast<std::size_t>(sched_nodes_to_find(static_cast<std::int64_t>(n), config_.percentage_of_nodes_to_score));
  std::size_t i = next_ % n;
  // Most pods ask for nothing that depends on other pods' labels: where their shape is known to fit, so do they.
  const Shape::OnNode* const known = cycle_.shape != nullptr && cycle_.hard.empty() && !cycle_.pod_terms ? cycle_.shape->nodes.data() : nullptr;
  for (std::size_t visited = 0; visited < n; ++visited) {
    const std::uint32_t node = list[i];
    if (++i == n) i = 0;
    ++out.evaluated;
    const Load& load = loads_[node];
    const bool fits = known != nullptr && known[node].version == load.version && known[node].code == static_cast<std::uint8_t>(Code::fits) && !load.nominated;
    const Verdict v = fits ? Verdict{} : load.nominated ? check_with_nominated(node) : check_remembered(node);
    if (v.code == Code::fits) {
      cycle_.feasible.push_back(node);
      if (cycle_.feasible.size() >= wanted) break;
    } else {
      note(v, cycle_.histogram);
      cycle_.rejected_by |= sched_bit(v.plugin);
      if (v.code == Code::unschedulable) cycle_.preemptable.push_back(node);
    }
    if (i == 0) cycle_.wrapped = cycle_.preemptable.size();
  }
  next_ = (next_ + out.evaluated) % order_.size();
}

/// Whether nothing counts for the pod but what its shape remembers of each node, in one number.
bool SchedulerState::chooses_by_ring() const {
  const SchedPodSpec& pod = *cycle_.pod;
  return cycle_.shape != nullptr && config_.tie_break == SchedConfig::TieBreak::heap && nominations_.empty() && cycle_.hard.empty() &&
         cycle_.soft.empty() && !cycle_.pod_terms && carried_.empty() && pod.preferred_pods.empty() && pod.preferred.empty() &&
         discouraging_ == 0 && (images_.empty() || pod.images.empty());
}

/// Brings the ring of the shape up to date: O(changes since it was last used), or O(nodes) where these are many.
void SchedulerState::update_ring(const std::vector<std::uint32_t>& list) {
  Shape& s = *cycle_.shape;
  if (positions_order_ != order_.version()) {
    positions_order_ = order_.version();
    position_of_.assign(nodes_.size(), UINT32_MAX);
    for (std::size_t i = 0; i < list.size(); ++i) position_of_[list[i]] = static_cast<std::uint32_t>(i);
  }
  const auto look = [&](std::uint32_t node) {
    s.ring.set(position_of_[node], check_remembered(node).code == Code::fits ? s.nodes[node].score : ScoreRing::kMisfit);
  };
  if (s.ring_order != order_.version() || s.ring_changes < changed_before_) {
    s.ring_order = order_.version();
    s.ring.reset(list.size());
    for (const std::uint32_t node : list) look(node);
  } else {
    for (auto i = static_cast<std::size_t>(s.ring_changes - changed_before_); i < changed_.size(); ++i)
      if (const std::uint32_t node = changed_[i]; node < position_of_.size() && position_of_[node] != UINT32_MAX) look(node);
  }
  s.ring_changes = changed_before_ + changed_.size();
}

/// find_feasible and choose in one. False, and nothing done, where no node is feasible.
bool SchedulerState::choose_by_ring(const std::vector<std::uint32_t>& list, SchedResult& out) {
  update_ring(list);
  const auto wanted = sched_nodes_to_find(static_cast<std::int64_t>(list.size()), config_.percentage_of_nodes_to_score);
  const ScoreRing::Pick pick = cycle_.shape->ring.pick(next_ % list.size(), static_cast<std::size_t>(wanted), visited_);
  if (pick.feasible == 0) return false;
  by_ring_ = true;
  next_ = (next_ + pick.evaluated) % list.size();
  out.evaluated = static_cast<std::uint32_t>(pick.evaluated);
  out.feasible = static_cast<std::uint32_t>(pick.feasible);
  if (pick.feasible > 1) out.score = kTotalElsewhere + pick.total;
  out.node = nodes_[list[pick.position]].view.name;
  return true;
}

SchedResult SchedulerState::schedule(const SchedPodSpec& pod, SchedPodId id, RandomStream* random) {
  SchedResult out;
  const std::vector<std::uint32_t>& all = order_.list();
  if (all.empty()) {
    cycle_.feasible.clear();
    totals_.clear();
    out.message = "no nodes available to schedule pods";
    return out;
  }
  prepare(pod, id);
  if (pod.pins_conflict) {
    cycle_.rejected_by = sched_bit(SchedPlugin::node_affinity);
    fail(out, all.size());
    return out;
  }
  if (const auto it = nominations_.empty() ? nominations_.end() : nominations_.find(id.serial); it != nominations_.end()) {
    // A node that was made free for the pod is taken without looking at others (S-026). Narrowing holds for it as well.
    const std::uint32_t node = it->second.node;
    if (nodes_[node].present && check_with_nominated(node).code == Code::fits) {
      out.evaluated = out.feasible = 1;
      out.node = nodes_[node].view.name;
      return out;
    }
  }
  std::size_t elsewhere = 0;
  if (pod.pinned.empty()) {
    if (chooses_by_ring() && choose_by_ring(all, out)) return out;
    find_feasible(all, out);
  } else {
    list_.clear();
    for (Symbol name : pod.pinned)
      if (const std::uint32_t slot = present_node(name); slot != NumberColumn::kNone) list_.push_back(slot);
    cycle_.rejected_by |= sched_bit(SchedPlugin::node_affinity);
    elsewhere = all.size() - list_.size();
    find_feasible(list_, out);
  }
  out.feasible = static_cast<std::uint32_t>(cycle_.feasible.size());
  if (out.feasible == 0) {
    fail(out, elsewhere);
    return out;
  }
  const std::uint32_t node = out.feasible == 1 ? cycle_.feasible[0] : choose(out, random);
  out.node = nodes_[node].view.name;
  return out;
}

// ---- the message

/// "2 reason, 3 other reason": sorted as texts.
std::string SchedulerState::describe(const std::array<std::uint32_t, 64>& histogram, std::size_t elsewhere, std::string_view elsewhere_reason) const {
  std::vector<std::string> parts;
  for (std::size_t r = 0; r < histogram.size(); ++r) {
    if (histogram[r] == 0) continue;
    if (r >= sched_reason::kFirstScalar)
      parts.push_back(fmt::format("{} Insufficient {}", histogram[r], names_.text(cycle_.pod->requests.scalars[r - sched_reason::kFirstScalar].first)));
    else
      parts.push_back(fmt::format("{} {}", histogram[r], sched_reason::kTexts[r]));
  }
  if (elsewhere > 0) parts.push_back(fmt::format("{} {}", elsewhere, elsewhere_reason));
  std::sort(parts.begin(), parts.end());
  return fmt::format("0/{} nodes are available: {}.", order_.size(), fmt::join(parts, ", "));
}

void SchedulerState::fail(SchedResult& out, std::size_t elsewhere) {
  out.rejected_by = cycle_.rejected_by;
  if (cycle_.pod->pins_conflict)
    out.message = fmt::format("0/{} nodes are available: pod affinity terms conflict.", order_.size());
  else
    out.message = describe(cycle_.histogram, elsewhere, "node(s) didn't satisfy plugin(s) [NodeAffinity]");
  preempt(out);
}

}  // namespace orrery
