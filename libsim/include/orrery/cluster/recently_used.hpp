#pragma once
// A map that forgets: bounded memory for what a process keeps about an unbounded number of things.
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "orrery/core/prefetch.hpp"

namespace orrery {

/// Keeps the most recently used values, at most kSizeMax of them. `get` and `find` are O(1) and, where the key is known,
/// allocate nothing: they take a Lookup, a cheap view of a key. Wanted of it: `hash()`, `operator==(const Key&, const Lookup&)`,
/// and an assignment `key = lookup`, by which the place of a forgotten key is used again. Equal hashes of unequal keys only
/// cost time. Empty, it owns no memory.
/// What a search walks along stands apart from keys and values: in a table of thousands these are not in the cache, and only
/// those that are asked for have to come.
template <class Key, class V, std::size_t kMax = 4096>
class RecentlyUsed {
 public:
  static constexpr std::size_t kSizeMax = kMax;

  /// Counts as a use. Where the key is new, `renew` is called with the value, which is another's old one or a fresh one. The
  /// reference is good until the next `get`.
  template <class Lookup, class Renew>
  V& get(const Lookup& key, Renew renew) {
    const std::uint32_t tag = tag_of(key.hash());
    Index at = locate(key, tag);
    if (at != kNone) {
      if (at == newest_) return entries_[at].value;
      unlink(at);
    } else {
      if (entries_.size() < kSizeMax) {
        if (entries_.size() == heads_.size()) grow();
        at = static_cast<Index>(entries_.size());
        entries_.emplace_back();
        links_.emplace_back();
      } else {
        at = oldest_;
        unlink(at);
        leave_chain(at);
      }
      Entry& e = entries_[at];
      e.key = key;
      renew(e.value);
      links_[at].tag = tag;
      enter_chain(at);
    }
    link_newest(at);
    return entries_[at].value;
  }
  template <class Lookup>
  V& get(const Lookup& key) {
    return get(key, [](V& value) { value = V{}; });
  }
  /// Does not count as a use; nullptr when unknown.
  template <class Lookup>
  V* find(const Lookup& key) {
    const Index at = locate(key, tag_of(key.hash()));
    return at == kNone ? nullptr : &entries_[at].value;
  }
  std::size_t size() const { return entries_.size(); }
  /// Fetches what a `get` of a new key will write to.
  void fetch_oldest() const {
    if (entries_.size() == kSizeMax) fetch_ahead(&entries_[oldest_], sizeof(Entry));
  }

 private:
  /// As small as can be: the links of a few tables are to stay in the cache.
  using Index = std::conditional_t<(kMax < UINT16_MAX), std::uint16_t, std::uint32_t>;
  static constexpr Index kNone = static_cast<Index>(-1);
  struct Entry {
    Key key{};
    V value{};
  };
  struct Link {
    std::uint32_t tag = 0;  ///< of the hash
    Index next = kNone;     ///< in the chain of its tag
    Index newer = kNone, older = kNone;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash ^ hash >> 32); }
  Index& head(std::uint32_t tag) { return heads_[tag & (heads_.size() - 1)]; }
  template <class Lookup>
  Index locate(const Lookup& key, std::uint32_t tag) {
    if (heads_.empty()) return kNone;
    Index at = head(tag);
    while (at != kNone && !(links_[at].tag == tag && entries_[at].key == key)) at = links_[at].next;
    return at;
  }
  void enter_chain(Index at) {
    Index& first = head(links_[at].tag);
    links_[at].next = std::exchange(first, at);
  }
  void leave_chain(Index at) {
    Index* link = &head(links_[at].tag);
    while (*link != at) link = &links_[*link].next;
    *link = links_[at].next;
  }
  void unlink(Index at) {
    const Link& l = links_[at];
    (l.newer == kNone ? newest_ : links_[l.newer].older) = l.older;
    (l.older == kNone ? oldest_ : links_[l.older].newer) = l.newer;
  }
  void link_newest(Index at) {
    Link& l = links_[at];
    l.newer = kNone;
    l.older = newest_;
    (newest_ == kNone ? oldest_ : links_[newest_].newer) = at;
    newest_ = at;
  }
  /// A chain has one entry on average at most.
  void grow() {
    heads_.assign(heads_.empty() ? 8 : 2 * heads_.size(), kNone);
    for (std::size_t at = 0; at < links_.size(); ++at) enter_chain(static_cast<Index>(at));
  }

  std::vector<Entry> entries_;
  std::vector<Link> links_;   ///< of the entries
  std::vector<Index> heads_;  ///< of the chains; a power of two
  Index newest_ = kNone, oldest_ = kNone;
};

}  // namespace orrery
