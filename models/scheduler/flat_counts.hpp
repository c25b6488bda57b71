#pragma once
// A map from 64-bit keys to counts that is cleared in no time and then filled without allocating. Iterates in the order of
// first insertion.
#include <cstdint>
#include <vector>

namespace orrery {

class FlatCounts {
 public:
  struct Entry {
    std::uint64_t key = 0;
    std::int64_t value = 0;
  };
  static constexpr std::uint64_t key_of(std::uint32_t high, std::uint32_t low) { return static_cast<std::uint64_t>(high) << 32 | low; }

  void clear() {
    entries_.clear();
    if (++generation_ == 0) {  // wrapped: old marks could look new
      for (Slot& s : slots_) s.generation = 0;
      generation_ = 1;
    }
  }
  /// The count of `key`, created as 0. Valid until the next insertion.
  std::int64_t& operator[](std::uint64_t key) {
    if ((entries_.size() + 1) * 2 > slots_.size()) grow();
    Slot& s = slot_of(key);
    if (s.generation != generation_) {
      s = {generation_, static_cast<std::uint32_t>(entries_.size())};
      entries_.push_back({key, 0});
    }
    return entries_[s.entry].value;
  }
  /// Null when there is no such key.
  const std::int64_t* find(std::uint64_t key) const {
    if (entries_.empty()) return nullptr;
    const Slot& s = const_cast<FlatCounts*>(this)->slot_of(key);
    return s.generation == generation_ ? &entries_[s.entry].value : nullptr;
  }
  std::int64_t get(std::uint64_t key) const {
    const std::int64_t* p = find(key);
    return p == nullptr ? 0 : *p;
  }
  const std::vector<Entry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  bool all_zero() const {
    for (const Entry& e : entries_)
      if (e.value != 0) return false;
    return true;
  }

 private:
  struct Slot {
    std::uint32_t generation = 0;
    std::uint32_t entry = 0;
  };
  Slot& slot_of(std::uint64_t key) {
    std::size_t i = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32) & (slots_.size() - 1);
    while (slots_[i].generation == generation_ && entries_[slots_[i].entry].key != key) i = (i + 1) & (slots_.size() - 1);
    return slots_[i];
  }
  void grow() {
    slots_.assign(slots_.empty() ? 16 : slots_.size() * 2, {});
    for (std::uint32_t e = 0; e < entries_.size(); ++e) slot_of(entries_[e].key) = {generation_, e};
  }

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< linear probing, a power of two, at most half full
  std::uint32_t generation_ = 1;
};

}  // namespace orrery
