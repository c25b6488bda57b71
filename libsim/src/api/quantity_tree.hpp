#pragma once
// Quantities where they stand in a tree: as text or, as YAML allows, as a number.
#include <string>

#include "orrery/api/quantity.hpp"
#include "support.hpp"

namespace orrery::validation {

/// Zero if it is not a quantity (the types were checked before).
Quantity quantity_of(const json& value);

/// The text the API server writes; what is not a quantity is left as it is.
std::string canonical_quantity(const json& value);

/// Resource lists keep thousandths at most, rounded up.
Quantity rounded_to_milli(const Quantity& quantity);

}  // namespace orrery::validation
