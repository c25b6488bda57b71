#pragma once
#include <span>
#include <string_view>

namespace orrery::validation {

struct ShapeRow {
  std::string_view type;
  std::string_view fields;
};

std::span<const ShapeRow> wire_rows();      ///< types of the versioned API, sorted by name
std::span<const ShapeRow> internal_rows();  ///< types of the API server itself, sorted by name

}  // namespace orrery::validation
