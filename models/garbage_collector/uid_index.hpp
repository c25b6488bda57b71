#pragma once
// Which node of the graph has a UID.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/cluster/objects.hpp"

namespace orrery::gc {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = UINT32_MAX;

/// A hash table of node numbers, with linear probing. The UIDs themselves stay with the nodes: the caller compares. All
/// operations take O(1); 11 to 22 bytes per node, none while empty.
class UidIndex {
 public:
  /// `has_uid(node)` says whether a node has this very UID. kNoNode where none has.
  template <class HasUid>
  NodeIndex find(Uid uid, HasUid has_uid) const {
    if (table_.empty()) return kNoNode;
    const std::uint32_t hash = hash_of(uid);
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Entry& e = table_[i];
      if (e.node == kNoNode) return kNoNode;
      if (e.hash == hash && has_uid(e.node)) return e.node;
    }
  }
  /// No node may have this UID yet.
  void insert(Uid uid, NodeIndex node) {
    if (4 * (size_ + 1) > 3 * table_.size()) grow();
    put({hash_of(uid), node});
    ++size_;
  }
  /// The node must be there.
  void erase(Uid uid, NodeIndex node) {
    std::size_t gap = hash_of(uid) & mask();
    while (table_[gap].node != node) gap = (gap + 1) & mask();
    // What was displaced past the gap moves up, so that no search ends there too early.
    for (std::size_t i = (gap + 1) & mask(); table_[i].node != kNoNode; i = (i + 1) & mask()) {
      const std::size_t displaced = (i - table_[i].hash) & mask();
      if (displaced < ((i - gap) & mask())) continue;
      table_[gap] = table_[i];
      gap = i;
    }
    table_[gap] = {};
    --size_;
  }
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    NodeIndex node = kNoNode;
  };
  static std::uint32_t hash_of(Uid uid) { return static_cast<std::uint32_t>((UidHash{}(uid) * 0x9e3779b97f4a7c15ULL) >> 32); }
  std::size_t mask() const { return table_.size() - 1; }
  void put(Entry e) {
    std::size_t i = e.hash & mask();
    while (table_[i].node != kNoNode) i = (i + 1) & mask();
    table_[i] = e;
  }
  void grow() {
    std::vector<Entry> old(table_.empty() ? 16 : 2 * table_.size());
    old.swap(table_);
    for (const Entry& e : old)
      if (e.node != kNoNode) put(e);
  }

  std::vector<Entry> table_;  ///< a power of two
  std::size_t size_ = 0;
};

}  // namespace orrery::gc
