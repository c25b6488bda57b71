// Which change wakes which job, and the sweep of orphaned pods (J-070, J-071, J-091).
#include <algorithm>
#include <array>

#include "job_controller.hpp"

namespace orrery::job {

namespace {
constexpr const char* kUidLabel = "batch.kubernetes.io/controller-uid";
constexpr char kPodMark = 'p', kSelectorMark = 's';  // first character of an orphan key's name
constexpr std::string_view kOwnName = "kubernetes.io/job-controller";
constexpr QueueLimits kLimits{.base = std::chrono::seconds{1}, .max = std::chrono::seconds{60}, .qps = 0, .burst = 0};
constexpr std::uint32_t kWorkers = 5;

bool has_finalizer(const Pod& pod) { return pod.meta.has_finalizer(sym::job_tracking); }
bool managed_elsewhere(const Job& job) { return !job.spec->managed_by.empty() && job.spec->managed_by != kOwnName; }
}  // namespace

JobController::JobController(Cluster& cluster)
    : Controller(cluster, {.name = "job", .component = "job-controller", .position = 0}),
      queue_(cluster, "job queue", kWorkers, kLimits, [this](const ObjectKey& key) { return sync(key); }),
      orphan_queue_(cluster, "job orphan queue", kWorkers, kLimits, [this](const ObjectKey& key) { return sync_orphan(key); }) {}

void JobController::on_start() {
  queue_.start();
  orphan_queue_.start();
}

void JobController::on_stop() {
  queue_.stop();
  orphan_queue_.stop();
  memory_ = {};
  finished_.clear();
  orphan_selectors_.clear();
  manual_jobs_.clear();
}

void JobController::on_change(const Change& change) {
  if (change.kind == Kind::job) return job_changed(change);
  if (change.kind != Kind::pod) return;
  const Pod& pod = static_cast<const Pod&>(*change.object);
  switch (change.type) {
    case ChangeType::added: return pod_added(pod);
    case ChangeType::modified: return pod_updated(static_cast<const Pod&>(*change.before), pod);
    case ChangeType::deleted: return pod_going(pod, true);
  }
}

// ---- jobs

void JobController::job_changed(const Change& change) {
  const Job& job = static_cast<const Job&>(*change.object);
  const ObjectKeyView key = slot_key_of(job);
  if (change.type == ChangeType::added) {
    if (job.spec->manual_selector) manual_jobs_.emplace(job.uid(), key);
    queue_.add(key);
    return;
  }
  if (change.type == ChangeType::deleted) {
    manual_jobs_.erase(job.uid());
    queue_.add(key);
    clear_written(key, job.uid());
    finished_.erase(job.uid());
    enqueue_selector(job);
    if (Memory* m = find_memory(key)) {
      m->has_backoff = false;
      m->backoff = {};
    }
    return;
  }
  if (job.status.finished()) {
    enqueue_selector(job);
    return;
  }
  const Job& before = static_cast<const Job&>(*change.before);
  if (job.meta.generation == before.meta.generation)
    queue_.add_after(key, kBatchPeriod);
  else
    queue_.add(key);
  const std::int64_t deadline = job.spec->active_deadline_s;
  if (job.status.start_time && deadline != kUnset && deadline != before.spec->active_deadline_s)
    queue_.add_after(key, std::chrono::seconds{deadline} - (now() - time_of(job.status.start_time)));
}

// ---- pods

const Job* JobController::resolve(Symbol ns, const OwnerReference& owner) const {
  if (owner.kind != "Job") return nullptr;
  // The pods of a job come one after the other.
  const Store& store = cluster_.store();
  const Object* job = owner.uid == last_owner_.uid ? store.cached_at(last_owner_.slot) : nullptr;
  if (job == nullptr || job->uid() != owner.uid) job = store.cached_no_pod(owner.uid);
  if (job == nullptr || job->kind != Kind::job || job->ns() != ns || job->name() != owner.name) return nullptr;
  if (last_owner_.uid != owner.uid) last_owner_ = {owner.uid, job->meta.id->slot, job->meta.id->serial, {}};
  last_owner_.slot = job->meta.id->slot;
  return static_cast<const Job*>(job);
}
const Job* JobController::owner_of(const Pod& pod) const {
  // They share one list of owners.
  const Ref<const OwnerList>& owners = pod.meta.owners();
  if (owners && owners == last_owner_.named_by) {
    const Object* job = cluster_.store().cached_at(last_owner_.slot);
    if (job != nullptr && job->uid() == last_owner_.uid && job->ns() == pod.ns()) return static_cast<const Job*>(job);
  }
  const OwnerReference* owner = pod.meta.controller();
  const Job* job = owner != nullptr ? resolve(pod.ns(), *owner) : nullptr;
  if (job != nullptr) last_owner_.named_by = owners;
  return job;
}

void JobController::pod_added(const Pod& pod) {
  if (pod.meta.deleted) return pod_going(pod, false);
  if (pod.meta.controller() != nullptr) {
    const Job* job = owner_of(pod);
    if (job == nullptr) return;
    observe(slot_key_of(*job), 1, 0);
    queue_.add_after(slot_key_of(*job), kBatchPeriod);
    return;
  }
  if (has_finalizer(pod)) enqueue_orphan(pod);
  wake_matching_jobs(pod);
}

void JobController::pod_updated(const Pod& before, const Pod& pod) {
  if (pod.meta.deleted) return pod_going(pod, false);
  const bool finalizer_removed = !has_finalizer(pod);
  const OwnerReference* owner = pod.meta.controller();
  const OwnerReference* old_owner = before.meta.controller();
  const bool owner_changed = owner != old_owner && (owner == nullptr || old_owner == nullptr || !(*owner == *old_owner));
  if (owner_changed && old_owner != nullptr) {
    if (const Job* job = resolve(pod.ns(), *old_owner)) {
      if (finalizer_removed) finalizer_gone(slot_key_of(*job), pod.uid());
      queue_.add_after(slot_key_of(*job), kBatchPeriod);
    }
  }
  if (owner != nullptr) {
    const Job* job = owner_of(pod);
    if (job == nullptr) return;
    if (finalizer_removed) finalizer_gone(slot_key_of(*job), pod.uid());
    queue_.add_after(slot_key_of(*job), kBatchPeriod);
    return;
  }
  if (has_finalizer(pod)) enqueue_orphan(pod);
  const bool labels_changed = pod.meta.labels() != before.meta.labels() && !(pod.meta.labels() && before.meta.labels() && *pod.meta.labels() == *before.meta.labels());
  if (labels_changed || owner_changed) wake_matching_jobs(pod);
}

void JobController::pod_going(const Pod& pod, bool final) {
  if (pod.meta.controller() == nullptr) {
    if (has_finalizer(pod)) enqueue_orphan(pod);
    return;
  }
  const Job* job = owner_of(pod);
  if (job == nullptr || job->status.finished()) {
    if (has_finalizer(pod)) enqueue_orphan(pod);
    return;
  }
  const ObjectKeyView key = slot_key_of(*job);
  observe(key, 0, 1);
  if (final || !has_finalizer(pod)) finalizer_gone(key, pod.uid());
  queue_.add_after(key, kBatchPeriod);
}

/// Jobs of the namespace that a pod without controller could belong to. A generated selector names the job by its UID,
/// so only jobs with a selector of their own have to be tried one by one.
void JobController::wake_matching_jobs(const Pod& pod) {
  const StringMap* labels = pod.meta.labels().get();
  if (labels == nullptr || labels->items.empty()) return;
  if (const std::string* uid = labels->find(kUidLabel)) {
    const Object* o = store().cached_no_pod(Uid::parse(*uid));
    if (o != nullptr && o->kind == Kind::job && o->ns() == pod.ns()) {
      const Job& job = static_cast<const Job&>(*o);
      if (!job.spec->manual_selector && job.spec->selects(job.uid(), labels)) queue_.add_after(slot_key_of(job), kBatchPeriod);
    }
  }
  for (const auto& [uid, key] : manual_jobs_) {
    if (key.ns != pod.ns()) continue;
    const Job* job = store().cached_job(key.ns, key.name);
    if (job != nullptr && job->spec->selects(job->uid(), labels)) queue_.add_after(key, kBatchPeriod);
  }
}

// ---- orphans

void JobController::enqueue_orphan(const Pod& pod) { orphan_queue_.add({pod.ns(), kPodMark + std::string(pod.name())}); }

void JobController::enqueue_selector(const Job& job) {
  orphan_selectors_[job.uid()] = job.spec;
  const Uid::Characters uid = job.uid().characters();
  std::array<char, 1 + sizeof uid.all> name;
  name.front() = kSelectorMark;
  std::copy(uid.all.begin(), uid.all.end(), name.begin() + 1);
  orphan_queue_.add({job.ns(), std::string_view(name.data(), name.size())});
}

Task<bool> JobController::release_orphan(Ref<const Pod> pod) {
  if (const OwnerReference* owner = pod->meta.controller()) {
    if (owner->kind != "Job" || owner->api_version != "batch/v1") return true;
    const Job* job = resolve(pod->ns(), *owner);
    if (job != nullptr && (managed_elsewhere(*job) || !job->status.finished())) return true;
  }
  if (!has_finalizer(*pod)) return true;
  return drop_finalizer(std::move(pod));
}

Task<bool> JobController::drop_finalizer(Ref<const Pod> pod) {
  Client::Call r_call = client().patch(*pod, {}, drop_tracking);
  const ApiResult r = co_await r_call;
  co_return r.ok() || r.status == ApiStatus::not_found;
}

Task<Outcome> JobController::sync_orphan(const ObjectKey& key) {
  const std::string_view name = std::string_view(key.name).substr(1);
  if (key.name.front() == kPodMark) {
    const Pod* pod = store().cached_pod(key.ns, name);
    if (pod == nullptr) return Outcome::ok();
    return sync_orphan_pod(Ref<const Pod>(pod));
  }
  const auto it = orphan_selectors_.find(Uid::parse(name));
  if (it == orphan_selectors_.end()) return Outcome::ok();
  const Uid job = it->first;
  const Ref<const JobSpec> kept = it->second;
  const JobSpec& spec = *kept;
  orphan_selectors_.erase(it);
  std::vector<Ref<const Pod>> pods;
  auto take = [&](const std::vector<Ref<const Pod>>& list) {
    for (const auto& p : list)
      if (has_finalizer(*p) && spec.selects(job, p->meta.labels().get())) pods.push_back(p);
  };
  if (spec.manual_selector) {
    for (const auto& o : store().cached_list(Kind::pod))
      if (o->ns() == key.ns && o->meta.has_finalizer(sym::job_tracking) && spec.selects(job, o->meta.labels().get()))
        pods.push_back(Ref<const Pod>(static_cast<const Pod*>(o.get())));
  } else {
    take(store().cached_pods_of(job));
    take(store().cached_orphans(key.ns));
  }
  if (pods.empty()) return Outcome::ok();
  return release_orphans(std::move(pods));
}

Task<Outcome> JobController::sync_orphan_pod(Ref<const Pod> pod) {
  Task<bool> release = release_orphan(std::move(pod));
  const bool done = co_await release;
  co_return done ? Outcome::ok() : Outcome::failed();
}

Task<Outcome> JobController::release_orphans(std::vector<Ref<const Pod>> pods) {
  for (const auto& pod : pods) {
    Task<bool> release = release_orphan(pod);
    (void)co_await release;  // errors of a sweep are only logged upstream
  }
  co_return Outcome::ok();
}

}  // namespace orrery::job

namespace orrery {
std::unique_ptr<Controller> make_job_controller(Cluster& cluster) { return std::make_unique<job::JobController>(cluster); }
}  // namespace orrery
