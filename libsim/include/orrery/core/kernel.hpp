#pragma once
// The simulation kernel: virtual time, actors, and the loop that delivers events to them in a total order.
// It knows nothing of what is simulated.
//
//   Kernel kernel({.start = t0, .seed = 7});
//   ActorId id = kernel.add(actor);
//   kernel.after(std::chrono::seconds(5), Phase::timer, id, kTick);
//   RunResult r = kernel.run_settled(t0 + std::chrono::hours(24));
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/core/event_queue.hpp"
#include "orrery/core/fingerprint.hpp"
#include "orrery/core/time.hpp"

namespace orrery {

/// Index of an actor in the order of registration.
using ActorId = std::uint32_t;

/// Something that events are delivered to. May schedule and cancel events while it handles one.
class Actor {
 public:
  virtual ~Actor() = default;
  virtual void on_event(const Event& event) = 0;
  /// An event for it comes soon: a chance to fetch into the caches what it will need. Called with step 0 … kFetchSteps - 1, some
  /// events apart, where the actor was added so, in large simulations only and not for every event; must change nothing. What is
  /// known of the event is a hint, as it may have been cancelled and what it named may be gone.
  virtual void fetch(const ComingEvent& event, unsigned step) const {
    (void)event;
    (void)step;
  }
  static constexpr unsigned kFetchSteps = 3;
  /// For messages to people; need not be unique.
  virtual std::string_view actor_name() const = 0;

 protected:
  Actor() = default;
  Actor(const Actor&) = default;
  Actor& operator=(const Actor&) = default;
};

/// More events than this at one instant are taken for a loop that will never let time pass.
inline constexpr std::uint32_t kEventsPerInstantMax = 10'000'000;

struct KernelOptions {
  Time start{};
  std::uint64_t seed = 0;
  std::uint32_t events_per_instant_max = kEventsPerInstantMax;
};

enum class RunStatus : std::uint8_t {
  horizon,   ///< everything up to the horizon was executed
  settled,   ///< no foreground event is left
  livelock,  ///< too many events at one instant; the kernel cannot be run any further
  stopped,   ///< stop() was called
};
std::string_view to_string(RunStatus status);

struct RunResult {
  RunStatus status = RunStatus::horizon;
  std::string message;       ///< for people; empty unless something went wrong
  std::uint64_t events = 0;  ///< executed by this call
};

/// A delay that is registered with a kernel, see Kernel::fixed_delay.
struct FixedDelay {
  Duration delay{};
  Phase phase = Phase::timer;
  std::uint32_t line = EventQueue::kNoLine;  ///< of the queue, whose lines are few
};

/// Events whose times do not go back, see Kernel::sequence.
struct Sequence {
  Phase phase = Phase::timer;
  std::uint32_t line = EventQueue::kNoLine;
};

class Kernel {
 public:
  explicit Kernel(const KernelOptions& options);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// The actor is not owned and must outlive the last run. `fetches`: its `fetch` is to be called.
  ActorId add(Actor& actor, bool fetches = false);

  Time now() const { return now_; }
  Time start() const { return options_.start; }
  std::uint64_t seed() const { return options_.seed; }

  /// Schedules an event for `t` (kNever: nothing happens, empty handle). Aborts when `t` is before now().
  EventHandle at(Time t, Phase phase, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    return schedule(t, phase, {target, kind, a, b, 0});
  }
  /// The same, `delay` (>= 0) from now; a sum beyond the range of Time is kNever.
  EventHandle after(Duration delay, Phase phase, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    return schedule(add_checked(now_, delay), phase, {target, kind, a, b, 0});
  }
  /// The same at this very instant, for what will not be cancelled: cheaper, and common.
  void at_once(Phase phase, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    if (target >= actors_.size()) [[unlikely]] no_such_actor(target);
    queue_.push_in_line(EventQueue::line_of(phase), now_, current_event_, target, kind, a, b);
  }
  /// Registers a delay (>= 0) that many events of this phase have, and at most some seconds: what waits long is better off with all the
  /// others, in less memory. Two of the same delay and phase are one.
  FixedDelay fixed_delay(Duration delay, Phase phase);
  /// The same after such a delay: cheaper.
  EventHandle after(FixedDelay delay, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    return in_line(delay.line, add_checked(now_, delay.delay), delay.phase, target, kind, a, b);
  }
  /// Registers a source of events of which each is mostly not earlier than the one before it, and waits long: a queue of its own.
  Sequence sequence(Phase phase) { return {phase, queue_.add_line(phase, true)}; }
  /// An event of such a source: cheaper.
  EventHandle at(Sequence sequence, Time t, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    return in_line(sequence.line, t, sequence.phase, target, kind, a, b);
  }
  /// For periodic work that alone must not keep a run alive: see run_settled.
  EventHandle at_background(Time t, Phase phase, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    return schedule(t, phase, {target, kind, a, b, 1});
  }
  EventHandle after_background(Duration delay, Phase phase, ActorId target, std::uint16_t kind, std::uint64_t a = 0, std::uint64_t b = 0) {
    return schedule(add_checked(now_, delay), phase, {target, kind, a, b, 1});
  }

