// Whose pods are whose: adoption of orphans that the selector matches, release of owned pods that it does not (D-042).
// Upstream: pkg/controller/controller_ref_manager.go.
#include <algorithm>

#include "daemon_set_controller.hpp"
#include "support/owners.hpp"

namespace orrery::daemon {

bool adopt(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload) {
  orrery::adopt(copy.meta, *static_cast<const Object*>(payload));
  return true;
}

bool release(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload) {
  orrery::release(copy.meta, static_cast<const Object*>(payload)->uid());
  return true;
}

/// Decided once per claim, on a fresh copy: nothing is adopted for a set that is going away.
Task<bool> DaemonSetController::may_adopt(const Sync& s, Adoption& known) {
  if (known == Adoption::unknown) {
    const Uid uid = s.set->uid();
    Client::Call call = client().get(Kind::daemonset, s.set->ns(), s.set->name());
    const ApiResult fresh = co_await call;
    known = fresh.ok() && fresh.object->uid() == uid && !fresh.object->meta.deleted ? Adoption::allowed : Adoption::refused;
  }
  co_return known == Adoption::allowed;
}

/// Makes the table hold what the set has a claim on. False when a claim failed.
Task<bool> DaemonSetController::claim_pods(Sync& s) {
  std::vector<Ref<const Pod>> odd;
  for (const auto& [name, pod] : s.table->strays()) odd.push_back(pod);
  for (const auto& [name, pod] : s.table->orphans()) odd.push_back(pod);
  if (odd.empty()) co_return true;
  sort_pods(odd, store().names());
  Adoption adoption = Adoption::unknown;
  bool ok = true;
  for (const auto& pod : odd) {
    const bool stray = pod->meta.controller() != nullptr;
    if (!stray) {
      Task<bool> asking = may_adopt(s, adoption);
      const bool allowed = co_await asking;
      if (!allowed) {
        ok = false;
        continue;
      }
    }
    Client::Call call = client().patch(Kind::pod, pod->ns(), pod->name(), pod->uid(), stray ? release : adopt, 0, s.set);
    const ApiResult r = co_await call;
    if (r.ok()) {
      if (const OwnerReference* owner = r.object->meta.controller()) wrote(*r.object, {pod->ns(), owner->name}, owner->uid);
      // The cache does not know it yet; this sync counts it all the same, unless it went meanwhile.
      if (!stray)
        if (const Object* known = store().cached_at(pod->meta.id->slot); known != nullptr && known->uid() == pod->uid()) s.table->put(static_cast<const Pod&>(*known));
    } else if (r.status != ApiStatus::not_found && !(stray && r.status == ApiStatus::invalid)) {
      ok = false;
    }
  }
  co_return ok;
}

}  // namespace orrery::daemon
