// CronJobs: C-005 to C-008. Source: pkg/apis/batch/validation/validation.go.
#include <fmt/format.h>

#include <algorithm>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

constexpr std::size_t kMaxNameLength = 52;  // leaves room for "-" and ten digits in the name of a Job

bool mentions_zone(std::string_view schedule) { return schedule.find("TZ") != std::string_view::npos; }

void check_schedule(const Path& path, const json& spec, const json* old_spec, Errors& errors) {
  const std::string_view schedule = text(spec, "schedule");
  if (schedule.empty()) {
    errors.required(path);
    return;
  }
  const std::string error = cron_schedule_error(schedule);
  if (!error.empty()) errors.invalid(path, go_quoted(schedule), error);
  if (!mentions_zone(schedule)) return;
  const bool grandfathered = old_spec != nullptr && mentions_zone(text(*old_spec, "schedule"));
  if (!grandfathered) {
    errors.invalid(path, go_quoted(schedule), "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  } else if (member(spec, "timeZone") != nullptr) {
    errors.invalid(path, go_quoted(schedule), "cannot use both timeZone field and TZ or CRON_TZ in schedule");
  }
}

bool is_zone_part(std::string_view part) {
  if (part.empty() || part.size() > 14 || part == "." || part == ".." || part.front() == '-') return false;
  return std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '+';
  });
}

void check_time_zone(const Path& path, const json* zone, Errors& errors) {
  if (zone == nullptr) return;
  const std::string_view name = text(*zone);
  const std::string shown = json_quoted(name);
  const std::string unknown = fmt::format("unknown time zone {}", name);
  if (name.empty()) {
    errors.invalid(path, shown, "timeZone must be nil or non-empty string");
    return;
  }
  for (std::string_view rest = name;;) {
    const std::size_t end = rest.find('/');
    if (!is_zone_part(rest.substr(0, end))) {
      errors.invalid(path, shown, unknown);
      return;
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower == "local") {
    errors.invalid(path, shown, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  }
  if (name == "Local") return;
  // Names may hold two dots inside a part; the loader takes those for an attempt to leave its directory.
  if (name.find("..") != std::string_view::npos) {
    errors.invalid(path, shown, "time: invalid location name");
  } else if (!is_known_time_zone(name)) {
    errors.invalid(path, shown, unknown);
  }
}

void check_spec(const Path& path, const json& spec, const json* old_spec, Errors& errors) {
  check_schedule(path.child("schedule"), spec, old_spec, errors);
  errors.nonnegative(path.child("startingDeadlineSeconds"), number(spec, "startingDeadlineSeconds"));
  const json* zone = member(spec, "timeZone");
  if (old_spec == nullptr || !semantically_equal("*s", zone, member(*old_spec, "timeZone"))) {
    check_time_zone(path.child("timeZone"), zone, errors);
  }
  const std::string_view policy = text(spec, "concurrencyPolicy");
  if (policy.empty()) {
    errors.required(path.child("concurrencyPolicy"));
  } else if (policy != "Allow" && policy != "Forbid" && policy != "Replace") {
    errors.not_supported(path.child("concurrencyPolicy"), json_quoted(policy), {"Allow", "Forbid", "Replace"});
  }
  const json& job_spec = object(object(spec, "jobTemplate"), "spec");
  const Path job_path = path.child("jobTemplate.spec");
  check_job_spec(job_path, job_spec, errors);
  if (const json* selector = member(job_spec, "selector")) {
    errors.invalid(job_path.child("selector"), wire_text("LabelSelector", selector), "`selector` will be auto-generated");
  }
  if (flag(job_spec, "manualSelector")) errors.not_supported(job_path.child("manualSelector"), "true", {"nil", "false"});
  for (const char* field : {"successfulJobsHistoryLimit", "failedJobsHistoryLimit"}) {
    errors.nonnegative(path.child(field), number(spec, field));
  }
}

}  // namespace

void check_cron_job_create(const json& cron_job, Errors& errors) {
  const Path path("spec");
  check_metadata(cron_job, Scope::namespaced, errors);
  check_spec(path, object(cron_job, "spec"), nullptr, errors);
  const std::string_view name = text(object(cron_job, "metadata"), "name");
  if (name.size() > kMaxNameLength) errors.invalid(Path("metadata.name"), go_quoted(name), "must be no more than 52 characters");
}

void check_cron_job_update(const json& new_cron_job, const json& old_cron_job, Errors& errors) {
  const Path path("spec");
  check_kind_metadata_update(new_cron_job, old_cron_job, errors);
  check_spec(path, object(new_cron_job, "spec"), &object(old_cron_job, "spec"), errors);
}

}  // namespace orrery::validation
