#include "job_status_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "orrery/cluster/symbols.hpp"

namespace orrery {

namespace {

/// Which of the conditions that the rules are about are true.
struct True {
  bool complete = false, failed = false, failure_target = false, success_criteria = false, suspended = false;
  explicit True(const Conditions& list) {
    for (auto c = list.end(); c != list.begin();) {  // of two of one type the first counts
      --c;
      const bool is = c->status == sym::True;
      if (c->type == sym::Complete)
        complete = is;
      else if (c->type == sym::Failed)
        failed = is;
      else if (c->type == sym::FailureTarget)
        failure_target = is;
      else if (c->type == sym::SuccessCriteriaMet)
        success_criteria = is;
      else if (c->type == sym::Suspended)
        suspended = is;
    }
  }
  bool finished() const { return complete || failed; }
};

}  // namespace

std::string job_status_problem(const Job& old_job, const Job& new_job) {
  const JobStatus& a = old_job.status;
  const JobStatus& b = new_job.status;
  const bool indexed = new_job.spec->indexed;
  const True was(a.conditions), is(b.conditions);
  const bool complete_changed = was.complete != is.complete, failed_changed = was.failed != is.failed;
  const std::size_t uncounted = b.uncounted_succeeded.size() + b.uncounted_failed.size();

  for (const auto& [value, field] : {std::pair{b.active, "active"}, {b.succeeded, "succeeded"}, {b.failed, "failed"}})
    if (value < 0) return fmt::format("status.{}: Invalid value: {}: must be greater than or equal to 0", field, value);
  const bool ready_or_active = a.ready != b.ready || a.active != b.active;
  if (ready_or_active && b.ready > b.active) return fmt::format("status.ready: Invalid value: {}: cannot set more ready pods than active", b.ready);

  const bool complete = is.complete, failed = is.failed, finished = is.finished();
  if (complete && failed && (complete_changed || failed_changed))
    return "status.conditions: Invalid value: null: cannot set Complete=True and Failed=true conditions";
  if (complete && is.failure_target && (complete_changed || was.failure_target != is.failure_target))
    return "status.conditions: Invalid value: null: cannot set Complete=True and FailureTarget=true conditions";
  if (failed && failed_changed && !is.failure_target)
    return "status.conditions: Invalid value: null: cannot set Failed=True condition without the FailureTarget=true condition";
  if (complete && complete_changed && !is.success_criteria)
    return "status.conditions: Invalid value: null: cannot set Complete=True condition without the SuccessCriteriaMet=true condition";
  if (is.success_criteria && (failed || is.failure_target))
    return "status.conditions: Invalid value: null: cannot set SuccessCriteriaMet=True and Failed=true or FailureTarget=true conditions";
  if ((was.failed && !failed) || (was.complete && !complete) || (was.failure_target && !is.failure_target) || (was.success_criteria && !is.success_criteria))
    return "status.conditions: Invalid value: null: cannot disable a terminal condition";

  const bool finished_changed = was.finished() != finished;
  if (b.completion_time && !complete && (a.completion_time != b.completion_time || complete_changed))
    return "status.completionTime: Invalid value: cannot set completionTime when there is no Complete=True condition";
  if (complete && !b.completion_time && complete_changed) return "status.completionTime: Required value: completionTime is required for Complete jobs";
  if (complete && b.start_time && b.completion_time < b.start_time) return "status.completionTime: Invalid value: completionTime cannot be set before startTime";
  if (a.completion_time && a.completion_time != b.completion_time) return "status.completionTime: Invalid value: field is immutable";
  if (finished && b.active > 0 && (finished_changed || a.active != b.active)) return "status.active: Invalid value: active>0 is invalid for finished job";
  if (finished && b.terminating > 0 && (finished_changed || a.terminating != b.terminating))
    return "status.terminating: Invalid value: terminating>0 is invalid for finished job";
  if (finished && uncounted > 0) return "status.uncountedTerminatedPods: Invalid value: uncountedTerminatedPods needs to be empty for finished job";
  const bool complete_without_start = new_job.spec->suspend && new_job.spec->completions == 0;
  if (finished && !b.start_time && !complete_without_start && (finished_changed || a.start_time != b.start_time))
    return "status.startTime: Required value: startTime is required for finished job";
  const bool resumed = was.suspended && !is.suspended;
  if (a.start_time && a.start_time != b.start_time && !new_job.spec->suspend && !resumed)
    return "status.startTime: Required value: startTime cannot be removed for unsuspended job";
  if (b.failed < a.failed) return fmt::format("status.failed: Invalid value: {}: cannot decrease the failed counter", b.failed);
  const bool elastic = indexed && new_job.spec->completions == new_job.spec->parallelism;
  if (b.succeeded < a.succeeded && !elastic) return fmt::format("status.succeeded: Invalid value: {}: cannot decrease the succeeded counter", b.succeeded);
  return {};
}

}  // namespace orrery
