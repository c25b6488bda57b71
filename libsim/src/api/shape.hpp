#pragma once
// The two forms an object takes besides what a user wrote: as the API server writes it (wire form), and as it prints
// parts of it in error messages (internal form: Go field names, nothing left out).
#include <string>
#include <string_view>

#include "support.hpp"

namespace orrery::validation {

/// `value` of API type `type` ("PodSpec") as its decoder would have it: unknown and null fields dropped, what has the
/// wrong type zero. Empty lists and maps stay, since defaults tell them from absent ones.
json to_typed(std::string_view type, const json& value);
json to_typed(std::string_view type, json&& value);

/// `value` of API type `type` in wire form: unknown fields dropped, empty optional ones left out,
/// obligatory ones filled with their zero value, quantities canonical. A non-object counts as an empty one.
json to_wire(std::string_view type, const json& value);
json to_wire(std::string_view type, json&& value);

/// apiequality.Semantic.DeepEqual on two values of a type: absent, null, empty and zero are the same where the type
/// cannot tell them apart, and 1 is 1000m. Null pointers stand for nil.
bool semantically_equal(std::string_view type, const json* a, const json* b);

/// As the API server's own type, for printing. `type` may have a prefix: "*X" (null if absent) or "[]X".
ordered_json to_internal(std::string_view type, const json* value);

/// go_json of to_internal.
std::string internal_text(std::string_view type, const json* value);

/// go_json of an API type that is the same in both forms, such as LabelSelector: in the order of its declaration.
std::string wire_text(std::string_view type, const json* value);

}  // namespace orrery::validation
