#pragma once
// Where the jobs of a workflow stand: a pure function of what its Jobs say and of what was known before.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/api/workflow_plan.hpp"
#include "orrery/cluster/objects.hpp"

namespace orrery::workflow {

enum class JobState : std::uint8_t { waiting, running, succeeded, failed, skipped };
inline constexpr std::array<std::string_view, 5> kJobStates = {"Waiting", "Running", "Succeeded", "Failed", "Skipped"};
inline bool ended(JobState s) { return s >= JobState::succeeded; }

struct JobProgress {
  JobState state = JobState::waiting;
  Stamp start, completion;
  std::string message;
  bool operator==(const JobProgress&) const = default;
};
using Progress = std::vector<JobProgress>;

/// From `status.jobs`; what is not there is waiting.
Progress progress_from(const nlohmann::json& status, const WorkflowPlan& plan);

enum class Readiness : std::uint8_t { open, ready, never };
/// Whether all that job `i` depends on holds, may still hold, or cannot hold any more. `why` gets the first reason for `never`.
Readiness readiness(const WorkflowPlan& plan, const Progress& progress, std::size_t i, std::string& why);

/// Marks every job as skipped that can never run, in the order of the graph so that one pass is enough. Returns which.
std::vector<std::size_t> skip_hopeless(const WorkflowPlan& plan, Progress& progress);

/// Jobs that failed and after whose failure no job that depends on it with condition `failure` has succeeded.
std::vector<std::size_t> unhandled_failures(const WorkflowPlan& plan, const Progress& progress);

}  // namespace orrery::workflow
