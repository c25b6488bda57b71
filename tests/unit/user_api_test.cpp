// Pods and nodes that users write: whether an equal one was admitted before must not show.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "orrery/cluster/user_api.hpp"

using namespace orrery;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

json pod(const std::string& name, json more = json::object()) {
  json out = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", name}, {"labels", {{"app", "a"}}}}},
              {"spec", {{"containers", json::array({{{"name", "c"}, {"image", "i"}, {"resources", {{"limits", {{"cpu", "0.5"}}}}}}})}}}};
  out.merge_patch(more);
  return out;
}

json node(const std::string& name, json more = json::object()) {
  json out = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}, {"labels", {{"zone", "z"}}}}}, {"spec", json::object()}};
  out.merge_patch(more);
  return out;
}

json cron_job(const std::string& name, json more = json::object()) {
  const json pod_spec = {{"restartPolicy", "Never"}, {"containers", json::array({{{"name", "c"}, {"image", "i"}}})}};
  json out = {{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", name}}},
              {"spec", {{"schedule", "0 * * * *"}, {"jobTemplate", {{"spec", {{"template", {{"spec", pod_spec}}}}}}}}}};
  out.merge_patch(more);
  return out;
}

json hostname(const std::string& name) { return {{"metadata", {{"labels", {{"kubernetes.io/hostname", name}}}}}}; }

/// Objects and refusals of a cluster in which one API object made all of them, or a new one each.
std::string outcome(const std::vector<json>& objects, bool one_api) {
  Cluster cluster{{.start = Time{1'767'225'600s}, .seed = 1, .timing = {}}};
  UserApi shared(cluster);
  std::string out;
  Duration t = 0s;
  for (const json& object : objects) {
    (void)cluster.kernel().run_until(cluster.start() + (t += 400ms));
    UserApi own(cluster);
    const ApiResult r = (one_api ? shared : own).apply(object);
    if (r.ok()) append_json(out, *r.object, cluster.names());
    out += r.message() + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("what was admitted before leaves no trace in what is admitted next") {
  const std::string longest(64, 'n');
  const json gated = {{"spec", {{"schedulingGates", json::array({{{"name", "g"}}})}}}};
  const std::vector<json> objects = {
      pod("a"), pod("b"), pod("c", {{"metadata", {{"labels", {{"app", "b"}}}}}}), pod("d"), pod("b"), pod("No"), pod("no/"), pod(""),
      pod("e", {{"metadata", {{"namespace", "other"}}}}), pod("f", {{"metadata", {{"namespace", "other"}}}}), pod("a", {{"metadata", {{"namespace", "other"}}}}),
      pod("g1", gated), pod("g2", gated), pod("g3", gated), pod("g4", gated), pod("g5", gated),
      pod("", {{"metadata", {{"generateName", "made-"}}}}), pod("", {{"metadata", {{"generateName", "made-"}}}}),
      pod("h", {{"metadata", {{"generateName", "made-"}}}}), pod("i", {{"metadata", {{"generateName", "made-"}}}}),
      pod("j", {{"spec", {{"restartPolicy", "Never!"}}}}), pod("k", {{"spec", {{"restartPolicy", "Never!"}}}}),
      pod("l", {{"spec", {{"priority", 1}}}}), pod("m", {{"spec", {{"priority", 1.0}}}}), pod("n", {{"status", {{"phase", "Running"}}}}),
      node("a"), node("b"), node("c"), node("d"), node("a", hostname("a")), node("e", hostname("e")), node("f", hostname("f")), node("g", hostname("a")),
      node("h", hostname("a")), node("i", hostname("")), node("j", hostname("")), node(longest), node(longest), node("k", {{"metadata", {{"labels", nullptr}}}}),
      node("l", {{"metadata", {{"labels", nullptr}}}}), node("m", {{"metadata", {{"namespace", "default"}}}}), node("n", {{"metadata", {{"namespace", "default"}}}}),
      node("o", {{"spec", {{"unschedulable", true}}}}), node("p", {{"spec", {{"unschedulable", true}}}}),
      cron_job("a"), cron_job("b"), cron_job("b"), cron_job("No"), cron_job("c", {{"metadata", {{"namespace", "other"}}}}),
      cron_job("d", {{"spec", {{"schedule", "1 * * * *"}}}}), cron_job("e", {{"spec", {{"jobTemplate", {{"metadata", {{"labels", {{"app", "c"}}}}}}}}}}),
      cron_job("f")};
  CHECK(outcome(objects, true) == outcome(objects, false));
}

TEST_CASE("objects of kinds without rules have names that can stand in a path, and that fit into memory") {
  Cluster cluster{{.start = Time{1'767'225'600s}, .seed = 1, .timing = {}}};
  UserApi api(cluster);
  const auto config_map = [](std::string name) { return json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", std::move(name)}}}}; };
  CHECK(api.apply(config_map("a.b_C:d")).ok());
  CHECK(api.apply(config_map("a/b")).message() == "ConfigMap \"a/b\" is invalid: metadata.name: Invalid value: \"a/b\": may not contain '/'");
  CHECK(api.apply(config_map("..")).message() == "ConfigMap \"..\" is invalid: metadata.name: Invalid value: \"..\": may not be '..'");
  const std::size_t mebibyte = std::size_t{1} << 20;
  CHECK(api.apply(config_map(std::string(mebibyte, 'a'))).ok());
  CHECK(api.apply(config_map(std::string(mebibyte + 1, 'a'))).message().ends_with("must be no more than 1048576 bytes"));
  CHECK_FALSE(api.apply(config_map(std::string(4 * mebibyte, 'a'))).ok());
}

TEST_CASE("pods that are equal but for their names share one spec, nodes one body") {
  Cluster cluster{{.start = Time{1'767'225'600s}, .seed = 1, .timing = {}}};
  UserApi api(cluster);
  for (const char* name : {"a", "b"}) {
    REQUIRE(api.apply(pod(name)).ok());
    REQUIRE(api.apply(node(name)).ok());
  }
  REQUIRE(api.apply(pod("c", {{"metadata", {{"labels", {{"app", "c"}}}}}})).ok());
  const auto pod_of = [&](const char* name) { return static_cast<const Pod*>(api.find("Pod", "", name)); };
  const auto node_of = [&](const char* name) { return static_cast<const Node*>(api.find("Node", "", name)); };
  CHECK(pod_of("a")->spec == pod_of("b")->spec);
  CHECK(pod_of("a")->spec == pod_of("c")->spec);
  CHECK(node_of("a")->body == node_of("b")->body);
  CHECK(*node_of("b")->meta.label("kubernetes.io/hostname") == "b");
}

TEST_CASE("CronJobs of a namespace share what their equal job templates make") {
  Cluster cluster{{.start = Time{1'767'225'600s}, .seed = 1, .timing = {}}};
  UserApi api(cluster);
  REQUIRE(api.apply(cron_job("a")).ok());
  REQUIRE(api.apply(cron_job("b", {{"spec", {{"schedule", "1 * * * *"}}}})).ok());
  REQUIRE(api.apply(cron_job("labelled", {{"spec", {{"jobTemplate", {{"metadata", {{"labels", {{"app", "c"}}}}}}}}}})).ok());
  REQUIRE(api.apply(cron_job("elsewhere", {{"metadata", {{"namespace", "other"}}}})).ok());
  const auto spec_of = [&](const char* name, const char* ns = "") { return static_cast<const CronJob*>(api.find("CronJob", ns, name))->spec; };
  CHECK(spec_of("a")->job_template == spec_of("b")->job_template);
  CHECK(spec_of("a")->job_template != spec_of("labelled")->job_template);
  CHECK(spec_of("a")->job_template != spec_of("elsewhere", "other")->job_template);
  CHECK(spec_of("b")->schedule == "1 * * * *");
  // What a Job has of its own does not come from the one that was made before it.
  const Uid first{1, 1}, second{2, 2};
  const Ref<Job> x = spec_of("a")->job_template->make_job(sym::default_, "x", first, cluster.names());
  const Ref<Job> y = spec_of("b")->job_template->make_job(sym::default_, "y", second, cluster.names());
  CHECK(x->spec->pod_template->pod_spec == y->spec->pod_template->pod_spec);
  const Ref<const StringMap> labels = y->spec->pod_labels(y->meta);
  CHECK(y->spec->selects(second, labels.get()));
  CHECK(!y->spec->selects(first, labels.get()));
  CHECK(!y->spec->selects(second, x->spec->pod_labels(x->meta).get()));
  CHECK(*labels->find("job-name") == "y");
  CHECK(json::parse(y->spec->text(*y->meta.id))["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"] == second.text());
}
