// Behaviour source: Kubernetes v1.36, pkg/scheduler/backend/cache/node_tree.go, component-helpers/node/topology, rule S-021.
#include "node_view.hpp"

#include <algorithm>

#include "json_reading.hpp"
#include "pod_spec_view.hpp"

namespace orrery {

using sched_json::at;
using sched_json::list;
using sched_json::number;
using sched_json::text;

namespace {
/// The beta label, where there is one, wins.
std::string_view either(const nlohmann::json& labels, const char* beta, const char* stable) {
  const nlohmann::json& b = at(labels, beta);
  return text(b.is_string() ? b : at(labels, stable));
}
}  // namespace

SchedNode parse_sched_node(const nlohmann::json& node, Interner& names, Diagnostics* problems) {
  SchedNode out;
  const nlohmann::json& metadata = at(node, "metadata");
  const nlohmann::json& labels = at(metadata, "labels");
  const nlohmann::json& spec = at(node, "spec");
  const nlohmann::json& status = at(node, "status");
  out.name = names.intern(text(at(metadata, "name")));
  out.labels = parse_sched_labels(labels, names);
  out.taints = parse_sched_taints(at(spec, "taints"), names);
  out.unschedulable = at(spec, "unschedulable") == true;
  const nlohmann::json& allocatable = at(status, "allocatable");
  out.allocatable = parse_sched_resources(allocatable, names, problems, "/status/allocatable");
  out.pods_max = parse_sched_count(allocatable, "pods", problems, "/status/allocatable");
  for (const auto& image : list(at(status, "images")))
    for (const auto& name : list(at(image, "names")))
      if (name.is_string())
        out.images.push_back({names.intern(text(name)), std::clamp(number(at(image, "sizeBytes"), 0), std::int64_t{0}, kSchedAmountMax)});
  std::stable_sort(out.images.begin(), out.images.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  out.images.erase(std::unique(out.images.begin(), out.images.end(), [](const auto& a, const auto& b) { return a.name == b.name; }), out.images.end());
  const std::string_view region = either(labels, "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
  const std::string_view zone = either(labels, "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
  if (!region.empty() || !zone.empty()) out.zone = names.intern(std::string(region) + '\n' + std::string(zone));
  return out;
}

void SchedNodeOrder::add(std::uint32_t node, Symbol zone) {
  auto it = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == zone; });
  if (it == zones_.end()) it = zones_.insert(zones_.end(), Zone{zone, {}});
  it->nodes.push_back(node);
  ++size_;
  stale_ = true;
}

void SchedNodeOrder::remove(std::uint32_t node, Symbol zone) {
  const auto it = std::find_if(zones_.begin(), zones_.end(), [&](const Zone& z) { return z.key == zone; });
  if (it == zones_.end() || std::erase(it->nodes, node) == 0) return;
  if (it->nodes.empty()) zones_.erase(it);
  --size_;
  stale_ = true;
}

const std::vector<std::uint32_t>& SchedNodeOrder::list() {
  if (!stale_) return list_;
  stale_ = false;
  list_.clear();
  for (std::size_t round = 0; list_.size() < size_; ++round)
    for (const Zone& z : zones_)
      if (round < z.nodes.size()) list_.push_back(z.nodes[round]);
  return list_;
}

}  // namespace orrery
