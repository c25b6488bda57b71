#pragma once
// resource.Quantity: "100m", "1.5Gi", "1e3". Source of behaviour: apimachinery/pkg/api/resource/quantity.go.
//
//   if (auto q = parse_quantity("0.5")) q->milli_value();  // 500
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace orrery {

inline constexpr std::size_t kMaxQuantityLength = 256;  ///< bytes; longer texts are no quantities (upstream has no limit)

/// An exact decimal amount, not smaller than one nano (10⁻⁹) unless zero. A value, cheap to copy.
class Quantity {
 public:
  enum class Format : std::uint8_t {
    kDecimalSI,        ///< n u m k M G T P E
    kBinarySI,         ///< Ki … Ei
    kDecimalExponent,  ///< e3
  };

  Quantity() = default;
  /// `value` units.
  static Quantity of(std::int64_t value, Format format = Format::kDecimalSI);
  /// `milli` thousandths.
  static Quantity of_milli(std::int64_t milli, Format format = Format::kDecimalSI);

  /// In units, a fraction rounded up (away from zero); saturates at the ends of int64.
  std::int64_t value() const { return scaled(0); }
  /// In thousandths, rounded and saturating likewise.
  std::int64_t milli_value() const { return scaled(-3); }
  /// Whether it is a whole number of thousandths (the finest cpu amount that is valid).
  bool is_whole_milli() const { return exponent_ >= -3; }
  bool is_whole() const { return exponent_ >= 0; }
  int sign() const { return mantissa_ < 0 ? -1 : mantissa_ > 0 ? 1 : 0; }
  Format format() const { return format_; }

  /// The text the API server answers with: canonical ("1000m" is "1", "0.5" is "500m", "1024Mi" is "1Gi"), except that
  /// what upstream takes for canonical already ("1.5", "1500Mi") stays as written.
  std::string to_string() const;

  /// By value, whatever the format and the text.
  friend bool operator==(const Quantity& a, const Quantity& b) { return compare(a, b) == 0; }
  friend bool operator<(const Quantity& a, const Quantity& b) { return compare(a, b) < 0; }

 private:
  friend std::optional<Quantity> parse_quantity(std::string_view text);
  __extension__ typedef __int128 Int128;
  std::int64_t scaled(int exponent) const;
  std::string canonical() const;
  static int compare(const Quantity& a, const Quantity& b);

  // mantissa_ × 10^exponent_, with no trailing zeros in the mantissa; zero has exponent 0.
  Int128 mantissa_ = 0;
  std::int32_t exponent_ = 0;
  Format format_ = Format::kDecimalSI;
  std::string text_;  // as written, where upstream keeps that
};

/// Nothing when the text is no quantity. Finer than a nano is rounded up to it. Amounts in Ki … Ei are cut at ±(2⁶³−1).
/// More than 36 significant digits are rounded up.
std::optional<Quantity> parse_quantity(std::string_view text);

/// A quantity as it stands in an object: a string, or a number.
std::optional<Quantity> parse_quantity(const nlohmann::json& value);

/// What is wrong with a text that is no quantity, in upstream's words.
std::string quantity_problem(std::string_view text);

}  // namespace orrery
