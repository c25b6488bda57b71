#pragma once
// Members of API objects of any shape: what is absent or of another type reads as empty.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "columns.hpp"

namespace orrery::kubectl {

/// member() along a path.
const nlohmann::json& at_path(const nlohmann::json& object, std::initializer_list<const char*> path);
std::string text_at(const nlohmann::json& object, std::initializer_list<const char*> path);
/// An empty array for what is no array.
const nlohmann::json& items_of(const nlohmann::json& value);
/// 0 for what is no integer.
std::int64_t integer_of(const nlohmann::json& value);
bool is_true(const nlohmann::json& value);
/// The condition of that type, or null.
const nlohmann::json& condition_of(const nlohmann::json& object, std::string_view type);
/// The owner reference of the controller, or null.
const nlohmann::json& controller_of(const nlohmann::json& object);
/// An IntOrString, or a quantity in its canonical text.
std::string scalar_text(const nlohmann::json& value);
std::string quantity_text(const nlohmann::json& value);
/// "k=v,k=v", or "<none>".
std::string map_line(const nlohmann::json& map);
/// Nanoseconds since 1970; the smallest number for what is no timestamp.
std::int64_t nanoseconds_of(const nlohmann::json& timestamp);
/// "Mon, 02 Dec 2019 15:20:11 +0000"; the year 1 for what is no timestamp, as Go's zero time (K-004).
std::string absolute_time(const nlohmann::json& timestamp);
/// Without blanks and line ends around it.
std::string trimmed(std::string_view text);
/// Split at every newline; at least one part.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace orrery::kubectl
