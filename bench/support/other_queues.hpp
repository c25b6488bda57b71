#pragma once
// What the queue of the kernel is compared with: the least that could do the work, and what one would take from the shelf.
// Both hold the same 48-byte record and keep the same order.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

#include "orrery/core/event_queue.hpp"

namespace orrery::bench {

/// A bare radix heap: no cancelling, no handles, no phases, no checks, no limits. What is left to save is not in the book-keeping.
class FloorQueue {
 public:
  void push(Time at, Phase phase, const EventBody& body, std::uint64_t cause) {
    const Event event{at, ++seq_, cause, body.a, body.b, body.target, body.kind, phase, body.background};
    add(event);
  }
  bool pop(Event& out) {
    if (next_ == buckets_[0].size() && !advance()) return false;
    out = buckets_[0][next_++];
    return true;
  }

 private:
  static constexpr unsigned kBits = 6;  // of 2, 3, 4 and 6 the fastest over the sizes measured
  static constexpr unsigned kBuckets = ((64 / kBits + 1) << kBits) + 1;

  void add(const Event& event) {
    const std::size_t i = bucket_of(event.at);
    used_[i >> 6] |= std::uint64_t{1} << (i & 63);
    buckets_[i].push_back(event);
  }

  std::size_t bucket_of(Time at) const {
    const auto t = static_cast<std::uint64_t>(at.time_since_epoch().count());
    const std::uint64_t difference = t ^ last_;
    if (difference == 0) return 0;
    const unsigned level = (63U - static_cast<unsigned>(std::countl_zero(difference))) / kBits;
    return 1 + (level << kBits) + (t >> (level * kBits) & ((1U << kBits) - 1));
  }
  bool advance() {
    buckets_[0].clear();
    next_ = 0;
    used_[0] &= ~std::uint64_t{1};
    for (std::size_t word = 0; word < used_.size(); ++word) {
      if (used_[word] == 0) continue;
      std::vector<Event>& bucket = buckets_[word * 64 + static_cast<unsigned>(std::countr_zero(used_[word]))];
      used_[word] &= used_[word] - 1;
      Time earliest = kNever;
      for (const Event& event : bucket) earliest = std::min(earliest, event.at);
      last_ = static_cast<std::uint64_t>(earliest.time_since_epoch().count());
      for (const Event& event : bucket) add(event);
      bucket.clear();
      return true;
    }
    return false;
  }

  std::array<std::vector<Event>, kBuckets> buckets_;
  std::array<std::uint64_t, kBuckets / 64 + 1> used_{};
  std::size_t next_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t seq_ = 0;
};

struct Later {
  bool operator()(const Event& x, const Event& y) const {
    return std::tie(x.at, x.phase, x.seq) > std::tie(y.at, y.phase, y.seq);
  }
};

/// std::priority_queue of the record.
class StdQueue {
 public:
  void push(Time at, Phase phase, const EventBody& body, std::uint64_t cause) {
    queue_.push({at, ++seq_, cause, body.a, body.b, body.target, body.kind, phase, body.background});
  }
  bool pop(Event& out) {
    if (queue_.empty()) return false;
    out = queue_.top();
    queue_.pop();
    return true;
  }

 private:
  std::priority_queue<Event, std::vector<Event>, Later> queue_;
  std::uint64_t seq_ = 0;
};

/// The same with cancelling: a cancelled event stays in the heap and is skipped when it comes up.
class StdCancelQueue {
 public:
  EventHandle push(Time at, Phase phase, const EventBody& body, std::uint64_t cause) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(generations_.size());
      generations_.push_back(1);
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    queue_.push({{at, ++seq_, cause, body.a, body.b, body.target, body.kind, phase, body.background}, slot, generations_[slot]});
    return {slot, generations_[slot]};
  }
  bool cancel(EventHandle handle) {
    if (handle.generation == 0 || generations_[handle.slot] != handle.generation) return false;
    release(handle.slot);
    return true;
  }
  bool pop(Event& out) {
    while (!queue_.empty()) {
      const Item& top = queue_.top();
      const bool live = generations_[top.slot] == top.generation;
      if (live) {
        out = top.event;
        release(top.slot);
      }
      queue_.pop();
      if (live) return true;
    }
    return false;
  }

 private:
  struct Item {
    Event event;
    std::uint32_t slot;
    std::uint32_t generation;
  };
  struct LaterItem {
    bool operator()(const Item& x, const Item& y) const { return Later{}(x.event, y.event); }
  };
  void release(std::uint32_t slot) {
    ++generations_[slot];
    free_.push_back(slot);
  }

  std::priority_queue<Item, std::vector<Item>, LaterItem> queue_;
  std::vector<std::uint32_t> generations_, free_;
  std::uint64_t seq_ = 0;
};

}  // namespace orrery::bench
