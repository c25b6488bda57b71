#pragma once
// The scheduler as a model of the cluster: it binds pods `bindLatency` after they are created, or after something
// changed that may let them fit.
#include <memory>

#include "orrery/cluster/cluster.hpp"

namespace orrery {

struct SchedulerOptions {
  bool events = false;  ///< post Scheduled and FailedScheduling
};

class Scheduler final {
 public:
  Scheduler(Cluster& cluster, const SchedulerOptions& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery
