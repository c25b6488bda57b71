#include "show.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::cli {

using Json = nlohmann::json;

GetOptions::Output output_from(const std::string& name) {
  using Output = GetOptions::Output;
  return name == "wide" ? Output::wide : name == "name" ? Output::name : name == "json" ? Output::json : name == "yaml" ? Output::yaml : Output::table;
}

namespace {

// A line of a table needs little of an object. The longest parts are not written out and read again for it.

Json node_for_table(const Node& node, const Interner& names) {
  auto body = make_ref<Node::Body>();
  body->spec_text = "{}";
  Json status = Json::object();
  for (const char* key : {"addresses", "nodeInfo"})
    if (const auto it = node.body->status->find(key); it != node.body->status->end()) status[key] = *it;
  body->status_text = status.dump(-1, ' ', false, Json::error_handler_t::replace);
  Ref<Node> rest = clone_as(node);
  rest->body = std::move(body);
  return to_json(*rest, names);
}

Json pod_for_table(const Pod& pod, const Ref<const PodSpec>& without_containers, const Interner& names) {
  Ref<Pod> rest = clone_as(pod);
  rest->spec = without_containers;
  rest->meta.share({});
  const auto gates = pod.spec->json().find("readinessGates");
  if (gates == pod.spec->json().end()) {
    rest->conditions.clear();
    for (Condition c : pod.conditions) {
      if (c.type != sym::PodScheduled && c.type != sym::Initialized && c.type != sym::Ready) continue;
      c.message = 0;
      rest->conditions.push_back(c);
    }
  }
  Json out = to_json(*rest, names);
  Json& spec = out["spec"];
  const auto add = [&](const char* key, const std::vector<ContainerSpec>& containers) {
    if (containers.empty()) return;
    Json& list = spec[key] = Json::array();
    for (const ContainerSpec& c : containers) {
      list.push_back({{"name", names.text(c.name)}});
      if (c.sidecar()) list.back()["restartPolicy"] = "Always";
    }
  };
  add("containers", pod.spec->containers);
  add("initContainers", pod.spec->init_containers);
  if (gates != pod.spec->json().end()) spec["readinessGates"] = *gates;
  return out;
}

}  // namespace

void show_all(Simulation& sim, const std::string& output) {
  const GetOptions::Output form = output_from(output);
  const Store& store = sim.cluster().store();
  const std::int64_t now = sim.cluster().now().time_since_epoch().count();
  const bool whole = form == GetOptions::Output::json || form == GetOptions::Output::yaml;
  const Ref<const PodSpec> without_containers = PodSpec::make({{"containers", Json::array()}}, sim.cluster().names());
  std::vector<Json> everything;
  const KindInfo* last = nullptr;
  bool first = true;
  for (Kind kind : {Kind::node, Kind::daemonset, Kind::cronjob, Kind::workflow, Kind::job, Kind::pod, Kind::poddisruptionbudget, Kind::other}) {
    std::vector<Json> objects;
    bool namespaces = false;
    Symbol ns = 0;
    for (const auto& o : store.list(kind)) {
      namespaces = namespaces || (o->ns() != 0 && ns != 0 && o->ns() != ns) || (o->ns() != 0 && o->ns() != sym::default_);
      ns = o->ns();
      const Interner& names = sim.cluster().names();
      if (!whole && kind == Kind::pod)
        objects.push_back(pod_for_table(static_cast<const Pod&>(*o), without_containers, names));
      else if (!whole && kind == Kind::node)
        objects.push_back(node_for_table(static_cast<const Node&>(*o), names));
      else
        objects.push_back(to_json(*o, names));
    }
    if (objects.empty()) continue;
    if (whole) {
      everything.insert(everything.end(), objects.begin(), objects.end());
      continue;
    }
    if (kind == Kind::other) continue;
    last = resolve_kind(kind_name(kind));
    if (form != GetOptions::Output::name && !first) fmt::print("\n");
    first = false;
    fmt::print("{}", print_objects(*last, objects, now, {.output = form, .all_namespaces = namespaces, .with_kind = true}));
  }
  if (whole)
    fmt::print("{}", print_objects(*resolve_kind("pods"), everything, now, {.output = form}));
}

void show_printed(const RunReport& report) {
  constexpr std::size_t kHead = 40, kTail = 10;
  const auto& lines = report.printed;
  if (lines.empty()) return;
  fmt::print("\nprinted by commands of the timeline:\n");
  const auto show = [&](const PrintedLine& l) {
    std::string t;
    append_trace_seconds(t, l.at);
    fmt::print("  t={:<12} {}\n", t, l.text);
  };
  const bool cut = lines.size() > kHead + kTail;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (cut && i == kHead) {
      fmt::print("  … {} lines\n", lines.size() - kHead - kTail);
      i = lines.size() - kTail;
    }
    show(lines[i]);
  }
  if (report.printed_more > 0) fmt::print("  … and {} more lines\n", report.printed_more);
}

}  // namespace orrery::cli
