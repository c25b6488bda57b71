#pragma once
#include "orrery/kubectl/describe.hpp"
#include "tab_text.hpp"

namespace orrery::kubectl {

/// All of describe node but its events.
void put_node(TabText& out, const nlohmann::json& node, const DescribeContext& context);

}  // namespace orrery::kubectl
