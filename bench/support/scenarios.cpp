#include "scenarios.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <map>

namespace orrery::bench {

namespace {

/// A scenario's text around its parts; `rest` begins with a comma where it is not empty.
Result<Scenario> scenario_of(std::string_view name, std::string_view profile, std::string_view until, const std::string& nodes,
                             const std::string& objects, const std::string& rest) {
  const std::string text = fmt::format(
      R"({{"apiVersion":"orrery/v1","kind":"Scenario","metadata":{{"name":"{}"}},"spec":{{"until":"{}","controlPlane":{{"profile":"{}"}},)"
      R"("nodes":[{}],"objects":[{}]{}}}}})",
      name, until, profile, nodes, objects, rest);
  return parse_scenario(text, std::string(name), ".");
}

std::string nodes_of(std::int64_t count, std::int64_t pods, std::string_view zone = "") {
  return fmt::format(
      R"({{"count":{},"metadata":{{"name":"node{}","labels":{{"zone":"{}"}}}},"status":{{"allocatable":{{"cpu":"64","memory":"256Gi","pods":"{}"}}}}}})",
      count, zone, zone, pods);
}

std::string job_of(std::string_view name, std::int64_t completions, std::int64_t parallelism, std::string_view cpu = "100m",
                   std::string_view memory = "64Mi") {
  return fmt::format(
      R"({{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"{}"}},"spec":{{"completions":{},"parallelism":{},"template":{{"spec":)"
      R"({{"restartPolicy":"Never","containers":[{{"name":"c","image":"busybox:1","resources":{{"requests":{{"cpu":"{}","memory":"{}"}}}}}}]}}}}}}}})",
      name, completions, parallelism, cpu, memory);
}

std::vector<std::vector<std::string>> read_csv(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    auto& row = rows.emplace_back();
    std::size_t from = 0;
    for (;;) {
      const std::size_t comma = line.find(',', from);
      row.push_back(line.substr(from, comma == std::string::npos ? comma : comma - from));
      if (comma == std::string::npos) break;
      from = comma + 1;
    }
  }
  return rows;
}

std::int64_t integer(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Diagnostics no_data(const std::string& folder) {
  return {Diagnostic{folder, {}, 0, 0, "the data set is not there", "set ORRERY_DATA to the folder that holds it"}};
}

}  // namespace

Result<Scenario> job_scenario(std::string_view profile, std::int64_t completions, std::int64_t parallelism, std::int64_t nodes, std::string_view until) {
  return scenario_of("job", profile, until, nodes_of(nodes, 2 * parallelism / nodes + 10), job_of("job", completions, parallelism),
                     R"(,"behaviors":[{"run":"10m"}],"expect":[{"at":"eventually","object":"Job/job","path":"/status/succeeded","equals":)" +
                         fmt::format("{}}}]", completions));
}

Result<Scenario> cron_scenario(std::string_view profile, std::int64_t count, std::int64_t days) {
  std::string objects;
  for (std::int64_t i = 0; i < count; ++i)
    objects += fmt::format(
        R"({}{{"apiVersion":"batch/v1","kind":"CronJob","metadata":{{"name":"cron-{}"}},"spec":{{"schedule":"{} * * * *","jobTemplate":{{"spec":{{"template":)"
        R"({{"spec":{{"restartPolicy":"Never","containers":[{{"name":"c","image":"busybox:1"}}]}}}}}}}}}}}})",
        i == 0 ? "" : ",", i, i % 60);
  return scenario_of("cron", profile, fmt::format("{}d", days), nodes_of(count / 50 + 1, 250), objects, R"(,"behaviors":[{"run":"30s"}])");
}

Result<Scenario> daemon_scenario(std::string_view profile, std::int64_t nodes) {
  return scenario_of(
      "daemon", profile, "1h", nodes_of(nodes, 110),
      R"({"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent"},"spec":{"selector":{"matchLabels":{"app":"agent"}},)"
      R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"10%"}},"template":{"metadata":{"labels":{"app":"agent"}},)"
      R"("spec":{"containers":[{"name":"c","image":"agent:1"}]}}}})",
      R"(,"timeline":[{"at":"5m","setImage":{"kind":"DaemonSet","name":"agent","container":"c","image":"agent:2"}}])");
}

Result<Scenario> outage_scenario(std::string_view profile, std::int64_t pods, std::int64_t nodes) {
  constexpr std::int64_t kJobs = 100;
  std::string objects;
  for (std::int64_t i = 0; i < kJobs; ++i)
    objects += (i == 0 ? "" : ",") + job_of(fmt::format("job-{}", i), pods / kJobs, pods / kJobs, "10m", "16Mi");
  const std::int64_t room = 2 * pods / nodes + 10;
  return scenario_of("outage", profile, "90m", nodes_of(nodes / 3, room, "a") + "," + nodes_of(nodes / 3, room, "b") + "," + nodes_of(nodes - nodes / 3 * 2, room, "c"),
                     objects,
                     R"(,"behaviors":[{"run":"forever"}],"timeline":[{"at":"30m","failNode":{"selector":"zone=a","mode":"partition","for":"30m"}}])");
}

