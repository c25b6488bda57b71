// peers/ns3: the work of kernel/hold/* and queue/cancel/* through ns-3, with each of its schedulers.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ns3/calendar-scheduler.h"
#include "ns3/heap-scheduler.h"
#include "ns3/map-scheduler.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/priority-queue-scheduler.h"
#include "ns3/simulator.h"
#include "support/workload.hpp"

namespace {

using namespace orrery::bench;

ns3::Time nanoseconds(std::int64_t ns) { return ns3::NanoSeconds(static_cast<std::uint64_t>(ns)); }

/// One population of entities in ns-3's single, global simulator.
class World {
 public:
  World(const std::string& scheduler, Delays kind, std::size_t n, bool timeouts)
      : delays_(kind), entities_(n), timeouts_(timeouts ? n : 0) {
    ns3::Simulator::Destroy();
    ns3::ObjectFactory factory;
    factory.SetTypeId(scheduler);
    ns3::Simulator::SetScheduler(factory);
    for (std::size_t i = 0; i < n; ++i) {
      const auto target = static_cast<std::uint32_t>(i);
      ns3::Simulator::Schedule(nanoseconds(first_time(delays_, kind)), &World::fire, this, target);
      if (timeouts) set_timeout(target);
    }
    run(timeouts ? 3 * n : n);
  }
  ~World() { ns3::Simulator::Destroy(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void run(std::uint64_t events) {
    left_ = events;
    ns3::Simulator::Run();
  }

 private:
  void touch(std::uint32_t target) {
    entities_[target].touch(static_cast<std::uint64_t>(ns3::Simulator::Now().GetNanoSeconds()));
    if (--left_ == 0) ns3::Simulator::Stop();
  }
  void fire(std::uint32_t target) {
    touch(target);
    if (!timeouts_.empty()) ns3::Simulator::Cancel(timeouts_[target]);
    ns3::Simulator::Schedule(nanoseconds(delays_.next()), &World::fire, this, target);
    if (!timeouts_.empty()) set_timeout(target);
  }
  void time_out(std::uint32_t target) {
    touch(target);
    set_timeout(target);
  }
  void set_timeout(std::uint32_t target) {
    timeouts_[target] = ns3::Simulator::Schedule(nanoseconds(20'000'000'000 + delays_.next()), &World::time_out, this, target);
  }

  DelaySource delays_;
  std::vector<Entity> entities_;
  std::vector<ns3::EventId> timeouts_;
  std::uint64_t left_ = 0;
};

/// Kept between the repetitions of one benchmark.
std::unique_ptr<World> world;
std::string name_of_world;

void add(const std::string& scheduler, const char* work, Delays kind, std::int64_t n, bool timeouts) {
  const std::string name = "peers/ns3-" + scheduler + "/" + work;
  const std::int64_t events = n >= 1'000'000 ? 1'000'000 : 400'000;
  ::benchmark::RegisterBenchmark(name.c_str(),
                                 [=](::benchmark::State& state) {
                                   const std::string key = name + std::to_string(n);
                                   if (!world || name_of_world != key) {
                                     world.reset();
                                     world = std::make_unique<World>("ns3::" + scheduler + "Scheduler", kind, static_cast<std::size_t>(n), timeouts);
                                     name_of_world = key;
                                   }
                                   while (state.KeepRunningBatch(events)) world->run(static_cast<std::uint64_t>(events));
                                 })
      ->Arg(n)
      ->Iterations(events);
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* scheduler : {"Map", "Heap", "PriorityQueue", "Calendar"}) {
    for (std::int64_t n = 1'000; n <= 1'000'000; n *= 10) {
      add(scheduler, "hold/exponential", Delays::exponential, n, false);
      add(scheduler, "hold/kubernetes", Delays::kubernetes, n, false);
      add(scheduler, "cancel", Delays::exponential, n, true);
    }
  }
  ::benchmark::Initialize(&argc, argv);
  if (::benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  ::benchmark::RunSpecifiedBenchmarks();
  world.reset();
  return 0;
}
