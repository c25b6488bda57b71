#pragma once
// `kubectl get --sort-by`. Rule: K-017; upstream kubectl/pkg/cmd/get/sorter.go.
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace orrery {

/// A path of a JSONPath: fields, indexes and stars (the first that matches counts). Filters and slices are not known.
struct FieldPath {
  struct Any {};
  std::vector<std::variant<std::string, std::int64_t, Any>> steps;
  std::string text;  ///< as kubectl normalises it: "{.a.b}"
};

/// `.a.b`, `a.b`, `{.a['b~c'].d[0]}`, `.a.b\.c`. JSON pointers and an unquoted ~ are taken for a mistake. nullopt when it is none; `problem` then says why.
std::optional<FieldPath> parse_field_path(std::string_view text, std::string* problem = nullptr);

/// Null when the object has no such field.
const nlohmann::json* find_field(const nlohmann::json& object, const FieldPath& path);

/// Stable and ascending: objects without the field first, numbers as numbers, quantities by amount, other strings in
/// natural order. False when no object has the field, or it holds what has no order; `problem` says it in kubectl's words.
bool sort_by_field(std::vector<nlohmann::json>& objects, const FieldPath& path, std::string* problem = nullptr);

/// a2 before a10: digits before other characters, runs of digits as numbers, else bytewise.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace orrery
