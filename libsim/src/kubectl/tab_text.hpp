#pragma once
// Text whose cells end at tabs, laid out as Go's text/tabwriter does (K-012, K-040).
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace orrery::kubectl {

struct TabLayout {
  std::size_t min_width = 0;
  std::size_t padding = 2;
  /// Widths so far by column: a later block of a column is at least as wide as the earlier ones, also of earlier calls.
  /// Grows as needed; null = every block for itself.
  std::vector<std::size_t>* remembered = nullptr;
};

/// Every cell that a tab ends is padded to the width of its column; what follows the last tab of a line is not. Widths
/// count code points. Linear in the size of the text.
std::string lay_out(std::string_view text, const TabLayout& layout);

/// Lines indented by two blanks per level.
class TabText {
 public:
  /// Appends a piece of a line; control characters that could steer a terminal are made visible.
  void put(std::size_t level, std::string_view text);
  template <class... Args>
  void line(std::size_t level, fmt::format_string<Args...> format, Args&&... args) {
    put(level, fmt::format(format, std::forward<Args>(args)...));
    text_ += '\n';
  }
  const std::string& raw() const { return text_; }
  std::string aligned() const { return lay_out(text_, {}); }

 private:
  std::string text_;
};

}  // namespace orrery::kubectl
