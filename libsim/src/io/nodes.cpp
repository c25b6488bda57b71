// `spec.nodes`: Node objects and what `count` makes of them.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "orrery/api/schema.hpp"
#include "sections.hpp"

namespace orrery {
namespace {

using nlohmann::json;

constexpr std::string_view kPlaceholder = "{i}";

std::string replaced(const std::string& text, const std::string& ordinal) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, from)) {
    out.append(text, from, at - from);
    out += ordinal;
    from = at + kPlaceholder.size();
  }
  return out.append(text, from, std::string::npos);
}

/// Replaces in every string, keys included. The depth is bounded by that of the document.
void replace_all(json& value, const std::string& ordinal) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    if (text.find(kPlaceholder) != std::string::npos) text = replaced(text, ordinal);
  } else if (value.is_array()) {
    for (json& element : value) replace_all(element, ordinal);
  } else if (value.is_object()) {
    std::vector<std::string> keys;
    for (const auto& entry : value.items())
      if (entry.key().find(kPlaceholder) != std::string::npos) keys.push_back(entry.key());
    for (const std::string& key : keys) {
      json moved = std::move(value[key]);
      value.erase(key);
      value[replaced(key, ordinal)] = std::move(moved);
    }
    for (json& element : value) replace_all(element, ordinal);
  }
}

}  // namespace

std::int64_t node_count(const NodeEntry& entry) { return entry.count.value_or(1); }

std::string node_name(const NodeEntry& entry, std::int64_t i) {
  const std::string ordinal = std::to_string(i);
  const auto& pattern = entry.node.at("metadata").at("name").get_ref<const std::string&>();
  std::string name = replaced(pattern, ordinal);
  if (entry.count) (name += '-') += ordinal;
  return name;
}

json node_object(const NodeEntry& entry, std::int64_t i) {
  json node = entry.node;
  replace_all(node, std::to_string(i));
  node["metadata"]["name"] = node_name(entry, i);
  return node;
}

namespace scenario_reading {

void read_node(Problems& problems, const json& value, const std::string& pointer, std::vector<NodeEntry>& out) {
  if (!value.is_object()) {
    problems.add(pointer, fmt::format("expected a Node, got {}", type_name(value)));
    return;
  }
  const std::size_t before = problems.size();
  NodeEntry entry;
  entry.from.pointer = pointer;
  if (const auto count = value.find("count"); count != value.end()) entry.count = read_integer(problems, *count, child(pointer, "count"), 0, kMaxNodes);
  const auto expect_word = [&](const char* key, std::string_view word) {
    const auto it = value.find(key);
    if (it != value.end() && *it != word) problems.add(child(pointer, key), fmt::format("expected \"{}\", got {}", word, shown(*it)));
  };
  expect_word("apiVersion", "v1");
  expect_word("kind", "Node");
  const auto metadata = value.find("metadata");
  if (metadata == value.end()) {
    problems.add(pointer, "the field \"metadata\" is required", "with a name");
  } else if (!metadata->is_object()) {
    problems.add(child(pointer, "metadata"), fmt::format("expected an object, got {}", type_name(*metadata)));
  } else if (const auto name = metadata->find("name"); name == metadata->end()) {
    problems.add(child(pointer, "metadata"), "the field \"name\" is required");
  } else {
    read_name(problems, *name, child(child(pointer, "metadata"), "name"));
  }
  for (const auto& [key, field] : value.items()) {
    static const std::vector<std::string_view> kKnown = {"apiVersion", "kind", "metadata", "spec", "status", "count"};
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
      problems.add(child(pointer, key), fmt::format("unknown field \"{}\"", shown(std::string_view(key))), did_you_mean(key, kKnown));
  }
  if (problems.size() != before) return;
  entry.node = value;
  entry.node.erase("count");
  entry.node["apiVersion"] = "v1";
  entry.node["kind"] = "Node";
  // The first of the copies: "{i}" may stand where only a number makes sense.
  Diagnostics shape;
  check_object(node_object(entry, 0), pointer, shape);
  for (Diagnostic& d : shape) problems.add(std::move(d));
  out.push_back(std::move(entry));
}

std::vector<NodeEntry> read_nodes(Problems& problems, const json& list, const std::string& pointer) {
  std::vector<NodeEntry> out;
  for (std::size_t i = 0; i < list.size() && !problems.full(); ++i) read_node(problems, list[i], child(pointer, i), out);
  return out;
}

void check_nodes(ManifestLoader& loader, const std::vector<NodeEntry>& nodes) {
  const auto report = [&](const NodeEntry& entry, std::string_view field, std::string message, std::string hint = {}) {
    SourceRef at = entry.from;
    at.pointer += field;
    loader.report(at, std::move(message), std::move(hint));
  };
  std::int64_t total = 0;
  for (const NodeEntry& entry : nodes) {
    total += node_count(entry);
    if (total > kMaxNodes) {
      report(entry, "", fmt::format("more nodes than the limit of {}", kMaxNodes));
      return;
    }
  }
  std::unordered_set<std::string> names;  // looked up only, never walked
  names.reserve(static_cast<std::size_t>(total));
  for (const NodeEntry& entry : nodes) {
    for (std::int64_t i = 0; i < node_count(entry); ++i) {
      std::string name = node_name(entry, i);
      if (name.size() > kMaxNameLength) {
        report(entry, "/metadata/name", fmt::format("a name of {} bytes is longer than the limit of {}", name.size(), kMaxNameLength));
        break;
      }
      const auto [it, fresh] = names.insert(std::move(name));
      if (fresh) continue;
      // One message for each entry is enough: its other copies clash likewise.
      report(entry, "/metadata/name", fmt::format("the node \"{}\" occurs twice", shown(std::string_view(*it))),
                   entry.count ? "with \"count\" the nodes are called NAME-0, NAME-1, …" : "");
      break;
    }
  }
}

}  // namespace scenario_reading
}  // namespace orrery
