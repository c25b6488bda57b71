#include "orrery/api/schema.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace orrery;

namespace {

std::vector<std::string> problems_of(const json& object, bool& known) {
  Diagnostics problems;
  known = check_object(object, "", problems).known;
  std::vector<std::string> texts;
  for (const auto& p : problems) texts.push_back(to_string(p));
  return texts;
}

json object(const char* api_version, const char* kind, const char* rest) {
  json o = json::parse(rest);
  o["apiVersion"] = api_version;
  o["kind"] = kind;
  return o;
}

}  // namespace

TEST_SUITE("schema") {
  TEST_CASE("the table knows the types, and how patches merge them") {
    const Type* pod = find_type("v1", "Pod");
    REQUIRE(pod != nullptr);
    const Type* spec = pod->find("spec")->type;
    const Type* container = spec->find("containers")->type;
    struct Row {
      const Type* type;
      const char* field;
      ListStrategy strategy;
      const char* key;
      bool retain_keys;
    };
    const Row rows[] = {
        {spec, "containers", ListStrategy::kMerge, "name", false},
        {spec, "initContainers", ListStrategy::kMerge, "name", false},
        {spec, "ephemeralContainers", ListStrategy::kMerge, "name", false},
        {spec, "volumes", ListStrategy::kMerge, "name", true},
        {spec, "resourceClaims", ListStrategy::kMerge, "name", true},
        {spec, "tolerations", ListStrategy::kAtomic, "", false},
        {spec, "topologySpreadConstraints", ListStrategy::kMerge, "topologyKey", false},
        {spec, "imagePullSecrets", ListStrategy::kMerge, "name", false},
        {spec, "hostAliases", ListStrategy::kMerge, "ip", false},
        {spec, "schedulingGates", ListStrategy::kMerge, "name", false},
        {spec, "readinessGates", ListStrategy::kAtomic, "", false},
        {container, "env", ListStrategy::kMerge, "name", false},
        {container, "envFrom", ListStrategy::kAtomic, "", false},
        {container, "ports", ListStrategy::kMerge, "containerPort", false},
        {container, "volumeMounts", ListStrategy::kMerge, "mountPath", false},
        {container, "volumeDevices", ListStrategy::kMerge, "devicePath", false},
        {container, "command", ListStrategy::kAtomic, "", false},
        {pod->find("metadata")->type, "finalizers", ListStrategy::kSet, "", false},
        {pod->find("metadata")->type, "ownerReferences", ListStrategy::kMerge, "uid", false},
        {pod->find("status")->type, "conditions", ListStrategy::kMerge, "type", false},
        {find_type("v1", "Node")->find("status")->type, "addresses", ListStrategy::kMerge, "type", false},
        {find_type("v1", "Node")->find("spec")->type, "taints", ListStrategy::kAtomic, "", false},
        {find_type("batch/v1", "Job")->find("status")->type, "conditions", ListStrategy::kMerge, "type", false},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.field));
      const Field* field = row.type->find(row.field);
      REQUIRE(field != nullptr);
      CHECK(field->is_list);
      CHECK(field->strategy == row.strategy);
      CHECK(field->merge_key == row.key);
      CHECK(field->retain_keys == row.retain_keys);
    }
    CHECK(find_type("policy/v1", "PodDisruptionBudget")->find("spec")->type->find("selector")->replace);
    CHECK(find_type("v1", "Job") == nullptr);
    CHECK(find_kind("Event")->api_version == "v1");
    CHECK(known_kinds().size() == 13);
  }

  TEST_CASE("every kind of mistake is found, with its place and a hint") {
    struct Row {
      json object;
      std::vector<std::string> problems;
    };
    const Row rows[] = {
        {object("v1", "Pod", R"({"metadata":{"name":"a","labels":{"x":1,"y":true,"z":null}},"spec":{"contaners":[],"restartpolicy":"Never"}})"),
         {"/metadata/labels/x: expected string, got number 1 (quote it: \"1\")",
          "/metadata/labels/y: expected string, got boolean true (quote it: \"true\")",
          "/spec/contaners: unknown field \"contaners\" (did you mean \"containers\"?)",
          "/spec/restartpolicy: unknown field \"restartpolicy\" (did you mean \"restartPolicy\"? (names are case-sensitive))"}},
        {object("batch/v1", "Job", R"({"spec":{"parallelism":"3","completions":2.5,"backoffLimit":4294967296,"ttlSecondsAfterFinished":1e30,"suspend":"no"}})"),
         {"/spec/backoffLimit: 4294967296 is out of the range of int32 (from -2147483648 to 2147483647)",
          "/spec/completions: expected int32, got the fractional number 2.5",
          "/spec/parallelism: expected int32, got string \"3\" (without quotes)",
          "/spec/suspend: expected boolean, got string \"no\" (without quotes)",
          "/spec/ttlSecondsAfterFinished: expected int32, got the fractional number 1e+30"}},
        {object("batch/v1", "Job", R"({"spec":{"parallelism":3.0,"activeDeadlineSeconds":18446744073709551615}})"),
         {"/spec/activeDeadlineSeconds: 18446744073709551615 is out of the range of int64 (from -9223372036854775808 to 9223372036854775807)",
          "/spec/parallelism: expected int32, got the fractional number 3.0 (write 3)"}},
        {object("batch/v1", "CronJob", R"({"spec":{"backoffLimit":1,"containers":[],"jobTemplate":{"spec":{"restartPolicy":"Never","template":[]}}}})"),
         {"/spec/backoffLimit: unknown field \"backoffLimit\" (it belongs into jobTemplate.spec)",
          "/spec/containers: unknown field \"containers\"",
          "/spec/jobTemplate/spec/restartPolicy: unknown field \"restartPolicy\" (it belongs into template.spec)",
          "/spec/jobTemplate/spec/template: expected object, got array (remove the leading \"- \" or brackets)"}},
        {object("v1", "Pod", R"({"spec":{"containers":{"name":"a"},"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1 Gi"}}],"overhead":{"cpu":[]}}})"),
         {"/spec/containers: expected list, got object (begin each item with \"- \")",
          "/spec/overhead/cpu: expected quantity, got array",
          "/spec/volumes/0/emptyDir/sizeLimit: \"1 Gi\" is no quantity: quantities must match the regular expression "
          "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' (did you mean \"1Gi\"?)"}},
        {object("v1", "Pod", R"({"spec":{"containers":[{"resources":{"limits":{"memory":"512MB","cpu":1.5}},"ports":[{"containerPort":"http"}],
                 "livenessProbe":{"httpGet":{"port":"http"}},"readinessProbe":{"httpGet":{"port":8080.5}}}]}})"),
         {"/spec/containers/0/ports/0/containerPort: expected int32, got string \"http\" (without quotes)",
          "/spec/containers/0/readinessProbe/httpGet/port: expected integer or string, got the fractional number 8080.5",
          "/spec/containers/0/resources/limits/memory: \"512MB\" is no quantity: quantities must match the regular expression "
          "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$' (did you mean \"512M\"?)"}},
        {object("coordination.k8s.io/v1", "Lease", R"({"metadata":{"creationTimestamp":"yesterday"},"spec":{"renewTime":"2026-01-01T00:00:00Z","acquireTime":"2026-01-01T00:00:00.000000Z"}})"),
         {"/metadata/creationTimestamp: \"yesterday\" is no RFC 3339 time (write it like 2026-01-01T00:00:00Z)",
          "/spec/renewTime: \"2026-01-01T00:00:00Z\" is no RFC 3339 time with microseconds (write it like 2026-01-01T00:00:00.000000Z)"}},
        {object("v1", "Job", "{}"), {"/apiVersion: no matches for kind \"Job\" in version \"v1\" (did you mean \"batch/v1\"?)"}},
        {object("batch/v1beta1", "CronJob", "{}"), {"/apiVersion: no matches for kind \"CronJob\" in version \"batch/v1beta1\" (did you mean \"batch/v1\"?)"}},
        {object("extensions/v1beta1", "DaemonSet", "{}"), {"/apiVersion: no matches for kind \"DaemonSet\" in version \"extensions/v1beta1\" (did you mean \"apps/v1\"?)"}},
        {object("apps/v1", "Deamonset", "{}"), {"/kind: no matches for kind \"Deamonset\" in version \"apps/v1\" (did you mean \"DaemonSet\"?)"}},
        {object("v1", "pod", "{}"), {"/kind: no matches for kind \"pod\" in version \"v1\" (did you mean \"Pod\"?)"}},
        {object("a/b/c", "X", "{}"), {"/apiVersion: unexpected GroupVersion string: a/b/c"}},
        {json::parse(R"({"kind":"Pod"})"), {"apiVersion is not set"}},
        {json::parse(R"({"apiVersion":1,"kind":""})"), {"/apiVersion: expected string, got number 1", "/kind: kind is empty"}},
        {json::parse("[1]"), {"expected a Kubernetes object, got array"}},
        {json::parse("\"text\""), {"expected a Kubernetes object, got string \"text\""}},
        {object("v1", "ConfigMap", R"({"metadata":{"name":1},"data":{"a":1}})"), {"/metadata/name: expected string, got number 1 (quote it: \"1\")"}},
        {object("v1", "List", R"({"items":[{"apiVersion":"v1","kind":"Pod","spec":{"x/y":1}},7]})"),
         {"/items/0/spec/x~1y: unknown field \"x/y\"", "/items/1: expected a Kubernetes object, got number 7"}},
        {object("v1", "PodList", R"({"items":[{"spec":{"nodename":"a"}}]})"),
         {"/items/0/spec/nodename: unknown field \"nodename\" (did you mean \"nodeName\"? (names are case-sensitive))"}},
    };
    for (const Row& row : rows) {
      CAPTURE(row.object.dump());
      bool known = false;
      CHECK(problems_of(row.object, known) == row.problems);
    }
  }

  TEST_CASE("other people's kinds pass, and are reported as not known") {
    struct Row {
      const char* api_version;
      const char* kind;
      bool known;
    };
    const Row rows[] = {{"v1", "ConfigMap", false},   {"apps/v1", "Deployment", false}, {"v1", "Pod", true},          {"batch.volcano.sh/v1alpha1", "Job", false},
                        {"example.com/v1", "Pod", false}, {"apps/v1", "DeploymentList", false}, {"events.k8s.io/v1", "Event", true}};
    for (const Row& row : rows) {
      CAPTURE(std::string(row.kind));
      bool known = !row.known;
      CHECK(problems_of(object(row.api_version, row.kind, R"({"metadata":{"name":"a"}})"), known).empty());
      CHECK(known == row.known);
    }
  }

  TEST_CASE("hostile objects end at a limit") {
    json nested = object("v1", "Pod", "{}");
    for (int i = 0; i < 90; ++i) nested = json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", json::array({std::move(nested)})}};
    bool known = true;
    const auto problems = problems_of(nested, known);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].find("lists are nested more than 64 deep") != std::string::npos);
    CHECK_FALSE(known);
    bool ignored = false;
    for (const auto& p : problems_of(object("v1", "Pod", ("{\"spec\":{\"" + std::string(100'000, 'a') + "\":1,\"nodeName\":[\"" + std::string(100'000, 'b') + "\"]}}").c_str()), ignored))
      CHECK(p.size() < 200'400);  // the pointer is the field's own
  }

  TEST_CASE("everything the real API server wrote passes") {
    // The traces recorded from the real controllers: complete objects of ten kinds.
    const std::string folder = std::string(ORRERY_SOURCE_DIR) + "/tests/conformance/recorded/";
    for (const char* name : {"job-indexed-fail", "cron-allow", "ds-roll-mu-1-n3", "node-lost-job", "drain-pdb-maxunavailable", "job-pfp-container"}) {
      CAPTURE(std::string(name));
      std::ifstream file(folder + name + ".jsonl");
      REQUIRE(file.good());
      std::size_t count = 0;
      for (std::string line; std::getline(file, line);) {
        const json record = json::parse(line);
        if (!record.contains("object")) continue;
        ++count;
        Diagnostics problems;
        check_object(record["object"], "", problems);
        if (!problems.empty()) MESSAGE(to_string(problems[0]));
        CHECK(problems.empty());
      }
      CHECK(count > 10);
    }
  }

  TEST_CASE("closest_match") {
    const std::vector<std::string_view> names = {"completions", "parallelism", "podFailurePolicy", "suspend"};
    CHECK(closest_match("paralelism", names) == "parallelism");
    CHECK(closest_match("complteions", names) == "completions");
    CHECK(closest_match("podfailurepolicy", names) == "podFailurePolicy");
    CHECK(closest_match("suspended", names) == "suspend");
    CHECK(closest_match("image", names).empty());
    CHECK(closest_match("", names).empty());
    CHECK(closest_match(std::string(1000, 'x'), names).empty());
  }
}
