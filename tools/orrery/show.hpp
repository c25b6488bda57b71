#pragma once
#include <string>

#include "orrery/kubectl/get.hpp"
#include "orrery/models/simulation.hpp"

namespace orrery::cli {
/// Every kind that has objects, as kubectl get prints it (table, wide, name), or all objects (json, yaml).
void show_all(Simulation& sim, const std::string& output);
/// What the commands of the timeline (drains) printed, with instants; the middle of a long talk is left out.
void show_printed(const RunReport& report);
GetOptions::Output output_from(const std::string& name);
}  // namespace orrery::cli
