#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "orrery/api/patch.hpp"
#include "orrery/api/yaml.hpp"

namespace orrery {
namespace {

using nlohmann::json;

std::size_t height(const json& value) {
  if (!value.is_structured()) return 0;
  std::size_t inner = 0;
  for (const json& child : value) inner = std::max(inner, height(child));
  return inner + 1;
}

// The tokens of a JSON pointer; nothing for one without a slash, which upstream takes for no path at all.
std::optional<std::vector<std::string>> tokens_of(std::string_view path) {
  if (path.find('/') == std::string_view::npos) return std::nullopt;
  std::vector<std::string> tokens;
  std::size_t start = path.find('/') + 1;
  for (;;) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    std::string token;
    for (std::size_t i = start; i < end; ++i) {
      const bool escape = path[i] == '~' && i + 1 < end && (path[i + 1] == '0' || path[i + 1] == '1');
      token += escape ? (path[i + 1] == '1' ? '/' : '~') : path[i];
      if (escape) ++i;
    }
    tokens.push_back(std::move(token));
    if (end == path.size()) return tokens;
    start = end + 1;
  }
}

class Patcher {
 public:
  explicit Patcher(json document) : document_(std::move(document)) {}

  // False with error() set when the operation does not apply.
  bool apply(const json& operation) {
    if (!operation.is_object()) return fail("Invalid JSON Patch: an operation is an object");
    const std::string op = text_of(operation, "op").value_or("unknown");
    if (op == "add") return add(operation);
    if (op == "remove") return remove(operation);
    if (op == "replace") return replace(operation);
    if (op == "move") return move(operation);
    if (op == "copy") return copy(operation);
    if (op == "test") return test(operation);
    return fail(fmt::format("Unexpected kind: {}", op));
  }

  const std::string& error() const { return error_; }
  json& document() { return document_; }

 private:
  // A container and the last token of a path in it.
  struct Place {
    json* parent = nullptr;
    std::string key;
    std::size_t depth = 0;  // of the place itself
  };

  bool fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  static std::optional<std::string> text_of(const json& operation, const char* name) {
    const auto at = operation.find(name);
    if (at == operation.end() || !at->is_string()) return std::nullopt;
    return at->get<std::string>();
  }

  static json value_of(const json& operation) {
    const auto at = operation.find("value");
    return at == operation.end() ? json(nullptr) : *at;
  }

  std::optional<std::string> path_of(const json& operation, std::string_view op, const char* name = "path") {
    auto path = text_of(operation, name);
    if (!path) fail(fmt::format("{} operation failed to decode {}: missing value", op, name));
    return path;
  }

  Place find(const std::string& path) {
    const auto tokens = tokens_of(path);
    if (!tokens) return {};
    json* at = &document_;
    for (std::size_t i = 0; i + 1 < tokens->size(); ++i) {
      std::string ignored;
      at = at->is_structured() ? get(*at, (*tokens)[i], ignored) : nullptr;
      if (at == nullptr) return {};
    }
    if (!at->is_structured()) return {};
    return {at, tokens->back(), tokens->size()};
  }

  // An index within [-size, limit), counted from the end when negative.
  static std::optional<std::size_t> index_of(const std::string& key, std::size_t size, std::size_t limit, std::string& why) {
    std::string_view digits = key;
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    std::int64_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
      why = fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", key);
      return std::nullopt;
    }
    const auto count = static_cast<std::int64_t>(size);
    if (index >= static_cast<std::int64_t>(limit) || index < -count) {
      why = fmt::format("Unable to access invalid index: {}: invalid index referenced", index);
      return std::nullopt;
    }
    return static_cast<std::size_t>(index < 0 ? index + count : index);
  }

  // Null with an empty `why` for a member that is not there.
  static json* get(json& parent, const std::string& key, std::string& why) {
    if (parent.is_object()) {
      const auto at = parent.find(key);
      return at == parent.end() ? nullptr : &*at;
    }
    const auto index = index_of(key, parent.size(), parent.size(), why);
    return index ? &parent[*index] : nullptr;
  }

  bool insert(const Place& place, json value, std::string& why) {
    if (place.depth + height(value) > kMaxNesting) {
      why = fmt::format("nested more than {} deep", kMaxNesting);
      return false;
    }
    if (place.parent->is_object()) {
      (*place.parent)[place.key] = std::move(value);
      return true;
    }
    auto& items = *place.parent->get_ptr<json::array_t*>();
    if (place.key == "-") {
      items.push_back(std::move(value));
      return true;
    }
    const auto index = index_of(place.key, items.size() + 1, items.size() + 1, why);
    if (!index) {
      if (why.starts_with("strconv")) why = fmt::format("value was not a proper array index: '{}': {}", place.key, why);
      return false;
    }
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return true;
  }

  static bool erase(const Place& place, std::string& why) {
    if (place.parent->is_object()) {
      if (place.parent->erase(place.key) > 0) return true;
      why = fmt::format("Unable to remove nonexistent key: {}: missing value", place.key);
      return false;
    }
    const auto index = index_of(place.key, place.parent->size(), place.parent->size(), why);
    if (index) place.parent->erase(*index);
    return index.has_value();
  }

