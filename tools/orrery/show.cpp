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

void show_all(Simulation& sim, const std::string& output) {
  const GetOptions::Output form = output_from(output);
  const Store& store = sim.cluster().store();
  const std::int64_t now = sim.cluster().now().time_since_epoch().count();
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
      objects.push_back(to_json(*o, sim.cluster().names()));
    }
    if (objects.empty()) continue;
    if (form == GetOptions::Output::json || form == GetOptions::Output::yaml) {
      everything.insert(everything.end(), objects.begin(), objects.end());
      continue;
    }
    if (kind == Kind::other) continue;
    last = resolve_kind(kind_name(kind));
    if (form != GetOptions::Output::name && !first) fmt::print("\n");
    first = false;
    fmt::print("{}", print_objects(*last, objects, now, {.output = form, .all_namespaces = namespaces, .with_kind = true}));
  }
  if (form == GetOptions::Output::json || form == GetOptions::Output::yaml)
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
