#pragma once
#include <string>

#include "orrery/cluster/objects.hpp"

namespace orrery {
/// Why the API server would refuse this write to the status of a Job (J-018); empty if it would not.
/// upstream: pkg/registry/batch/job/strategy.go getStatusValidationOptions, pkg/apis/batch/validation/validation.go
std::string job_status_problem(const Job& old_job, const Job& new_job);
}  // namespace orrery
