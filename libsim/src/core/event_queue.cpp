// A monotone radix heap over small entries, with a short sorted list for what comes next.
//
// An entry's bucket is given by the highest digit (base 64) in which its time differs from the pivot, and by the value of
// that digit. When nothing nearer is left, the lowest bucket is opened: a small one is sorted into the near list, of a
// large one the pivot moves to the earliest time and its entries alone move down. So an entry moves at most once per digit.
//
// Events at the pivot itself wait in one lane per phase, so that a burst at one instant costs no sorting. The near list and
// the lanes are never in use at once: what belongs to the range of the near list goes there, and when too much does, the
// list is dissolved into lanes and buckets.
//
// Why ties need no sequence numbers: two entries of one instant are always in the same place, buckets are first-in first-out,
// entries move in order, and the near list puts a newcomer behind its equals.
//
// Events that come in the order of their times anyhow wait in lines beside all this, whole, and are compared with what is first here
// only when their turn comes.
//
// Cancelling changes the generation of the slot; the entry is dropped when it is met, or swept when there are too many.
#include <algorithm>
#include <bit>

#include "core/event_queue_parts.hpp"

namespace orrery {

using namespace event_queue;

namespace {

constexpr std::size_t kChunksAtOnce = 15;
constexpr std::size_t kCompactMin = 256;  // fewer cancelled entries than this are not worth a sweep
constexpr std::size_t kFetchMax = 512;    // records of so many entries fit the first cache
constexpr std::size_t kFetchInLine = 10;  // whoever looks ahead in a line looks less far
constexpr std::size_t kFetchAhead = 16;   // its record is fetched so many events before one
constexpr std::uint32_t kGenerationMax = (1U << 31) - 1;  // 31 bits
constexpr Time time_of_bits(std::uint64_t bits) { return Time(Duration(static_cast<std::int64_t>(bits ^ (std::uint64_t{1} << 63)))); }
inline void prefetch(const void* p) { __builtin_prefetch(p); }

}  // namespace

EventQueue::EventQueue() : pivot_(bits_of(Time{})), present_(pivot_), line_time_(kNone), memory_(std::make_unique<PieceMemory>()) {
  static_assert(sizeof(Event) == 48 && sizeof(Record) == 32 && sizeof(Entry) == 16 && sizeof(Chunk) == 17 * 64);
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) (void)add_line(phase_of(lane));
}
EventQueue::~EventQueue() = default;

void EventQueue::start_at(Time present) {
  ORRERY_CHECK(next_seq_ == 1, "the queue is in use");
  present_ = pivot_ = bits_of(present);
}

Time EventQueue::present() const { return time_of_bits(present_); }

inline void EventQueue::fetch_record(std::uint32_t where) const {
  prefetch(&record_of(where));
  prefetch(&state_of(where));
}

inline std::uint32_t EventQueue::take_slot() {
  if (!free_slots_.empty()) {
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
  }
  const std::uint32_t slot = slots_++;
  if (slot >> Block::kBits == blocks_.size()) {
    ORRERY_CHECK(slot >> kSlotBits == 0, "more than {} events pending", slot);
    blocks_.push_back(new (memory_->take(sizeof(Block))) Block);
    blocks_.back()->states.fill(1U << 1);
  }
  return slot;
}

inline void EventQueue::release_slot(std::uint32_t& state, std::uint32_t where) {
  counts_ -= count_of(state);
  const std::uint32_t generation = state >> 1;
  if (generation == kGenerationMax) {
    state = 0;  // retired, as a next generation could be taken for an old one
    return;
  }
  state = (generation + 1) << 1;
  free_slots_.push_back(where & ((1U << kSlotBits) - 1));
}

