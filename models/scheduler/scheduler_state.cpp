// What is where. Behaviour source: Kubernetes v1.36, pkg/scheduler/backend/cache, pkg/scheduler/framework/types.go.
#include "scheduler_state.hpp"

#include <algorithm>
#include <cmath>

#include "orrery/core/prefetch.hpp"

namespace orrery {


std::string_view sched_plugin_name(SchedPlugin plugin) {
  static constexpr std::array<std::string_view, kSchedPlugins> kNames = {
      "NodeUnschedulable", "NodeName",          "TaintToleration",  "NodeAffinity",     "NodePorts",
      "NodeResourcesFit",  "PodTopologySpread", "InterPodAffinity", "DefaultPreemption"};
  return kNames[static_cast<std::size_t>(plugin)];
}

std::string sched_event_note(std::string_view message) {
  constexpr std::size_t kMax = 1024;
  constexpr std::string_view kCut = " ...";
  if (message.size() <= kMax) return std::string(message);
  return std::string(message.substr(0, kMax - kCut.size())).append(kCut);
}

std::int64_t sched_nodes_to_find(std::int64_t nodes, std::int32_t percentage) {
  constexpr std::int64_t kLeast = 100;
  if (nodes < kLeast || percentage >= 100) return nodes;
  const std::int64_t p = percentage > 0 ? percentage : std::max<std::int64_t>(5, 50 - nodes / 125);
  return std::max(nodes * p / 100, kLeast);
}

std::size_t sched_heap_root(const std::vector<std::int64_t>& totals) {
  // The binary digits of i + 1 behind the first are the way from the root to i: 0 is left, 1 is right. Read from the left,
  // they sort as the walk does; of equal ones the ancestor, which is the smaller index, comes first.
  std::size_t chosen = 0;
  std::uint64_t way = std::uint64_t{1} << 63;
  for (std::size_t i = 1; i < totals.size(); ++i) {
    if (totals[i] < totals[chosen]) continue;
    const std::uint64_t place = i + 1, mine = place << __builtin_clzll(place);
    if (totals[i] == totals[chosen] && mine >= way) continue;
    chosen = i;
    way = mine;
  }
  return chosen;
}

SchedulerState::SchedulerState(Interner& names, SchedConfig config)
    : names_(names), config_(config), hostname_key_(names.intern("kubernetes.io/hostname")) {
  if (config.node_order == SchedConfig::NodeOrder::name)
    order_ = SchedNodeOrder([this](std::uint32_t a, std::uint32_t b) { return names_.text(nodes_[a].view.name) < names_.text(nodes_[b].view.name); });
}

// ---- nodes

std::uint32_t SchedulerState::node_slot(Symbol name) {
  if (const std::uint32_t known = node_by_name_.at(name); known != NumberColumn::kNone) return known;
  const auto slot = static_cast<std::uint32_t>(nodes_.size());
  node_by_name_.set(name, slot);
  nodes_.emplace_back().view.name = name;
  loads_.emplace_back();
  return slot;
}

/// NumberColumn::kNone where there is none now.
std::uint32_t SchedulerState::present_node(Symbol name) const {
  const std::uint32_t slot = node_by_name_.at(name);
  return slot == NumberColumn::kNone || nodes_[slot].present ? slot : NumberColumn::kNone;
}

void SchedulerState::drop_images(const SchedNode& node) {
  for (const SchedNode::Image& image : node.images)
    if (const auto it = images_.find(image.name); it != images_.end() && --it->second.nodes == 0) images_.erase(it);
}

void SchedulerState::upsert_node(SchedNode node) {
  const std::uint32_t i = node_slot(node.name);
  NodeState& n = nodes_[i];
  if (!n.present || n.view.zone != node.zone) {
    if (n.present) order_.remove(i, n.view.zone);
    order_.add(i, node.zone);
  }
  if (n.present) drop_images(n.view);
  if (n.present && loads_[i].discourages) --discouraging_;
  n.view = std::move(node);
  n.present = true;
  for (const SchedNode::Image& image : n.view.images) {
    ImageState& s = images_.try_emplace(image.name, ImageState{image.bytes, 0}).first->second;
    ++s.nodes;
  }
  Load& l = loads_[i];
  l.capacity_cpu = n.view.allocatable.milli_cpu;
  l.capacity_memory = n.view.allocatable.memory;
  l.capacity_ephemeral = n.view.allocatable.ephemeral;
  l.pods_max = n.view.pods_max;
  l.unschedulable = n.view.unschedulable;
  l.repels = l.discourages = false;
  for (const SchedTaint& t : n.view.taints) {
    l.repels |= t.repels();
    l.discourages |= t.effect == SchedEffect::prefer_no_schedule;
  }
  if (l.discourages) ++discouraging_;
  load_changed(i);
  l.rebalance();
}

/// Whoever remembers something of the node has to look again.
void SchedulerState::load_changed(std::uint32_t node) {
  ++loads_[node].version;
  // Who has missed so many does better to look at all nodes.
  if (changed_.size() > 2 * nodes_.size() + 64) {
    changed_before_ += changed_.size();
    changed_.clear();
  }
  changed_.push_back(node);
}

bool SchedulerState::remove_node(Symbol name) {
  const std::uint32_t slot = present_node(name);
  if (slot == NumberColumn::kNone) return false;
  NodeState& n = nodes_[slot];
  order_.remove(slot, n.view.zone);
  drop_images(n.view);
  if (loads_[slot].discourages) --discouraging_;
  load_changed(slot);
  n.view = SchedNode{};
  n.view.name = name;
  n.present = false;
  return true;
}

const SchedNode* SchedulerState::node(Symbol name) const {
  const std::uint32_t slot = present_node(name);
  return slot == NumberColumn::kNone ? nullptr : &nodes_[slot].view;
}

void SchedulerState::set_namespace_labels(Symbol ns, SchedLabels labels) {
  namespaces_.insert_or_assign(ns, std::move(labels));
  forget_selections();
}

const SchedLabels& SchedulerState::namespace_labels(Symbol ns) {
  const auto [it, added] = namespaces_.try_emplace(ns);
  if (added) {
    const std::string name(names_.text(ns));
    it->second.set("kubernetes.io/metadata.name", name, names_);
  }
  return it->second;
}

// ---- pods

/// S-032: how even the use of CPU and memory is, 0 … 100. Doubles as upstream; every operation is exact by IEEE 754.
static std::int64_t balance_of(std::int64_t cpu, std::int64_t memory, std::int64_t capacity_cpu, std::int64_t capacity_memory) {
  if (capacity_cpu == 0 || capacity_memory == 0) return 100;
  const double a = std::min(1.0, static_cast<double>(cpu) / static_cast<double>(capacity_cpu));
  const double b = std::min(1.0, static_cast<double>(memory) / static_cast<double>(capacity_memory));
  return static_cast<std::int64_t>((1.0 - std::abs((a - b) / 2.0)) * 100.0);
}

void SchedulerState::Load::rebalance() {
  balance = static_cast<std::int16_t>(balance_of(used_cpu, used_memory, capacity_cpu, capacity_memory));
}

void SchedulerState::charge(std::uint32_t node, const SchedPodSpec& pod, int sign) {
  Load& l = loads_[node];
  l.used_cpu = sched_add(l.used_cpu, sign * pod.requests.milli_cpu);
  l.used_memory = sched_add(l.used_memory, sign * pod.requests.memory);
  l.used_ephemeral = sched_add(l.used_ephemeral, sign * pod.requests.ephemeral);
  l.scored_cpu = sched_add(l.scored_cpu, sign * pod.scored_milli_cpu);
  l.scored_memory = sched_add(l.scored_memory, sign * pod.scored_memory);
  l.pods += sign;
  load_changed(node);
  l.rebalance();
  NodeState& n = nodes_[node];
  for (const auto& [name, amount] : pod.requests.scalars) n.used.set_scalar(name, sched_add(n.used.scalar(name), sign * amount));
  for (const SchedPort& port : pod.ports) {
    if (sign > 0) {
      n.ports.push_back(port);
      continue;
    }
    const auto it = std::find_if(n.ports.begin(), n.ports.end(), [&](const SchedPort& p) {
      return p.ip == port.ip && p.protocol == port.protocol && p.port == port.port;
    });
    if (it == n.ports.end()) continue;
    *it = n.ports.back();
    n.ports.pop_back();
  }
}

/// A spec remembers its group, which then only has to be checked.
std::uint32_t SchedulerState::group_of(SchedPodSpecPtr spec) {
  std::uint32_t& hint = spec->group_hint;
  if (hint < groups_.size() && groups_[hint].spec == spec) return hint;
  std::uint32_t g = static_cast<std::uint32_t>(groups_.size());
  if (free_groups_.empty()) {
    groups_.emplace_back();
  } else {
    g = free_groups_.back();
    free_groups_.pop_back();
  }
  hint = g;
  ++priorities_[spec->priority];
  Group& group = groups_[g];
  group.spec = std::move(spec);
  const SchedPodSpec& pod = *group.spec;
  for (auto& [key, selection] : selections_)
    if (selects(selection.terms, pod, namespace_labels(pod.ns))) group.selections.push_back(&selection);
  for (const SchedPodTerm& t : pod.affinity) group.carried.push_back(&carried(Carried::Kind::affinity, t));
  for (const SchedPodTerm& t : pod.anti_affinity) group.carried.push_back(&carried(Carried::Kind::anti_affinity, t));
  for (const SchedPodTerm& t : pod.preferred_pods) group.carried.push_back(&carried(Carried::Kind::preferred, t));
  return g;
}

// ---- counts of pods that terms look for

void SchedulerState::NodeCounts::add(std::uint32_t node, std::int32_t pods, std::int32_t terminating) {
  constexpr Count kNone{-1, 0};  // never had one
  if (node >= by_node.size()) by_node.resize(node + 1, kNone);
  Count& c = by_node[node];
  if (c.pods < 0) {
    c.pods = 0;
    nodes.push_back(node);
  }
  c.pods += pods;
  c.terminating += terminating;
}

void SchedulerState::count(const Group& group, std::uint32_t node, std::int32_t pods, std::int32_t terminating) {
  for (Selection* s : group.selections) s->counts.add(node, pods, terminating);
  for (Carried* c : group.carried) {
    c->counts.add(node, pods, terminating);
    c->pods = static_cast<std::size_t>(static_cast<std::int64_t>(c->pods) + pods);
  }
}

bool SchedulerState::selects(const std::vector<SchedPodTerm>& terms, const SchedPodSpec& pod, const SchedLabels& namespace_labels) {
  return std::all_of(terms.begin(), terms.end(), [&](const SchedPodTerm& t) { return sched_term_selects(t, pod.ns, namespace_labels, pod.labels); });
}

/// Counted from the list of all pods once, then kept up to date.
const SchedulerState::NodeCounts& SchedulerState::selected(const std::string& key, std::vector<SchedPodTerm> terms) {
  if (const auto it = selections_.find(key); it != selections_.end()) return it->second.counts;
  constexpr std::size_t kSelectionsMax = 256;
  if (selections_.size() >= kSelectionsMax) forget_selections();
  Selection& s = selections_[key];
  s.terms = std::move(terms);
  std::vector<bool> in(groups_.size(), false);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].pods == 0) continue;
    const SchedPodSpec& pod = *groups_[g].spec;
    in[g] = selects(s.terms, pod, namespace_labels(pod.ns));
    if (in[g]) groups_[g].selections.push_back(&s);
  }
  for (const NodeState& n : nodes_)
    for (std::uint32_t slot : n.pods)
      if (const Placed& p = placed_[slot]; in[p.group]) s.counts.add(p.node, 1, p.terminating ? 1 : 0);
  return s.counts;
}

