// Which change wakes which set (D-030, D-031).
#include "daemon_set_controller.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery::daemon {

namespace {
constexpr std::uint32_t kWorkers = 2;

bool same_labels(const Object& a, const Object& b) {
  return a.meta.labels() == b.meta.labels() || (a.meta.labels() && b.meta.labels() && *a.meta.labels() == *b.meta.labels());
}
bool same_controller(const Object& a, const Object& b) {
  const OwnerReference *x = a.meta.controller(), *y = b.meta.controller();
  return (x == nullptr) == (y == nullptr) && (x == nullptr || *x == *y);
}
/// Taints as the API compares them: when they were added counts too.
bool same_node(const Node& a, const Node& b) { return same_labels(a, b) && a.taints == b.taints; }
/// A pod that is, and was, under a controller of another kind: of no concern here.
bool belongs_to_others(const Change& change) {
  const ObjectMeta& meta = change.object->meta;
  if (change.before && change.before->meta.owners() != meta.owners()) return false;
  const OwnerReference* owner = meta.controller();
  return owner != nullptr && owner->kind != "DaemonSet";
}
}  // namespace

DaemonSetController::DaemonSetController(Cluster& cluster)
    : Controller(cluster, {.name = "daemonset", .component = "daemonset-controller", .position = 2}),
      queue_(cluster, "daemonset queue", kWorkers, {}, [this](const ObjectKey& key) { return sync(key); }),
      node_queue_(cluster, "daemonset node queue", kWorkers, {}, [this](const ObjectKey& key) { return sync_node(key); }) {}

void DaemonSetController::on_start() {
  queue_.start();
  node_queue_.start();
}

void DaemonSetController::on_stop() {
  queue_.stop();
  node_queue_.stop();
  memory_.clear();
  tables_.clear();
  sets_.clear();
  revisions_.clear();
  by_node_.clear();
}

void DaemonSetController::on_change(const Change& change) {
  switch (change.kind) {
    case Kind::daemonset: return set_changed(change);
    case Kind::controllerrevision: return revision_changed(change);
    case Kind::node: return node_changed(change);
    case Kind::pod: return pod_changed(change);
    default: return;
  }
}

const DaemonSet* DaemonSetController::resolve(Symbol ns, const OwnerReference* owner) const {
  if (owner == nullptr || owner->kind != "DaemonSet") return nullptr;
  const DaemonSet* set = cluster_.store().cached_daemon_set(ns, owner->name);
  return set != nullptr && set->uid() == owner->uid ? set : nullptr;
}

/// Every set of the namespace that could want an object with these labels and no controller.
void DaemonSetController::wake_matching(Symbol ns, const StringMap* labels) {
  if (labels == nullptr || labels->items.empty()) return;
  for (auto it = sets_.lower_bound({cluster_.text(ns), {}}); it != sets_.end() && it->second.ns == ns; ++it) {
    const DaemonSet* set = store().cached_daemon_set(ns, it->second.name);
    if (set != nullptr && !set->spec->selector.empty() && labels_match(set->spec->selector, labels)) queue_.add(it->second);
  }
}

// ---- sets and revisions

void DaemonSetController::set_changed(const Change& change) {
  const ObjectKey key = key_of(*change.object);
  const std::pair place{cluster_.text(key.ns), key.name};
  if (change.type == ChangeType::deleted) {
    sets_.erase(place);
    tables_.erase(change.object->uid());
    clear_written(key, change.object->uid());
    if (Memory* m = find_memory(key)) m->expected = {};
  } else {
    sets_.emplace(place, key);
  }
  queue_.add(key);
}

void DaemonSetController::revision_changed(const Change& change) {
  const Object& object = *change.object;
  auto& list = revisions_[object.ns()];
  if (change.type == ChangeType::deleted)
    list.erase(std::string(object.name()));
  else
    list.insert_or_assign(std::string(object.name()), Ref<const ControllerRevision>(static_cast<const ControllerRevision*>(&object)));

  const OwnerReference* owner = object.meta.controller();
  const bool going = change.type == ChangeType::deleted || (change.type == ChangeType::added && object.meta.deleted);
  if (going) {
    if (const DaemonSet* set = resolve(object.ns(), owner)) queue_.add(key_of(*set));
    return;
  }
  if (change.type == ChangeType::added) {
    if (owner == nullptr) wake_matching(object.ns(), object.meta.labels().get());
    return;
  }
  const bool owner_changed = !same_controller(object, *change.before);
  if (owner_changed)
    if (const DaemonSet* set = resolve(object.ns(), change.before->meta.controller())) queue_.add(key_of(*set));
  if (owner != nullptr) {
    if (const DaemonSet* set = resolve(object.ns(), owner)) queue_.add(key_of(*set));
    return;
  }
  if (owner_changed || !same_labels(object, *change.before)) wake_matching(object.ns(), object.meta.labels().get());
}

// ---- pods

