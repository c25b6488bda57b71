#pragma once
// The totals of all nodes for pods of one shape, in the order in which the scheduler looks at nodes: what a cycle would find
// out by filtering and scoring node by node, kept up to date node by node, with the best total of every 64 nodes. A choice
// among n nodes costs about n/64 steps.
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
  void set(std::size_t position, std::int16_t total);
  std::int16_t at(std::size_t position) const { return totals_[position]; }

  struct Pick {
    std::size_t position = 0;   ///< of the chosen node; where there is a feasible one
    std::size_t evaluated = 0;  ///< nodes visited
    std::size_t feasible = 0;   ///< of them
    std::int16_t total = 0;
  };
  /// A stretch of positions, of one block at most, with feasible nodes.
  struct Piece {
    std::uint32_t from = 0, to = 0;
    std::uint32_t before = 0;  ///< feasible nodes visited before it
    std::int16_t best = kMisfit;
  };
  /// Visits nodes from `start` (< size()) on, once round, until `wanted` (>= 1) feasible ones are found, and chooses the one that
  /// sched_heap_root would choose of their totals. `visited` gets the stretches that it found them in, in their order.
  Pick pick(std::size_t start, std::size_t wanted, std::vector<Piece>& visited) const;

 private:
  static constexpr std::size_t kBlock = 64;
  struct Block {
    std::int16_t fits = 0;  ///< how many are no misfits
    std::int16_t best = kMisfit;
    std::int16_t bests = 0;  ///< how many have that total, where it is no misfit
  };
  Block look(std::size_t block) const;
  Block part(std::size_t from, std::size_t to) const;
  std::size_t end_of(std::size_t block) const;
  std::size_t position_of(std::size_t rank, const std::vector<Piece>& visited) const;
  template <class PositionOf>
  std::size_t walk(std::size_t count, std::int16_t greatest, PositionOf position_of) const;
  std::size_t compare_ways(std::int16_t greatest, const std::vector<Piece>& visited) const;

  std::vector<std::int16_t> totals_;  ///< by position
  std::vector<Block> blocks_;
  std::size_t fits_ = 0;
};

}  // namespace orrery
