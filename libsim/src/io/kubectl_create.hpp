#pragma once
// `kubectl create KIND` and `kubectl run`: the objects that kubectl makes of flags.
// Source of behaviour: kubectl/pkg/cmd/create/create_{job,cronjob,namespace,pdb,priorityclass}.go, kubectl/pkg/cmd/run.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.hpp"
#include "orrery/io/timeline.hpp"

namespace orrery::scenario_reading {

/// Whether there is a generator for this word ("job", "cj", "run").
bool can_create(std::string_view what);
/// "job, cronjob, …", for messages.
std::string created_kinds();
/// The flags of a generator, for CommandLine::parse.
std::vector<Flag> flags_to_create(std::string_view what);

// Both after the flags are parsed; nothing when something was reported.
/// Of `create job` with --from.
std::optional<verb::CreateJob> job_from_cron_job(CommandLine& line);
/// The object of all others.
std::optional<json> created_object(CommandLine& line, std::string_view what);

}  // namespace orrery::scenario_reading
