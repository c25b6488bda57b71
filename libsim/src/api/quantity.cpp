#include "orrery/api/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

namespace orrery {
namespace {

constexpr int kNanoExponent = -9;
constexpr std::size_t kMaxDigits = 36;              // of a mantissa: leaves room in 128 bits to scale by a hundred
constexpr std::int64_t kExponentLimit = 1'000'000;  // beyond any amount; keeps arithmetic on exponents within int32
constexpr std::size_t kMaxCachedDigits = 18;        // digits upstream handles without big numbers

__extension__ typedef __int128 Int128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Parts {
  bool negative = false;
  std::string digits;  // of the whole part, then of the fraction; no leading zeros in the whole part
  std::size_t whole = 0;
  std::size_t fraction = 0;
  std::string_view suffix;
};

enum class Fault { kNone, kFormat, kSuffix };

// As upstream, this finds a number (zero) even in "" before a suffix, "." and "-".
Fault split(std::string_view text, Parts& out) {
  if (text.empty()) return Fault::kFormat;
  std::size_t i = 0;
  if (text[0] == '-' || text[0] == '+') {
    out.negative = text[0] == '-';
    i = 1;
  }
  while (i < text.size() && text[i] == '0') ++i;
  while (i < text.size() && is_digit(text[i])) out.digits += text[i++];
  out.whole = out.digits.size();
  if (i < text.size() && text[i] == '.') {
    ++i;
    while (i < text.size() && is_digit(text[i])) out.digits += text[i++];
    out.fraction = out.digits.size() - out.whole;
  }
  const std::size_t suffix = i;
  while (i < text.size() && std::string_view{"eEinumkKMGTP"}.find(text[i]) != std::string_view::npos) ++i;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i != text.size()) return Fault::kFormat;
  out.suffix = text.substr(suffix);
  return Fault::kNone;
}

struct Scale {
  std::int64_t power = 0;  // of ten, or of two for kBinarySI
  Quantity::Format format = Quantity::Format::kDecimalSI;
};

std::optional<Scale> scale_of(std::string_view suffix) {
  struct Row {
    std::string_view suffix;
    Scale scale;
  };
  constexpr auto kDecimal = Quantity::Format::kDecimalSI;
  constexpr auto kBinary = Quantity::Format::kBinarySI;
  static constexpr Row kRows[] = {{"", {0, kDecimal}},    {"n", {-9, kDecimal}},  {"u", {-6, kDecimal}},  {"m", {-3, kDecimal}},
                                  {"k", {3, kDecimal}},   {"M", {6, kDecimal}},   {"G", {9, kDecimal}},   {"T", {12, kDecimal}},
                                  {"P", {15, kDecimal}},  {"E", {18, kDecimal}},  {"Ki", {10, kBinary}},  {"Mi", {20, kBinary}},
                                  {"Gi", {30, kBinary}},  {"Ti", {40, kBinary}},  {"Pi", {50, kBinary}},  {"Ei", {60, kBinary}}};
  for (const Row& row : kRows)
    if (row.suffix == suffix) return row.scale;
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  if (suffix[0] == '+') suffix.remove_prefix(1);
  std::int64_t power = 0;
  const auto [end, error] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), power);
  if (error != std::errc{} || end != suffix.data() + suffix.size()) return std::nullopt;
  return Scale{std::clamp(power, -kExponentLimit, kExponentLimit), Quantity::Format::kDecimalExponent};
}

// Multiplies a number written in decimal digits by 2^power.
void shift_left(std::string& digits, std::int64_t power) {
  for (; power > 0; power -= 10) {
    constexpr unsigned kStep = 1024;
    unsigned carry = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      carry += static_cast<unsigned>(digits[i] - '0') * kStep;
      digits[i] = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    std::string front = carry == 0 ? std::string{} : std::to_string(carry);
    digits.insert(0, front);
  }
}

// Drops the last `count` digits, rounding up.
void drop_digits(std::string& digits, std::size_t count) {
  const std::size_t keep = digits.size() > count ? digits.size() - count : 0;
  const bool inexact = digits.find_first_not_of('0', keep) != std::string::npos;
  digits.resize(keep);
  if (!inexact) return;
  std::size_t i = keep;
  while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
  if (i > 0) ++digits[i - 1];
  else digits.insert(0, "1");
}

