#pragma once
// Words for the tables of schema_pod.hpp and schema_workload.hpp.
#include "orrery/api/schema.hpp"

namespace orrery::schema {

using enum FieldKind;

inline constexpr bool kRetainKeys = true;

constexpr Field object(std::string_view name, const Type& type) { return {.name = name, .kind = kObject, .type = &type}; }

/// An object that a strategic merge patch replaces.
constexpr Field replaced_object(std::string_view name, const Type& type) {
  return {.name = name, .kind = kObject, .type = &type, .replace = true};
}

constexpr Field list_of(std::string_view name, FieldKind kind) { return {.name = name, .kind = kind, .is_list = true}; }
constexpr Field list_of(std::string_view name, const Type& type) {
  return {.name = name, .kind = kObject, .type = &type, .is_list = true};
}

constexpr Field set_of(std::string_view name, FieldKind kind) {
  return {.name = name, .kind = kind, .is_list = true, .strategy = ListStrategy::kSet};
}

constexpr Field merged_list(std::string_view name, const Type& type, std::string_view key, bool retain_keys = false) {
  return {.name = name,
          .kind = kObject,
          .type = &type,
          .is_list = true,
          .strategy = ListStrategy::kMerge,
          .merge_key = key,
          .retain_keys = retain_keys};
}

}  // namespace orrery::schema
