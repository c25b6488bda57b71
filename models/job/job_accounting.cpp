// Counting finished pods, releasing their finalizers, writing the status (J-205 … J-216).
#include <algorithm>

#include "job_controller.hpp"

namespace orrery::job {

namespace {
/// Moves the pods that are no longer tracked from the uncounted lists to the counters. `with_finalizer`: those of the
/// lists that are.
bool settle_uncounted(JobStatus& status, const UidSet& with_finalizer) {
  bool changed = false;
  auto settle = [&](std::vector<Uid>& list, std::int32_t& counter) {
    const auto gone = std::erase_if(list, [&](const Uid& u) { return !with_finalizer.contains(u); });
    counter += static_cast<std::int32_t>(gone);
    changed = changed || gone != 0;
  };
  settle(status.uncounted_succeeded, status.succeeded);
  settle(status.uncounted_failed, status.failed);
  return changed;
}

bool is_failure(const End& end) { return end && end.type != sym::SuccessCriteriaMet; }
}  // namespace

bool JobController::may_release(const Sync& s, const Pod& pod, bool failed) const {
  if (s.job->meta.deleted || s.end || pod.phase == PodPhase::succeeded) return true;
  if (!failed) return false;
  if (s.per_index()) {
    auto held = s.held.find(completion_index(pod));
    if (held != s.held.end() && held->second->uid() == pod.uid()) return false;
  }
  return true;
}

Task<bool> JobController::account(Sync& s, bool needs_write) {
  const JobSpec& spec = *s.job->spec;
  JobStatus* status = &s.job->status;
  if (spec.indexed)
    std::stable_sort(s.pods.begin(), s.pods.end(), [](const auto& a, const auto& b) { return completion_index(*a) < completion_index(*b); });
  UidSet with_finalizer;
  if (!status->uncounted_succeeded.empty() || !status->uncounted_failed.empty())
    for (const auto& pod : s.pods)
      if ((s.uncounted_succeeded.contains(pod->uid()) || s.uncounted_failed.contains(pod->uid())) && s.tracked(*pod)) with_finalizer.insert(pod->uid());
  if (settle_uncounted(*status, with_finalizer)) needs_write = true;

  std::vector<Ref<const Pod>> to_release;
  std::vector<std::int32_t> new_indexes;
  bool limited = false;
  for (const auto& ref : s.pods) {
    const Pod& pod = *ref;
    const bool failed = is_failed(pod, spec);
    if (!may_release(s, pod, failed) || !s.tracked(pod)) continue;
    to_release.push_back(ref);
    const std::int32_t ix = spec.indexed ? completion_index(pod) : 0;
    const bool countable = !spec.indexed || (ix != kUnknownIndex && ix < spec.completions);
    if (pod.phase == PodPhase::succeeded && !s.uncounted_failed.contains(pod.uid())) {
      if (spec.indexed) {
        if (countable && !s.succeeded_before.contains(ix)) {
          new_indexes.push_back(ix);
          needs_write = true;
        }
      } else if (!s.uncounted_succeeded.contains(pod.uid())) {
        needs_write = true;
        status->uncounted_succeeded.push_back(pod.uid());
        with_finalizer.insert(pod.uid());
      }
    } else if (failed || is_failure(s.end)) {
      // Once the job has failed, every pod that has not succeeded counts as failed (J-207).
      if (!s.uncounted_failed.contains(pod.uid()) && countable && match_failure_policy(spec, pod, cluster_).counted) {
        needs_write = true;
        status->uncounted_failed.push_back(pod.uid());
        with_finalizer.insert(pod.uid());
      }
    }
    if (new_indexes.size() + status->uncounted_succeeded.size() + status->uncounted_failed.size() >= kUncountedMax) {
      limited = true;
      break;
    }
  }
  if (spec.indexed) {
    s.succeeded_indexes = s.succeeded_indexes.merged(IndexSet::from_sorted(new_indexes));
    std::string text = s.succeeded_indexes.text();
    if (text != status->completed_indexes) needs_write = true;
    status->succeeded = static_cast<std::int32_t>(s.succeeded_indexes.size());
    status->completed_indexes = std::move(text);
    if (s.per_index()) {
      std::string failed = s.failed_indexes.text();
      if (!status->has_failed_indexes || status->failed_indexes != failed) needs_write = true;
      status->has_failed_indexes = true;
      status->failed_indexes = std::move(failed);
    } else if (status->has_failed_indexes) {
      status->has_failed_indexes = false;
      status->failed_indexes.clear();
      needs_write = true;
    }
  }
  // The interim condition is written before the finalizers go, the final one after (J-214).
  if (s.end.type == sym::FailureTarget) {
    status->conditions.push_back(make_condition(sym::FailureTarget, sym::True, s.end.reason, s.end.message, now()));
    needs_write = true;
    s.end.type = sym::Failed;
  } else if (s.end.type == sym::SuccessCriteriaMet) {
    if (!condition_true(status->conditions, sym::SuccessCriteriaMet)) {
      status->conditions.push_back(make_condition(sym::SuccessCriteriaMet, sym::True, s.end.reason, s.end.message, now()));
      needs_write = true;
    }
    s.end.type = sym::Complete;
    s.end.decided = stamp(now());
  }
  if (needs_write) {
    Task<Ref<const Job>> writing = write_status(s);
    const Ref<const Job> written = co_await writing;
    if (!written) co_return false;
    Memory& m = memory(s.key);
    m.backoff = s.backoff;
    m.has_backoff = s.backoff.failures != 0;
    if (to_release.empty() && written->status.uncounted_succeeded.empty() && written->status.uncounted_failed.empty() && !s.end) co_return true;
    // The sync goes on with the version that the API returned.
    s.job = clone_as(*written);
    status = &s.job->status;
    needs_write = false;
  }
  bool release_error = false;
  if (!to_release.empty()) {
    Task<std::vector<char>> releasing = remove_finalizers(s, to_release, release_error);
    const std::vector<char> released = co_await releasing;
    for (std::size_t i = 0; i < to_release.size(); ++i)
      if (released[i]) with_finalizer.erase(to_release[i]->uid());
  }
  if (settle_uncounted(*status, with_finalizer)) needs_write = true;
  if (release_error) {
    if (needs_write) {
      Task<Ref<const Job>> writing = write_status(s);
      (void)co_await writing;
    }
    co_return false;
  }
  const bool finished = !limited && finish(s);
  if (finished) needs_write = true;
  if (needs_write) {
    Task<Ref<const Job>> writing = write_status(s);
    const Ref<const Job> written = co_await writing;
    if (!written) co_return false;
    if (finished) {
      report_finished(*written, s.end);
      finished_.insert(written->uid());
    }
  }
  co_return true;
}

/// Gives the sync's copy away. Returns the version that the API returned, null after an error.
Task<Ref<const Job>> JobController::write_status(Sync& s) {
  Client::Call r_call = client().update_status(std::move(s.job));
  const ApiResult r = co_await r_call;
  if (!r.ok()) co_return Ref<const Job>{};
  Ref<const Job> written(static_cast<const Job*>(r.object.get()));
  wrote_job(*written);
  co_return written;
}

/// Says for each pod whether it is free of it now.
Task<std::vector<char>> JobController::remove_finalizers(Sync& s, const std::vector<Ref<const Pod>>& pods, bool& error) {
  Memory& m = memory(s.key);
  std::vector<CallId> calls;
  calls.reserve(pods.size());
  for (const auto& pod : pods) {
    m.finalizers_going.insert(pod->uid());
    // An adopted pod's cached copy has no finalizer yet; the patch is made all the same.
    calls.push_back(client().start_patch(*pod, {}, drop_tracking));
  }
  co_await client().all(calls);
  std::vector<char> done(pods.size(), 1);
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const ApiResult r = client().take(calls[i]);
    if (r.ok()) {
      wrote_pod(static_cast<const Pod&>(*r.object));
      continue;
    }
    finalizer_gone(s.key, pods[i]->uid());
    if (r.status == ApiStatus::not_found) continue;
    error = true;
    done[i] = 0;
  }
  co_return done;
}

bool JobController::finish(Sync& s) {
  JobStatus& status = s.job->status;
  if (!s.end || !status.uncounted_succeeded.empty() || !status.uncounted_failed.empty() || s.terminating > 0) return false;
  ensure_condition(status.conditions, s.end.type, sym::True, s.end.reason, s.end.message, now());
  if (s.end.type == sym::Complete) status.completion_time = s.end.decided;
  return true;
}

void JobController::report_finished(const Job& job, const End& end) {
  if (end.type == sym::Complete) {
    if (job.spec->completions != kUnset && job.status.succeeded > job.spec->completions)
      recorder().event(job, sym::Warning, cluster_.symbol("TooManySucceededPods"), "Too many succeeded pods running after completion count reached");
    recorder().event(job, sym::Normal, sym::Completed, "Job completed");
  } else {
    recorder().event(job, sym::Warning, end.reason, std::string(cluster_.text(end.message)));
  }
}

}  // namespace orrery::job
