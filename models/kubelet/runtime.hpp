#pragma once
// What the kubelets know of their nodes and pods: one compact record per bound pod, reused when it is gone.
#include <unordered_map>
#include <vector>

#include "orrery/cluster/cluster.hpp"

namespace orrery::kubelet {

struct Container {
  const ContainerSpec* spec = nullptr;
  enum class State : std::uint8_t { idle, waiting, running, terminated, backoff } state = State::idle;
  bool init = false;
  bool ready = false, started = false;
  bool lost = false;        ///< gone without having been seen to end
  bool has_last = false;
  bool restarting = false;  ///< terminated, and will start again
  bool stop_planned = false;  ///< SIGTERM is on its way or delivered
  bool plan_ready_given = false;
  bool unstarted = false;     ///< it is stopped because its startup probe failed
  bool corpse = false;        ///< an instance of it has ended in this sandbox
  bool free_restart = false;  ///< its next start does not count as one after a crash (P-066)
  std::int32_t restarts = 0;
  std::uint32_t generation = 0;  ///< grows when what was planned is void
  Duration backoff{};
  Time backoff_set{}, begun{}, ended{};
  std::int32_t exit_code = 0;
  Symbol exit_reason = 0, exit_message = 0;
  std::int32_t stop_code = 143;  ///< with which it ends after SIGTERM
  // What the start under way is going to be (Plan).
  Duration plan_ready{}, plan_run{};
  Duration pull_takes{};
  Time pull_asked{};
  std::int32_t plan_exit_code = 0;
  Symbol plan_exit_reason = 0;
  Symbol waiting_reason = 0, waiting_message = 0;  ///< other than ContainerCreating and CrashLoopBackOff
  EventHandle next;   ///< its start, its exit, or the end of its back-off
  EventHandle probe;  ///< when it becomes started or ready, or its startup probe has failed too often
  EventHandle stop;   ///< when its stop has run its course
  TerminatedState last;
  bool sidecar() const { return init && spec->sidecar(); }
  bool plain_init() const { return init && !spec->sidecar(); }
  bool over() const { return state == State::terminated && !restarting; }
};

struct PodRecord {
  Ref<const Pod> pod;  ///< as bound: spec and labels
  std::uint32_t node = 0;
  std::uint32_t generation = 0;
  bool used = false;
  bool stopping = false;        ///< its containers are being stopped for good
  bool deleting = false;        ///< it was deleted
  bool done = false;            ///< its final status is written
  bool ending = false;          ///< nothing of it is left but its final status
  bool expired = false;         ///< activeDeadlineSeconds is over
  bool shut_down = false;       ///< by the shutdown of its node
  bool counted = false;         ///< its node waits for it to shut down
  bool initialized = false;
  bool may_restart_all = false;  ///< a container of it has such a rule
  bool restarting_all = false;  ///< all its containers are being stopped to start anew (P-056)
  bool unwritten = false;       ///< its node is cut off, and its status has changed since
  std::uint32_t stops_open = 0;  ///< stops that have not run their course
  std::uint32_t place = 0;       ///< in the list of its node
  Time started{}, stop_began{}, stop_by{};
  Time probed_from{};            ///< when the workers of its probes began (P-081)
  Symbol refused = 0, refusal = 0;  ///< why its node does not take it
  EventHandle deadline;
  std::vector<Container> containers;  ///< init containers first, each in spec order
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
