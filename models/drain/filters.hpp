#pragma once
// Which pods of a node `kubectl drain` takes away, which it leaves, and why it may refuse to begin (E-023).
// upstream: staging/src/k8s.io/kubectl/pkg/drain/filters.go
#include <optional>
#include <string>
#include <vector>

#include "orrery/cluster/objects.hpp"
#include "orrery/io/timeline.hpp"

namespace orrery {

struct DrainVerdict {
  enum class Kind : std::uint8_t { fine, skip, warning, error } kind = Kind::fine;
  bool evict = true;
  std::string message;  ///< of a warning or an error
};

/// Must the DaemonSet of this pod be looked up before `judge_pod` can say anything?
bool asks_for_daemon_set(const Pod& pod);

/// `lookup_error`: why the pod's DaemonSet could not be read; empty when it could, or was not asked for. `missing`: because
/// there is none. The filters run in kubectl's order and the last one's warning is the one that stays.
DrainVerdict judge_pod(const Pod& pod, const verb::Drain& options, const std::string& lookup_error, bool missing);

struct JudgedPod {
  Ref<const Pod> pod;
  DrainVerdict verdict;
};
/// "MESSAGE: ns/a, ns/b; MESSAGE: ns/c", empty without warnings. Messages in alphabetical order (any order upstream).
std::string drain_warnings(const std::vector<JudgedPod>& pods, const Interner& names);
/// One line per message: "cannot delete MESSAGE: ns/a, ns/b".
std::vector<std::string> drain_errors(const std::vector<JudgedPod>& pods, const Interner& names);

/// Several errors as one text, as kubectl aggregates them: each once, in brackets when there are several.
std::string aggregated(const std::vector<std::string>& errors);

}  // namespace orrery
