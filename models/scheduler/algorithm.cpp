// Bookkeeping and filters. Behaviour source: Kubernetes v1.36, pkg/scheduler/framework/plugins, rules S-020 … S-045, S-061.
#include "algorithm.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/quantity.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery::sched {

Algorithm::Algorithm(Interner& names) : names_(names), unschedulable_key_(names.intern("node.kubernetes.io/unschedulable")) {}

Symbol Algorithm::NodeState::label(Symbol key) const {
  auto it = std::lower_bound(labels.begin(), labels.end(), key, [](const auto& a, Symbol k) { return a.first < k; });
  return it != labels.end() && it->first == key ? it->second : Symbol{0};
}

Algorithm::NodeState* Algorithm::find(Symbol name) {
  auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &nodes_[it->second];
}

void Algorithm::node_changed(const Node& node) {
  const Symbol name = names_.intern(node.name());
  NodeState* n = find(name);
  if (n == nullptr) {
    by_name_[name] = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    n = &nodes_.back();
    n->name = name;
  }
  if (!n->present) order_stale_ = true;
  n->present = true;
  n->unschedulable = node.unschedulable;
  n->taints = node.taints;
  n->labels.clear();
  std::string zone;
  if (node.meta.labels)
    for (const auto& [k, v] : node.meta.labels->items) {
      n->labels.emplace_back(names_.intern(k), names_.intern(v));
      if (k == "topology.kubernetes.io/region") zone = v + ":" + zone;
      if (k == "topology.kubernetes.io/zone") zone += v;
    }
  std::sort(n->labels.begin(), n->labels.end());
  if (zone != n->zone) order_stale_ = true;
  n->zone = std::move(zone);
  n->capacity = {};
  n->pods_max = 0;
  const nlohmann::json& status = *node.body->status;
  if (auto it = status.find("allocatable"); it != status.end()) {
    n->capacity = resources_of(*it, names_);
    if (auto pods = it->find("pods"); pods != it->end())
      if (const auto q = parse_quantity(std::string_view(pods->is_string() ? pods->get<std::string>() : pods->dump()))) n->pods_max = q->value();
  }
  for (const auto& [image, size] : n->images) --image_nodes_[image];
  n->images.clear();
  if (auto it = status.find("images"); it != status.end() && it->is_array())
    for (const auto& image : *it)
      if (auto list = image.find("names"); list != image.end() && list->is_array())
        for (const auto& x : *list)
          if (x.is_string()) n->images.emplace_back(names_.intern(normalized_image(x.get<std::string>())), image.value("sizeBytes", std::int64_t{0}));
  for (const auto& [image, size] : n->images) ++image_nodes_[image];
}

void Algorithm::node_removed(Symbol name) {
  if (NodeState* n = find(name); n != nullptr && n->present) {
    n->present = false;
    order_stale_ = true;
    for (const auto& [image, size] : n->images) --image_nodes_[image];
    n->images.clear();
  }
}

void Algorithm::charge(NodeState& n, const PodSpecView& v, int sign) {
  n.used.add(v.requests, sign);
  n.scored_cpu += sign * v.scored_cpu;
  n.scored_memory += sign * v.scored_memory;
}

void Algorithm::pod_placed(std::uint64_t serial, Ref<const PodSpecView> view, Symbol node, Symbol ns, Ref<const StringMap> labels, Stamp started) {
  if (placed_.contains(serial)) return;
  if (find(node) == nullptr) {
    // A pod may name a node that does not exist (yet): it counts there once it does.
    by_name_[node] = static_cast<std::uint32_t>(nodes_.size());
    nodes_.emplace_back();
    nodes_.back().name = node;
  }
  const std::uint32_t i = by_name_[node];
  charge(nodes_[i], *view, 1);
  nodes_[i].pods.push_back(serial);
  auto [it, added] = placed_.emplace(serial, Placed{std::move(view), i, ns, std::move(labels), started});
  if (it->second.has_terms()) with_terms_.emplace(serial, i);
  nominated_.erase(serial);
}

void Algorithm::pod_gone(std::uint64_t serial) {
  nominated_.erase(serial);
  auto it = placed_.find(serial);
  if (it == placed_.end()) return;
  NodeState& n = nodes_[it->second.node];
  charge(n, *it->second.view, -1);
  auto at = std::find(n.pods.begin(), n.pods.end(), serial);
  *at = n.pods.back();
  n.pods.pop_back();
  with_terms_.erase(serial);
  placed_.erase(it);
}

void Algorithm::nominate(std::uint64_t serial, Ref<const PodSpecView> view, Symbol node) {
  if (auto it = by_name_.find(node); it != by_name_.end()) nominated_.insert_or_assign(serial, Nomination{std::move(view), it->second});
}
void Algorithm::forget_nomination(std::uint64_t serial) { nominated_.erase(serial); }

/// One node of each zone in turn.
void Algorithm::rebuild_order() {
  order_stale_ = false;
  order_.clear();
  std::vector<std::pair<std::string_view, std::vector<std::uint32_t>>> zones;
  std::unordered_map<std::string_view, std::size_t> zone_of;
  std::vector<std::uint32_t> joined;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].present) joined.push_back(i);
  std::sort(joined.begin(), joined.end(), [&](std::uint32_t a, std::uint32_t b) {
    return names_.text(nodes_[a].name) < names_.text(nodes_[b].name);
  });
  for (std::uint32_t i : joined) {
    auto [it, added] = zone_of.try_emplace(nodes_[i].zone, zones.size());
    if (added) zones.push_back({nodes_[i].zone, {}});
    zones[it->second].second.push_back(i);
  }
  for (std::size_t round = 0, left = 1; left > 0; ++round) {
    left = 0;
    for (const auto& [zone, list] : zones)
      if (round < list.size()) {
        order_.push_back(list[round]);
        ++left;
      }
  }
  if (next_ >= order_.size()) next_ = 0;
}

// ---- node affinity and taints

bool Algorithm::matches(const NodeState& n, const NodeRequirement& r) const {
  using Op = NodeRequirement::Op;
  const Symbol value = r.key == 0 ? n.name : n.label(r.key);
  bool present = value != 0;
  if (!present && r.key != 0)  // a label with an empty value is there all the same
    present = std::binary_search(n.labels.begin(), n.labels.end(), std::pair{r.key, Symbol{0}});
  const bool listed = present && std::find(r.values.begin(), r.values.end(), value) != r.values.end();
  switch (r.op) {
    case Op::in: return listed;
    case Op::not_in: return !listed;
    case Op::exists: return present;
    case Op::absent: return !present;
    case Op::gt:
    case Op::lt: break;
  }
  if (!present || r.values.empty()) return false;
  const std::string_view text = names_.text(value);
  std::int64_t mine = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), mine);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return false;
  return r.op == Op::gt ? mine > r.bound : mine < r.bound;
}

bool Algorithm::matches(const NodeState& n, const NodeTerm& t) const {
  return !t.empty() && std::all_of(t.begin(), t.end(), [&](const NodeRequirement& r) { return matches(n, r); });
}

bool Algorithm::affinity_fits(const NodeState& n, const PodSpecView& v) const {
  for (const auto& [key, value] : v.node_selector)
    if (n.label(key) != value) return false;
  return !v.has_required || std::any_of(v.required.begin(), v.required.end(), [&](const NodeTerm& t) { return matches(n, t); });
}

bool Algorithm::taints_fit(const NodeState& n, const PodSpecView& v) const {
  for (const Taint& taint : n.taints) {
    if (taint.effect == sym::PreferNoSchedule) continue;
    if (std::none_of(v.tolerations.begin(), v.tolerations.end(), [&](const Toleration& t) { return tolerates(t, taint); })) return false;
  }
  return true;
}

// ---- what depends on other pods

namespace {
std::uint64_t domain(Symbol key, Symbol value) { return static_cast<std::uint64_t>(key) << 32 | value; }
}  // namespace