void SchedulerState::forget_selections() {
  selections_.clear();
  for (Group& g : groups_) g.selections.clear();
}

SchedulerState::Carried& SchedulerState::carried(Carried::Kind kind, const SchedPodTerm& term) {
  std::string key = term.selection;
  for (const std::int64_t n : {static_cast<std::int64_t>(kind), static_cast<std::int64_t>(term.topology_key), term.weight})
    key.append(reinterpret_cast<const char*>(&n), sizeof n);
  const auto [it, added] = carried_.try_emplace(std::move(key));
  if (added) {
    it->second.kind = kind;
    it->second.term = term;
    carried_anti_ += kind == Carried::Kind::anti_affinity ? 1 : 0;
  }
  return it->second;
}

// ---- what is remembered of equal pods

/// A spec remembers its shape likewise.
SchedulerState::Shape* SchedulerState::shape_of(const SchedPodSpec& pod) {
  constexpr std::size_t kEntriesMax = std::size_t{1} << 20, kShapesMax = std::size_t{1} << 14;
  if (remembered_ > kEntriesMax || shapes_.size() > kShapesMax) {
    shape_by_signature_.clear();
    shapes_.clear();
    remembered_ = 0;
  }
  std::uint32_t& hint = pod.shape_hint;
  if (hint >= shapes_.size() || *shapes_[hint].signature != pod.signature) {
    const auto [it, added] = shape_by_signature_.try_emplace(pod.signature, static_cast<std::uint32_t>(shapes_.size()));
    if (added) shapes_.emplace_back().signature = &it->first;
    hint = it->second;
  }
  Shape& s = shapes_[hint];
  if (++s.uses < 2) return nullptr;
  if (s.nodes.size() < nodes_.size()) {
    remembered_ += nodes_.size() - s.nodes.size();
    s.nodes.resize(nodes_.size());
  }
  return &s;
}

