// What the controller remembers: expectations (J-080 … J-083), what it wrote (J-075), the back-off record (J-151).
#include "job_controller.hpp"

namespace orrery::job {

void JobController::forget(ObjectKeyView key) {
  if (const std::uint32_t i = memory_.find(key); i != memory_.kNone) memory_.release(i);
}

/// An expectation that is met is as good as none: it only ever gets more so.
void JobController::forget_if_empty(ObjectKeyView key) {
  const Memory* m = find_memory(key);
  if (m == nullptr) return;
  const bool expects = m->expected.set && (m->expected.adds > 0 || m->expected.dels > 0);
  if (!expects && m->finalizers_going.empty() && !m->has_backoff && !m->wrote_for) forget(key);
}

void JobController::expect(ObjectKeyView key, std::int64_t adds, std::int64_t dels) {
  Memory& m = memory(key);
  m.expected.set = true;
  m.expected.adds = adds;
  m.expected.dels = dels;
  m.expected.since = now();
}

void JobController::observe(ObjectKeyView key, std::int64_t adds, std::int64_t dels) {
  Memory* m = find_memory(key);
  if (m == nullptr || !m->expected.set) return;
  m->expected.adds -= adds;
  m->expected.dels -= dels;
}

bool JobController::expectations_met(ObjectKeyView key) const {
  const Memory* m = find_memory(key);
  if (m == nullptr || !m->expected.set) return true;
  const auto& e = m->expected;
  return (e.adds <= 0 && e.dels <= 0) || now() - e.since > kExpectationsTimeout;
}

void JobController::finalizer_gone(ObjectKeyView key, Uid pod) {
  if (Memory* m = find_memory(key)) m->finalizers_going.erase(pod);
}

void JobController::wrote_pod(const Pod& pod) {
  const OwnerReference* owner = pod.meta.controller();
  if (owner == nullptr) return;
  const bool known = pod.meta.owners() == last_owner_.named_by && owner->uid == last_owner_.uid;
  Memory& m = memory(known ? ObjectKeyView{pod.ns(), owner->name, last_owner_.slot, last_owner_.serial} : ObjectKeyView{pod.ns(), owner->name});
  if (m.wrote_for != owner->uid) m.wrote_job = m.wrote_pod = 0;
  m.wrote_for = owner->uid;
  m.wrote_pod = std::max(m.wrote_pod, pod.meta.resource_version);
}

void JobController::wrote_job(const Job& job) {
  Memory& m = memory(slot_key_of(job));
  if (m.wrote_for != job.uid()) m.wrote_job = m.wrote_pod = 0;
  m.wrote_for = job.uid();
  m.wrote_job = std::max(m.wrote_job, job.meta.resource_version);
}

void JobController::clear_written(ObjectKeyView key, Uid job) {
  Memory* m = find_memory(key);
  if (m == nullptr || (job && m->wrote_for != job)) return;
  m->wrote_for = {};
  m->wrote_job = m->wrote_pod = 0;
}

bool JobController::caches_are_current(ObjectKeyView key) {
  Memory* m = find_memory(key);
  if (m == nullptr || !m->wrote_for) return true;
  if (m->wrote_job > store().delivered_version(Kind::job) || m->wrote_pod > store().delivered_version(Kind::pod)) return false;
  clear_written(key, {});
  return true;
}

}  // namespace orrery::job
