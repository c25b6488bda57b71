#include "orrery/core/kernel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "orrery/core/random.hpp"

using namespace orrery;
using std::chrono::seconds;

namespace {

/// Remembers what it got, and does what the test says.
struct Probe : Actor {
  explicit Probe(std::string n) : name(std::move(n)) {}
  void on_event(const Event& event) override {
    seen.push_back(event);
    if (reaction) reaction(event);
  }
  std::string_view actor_name() const override { return name; }
  std::string name;
  std::vector<Event> seen;
  std::function<void(const Event&)> reaction;
};

constexpr Time kStart = from_unix_seconds(1'767'571'200);

}  // namespace

TEST_CASE("events run in the order of time, phase, scheduling, and carry their cause") {
  Kernel kernel({.start = kStart, .seed = 7});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  CHECK(kernel.now() == kStart);
  CHECK(kernel.seed() == 7);
  CHECK(kernel.current_event() == 0);
  kernel.after(seconds(2), Phase::timer, id, 1);
  kernel.after(seconds(1), Phase::sample, id, 2);
  kernel.after(seconds(1), Phase::timeline, id, 3, 10, 20);
  kernel.after(seconds(1), Phase::timeline, id, 4);
  probe.reaction = [&](const Event& e) {
    CHECK(kernel.now() == e.at);
    CHECK(kernel.current_event() == e.seq);
    // An earlier phase of the same instant becomes the next event.
    if (e.kind == 2) kernel.after(seconds(0), Phase::commit, id, 5);
  };
  const RunResult r = kernel.run_until(kStart + seconds(10));
  CHECK(r.status == RunStatus::horizon);
  CHECK(r.events == 5);
  CHECK(r.message.empty());
  CHECK(kernel.now() == kStart + seconds(10));
  CHECK(kernel.current_event() == 0);
  std::vector<int> kinds;
  for (const auto& e : probe.seen) kinds.push_back(e.kind);
  CHECK(kinds == std::vector<int>{3, 4, 2, 5, 1});
  CHECK(probe.seen[0].a == 10);
  CHECK(probe.seen[0].b == 20);
  CHECK(probe.seen[0].cause == 0);
  CHECK(probe.seen[3].cause == probe.seen[2].seq);
}

TEST_CASE("the horizon is included, later events stay") {
  Kernel kernel({.start = kStart});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  kernel.at(kStart + seconds(5), Phase::timer, id, 1);
  kernel.at(kStart + seconds(5) + Duration(1), Phase::timer, id, 2);
  CHECK(kernel.run_until(kStart + seconds(5)).events == 1);
  CHECK(kernel.pending_events() == 1);
  // The queue must not have moved on to the later event.
  kernel.after(seconds(0), Phase::timer, id, 3);
  CHECK(kernel.run_until(kStart + seconds(6)).events == 2);
  CHECK(probe.seen[1].kind == 3);
}

TEST_CASE("a settled run ends when only background work is left") {
  Kernel kernel({.start = kStart});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  probe.reaction = [&](const Event& e) {
    if (e.background != 0) kernel.after_background(seconds(10), Phase::timer, id, 1);
  };
  kernel.after_background(seconds(10), Phase::timer, id, 1);
  EventHandle forever = kernel.at(kNever, Phase::timer, id, 9);
  CHECK_FALSE(forever);
  kernel.after(seconds(35), Phase::timer, id, 2);
  RunResult r = kernel.run_settled(kStart + seconds(1000));
  CHECK(r.status == RunStatus::settled);
  CHECK(r.events == 4);
  CHECK(kernel.now() == kStart + seconds(35));
  CHECK(kernel.pending_events() == 1);
  CHECK(kernel.pending_foreground_events() == 0);

  r = kernel.run_settled(kStart + seconds(1000));
  CHECK(r.status == RunStatus::settled);
  CHECK(r.events == 0);
  CHECK(kernel.now() == kStart + seconds(35));

  kernel.after(seconds(100), Phase::timer, id, 3);
  r = kernel.run_settled(kStart + seconds(50));
  CHECK(r.status == RunStatus::horizon);
  CHECK(r.events == 2);
  CHECK(kernel.now() == kStart + seconds(50));
}

TEST_CASE("cancelling empties the handle and settles the run") {
  Kernel kernel({.start = kStart});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  EventHandle h = kernel.after(seconds(1), Phase::timer, id, 1);
  EventHandle copy = h;
  CHECK(kernel.pending(h));
  CHECK(kernel.cancel(h));
  CHECK_FALSE(h);
  CHECK_FALSE(kernel.cancel(h));
  CHECK_FALSE(kernel.cancel(copy));
  const RunResult r = kernel.run_settled(kStart + seconds(9));
  CHECK(r.status == RunStatus::settled);
  CHECK(kernel.now() == kStart);
}

TEST_CASE("stop ends the run after the current event") {
  Kernel kernel({.start = kStart});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  probe.reaction = [&](const Event& e) {
    if (e.kind == 1) kernel.stop();
  };
  kernel.after(seconds(1), Phase::timer, id, 1);
  kernel.after(seconds(1), Phase::timer, id, 2);
  CHECK(kernel.run_until(kStart + seconds(5)).status == RunStatus::stopped);
  CHECK(kernel.now() == kStart + seconds(1));
  CHECK(kernel.run_until(kStart + seconds(5)).status == RunStatus::horizon);
  CHECK(probe.seen.size() == 2);
}

TEST_CASE("an instant that never ends is a livelock with a culprit") {
  for (std::uint32_t limit : {1U, 10U, 1000U}) {
    CAPTURE(limit);
    Kernel kernel({.start = kStart, .events_per_instant_max = limit});
    Probe quiet("quiet");
    Probe busy("busy");
    const ActorId quiet_id = kernel.add(quiet);
    const ActorId busy_id = kernel.add(busy);
    std::uint64_t n = 0;
    busy.reaction = [&](const Event&) {
      kernel.after(seconds(0), Phase::reconcile, busy_id, 42);
      if (++n % 5 == 0) kernel.after(seconds(0), Phase::reconcile, quiet_id, 1);
    };
    kernel.after(seconds(1), Phase::reconcile, busy_id, 42);
    const RunResult r = kernel.run_until(kStart + seconds(9));
    CHECK(r.status == RunStatus::livelock);
    CHECK(r.events == limit);
    CHECK(r.message.find("busy (event kind 42)") != std::string::npos);
    CHECK(r.message.find("2026-01-05T00:00:01.000000Z") != std::string::npos);
    CHECK(kernel.now() == kStart + seconds(1));
    CHECK(kernel.run_until(kStart + seconds(9)).message == r.message);
  }
}

TEST_CASE("many events at one instant are fine below the limit") {
  Kernel kernel({.start = kStart, .events_per_instant_max = 10});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  for (int s = 0; s < 3; ++s)
    for (int i = 0; i < 10; ++i) kernel.after(seconds(s), Phase::timer, id, 1);
  const RunResult r = kernel.run_until(kStart + seconds(9));
  CHECK(r.status == RunStatus::horizon);
  CHECK(r.events == 30);
}

TEST_CASE("in a large simulation an actor hears of far-off events before they come, step by step") {
  struct Far final : Actor {
    void on_event(const Event& e) override { steps_before.push_back(e.a < heard.size() ? heard[e.a] : 0U); }
    void fetch(const ComingEvent& e, unsigned step) const override {
      if (heard.size() <= e.a) heard.resize(e.a + 1);
      if (heard[e.a] == step) ++heard[e.a];  // one step after the other
    }
    std::string_view actor_name() const override { return "far"; }
    mutable std::vector<unsigned> heard;
    std::vector<unsigned> steps_before;
  };
  for (const std::uint64_t events : {std::uint64_t{100}, std::uint64_t{10'000}}) {
    CAPTURE(events);
    Kernel kernel({.start = kStart});
    Far far;
    Probe other("other");
    (void)kernel.add(other);
    const ActorId id = kernel.add(far, true);
    (void)kernel.add(other);
    for (std::uint64_t i = 0; i < events; ++i) kernel.after(seconds(60) + Duration(static_cast<std::int64_t>(i) * 1'000'000), Phase::timer, id, 1, i);
    kernel.run_settled(kNever);
    REQUIRE(far.steps_before.size() == events);
    const auto all_steps = std::count(far.steps_before.begin(), far.steps_before.end(), Actor::kFetchSteps);
    if (events < 1000)
      CHECK(all_steps == 0);
    else
      CHECK(all_steps > static_cast<std::ptrdiff_t>(events / 2));
  }
}

namespace {
/// Schedules in all ways there are, and holds what comes against a sorted set.
class EveryWay final : public Actor {
 public:
  EveryWay(Kernel& kernel, std::uint64_t round) : kernel_(kernel), random_(round, purpose("test"), 0), self_(kernel.add(*this, true)) {
    for (const int ms : {0, 5, 7, 5}) fixed_.push_back(kernel.fixed_delay(std::chrono::milliseconds(ms), ms == 7 ? Phase::watch : Phase::commit));
    // More than the queue has lines for.
    for (int i = 0; i < 80; ++i) {
      sequences_.push_back(kernel.sequence(Phase::commit));
      last_.push_back(kernel.now());
    }
    for (int i = 0; i < 20; ++i) schedule();
  }
  std::string_view actor_name() const override { return "every way"; }

  void on_event(const Event& e) override {
    REQUIRE(pending_.begin()->first == std::tuple(e.at, e.phase, e.seq));
    REQUIRE(pending_.begin()->second.payload == e.a);
    pending_.erase(pending_.begin());
    if (++executed_ < 20'000) {
      for (std::uint64_t n = random_.below(pending_.size() < 300 ? 5 : 2); n > 0; --n) schedule();
      if (pending_.empty()) schedule();
      if (random_.below(4) == 0 && !pending_.empty()) {
        auto it = std::next(pending_.begin(), static_cast<std::ptrdiff_t>(random_.below(pending_.size())));
        if (it->second.handle) {
          REQUIRE(kernel_.pending(it->second.handle));
          REQUIRE(kernel_.cancel(it->second.handle));
          pending_.erase(it);
        }
      }
    }
  }
  std::size_t executed() const { return executed_; }
  bool empty() const { return pending_.empty(); }

 private:
  struct Expected {
    std::uint64_t payload;
    EventHandle handle;
  };
  void schedule() {
    const Time now = kernel_.now();
    const std::uint64_t payload = ++seq_;
    constexpr Duration kConstants[] = {std::chrono::seconds(1), std::chrono::milliseconds(5), std::chrono::minutes(10), Duration{}};
    constexpr Phase kPhases[] = {Phase::commit, Phase::watch, Phase::timer, Phase::reconcile};
    const auto phase = kPhases[random_.below(4)];
    Time t = now;
    Phase as = phase;
    EventHandle handle;
    switch (random_.below(5)) {
      case 0: kernel_.at_once(phase, self_, 1, payload); break;
      case 1: {
        const FixedDelay& d = fixed_[random_.below(fixed_.size())];
        t = now + d.delay;
        as = d.phase;
        kernel_.after(d, self_, 1, payload);
        break;
      }
      case 2: {
        const std::size_t i = random_.below(sequences_.size());
        // Mostly behind the last one.
        t = std::max(now, last_[i] + std::chrono::milliseconds(random_.below(10) == 0 ? -3 : 2));
        last_[i] = t;
        as = Phase::commit;
        kernel_.at(sequences_[i], t, self_, 1, payload);
        break;
      }
      case 3: {
        const Duration d = kConstants[random_.below(4)];
        t = now + d;
        handle = kernel_.after(d, phase, self_, 1, payload);
        break;
      }
      default:
        t = now + Duration(static_cast<std::int64_t>(random_.below(20'000'000)));
        handle = kernel_.at(t, phase, self_, 1, payload);
    }
    pending_.emplace(std::tuple(t, as, payload), Expected{payload, handle});
  }

  Kernel& kernel_;
  RandomStream random_;
  ActorId self_;
  std::vector<FixedDelay> fixed_;
  std::vector<Sequence> sequences_;
  std::vector<Time> last_;
  std::map<std::tuple<Time, Phase, std::uint64_t>, Expected> pending_;
  std::uint64_t seq_ = 0;
  std::size_t executed_ = 0;
};
}  // namespace

TEST_CASE("fixed delays, sequences, delays that recur and events at once are all in one order") {
  for (std::uint64_t round = 0; round < 20; ++round) {
    CAPTURE(round);
    Kernel kernel({.start = Time(std::chrono::seconds(round % 2 == 0 ? 1'700'000'000 : -100)), .seed = round});
    EveryWay actor(kernel, round);
    CHECK(kernel.run_until(kernel.start() + std::chrono::hours(5)).status == RunStatus::horizon);
    CHECK(actor.executed() >= 20'000);
    CHECK(actor.empty());
    CHECK(kernel.pending_events() == 0);
  }
}

TEST_CASE("what would happen beyond the end of time does not happen, after a fixed delay or in a sequence either") {
  Kernel kernel({.start = kNever - seconds(1)});
  Probe probe("probe");
  const ActorId id = kernel.add(probe);
  kernel.after(kernel.fixed_delay(seconds(2), Phase::timer), id, 1);
  kernel.at(kernel.sequence(Phase::timer), kNever, id, 1);
  CHECK(kernel.pending_events() == 0);
  kernel.after(kernel.fixed_delay(seconds(0), Phase::timer), id, 1);
  CHECK(kernel.pending_events() == 1);
}