Int128 power_of_ten(std::int32_t n) {
  Int128 result = 1;
  for (; n > 0; --n) result *= 10;
  return result;
}

std::string decimal(Int128 value) {
  const bool negative = value < 0;
  std::string out;
  do {
    const int digit = static_cast<int>(value % 10);
    out += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    value /= 10;
  } while (value != 0);
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

std::optional<Quantity> parse_quantity(std::string_view text) {
  Parts parts;
  if (text.size() > kMaxQuantityLength || split(text, parts) != Fault::kNone) return std::nullopt;
  const auto scale = scale_of(parts.suffix);
  if (!scale) return std::nullopt;
  Quantity q;
  q.format_ = scale->format;

  // Upstream keeps the text of what it can hold in 64 bits and believes to be canonical, by these rough rules.
  const bool is_binary = scale->format == Quantity::Format::kBinarySI;
  const std::size_t count = std::max<std::size_t>(parts.whole, 1) + parts.fraction;
  const std::string shifted = parts.whole == 0 ? "0" + parts.digits : parts.digits;
  if (is_binary) {
    if (parts.fraction == 0 && count + static_cast<std::size_t>(scale->power * 3 / 10) + 1 <= 15) {
      std::uint64_t whole = 0;
      std::from_chars(shifted.data(), shifted.data() + shifted.size(), whole);
      if ((whole & 7) != 0) q.text_ = text;
    }
  } else if (count <= kMaxCachedDigits) {
    const std::int64_t power = scale->power - static_cast<std::int64_t>(parts.fraction);
    if (power >= kNanoExponent && power % 3 == 0 && !shifted.ends_with("000") && shifted[0] != '0') q.text_ = text;
  }

  // The usual amounts, without arithmetic on digits.
  if (parts.fraction == 0 && parts.whole > 0 && parts.whole <= 15 && scale->power >= kNanoExponent) {
    std::int64_t amount = 0;
    std::from_chars(parts.digits.data(), parts.digits.data() + parts.whole, amount);
    const std::int64_t shift = is_binary ? scale->power : 0;
    if (amount < (std::int64_t{1} << 62) >> shift) {
      amount <<= shift;
      std::int64_t exponent = is_binary ? 0 : scale->power;
      for (; amount % 10 == 0; amount /= 10) ++exponent;
      q.mantissa_ = parts.negative ? -amount : amount;
      q.exponent_ = static_cast<std::int32_t>(exponent);
      return q;
    }
  }

  std::string& digits = parts.digits;
  std::int64_t exponent = -static_cast<std::int64_t>(parts.fraction);
  if (is_binary) shift_left(digits, scale->power);
  else exponent += scale->power;
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) {
    q.text_.clear();
    return q;
  }
  if (exponent < kNanoExponent) {
    drop_digits(digits, static_cast<std::size_t>(kNanoExponent - exponent));
    exponent = kNanoExponent;
  }
  if (digits.size() > kMaxDigits) {
    const std::size_t excess = digits.size() - kMaxDigits;
    drop_digits(digits, excess);
    exponent += static_cast<std::int64_t>(excess);
  }
  Int128 mantissa = 0;
  for (const char c : digits) mantissa = mantissa * 10 + (c - '0');
  while (mantissa % 10 == 0 && (exponent < 0 || mantissa >= 10)) {
    mantissa /= 10;
    ++exponent;
  }
  q.mantissa_ = parts.negative ? -mantissa : mantissa;
  q.exponent_ = static_cast<std::int32_t>(exponent);
  if (is_binary) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const std::string kept = q.text_;
    const Quantity limit = Quantity::of(parts.negative ? -kMax : kMax, Quantity::Format::kBinarySI);
    if (parts.negative ? q < limit : limit < q) q = limit;
    else if (exponent < 0 && Quantity::compare(q, Quantity::of(1)) < 0 && Quantity::compare(Quantity::of(-1), q) < 0) q.format_ = Quantity::Format::kDecimalSI;
    q.text_ = kept;
  }
  return q;
}

std::optional<Quantity> parse_quantity(const nlohmann::json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return parse_quantity(std::string_view(*text));
  if (value.is_number()) return parse_quantity(std::string_view(value.dump()));
  return std::nullopt;
}

std::string quantity_problem(std::string_view text) {
  Parts parts;
  Fault fault = text.size() > kMaxQuantityLength ? Fault::kFormat : split(text, parts);
  if (fault == Fault::kNone) fault = Fault::kSuffix;
  if (fault == Fault::kSuffix) return "unable to parse quantity's suffix";
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
}

