#pragma once
#include <memory>

#include "orrery/cluster/controller.hpp"

namespace orrery {
/// The Job controller of Kubernetes 1.36 (rules J-040 … J-261): 5 workers, timeline name "job".
std::unique_ptr<Controller> make_job_controller(Cluster& cluster);
}  // namespace orrery
