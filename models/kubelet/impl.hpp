#pragma once
// All kubelets as one actor: its events, its records, and the steps of a pod's life.
//   kubelet.cpp  what the others commit, events, writes        start.cpp  starting, running, exiting, restarting
//   stop.cpp     stopping, the final status, the deletion      nodes.cpp  registration, leases, node failures
//   probes.cpp   when containers become started and ready       admit.cpp  what a node refuses
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "orrery/cluster/event_recorder.hpp"
#include "orrery/models/kubelet.hpp"
#include "plan.hpp"
#include "runtime.hpp"
#include "status.hpp"

namespace orrery {

namespace kubelet {
/// `a` names a pod record (index and generation) and `b` a container of it, unless it says otherwise.
enum EventKind : std::uint16_t {
  kBound = 1,     // a: store slot, b: serial
  kPlaced,        // likewise, but no scheduler has seen to it that the pod fits
  kDeleting,      // a: store slot, b: serial
  kGone,
  kNodeAdded,     // a: store slot, b: serial
  kNodeGone,      // a: name
  kRenew,         // a: node
  kRecover,       // a: node, b: 1 = after a crash
  kShutdownOver,  // a: node, b: 1 = for the critical pods
  kStarted,
  kStartupPassed,
  kStartupFailed,
  kUnhealthy,
  kReady,
  kExit,
  kBackoffOver,
  kImageAgain,
  kPulled,
  kStopped,
  kGraceOver,
  kDeadline,
  // The turn of a write has come: the status is published, then what follows from it is done.
  kTurns,
  kAfterBind = kTurns,
  kAfterStart,
  kAfterStarted,
  kAfterExit,
  kAfterStop,
  kAfterFinish,
  kPublishOnly,
  kReject,
  kRemove,
  kNodeReady,     // a: node
  kNodeNotReady,  // a: node
};

inline constexpr Duration kBackoffBase = std::chrono::seconds{10}, kBackoffMax = std::chrono::seconds{300};
inline Duration pre_stop_of(const Container& c, Duration grace) {
  return c.spec->pre_stop_sleep_s > 0 ? std::min<Duration>(std::chrono::seconds{c.spec->pre_stop_sleep_s}, grace) : Duration{};
}
/// scheduling.SystemCriticalPriority: of system-cluster-critical; system-node-critical is higher.
inline constexpr std::int32_t kSystemCriticalPriority = 2'000'000'000;
/// After SIGTERM, what is stopped late has at least this long (P-092).
inline constexpr Duration kLeastGrace = std::chrono::seconds{2};

inline std::uint64_t pack(std::uint32_t index, std::uint32_t generation) { return static_cast<std::uint64_t>(generation) << 32 | index; }
}  // namespace kubelet

class Kubelets::Impl final : public Actor {
 public:
  Impl(Cluster& cluster, const std::vector<Behavior>& behaviors, const KubeletOptions& options);

  std::string_view actor_name() const override { return "kubelet"; }
  void on_event(const Event& e) override;
  void fetch(const ComingEvent& e, unsigned step) const override;

  bool fail_node(std::string_view name, NodeFailure mode, Duration lasts);
  bool shutdown_node(std::string_view name, Duration grace, Duration critical);
  std::size_t fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t code, const std::string& reason);

 private:
  using Container = kubelet::Container;
  using PodRecord = kubelet::PodRecord;
  using NodeRecord = kubelet::NodeRecord;
  using State = Container::State;

  // ---- what is committed by others
  void committed(const Change& c);
  void pod_bound(std::uint64_t slot, std::uint64_t serial, bool placed);
  void take(PodRecord& r, bool placed);
  void pod_deleting(std::uint64_t slot, std::uint64_t serial);
  const Pod* live_pod(std::uint64_t slot, std::uint64_t serial) const;

  // ---- records
  PodRecord* record(std::uint64_t packed) {
    PodRecord* r = pods_.find(static_cast<std::uint32_t>(packed));
    return r != nullptr && r->generation == static_cast<std::uint32_t>(packed >> 32) ? r : nullptr;
  }
  std::uint64_t handle(const PodRecord& r) const { return kubelet::pack(r.index, r.generation); }
  std::uint64_t handle(const PodRecord& r, const Container& c) const {
    return kubelet::pack(static_cast<std::uint32_t>(&c - r.containers.data()), c.generation);
  }
  Container* container(PodRecord& r, std::uint64_t packed) {
    const auto i = static_cast<std::uint32_t>(packed);
    if (i >= r.containers.size()) return nullptr;
    Container& c = r.containers[i];
    return c.generation == static_cast<std::uint32_t>(packed >> 32) ? &c : nullptr;
  }
  NodeRecord& node_of(const PodRecord& r) { return nodes_[r.node]; }
  PodRecord* known(const Pod& pod);
  PodRecord& bind(const Pod& pod, NodeRecord& node);
  void release(PodRecord& r);
  /// The pods of a node in the order of their records; a copy, as what is done to them may change the list.
  std::vector<std::uint64_t> pods_of(const NodeRecord& n) const;
  /// Nothing that was planned for the container happens any more.
  void void_plans(Container& c);

