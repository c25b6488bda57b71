#pragma once
// Patches of pod status as the housekeeping controllers send them.
#include "orrery/cluster/client.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery {

/// What such a patch carries in its 64 bits: the pod's generation as the caller knew it, and when the caller made the patch.
inline std::uint64_t status_argument(const Pod& pod, Time now) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(pod.meta.generation)) << 32 | stamp(now).s;
}

/// Sets DisruptionTarget=True; a condition that was True keeps its transition time.
/// upstream: pkg/api/v1/pod/util.go UpdatePodCondition
inline void set_disruption_target(Pod& pod, std::uint64_t argument, Symbol reason, Symbol message) {
  Condition next;
  next.type = sym::DisruptionTarget;
  next.status = sym::True;
  next.reason = reason;
  next.message = message;
  next.transition = {static_cast<std::uint32_t>(argument)};
  next.observed_generation = static_cast<std::int32_t>(argument >> 32);
  if (Condition* old = find_condition(pod.conditions, sym::DisruptionTarget)) {
    if (old->status == sym::True) next.transition = old->transition;
    *old = next;
  } else {
    pod.conditions.push_back(next);
  }
}

}  // namespace orrery
