#include "orrery/api/selector.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "name_rules.hpp"

namespace orrery {
namespace {

using nlohmann::json;
using Op = Selector::Op;

std::optional<std::int64_t> integer(std::string_view text) {
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || (text.size() > digits.size() && digits[0] == '-') || error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

bool fail(std::string* problem, std::string why) {
  if (problem != nullptr) *problem = std::move(why);
  return false;
}

std::string invalid(std::string_view path, std::string_view value, std::string_view why) {
  return fmt::format("{}: Invalid value: {}: {}", path, json(value).dump(-1, ' ', false, json::error_handler_t::replace), why);
}

std::string key_problem(std::string_view path, std::string_view key) {
  const auto messages = validation::label_key(key);
  return messages.empty() ? std::string{} : invalid(path, key, fmt::format("{}", fmt::join(messages, "; ")));
}

// What is wrong with the number of values, if anything.
std::string_view count_problem(Op op, std::size_t count) {
  switch (op) {
    case Op::in:
    case Op::not_in: return count == 0 ? "for 'in', 'notin' operators, values set can't be empty" : "";
    case Op::equals:
    case Op::double_equals:
    case Op::not_equals: return count != 1 ? "exact-match compatibility requires one single value" : "";
    case Op::exists:
    case Op::absent: return count != 0 ? "values set must be empty for exists and does not exist" : "";
    case Op::greater:
    case Op::less: break;
  }
  return count != 1 ? "for 'Gt', 'Lt' operators, exactly one value is required" : "";
}

enum class Kind : std::uint8_t { end, word, comma, open, close, negation, equals, double_equals, not_equals, greater, less };

struct Token {
  Kind kind = Kind::end;
  std::string text;
};

bool is_symbol(char c) { return std::string_view{"=!(),><"}.find(c) != std::string_view::npos; }
bool is_blank(char c) { return std::string_view{" \t\r\n"}.find(c) != std::string_view::npos; }

std::vector<Token> tokens_of(std::string_view text) {
  struct Symbol {
    std::string_view text;
    Kind kind;
  };
  static constexpr Symbol kSymbols[] = {{"==", Kind::double_equals}, {"!=", Kind::not_equals}, {"=", Kind::equals}, {"!", Kind::negation}, {"(", Kind::open},
                                        {")", Kind::close},          {",", Kind::comma},       {">", Kind::greater}, {"<", Kind::less}};
  std::vector<Token> tokens;
  for (;;) {
    while (!text.empty() && is_blank(text[0])) text.remove_prefix(1);
    if (text.empty()) break;
    if (is_symbol(text[0])) {
      for (const Symbol& s : kSymbols) {
        if (!text.starts_with(s.text)) continue;
        tokens.push_back({s.kind, std::string(s.text)});
        text.remove_prefix(s.text.size());
        break;
      }
      continue;
    }
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return is_symbol(c) || is_blank(c); });
    const auto size = static_cast<std::size_t>(end - text.begin());
    tokens.push_back({Kind::word, std::string(text.substr(0, size))});
    text.remove_prefix(size);
  }
  tokens.push_back({});
  return tokens;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(tokens_of(text)) {}

  std::optional<Selector> run(std::string* problem) {
    if (all()) return std::move(selector_);
    fail(problem, std::move(why_));
    return std::nullopt;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  const Token& next() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_[at_]; }
  bool starts_requirement() const { return peek().kind == Kind::word || peek().kind == Kind::negation; }

  bool expected(const Token& found, std::string_view what) {
    why_ = fmt::format("found '{}', expected: {}", found.text, what);
    return false;
  }

  bool all() {
    if (peek().kind == Kind::end) return true;
    if (!starts_requirement()) return expected(peek(), "!, identifier, or 'end of string'");
    for (;;) {
      if (!requirement()) {
        why_.insert(0, "unable to parse requirement: ");
        return false;
      }
      const Token& separator = next();
      if (separator.kind == Kind::end) return true;
      if (separator.kind != Kind::comma) return expected(separator, "',' or 'end of string'");
      if (!starts_requirement()) return expected(peek(), "identifier after ','");
    }
  }

