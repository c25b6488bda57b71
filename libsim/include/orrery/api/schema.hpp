#pragma once
// The shape of the Kubernetes 1.36 objects we accept: which fields there are, of which type, and how a patch merges
// them. Says nothing about whether the values make sense together: that is api/validation.hpp.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orrery/core/diagnostic.hpp"

namespace orrery {

enum class FieldKind : std::uint8_t {
  kString,       ///< also bytes in base64 and Go durations
  kBool,
  kInt32,
  kInt64,
  kQuantity,     ///< string or number
  kIntOrString,  ///< int32 or string
  kTime,         ///< RFC 3339
  kMicroTime,    ///< RFC 3339 with six digits of fraction
  kStringMap,
  kQuantityMap,
  kTimeMap,
  kObject,       ///< has a Type
  kAny,          ///< not looked into
};

/// What a strategic merge patch does with a list (upstream: patchStrategy and patchMergeKey in the types' tags).
enum class ListStrategy : std::uint8_t {
  kAtomic,  ///< replaced as a whole
  kMerge,   ///< objects are merged by Field::merge_key
  kSet,     ///< a list of strings or numbers without duplicates; a patch adds
};

struct Type;

struct Field {
  std::string_view name;
  FieldKind kind = FieldKind::kAny;
  const Type* type = nullptr;  ///< of a kObject, or of the items of a list of them
  bool is_list = false;
  ListStrategy strategy = ListStrategy::kAtomic;
  std::string_view merge_key{};
  bool retain_keys = false;  ///< items are unions: a patch lists with $retainKeys what may stay
  bool replace = false;      ///< an object that a patch replaces instead of merging it
};

/// An object type. `fields` are in byte order of their names.
struct Type {
  std::string_view name;
  std::span<const Field> fields;
  /// Null when there is no such field. O(log n).
  const Field* find(std::string_view field) const;
};

struct KnownKind {
  std::string_view api_version;
  std::string_view kind;
  const Type* type;
};

/// Every kind with a table, in no meaningful order.
std::span<const KnownKind> known_kinds();
/// Null when there is no table for it.
const Type* find_type(std::string_view api_version, std::string_view kind);
/// By kind alone; Event is that of v1.
const KnownKind* find_kind(std::string_view kind);

inline constexpr std::size_t kMaxObjectNesting = 64;  ///< Lists within Lists

struct ObjectCheck {
  bool known = false;  ///< there is a table for the kind; otherwise only `metadata` was looked at
};

/// The strict decoding of the API server: apiVersion and kind, unknown fields, types, ranges of integers, syntax of
/// quantities and times. A null stands for a field that is not there. Every problem is appended to `problems`, with a
/// pointer that starts with `base_pointer`. A List is checked item by item and known if all its items are.
ObjectCheck check_object(const nlohmann::json& object, const std::string& base_pointer, Diagnostics& problems);

/// Likewise for a part of an object, such as a PodTemplateSpec.
void check_value(const nlohmann::json& value, const Type& type, const std::string& base_pointer, Diagnostics& problems);

/// The candidate that `word` most likely stands for: it differs in case only, or by few letters. Empty = none.
std::string_view closest_match(std::string_view word, std::span<const std::string_view> candidates);

/// Whether the text is an RFC 3339 time; with `micro`, one with exactly six digits of fraction.
bool is_rfc3339(std::string_view text, bool micro = false);

}  // namespace orrery
