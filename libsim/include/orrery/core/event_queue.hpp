#pragma once
// The set of pending events, popped in the total order (time, phase, sequence number).
//
// Not a general priority queue: time never goes back, which allows a radix heap whose number of steps per event does not
// grow with the number of pending events. It knows nothing of actors; for that see kernel.hpp.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "orrery/core/time.hpp"

namespace orrery {

class PieceMemory;

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

/// What an event that is still to come is about; see EventQueue::coming.
struct ComingEvent {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint32_t target = 0;
  std::uint16_t kind = 0;
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

/// Cost: an event's 16-byte entry moves at most once per six bits of its delay, in practice two or three times; the rest of
/// it stays where it was written. Cancelling touches one word. An event in a line is written and read once. Memory: at most 64 bytes
/// per pending event in large queues (in a line 48), recycled: no allocation unless there are more
/// events pending than ever before.
class EventQueue {
 public:
  EventQueue();
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  /// `at` may be the current instant, with any phase: an event of an earlier phase simply becomes the next one.
  /// Aborts when `at` is in the past, beyond 2^29 pending events and after 2^40 pushes. An event at kNever does not happen: nothing is kept,
  /// the handle is empty.
  EventHandle push(Time at, Phase phase, const EventBody& body, std::uint64_t cause);

  /// The number of a new line, for push_in_line; kNoLine when there are kLinesMax of them. `waits`: events wait long in it, so that it is
  /// of use to look ahead.
  std::uint32_t add_line(Phase phase, bool waits = false);
  static constexpr std::uint32_t kNoLine = UINT32_MAX;
  static constexpr std::uint32_t kLinesMax = 64;
  /// A foreground event that is not earlier than the last of its line: the same as push, for a fraction of its cost. So it is with whatever
  /// happens a fixed time after its cause. Aborts when it is earlier, or in the past. Not for kNever.
  EventHandle push_in_line(std::uint32_t line, Time at, std::uint64_t cause, std::uint32_t target, std::uint16_t kind, std::uint64_t a, std::uint64_t b) {
    Event& event = next_in_line(line, at, cause);
    event.a = a;
    event.b = b;
    event.target = target;
    event.kind = kind;
    return {kInLine | line, static_cast<std::uint32_t>(lines_[line].end - 1)};
  }
  /// Whether a line takes an event for this time and can name it. It does not where too many of its events were cancelled, which keep
  /// their memory until their time, and after 2^32 events.
  bool takes(std::uint32_t number, Time at) const {
    constexpr std::uint64_t kDeadMin = 64;  // so many are no reason
    const Line& line = lines_[number];
    const std::uint64_t time = bits_of(at);
    return time >= present_ && time >= line.last_time && line.dead <= kDeadMin + (line.end - line.first) / 2 && line.end >> 32 == 0;
  }
  /// The line of a phase for events at the present.
  static std::uint32_t line_of(Phase phase) { return static_cast<std::uint32_t>(phase) / 10; }

  /// False for a stale or empty handle (not an error). Never changes the order of the other events.
  bool cancel(EventHandle handle);
  bool pending(EventHandle handle) const;

  /// Removes the first event. False when there is none.
  bool pop(Event& out) { return pop_until(kNever, out); }
  /// Removes the first event if its time is at most `limit`; otherwise the present moves on to `limit` and the
  /// result is false: from then on nothing may be pushed before `limit`.
  bool pop_until(Time limit, Event& out);

  /// Looks `distance` events ahead of the next one (0: at that itself), so that what it will touch can be fetched into the caches: in the line
  /// that the last popped event was in, or among those in no line. False where that is not known yet, and for events that were pushed so
  /// shortly before they are due that it is no use. A hint: the event may have been cancelled, and others may come before it. O(1).
  bool coming(std::size_t distance, ComingEvent& out) const {
    if (ahead_in_ != kNoLine) return coming_in_line(distance, out);
    const Entry* entry = near_size_ > distance ? &near_[near_size_ - 1 - distance] : near_size_ == 0 && lane_mask_ != 0 ? in_lane(distance) : nullptr;
    if (entry == nullptr || (entry->generation & kFarBit) == 0) return false;
    out = about(*entry);
    return true;
  }
  /// How often it had to look for what comes next: after that, several more events are known than before.
  std::uint64_t refills() const { return refills_; }
  /// Changes with every popped event but those of lines where it is no use to look ahead: without that, what is coming is what it was.
  std::uint64_t steps() const { return steps_; }
  /// Was the last of these in a line?
  bool looks_along_line() const { return ahead_in_ != kNoLine; }
  /// Are there enough events that looking ahead can be of use?
  bool is_large() const { return slots_ > kFetchMin; }

