#pragma once
// From a hash to numbers of slots: an open-addressing table for whoever keeps his values elsewhere, in a vector.
#include <cstdint>
#include <vector>

namespace orrery {

/// Eight bytes an entry at a load of a half to 3/4, no allocation per entry. Entries of equal hash may be many; the caller
/// says which one he means. Never iterated, so the order inside shows nowhere. Find, insert and erase are O(1) on average.
class SlotIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::size_t size() const { return size_; }

  /// The first slot of that hash for which `is(slot)` holds, or kNone.
  template <class F>
  std::uint32_t find(std::uint64_t hash, F&& is) const {
    if (size_ == 0) return kNone;
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t i = home(tag);; i = after(i)) {
      const Entry& e = entries_[i];
      if (e.slot == kNone) return kNone;
      if (e.tag == tag && is(e.slot)) return e.slot;
    }
  }
  /// Fetches what the other functions look at first for this hash.
  void fetch(std::uint64_t hash) const {
    if (size_ != 0) __builtin_prefetch(&entries_[home(tag_of(hash))]);
  }
  /// `slot` must not be kNone, and not be there under this hash.
  void insert(std::uint64_t hash, std::uint32_t slot) {
    if ((size_ + 1) * 4 > entries_.size() * 3) grow();
    place({tag_of(hash), slot});
    ++size_;
  }
  /// Does nothing when it is not there.
  void erase(std::uint64_t hash, std::uint32_t slot) {
    if (size_ == 0) return;
    const std::uint32_t tag = tag_of(hash);
    std::size_t hole = home(tag);
    while (entries_[hole].slot != slot || entries_[hole].tag != tag) {
      if (entries_[hole].slot == kNone) return;
      hole = after(hole);
    }
    // What was pushed past the hole moves back into it.
    for (std::size_t i = after(hole); entries_[i].slot != kNone; i = after(i)) {
      if (distance(home(entries_[i].tag), i) >= distance(hole, i)) {
        entries_[hole] = entries_[i];
        hole = i;
      }
    }
    entries_[hole].slot = kNone;
    --size_;
  }

 private:
  struct Entry {
    std::uint32_t tag = 0, slot = kNone;
  };
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash ^ hash >> 32); }
  /// Equal shares of all tags, whatever the size is.
  std::size_t home(std::uint32_t tag) const { return (std::uint64_t{tag * 0x9e3779b9U} * entries_.size()) >> 32; }
  std::size_t after(std::size_t i) const { return i + 1 == entries_.size() ? 0 : i + 1; }
  std::size_t distance(std::size_t from, std::size_t to) const { return to >= from ? to - from : to + entries_.size() - from; }
  void place(Entry entry) {
    std::size_t i = home(entry.tag);
    while (entries_[i].slot != kNone) i = after(i);
    entries_[i] = entry;
  }
  void grow() {
    std::vector<Entry> old = std::move(entries_);
    entries_.assign(old.empty() ? 16 : old.size() + old.size() / 2, {});
    for (const Entry& e : old)
      if (e.slot != kNone) place(e);
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace orrery
