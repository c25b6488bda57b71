#pragma once
// What the kubelets know of their nodes and pods: one compact record per bound pod, reused when it is gone.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "orrery/cluster/cluster.hpp"
#include "orrery/cluster/slot_column.hpp"
#include "orrery/core/prefetch.hpp"
#include "orrery/core/stable_vector.hpp"

namespace orrery::kubelet {

/// For what has parts that few of its kind need: they are made when they are written, and read as `kNone` before.
template <class T, const T& kNone>
class WithRare {
 public:
  bool has_rare() const { return rare_ != nullptr; }
  const T& rare() const { return rare_ ? *rare_ : kNone; }
  /// The same to be changed; there is one from then on.
  T& rare_to_change() {
    if (!rare_) rare_ = std::make_unique<T>();
    return *rare_;
  }

 private:
  std::unique_ptr<T> rare_;
};

/// What few containers have: those that wait for an image or have probes, are stopped, were lost, or have ended before.
struct ContainerRare {
  Duration plan_ready{};  ///< of the start under way: running -> Ready
  EventHandle probe;      ///< when it becomes started or ready, or its startup probe has failed too often
  EventHandle stop;       ///< when its stop has run its course
  std::int32_t stop_code = 143;  ///< with which it ends after SIGTERM
  Duration backoff{};
  Time backoff_set{};
  Duration pull_takes{};
  Time pull_asked{};
  TerminatedState last;
  Symbol exit_message = 0;                         ///< of one that was lost
  Symbol waiting_reason = 0, waiting_message = 0;  ///< other than ContainerCreating and CrashLoopBackOff
};
inline constexpr ContainerRare kNoRare{};

struct Container : WithRare<ContainerRare, kNoRare> {
  const ContainerSpec* spec = nullptr;
  enum class State : std::uint8_t { idle, waiting, running, terminated, backoff } state = State::idle;
  bool init : 1 = false;
  bool ready : 1 = false;
  bool started : 1 = false;
  bool lost : 1 = false;        ///< gone without having been seen to end
  bool has_last : 1 = false;
  bool restarting : 1 = false;  ///< terminated, and will start again
  bool stop_planned : 1 = false;  ///< SIGTERM is on its way or delivered
  bool unstarted : 1 = false;     ///< it is stopped because its startup probe failed
  bool corpse : 1 = false;        ///< an instance of it has ended in this sandbox
  bool free_restart : 1 = false;  ///< its next start does not count as one after a crash (P-066)
  std::int32_t restarts = 0;
  std::uint32_t generation = 0;  ///< grows when what was planned is void
  std::int32_t exit_code = 0;
  Symbol exit_reason = 0;
  // What the start under way is going to be (Plan).
  std::int32_t plan_exit_code = 0;
  Symbol plan_exit_reason = 0;
  Duration plan_run{};
  Time begun{}, ended{};
  EventHandle next;  ///< its start, its exit, or the end of its back-off
  bool sidecar() const { return init && spec->sidecar(); }
  bool plain_init() const { return init && !spec->sidecar(); }
  bool over() const { return state == State::terminated && !restarting; }

  void set_waiting(Symbol reason, Symbol message) {
    if (!has_rare() && reason == 0 && message == 0) return;
    rare_to_change().waiting_reason = reason;
    rare_to_change().waiting_message = message;
  }
  void forget_backoff() {
    if (has_rare()) rare_to_change().backoff = {};
  }
};

/// The containers of a pod. Most pods have one, which needs no memory of its own.
class Containers {
 public:
  /// All new, for a pod with as many init and regular containers.
  void reset(std::size_t count) {
    more_ = count > 1 ? std::make_unique<Container[]>(count) : nullptr;
    count_ = static_cast<std::uint32_t>(count);
    first_ = {};
  }
  std::size_t size() const { return count_; }
  Container* data() { return more_ ? more_.get() : &first_; }
  const Container* data() const { return more_ ? more_.get() : &first_; }
  Container& operator[](std::size_t i) { return data()[i]; }
  Container* begin() { return data(); }
  Container* end() { return data() + count_; }
  const Container* begin() const { return data(); }
  const Container* end() const { return data() + count_; }

