#include "command_line.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace orrery::scenario_reading {
namespace {

constexpr std::size_t kMaxWords = 1'000;

/// What every command knows: the namespace, and flags that change nothing in a simulated cluster.
constexpr std::array kCommon{
    kNamespace,
    Flag{"as", 0, Takes::value},
    Flag{"cluster", 0, Takes::value},
    Flag{"context", 0, Takes::value},
    Flag{"dry-run", 0, Takes::maybe},
    Flag{"field-manager", 0, Takes::value},
    Flag{"kubeconfig", 0, Takes::value},
    Flag{"output", 'o', Takes::value},
    Flag{"record", 0, Takes::nothing},
    Flag{"request-timeout", 0, Takes::value},
    Flag{"server", 's', Takes::value},
    Flag{"user", 0, Takes::value},
    Flag{"v", 'v', Takes::value},
    Flag{"warnings-as-errors", 0, Takes::nothing},
};

}  // namespace

std::string split_words(std::string_view line, std::vector<std::string>& out) {
  std::string word;
  bool open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\'' || c == '"') {
      open = true;
      for (++i; i < line.size() && line[i] != c; ++i) {
        if (c == '"' && line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\' || line[i + 1] == '$' || line[i + 1] == '`')) ++i;
        word += line[i];
      }
      if (i == line.size()) return fmt::format("the quote {} is never closed", c);
    } else if (c == '\\') {
      if (++i == line.size()) return "the line ends in a backslash";
      open = true;
      if (line[i] != '\n') word += line[i];
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (open) out.push_back(std::move(word));
      word.clear();
      open = false;
    } else if (c == '|' || c == ';' || c == '&' || c == '<' || c == '>' || c == '`' || c == '$' || c == '(' || c == ')') {
      return fmt::format("\"{}\" has a meaning to a shell, but there is none here", c);
    } else {
      open = true;
      word += c;
    }
    if (out.size() > kMaxWords) return fmt::format("more than {} words", kMaxWords);
  }
  if (open) out.push_back(std::move(word));
  return {};
}

bool CommandLine::parse_leading() {
  const std::size_t before = problems_.size();
  for (; next_ < words_.size() && words_[next_].size() > 1 && words_[next_][0] == '-'; ++next_) parse_flag(words_[next_], {});
  return problems_.size() == before;
}

bool CommandLine::parse(const std::vector<Flag>& known) {
  const std::size_t before = problems_.size();
  for (; next_ < words_.size(); ++next_) {
    const std::string& word = words_[next_];
    if (word == "--") {
      after_dashes.assign(words_.begin() + static_cast<std::ptrdiff_t>(next_) + 1, words_.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-')
      arguments.push_back(word);
    else
      parse_flag(word, known);
  }
  if (const std::string dry = value("dry-run"); given("dry-run") && dry != "none" && dry != "false") fail("--dry-run changes nothing", "leave the flag out");
  return problems_.size() == before;
}

std::optional<std::int64_t> CommandLine::integer(std::string_view flag, std::int64_t least) const {
  if (!given(flag)) return std::nullopt;
  const std::string text = value(flag);
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc() && end == text.data() + text.size() && n >= least && n <= std::int64_t{4'000'000'000}) return n;
  fail(fmt::format("--{} wants an integer from {} on, got \"{}\"", flag, least, shown(std::string_view(text))));
  return std::nullopt;
}

void CommandLine::parse_flag(const std::string& word, const std::vector<Flag>& known) {
  const bool is_long = word[1] == '-';
  const auto equals = word.find('=');
  const std::string_view name = is_long ? std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2) : std::string_view(word).substr(1, 1);
  const auto same = [&](const Flag& f) { return is_long ? f.name == name : f.letter != 0 && name[0] == f.letter; };
  const Flag* flag = nullptr;
  if (const auto it = std::find_if(known.begin(), known.end(), same); it != known.end()) {
    flag = &*it;
  } else if (const auto* const common = std::find_if(kCommon.begin(), kCommon.end(), same); common != kCommon.end()) {
    flag = common;
  } else {
    std::vector<std::string_view> names;
    for (const Flag& f : known) names.push_back(f.name);
    fail(fmt::format("the flag \"{}\" is not supported for this command", shown(std::string_view(word))), did_you_mean(name, names));
    return;
  }
  std::optional<std::string> value;
  if (is_long && equals != std::string::npos) value = word.substr(equals + 1);
  if (!is_long && word.size() > 2) value = word.substr(word[2] == '=' ? 3 : 2);
  if (!value && flag->takes == Takes::value) {
    if (next_ + 1 == words_.size()) {
      fail(fmt::format("the flag --{} needs a value", flag->name));
      return;
    }
    value = words_[++next_];
  }
  values_.emplace_back(flag->name, value.value_or(""));
}

}  // namespace orrery::scenario_reading
