// The library in a few lines, as README.md shows it. Fails when the example does not do what the README says.
#include <iostream>

#include <orrery/io/scenario.hpp>
#include <orrery/models/simulation.hpp>

int main() {
  const char* text = R"({
    "apiVersion": "orrery/v1", "kind": "Scenario", "metadata": { "name": "from-code" },
    "spec": {
      "nodes": [ { "count": 3, "metadata": { "name": "n" } } ],
      "objects": [ { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "hello" },
                     "spec": { "completions": 6, "parallelism": 3, "template": { "spec": { "restartPolicy": "Never",
                       "containers": [ { "name": "c", "image": "busybox:1" } ] } } } } ]
    } })";
  auto scenario = orrery::parse_scenario(text, "main.cpp", ".");
  if (!scenario) return 2;
  orrery::Simulation sim(*scenario);
  int started = 0;
  sim.on_change([&](orrery::Duration t, const orrery::Change& c) {
    if (c.kind == orrery::Kind::pod && c.type == orrery::ChangeType::added)
      std::cout << orrery::format_go_duration(t) << " " << c.object->name() << "\n", ++started;
  });
  const orrery::RunReport report = sim.run();
  const orrery::Job* job = sim.cluster().store().live_job(sim.cluster().symbol("default"), "hello");
  std::cout << "succeeded: " << job->status.succeeded << ", fingerprint " << report.fingerprint << "\n";
  return started == 6 && job->status.succeeded == 6 ? 0 : 1;
}
