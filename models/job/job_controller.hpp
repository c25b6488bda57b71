#pragma once
// The Job controller: which events wake it (job_events.cpp), one sync (job_sync.cpp), creating and deleting pods
// (job_manage.cpp), counting finished pods and writing the status (job_accounting.cpp).
// Behaviour source: Kubernetes v1.36.2, pkg/controller/job/job_controller.go.
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "orrery/cluster/controller.hpp"
#include "orrery/models/job.hpp"
#include "pods.hpp"
#include "policies.hpp"
#include "support/uid_set.hpp"

namespace orrery::job {

/// Pod and status events are handled this much later, all together (J-063); also the least delay of a back-off wake-up.
inline constexpr Duration kBatchPeriod = std::chrono::seconds{1};
inline constexpr std::size_t kCreateDeletePerSyncMax = 500;
inline constexpr std::size_t kUncountedMax = 500;
inline constexpr Duration kExpectationsTimeout = std::chrono::minutes{5};

/// What the controller remembers of a job between syncs, under namespace/name.
struct Memory {
  struct {
    bool set = false;
    std::int64_t adds = 0, dels = 0;
    Time since{};
  } expected;
  UidSet finalizers_going;  ///< J-083
  bool has_backoff = false;
  Backoff backoff;
  /// Newest versions this controller wrote: it waits until its caches have caught up (J-075).
  Uid wrote_for;
  std::uint64_t wrote_job = 0, wrote_pod = 0;
};

/// The end of a job as far as this sync is concerned.
struct End {
  Symbol type = 0;  ///< sym::FailureTarget, Failed, SuccessCriteriaMet or Complete; 0 = none
  Symbol reason = 0, message = 0;
  Stamp decided = {};  ///< of Complete: the moment that becomes completionTime, before the last writes
  explicit operator bool() const { return type != 0; }
};

/// One sync in flight.
struct Sync {
  Sync(const ObjectKey& of, Ref<Job> copy) : key(of), job(std::move(copy)) {}
  const ObjectKey& key;
  Ref<Job> job;  ///< a copy of the cached version, with the status as it is to be
  std::vector<Ref<const Pod>> pods;
  ObjectMeta pod_meta;  ///< what all new pods have in common; made for the first of them
  std::vector<Ref<const Pod>> active;
  /// Not zero: `pods` and `active` are without so many active pods that are of no interest one by one (see collect_pods).
  std::int32_t plain = 0;
  /// `pods` is without so many pods that have succeeded and are to be counted, but not in this sync.
  std::int32_t later = 0;
  std::int32_t ready = 0, terminating = 0, succeeded = 0, failed = 0;
  UidSet uncounted_succeeded, uncounted_failed;
  UidSet finalizers_going;  ///< as it was when the sync began
  UidSet adopted;            ///< in this sync: tracked although the cached copy is not
  Backoff backoff;
  IndexSet succeeded_before, succeeded_indexes, failed_indexes;
  std::map<std::int32_t, Ref<const Pod>> held;  ///< J-170, by index
  End end;

  bool tracked(const Pod& pod) const {
    return (pod.meta.has_finalizer(sym::job_tracking) || adopted.contains(pod.uid())) && !finalizers_going.contains(pod.uid());
  }
  std::int32_t active_count() const { return plain + static_cast<std::int32_t>(active.size()); }
  bool per_index() const { return job->spec->backoff_limit_per_index != kUnset; }
};

class JobController final : public Controller {
 public:
  explicit JobController(Cluster& cluster);
  bool watches(Kind kind) const override { return kind == Kind::job || kind == Kind::pod; }
  void on_change(const Change& change) override;
  void on_start() override;
  void on_stop() override;

 private:
  // job_events.cpp
  void job_changed(const Change& change);
  void pod_added(const Pod& pod);
  void pod_updated(const Pod& before, const Pod& pod);
  void pod_going(const Pod& pod, bool final);
  const Job* owner_of(const Pod& pod) const;
  const Job* resolve(Symbol ns, const OwnerReference& owner) const;
  void wake_matching_jobs(const Pod& pod);
  void enqueue_selector(const Job& job);
  void enqueue_orphan(const Pod& pod);
  Task<Outcome> sync_orphan(const ObjectKey& key);
  Task<bool> release_orphan(Ref<const Pod> pod);
  Task<bool> drop_finalizer(Ref<const Pod> pod);
  Task<Outcome> sync_orphan_pod(Ref<const Pod> pod);
  Task<Outcome> release_orphans(std::vector<Ref<const Pod>> pods);

