#pragma once
// What watchers see of pods in a small scenario, one line per visible change, so that a table can say all of it.
//
// A row's input is JSON (with ' for "): "pod" (the spec of a pod named p; a container c is supplied where it has none) or
// "objects", and "behaviors", "timeline", "nodes", "until" as in a scenario. Everything has latency 0.
// A line: "12.5 Running Ready del30 c=up*2", that is the instant in seconds, the phase (with /reason), Ready where the condition is
// true, the grace period where the pod is deleted, and its containers, init containers first, with their restarts:
//   wait:REASON  wait10 (crash back-off of 10 s)  run (not started)  up (not ready)  ready  exit1 (/REASON if it is not the usual one)
//   lost (ContainerStatusUnknown)
// The second pod of a row has #2 before its lines, and so on.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/kubectl/get.hpp"
#include "orrery/models/simulation.hpp"

namespace orrery::test {

using Json = nlohmann::json;

struct Row {
  const char* proves;   ///< rules or edge cases, and what happens
  const char* input;
  const char* history;  ///< the lines, each trimmed; empty lines do not count
};

/// Of a change: the rest of the line after the instant; empty: nothing to say.
using View = std::function<std::string(Simulation&, const Change&)>;

inline Json scenario_of(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  Json in = Json::parse(text);
  Json spec = {{"until", in.value("until", Json("1h"))}, {"controlPlane", {{"profile", "ideal"}}}, {"nodes", in.value("nodes", Json({{{"metadata", {{"name", "n"}}}}}))}};
  spec["objects"] = in.value("objects", Json::array());
  for (const char* key : {"behaviors", "timeline"})
    if (in.contains(key)) spec[key] = in[key];
  if (in.contains("pod")) {
    Json pod = in["pod"];
    if (!pod.contains("containers")) pod["containers"] = {{{"name", "c"}}};
    for (const char* list : {"containers", "initContainers"})
      if (pod.contains(list))
        for (Json& c : pod[list])
          if (!c.contains("image")) c["image"] = "i:1";
    spec["objects"].push_back({{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", in.value("metadata", Json::object())}, {"spec", pod}});
    spec["objects"].back()["metadata"]["name"] = "p";
  }
  return {{"apiVersion", "orrery/v1"}, {"kind", "Scenario"}, {"metadata", {{"name", "row"}}}, {"spec", spec}};
}

inline std::string seconds_text(Duration d) {
  const auto ns = d.count();
  std::string out = fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

inline std::string container_text(Simulation& sim, const ContainerStatus& s) {
  auto text = [&](Symbol x) { return sim.cluster().text(x); };
  std::string state;
  switch (s.state) {
    case ContainerStatus::State::waiting:
      state = s.waiting_reason == sym::CrashLoopBackOff ? fmt::format("wait{}", s.backoff_s) : fmt::format("wait:{}", text(s.waiting_reason));
      break;
    case ContainerStatus::State::running: state = s.ready ? "ready" : s.started ? "up" : "run"; break;
    case ContainerStatus::State::terminated: {
      const auto& t = s.terminated;
      const bool usual = t.reason == (t.exit_code == 0 ? Symbol{sym::Completed} : Symbol{sym::Error});
      state = t.reason == sym::ContainerStatusUnknown ? "lost" : fmt::format("exit{}{}{}", t.exit_code, usual ? "" : "/", usual ? "" : text(t.reason));
    }
  }
  return fmt::format("{}={}{}", text(s.name), state, s.restart_count > 0 ? fmt::format("*{}", s.restart_count) : "");
}

/// Phase and containers, as described above.
inline std::string state_view(Simulation& sim, const Change& c) {
  if (c.kind != Kind::pod) return {};
  const Pod& pod = static_cast<const Pod&>(*c.object);
  if (c.type == ChangeType::deleted) return "gone";
  std::string out(phase_name(pod.phase));
  if (pod.reason() != 0) out += fmt::format("/{}", sim.cluster().text(pod.reason()));
  if (condition_true(pod.conditions, sym::Ready)) out += " Ready";
  if (pod.meta.deleted) out += fmt::format(" del{}", pod.meta.deletion_grace);
  for (const auto* list : {&pod.init_containers(), &pod.containers})
    for (const ContainerStatus& s : *list) out += " " + container_text(sim, s);
  return out;
}

/// The cells READY, STATUS and RESTARTS of kubectl.
inline std::string kubectl_view(Simulation& sim, const Change& c) {
  if (c.kind != Kind::pod) return {};
  const std::string line = print_objects(*resolve_kind("pods"), {to_json(*c.object, sim.cluster().names())}, sim.cluster().now().time_since_epoch().count(), {.no_headers = true});
  std::vector<std::string> cells;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find("   ", at), line.size());
    if (end > at) cells.push_back(line.substr(at, end - at));
    at = end + 1;
    while (at < line.size() && line[at] == ' ') ++at;
  }
  if (cells.size() < 4) return line;
  return fmt::format("{}{} {} {}", c.type == ChangeType::deleted ? "gone " : "", cells[1], cells[2], cells[3]);
}

/// The conditions of a kind: "Ready=False/ContainersNotReady: containers with unready status: [c]".
inline View condition_view(std::vector<std::string> types) {
  return [types = std::move(types)](Simulation& sim, const Change& c) -> std::string {
    if (c.kind != Kind::pod || c.type == ChangeType::deleted) return {};
    std::string out;
    for (const std::string& type : types)
      if (const Condition* k = find_condition(static_cast<const Pod&>(*c.object).conditions, sim.cluster().symbol(type))) {
        out += fmt::format("{}{}={}", out.empty() ? "" : "; ", type, sim.cluster().text(k->status));
        if (k->reason != 0) out += fmt::format("/{}", sim.cluster().text(k->reason));
        if (k->message != 0) out += fmt::format(": {}", sim.cluster().text(k->message));
      }
    return out;
  };
}

/// Events of kubelets: "Warning Unhealthy spec.containers{c} Startup probe failed: ".
inline std::string event_view(Simulation& sim, const Change& c) {
  if (c.kind != Kind::event) return {};
  const Json e = to_json(*c.object, sim.cluster().names());
  if (e["source"].value("component", "") != "kubelet") return {};
  std::string out = fmt::format("{} {} {} {}", e["type"].get<std::string>(), e["reason"].get<std::string>(), e["involvedObject"].value("fieldPath", "-"), e["message"].get<std::string>());
  if (e.value("count", 1) > 1) out += fmt::format(" x{}", e["count"].get<int>());
  return out;
}

inline std::string history_of(const char* input, const View& view) {
  const auto scenario = parse_scenario(scenario_of(input).dump(), "row.json", ".");
  std::string out;
  if (!scenario) {
    for (const auto& problem : scenario.problems()) out += to_string(problem) + "\n";
    return out;
  }
  Simulation sim(*scenario, {.component_events = true});
  std::map<Uid, std::pair<std::size_t, std::string>> pods;
  sim.on_change([&](Duration t, const Change& c) {
    const std::string text = view(sim, c);
    if (text.empty()) return;
    std::string number;
    if (c.kind == Kind::pod) {
      auto [it, added] = pods.try_emplace(c.object->uid(), pods.size() + 1, std::string{});
      if (it->second.second == text) return;
      it->second.second = text;
      if (it->second.first > 1) number = fmt::format(" #{}", it->second.first);
    }
    std::string line = fmt::format("{}{} {}", seconds_text(t), number, text);
    while (line.back() == ' ') line.pop_back();
    out += line + "\n";
  });
  const RunReport report = sim.run();
  for (const Refusal& r : report.refusals) out += fmt::format("refused at {}: {}\n", seconds_text(r.at), r.message);
  return out;
}

inline std::string trimmed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto from = line.find_first_not_of(' ');
    if (from == std::string_view::npos) continue;
    line = line.substr(from, line.find_last_not_of(' ') + 1 - from);
    out += std::string(line) + "\n";
  }
  return out;
}

/// The history of a pod that first runs as all do, a second after it was bound; the row tells the rest.
inline void check_after_start(const Row& row) {
  const std::string proves = row.proves;
  INFO(proves);
  CHECK(history_of(row.input, state_view) == "0 Pending\n0 Pending c=wait:ContainerCreating\n1 Running Ready c=ready\n" + trimmed(row.history));
}

template <std::size_t N>
void check_rows(const Row (&rows)[N], const View& view = state_view) {
  for (const Row& row : rows) {
    const std::string proves = row.proves;
    INFO(proves);
    CHECK(history_of(row.input, view) == trimmed(row.history));
  }
}

}  // namespace orrery::test
