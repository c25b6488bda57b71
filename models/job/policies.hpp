#pragma once
// podFailurePolicy (J-180 … J-184), successPolicy (J-225) and the back-off of failures (J-151, J-152, J-172).
#include <optional>
#include <string>
#include <vector>

#include "orrery/cluster/cluster.hpp"
#include "pods.hpp"

namespace orrery::job {

struct FailureMatch {
  bool counted = true;
  std::optional<PodFailureRule::Action> action;
  std::string fail_job_message;  ///< with Action::fail_job
};
/// First matching rule of the policy; no policy or no match: counted, no action.
FailureMatch match_failure_policy(const JobSpec& spec, const Pod& pod, const Cluster& cluster);

/// The message of the first satisfied rule.
std::optional<std::string> match_success_policy(const JobSpec& spec, const IndexSet& succeeded);

/// Failures since the last success, kept in memory only.
struct Backoff {
  std::int32_t failures = 0;
  Stamp last;
};
/// From the pods that ended since `before`, in any order. O(pods), O(1) where none has failed.
Backoff next_backoff(const Backoff& before, const std::vector<const Pod*>& succeeded, const std::vector<const Pod*>& failed);
/// Time until the next pod may be created; 0 = now.
Duration remaining_backoff(std::int32_t failures, Stamp last, Time now);

}  // namespace orrery::job
