#pragma once
// The CronJob controller: which events wake it (cron_job_events.cpp), one sync (cron_job_sync.cpp), history, replacement and
// creation of Jobs (cron_job_manage.cpp). What slot is due is arithmetic of its own (slots.hpp).
// Behaviour source: Kubernetes v1.36.2, pkg/controller/cronjob/cronjob_controllerv2.go.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/cluster/controller.hpp"
#include "orrery/cluster/cron_job.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/cron_job.hpp"
#include "slots.hpp"

namespace orrery::cron_job {

inline constexpr std::string_view kTimestampAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/// A cached Job, and what most syncs only want to know of it.
struct ListedJob {
  Ref<const Job> job;
  Uid uid;
  Symbol finished = 0;  ///< see finished_as
  Stamp started;
  Stamp completed;  ///< completionTime of one that is complete
  bool complete = false;

  explicit ListedJob(const Job& of);
};

/// Ascending by name.
using Jobs = std::vector<ListedJob>;

/// The annotations of the Jobs of a CronJob; the number is that of the slot, in seconds since 1970.
struct SlotAnnotations final : MapOutline {
  explicit SlotAnnotations(Ref<const CronJobSpec> of) : spec(std::move(of)) {}
  std::vector<StringMap::Item> filled(const Identity& job, std::int64_t slot) const override;
  bool is_uid(std::string_view) const override { return false; }
  Ref<const CronJobSpec> spec;
};

/// What is known under the name of a CronJob: the Jobs that it, or another kind of that name, controls (C-067).
struct Listed {
  Jobs jobs;
  SlotMemory slots;
  Ref<const OwnerList> owners;            ///< of the Jobs that were made last
  Ref<const SlotAnnotations> annotations;  ///< the same
};

/// One sync in flight.
struct Sync {
  const ObjectKey& key;
  /// What the status update sends: the copy of the cached version with which the sync began.
  Ref<CronJob> sent;
  /// What is decided on and changed: the same, until a newer version had to be read (C-082).
  Ref<CronJob> cron;
  Jobs jobs;
  bool dirty = false;
};

/// How the decisions of a sync ended: an error, a delay, or neither ("stop", C-065).
struct Verdict {
  bool error = false;
  std::optional<Duration> delay;
};

class CronJobController final : public Controller {
 public:
  explicit CronJobController(Cluster& cluster);
  bool watches(Kind kind) const override { return kind == Kind::cronjob || kind == Kind::job; }
  void on_change(const Change& change) override;
  void on_start() override { queue_.start(); }
  void on_stop() override;

 private:
  // cron_job_events.cpp
  void cron_job_changed(const Change& change);
  void job_changed(const Change& change);
  void list(const Change& change);
  void unlist(const Job& job);
  Listed* find_listed(ObjectKeyView cron) { return listed_.find_value(cron); }
  Listed& listed(ObjectKeyView cron) { return listed_.value_of(cron); }
  ObjectKeyView owner_key(const Object& job, const OwnerReference& owner) const { return {job.ns(), owner.name, owner_at_.at(job.meta.id->slot)}; }
  void forget_listed(ObjectKeyView cron);
  void wake_owner(const Object& job, const OwnerReference* owner);

  // cron_job_sync.cpp
  Task<Outcome> sync(const ObjectKey& key);
  std::optional<Outcome> idle(const CronJob& cron, Listed& listed) const;
  Task<Outcome> sync_all(const ObjectKey& key, Ref<const CronJob> cached);
  Task<Verdict> reconcile(Sync& s);
  Task<bool> look_at_jobs(Sync& s);
  void look_at_finished(Sync& s, const ListedJob& job, bool active);
  Task<bool> drop_missing(Sync& s);
  Task<bool> drop_missing(Sync& s, std::vector<ActiveJob> missing);

  // cron_job_manage.cpp
  Task<void> clean_history(Sync& s);
  Task<void> delete_jobs(Sync& s, std::vector<Ref<const Job>> going);
  Task<bool> delete_job(Sync& s, Ref<const Job> job);
  Task<bool> replace_active(Sync& s);
  Task<Verdict> start_job(Sync& s, std::string name, Time slot, Time now);
  Ref<Job> new_job(const CronJob& cron, const std::string& name, Uid uid, Time slot);

  void report(const CronJob& on, Symbol type, std::string_view reason, std::string message) { report(on, type, cluster_.symbol(reason), std::move(message)); }
  void report(const CronJob& on, Symbol type, Symbol reason, std::string message) { recorder().event(on, type, reason, std::move(message)); }
  NextSlot next_slot(const CronJob& cron);
  Verdict later(const CronJob& cron, Time now);

  // Reasons of every Job's Events.
  const Symbol created_ = cluster_.symbol("SuccessfulCreate"), completed_ = cluster_.symbol("SawCompletedJob"), deleted_ = cluster_.symbol("SuccessfulDelete");

  WorkQueue queue_;
  ObjectTable<Listed> listed_;
  SlotColumn<std::uint32_t> owner_at_;  ///< slots of the CronJobs that own the Jobs in these slots
};

/// C-100: the Job of a slot. Slots within one minute share a name.
std::string job_name(const CronJob& cron, Time slot);
/// sym::Complete, sym::Failed, or 0 (C-081).
Symbol finished_as(const Job& job);
const ActiveJob* find_active(const CronJob& cron, Uid uid);
void remove_active(CronJob& cron, Uid uid);

}  // namespace orrery::cron_job