Result<Scenario> live_scenario(std::string_view profile, std::int64_t pods, std::int64_t nodes) {
  constexpr std::int64_t kJobs = 100;
  std::string objects;
  for (std::int64_t i = 0; i < kJobs; ++i) objects += (i == 0 ? "" : ",") + job_of(fmt::format("job-{}", i), pods / kJobs, pods / kJobs);
  return scenario_of("live", profile, "20m", nodes_of(nodes, 2 * pods / nodes + 10), objects, R"(,"behaviors":[{"run":"forever"}])");
}

Result<Scenario> openb_scenario(std::string_view profile, const std::string& folder) {
  std::string nodes;
  for (const auto& row : read_csv(folder + "/openb_node_list_all_node.csv")) {
    if (row.size() < 4) continue;
    nodes += fmt::format(R"({}{{"metadata":{{"name":"{}"}},"status":{{"allocatable":{{"cpu":"{}m","memory":"{}Mi","pods":"110","nvidia.com/gpu":"{}"}}}}}})",
                         nodes.empty() ? "" : ",", row[0], row[1], row[2], integer(row[3]));
  }
  std::string behaviors, timeline;
  for (const auto& row : read_csv(folder + "/openb_pod_list_default.csv")) {
    if (row.size() < 11) continue;
    const std::int64_t created = integer(row[8]), deleted = integer(row[9]), scheduled = integer(row[10]);
    const std::int64_t begun = row[10].empty() ? created : scheduled;
    behaviors += fmt::format(R"({}{{"match":{{"kind":"Job","name":"{}"}},"run":"{}s"}})", behaviors.empty() ? "" : ",", row[0], std::max<std::int64_t>(1, deleted - begun));
    const std::string gpu = integer(row[3]) > 0 ? fmt::format(R"(,"nvidia.com/gpu":"{}")", integer(row[3])) : "";
    const std::string resources = fmt::format(R"({{"cpu":"{}m","memory":"{}Mi"{}}})", row[1], row[2], gpu);
    timeline += fmt::format(
        R"({}{{"at":"{}s","apply":{{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"{}"}},"spec":{{"template":{{"spec":{{"restartPolicy":"Never",)"
        R"("containers":[{{"name":"c","image":"task:1","resources":{{"requests":{},"limits":{}}}}}]}}}}}}}}}})",
        timeline.empty() ? "" : ",", created, row[0], resources, resources);
  }
  if (nodes.empty() || timeline.empty()) return no_data(folder);
  return scenario_of("openb", profile, "200d", nodes, "", fmt::format(R"(,"behaviors":[{}],"timeline":[{}])", behaviors, timeline));
}

Result<Scenario> k8s_sims_scenario(std::string_view profile, const std::string& folder, std::string_view size) {
  const std::string pods = fmt::format("{}/pods-{}.yaml", folder, size);
  if (!std::ifstream(pods)) return no_data(folder);
  ManifestOptions options;
  options.nodes_from = fmt::format("{}/nodes-{}.yaml", folder, size);
  options.read.overrides = {fmt::format("controlPlane.profile={}", profile)};
  options.read.until = std::chrono::minutes(10);
  return scenario_from_manifests({pods}, options);
}

std::string scenario_text(std::int64_t objects) {
  std::string jobs, behaviors, timeline;
  for (std::int64_t i = 0; i < objects; ++i) {
    jobs += (i == 0 ? "" : ",\n      ") + job_of(fmt::format("job-{}", i), 8, 2);
    behaviors += fmt::format(R"({}{{ "match": {{ "kind": "Job", "name": "job-{}" }}, "run": {{ "uniform": [ "10s", "{}s" ] }}, "exit": 0 }})",
                             i == 0 ? "" : ",\n      ", i, 20 + i);
    timeline += fmt::format(R"({}{{ "at": "{}s", "suspend": {{ "kind": "Job", "name": "job-{}" }} }})", i == 0 ? "" : ",\n      ", i, i);
  }
  return fmt::format(
      R"({{
  "apiVersion": "orrery/v1",
  "kind": "Scenario",
  "metadata": {{ "name": "parse" }},
  "spec": {{
    "until": "1h",
    "nodes": [ {} ],
    "objects": [
      {}
    ],
    "behaviors": [
      {}
    ],
    "timeline": [
      {}
    ]
  }}
}}
)",
      nodes_of(100, 110), jobs, behaviors, timeline);
}

std::string manifest_text(std::int64_t count) {
  std::string out;
  for (std::int64_t i = 0; i < count; ++i)
    out += fmt::format(R"(apiVersion: v1
kind: Pod
metadata:
  annotations:
    example.com/gpu-count: '1'
    example.com/gpu-milli: '{}'
  name: pod-{:05}
  labels:
    app: bench
spec:
  containers:
  - image: tensorflow:latest
    imagePullPolicy: IfNotPresent
    name: main
    resources:
      limits:
        cpu: {}m
        memory: 16384Mi
      requests:
        cpu: {}m
        memory: 16384Mi
  dnsPolicy: Default
  restartPolicy: OnFailure
---
)",
                       i % 1000, i, 100 * (1 + i % 120), 100 * (1 + i % 120));
  return out;
}

}  // namespace orrery::bench
