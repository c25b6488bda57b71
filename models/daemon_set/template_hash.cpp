// upstream: pkg/controller/controller_utils.go ComputeHash. FNV-1a of the template as Go prints it.
#include "template_hash.hpp"

#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "go_print.hpp"

namespace orrery::daemon {

std::string template_hash(const DaemonSetSpec& spec, std::int32_t collisions) {
  std::string bytes;
  if (auto it = spec.json().find("template"); it != spec.json().end()) go_print(bytes, "v1.PodTemplateSpec", *it);
  if (collisions >= 0) {
    for (unsigned i = 0; i < 4; ++i) bytes += static_cast<char>(static_cast<std::uint32_t>(collisions) >> (8 * i) & 255);
    bytes.append(4, '\0');
  }
  std::uint32_t h = 2166136261u;
  for (char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  // Digits as letters that make no words.
  constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::string out = fmt::format("{}", h);
  for (char& c : out) c = kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  return out;
}

}  // namespace orrery::daemon
