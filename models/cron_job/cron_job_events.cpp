// Which change wakes which CronJob (C-061), and the Jobs of each.
#include <algorithm>

#include <fmt/format.h>

#include "cron_job_controller.hpp"

namespace orrery {
std::unique_ptr<Controller> make_cron_job_controller(Cluster& cluster) { return std::make_unique<cron_job::CronJobController>(cluster); }
}  // namespace orrery

namespace orrery::cron_job {

namespace {
constexpr std::uint32_t kWorkers = 5;  // --concurrent-cron-job-syncs
}

CronJobController::CronJobController(Cluster& cluster)
    : Controller(cluster, {.name = "cronjob", .component = "cronjob-controller", .position = 1}),
      queue_(cluster, "cronjob queue", kWorkers, {}, [this](const ObjectKey& key) { return sync(key); }) {}

void CronJobController::on_stop() {
  queue_.stop();
  listed_ = {};
}

void CronJobController::on_change(const Change& change) {
  if (change.kind == Kind::cronjob) return cron_job_changed(change);
  if (change.kind != Kind::job) return;
  list(change);
  job_changed(change);
}

void CronJobController::cron_job_changed(const Change& change) {
  const CronJob& cron = static_cast<const CronJob&>(*change.object);
  if (change.type == ChangeType::deleted)
    if (const Listed* known = find_listed(slot_key_of(cron)); known != nullptr && known->jobs.empty()) forget_listed(slot_key_of(cron));
  if (change.type == ChangeType::modified) {
    const CronJobSpec &before = *static_cast<const CronJob&>(*change.before).spec, &spec = *cron.spec;
    if (before.schedule != spec.schedule || before.time_zone != spec.time_zone) {
      if (!spec.cron.schedule) {
        report(cron, sym::Warning, "UnParseableCronJobSchedule", fmt::format("unparseable schedule for cronjob: {}", spec.schedule));
        return;
      }
      // A later wake-up than the pending one is dropped by the queue: the old one then finds nothing to do (C-063).
      queue_.add_after(slot_key_of(cron), requeue_delay(facts_of(cron), next_slot(cron), now()));
      return;
    }
  }
  queue_.add(slot_key_of(cron));
}

void CronJobController::wake_owner(const Object& job, const OwnerReference* owner) {
  if (owner == nullptr || owner->kind != "CronJob") return;
  const Object* cron = find_cached(store(), Kind::cronjob, owner_key(job, *owner));
  if (cron == nullptr || cron->uid() != owner->uid) return;
  owner_at_[job.meta.id->slot] = cron->meta.id->slot;
  queue_.add(slot_key_of(*cron));
}

void CronJobController::job_changed(const Change& change) {
  const OwnerReference* owner = change.object->meta.controller();
  if (change.type == ChangeType::modified) {
    const OwnerReference* old_owner = change.before->meta.controller();
    const bool same = old_owner == owner || (old_owner != nullptr && owner != nullptr && *old_owner == *owner);
    if (!same) wake_owner(*change.object, old_owner);
  }
  wake_owner(*change.object, owner);
}

namespace {
ListedJob* find_job(Jobs& jobs, Uid uid) {
  const auto at = std::find_if(jobs.begin(), jobs.end(), [&](const ListedJob& j) { return j.uid == uid; });
  return at == jobs.end() ? nullptr : &*at;
}
}  // namespace

void CronJobController::list(const Change& change) {
  const Job& job = static_cast<const Job&>(*change.object);
  const OwnerReference* owner = job.meta.controller();
  if (change.type == ChangeType::modified) {
    const OwnerReference* old_owner = change.before->meta.controller();
    if (old_owner != nullptr && (owner == nullptr || owner->name != old_owner->name)) unlist(static_cast<const Job&>(*change.before));
  }
  if (owner == nullptr) return;
  if (change.type == ChangeType::deleted) return unlist(job);
  Jobs& jobs = listed(owner_key(job, *owner)).jobs;
  // The names of the others are seldom looked at: they are far apart in memory.
  if (ListedJob* known = find_job(jobs, job.uid())) {
    *known = ListedJob(job);
    return;
  }
  const auto before = [](const ListedJob& j, std::string_view name) { return j.job->name() < name; };
  const auto at = jobs.empty() || before(jobs.back(), job.name()) ? jobs.end() : std::lower_bound(jobs.begin(), jobs.end(), job.name(), before);
  if (at != jobs.end() && at->job->name() == job.name())
    *at = ListedJob(job);
  else
    jobs.insert(at, ListedJob(job));
}

void CronJobController::unlist(const Job& job) {
  const OwnerReference* owner = job.meta.controller();
  if (owner == nullptr) return;
  const ObjectKeyView key = owner_key(job, *owner);
  Listed* known = find_listed(key);
  if (known == nullptr) return;
  if (const ListedJob* listed = find_job(known->jobs, job.uid()))
    known->jobs.erase(known->jobs.begin() + (listed - known->jobs.data()));
  else
    std::erase_if(known->jobs, [&](const ListedJob& j) { return j.job->name() == job.name(); });
  if (known->jobs.empty() && store().cached_cron_job(key.ns, key.name) == nullptr) forget_listed(key);
}

void CronJobController::forget_listed(ObjectKeyView cron) {
  if (const std::uint32_t i = listed_.find(cron); i != listed_.kNone) listed_.release(i);
}

}  // namespace orrery::cron_job
