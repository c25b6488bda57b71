#pragma once
#include <string>

#include "orrery/models/simulation.hpp"

namespace orrery::cli {
/// Every kind that has objects, as kubectl get prints it (table, wide, name), or all objects (json, yaml).
void show_all(Simulation& sim, const std::string& output);
}  // namespace orrery::cli