EventHandle EventQueue::push(Time at, Phase phase, const EventBody& body, std::uint64_t cause) {
  const std::uint64_t time = bits_of(at);
  ORRERY_CHECK(time >= present_, "event (target {}, kind {}) at {} ns, but the present is {} ns", body.target, body.kind,
               at.time_since_epoch().count(), present().time_since_epoch().count());
  if (at == kNever) return {};
  if (pivot_ > present_) {
    // Only cancelled entries were left, and looking for one that is not went too far.
    ORRERY_DCHECK(size() + dead_ == 0);
    pivot_ = present_;
    near_last_ = 0;
  }
  const std::uint32_t slot = take_slot();
  const std::uint32_t lane = line_of(phase);
  ORRERY_DCHECK(lane < kLanes);
  std::uint32_t& state = state_of(slot);
  const std::uint32_t generation = state >> 1;
  state |= body.background != 0 ? 1 : 0;  // it is 0 in a free slot
  counts_ += count_of(state);
  const std::uint64_t seq = take_seq(cause);
  record_of(slot) = {body.a,      body.b,
                     static_cast<std::uint32_t>(seq), static_cast<std::uint32_t>(cause),
                     body.target, body.kind,
                     static_cast<std::uint8_t>(seq >> 32), static_cast<std::uint8_t>(cause >> 32)};
  const Entry entry{time, lane << kSlotBits | slot, generation | (time - present_ >= kFarOff ? kFarBit : 0)};
  if (time <= near_last_) place_near(entry);
  else place(entry);
  return {slot, generation};
}

bool EventQueue::pending(EventHandle handle) const {
  if ((handle.slot & kInLine) != 0) return in_line(handle) != nullptr;
  return handle.generation != 0 && handle.slot < slots_ && state_of(handle.slot) >> 1 == handle.generation;
}

bool EventQueue::cancel(EventHandle handle) {
  if ((handle.slot & kInLine) != 0) {
    Event* event = in_line(handle);
    if (event == nullptr) return false;
    cancel_in_line(handle, *event);
    return true;
  }
  if (!pending(handle)) return false;
  release_slot(state_of(handle.slot), handle.slot);
  if (++dead_ > kCompactMin && dead_ > size()) compact();
  return true;
}

/// Removes the first event. What is at the present is near, in the lanes, or in a line.
bool EventQueue::pop_until(Time limit, Event& out) {
  const std::uint64_t last = bits_of(limit);
  for (;;) {
    if (near_size_ != 0) {
      const Entry& entry = near_[near_size_ - 1];
      if (entry.time < line_time_ || (entry.time == line_time_ && comes_before_line(entry))) {
        if (entry.time > last) break;
        --near_size_;
        // What was fetched when the list was made may have left the caches since.
        if (near_size_ >= kFetchAhead && slots_ > kFetchMin) fetch_record(near_[near_size_ - kFetchAhead].where);
        if (take(entry, out)) return true;
        continue;
      }
    } else if (lane_mask_ != 0) {
      if (pivot_ < line_time_ || (pivot_ == line_time_ && comes_before_line(*lane_fronts_[static_cast<unsigned>(std::countr_zero(lane_mask_))]))) {
        if (pivot_ > last) break;
        if (take_from_lane(out)) return true;
        continue;
      }
    } else if (refill(std::min(last, line_time_))) {
      // Not beyond the first line, whose time may become the present.
      continue;
    }
    if (line_time_ > last || lines_in_use_ == 0) break;
    take_from_line(out);
    return true;
  }
  if (limit != kNever && last > present_) present_ = last;
  return false;
}

inline void EventQueue::take_from_line(Event& out) {
  const auto number = static_cast<std::uint32_t>(fronts_[lines_in_use_ - 1].line);
  Line& line = lines_[number];
  out = *line.front;
  present_ = line_time_;
  counts_ -= count_of(0);
  if (line.waits) {
    ahead_in_ = number;
    ++steps_;
    if (line.end - line.first > kFetchInLine) prefetch(&line.at(line.first + kFetchInLine));
  }
  pass(line);
  renew_front(line, number);
}

/// Of an entry at the time of the first line.
bool EventQueue::comes_before_line(const Entry& entry) const {
  const std::uint64_t phase = static_cast<std::uint8_t>(phase_of(entry.where >> kSlotBits));
  const std::uint64_t first = fronts_[lines_in_use_ - 1].rank, other = first >> kPhaseShift;
  if (phase != other) return phase < other;
  if (!is_live(entry)) return true;  // to be dropped; its record may be another's, and what is behind it may be first
  const Record& record = record_of(entry.where);
  return (record.seq | std::uint64_t{record.seq_high} << 32) < (first & ((std::uint64_t{1} << kPhaseShift) - 1));
}

