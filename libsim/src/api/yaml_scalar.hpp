#pragma once
// What an unquoted YAML scalar means to the YAML 1.1 reader of kubectl (go.yaml.in/yaml/v2, resolve.go).
#include <string_view>

#include <nlohmann/json.hpp>

namespace orrery::detail {

enum class ScalarKind { kNull, kBool, kInteger, kFloat, kNotFinite, kTimestamp, kString };

/// Resolves `text`. `out` receives the value; the text itself for timestamps and strings, null for NaN and infinity.
/// An integral float within int64 is stored as an integer but reported as kFloat.
ScalarKind resolve_plain(std::string_view text, nlohmann::json& out);

/// A sexagesimal number of YAML 1.1 ("1:30"): stays a string when read, but is quoted when written.
bool is_sexagesimal(std::string_view text);

}  // namespace orrery::detail
