#pragma once
// Jobs that depend on one another.
#include <memory>
#include <string_view>

#include "orrery/cluster/controller.hpp"

namespace orrery {

/// On every Job of a workflow: the name of the workflow, and that of the job within it.
inline constexpr std::string_view kWorkflowLabel = "orrery/workflow";
inline constexpr std::string_view kWorkflowJobLabel = "orrery/workflow-job";

/// Creates the Jobs of each Workflow when what they depend on has ended as they want it to: 5 workers, timeline name "workflow".
/// A model of our own: the state machine is described in scenarios/workflows/README.md.
std::unique_ptr<Controller> make_workflow_controller(Cluster& cluster);

}  // namespace orrery
