#include "change_fingerprint.hpp"

#include <nlohmann/json.hpp>

namespace orrery {

namespace {

template <class A, class B>
constexpr std::uint64_t both(A a, B b) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32 | static_cast<std::uint32_t>(b);
}

/// Words on their way to the fingerprint: room is made for several at once.
class Words {
 public:
  Words(Fingerprint& f, std::size_t count) : f_(f), at_(f.room(count * sizeof(std::uint64_t))) {}
  ~Words() { f_.written_to(at_); }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  void add(std::uint64_t word) { at_ = Fingerprint::store(at_, word); }

 private:
  Fingerprint& f_;
  unsigned char* at_;
};

constexpr std::size_t kConditionBytes = 40;
}  // namespace

unsigned char* ChangeFingerprint::write(unsigned char* at, const Condition& c) const {
  for (const Symbol s : {c.type, c.status, c.reason, c.message}) at = Fingerprint::store(at, names_.hash(s));
  return Fingerprint::store(at, both(c.transition.s, c.probe.s));
}

void ChangeFingerprint::add_conditions(const Conditions& list) {
  // Many pods share a list, and a pod's last list is fed again for each of the steps in which it goes.
  if (list.empty() || list.size() > Fed::kMax) {
    fingerprint_.add_u64(list.size());
    for (const Condition& c : list) fingerprint_.written_to(write(fingerprint_.room(kConditionBytes), c));
    return;
  }
  Fed& known = fed_[reinterpret_cast<std::uintptr_t>(list.data()) / 64 % fed_.size()];
  if (known.list.data() != list.data()) {
    known.list = list;
    unsigned char* at = Fingerprint::store(known.bytes.data(), list.size());
    for (const Condition& c : list) at = write(at, c);
    known.size = static_cast<std::uint32_t>(at - known.bytes.data());
  }
  unsigned char* const at = fingerprint_.room(known.size);
  std::memcpy(at, known.bytes.data(), known.size);
  fingerprint_.written_to(at + known.size);
}

void ChangeFingerprint::add_pod(const Pod& p) {
  Fingerprint& f = fingerprint_;
  const Interner& names = names_;
  {
    Words w(f, 4);
    w.add(names.hash(p.node));
    w.add(names.hash(p.reason()));
    w.add(names.hash(p.message()));
    w.add(both(p.phase, p.start_time.s));
  }
  add_conditions(p.conditions);
  for (const auto* list : {&p.init_containers(), &p.containers})
    for (const ContainerStatus& x : *list) {
      Words w(f, 4);
      w.add(static_cast<std::uint64_t>(x.state) << 40 | static_cast<std::uint64_t>(x.ready) << 33 | static_cast<std::uint32_t>(x.restart_count));
      w.add(names.hash(x.waiting_reason));
      w.add(x.running_since.s);
      w.add(both(x.terminated.exit_code, x.terminated.finished.s));
    }
}

void ChangeFingerprint::add(Duration t, const Change& c) {
  Fingerprint& f = fingerprint_;
  const Interner& names = names_;
  auto word = [&](Symbol s) { f.add_u64(names.hash(s)); };
  auto pair = [&](auto a, auto b) { f.add_u64(both(a, b)); };
  const ObjectMeta& m = c.object->meta;
  {
    Words w(f, 2);
    w.add(static_cast<std::uint64_t>(t.count()));
    w.add(static_cast<std::uint64_t>(c.type));
  }
  f.add_bytes(kind_name(c.kind));
  word(m.id->ns);
  f.add_bytes(m.id->name());
  {
    Words w(f, 3);
    w.add(m.resource_version);
    w.add(static_cast<std::uint64_t>(m.generation));
    w.add(both(m.deleted.s, m.deletion_grace));
  }
  for (Symbol s : m.finalizers()) word(s);
  if (c.kind == Kind::pod) return add_pod(static_cast<const Pod&>(*c.object));
  auto conditions = [&](const Conditions& list) { add_conditions(list); };
  if (c.kind == Kind::job) {
    const JobStatus& s = static_cast<const Job&>(*c.object).status;
    pair(s.active, s.succeeded);
    pair(s.failed, s.ready);
    pair(s.start_time.s, s.completion_time.s);
    f.add_i64(s.terminating);
    f.add_bytes(s.completed_indexes);
    f.add_bytes(s.failed_indexes);
    conditions(s.conditions);
  } else if (c.kind == Kind::daemonset) {
    const DaemonSetStatus& s = static_cast<const DaemonSet&>(*c.object).status;
    for (std::int32_t n : {s.current, s.misscheduled, s.desired, s.ready, s.updated, s.available, s.unavailable, s.collisions}) f.add_i64(n);
    f.add_i64(s.observed_generation);
  } else if (c.kind == Kind::controllerrevision) {
    f.add_i64(static_cast<const ControllerRevision&>(*c.object).revision);
  } else if (c.kind == Kind::cronjob) {
    const CronJobStatus& s = static_cast<const CronJob&>(*c.object).status;
    f.add_u64(s.active.size());
    for (const ActiveJob& job : s.active) f.add_bytes(job.name);
    pair(s.last_schedule.s, s.last_successful.s);
  } else if (c.kind == Kind::node) {
    const Node& n = static_cast<const Node&>(*c.object);
    f.add_u64(n.unschedulable);
    f.add_u64(n.taints.size());
    for (const Taint& x : n.taints) {
      f.add_bytes(x.key);
      f.add_bytes(x.value);
      word(x.effect);
    }
    conditions(n.conditions);
  } else if (c.kind == Kind::poddisruptionbudget) {
    const PodDisruptionBudgetStatus& s = static_cast<const PodDisruptionBudget&>(*c.object).status;
    pair(s.allowed, s.healthy);
    pair(s.desired, s.expected);
    f.add_i64(s.observed_generation);
    f.add_u64(s.disrupted.size());
    for (const auto& [name, when] : s.disrupted) {
      f.add_bytes(name);
      f.add_u64(when.s);
    }
    conditions(s.conditions);
  } else if (c.kind == Kind::workflow) {
    f.add_bytes(static_cast<const GenericObject&>(*c.object).body->value->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (c.kind == Kind::event) {
    const EventObject& e = static_cast<const EventObject&>(*c.object);
    f.add_bytes(e.message);
    word(e.reason);
    f.add_i64(e.count);
  }
}

}  // namespace orrery
