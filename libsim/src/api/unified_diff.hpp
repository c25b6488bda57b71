#pragma once
#include <string>
#include <string_view>

namespace orrery::validation {

/// A unified diff of two texts by lines with three lines of context and no file names, as the API server shows which
/// fields of a pod may not be changed: matching blocks after Ratcliff and Obershelp, frequent lines of long texts
/// ignored as Python's difflib does.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace orrery::validation
