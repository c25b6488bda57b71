#include "orrery/core/kernel.hpp"

#include <algorithm>

#include "orrery/core/check.hpp"

namespace orrery {

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::horizon: return "horizon";
    case RunStatus::settled: return "settled";
    case RunStatus::livelock: return "livelock";
    case RunStatus::stopped: return "stopped";
  }
  return "?";
}

Kernel::Kernel(const KernelOptions& options) : options_(options), now_(options.start), instant_(options.start) {
  queue_.start_at(options.start);
}

ActorId Kernel::add(Actor& actor, bool fetches) {
  actors_.push_back(&actor);
  if (fetches) fetching_.resize(actors_.size() - 1);
  if (fetches || !fetching_.empty()) fetching_.push_back(fetches ? &actor : nullptr);
  return static_cast<ActorId>(actors_.size() - 1);
}

EventHandle Kernel::schedule(Time t, Phase phase, const EventBody& body) {
  if (body.target >= actors_.size()) [[unlikely]] no_such_actor(body.target);
  ORRERY_CHECK(t >= now_, "{} kind {} scheduled for {} ns, but now is {} ns (event {}, seed {})",
               actors_[body.target]->actor_name(), body.kind, t.time_since_epoch().count(),
               now_.time_since_epoch().count(), current_event_, options_.seed);
  return queue_.push(t, phase, body, current_event_);
}

void Kernel::no_such_actor(ActorId target) const {
  check_failed("target < actors_.size()", __FILE__, __LINE__, fmt::format("actor {} of {}", target, actors_.size()));
}

FixedDelay Kernel::fixed_delay(Duration delay, Phase phase) {
  ORRERY_CHECK(delay.count() >= 0, "a delay of {} ns", delay.count());
  for (const FixedDelay& known : fixed_delays_)
    if (known.delay == delay && known.phase == phase) return known;
  fixed_delays_.push_back({delay, phase, queue_.add_line(phase)});
  return fixed_delays_.back();
}

bool Kernel::cancel(EventHandle& handle) {
  const bool was_pending = queue_.cancel(handle);
  handle = {};
  return was_pending;
}

RunResult Kernel::run_until(Time horizon) { return run(horizon, false); }
RunResult Kernel::run_settled(Time limit) { return run(limit, true); }

RunResult Kernel::run(Time limit, bool until_settled) {
  ORRERY_CHECK(!running_, "an actor must not run the kernel it is in");
  ORRERY_CHECK(limit >= now_, "horizon {} ns is before now {} ns", limit.time_since_epoch().count(),
               now_.time_since_epoch().count());
  RunResult result;
  if (!livelock_.empty()) {
    result.status = RunStatus::livelock;
    result.message = livelock_;
    return result;
  }
  running_ = true;
  stop_requested_ = false;
  const std::uint64_t executed_before = executed_;
  Event event;
  for (;;) {
    if (until_settled && queue_.foreground_size() == 0) {
      result.status = RunStatus::settled;
      break;
    }
    if (!queue_.pop_until(limit, event)) {
      // Nothing lies beyond the end of time: there the present stays where the last event left it.
      if (limit != kNever) now_ = limit;
      result.status = RunStatus::horizon;
      break;
    }
    if (!count_at_instant(event)) {
      livelock_ = livelock_message(event.at);
      result.status = RunStatus::livelock;
      result.message = livelock_;
      break;
    }
    now_ = event.at;
    current_event_ = event.seq;
    ++executed_;
    if (observer_) observer_(event);
    if (queue_.steps() != steps_) {
      steps_ = queue_.steps();
      if (!fetching_.empty() && queue_.is_large()) fetch_ahead();
    }
    actors_[event.target]->on_event(event);
    if (stop_requested_) {
      result.status = RunStatus::stopped;
      break;
    }
  }
  current_event_ = 0;
  running_ = false;
  result.events = executed_ - executed_before;
  return result;
}

/// Of what lies apart in memory one part tells where the next one is, so each step is for an event that is nearer.
void Kernel::fetch_ahead() {
  constexpr std::size_t kApart = 2, kFarthest = (Actor::kFetchSteps - 1) * kApart + 1;
  ComingEvent event;
  const auto fetch = [&](std::size_t distance, unsigned step) {
    if (!queue_.coming(distance, event)) return;
    if (const Actor* actor = fetching_[event.target]) actor->fetch(event, step);
  };
  if (!queue_.looks_along_line() && queue_.refills() != refills_) {
    // These come into sight when they are nearer than that already.
    refills_ = queue_.refills();
    for (std::size_t distance = 0; distance < kFarthest; ++distance) fetch(distance, 0);
  }
  for (unsigned step = 0; step < Actor::kFetchSteps; ++step) fetch(kFarthest - step * kApart, step);
}

void Kernel::next_instant(Time at) {
  instant_ = at;
  events_at_instant_ = 0;
  if (!tallies_.empty()) tallies_.clear();
}

/// False when the instant of this event is overcrowded. Who gets the events is only looked at in the second half, so
/// that ordinary instants pay for one comparison.
bool Kernel::count_in_crowd(const Event& event) {
  if (events_at_instant_ > options_.events_per_instant_max) return false;
  const auto same = [&](const Tally& t) { return t.actor == event.target && t.kind == event.kind; };
  auto tally = std::find_if(tallies_.begin(), tallies_.end(), same);
  if (tally == tallies_.end()) tally = tallies_.insert(tally, {event.target, event.kind, 0});
  ++tally->count;
  return true;
}

std::string Kernel::livelock_message(Time at) const {
  // Most events of one actor first, then its most frequent kind.
  std::vector<std::uint64_t> by_actor(actors_.size());
  for (const auto& t : tallies_) by_actor[t.actor] += t.count;
  const Tally* worst = nullptr;
  for (const auto& t : tallies_) {
    if (worst == nullptr || by_actor[t.actor] > by_actor[worst->actor] || (t.actor == worst->actor && t.count > worst->count))
      worst = &t;
  }
  std::string who = worst == nullptr ? "no actor" : fmt::format("{} (event kind {})", actors_[worst->actor]->actor_name(), worst->kind);
  return fmt::format("time stands still at {}: more than {} events at one instant, most of them for {}",
                     format_rfc3339_micro(at), options_.events_per_instant_max, who);
}

}  // namespace orrery
