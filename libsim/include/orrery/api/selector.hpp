#pragma once
// Label selectors in kubectl's syntax: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery {

class Selector {
 public:
  struct Requirement {
    enum class Op : std::uint8_t { in, not_in, exists, absent } op = Op::in;
    std::string key;
    std::vector<std::string> values;  ///< sorted
  };
  /// `labels` sorted by key. An empty selector matches everything.
  bool matches(const std::vector<std::pair<std::string, std::string>>& labels) const;
  bool empty() const { return requirements_.empty(); }
  const std::vector<Requirement>& requirements() const { return requirements_; }

 private:
  friend std::optional<Selector> parse_selector(std::string_view text, std::string* problem);
  std::vector<Requirement> requirements_;
};

/// nullopt when the text is no selector; `problem` (if given) then says why. Blank text is the empty selector.
/// upstream: staging/src/k8s.io/apimachinery/pkg/labels/selector.go
std::optional<Selector> parse_selector(std::string_view text, std::string* problem = nullptr);

}  // namespace orrery