/// So far ahead in the first lane; null beyond its first chunk.
const EventQueue::Entry* EventQueue::in_lane(std::size_t distance) const {
  const auto lane = static_cast<unsigned>(std::countr_zero(lane_mask_));
  const Fifo& fifo = lanes_[lane];
  const Entry* end = fifo.head->next == nullptr ? fifo.end : fifo.head->end();
  return static_cast<std::size_t>(end - lane_fronts_[lane]) > distance ? lane_fronts_[lane] + distance : nullptr;
}

ComingEvent EventQueue::about(const Entry& entry) const {
  const Record& record = record_of(entry.where);
  return {record.a, record.b, record.target, record.kind};
}

Time EventQueue::next_time() const {
  // What is in the lines, unless something is earlier.
  const Time in_line = lines_in_use_ != 0 ? time_of_bits(line_time_) : kNever;
  return std::min(in_line, next_time_elsewhere());
}

Time EventQueue::next_time_elsewhere() const {
  for (std::size_t i = near_size_; i > 0; --i)
    if (is_live(near_[i - 1])) return time_of_bits(near_[i - 1].time);
  const auto earliest = [this](const Fifo& fifo, const Entry* from) {
    std::uint64_t found = bits_of(kNever);
    for (Chunk* c = fifo.head; c != nullptr; c = c->next) {
      const Entry* end = c->next == nullptr ? fifo.end : c->end();
      for (const Entry* e = c == fifo.head ? from : c->begin(); e != end; ++e)
        if (e->time < found && is_live(*e)) found = e->time;
    }
    return time_of_bits(found);
  };
  for (auto lanes = lane_mask_; lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(lanes));
    if (earliest(lanes_[lane], lane_fronts_[lane]) != kNever) return time_of_bits(pivot_);
  }
  // Buckets in ascending order of their times: the first with a live entry has the earliest.
  for (auto levels = level_mask_; levels != 0; levels &= levels - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels));
    for (auto digits = digit_masks_[level]; digits != 0; digits &= digits - 1) {
      const Fifo& bucket = buckets_[level * kDigits + static_cast<unsigned>(std::countr_zero(digits))];
      const Time found = earliest(bucket, bucket.head->begin());
      if (found != kNever) return found;
    }
  }
  return kNever;
}

std::size_t EventQueue::memory_bytes() const {
  std::size_t in_lines = lines_.capacity() * sizeof(Line) + free_line_chunks_.capacity() * sizeof(LineChunk*);
  for (const Line& line : lines_) in_lines += line.chunks.capacity() * sizeof(LineChunk*);
  return sizeof *this + sizeof *memory_ + memory_->bytes() + blocks_.capacity() * sizeof blocks_[0] + free_slots_.capacity() * sizeof free_slots_[0] + in_lines;
}

inline void EventQueue::append(Fifo& fifo, const Entry& entry) {
  if (fifo.end == fifo.limit) {
    Chunk* chunk = new_chunk();
    if (fifo.head == nullptr) fifo.head = chunk;
    else reinterpret_cast<Chunk*>(reinterpret_cast<char*>(fifo.limit) - sizeof(Chunk))->next = chunk;
    fifo.end = chunk->begin();
    fifo.limit = chunk->end();
  }
  *fifo.end++ = entry;
}

/// Puts an entry into the lane or bucket where it belongs at present.
inline void EventQueue::place(const Entry& entry) {
  const std::uint64_t difference = entry.time ^ pivot_;
  if (difference == 0) {
    const std::uint32_t lane = entry.where >> kSlotBits;
    const bool first = (lane_mask_ >> lane & 1U) == 0;
    append(lanes_[lane], entry);
    if (first) {
      lane_mask_ |= 1U << lane;
      lane_fronts_[lane] = lanes_[lane].head->begin();
    }
    return;
  }
  const unsigned level = (63U - static_cast<unsigned>(std::countl_zero(difference))) / kDigitBits;
  const auto digit = static_cast<unsigned>(entry.time >> (level * kDigitBits)) & (kDigits - 1);
  Fifo& bucket = buckets_[level * kDigits + digit];
  if (bucket.end == bucket.limit) {
    level_mask_ |= 1U << level;
    digit_masks_[level] |= std::uint64_t{1} << digit;
  }
  append(bucket, entry);
}

