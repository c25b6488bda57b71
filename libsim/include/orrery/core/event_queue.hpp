#pragma once
// The set of pending events, popped in the total order (time, phase, sequence number).
//
// Not a general priority queue: time never goes back, which allows a radix heap whose costs do not grow with the
// number of pending events. It knows nothing of actors; for that see kernel.hpp.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "orrery/core/time.hpp"

namespace orrery {

/// What happens first among the events of one instant. The values are multiples of ten below 80 (the queue keeps one
/// lane per value): what the scenario does, then writes that become visible, deliveries, timers, controllers, samples.
enum class Phase : std::uint8_t { timeline = 10, commit = 20, watch = 30, timer = 40, reconcile = 50, sample = 60 };

/// One event: plain data, whose meaning (kind, a, b) is the business of the target alone.
struct Event {
  Time at{};
  std::uint64_t seq = 0;    ///< position in the order of pushes, from 1
  std::uint64_t cause = 0;  ///< seq of the event that was executing when this one was pushed, 0 = none
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint32_t target = 0;
  std::uint16_t kind = 0;
  Phase phase = Phase::timer;
  std::uint8_t background = 0;  ///< 1 = does not keep a run alive
};

/// The part of an event that its sender chooses freely.
struct EventBody {
  std::uint32_t target = 0;
  std::uint16_t kind = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint8_t background = 0;
};

/// Names one pending event. A small value; a handle of an event that ran or was cancelled is stale, never wrong: a
/// slot whose generations are used up is not used again.
struct EventHandle {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  ///< 0 = no event
  explicit operator bool() const { return generation != 0; }
  friend bool operator==(const EventHandle&, const EventHandle&) = default;
};

/// Cost: an event moves at most once per four bits of its delay, in practice two or three times; memory at most 64 bytes
/// per pending event, recycled.
class EventQueue {
 public:
  EventQueue();
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  /// `at` may be the current instant, with any phase: an event of an earlier phase simply becomes the next one.
  /// Aborts when `at` is in the past. An event at kNever does not happen: nothing is kept, the handle is empty.
  EventHandle push(Time at, Phase phase, const EventBody& body, std::uint64_t cause);

  /// False for a stale or empty handle (not an error). Never changes the order of the other events.
  bool cancel(EventHandle handle);
  bool pending(EventHandle handle) const;

  /// Removes the first event. False when there is none.
  bool pop(Event& out) { return pop_until(kNever, out); }
  /// Removes the first event if its time is at most `limit`; otherwise the present moves on to `limit` and the
  /// result is false: from then on nothing may be pushed before `limit`.
  bool pop_until(Time limit, Event& out);

  /// Time of the first event, kNever when there is none. Linear in the earliest bucket: loops use pop_until.
  Time next_time();

  std::size_t size() const { return live_; }
  std::size_t foreground_size() const { return live_ - background_; }
  /// Time of the last popped event, or the last limit: the earliest time that may be pushed.
  Time present() const { return present_; }
  /// Sets the present of an unused queue.
  void start_at(Time present);
  /// Bytes held, including what is kept for reuse.
  std::size_t memory_bytes() const;

 private:
  struct Record;
  struct Chunk;
  /// Records in the order of arrival, which for events of one instant is the order of their sequence numbers.
  struct Fifo {
    Chunk* head = nullptr;
    Chunk* tail = nullptr;
  };
  struct Bucket {
    Fifo fifo;
    Time earliest = kNever;  ///< lower bound: may belong to a cancelled event
  };

  // One bucket per (highest differing digit, value of that digit) of an event's time against the pivot.
  static constexpr unsigned kDigitBits = 4;
  static constexpr unsigned kDigits = 1U << kDigitBits;
  static constexpr unsigned kLevels = (64 + kDigitBits - 1) / kDigitBits;
  static constexpr unsigned kLanes = 8;

  Record& place(Time at, Phase phase);
  Record& append(Fifo& fifo);
  void spread(Chunk* chunk);
  bool take(const Record& record, Event& out);
  bool take_from_lanes(Event& out);
  bool is_live(const Record& record) const;
  void release_slot(std::uint32_t slot);
  void forget_dead(Fifo& fifo);
  void compact();
  Chunk* new_chunk();
  void free_chunk(Chunk* chunk);

  std::array<Fifo, kLanes> lanes_{};  ///< events at the pivot, by phase
  std::uint32_t lane_mask_ = 0;
  std::uint32_t level_mask_ = 0;
  std::array<std::uint32_t, kLevels> digit_masks_{};
  std::array<Bucket, kLevels * kDigits> buckets_{};

  Time pivot_{};    ///< no record is earlier; those at the pivot are in the lanes
  Time present_{};
  std::uint64_t next_seq_ = 1;
  std::size_t live_ = 0;
  std::size_t background_ = 0;
  std::size_t records_ = 0;  ///< live ones and those cancelled but not yet swept

  std::vector<std::uint32_t> slots_;  ///< generation << 1 | background
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  Chunk* free_chunks_ = nullptr;
};

}  // namespace orrery
