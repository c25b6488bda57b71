#pragma once
// What the spec of a Workflow asks for: its jobs, what each waits for, and everything that can be wrong with that.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/analysis/dag.hpp"
#include "orrery/core/diagnostic.hpp"

namespace orrery {

inline constexpr std::size_t kMaxWorkflowJobs = 1000;          ///< of one workflow
inline constexpr std::size_t kMaxWorkflowDependencies = 20'000;  ///< of all its jobs together

/// When a dependency is satisfied: the job before has succeeded, has failed, or has come to an end (skipped counts).
enum class DependencyCondition : std::uint8_t { success, failure, always };
inline constexpr std::array<std::string_view, 3> kDependencyConditions = {"success", "failure", "always"};

struct WorkflowDependency {
  std::size_t job = 0;  ///< index into WorkflowPlan::jobs
  DependencyCondition condition = DependencyCondition::success;
};
struct PlannedJob {
  std::string name;
  std::vector<WorkflowDependency> depends_on;
};
struct WorkflowPlan {
  std::vector<PlannedJob> jobs;    ///< in the order of the spec
  std::vector<DagEdge> edges;      ///< one per dependency
  std::vector<std::size_t> order;  ///< topological; of those that may come next, first the one that stands first in the spec
};

/// From the `spec` of a Workflow in which check_workflow found nothing; of others what can be understood.
WorkflowPlan workflow_plan(const nlohmann::json& spec);

/// What the shape of the fields does not say: names of jobs that are missing, double or no DNS labels, dependencies on jobs that are
/// not there, conditions that do not exist, and cycles, whose path is told. `workflow` is the whole object, `pointer` where it
/// stands. Values of a wrong type are left to check_object, which calls this.
void check_workflow(const nlohmann::json& workflow, const std::string& pointer, Diagnostics& problems);

}  // namespace orrery
