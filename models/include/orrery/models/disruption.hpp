#pragma once
#include <memory>

#include "orrery/cluster/controller.hpp"

namespace orrery {

struct DisruptionOptions {
  /// How long the eviction API's word that a pod is about to go counts (E-008), and how long a DisruptionTarget condition
  /// stays True on a pod that nobody deletes (E-009).
  Duration deletion_timeout = std::chrono::minutes{2};
  Duration stale_condition_timeout = std::chrono::minutes{2};
};

/// Keeps the status of PodDisruptionBudgets, by which the eviction API decides (E-002 … E-009): 1 worker, timeline name
/// "disruption".
/// upstream: pkg/controller/disruption/disruption.go
std::unique_ptr<Controller> make_disruption_controller(Cluster& cluster, const DisruptionOptions& options = {});

}  // namespace orrery