/// Inserts behind all that are not later. Newcomers are mostly due soon, so little moves.
inline void EventQueue::place_near(const Entry& entry) {
  std::size_t i = near_size_;
  while (i > 0 && !before(entry, near_[i - 1])) --i;
  const std::size_t moved = near_size_ - i;
  // Many at one instant are better off in lanes.
  if (near_size_ == kNearMax || (moved > kNearTies && near_[i].time == entry.time)) {
    dissolve_near();
    place(entry);
    return;
  }
  for (std::size_t k = near_size_; k > i; --k) near_[k] = near_[k - 1];
  near_[i] = entry;
  ++near_size_;
}

/// All entries of the near list go to lanes and buckets. The present is in the range of the list, so it can be the pivot.
void EventQueue::dissolve_near() {
  pivot_ = present_;
  near_last_ = 0;
  const std::size_t size = near_size_;
  near_size_ = 0;
  for (std::size_t i = size; i > 0; --i) place(near_[i - 1]);
}

/// Opens the earliest buckets until there is something near or in the lanes. False when nothing is due up to `limit`.
bool EventQueue::refill(std::uint64_t limit) {
  while (level_mask_ != 0) {
    const auto level = static_cast<unsigned>(std::countr_zero(level_mask_));
    const auto digit = static_cast<unsigned>(std::countr_zero(digit_masks_[level]));
    const unsigned shift = level * kDigitBits;
    const std::uint64_t base = ((pivot_ >> shift & ~std::uint64_t{kDigits - 1}) | digit) << shift;
    if (base > limit) return false;
    ++refills_;
    Fifo& bucket = buckets_[level * kDigits + digit];
    if (is_small(bucket)) {
      fill_near(level, base);
      return true;
    }
    Chunk* chunk = bucket.head;
    const Entry* end = bucket.end;
    bucket = Fifo{};
    digit_masks_[level] &= digit_masks_[level] - 1;
    if (digit_masks_[level] == 0) level_mask_ &= level_mask_ - 1;
    if (level != 0 && is_medium(chunk, end)) {
      pivot_ = base;
      near_last_ = base + (std::uint64_t{1} << shift) - 1;
      sort_medium(chunk, end, shift);
      return true;
    }
    std::uint64_t earliest = chunk->begin()->time;
    std::size_t count = 0;
    for (Chunk* c = chunk; c != nullptr; c = c->next) {
      const Entry* last = c->next == nullptr ? end : c->end();
      count += static_cast<std::size_t>(last - c->begin());
      for (const Entry* e = c->begin(); e != last; ++e) earliest = std::min(earliest, e->time);
    }
    // Not beyond the limit, which may become the present.
    pivot_ = std::min(earliest, limit);
    near_last_ = 0;
    spread(chunk, end, slots_ > kFetchMin && count <= kFetchMax);
    if (lane_mask_ != 0) return true;
  }
  return false;
}

inline bool EventQueue::is_small(const Fifo& bucket) { return bucket.head->next == nullptr && bucket.end - bucket.head->begin() <= kNearFill; }

/// Sorts the first bucket of a level, which begins at `base`, into the empty near list, and those after it while they are few.
void EventQueue::fill_near(unsigned level, std::uint64_t base) {
  Fifo* const buckets = &buckets_[level * kDigits];
  std::uint64_t& mask = digit_masks_[level];
  std::array<unsigned, kNearFill> digits;
  std::size_t count = 0;
  std::size_t size = 0;
  do {
    const auto digit = static_cast<unsigned>(std::countr_zero(mask));
    const Fifo& bucket = buckets[digit];
    if (!is_small(bucket)) break;
    size += static_cast<std::size_t>(bucket.end - bucket.head->begin());
    if (size > kNearFill) break;
    digits[count++] = digit;
    mask &= mask - 1;
  } while (mask != 0);
  if (mask == 0) level_mask_ &= ~(1U << level);
  pivot_ = base;
  near_last_ = base + (std::uint64_t{digits[count - 1] - digits[0] + 1} << (level * kDigitBits)) - 1;
  // Latest bucket first, as the list is.
  while (count != 0) {
    Fifo& bucket = buckets[digits[--count]];
    sort_near(bucket.head, bucket.end);
    bucket = Fifo{};
  }
}