  /// Time of the first event, kNever when there is none. Linear in the earliest bucket: loops use pop_until.
  Time next_time() const;

  std::size_t size() const { return counts_ & kAllMask; }
  std::size_t foreground_size() const { return counts_ >> kForegroundShift; }
  /// Time of the last popped event, or the last limit: the earliest time that may be pushed.
  Time present() const;
  /// Sets the present of an unused queue.
  void start_at(Time present);
  /// Bytes held, including what is kept for reuse.
  std::size_t memory_bytes() const;

 private:
  struct Record;
  struct Block;
  struct Chunk;
  /// What is moved about for an event. Times are held as unsigned numbers in the same order.
  struct Entry {
    std::uint64_t time;
    std::uint32_t where;       ///< lane of the phase << 29 | slot
    std::uint32_t generation;  ///< of the slot when the event was pushed; with kFarBit where it was far off then
  };
  /// Entries in the order of arrival, which for events of one instant is the order of their sequence numbers.
  struct Fifo {
    Chunk* head = nullptr;
    Entry* end = nullptr;    ///< where the next one goes
    Entry* limit = nullptr;  ///< end of the last chunk; equal to `end`: a chunk is needed
  };

  // One bucket per (highest differing digit, value of that digit) of an event's time against the pivot.
  static constexpr unsigned kDigitBits = 6;
  static constexpr unsigned kDigits = 1U << kDigitBits;
  static constexpr unsigned kLevels = (64 + kDigitBits - 1) / kDigitBits;
  static constexpr unsigned kLanes = 8;
  static constexpr unsigned kSlotBits = 29;
  static constexpr unsigned kForegroundShift = 32;
  static constexpr std::uint64_t kAllMask = 0xffffffff;
  static constexpr std::uint32_t kFarBit = 1U << 31;
  static constexpr std::uint64_t kFarOff = std::uint64_t{1} << 33;  ///< ns; what such an event needs has left the caches
  static constexpr std::uint32_t kFetchMin = 1024;  ///< records of fewer slots are in the caches anyway
  static constexpr unsigned kNearFill = 24;  ///< so few entries are sorted, not spread
  static constexpr unsigned kNearSort = 192;  ///< as are so many of one bucket, in another way
  static constexpr unsigned kNearMax = 255;
  static constexpr unsigned kNearTies = 24;

  /// Whole events, of a line. As soon as they are over, whichever line needs room has it: memory that is in the caches.
  struct LineChunk {
    static constexpr std::uint64_t kEvents = 32;
    std::array<Event, kEvents> events;
  };
  /// Events in the order of their times. The chunks are in a ring of a power of two.
  struct Line {
    std::vector<LineChunk*> chunks;
    std::uint64_t first = LineChunk::kEvents, end = LineChunk::kEvents;  ///< they count on
    Event* front = nullptr;            ///< the first, where there is one
    Event* back = nullptr;             ///< where the next one goes, unless it needs a chunk
    std::uint64_t dead = 0;            ///< cancelled ones; never the first
    std::uint64_t last_time = 0;       ///< of the event pushed last
    Phase phase{};
    bool waits = false;
    LineChunk*& chunk(std::uint64_t i) { return chunks[i / LineChunk::kEvents & (chunks.size() - 1)]; }
    Event& at(std::uint64_t i) const { return chunks[i / LineChunk::kEvents & (chunks.size() - 1)]->events[i % LineChunk::kEvents]; }
  };
  /// Of the first event of a line.
  struct LineFront {
    std::uint64_t time, rank;  ///< phase << 56 | sequence number
    std::uint64_t line;
    bool operator<(const LineFront& o) const { return time < o.time || (time == o.time && rank < o.rank); }
  };
  static constexpr std::uint32_t kInLine = 1U << 31;  ///< in the slot of a handle: the rest is the line, the generation its place there

