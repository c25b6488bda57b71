// Lines of the event queue: events that come in the order of their times anyhow, whole, first in and first out. Which of them is first of all
// is known by the sorted list of their fronts; event_queue.cpp compares that with the others when its turn comes.
#include "core/event_queue_parts.hpp"

namespace orrery {

using namespace event_queue;

std::uint32_t EventQueue::add_line(Phase phase, bool waits) {
  if (lines_.size() == kLinesMax) return kNoLine;
  Line& line = lines_.emplace_back();
  line.phase = phase;
  line.waits = waits;
  return static_cast<std::uint32_t>(lines_.size() - 1);
}

/// Puts an event at the end of a line; what it is about is written by the caller.
Event& EventQueue::next_in_line(std::uint32_t number, Time at, std::uint64_t cause) {
  Line& line = lines_[number];
  const std::uint64_t time = bits_of(at);
  ORRERY_CHECK(time >= present_ && time >= line.last_time, "an event at {} ns is out of line", at.time_since_epoch().count());
  line.last_time = time;
  if (line.end % LineChunk::kEvents == 0) add_chunk(line);
  Event& event = *line.back++;
  event.at = at;
  event.seq = take_seq(cause);
  event.cause = cause;
  event.phase = line.phase;
  event.background = 0;
  counts_ += count_of(0);
  if (line.end++ == line.first) {
    line.front = &event;
    enter(front_of(event, number), lines_in_use_++);
  }
  return event;
}

/// For the events from `end` on.
void EventQueue::add_chunk(Line& line) {
  constexpr std::uint64_t kEvents = LineChunk::kEvents;
  const std::uint64_t from = line.first / kEvents, to = line.end / kEvents, size = line.chunks.size();
  if (to - from == size) {
    std::vector<LineChunk*> wider(std::max<std::size_t>(2, 2 * size));
    for (std::uint64_t i = from; i != to; ++i) wider[i & (wider.size() - 1)] = line.chunks[i & (size - 1)];
    line.chunks = std::move(wider);
  }
  if (free_line_chunks_.empty()) free_line_chunks_.push_back(new (memory_->take(sizeof(LineChunk))) LineChunk);
  line.chunk(line.end) = free_line_chunks_.back();
  line.back = free_line_chunks_.back()->events.data();
  free_line_chunks_.pop_back();
}

bool EventQueue::coming_in_line(std::size_t distance, ComingEvent& out) const {
  const Line& line = lines_[ahead_in_];
  if (line.end - line.first <= distance) return false;
  const Event& event = line.at(line.first + distance);
  out = {event.a, event.b, event.target, event.kind};
  return true;
}

/// Null where it is no longer pending.
Event* EventQueue::in_line(EventHandle handle) const {
  const std::uint32_t number = handle.slot & ~kInLine;
  if (handle.generation == 0 || number >= lines_.size()) return nullptr;
  const Line& line = lines_[number];
  if (handle.generation < line.first || handle.generation >= line.end) return nullptr;
  Event& event = line.at(handle.generation);
  return event.background == kDead ? nullptr : &event;
}

void EventQueue::cancel_in_line(EventHandle handle, Event& event) {
  const std::uint32_t number = handle.slot & ~kInLine;
  Line& line = lines_[number];
  event.background = kDead;
  counts_ -= count_of(0);
  ++line.dead;
  if (handle.generation != line.first) return;
  LineFront* const end = fronts_.data() + lines_in_use_;
  LineFront* const at = std::find_if(fronts_.data(), end, [number](const LineFront& f) { return f.line == number; });
  std::copy(at + 1, end, at);
  renew_front(line, number);
}

}  // namespace orrery
