// A monotone radix heap. A record's bucket is given by the highest digit (base 16) in which its time differs from the
// pivot, and by the value of that digit. When the present is used up, the pivot moves to the earliest time of the lowest
// bucket and the records of that bucket alone move down, so that a record moves at most once per digit.
//
// Why ties need no sorting: two records of one instant are always in the same bucket, buckets are first-in first-out and
// records move in order, so they stay in the order of their sequence numbers until they reach the lane of their phase.
#include "orrery/core/event_queue.hpp"

#include <bit>

#include "orrery/core/check.hpp"

namespace orrery {

struct EventQueue::Record {
  Event event;
  std::uint32_t slot;
  std::uint32_t generation;
};

struct EventQueue::Chunk {
  static constexpr std::uint32_t kCapacity = 36;  // records in two kibibytes
  Chunk* next;
  std::uint32_t begin;
  std::uint32_t end;
  std::array<Record, kCapacity> records;
};

namespace {

constexpr std::size_t kCompactMin = 256;  // fewer cancelled records than this are not worth a sweep
constexpr std::uint32_t kGenerationMax = (1U << 31) - 1;

/// In the order of time, also before the epoch.
std::uint64_t bits_of(Time t) { return static_cast<std::uint64_t>(t.time_since_epoch().count()) ^ (std::uint64_t{1} << 63); }
std::uint32_t lane_of(Phase phase) { return static_cast<std::uint32_t>(phase) / 10; }

}  // namespace

EventQueue::EventQueue() { static_assert(sizeof(Event) == 48 && sizeof(Record) == 56 && sizeof(Chunk) <= 2048); }
EventQueue::~EventQueue() = default;

void EventQueue::start_at(Time present) {
  ORRERY_CHECK(next_seq_ == 1, "the queue is in use");
  present_ = pivot_ = present;
}

EventHandle EventQueue::push(Time at, Phase phase, const EventBody& body, std::uint64_t cause) {
  ORRERY_CHECK(at >= present_, "event (target {}, kind {}) at {} ns, but the present is {} ns", body.target, body.kind,
               at.time_since_epoch().count(), present_.time_since_epoch().count());
  if (at == kNever) return {};
  if (records_ == 0) pivot_ = present_;
  std::uint32_t slot = 0;
  if (!free_slots_.empty()) {
    slot = free_slots_.back();
    free_slots_.pop_back();
  } else {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(1U << 1);
  }
  const std::uint32_t background = body.background != 0 ? 1 : 0;
  slots_[slot] = (slots_[slot] & ~1U) | background;
  const std::uint32_t generation = slots_[slot] >> 1;
  ++live_;
  background_ += background;
  ++records_;
  // Written straight into its place: copying a record just put together on the stack would stall on its small fields.
  Record& record = place(at, phase);
  record.event.at = at;
  record.event.seq = next_seq_++;
  record.event.cause = cause;
  record.event.a = body.a;
  record.event.b = body.b;
  record.event.target = body.target;
  record.event.kind = body.kind;
  record.event.phase = phase;
  record.event.background = static_cast<std::uint8_t>(background);
  record.slot = slot;
  record.generation = generation;
  return {slot, generation};
}

bool EventQueue::pending(EventHandle handle) const {
  return handle.generation != 0 && handle.slot < slots_.size() && slots_[handle.slot] >> 1 == handle.generation;
}

bool EventQueue::cancel(EventHandle handle) {
  if (!pending(handle)) return false;
  release_slot(handle.slot);
  const std::size_t dead = records_ - live_;
  if (dead > kCompactMin && dead > live_) compact();
  return true;
}

bool EventQueue::pop_until(Time limit, Event& out) {
  if (pivot_ <= limit) {
    for (;;) {
      if (take_from_lanes(out)) return true;
      if (level_mask_ == 0) break;
      const auto level = static_cast<unsigned>(std::countr_zero(level_mask_));
      const auto digit = static_cast<unsigned>(std::countr_zero(digit_masks_[level]));
      Bucket& bucket = buckets_[level * kDigits + digit];
      if (bucket.earliest > limit) break;
      digit_masks_[level] &= ~(1U << digit);
      if (digit_masks_[level] == 0) level_mask_ &= ~(1U << level);
      pivot_ = bucket.earliest;
      Chunk* chunk = bucket.fifo.head;
      bucket = Bucket{};
      if (chunk->next == nullptr && chunk->end - chunk->begin == 1) {
        // Alone in its bucket, as most are in the end: no need to go through a lane.
        const bool live = take(chunk->records[chunk->begin], out);
        free_chunk(chunk);
        if (live) return true;
      } else {
        spread(chunk);
      }
    }
  }
  if (limit != kNever && limit > present_) present_ = limit;
  return false;
}

Time EventQueue::next_time() {
  for (auto lanes = lane_mask_; lanes != 0; lanes &= lanes - 1)
    for (const Chunk* c = lanes_[static_cast<unsigned>(std::countr_zero(lanes))].head; c != nullptr; c = c->next)
      for (auto i = c->begin; i < c->end; ++i)
        if (is_live(c->records[i])) return pivot_;
  // Buckets in ascending order of their times: the first with a live record has the earliest.
  for (auto levels = level_mask_; levels != 0; levels &= levels - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels));
    for (auto digits = digit_masks_[level]; digits != 0; digits &= digits - 1) {
      const auto& bucket = buckets_[level * kDigits + static_cast<unsigned>(std::countr_zero(digits))];
      Time earliest = kNever;
      for (const Chunk* c = bucket.fifo.head; c != nullptr; c = c->next)
        for (auto i = c->begin; i < c->end; ++i)
          if (c->records[i].event.at < earliest && is_live(c->records[i])) earliest = c->records[i].event.at;
      if (earliest != kNever) return earliest;
    }
  }
  return kNever;
}

