#pragma once
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/kubectl/get.hpp"

namespace orrery::kubectl {
using Row = std::vector<std::string>;
/// Header names; those after the ordinary ones are shown with -o wide only.
struct Columns {
  Row header;
  std::size_t ordinary = 0;
};
Columns columns_of(std::string_view kind, bool wide);
/// As many cells as columns_of(kind, wide) has headers.
Row cells_of(std::string_view kind, const nlohmann::json& object, std::int64_t now_ns, bool wide);
/// Where an object lacks a member: null.
const nlohmann::json& member(const nlohmann::json& object, const char* key);
std::string text_of(const nlohmann::json& v);
/// Age of a timestamp, or `otherwise`.
std::string age_of(const nlohmann::json& timestamp, std::int64_t now_ns, std::string_view otherwise);
}  // namespace orrery::kubectl
