// orrery run: the whole scenario, then every kind as kubectl get prints it, then a summary.
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli.hpp"
#include "orrery/io/trace_file.hpp"
#include "show.hpp"

namespace orrery::cli {

namespace {

void print_summary(Simulation& sim, const RunReport& report) {
  Store& store = sim.cluster().store();
  std::map<std::string, std::size_t> pending;
  std::size_t pending_pods = 0;
  for (const auto& o : store.list(Kind::pod)) {
    const Pod& pod = static_cast<const Pod&>(*o);
    if (pod.node != 0 || pod.terminal()) continue;
    ++pending_pods;
    const Condition* c = find_condition(pod.conditions, sym::PodScheduled);
    ++pending[c != nullptr && c->message != 0 ? std::string(sim.cluster().text(c->message)) : "not tried yet"];
  }
  fmt::print("\n{} after {} of virtual time, {} events", to_string(report.status), format_go_duration(report.end), report.events);
  fmt::print("; {} nodes, {} pods, {} jobs\n", store.count(Kind::node), store.count(Kind::pod), store.count(Kind::job));
  if (pending_pods > 0) {
    fmt::print("{} pods have no node:\n", pending_pods);
    for (const auto& [why, n] : pending) fmt::print("  {:5}  {}\n", n, why);
  }
  for (const ExpectationResult& e : report.expectations)
    if (!e.met) fmt::print("not met: {}\n", e.message);
  if (!report.expectations.empty()) {
    std::size_t met = 0;
    for (const auto& e : report.expectations) met += e.met ? 1U : 0U;
    fmt::print("expectations: {} of {} met\n", met, report.expectations.size());
  }
  fmt::print("fingerprint: {}\n", report.fingerprint);
}

}  // namespace

int run(const RunCommand& command) {
  std::optional<Scenario> scenario = load(command.input);
  if (!scenario) return kBadInput;
  Simulation sim(std::move(*scenario));
  std::optional<TraceFile> trace;
  if (!command.watch.empty()) {
    trace.emplace(command.watch);
    if (!trace->ok()) {
      print_problems({Diagnostic{command.watch, {}, 0, 0, "cannot be written", "--watch FILE"}});
      return kBadInput;
    }
    sim.on_change([&](Duration t, const Change& c) { trace->write(t, c, sim.cluster().names()); });
  }
  const RunReport report = sim.run();
  if (trace && !trace->close()) {
    fmt::print(stderr, "{}: could not be written to the end\n", command.watch);
    return kInternalError;
  }
  print_refusals(report.refusals);
  if (report.status == RunStatus::livelock) {
    fmt::print(stderr, "livelock: {}\n", report.message);
    return kInternalError;
  }
  if (command.watch != "-") {
    if (!command.quiet) show_all(sim, command.output);
    if (!command.quiet && (command.output == "table" || command.output == "wide")) show_printed(report);
    if (command.output == "table" || command.output == "wide" || command.quiet) print_summary(sim, report);
  }
  for (const ExpectationResult& e : report.expectations)
    if (!e.met) return kExpectationFailed;
  return report.refusals.empty() ? kFine : kBadInput;
}

}  // namespace orrery::cli
