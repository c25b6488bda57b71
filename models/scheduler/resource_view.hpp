#pragma once
// Amounts of resources as the scheduler adds and compares them.
#include <cstdint>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/core/diagnostic.hpp"
#include "orrery/core/intern.hpp"

namespace orrery {

/// No single amount is larger: a hundred times it still is a number.
inline constexpr std::int64_t kSchedAmountMax = std::int64_t{1} << 55;
/// A pod asks for at most so many extended resources; further ones are refused.
inline constexpr std::size_t kSchedScalarsMax = 40;

/// a + b without undefined behaviour; running totals of absurd amounts wrap, and unwrap when the pod goes.
constexpr std::int64_t sched_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

struct SchedResources {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;     ///< bytes
  std::int64_t ephemeral = 0;  ///< bytes of ephemeral-storage
  std::vector<std::pair<Symbol, std::int64_t>> scalars;  ///< extended resources and huge pages, sorted by symbol

  std::int64_t scalar(Symbol name) const;
  /// Sum per resource, with `sign` 1 or -1.
  void add(const SchedResources& other, int sign = 1);
  /// Maximum per resource.
  void raise_to(const SchedResources& other);
  void set_scalar(Symbol name, std::int64_t amount);
  friend bool operator==(const SchedResources&, const SchedResources&) = default;
};

/// Of a ResourceList; "pods" is left out. Amounts below 0 count 0, above kSchedAmountMax as much. What is no quantity is
/// reported in `problems` (if given) with a pointer below `pointer`, and left out.
SchedResources parse_sched_resources(const nlohmann::json& map, Interner& names, Diagnostics* problems = nullptr, const std::string& pointer = {});
/// One entry of a ResourceList in units, 0 when there is none.
std::int64_t parse_sched_count(const nlohmann::json& map, const char* name, Diagnostics* problems = nullptr, const std::string& pointer = {});

}  // namespace orrery