// ---- pods coming and going

const SchedulerState::Placed* SchedulerState::find(SchedPodId pod) const {
  const std::uint32_t place = place_of_.at(pod.slot);
  const Placed* p = placed_.find(place);
  return p != nullptr && p->id() == pod ? p : nullptr;
}

void SchedulerState::fetch(std::uint32_t slot, unsigned step) const {
  if (step == 0) return place_of_.fetch(slot);
  if (const Placed* p = placed_.find(place_of_.at(slot))) fetch_ahead(p, sizeof(Placed));
}

SchedPodSpecPtr SchedulerState::spec_of(SchedPodId pod) const {
  const Placed* p = find(pod);
  return p == nullptr ? SchedPodSpecPtr{} : groups_[p->group].spec;
}

std::vector<SchedPodId> SchedulerState::placed_pods() const {
  std::vector<SchedPodId> out;
  placed_.for_each([&](const Placed& p) { out.push_back(p.id()); });
  std::sort(out.begin(), out.end());
  return out;
}

bool SchedulerState::add_pod(SchedPodId pod, SchedPodSpecPtr spec, Symbol node, Time started) {
  if (find(pod) != nullptr) return false;
  clear_nomination(pod);
  const std::uint32_t place = placed_.take();
  place_of_.set(pod.slot, place);
  const std::uint32_t n = node_slot(node);
  charge(n, *spec, 1);
  const std::uint32_t g = group_of(std::move(spec));
  ++groups_[g].pods;
  count(groups_[g], n, 1, 0);
  placed_[place] = {pod.serial, started, pod.slot, n, static_cast<std::uint32_t>(nodes_[n].pods.size()), g & 0x3fffffffU, false, false};
  nodes_[n].pods.push_back(place);
  return true;
}

