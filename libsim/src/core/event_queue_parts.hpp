#pragma once
// Private: what the files of the event queue share.
#include <algorithm>
#include <array>

#include "core/piece_memory.hpp"
#include "orrery/core/check.hpp"
#include "orrery/core/event_queue.hpp"

namespace orrery {

/// What an entry leaves behind: the event but for its time, its phase (the lane), and whether it is a background event (the state
/// of its slot). Half a cache line, since one is all that an event costs where there are many.
struct alignas(32) EventQueue::Record {
  std::uint64_t a, b;
  std::uint32_t seq, cause;
  std::uint32_t target;
  std::uint16_t kind;
  std::uint8_t seq_high, cause_high;
};

struct EventQueue::Block {
  static constexpr unsigned kBits = 10;
  static constexpr std::uint32_t kSlots = 1U << kBits;
  std::array<Record, kSlots> records;
  std::array<std::uint32_t, kSlots> states;  ///< generation << 1 | background: apart, so that looking is cheap
};

struct alignas(64) EventQueue::Chunk {
  static constexpr std::size_t kCapacity = 67;  // an odd number of cache lines: the heads of chunks use all cache sets
  Chunk* next;
  alignas(16) std::array<Entry, kCapacity> entries;
  Entry* begin() { return entries.data(); }
  Entry* end() { return entries.data() + kCapacity; }
};

namespace event_queue {
inline constexpr unsigned kSeqBits = 40;
inline constexpr std::uint64_t kNone = ~std::uint64_t{0};  // later than any event
inline constexpr unsigned kPhaseShift = 56;
inline constexpr std::uint8_t kDead = 2;          // in the place of `background`: a cancelled event in a line
constexpr Phase phase_of(std::uint32_t lane) { return static_cast<Phase>(lane * 10); }
}  // namespace event_queue

inline std::uint32_t& EventQueue::state_of(std::uint32_t where) const {
  const std::uint32_t slot = where & ((1U << kSlotBits) - 1);
  return blocks_[slot >> Block::kBits]->states[slot & (Block::kSlots - 1)];
}
inline EventQueue::Record& EventQueue::record_of(std::uint32_t where) const {
  const std::uint32_t slot = where & ((1U << kSlotBits) - 1);
  return blocks_[slot >> Block::kBits]->records[slot & (Block::kSlots - 1)];
}
/// In time and phase; equals are in the order of their arrival, which entries do not tell.
inline bool EventQueue::before(const Entry& x, const Entry& y) {
  return x.time < y.time || (x.time == y.time && x.where >> kSlotBits < y.where >> kSlotBits);
}

inline bool EventQueue::is_live(const Entry& entry) const { return state_of(entry.where) >> 1 == (entry.generation & ~kFarBit); }

/// What an event with this state adds to counts_.
inline std::uint64_t EventQueue::count_of(std::uint32_t state) { return 1 + (std::uint64_t{~state & 1U} << kForegroundShift); }

inline std::uint64_t EventQueue::take_seq(std::uint64_t cause) {
  const std::uint64_t seq = next_seq_++;
  ORRERY_CHECK((seq | cause) >> event_queue::kSeqBits == 0, "event number {}, caused by {}", seq, cause);
  return seq;
}

// ---- the fronts of lines

inline EventQueue::LineFront EventQueue::front_of(const Event& event, std::uint64_t line) {
  return {bits_of(event.at), std::uint64_t{static_cast<std::uint8_t>(event.phase)} << event_queue::kPhaseShift | event.seq, line};
}

/// Puts the front of a line in its place among the last `before` of fronts_ and behind, where there is a gap.
inline void EventQueue::enter(const LineFront& front, std::size_t before) {
  std::size_t i = before;
  for (; i > 0 && fronts_[i - 1] < front; --i) fronts_[i] = fronts_[i - 1];
  fronts_[i] = front;
  line_time_ = fronts_[lines_in_use_ - 1].time;
}

/// The first of a line is over.
inline void EventQueue::pass(Line& line) {
  ++line.front;
  if (++line.first % LineChunk::kEvents != 0) return;
  free_line_chunks_.push_back(line.chunk(line.first - 1));
  if (line.first != line.end) line.front = line.chunk(line.first)->events.data();
}

/// The first of a line is to be a live one again. False when it is empty.
inline bool EventQueue::drop_dead(Line& line) {
  while (line.dead != 0 && line.first != line.end && line.front->background == event_queue::kDead) {
    pass(line);
    --line.dead;
  }
  return line.first != line.end;
}

/// After the first of a line is over, where the last of fronts_ is no longer in use: the line enters anew, if anything is left.
inline void EventQueue::renew_front(Line& line, std::uint64_t number) {
  if (drop_dead(line)) return enter(front_of(*line.front, number), lines_in_use_ - 1);
  --lines_in_use_;
  line_time_ = lines_in_use_ == 0 ? event_queue::kNone : fronts_[lines_in_use_ - 1].time;
}

}  // namespace orrery
