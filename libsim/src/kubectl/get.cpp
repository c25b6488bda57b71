// Kinds, ages and the layout of what `kubectl get` prints (K-002, K-010 … K-015).
#include "orrery/kubectl/get.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "columns.hpp"
#include "orrery/api/yaml.hpp"

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

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
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

// Tabs inside a cell separate cells, too, as in Go's tabwriter.
Row split_cells(const Row& line) {
  Row out;
  for (const std::string& raw : line) {
    const std::string cell = sanitized(raw);
    std::size_t begin = 0;
    for (std::size_t tab = 0; (tab = cell.find_first_of("\t\v", begin)) != std::string::npos; begin = tab + 1)
      out.push_back(cell.substr(begin, tab - begin));
    out.push_back(cell.substr(begin));
  }
  return out;
}

// The lines as one flush of the tab writer: every cell but the last of its line is padded (K-012).
std::string lay_out(const std::vector<Row>& lines) {
  std::vector<Row> cells;
  cells.reserve(lines.size());
  std::size_t columns = 0;
  for (const Row& line : lines) {
    cells.push_back(split_cells(line));
    columns = std::max(columns, cells.back().size());
  }
  // A block of a column is a run of lines that have a padded cell in it; a later block is at least as wide as an
  // earlier one of its column.
  std::vector<std::vector<std::size_t>> widths(cells.size());
  for (std::size_t column = 0; column + 1 < columns; ++column) {
    std::size_t width = kMinWidth;
    for (std::size_t begin = 0; begin < cells.size();) {
      std::size_t end = begin;
      for (; end < cells.size() && column + 1 < cells[end].size(); ++end)
        width = std::max(width, code_points(cells[end][column]) + kPadding);
      for (std::size_t i = begin; i < end; ++i) widths[i].push_back(width);
      begin = std::max(end, begin + 1);
    }
  }
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = 0; j < cells[i].size(); ++j) {
      out += cells[i][j];
      if (j < widths[i].size()) out.append(widths[i][j] - code_points(cells[i][j]), ' ');
    }
    out += '\n';
  }
  return out;
}

std::string labels_text(const Json& labels) {
  std::string out;
  if (labels.is_object())
    for (const auto& [key, value] : labels.items()) out += (out.empty() ? "" : ",") + key + '=' + kubectl::text_of(value);
  return out.empty() ? "<none>" : out;
}

std::string name_of(const Json& object) { return kubectl::text_of(kubectl::member(kubectl::member(object, "metadata"), "name")); }

std::string print_table(const KindInfo& kind, const std::vector<Json>& objects, std::int64_t now_ns, const GetOptions& options) {
  if (objects.empty()) return {};
  const bool wide = options.output == GetOptions::Output::wide;
  const bool namespaces = options.all_namespaces && kind.namespaced;
  // Events have their name, if anywhere, in a column of their own at the end (K-020).
  const bool is_event = kind.kind == "Event";
  const std::string prefix = options.with_kind ? kind_prefix(kind) : std::string();
  std::vector<Row> lines;
  lines.reserve(objects.size() + 1);
  const auto add_line = [&](std::string ns, std::string name, Row cells, std::string labels) {
    Row line;
    if (namespaces) line.push_back(std::move(ns));
    if (!is_event) line.push_back(std::move(name));
    for (std::string& cell : cells) line.push_back(std::move(cell));
    if (options.show_labels) line.push_back(std::move(labels));
    lines.push_back(std::move(line));
  };
  if (!options.no_headers) add_line("NAMESPACE", "NAME", kubectl::columns_of(kind.kind, wide).header, "LABELS");
  for (const Json& o : objects) {
    const Json& metadata = kubectl::member(o, "metadata");
    Row cells = kubectl::cells_of(kind.kind, o, now_ns, wide);
    if (is_event && wide && !cells.empty()) cells.back().insert(0, prefix);
    add_line(kubectl::text_of(kubectl::member(metadata, "namespace")), prefix + name_of(o), std::move(cells),
             labels_text(kubectl::member(metadata, "labels")));
  }
  return lay_out(lines);
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

}  // namespace orrery