  // ---- writing
  bool wait_for_turn(std::uint16_t kind, std::uint64_t a, std::uint64_t b = 0);
  void write_then(PodRecord& r, std::uint16_t next, std::uint64_t b = 0);
  void publish(PodRecord& r);
  void admit(PodRecord& r);
  void reject(PodRecord& r);
  void remove_pod(const PodRecord& r);
  void follow(PodRecord& r, std::uint16_t next, std::uint64_t b);
  void defer(PodRecord& r, kubelet::Deferred::What what);
  /// An Event on the pod; costs nothing where nobody wants any.
  template <class... Args>
  void say(const PodRecord& r, const Container* c, Symbol type, std::string_view reason, fmt::format_string<Args...> message, Args&&... args) {
    if (recorder_) post(r, c, type, reason, fmt::format(message, std::forward<Args>(args)...));
  }
  void post(const PodRecord& r, const Container* c, Symbol type, std::string_view reason, std::string message);
  void container_event(PodRecord& r, Container& c, std::uint16_t kind);

  // ---- starting, running, exiting
  void advance(PodRecord& r);
  void begin(PodRecord& r, Container& c);
  bool image_missing(const NodeRecord& node, const Container& c) const;
  Time image_at(PodRecord& r, Container& c, const kubelet::Plan& plan);
  void image_is_there(const PodRecord& r, const Container& c);
  void say_pulled(const PodRecord& r, const Container& c, Duration took, Duration in_all);
  void wait_for_image(PodRecord& r, Container& c);
  void pulled(PodRecord& r, Container& c);
  void start(PodRecord& r, Container& c);
  void after_start(PodRecord& r, Container& c);

  // ---- probes
  /// Answers of the startup probe: it passes at `passes`, but for `fails`, where that is earlier.
  struct Startup {
    Time asked, passes, fails;
  };
  static Startup startup_of(const PodRecord& r, const Container& c);
  static Time ready_at(const Container& c, Time started);
  void await_probes(PodRecord& r, Container& c);
  void await_ready(PodRecord& r, Container& c);
  void startup_passed(PodRecord& r, Container& c);
  void startup_failed(PodRecord& r, Container& c);
  void unhealthy(PodRecord& r, Container& c);
  void killed_by_probe(PodRecord& r, Container& c);
  void become_ready(PodRecord& r, Container& c);
  void exited(PodRecord& r, Container& c, std::int32_t code, Symbol reason);
  void back_off(PodRecord& r, Container& c);
  void after_exit(PodRecord& r, Container& c);
  void backoff_over(PodRecord& r, Container& c);
  void renew_container(Container& c);
  void restart_all(PodRecord& r);
  void all_stopped_for_restart(PodRecord& r);

  // ---- stopping
  void stop_pod(PodRecord& r, Duration grace);
  void stop_container(PodRecord& r, Container& c, Duration pre_stop, Duration grace);
  bool stop_next_sidecar(PodRecord& r, bool all);
  void stopped(PodRecord& r, std::uint64_t packed);
  void after_stop(PodRecord& r);
  void finish(PodRecord& r);
  void finished(PodRecord& r);

  // ---- nodes
  void node_added(std::uint64_t slot, std::uint64_t serial);
  void node_gone(Symbol name);
  NodeRecord& node_named(Symbol name);
  /// Null unless there is such a node now.
  NodeRecord* present_node(std::string_view name);
  void power_off(NodeRecord& node);
  NodeRecord* node(std::uint64_t packed);
  std::uint64_t node_handle(const NodeRecord& n) const { return kubelet::pack(static_cast<std::uint32_t>(&n - nodes_.data()), n.generation); }
  void renew(std::uint64_t packed);
  void recover(std::uint64_t packed, bool rebooted);
  void recovered(NodeRecord& node);
  void revive(PodRecord& r);
  void write_node(const NodeRecord& node, bool ready);
  void shut_down_group(NodeRecord& n, bool critical, Duration grace);
  void shutdown_group_over(NodeRecord& n);
  void shutdown_done(PodRecord& r);

  Cluster& cluster_;
  Kernel& kernel_;
  Store& store_;
  KubeletOptions options_;
  kubelet::Plans plans_;
  kubelet::StatusScratch status_scratch_;
  ActorId self_;
  FixedDelay usual_start_;  ///< of a container about which nothing is said
  std::unique_ptr<EventRecorder> recorder_;
  kubelet::PodRecords pods_;
  NumberColumn by_slot_;  ///< of the records
  std::vector<NodeRecord> nodes_;
  NumberColumn node_of_name_;  ///< in nodes_, by the symbol
};

}  // namespace orrery
