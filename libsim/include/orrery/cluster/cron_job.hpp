#pragma once
// CronJobs as typed objects, and the Jobs that their templates make.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orrery/api/cron.hpp"
#include "orrery/cluster/objects.hpp"

namespace orrery {

/// spec.jobTemplate: shared by all versions of a CronJob. What its Jobs have in common (the parsed spec, the pod spec) is
/// made with the first of them and shared by all.
struct JobTemplate : RefCounted {
  JobTemplate();
  ~JobTemplate();
  Ref<const StringMap> labels, annotations;
  /// The template as compact JSON.
  const std::string& text() const { return text_; }

  /// What the API makes of a Job of this template on its way into the store: defaulted, with the generated selector and
  /// labels (C-101, C-104, J-041). Without annotations and owners. The time is that of copying a few short texts.
  Ref<Job> make_job(Symbol ns, const std::string& name, Uid uid, Interner& names) const;
  /// Why the API refuses such a Job, in its words; empty: it does not. The template's metadata is checked only here.
  std::string refusal(Symbol ns, const std::string& name, Uid uid, Interner& names) const;

  static Ref<const JobTemplate> make(const nlohmann::json& job_template);

 private:
  struct Prototype;
  const Prototype& prototype(Symbol ns, Interner& names) const;
  nlohmann::json job_object(std::string_view ns, std::string_view name, std::string_view uid) const;

  std::string text_;
  mutable std::unique_ptr<Prototype> prototype_;
};

struct CronJobSpec : RefCounted {
  enum class Concurrency : std::uint8_t { allow, forbid, replace };
  std::string schedule;
  std::optional<std::string> time_zone;
  std::int64_t starting_deadline_s = kUnset;
  std::int64_t successful_limit = kUnset, failed_limit = kUnset;
  Concurrency concurrency = Concurrency::allow;
  bool suspend = false;
  Ref<const JobTemplate> job_template;

  /// The schedule in its zone, composed as in C-083.
  CronParse cron;
  /// The zone of the scheduled-timestamp annotation; nothing where `time_zone` is unknown.
  std::optional<TimeZone> zone;
  /// TZ or CRON_TZ stands in the schedule itself: timeZone has no say then.
  bool zone_in_schedule() const { return schedule.find("TZ") != std::string::npos; }

  /// The whole spec as compact JSON, but for `jobTemplate` and the closing brace.
  const std::string& text() const { return text_; }
  bool operator==(const CronJobSpec& o) const {
    return text_ == o.text_ && (job_template == o.job_template || job_template->text() == o.job_template->text());
  }
  /// `spec` must have passed validation. The template of `old` (may be null) is kept where it is the same.
  static Ref<const CronJobSpec> make(const nlohmann::json& spec, const CronJobSpec* old = nullptr);

 private:
  void compose();
  std::string text_;
};

/// An entry of status.active (C-110): a Job of the CronJob's namespace, with its version at creation or adoption.
struct ActiveJob {
  std::string name;
  Uid uid;
  std::uint64_t resource_version = 0;
  bool operator==(const ActiveJob&) const = default;
};
struct CronJobStatus {
  std::vector<ActiveJob> active;
  Stamp last_schedule, last_successful;
  bool operator==(const CronJobStatus&) const = default;
};

struct CronJob final : Object {
  CronJob() : Object(Kind::cronjob) {}
  Ref<const CronJobSpec> spec;
  CronJobStatus status;
};

}  // namespace orrery