  bool requirement() {
    const bool negated = peek().kind == Kind::negation;
    if (negated) next();
    const Token key = next();
    if (key.kind != Kind::word) return expected(key, "identifier");
    why_ = key_problem("<nil>", key.text);
    if (!why_.empty()) return false;
    if (negated) return selector_.add(Op::absent, key.text, {}, &why_);
    if (peek().kind == Kind::end || peek().kind == Kind::comma) return selector_.add(Op::exists, key.text, {}, &why_);
    const Token op = next();
    switch (op.kind) {
      case Kind::equals: return exact(Op::equals, key.text);
      case Kind::double_equals: return exact(Op::double_equals, key.text);
      case Kind::not_equals: return exact(Op::not_equals, key.text);
      case Kind::greater: return exact(Op::greater, key.text);
      case Kind::less: return exact(Op::less, key.text);
      default: break;
    }
    if (op.kind == Kind::word && op.text == "in") return list(Op::in, key.text);
    if (op.kind == Kind::word && op.text == "notin") return list(Op::not_in, key.text);
    return expected(op, "in, notin, =, ==, !=, gt, lt");
  }

  bool exact(Op op, const std::string& key) {
    std::string value;
    if (peek().kind != Kind::end && peek().kind != Kind::comma) {
      const Token& token = next();
      if (token.kind != Kind::word) return expected(token, "identifier");
      value = token.text;
    }
    return selector_.add(op, key, {std::move(value)}, &why_);
  }

  // (a,b); an element may be empty.
  bool list(Op op, const std::string& key) {
    if (const Token& open = next(); open.kind != Kind::open) {
      why_ = fmt::format("found '{}' expected: '('", open.text);
      return false;
    }
    std::vector<std::string> values;
    for (;;) {
      values.emplace_back();
      if (peek().kind == Kind::word) values.back() = next().text;
      const Token& separator = next();
      if (separator.kind == Kind::close) break;
      if (separator.kind != Kind::comma) return expected(separator, "',' or ')'");
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return selector_.add(op, key, std::move(values), &why_);
  }

  std::vector<Token> tokens_;  // the last one is Kind::end
  std::size_t at_ = 0;
  Selector selector_;
  std::string why_;
};

std::string_view symbol_of(Op op) {
  switch (op) {
    case Op::in: return " in ";
    case Op::not_in: return " notin ";
    case Op::equals: return "=";
    case Op::double_equals: return "==";
    case Op::not_equals: return "!=";
    case Op::greater: return ">";
    case Op::less: return "<";
    case Op::exists:
    case Op::absent: break;
  }
  return "";
}

}  // namespace

Selector Selector::nothing() {
  Selector s;
  s.is_nothing_ = true;
  return s;
}

bool Selector::add(Op op, std::string key, std::vector<std::string> values, std::string* problem) {
  std::vector<std::string> problems;
  if (std::string p = key_problem("key", key); !p.empty()) problems.push_back(std::move(p));
  if (const std::string_view p = count_problem(op, values.size()); !p.empty())
    problems.push_back(fmt::format("values: Invalid value: {}: {}",
                                   values.empty() ? "null" : json(values).dump(-1, ' ', false, json::error_handler_t::replace), p));
  Requirement r{op, std::move(key), std::move(values), 0};
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    if (op != Op::greater && op != Op::less) continue;
    if (const auto bound = integer(r.values[i])) r.bound = *bound;
    else problems.push_back(invalid(fmt::format("values[{}]", i), r.values[i], "for 'Gt', 'Lt' operators, the value must be an integer"));
  }
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    const auto messages = validation::label_value(r.values[i]);
    if (!messages.empty()) problems.push_back(invalid(fmt::format("values[{}][{}]", i, r.key), r.values[i], fmt::format("{}", fmt::join(messages, "; "))));
  }
  if (problems.size() == 1) return fail(problem, std::move(problems[0]));
  if (!problems.empty()) return fail(problem, fmt::format("[{}]", fmt::join(problems, ", ")));
  std::sort(r.values.begin(), r.values.end());
  const auto place =
      std::upper_bound(requirements_.begin(), requirements_.end(), r.key, [](const std::string& k, const Requirement& other) { return k < other.key; });
  requirements_.insert(place, std::move(r));
  return true;
}

