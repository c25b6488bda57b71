#pragma once
// Which nodes a daemon set runs on: its node selector, required node affinity and tolerations against a node's name, labels
// and taints, and nothing else (D-021, D-022).
// Behaviour source: Kubernetes v1.36.2, pkg/controller/daemon/daemon_controller.go NodeShouldRunDaemonPod.
#include <string>
#include <utility>
#include <vector>

#include "orrery/cluster/objects.hpp"

namespace orrery::daemon {

struct Fit {
  bool should_run = false;       ///< gets a pod if it has none
  bool should_continue = false;  ///< keeps the pod it has
  bool operator==(const Fit&) const = default;
};

/// Compiled once per spec and kept with it.
class NodeRule final : public Attachment {
 public:
  static Ref<const NodeRule> of(const DaemonSetSpec& spec, const Interner& names);
  Fit judge(const Node& node) const;

 private:
  struct Requirement {
    enum class Op : std::uint8_t { in, not_in, exists, absent, gt, lt } op = Op::in;
    bool field = false;  ///< metadata.name instead of a label
    std::string key;
    std::vector<std::string> values;
  };
  using Term = std::vector<Requirement>;
  static bool matches(const Requirement& r, const Node& node);
  bool selects(const Node& node) const;

  std::string node_name_;
  std::vector<std::pair<std::string, std::string>> selector_;
  bool has_required_ = false;
  std::vector<Term> terms_;  ///< one must match; those that cannot match are left out
  std::vector<Toleration> tolerations_;
};

}  // namespace orrery::daemon
