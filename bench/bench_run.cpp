// run/*: whole simulations, each twice per repetition: once measured, with nothing beside it, and once with everything counted. The fingerprint
// is held against fingerprints.txt: numbers of a run that did something else are not shown. `--print-fingerprints` prints the lines for that file instead.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orrery/models/simulation.hpp"
#include "support/allocations.hpp"
#include "support/scenarios.hpp"

namespace {

using namespace orrery;
using namespace orrery::bench;

using Make = std::function<Result<Scenario>(std::string_view profile)>;

bool print_fingerprints = false;

const std::map<std::string, std::string>& pinned_fingerprints() {
  static const std::map<std::string, std::string> pinned = [] {
    std::map<std::string, std::string> out;
    std::ifstream in(ORRERY_BENCH_DIR "/fingerprints.txt");
    std::string value, name;
    while (in >> value >> name) out[name] = value;
    return out;
  }();
  return pinned;
}

/// Counts on the way what the end does not show any more.
struct Census {
  std::uint64_t pods_made = 0;
  std::uint64_t pods_live = 0;
  std::uint64_t pods_live_max = 0;
  std::int64_t bytes_at_max = 0;
  std::int64_t bytes_without_pods = 0;  ///< just before the first one

  void see(const Change& change) {
    if (change.kind != Kind::pod) {
      if (pods_made == 0) bytes_without_pods = live_bytes();
      return;
    }
    if (change.type == ChangeType::deleted) --pods_live;
    if (change.type != ChangeType::added) return;
    ++pods_made;
    if (++pods_live <= pods_live_max) return;
    pods_live_max = pods_live;
    bytes_at_max = live_bytes();
  }
};

/// Why the numbers of this run are not to be shown; empty where they are.
std::string objection(const RunReport& report, const std::string& name) {
  if (!report.refusals.empty()) return "refused: " + report.refusals.front().message;
  const auto pin = pinned_fingerprints().find(name);
  if (!print_fingerprints && pin != pinned_fingerprints().end() && pin->second != report.fingerprint)
    return fmt::format("fingerprint {}, pinned {}: this is another run", report.fingerprint, pin->second);
  for (const ExpectationResult& e : report.expectations)
    if (!e.met) return e.message;
  return {};
}

/// The time of a run that nobody watches. False where its numbers are not to be shown.
bool measure(::benchmark::State& state, const std::string& name, const std::string& profile, const Make& make, bool reading_counts) {
  const NotCounting bare;
  for (auto _ : state) {
    if (!reading_counts) state.PauseTiming();
    Result<Scenario> scenario = make(profile);
    if (!scenario) {
      state.SkipWithError(to_string(scenario.problems().front()).c_str());
      return false;
    }
    if (!reading_counts) state.ResumeTiming();
    Simulation simulation(std::move(*scenario));
    const RunReport report = simulation.run();
    state.PauseTiming();
    const auto events = static_cast<double>(report.events);
    using ::benchmark::Counter;
    state.counters["events/s"] = Counter(events, Counter::kIsRate);
    state.counters["ns/event"] = Counter(events * 1e-9, Counter::kIsRate | Counter::kInvert);
    state.SetLabel(report.fingerprint);
    if (print_fingerprints) fmt::print("{}  {}\n", report.fingerprint, name);
    if (const std::string why = objection(report, name); !why.empty()) {
      state.SkipWithError(why.c_str());
      return false;
    }
    state.ResumeTiming();
  }
  return true;
}

/// The same run once more, with all that is counted.
void count(::benchmark::State& state, const std::string& profile, const Make& make) {
  Result<Scenario> scenario = make(profile);
  const std::int64_t bytes_before = live_bytes();
  const std::uint64_t allocations_before = allocations();
  reset_peak();
  Simulation simulation(std::move(*scenario));
  Census census;
  simulation.on_change([&census](Duration, const Change& change) { census.see(change); });
  const RunReport report = simulation.run();
  const auto events = static_cast<double>(report.events);
  const auto pods = static_cast<double>(census.pods_made);
  state.counters["alloc/event"] = static_cast<double>(allocations() - allocations_before) / events;
  state.counters["pods"] = pods;
  state.counters["pods/s"] = ::benchmark::Counter(pods, ::benchmark::Counter::kIsRate);  // by the time of the first run
  state.counters["events/pod"] = events / pods;
  // Of the whole cluster, nodes and queues included: at the moment with the most pods.
  state.counters["bytes/pod"] = static_cast<double>(census.bytes_at_max - bytes_before) / static_cast<double>(census.pods_live_max);
  // Of the pods alone: without the nodes and whatever else was there before the first of them.
  state.counters["own-bytes/pod"] = static_cast<double>(census.bytes_at_max - census.bytes_without_pods) / static_cast<double>(census.pods_live_max);
  state.counters["peak-MB"] = static_cast<double>(peak_bytes()) * 1e-6;
}

/// Measured first: the second run finds its memory there.
void simulate(::benchmark::State& state, const std::string& name, const std::string& profile, const Make& make, bool reading_counts) {
  if (measure(state, name, profile, make, reading_counts)) count(state, profile, make);
}

void add_profile(const std::string& what, const char* profile, const Make& make, bool reading_counts = false) {
  const std::string name = "run/" + what + "/" + profile;
  ::benchmark::RegisterBenchmark(name.c_str(), [=](::benchmark::State& state) { simulate(state, name, profile, make, reading_counts); })
      ->Iterations(1)
      ->Unit(::benchmark::kMillisecond);
}
void add(const std::string& what, const Make& make, bool reading_counts = false) {
  for (const char* profile : {"realistic", "ideal"}) add_profile(what, profile, make, reading_counts);
}

}  // namespace

