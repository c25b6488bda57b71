#pragma once
#include <cstddef>
#include <vector>

#include "orrery/cluster/objects.hpp"

namespace orrery {

/// A set of UIDs that is never iterated. O(1); a copy takes what the set is large, and nothing where it is empty. The zero UID is
/// in no set.
class UidSet {
 public:
  UidSet() = default;
  UidSet(const UidSet& o) : size_(o.size_) {
    if (size_ != 0) table_ = o.table_;
  }
  UidSet(UidSet&& o) noexcept : table_(std::move(o.table_)), size_(std::exchange(o.size_, 0)) { o.table_.clear(); }
  UidSet& operator=(UidSet o) noexcept {
    table_.swap(o.table_);
    std::swap(size_, o.size_);
    return *this;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  bool contains(Uid uid) const { return size_ != 0 && uid && table_[place_of(uid)] == uid; }
  void insert(Uid uid) {
    if (!uid) return;
    if ((size_ + 1) * 4 > table_.size() * 3) grow();
    Uid& at = table_[place_of(uid)];
    if (at) return;
    at = uid;
    ++size_;
  }
  void erase(Uid uid) {
    if (!contains(uid)) return;
    std::size_t hole = place_of(uid);
    // What was pushed past the hole moves back into it.
    for (std::size_t i = after(hole); table_[i]; i = after(i)) {
      if (((i - home(table_[i])) & mask()) < ((i - hole) & mask())) continue;
      table_[hole] = table_[i];
      hole = i;
    }
    table_[hole] = {};
    --size_;
  }
  /// In the place of what there was.
  void assign(const std::vector<Uid>& uids) {
    *this = {};
    for (const Uid uid : uids) insert(uid);
  }

 private:
  std::size_t mask() const { return table_.size() - 1; }
  std::size_t home(Uid uid) const { return UidHash{}(uid) & mask(); }
  std::size_t after(std::size_t i) const { return (i + 1) & mask(); }
  /// Where it is, or would be. There is always a free place.
  std::size_t place_of(Uid uid) const {
    std::size_t i = home(uid);
    while (table_[i] && table_[i] != uid) i = after(i);
    return i;
  }
  void grow() {
    std::vector<Uid> old(table_.empty() ? 8 : table_.size() * 2);
    old.swap(table_);
    for (const Uid uid : old)
      if (uid) table_[place_of(uid)] = uid;
  }

  std::vector<Uid> table_;  ///< a power of two, zero where nobody is
  std::size_t size_ = 0;
};

}  // namespace orrery
