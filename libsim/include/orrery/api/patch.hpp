#pragma once
// The three kinds of patch of the Kubernetes API, on JSON trees. None of them changes its arguments; what they do to
// resourceVersion, validation and so on is not their business.
#include <string_view>

#include <nlohmann/json.hpp>

#include "orrery/api/schema.hpp"
#include "orrery/core/diagnostic.hpp"

namespace orrery {

inline constexpr std::size_t kMaxJsonPatchOperations = 10'000;            ///< as the API server allows
inline constexpr std::size_t kMaxJsonPatchCopyBytes = std::size_t{3} << 20;  ///< that all "copy" together may add

/// RFC 6902 as the API server applies it (github.com/evanphx/json-patch v4): all or nothing. Its departures from the RFC
/// are kept: "replace" of a member that is not there adds it, "copy" of one gives null, "test" finds it equal to null, a
/// negative index counts from the end, and the whole document can be replaced and tested but not added or removed.
/// The problem's pointer is that of the operation in the patch.
Result<nlohmann::json> json_patch(const nlohmann::json& original, const nlohmann::json& patch);

/// RFC 7386. A new member loses the nulls inside it, also in arrays, as with the API server.
Result<nlohmann::json> merge_patch(const nlohmann::json& original, const nlohmann::json& patch);

/// Strategic merge patch (apimachinery/pkg/util/strategicpatch): lists are merged by the keys in the type's table; null
/// deletes; directives are `$patch: replace|delete`, `$retainKeys`, `$deleteFromPrimitiveList/x`, `$setElementOrder/x`.
/// As upstream, `$patch: merge` is refused. Items that were there keep their order, new ones are appended, unless
/// `$setElementOrder` says otherwise; then what it does not list stays near its old neighbours.
/// Without a type (null), objects are merged and lists replaced.
Result<nlohmann::json> strategic_merge_patch(const nlohmann::json& original, const nlohmann::json& patch, const Type* type);

/// Likewise with the type of a kind; one without a table counts as null.
Result<nlohmann::json> strategic_merge_patch(const nlohmann::json& original, const nlohmann::json& patch, std::string_view kind);

}  // namespace orrery
