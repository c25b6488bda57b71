// peers/simgrid: the work of kernel/hold/* and queue/cancel/* through SimGrid's timers.
//
// Its engine runs until no timer is left, so the time is taken between two counts of events inside the run, and afterwards
// the population dies out. Reported as the counter ns/event.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include <simgrid/engine.h>
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/NetZone.hpp>

#include <simgrid/kernel/Timer.hpp>

#include "support/workload.hpp"

namespace {

using namespace orrery::bench;
using simgrid::kernel::timer::Timer;

double cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

class World {
 public:
  World(Delays kind, std::size_t n, bool timeouts, std::uint64_t events)
      : delays_(kind), entities_(n), timeouts_(timeouts ? n : 0, nullptr), begin_((timeouts ? 3 : 1) * n), end_(begin_ + events) {
    const double now = simgrid_get_clock();
    for (std::size_t i = 0; i < n; ++i) {
      const auto target = static_cast<std::uint32_t>(i);
      set(now + static_cast<double>(first_time(delays_, kind)) * 1e-9, target);
      if (timeouts) set_timeout(now, target);
    }
  }
  double ns_per_event() const { return (stopped_ - started_) / static_cast<double>(end_ - begin_); }

 private:
  /// False when the measurement is over and nothing is to be scheduled any more.
  bool touch(double now, std::uint32_t target) {
    entities_[target].touch(static_cast<std::uint64_t>(now * 1e9));
    ++count_;
    if (count_ == begin_) started_ = cpu_ns();
    if (count_ == end_) stopped_ = cpu_ns();
    return count_ < end_;
  }
  void set(double at, std::uint32_t target) {
    Timer::set(at, [this, target] { fire(target); });
  }
  void fire(std::uint32_t target) {
    const double now = simgrid_get_clock();
    const bool goes_on = touch(now, target);
    if (!timeouts_.empty() && timeouts_[target] != nullptr) {
      timeouts_[target]->remove();
      timeouts_[target] = nullptr;
    }
    if (!goes_on) return;
    set(now + static_cast<double>(delays_.next()) * 1e-9, target);
    if (!timeouts_.empty()) set_timeout(now, target);
  }
  void set_timeout(double now, std::uint32_t target) {
    timeouts_[target] = Timer::set(now + 20.0 + static_cast<double>(delays_.next()) * 1e-9, [this, target] {
      timeouts_[target] = nullptr;
      const double t = simgrid_get_clock();
      if (touch(t, target)) set_timeout(t, target);
    });
  }

  DelaySource delays_;
  std::vector<Entity> entities_;
  std::vector<Timer*> timeouts_;
  std::uint64_t begin_, end_, count_ = 0;
  double started_ = 0, stopped_ = 0;
};

void add(simgrid::s4u::Engine& engine, const char* work, Delays kind, std::int64_t n, bool timeouts) {
  const std::string name = std::string("peers/simgrid/") + work;
  ::benchmark::RegisterBenchmark(name.c_str(),
                                 [&engine, kind, n, timeouts](::benchmark::State& state) {
                                   double ns = 0;
                                   for (auto _ : state) {
                                     World world(kind, static_cast<std::size_t>(n), timeouts, 400'000);
                                     engine.run();
                                     ns = world.ns_per_event();
                                   }
                                   state.counters["ns/event"] = ns;
                                 })
      ->Arg(n)
      ->Iterations(1);
}

}  // namespace

int main(int argc, char** argv) {
  ::benchmark::Initialize(&argc, argv);
  std::string name = "bench";
  std::string quiet = "--log=root.thres:critical";
  char* arguments[] = {name.data(), quiet.data(), nullptr};
  int count = 2;
  simgrid::s4u::Engine engine(&count, arguments);
  // The smallest platform there is: without one the engine does not run.
  auto* zone = simgrid::s4u::create_full_zone("zone");
  zone->create_host("host", 1e9);
  zone->seal();
  for (std::int64_t n = 1'000; n <= 1'000'000; n *= 10) {
    add(engine, "hold/exponential", Delays::exponential, n, false);
    add(engine, "hold/kubernetes", Delays::kubernetes, n, false);
    add(engine, "cancel", Delays::exponential, n, true);
  }
  ::benchmark::RunSpecifiedBenchmarks();
  return 0;
}