bool SchedulerState::remove_pod(SchedPodId pod) {
  clear_nomination(pod);
  Placed* found = find(pod);
  if (found == nullptr) return false;
  const Placed p = *found;
  placed_.give_back(place_of_.at(pod.slot));
  place_of_.clear(pod.slot);
  NodeState& n = nodes_[p.node];
  const std::uint32_t last = n.pods.back();
  n.pods.pop_back();
  if (p.position < n.pods.size()) {
    n.pods[p.position] = last;
    placed_[last].position = p.position;
  }
  Group& g = groups_[p.group];
  charge(p.node, *g.spec, -1);
  count(g, p.node, -1, p.terminating ? -1 : 0);
  if (--g.pods == 0) {
    if (const auto of = priorities_.find(g.spec->priority); --of->second == 0) priorities_.erase(of);
    if (!g.carried.empty())
      std::erase_if(carried_, [&](const auto& entry) {
        if (entry.second.pods > 0) return false;
        carried_anti_ -= entry.second.kind == Carried::Kind::anti_affinity ? 1 : 0;
        return true;
      });
    g.carried.clear();
    g.selections.clear();
    g.spec.reset();
    free_groups_.push_back(p.group);
  }
  return true;
}

bool SchedulerState::update_pod(SchedPodId pod, SchedPodSpecPtr spec) {
  const Placed* found = find(pod);
  if (found == nullptr) return false;
  const Placed was = *found;
  if (groups_[was.group].spec == spec) return true;
  const Symbol node = nodes_[was.node].view.name;
  remove_pod(pod);
  add_pod(pod, std::move(spec), node, was.started);
  if (was.terminating || was.by_preemption) {
    Placed& now = *find(pod);
    now.by_preemption = was.by_preemption;
    now.terminating = was.terminating;
    if (was.terminating) count(groups_[now.group], now.node, 0, 1);
  }
  return true;
}

