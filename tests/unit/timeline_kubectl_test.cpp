// What the kubectl lines of a timeline do to the cluster.
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/simulation.hpp"

using nlohmann::json;
using namespace orrery;

namespace {

constexpr const char* kObjects = R"([
  {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"},
   "spec": {"schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": {"metadata": {"labels": {"from": "c"}, "annotations": {"a": "b"}},
     "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i"}]}}}}}},
  {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "labels": {"app": "web"}},
   "spec": {"suspend": true, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i"}]}}}},
  {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "k", "namespace": "other", "labels": {"app": "web"}},
   "spec": {"suspend": true, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i"}]}}}}])";

/// Runs the lines, one a second, for a minute.
struct Run {
  explicit Run(const std::vector<std::string>& lines) : sim(scenario(lines)) { report = sim.run(); }

  static Scenario scenario(const std::vector<std::string>& lines) {
    json timeline = json::array();
    for (std::size_t i = 0; i < lines.size(); ++i) timeline.push_back({{"at", fmt::format("{}s", i + 1)}, {"kubectl", lines[i]}});
    const json document = {{"apiVersion", "orrery/v1"},
                           {"kind", "Scenario"},
                           {"metadata", {{"name", "s"}}},
                           {"spec", {{"until", "1m"}, {"nodes", {{{"metadata", {{"name", "n"}}}}}}, {"objects", json::parse(kObjects)}, {"behaviors", {{{"run", "3s"}}}}, {"timeline", timeline}}}};
    auto read = parse_scenario(document.dump(), "s.json", "");
    std::string problems;
    if (!read)
      for (const Diagnostic& d : read.problems()) problems += to_string(d) + "\n";
    REQUIRE_MESSAGE(read, problems);
    return std::move(*read);
  }

  json object(const char* kind, const char* ns, const char* name) {
    const Object* o = UserApi(sim.cluster()).find(kind, ns, name);
    return o == nullptr ? json() : to_json(*o, sim.cluster().names());
  }
  std::string refusals() const {
    std::string out;
    for (const Refusal& r : report.refusals) out += r.message + "\n";
    return out;
  }

  Simulation sim;
  RunReport report;
};

}  // namespace

TEST_CASE("K-080: create job --from=cronjob runs the template now") {
  Run run({"kubectl create job now --from=cronjob/c"});
  CHECK(run.refusals() == "");
  const json job = run.object("Job", "default", "now");
  REQUIRE(job.is_object());
  CHECK(job["metadata"]["annotations"] == json{{"a", "b"}, {"cronjob.kubernetes.io/instantiate", "manual"}});
  CHECK(job["metadata"]["labels"]["from"] == "c");
  const json& owner = job["metadata"]["ownerReferences"][0];
  CHECK(owner["kind"] == "CronJob");
  CHECK(owner["uid"] == run.object("CronJob", "default", "c")["metadata"]["uid"]);
  CHECK(owner["controller"] == true);
  CHECK(!owner.contains("blockOwnerDeletion"));
  CHECK(job["status"]["succeeded"] == 1);
  CHECK(Run({"kubectl create job now --from=cronjob/none"}).refusals() == "cronjobs.batch \"none\" not found\n");
  CHECK(Run({"kubectl create job j --from=cronjob/c"}).refusals() == "jobs.batch \"j\" already exists\n");
}

TEST_CASE("label and annotate") {
  Run run({"kubectl label job j tier=front app-", "kubectl label jobs --all --all-namespaces all=yes", "kubectl annotate node n why='because I can'", "kubectl label job j tier=back --overwrite"});
  CHECK(run.refusals() == "");
  const json labels = run.object("Job", "default", "j")["metadata"]["labels"];
  CHECK(labels["tier"] == "back");
  CHECK(labels["all"] == "yes");
  CHECK(!labels.contains("app"));
  CHECK(run.object("Job", "other", "k")["metadata"]["labels"]["all"] == "yes");
  CHECK(run.object("Node", "", "n")["metadata"]["annotations"]["why"] == "because I can");
  CHECK(Run({"kubectl label job j app=db"}).refusals() == "error: 'app' already has a value (web), and --overwrite is false\n");
  CHECK(Run({"kubectl annotate cj c x=1", "kubectl annotate cj c x=2"}).refusals() == "error: --overwrite is false but found the following declared annotation(s): 'x' already has a value (1)\n");
  CHECK(Run({"kubectl label job j app=web"}).refusals() == "");
  CHECK(Run({"kubectl label job none app=web"}).refusals() == "jobs.batch \"none\" not found\n");
  CHECK(Run({"kubectl label job -l app=none x=y"}).refusals() == "");
}

TEST_CASE("delete") {
  Run all({"kubectl delete jobs -l app=web -A"});
  CHECK(all.refusals() == "");
  CHECK(all.object("Job", "default", "j").is_null());
  CHECK(all.object("Job", "other", "k").is_null());
  Run one({"kubectl delete job j k --ignore-not-found", "kubectl -n other delete job k"});
  CHECK(one.refusals() == "");
  CHECK(one.object("Job", "default", "j").is_null());
  CHECK(one.object("Job", "other", "k").is_null());
  CHECK(Run({"kubectl delete job none"}).refusals() == "jobs.batch \"none\" not found\n");
}

TEST_CASE("what kubectl makes of flags is what the API takes") {
  Run run({"kubectl run p --image=i --restart=Never -- sleep 5", "kubectl create pdb b --selector=app=web --min-available=50%", "kubectl create priorityclass high --value=1000",
           "kubectl create namespace x", "kubectl create cronjob d --image=i --schedule='0 0 * * *' -- date", "kubectl create job e --image=i"});
  CHECK(run.refusals() == "");
  CHECK(run.object("Pod", "default", "p")["status"]["phase"] == "Succeeded");
  CHECK(run.object("PodDisruptionBudget", "default", "b")["spec"]["minAvailable"] == "50%");
  CHECK(run.object("PriorityClass", "", "high")["value"] == 1000);
  CHECK(run.object("Namespace", "", "x")["metadata"]["name"] == "x");
  CHECK(run.object("CronJob", "default", "d")["spec"]["schedule"] == "0 0 * * *");
  CHECK(run.object("Job", "default", "e")["status"]["succeeded"] == 1);
}

TEST_CASE("kinds without a C++ type are told apart") {
  Run run({"kubectl create namespace x", "kubectl create priorityclass x --value=1", "kubectl label ns x a=b", "kubectl label pc --all c=d", "kubectl patch pc x -p '{\"description\": \"d\"}'", "kubectl delete ns --all"});
  CHECK(run.refusals() == "");
  CHECK(run.object("Namespace", "", "x").is_null());
  const json priority_class = run.object("PriorityClass", "", "x");
  CHECK(priority_class["metadata"]["labels"] == json{{"c", "d"}});
  CHECK(priority_class["description"] == "d");
  Run twice({"kubectl create priorityclass x --value=1", "kubectl delete pc x", "kubectl delete pc x"});
  CHECK(twice.refusals() == "PriorityClass \"x\" not found\n");
}

TEST_CASE("cordon, taint, patch and set image") {
  Run run({"kubectl cordon n", "kubectl taint node n a=b:NoSchedule", "kubectl patch job j -p '{\"spec\": {\"suspend\": false}}'", "kubectl set image cj/c m=other:1"});
  CHECK(run.refusals() == "");
  const json node = run.object("Node", "", "n");
  CHECK(node["spec"]["unschedulable"] == true);
  CHECK(node["spec"]["taints"].dump().find("\"a\"") != std::string::npos);
  CHECK(run.object("Job", "default", "j")["status"]["active"] == 1);
  CHECK(run.object("CronJob", "default", "c")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["image"] == "other:1");
  Run back({"kubectl cordon n", "kubectl uncordon n"});
  CHECK(!back.object("Node", "", "n")["spec"].contains("unschedulable"));
}
