// Strategic merge patch, as apimachinery/pkg/util/strategicpatch applies it.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/reading.hpp"
#include "orrery/api/patch.hpp"

namespace orrery {
namespace {

using nlohmann::json;

constexpr std::string_view kDirective = "$patch";
constexpr std::string_view kRetainKeys = "$retainKeys";
constexpr std::string_view kDeleteFromList = "$deleteFromPrimitiveList";
constexpr std::string_view kSetElementOrder = "$setElementOrder";
constexpr std::size_t kMaxExcerpt = 200;  // bytes of a value quoted in an error

const json::string_t kDirectiveKey{kDirective};

std::string shown(const json& value) {
  return detail::excerpt(value.dump(-1, ' ', false, json::error_handler_t::replace), kMaxExcerpt);
}

// Null and directives never are part of the object.
bool strip(json& value) {
  if (auto* members = value.get_ptr<json::object_t*>()) {
    if (members->contains(kDirectiveKey)) return false;
    for (auto it = members->begin(); it != members->end();) {
      const bool is_directive = it->first == kRetainKeys || it->first.starts_with(kDeleteFromList) || it->first.starts_with(kSetElementOrder);
      if (is_directive || it->second.is_null() || !strip(it->second)) it = members->erase(it);
      else ++it;
    }
  } else if (auto* items = value.get_ptr<json::array_t*>()) {
    std::erase_if(*items, [](json& item) { return !strip(item); });
  }
  return true;
}

// The same scalar type, or both objects, or both lists. Integers and floats are all numbers.
bool same_type(const json& a, const json& b) { return a.type() == b.type() || (a.is_number() && b.is_number()); }

// What tells an item from the others, its merge key or itself; null for an item without.
const json* identity_of(const json& item, const std::string& merge_key) {
  if (merge_key.empty()) return &item;
  if (!item.is_object()) return nullptr;
  const auto at = item.find(merge_key);
  return at == item.end() ? nullptr : &*at;
}

// The first place of each identity in a list.
class Index {
 public:
  Index(const json& list, const std::string& merge_key) : size_(list.size()) {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (const json* id = identity_of(list[i], merge_key)) places_.emplace(*id, i);
  }
  /// The size of the list when it is not in it.
  std::size_t of(const json& id) const {
    const auto at = places_.find(id);
    return at == places_.end() ? size_ : at->second;
  }
  bool has(const json& id) const { return places_.contains(id); }
  void append(const json& id) { places_.emplace(id, size_++); }
  std::size_t size() const { return size_; }

 private:
  std::map<json, std::size_t> places_;
  std::size_t size_;
};

class StrategicMerge {
 public:
  const std::string& error() const { return error_; }

  // Merges `patch` into `original`; uses up `patch`. `type` is null where fields have no table.
  bool map(json& original, json& patch, const Type* type) {
    if (const auto directive = patch.find(kDirective); directive != patch.end()) return map_directive(original, patch, *directive);
    if (!original.is_object()) original = json::object();
    if (!retain_keys(original, patch) || !ordered_lists(original, patch, type)) return false;
    for (auto& [patch_key, value] : patch.get_ref<json::object_t&>()) {
      std::string key = patch_key;
      const bool is_deletion = key.starts_with(kDeleteFromList);
      if (is_deletion) {
        if (!strip_prefix(key, kDeleteFromList)) return fail("invalid patch format of primitive list");
      }
      if (value.is_null()) {
        original.erase(key);
        continue;
      }
      const auto at = original.find(key);
      if (at == original.end() || !same_type(*at, value)) {
        if (is_deletion) continue;
        if (strip(value)) original[key] = std::move(value);
        else original.erase(key);
        continue;
      }
      Lookup found;
      if (value.is_structured() && !look_up(type, key, found)) return false;
      if (value.is_object()) {
        if (found.field != nullptr && found.field->replace) {
          strip(value);
          *at = std::move(value);
        } else if (!map(*at, value, found.type)) {
          return false;
        }
      } else if (value.is_array()) {
        if (!list(*at, value, found, is_deletion)) return false;
      } else {
        *at = std::move(value);
      }
    }
    return true;
  }

 private:
  struct Lookup {
    const Field* field = nullptr;  // null where there is no table
    const Type* type = nullptr;
    bool is_merged() const { return field != nullptr && field->strategy != ListStrategy::kAtomic; }
    std::string merge_key() const { return field == nullptr ? std::string{} : std::string(field->merge_key); }
  };

  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  bool bad_type(std::string_view expected, const json& got) {
    return fail(fmt::format("expected a {}, but received a {}", expected, got.type_name()));
  }

  static bool strip_prefix(std::string& key, std::string_view prefix) {
    if (key.size() <= prefix.size() || key[prefix.size()] != '/') return false;
    key.erase(0, prefix.size() + 1);
    return true;
  }

  bool look_up(const Type* type, const std::string& key, Lookup& out) {
    if (type == nullptr) return true;
    out.field = type->find(key);
    if (out.field == nullptr) return fail(fmt::format("unable to find api field in struct {} for the json field \"{}\"", type->name, key));
    out.type = out.field->type;
    return true;
  }

