// What the controller remembers: expectations (D-045), what it wrote (D-041), the back-off of failed pods (D-050).
#include <algorithm>

#include "daemon_set_controller.hpp"

namespace orrery::daemon {

Duration FailedPodBackoff::next(std::int64_t observed_generation, Symbol node, Time now) {
  if (observed_generation != generation_) {
    generation_ = observed_generation;
    entries_.clear();
  }
  auto [it, fresh] = entries_.try_emplace(node);
  Entry& e = it->second;
  const bool forgotten = fresh || now - e.last > 2 * kBackoffMax;
  if (!forgotten && now - e.last < e.delay) return e.delay;
  e.delay = forgotten ? kBackoffFirst : std::min(2 * e.delay, kBackoffMax);
  e.last = now;
  return {};
}

Memory* DaemonSetController::find_memory(const ObjectKey& key) {
  auto it = memory_.find(key);
  return it == memory_.end() ? nullptr : &it->second;
}

void DaemonSetController::expect(const ObjectKey& key, std::size_t creates, std::size_t deletes) {
  memory_[key].expected = {true, static_cast<std::int64_t>(creates), static_cast<std::int64_t>(deletes), now()};
}

void DaemonSetController::observe(const ObjectKey& key, std::int64_t creates, std::int64_t deletes) {
  Memory* m = find_memory(key);
  if (m == nullptr || !m->expected.set) return;
  m->expected.creates -= creates;
  m->expected.deletes -= deletes;
}

bool DaemonSetController::expectations_met(const ObjectKey& key) const {
  auto it = memory_.find(key);
  if (it == memory_.end() || !it->second.expected.set) return true;
  const auto& e = it->second.expected;
  return (e.creates <= 0 && e.deletes <= 0) || now() - e.since > kExpectationsTimeout;
}

void DaemonSetController::wrote(const Object& object, const ObjectKey& set, Uid uid) {
  Memory& m = memory_[set];
  if (m.wrote_for != uid) m.wrote_set = m.wrote_pod = 0;
  m.wrote_for = uid;
  std::uint64_t& version = object.kind == Kind::pod ? m.wrote_pod : m.wrote_set;
  version = std::max(version, object.meta.resource_version);
}

void DaemonSetController::clear_written(const ObjectKey& key, Uid uid) {
  Memory* m = find_memory(key);
  if (m == nullptr || (uid && m->wrote_for != uid)) return;
  m->wrote_for = {};
  m->wrote_set = m->wrote_pod = 0;
}

bool DaemonSetController::caches_are_current(const ObjectKey& key) {
  Memory* m = find_memory(key);
  if (m == nullptr || !m->wrote_for) return true;
  if (m->wrote_set > store().delivered_version(Kind::daemonset) || m->wrote_pod > store().delivered_version(Kind::pod)) return false;
  clear_written(key, {});
  return true;
}

}  // namespace orrery::daemon
