#pragma once
// What the kubelets know of their nodes and pods: one compact record per bound pod, reused when it is gone.
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "orrery/cluster/event_recorder.hpp"
#include "orrery/models/kubelet.hpp"
#include "plan.hpp"

namespace orrery::kubelet {

struct Container {
  const ContainerSpec* spec = nullptr;
  enum class State : std::uint8_t { idle, waiting, running, terminated, backoff } state = State::idle;
  bool init = false;
  bool ready = false, started = false;
  bool lost = false;        ///< gone without having been seen to end
  bool has_last = false;
  bool restarting = false;  ///< terminated, and will start again
  std::int32_t restarts = 0;
  std::uint32_t generation = 0;  ///< grows when what was planned is void
  Duration backoff{};
  Time backoff_set{}, begun{}, ended{};
  std::int32_t exit_code = 0;
  Symbol exit_reason = 0, exit_message = 0;
  std::int32_t stop_code = 143;  ///< with which it ends after SIGTERM
  // What the start under way is going to be (Plan).
  Duration plan_ready{}, plan_run{};
  bool plan_ready_given = false;
  std::int32_t plan_exit_code = 0;
  Symbol plan_exit_reason = 0;
  Symbol waiting_reason = 0;  ///< other than ContainerCreating and CrashLoopBackOff
  TerminatedState last;
  bool sidecar() const { return init && spec->sidecar(); }
  bool plain_init() const { return init && !spec->sidecar(); }
};

inline constexpr std::uint32_t kNoNode = UINT32_MAX;

struct PodRecord {
  Ref<const Pod> pod;  ///< as bound: spec and labels
  std::uint32_t node = kNoNode;
  std::uint32_t generation = 0;
  bool used = false;
  bool stopping = false;    ///< its containers are being stopped
  bool deleting = false;    ///< … because it was deleted
  bool done = false;
  bool expired = false;     ///< activeDeadlineSeconds is over
  bool sidecars_stopping = false;
  bool initialized = false;
  bool shut_down = false;   ///< by the shutdown of its node
  std::uint32_t stops_open = 0;  ///< containers whose stop has not run its course
  Time started{}, stop_by{};
  std::vector<Container> containers;  ///< init containers first, each in spec order
};

/// Something that a kubelet could not write while it was cut off.
struct Deferred {
  std::uint32_t pod = 0, generation = 0;
  std::uint16_t what = 0;
  std::uint32_t container = 0;
};

struct NodeRecord {
  Symbol name = 0;
  Uid uid;
  bool used = false;
  bool down = false;  ///< cut off: writes wait
  bool dead = false;  ///< crashed or removed: nothing happens any more
  std::uint32_t generation = 0;
  std::vector<Deferred> later;
  std::unordered_map<Symbol, Time> images;  ///< pulled, or being pulled until then
  Time pulls_free{};                        ///< pulls are serial (P-072)
};

}  // namespace orrery::kubelet
