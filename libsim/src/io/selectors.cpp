// Label selectors of a scenario: the syntax is checked here, so that no action fails half-way through a run for a typing error.
// Source of the grammar: k8s.io/apimachinery/pkg/labels/selector.go.
#include <fmt/format.h>

#include <charconv>

#include "fields.hpp"

namespace orrery::scenario_reading {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
}
bool is_alphanumeric(char c) { return is_word_char(c) && c != '-' && c != '_' && c != '.' && c != '/'; }

/// At most 63 characters, alphanumeric at both ends, without a slash.
bool is_label_part(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) && text.find('/') == std::string_view::npos;
}

bool is_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return is_label_part(key);
  const std::string_view prefix = key.substr(0, slash);
  return !prefix.empty() && prefix.size() <= 253 && is_alphanumeric(prefix.front()) && is_alphanumeric(prefix.back()) && is_label_part(key.substr(slash + 1));
}

bool is_value(std::string_view value) { return value.empty() || is_label_part(value); }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  /// Empty when the whole text is a selector, else what is wrong.
  std::string check() {
    skip_blanks();
    if (at_end()) return {};
    while (true) {
      if (std::string error = requirement(); !error.empty()) return error;
      skip_blanks();
      if (at_end()) return {};
      if (!take(',')) return fmt::format("expected a comma before \"{}\"", shown(text_.substr(at_)));
    }
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  void skip_blanks() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view word() {
    skip_blanks();
    const std::size_t from = at_;
    while (!at_end() && is_word_char(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  std::string requirement() {
    const bool absent = take('!');
    const std::string_view key = word();
    if (!is_key(key)) return key.empty() ? "a label's key is missing" : fmt::format("\"{}\" is not a label's key", shown(key));
    skip_blanks();
    if (absent || at_end() || text_[at_] == ',') return {};
    if (take('=')) {
      take('=');
      return value();
    }
    if (take('!')) return take('=') ? value() : "expected != after the key";
    if (take('<') || take('>')) return number();
    const std::string_view op = word();
    if (op != "in" && op != "notin") return fmt::format("expected =, !=, in, notin, < or > after \"{}\"", shown(key));
    return set();
  }

  std::string value() {
    const std::string_view v = word();
    return is_value(v) ? "" : fmt::format("\"{}\" is not a label's value", shown(v));
  }

  std::string number() {
    const std::string_view v = word();
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), n);
    return error == std::errc() && end == v.data() + v.size() ? "" : fmt::format("\"{}\" is not an integer", shown(v));
  }

  std::string set() {
    if (!take('(')) return "expected ( after in";
    while (true) {
      if (std::string error = value(); !error.empty()) return error;
      if (take(')')) return {};
      if (!take(',')) return "the list of values is not closed";
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// matchLabels and matchExpressions in kubectl's syntax.
std::string from_object(Problems& problems, const json& value, const std::string& pointer) {
  std::vector<std::string> parts;
  Fields f(problems, value, pointer);
  if (const json* labels = f.take("matchLabels")) {
    Fields map(problems, *labels, f.at("matchLabels"));
    if (map.is_object())
      for (const auto& entry : labels->items())
        if (auto text = map.text(entry.key())) parts.push_back(fmt::format("{}={}", entry.key(), *text));
  }
  if (const json* list = f.array("matchExpressions", 1'000)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      Fields e(problems, (*list)[i], child(f.at("matchExpressions"), i));
      const std::string key = e.required_name("key");
      if (e.is_object() && !e.has("operator")) e.missing("operator");
      const auto op = e.word("operator", {"In", "NotIn", "Exists", "DoesNotExist"});
      std::vector<std::string> values;
      if (const json* v = e.array("values", 1'000))
        for (std::size_t k = 0; k < v->size(); ++k)
          if (auto text = read_text(problems, (*v)[k], child(e.at("values"), k))) values.push_back(std::move(*text));
      e.finish();
      if (!op) continue;
      if ((*op < 2) == values.empty()) problems.add(e.pointer(), *op < 2 ? "\"values\" must not be empty" : "\"values\" must be empty");
      if (*op < 2) parts.push_back(fmt::format("{} {} ({})", key, *op == 0 ? "in" : "notin", fmt::join(values, ",")));
      if (*op >= 2) parts.push_back(fmt::format("{}{}", *op == 2 ? "" : "!", key));
    }
  }
  f.finish();
  return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace

std::optional<std::string> read_selector(Problems& problems, const json& value, const std::string& pointer) {
  const std::size_t before = problems.size();
  std::optional<std::string> text;
  if (value.is_object())
    text = from_object(problems, value, pointer);
  else
    text = read_text(problems, value, pointer);
  if (problems.size() != before || !text) return std::nullopt;
  if (std::string error = Parser(*text).check(); !error.empty()) {
    problems.add(pointer, fmt::format("\"{}\" is not a label selector: {}", shown(std::string_view(*text)), error), "write it like app=web,tier in (a,b),!old");
    return std::nullopt;
  }
  return text;
}

}  // namespace orrery::scenario_reading