  bool map_directive(json& original, json& patch, const json& directive) {
    if (directive == "delete") {
      original = json::object();
      return true;
    }
    if (directive != "replace") return fail(fmt::format("unknown patch type: {} in map: {}", shown(directive), shown(patch)));
    patch.erase(kDirectiveKey);
    strip(patch);
    original = std::move(patch);
    return true;
  }

  // $retainKeys: only the listed keys stay, and the patch may name no others.
  bool retain_keys(json& original, json& patch) {
    const auto directive = patch.find(kRetainKeys);
    if (directive == patch.end()) return true;
    const json kept = std::move(*directive);
    patch.erase(directive);
    const auto is_kept = [&](const std::string& key) { return std::find(kept.begin(), kept.end(), key) != kept.end(); };
    bool good = kept.is_array();
    for (const auto& [key, value] : patch.get_ref<const json::object_t&>()) {
      if (!good) break;
      good = value.is_null() || key.starts_with(kDeleteFromList) || key.starts_with(kSetElementOrder) || is_kept(key);
    }
    if (!good) return fail("invalid patch format of retainKeys");
    std::erase_if(original.get_ref<json::object_t&>(), [&](const auto& member) { return !is_kept(member.first); });
    return true;
  }

  // Lists that come with a $setElementOrder are merged first, and taken out of the patch.
  bool ordered_lists(json& original, json& patch, const Type* type) {
    for (auto it = patch.begin(); it != patch.end();) {
      if (!it.key().starts_with(kSetElementOrder)) {
        ++it;
        continue;
      }
      std::string key = it.key();
      const json order = std::move(it.value());
      it = patch.erase(it);
      if (!order.is_array()) return bad_type("list", order);
      if (!strip_prefix(key, kSetElementOrder)) return fail("invalid patch format of setElementOrder list");
      json items = json::array();
      const auto patched = patch.find(key);
      const bool in_patch = patched != patch.end();
      if (in_patch) {
        items = std::move(*patched);
        // The iterator may stand on this very member.
        if (it == patched) it = patch.erase(patched);
        else patch.erase(key);
      }
      if (!ordered_list(original, key, std::move(items), in_patch, order, type)) return false;
      if (in_patch) it = patch.begin();
    }
    return true;
  }

  bool ordered_list(json& original, const std::string& key, json items, bool in_patch, const json& order, const Type* type) {
    const auto at = original.find(key);
    const bool in_original = at != original.end();
    if (in_original && !at->is_array()) return bad_type("list", *at);
    if (in_patch && !items.is_array()) return bad_type("list", items);
    Lookup found;
    if (!look_up(type, key, found)) return false;
    const std::string merge_key = found.merge_key();
    if (!follows_order(items, order, merge_key)) return false;
    if (!in_original && !in_patch) return true;
    const json before = in_original ? *at : json::array();
    if (before.empty() && items.empty()) return fail("no elements in any of the given slices");  // odd, but what upstream does
    json merged = before;
    json old_order = before;
    if (!in_original) {
      strip(items);
      merged = std::move(items);
    } else if (in_patch) {
      if (!list(merged, items, found, false, &old_order)) return false;
    }
    if (!arrange(merged, order, old_order, merge_key)) return false;
    original[key] = std::move(merged);
    return true;
  }

  // The items of the patch have to come in the order of the $setElementOrder list.
  bool follows_order(const json& items, const json& order, const std::string& merge_key) {
    if (items.empty() || order.empty()) return true;
    std::vector<const json*> kept;
    for (const json& item : items)
      if (!item.is_object() || item.value(kDirectiveKey, json()) != "delete") kept.push_back(&item);
    std::size_t at = 0;
    std::size_t place = 0;
    while (at < kept.size() && place < order.size()) {
      if (kept[at]->is_object() && kept[at]->contains(kDirectiveKey)) {
        ++at;
        continue;
      }
      const json* a = nullptr;
      const json* b = nullptr;
      if (!identity(*kept[at], merge_key, a) || !identity(order[place], merge_key, b)) return false;
      if (*a == *b) ++at;
      ++place;
    }
    if (at == kept.size()) return true;
    return fail(fmt::format("The order in patch list:\n{}\n doesn't match {} list:\n{}\n", shown(items), kSetElementOrder, shown(order)));
  }

  bool identity(const json& item, const std::string& merge_key, const json*& out) {
    out = identity_of(item, merge_key);
    if (out != nullptr) return true;
    if (!item.is_object()) return bad_type("map", item);
    return fail(fmt::format("map: {} does not contain declared merge key: {}", shown(item), merge_key));
  }

