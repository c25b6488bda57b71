// What the API server writes into objects, against the first appearance of each object in the recorded traces.
#include "orrery/api/defaults.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

std::filesystem::path conformance() { return std::filesystem::path(ORRERY_SOURCE_DIR) / "tests/conformance"; }

/// The object of the first ADDED line of a kind and name; null if there is none.
json first_added(const std::filesystem::path& trace, const json& wanted) {
  std::ifstream in(trace);
  for (std::string line; std::getline(in, line);) {
    if (line.find("\"type\":\"ADDED\"") == std::string::npos) continue;
    json event = json::parse(line);
    json& object = event["object"];
    if (object["kind"] == wanted["kind"] && object["metadata"]["name"] == wanted["metadata"]["name"]) return std::move(object);
  }
  return nullptr;
}

json prepared(json object) {
  const std::string kind = object["kind"];
  orrery::prepare_for_create(kind, object, {"uid-1", "2026-01-01T00:00:00Z"});
  return object;
}

json pod(json spec) { return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "p"}}}, {"spec", std::move(spec)}}; }

json job(json spec) {
  spec["template"]["spec"]["containers"] = json::array({{{"name", "c"}, {"image", "a:1"}}});
  return {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "j"}}}, {"spec", std::move(spec)}};
}

}  // namespace

TEST_CASE("objects of the scenarios look as they do in the traces") {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(conformance() / "recorded")) {
    if (entry.path().extension() != ".jsonl") continue;
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    std::ifstream in(conformance() / "scenarios" / (name + ".json"));
    REQUIRE(in);
    const json scenario = json::parse(in);
    for (const json& object : scenario["spec"]["objects"]) {
      json expected = first_added(entry.path(), object);
      if (expected.is_null()) continue;
      expected["metadata"].erase("resourceVersion");
      json actual = object;
      const std::string uid = expected["metadata"]["uid"];
      const std::string now = expected["metadata"]["creationTimestamp"];
      orrery::prepare_for_create(object["kind"].get<std::string>(), actual, {uid, now});
      CHECK(actual == expected);
      ++compared;
    }
  }
  CHECK(compared > 100);
}

TEST_CASE("J-001: parallelism and completions") {
  const struct {
    json given;
    json parallelism;
    json completions;
  } table[] = {{json::object(), 1, 1}, {{{"completions", 4}}, 1, 4}, {{{"parallelism", 3}}, 3, nullptr}, {{{"parallelism", 3}, {"completions", 4}}, 3, 4}};
  for (const auto& row : table) {
    const json spec = prepared(job(row.given))["spec"];
    CHECK(spec["parallelism"] == row.parallelism);
    CHECK(spec.value("completions", json()) == row.completions);
  }
}

TEST_CASE("J-001: the other defaults of a Job") {
  const json spec = prepared(job(json::object()))["spec"];
  CHECK(spec["backoffLimit"] == 6);
  CHECK(spec["completionMode"] == "NonIndexed");
  CHECK(spec["suspend"] == false);
  CHECK(spec["podReplacementPolicy"] == "TerminatingOrFailed");
  CHECK(spec["manualSelector"] == false);
  CHECK(prepared(job({{"backoffLimitPerIndex", 1}}))["spec"]["backoffLimit"] == 2147483647);
  const json with_policy =
      prepared(job({{"podFailurePolicy", {{"rules", json::array({{{"action", "Ignore"}, {"onPodConditions", json::array({{{"type", "X"}}})}}})}}}}));
  CHECK(with_policy["spec"]["podReplacementPolicy"] == "Failed");
  CHECK(with_policy["spec"]["podFailurePolicy"]["rules"][0]["onPodConditions"][0]["status"] == "True");
}

TEST_CASE("J-001, J-002: labels of the template become those of a Job that has none") {
  json labelled = job({{"template", {{"metadata", {{"labels", {{"app", "x"}}}}}}}});
  CHECK(prepared(labelled)["metadata"]["labels"] == json{{"app", "x"}});
  // Reading it back defaults it again, now from the generated labels.
  json again = prepared(job(json::object()));
  CHECK_FALSE(again["metadata"].contains("labels"));
  orrery::apply_defaults("Job", again);
  CHECK(again["metadata"]["labels"] == again["spec"]["template"]["metadata"]["labels"]);
}

TEST_CASE("J-003, J-041: a new Job has no status, generation 1 and a selector of its own") {
  json given = job(json::object());
  given["status"] = {{"active", 3}};
  const json made = prepared(given);
  CHECK(made["status"] == json::object());
  CHECK(made["metadata"]["generation"] == 1);
  CHECK(made["spec"]["selector"] == json{{"matchLabels", {{"batch.kubernetes.io/controller-uid", "uid-1"}}}});
  CHECK(made["spec"]["template"]["metadata"]["labels"] == json{{"batch.kubernetes.io/controller-uid", "uid-1"},
                                                               {"batch.kubernetes.io/job-name", "j"},
                                                               {"controller-uid", "uid-1"},
                                                               {"job-name", "j"}});
}