bool Selector::matches(const std::vector<std::pair<std::string, std::string>>& labels) const {
  if (is_nothing_) return false;
  for (const Requirement& r : requirements_) {
    const auto it = std::lower_bound(labels.begin(), labels.end(), r.key, [](const auto& label, const std::string& k) { return label.first < k; });
    const bool present = it != labels.end() && it->first == r.key;
    bool met = false;
    switch (r.op) {
      case Op::in:
      case Op::equals:
      case Op::double_equals: met = present && std::binary_search(r.values.begin(), r.values.end(), it->second); break;
      case Op::not_in:
      case Op::not_equals: met = !present || !std::binary_search(r.values.begin(), r.values.end(), it->second); break;
      case Op::exists: met = present; break;
      case Op::absent: met = !present; break;
      case Op::greater:
      case Op::less: {
        const auto value = present ? integer(it->second) : std::nullopt;
        met = value && (r.op == Op::greater ? *value > r.bound : *value < r.bound);
        break;
      }
    }
    if (!met) return false;
  }
  return true;
}

std::string Selector::to_string() const {
  std::string out;
  for (const Requirement& r : requirements_) {
    if (!out.empty()) out += ',';
    if (r.op == Op::absent) out += '!';
    out += r.key;
    out += symbol_of(r.op);
    if (r.op == Op::in || r.op == Op::not_in) out += fmt::format("({})", fmt::join(r.values, ","));
    else if (!r.values.empty()) out += r.values[0];
  }
  return out;
}

std::optional<Selector> parse_selector(std::string_view text, std::string* problem) { return Parser(text).run(problem); }

std::optional<Selector> label_selector(const nlohmann::json& object, std::string* problem) {
  if (object.is_null()) return Selector::nothing();
  const auto refuse = [&](std::string why) -> std::optional<Selector> {
    fail(problem, std::move(why));
    return std::nullopt;
  };
  if (!object.is_object()) return refuse("a label selector is an object");
  const auto text_at = [](const json& from, const char* name) {
    const auto at = from.find(name);
    return at != from.end() && at->is_string() ? at->get<std::string>() : std::string{};
  };
  Selector selector;
  if (const auto labels = object.find("matchLabels"); labels != object.end() && labels->is_object()) {
    for (const auto& [key, value] : labels->items())
      if (!selector.add(Op::equals, key, {value.is_string() ? value.get<std::string>() : std::string{}}, problem)) return std::nullopt;
  }
  if (const auto expressions = object.find("matchExpressions"); expressions != object.end() && expressions->is_array()) {
    for (const json& e : *expressions) {
      if (!e.is_object()) return refuse("a requirement of a label selector is an object");
      const std::string name = text_at(e, "operator");
      Op op = Op::in;
      if (name == "NotIn") op = Op::not_in;
      else if (name == "Exists") op = Op::exists;
      else if (name == "DoesNotExist") op = Op::absent;
      else if (name != "In") return refuse(fmt::format("\"{}\" is not a valid label selector operator", name));
      std::vector<std::string> values;
      if (const auto list = e.find("values"); list != e.end() && list->is_array())
        for (const json& v : *list) values.push_back(v.is_string() ? v.get<std::string>() : std::string{});
      if (!selector.add(op, text_at(e, "key"), std::move(values), problem)) return std::nullopt;
    }
  }
  return selector;
}

}  // namespace orrery
