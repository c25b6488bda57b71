// Three small pieces of work for instructions.py, which counts their instructions: instructions queue|parse|job|none.
#include <cstdio>
#include <string_view>

#include "orrery/core/event_queue.hpp"
#include "orrery/models/simulation.hpp"
#include "support/scenarios.hpp"
#include "support/workload.hpp"

namespace {

using namespace orrery;
using namespace orrery::bench;

/// 200,000 steps of the hold model with cancelled timeouts, 5,000 entities.
std::uint64_t queue() {
  constexpr std::uint32_t kEntities = 5'000;
  DelaySource delays(Delays::kubernetes);
  EventQueue events;
  std::vector<EventHandle> timeouts(kEntities);
  for (std::uint32_t i = 0; i < kEntities; ++i) events.push(Time(Duration(first_time(delays, Delays::kubernetes))), Phase::timer, {.target = i}, 0);
  Event event;
  for (int i = 0; i < 200'000 && events.pop(event); ++i) {
    events.cancel(timeouts[event.target]);
    timeouts[event.target] = events.push(event.at + Duration(7'200'000'000'000), Phase::timer, {.target = event.target, .kind = 2}, event.seq);
    if (event.kind != 2) events.push(event.at + Duration(delays.next()), Phase::timer, {.target = event.target}, event.seq);
  }
  return event.seq;
}

std::uint64_t parse() {
  const Result<Scenario> scenario = parse_scenario(scenario_text(200), "guard.json", ".");
  return scenario ? scenario->objects.size() : 0;
}

std::uint64_t job() {
  Result<Scenario> scenario = job_scenario("realistic", 1'000, 100, 10);
  if (!scenario) return 0;
  Simulation simulation(std::move(*scenario));
  return simulation.run().events;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  std::uint64_t result = 0;
  if (what == "queue") result = queue();
  else if (what == "parse") result = parse();
  else if (what == "job") result = job();
  else if (what == "none") result = 1;  // what a program costs before it does anything
  std::printf("%llu\n", static_cast<unsigned long long>(result));
  return result == 0 ? 2 : 0;
}
