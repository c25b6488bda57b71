#include "tab_text.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace orrery::kubectl {

namespace {

struct Cell {
  std::string_view text;
  std::size_t points = 0;
  std::size_t width = 0;  // to pad to; 0 for the last of a line
};
using Line = std::vector<Cell>;

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<Line> split(std::string_view text) {
  std::vector<Line> lines(1);
  std::size_t begin = 0;
  const auto end_cell = [&](std::size_t end) {
    const std::string_view cell = text.substr(begin, end - begin);
    lines.back().push_back({cell, code_points(cell), 0});
    begin = end + 1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\t' || c == '\v' || c == '\n' || c == '\f') end_cell(i);
    if (c == '\n' || c == '\f') lines.emplace_back();
  }
  end_cell(text.size());
  return lines;
}

}  // namespace

std::string lay_out(std::string_view text, const TabLayout& layout) {
  std::vector<Line> lines = split(text);
  // Column by column over the lines that still have a padded cell there; a run of neighbours is a block.
  std::vector<std::size_t> wide(lines.size());
  std::iota(wide.begin(), wide.end(), std::size_t{0});
  for (std::size_t column = 0; !wide.empty(); ++column) {
    std::erase_if(wide, [&](std::size_t i) { return lines[i].size() < column + 2; });
    if (layout.remembered != nullptr && !wide.empty() && layout.remembered->size() <= column) layout.remembered->resize(column + 1);
    for (std::size_t begin = 0; begin < wide.size();) {
      std::size_t end = begin, width = layout.min_width;
      if (layout.remembered != nullptr) width = std::max(width, (*layout.remembered)[column]);
      do {
        width = std::max(width, lines[wide[end]][column].points + layout.padding);
        ++end;
      } while (end < wide.size() && wide[end] == wide[end - 1] + 1);
      for (; begin < end; ++begin) lines[wide[begin]][column].width = width;
      if (layout.remembered != nullptr) (*layout.remembered)[column] = width;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const Cell& c : lines[i]) {
      out += c.text;
      if (c.width > c.points) out.append(c.width - c.points, ' ');
    }
    if (i + 1 < lines.size()) out += '\n';
  }
  return out;
}

void TabText::put(std::size_t level, std::string_view text) {
  text_.append(2 * level, ' ');
  for (const char c : text) {
    if (c == '\x1b')
      text_ += "^[";
    else if (c == '\r')
      text_ += "\\r";
    else
      text_ += c;
  }
}

}  // namespace orrery::kubectl
