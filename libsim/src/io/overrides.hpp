#pragma once
// `--set PATH=VALUE`: changes of a scenario's document before it is read.
#include <string>
#include <vector>

#include "fields.hpp"

namespace orrery::scenario_reading {

struct Override {
  std::string text;     ///< as written
  std::string pointer;  ///< what it set
};

/// Applies them in order. Problems have the source "--set" and the pointer meant.
std::vector<Override> apply_overrides(Problems& problems, const std::vector<std::string>& texts, json& document);

}  // namespace orrery::scenario_reading
