#include "resource_amount.hpp"

#include <algorithm>
#include <limits>

namespace orrery::validation {

namespace {

constexpr std::int64_t kNano = 1'000'000'000;
constexpr Int128 kMaxUnits = std::numeric_limits<std::int64_t>::max();
constexpr Int128 kMaxDecimalUnits = kMaxUnits * 1'000'000'000;  // only binary quantities are cut at 2^63; this is our own limit

struct Suffix {
  std::string_view name;
  int exponent;
};

constexpr Suffix kDecimal[] = {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}};
constexpr Suffix kBinary[] = {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string digits(Int128 value) {
  if (value == 0) return "0";
  std::string out;
  for (Int128 rest = value < 0 ? -value : value; rest != 0; rest /= 10) out += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (value < 0) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

Int128 divided_away_from_zero(Int128 value, Int128 by) {
  const Int128 quotient = value / by;
  const Int128 rest = value % by;
  return rest == 0 ? quotient : quotient + (value < 0 ? -1 : 1);
}

struct Scale {
  int exponent = 0;
  bool binary = false;
  bool scientific = false;
};

std::optional<Scale> parse_suffix(std::string_view suffix) {
  for (const Suffix& s : kDecimal) {
    if (s.name == suffix) return Scale{s.exponent, false, false};
  }
  for (const Suffix& s : kBinary) {
    if (s.name == suffix) return Scale{s.exponent, true, false};
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  std::string_view rest = suffix.substr(1);
  const bool negative = rest[0] == '-';
  if (rest[0] == '-' || rest[0] == '+') rest.remove_prefix(1);
  if (rest.empty() || rest.size() > 3 || !std::all_of(rest.begin(), rest.end(), is_digit)) return std::nullopt;
  int exponent = 0;
  for (const char c : rest) exponent = exponent * 10 + (c - '0');
  return Scale{negative ? -exponent : exponent, false, true};
}

}  // namespace

bool Amount::is_integer() const { return rounded_to_milli().nano % kNano == 0; }

std::int64_t Amount::value() const {
  const Int128 units = divided_away_from_zero(nano, kNano);
  return static_cast<std::int64_t>(std::clamp(units, -kMaxUnits, kMaxUnits));
}

Amount Amount::rounded_to_milli() const { return {divided_away_from_zero(nano, 1'000'000) * 1'000'000, format}; }

std::string Amount::text() const {
  if (nano == 0) return "0";
  const Int128 units = nano / kNano;
  if (format == Format::binary && nano % kNano == 0 && (units >= 1024 || units <= -1024)) {
    Int128 rest = units;
    int power = 0;
    while (rest % 1024 == 0 && power < 60) {
      rest /= 1024;
      power += 10;
    }
    std::string out = digits(rest);
    for (const Suffix& s : kBinary) {
      if (s.exponent == power) out += s.name;
    }
    return out;
  }
  Int128 rest = nano;
  int exponent = -9;
  while (rest % 1000 == 0 && exponent < 18) {
    rest /= 1000;
    exponent += 3;
  }
  std::string out = digits(rest);
  if (format == Format::exponent) return exponent == 0 ? out : out + "e" + std::to_string(exponent);
  for (const Suffix& s : kDecimal) {
    if (s.exponent == exponent) out += s.name;
  }
  return out;
}

std::optional<Amount> parse_amount(std::string_view text) {
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++i;
  // Mantissa times 10^-scale; digits beyond the 30th after the first only decide about rounding up.
  Int128 mantissa = 0;
  int scale = 0;
  int significant = 0;
  bool any = false;
  bool point = false;
  bool lost = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.') {
      if (point) return std::nullopt;
      point = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    any = true;
    if (significant >= 30) {
      lost = lost || text[i] != '0';
      if (!point) --scale;
      continue;
    }
    mantissa = mantissa * 10 + (text[i] - '0');
    if (mantissa != 0) ++significant;
    if (point) ++scale;
  }
  if (!any) return std::nullopt;
  const std::optional<Scale> suffix = parse_suffix(text.substr(i));
  if (!suffix) return std::nullopt;

  int exponent = 9 - scale;
  if (!suffix->binary) exponent += suffix->exponent;
  const Int128 limit = (suffix->binary ? kMaxUnits : kMaxDecimalUnits) * kNano;
  for (int k = 0; suffix->binary && k < suffix->exponent; ++k) {
    if (mantissa > limit * 1024) break;
    mantissa *= 2;
  }
  for (; exponent > 0 && mantissa <= limit && mantissa != 0; --exponent) mantissa *= 10;
  for (; exponent < 0 && mantissa != 0; ++exponent) {
    lost = lost || mantissa % 10 != 0;
    mantissa /= 10;
  }
  if (lost) ++mantissa;
  mantissa = std::min(mantissa, limit);
  const Amount::Format format = suffix->binary       ? Amount::Format::binary
                                : suffix->scientific ? Amount::Format::exponent
                                                     : Amount::Format::decimal;
  return Amount{negative ? -mantissa : mantissa, format};
}

std::optional<Amount> parse_amount(const json& value) {
  if (value.is_string()) return parse_amount(std::string_view(value.get_ref<const std::string&>()));
  if (value.is_number()) return parse_amount(std::string_view(value.dump()));
  return std::nullopt;
}

Amount amount_of(const json& value) { return parse_amount(value).value_or(Amount{}); }

std::string canonical_quantity(const json& value) {
  const std::optional<Amount> amount = parse_amount(value);
  if (amount) return amount->text();
  return std::string(text(value));
}

}  // namespace orrery::validation