void SchedulerState::set_started(SchedPodId pod, Time started) {
  if (Placed* p = find(pod)) p->started = started;
}

void SchedulerState::set_terminating(SchedPodId pod, bool by_preemption) {
  Placed* p = find(pod);
  if (p == nullptr) return;
  p->by_preemption |= by_preemption;
  if (p->terminating) return;
  p->terminating = true;
  count(groups_[p->group], p->node, 0, 1);
}

bool SchedulerState::nominate(SchedPodId pod, SchedPodSpecPtr spec, Symbol node) {
  clear_nomination(pod);
  const std::uint32_t slot = present_node(node);
  if (slot == NumberColumn::kNone) return false;
  nodes_[slot].nominated.push_back(pod);
  loads_[slot].nominated = true;
  nominations_.insert_or_assign(pod.serial, Nomination{std::move(spec), slot});
  return true;
}

void SchedulerState::clear_nomination(SchedPodId pod) {
  if (nominations_.empty()) return;
  const auto it = nominations_.find(pod.serial);
  if (it == nominations_.end()) return;
  NodeState& n = nodes_[it->second.node];
  std::erase(n.nominated, pod);
  loads_[it->second.node].nominated = !n.nominated.empty();
  nominations_.erase(it);
}

bool SchedulerState::fits_empty(const SchedPodSpec& pod, const SchedNode& node) {
  const SchedResources& want = pod.requests;
  const SchedResources& have = node.allocatable;
  if (node.pods_max < 1 || want.milli_cpu > have.milli_cpu || want.memory > have.memory || want.ephemeral > have.ephemeral) return false;
  for (const auto& [name, amount] : want.scalars)
    if (amount > have.scalar(name)) return false;
  return true;
}

std::vector<SchedulerState::Total> SchedulerState::last_totals() const {
  std::vector<Total> out;
  if (by_ring_) {
    for (const ScoreRing::Piece& piece : visited_)
      for (std::size_t position = piece.from; position < piece.to; ++position)
        if (const std::int16_t total = cycle_.shape->ring.at(position); total >= 0) out.push_back({nodes_[order_.last_list()[position]].view.name, kTotalElsewhere + total});
    if (out.size() < 2) out.clear();  // no choice, no scores
    return out;
  }
  for (std::size_t i = 0; i < totals_.size(); ++i) out.push_back({nodes_[cycle_.feasible[i]].view.name, totals_[i]});
  return out;
}

}  // namespace orrery
