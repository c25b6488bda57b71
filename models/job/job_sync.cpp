// One sync of a job: gatekeeping (J-075), pods (J-090), counts (J-113), the end (J-195, J-200).
#include <algorithm>

#include "job_controller.hpp"
#include "orrery/core/prefetch.hpp"
#include "support/owners.hpp"

namespace orrery::job {

Condition make_condition(Symbol type, Symbol status, Symbol reason, Symbol message, Time now) {
  return {type, status, reason, message, stamp(now), stamp(now), 0};
}

bool ensure_condition(Conditions& list, Symbol type, Symbol status, Symbol reason, Symbol message, Time now) {
  if (Condition* c = find_condition(list, type)) {
    if (c->status == status && c->reason == reason && c->message == message) return false;
    *c = make_condition(type, status, reason, message, now);
    return true;
  }
  if (status == sym::False) return false;
  list.push_back(make_condition(type, status, reason, message, now));
  return true;
}

Task<Outcome> JobController::sync(const ObjectKey& key) {
  if (!caches_are_current(key)) return Outcome::failed();
  const Job* cached = static_cast<const Job*>(find_cached(store(), Kind::job, key));
  if (cached == nullptr) {
    forget(key);
    return Outcome::ok();
  }
  if (!cached->spec->managed_by.empty() && cached->spec->managed_by != "kubernetes.io/job-controller") return Outcome::ok();
  if (cached->status.finished()) {
    finished_.erase(cached->uid());
    clear_written(key, cached->uid());
    if (Memory* m = find_memory(key)) {
      m->has_backoff = false;
      m->backoff = {};
    }
    forget_if_empty(key);
    return Outcome::ok();
  }
  if (finished_.contains(cached->uid())) return Outcome::ok();
  if (!cached->spec->known_mode) {
    recorder().event(*cached, sym::Warning, cluster_.symbol("UnknownCompletionMode"), "Skipped Job sync because completion mode is unknown");
    return Outcome::ok();
  }

  if (idle(*cached)) return Outcome::ok();
  return sync_active(key, Ref<const Job>(cached));
}

/// Whether a sync of this job, which has not finished, would find nothing to call for, to report or to write: its pods are
/// as its status says, enough of them are active, and none has ended. Where in doubt, false: sync_active knows.
bool JobController::idle(const Job& job) const {
  const JobSpec& spec = *job.spec;
  const JobStatus& status = job.status;
  if (spec.indexed || spec.suspend || spec.has_failure_policy || spec.active_deadline_s != kUnset || job.meta.deleted || !status.start_time ||
      !status.conditions.empty() || !status.uncounted_succeeded.empty() || !status.uncounted_failed.empty() || status.failed > spec.backoff_limit ||
      spec.pod_template->pod_spec->restart_policy == RestartPolicy::on_failure || !spec.selects_by_uid(job.uid()) || has_orphans(job))
    return false;
  const OwnedPods& pods = cluster_.store().cached_owned_pods(job.uid());
  if (pods.special() != 0) return false;
  const std::int32_t active = pods.plain();
  if (active == 0 || active != status.active || pods.plain_ready() != status.ready || status.terminating != 0) return false;
  const std::int64_t wanted = spec.completions == kUnset ? (status.succeeded > 0 ? active : spec.parallelism)
                                                         : std::min<std::int64_t>(spec.completions - status.succeeded, spec.parallelism);
  return active == wanted;
}

Task<Outcome> JobController::sync_active(const ObjectKey& key, Ref<const Job> cached) {
  Sync s(key, clone_as(*cached));
  JobStatus& status = s.job->status;
  status.has_uncounted = true;
  const bool satisfied = expectations_met(key);
  Task<bool> collecting = collect_pods(s);
  const bool collected = co_await collecting;
  if (!collected) co_return Outcome::failed();
  count(s);
  if (!status.start_time && !s.job->spec->suspend) status.start_time = stamp(now());
  evaluate_end(s);
  if (s.plain != 0 && (s.end || s.active_count() > wanted(s))) collect_plain(s);

  std::int32_t active = s.active_count();
  bool suspend_changed = false, error = false;
  if (s.end) {
    Task<Deleted> deleting = delete_active(s);
    const Deleted d = co_await deleting;
    // Not finished yet while pods may exist that the caches do not show (J-203).
    if (d.count != active || !satisfied) s.end = {};
    active -= d.count;
    s.terminating += d.count;
    s.ready -= d.ready;
    error = d.error;
  } else {
    bool managed = false;
    if (satisfied && !s.job->meta.deleted) {
      Task<Managed> managing = manage(s);
      const Managed m = co_await managing;
      active = m.active;
      error = m.error;
      managed = true;
    }
    const bool done = s.job->spec->completions == kUnset ? s.succeeded > 0 && active == 0 : s.succeeded >= s.job->spec->completions && active == 0;
    if (done) {
      s.end = {sym::SuccessCriteriaMet, sym::CompletionsReached, reached_};
    } else if (managed && s.job->spec->suspend) {
      suspend_changed = ensure_condition(status.conditions, sym::Suspended, sym::True, sym::JobSuspended, cluster_.symbol("Job suspended"), now());
      if (suspend_changed) {
        recorder().event(*s.job, sym::Normal, sym::Suspended, "Job suspended");
        status.start_time = {};
      }
    } else if (managed) {
      suspend_changed = ensure_condition(status.conditions, sym::Suspended, sym::False, sym::JobResumed, resumed_, now());
      if (suspend_changed) {
        recorder().event(*s.job, sym::Normal, cluster_.symbol("Resumed"), "Job resumed");
        status.start_time = stamp(now());
      }
    }
  }
  const bool needs_write = suspend_changed || active != status.active || s.ready != status.ready || s.terminating != status.terminating;
  status.active = active;
  status.ready = s.ready;
  status.terminating = s.terminating;
  Task<bool> accounting = account(s, needs_write);
  const bool accounted = co_await accounting;
  co_return accounted && !error ? Outcome::ok() : Outcome::failed();
}

// ---- pods

namespace {

/// J-090: the job becomes the controller, and the pod gets the tracking finalizer.
bool adopt(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload) {
  orrery::adopt(copy.meta, *static_cast<const Object*>(payload));
  if (!copy.meta.has_finalizer(sym::job_tracking)) copy.meta.add_finalizer(sym::job_tracking);
  return true;
}

bool release(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload) {
  orrery::release(copy.meta, static_cast<const Object*>(payload)->uid());
  copy.meta.remove_finalizer(sym::job_tracking);
  return true;
}

}  // namespace

/// There are pods without a controller that it would adopt.
bool JobController::has_orphans(const Job& job) const {
  if (job.meta.deleted) return false;
  const auto& orphans = cluster_.store().cached_orphans(job.ns());
  return std::any_of(orphans.begin(), orphans.end(), [&](const Ref<const Pod>& p) { return !p->meta.deleted && job.spec->selects(job.uid(), p->meta.labels().get()); });
}

/// Collects the pods without a look at each, where it can make no difference: a pod that has ended and been counted is of
/// no interest any more, and of an active one nothing but whether it is ready. False where every pod has to be looked at.
bool JobController::collect_from_counts(Sync& s) {
  const JobSpec& spec = *s.job->spec;
  // A selector of another form could match a pod without the label that makes it plain; a failure policy looks at pods again
  // that have been counted; an index is read off each pod; the restarts of each pod count against backoffLimit.
  if (!spec.selects_by_uid(s.job->uid()) || spec.has_failure_policy) return false;
  const auto take = [&s](const Ref<const Pod>& pod) { s.pods.push_back(pod); };
  const OwnedPods& owned = store().cached_owned_pods(s.job->uid());
  const bool all_active = spec.indexed || spec.suspend || s.job->meta.deleted ||
                          spec.pod_template->pod_spec->restart_policy == RestartPolicy::on_failure;
  if (all_active) {
    owned.for_each_unsettled(take);
  } else {
    // A sync counts so many pods that succeeded and no more. Of those beyond it has to know how many they are, and that each of them
    // waits to be counted: while some are on their way, it looks at all.
    const Memory* m = find_memory(s.key);
    const bool none_on_the_way = s.job->status.uncounted_succeeded.empty() && s.job->status.uncounted_failed.empty() && (m == nullptr || m->finalizers_going.empty());
    constexpr auto kCounted = static_cast<std::int32_t>(kUncountedMax);
    if (none_on_the_way && owned.done() > kCounted) {
      owned.for_each_special(kCounted, take);
      s.later = owned.done() - kCounted;
    } else {
      owned.for_each_special(take);
    }
    s.plain = owned.plain();
    s.ready = owned.plain_ready();
  }
  const StringMap* matching = nullptr;  // pods of one template share their labels
  for (const auto& pod : s.pods) {
    if (pod->meta.labels().get() == matching && matching != nullptr) continue;
    matching = pod->meta.labels().get();
    if (spec.selects(s.job->uid(), matching)) continue;
    s.pods.clear();
    s.plain = s.ready = s.later = 0;
    return false;
  }
  return true;
}

/// Adds the active pods that collect_from_counts has only counted, in the order in which a look at each would find them.
void JobController::collect_plain(Sync& s) {
  s.pods.clear();
  s.active.clear();
  s.plain = 0;
  store().cached_owned_pods(s.job->uid()).for_each_unsettled([&s](const Ref<const Pod>& pod) {
    s.pods.push_back(pod);
    if (is_active(*pod)) s.active.push_back(pod);
  });
}

Task<bool> JobController::collect_pods(Sync& s) {
  if (!has_orphans(*s.job) && collect_from_counts(s)) return true;
  return collect_candidates(s);
}

/// With a look at each pod that is the job's or could become so.
Task<bool> JobController::collect_candidates(Sync& s) {
  const JobSpec& spec = *s.job->spec;
  std::vector<Ref<const Pod>> candidates = store().cached_pods_of(s.job->uid());
  for (const auto& p : store().cached_orphans(s.job->ns()))
    if (!s.job->meta.deleted && !p->meta.deleted && spec.selects(s.job->uid(), p->meta.labels().get())) candidates.push_back(p);
  enum class Adoption { unknown, allowed, refused } adoption = Adoption::unknown;
  bool ok = true;
  for (const auto& pod : candidates) {
    const bool matches = spec.selects(s.job->uid(), pod->meta.labels().get());
    if (pod->meta.controller() != nullptr) {
      if (matches) {
        s.pods.push_back(pod);
      } else if (!s.job->meta.deleted) {
        Client::Call r_call = client().patch(Kind::pod, pod->ns(), pod->name(), pod->uid(), release, 0, s.job);
        const ApiResult r = co_await r_call;
        if (!r.ok() && r.status != ApiStatus::not_found && r.status != ApiStatus::invalid) ok = false;
      }
      continue;
    }
    if (adoption == Adoption::unknown) {
      // The decision is made once per sync, on a fresh copy: never adopt for a job that is going away.
      Client::Call fresh_call = client().get(Kind::job, s.job->ns(), s.job->name());
      const ApiResult fresh = co_await fresh_call;
      adoption = fresh.ok() && fresh.object->uid() == s.job->uid() && !fresh.object->meta.deleted ? Adoption::allowed : Adoption::refused;
    }
    if (adoption == Adoption::refused) {
      ok = false;
      continue;
    }
    Client::Call r_call = client().patch(Kind::pod, pod->ns(), pod->name(), pod->uid(), adopt, 0, s.job);
    const ApiResult r = co_await r_call;
    if (r.ok()) {
      wrote_pod(static_cast<const Pod&>(*r.object));
      s.adopted.insert(pod->uid());
      s.pods.push_back(pod);
    } else if (r.status != ApiStatus::not_found) {
      ok = false;
    }
  }
  co_return ok;
}

// ---- counts

void JobController::count(Sync& s) {
  const JobSpec& spec = *s.job->spec;
  const JobStatus& status = s.job->status;
  if (const Memory* m = find_memory(s.key)) s.finalizers_going = m->finalizers_going;
  s.uncounted_succeeded.assign(status.uncounted_succeeded);
  s.uncounted_failed.assign(status.uncounted_failed);
  std::vector<const Pod*> new_succeeded, new_failed;
  std::int32_t counted_failures = 0;
  for (std::size_t i = 0; i < s.pods.size(); ++i) {
    // Thousands of ended pods may wait for the limiter to let their finalizers go.
    if (i + 12 < s.pods.size()) fetch_ahead(s.pods[i + 12].get(), sizeof(Pod));
    if (i + 6 < s.pods.size()) fetch_ahead(&s.pods[i + 6]->meta.id->uid, sizeof(Uid));
    const Ref<const Pod>& ref = s.pods[i];
    const Pod& pod = *ref;
    if (is_active(pod)) {
      s.active.push_back(ref);
      if (is_ready(pod)) ++s.ready;
    } else if (is_terminating(pod)) {
      ++s.terminating;
    }
    const bool succeeded = pod.phase == PodPhase::succeeded;
    const bool failed = is_failed(pod, spec);
    if (!(succeeded || failed) || !s.tracked(pod)) continue;
    if (spec.indexed) {
      const std::int32_t ix = completion_index(pod);
      if (ix == kUnknownIndex || ix >= spec.completions) continue;
    }
    if (succeeded && !s.uncounted_succeeded.contains(pod.uid())) {
      new_succeeded.push_back(&pod);
    } else if (failed && !s.uncounted_failed.contains(pod.uid())) {
      new_failed.push_back(&pod);
      if (!spec.has_failure_policy || match_failure_policy(spec, pod, cluster_).counted) ++counted_failures;
    }
  }
  s.succeeded = status.succeeded + static_cast<std::int32_t>(new_succeeded.size() + s.uncounted_succeeded.size()) + s.later;
  s.failed = status.failed + counted_failures + static_cast<std::int32_t>(s.uncounted_failed.size());
  const Memory* m = find_memory(s.key);
  // Which failures count on depends on when the last success was.
  if (s.later != 0 && !new_failed.empty()) {
    new_succeeded.clear();
    cluster_.store().cached_owned_pods(s.job->uid()).for_each_special([&](const Ref<const Pod>& pod) {
      if (pod->phase == PodPhase::succeeded && s.tracked(*pod)) new_succeeded.push_back(pod.get());
    });
  }
  s.backoff = next_backoff(m != nullptr && m->has_backoff ? m->backoff : Backoff{}, new_succeeded, new_failed);
}

bool JobController::past_backoff_limit_on_failure(const Sync& s) const {
  const JobSpec& spec = *s.job->spec;
  if (spec.pod_template->pod_spec->restart_policy != RestartPolicy::on_failure) return false;
  std::int64_t restarts = 0;
  for (const auto& pod : s.pods) {
    if (pod->phase != PodPhase::running && pod->phase != PodPhase::pending) continue;
    for (const auto& c : pod->init_containers()) restarts += c.restart_count;
    for (const auto& c : pod->containers) restarts += c.restart_count;
  }
  return spec.backoff_limit == 0 ? restarts > 0 : restarts >= spec.backoff_limit;
}

// ---- the end

void JobController::evaluate_end(Sync& s) {
  const JobSpec& spec = *s.job->spec;
  const JobStatus& status = s.job->status;
  auto fail = [&](Symbol reason, std::string_view message) { s.end = {sym::FailureTarget, reason, cluster_.symbol(message)}; };

  if (const Condition* met = find_condition(status.conditions, sym::SuccessCriteriaMet); met != nullptr && met->status == sym::True) {
    s.end = {sym::SuccessCriteriaMet, met->reason, met->message};
  } else if (const Condition* target = find_condition(status.conditions, sym::FailureTarget); target != nullptr && target->status == sym::True) {
    s.end = {sym::Failed, target->reason, target->message};
  } else if (spec.has_failure_policy) {
    for (const auto& pod : s.pods) {
      if (!is_failed(*pod, spec)) continue;
      const FailureMatch m = match_failure_policy(spec, *pod, cluster_);
      if (m.action == PodFailureRule::Action::fail_job) {
        fail(sym::PodFailurePolicy, m.fail_job_message);
        break;
      }
    }
  }
  if (!s.end) {
    const std::int64_t deadline = spec.active_deadline_s;
    const bool timed = deadline != kUnset && !spec.suspend && status.start_time;
    const Duration passed = timed ? now() - time_of(status.start_time) : Duration{};
    if (s.failed > spec.backoff_limit || past_backoff_limit_on_failure(s))
      fail(sym::BackoffLimitExceeded, "Job has reached the specified backoff limit");
    else if (timed && passed >= std::chrono::seconds{deadline})
      fail(sym::DeadlineExceeded, "Job was active longer than specified deadline");
    else if (timed)
      queue_.add_after(s.key, std::chrono::seconds{deadline} - passed);
  }
  if (!spec.indexed) return;

  const auto completions = static_cast<std::int32_t>(spec.completions);
  s.succeeded_before = IndexSet::parse(status.completed_indexes, completions);
  std::vector<std::int32_t> fresh, failed;
  for (const auto& pod : s.pods) {
    const std::int32_t ix = completion_index(*pod);
    const bool has_finalizer = pod->meta.has_finalizer(sym::job_tracking) || s.adopted.contains(pod->uid());
    if (ix == kUnknownIndex || ix >= completions || !has_finalizer) continue;
    if (pod->phase == PodPhase::succeeded) fresh.push_back(ix);
    if (s.per_index() && is_failed(*pod, spec)) {
      const FailureMatch m = spec.has_failure_policy ? match_failure_policy(spec, *pod, cluster_) : FailureMatch{};
      if (m.action == PodFailureRule::Action::fail_index || (m.counted && failure_count(*pod) >= spec.backoff_limit_per_index)) failed.push_back(ix);
    }
  }
  std::sort(fresh.begin(), fresh.end());
  s.succeeded_indexes = s.succeeded_before.merged(IndexSet::from_sorted(fresh));
  s.succeeded = static_cast<std::int32_t>(s.succeeded_indexes.size());
  if (s.per_index()) {
    std::sort(failed.begin(), failed.end());
    s.failed_indexes = IndexSet::parse(status.failed_indexes, completions).merged(IndexSet::from_sorted(failed));
    if (!s.end) {
      if (spec.max_failed_indexes != kUnset && s.failed_indexes.size() > spec.max_failed_indexes)
        fail(sym::MaxFailedIndexesExceeded, "Job has exceeded the specified maximal number of failed indexes");
      else if (!s.failed_indexes.empty() && s.failed_indexes.size() + s.succeeded_indexes.size() >= spec.completions)
        fail(sym::FailedIndexes, "Job has failed indexes");
    }
    // J-170: one failed pod of each index that is neither active nor decided waits for its replacement.
    std::vector<std::int32_t> active;
    for (const auto& pod : s.active)
      if (const std::int32_t ix = completion_index(*pod); ix != kUnknownIndex) active.push_back(ix);
    std::sort(active.begin(), active.end());
    const IndexSet settled = s.succeeded_indexes.merged(s.failed_indexes).merged(IndexSet::from_sorted(active));
    for (const auto& pod : s.pods) {
      const std::int32_t ix = completion_index(*pod);
      if (!s.tracked(*pod) || ix == kUnknownIndex || ix >= completions || !is_failed(*pod, spec) || settled.contains(ix)) continue;
      auto [it, first] = s.held.try_emplace(ix, pod);
      if (first) continue;
      const Pod& held = *it->second;
      if (failure_count(held) + ignored_count(held) <= failure_count(*pod) + ignored_count(*pod) && finish_time(*pod) >= finish_time(held)) it->second = pod;
    }
  }
  if (!s.end)
    if (auto message = match_success_policy(spec, s.succeeded_indexes)) s.end = {sym::SuccessCriteriaMet, sym::SuccessPolicy, cluster_.symbol(*message)};
}

}  // namespace orrery::job
