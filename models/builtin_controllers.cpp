// The controllers of a simulation, in the order of their skew. A new controller is its own file and one line here.
#include "orrery/models/cron_job.hpp"
#include "orrery/models/daemon_set.hpp"
#include "orrery/models/disruption.hpp"
#include "orrery/models/housekeeping.hpp"
#include "orrery/models/job.hpp"
#include "orrery/models/simulation.hpp"
#include "orrery/models/workflow.hpp"
#include "support/leases.hpp"

namespace orrery {

std::vector<ControllerEntry> builtin_controllers() {
  return {
      {"job", [](Cluster& c, const Scenario&) { return make_job_controller(c); }},
      {"cronjob", [](Cluster& c, const Scenario&) { return make_cron_job_controller(c); }},
      {"daemonset", [](Cluster& c, const Scenario&) { return make_daemon_set_controller(c); }},
      {"ttl", [](Cluster& c, const Scenario&) { return make_ttl_controller(c); }},
      {"podgc", [](Cluster& c, const Scenario&) { return make_pod_gc(c); }},
      {"gc", [](Cluster& c, const Scenario&) { return make_garbage_collector(c); }},
      {"nodelifecycle", [](Cluster& c, const Scenario& s) { return make_node_lifecycle(c, {.heartbeats = leases_can_run_out(s)}); }},
      {"tainteviction", [](Cluster& c, const Scenario&) { return make_taint_eviction(c); }},
      {"disruption", [](Cluster& c, const Scenario&) { return make_disruption_controller(c); }},
      {"workflow", [](Cluster& c, const Scenario&) { return make_workflow_controller(c); }},
  };
}

}  // namespace orrery
