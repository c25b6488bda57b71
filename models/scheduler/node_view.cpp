// Behaviour source: Kubernetes v1.36, pkg/scheduler/backend/cache/node_tree.go, component-helpers/node/topology, rule S-021.
#include "node_view.hpp"

#include <algorithm>

#include "../support/json_reading.hpp"
#include "pod_spec_view.hpp"

namespace orrery {

using json_reading::at;
using json_reading::list;
using json_reading::number;
using json_reading::text;

Symbol sched_zone_of(const SchedLabels& labels, Interner& names) {
  // The beta label, where there is one, wins.
  auto either = [&](std::string_view beta, std::string_view stable) -> std::string_view {
    for (std::string_view key : {beta, stable})
      if (const auto s = names.find(key))
        if (const SchedLabel* l = labels.find(*s)) return names.text(l->value);
    return {};
  };
  const std::string_view region = either("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
  const std::string_view zone = either("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
  return region.empty() && zone.empty() ? Symbol{0} : names.intern(std::string(region).append("\n").append(zone));
}

SchedNode parse_sched_node_status(const nlohmann::json& status, Interner& names, Diagnostics* problems) {
  SchedNode out;
  const nlohmann::json& allocatable = at(status, "allocatable");
  out.allocatable = parse_sched_resources(allocatable, names, problems, "/status/allocatable");
  out.pods_max = parse_sched_count(allocatable, "pods", problems, "/status/allocatable");
  for (const auto& image : list(at(status, "images")))
    for (const auto& name : list(at(image, "names")))
      if (name.is_string())
        out.images.push_back({names.intern(text(name)), std::clamp(number(at(image, "sizeBytes"), 0), std::int64_t{0}, kSchedAmountMax)});
  std::stable_sort(out.images.begin(), out.images.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  out.images.erase(std::unique(out.images.begin(), out.images.end(), [](const auto& a, const auto& b) { return a.name == b.name; }), out.images.end());
  return out;
}

SchedNode parse_sched_node(const nlohmann::json& node, Interner& names, Diagnostics* problems) {
  const nlohmann::json& metadata = at(node, "metadata");
  const nlohmann::json& spec = at(node, "spec");
  SchedNode out = parse_sched_node_status(at(node, "status"), names, problems);
  out.name = names.intern(text(at(metadata, "name")));
  out.labels = parse_sched_labels(at(metadata, "labels"), names);
  out.zone = sched_zone_of(out.labels, names);
  out.taints = parse_sched_taints(at(spec, "taints"), names);
  out.unschedulable = at(spec, "unschedulable") == true;
  return out;
}

void SchedNodeOrder::add(std::uint32_t node, Symbol zone) {
  auto it = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == zone; });
  if (it == zones_.end()) it = zones_.insert(zones_.end(), Zone{zone, {}});
  it->nodes.push_back(node);
  ++size_;
  stale_ = true;
  ++version_;
}

void SchedNodeOrder::remove(std::uint32_t node, Symbol zone) {
  const auto it = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == zone; });
  if (it == zones_.end() || std::erase(it->nodes, node) == 0) return;
  if (it->nodes.empty()) zones_.erase(it);
  --size_;
  stale_ = true;
  ++version_;
}

const std::vector<std::uint32_t>& SchedNodeOrder::list() {
  if (!stale_) return list_;
  stale_ = false;
  if (!before_) {
    deal(zones_, size_, list_);
    return list_;
  }
  std::vector<std::pair<std::uint32_t, std::size_t>> all;  // with the index of its zone
  for (std::size_t z = 0; z < zones_.size(); ++z)
    for (std::uint32_t node : zones_[z].nodes) all.emplace_back(node, z);
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return before_(a.first, b.first); });
  std::vector<Zone> sorted;
  std::vector<std::size_t> place(zones_.size(), SIZE_MAX);
  for (const auto& [node, z] : all) {
    if (place[z] == SIZE_MAX) {
      place[z] = sorted.size();
      sorted.push_back({zones_[z].key, {}});
    }
    sorted[place[z]].nodes.push_back(node);
  }
  deal(sorted, size_, list_);
  return list_;
}

void SchedNodeOrder::deal(const std::vector<Zone>& zones, std::size_t size, std::vector<std::uint32_t>& out) {
  out.clear();
  for (std::size_t round = 0; out.size() < size; ++round)
    for (const Zone& z : zones)
      if (round < z.nodes.size()) out.push_back(z.nodes[round]);
}

}  // namespace orrery