std::size_t EventQueue::memory_bytes() const {
  return sizeof *this + chunks_.size() * sizeof(Chunk) + chunks_.capacity() * sizeof chunks_[0] +
         (slots_.capacity() + free_slots_.capacity()) * sizeof slots_[0];
}

/// Room for a record of that time and phase, in the lane or bucket where it belongs at present.
EventQueue::Record& EventQueue::place(Time at, Phase phase) {
  const std::uint64_t difference = bits_of(at) ^ bits_of(pivot_);
  if (difference == 0) {
    const std::uint32_t lane = lane_of(phase);
    ORRERY_DCHECK(lane < kLanes);
    lane_mask_ |= 1U << lane;
    return append(lanes_[lane]);
  }
  const unsigned level = (63U - static_cast<unsigned>(std::countl_zero(difference))) / kDigitBits;
  const auto digit = static_cast<unsigned>(bits_of(at) >> (level * kDigitBits)) & (kDigits - 1);
  Bucket& bucket = buckets_[level * kDigits + digit];
  if (at < bucket.earliest) bucket.earliest = at;
  level_mask_ |= 1U << level;
  digit_masks_[level] |= 1U << digit;
  return append(bucket.fifo);
}

EventQueue::Record& EventQueue::append(Fifo& fifo) {
  if (fifo.tail == nullptr || fifo.tail->end == Chunk::kCapacity) {
    Chunk* chunk = new_chunk();
    (fifo.tail == nullptr ? fifo.head : fifo.tail->next) = chunk;
    fifo.tail = chunk;
  }
  return fifo.tail->records[fifo.tail->end++];
}

/// Moves the records of a bucket, which is empty already, to where they belong under the new pivot.
void EventQueue::spread(Chunk* chunk) {
  // Looking whether a record is cancelled is a cache miss, so it is done only when there are enough of them.
  const bool look = (records_ - live_) * 8 > live_;
  while (chunk != nullptr) {
    for (auto i = chunk->begin; i < chunk->end; ++i) {
      const Record& record = chunk->records[i];
      if (look && !is_live(record)) --records_;
      else place(record.event.at, record.event.phase) = record;
    }
    Chunk* next = chunk->next;
    free_chunk(chunk);
    chunk = next;
  }
}

/// Takes a record out of the set and its event to `out`. False, and `out` unchanged, when it was cancelled.
bool EventQueue::take(const Record& record, Event& out) {
  --records_;
  if (!is_live(record)) return false;
  out = record.event;
  present_ = out.at;
  release_slot(record.slot);
  return true;
}

bool EventQueue::take_from_lanes(Event& out) {
  while (lane_mask_ != 0) {
    const auto lane = static_cast<unsigned>(std::countr_zero(lane_mask_));
    Fifo& fifo = lanes_[lane];
    Chunk* chunk = fifo.head;
    const bool live = take(chunk->records[chunk->begin++], out);
    if (chunk->begin == chunk->end) {
      fifo.head = chunk->next;
      if (fifo.head == nullptr) {
        fifo.tail = nullptr;
        lane_mask_ &= ~(1U << lane);
      }
      free_chunk(chunk);
    }
    if (live) return true;
  }
  return false;
}

bool EventQueue::is_live(const Record& record) const { return slots_[record.slot] >> 1 == record.generation; }

void EventQueue::release_slot(std::uint32_t slot) {
  --live_;
  background_ -= slots_[slot] & 1U;
  const std::uint32_t generation = slots_[slot] >> 1;
  if (generation == kGenerationMax) {
    slots_[slot] = 0;  // retired, as a next generation could be taken for an old one
    return;
  }
  slots_[slot] = (generation + 1) << 1;
  free_slots_.push_back(slot);
}

/// Removes the cancelled records of one list, keeping the order of the others.
void EventQueue::forget_dead(Fifo& fifo) {
  Chunk* chunk = fifo.head;
  fifo = Fifo{};
  while (chunk != nullptr) {
    Chunk* next = chunk->next;
    // Appending never catches up with reading, but it may need a chunk before this one is given back.
    for (auto i = chunk->begin; i < chunk->end; ++i) {
      if (is_live(chunk->records[i])) append(fifo) = chunk->records[i];
      else --records_;
    }
    free_chunk(chunk);
    chunk = next;
  }
}

void EventQueue::compact() {
  for (auto lanes = lane_mask_; lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(lanes));
    forget_dead(lanes_[lane]);
    if (lanes_[lane].head == nullptr) lane_mask_ &= ~(1U << lane);
  }
  for (auto levels = level_mask_; levels != 0; levels &= levels - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels));
    for (auto digits = digit_masks_[level]; digits != 0; digits &= digits - 1) {
      const auto digit = static_cast<unsigned>(std::countr_zero(digits));
      Bucket& bucket = buckets_[level * kDigits + digit];
      forget_dead(bucket.fifo);
      if (bucket.fifo.head == nullptr) {
        bucket = Bucket{};
        digit_masks_[level] &= ~(1U << digit);
      }
    }
    if (digit_masks_[level] == 0) level_mask_ &= ~(1U << level);
  }
}

EventQueue::Chunk* EventQueue::new_chunk() {
  Chunk* chunk = free_chunks_;
  if (chunk != nullptr) {
    free_chunks_ = chunk->next;
  } else {
    chunks_.push_back(std::unique_ptr<Chunk>(new Chunk));
    chunk = chunks_.back().get();
  }
  chunk->next = nullptr;
  chunk->begin = chunk->end = 0;
  return chunk;
}

void EventQueue::free_chunk(Chunk* chunk) {
  chunk->next = free_chunks_;
  free_chunks_ = chunk;
}

}  // namespace orrery
