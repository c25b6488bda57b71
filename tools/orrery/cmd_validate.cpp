// orrery validate: everything that is wrong with the input, and what the API server would say to each of its objects.
#include <fmt/format.h>

#include "cli.hpp"
#include "orrery/analysis/topology.hpp"

namespace orrery::cli {

namespace {

/// Labels that put a rack into two zones, and the like: legal, but hardly meant.
void warn_of_topology(const Store& store, const std::string& name) {
  std::vector<TopologyNode> nodes;
  for (const auto& n : store.list(Kind::node)) {
    nodes.push_back({std::string(n->name()), {}});
    if (n->meta.labels()) nodes.back().labels = n->meta.labels()->items;
  }
  for (const std::string& problem : Topology(nodes).nesting_problems()) fmt::print(stderr, "{}: warning: {}\n", name, problem);
}

}  // namespace

int validate(const ValidateCommand& command) {
  std::optional<Scenario> scenario = load(command.input);
  if (!scenario) return kBadInput;
  // Applying the objects to a cluster that nothing ever happens in asks the API server's own rules.
  Scenario still = *scenario;
  still.timeline.clear();
  still.expect.clear();
  still.behaviors.clear();
  still.control_plane = {};
  Simulation sim(still, {.controllers = {}});
  sim.run_until({});
  const std::vector<Refusal>& refusals = sim.refusals();
  print_refusals(refusals);
  if (!refusals.empty()) return kBadInput;
  warn_of_topology(sim.cluster().store(), scenario->name);
  fmt::print("{}: {} nodes, {} objects, {} behaviors, {} timeline entries, {} expectations: fine\n", scenario->name,
             sim.cluster().store().count(Kind::node), scenario->objects.size(), scenario->behaviors.size(), scenario->timeline.size(), scenario->expect.size());
  return kFine;
}

}  // namespace orrery::cli
