#pragma once
// How many pods a budget counts on: the replicas of the controllers of its pods (E-003, E-004).
#include <optional>
#include <string>

#include "orrery/cluster/store.hpp"

namespace orrery {

/// One controller of a pod, looked up as the disruption controller does.
struct ControllerScale {
  enum class Found : std::uint8_t {
    replicas,      ///< `uid` and `replicas` are set
    missing,       ///< no such controller: an error of the caller
    ask_scale,     ///< the scale subresource is to be asked, which does not exist: `error` says so
    unknown_kind,  ///< the API server has no such kind: `error` says so
  } found = Found::missing;
  Uid uid;
  std::int64_t replicas = 0;
  std::string error;
};
/// ReplicaSets count for their Deployment; StatefulSets and ReplicationControllers for themselves. No controller that this
/// library models has a scale subresource.
ControllerScale scale_of(const Store& store, const OwnerReference& controller, Symbol ns);

}  // namespace orrery
