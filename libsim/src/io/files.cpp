#include "files.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "orrery/io/scenario.hpp"

namespace orrery::scenario_reading {

std::string read_file(const std::string& path, FileKind kind, std::string& text) {
  namespace fs = std::filesystem;
  text.clear();
  if (path.empty()) return "the path is empty";
  if (path.find('\0') != std::string::npos) return "the path holds a NUL character";
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return "there is no such file";
  if (error) return "the file cannot be read";
  if (fs::is_directory(status)) return "it is a folder, not a file";
  if (kind == FileKind::regular && !fs::is_regular_file(status)) return "it is not a regular file";
  std::ifstream in(path, std::ios::binary);
  if (!in) return "the file cannot be read";
  std::array<char, 65536> buffer;
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxScenarioBytes) {
      text.clear();
      return fmt::format("the file is larger than the limit of {} MiB", kMaxScenarioBytes >> 20);
    }
  }
  return in.bad() ? "the file cannot be read" : "";
}

std::string resolve(std::string_view base_dir, std::string_view path) {
  if (base_dir.empty() || (!path.empty() && path.front() == '/')) return std::string(path);
  return fmt::format("{}{}{}", base_dir, base_dir.back() == '/' ? "" : "/", path);
}

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string stem_of(std::string_view path) {
  std::string_view last = path.substr(path.rfind('/') + 1);
  const auto point = last.rfind('.');
  return std::string(point == std::string_view::npos || point == 0 ? last : last.substr(0, point));
}

}  // namespace orrery::scenario_reading
