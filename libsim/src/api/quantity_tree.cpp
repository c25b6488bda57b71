#include "quantity_tree.hpp"

#include <optional>

namespace orrery::validation {

Quantity quantity_of(const json& value) { return parse_quantity(value).value_or(Quantity{}); }

std::string canonical_quantity(const json& value) {
  const std::optional<Quantity> quantity = parse_quantity(value);
  return quantity ? quantity->to_string() : std::string(text(value));
}

Quantity rounded_to_milli(const Quantity& quantity) {
  return quantity.is_whole_milli() ? quantity : Quantity::of_milli(quantity.milli_value(), quantity.format());
}

}  // namespace orrery::validation