  /// Cancels and empties the handle. False when there was nothing left to cancel (not an error).
  bool cancel(EventHandle& handle);
  bool pending(EventHandle handle) const { return queue_.pending(handle); }

  /// Executes all events up to and including `horizon` (>= now), then sets now() to it.
  RunResult run_until(Time horizon);
  /// The same, but ends as soon as no foreground event is pending; now() is then the time of the last executed event.
  RunResult run_settled(Time limit);
  /// Ends the current run after the event that is executing. No effect outside a run.
  void stop() { stop_requested_ = true; }

  /// Called for every event just before it is executed; for whoever explains a run. One at most, costs nothing without.
  void observe(std::function<void(const Event&)> observer) { observer_ = std::move(observer); }
  std::string_view actor_name(ActorId id) const { return id < actors_.size() ? actors_[id]->actor_name() : std::string_view(); }

  /// Sequence number of the event that is executing, recorded as the cause of all it schedules; 0 outside a run.
  std::uint64_t current_event() const { return current_event_; }
  /// Events executed since the start.
  std::uint64_t executed() const { return executed_; }
  std::size_t pending_events() const { return queue_.size(); }
  std::size_t pending_foreground_events() const { return queue_.foreground_size(); }
  std::size_t queue_memory_bytes() const { return queue_.memory_bytes(); }

  /// For whoever records what happened; the kernel itself adds nothing.
  Fingerprint& fingerprint() { return fingerprint_; }
  const Fingerprint& fingerprint() const { return fingerprint_; }

 private:
  struct Tally {
    ActorId actor = 0;
    std::uint16_t kind = 0;
    std::uint32_t count = 0;
  };

  EventHandle schedule(Time t, Phase phase, const EventBody& body);
  /// Or among all others, where the line does not take it.
  EventHandle in_line(std::uint32_t line, Time t, Phase phase, ActorId target, std::uint16_t kind, std::uint64_t a, std::uint64_t b) {
    if (line == EventQueue::kNoLine || t == kNever || !queue_.takes(line, t)) return schedule(t, phase, {target, kind, a, b, 0});
    if (target >= actors_.size()) [[unlikely]] no_such_actor(target);
    return queue_.push_in_line(line, t, current_event_, target, kind, a, b);
  }
  [[noreturn]] void no_such_actor(ActorId target) const;
  RunResult run(Time limit, bool until_settled);
  bool count_at_instant(const Event& event) {
    if (event.at != instant_) next_instant(event.at);
    return events_at_instant_++ < options_.events_per_instant_max / 2 || count_in_crowd(event);
  }
  void fetch_ahead();
  void next_instant(Time at);
  bool count_in_crowd(const Event& event);
  std::string livelock_message(Time at) const;

  KernelOptions options_;
  Time now_;
  EventQueue queue_;
  std::vector<Actor*> actors_;
  std::vector<const Actor*> fetching_;  ///< by id: those that fetch, null for the others; empty where nobody does
  Fingerprint fingerprint_;
  std::uint64_t current_event_ = 0;
  std::uint64_t executed_ = 0;
  std::uint64_t refills_ = 0;  ///< of the queue, when it was last looked ahead
  std::uint64_t steps_ = 0;
  std::vector<FixedDelay> fixed_delays_;
  Time instant_;
  std::uint32_t events_at_instant_ = 0;
  std::vector<Tally> tallies_;  ///< of the second half of an overcrowded instant
  std::function<void(const Event&)> observer_;
  bool running_ = false;
  bool stop_requested_ = false;
  std::string livelock_;
};

}  // namespace orrery
