#pragma once
// Sets of cached objects without search trees: an object's place in the store's slot table says where it stands in the
// set. An object must leave the set no later than its deletion is delivered.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

#include "orrery/cluster/slot_column.hpp"
#include "orrery/cluster/store.hpp"
#include "orrery/core/prefetch.hpp"

namespace orrery {

/// Insert and erase in O(1); 4 bytes per slot of the store and 4 per member.
class PodSet {
 public:
  bool contains(const Object& o) const {
    return position_.at(o.meta.id->slot) != 0;
  }
  void insert(const Object& o) {
    if (contains(o)) return;
    const std::uint32_t slot = o.meta.id->slot;
    members_.push_back(slot);
    position_[slot] = static_cast<std::uint32_t>(members_.size());
  }
  void erase(const Object& o) {
    if (!contains(o)) return;
    const std::uint32_t at = position_[o.meta.id->slot] - 1;
    position_[o.meta.id->slot] = 0;
    if (at + 1 != members_.size()) {
      members_[at] = members_.back();
      position_[members_[at]] = at + 1;
    }
    members_.pop_back();
  }
  std::size_t size() const { return members_.size(); }
  void clear() {
    members_.clear();
    position_ = {};
  }
  /// The cached versions, in no particular but a reproducible order.
  std::vector<Ref<const Pod>> pods(const Store& store) const {
    std::vector<Ref<const Pod>> out;
    for (std::uint32_t slot : members_)
      if (const Object* o = store.cached_at(slot)) out.emplace_back(static_cast<const Pod*>(o));
    return out;
  }

 private:
  std::vector<std::uint32_t> members_;   ///< slots
  SlotColumn<std::uint32_t> position_;   ///< from 1; 0 = not a member
};

/// A set of pods in classes of equal rank. Insert and erase in O(log r), r being the number of ranks in use; O(1) where ranks
/// come in ascending order. 8 bytes per slot of the store, and some per rank: the members of a class are a ring.
class RankedPods {
 public:
  RankedPods() = default;
  RankedPods(const RankedPods&) = delete;
  void insert(const Object& o, std::uint64_t rank) {
    const std::uint32_t slot = o.meta.id->slot;
    if (rings_.at(slot).next != 0) return;
    // They mostly come in the order of their ranks.
    if (last_ == ranks_.end() || last_->first != rank) last_ = ranks_.try_emplace(rank, slot).first;
    const std::uint32_t first = last_->second;
    const std::uint32_t before = first == slot ? slot : rings_[first].previous;
    rings_[slot] = {first, before};
    rings_[before].next = slot;
    rings_[first].previous = slot;
    ++size_;
  }
  /// `rank` must be the one with which the pod, if it is a member, came in.
  void erase(const Object& o, std::uint64_t rank) {
    const std::uint32_t slot = o.meta.id->slot;
    const Ring ring = rings_.at(slot);
    if (ring.next == 0) return;
    rings_[ring.previous].next = ring.next;
    rings_[ring.next].previous = ring.previous;
    rings_[slot] = {};
    --size_;
    // And go so, too.
    const auto found = ranks_.begin()->first == rank ? ranks_.begin() : ranks_.find(rank);
    if (found->second != slot) return;
    found->second = ring.next;
    if (ring.next != slot) return;
    if (last_ == found) last_ = ranks_.end();
    ranks_.erase(found);
  }
  std::size_t size() const { return size_; }
  void clear() {
    ranks_.clear();
    last_ = ranks_.end();
    rings_ = {};
    size_ = 0;
  }
  /// The cached versions of the `count` pods of the lowest ranks, and of all others that share the highest of these ranks; in
  /// the order of their ranks, and in no particular but a reproducible order among equals. O(pods returned).
  std::vector<Ref<const Pod>> lowest(const Store& store, std::size_t count) const {
    std::vector<std::uint32_t> slots;
    for (auto it = ranks_.begin(); it != ranks_.end() && slots.size() < count; ++it) {
      std::uint32_t slot = it->second;
      do {
        store.fetch_slot(slot);
        slots.push_back(slot);
        slot = rings_.at(slot).next;
      } while (slot != it->second);
    }
    std::vector<Ref<const Pod>> out;
    constexpr std::size_t kAhead = 24;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (i + kAhead < slots.size())
        if (const Object* o = store.cached_at(slots[i + kAhead])) fetch_ahead(o, sizeof(Pod));
      if (const Object* o = store.cached_at(slots[i])) {
        fetch_ahead(o->meta.id.get(), sizeof(Identity));  // for whoever sorts them
        out.emplace_back(static_cast<const Pod*>(o));
      }
    }
    return out;
  }

 private:
  struct Ring {
    std::uint32_t next = 0, previous = 0;  ///< slots, its own where it is alone; 0 = not a member
  };
  using Ranks = std::map<std::uint64_t, std::uint32_t>;  ///< one of each class
  Ranks ranks_;
  Ranks::iterator last_ = ranks_.end();  ///< where a pod was put last
  SlotColumn<Ring> rings_;
  std::size_t size_ = 0;
};

inline void sort_pods(std::vector<Ref<const Pod>>& pods, const Interner& names) {
  std::sort(pods.begin(), pods.end(), [&](const auto& a, const auto& b) {
    if (a->ns() != b->ns()) return names.text(a->ns()) < names.text(b->ns());
    return a->name() < b->name();
  });
}

/// The cached pods of each node. Costs nothing until it is first asked.
class PodsByNode {
 public:
  /// To be called for every delivered change.
  void observe(const Change& c) {
    if (!built_ || c.kind != Kind::pod) return;
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (c.type == ChangeType::deleted) return drop(pod);
    if (c.before && static_cast<const Pod&>(*c.before).node == pod.node) return;
    put(pod);
  }
  /// In the order of namespace and name. O(n log n) in the pods of the node; the first call O(all pods).
  std::vector<Ref<const Pod>> on(const Store& store, Symbol node) {
    if (!built_) {
      built_ = true;
      for (const auto& o : store.cached_list(Kind::pod)) put(static_cast<const Pod&>(*o));
    }
    std::vector<Ref<const Pod>> out;
    auto it = nodes_.find(node);
    if (it == nodes_.end()) return out;
    for (const std::uint32_t slot : it->second)
      if (const Object* o = store.cached_at(slot)) out.emplace_back(static_cast<const Pod*>(o));
    sort_pods(out, store.names());
    return out;
  }
  void clear() { *this = {}; }

 private:
  struct Place {
    Symbol node = 0;  ///< 0 = on none
    std::uint32_t position = 0;
  };
  void put(const Pod& pod) {
    drop(pod);
    if (pod.node == 0) return;
    const std::uint32_t slot = pod.meta.id->slot;
    auto& list = nodes_[pod.node];
    places_[slot] = {pod.node, static_cast<std::uint32_t>(list.size())};
    list.push_back(slot);
  }
  void drop(const Pod& pod) {
    const std::uint32_t slot = pod.meta.id->slot;
    const Place place = places_.at(slot);
    if (place.node == 0) return;
    places_[slot] = {};
    auto& list = nodes_[place.node];
    if (place.position + 1 != list.size()) {
      list[place.position] = list.back();
      places_[list[place.position]].position = place.position;
    }
    list.pop_back();
    if (list.empty()) nodes_.erase(place.node);
  }

  bool built_ = false;
  std::unordered_map<Symbol, std::vector<std::uint32_t>> nodes_;  ///< slots
  SlotColumn<Place> places_;
};

}  // namespace orrery
