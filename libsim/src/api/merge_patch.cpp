#include "orrery/api/patch.hpp"

namespace orrery {
namespace {

using nlohmann::json;

void drop_nulls(json& value) {
  if (auto* members = value.get_ptr<json::object_t*>()) {
    for (auto it = members->begin(); it != members->end();) {
      if (it->second.is_null()) {
        it = members->erase(it);
      } else {
        drop_nulls(it->second);
        ++it;
      }
    }
  } else if (value.is_array()) {
    for (json& item : value) drop_nulls(item);
  }
}

void merge(json& target, const json& patch) {
  for (const auto& [name, value] : patch.items()) {
    if (value.is_null()) {
      target.erase(name);
      continue;
    }
    const auto at = target.find(name);
    if (at != target.end() && at->is_object()) {
      if (value.is_object()) merge(*at, value);
      else *at = value;
    } else {
      json fresh = value;
      drop_nulls(fresh);
      target[name] = std::move(fresh);
    }
  }
}

}  // namespace

Result<json> merge_patch(const json& original, const json& patch) {
  if (!original.is_object() || !patch.is_object()) {
    Diagnostic d;
    d.message = original.is_object() ? "Invalid JSON Patch" : "Invalid JSON Document";
    d.hint = "a merge patch is an object, and so is what it is applied to";
    return Diagnostics{d};
  }
  json result = original;
  merge(result, patch);
  return result;
}

}  // namespace orrery
