#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

namespace orrery::validation {

/// The defaults of a pod spec that templates get too: P-010, P-011.
void default_pod_spec(nlohmann::json& spec);

/// Those that only a Pod gets: requests from limits, host ports, enableServiceLinks.
void default_pod_only(nlohmann::json& spec);

/// Always for `latest` or an image with neither tag nor digest, else IfNotPresent.
std::string_view default_pull_policy(std::string_view image);

}  // namespace orrery::validation
