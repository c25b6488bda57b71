// The scenario as a whole: from text or manifests to a Scenario, or to the list of all that is wrong.
#include "orrery/io/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "files.hpp"
#include "overrides.hpp"
#include "sections.hpp"

namespace orrery {
namespace {

using namespace scenario_reading;

void read_metadata(Fields& top, Scenario& out) {
  const json* value = top.take("metadata");
  if (!value) return;
  Fields f(top.problems(), *value, top.at("metadata"));
  if (auto name = f.name("name")) out.name = std::move(*name);
  if (const json* annotations = f.take("annotations")) {
    if (!annotations->is_object()) {
      f.problems().add(f.at("annotations"), fmt::format("expected an object, got {}", type_name(*annotations)));
    } else {
      for (const auto& [key, entry] : annotations->items())
        if (auto text = read_text(f.problems(), entry, child(f.at("annotations"), key))) out.annotations.emplace(key, std::move(*text));
    }
  }
  f.finish();
}

void read_seed(Fields& f, Scenario& out) {
  const json* seed = f.take("seed");
  if (!seed) return;
  // nlohmann keeps integers that do not fit as floating point: they would lose digits silently.
  if (seed->is_number_unsigned())
    out.seed = seed->get<std::uint64_t>();
  else if (seed->is_number_integer() && seed->get<std::int64_t>() >= 0)
    out.seed = static_cast<std::uint64_t>(seed->get<std::int64_t>());
  else
    f.problems().add(f.at("seed"), fmt::format("expected an integer of 0 to 18446744073709551615, got {}", seed->is_number() ? shown(*seed) : type_name(*seed)));
}

void read_start(Fields& f, Scenario& out) {
  const auto text = f.text("start");
  if (!text) return;
  if (const auto start = parse_rfc3339(*text))
    out.start = *start;
  else
    f.problems().add(f.at("start"), fmt::format("\"{}\" is not an instant of the years 1970 to 2200 in RFC 3339", shown(std::string_view(*text))),
                     "write it like 2026-01-05T00:00:00Z");
}

void read_until(Fields& f, Scenario& out) {
  const json* until = f.take("until");
  if (!until || *until == "settled") return;
  if (until->is_string())
    if (std::string hint = did_you_mean(until->get_ref<const std::string&>(), {"settled"}); !hint.empty()) {
      f.problems().add(f.at("until"), fmt::format("{} is neither a duration nor \"settled\"", shown(*until)), std::move(hint));
      return;
    }
  out.until = read_duration(f.problems(), *until, f.at("until"), Zero::refused);
}

void read_spec(Fields& f, ManifestLoader& manifests, Scenario& out) {
  Problems& problems = f.problems();
  read_seed(f, out);
  read_start(f, out);
  read_until(f, out);
  if (const json* v = f.take("controlPlane")) out.control_plane = read_control_plane(problems, *v, f.at("controlPlane"));
  if (const json* v = f.array("nodes", kMaxObjects)) out.nodes = read_nodes(problems, *v, f.at("nodes"));
  if (const json* v = f.array("objects", kMaxObjects))
    for (std::size_t i = 0; i < v->size() && !problems.full(); ++i) manifests.add((*v)[i], child(f.at("objects"), i), out.objects);
  if (const json* v = f.array("behaviors", kMaxBehaviors)) out.behaviors = read_behaviors(problems, *v, f.at("behaviors"));
  if (const json* v = f.array("timeline", kMaxTimeline)) out.timeline = read_timeline(problems, manifests, *v, f.at("timeline"));
  if (const json* v = f.array("expect", kMaxExpectations)) out.expect = read_expectations(problems, *v, f.at("expect"));
  f.finish();
}

/// apiVersion and kind. False when the document is something else, of which nothing more can be said.
bool check_header(Fields& top) {
  const json* version = top.take("apiVersion");
  const json* kind = top.take("kind");
  if (!top.is_object()) return false;
  if (kind && kind->is_string() && *kind != kScenarioKind && version && *version != kScenarioApiVersion) {
    top.problems().add("/kind", fmt::format("this is a {}, not a Scenario", shown(std::string_view(kind->get_ref<const std::string&>()))),
                       "plain manifests run with --nodes N");
    return false;
  }
  const auto expect = [&](const json* value, std::string_view key, std::string_view word) {
    if (!value)
      top.missing(key, fmt::format("\"{}\"", word));
    else if (*value != word)
      top.problems().add(top.at(key), fmt::format("expected \"{}\", got {}", word, shown(*value)));
  };
  expect(version, "apiVersion", kScenarioApiVersion);
  expect(kind, "kind", kScenarioKind);
  return true;
}

void name_sources(Scenario& s, const std::string& source) {
  for (NodeEntry& n : s.nodes)
    if (n.from.source.empty()) n.from.source = source;
  for (TimelineAction& a : s.timeline) a.from.source = source;
  for (Expectation& e : s.expect) e.from.source = source;
}

bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

/// Gives each problem of the scenario itself its source and line, and sorts all by file and line.
Diagnostics located(Problems& problems, const Document* document, const std::string& source, const std::vector<Override>& overrides) {
  Diagnostics list = problems.take();
  for (Diagnostic& d : list) {
    if (!d.source.empty()) continue;
    d.source = source;
    if (document) {
      const TextPosition position = document->position_of(d.pointer);
      d.line = position.line;
      d.column = position.column;
    }
    for (const Override& o : overrides) {
      if (d.pointer != o.pointer && !starts_with(d.pointer, o.pointer + "/")) continue;
      d.source = "--set " + shown(std::string_view(o.text));
      d.line = d.column = 0;
    }
  }
  std::vector<std::string> order;
  const auto rank = [&](const std::string& name) { return std::find(order.begin(), order.end(), name) - order.begin(); };
  for (const Diagnostic& d : list)
    if (rank(d.source) == static_cast<std::ptrdiff_t>(order.size())) order.push_back(d.source);
  std::stable_sort(list.begin(), list.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    if (a.source != b.source) return rank(a.source) < rank(b.source);
    return a.line < b.line;
  });
  return list;
}

void apply_options(Problems& problems, const ReadOptions& options, Scenario& out) {
  if (options.seed) out.seed = *options.seed;
  if (!options.until) return;
  out.until = options.until;
  if (*options.until > Duration::zero() && *options.until <= kSampleMax) return;
  Diagnostic d;
  d.source = "--until";
  d.pointer = "/spec/until";
  d.message = "the horizon must be longer than zero and at most 100 years";
  problems.add(std::move(d));
}

/// What is wrong with a text as a whole is told at its beginning; `line` 0 = there is no text.
Diagnostics one_problem(const std::string& source, std::uint32_t line, std::string message, std::string hint = {}) {
  Diagnostic d;
  d.source = source;
  d.line = line;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return {std::move(d)};
}

/// Node objects become nodes, the rest stays.
void take_nodes(ManifestLoader& loader, std::vector<ManifestObject>& objects, Scenario& out) {
  std::vector<ManifestObject> rest;
  for (ManifestObject& o : objects) {
    const auto kind = o.object.find("kind");
    if (kind == o.object.end() || *kind != "Node") {
      rest.push_back(std::move(o));
      continue;
    }
    const auto metadata = o.object.find("metadata");
    if (metadata == o.object.end() || !metadata->is_object() || !metadata->contains("name") || !(*metadata)["name"].is_string()) {
      loader.report(o.from, "a Node needs a name");
      continue;
    }
    out.nodes.push_back({std::move(o.object), std::nullopt, std::move(o.from)});
  }
  objects = std::move(rest);
}

}  // namespace