/// Adds a bucket that is earlier than all of the near list. Read from its end, as entries mostly arrive in order.
inline void EventQueue::sort_near(Chunk* chunk, const Entry* end) {
  const Entry* begin = chunk->begin();
  const bool fetch = slots_ > kFetchMin;
  std::size_t size = near_size_;
  for (const Entry* e = end; e != begin;) {
    --e;
    if (fetch) fetch_record(e->where);
    std::size_t i = size++;
    for (; i > 0 && before(near_[i - 1], *e); --i) near_[i] = near_[i - 1];
    near_[i] = *e;
  }
  near_size_ = size;
  free_chunk(chunk);
}

inline bool EventQueue::is_medium(Chunk* chunk, const Entry* end) {
  std::ptrdiff_t room = kNearSort;
  for (; chunk->next != nullptr && room > 0; chunk = chunk->next) room -= static_cast<std::ptrdiff_t>(Chunk::kCapacity);
  return chunk->next == nullptr && end - chunk->begin() <= room;
}

/// Sorts a bucket whose times differ in the lower `shift` bits alone into the empty near list: first by the highest of those
/// bits, counting, which a processor need not guess at; then what is out of order still.
void EventQueue::sort_medium(Chunk* chunk, const Entry* end, unsigned shift) {
  constexpr unsigned kBits = 7;
  constexpr std::uint64_t kMask = (1U << kBits) - 1;
  const unsigned low = shift > kBits ? shift - kBits : 0;
  std::array<std::uint8_t, kMask + 1> places{};
  for (Chunk* c = chunk; c != nullptr; c = c->next) {
    const Entry* last = c->next == nullptr ? end : c->end();
    for (const Entry* e = c->begin(); e != last; ++e) ++places[e->time >> low & kMask];
  }
  // Latest first; in each place the earlier comes last.
  std::uint8_t sum = 0;
  for (std::size_t i = kMask + 1; i > 0; --i) places[i - 1] = sum = static_cast<std::uint8_t>(sum + places[i - 1]);
  const bool fetch = slots_ > kFetchMin;
  while (chunk != nullptr) {
    Chunk* next = chunk->next;
    const Entry* last = next == nullptr ? end : chunk->end();
    for (const Entry* e = chunk->begin(); e != last; ++e) {
      if (fetch) fetch_record(e->where);
      near_[--places[e->time >> low & kMask]] = *e;
    }
    free_chunk(chunk);
    chunk = next;
  }
  near_size_ = sum;
  for (std::size_t k = 1; k < near_size_; ++k) {
    if (!before(near_[k - 1], near_[k])) continue;
    const Entry entry = near_[k];
    std::size_t i = k;
    for (; i > 0 && before(near_[i - 1], entry); --i) near_[i] = near_[i - 1];
    near_[i] = entry;
  }
}

/// Moves the entries of a bucket, which is empty already, to where they belong under the new pivot.
void EventQueue::spread(Chunk* chunk, const Entry* end, bool fetch) {
  // Looking whether an entry is cancelled may be a cache miss, so it is done only when there are enough of them.
  const bool look = dead_ * 8 > size();
  while (chunk != nullptr) {
    Chunk* next = chunk->next;
    if (next != nullptr) prefetch(next);
    const Entry* last = next == nullptr ? end : chunk->end();
    for (const Entry* e = chunk->begin(); e != last; ++e) {
      if (look && !is_live(*e)) {
        --dead_;
        continue;
      }
      if (fetch) fetch_record(e->where);
      place(*e);
    }
    free_chunk(chunk);
    chunk = next;
  }
}

