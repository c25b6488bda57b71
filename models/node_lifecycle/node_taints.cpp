#include "node_lifecycle/node_taints.hpp"

#include <algorithm>
#include <array>

namespace orrery::node_taints {

namespace {

/// N-035; empty: this condition asks for no taint.
std::string_view key_for(const Condition& c, std::string_view type) {
  if (c.type == sym::Ready) return c.status == sym::False ? kNotReady : c.status == sym::Unknown ? kUnreachable : std::string_view{};
  if (c.status != sym::True) return {};
  if (c.type == sym::MemoryPressure) return kMemoryPressure;
  if (c.type == sym::DiskPressure) return kDiskPressure;
  if (c.type == sym::PIDPressure) return kPidPressure;
  return type == "NetworkUnavailable" ? kNetworkUnavailable : std::string_view{};
}

bool is_ours(const Taint& t) {
  constexpr std::array kKeys{kNotReady, kUnreachable, kMemoryPressure, kDiskPressure, kPidPressure, kNetworkUnavailable, kUnschedulable};
  return t.effect == sym::NoSchedule && std::find(kKeys.begin(), kKeys.end(), t.key) != kKeys.end();
}

}  // namespace

Difference no_schedule_difference(const Node& node, const Interner& names) {
  std::vector<Taint> wanted;
  for (const Condition& c : node.conditions)
    if (const std::string_view key = key_for(c, names.text(c.type)); !key.empty()) wanted.push_back({std::string(key), {}, sym::NoSchedule, {}});
  if (node.unschedulable) wanted.push_back({std::string(kUnschedulable), {}, sym::NoSchedule, {}});
  Difference out;
  for (const Taint& t : wanted)
    if (!has(node.taints, t.key, sym::NoSchedule)) out.add.push_back(t);
  for (const Taint& t : node.taints)
    if (is_ours(t) && !has(wanted, t.key, sym::NoSchedule)) out.remove.push_back(t);
  return out;
}

bool add_or_update(std::vector<Taint>& list, const Taint& taint) {
  for (Taint& t : list) {
    if (t.key != taint.key || t.effect != taint.effect) continue;
    if (t == taint) return false;
    t = taint;
    return true;
  }
  list.push_back(taint);
  return true;
}

bool remove(std::vector<Taint>& list, const Taint& taint) {
  return std::erase_if(list, [&](const Taint& t) { return t.key == taint.key && t.effect == taint.effect; }) != 0;
}

std::string zone_key(const ObjectMeta& meta) {
  const auto label = [&](std::string_view old_key, std::string_view key) {
    const std::string* value = meta.label(old_key);
    if (value == nullptr) value = meta.label(key);
    return value == nullptr ? std::string{} : *value;
  };
  const std::string zone = label("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone");
  const std::string region = label("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region");
  if (zone.empty() && region.empty()) return {};
  return region + '\n' + zone;  // no label holds a line break
}

}  // namespace orrery::node_taints
