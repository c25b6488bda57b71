#pragma once
// Just enough of resource.Quantity for defaulting and validation: exact values down to 1n, comparison, canonical text.
// Source: apimachinery/pkg/api/resource/quantity.go.
#include <optional>
#include <string>
#include <string_view>

#include "support.hpp"

namespace orrery::validation {

__extension__ typedef __int128 Int128;

struct Amount {
  enum class Format : std::uint8_t { decimal, exponent, binary };
  Int128 nano = 0;
  Format format = Format::decimal;

  int sign() const { return nano < 0 ? -1 : nano > 0 ? 1 : 0; }
  bool is_integer() const;          ///< after rounding up to milli units
  std::int64_t value() const;       ///< rounded away from zero, saturating
  std::string text() const;         ///< canonical: 0.5 is 500m, 1024Mi is 1Gi
  Amount rounded_to_milli() const;  ///< away from zero
};

/// A quantity as a string or a number. Not a quantity: none. Binary ones are cut at ±2^63.
std::optional<Amount> parse_amount(std::string_view text);
std::optional<Amount> parse_amount(const json& value);

/// Zero if it is not a quantity (the types were checked before).
Amount amount_of(const json& value);

/// The canonical text; what is not a quantity is left as it is.
std::string canonical_quantity(const json& value);

}  // namespace orrery::validation