bool is_scenario(const nlohmann::json& document) {
  if (!document.is_object()) return false;
  const auto kind = document.find("kind");
  const auto version = document.find("apiVersion");
  if (kind != document.end() && *kind == kScenarioKind) return true;
  if (kind != document.end() && *kind == "Workflow") return false;
  return version != document.end() && version->is_string() && starts_with(version->get_ref<const std::string&>(), "orrery/");
}

Result<Scenario> parse_scenario(std::string_view text, const std::string& source_name, const std::string& base_dir, const ReadOptions& options) {
  if (text.size() > kMaxScenarioBytes) return one_problem(source_name, 1, fmt::format("the file is larger than the limit of {} MiB", kMaxScenarioBytes >> 20));
  Diagnostics reading;
  std::vector<Document> documents = read_documents(text, source_name, reading);
  if (!reading.empty()) return reading;
  if (documents.empty()) return one_problem(source_name, 1, "the file is empty", "a scenario begins with apiVersion: orrery/v1, kind: Scenario");
  if (documents.size() > 1 && !is_scenario(documents[0].value))
    return one_problem(source_name, 1, "this is a list of manifests, not a Scenario", "plain manifests run with --nodes N");
  Document& document = documents[0];
  Problems problems;
  if (documents.size() > 1) problems.add("", fmt::format("a scenario is one document, this file has {}", documents.size()));
  const std::vector<Override> overrides = apply_overrides(problems, options.overrides, document.value);

  Scenario out;
  out.name = stem_of(source_name);
  out.control_plane = *control_plane_profile("realistic");
  ManifestLoader manifests(problems, source_name, base_dir);
  Fields top(problems, document.value, "");
  if (check_header(top)) {
    read_metadata(top, out);
    if (const json* spec = top.take("spec")) {
      Fields f(problems, *spec, "/spec");
      read_spec(f, manifests, out);
    } else {
      top.missing("spec");
    }
    top.finish();
    name_sources(out, source_name);
    check_nodes(manifests, out.nodes);
    check_objects(manifests, out.objects);
  }
  apply_options(problems, options, out);
  if (!problems.empty()) return located(problems, &document, source_name, overrides);
  return out;
}

