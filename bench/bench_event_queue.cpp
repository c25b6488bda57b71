// queue/*: cost per event of the pending-event set, against a bare floor and std::priority_queue over the same record.
//
// hold: N events pending, one per entity; each step takes the first, touches its entity and adds that entity's next event.
// cancel: N entities with a next event and a timeout each; each step is an event that cancels its entity's timeout and sets
// both anew, or a timeout.
// kernel/hold: the first through the kernel, with an actor that every event is delivered to; what peers/* are held against.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "orrery/core/check.hpp"
#include "orrery/core/event_queue.hpp"
#include "orrery/core/kernel.hpp"
#include "support/allocations.hpp"
#include "support/other_queues.hpp"
#include "support/workload.hpp"

namespace {

using namespace orrery;
using namespace orrery::bench;

/// A queue with its entities, as they are after running for a while.
template <class Queue>
struct HoldWorld {
  HoldWorld(Delays kind, std::size_t n) : delays(kind), entities(n) {
    for (std::size_t i = 0; i < n; ++i) push(Time(Duration(first_time(delays, kind))), static_cast<std::uint32_t>(i));
    for (std::size_t i = 0; i < n; ++i) step();
  }
  void push(Time at, std::uint32_t target) { queue.push(at, Phase::timer, {.target = target, .kind = 1}, event.seq); }
  void step() {
    queue.pop(event);
    entities[event.target].touch(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    push(event.at + Duration(delays.next()), event.target);
  }

  DelaySource delays;
  std::vector<Entity> entities;
  Event event{};
  Queue queue;
};

template <class Queue>
struct CancelWorld {
  CancelWorld(Delays kind, std::size_t n) : delays(kind), entities(n), timeouts(n) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto target = static_cast<std::uint32_t>(i);
      queue.push(Time(Duration(first_time(delays, kind))), Phase::timer, {.target = target, .kind = 1}, 0);
      set_timeout(Time{}, target);
    }
    for (std::size_t i = 0; i < 3 * n; ++i) step();
  }
  void set_timeout(Time now, std::uint32_t target) {
    // Most are cancelled before they come due.
    timeouts[target] = queue.push(now + Duration(20'000'000'000 + delays.next()), Phase::timer, {.target = target, .kind = 2}, event.seq);
  }
  void step() {
    queue.pop(event);
    entities[event.target].touch(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    if (event.kind == 1) {
      queue.cancel(timeouts[event.target]);
      queue.push(event.at + Duration(delays.next()), Phase::timer, {.target = event.target, .kind = 1}, event.seq);
    }
    set_timeout(event.at, event.target);
  }

  DelaySource delays;
  std::vector<Entity> entities;
  std::vector<EventHandle> timeouts;
  Event event{};
  Queue queue;
};

/// The hold model as any model would be written.
class KernelWorld final : public Actor {
 public:
  KernelWorld(Delays kind, std::size_t n) : delays_(kind), entities_(n), kernel_({}), self_(kernel_.add(*this)) {
    for (std::size_t i = 0; i < n; ++i) kernel_.at(Time(Duration(first_time(delays_, kind))), Phase::timer, self_, 1, i);
    run(n);
  }
  void run(std::uint64_t events) {
    left_ = events;
    kernel_.run_settled(kNever);
  }
  void on_event(const Event& event) override {
    entities_[event.a].touch(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    kernel_.after(Duration(delays_.next()), Phase::timer, self_, 1, event.a);
    if (--left_ == 0) kernel_.stop();
  }
  std::string_view actor_name() const override { return "entities"; }

 private:
  DelaySource delays_;
  std::vector<Entity> entities_;
  Kernel kernel_;
  ActorId self_;
  std::uint64_t left_ = 0;
};

/// The world is kept between the repetitions of one benchmark: building ten million events takes longer than measuring.
template <class World>
World& world_of(Delays kind, std::size_t n) {
  static std::unique_ptr<World> world;
  static Delays kind_of_world{};
  static std::size_t size = 0;
  if (!world || size != n || kind_of_world != kind) {
    world.reset();
    world = std::make_unique<World>(kind, n);
    kind_of_world = kind;
    size = n;
  }
  return *world;
}

template <class World>
void steps(::benchmark::State& state, Delays kind) {
  World& world = world_of<World>(kind, static_cast<std::size_t>(state.range(0)));
  const std::uint64_t before = allocations();
  for (auto _ : state) world.step();
  ::benchmark::DoNotOptimize(world.event);
  state.SetItemsProcessed(state.iterations());
  state.counters["alloc/event"] = static_cast<double>(allocations() - before) / static_cast<double>(state.iterations());
  if constexpr (requires { world.queue.memory_bytes(); })
    state.counters["bytes/pending"] = static_cast<double>(world.queue.memory_bytes()) / static_cast<double>(world.queue.size());
}

void kernel_steps(::benchmark::State& state, Delays kind) {
  KernelWorld& world = world_of<KernelWorld>(kind, static_cast<std::size_t>(state.range(0)));
  while (state.KeepRunningBatch(state.max_iterations)) world.run(static_cast<std::uint64_t>(state.max_iterations));
  state.SetItemsProcessed(state.iterations());
}

/// The first check of all: the same work in the same order.
template <class A, class B>
void check_equal(Delays kind) {
  A a(kind, 1000);
  B b(kind, 1000);
  for (int i = 0; i < 20'000; ++i) {
    ORRERY_CHECK(a.event.at == b.event.at && a.event.target == b.event.target && a.event.kind == b.event.kind, "two queues differ at step {}", i);
    a.step();
    b.step();
  }
}

/// All events of one instant, as when a controller creates many pods at once.
void burst(::benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  EventQueue queue;
  Event event;
  for (auto _ : state) {
    const Time at = queue.present() + Duration(10'000'000);
    for (std::size_t n = 0; n < size; ++n) queue.push(at, n % 2 == 0 ? Phase::watch : Phase::commit, {}, 0);
    while (queue.pop(event)) {
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

template <class World>
void add(const std::string& name, Delays kind, std::int64_t n) {
  ::benchmark::RegisterBenchmark(name.c_str(), [kind](::benchmark::State& state) { steps<World>(state, kind); })
      ->Arg(n)
      ->Iterations(std::max<std::int64_t>(2'000'000, n));
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::pair<const char*, Delays> kKinds[] = {
      {"exponential", Delays::exponential}, {"bimodal", Delays::bimodal}, {"kubernetes", Delays::kubernetes}};
  for (const auto& [name, kind] : kKinds) {
    check_equal<HoldWorld<EventQueue>, HoldWorld<StdQueue>>(kind);
    check_equal<HoldWorld<FloorQueue>, HoldWorld<StdQueue>>(kind);
    check_equal<CancelWorld<EventQueue>, CancelWorld<StdCancelQueue>>(kind);
    const std::string hold = std::string("queue/hold/") + name;
    for (std::int64_t n = 1'000; n <= 10'000'000; n *= 10) {
      add<HoldWorld<EventQueue>>(hold + "/orrery", kind, n);
      add<HoldWorld<FloorQueue>>(hold + "/floor", kind, n);
      add<HoldWorld<StdQueue>>(hold + "/std", kind, n);
    }
    const Delays of_kind = kind;
    for (std::int64_t n = 1'000; n <= 1'000'000; n *= 10)
      ::benchmark::RegisterBenchmark((std::string("kernel/hold/") + name).c_str(),
                                     [of_kind](::benchmark::State& state) { kernel_steps(state, of_kind); })
          ->Arg(n)
          ->Iterations(2'000'000);
  }
  for (std::int64_t n = 1'000; n <= 1'000'000; n *= 10) {
    add<CancelWorld<EventQueue>>("queue/cancel/orrery", Delays::exponential, n);
    add<CancelWorld<StdCancelQueue>>("queue/cancel/std", Delays::exponential, n);
  }
  ::benchmark::RegisterBenchmark("queue/burst/orrery", burst)->RangeMultiplier(10)->Range(1'000, 1'000'000);
  ::benchmark::Initialize(&argc, argv);
  if (::benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  ::benchmark::RunSpecifiedBenchmarks();
  return 0;
}