Quantity Quantity::of(std::int64_t value, Format format) {
  Quantity q;
  q.format_ = format;
  q.mantissa_ = value;
  while (q.mantissa_ != 0 && q.mantissa_ % 10 == 0) {
    q.mantissa_ /= 10;
    ++q.exponent_;
  }
  return q;
}

Quantity Quantity::of_milli(std::int64_t milli, Format format) {
  Quantity q = of(milli, format);
  if (milli != 0) q.exponent_ -= 3;
  return q;
}

std::int64_t Quantity::scaled(int exponent) const {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const std::int32_t shift = exponent_ - exponent;
  Int128 result = mantissa_;
  if (shift > 0) {
    // The mantissa is not zero unless the exponent is.
    if (shift > 19) return sign() == 0 ? 0 : sign() < 0 ? kMin : kMax;
    for (std::int32_t i = 0; i < shift; ++i) {
      result *= 10;
      if (result > kMax) return kMax;
      if (result < kMin) return kMin;
    }
  } else if (shift < 0) {
    const Int128 divisor = power_of_ten(-shift);
    const Int128 rest = result % divisor;
    result /= divisor;
    if (rest != 0) result += sign();
  }
  if (result > kMax) return kMax;
  if (result < kMin) return kMin;
  return static_cast<std::int64_t>(result);
}

int Quantity::compare(const Quantity& a, const Quantity& b) {
  if (a.sign() != b.sign()) return a.sign() < b.sign() ? -1 : 1;
  if (a.sign() == 0) return 0;
  constexpr Int128 kSmall = std::numeric_limits<std::int64_t>::max();
  const auto small = [&](const Quantity& q, std::int32_t shift) { return shift <= 18 && -kSmall <= q.mantissa_ && q.mantissa_ <= kSmall; };
  if (const std::int32_t shift = a.exponent_ - b.exponent_; small(a, shift) && small(b, -shift)) {
    const Int128 x = a.mantissa_ * power_of_ten(shift), y = b.mantissa_ * power_of_ten(-shift);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  // Equal signs: compare magnitudes by the position of the first digit, then digit by digit.
  const std::string da = decimal(a.mantissa_ < 0 ? -a.mantissa_ : a.mantissa_);
  const std::string db = decimal(b.mantissa_ < 0 ? -b.mantissa_ : b.mantissa_);
  const std::int64_t top_a = a.exponent_ + static_cast<std::int64_t>(da.size());
  const std::int64_t top_b = b.exponent_ + static_cast<std::int64_t>(db.size());
  int order = top_a != top_b ? (top_a < top_b ? -1 : 1) : da.compare(db);  // no trailing zeros, so a prefix is smaller
  order = order < 0 ? -1 : order > 0 ? 1 : 0;
  return a.sign() < 0 ? -order : order;
}

std::string Quantity::to_string() const { return text_.empty() ? canonical() : text_; }

std::string Quantity::canonical() const {
  if (mantissa_ == 0) return "0";
  const bool is_small = Quantity::compare(*this, of(1024)) < 0 && Quantity::compare(of(-1024), *this) < 0;
  if (format_ == Format::kBinarySI && !is_small && exponent_ >= 0) {
    Int128 amount = mantissa_ * power_of_ten(exponent_);
    int steps = 0;
    static constexpr std::string_view kSuffixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    while (steps < 6 && amount % 1024 == 0) {
      amount /= 1024;
      ++steps;
    }
    return decimal(amount).append(kSuffixes[steps]);
  }
  // The exponent becomes the next lower multiple of three.
  const std::int32_t rest = ((exponent_ % 3) + 3) % 3;
  const std::int32_t exponent = exponent_ - rest;
  std::string out = decimal(mantissa_ * power_of_ten(rest));
  if (format_ == Format::kDecimalExponent) {
    if (exponent != 0) out += "e" + std::to_string(exponent);
    return out;
  }
  static constexpr std::string_view kSuffixes[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
  if (exponent <= 18) return out.append(kSuffixes[exponent / 3 + 3]);
  // DEVIATION: upstream has no suffix for these and prints the number without one.
  return out.append(static_cast<std::size_t>(exponent) - 18, '0') + "E";
}

}  // namespace orrery
