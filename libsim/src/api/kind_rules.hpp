#pragma once
// The rules of each kind, as validation.cpp calls them.
#include <cstdint>
#include <optional>

#include "support.hpp"

namespace orrery::validation {

using CreateRules = void (*)(const json& object, Errors& errors);
using UpdateRules = void (*)(const json& new_object, const json& old_object, Errors& errors);

void check_job_create(const json& job, Errors& errors);
void check_job_update(const json& new_job, const json& old_job, Errors& errors);
void check_job_status_update(const json& new_job, const json& old_job, Errors& errors);
void check_job_spec(const Path& path, const json& spec, Errors& errors);  ///< without the selector

void check_cron_job_create(const json& cron_job, Errors& errors);
void check_cron_job_update(const json& new_cron_job, const json& old_cron_job, Errors& errors);

void check_daemon_set_create(const json& daemon_set, Errors& errors);
void check_daemon_set_update(const json& new_daemon_set, const json& old_daemon_set, Errors& errors);
void check_daemon_set_status_update(const json& new_daemon_set, const json& old_daemon_set, Errors& errors);

void check_pod_template_create(const json& pod_template, Errors& errors);
void check_pod_template_update(const json& new_template, const json& old_template, Errors& errors);

void check_workflow_create(const json& workflow, Errors& errors);
void check_workflow_update(const json& new_workflow, const json& old_workflow, Errors& errors);

void check_node_create(const json& node, Errors& errors);
void check_node_update(const json& new_node, const json& old_node, Errors& errors);

void check_controller_revision_create(const json& revision, Errors& errors);
void check_controller_revision_update(const json& new_revision, const json& old_revision, Errors& errors);
void check_disruption_budget_create(const json& budget, Errors& errors);
void check_disruption_budget_update(const json& new_budget, const json& old_budget, Errors& errors);
void check_disruption_budget_status_update(const json& new_budget, const json& old_budget, Errors& errors);
void check_lease_create(const json& lease, Errors& errors);
void check_lease_update(const json& new_lease, const json& old_lease, Errors& errors);
void check_priority_class_create(const json& priority_class, Errors& errors);
void check_priority_class_update(const json& new_class, const json& old_class, Errors& errors);

/// A count or a percentage: at least 0. `Path` of the field; absent counts as 0.
void check_count_or_percent(const Path& path, const json* value, Errors& errors);
void check_at_most_100_percent(const Path& path, const json* value, Errors& errors);

/// A list of completion indexes as in a Job's status and success policy ("0,2-4"), each below `completions` (J-212).
/// `error` says what is wrong with it, in the API server's words; empty: it is fine and `count` indexes are listed.
struct IndexList {
  std::int64_t count = 0;
  std::string error;
};
IndexList parse_index_list(std::string_view text, std::int64_t completions);

/// An index that is in both lists, as the API server's error says it; empty: none. Intervals that do not parse are skipped.
std::string overlapping_index(std::string_view completed, std::string_view failed, std::int64_t completions);

/// What Go's strconv.Atoi takes: an optional sign and decimal digits. None if not a number or not a 64-bit one.
std::optional<std::int64_t> parse_go_int(std::string_view text);

}  // namespace orrery::validation