int main(int argc, char** argv) {
  for (std::int64_t n : {10'000, 100'000, 1'000'000})
    add(fmt::format("job/{}", n), [n](std::string_view p) { return job_scenario(p, n, n / 100, std::max<std::int64_t>(10, n / 1000)); });
  add("cron/1000/1d", [](std::string_view p) { return cron_scenario(p, 1'000, 1); });
  add("cron/10000/7d", [](std::string_view p) { return cron_scenario(p, 10'000, 7); });
  if (std::getenv("ORRERY_LONG") != nullptr) {
    add("cron/1000/365d", [](std::string_view p) { return cron_scenario(p, 1'000, 365); });
    add("job/10000000", [](std::string_view p) { return job_scenario(p, 10'000'000, 10'000, 1'000, "300h"); });
    // With limiters it would take days of virtual time until all are there.
    add_profile("live/5000000", "ideal", [](std::string_view p) { return live_scenario(p, 5'000'000, 100'000); });
  }
  for (std::int64_t n : {5'000, 50'000})
    add(fmt::format("daemonset/{}", n), [n](std::string_view p) { return daemon_scenario(p, n); });
  add("outage/15000", [](std::string_view p) { return outage_scenario(p, 15'000, 500); });
  add("outage/150000", [](std::string_view p) { return outage_scenario(p, 150'000, 5'000); });
  if (const char* data = std::getenv("ORRERY_DATA")) {
    const std::string folder = data;
    add("openb", [folder](std::string_view p) { return openb_scenario(p, folder + "/openb"); });
    for (const char* size : {"100", "1200"})
      add(fmt::format("k8s-sims/{}", size), [folder, size](std::string_view p) { return k8s_sims_scenario(p, folder + "/k8s-sims", size); }, true);
  }
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--print-fingerprints") print_fingerprints = true;
    else rest.push_back(argv[i]);
  }
  int count = static_cast<int>(rest.size());
  ::benchmark::Initialize(&count, rest.data());
  if (::benchmark::ReportUnrecognizedArguments(count, rest.data())) return 1;
  ::benchmark::RunSpecifiedBenchmarks();
  return 0;
}
