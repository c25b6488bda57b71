#include "job_status_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "orrery/cluster/symbols.hpp"

namespace orrery {

std::string job_status_problem(const Job& old_job, const Job& new_job) {
  const JobStatus& a = old_job.status;
  const JobStatus& b = new_job.status;
  const bool indexed = new_job.spec->indexed;
  auto has = [](const JobStatus& s, Symbol type) { return condition_true(s.conditions, type); };
  auto changed = [&](Symbol type) { return has(a, type) != has(b, type); };
  const std::size_t uncounted = b.uncounted_succeeded.size() + b.uncounted_failed.size();

  for (const auto& [value, field] : {std::pair{b.active, "active"}, {b.succeeded, "succeeded"}, {b.failed, "failed"}})
    if (value < 0) return fmt::format("status.{}: Invalid value: {}: must be greater than or equal to 0", field, value);
  const bool ready_or_active = a.ready != b.ready || a.active != b.active;
  if (ready_or_active && b.ready > b.active) return fmt::format("status.ready: Invalid value: {}: cannot set more ready pods than active", b.ready);

  const bool complete = b.complete(), failed = b.failed_true(), finished = complete || failed;
  if (complete && failed && (changed(sym::Complete) || changed(sym::Failed)))
    return "status.conditions: Invalid value: null: cannot set Complete=True and Failed=true conditions";
  if (complete && has(b, sym::FailureTarget) && (changed(sym::Complete) || changed(sym::FailureTarget)))
    return "status.conditions: Invalid value: null: cannot set Complete=True and FailureTarget=true conditions";
  if (failed && changed(sym::Failed) && !has(b, sym::FailureTarget))
    return "status.conditions: Invalid value: null: cannot set Failed=True condition without the FailureTarget=true condition";
  if (complete && changed(sym::Complete) && !has(b, sym::SuccessCriteriaMet))
    return "status.conditions: Invalid value: null: cannot set Complete=True condition without the SuccessCriteriaMet=true condition";
  if (has(b, sym::SuccessCriteriaMet) && (failed || has(b, sym::FailureTarget)))
    return "status.conditions: Invalid value: null: cannot set SuccessCriteriaMet=True and Failed=true or FailureTarget=true conditions";
  for (Symbol type : {Symbol{sym::Failed}, Symbol{sym::Complete}, Symbol{sym::FailureTarget}, Symbol{sym::SuccessCriteriaMet}})
    if (has(a, type) && !has(b, type)) return "status.conditions: Invalid value: null: cannot disable a terminal condition";

  const bool finished_changed = a.finished() != finished;
  if (b.completion_time && !complete && (a.completion_time != b.completion_time || changed(sym::Complete)))
    return "status.completionTime: Invalid value: cannot set completionTime when there is no Complete=True condition";
  if (complete && !b.completion_time && changed(sym::Complete)) return "status.completionTime: Required value: completionTime is required for Complete jobs";
  if (complete && b.start_time && b.completion_time < b.start_time) return "status.completionTime: Invalid value: completionTime cannot be set before startTime";
  if (a.completion_time && a.completion_time != b.completion_time) return "status.completionTime: Invalid value: field is immutable";
  if (finished && b.active > 0 && (finished_changed || a.active != b.active)) return "status.active: Invalid value: active>0 is invalid for finished job";
  if (finished && b.terminating > 0 && (finished_changed || a.terminating != b.terminating))
    return "status.terminating: Invalid value: terminating>0 is invalid for finished job";
  if (finished && uncounted > 0) return "status.uncountedTerminatedPods: Invalid value: uncountedTerminatedPods needs to be empty for finished job";
  const bool complete_without_start = new_job.spec->suspend && new_job.spec->completions == 0;
  if (finished && !b.start_time && !complete_without_start && (finished_changed || a.start_time != b.start_time))
    return "status.startTime: Required value: startTime is required for finished job";
  const bool resumed = has(a, sym::Suspended) && !has(b, sym::Suspended);
  if (a.start_time && a.start_time != b.start_time && !new_job.spec->suspend && !resumed)
    return "status.startTime: Required value: startTime cannot be removed for unsuspended job";
  if (b.failed < a.failed) return fmt::format("status.failed: Invalid value: {}: cannot decrease the failed counter", b.failed);
  const bool elastic = indexed && new_job.spec->completions == new_job.spec->parallelism;
  if (b.succeeded < a.succeeded && !elastic) return fmt::format("status.succeeded: Invalid value: {}: cannot decrease the succeeded counter", b.succeeded);
  return {};
}

}  // namespace orrery
