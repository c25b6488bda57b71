#pragma once
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tab_text.hpp"

namespace orrery::kubectl {

void put_namespace(TabText& out, const nlohmann::json& ns);
void put_priority_class(TabText& out, const nlohmann::json& priority_class);
void put_config_map(TabText& out, const nlohmann::json& map);
/// A kind that kubectl knows nothing of: all fields by name.
void put_any(TabText& out, const nlohmann::json& object);
/// "holderIdentity" is "Holder Identity", "apiVersion" is "API Version".
std::string title_of_field(std::string_view field);

}  // namespace orrery::kubectl
