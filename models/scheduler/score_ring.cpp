#include "score_ring.hpp"

#include <algorithm>

namespace orrery {

void ScoreRing::reset(std::size_t nodes) {
  totals_.assign(nodes, kMisfit);
  blocks_.assign(nodes / kBlock + 1, {});
  fits_ = 0;
}

std::size_t ScoreRing::end_of(std::size_t block) const { return std::min((block + 1) * kBlock, totals_.size()); }

/// What there is in a block.
ScoreRing::Block ScoreRing::look(std::size_t block) const {
  Block out;
  const std::size_t from = block * kBlock, to = end_of(block);
  for (std::size_t i = from; i < to; ++i) out.best = std::max(out.best, totals_[i]);
  for (std::size_t i = from; i < to; ++i) {
    out.fits = static_cast<std::int16_t>(out.fits + (totals_[i] >= 0 ? 1 : 0));
    out.bests = static_cast<std::int16_t>(out.bests + (totals_[i] == out.best ? 1 : 0));
  }
  return out;
}

/// The same of a stretch of one block, but for `bests`.
ScoreRing::Block ScoreRing::part(std::size_t from, std::size_t to) const {
  const std::size_t block = from / kBlock;
  const Block& whole = blocks_[block];
  Block out;
  if (whole.fits == 0) return out;
  const bool all_fit = static_cast<std::size_t>(whole.fits) == end_of(block) - block * kBlock;
  if (all_fit) {
    out.fits = static_cast<std::int16_t>(to - from);
    if (whole.bests == whole.fits) {
      out.best = whole.best;
      return out;
    }
  } else {
    for (std::size_t i = from; i < to; ++i) out.fits = static_cast<std::int16_t>(out.fits + (totals_[i] >= 0 ? 1 : 0));
  }
  for (std::size_t i = from; i < to; ++i) out.best = std::max(out.best, totals_[i]);
  return out;
}

void ScoreRing::set(std::size_t position, std::int16_t total) {
  const std::int16_t old = totals_[position];
  if (old == total) return;
  totals_[position] = total;
  Block& block = blocks_[position / kBlock];
  const int fits = (total >= 0 ? 1 : 0) - (old >= 0 ? 1 : 0);
  fits_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(fits_) + fits);
  block.fits = static_cast<std::int16_t>(block.fits + fits);
  if (total > block.best) {
    block.best = total;
    block.bests = 1;
    return;
  }
  if (total == block.best) ++block.bests;
  if (old != block.best || --block.bests > 0) return;
  block = look(position / kBlock);
}

/// The first of the greatest in a walk of the tree, see sched_heap_root, which soon meets one where there are many. size() where
/// the walk got too long.
template <class PositionOf>
std::size_t ScoreRing::walk(std::size_t count, std::int16_t greatest, PositionOf position_of) const {
  constexpr int kStepsMax = 32;
  std::size_t i = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    const std::size_t position = position_of(i);
    if (totals_[position] == greatest) return position;
    if (2 * i + 1 < count) {
      i = 2 * i + 1;
      continue;
    }
    // Up to where a left branch ends that has a right one beside it.
    while (i != 0 && (i % 2 == 0 || i + 1 >= count)) i = (i - 1) / 2;
    if (i == 0) break;
    ++i;
  }
  return size();
}

ScoreRing::Pick ScoreRing::pick(std::size_t start, std::size_t wanted, std::vector<Piece>& visited) const {
  Pick out;
  visited.clear();
  const std::size_t n = totals_.size(), there = std::min(wanted, fits_);
  std::int16_t greatest = kMisfit;
  for (std::size_t from = start; out.feasible < there;) {
    std::size_t to = std::min((from / kBlock + 1) * kBlock, n);
    if (out.evaluated > 0 && from < start) to = std::min(to, start);
    Block found = from % kBlock == 0 && (to == n || to % kBlock == 0) ? blocks_[from / kBlock] : part(from, to);
    if (out.feasible + static_cast<std::size_t>(found.fits) >= there) {
      // The last stretch ends with the last node that is wanted.
      std::size_t left = there - out.feasible;
      if (static_cast<std::size_t>(found.fits) == to - from) {
        if (left < to - from) found = part(from, from + left);
        to = from + left;
      } else {
        for (to = from; left > 0; ++to) left -= totals_[to] >= 0 ? 1 : 0;
        found = part(from, to);
      }
    }
    if (found.fits > 0) {
      visited.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), static_cast<std::uint32_t>(out.feasible), found.best});
      greatest = std::max(greatest, found.best);
      out.feasible += static_cast<std::size_t>(found.fits);
    }
    out.evaluated += to - from;
    from = to == n ? 0 : to;
  }
  if (there < wanted) out.evaluated = n;  // who does not find enough looks at all of them
  if (out.feasible == 0) return out;
  const bool all_fit = out.feasible == out.evaluated;
  const std::size_t walked = walk(out.feasible, greatest, [&](std::size_t rank) {
    if (!all_fit) return position_of(rank, visited);
    const std::size_t position = start + rank;
    return position < n ? position : position - n;
  });
  out.position = walked < n ? walked : compare_ways(greatest, visited);
  out.total = greatest;
  return out;
}

std::size_t ScoreRing::position_of(std::size_t rank, const std::vector<Piece>& visited) const {
  const auto after = std::upper_bound(visited.begin(), visited.end(), rank, [](std::size_t r, const Piece& p) { return r < p.before; });
  const Piece& piece = *(after - 1);
  const std::size_t nth = rank - piece.before, fits = after == visited.end() ? piece.to - piece.from + 1U : after->before - piece.before;
  if (fits == piece.to - piece.from) return piece.from + nth;
  std::size_t position = piece.from;
  for (std::size_t left = nth;; ++position)
    if (totals_[position] >= 0 && left-- == 0) return position;
}

/// The same by comparing the ways to all of the greatest, as sched_heap_root does.
std::size_t ScoreRing::compare_ways(std::int16_t greatest, const std::vector<Piece>& visited) const {
  std::size_t chosen = 0;
  std::uint64_t way = UINT64_MAX;
  for (const Piece& piece : visited) {
    if (piece.best != greatest) continue;
    std::uint64_t place = piece.before;  // rank + 1 of the node that is looked at
    for (std::size_t position = piece.from; position < piece.to; ++position) {
      place += totals_[position] >= 0 ? 1 : 0;
      if (totals_[position] != greatest) continue;
      const std::uint64_t mine = place << __builtin_clzll(place);
      if (mine >= way) continue;
      chosen = position;
      way = mine;
    }
  }
  return chosen;
}

}  // namespace orrery
