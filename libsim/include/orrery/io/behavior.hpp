#pragma once
// What containers do: the entries of `spec.behaviors`. The first entry that matches a container wins.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orrery/core/distribution.hpp"

namespace orrery {

/// Which containers an entry is for. All that is given must hold; an empty match holds for every container.
struct BehaviorMatch {
  std::string kind;       ///< of the controlling object; a Job made by a CronJob matches as either. Empty = any
  std::string name;       ///< of the controlling object. Empty = any
  std::string ns;         ///< of the controlling object. Empty = any
  std::map<std::string, std::string> labels;  ///< the pod has all of them
  std::string container;  ///< name of the container. Empty = any
  std::string image;      ///< as written in the pod. Empty = any
  std::string node;       ///< the pod is bound to it. Empty = any
  std::optional<std::int32_t> index;  ///< completion index, >= 0
};

/// One way to end: an exit code of 0..255.
struct ExitOutcome {
  double weight = 1;   ///< >= 0 and finite
  std::int32_t code = 0;
  std::string reason;  ///< empty = what the kubelet writes: Completed for 0, else Error
};

/// How a container ends, in the order of the exit codes. One outcome = certain. Never empty; the sum of the weights is > 0.
using ExitChoice = std::vector<ExitOutcome>;

/// What one start of a container does. Absent = the entry's own field, then the default of the container's kind.
struct AttemptBehavior {
  std::optional<DurationDistribution> start;  ///< bound (and pulled), or back-off over -> running
  std::optional<DurationDistribution> ready;  ///< running -> Ready; where there are probes, running -> answers them
  std::optional<DurationDistribution> run;    ///< running -> exits by itself; Forever = never
  std::optional<ExitChoice> exit;             ///< with which code it then exits
};

/// One entry of `spec.behaviors`.
struct Behavior {
  BehaviorMatch match;
  AttemptBehavior base;                      ///< `start`, `ready`, `run`, `exit` of the entry
  std::optional<DurationDistribution> pull;  ///< image pull on a node that lacks the image
  std::optional<DurationDistribution> stop;  ///< SIGTERM -> exit; cut at the grace period, then exit code 137
  std::optional<std::int32_t> stop_exit;     ///< exit code after SIGTERM in time; absent = 143
  /// The k-th start (from 0) for one controlling object and completion index takes entry k, the last one repeats; what an
  /// entry gives wins over `base`. Empty = `base` alone.
  std::vector<AttemptBehavior> attempts;
};

}  // namespace orrery
