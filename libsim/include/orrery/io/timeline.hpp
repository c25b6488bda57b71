#pragma once
// The timed actions of a scenario: the entries of `spec.timeline`. One struct per verb; a command line of kubectl becomes
// the verbs that do the same.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/core/distribution.hpp"
#include "orrery/io/behavior.hpp"
#include "orrery/io/source_ref.hpp"

namespace orrery {

/// The controllers that `stopController` and `startController` know, in the order of their `skew`.
inline constexpr std::array<std::string_view, 10> kControllerNames = {
    "job", "cronjob", "daemonset", "ttl", "podgc", "gc", "nodelifecycle", "tainteviction", "disruption", "workflow"};

/// A Kubernetes object as it was written, with the place for messages.
struct ManifestObject {
  nlohmann::json object;
  SourceRef from;
};

/// A named object. `kind` is spelled as in Kubernetes; `ns` is empty for kinds without namespace.
struct ObjectName {
  std::string kind;
  std::string ns;
  std::string name;
};

/// A node by name, or every node that `selector` (kubectl's syntax) selects. With `count`, so many of them at random.
struct NodeTarget {
  std::string name;  ///< empty = by selector
  std::string selector;
  std::optional<std::int64_t> count;  ///< >= 1; only with a selector
};

namespace verb {

struct Apply {
  /// `create` is refused where the object exists; `apply` then patches it.
  enum class Mode : std::uint8_t { apply, create } mode = Mode::apply;
  std::vector<ManifestObject> objects;  ///< in order
};

struct Patch {
  enum class Type : std::uint8_t { strategic, merge, json } type = Type::strategic;
  ObjectName target;
  nlohmann::json patch;  ///< an object; an array with Type::json
};

struct Delete {
  enum class Propagation : std::uint8_t { background, foreground, orphan } propagation = Propagation::background;
  ObjectName target;      ///< an empty name = all that `selector` and `node` select, oldest first
  std::string selector;   ///< kubectl's syntax; empty = every object of kind and namespace
  std::string node;       ///< pods only: bound to it. Empty = anywhere
  std::optional<std::int64_t> count;                 ///< at most so many; >= 1
  std::optional<std::int64_t> grace_period_seconds;  ///< absent = the object's own
  bool ignore_not_found = false;                     ///< a named object that does not exist is no error
};

struct Cordon {
  NodeTarget node;
};
struct Uncordon {
  NodeTarget node;
};

struct Drain {
  NodeTarget node;
  bool ignore_daemon_sets = false;
  bool force = false;                   ///< evict pods without a controller too
  bool delete_empty_dir_data = false;
  std::int64_t grace_period_seconds = -1;  ///< -1 = each pod's own
  std::optional<Duration> timeout;         ///< from the first eviction call; absent = none
};

struct AddNode {
  nlohmann::json node;  ///< a complete v1 Node
};
struct RemoveNode {
  NodeTarget node;
};

struct FailNode {
  /// crash: everything on it is gone. partition: it runs, unreachable. kubelet: only the kubelet is dead.
  enum class Mode : std::uint8_t { crash, partition, kubelet } mode = Mode::crash;
  NodeTarget node;
  std::optional<DurationDistribution> lasts;  ///< the field `for`; absent = for good
};

/// A graceful shutdown: the pods end within `grace_period`, those of system-critical priority in the last
/// `critical_grace_period` of it; then the node is gone from the network.
struct ShutdownNode {
  NodeTarget node;
  Duration grace_period = std::chrono::seconds(30);  ///< 30 s, a common setting of the kubelet's shutdownGracePeriod
  Duration critical_grace_period{};  ///< the field `gracePeriodCriticalPods`, <= grace_period: shutdownGracePeriodCriticalPods
};

/// The running containers of the pods exit now.
struct FailPod {
  std::string ns;
  std::string name;      ///< empty = by selector
  std::string selector;  ///< kubectl's syntax
  std::string node;      ///< bound to it; empty = anywhere
  std::optional<std::int64_t> count;  ///< at most so many; >= 1
  std::int32_t exit_code = 1;         ///< 0..255
  std::string reason;                 ///< empty = what the kubelet writes
};

/// Sets the image of one container of the pod template, or of the pod.
struct SetImage {
  ObjectName target;
  std::string container;  ///< "*" = all
  std::string image;
};

struct Rollback {
  ObjectName target;             ///< a DaemonSet
  std::int64_t to_revision = 0;  ///< 0 = the one before the newest
};

/// `kubectl rollout restart`: annotates the pod template with kubectl.kubernetes.io/restartedAt.
struct Restart {
  ObjectName target;
};

struct Suspend {
  ObjectName target;  ///< a Job, CronJob or Workflow
};
struct Resume {
  ObjectName target;
};

/// `kubectl label` and `kubectl annotate`.
struct Relabel {
  ObjectName target;     ///< an empty name = all that `selector` selects
  std::string selector;  ///< kubectl's syntax; empty = every object of kind and namespace
  bool annotations = false;
  nlohmann::json changes;  ///< key to value; null removes it
  bool overwrite = false;  ///< without it a key that has another value is refused
};

/// `kubectl create job NAME --from=cronjob/NAME`: a run of the CronJob's template outside its schedule.
struct CreateJob {
  ObjectName cron_job;
  std::string name;
};

/// `kubectl taint`: changes some taints of a node and leaves the others.
struct Taint {
  struct Change {
    std::string key;
    std::string value;   ///< may be empty
    std::string effect;  ///< NoSchedule, PreferNoSchedule or NoExecute; empty (removal only) = all of the key
    bool remove = false;
  };
  NodeTarget node;
  std::vector<Change> changes;  ///< at least one
  bool overwrite = false;       ///< without it a taint that exists with another value is refused
};

struct StopController {
  std::string controller;  ///< one of kControllerNames
};
struct StartController {
  std::string controller;
};

/// No call reaches the API server until it is over.
struct ApiOutage {
  DurationDistribution lasts;  ///< the field `for`
};

}  // namespace verb

using Verb = std::variant<verb::Apply, verb::Patch, verb::Delete, verb::Cordon, verb::Uncordon, verb::Drain, verb::AddNode,
                          verb::RemoveNode, verb::FailNode, verb::ShutdownNode, verb::FailPod, verb::SetImage,
                          verb::Rollback, verb::Restart, verb::Relabel, verb::CreateJob, verb::Suspend, verb::Resume, verb::Taint, verb::StopController,
                          verb::StartController, verb::ApiOutage>;

/// The least distance of two turns of an action with `every`, so that a distribution that yields 0 cannot stop time.
inline constexpr Duration kShortestEvery = std::chrono::milliseconds(1);

/// One entry of `spec.timeline`.
struct TimelineAction {
  DurationDistribution at;                    ///< since t = 0; drawn once
  std::optional<DurationDistribution> every;  ///< distance of one turn to the next, drawn anew each time
  std::optional<std::int64_t> times;          ///< how many turns, >= 1; absent = until the horizon. Without `every`: once
  std::vector<Verb> verbs;                    ///< all in the same instant, in order; one unless it was a command line
  std::string command;                        ///< the text of `kubectl`, else empty
  SourceRef from;
};

}  // namespace orrery
