#pragma once
#include <string_view>

namespace orrery {
/// Of the library and the program; the same in CMakeLists.txt (checked by a test).
inline constexpr std::string_view kVersion = "0.1.0";
}  // namespace orrery