void Algorithm::prepare(Request& r) const {
  const PodSpecView& v = r.view;
  r.any_terms = !v.affinity.empty() || !v.anti_affinity.empty() || !with_terms_.empty();
  if (r.any_terms) {
    r.affinity_counts.resize(v.affinity.size());
    r.anti_counts.resize(v.anti_affinity.size());
    bool matched = false;
    if (!v.affinity.empty() || !v.anti_affinity.empty())
      for (const auto& entry : placed_) {
        const Placed& p = entry.second;
        const NodeState& n = nodes_[p.node];
        if (!n.present) continue;
        // A pod counts for affinity only if all terms select it.
        const bool all = std::all_of(v.affinity.begin(), v.affinity.end(), [&](const PodTerm& t) { return t.selects(p.ns, p.labels.get()); });
        if (all && !v.affinity.empty())
          for (std::size_t i = 0; i < v.affinity.size(); ++i)
            if (const Symbol value = n.label(v.affinity[i].topology_key)) {
              ++r.affinity_counts[i][value];
              matched = true;
            }
        for (std::size_t i = 0; i < v.anti_affinity.size(); ++i)
          if (v.anti_affinity[i].selects(p.ns, p.labels.get()))
            if (const Symbol value = n.label(v.anti_affinity[i].topology_key)) ++r.anti_counts[i][value];
      }
    r.affinity_unmatched = !v.affinity.empty() && !matched &&
                           std::all_of(v.affinity.begin(), v.affinity.end(), [&](const PodTerm& t) { return t.selects(r.ns, r.labels); });
    for (const auto& [serial, node] : with_terms_) {
      const NodeState& n = nodes_[node];
      for (const PodTerm& t : placed_.at(serial).view->anti_affinity)
        if (t.selects(r.ns, r.labels))
          if (const Symbol value = n.label(t.topology_key)) ++r.forbidden[domain(t.topology_key, value)];
    }
  }
  r.spread_counts.resize(v.spread.size());
  r.spread_min.assign(v.spread.size(), 0);
  for (std::size_t i = 0; i < v.spread.size(); ++i) {
    const SpreadConstraint& c = v.spread[i];
    auto& counts = r.spread_counts[i];
    auto counts_node = [&](const NodeState& n) { return n.present && (!c.honor_affinity || affinity_fits(n, v)) && (!c.honor_taints || taints_fit(n, v)); };
    for (std::uint32_t k : order_)
      if (const Symbol value = nodes_[k].label(c.topology_key); value != 0 && counts_node(nodes_[k])) counts.try_emplace(value, 0);
    if (c.has_selector)
      for (const auto& [serial, p] : placed_) {
        const NodeState& n = nodes_[p.node];
        if (p.ns != r.ns || !counts_node(n) || !labels_match(c.selector, p.labels.get())) continue;
        if (auto it = counts.find(n.label(c.topology_key)); it != counts.end()) ++it->second;
      }
    std::int64_t least = counts.empty() ? 0 : INT64_MAX;
    for (const auto& [value, count] : counts) least = std::min(least, count);
    r.spread_min[i] = static_cast<std::int64_t>(counts.size()) < c.min_domains ? 0 : least;
  }
}