Result<Scenario> read_scenario_file(const std::string& path, const ReadOptions& options) {
  std::string text;
  if (const std::string error = read_file(path, FileKind::any, text); !error.empty()) return one_problem(path, 0, error);
  return parse_scenario(text, path, folder_of(path), options);
}

Result<Scenario> scenario_from_manifests(const std::vector<std::string>& paths, const ManifestOptions& options) {
  Problems problems;
  ManifestLoader loader(problems, "", "");
  Scenario out;
  out.name = paths.empty() ? "" : stem_of(paths.front());
  out.control_plane = *control_plane_profile("realistic");
  std::vector<ManifestObject> objects;
  const auto load = [&](const std::string& path) {
    const std::size_t first = problems.list().size();
    loader.take(path, "", objects);
    for (std::size_t i = first; i < problems.list().size(); ++i)
      if (problems.list()[i].source.empty()) problems.list()[i].source = path;
  };
  if (!options.nodes_from.empty()) {
    load(options.nodes_from);
    take_nodes(loader, objects, out);
    for (const ManifestObject& o : objects) loader.report(o.from, "only Nodes belong into the file of the nodes");
    objects.clear();
  }
  for (const std::string& path : paths) load(path);
  take_nodes(loader, objects, out);
  out.objects = std::move(objects);
  if (options.nodes < 0 || options.nodes > kMaxNodes) {
    Diagnostic d;
    d.source = "--nodes";
    d.message = fmt::format("expected 0 to {} nodes, got {}", kMaxNodes, options.nodes);
    problems.add(std::move(d));
  } else if (options.nodes > 0) {
    NodeEntry entry;
    entry.node = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", "node"}}}, {"status", {{"allocatable", {{"cpu", "8"}, {"memory", "32Gi"}, {"pods", "110"}}}}}};
    entry.count = options.nodes;
    entry.from.source = "--nodes";
    out.nodes.push_back(std::move(entry));
  }
  // The same tree a scenario file would have, so that --set can reach the fields that are not objects.
  json document = {{"spec", json::object()}};
  const std::vector<Override> overrides = apply_overrides(problems, options.read.overrides, document);
  Fields top(problems, document, "");
  read_metadata(top, out);
  Fields spec(problems, document["spec"], "/spec");
  top.take("spec");
  top.finish();
  if (!overrides.empty()) {
    Scenario changed;
    ManifestLoader none(problems, "--set", "");
    changed.control_plane = out.control_plane;
    changed.name = out.name;
    changed.annotations = out.annotations;
    read_spec(spec, none, changed);
    name_sources(changed, "--set");
    for (NodeEntry& n : out.nodes) changed.nodes.push_back(std::move(n));
    for (ManifestObject& o : out.objects) changed.objects.push_back(std::move(o));
    out = std::move(changed);
  }
  check_nodes(loader, out.nodes);
  check_objects(loader, out.objects);
  apply_options(problems, options.read, out);
  if (!problems.empty()) return located(problems, nullptr, "", overrides);
  return out;
}

}  // namespace orrery
