#pragma once
// What a container does, according to the behaviors: which entry, which attempt, how long.
#include <string_view>
#include <unordered_map>
#include <vector>

#include "orrery/cluster/cluster.hpp"
#include "orrery/io/behavior.hpp"
#include "runtime.hpp"

namespace orrery::kubelet {

struct Plan {
  Duration start = std::chrono::seconds{1};  ///< bound, or back-off over -> running
  Duration ready{};                          ///< running -> Ready
  bool ready_given = false;
  Duration run = kForever;                   ///< running -> exits by itself
  std::int32_t exit_code = 0;
  std::string_view exit_reason;              ///< of the behavior
  Duration pull{};                           ///< on a node that lacks the image
  bool pull_given = false;                   ///< else every image is everywhere
};
struct StopPlan {
  Duration stop = std::chrono::seconds{1};
  std::int32_t exit_code = 143;
};

class Plans {
 public:
  /// `behaviors` must outlive it and stay as they are.
  Plans(Cluster& cluster, const std::vector<Behavior>& behaviors);
  /// For a start of the container; counts it.
  Plan start(const BoundPod& pod, Symbol node, const ContainerSpec& container);
  StopPlan stop(const BoundPod& pod, Symbol node, const ContainerSpec& container);
  /// Does a node lack the image of the container until it is pulled?
  bool pulls(const BoundPod& pod, Symbol node, const ContainerSpec& container) const;

 private:
  struct Match {
    const Behavior* behavior = nullptr;
    std::size_t entry = 0;
    Uid counted_for;  ///< the object whose starts are counted
    bool job = false;
  };
  Match match(const BoundPod& pod, Symbol node, const ContainerSpec& container) const;
  bool matches(const BehaviorMatch& m, const BoundPod& pod, Symbol node, const ContainerSpec& container) const;
  std::uint64_t count_start(const Match& m, const BoundPod& pod, const ContainerSpec& container);

  Cluster& cluster_;
  const std::vector<Behavior>& behaviors_;
  // Entries in their order, by the name of the controlling object that they ask for: there may be one for each of many objects.
  std::vector<std::size_t> of_any_name_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> of_name_;
  std::unordered_map<std::uint64_t, std::uint32_t> starts_;
};

}  // namespace orrery::kubelet
