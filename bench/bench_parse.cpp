// parse/*: scenarios and manifests to what a simulation starts from, everything checked, in MB/s.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "orrery/core/check.hpp"
#include "support/allocations.hpp"
#include "support/scenarios.hpp"

namespace {

using namespace orrery;
using namespace orrery::bench;

void report(::benchmark::State& state, std::uintmax_t bytes, std::uint64_t allocations_before, std::size_t objects) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  const auto read = static_cast<double>(state.iterations()) * static_cast<double>(objects);
  state.counters["objects/s"] = ::benchmark::Counter(read, ::benchmark::Counter::kIsRate);
  state.counters["alloc/object"] = static_cast<double>(allocations() - allocations_before) / read;
}

void scenario_json(::benchmark::State& state) {
  const std::string text = scenario_text(state.range(0));
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    const Result<Scenario> scenario = parse_scenario(text, "bench.json", ".");
    ORRERY_CHECK(scenario && static_cast<std::int64_t>(scenario->objects.size()) == state.range(0), "the scenario is not read");
  }
  report(state, text.size(), before, static_cast<std::size_t>(state.range(0)));
}

void manifests(::benchmark::State& state, const std::string& path) {
  if (!std::filesystem::exists(path)) {
    state.SkipWithError("the data set is not there: set ORRERY_DATA to the folder that holds it");
    return;
  }
  std::size_t objects = 0;
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    const Result<Scenario> scenario = scenario_from_manifests({path}, {});
    ORRERY_CHECK(static_cast<bool>(scenario), "{} is not read", path);
    objects = scenario->objects.size() + scenario->nodes.size();
  }
  report(state, std::filesystem::file_size(path), before, objects);
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path generated = std::filesystem::temp_directory_path() / "orrery-bench-manifests.yaml";
  std::ofstream(generated) << manifest_text(1'000);
  ::benchmark::RegisterBenchmark("parse/scenario.json", scenario_json)->Arg(100)->Arg(2'000)->Unit(::benchmark::kMillisecond);
  ::benchmark::RegisterBenchmark("parse/manifests.yaml", manifests, generated.string())->Unit(::benchmark::kMillisecond);
  if (const char* data = std::getenv("ORRERY_DATA")) {
    for (const char* name : {"nodes-1200", "pods-1200"})
      ::benchmark::RegisterBenchmark((std::string("parse/k8s-sims/") + name).c_str(), manifests, std::string(data) + "/k8s-sims/" + name + ".yaml")
          ->Unit(::benchmark::kMillisecond);
  }
  ::benchmark::Initialize(&argc, argv);
  if (::benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  ::benchmark::RunSpecifiedBenchmarks();
  std::error_code ignored;
  std::filesystem::remove(generated, ignored);
  return 0;
}
