#pragma once
#include <array>
#include <vector>

#include "recent_lists.hpp"
#include "runtime.hpp"

namespace orrery::kubelet {
/// What is kept from one status to the next, to make it cheap. No effect on what it says.
struct StatusScratch {
  /// The messages about one container that were last made: most pods have one container.
  struct Text {
    Symbol container = 0, message = 0;
  };
  Text unready, incomplete;
  // The status in the making.
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> containers, init_containers;
  /// Statuses of pods with one container that has nothing rare, with all that they follow from: many pods do the same in one second.
  struct Made {
    std::array<std::uint64_t, 5> from{};
    Ref<const PodSpec> spec;
    Conditions before;
    PodPhase phase = PodPhase::pending;
    Conditions conditions;
    ContainerStatuses containers;
  };
  std::array<Made, 64> made;
  RecentLists<Condition> recent_conditions;
  RecentLists<ContainerStatus> recent_statuses;
};
/// Writes what the kubelet sees of the pod into the status of `out`, a copy of the live version (P-036 … P-049).
void fill_status(const PodRecord& record, Pod& out, Cluster& cluster, StatusScratch& scratch);
TerminatedState terminated_state(const Container& c);
/// Does the container start again after it exited with its exit code? (P-050)
bool restarts_after_exit(const PodRecord& record, const Container& c);
/// Does its exit restart the whole pod? (P-056)
bool restarts_everything(const Container& c);
/// An init container that has done its work; killed for its memory it has not, whatever its exit code (P-115).
bool init_succeeded(const Container& c);
}  // namespace orrery::kubelet
