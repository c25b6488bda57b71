#pragma once
// Whether a scenario needs heartbeats at all.
#include "orrery/io/scenario.hpp"

namespace orrery {

/// Whether a lease can run out: a machine or its kubelet dies, or cannot reach the API. Where not, nobody renews or watches
/// leases, which saves an event per node every 10 s. O(actions of the timeline).
inline bool leases_can_run_out(const Scenario& scenario) {
  for (const auto& action : scenario.timeline)
    for (const auto& v : action.verbs)
      if (std::holds_alternative<verb::FailNode>(v) || std::holds_alternative<verb::ShutdownNode>(v) || std::holds_alternative<verb::ApiOutage>(v)) return true;
  return false;
}

}  // namespace orrery
