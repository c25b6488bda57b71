// Kinds, ages and the layout of what `kubectl get` prints (K-002, K-010 … K-015).
#include "orrery/kubectl/get.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "columns.hpp"
#include "orrery/api/yaml.hpp"
#include "tab_text.hpp"

namespace orrery {
namespace {

using Json = nlohmann::json;
using kubectl::Row;

constexpr std::size_t kMinWidth = 6;
constexpr std::size_t kPadding = 3;

struct Entry {
  KindInfo info;
  std::string_view short_name;  // empty: none
};

constexpr std::array kKinds{
    Entry{{"Pod", "pods", "pod", "", true}, "po"},
    Entry{{"Node", "nodes", "node", "", false}, "no"},
    Entry{{"Namespace", "namespaces", "namespace", "", false}, "ns"},
    Entry{{"ConfigMap", "configmaps", "configmap", "", true}, "cm"},
    Entry{{"Event", "events", "event", "", true}, "ev"},
    Entry{{"Job", "jobs", "job", "batch", true}, ""},
    Entry{{"Workflow", "workflows", "workflow", "orrery", true}, "wf"},
    Entry{{"CronJob", "cronjobs", "cronjob", "batch", true}, "cj"},
    Entry{{"DaemonSet", "daemonsets", "daemonset", "apps", true}, "ds"},
    Entry{{"ControllerRevision", "controllerrevisions", "controllerrevision", "apps", true}, ""},
    Entry{{"PodDisruptionBudget", "poddisruptionbudgets", "poddisruptionbudget", "policy", true}, "pdb"},
    Entry{{"PriorityClass", "priorityclasses", "priorityclass", "scheduling.k8s.io", false}, "pc"},
    Entry{{"Lease", "leases", "lease", "coordination.k8s.io", true}, ""},
};

// "3h5m"; the second part is left out when it is zero.
std::string two_units(std::int64_t big, char big_unit, std::int64_t small, char small_unit) {
  if (small == 0) return fmt::format("{}{}", big, big_unit);
  return fmt::format("{}{}{}{}", big, big_unit, small, small_unit);
}

// "job.batch/", "pod/"
std::string kind_prefix(const KindInfo& kind) {
  return kind.group.empty() ? fmt::format("{}/", kind.singular) : fmt::format("{}.{}/", kind.singular, kind.group);
}

// One cell as it is sent to the writer (K-011).
std::string sanitized(std::string_view cell) {
  const std::size_t cut = cell.find_first_of("\n\r\f");
  std::string out;
  for (const char c : cell.substr(0, cut)) {
    if (c == '\x1b')
      out += "^[";
    else
      out += c;
  }
  if (cut != std::string_view::npos) out += "...";
  return out;
}

std::string labels_text(const Json& labels) {
  std::string out;
  if (labels.is_object())
    for (const auto& [key, value] : labels.items()) out += (out.empty() ? "" : ",") + key + '=' + kubectl::text_of(value);
  return out.empty() ? "<none>" : out;
}

std::string name_of(const Json& object) { return kubectl::text_of(kubectl::member(kubectl::member(object, "metadata"), "name")); }

// Header of -L: the part of the key behind its last slash (K-015).
std::string label_header(const std::string& key) {
  std::string out = key.substr(key.rfind('/') + 1);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// The lines of the table, cells ending in tabs. `event` is the cell of a first column EVENT; null: no such column.
std::string table_lines(const KindInfo& kind, const std::vector<Json>& objects, std::int64_t now_ns, const GetOptions& options, bool header, const std::string* event) {
  const bool wide = options.output == GetOptions::Output::wide;
  const bool namespaces = options.all_namespaces && kind.namespaced;
  // Events have their name, if anywhere, in a column of their own at the end (K-020).
  const bool is_event = kind.kind == "Event";
  const std::string prefix = options.with_kind ? kind_prefix(kind) : std::string();
  std::string out;
  const auto add_line = [&](const std::string& first, const std::string& ns, const std::string& name, const Row& cells, const Row& labels) {
    bool begun = false;
    const auto add = [&](std::string_view cell) {
      if (begun) out += '\t';
      begun = true;
      out += sanitized(cell);
    };
    if (event != nullptr) add(first);
    if (namespaces) add(ns);
    if (!is_event) add(name);
    for (const std::string& cell : cells) add(cell);
    for (const std::string& label : labels) add(label);
    out += '\n';
  };
  if (header) {
    Row labels;
    for (const std::string& key : options.label_columns) labels.push_back(label_header(key));
    if (options.show_labels) labels.emplace_back("LABELS");
    add_line("EVENT", "NAMESPACE", "NAME", kubectl::columns_of(kind.kind, wide).header, labels);
  }
  for (const Json& o : objects) {
    const Json& metadata = kubectl::member(o, "metadata");
    const Json& own_labels = kubectl::member(metadata, "labels");
    Row cells = kubectl::cells_of(kind.kind, o, now_ns, wide);
    if (is_event && wide && !cells.empty()) cells.back().insert(0, prefix);
    Row labels;
    for (const std::string& key : options.label_columns) labels.push_back(kubectl::text_of(kubectl::member(own_labels, key.c_str())));
    if (options.show_labels) labels.push_back(labels_text(own_labels));
    add_line(event != nullptr ? *event : std::string(), kubectl::text_of(kubectl::member(metadata, "namespace")), prefix + name_of(o), cells, labels);
  }
  return out;
}

std::string print_table(const KindInfo& kind, const std::vector<Json>& objects, std::int64_t now_ns, const GetOptions& options) {
  if (objects.empty()) return {};
  std::vector<std::size_t> widths;
  return kubectl::lay_out(table_lines(kind, objects, now_ns, options, !options.no_headers, nullptr), {.min_width = kMinWidth, .padding = kPadding, .remembered = &widths});
}

// The tree that json and yaml show: without the field managers, which kubectl hides unless asked for them.
Json shown_tree(const std::vector<Json>& objects, bool single) {
  Json items = Json::array();
  for (const Json& o : objects) {
    items.push_back(o);
    Json& copy = items.back();
    if (kubectl::member(copy, "metadata").is_object()) copy["metadata"].erase("managedFields");
  }
  if (single && items.size() == 1) {
    Json only = std::move(items[0]);
    return only;
  }
  Json tree = Json::object();
  tree["apiVersion"] = "v1";
  tree["items"] = std::move(items);
  tree["kind"] = "List";
  tree["metadata"]["resourceVersion"] = "";
  return tree;
}

// As Go's encoder writes it: characters that are special in HTML and the two Unicode line separators are escaped. They
// can occur inside strings only.
std::string json_text(const Json& tree) {
  const std::string plain = tree.dump(4, ' ', false, Json::error_handler_t::replace);
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

const KindInfo* resolve_kind(std::string_view word) {
  std::string text(word);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const std::size_t dot = text.find('.');
  const std::string name = text.substr(0, dot);
  std::string group = dot == std::string::npos ? std::string() : text.substr(dot + 1);
  if (group.starts_with("v1.")) group.erase(0, 3);
  if (name.empty()) return nullptr;
  for (const Entry& e : kKinds) {
    if (name != e.info.plural && name != e.info.singular && name != e.short_name) continue;
    if (dot == std::string::npos || group == e.info.group) return &e.info;
  }
  return nullptr;
}

std::string human_duration(std::int64_t ns) {
  const std::int64_t seconds = ns / 1'000'000'000;  // towards zero: -1.5 s is -1
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return fmt::format("{}s", seconds);
  const std::int64_t minutes = seconds / 60;
  if (minutes < 10) return two_units(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return fmt::format("{}m", minutes);
  const std::int64_t hours = minutes / 60;
  if (hours < 8) return two_units(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return fmt::format("{}h", hours);
  const std::int64_t days = hours / 24;
  if (days < 8) return two_units(days, 'd', hours % 24, 'h');
  if (days < 2 * 365) return fmt::format("{}d", days);
  if (days < 8 * 365) return two_units(days / 365, 'y', days % 365, 'd');
  return fmt::format("{}y", days / 365);
}

std::string print_objects(const KindInfo& kind, const std::vector<Json>& objects, std::int64_t now_ns, const GetOptions& options) {
  switch (options.output) {
    case GetOptions::Output::json: return json_text(shown_tree(objects, options.single));
    case GetOptions::Output::yaml: return write_yaml(shown_tree(objects, options.single));
    case GetOptions::Output::name: {
      std::string out;
      for (const Json& o : objects) out += kind_prefix(kind) + name_of(o) + '\n';
      return out;
    }
    case GetOptions::Output::table:
    case GetOptions::Output::wide: break;
  }
  return print_table(kind, objects, now_ns, options);
}

std::string WatchTable::add(std::string_view event, const std::vector<Json>& objects, std::int64_t now_ns) {
  if (objects.empty()) return {};
  constexpr std::size_t kEventWidth = 8;  // every word is filled up to the longest
  std::string cell(event);
  cell.resize(std::max(cell.size(), kEventWidth), ' ');
  const GetOptions::Output form = options_.output;
  if (form != GetOptions::Output::table && form != GetOptions::Output::wide) {
    std::string out;
    for (const Json& o : objects) {
      // Each object of its own, in YAML as a document of its own.
      if (form == GetOptions::Output::yaml && begun_) out += "---\n";
      begun_ = true;
      GetOptions one = options_;
      one.single = true;
      out += print_objects(kind_, {o}, now_ns, one);
    }
    return out;
  }
  const bool header = !begun_ && !options_.no_headers;
  begun_ = true;
  return kubectl::lay_out(table_lines(kind_, objects, now_ns, options_, header, events_ ? &cell : nullptr), {.min_width = kMinWidth, .padding = kPadding, .remembered = &widths_});
}

}  // namespace orrery
