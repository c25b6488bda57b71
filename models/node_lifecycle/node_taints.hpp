#pragma once
// Taints that stand for node conditions, and their comparison.
// upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go, pkg/util/taints
#include <string>
#include <string_view>
#include <vector>

#include "orrery/cluster/objects.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery::node_taints {

inline constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
inline constexpr std::string_view kUnreachable = "node.kubernetes.io/unreachable";
inline constexpr std::string_view kMemoryPressure = "node.kubernetes.io/memory-pressure";
inline constexpr std::string_view kDiskPressure = "node.kubernetes.io/disk-pressure";
inline constexpr std::string_view kPidPressure = "node.kubernetes.io/pid-pressure";
inline constexpr std::string_view kNetworkUnavailable = "node.kubernetes.io/network-unavailable";
inline constexpr std::string_view kUnschedulable = "node.kubernetes.io/unschedulable";

/// Two taints are the same one when key and effect are.
inline bool has(const std::vector<Taint>& list, std::string_view key, Symbol effect) {
  for (const Taint& t : list)
    if (t.key == key && t.effect == effect) return true;
  return false;
}
inline bool has_no_execute(const std::vector<Taint>& list) {
  return has(list, kNotReady, sym::NoExecute) || has(list, kUnreachable, sym::NoExecute);
}
inline Taint no_execute(std::string_view key) { return {std::string(key), {}, sym::NoExecute, {}}; }

/// What there should be (N-035) and is not, and the other way round, among the NoSchedule taints of conditions (N-036).
struct Difference {
  std::vector<Taint> add, remove;
};
Difference no_schedule_difference(const Node& node, const Interner& names);

/// False: nothing to do.
bool add_or_update(std::vector<Taint>& list, const Taint& taint);
bool remove(std::vector<Taint>& list, const Taint& taint);

/// Region and zone of a node, as one key; "" without them.
/// upstream: staging/src/k8s.io/component-helpers/node/topology/helpers.go
std::string zone_key(const ObjectMeta& meta);

}  // namespace orrery::node_taints
