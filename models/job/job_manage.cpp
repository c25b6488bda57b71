// Creating and deleting the pods of a job (J-120 … J-134).
#include <algorithm>

#include <fmt/format.h>

#include "job_controller.hpp"
#include "support/owners.hpp"

namespace orrery::job {

/// How many pods are to be active, by what has succeeded so far.
std::int64_t JobController::wanted(const Sync& s) {
  const JobSpec& spec = *s.job->spec;
  if (spec.completions == kUnset) return s.succeeded > 0 ? s.active_count() : spec.parallelism;
  return std::max<std::int64_t>(0, std::min<std::int64_t>(spec.completions - s.succeeded, spec.parallelism));
}

Task<JobController::Managed> JobController::manage(Sync& s) {
  const JobSpec& spec = *s.job->spec;
  std::int32_t active = s.active_count();
  if (spec.suspend) {
    std::vector<Ref<const Pod>> doomed = victims(s, s.active.size());
    expect(s.key, 0, static_cast<std::int64_t>(doomed.size()));
    Task<Deleted> deleting = delete_surplus(s, std::move(doomed));
    const Deleted d = co_await deleting;
    s.terminating += d.count;
    s.ready -= d.ready;
    co_return Managed{active - d.count, d.error};
  }
  const std::int64_t want = wanted(s);
  std::vector<Ref<const Pod>> doomed = victims(s, static_cast<std::size_t>(std::max<std::int64_t>(0, active - want)));
  if (doomed.size() > kCreateDeletePerSyncMax) doomed.resize(kCreateDeletePerSyncMax);
  if (!doomed.empty()) {
    // A sync either deletes or creates, never both.
    expect(s.key, 0, static_cast<std::int64_t>(doomed.size()));
    Task<Deleted> deleting = delete_surplus(s, std::move(doomed));
    const Deleted d = co_await deleting;
    s.terminating += d.count;
    s.ready -= d.ready;
    co_return Managed{active - d.count, d.error};
  }
  std::int64_t missing = want - active - (only_replaces_failed(spec) ? s.terminating : 0);
  if (missing <= 0) co_return Managed{active, false};

  if (!s.per_index()) {
    const Duration wait = remaining_backoff(s.backoff.failures, s.backoff.last, now());
    if (wait.count() > 0) {
      // 1.36.2 reports no active pods while it waits, which a job with ready pods is refused for (J-306, J-441); the
      // recorded traces show it.
      wake_after(s.key, wait);
      co_return Managed{0, false};
    }
  }
  missing = std::min<std::int64_t>(missing, kCreateDeletePerSyncMax);
  std::vector<std::int32_t> indexes;
  if (spec.indexed) {
    indexes = pending_indexes(s, missing);
    if (s.per_index()) {
      std::vector<std::int32_t> due;
      std::optional<Duration> least;
      for (std::int32_t ix : indexes) {
        auto held = s.held.find(ix);
        Duration wait{};
        if (held != s.held.end()) {
          const Pod& pod = *held->second;
          wait = remaining_backoff(failure_count(pod) + ignored_count(pod) + 1, finish_time(pod), now());
        }
        if (wait.count() == 0)
          due.push_back(ix);
        else if (!least || wait < *least)
          least = wait;
      }
      if (due.empty() && least) {
        wake_after(s.key, *least);
        co_return Managed{0, false};
      }
      indexes = std::move(due);
    }
    missing = static_cast<std::int64_t>(indexes.size());
  }
  expect(s.key, missing, 0);
  active += static_cast<std::int32_t>(missing);
  Task<bool> creating = create_pods(s, missing, std::move(indexes), active);
  const bool ok = co_await creating;
  co_return Managed{active, !ok};
}

// ---- creating

/// J-126: 1, 2, 4, 8 … at a time, until one of a batch fails.
Task<bool> JobController::create_pods(Sync& s, std::int64_t wanted, std::vector<std::int32_t> indexes, std::int32_t& active) {
  bool error = false;
  std::size_t next_index = 0;
  for (std::int64_t batch = std::min<std::int64_t>(wanted, 1); wanted > 0; batch = std::min(2 * batch, wanted)) {
    std::vector<Task<void>> tasks;
    tasks.reserve(static_cast<std::size_t>(batch));
    for (std::int64_t i = 0; i < batch; ++i) tasks.push_back(create_pod(s, s.job->spec->indexed ? indexes[next_index++] : kUnknownIndex, error, active));
    Latch latch;
    WhenAll all{tasks, latch};
    co_await all;
    const std::int64_t skipped = wanted - batch;
    if (error && skipped > 0) {
      active -= static_cast<std::int32_t>(skipped);
      observe(s.key, skipped, 0);
      break;
    }
    wanted -= batch;
  }
  co_return !error;
}

Task<void> JobController::create_pod(Sync& s, std::int32_t index, bool& error, std::int32_t& active) {
  const Ref<const Job> job = s.job;
  Client::Call r_call = client().create(new_pod(s, index));
  const ApiResult r = co_await r_call;
  if (pod_created(s.key, *job, r)) co_return;
  --active;
  error = true;
}
/// A function of its own, as hundreds of that coroutine wait for the limiter, with room for all that they need.
[[gnu::noinline]] bool JobController::pod_created(ObjectKeyView key, const Job& job, const ApiResult& r) {
  if (r.ok()) {
    wrote_pod(static_cast<const Pod&>(*r.object));
    recorder().event(job, sym::Normal, created_, std::string("Created pod: ").append(r.object->name()));
    return true;
  }
  recorder().event(job, sym::Warning, cluster_.symbol("FailedCreate"), "Error creating: " + r.message());
  observe(key, 1, 0);
  return false;
}

/// A million pods of one Job need not each have their own metadata: those there are lend theirs.
void JobController::share_between_pods(Sync& s) {
  const Job& job = *s.job;
  const PodTemplate& t = *job.spec->pod_template;
  const Ref<const StringMap> labels = job.spec->pod_labels(job.meta);
  Ref<const OwnerList> owners = sole_owner(job);
  const auto tracks = [&](const SharedList<Symbol>& list) { return list.size() == 1 && list[0] == sym::job_tracking; };
  if (const auto& pods = store().cached_pods_of(job.uid()); !pods.empty()) {
    for (const Pod* pod : {pods.back().get(), pods.front().get()}) {
      const SharedMeta& m = pod->meta.shared();
      if (!m.owners || !(*m.owners == *owners)) continue;
      owners = m.owners;
      if (m.labels == labels && m.annotations == t.annotations && t.finalizers.empty() && tracks(m.finalizers)) return s.pod_meta.share(pod->meta);
    }
  }
  s.pod_meta.set_owners(std::move(owners));
  s.pod_meta.set_labels(labels);
  s.pod_meta.set_annotations(t.annotations);
  s.pod_meta.set_finalizers(t.finalizers);
  if (!s.pod_meta.has_finalizer(sym::job_tracking)) s.pod_meta.add_finalizer(sym::job_tracking);
}

/// J-042 … J-047.
Ref<Pod> JobController::new_pod(Sync& s, std::int32_t index) {
  const Job& job = *s.job;
  const PodTemplate& t = *job.spec->pod_template;
  auto pod = make_ref<Pod>();
  ObjectMeta& m = pod->meta;
  if (!s.pod_meta.owners()) share_between_pods(s);
  m.share(s.pod_meta);
  m.generation = 1;
  if (index == kUnknownIndex) {
    m.id = Identity::unnamed(Kind::pod, job.ns(), pods_prefix(job.name()));
  } else {
    constexpr std::size_t kPrefixMax = 58;
    const std::string suffix = fmt::format("-{}-", index);
    const std::size_t keep = job.name().size() + suffix.size() > kPrefixMax ? kPrefixMax - suffix.size() : job.name().size();
    m.id = Identity::unnamed(Kind::pod, job.ns(), std::string(job.name().substr(0, keep)) + suffix);
    m.id->set_hostname(fmt::format("{}-{}", job.name(), index));
    const std::string number = fmt::format("{}", index);
    auto with = [](const Ref<const StringMap>& base, std::vector<std::pair<std::string, std::string>> more) {
      if (base)
        for (const auto& item : base->items)
          if (std::none_of(more.begin(), more.end(), [&](const auto& x) { return x.first == item.first; })) more.push_back(item);
      return make_string_map(std::move(more));
    };
    std::vector<std::pair<std::string, std::string>> annotations{{kIndexKey, number}};
    if (s.per_index()) {
      std::int32_t failures = 0, ignored = 0;
      if (auto held = s.held.find(index); held != s.held.end()) {
        const Pod& failed = *held->second;
        failures = failure_count(failed);
        ignored = ignored_count(failed);
        ++(match_failure_policy(*job.spec, failed, cluster_).counted ? failures : ignored);
      }
      annotations.emplace_back(kFailureCountKey, fmt::format("{}", failures));
      if (ignored > 0) annotations.emplace_back(kIgnoredCountKey, fmt::format("{}", ignored));
    }
    m.set_labels(with(m.labels(), {{kIndexKey, number}}));
    m.set_annotations(with(m.annotations(), std::move(annotations)));
  }
  pod->spec = t.pod_spec;
  return pod;
}

/// J-127.
std::vector<std::int32_t> JobController::pending_indexes(const Sync& s, std::int64_t count) const {
  std::vector<std::int32_t> taken;
  auto take = [&](const Pod& pod) {
    if (const std::int32_t ix = completion_index(pod); ix != kUnknownIndex) taken.push_back(ix);
  };
  for (const auto& pod : s.active) take(*pod);
  if (only_replaces_failed(*s.job->spec))
    for (const auto& pod : s.pods)
      if (is_terminating(*pod)) take(*pod);
  std::sort(taken.begin(), taken.end());
  const IndexSet busy = s.succeeded_indexes.merged(IndexSet::from_sorted(taken)).merged(s.failed_indexes);
  std::vector<std::int32_t> out;
  const auto completions = static_cast<std::int32_t>(s.job->spec->completions);
  std::int32_t candidate = 0;
  auto fill_to = [&](std::int32_t end) {
    for (; candidate < end && static_cast<std::int64_t>(out.size()) < count; ++candidate) out.push_back(candidate);
  };
  for (const auto& [first, last] : busy.ranges) {
    fill_to(std::min(first, completions));
    candidate = std::max(candidate, last + 1);
  }
  fill_to(completions);
  return out;
}

// ---- deleting

/// J-131.
std::vector<Ref<const Pod>> JobController::victims(const Sync& s, std::size_t at_least) const {
  auto by_rank = [](const Ref<const Pod>& a, const Ref<const Pod>& b) { return deleted_before(*a, *b); };
  std::vector<Ref<const Pod>> doomed, rest;
  if (s.job->spec->indexed) {
    std::map<std::int32_t, std::vector<Ref<const Pod>>> by_index;
    for (const auto& pod : s.active) by_index[completion_index(*pod)].push_back(pod);
    for (auto& [ix, pods] : by_index) {
      if (ix == kUnknownIndex || ix >= s.job->spec->completions) {
        doomed.insert(doomed.end(), pods.begin(), pods.end());
        continue;
      }
      std::sort(pods.begin(), pods.end(), by_rank);
      doomed.insert(doomed.end(), pods.begin(), pods.end() - 1);
      rest.push_back(pods.back());
    }
  } else {
    if (at_least == 0) return {};
    rest = s.active;
  }
  if (doomed.size() < at_least) {
    std::sort(rest.begin(), rest.end(), by_rank);
    doomed.insert(doomed.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(at_least - doomed.size()));
  }
  return doomed;
}

Task<ApiStatus> JobController::delete_pod(const Job& given, Ref<const Pod> pod) {
  const Ref<const Job> job(&given);
  Client::Call r_call = client().remove(*pod, {});
  const ApiResult r = co_await r_call;
  if (r.ok())
    recorder().event(*job, sym::Normal, cluster_.symbol("SuccessfulDelete"), std::string("Deleted pod: ").append(pod->name()));
  else if (r.status != ApiStatus::not_found)
    recorder().event(*job, sym::Warning, cluster_.symbol("FailedDelete"), "Error deleting: " + r.message());
  co_return r.status;
}

/// J-133: the finalizer goes first, so that the pod is never counted.
Task<void> JobController::delete_one_surplus(Sync& s, Ref<const Pod> pod, Deleted& result) {
  if (pod->meta.has_finalizer(sym::job_tracking)) {
    Client::Call r_call = client().patch(*pod, {}, drop_tracking);
    const ApiResult r = co_await r_call;
    if (!r.ok()) {
      observe(s.key, 0, 1);
      if (r.status != ApiStatus::not_found) {
        --result.count;
        result.error = true;
      }
      co_return;
    }
    wrote_pod(static_cast<const Pod&>(*r.object));
  }
  Task<ApiStatus> deleting = delete_pod(*s.job, pod);
  const ApiStatus status = co_await deleting;
  if (status != ApiStatus::ok) {
    observe(s.key, 0, 1);
    if (status != ApiStatus::not_found) {
      --result.count;
      result.error = true;
    }
  }
  if (is_ready(*pod)) ++result.ready;
}

Task<JobController::Deleted> JobController::delete_surplus(Sync& s, std::vector<Ref<const Pod>> pods) {
  Deleted result{static_cast<std::int32_t>(pods.size()), 0, false};
  std::vector<Task<void>> tasks;
  tasks.reserve(pods.size());
  for (const auto& pod : pods) tasks.push_back(delete_one_surplus(s, pod, result));
  Latch latch;
  WhenAll all{tasks, latch};
  co_await all;
  co_return result;
}

/// J-134, J-201: the job ends, the finalizers go later.
Task<void> JobController::delete_one_active(Sync& s, Ref<const Pod> pod, Deleted& result) {
  Task<ApiStatus> deleting = delete_pod(*s.job, pod);
  const ApiStatus status = co_await deleting;
  if (status != ApiStatus::ok && status != ApiStatus::not_found) {
    --result.count;
    result.error = true;
  }
  if (is_ready(*pod)) ++result.ready;
}

Task<JobController::Deleted> JobController::delete_active(Sync& s) {
  Deleted result{static_cast<std::int32_t>(s.active.size()), 0, false};
  std::vector<Task<void>> tasks;
  tasks.reserve(s.active.size());
  for (const auto& pod : s.active) tasks.push_back(delete_one_active(s, pod, result));
  Latch latch;
  WhenAll all{tasks, latch};
  co_await all;
  co_return result;
}

}  // namespace orrery::job
