#pragma once
// Reading whole files, bounded, without exceptions and without the words of a locale.
#include <string>
#include <string_view>

namespace orrery::scenario_reading {

enum class FileKind : bool { any, regular };

/// Reads at most kMaxScenarioBytes. Empty on success, else what is wrong: "there is no such file". With `regular`, devices
/// and pipes are refused, which could block or never end.
std::string read_file(const std::string& path, FileKind kind, std::string& text);

/// `path` as seen from `base_dir`.
std::string resolve(std::string_view base_dir, std::string_view path);
/// The folder of a path; empty = the current one.
std::string folder_of(std::string_view path);
/// The last part of a path, without its extension.
std::string stem_of(std::string_view path);

}  // namespace orrery::scenario_reading
