#pragma once
#include <CLI/CLI.hpp>

#include "cli.hpp"

namespace orrery::cli {
/// The options of what to simulate; `positional`: the files, too.
void add_input(CLI::App& app, InputOptions& in, bool positional = true);
}  // namespace orrery::cli
