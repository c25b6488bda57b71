#pragma once
// One branch of an object as JSON: what an assertion about a path needs of it.
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "orrery/cluster/objects.hpp"

namespace orrery {

/// The object as to_json() gives it, without what lies beside `path`: members of the object, and of its member path[0], may be
/// missing where path[0] and path[1] name others. Whatever a JSON pointer with these reference tokens finds in to_json() it
/// finds here. `path` holds unescaped tokens; only the first two count. Costs what the branch is large, not the object.
nlohmann::json branch_to_json(const Object& object, const Interner& names, std::span<const std::string> path);

}  // namespace orrery
