#pragma once
#include <memory>

#include "orrery/cluster/controller.hpp"

namespace orrery {
/// The DaemonSet controller of Kubernetes 1.36 (rules D-020 … D-105): 2 workers for sets and 2 for changes of nodes,
/// timeline name "daemonset".
std::unique_ptr<Controller> make_daemon_set_controller(Cluster& cluster);
}  // namespace orrery
