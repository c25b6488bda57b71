#pragma once
// A map that forgets: bounded memory for what a process keeps about an unbounded number of things.
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace orrery {

/// Keeps the most recently used values, at most kSizeMax of them. `get` and `find` are O(1) and, where the key is known,
/// allocate nothing: they take a Lookup, a cheap view of a key. Wanted of it: `hash()`, `operator==(const Key&, const Lookup&)`,
/// and an assignment `key = lookup`, by which the place of a forgotten key is used again. Equal hashes of unequal keys only
/// cost time. Empty, it owns no memory.
template <class Key, class V>
class RecentlyUsed {
 public:
  static constexpr std::size_t kSizeMax = 4096;

  /// Counts as a use. The value is `make()` where the key is new. The reference is good until the next `get`.
  template <class Lookup, class Make>
  V& get(const Lookup& key, Make make) {
    const std::uint64_t hash = key.hash();
    std::uint32_t at = locate(key, hash);
    if (at != kNone) {
      unlink(at);
    } else {
      if (entries_.size() < kSizeMax) {
        if (entries_.size() == heads_.size()) grow();
        at = static_cast<std::uint32_t>(entries_.size());
        entries_.emplace_back();
      } else {
        at = oldest_;
        unlink(at);
        leave_chain(at);
      }
      Entry& e = entries_[at];
      e.key = key;
      e.value = make();
      e.hash = hash;
      enter_chain(at);
    }
    link_newest(at);
    return entries_[at].value;
  }
  template <class Lookup>
  V& get(const Lookup& key) {
    return get(key, [] { return V{}; });
  }
  /// Does not count as a use; nullptr when unknown.
  template <class Lookup>
  V* find(const Lookup& key) {
    const std::uint32_t at = locate(key, key.hash());
    return at == kNone ? nullptr : &entries_[at].value;
  }
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Entry {
    Key key{};
    V value{};
    std::uint64_t hash = 0;
    std::uint32_t next = kNone;  ///< in the chain of its hash
    std::uint32_t newer = kNone, older = kNone;
  };

  std::uint32_t& head(std::uint64_t hash) { return heads_[hash & (heads_.size() - 1)]; }
  template <class Lookup>
  std::uint32_t locate(const Lookup& key, std::uint64_t hash) {
    if (heads_.empty()) return kNone;
    std::uint32_t at = head(hash);
    while (at != kNone && !(entries_[at].hash == hash && entries_[at].key == key)) at = entries_[at].next;
    return at;
  }
  void enter_chain(std::uint32_t at) {
    std::uint32_t& first = head(entries_[at].hash);
    entries_[at].next = std::exchange(first, at);
  }
  void leave_chain(std::uint32_t at) {
    std::uint32_t* link = &head(entries_[at].hash);
    while (*link != at) link = &entries_[*link].next;
    *link = entries_[at].next;
  }
  void unlink(std::uint32_t at) {
    const Entry& e = entries_[at];
    (e.newer == kNone ? newest_ : entries_[e.newer].older) = e.older;
    (e.older == kNone ? oldest_ : entries_[e.older].newer) = e.newer;
  }
  void link_newest(std::uint32_t at) {
    Entry& e = entries_[at];
    e.newer = kNone;
    e.older = newest_;
    (newest_ == kNone ? oldest_ : entries_[newest_].newer) = at;
    newest_ = at;
  }
  /// A chain has one entry on average at most.
  void grow() {
    heads_.assign(heads_.empty() ? 8 : 2 * heads_.size(), kNone);
    for (std::uint32_t at = 0; at < entries_.size(); ++at) enter_chain(at);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> heads_;  ///< by hash; a power of two
  std::uint32_t newest_ = kNone, oldest_ = kNone;
};

}  // namespace orrery
