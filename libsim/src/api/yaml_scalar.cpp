#include "api/yaml_scalar.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace orrery::detail {
namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

enum class Word { kNone, kTrue, kFalse, kNull, kNotFinite };

Word word_of(std::string_view s) {
  struct Entry {
    std::string_view text;
    Word word;
  };
  static constexpr auto kWords = std::to_array<Entry>({
      {"y", Word::kTrue},     {"Y", Word::kTrue},     {"yes", Word::kTrue},   {"Yes", Word::kTrue},   {"YES", Word::kTrue},
      {"true", Word::kTrue},  {"True", Word::kTrue},  {"TRUE", Word::kTrue},  {"on", Word::kTrue},    {"On", Word::kTrue},
      {"ON", Word::kTrue},    {"n", Word::kFalse},    {"N", Word::kFalse},    {"no", Word::kFalse},   {"No", Word::kFalse},
      {"NO", Word::kFalse},   {"false", Word::kFalse}, {"False", Word::kFalse}, {"FALSE", Word::kFalse}, {"off", Word::kFalse},
      {"Off", Word::kFalse},  {"OFF", Word::kFalse},  {"~", Word::kNull},     {"null", Word::kNull},  {"Null", Word::kNull},
      {"NULL", Word::kNull},  {".nan", Word::kNotFinite}, {".NaN", Word::kNotFinite}, {".NAN", Word::kNotFinite},
      {".inf", Word::kNotFinite}, {".Inf", Word::kNotFinite}, {".INF", Word::kNotFinite}, {"+.inf", Word::kNotFinite},
      {"+.Inf", Word::kNotFinite}, {"+.INF", Word::kNotFinite}, {"-.inf", Word::kNotFinite}, {"-.Inf", Word::kNotFinite},
      {"-.INF", Word::kNotFinite},
  });
  if (s.size() > 5) return Word::kNone;
  for (const Entry& e : kWords)
    if (e.text == s) return e.word;
  return Word::kNone;
}

// One or two digits, and the value they have.
std::optional<int> take_number(std::string_view& s) {
  if (s.empty() || !is_digit(s[0])) return std::nullopt;
  const std::size_t n = s.size() > 1 && is_digit(s[1]) ? 2 : 1;
  const int value = n == 2 ? (s[0] - '0') * 10 + (s[1] - '0') : s[0] - '0';
  s.remove_prefix(n);
  return value;
}

bool take(std::string_view& s, char c) {
  if (s.empty() || s[0] != c) return false;
  s.remove_prefix(1);
  return true;
}

int days_in(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool take_clock(std::string_view& s) {
  const auto hour = take_number(s);
  if (!hour || *hour > 23 || !take(s, ':')) return false;
  const auto minute = take_number(s);
  if (!minute || *minute > 59 || !take(s, ':')) return false;
  const auto second = take_number(s);
  if (!second || *second > 59) return false;
  if (s.size() > 1 && (s[0] == '.' || s[0] == ',') && is_digit(s[1])) {
    std::size_t end = 1;
    while (end < s.size() && is_digit(s[end])) ++end;
    s.remove_prefix(end);
  }
  return true;
}

bool is_zone(std::string_view s) {
  if (s == "Z") return true;
  if (s.size() != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':') return false;
  for (const std::size_t i : {1U, 2U, 4U, 5U})
    if (!is_digit(s[i])) return false;
  return (s[1] - '0') * 10 + (s[2] - '0') <= 24 && (s[4] - '0') * 10 + (s[5] - '0') < 60;
}

bool is_timestamp(std::string_view s) {
  if (s.size() < 8 || s[4] != '-') return false;
  int year = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!is_digit(s[i])) return false;
    year = year * 10 + (s[i] - '0');
  }
  s.remove_prefix(5);
  const auto month = take_number(s);
  if (!month || *month < 1 || *month > 12 || !take(s, '-')) return false;
  const auto day = take_number(s);
  if (!day || *day < 1 || *day > days_in(year, *month)) return false;
  if (s.empty()) return true;
  const char separator = s[0];
  s.remove_prefix(1);
  if (separator == ' ') {
    while (take(s, ' ')) {}
    return take_clock(s) && s.empty();
  }
  return (separator == 'T' || separator == 't') && take_clock(s) && is_zone(s);
}

