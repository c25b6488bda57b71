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

/// The number under which somebody keeps an object, by its slot, or anything else that has a small number, as nodes by the symbol of
/// their name. To be cleared when the object goes: what the number would lead to by then is another's, and far from the caches.
class NumberColumn {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::uint32_t at(std::uint32_t slot) const { return raised_.at(slot) - 1; }
  void set(std::uint32_t slot, std::uint32_t number) { raised_[slot] = number + 1; }
  void clear(std::uint32_t slot) { raised_[slot] = 0; }
  void fetch(std::uint32_t slot) const { raised_.fetch(slot); }

 private:
  SlotColumn<std::uint32_t> raised_;  ///< by one, so that none is 0
};

}  // namespace orrery
