#pragma once
// What somebody keeps of each object, found by its slot in the store (see Identity::slot) without a search.
#include <cstdint>

#include "orrery/core/prefetch.hpp"
#include "orrery/core/stable_vector.hpp"

namespace orrery {

/// A value for every slot, T{} where nothing was noted. What stands under a slot may be of an object that was there before, so
/// either it is reset when its object goes, or whoever reads it looks whether it fits. O(1); grows by blocks and copies nothing.
template <class T>
class SlotColumn {
 public:
  T at(std::uint32_t slot) const { return slot < rows_.size() ? rows_[slot] : T{}; }
  /// Makes room for it.
  T& operator[](std::uint32_t slot) {
    if (slot >= rows_.size()) rows_.reach(slot);
    return rows_[slot];
  }
  void fetch(std::uint32_t slot) const {
    if (slot < rows_.size()) fetch_ahead(&rows_[slot]);
  }

 private:
  StableVector<T, 1024> rows_;
};

}  // namespace orrery
