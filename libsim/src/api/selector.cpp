#include "orrery/api/selector.hpp"

#include <algorithm>

namespace orrery {

namespace {

bool is_word(char c) { return c != ',' && c != '=' && c != '!' && c != '(' && c != ')' && c != ' ' && c != '\t' && c != '<' && c != '>'; }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool done() {
    blanks();
    return at_ == text_.size();
  }
  bool take(std::string_view token) {
    blanks();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  std::string word() {
    blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  /// A word that is exactly this one.
  bool keyword(std::string_view w) {
    const std::size_t before = at_;
    if (word() == w) return true;
    at_ = before;
    return false;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool Selector::matches(const std::vector<std::pair<std::string, std::string>>& labels) const {
  for (const Requirement& r : requirements_) {
    auto it = std::lower_bound(labels.begin(), labels.end(), r.key, [](const auto& a, const std::string& k) { return a.first < k; });
    const bool present = it != labels.end() && it->first == r.key;
    const bool listed = present && std::binary_search(r.values.begin(), r.values.end(), it->second);
    using Op = Requirement::Op;
    const bool met = r.op == Op::in ? listed : r.op == Op::not_in ? !listed : r.op == Op::exists ? present : !present;
    if (!met) return false;
  }
  return true;
}

std::optional<Selector> parse_selector(std::string_view text, std::string* problem) {
  auto fail = [&](std::string why) -> std::optional<Selector> {
    if (problem != nullptr) *problem = std::move(why);
    return std::nullopt;
  };
  using Op = Selector::Requirement::Op;
  Selector out;
  Reader in(text);
  while (!in.done()) {
    Selector::Requirement r;
    const bool negated = in.take("!");
    r.key = in.word();
    if (r.key.empty()) return fail("a label key is expected");
    if (negated) {
      r.op = Op::absent;
    } else if (in.take("!=")) {
      r.op = Op::not_in;
      r.values.push_back(in.word());
    } else if (in.take("==") || in.take("=")) {
      r.values.push_back(in.word());
    } else {
      const bool one_of = in.keyword("in");
      if (one_of || in.keyword("notin")) {
        r.op = one_of ? Op::in : Op::not_in;
        if (!in.take("(")) return fail("\"(\" is expected after \"" + std::string(one_of ? "in" : "notin") + "\"");
        do r.values.push_back(in.word());
        while (in.take(","));
        if (!in.take(")")) return fail("\")\" is expected");
      } else {
        r.op = Op::exists;
      }
    }
    std::sort(r.values.begin(), r.values.end());
    out.requirements_.push_back(std::move(r));
    if (in.done()) break;
    if (!in.take(",")) return fail("\",\" is expected between requirements");
    if (in.done()) return fail("a label key is expected after \",\"");
  }
  return out;
}

}  // namespace orrery
