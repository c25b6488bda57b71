#pragma once
#include <string>

#include "orrery/cluster/objects.hpp"

namespace orrery::daemon {
/// D-092: the hash in the name of a template's revision: equal templates have equal ones. `collisions` < 0: none yet.
std::string template_hash(const DaemonSetSpec& spec, std::int32_t collisions);
}  // namespace orrery::daemon
