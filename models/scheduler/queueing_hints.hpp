#pragma once
// Which events may make a rejected pod fit (S-014): pure functions of the pod and the event.
#include <memory>

#include "scheduler_state.hpp"

namespace orrery {

/// Something that happened in the cluster, as far as waiting pods care. What is not mentioned may be left empty.
struct SchedClusterEvent {
  enum class Kind : std::uint8_t {
    node_added,    ///< node
    node_updated,  ///< node, old_node
    node_deleted,  ///< old_node
    pod_assigned,  ///< pod, spec: a pod was bound or appeared on a node
    pod_updated,   ///< pod, spec, old_spec: a pod on a node changed labels or requests
    pod_deleted,   ///< pod, old_spec: a pod on a node is gone or terminal, or a nominated one gave up
    self_updated,  ///< pod, spec, old_spec: the waiting pod itself changed
  };
  Kind kind = Kind::node_added;
  SchedPodId pod;
  SchedPodSpecPtr spec, old_spec;
  std::shared_ptr<const SchedNode> node, old_node;
  SchedLabels namespace_labels;  ///< of the namespace of `spec` or `old_spec`, for terms with a namespaceSelector
};

/// Whether `plugin`, having rejected the pod, wants it to be tried again because of the event.
bool sched_hint(SchedPlugin plugin, const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& event);

/// Whether any of the plugins wants it.
bool sched_worth_trying(SchedPluginSet rejected_by, const SchedPodSpec& pod, SchedPodId id, const SchedClusterEvent& event);

}  // namespace orrery
