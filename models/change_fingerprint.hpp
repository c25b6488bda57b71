#pragma once
// What makes two runs equal: every committed change with all that a model can see of it.
#include "orrery/cluster/store.hpp"
#include "orrery/core/fingerprint.hpp"

namespace orrery {

/// Adds one committed change. Texts count, not the numbers that stand for them: a new well-known word or kind leaves the
/// fingerprints of runs that do not meet it as they are. `t` is since the start of the run. O(size of the status).
void add_change(Fingerprint& f, Duration t, const Change& c, const Interner& names);

}  // namespace orrery
