#include "score_ring.hpp"

#include <algorithm>

namespace orrery {

void ScoreRing::reset(std::size_t nodes) {
  totals_.assign(nodes, kMisfit);
  fitting_.assign(nodes / kBlock + 1, 0);
  misfits_ = static_cast<std::ptrdiff_t>(nodes);
}

/// Returns the number of nodes visited.
std::size_t ScoreRing::gather(std::size_t start, std::size_t wanted, Found& found) const {
  const std::size_t n = totals_.size();
  found.start = start;
  found.size = n;
  found.positions.clear();
  if (misfits_ == 0) {
    const std::size_t count = std::min(wanted, n), ahead = std::min(count, n - start);
    found.totals.resize(count);
    std::copy_n(totals_.begin() + static_cast<std::ptrdiff_t>(start), ahead, found.totals.begin());
    std::copy_n(totals_.begin(), count - ahead, found.totals.begin() + static_cast<std::ptrdiff_t>(ahead));
    return count;
  }
  // Who does not find enough looks at all of them.
  const std::size_t there = std::min(wanted, n - static_cast<std::size_t>(misfits_));
  found.totals.resize(there + 1);  // the last place takes what the loop writes before it knows better
  found.positions.resize(there + 1);
  std::size_t count = 0, position = start, visited = 0;
  while (count < there) {
    if (position % kBlock == 0 && fitting_[position / kBlock] == 0) {  // a whole block of misfits
      const std::size_t skipped = std::min(kBlock, n - position);
      visited += skipped;
      position += skipped;
      if (position == n) position = 0;
      continue;
    }
    found.totals[count] = totals_[position];
    found.positions[count] = static_cast<std::uint32_t>(position);
    count += totals_[position] >= 0 ? 1U : 0U;
    ++visited;
    if (++position == n) position = 0;
  }
  found.totals.resize(there);
  found.positions.resize(there);
  return there < wanted ? n : visited;
}

ScoreRing::Pick ScoreRing::pick(std::size_t start, std::size_t wanted, Found& found) const {
  Pick out;
  out.evaluated = gather(start, wanted, found);
  out.feasible = found.totals.size();
  if (out.feasible == 0) return out;
  const std::size_t chosen = sched_heap_root(found.totals.data(), found.totals.size());
  out.total = found.totals[chosen];
  out.position = found.position(chosen);
  return out;
}

namespace {

/// The first of the greatest in a walk of the tree, which soon meets one where there are many. `count` where the walk got too long.
std::size_t walk(const std::int16_t* totals, std::size_t count, std::int16_t greatest) {
  constexpr int kStepsMax = 48;
  std::size_t i = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    if (totals[i] == greatest) return i;
    if (2 * i + 1 < count) {
      i = 2 * i + 1;
      continue;
    }
    // Up to where a left branch ends that has a right one beside it.
    while (i != 0 && (i % 2 == 0 || i + 1 >= count)) i = (i - 1) / 2;
    if (i == 0) break;
    ++i;
  }
  return count;
}

/// The same by comparing the ways to all of the greatest, see sched_heap_root.
std::size_t compare_ways(const std::int16_t* totals, std::size_t count, std::int16_t greatest) {
  constexpr std::size_t kBlock = 64;
  std::size_t chosen = 0;
  std::uint64_t way = UINT64_MAX;
  for (std::size_t from = 0; from < count; from += kBlock) {
    const std::size_t to = std::min(from + kBlock, count);
    std::int16_t best = totals[from];
    for (std::size_t i = from; i < to; ++i) best = std::max(best, totals[i]);
    if (best != greatest) continue;
    for (std::size_t i = from; i < to; ++i) {
      if (totals[i] != greatest) continue;
      const std::uint64_t place = i + 1, mine = place << __builtin_clzll(place);
      if (mine >= way) continue;
      chosen = i;
      way = mine;
    }
  }
  return chosen;
}

}  // namespace

std::size_t sched_heap_root(const std::int16_t* totals, std::size_t count) {
  std::int16_t greatest = totals[0];
  for (std::size_t i = 1; i < count; ++i) greatest = std::max(greatest, totals[i]);
  const std::size_t walked = walk(totals, count, greatest);
  return walked < count ? walked : compare_ways(totals, count, greatest);
}

}  // namespace orrery