TEST_CASE("J-003, C-003, D-012: the generation counts changes of the spec, the status stays") {
  json before = prepared(job(json::object()));
  before["metadata"]["resourceVersion"] = "5";
  before["status"] = {{"active", 1}};
  json same = before;
  same["status"] = {{"active", 9}};
  same["metadata"]["labels"] = {{"a", "b"}};
  orrery::prepare_for_update("Job", same, before);
  CHECK(same["metadata"]["generation"] == 1);
  CHECK(same["status"] == before["status"]);
  json more = before;
  more["spec"]["parallelism"] = 2;
  more["metadata"].erase("uid");
  more["metadata"].erase("resourceVersion");
  more["metadata"]["generation"] = 99;
  orrery::prepare_for_update("Job", more, before);
  CHECK(more["metadata"]["generation"] == 2);
  CHECK(more["metadata"]["uid"] == "uid-1");
  CHECK(more["metadata"]["resourceVersion"] == "5");
  json status = before;
  status["spec"]["parallelism"] = 7;
  status["status"] = {{"active", 2}};
  orrery::prepare_for_status_update("Job", status, before);
  CHECK(status["spec"] == before["spec"]);
  CHECK(status["metadata"]["generation"] == 1);
  CHECK(status["status"]["active"] == 2);
}

TEST_CASE("D-010, D-012: the template generation of a DaemonSet") {
  json before = prepared({{"apiVersion", "apps/v1"},
                          {"kind", "DaemonSet"},
                          {"metadata", {{"name", "d"}}},
                          {"spec",
                           {{"selector", {{"matchLabels", {{"app", "d"}}}}},
                            {"template", {{"metadata", {{"labels", {{"app", "d"}}}}}, {"spec", {{"containers", json::array({{{"name", "c"}, {"image", "a:1"}}})}}}}}}}});
  constexpr const char* kAnnotation = "deprecated.daemonset.template.generation";
  CHECK(before["metadata"]["annotations"][kAnnotation] == "1");
  CHECK(before["spec"]["updateStrategy"] == json{{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", 1}, {"maxSurge", 0}}}});
  json minimum = before;
  minimum["spec"]["minReadySeconds"] = 5;
  orrery::prepare_for_update("DaemonSet", minimum, before);
  CHECK(minimum["metadata"]["generation"] == 2);
  CHECK(minimum["metadata"]["annotations"][kAnnotation] == "1");
  json image = before;
  image["spec"]["template"]["spec"]["containers"][0]["image"] = "a:2";
  orrery::prepare_for_update("DaemonSet", image, before);
  CHECK(image["metadata"]["generation"] == 2);
  CHECK(image["metadata"]["annotations"][kAnnotation] == "2");
}

TEST_CASE("P-011: image pull policy") {
  const struct {
    const char* image;
    const char* policy;
  } table[] = {
      {"nginx", "Always"},        {"nginx:latest", "Always"},    {"nginx:1", "IfNotPresent"},         {"a.b:5000/c", "Always"},
      {"a.b:5000/c:1", "IfNotPresent"}, {"localhost/x", "Always"}, {"UPPER", "IfNotPresent"},           {"", "IfNotPresent"},
      {"a:b:c", "IfNotPresent"},  {"../x", "IfNotPresent"},      {"Host/x", "Always"},                {"a__b", "Always"},
      {"a___b", "IfNotPresent"},  {"x@sha256:0000000000000000000000000000000000000000000000000000000000000000", "IfNotPresent"},
  };
  for (const auto& row : table) {
    CAPTURE(row.image);
    const json made = prepared(pod({{"containers", json::array({{{"name", "c"}, {"image", row.image}}})}}));
    CHECK(made["spec"]["containers"][0]["imagePullPolicy"] == row.policy);
  }
}

TEST_CASE("P-010: requests follow limits in a Pod, not in a template; quantities are canonical") {
  const json container = {{"name", "c"}, {"image", "a:1"}, {"resources", {{"limits", {{"cpu", "0.5"}, {"memory", "1024Mi"}}}}}};
  const json made = prepared(pod({{"containers", json::array({container})}}));
  CHECK(made["spec"]["containers"][0]["resources"]["requests"] == json{{"cpu", "500m"}, {"memory", "1Gi"}});
  CHECK(made["status"]["qosClass"] == "Guaranteed");
  json templated = job(json::object());
  templated["spec"]["template"]["spec"]["containers"][0] = container;
  CHECK_FALSE(prepared(templated)["spec"]["template"]["spec"]["containers"][0]["resources"].contains("requests"));
}

TEST_CASE("P-012: five minutes on a lost node, unless the pod says otherwise") {
  const json containers = json::array({{{"name", "c"}, {"image", "a:1"}}});
  const auto tolerations = [&](json given) {
    return prepared(pod({{"containers", containers}, {"tolerations", std::move(given)}}))["spec"]["tolerations"].size();
  };
  CHECK(tolerations(json::array()) == 2);
  CHECK(tolerations(json::array({{{"operator", "Exists"}}})) == 1);
  CHECK(tolerations(json::array({{{"operator", "Exists"}, {"effect", "NoSchedule"}}})) == 3);
  CHECK(tolerations(json::array({{{"key", "node.kubernetes.io/not-ready"}, {"operator", "Exists"}}})) == 2);
}

TEST_CASE("P-013: a new pod is pending, and gated if it has gates") {
  const json containers = json::array({{{"name", "c"}, {"image", "a:1"}}});
  CHECK(prepared(pod({{"containers", containers}}))["status"] == json{{"phase", "Pending"}, {"qosClass", "BestEffort"}});
  const json gated = prepared(pod({{"containers", containers}, {"schedulingGates", json::array({{{"name", "g"}}})}}));
  CHECK(gated["status"]["conditions"][0]["reason"] == "SchedulingGated");
}

TEST_CASE("preparing twice changes nothing") {
  for (const json& object : {pod({{"containers", json::array({{{"name", "c"}, {"image", "a"}}})}}), job({{"parallelism", 2}})}) {
    json once = prepared(object);
    json twice = prepared(once);
    if (object["kind"] == "Job") once["metadata"]["labels"] = twice["metadata"]["labels"];  // J-002
    CHECK(once == twice);
  }
}
