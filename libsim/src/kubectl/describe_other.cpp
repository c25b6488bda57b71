// describe of kinds that have little to say, and of those that kubectl has no description for: their tree.
// upstream: kubectl/pkg/describe/describe.go, and github.com/fatih/camelcase for the titles.
#include "describe_other.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "describe_parts.hpp"
#include "values.hpp"

namespace orrery::kubectl {

using Json = nlohmann::json;

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

/// Runs of letters of one case and of other characters; the last capital before small letters belongs to these.
std::vector<std::string> camel_parts(std::string_view word) {
  std::vector<std::string> parts;
  const auto sort_of = [](char c) { return is_lower(c) ? 0 : is_upper(c) ? 1 : 2; };
  for (const char c : word) {
    if (parts.empty() || sort_of(parts.back().back()) != sort_of(c)) parts.emplace_back();
    parts.back() += c;
  }
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (is_upper(parts[i][0]) && is_lower(parts[i + 1][0])) {
      parts[i + 1].insert(parts[i + 1].begin(), parts[i].back());
      parts[i].pop_back();
    }
  std::erase_if(parts, [](const std::string& p) { return p.empty(); });
  return parts;
}

void put_tree(TabText& out, std::size_t level, const Json& tree, const std::string& path) {
  constexpr std::array<std::string_view, 5> kTold{".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"};
  if (!tree.is_object()) return;
  for (const auto& [key, value] : tree.items()) {
    const std::string here = path + '.' + key;
    if (std::find(kTold.begin(), kTold.end(), here) != kTold.end()) continue;
    if (value.is_object()) {
      out.line(level, "{}:", title_of_field(key));
      put_tree(out, level + 1, value, here);
    } else if (value.is_array()) {
      out.line(level, "{}:", title_of_field(key));
      for (const Json& element : value) {
        if (element.is_object())
          put_tree(out, level + 1, element, here);
        else
          out.line(level + 1, "{}", element.is_string() ? text_of(element) : element.dump());
      }
    } else {
      out.line(level, "{}:\t{}", title_of_field(key), value.is_string() ? text_of(value) : value.is_null() ? "<nil>" : value.dump());
    }
  }
}

}  // namespace

std::string title_of_field(std::string_view field) {
  const bool plain = std::all_of(field.begin(), field.end(), [](char c) { return is_lower(c) || is_upper(c) || c == '-'; });
  if (!plain) return std::string(field);
  const std::vector<std::string> parts = camel_parts(field);
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string part = parts[i];
    const bool capitals = part.size() >= 2 && std::none_of(part.begin(), part.end(), is_lower);
    if (capitals && i + 1 < parts.size() && is_upper(parts[i + 1][0])) {
      part += parts[++i];  // PDB and s, or HTTPS and Proxy
    }
    std::string all_upper = part;
    std::transform(all_upper.begin(), all_upper.end(), all_upper.begin(), upper);
    constexpr std::array<std::string_view, 4> kAcronyms{"API", "URL", "UID", "GUID"};
    if (std::find(kAcronyms.begin(), kAcronyms.end(), all_upper) != kAcronyms.end())
      part = all_upper;
    else if (std::none_of(part.begin(), part.end(), is_upper))
      part[0] = upper(part[0]);
    out += (out.empty() ? "" : " ") + part;
  }
  return out;
}

void put_namespace(TabText& out, const Json& ns) {
  out.line(0, "Name:\t{}", text_at(ns, {"metadata", "name"}));
  put_labels(out, "Labels", at_path(ns, {"metadata", "labels"}));
  put_annotations(out, "Annotations", at_path(ns, {"metadata", "annotations"}));
  out.line(0, "Status:\t{}", text_at(ns, {"status", "phase"}));
  // Quotas and limits do not exist here.
  out.put(0, "\nNo resource quota.\n\nNo LimitRange resource.\n");
}

void put_priority_class(TabText& out, const Json& priority_class) {
  out.line(0, "Name:\t{}", text_at(priority_class, {"metadata", "name"}));
  out.line(0, "Value:\t{}", integer_of(member(priority_class, "value")));
  out.line(0, "GlobalDefault:\t{}", is_true(member(priority_class, "globalDefault")));
  out.line(0, "PreemptionPolicy:\t{}", text_at(priority_class, {"preemptionPolicy"}));
  out.line(0, "Description:\t{}", text_at(priority_class, {"description"}));
  out.line(0, "Annotations:\t{}", map_line(at_path(priority_class, {"metadata", "annotations"})));
}

void put_config_map(TabText& out, const Json& map) {
  out.line(0, "Name:\t{}", text_at(map, {"metadata", "name"}));
  out.line(0, "Namespace:\t{}", text_at(map, {"metadata", "namespace"}));
  put_labels(out, "Labels", at_path(map, {"metadata", "labels"}));
  put_annotations(out, "Annotations", at_path(map, {"metadata", "annotations"}));
  out.put(0, "\nData\n====\n");
  if (const Json& data = member(map, "data"); data.is_object())
    for (const auto& [key, value] : data.items()) out.line(0, "{}:\n----\n{}\n", key, text_of(value));
  out.put(0, "\nBinaryData\n====\n");
  if (const Json& data = member(map, "binaryData"); data.is_object())
    for (const auto& [key, value] : data.items()) {
      // Base64: three bytes in four characters.
      const std::string text = text_of(value);
      const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
      out.line(0, "{}: {} bytes", key, text.size() / 4 * 3 - std::min(padding, text.size() / 4 * 3));
    }
  out.put(0, "\n");
}

void put_any(TabText& out, const Json& object) {
  out.line(0, "Name:\t{}", text_at(object, {"metadata", "name"}));
  out.line(0, "Namespace:\t{}", text_at(object, {"metadata", "namespace"}));
  put_labels(out, "Labels", at_path(object, {"metadata", "labels"}));
  put_annotations(out, "Annotations", at_path(object, {"metadata", "annotations"}));
  put_tree(out, 0, object, "");
}

}  // namespace orrery::kubectl