Algorithm::Verdict Algorithm::check_spread(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const {
  for (std::size_t i = 0; i < r.view.spread.size(); ++i) {
    const SpreadConstraint& c = r.view.spread[i];
    if (!c.hard) continue;
    const Symbol value = n.label(c.topology_key);
    if (value == 0) {
      if (why != nullptr) why->push_back("node(s) didn't match pod topology spread constraints (missing required label)");
      return Verdict::unresolvable;
    }
    auto it = r.spread_counts[i].find(value);
    const std::int64_t self = c.has_selector && labels_match(c.selector, r.labels) ? 1 : 0;
    const std::int64_t count = it == r.spread_counts[i].end() ? 0 : it->second;
    if (count + self - r.spread_min[i] > c.max_skew) {
      if (why != nullptr) why->push_back("node(s) didn't match pod topology spread constraints");
      return Verdict::unschedulable;
    }
  }
  return Verdict::fits;
}

Algorithm::Verdict Algorithm::check_pod_affinity(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const {
  if (!r.any_terms) return Verdict::fits;
  for (std::size_t i = 0; i < r.view.affinity.size(); ++i) {
    const Symbol value = n.label(r.view.affinity[i].topology_key);
    const bool met = value != 0 && (r.affinity_counts[i].contains(value) || r.affinity_unmatched);
    if (!met) {
      if (why != nullptr) why->push_back("node(s) didn't match pod affinity rules");
      return Verdict::unresolvable;
    }
  }
  for (std::size_t i = 0; i < r.view.anti_affinity.size(); ++i)
    if (const Symbol value = n.label(r.view.anti_affinity[i].topology_key); value != 0 && r.anti_counts[i].contains(value)) {
      if (why != nullptr) why->push_back("node(s) didn't match pod anti-affinity rules");
      return Verdict::unschedulable;
    }
  if (!r.forbidden.empty())
    for (const auto& [key, value] : n.labels)
      if (r.forbidden.contains(domain(key, value))) {
        if (why != nullptr) why->push_back("node(s) didn't satisfy existing pods anti-affinity rules");
        return Verdict::unschedulable;
      }
  return Verdict::fits;
}

// ---- filters

std::string_view Algorithm::insufficient(Symbol resource) const {
  auto [it, added] = insufficient_.try_emplace(resource);
  if (added) it->second = fmt::format("Insufficient {}", names_.text(resource));
  return it->second;
}

Algorithm::Verdict Algorithm::check_resources(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const {
  Resources extra;
  std::int64_t extra_pods = 0;
  if (!nominated_.empty())
    for (const auto& [serial, nomination] : nominated_)
      if (serial != r.serial && &nodes_[nomination.node] == &n && nomination.view->priority >= r.view.priority) {
        extra.add(nomination.view->requests);
        ++extra_pods;
      }
  Verdict out = Verdict::fits;
  auto refuse = [&](std::string_view reason, bool never) {
    if (why != nullptr) why->push_back(reason);
    if (never)
      out = Verdict::unresolvable;
    else if (out == Verdict::fits)
      out = Verdict::unschedulable;
  };
  if (static_cast<std::int64_t>(n.pods.size()) + extra_pods + 1 > n.pods_max) refuse("Too many pods", false);
  auto test = [&](std::int64_t wanted, std::int64_t capacity, std::int64_t used, auto reason) {
    if (wanted > 0 && wanted > capacity - used) refuse(reason(), wanted > capacity);
  };
  const Resources& want = r.view.requests;
  test(want.cpu, n.capacity.cpu, n.used.cpu + extra.cpu, [] { return std::string_view("Insufficient cpu"); });
  test(want.memory, n.capacity.memory, n.used.memory + extra.memory, [] { return std::string_view("Insufficient memory"); });
  test(want.ephemeral, n.capacity.ephemeral, n.used.ephemeral + extra.ephemeral, [] { return std::string_view("Insufficient ephemeral-storage"); });
  for (const auto& [name, amount] : want.scalars)
    test(amount, n.capacity.scalar(name), n.used.scalar(name) + extra.scalar(name), [&, name = name] { return insufficient(name); });
  return out;
}

namespace {
bool ports_clash(const HostPort& a, const HostPort& b) {
  auto any = [](const std::string& ip) { return ip.empty() || ip == "0.0.0.0"; };
  return a.port == b.port && a.protocol == b.protocol && (any(a.ip) || any(b.ip) || a.ip == b.ip);
}
}  // namespace

Algorithm::Verdict Algorithm::check(const NodeState& n, const Request& r, std::vector<std::string_view>* why) const {
  const PodSpecView& v = r.view;
  auto refuse = [&](std::string_view reason, Verdict verdict) {
    if (why != nullptr) why->push_back(reason);
    return verdict;
  };
  if (n.unschedulable) {
    const Taint taint{"node.kubernetes.io/unschedulable", "", sym::NoSchedule, {}};
    if (std::none_of(v.tolerations.begin(), v.tolerations.end(), [&](const Toleration& t) { return tolerates(t, taint); }))
      return refuse("node(s) were unschedulable", Verdict::unresolvable);
  }
  if (!n.taints.empty() && !taints_fit(n, v)) return refuse("node(s) had untolerated taint(s)", Verdict::unresolvable);
  if (!affinity_fits(n, v)) return refuse("node(s) didn't match Pod's node affinity/selector", Verdict::unresolvable);
  if (!v.ports.empty())
    for (std::uint64_t serial : n.pods)
      for (const HostPort& theirs : placed_.at(serial).view->ports)
        for (const HostPort& mine : v.ports)
          if (ports_clash(mine, theirs)) return refuse("node(s) didn't have free ports for the requested pod ports", Verdict::unschedulable);
  if (const Verdict x = check_resources(n, r, why); x != Verdict::fits) return x;
  if (const Verdict x = check_spread(n, r, why); x != Verdict::fits) return x;
  return check_pod_affinity(n, r, why);
}

// ---- the cycle

Decision Algorithm::schedule(std::uint64_t serial, const PodSpecView& view, Symbol ns, const StringMap* labels) {
  if (order_stale_) rebuild_order();
  Decision out;
  const std::size_t all = order_.size();
  if (all == 0) {
    out.message = "no nodes available to schedule pods";
    return out;
  }
  Request r{view, serial, ns, labels, false, {}, {}, {}, {}, {}, false};
  prepare(r);
  std::vector<std::uint32_t> feasible, candidates;
  std::map<std::string_view, std::int64_t> reasons;
  std::vector<std::string_view> why;
  auto look = [&](std::uint32_t i) {
    why.clear();
    const Verdict v = check(nodes_[i], r, &why);
    if (v == Verdict::fits) {
      feasible.push_back(i);
      return;
    }
    if (v == Verdict::unschedulable) candidates.push_back(i);
    for (std::string_view w : why) ++reasons[w];
  };
  // A nominated pod gets its node if it fits there, without scoring (S-026).
  if (auto it = nominated_.find(serial); it != nominated_.end() && nodes_[it->second.node].present && check(nodes_[it->second.node], r, nullptr) == Verdict::fits) {
    out.node = nodes_[it->second.node].name;
    return out;
  }
  if (view.pinned_node != 0) {
    if (NodeState* n = find(view.pinned_node); n != nullptr && n->present) {
      look(by_name_[view.pinned_node]);
      if (all > 1) reasons["node(s) didn't satisfy plugin(s) [NodeAffinity]"] += static_cast<std::int64_t>(all - 1);
    } else {
      reasons["node(s) didn't satisfy plugin(s) [NodeAffinity]"] += static_cast<std::int64_t>(all);
    }
    next_ = (next_ + 1) % all;
  } else {
    std::size_t wanted = all;
    if (all >= 100) {
      const std::size_t percent = std::max<std::size_t>(5, all / 125 < 50 ? 50 - all / 125 : 0);
      wanted = std::max<std::size_t>(100, all * percent / 100);
    }
    std::size_t visited = 0;
    for (; visited < all && feasible.size() < wanted; ++visited) look(order_[(next_ + visited) % all]);
    next_ = (next_ + visited) % all;
  }
  if (feasible.empty()) {
    std::vector<std::string> parts;
    for (const auto& [reason, count] : reasons) parts.push_back(fmt::format("{} {}", count, reason));
    std::sort(parts.begin(), parts.end());
    out.message = fmt::format("0/{} nodes are available: {}.", all, fmt::join(parts, ", "));
    preempt(out, r, candidates);
    return out;
  }
  out.node = nodes_[feasible.size() == 1 ? feasible[0] : best(feasible, r)].name;
  return out;
}

}  // namespace orrery::sched
