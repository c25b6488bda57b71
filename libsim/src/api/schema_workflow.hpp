#pragma once
// The fields of a Workflow, a kind of our own. What they mean is in scenarios/workflows/README.md.
#include "api/schema_workload.hpp"

namespace orrery::schema {

// An item of `dependsOn` is a name or an object: check_workflow looks into it.
inline constexpr Field kWorkflowJobFields[] = {list_of("dependsOn", kAny), {"name", kString}, object("template", kJobTemplateSpec)};
inline constexpr Type kWorkflowJob{"WorkflowJob", kWorkflowJobFields};

inline constexpr Field kWorkflowSpecFields[] = {merged_list("jobs", kWorkflowJob, "name"), {"parallelism", kInt32}, {"suspend", kBool}};
inline constexpr Type kWorkflowSpec{"WorkflowSpec", kWorkflowSpecFields};

inline constexpr Field kWorkflowJobStatusFields[] = {{"completionTime", kTime}, {"jobName", kString}, {"message", kString},
    {"name", kString}, {"startTime", kTime}, {"state", kString}};
inline constexpr Type kWorkflowJobStatus{"WorkflowJobStatus", kWorkflowJobStatusFields};

inline constexpr Field kWorkflowStatusFields[] = {{"active", kInt32}, {"completionTime", kTime},
    merged_list("conditions", kCondition, "type"), {"failed", kInt32}, merged_list("jobs", kWorkflowJobStatus, "name"),
    {"observedGeneration", kInt64}, {"phase", kString}, {"skipped", kInt32}, {"startTime", kTime}, {"succeeded", kInt32},
    {"waiting", kInt32}};
inline constexpr Type kWorkflowStatus{"WorkflowStatus", kWorkflowStatusFields};

inline constexpr Field kWorkflowFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kWorkflowSpec), object("status", kWorkflowStatus)};
inline constexpr Type kWorkflow{"Workflow", kWorkflowFields};

}  // namespace orrery::schema