/// Takes an entry out of the set and its event to `out`. False, and `out` unchanged, when it was cancelled.
inline bool EventQueue::take(const Entry& entry, Event& out) {
  std::uint32_t& state = state_of(entry.where);
  if (state >> 1 != (entry.generation & ~kFarBit)) {
    --dead_;
    return false;
  }
  const Record& record = record_of(entry.where);
  out.at = time_of_bits(entry.time);
  out.seq = record.seq | std::uint64_t{record.seq_high} << 32;
  out.cause = record.cause | std::uint64_t{record.cause_high} << 32;
  out.a = record.a;
  out.b = record.b;
  out.target = record.target;
  out.kind = record.kind;
  out.phase = phase_of(entry.where >> kSlotBits);
  out.background = static_cast<std::uint8_t>(state & 1U);
  present_ = entry.time;
  ahead_in_ = kNoLine;
  ++steps_;
  release_slot(state, entry.where);
  return true;
}

/// False for an entry that was cancelled.
inline bool EventQueue::take_from_lane(Event& out) {
  const auto lane = static_cast<unsigned>(std::countr_zero(lane_mask_));
  Fifo& fifo = lanes_[lane];
  Entry*& front = lane_fronts_[lane];
  const bool live = take(*front++, out);
  Chunk* chunk = fifo.head;
  if (front == fifo.end) {
    fifo = Fifo{};
    lane_mask_ &= ~(1U << lane);
    free_chunk(chunk);
  } else if (front == chunk->end()) {
    fifo.head = chunk->next;
    front = fifo.head->begin();
    free_chunk(chunk);
  }
  return live;
}

/// Removes the cancelled entries of one list, from the first that is in use, keeping the order of the others.
void EventQueue::forget_dead(Fifo& fifo, const Entry* from) {
  Chunk* chunk = fifo.head;
  const Entry* end = fifo.end;
  fifo = Fifo{};
  while (chunk != nullptr) {
    Chunk* next = chunk->next;
    const Entry* last = next == nullptr ? end : chunk->end();
    for (const Entry* e = from; e != last; ++e) {
      if (is_live(*e)) append(fifo, *e);
      else --dead_;
    }
    free_chunk(chunk);
    chunk = next;
    if (chunk != nullptr) from = chunk->begin();
  }
}

void EventQueue::compact() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < near_size_; ++i)
    if (is_live(near_[i])) near_[kept++] = near_[i];
  dead_ -= near_size_ - kept;
  near_size_ = kept;
  for (auto lanes = lane_mask_; lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(lanes));
    forget_dead(lanes_[lane], lane_fronts_[lane]);
    if (lanes_[lane].head == nullptr) lane_mask_ &= ~(1U << lane);
    else lane_fronts_[lane] = lanes_[lane].head->begin();
  }
  for (auto levels = level_mask_; levels != 0; levels &= levels - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels));
    for (auto digits = digit_masks_[level]; digits != 0; digits &= digits - 1) {
      const auto digit = static_cast<unsigned>(std::countr_zero(digits));
      Fifo& bucket = buckets_[level * kDigits + digit];
      forget_dead(bucket, bucket.head->begin());
      if (bucket.head == nullptr) digit_masks_[level] &= ~(std::uint64_t{1} << digit);
    }
    if (digit_masks_[level] == 0) level_mask_ &= ~(1U << level);
  }
}

EventQueue::Chunk* EventQueue::new_chunk() {
  if (free_chunks_ == nullptr) {
    auto* chunks = static_cast<Chunk*>(memory_->take(kChunksAtOnce * sizeof(Chunk)));
    for (std::size_t i = kChunksAtOnce; i > 0; --i) free_chunk(new (chunks + i - 1) Chunk);
  }
  Chunk* chunk = free_chunks_;
  free_chunks_ = chunk->next;
  chunk->next = nullptr;
  return chunk;
}

void EventQueue::free_chunk(Chunk* chunk) {
  chunk->next = free_chunks_;
  free_chunks_ = chunk;
}

}  // namespace orrery
