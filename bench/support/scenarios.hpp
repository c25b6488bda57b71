#pragma once
// The scenarios that run/* measures, made in memory or from a data set on disk.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/io/scenario.hpp"

namespace orrery::bench {

/// A Job of `completions`, `parallelism` at a time, ten minutes a pod, on `nodes` nodes with room for all.
Result<Scenario> job_scenario(std::string_view profile, std::int64_t completions, std::int64_t parallelism, std::int64_t nodes, std::string_view until = "40h");
/// `count` CronJobs that run hourly, at a minute of their own, for `days`; each Job's pod takes 30 s.
Result<Scenario> cron_scenario(std::string_view profile, std::int64_t count, std::int64_t days);
/// A DaemonSet on `nodes` nodes, and after five minutes another image with maxUnavailable 10 %.
Result<Scenario> daemon_scenario(std::string_view profile, std::int64_t nodes);
/// `pods` pods of a hundred Jobs on `nodes` nodes in three zones; one zone is unreachable for half an hour.
Result<Scenario> outage_scenario(std::string_view profile, std::int64_t pods, std::int64_t nodes);
/// 100 Jobs of `pods` pods together, which all run at the end, in the 20th minute.
Result<Scenario> live_scenario(std::string_view profile, std::int64_t pods, std::int64_t nodes);
/// The openb production trace (folder with openb_node_list_all_node.csv and openb_pod_list_default.csv): a Job per task,
/// created and as long as recorded.
Result<Scenario> openb_scenario(std::string_view profile, const std::string& folder);
/// The k8s-sims manifests (folder with nodes-N.yaml and pods-N.yaml), read anew.
Result<Scenario> k8s_sims_scenario(std::string_view profile, const std::string& folder, std::string_view size);

/// The text of a scenario with `objects` Jobs, behaviors and timeline entries, as a person would write it.
std::string scenario_text(std::int64_t objects);
/// Multi-document YAML with `count` pods.
std::string manifest_text(std::int64_t count);

}  // namespace orrery::bench
