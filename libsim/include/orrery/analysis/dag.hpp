#pragma once
// Questions about a directed graph of numbered nodes: has it a cycle, in which order do things happen, what decides when the
// whole is done. A node is a job of a workflow here, but nothing in it knows of jobs.
#include <cstddef>
#include <vector>

#include "orrery/core/time.hpp"

namespace orrery {

/// `to` comes after `from`. Both are below the number of nodes.
struct DagEdge {
  std::size_t from = 0, to = 0;
};

/// The nodes of one cycle, the first repeated at the end: a, b, c, a. Empty: there is none. The cycle that a depth-first walk from
/// node 0 on closes first, so the same for the same input. O(nodes + edges), without recursion.
std::vector<std::size_t> find_cycle(std::size_t nodes, const std::vector<DagEdge>& edges);

/// Every node after all it depends on; of those that may come next, the one with the least number. Empty when there is a cycle.
std::vector<std::size_t> topological_order(std::size_t nodes, const std::vector<DagEdge>& edges);

/// When a node began to be possible and how long it took from then on.
struct CriticalPath {
  std::vector<std::size_t> nodes;  ///< the longest chain, first to last; of equally long ones the one with the least numbers at the end
  Duration length{};               ///< of that chain
  std::vector<Duration> start;     ///< earliest start of each node
  std::vector<Duration> slack;     ///< by how much each may take longer before the whole does
};

/// `spans` is how long each node takes, >= 0, from the instant at which the last node before it has ended. Empty when there is a cycle.
CriticalPath critical_path(const std::vector<Duration>& spans, const std::vector<DagEdge>& edges);

}  // namespace orrery
