#pragma once
// One reader for each part of a scenario. All report into the same list and never stop at the first problem.
#include <string>
#include <vector>

#include "fields.hpp"
#include "manifests.hpp"
#include "orrery/io/scenario.hpp"

namespace orrery::scenario_reading {

ControlPlane read_control_plane(Problems& problems, const json& value, const std::string& pointer);

std::vector<NodeEntry> read_nodes(Problems& problems, const json& list, const std::string& pointer);
/// Appends the problems of one node entry, and the entry where it is usable. `value` may hold `count`.
void read_node(Problems& problems, const json& value, const std::string& pointer, std::vector<NodeEntry>& out);
/// Reports names that occur twice, and totals above the limit.
void check_nodes(ManifestLoader& loader, const std::vector<NodeEntry>& nodes);

std::vector<Behavior> read_behaviors(Problems& problems, const json& list, const std::string& pointer);
/// A code, weights of codes, or a code with its reason.
std::optional<ExitChoice> read_exit(Problems& problems, const json& value, const std::string& pointer);

std::vector<TimelineAction> read_timeline(Problems& problems, ManifestLoader& manifests, const json& list, const std::string& pointer);
/// The verbs of a kubectl command line.
std::vector<Verb> read_kubectl(Problems& problems, ManifestLoader& manifests, const std::string& command, const std::string& pointer);

std::vector<Expectation> read_expectations(Problems& problems, const json& list, const std::string& pointer);

}  // namespace orrery::scenario_reading
