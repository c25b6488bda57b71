#pragma once
// `--field-selector`: which fields can be selected by is fixed for each kind.
// upstream: pkg/apis/core/v1/conversion.go, pkg/registry/batch/job/strategy.go, apimachinery/pkg/fields/selector.go.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/kubectl/get.hpp"

namespace orrery {

class FieldSelector {
 public:
  /// `a=b,c==d,e!=f`; blank text selects everything. nullopt when it is none or the kind has no such field.
  static std::optional<FieldSelector> parse(const KindInfo& kind, std::string_view text, std::string* problem = nullptr);
  /// A field that the object lacks is empty.
  bool matches(const nlohmann::json& object) const;

 private:
  struct Term {
    std::string field, value;
    bool equal = true;
  };
  std::vector<Term> terms_;
};

}  // namespace orrery
