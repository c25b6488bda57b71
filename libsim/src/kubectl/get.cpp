#include "orrery/kubectl/get.hpp"

#include <utility>

#include "kubectl/access.hpp"
#include "kubectl/table.hpp"
#include "orrery/api/yaml.hpp"

namespace orrery {
namespace {

using nlohmann::json;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// "job.batch/" of the object; of a kind that is not known by its own apiVersion.
std::string kind_prefix(std::string_view kind, const json& object) {
  std::string out = lower(kind);
  std::string group;
  if (const KindInfo* info = resolve_kind(kind)) {
    group = info->group;
  } else {
    const std::string version = kubectl::string_at(object, {"apiVersion"});
    if (const std::size_t slash = version.find('/'); slash != std::string::npos) group = version.substr(0, slash);
  }
  if (!group.empty()) out += '.' + group;
  return out + '/';
}

std::string print_names(std::string_view kind, const std::vector<json>& objects) {
  std::string out;
  for (const json& o : objects) out += kind_prefix(kind, o) + kubectl::string_at(o, {"metadata", "name"}) + '\n';
  return out;
}

std::string print_table(std::string_view kind, const std::vector<json>& objects, Time now, const GetOptions& options) {
  if (objects.empty()) return {};
  const kubectl::KindTable& table = kubectl::table_of(kind);
  const bool wide = options.output == GetOptions::Output::wide;
  const KindInfo* info = resolve_kind(kind);
  const bool namespaces = options.namespaces && (info == nullptr || info->namespaced);
  std::vector<kubectl::Row> lines;
  lines.reserve(objects.size() + 1);
  if (!options.no_headers) {
    kubectl::Row header;
    if (namespaces) header.emplace_back("NAMESPACE");
    for (const kubectl::Column& c : table.columns)
      if (wide || !c.wide) header.emplace_back(c.header);
    for (const std::string& key : options.label_columns) header.push_back(upper(std::string_view(key).substr(key.rfind('/') + 1)));
    if (options.show_labels) header.emplace_back("LABELS");
    lines.push_back(std::move(header));
  }
  for (const json& o : objects) {
    kubectl::Row cells = table.cells(o, now);
    if (options.with_kind) cells[table.name_column].insert(0, kind_prefix(kind, o));
    kubectl::Row line;
    if (namespaces) line.push_back(kubectl::string_at(o, {"metadata", "namespace"}));
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (wide || !table.columns[i].wide) line.push_back(std::move(cells[i]));
    for (const std::string& key : options.label_columns) line.push_back(kubectl::string_at(o, {"metadata", "labels", key}));
    if (options.show_labels) line.push_back(kubectl::labels_text(kubectl::at(o, {"metadata", "labels"})));
    lines.push_back(std::move(line));
  }
  return kubectl::lay_out(lines);
}

// The tree that json and yaml show.
json shown_tree(const std::vector<json>& objects, bool single) {
  json items = objects;
  for (json& o : items)
    if (o.is_object() && o.contains("metadata") && o["metadata"].is_object()) o["metadata"].erase("managedFields");
  if (single && items.size() == 1) return std::move(items[0]);
  return json{{"apiVersion", "v1"}, {"items", std::move(items)}, {"kind", "List"}, {"metadata", {{"resourceVersion", ""}}}};
}

// As Go's encoder: the characters that are special in HTML, and the two line separators, are escaped. All of them occur
// in strings only.
std::string json_text(const json& tree) {
  const std::string plain = tree.dump(4, ' ', false, json::error_handler_t::replace);
  std::string out;
  out.reserve(plain.size() + 1);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const std::string_view rest = std::string_view(plain).substr(i, 3);
    if (plain[i] == '<') {
      out += "\\u003c";
    } else if (plain[i] == '>') {
      out += "\\u003e";
    } else if (plain[i] == '&') {
      out += "\\u0026";
    } else if (rest == "\xe2\x80\xa8" || rest == "\xe2\x80\xa9") {
      out += rest.back() == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += plain[i];
    }
  }
  return out + '\n';
}

}  // namespace

std::string print_objects(std::string_view kind, const std::vector<json>& objects, std::int64_t now_ns, const GetOptions& options) {
  switch (options.output) {
    case GetOptions::Output::name: return print_names(kind, objects);
    case GetOptions::Output::json: return json_text(shown_tree(objects, options.single));
    case GetOptions::Output::yaml: return write_yaml(shown_tree(objects, options.single));
    case GetOptions::Output::table:
    case GetOptions::Output::wide: break;
  }
  return print_table(kind, objects, Time(Duration(now_ns)), options);
}

}  // namespace orrery
