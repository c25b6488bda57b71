#include "orrery/core/diagnostic.hpp"

#include <fmt/format.h>

namespace orrery {

std::string to_string(const Diagnostic& d) {
  std::string out = d.source;
  if (d.line != 0) out += fmt::format("{}{}", out.empty() ? "line " : ":", d.line);
  if (d.line != 0 && d.column != 0) out += fmt::format(":{}", d.column);
  if (!out.empty()) out += ": ";
  if (!d.pointer.empty()) out += d.pointer + ": ";
  out += d.message;
  if (!d.hint.empty()) out += " (" + d.hint + ")";
  return out;
}

}  // namespace orrery
