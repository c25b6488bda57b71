#pragma once
// Reading JSON that may be of any shape: what is missing or of another type reads as absent.
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

namespace orrery::json_reading {

inline const nlohmann::json& at(const nlohmann::json& object, const char* key) {
  static const nlohmann::json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}
inline const nlohmann::json& list(const nlohmann::json& value) {
  static const nlohmann::json kEmpty = nlohmann::json::array();
  return value.is_array() ? value : kEmpty;
}
/// Valid as long as `value`.
inline std::string_view text(const nlohmann::json& value) {
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>()) : std::string_view();
}
inline std::int64_t number(const nlohmann::json& value, std::int64_t otherwise) {
  if (value.is_number_unsigned()) {
    const auto n = value.get<std::uint64_t>();
    return n > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(n);
  }
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

}  // namespace orrery::json_reading
