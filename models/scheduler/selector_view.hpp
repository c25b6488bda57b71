#pragma once
// Labels, selectors, taints and tolerations over interned strings: what the scheduler compares millions of times.
// Knows no JSON outside the parsing functions; a value is only meaningful with the Interner it was compiled with.
#include <cstdint>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/core/intern.hpp"

namespace orrery {

struct SchedLabel {
  Symbol key = 0;
  Symbol value = 0;          ///< 0: the empty text, which is a value like any other
  std::int64_t number = 0;   ///< the value as an integer, for Gt and Lt
  bool numeric = false;
};

/// Labels of one object, sorted by key symbol.
class SchedLabels {
 public:
  void set(std::string_view key, std::string_view value, Interner& names);
  const SchedLabel* find(Symbol key) const;
  bool empty() const { return items_.empty(); }
  const std::vector<SchedLabel>& items() const { return items_; }
  friend bool operator==(const SchedLabels& a, const SchedLabels& b);

 private:
  std::vector<SchedLabel> items_;
};
/// Of a map of strings; other values are left out.
SchedLabels parse_sched_labels(const nlohmann::json& map, Interner& names);

struct SchedRequirement {
  enum class Op : std::uint8_t { in, not_in, exists, absent, greater, less, never };
  Op op = Op::in;
  Symbol key = 0;
  std::vector<Symbol> values;  ///< sorted
  std::int64_t bound = 0;      ///< of greater and less
  bool matches(const SchedLabels& labels) const;
};
/// One entry of matchExpressions. An operator that does not exist matches never.
SchedRequirement parse_sched_requirement(const nlohmann::json& entry, Interner& names);

/// A LabelSelector. Default: selects nothing, which is what a missing selector means.
struct SchedSelector {
  bool nothing = true;
  std::vector<SchedRequirement> requirements;

  /// Present, and without requirements.
  bool empty() const { return !nothing && requirements.empty(); }
  bool matches(const SchedLabels& labels) const;
  void require(SchedRequirement::Op op, Symbol key, Symbol value);
};
SchedSelector parse_sched_selector(const nlohmann::json& selector, Interner& names);

enum class SchedEffect : std::uint8_t { any, no_schedule, prefer_no_schedule, no_execute, unknown };

struct SchedTaint {
  Symbol key = 0;
  Symbol value = 0;
  SchedEffect effect = SchedEffect::unknown;
  bool repels() const { return effect == SchedEffect::no_schedule || effect == SchedEffect::no_execute; }
  friend bool operator==(const SchedTaint&, const SchedTaint&) = default;
};

struct SchedToleration {
  Symbol key = 0;    ///< 0: every key
  Symbol value = 0;
  SchedEffect effect = SchedEffect::any;
  enum class Op : std::uint8_t { equal, exists, never } op = Op::equal;
  /// S-043.
  bool tolerates(const SchedTaint& taint) const;
  friend bool operator==(const SchedToleration&, const SchedToleration&) = default;
};

SchedEffect parse_sched_effect(std::string_view text);
std::vector<SchedTaint> parse_sched_taints(const nlohmann::json& list, Interner& names);
std::vector<SchedToleration> parse_sched_tolerations(const nlohmann::json& list, Interner& names);
bool tolerated(const SchedTaint& taint, const std::vector<SchedToleration>& tolerations);
/// The first NoSchedule or NoExecute taint that is not tolerated, or null.
const SchedTaint* untolerated(const std::vector<SchedTaint>& taints, const std::vector<SchedToleration>& tolerations);

}  // namespace orrery
