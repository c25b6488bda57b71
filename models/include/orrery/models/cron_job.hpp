#pragma once
#include <memory>

#include "orrery/cluster/controller.hpp"

namespace orrery {
/// The CronJob controller of Kubernetes 1.36 (rules C-060 … C-130): 5 workers, timeline name "cronjob".
std::unique_ptr<Controller> make_cron_job_controller(Cluster& cluster);
}  // namespace orrery
