// One sync of a CronJob: steps S1 to S15 of C-080.
#include <algorithm>

#include <fmt/format.h>

#include "cron_job_controller.hpp"
#include "orrery/api/validation.hpp"

namespace orrery::cron_job {

using validation::go_quoted;

Symbol finished_as(const Job& job) {
  for (const Condition& c : job.status.conditions)
    if ((c.type == sym::Complete || c.type == sym::Failed) && c.status == sym::True) return c.type;
  return 0;
}

ListedJob::ListedJob(const Job& of) : job(&of), uid(of.uid()), finished(finished_as(of)), started(of.status.start_time), completed(of.status.completion_time), complete(of.status.complete()) {}

const ActiveJob* find_active(const CronJob& cron, Uid uid) {
  for (const ActiveJob& job : cron.status.active)
    if (job.uid == uid) return &job;
  return nullptr;
}

void remove_active(CronJob& cron, Uid uid) {
  std::erase_if(cron.status.active, [&](const ActiveJob& job) { return job.uid == uid; });
}

/// To be used at once.
NextSlot CronJobController::next_slot(const CronJob& cron) {
  Listed* known = find_listed(slot_key_of(cron));
  return known == nullptr ? NextSlot(*cron.spec->cron.schedule) : NextSlot(cron.spec, known->slots);
}

Verdict CronJobController::later(const CronJob& cron, Time now) {
  return {.error = false, .delay = requeue_delay(facts_of(cron), next_slot(cron), now)};
}

Task<Outcome> CronJobController::sync(const ObjectKey& key) {
  const CronJob* cached = static_cast<const CronJob*>(find_cached(store(), Kind::cronjob, key));
  if (cached == nullptr) return Outcome::stopped();
  if (const std::optional<Outcome> nothing = idle(*cached, listed(key))) return *nothing;
  return sync_all(key, Ref<const CronJob>(cached));
}

/// How a sync ends that finds nothing to call for, to report or to write. Most are like that, as every change of a Job asks
/// for one. Nothing where there may be something to do: then sync_all finds out what.
std::optional<Outcome> CronJobController::idle(const CronJob& cron, Listed& listed) const {
  const CronJobSpec& spec = *cron.spec;
  const CronJobStatus& status = cron.status;
  std::size_t active = 0;
  std::int64_t complete = 0, failed = 0;
  for (const ListedJob& job : listed.jobs) {
    const bool is_active = find_active(cron, job.uid) != nullptr;
    if (is_active == (job.finished != 0)) return {};
    if (job.complete && (!status.last_successful || job.completed > status.last_successful)) return {};
    active += is_active;
    complete += job.finished == sym::Complete;
    failed += job.finished == sym::Failed;
  }
  if (active != status.active.size()) return {};
  if ((spec.successful_limit != kUnset && complete > spec.successful_limit) || (spec.failed_limit != kUnset && failed > spec.failed_limit)) return {};
  if (cron.meta.deleted) return Outcome::stopped();
  if (spec.time_zone && !spec.zone) return {};
  if (spec.suspend) return Outcome::stopped();
  if (spec.zone_in_schedule() || !spec.cron.schedule) return {};
  const NextSlot next(cron.spec, listed.slots);
  const Facts facts = facts_of(cron);
  const Recent recent = most_recent(facts, next, now(), true);
  if (recent.error) return {};
  if (recent.slot) {
    // A slot that has passed is over where it is the last that was started.
    if (recent.missed == Missed::many || too_late(facts, *recent.slot, now())) return {};
    if (!status.last_schedule || status.last_schedule != stamp(*recent.slot)) return {};
  }
  return Outcome::again_after(std::max(requeue_delay(facts, next, now()), Duration{}));
}

Task<Outcome> CronJobController::sync_all(const ObjectKey& key, Ref<const CronJob> cached) {
  Sync s{.key = key, .sent = clone_as(*cached), .cron = {}, .jobs = listed(key).jobs};
  s.cron = s.sent;
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
  const Recent recent = most_recent(facts_of(cron), next_slot(cron), now, true);
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
  std::string name = job_name(cron, slot);
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
  Task<Verdict> starting = start_job(s, std::move(name), slot, now);
  const Verdict verdict = co_await starting;
  co_return verdict;
}

/// S1: what became of each Job. False: an error.
Task<bool> CronJobController::look_at_jobs(Sync& s) {
  for (const ListedJob& job : s.jobs) {
    const bool active = find_active(*s.cron, job.uid) != nullptr;
    if (job.finished != 0) {
      look_at_finished(s, job, active);
      continue;
    }
    if (active) continue;
    Client::Call call = client().get(Kind::cronjob, s.key.ns, s.key.name);
    const ApiResult live = co_await call;
    if (!live.ok()) co_return false;
    const CronJob& fresh = static_cast<const CronJob&>(*live.object);
    if (find_active(fresh, job.uid) != nullptr)
      s.cron = clone_as(fresh);
    else
      report(*s.cron, sym::Warning, "UnexpectedJob", fmt::format("Saw a job that the controller did not create or forgot: {}", job.job->name()));
  }
  co_return true;
}

void CronJobController::look_at_finished(Sync& s, const ListedJob& job, bool active) {
  if (active) {
    remove_active(*s.cron, job.uid);
    constexpr std::string_view kSaw = "Saw completed job: ", kCondition = ", condition: ";
    const std::string_view name = job.job->name();
    const std::string_view condition = cluster_.text(job.finished);
    std::string message;
    message.reserve(kSaw.size() + name.size() + kCondition.size() + condition.size());
    message.append(kSaw).append(name).append(kCondition).append(condition);
    report(*s.cron, sym::Normal, completed_, std::move(message));
    s.dirty = true;
  }
  if (!job.complete) return;
  Stamp& last = s.cron->status.last_successful;
  if (!last || job.completed > last) {
    last = job.completed;
    s.dirty = true;
  }
}

/// S2: active Jobs that the cache does not show are looked for in the API. False: an error.
Task<bool> CronJobController::drop_missing(Sync& s) {
  std::vector<ActiveJob> missing;
  for (const ActiveJob& entry : s.cron->status.active)
    if (std::none_of(s.jobs.begin(), s.jobs.end(), [&](const ListedJob& j) { return j.uid == entry.uid; })) missing.push_back(entry);
  if (missing.empty()) return true;
  return drop_missing(s, std::move(missing));
}

Task<bool> CronJobController::drop_missing(Sync& s, std::vector<ActiveJob> missing) {
  for (const ActiveJob& entry : missing) {
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
