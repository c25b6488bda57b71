// Deleting and creating the Jobs of a CronJob: history (C-120 … C-124), Replace (C-088), creation (C-089, C-100 … C-104).
#include <algorithm>

#include <fmt/format.h>

#include "cron_job_controller.hpp"
#include "support/owners.hpp"

namespace orrery::cron_job {

std::string job_name(const CronJob& cron, Time slot) {
  const fmt::format_int minute(unix_seconds(slot) / 60);
  std::string name;
  name.reserve(cron.name().size() + 1 + minute.size());
  return name.append(cron.name()).append(1, '-').append(minute.data(), minute.size());
}

namespace {

/// Adds the Jobs to go, oldest first: all but the last `limit` by start time (C-121).
void add_surplus(std::vector<Ref<const Job>>& out, const Jobs& jobs, Symbol finished, std::int64_t limit) {
  if (limit == kUnset) return;
  const auto all = std::count_if(jobs.begin(), jobs.end(), [&](const ListedJob& j) { return j.finished == finished; });
  if (all <= limit) return;
  std::vector<const ListedJob*> going;
  going.reserve(static_cast<std::size_t>(all));
  for (const ListedJob& j : jobs)
    if (j.finished == finished) going.push_back(&j);
  std::sort(going.begin(), going.end(), [](const ListedJob* a, const ListedJob* b) {
    const Stamp x = a->started, y = b->started;
    if (static_cast<bool>(x) != static_cast<bool>(y)) return static_cast<bool>(x);
    return x != y ? x < y : a->job->name() < b->job->name();
  });
  going.resize(static_cast<std::size_t>(all - limit));
  for (const ListedJob* j : going) out.push_back(j->job);
}

}  // namespace

Task<void> CronJobController::clean_history(Sync& s) {
  const CronJobSpec& spec = *s.cron->spec;
  std::vector<Ref<const Job>> going;
  add_surplus(going, s.jobs, sym::Complete, spec.successful_limit);
  add_surplus(going, s.jobs, sym::Failed, spec.failed_limit);
  if (going.empty()) return {};
  return delete_jobs(s, std::move(going));
}

Task<void> CronJobController::delete_jobs(Sync& s, std::vector<Ref<const Job>> going) {
  for (const Ref<const Job>& job : going) {
    Task<bool> deleting = delete_job(s, job);
    const bool deleted = co_await deleting;
    if (deleted) s.dirty = true;
  }
}

/// With its pods, and out of the active list. False: an error, which is reported.
Task<bool> CronJobController::delete_job(Sync& s, Ref<const Job> job) {
  const DeleteOptions with_pods{.propagation = Propagation::background, .uid = {}};
  Client::Call call = client().remove(*job, with_pods);
  const ApiResult gone = co_await call;
  if (!gone.ok()) {
    report(*s.cron, sym::Warning, "FailedDelete", "Deleted job: " + gone.message());
    co_return false;
  }
  remove_active(*s.cron, job->uid());
  report(*s.cron, sym::Normal, deleted_, std::string("Deleted job ").append(job->name()));
  co_return true;
}

/// S13: every active Job has to go first. False: an error.
Task<bool> CronJobController::replace_active(Sync& s) {
  const std::vector<ActiveJob> active = s.cron->status.active;
  for (const ActiveJob& entry : active) {
    Client::Call call = client().get(Kind::job, s.key.ns, entry.name);
    const ApiResult found = co_await call;
    if (!found.ok()) {
      report(*s.cron, sym::Warning, "FailedGet", "Get job: " + found.message());
      co_return false;
    }
    const Ref<const Job> job(static_cast<const Job*>(found.object.get()));
    Task<bool> deleting = delete_job(s, job);
    const bool deleted = co_await deleting;
    if (!deleted) co_return false;
    s.dirty = true;
  }
  co_return true;
}

std::vector<StringMap::Item> SlotAnnotations::filled(const Identity&, std::int64_t slot) const {
  std::vector<StringMap::Item> items;
  if (spec->job_template->annotations) items = spec->job_template->annotations->items;
  std::string at = format_rfc3339(from_unix_seconds(slot), *spec->zone);
  const auto place = std::lower_bound(items.begin(), items.end(), kTimestampAnnotation, [](const auto& item, std::string_view key) { return item.first < key; });
  if (place != items.end() && place->first == kTimestampAnnotation)
    place->second = std::move(at);
  else
    items.insert(place, {std::string(kTimestampAnnotation), std::move(at)});
  return items;
}

Ref<Job> CronJobController::new_job(const CronJob& cron, const std::string& name, Uid uid, Time slot) {
  Listed& known = listed(slot_key_of(cron));
  if (!known.owners || known.owners->items[0].uid != cron.uid()) {
    known.owners = sole_owner(cron);
  }
  if (!known.annotations || known.annotations->spec != cron.spec) known.annotations = make_ref<SlotAnnotations>(cron.spec);
  Ref<Job> job = cron.spec->job_template->make_job(cron.ns(), name, uid, cluster_.names());
  job->meta.set_annotations(StringMap::outlined(known.annotations, job->meta.id, unix_seconds(slot)));
  job->meta.set_owners(known.owners);
  return job;
}

/// S14 and S15.
Task<Verdict> CronJobController::start_job(Sync& s, std::string name, Time slot, Time now) {
  constexpr Verdict kFailed{.error = true, .delay = {}};
  CronJob& cron = *s.cron;
  const Uid uid = store().new_uid();
  ApiResult result;
  const std::string refusal = cron.spec->job_template->refusal(cron.ns(), name, uid, cluster_.names());
  if (refusal.empty()) {
    Client::Call creating = client().create(new_job(cron, name, uid, slot));
    result = co_await creating;
  } else {
    // The request takes its time and its share of the client's rate before it is refused.
    Client::Call asking = client().get(Kind::job, cron.ns(), name);
    result = co_await asking;
    if (result.status != ApiStatus::unavailable) result = {ApiStatus::invalid, refusal};
  }
  if (result.ok()) {
    report(cron, sym::Normal, created_, "Created job " + name);
  } else if (result.status == ApiStatus::already_exists) {
    // The real controller means to look whether the Job is its own, and to list it if so. But it asks for the Job by the
    // namespace of its request, which it never sets, and gets an error: the sync is tried again with back-off until another
    // slot is due, and nothing is ever adopted (trace cron-name-taken).
    constexpr Symbol kNoNamespace = 0;
    Client::Call asking = client().get(Kind::job, kNoNamespace, name);
    result = co_await asking;
    co_return kFailed;
  } else {
    report(cron, sym::Warning, "FailedCreate", "Error creating job: " + result.message());
    co_return kFailed;
  }
  cron.status.active.push_back({name, result.object->uid(), result.object->meta.resource_version});
  cron.status.last_schedule = stamp(slot);
  s.dirty = true;
  co_return later(cron, now);
}

}  // namespace orrery::cron_job