  // job_sync.cpp
  Task<Outcome> sync(const ObjectKey& key);
  bool idle(const Job& job) const;
  Task<Outcome> sync_active(const ObjectKey& key, Ref<const Job> cached);
  Task<bool> collect_pods(Sync& s);
  Task<bool> collect_candidates(Sync& s);
  bool has_orphans(const Job& job) const;
  bool collect_from_counts(Sync& s);
  void collect_plain(Sync& s);
  void count(Sync& s);
  void evaluate_end(Sync& s);
  bool past_backoff_limit_on_failure(const Sync& s) const;
  bool caches_are_current(ObjectKeyView key);
  bool expectations_met(ObjectKeyView key) const;

  // job_manage.cpp
  struct Managed {
    std::int32_t active = 0;
    bool error = false;
  };
  Task<Managed> manage(Sync& s);
  static std::int64_t wanted(const Sync& s);
  Task<bool> create_pods(Sync& s, std::int64_t wanted, std::vector<std::int32_t> indexes, std::int32_t& active);
  Task<void> create_pod(Sync& s, std::int32_t index, bool& error, std::int32_t& active);
  bool pod_created(ObjectKeyView key, const Job& job, const ApiResult& r);
  struct Deleted {
    std::int32_t count = 0, ready = 0;
    bool error = false;
  };
  Task<Deleted> delete_surplus(Sync& s, std::vector<Ref<const Pod>> pods);
  Task<void> delete_one_surplus(Sync& s, Ref<const Pod> pod, Deleted& result);
  Task<Deleted> delete_active(Sync& s);
  Task<void> delete_one_active(Sync& s, Ref<const Pod> pod, Deleted& result);
  Task<ApiStatus> delete_pod(const Job& job, Ref<const Pod> pod);
  std::vector<Ref<const Pod>> victims(const Sync& s, std::size_t at_least) const;
  std::vector<std::int32_t> pending_indexes(const Sync& s, std::int64_t count) const;
  Ref<Pod> new_pod(Sync& s, std::int32_t index);
  void share_between_pods(Sync& s);
  void wake_after(ObjectKeyView key, Duration d) { queue_.add_after(key, std::max(d, kBatchPeriod)); }

  // job_accounting.cpp
  Task<bool> account(Sync& s, bool needs_write);
  Task<Ref<const Job>> write_status(Sync& s);
  Task<std::vector<char>> remove_finalizers(Sync& s, const std::vector<Ref<const Pod>>& pods, bool& error);
  bool may_release(const Sync& s, const Pod& pod, bool failed) const;
  bool finish(Sync& s);
  void report_finished(const Job& job, const End& end);

  // memory
  Memory& memory(ObjectKeyView key) { return memory_.value_of(key); }
  Memory* find_memory(ObjectKeyView key) const { return memory_.find_value(key); }
  void forget(ObjectKeyView key);
  void forget_if_empty(ObjectKeyView key);
  void observe(ObjectKeyView key, std::int64_t adds, std::int64_t dels);
  void expect(ObjectKeyView key, std::int64_t adds, std::int64_t dels);
  void finalizer_gone(ObjectKeyView key, Uid pod);
  void wrote_pod(const Pod& pod);
  void wrote_job(const Job& job);
  void clear_written(ObjectKeyView key, Uid job);

  // Words of nearly every job.
  const Symbol created_ = cluster_.symbol("SuccessfulCreate"), reached_ = cluster_.symbol("Reached expected number of succeeded pods"),
               resumed_ = cluster_.symbol("Job resumed");

  struct Owner {
    Uid uid;
    std::uint32_t slot = 0;  ///< in the store
    std::uint64_t serial = 0;
    Ref<const OwnerList> named_by;  ///< a list whose controller it is
  };
  mutable Owner last_owner_;  ///< the job that was resolved last

  WorkQueue queue_;
  WorkQueue orphan_queue_;
  mutable ObjectTable<Memory> memory_;
  std::unordered_set<Uid, UidHash> finished_;  ///< marked finished here, the update not yet seen
  std::unordered_map<Uid, Ref<const JobSpec>, UidHash> orphan_selectors_;  ///< of jobs whose pods are to be looked through
  std::map<Uid, ObjectKey> manual_jobs_;  ///< jobs with a selector of their own
};

/// Sets or adds a condition (J-213). Returns whether anything changed.
bool ensure_condition(Conditions& list, Symbol type, Symbol status, Symbol reason, Symbol message, Time now);
Condition make_condition(Symbol type, Symbol status, Symbol reason, Symbol message, Time now);

}  // namespace orrery::job