  bool add(const json& operation) {
    const auto path = path_of(operation, "add");
    if (!path) return false;
    const Place place = find(*path);
    if (place.parent == nullptr) return fail(fmt::format("add operation does not apply: doc is missing path: \"{}\": missing value", *path));
    std::string why;
    return insert(place, value_of(operation), why) || fail(fmt::format("error in add for path: '{}': {}", *path, why));
  }

  bool remove(const json& operation) {
    const auto path = path_of(operation, "remove");
    if (!path) return false;
    const Place place = find(*path);
    if (place.parent == nullptr) return fail(fmt::format("remove operation does not apply: doc is missing path: \"{}\": missing value", *path));
    std::string why;
    return erase(place, why) || fail(fmt::format("error in remove for path: '{}': {}", *path, why));
  }

  bool replace(const json& operation) {
    const auto path = path_of(operation, "replace");
    if (!path) return false;
    json value = value_of(operation);
    if (path->empty()) {
      if (!value.is_structured()) return fail("replace operation value must be object or array");
      document_ = std::move(value);
      return true;
    }
    const Place place = find(*path);
    if (place.parent == nullptr) return fail(fmt::format("replace operation does not apply: doc is missing path: {}: missing value", *path));
    std::string why;
    json* at = get(*place.parent, place.key, why);
    if (!why.empty()) return fail(fmt::format("replace operation does not apply: doc is missing key: {}: missing value", *path));
    if (at == nullptr) return insert(place, std::move(value), why) || fail(fmt::format("error in replace for path: '{}': {}", *path, why));
    if (place.depth + height(value) > kMaxNesting)
      return fail(fmt::format("error in replace for path: '{}': nested more than {} deep", *path, kMaxNesting));
    *at = std::move(value);
    return true;
  }

  bool move(const json& operation) {
    const auto from = path_of(operation, "move", "from");
    if (!from) return false;
    const Place source = find(*from);
    if (source.parent == nullptr) return fail(fmt::format("move operation does not apply: doc is missing from path: {}: missing value", *from));
    std::string why;
    json* at = get(*source.parent, source.key, why);
    json value = at == nullptr ? json(nullptr) : std::move(*at);
    if (!why.empty() || !erase(source, why)) return fail(fmt::format("error in move for path: '{}': {}", source.key, why));
    const auto path = path_of(operation, "move");
    if (!path) return false;
    const Place target = find(*path);
    if (target.parent == nullptr) return fail(fmt::format("move operation does not apply: doc is missing destination path: {}: missing value", *path));
    return insert(target, std::move(value), why) || fail(fmt::format("error in move for path: '{}': {}", *path, why));
  }

  bool copy(const json& operation) {
    const auto from = path_of(operation, "copy", "from");
    if (!from) return false;
    const Place source = find(*from);
    if (source.parent == nullptr) return fail(fmt::format("copy operation does not apply: doc is missing from path: {}: missing value", *from));
    std::string why;
    const json* at = get(*source.parent, source.key, why);
    if (!why.empty()) return fail(fmt::format("error in copy for from: '{}': {}", *from, why));
    json value = at == nullptr ? json(nullptr) : *at;
    copied_ += value.dump(-1, ' ', false, json::error_handler_t::replace).size();
    if (copied_ > kMaxJsonPatchCopyBytes)
      return fail(fmt::format("Unable to complete the copy, the accumulated size increase of copy is {}, exceeding the limit {}", copied_, kMaxJsonPatchCopyBytes));
    const auto path = path_of(operation, "copy");
    if (!path) return false;
    const Place target = find(*path);
    if (target.parent == nullptr) return fail(fmt::format("copy operation does not apply: doc is missing destination path: {}: missing value", *path));
    return insert(target, std::move(value), why) || fail(fmt::format("error while adding value during copy: {}", why));
  }

  bool test(const json& operation) {
    const auto path = path_of(operation, "test");
    if (!path) return false;
    const json value = value_of(operation);
    const json* at = &document_;
    if (!path->empty()) {
      const Place place = find(*path);
      if (place.parent == nullptr) return fail(fmt::format("test operation does not apply: is missing path: {}: missing value", *path));
      std::string why;
      at = get(*place.parent, place.key, why);
      if (!why.empty()) return fail(fmt::format("error in test for path: '{}': {}", *path, why));
    }
    const bool equal = at == nullptr ? value.is_null() : *at == value;
    return equal || fail(fmt::format("testing value {} failed: test failed", *path));
  }

  json document_;
  std::string error_;
  std::size_t copied_ = 0;
};

Diagnostics problem(std::string pointer, std::string message) {
  Diagnostic d;
  d.pointer = std::move(pointer);
  d.message = std::move(message);
  return {d};
}

}  // namespace

Result<json> json_patch(const json& original, const json& patch) {
  if (!patch.is_array()) return problem("", "Invalid JSON Patch: it is a list of operations");
  if (!original.is_structured()) return problem("", "Invalid JSON Document");
  if (patch.size() > kMaxJsonPatchOperations)
    return problem("", fmt::format("The allowed maximum operations in a JSON patch is {}, got {}", kMaxJsonPatchOperations, patch.size()));
  Patcher patcher(original);
  std::size_t i = 0;
  for (const json& operation : patch) {
    if (!patcher.apply(operation)) return problem("/" + std::to_string(i), patcher.error());
    ++i;
  }
  return std::move(patcher.document());
}

}  // namespace orrery