/// Keeps the tables of the pod's controllers, past and present, in step with the cache.
void DaemonSetController::place_pod(const Change& change) {
  auto table = [&](const Object& o) {
    const OwnerReference* owner = o.meta.controller();
    auto it = owner != nullptr && owner->kind == "DaemonSet" ? tables_.find(owner->uid) : tables_.end();
    return it == tables_.end() ? nullptr : it->second.get();
  };
  const Pod& pod = static_cast<const Pod&>(*change.object);
  const bool orphan = pod.meta.controller() == nullptr;
  if (orphan || (change.before && change.before->meta.controller() == nullptr))
    for (auto it = sets_.lower_bound({cluster_.text(pod.ns()), {}}); it != sets_.end() && it->second.ns == pod.ns(); ++it) {
      const DaemonSet* set = store().cached_daemon_set(it->second.ns, it->second.name);
      auto found = set != nullptr ? tables_.find(set->uid()) : tables_.end();
      if (found != tables_.end()) found->second->orphan(pod, orphan && change.type != ChangeType::deleted);
    }
  NodeTable* mine = table(pod);
  if (change.before)
    if (NodeTable* before = table(*change.before); before != nullptr && before != mine) before->drop(pod);
  if (mine == nullptr) return;
  if (change.type == ChangeType::deleted)
    mine->drop(pod);
  else
    mine->put(pod);
}

void DaemonSetController::pod_changed(const Change& change) {
  by_node_.observe(change);
  // They share one list of owners.
  const Ref<const OwnerList>& owners = change.object->meta.owners();
  if (owners && owners == foreign_owners_ && (!change.before || change.before->meta.owners() == owners)) return;
  if (belongs_to_others(change)) {
    foreign_owners_ = owners;
    return;
  }
  place_pod(change);
  const Pod& pod = static_cast<const Pod&>(*change.object);
  if (change.type == ChangeType::deleted || pod.meta.deleted) return pod_going(pod);
  const OwnerReference* owner = pod.meta.controller();
  if (change.type == ChangeType::added) {
    if (owner == nullptr) return wake_matching(pod.ns(), pod.meta.labels().get());
    if (const DaemonSet* set = resolve(pod.ns(), owner)) {
      observe(key_of(*set), 1, 0);
      queue_.add(key_of(*set));
    }
    return;
  }
  const Pod& before = static_cast<const Pod&>(*change.before);
  const bool owner_changed = !same_controller(pod, before);
  if (owner_changed)
    if (const DaemonSet* set = resolve(pod.ns(), before.meta.controller())) queue_.add(key_of(*set));
  if (owner != nullptr) {
    const DaemonSet* set = resolve(pod.ns(), owner);
    if (set == nullptr) return;
    queue_.add(key_of(*set));
    if (set->spec->min_ready_s > 0 && !is_ready(before) && is_ready(pod))
      queue_.add_after(key_of(*set), std::chrono::seconds{set->spec->min_ready_s + 1});
    return;
  }
  if (owner_changed || !same_labels(pod, before)) wake_matching(pod.ns(), pod.meta.labels().get());
}

/// Every update of a terminating pod counts as an observed deletion, and its end once more (D-045).
void DaemonSetController::pod_going(const Pod& pod) {
  const DaemonSet* set = resolve(pod.ns(), pod.meta.controller());
  if (set == nullptr) return;
  observe(key_of(*set), 0, 1);
  queue_.add(key_of(*set));
}

// ---- nodes

void DaemonSetController::node_changed(const Change& change) {
  const bool matters = change.type != ChangeType::modified ||
                       !same_node(static_cast<const Node&>(*change.object), static_cast<const Node&>(*change.before));
  // While there are no sets there is nothing to decide; one that comes is woken by its own arrival.
  if (!matters || sets_.empty()) return;
  const Symbol name = cluster_.symbol(change.object->name());
  for (auto& [uid, table] : tables_) table->node_changed(name);
  // A node that goes wakes nobody: the pods that PodGC takes away from it do (D-216).
  if (change.type != ChangeType::deleted) node_queue_.add({0, change.object->name()});
}

/// D-031.
Task<Outcome> DaemonSetController::sync_node(ObjectKey key) {
  const Node* node = store().cached_node(key.name);
  if (node == nullptr) co_return Outcome::ok();
  const auto pods = by_node_.on(store(), cluster_.symbol(key.name));
  for (const auto& [place, set_key] : sets_) {
    const DaemonSet* set = store().cached_daemon_set(set_key.ns, set_key.name);
    if (set == nullptr) continue;
    const Fit fit = NodeRule::of(*set->spec, cluster_.names())->judge(*node);
    bool scheduled = false;
    for (const auto& pod : pods) {
      const OwnerReference* owner = pod->meta.controller();
      if (pod->ns() == set->ns() && owner != nullptr && owner->kind == "DaemonSet" && owner->name == set->name()) scheduled = true;
    }
    if ((fit.should_run && !scheduled) || (!fit.should_continue && scheduled) || (scheduled && set->status.misscheduled > 0)) queue_.add(set_key);
  }
  co_return Outcome::ok();
}

}  // namespace orrery::daemon

namespace orrery {
std::unique_ptr<Controller> make_daemon_set_controller(Cluster& cluster) { return std::make_unique<daemon::DaemonSetController>(cluster); }
}  // namespace orrery
