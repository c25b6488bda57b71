#include "unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace orrery::validation {

namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kLongText = 200;

using Lines = std::vector<std::string_view>;

struct Block {
  std::size_t a, b, size;
};

struct Edit {
  bool equal;
  std::size_t a_begin, a_end, b_begin, b_end;
};

Lines split(std::string_view text) {
  Lines lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

class Matcher {
 public:
  Matcher(const Lines& a, const Lines& b) : a_(a), b_(b) {
    for (std::size_t j = 0; j < b.size(); ++j) positions_[b[j]].push_back(j);
    if (b.size() < kLongText) return;
    const std::size_t popular = b.size() / 100 + 1;
    for (auto it = positions_.begin(); it != positions_.end();) it = it->second.size() > popular ? positions_.erase(it) : std::next(it);
  }

  std::vector<Edit> edits() {
    std::vector<Block> blocks;
    collect(0, a_.size(), 0, b_.size(), blocks);
    blocks.push_back({a_.size(), b_.size(), 0});
    std::vector<Edit> out;
    std::size_t i = 0;
    std::size_t j = 0;
    for (const Block& block : blocks) {
      if (i < block.a || j < block.b) out.push_back({false, i, block.a, j, block.b});
      i = block.a + block.size;
      j = block.b + block.size;
      if (block.size == 0) continue;
      if (!out.empty() && out.back().equal) {
        out.back().a_end = i;
        out.back().b_end = j;
      } else {
        out.push_back({true, block.a, i, block.b, j});
      }
    }
    return out;
  }

 private:
  Block longest(std::size_t a_low, std::size_t a_high, std::size_t b_low, std::size_t b_high) const {
    Block best{a_low, b_low, 0};
    std::map<std::size_t, std::size_t> lengths;  // of the match that ends at (i - 1, j)
    for (std::size_t i = a_low; i < a_high; ++i) {
      std::map<std::size_t, std::size_t> next;
      const auto found = positions_.find(a_[i]);
      if (found != positions_.end()) {
        for (const std::size_t j : found->second) {
          if (j < b_low) continue;
          if (j >= b_high) break;
          const auto previous = j == 0 ? lengths.end() : lengths.find(j - 1);
          const std::size_t length = (previous == lengths.end() ? 0 : previous->second) + 1;
          next[j] = length;
          if (length > best.size) best = {i + 1 - length, j + 1 - length, length};
        }
      }
      lengths = std::move(next);
    }
    while (best.a > a_low && best.b > b_low && a_[best.a - 1] == b_[best.b - 1]) best = {best.a - 1, best.b - 1, best.size + 1};
    while (best.a + best.size < a_high && best.b + best.size < b_high && a_[best.a + best.size] == b_[best.b + best.size]) ++best.size;
    return best;
  }

  void collect(std::size_t a_low, std::size_t a_high, std::size_t b_low, std::size_t b_high, std::vector<Block>& out) const {
    const Block match = longest(a_low, a_high, b_low, b_high);
    if (match.size == 0) return;
    if (a_low < match.a && b_low < match.b) collect(a_low, match.a, b_low, match.b, out);
    out.push_back(match);
    const std::size_t a_next = match.a + match.size;
    const std::size_t b_next = match.b + match.size;
    if (a_next < a_high && b_next < b_high) collect(a_next, a_high, b_next, b_high, out);
  }

  const Lines& a_;
  const Lines& b_;
  std::map<std::string_view, std::vector<std::size_t>> positions_;
};

/// The edits in groups that are more than two contexts apart, with the context around them.
std::vector<std::vector<Edit>> grouped(std::vector<Edit> edits) {
  if (edits.empty()) return {};
  Edit& first = edits.front();
  if (first.equal) {
    const std::size_t cut = first.a_end - first.a_begin > kContext ? first.a_end - first.a_begin - kContext : 0;
    first.a_begin += cut;
    first.b_begin += cut;
  }
  Edit& last = edits.back();
  if (last.equal) {
    last.a_end = std::min(last.a_end, last.a_begin + kContext);
    last.b_end = std::min(last.b_end, last.b_begin + kContext);
  }
  std::vector<std::vector<Edit>> groups;
  std::vector<Edit> group;
  for (Edit edit : edits) {
    if (edit.equal && edit.a_end - edit.a_begin > 2 * kContext) {
      group.push_back({true, edit.a_begin, edit.a_begin + kContext, edit.b_begin, edit.b_begin + kContext});
      groups.push_back(std::move(group));
      group.clear();
      edit.a_begin = edit.a_end - kContext;
      edit.b_begin = edit.b_end - kContext;
    }
    group.push_back(edit);
  }
  if (!group.empty() && !(group.size() == 1 && group.front().equal)) groups.push_back(std::move(group));
  return groups;
}

std::string range(std::size_t begin, std::size_t end) {
  const std::size_t length = end - begin;
  if (length == 1) return fmt::format("{}", begin + 1);
  return fmt::format("{},{}", length == 0 ? begin : begin + 1, length);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after) {
  const Lines a = split(before);
  const Lines b = split(after);
  std::string out;
  const auto write = [&out](char mark, const Lines& lines, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) out += fmt::format("{}{}\n", mark, lines[i]);
  };
  for (const std::vector<Edit>& group : grouped(Matcher(a, b).edits())) {
    out += fmt::format("@@ -{} +{} @@\n", range(group.front().a_begin, group.back().a_end), range(group.front().b_begin, group.back().b_end));
    for (const Edit& edit : group) {
      if (edit.equal) {
        write(' ', a, edit.a_begin, edit.a_end);
      } else {
        write('-', a, edit.a_begin, edit.a_end);
        write('+', b, edit.b_begin, edit.b_end);
      }
    }
  }
  return out;
}

}  // namespace orrery::validation