// Sign, base prefix (0x 0o 0b, or a leading 0 for octal) and digits; nothing when it does not fit 64 bits.
bool parse_integer(std::string_view s, json& out) {
  const bool has_sign = !s.empty() && (s[0] == '-' || s[0] == '+');
  const bool negative = has_sign && s[0] == '-';
  if (has_sign) s.remove_prefix(1);
  int base = 10;
  if (s.size() > 1 && s[0] == '0') {
    const char c = static_cast<char>(s[1] | 0x20);
    base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
    s.remove_prefix(c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
  }
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), magnitude, base);
  if (s.empty() || error != std::errc{} || end != s.data() + s.size()) return false;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
  if (negative) {
    if (magnitude > kLimit) return false;
    out = static_cast<std::int64_t>(0 - magnitude);
  } else if (magnitude < kLimit) {
    out = static_cast<std::int64_t>(magnitude);
  } else {
    if (has_sign) return false;
    out = magnitude;
  }
  return true;
}

// [sign] digits [. digits] | . digits, then [e [sign] digits].
bool has_float_syntax(std::string_view s) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < s.size() && is_digit(s[i])) ++i;
    return i - start;
  };
  if (i < s.size() && (s[i] == '-' || s[i] == '+')) ++i;
  const std::size_t whole = digits();
  if (i < s.size() && s[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size() && (s[i] == '-' || s[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == s.size();
}

bool parse_float(std::string_view s, json& out) {
  if (!has_float_syntax(s)) return false;
  if (s[0] == '+') s.remove_prefix(1);  // from_chars takes no plus sign
  double value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too large is no number at all to the reader we follow; too small is zero.
    const std::size_t e = s.find_first_of("eE");
    const bool tiny = e == std::string_view::npos ? s.substr(0, s.find('.')).find_first_of("123456789") == std::string_view::npos
                                                  : s[e + 1] == '-';
    if (!tiny) return false;
    value = 0;
  } else if (end != s.data() + s.size()) {
    return false;
  }
  constexpr double kLimit = 9223372036854775808.0;
  if (std::trunc(value) == value && value >= -kLimit && value < kLimit) {
    out = static_cast<std::int64_t>(value);
  } else {
    out = value;
  }
  return true;
}

}  // namespace

ScalarKind resolve_plain(std::string_view text, json& out) {
  if (text.empty()) {
    out = nullptr;
    return ScalarKind::kNull;
  }
  const char first = text[0];
  const bool numeric = is_digit(first) || first == '-' || first == '+';
  if (numeric || std::string_view{"yYnNtTfFoO~."}.find(first) != std::string_view::npos) {
    switch (word_of(text)) {
      case Word::kTrue: out = true; return ScalarKind::kBool;
      case Word::kFalse: out = false; return ScalarKind::kBool;
      case Word::kNull: out = nullptr; return ScalarKind::kNull;
      case Word::kNotFinite: out = nullptr; return ScalarKind::kNotFinite;
      case Word::kNone: break;
    }
  }
  if (first == '.' && parse_float(text, out)) return ScalarKind::kFloat;
  if (numeric) {
    if (is_timestamp(text)) {
      out = text;
      return ScalarKind::kTimestamp;
    }
    std::string plain;
    std::string_view digits = text;
    if (text.find('_') != std::string_view::npos) {
      for (const char c : text)
        if (c != '_') plain += c;
      digits = plain;
    }
    if (parse_integer(digits, out)) return ScalarKind::kInteger;
    if (parse_float(digits, out)) return ScalarKind::kFloat;
  }
  out = text;
  return ScalarKind::kString;
}

bool is_sexagesimal(std::string_view s) {
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.remove_prefix(1);
  if (s.empty() || !is_digit(s[0])) return false;
  std::size_t i = 1;
  while (i < s.size() && (is_digit(s[i]) || s[i] == '_')) ++i;
  std::size_t groups = 0;
  while (i + 1 < s.size() && s[i] == ':' && is_digit(s[i + 1])) {
    i += i + 2 < s.size() && s[i + 1] <= '5' && is_digit(s[i + 2]) ? 3 : 2;
    ++groups;
  }
  if (groups == 0) return false;
  if (i < s.size() && s[i] == '.') {
    ++i;
    while (i < s.size() && (is_digit(s[i]) || s[i] == '_')) ++i;
  }
  return i == s.size();
}

}  // namespace orrery::detail