  std::uint64_t take_seq(std::uint64_t cause);
  bool comes_before_line(const Entry& entry) const;
  /// In the order of time, also before the epoch.
  static constexpr std::uint64_t bits_of(Time t) { return static_cast<std::uint64_t>(t.time_since_epoch().count()) ^ (std::uint64_t{1} << 63); }
  static LineFront front_of(const Event& event, std::uint64_t line);
  Event& next_in_line(std::uint32_t line, Time at, std::uint64_t cause);
  void enter(const LineFront& front, std::size_t before);
  void take_from_line(Event& out);
  void renew_front(Line& line, std::uint64_t number);
  void pass(Line& line);
  bool drop_dead(Line& line);
  Event* in_line(EventHandle handle) const;
  void cancel_in_line(EventHandle handle, Event& event);
  void add_chunk(Line& line);
  Time next_time_elsewhere() const;
  const Entry* in_lane(std::size_t distance) const;
  bool coming_in_line(std::size_t distance, ComingEvent& out) const;
  ComingEvent about(const Entry& entry) const;
  void place(const Entry& entry);
  void append(Fifo& fifo, const Entry& entry);
  void place_near(const Entry& entry);
  void dissolve_near();
  bool refill(std::uint64_t limit);
  static bool before(const Entry& x, const Entry& y);
  static bool is_medium(Chunk* chunk, const Entry* end);
  void sort_medium(Chunk* chunk, const Entry* end, unsigned shift);
  static bool is_small(const Fifo& bucket);
  void fill_near(unsigned level, std::uint64_t base);
  void sort_near(Chunk* chunk, const Entry* end);
  void spread(Chunk* chunk, const Entry* end, bool fetch);
  bool take(const Entry& entry, Event& out);
  bool take_from_lane(Event& out);
  std::uint32_t& state_of(std::uint32_t where) const;
  Record& record_of(std::uint32_t where) const;
  void fetch_record(std::uint32_t where) const;
  bool is_live(const Entry& entry) const;
  std::uint32_t take_slot();
  static std::uint64_t count_of(std::uint32_t state);
  void release_slot(std::uint32_t& state, std::uint32_t where);
  void forget_dead(Fifo& fifo, const Entry* from);
  void compact();
  Chunk* new_chunk();
  void free_chunk(Chunk* chunk);

  std::uint64_t pivot_;      ///< no entry is earlier; those at the pivot are in the lanes, unless they are near
  std::uint64_t present_;
  std::uint64_t near_last_ = 0;  ///< everything up to this time is in near_; 0 = nothing is
  std::size_t near_size_ = 0;
  std::uint32_t lane_mask_ = 0;
  std::uint32_t level_mask_ = 0;
  std::uint64_t counts_ = 0;  ///< foreground events << 32 | all of them: every step changes both
  std::size_t dead_ = 0;  ///< entries of cancelled events that are not yet swept
  std::uint64_t next_seq_ = 1;
  std::uint64_t refills_ = 0;
  std::uint64_t steps_ = 0;

  std::uint64_t line_time_;           ///< of the first event in a line; later than any other where they are empty
  std::uint32_t lines_in_use_ = 0;    ///< how many are not empty
  std::uint32_t ahead_in_ = kNoLine;  ///< see coming

  std::vector<Block*> blocks_;  ///< the records, by slot
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t slots_ = 0;
  Chunk* free_chunks_ = nullptr;
  std::unique_ptr<PieceMemory> memory_;  ///< of blocks and chunks

  std::array<std::uint64_t, kLevels> digit_masks_{};
  std::array<Entry, kNearMax> near_;          ///< the last one is the first event
  std::array<Fifo, kLanes> lanes_{};          ///< events at the pivot, by phase
  std::array<Entry*, kLanes> lane_fronts_{};
  std::array<Fifo, kLevels * kDigits> buckets_{};
  std::array<LineFront, kLinesMax> fronts_;  ///< of the lines in use; the last one is the first
  std::vector<LineChunk*> free_line_chunks_;
  std::vector<Line> lines_;                  ///< the first kLanes are those of line_of
};

}  // namespace orrery
