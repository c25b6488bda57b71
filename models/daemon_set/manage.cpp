// One pod on each node that should have one, and none elsewhere (D-044 … D-050).
#include <algorithm>

#include <fmt/format.h>

#include "daemon_set_controller.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery::daemon {

Task<bool> DaemonSetController::manage(Sync& s) {
  Task<bool> claiming = claim_pods(s);
  const bool claimed = co_await claiming;
  if (!claimed) co_return false;
  s.table->refresh(now());
  Changes changes;
  for (const NodeEntry* e : s.table->attention())
    if (e->node) look_at(s, *e, changes);
  // Pods that wait for a node that is gone will never be bound, and PodGC does not see them; deleted even if already terminating.
  for (const NodeEntry* e : s.table->attention())
    if (!e->node)
      for (const auto& pod : e->pods)
        if (pod->node == 0 && !(pod->terminal() && pod->meta.deleted)) changes.deletes.emplace_back(pod->name());
  Task<bool> carrying = carry_out(s, std::move(changes));
  const bool ok = co_await carrying;
  co_return ok;
}

void DaemonSetController::look_at(Sync& s, const NodeEntry& e, Changes& out) {
  const DaemonSet& set = *s.set;
  if (e.fit.should_run && !e.exists) {
    out.creates.push_back(e.name);
    return;
  }
  if (!e.fit.should_continue) {
    for (const auto& pod : e.pods)
      if (!pod->meta.deleted) out.deletes.emplace_back(pod->name());
    return;
  }
  std::vector<const Pod*> live;
  for (const auto& pod : e.pods) {
    if (pod->meta.deleted) continue;
    if (pod->phase == PodPhase::failed) {
      Memory& m = memory_[s.key];
      if (m.backoff_for != set.uid()) {
        m.backoff_for = set.uid();
        m.backoff = {};
      }
      const Duration wait = m.backoff.next(set.status.observed_generation, e.name, now());
      if (wait.count() > 0) {
        queue_.add_after(s.key, wait);
        continue;
      }
      recorder().event(set, sym::Warning, cluster_.symbol("FailedDaemonPod"),
                       fmt::format("Found failed daemon pod {}/{} on node {}, will try to kill it", cluster_.text(pod->ns()), pod->name(), e.text));
      out.deletes.emplace_back(pod->name());
    } else if (pod->phase == PodPhase::succeeded) {
      recorder().event(set, sym::Normal, cluster_.symbol("SucceededDaemonPod"),
                       fmt::format("Found succeeded daemon pod {}/{} on node {}, will try to delete it", cluster_.text(pod->ns()), pod->name(), e.text));
      out.deletes.emplace_back(pod->name());
    } else {
      live.push_back(pod.get());
    }
  }
  std::sort(live.begin(), live.end(), [](const Pod* a, const Pod* b) { return comes_first(*a, *b); });
  const bool surge = set.spec->strategy == DaemonSetSpec::Strategy::rolling_update && set.spec->max_surge.of(1) > 0;
  if (!surge) {
    for (std::size_t i = 1; i < live.size(); ++i) out.deletes.emplace_back(live[i]->name());
    return;
  }
  if (live.size() <= 1) {
    if (live.empty() && e.fit.should_run) out.creates.push_back(e.name);
    return;
  }
  const Pod *fresh = nullptr, *old = nullptr;
  for (const Pod* pod : live) {
    const Pod*& place = s.table->revision().has_hash(*pod) ? fresh : old;
    if (place == nullptr)
      place = pod;
    else
      out.deletes.emplace_back(pod->name());
  }
  // The old one may stay while it serves and the new one does not yet.
  if (fresh != nullptr && old != nullptr && (!is_ready(*old) || is_available(*fresh, set.spec->min_ready_s, now()))) out.deletes.emplace_back(old->name());
}

// ---- carrying it out

/// D-047: creations 1, 2, 4, 8 … at a time until one of a batch fails, then all deletions at once.
Task<bool> DaemonSetController::carry_out(Sync& s, Changes changes) {
  if (changes.creates.size() > kBurst) changes.creates.resize(kBurst);
  if (changes.deletes.size() > kBurst) changes.deletes.resize(kBurst);
  expect(s.key, changes.creates.size(), changes.deletes.size());
  bool error = false;
  const std::size_t all = changes.creates.size();
  std::size_t done = 0;
  for (std::size_t batch = std::min<std::size_t>(all, 1); done < all; batch = std::min(2 * batch, all - done)) {
    std::vector<Task<void>> tasks;
    tasks.reserve(batch);
    for (std::size_t i = done; i < done + batch; ++i) tasks.push_back(create_pod(s, changes.creates[i], error));
    Latch latch;
    WhenAll together{tasks, latch};
    co_await together;
    done += batch;
    if (error && done < all) {
      observe(s.key, static_cast<std::int64_t>(all - done), 0);
      break;
    }
  }
  if (!changes.deletes.empty()) {
    std::vector<Task<void>> tasks;
    tasks.reserve(changes.deletes.size());
    for (std::string& name : changes.deletes) tasks.push_back(delete_pod(s, std::move(name), error));
    Latch latch;
    WhenAll together{tasks, latch};
    co_await together;
  }
  co_return !error;
}

Task<void> DaemonSetController::create_pod(Sync& s, Symbol node, bool& error) {
  Client::Call call = client().create(new_pod(s, node));
  const ApiResult r = co_await call;
  if (r.ok()) {
    wrote(*r.object, s.key, s.set->uid());
    recorder().event(*s.set, sym::Normal, cluster_.symbol("SuccessfulCreate"), std::string("Created pod: ").append(r.object->name()));
    co_return;
  }
  recorder().event(*s.set, sym::Warning, cluster_.symbol("FailedCreate"), "Error creating: " + r.message());
  observe(s.key, 1, 0);
  error = true;
}

Task<void> DaemonSetController::delete_pod(Sync& s, std::string name, bool& error) {
  Client::Call call = client().remove(Kind::pod, s.set->ns(), name, {});
  const ApiResult r = co_await call;
  if (r.ok()) {
    recorder().event(*s.set, sym::Normal, cluster_.symbol("SuccessfulDelete"), std::string("Deleted pod: ") + name);
    co_return;
  }
  observe(s.key, 0, 1);
  if (r.status == ApiStatus::not_found) co_return;
  recorder().event(*s.set, sym::Warning, cluster_.symbol("FailedDelete"), "Error deleting: " + r.message());
  error = true;
}

/// D-048.
Ref<Pod> DaemonSetController::new_pod(Sync& s, Symbol node) {
  const DaemonSet& set = *s.set;
  const Ref<const PodTemplate>& t = set.spec->pod_template;
  auto pod = make_ref<Pod>();
  ObjectMeta& m = pod->meta;
  m.id = Identity::unnamed(Kind::pod, set.ns(), pods_prefix(set.name()));
  m.share(s.table->pod_meta(t));
  m.generation = 1;
  pod->spec = s.table->spec_for(node, t);
  pod->node = set.spec->node_name;
  return pod;
}

}  // namespace orrery::daemon
