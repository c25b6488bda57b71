#pragma once
// A node as the scheduler needs it, and the order in which it looks at nodes.
#include <functional>
#include <string>
#include <vector>

#include "resource_view.hpp"
#include "selector_view.hpp"

namespace orrery {

struct SchedNode {
  struct Image {
    Symbol name = 0;  ///< with a tag
    std::int64_t bytes = 0;
  };
  Symbol name = 0;
  SchedLabels labels;
  std::vector<SchedTaint> taints;
  bool unschedulable = false;  ///< cordoned
  SchedResources allocatable;
  std::int64_t pods_max = 0;   ///< allocatable pods
  std::vector<Image> images;   ///< sorted by name, each once
  Symbol zone = 0;             ///< region and zone labels in one symbol, 0 = neither
};

/// Compiles a Node object. Never fails; what is no quantity is left out and reported in `problems`.
SchedNode parse_sched_node(const nlohmann::json& node, Interner& names, Diagnostics* problems = nullptr);
/// The part of it that comes from `status`: allocatable resources and images.
SchedNode parse_sched_node_status(const nlohmann::json& status, Interner& names, Diagnostics* problems = nullptr);
/// Region and zone of a node with these labels, as SchedNode::zone has them.
Symbol sched_zone_of(const SchedLabels& labels, Interner& names);

/// S-021: nodes in the order in which they joined, one of each zone in turn.
class SchedNodeOrder {
 public:
  using Before = std::function<bool(std::uint32_t, std::uint32_t)>;
  /// With `before`, in that order instead: zones come as their first nodes do.
  explicit SchedNodeOrder(Before before = {}) : before_(std::move(before)) {}
  void add(std::uint32_t node, Symbol zone);
  void remove(std::uint32_t node, Symbol zone);
  /// Rebuilt when nodes came or went since the last call: O(nodes).
  const std::vector<std::uint32_t>& list();
  /// As the last call of list() returned it.
  const std::vector<std::uint32_t>& last_list() const { return list_; }
  std::size_t size() const { return size_; }
  /// From 1; another one whenever the list is.
  std::uint64_t version() const { return version_; }

 private:
  struct Zone {
    Symbol key = 0;
    std::vector<std::uint32_t> nodes;
  };
  static void deal(const std::vector<Zone>& zones, std::size_t size, std::vector<std::uint32_t>& out);

  Before before_;
  std::vector<Zone> zones_;  ///< in order of appearance; an empty one is forgotten
  std::vector<std::uint32_t> list_;
  std::size_t size_ = 0;
  std::uint64_t version_ = 1;
  bool stale_ = false;
};

}  // namespace orrery
