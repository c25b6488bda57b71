#pragma once
// A small random cluster and what befalls it, as a scenario: a pure function of the seed.
#include <cstdint>

#include <nlohmann/json.hpp>

namespace orrery::random_world {

/// Three to eight nodes in zones; Jobs, CronJobs, DaemonSets, budgets and workflows; drains, failures, joins, patches, suspensions.
/// After ten minutes everything is healed and resumed, schedules are suspended, and the world has half an hour to come to rest.
nlohmann::json make_world(std::uint64_t seed);

}  // namespace orrery::random_world
