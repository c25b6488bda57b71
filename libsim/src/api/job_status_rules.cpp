// Writes to the status of a Job: J-018. A rule is applied only when what it is about changed, so that an object that
// was stored before the rule existed can still be updated.
// Sources: pkg/registry/batch/job/strategy.go, pkg/apis/batch/validation/validation.go.
#include <fmt/format.h>

#include <set>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

bool has_condition(const json& status, std::string_view type, std::string_view value = "True") {
  for (const json& condition : list(status, "conditions")) {
    if (text(condition, "type") == type && text(condition, "status") == value) return true;
  }
  return false;
}

/// One status with the questions the rules ask of it.
struct Status {
  explicit Status(const json& job) : tree(object(job, "status")) {}
  const json& tree;
  bool complete = has_condition(tree, "Complete");
  bool failed = has_condition(tree, "Failed");
  bool failure_target = has_condition(tree, "FailureTarget");
  bool success_criteria_met = has_condition(tree, "SuccessCriteriaMet");
  bool finished = complete || failed;
  std::int64_t active = number(tree, "active");
  const json* start_time = member(tree, "startTime");
  const json* completion_time = member(tree, "completionTime");
  const json* ready = member(tree, "ready");
  const json* terminating = member(tree, "terminating");
  const json* failed_indexes = member(tree, "failedIndexes");
  std::string_view completed_indexes = text(tree, "completedIndexes");
};

bool same(const json* a, const json* b) { return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b); }

std::string plain(std::int64_t value) { return fmt::format("{}", value); }
std::string shown(const json* value) { return value == nullptr ? "null" : go_json(*value); }

void check_uncounted(const Path& path, const json* uncounted, Errors& errors) {
  if (uncounted == nullptr) return;
  std::set<std::string_view> seen;
  for (const char* field : {"succeeded", "failed"}) {
    const json& uids = list(*uncounted, field);
    const Path own = path.child(field);
    for (std::size_t i = 0; i < uids.size(); ++i) {
      if (text(uids[i]).empty()) {
        errors.invalid(own.index(i), "\"\"", "must not be empty");
      } else if (!seen.insert(text(uids[i])).second) {
        errors.duplicate(own.index(i), json_quoted(text(uids[i])));
      }
    }
  }
}

void check_counts(const Path& path, const Status& now, Errors& errors) {
  for (const char* field : {"active", "succeeded", "failed", "ready", "terminating"}) {
    errors.nonnegative(path.child(field), number(now.tree, field));
  }
  check_uncounted(path.child("uncountedTerminatedPods"), member(now.tree, "uncountedTerminatedPods"), errors);
}

