#pragma once
// Label selectors, as kubectl's text and as LabelSelector objects.
// Source of behaviour: apimachinery/pkg/labels/selector.go, apis/meta/v1/helpers.go.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace orrery {

class Selector {
 public:
  enum class Op : std::uint8_t {
    in,
    not_in,
    equals,
    double_equals,  ///< `==`; means the same and is printed as written
    not_equals,
    exists,
    absent,
    greater,  ///< the label is a greater integer
    less,
  };
  struct Requirement {
    Op op = Op::in;
    std::string key;
    std::vector<std::string> values;  ///< sorted
    std::int64_t bound = 0;           ///< of greater and less
  };

  /// Selects everything until requirements are added.
  Selector() = default;
  /// Selects nothing: what an API field without a selector means.
  static Selector nothing();

  /// Adds a requirement behind those of the same key. False, with the reason in `problem` (if given), when key, values
  /// or their number are not allowed for the operator.
  bool add(Op op, std::string key, std::vector<std::string> values, std::string* problem = nullptr);

  /// `labels` sorted by key. O(requirements × log(labels)).
  bool matches(const std::vector<std::pair<std::string, std::string>>& labels) const;
  /// Whether it selects everything.
  bool empty() const { return requirements_.empty() && !is_nothing_; }
  /// Canonical: by key, `in` lists sorted. Reads back as the same selector, except for nothing().
  std::string to_string() const;
  const std::vector<Requirement>& requirements() const { return requirements_; }

 private:
  std::vector<Requirement> requirements_;  // sorted by key
  bool is_nothing_ = false;
};

/// `a=b,c==d,e!=f,g in (x,y),h notin (z),i,!j,k>1,l<9`. nullopt when the text is no selector; `problem` (if given) then
/// says why, in upstream's words. Blank text is the empty selector.
std::optional<Selector> parse_selector(std::string_view text, std::string* problem = nullptr);

/// Of a LabelSelector object (matchLabels, matchExpressions). Null selects nothing, `{}` everything.
std::optional<Selector> label_selector(const nlohmann::json& object, std::string* problem = nullptr);

}  // namespace orrery
