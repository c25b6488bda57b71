// Cost per event of the pending-event set, against std::priority_queue of the same record.
//
// hold: N events pending; each step pops the first and pushes one later event. The delays are either exponential (worst
// case for anything that sorts) or a few constants (what a cluster does). cancel: a timer is set and cancelled again.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

#include "orrery/core/distribution.hpp"
#include "orrery/core/event_queue.hpp"
#include "orrery/core/random.hpp"

namespace {

using namespace orrery;
using namespace std::chrono_literals;

constexpr std::size_t kDelays = 1 << 16;

/// Drawn beforehand, so that the generator is not part of the measurement.
std::vector<Duration> exponential_delays() {
  RandomStream random(1, purpose("bench"), 0);
  const DurationDistribution d = distribution::Exponential{10s};
  std::vector<Duration> delays(kDelays);
  for (auto& delay : delays) delay = sample(d, random);
  return delays;
}

std::vector<Duration> constant_delays() {
  constexpr Duration kConstants[] = {1ms, 10ms, 1s, 5s, 10s, 30s, 40s, 5min};
  RandomStream random(1, purpose("bench"), 0);
  std::vector<Duration> delays(kDelays);
  for (auto& delay : delays) delay = kConstants[random.below(std::size(kConstants))];
  return delays;
}

struct Later {
  bool operator()(const Event& x, const Event& y) const {
    return std::tie(x.at, x.phase, x.seq) > std::tie(y.at, y.phase, y.seq);
  }
};

/// What one would write without thinking.
class StdQueue {
 public:
  void push(Time at, Phase phase, const EventBody& body, std::uint64_t cause) {
    queue_.push({at, next_seq_++, cause, body.a, body.b, body.target, body.kind, phase, body.background});
  }
  bool pop(Event& out) {
    if (queue_.empty()) return false;
    out = queue_.top();
    queue_.pop();
    return true;
  }

 private:
  std::priority_queue<Event, std::vector<Event>, Later> queue_;
  std::uint64_t next_seq_ = 1;
};

template <class Queue, std::vector<Duration> (*make_delays)()>
void hold(benchmark::State& state) {
  const auto delays = make_delays();
  const auto pending = static_cast<std::size_t>(state.range(0));
  Queue queue;
  std::size_t i = 0;
  const auto next_delay = [&] { return delays[i++ % kDelays]; };
  // Not all at once: the population must look like one that has been running.
  RandomStream random(2, purpose("bench"), 0);
  for (std::size_t n = 0; n < pending; ++n)
    queue.push(Time(Duration(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(next_delay().count()) + 1)))), Phase::timer, {}, 0);
  Event event;
  for (std::size_t n = 0; n < 2 * pending; ++n) {
    queue.pop(event);
    queue.push(event.at + next_delay(), Phase::timer, {}, event.seq);
  }
  for (auto _ : state) {
    queue.pop(event);
    queue.push(event.at + next_delay(), Phase::timer, {}, event.seq);
  }
  benchmark::DoNotOptimize(event);
  state.SetItemsProcessed(state.iterations());
}

/// N timers pending; each step cancels one and sets it anew, and one event in eight comes due.
void schedule_and_cancel(benchmark::State& state) {
  const auto delays = exponential_delays();
  const auto pending = static_cast<std::size_t>(state.range(0));
  EventQueue queue;
  std::vector<EventHandle> handles(pending);
  std::size_t i = 0;
  const auto next_delay = [&] { return delays[i++ % kDelays]; };
  for (auto& handle : handles) handle = queue.push(Time(next_delay()), Phase::timer, {}, 0);
  Event event;
  std::size_t victim = 0;
  std::size_t step = 0;
  for (auto _ : state) {
    victim = (victim + 7919) % pending;
    queue.cancel(handles[victim]);
    handles[victim] = queue.push(queue.present() + next_delay(), Phase::timer, {.a = victim}, 0);
    if (++step % 8 == 0 && queue.pop(event)) handles[event.a] = queue.push(event.at + next_delay(), Phase::timer, {.a = event.a}, 0);
  }
  benchmark::DoNotOptimize(event);
  state.SetItemsProcessed(state.iterations());
}

/// All events of one instant, as when a controller creates many pods at once.
void burst(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  EventQueue queue;
  Event event;
  for (auto _ : state) {
    const Time at = queue.present() + 10ms;
    for (std::size_t n = 0; n < size; ++n) queue.push(at, n % 2 == 0 ? Phase::watch : Phase::commit, {}, 0);
    while (queue.pop(event)) {
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

BENCHMARK_TEMPLATE(hold, EventQueue, exponential_delays)->Name("hold/exponential/radix")->RangeMultiplier(10)->Range(1'000, 1'000'000);
BENCHMARK_TEMPLATE(hold, StdQueue, exponential_delays)->Name("hold/exponential/std")->RangeMultiplier(10)->Range(1'000, 1'000'000);
BENCHMARK_TEMPLATE(hold, EventQueue, constant_delays)->Name("hold/constants/radix")->RangeMultiplier(10)->Range(1'000, 1'000'000);
BENCHMARK_TEMPLATE(hold, StdQueue, constant_delays)->Name("hold/constants/std")->RangeMultiplier(10)->Range(1'000, 1'000'000);
BENCHMARK(schedule_and_cancel)->RangeMultiplier(10)->Range(1'000, 1'000'000);
BENCHMARK(burst)->RangeMultiplier(10)->Range(1'000, 1'000'000);

}  // namespace
