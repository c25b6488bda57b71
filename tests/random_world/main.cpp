// Random small worlds under random misfortune, with invariants after every change.
//   random_world [--seeds N] [--first SEED]     N worlds (default 300)
//   random_world --seed SEED [--write FILE]     one world, and its scenario for `orrery run`
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "random_world/invariants.hpp"
#include "random_world/world.hpp"

using namespace orrery;
using namespace orrery::random_world;

namespace {

constexpr std::uint64_t kSeeds = 300;
constexpr std::uint64_t kRepeatEvery = 25;  // every so many worlds one is run twice: the same seed, the same run

struct Verdict {
  std::vector<std::string> broken;
  std::string fingerprint;
  std::uint64_t events = 0;
};

Verdict run(const nlohmann::json& world) {
  Verdict out;
  auto scenario = parse_scenario(world.dump(), "random world", ".");
  if (!scenario) {
    for (const Diagnostic& d : scenario.problems()) out.broken.push_back(to_string(d));
    return out;
  }
  Simulation sim(*scenario);
  Invariants invariants(sim);
  sim.on_change([&](Duration t, const Change& c) { invariants.check(t, c); });
  const RunReport report = sim.run();
  invariants.check_end();
  out.broken = invariants.broken();
  if (report.status == RunStatus::livelock) out.broken.push_back("livelock: " + report.message);
  out.fingerprint = report.fingerprint;
  out.events = report.events;
  return out;
}

bool write(const std::string& file, const nlohmann::json& world) {
  std::ofstream out(file, std::ios::binary);
  out << world.dump(1) << "\n";
  return static_cast<bool>(out);
}

/// One world; says what is wrong with it and how to see it again.
bool passes(std::uint64_t seed, std::uint64_t& events, bool twice) {
  const nlohmann::json world = make_world(seed);
  Verdict v = run(world);
  events += v.events;
  if (twice && run(world).fingerprint != v.fingerprint) v.broken.push_back("the second run of the same seed is another one");
  if (v.broken.empty()) return true;
  const std::string file = fmt::format("random-world-{}.json", seed);
  fmt::print("seed {} fails:\n", seed);
  for (const std::string& b : v.broken) fmt::print("  {}\n", b);
  if (write(file, world)) fmt::print("  see it: orrery run --watch - {}\n", file);
  fmt::print("  again: random_world --seed {}\n", seed);
  return false;
}

int usage() {
  fmt::print(stderr, "random_world [--seeds N] [--first SEED] | --seed SEED [--write FILE]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = kSeeds, first = 1, events = 0, failed = 0;
  std::string file;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) return usage();
    const std::string option = argv[i];
    if (option == "--write") {
      file = argv[i + 1];
      continue;
    }
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(argv[i + 1], &end, 10);
    if (end == argv[i + 1] || *end != '\0') return usage();
    if (option == "--seeds") {
      seeds = value;
    } else if (option == "--first") {
      first = value;
    } else if (option == "--seed") {
      first = value;
      seeds = 1;
    } else {
      return usage();
    }
  }
  if (!file.empty() && !write(file, make_world(first))) {
    fmt::print(stderr, "{}: cannot be written\n", file);
    return 2;
  }
  for (std::uint64_t seed = first; seed < first + seeds; ++seed)
    if (!passes(seed, events, seed % kRepeatEvery == 0) && ++failed >= 10) break;
  fmt::print("{} worlds, {} events, {} failed\n", seeds, events, failed);
  return failed == 0 ? 0 : 1;
}
