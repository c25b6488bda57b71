// One sync of a set (D-040) and its status (D-100 … D-103).
#include "daemon_set_controller.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery::daemon {

Ref<NodeTable> DaemonSetController::table_of(const DaemonSet& set) {
  Ref<NodeTable>& table = tables_[set.uid()];
  if (!table) table = make_ref<NodeTable>(cluster_, set);
  return table;
}

Task<Outcome> DaemonSetController::sync(ObjectKey key) {
  if (!caches_are_current(key)) co_return Outcome::failed();
  const DaemonSet* cached = store().cached_daemon_set(key.ns, key.name);
  if (cached == nullptr) {
    memory_.erase(key);
    co_return Outcome::ok();
  }
  if (cached->spec->selects_all) {
    recorder().event(*cached, sym::Warning, cluster_.symbol("SelectingAll"), "This daemon set is selecting all pods. A non-empty selector is required.");
    co_return Outcome::ok();
  }
  if (cached->meta.deleted) co_return Outcome::ok();

  Sync s;
  s.key = key;
  s.set = Ref<const DaemonSet>(cached);
  s.table = table_of(*cached);
  s.table->begin(s.set);
  Task<bool> constructing = construct_history(s);
  const bool constructed = co_await constructing;
  if (!constructed) co_return Outcome::failed();

  Revision revision;
  if (const std::string* hash = s.current->meta.label(kHashLabel)) revision.hash = *hash;
  if (const std::string* generation = s.set->meta.annotation(kGenerationAnnotation)) revision.generation = *generation;
  s.table->compare_with(revision);

  const bool act = expectations_met(key);
  bool ok = true;
  if (act) {
    Task<bool> updating = update_set(s);
    ok = co_await updating;
  }
  Task<bool> writing = update_status(s, act);
  const bool written = co_await writing;
  co_return ok && written ? Outcome::ok() : Outcome::failed();
}

Task<bool> DaemonSetController::update_set(Sync& s) {
  Task<bool> managing = manage(s);
  bool ok = co_await managing;
  if (ok && expectations_met(s.key) && s.set->spec->strategy == DaemonSetSpec::Strategy::rolling_update) {
    Task<bool> rolling = rolling_update(s);
    ok = co_await rolling;
  }
  if (!ok) co_return false;
  Task<bool> cleaning = clean_up_history(s);
  ok = co_await cleaning;
  co_return ok;
}

Task<bool> DaemonSetController::update_status(Sync& s, bool observed) {
  Task<bool> claiming = claim_pods(s);
  const bool claimed = co_await claiming;
  if (!claimed) co_return false;
  s.table->refresh(now());
  const Totals& t = s.table->totals();
  const bool ripening = s.set->spec->min_ready_s > 0 && t.ready != t.available;
  auto fill = [t, observed, set = s.set](DaemonSetStatus& status) {
    if (observed) status.observed_generation = set->meta.generation;
    status.desired = t.desired;
    status.current = t.current;
    status.misscheduled = t.misscheduled;
    status.ready = t.ready;
    status.updated = t.updated;
    status.available = t.available;
    status.unavailable = t.desired - t.available;
  };
  DaemonSetStatus counted = s.set->status;
  fill(counted);
  counted.observed_generation = s.set->status.observed_generation;
  if (!(counted == s.set->status) || s.set->status.observed_generation < s.set->meta.generation) {
    Ref<DaemonSet> next = clone_as(*s.set);
    constexpr int kRetries = 1;
    for (int attempt = 0;; ++attempt) {
      fill(next->status);
      Client::Call call = client().update_status(next);
      const ApiResult r = co_await call;
      if (r.ok()) {
        wrote(*r.object, s.key, r.object->uid());
        break;
      }
      if (attempt >= kRetries) co_return false;
      Client::Call get = client().get(Kind::daemonset, s.set->ns(), s.set->name());
      const ApiResult fresh = co_await get;
      if (!fresh.ok()) co_return false;
      next = clone_as(static_cast<const DaemonSet&>(*fresh.object));
    }
  }
  // Against clocks that differ: look again when the pods are to be available.
  if (ripening) queue_.add_after(s.key, std::chrono::seconds{s.set->spec->min_ready_s});
  co_return true;
}

}  // namespace orrery::daemon
