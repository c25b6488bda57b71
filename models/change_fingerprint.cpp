#include "change_fingerprint.hpp"

#include <nlohmann/json.hpp>

namespace orrery {

namespace {

template <class A, class B>
constexpr std::uint64_t both(A a, B b) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32 | static_cast<std::uint32_t>(b);
}

// Two ways of writing the same. Room is asked for before each word, or once for all that comes.
struct Checked {
  explicit Checked(Fingerprint& fingerprint) : f(fingerprint) {}
  void word(std::uint64_t v) { f.add_u64(v); }
  void text(std::string_view t) { f.add_bytes(t); }
  void bytes(const unsigned char* from, std::size_t size) {
    unsigned char* const at = f.room(size);
    std::memcpy(at, from, size);
    f.written_to(at + size);
  }
  Fingerprint& f;
};
class InOneRoom {
 public:
  InOneRoom(Fingerprint& f, std::size_t bytes) : f_(f), at_(f.room(bytes)) {}
  ~InOneRoom() { f_.written_to(at_); }
  InOneRoom(const InOneRoom&) = delete;
  InOneRoom& operator=(const InOneRoom&) = delete;
  void word(std::uint64_t v) { at_ = Fingerprint::store(at_, v); }
  void text(std::string_view t) {
    word(t.size());
    std::memcpy(at_, t.data(), t.size());
    at_ += t.size();
  }
  void bytes(const unsigned char* from, std::size_t size) {
    std::memcpy(at_, from, size);
    at_ += size;
  }

 private:
  Fingerprint& f_;
  unsigned char* at_;
};

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kConditionBytes = 40, kContainerBytes = 4 * kWord;

std::size_t head_bytes(const Change& c) {
  const ObjectMeta& m = c.object->meta;
  return 8 * kWord + kind_name(c.kind).size() + m.id->name().size() + m.finalizers().size() * kWord;
}
std::size_t pod_bytes(const Pod& p) {
  return 5 * kWord + p.conditions.size() * kConditionBytes + (p.init_containers().size() + p.containers.size()) * kContainerBytes;
}
}  // namespace

unsigned char* ChangeFingerprint::write(unsigned char* at, const Condition& c) const {
  for (const Symbol s : {c.type, c.status, c.reason, c.message}) at = Fingerprint::store(at, names_.hash(s));
  return Fingerprint::store(at, both(c.transition.s, c.probe.s));
}

template <class Way>
void ChangeFingerprint::add_conditions(Way& way, const Conditions& list) {
  // Many pods share a list, and a pod's last list is fed again for each of the steps in which it goes.
  if (list.empty() || list.size() > Fed::kMax) {
    way.word(list.size());
    std::array<unsigned char, kConditionBytes> bytes;
    for (const Condition& c : list) {
      write(bytes.data(), c);
      way.bytes(bytes.data(), bytes.size());
    }
    return;
  }
  Fed& known = fed_[reinterpret_cast<std::uintptr_t>(list.data()) / 64 % fed_.size()];
  if (known.list.data() != list.data()) {
    known.list = list;
    unsigned char* at = Fingerprint::store(known.bytes.data(), list.size());
    for (const Condition& c : list) at = write(at, c);
    known.size = static_cast<std::uint32_t>(at - known.bytes.data());
  }
  way.bytes(known.bytes.data(), known.size);
}

template <class Way>
void ChangeFingerprint::add_head(Way& way, Duration t, const Change& c) {
  const ObjectMeta& m = c.object->meta;
  way.word(static_cast<std::uint64_t>(t.count()));
  way.word(static_cast<std::uint64_t>(c.type));
  way.text(kind_name(c.kind));
  way.word(names_.hash(m.id->ns));
  way.text(m.id->name());
  way.word(m.resource_version);
  way.word(static_cast<std::uint64_t>(m.generation));
  way.word(both(m.deleted.s, m.deletion_grace));
  for (const Symbol s : m.finalizers()) way.word(names_.hash(s));
}

template <class Way>
void ChangeFingerprint::add_pod(Way& way, const Pod& p) {
  way.word(names_.hash(p.node));
  way.word(names_.hash(p.reason()));
  way.word(names_.hash(p.message()));
  way.word(both(p.phase, p.start_time.s));
  add_conditions(way, p.conditions);
  for (const auto* list : {&p.init_containers(), &p.containers})
    for (const ContainerStatus& x : *list) {
      way.word(static_cast<std::uint64_t>(x.state) << 40 | static_cast<std::uint64_t>(x.ready) << 33 | static_cast<std::uint32_t>(x.restart_count));
      way.word(names_.hash(x.waiting_reason));
      way.word(x.running_since.s);
      way.word(both(x.terminated.exit_code, x.terminated.finished.s));
    }
}

void ChangeFingerprint::add(Duration t, const Change& c) {
  const Pod* const pod = c.kind == Kind::pod ? static_cast<const Pod*>(c.object.get()) : nullptr;
  const auto write_by = [&](auto&& way) {
    add_head(way, t, c);
    if (pod != nullptr) add_pod(way, *pod);
  };
  const std::size_t bytes = head_bytes(c) + (pod != nullptr ? pod_bytes(*pod) : 0);
  if (bytes <= Fingerprint::kRoomMax)
    write_by(InOneRoom(fingerprint_, bytes));
  else
    write_by(Checked(fingerprint_));
  if (pod == nullptr) add_other(c);
}

/// What follows the head of anything but a pod.
void ChangeFingerprint::add_other(const Change& c) {
  Fingerprint& f = fingerprint_;
  const Interner& names = names_;
  auto word = [&](Symbol s) { f.add_u64(names.hash(s)); };
  auto pair = [&](auto a, auto b) { f.add_u64(both(a, b)); };
  auto conditions = [&](const Conditions& list) {
    Checked way(fingerprint_);
    add_conditions(way, list);
  };
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