 private:
  Container first_;
  std::unique_ptr<Container[]> more_;
  std::uint32_t count_ = 0;
};

/// A pod as it was bound, without its status: parts that its later versions share, so that no old version is kept.
struct BoundPod {
  Ref<Identity> id;
  Ref<const PodSpec> spec;
  Ref<const SharedMeta> meta;
  std::string_view name() const { return id->name(); }
  Symbol ns() const { return id->ns; }
  Uid uid() const { return id->uid; }
  const SharedMeta& shared() const { return meta ? *meta : kNoMeta; }
  const std::string* label(std::string_view key) const { return shared().label(key); }
  const std::string* annotation(std::string_view key) const { return shared().annotation(key); }
  const OwnerReference* controller() const { return shared().controller(); }
};

/// What few pods have: those that are stopped or refused, have a deadline, or whose kubelet was away; and all of them where
/// kubelets post Events.
struct PodRecordRare {
  Ref<const Pod> bound;  ///< the version that Events name
  Symbol refused = 0, refusal = 0;  ///< why its node does not take it
  std::uint32_t stops_open = 0;     ///< stops that have not run their course
  Time stop_began{}, stop_by{};
  Time probed_from{};               ///< when the workers of its probes began anew, where they did (P-081)
  EventHandle deadline;
};
inline const PodRecordRare kNoPodRecordRare{};

struct PodRecord : WithRare<PodRecordRare, kNoPodRecordRare> {
  BoundPod pod;
  std::uint32_t index = 0;  ///< of the record
  std::uint32_t node = 0;
  std::uint32_t slot = 0;   ///< of the pod, in the store
  std::uint32_t generation = 0;
  std::uint32_t place = 0;       ///< in the list of its node
  bool stopping : 1 = false;        ///< its containers are being stopped for good
  bool deleting : 1 = false;        ///< it was deleted
  bool done : 1 = false;            ///< its final status is written
  bool ending : 1 = false;          ///< nothing of it is left but its final status
  bool expired : 1 = false;         ///< activeDeadlineSeconds is over
  bool shut_down : 1 = false;       ///< by the shutdown of its node
  bool counted : 1 = false;         ///< its node waits for it to shut down
  bool initialized : 1 = false;
  bool may_restart_all : 1 = false;  ///< a container of it has such a rule
  bool restarting_all : 1 = false;  ///< all its containers are being stopped to start anew (P-056)
  bool unwritten : 1 = false;       ///< its node is cut off, and its status has changed since
  Time started{};
  Containers containers;  ///< init containers first, each in spec order

  /// When the workers of its probes began (P-081).
  Time probed_from() const { return std::max(started, rare().probed_from); }
};

static_assert(sizeof(PodRecord) == 160, "there is one for every pod that runs");

/// Records by number, O(1). They stay where they are as long as they are in use.
class PodRecords {
 public:
  PodRecord& operator[](std::uint32_t i) { return *records_[i]; }
  const PodRecord& operator[](std::uint32_t i) const { return *records_[i]; }
  /// Null where nobody has the number.
  const PodRecord* find(std::uint32_t i) const { return i < records_.size() ? records_[i].get() : nullptr; }
  PodRecord* find(std::uint32_t i) { return i < records_.size() ? records_[i].get() : nullptr; }
  void fetch(std::uint32_t i) const {
    if (const PodRecord* r = find(i)) fetch_ahead(r, sizeof(PodRecord));
  }
  /// A record that nobody has, as new, with a generation that no other had.
  PodRecord& take();
  /// It stays readable for a while, so that whoever is in the middle of a loop over its containers may go on.
  void give_back(PodRecord& r);

 private:
  static constexpr std::size_t kSpares = 64;
  StableVector<std::unique_ptr<PodRecord>, 1024> records_;  ///< by number; null where it is free
  std::vector<std::uint32_t> free_;
  /// Given back last, to be used again first: they are in the caches. The memory of others is for whoever needs some.
  std::vector<std::unique_ptr<PodRecord>> spares_;
  std::uint32_t generation_ = 0;
};

/// Something that a kubelet could not do while it was cut off.
struct Deferred {
  enum class What : std::uint8_t { publish, stop, finish };
  std::uint32_t pod = 0, generation = 0;
  What what = What::publish;
};

struct NodeRecord {
  Symbol name = 0;
  Uid uid;
  bool down = false;      ///< cut off: writes wait
  bool dead = false;      ///< off: nothing happens there
  bool absent = false;    ///< and it is no node of the cluster; whatever joins under this name finds the pods bound to it
  bool shutting = false;  ///< being shut down: takes no more pods
  std::uint32_t generation = 0;
  bool shutting_critical = false;   ///< it is the turn of the critical pods
  Duration critical_grace{};
  std::uint32_t shutdown_left = 0;  ///< pods that the shutdown waits for
  EventHandle recovery;
  Time down_until{};              ///< where it is cut off
  std::vector<std::uint32_t> pods;  ///< records of the pods that are here, in no particular order
  std::vector<Deferred> later;
  std::unordered_map<Symbol, Time> images;  ///< there, or there from that time on
  Time pulls_free{};                        ///< pulls are serial (P-072)
};

}  // namespace orrery::kubelet
