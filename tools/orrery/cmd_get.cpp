// orrery get: runs to an instant and prints objects as kubectl get would have then.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli.hpp"
#include "orrery/api/selector.hpp"
#include "show.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

namespace {
Diagnostics usage(std::string source, std::string message, std::string hint) { return {Diagnostic{std::move(source), {}, 0, 0, std::move(message), std::move(hint)}}; }

/// K-017 for `.a.b.c`: missing first, numbers as numbers, strings as they are.
void sort_by(std::vector<Json>& objects, std::string path) {
  if (path.starts_with("{") && path.ends_with("}")) path = path.substr(1, path.size() - 2);
  std::replace(path.begin(), path.end(), '.', '/');
  if (!path.starts_with("/")) path = "/" + path;
  const Json::json_pointer pointer(path);
  std::stable_sort(objects.begin(), objects.end(), [&](const Json& a, const Json& b) {
    const bool in_a = a.contains(pointer), in_b = b.contains(pointer);
    if (!in_a || !in_b) return !in_a && in_b;
    return a[pointer] < b[pointer];
  });
}
}  // namespace

int get(GetCommand& c, std::vector<std::string> words) {
  c.kind = words.front();
  std::size_t files_from = 1;
  std::error_code error;
  if (words.size() > 2 && !std::filesystem::exists(words[1], error)) {
    c.name = words[1];
    files_from = 2;
  }
  c.input.files.assign(words.begin() + static_cast<std::ptrdiff_t>(files_from), words.end());
  const KindInfo* kind = resolve_kind(c.kind);
  if (kind == nullptr) {
    print_problems(usage(c.kind, "no such kind", "pods, jobs, nodes, cronjobs, daemonsets, events …"));
    return kBadInput;
  }
  std::string problem;
  const auto selector = parse_selector(c.selector, &problem);
  if (!selector) {
    print_problems(usage("--selector", problem, "for example app=web,tier!=db"));
    return kBadInput;
  }
  std::optional<Duration> at;
  if (!c.at.empty()) {
    at = parse_duration(c.at);
    if (!at || at->count() < 0) {
      print_problems(usage("--at", fmt::format("\"{}\" is not an instant", c.at), "for example 2m26s"));
      return kBadInput;
    }
  }
  std::optional<Scenario> scenario = load(c.input);
  if (!scenario) return kBadInput;
  Simulation sim(std::move(*scenario), {.component_events = kind->kind == "Event"});
  if (at)
    sim.run_until(*at);
  else
    (void)sim.run();
  print_refusals(sim.refusals());
  const std::string ns = c.ns.empty() ? "default" : c.ns;
  std::vector<Json> objects;
  const std::vector<std::pair<std::string, std::string>> no_labels;
  for (const auto& o : sim.cluster().store().list(kind_from_name(kind->kind))) {
    if (kind->namespaced && !c.all_namespaces && sim.cluster().text(o->ns()) != ns) continue;
    if (!c.name.empty() && o->name() != c.name) continue;
    if (!selector->matches(o->meta.labels ? o->meta.labels->items : no_labels)) continue;
    Json j = to_json(*o, sim.cluster().names());
    if (j.value("kind", "") == kind->kind) objects.push_back(std::move(j));
  }
  if (!c.sort_by.empty()) sort_by(objects, c.sort_by);
  if (objects.empty() && !c.name.empty()) {
    fmt::print(stderr, "Error from server (NotFound): {} \"{}\" not found\n", kind->group.empty() ? std::string(kind->plural) : fmt::format("{}.{}", kind->plural, kind->group), c.name);
    return kExpectationFailed;
  }
  const GetOptions options{.output = output_from(c.output),
                           .all_namespaces = c.all_namespaces,
                           .show_labels = c.show_labels,
                           .no_headers = c.no_headers,
                           .single = !c.name.empty()};
  const std::string text = print_objects(*kind, objects, sim.cluster().now().time_since_epoch().count(), options);
  if (objects.empty() && options.output != GetOptions::Output::json && options.output != GetOptions::Output::yaml)
    fmt::print(stderr, "{}\n", kind->namespaced && !c.all_namespaces ? fmt::format("No resources found in {} namespace.", ns) : "No resources found");
  else
    fmt::print("{}", text);
  return kFine;
}

}  // namespace orrery::cli
