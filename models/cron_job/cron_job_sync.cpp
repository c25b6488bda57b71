// One sync of a CronJob: steps S1 to S15 of C-080.
#include <algorithm>

#include <fmt/format.h>

#include "cron_job_controller.hpp"
#include "orrery/api/validation.hpp"
#include "slots.hpp"

namespace orrery::cron_job {

using validation::go_quoted;

Symbol finished_as(const Job& job) {
  for (const Condition& c : job.status.conditions)
    if ((c.type == sym::Complete || c.type == sym::Failed) && c.status == sym::True) return c.type;
  return 0;
}

const ActiveJob* find_active(const CronJob& cron, Uid uid) {
  for (const ActiveJob& job : cron.status.active)
    if (job.uid == uid) return &job;
  return nullptr;
}

void remove_active(CronJob& cron, Uid uid) {
  std::erase_if(cron.status.active, [&](const ActiveJob& job) { return job.uid == uid; });
}

Verdict CronJobController::later(const CronJob& cron, Time now) const {
  return {.error = false, .delay = requeue_delay(facts_of(cron), *cron.spec->cron.schedule, now)};
}

Task<Outcome> CronJobController::sync(ObjectKey key) {
  const CronJob* cached = store().cached_cron_job(key.ns, key.name);
  if (cached == nullptr) co_return Outcome::stopped();
  Sync s;
  s.key = key;
  s.sent = clone_as(*cached);
  s.cron = s.sent;
  if (const auto it = jobs_.find(key); it != jobs_.end()) s.jobs = it->second;
  Task<void> cleaning = clean_history(s);
  co_await cleaning;
  Task<Verdict> reconciling = reconcile(s);
  const Verdict verdict = co_await reconciling;
  if (s.dirty) {
    Client::Call call = client().update_status(s.sent);
    const ApiResult written = co_await call;
    if (!written.ok()) co_return Outcome::failed();
  }
  if (verdict.delay) co_return Outcome::again_after(std::max(*verdict.delay, Duration{}));
  co_return verdict.error ? Outcome::failed() : Outcome::stopped();
}

Task<Verdict> CronJobController::reconcile(Sync& s) {
  const Time now = this->now();
  constexpr Verdict kFailed{.error = true, .delay = {}}, kStop{};
  Task<bool> looking = look_at_jobs(s);
  const bool looked = co_await looking;
  if (!looked) co_return kFailed;
  Task<bool> dropping = drop_missing(s);
  const bool dropped = co_await dropping;
  if (!dropped) co_return kFailed;

  CronJob& cron = *s.cron;
  const CronJobSpec& spec = *cron.spec;
  if (cron.meta.deleted) co_return kStop;
  if (spec.time_zone && !spec.zone) {
    report(cron, sym::Warning, "UnknownTimeZone", fmt::format("invalid timeZone: {}: unknown time zone {}", go_quoted(*spec.time_zone), *spec.time_zone));
    co_return kStop;
  }
  if (spec.suspend) co_return kStop;
  if (spec.zone_in_schedule())
    report(cron, sym::Warning, "UnsupportedSchedule",
           fmt::format("CRON_TZ or TZ used in schedule {} is not officially supported, see "
                       "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
                       go_quoted(spec.schedule)));
  if (!spec.cron.schedule) {
    report(cron, sym::Warning, "UnparseableSchedule", fmt::format("unparseable schedule: {} : {}", go_quoted(spec.schedule), spec.cron.error));
    co_return kStop;
  }
  const Recent recent = most_recent(facts_of(cron), *spec.cron.schedule, now, true);
  if (recent.error) {
    report(cron, sym::Warning, "InvalidSchedule", fmt::format("invalid schedule: {} : {}", spec.schedule, kTooDense));
    co_return kStop;
  }
  if (!recent.slot) co_return later(cron, now);
  const Time slot = *recent.slot;
  if (recent.missed == Missed::many)
    report(cron, sym::Warning, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
  if (too_late(facts_of(cron), slot, now)) {
    report(cron, sym::Warning, "MissSchedule", fmt::format("Missed scheduled time to start a job: {}", format_rfc1123(slot)));
    co_return later(cron, now);
  }
  const std::string name = job_name(cron, slot);
  const auto& active = cron.status.active;
  const bool started = std::any_of(active.begin(), active.end(), [&](const ActiveJob& j) { return j.name == name; });
  if (started || (cron.status.last_schedule && cron.status.last_schedule == stamp(slot))) co_return later(cron, now);
  if (spec.concurrency == CronJobSpec::Concurrency::forbid && !active.empty()) {
    report(cron, sym::Normal, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
    co_return later(cron, now);
  }
  if (spec.concurrency == CronJobSpec::Concurrency::replace) {
    Task<bool> replacing = replace_active(s);
    const bool replaced = co_await replacing;
    if (!replaced) co_return kFailed;
  }
  Task<Verdict> starting = start_job(s, slot, now);
  const Verdict verdict = co_await starting;
  co_return verdict;
}

/// S1: what became of each Job. False: an error.
Task<bool> CronJobController::look_at_jobs(Sync& s) {
  for (const Ref<const Job>& job : s.jobs) {
    const bool listed = find_active(*s.cron, job->uid()) != nullptr;
    const Symbol finished = finished_as(*job);
    if (finished == 0 && !listed) {
      Client::Call call = client().get(Kind::cronjob, s.key.ns, s.key.name);
      const ApiResult live = co_await call;
      if (!live.ok()) co_return false;
      const CronJob& fresh = static_cast<const CronJob&>(*live.object);
      if (find_active(fresh, job->uid()) != nullptr)
        s.cron = clone_as(fresh);
      else
        report(*s.cron, sym::Warning, "UnexpectedJob", "Saw a job that the controller did not create or forgot: " + job->name());
      continue;
    }
    if (finished == 0) continue;
    if (listed) {
      remove_active(*s.cron, job->uid());
      report(*s.cron, sym::Normal, "SawCompletedJob", fmt::format("Saw completed job: {}, condition: {}", job->name(), cluster_.text(finished)));
      s.dirty = true;
    }
    if (!job->status.complete()) continue;
    Stamp& last = s.cron->status.last_successful;
    if (!last || job->status.completion_time > last) {
      last = job->status.completion_time;
      s.dirty = true;
    }
  }
  co_return true;
}

/// S2: active Jobs that the cache does not show are looked for in the API. False: an error.
Task<bool> CronJobController::drop_missing(Sync& s) {
  const std::vector<ActiveJob> active = s.cron->status.active;
  for (const ActiveJob& entry : active) {
    if (std::any_of(s.jobs.begin(), s.jobs.end(), [&](const Ref<const Job>& j) { return j->uid() == entry.uid; })) continue;
    Client::Call call = client().get(Kind::job, s.key.ns, entry.name);
    const ApiResult found = co_await call;
    if (found.ok()) continue;
    if (found.status != ApiStatus::not_found) co_return false;
    report(*s.cron, sym::Normal, "MissingJob", "Active job went missing: " + entry.name);
    remove_active(*s.cron, entry.uid);
    s.dirty = true;
  }
  co_return true;
}

}  // namespace orrery::cron_job