  // `old_order`, if given, becomes the list by whose order the caller is to place what $setElementOrder does not name.
  bool list(json& original, json& patch, const Lookup& found, bool is_deletion, json* old_order = nullptr) {
    if (!found.is_merged() && !is_deletion) {
      for (json& item : patch) strip(item);
      original = std::move(patch);
      return true;
    }
    if (original.empty() && patch.empty()) return true;
    const json* first = nullptr;
    for (const json* side : {&original, &patch}) {
      for (const json& item : *side) {
        if (first == nullptr && item.is_array()) return fail("lists of lists are not supported");
        if (first == nullptr) first = &item;
        else if (!same_type(*first, item)) return fail(fmt::format("list element types are not identical: {} {}", shown(original), shown(patch)));
      }
    }
    if (!first->is_object()) {
      primitives(original, patch, is_deletion);
      return true;
    }
    const std::string merge_key = found.merge_key();
    if (merge_key.empty()) return fail(fmt::format("cannot merge lists without merge key for {}", found.field == nullptr ? "object" : found.field->name));
    return objects(original, patch, merge_key, found.type, old_order);
  }

  void primitives(json& original, const json& patch, bool is_deletion) {
    if (is_deletion) {
      const Index deleted(patch, {});
      std::erase_if(original.get_ref<json::array_t&>(), [&](const json& item) { return deleted.has(item); });
      return;
    }
    const json before = original;
    json merged = json::array();
    std::set<json> seen;
    for (const json* side : {&before, &patch})
      for (const json& item : *side)
        if (seen.insert(item).second) merged.push_back(item);
    arrange(merged, patch, before, {});
    original = std::move(merged);
  }

  bool objects(json& original, json& patch, const std::string& merge_key, const Type* type, json* old_order) {
    const std::size_t old_size = original.size();
    json items = json::array();
    bool replace = false;
    for (json& item : patch) {
      const auto directive = item.find(kDirective);
      if (directive == item.end()) {
        items.push_back(std::move(item));
      } else if (*directive == "replace") {
        replace = true;
      } else if (*directive == "delete") {
        const json* id = nullptr;
        if (!identity(item, merge_key, id)) return false;
        for (const json& o : original)
          if (!o.is_object()) return bad_type("map", o);
        std::erase_if(original.get_ref<json::array_t&>(), [&](const json& o) { return o.contains(merge_key) && o[merge_key] == *id; });
      } else if (*directive == "merge") {
        return fail("merging lists cannot yet be specified in the patch");
      } else {
        return fail(fmt::format("unknown patch type: {} in map: {}", shown(*directive), shown(item)));
      }
    }
    if (replace) {
      strip(items);
      original = std::move(items);
      return true;
    }
    const json before = original;
    const json order = items;
    // Upstream deletes and appends in place: the first new items take the places of deleted ones in the old list.
    std::size_t free_places = old_size - before.size();
    if (old_order != nullptr) *old_order = before;
    Index index(original, merge_key);
    for (json& item : items) {
      const json* id = nullptr;
      if (!identity(item, merge_key, id)) return false;
      if (index.has(*id)) {
        if (!map(original[index.of(*id)], item, type)) return false;
      } else {
        index.append(*id);
        if (old_order != nullptr && free_places > 0) {
          old_order->push_back(item);
          --free_places;
        }
        strip(item);
        original.push_back(std::move(item));
      }
    }
    return arrange(original, order, before, merge_key);
  }

  // Sorts the items that `order` lists as there; the others keep the order of `before` and come before the first listed
  // item that was behind them in `before`, or else last.
  bool arrange(json& merged, const json& order, const json& before, const std::string& merge_key) {
    const Index place_in_order(order, merge_key);
    const Index place_before(before, merge_key);
    std::vector<Ranked> listed;
    std::vector<Ranked> others;
    for (json& item : merged) {
      const json* id = nullptr;
      if (!identity(item, merge_key, id)) return false;
      const std::size_t rank = place_in_order.of(*id);
      const std::size_t old_place = place_before.of(*id);
      if (rank < order.size()) listed.push_back({rank, old_place, std::move(item)});
      else others.push_back({old_place, old_place, std::move(item)});
    }
    const auto by_rank = [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; };
    std::stable_sort(listed.begin(), listed.end(), by_rank);
    std::stable_sort(others.begin(), others.end(), by_rank);
    merged = json::array();
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < others.size() || j < listed.size()) {
      bool take_other = j >= listed.size();
      if (i < others.size() && j < listed.size())
        take_other = listed[j].old_place < before.size() && others[i].old_place < listed[j].old_place;
      merged.push_back(std::move(take_other ? others[i++].item : listed[j++].item));
    }
    return true;
  }

  struct Ranked {
    std::size_t rank;
    std::size_t old_place;
    json item;
  };

  std::string error_;
};

}  // namespace

Result<json> strategic_merge_patch(const json& original, const json& patch, const Type* type) {
  Diagnostic d;
  if (!original.is_object() || !patch.is_object()) {
    d.message = "invalid JSON document";
    d.hint = "a strategic merge patch is an object, and so is what it is applied to";
    return Diagnostics{d};
  }
  json result = original;
  json rest = patch;
  StrategicMerge merge;
  if (merge.map(result, rest, type)) return result;
  d.message = merge.error();
  return Diagnostics{d};
}

Result<json> strategic_merge_patch(const json& original, const json& patch, std::string_view kind) {
  const KnownKind* known = find_kind(kind);
  return strategic_merge_patch(original, patch, known == nullptr ? nullptr : known->type);
}

}  // namespace orrery
