#pragma once
// The totals of all nodes for pods of one shape, in the order in which the scheduler looks at nodes: what a cycle would find
// out by filtering and scoring node by node, kept up to date node by node. A choice reads two bytes a node that it visits, and
// less of those that are full.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orrery {

class ScoreRing {
 public:
  static constexpr std::int16_t kMisfit = -1;

  std::size_t size() const { return totals_.size(); }
  /// All nodes are misfits until they are set.
  void reset(std::size_t nodes);
  /// The total (>= 0) of the node at a position, or kMisfit.
  void set(std::size_t position, std::int16_t total) {
    const bool fitted = totals_[position] >= 0, fits = total >= 0;
    if (fitted != fits) {
      misfits_ += fitted ? 1 : -1;
      fitting_[position / kBlock] += fits ? 1 : -1;
    }
    totals_[position] = total;
  }
  std::int16_t at(std::size_t position) const { return totals_[position]; }

  /// What the last pick found, in the order of visits. Memory to be used again.
  struct Found {
    std::vector<std::int16_t> totals;      ///< of the feasible nodes
    std::vector<std::uint32_t> positions;  ///< of the same; empty where they lie side by side from `start` on
    std::size_t start = 0, size = 0;       ///< of the ring
    std::size_t position(std::size_t i) const { return positions.empty() ? (start + i) % size : positions[i]; }
  };
  struct Pick {
    std::size_t position = 0;   ///< of the chosen node; where there is a feasible one
    std::size_t evaluated = 0;  ///< nodes visited
    std::size_t feasible = 0;   ///< of them
    std::int16_t total = 0;
  };
  /// Visits nodes from `start` (< size()) on, once round, until `wanted` (>= 1) feasible ones are found, and chooses the one that
  /// sched_heap_root would choose of their totals.
  Pick pick(std::size_t start, std::size_t wanted, Found& found) const;

 private:
  std::size_t gather(std::size_t start, std::size_t wanted, Found& found) const;
  static constexpr std::size_t kBlock = 64;
  std::vector<std::int16_t> totals_;   ///< by position
  std::vector<std::int32_t> fitting_;  ///< how many of each block of kBlock positions are no misfits
  std::ptrdiff_t misfits_ = 0;
};

/// The index that sched_heap_root returns for the same totals.
std::size_t sched_heap_root(const std::int16_t* totals, std::size_t count);

}  // namespace orrery