void check_indexes(const Path& path, const json& spec, const Status& now, bool completed_changed, bool failed_changed, Errors& errors) {
  const json* completions_value = member(spec, "completions");
  const std::int64_t completions = completions_value == nullptr ? 0 : number(*completions_value);
  const bool per_index = member(spec, "backoffLimitPerIndex") != nullptr;
  const Path completed_path = path.child("completedIndexes");
  const Path failed_path = path.child("failedIndexes");
  if (completed_changed && completions_value != nullptr) {
    const IndexList parsed = parse_index_list(now.completed_indexes, completions);
    if (!parsed.error.empty()) {
      errors.invalid(completed_path, go_quoted(now.completed_indexes), fmt::format("error parsing completedIndexes: {}", parsed.error));
    }
  }
  if (failed_changed && completions_value != nullptr && per_index && now.failed_indexes != nullptr) {
    const IndexList parsed = parse_index_list(text(*now.failed_indexes), completions);
    if (!parsed.error.empty()) {
      errors.invalid(failed_path, json_quoted(text(*now.failed_indexes)), fmt::format("error parsing failedIndexes: {}", parsed.error));
    }
  }
  if (completed_changed && !now.completed_indexes.empty() && text(spec, "completionMode") != "Indexed") {
    errors.invalid(completed_path, go_quoted(now.completed_indexes), "cannot set non-empty completedIndexes when non-indexed completion mode");
  }
  if (failed_changed && !per_index && now.failed_indexes != nullptr) {
    errors.invalid(failed_path, go_quoted(text(*now.failed_indexes)), "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
  }
  if ((completed_changed || failed_changed) && completions_value != nullptr && now.failed_indexes != nullptr) {
    const std::string overlap = overlapping_index(now.completed_indexes, text(*now.failed_indexes), completions);
    if (!overlap.empty()) errors.invalid(failed_path, go_quoted(text(*now.failed_indexes)), overlap);
  }
}

void check_status(const Path& path, const json& spec, const Status& now, const Status& before, Errors& errors) {
  const Path conditions = path.child("conditions");
  const auto forbid = [&](bool applies, bool broken, std::string_view why) {
    if (applies && broken) errors.invalid(conditions, {}, why);
  };
  const bool finished_changed = now.finished != before.finished;
  const bool complete_changed = now.complete != before.complete;
  const bool failed_changed = now.failed != before.failed;
  const bool active_changed = now.active != before.active;
  const bool start_changed = !same(now.start_time, before.start_time);
  const bool completion_changed = !same(now.completion_time, before.completion_time);
  const bool completed_indexes_changed = now.completed_indexes != before.completed_indexes;
  const bool failed_indexes_changed = !same(now.failed_indexes, before.failed_indexes);
  const json* uncounted = member(now.tree, "uncountedTerminatedPods");
  const bool uncounted_changed =
      !semantically_equal("*UncountedTerminatedPods", uncounted, member(before.tree, "uncountedTerminatedPods"));
  const json* completions = member(spec, "completions");
  const bool nothing_to_start = flag(spec, "suspend") && completions != nullptr && number(*completions) == 0;

  check_counts(path, now, errors);
  forbid(complete_changed || failed_changed, now.complete && now.failed, "cannot set Complete=True and Failed=true conditions");
  forbid(complete_changed || now.failure_target != before.failure_target, now.complete && now.failure_target,
         "cannot set Complete=True and FailureTarget=true conditions");
  const Path completion_path = path.child("completionTime");
  if (complete_changed || completion_changed) {
    if (now.completion_time != nullptr && !now.complete) {
      errors.invalid(completion_path, shown(now.completion_time), "cannot set completionTime when there is no Complete=True condition");
    }
    if (now.completion_time == nullptr && now.complete) errors.required(completion_path, "completionTime is required for Complete jobs");
  }
  // Both are RFC 3339 in UTC with whole seconds, so they compare as text.
  if ((start_changed || completion_changed) && now.start_time != nullptr && now.completion_time != nullptr &&
      text(*now.completion_time) < text(*now.start_time)) {
    errors.invalid(completion_path, shown(now.completion_time), "must be equal to or after `startTime`");
  }
  forbid(failed_changed || failed_indexes_changed, now.failed && !now.failure_target,
         "cannot set Failed=True condition without the FailureTarget=true condition");
  forbid(complete_changed || now.success_criteria_met != before.success_criteria_met, now.complete && !now.success_criteria_met,
         "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
  if ((finished_changed || active_changed) && now.active > 0 && now.finished) {
    errors.invalid(path.child("active"), plain(now.active), "active>0 is invalid for finished job");
  }
  if ((finished_changed || start_changed) && !nothing_to_start && now.start_time == nullptr && now.finished) {
    errors.required(path.child("startTime"), "startTime is required for finished job");
  }
  if ((finished_changed || uncounted_changed) && now.finished && uncounted != nullptr &&
      list(*uncounted, "succeeded").size() + list(*uncounted, "failed").size() > 0) {
    errors.invalid(path.child("uncountedTerminatedPods"), internal_text("UncountedTerminatedPods", uncounted), "must be empty for finished job");
  }
  check_indexes(path, spec, now, completed_indexes_changed, failed_indexes_changed, errors);
  if ((finished_changed || !same(now.terminating, before.terminating)) && now.terminating != nullptr && number(*now.terminating) > 0 &&
      now.finished) {
    errors.invalid(path.child("terminating"), plain(number(*now.terminating)), "terminating>0 is invalid for finished job");
  }
  if ((active_changed || !same(now.ready, before.ready)) && now.ready != nullptr && number(*now.ready) > now.active) {
    errors.invalid(path.child("ready"), plain(number(*now.ready)), "cannot set more ready pods than active");
  }
  forbid(true, now.success_criteria_met && now.failed, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
  forbid(true, now.success_criteria_met && now.failure_target, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  forbid(member(spec, "successPolicy") != nullptr, now.complete && !now.success_criteria_met,
         "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
}

void check_transition(const Path& path, const json& spec, const Status& now, const Status& before, Errors& errors) {
  const Path conditions = path.child("conditions");
  for (const char* type : {"Failed", "Complete", "FailureTarget"}) {
    if (has_condition(before.tree, type) && !has_condition(now.tree, type)) {
      errors.invalid(conditions, {}, fmt::format("cannot disable the terminal {}=True condition", type));
    }
  }
  const bool elastic =
      text(spec, "completionMode") == "Indexed" && same(member(spec, "completions"), member(spec, "parallelism"));
  if (number(now.tree, "failed") < number(before.tree, "failed")) {
    errors.invalid(path.child("failed"), plain(number(now.tree, "failed")), "cannot decrease the failed counter");
  }
  if (!elastic && number(now.tree, "succeeded") < number(before.tree, "succeeded")) {
    errors.invalid(path.child("succeeded"), plain(number(now.tree, "succeeded")), "cannot decrease the succeeded counter");
  }
  if (now.completion_time != nullptr && before.completion_time != nullptr && *now.completion_time != *before.completion_time) {
    errors.invalid(path.child("completionTime"), shown(now.completion_time), "field is immutable");
  }
  const bool resuming = has_condition(before.tree, "Suspended") && has_condition(now.tree, "Suspended", "False");
  if (!resuming && before.start_time != nullptr && !same(before.start_time, now.start_time) && !flag(spec, "suspend")) {
    errors.invalid(path.child("startTime"), shown(now.start_time), "field is immutable for unsuspended job once set");
  }
  if (before.success_criteria_met && !now.success_criteria_met) {
    errors.invalid(conditions, {}, "cannot disable the SuccessCriteriaMet=True condition");
  }
  if (before.complete && !before.success_criteria_met && now.success_criteria_met) {
    errors.invalid(conditions, {}, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
  }
}

}  // namespace

void check_job_status_update(const json& new_job, const json& old_job, Errors& errors) {
  check_kind_metadata_update(new_job, old_job, errors);
  const Path path("status");
  const json& spec = object(new_job, "spec");
  const Status now(new_job);
  const Status before(old_job);
  check_status(path, spec, now, before, errors);
  check_transition(path, spec, now, before, errors);
}

}  // namespace orrery::validation
