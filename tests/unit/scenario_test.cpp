// Reading scenarios: every field with its default, every verb, the kubectl lines, overrides, manifests, and the messages.
// Contract: the description of the scenario file.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <ctime>

#include "orrery/io/scenario.hpp"

using namespace orrery;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string kTests = ORRERY_SOURCE_DIR "/tests";

std::string all(const Diagnostics& problems) {
  std::string out;
  for (const Diagnostic& d : problems) out += to_string(d) + "\n";
  return out;
}

Result<Scenario> parse(const std::string& spec, const ReadOptions& options = {}) {
  return parse_scenario(R"({"apiVersion": "orrery/v1", "kind": "Scenario", "spec": )" + spec + "}", "s.json", kTests, options);
}

/// The scenario of a spec that must be good.
Scenario good(const std::string& spec, const ReadOptions& options = {}) {
  auto result = parse(spec, options);
  CAPTURE(spec);
  REQUIRE_MESSAGE(result, all(result.problems()));
  return std::move(*result);
}

std::string refused(const std::string& spec, const ReadOptions& options = {}) {
  const auto result = parse(spec, options);
  return result ? "accepted" : all(result.problems());
}

std::string text(const DurationDistribution& d) {
  using namespace distribution;
  struct Print {
    std::string operator()(const Constant& c) const { return format_go_duration(c.value); }
    std::string operator()(const Forever&) const { return "forever"; }
    std::string operator()(const Uniform& u) const { return fmt::format("uniform {} {}", format_go_duration(u.lo), format_go_duration(u.hi)); }
    std::string operator()(const Exponential& e) const { return "exponential " + format_go_duration(e.mean); }
    std::string operator()(const Normal& n) const { return fmt::format("normal {} {} {}", format_go_duration(n.mean), format_go_duration(n.stddev), format_go_duration(n.min)); }
    std::string operator()(const Lognormal& l) const { return fmt::format("lognormal {} {}", format_go_duration(l.median), l.sigma); }
    std::string operator()(const Weibull& w) const { return fmt::format("weibull {} {}", format_go_duration(w.scale), w.shape); }
    std::string operator()(const Gamma& g) const { return fmt::format("gamma {} {}", g.shape, format_go_duration(g.scale)); }
    std::string operator()(const Pareto& p) const { return fmt::format("pareto {} {}", format_go_duration(p.scale), p.shape); }
    std::string operator()(const Choice& c) const {
      std::string out = "choice";
      for (const auto& o : c.options) out += fmt::format(" {}:{}", o.weight, o.value == kForever ? "forever" : format_go_duration(o.value));
      return out;
    }
    std::string operator()(const Empirical& e) const {
      std::string out = "empirical";
      for (Duration v : e.values) out += " " + format_go_duration(v);
      return out;
    }
  };
  return std::visit(Print{}, d);
}

std::string text(const std::optional<DurationDistribution>& d) { return d ? text(*d) : "-"; }
std::string text(const ObjectName& o) { return o.ns.empty() ? o.kind + "/" + o.name : o.kind + "/" + o.ns + "/" + o.name; }
std::string text(const NodeTarget& n) { return n.name.empty() ? fmt::format("[{}]{}", n.selector, n.count ? "x" + std::to_string(*n.count) : "") : n.name; }

/// One line for each verb, so that tables can compare them.
struct Describe {
  std::string operator()(const verb::Apply& v) const {
    std::string out = v.mode == verb::Apply::Mode::create ? "create" : "apply";
    for (const auto& o : v.objects) out += " " + o.object.at("kind").get<std::string>() + "/" + o.object.at("metadata").value("namespace", "") + "/" + o.object.at("metadata").at("name").get<std::string>();
    return out;
  }
  std::string operator()(const verb::Patch& v) const {
    return fmt::format("patch {} {} {}", text(v.target), v.type == verb::Patch::Type::merge ? "merge" : v.type == verb::Patch::Type::json ? "json" : "strategic", v.patch.dump());
  }
  std::string operator()(const verb::Delete& v) const {
    using P = verb::Delete::Propagation;
    return fmt::format("delete {} sel={} node={} count={} {} grace={}", text(v.target), v.selector, v.node, v.count.value_or(0),
                       v.propagation == P::orphan ? "Orphan" : v.propagation == P::foreground ? "Foreground" : "Background", v.grace_period_seconds.value_or(-1)) +
           (v.ignore_not_found ? " if there" : "");
  }
  std::string operator()(const verb::Cordon& v) const { return "cordon " + text(v.node); }
  std::string operator()(const verb::Uncordon& v) const { return "uncordon " + text(v.node); }
  std::string operator()(const verb::Drain& v) const {
    return fmt::format("drain {} ds={} force={} empty={} grace={} timeout={}", text(v.node), v.ignore_daemon_sets, v.force, v.delete_empty_dir_data, v.grace_period_seconds,
                       v.timeout ? format_go_duration(*v.timeout) : "-");
  }
  std::string operator()(const verb::AddNode& v) const { return "addNode " + v.node.dump(); }
  std::string operator()(const verb::RemoveNode& v) const { return "removeNode " + text(v.node); }
  std::string operator()(const verb::FailNode& v) const { return fmt::format("failNode {} {} {}", text(v.node), static_cast<int>(v.mode), text(v.lasts)); }
  std::string operator()(const verb::ShutdownNode& v) const { return fmt::format("shutdownNode {} {}{}", text(v.node), format_go_duration(v.grace_period), v.critical_grace_period.count() == 0 ? "" : " " + format_go_duration(v.critical_grace_period)); }
  std::string operator()(const verb::FailPod& v) const { return fmt::format("failPod ns={} name={} sel={} node={} count={} {} {}", v.ns, v.name, v.selector, v.node, v.count.value_or(0), v.exit_code, v.reason); }
  std::string operator()(const verb::SetImage& v) const { return fmt::format("setImage {} {}={}", text(v.target), v.container, v.image); }
  std::string operator()(const verb::Rollback& v) const { return fmt::format("rollback {} {}", text(v.target), v.to_revision); }
  std::string operator()(const verb::Restart& v) const { return "restart " + text(v.target); }
  std::string operator()(const verb::Relabel& v) const {
    return fmt::format("{} {}{}{} {}", v.annotations ? "annotate" : "label", text(v.target), v.target.name.empty() ? " [" + v.selector + "]" : "", v.overwrite ? " overwrite" : "", v.changes.dump());
  }
  std::string operator()(const verb::CreateJob& v) const { return fmt::format("createJob {} from {}", v.name, text(v.cron_job)); }
  std::string operator()(const verb::Suspend& v) const { return "suspend " + text(v.target); }
  std::string operator()(const verb::Resume& v) const { return "resume " + text(v.target); }
  std::string operator()(const verb::Taint& v) const {
    std::string out = fmt::format("taint {}{}", text(v.node), v.overwrite ? " overwrite" : "");
    for (const auto& c : v.changes) out += fmt::format(" {}{}={}:{}", c.remove ? "-" : "+", c.key, c.value, c.effect);
    return out;
  }
  std::string operator()(const verb::StopController& v) const { return "stop " + v.controller; }
  std::string operator()(const verb::StartController& v) const { return "start " + v.controller; }
  std::string operator()(const verb::ApiOutage& v) const { return "outage " + text(v.lasts); }
};

std::string verbs(const TimelineAction& a) {
  std::string out;
  for (const Verb& v : a.verbs) out += (out.empty() ? "" : "; ") + std::visit(Describe{}, v);
  return out;
}

}  // namespace

TEST_CASE("an empty spec has the documented defaults") {
  const Scenario s = good("{}");
  CHECK(s.name == "s");
  CHECK(s.seed == 0);
  CHECK(s.start == *parse_rfc3339("2026-01-01T00:00:00Z"));
  CHECK(!s.until);
  CHECK(kSettledLimit == 24h);
  CHECK(s.control_plane.profile == "realistic");
  CHECK(s.control_plane.api_latency == 5ms);
  CHECK(s.control_plane.watch_latency == 5ms);
  CHECK(s.control_plane.bind_latency == 10ms);
  CHECK(s.control_plane.skew == 0ns);
  CHECK(s.control_plane.commit_gap == 0ns);
  CHECK(s.control_plane.qps_milli == 20'000);  // A-002
  CHECK(s.control_plane.burst == 30);
  CHECK(s.nodes.empty());
  CHECK(s.objects.empty());
  CHECK(s.behaviors.empty());
  CHECK(s.timeline.empty());
  CHECK(s.expect.empty());
}

TEST_CASE("metadata") {
  const auto s = parse_scenario("apiVersion: orrery/v1\nkind: Scenario\nmetadata: {name: rollout, annotations: {orrery/look-for: one}}\nspec: {seed: 7}\n", "x.yaml", "");
  REQUIRE(s);
  CHECK(s->name == "rollout");
  CHECK(s->annotations.at("orrery/look-for") == "one");
  CHECK(s->seed == 7);
}

TEST_CASE("durations: Go's syntax plus d, bare numbers are seconds, exactly") {
  const std::vector<std::pair<const char*, std::int64_t>> table = {
      {R"("10m")", 600'000'000'000}, {R"("1h30m")", 5'400'000'000'000}, {R"("250ms")", 250'000'000},     {R"("2d")", 172'800'000'000'000}, {R"("1d12h")", 129'600'000'000'000},
      {R"("2.003ms")", 2'003'000},   {R"("100ns")", 100},               {R"("1us")", 1'000},              {R"("90")", 90'000'000'000},      {"90", 90'000'000'000},
      {"1.5", 1'500'000'000},        {"0.1", 100'000'000},              {"61.006", 61'006'000'000},       {"1e2", 100'000'000'000},         {"1e-9", 1},
      {R"("0.000000001s")", 1},      {R"("36525d")", 3'155'760'000'000'000'000},
  };
  for (const auto& row : table) {
    CAPTURE(row.first);
    CHECK(good(fmt::format(R"({{"until": {}}})", row.first)).until == Duration(row.second));
  }
  CHECK(!good(R"({"until": "settled"})").until);
}

TEST_CASE("seed and start") {
  CHECK(good(R"({"seed": 18446744073709551615})").seed == UINT64_MAX);
  CHECK(good(R"({"start": "2026-10-25T02:30:00+02:00"})").start == *parse_rfc3339("2026-10-25T00:30:00Z"));
}

TEST_CASE("the control plane: profiles, and objects with overrides") {
  struct Case {
    const char* json;
    const char* profile;
    Duration api, watch, bind, skew, gap;
    std::int64_t qps_milli;
    std::int32_t burst;
  };
  const std::vector<Case> table = {
      {R"("ideal")", "ideal", 0ns, 0ns, 0ns, 0ns, 0ns, 0, 0},
      {R"("realistic")", "realistic", 5ms, 5ms, 10ms, 0ns, 0ns, 20'000, 30},
      {R"({"profile": "realistic", "apiLatency": "1ms"})", "realistic", 1ms, 5ms, 10ms, 0ns, 0ns, 20'000, 30},
      {R"({"profile": "realistic", "qps": 0})", "realistic", 5ms, 5ms, 10ms, 0ns, 0ns, 0, 30},
      // Without a profile nothing costs anything but what is given: how the recorded traces were made.
      {R"({"apiLatency": "2.003ms", "watchLatency": "1.009ms", "bindLatency": "10.007ms", "skew": "1us", "commitGap": "100ns", "qps": 6.3, "burst": 3})", "ideal", 2'003us, 1'009us,
       10'007us, 1us, 100ns, 6'300, 3},
      {R"({})", "ideal", 0ns, 0ns, 0ns, 0ns, 0ns, 0, 0},
  };
  for (const Case& c : table) {
    CAPTURE(c.json);
    const ControlPlane p = good(fmt::format(R"({{"controlPlane": {}}})", c.json)).control_plane;
    CHECK(p.profile == c.profile);
    CHECK(p.api_latency == c.api);
    CHECK(p.watch_latency == c.watch);
    CHECK(p.bind_latency == c.bind);
    CHECK(p.skew == c.skew);
    CHECK(p.commit_gap == c.gap);
    CHECK(p.qps_milli == c.qps_milli);
    CHECK(p.burst == c.burst);
  }
  CHECK(!control_plane_profile("fast"));
}

TEST_CASE("nodes: count, names and {i}") {
  const Scenario s = good(R"({"nodes": [
    {"count": 3, "metadata": {"name": "n", "labels": {"rack-{i}": "r{i}-{i}"}}, "status": {"allocatable": {"memory": "{i}Gi"}}},
    {"metadata": {"name": "single", "annotations": {"a": "{i}"}}},
    {"count": 0, "metadata": {"name": "none"}}]})");
  REQUIRE(s.nodes.size() == 3);
  CHECK(node_count(s.nodes[0]) == 3);
  CHECK(node_count(s.nodes[1]) == 1);
  CHECK(node_count(s.nodes[2]) == 0);
  CHECK(node_name(s.nodes[0], 2) == "n-2");
  CHECK(node_name(s.nodes[1], 0) == "single");
  CHECK(node_object(s.nodes[0], 2) == json::parse(R"({"apiVersion": "v1", "kind": "Node",
    "metadata": {"name": "n-2", "labels": {"rack-2": "r2-2"}}, "status": {"allocatable": {"memory": "2Gi"}}})"));
  CHECK(node_object(s.nodes[1], 0)["metadata"]["annotations"]["a"] == "0");
  CHECK(s.nodes[0].from.pointer == "/spec/nodes/0");
  CHECK(s.nodes[0].from.source == "s.json");
}

TEST_CASE("a million nodes are an ordinary input") {
  const std::clock_t begin = std::clock();
  const Scenario s = good(R"({"nodes": [{"count": 1000000, "metadata": {"name": "n"}}]})");
  CHECK(node_count(s.nodes[0]) == kMaxNodes);
  CHECK(node_name(s.nodes[0], 999'999) == "n-999999");
  CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < 15);
}

TEST_CASE("objects: inline, Lists, and files relative to the scenario") {
  const Scenario s = good(R"({"objects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}, "manifests/jobs.yaml",
    {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"generateName": "w-"}, "spec": {"anything": [1]}}, "manifests/node-list.json"]})");
  std::string names;
  for (const auto& o : s.objects) names += o.object.at("kind").get<std::string>() + ":" + o.object["metadata"].value("name", "-") + " ";
  CHECK(names == "ConfigMap:c Job:first Job:second Node:from-the-list Widget:- Node:a Node:b ");
  CHECK(s.objects[0].from.pointer == "/spec/objects/0");
  CHECK(s.objects[2].from.source == kTests + "/manifests/jobs.yaml");
  CHECK(s.objects[2].from.document == 1);
  CHECK(s.objects[2].from.pointer == "/items/0");
  CHECK(s.objects[5].object.at("apiVersion") == "v1");  // from the NodeList
}

TEST_CASE("the same name in another namespace, group or kind is another object") {
  good(R"({"objects": [{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}}, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x", "namespace": "b"}},
    {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "x"}}, {"apiVersion": "example.com/v1", "kind": "Job", "metadata": {"name": "x"}},
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "x"}}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "x"}}]})");
}

TEST_CASE("distributions") {
  const std::vector<std::pair<const char*, const char*>> table = {
      {R"("5s")", "5s"},
      {R"("forever")", "forever"},
      {R"({"uniform": ["10s", "20s"]})", "uniform 10s 20s"},
      {R"({"exponential": {"mean": "30s"}})", "exponential 30s"},
      {R"({"normal": {"mean": "30s", "stddev": "5s"}})", "normal 30s 5s 0s"},
      {R"({"normal": {"mean": "30s", "stddev": "5s", "min": "1s"}})", "normal 30s 5s 1s"},
      {R"({"lognormal": {"median": "30s", "sigma": 0.5}})", "lognormal 30s 0.5"},
      {R"({"weibull": {"scale": "30s", "shape": 1.5}})", "weibull 30s 1.5"},
      {R"({"gamma": {"shape": 2, "scale": "15s"}})", "gamma 2 15s"},
      {R"({"gamma": {"shape": 2, "mean": "30s"}})", "gamma 2 15s"},
      {R"({"pareto": {"scale": "1s", "shape": 1.16}})", "pareto 1s 1.16"},
      {R"({"choice": [{"weight": 3, "value": "1s"}, {"value": "forever"}]})", "choice 3:1s 1:forever"},
      {R"({"empirical": ["1s", 2, "3"]})", "empirical 1s 2s 3s"},
  };
  for (const auto& [written, read] : table) CHECK(text(good(fmt::format(R"({{"behaviors": [{{"run": {}}}]}})", written)).behaviors[0].base.run) == read);
}

TEST_CASE("behaviors") {
  const Scenario s = good(R"({"behaviors": [
    {"match": {"kind": "CronJob", "name": "c", "namespace": "ns", "labels": {"a": "b"}, "container": "main", "image": "i:1", "index": 3, "node": "n-0"},
     "pull": "4s", "start": "1s", "ready": "2s", "run": "3s", "stop": {"uniform": ["1s", "2s"]}, "stopExit": 0, "exit": 7,
     "attempts": [{"run": "1s", "exit": {"code": 137, "reason": "OOMKilled"}}, {"exit": {"137": 0.1, "0": 0.9}, "ready": "5s", "start": 6}]},
    {"match": {}}, {}]})");
  REQUIRE(s.behaviors.size() == 3);
  const Behavior& b = s.behaviors[0];
  CHECK(b.match.kind == "CronJob");
  CHECK(b.match.name == "c");
  CHECK(b.match.ns == "ns");
  CHECK(b.match.labels.at("a") == "b");
  CHECK(b.match.container == "main");
  CHECK(b.match.image == "i:1");
  CHECK(b.match.index == 3);
  CHECK(b.match.node == "n-0");
  CHECK(text(b.pull) == "4s");
  CHECK(text(b.base.start) == "1s");
  CHECK(text(b.base.ready) == "2s");
  CHECK(text(b.base.run) == "3s");
  CHECK(text(b.stop) == "uniform 1s 2s");
  CHECK(b.stop_exit == 0);
  REQUIRE(b.base.exit);
  CHECK(b.base.exit->at(0).code == 7);
  REQUIRE(b.attempts.size() == 2);
  CHECK(b.attempts[0].exit->at(0).reason == "OOMKilled");
  CHECK(text(b.attempts[0].start) == "-");
  REQUIRE(b.attempts[1].exit->size() == 2);  // in the order of the codes
  CHECK(b.attempts[1].exit->at(0).code == 0);
  CHECK(b.attempts[1].exit->at(1).weight == doctest::Approx(0.1));
  CHECK(text(b.attempts[1].start) == "6s");
  CHECK(s.behaviors[1].match.kind.empty());
  CHECK(!s.behaviors[2].stop_exit);
}

TEST_CASE("the verbs of the timeline") {
  const std::vector<std::pair<const char*, const char*>> table = {
      {R"("apply": {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"}})", "apply Job//x"},
      {R"("apply": "manifests/jobs.yaml")", "apply Job//first Job/other/second Node//from-the-list"},
      {R"("patch": {"kind": "Job", "name": "j", "patch": {"spec": {}}})", R"(patch Job/default/j strategic {"spec":{}})"},
      {R"("patch": {"kind": "Node", "name": "n", "type": "merge", "patch": {}})", "patch Node/n merge {}"},
      {R"("patch": {"kind": "Job", "name": "j", "namespace": "b", "type": "json", "patch": [{"op": "remove", "path": "/a"}]})", R"(patch Job/b/j json [{"op":"remove","path":"/a"}])"},
      {R"("delete": {"kind": "Job", "name": "j"})", "delete Job/default/j sel= node= count=0 Background grace=-1"},
      {R"("delete": {"kind": "Job", "name": "j", "propagation": "Orphan"})", "delete Job/default/j sel= node= count=0 Orphan grace=-1"},
      {R"x("delete": {"kind": "Pod", "selector": "app=x,y in (1,2)", "count": 2, "node": "n-1", "gracePeriodSeconds": 0, "propagation": "Foreground"})x",
       "delete Pod/default/ sel=app=x,y in (1,2) node=n-1 count=2 Foreground grace=0"},
      {R"("delete": {"kind": "Pod", "selector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["d", "e"]}, {"key": "f", "operator": "DoesNotExist"}]}})",
       "delete Pod/default/ sel=a=b,c notin (d,e),!f node= count=0 Background grace=-1"},
      {R"("cordon": {"node": "n-0"})", "cordon n-0"},
      {R"("cordon": {"selector": "disk=ssd", "count": 40})", "cordon [disk=ssd]x40"},
      {R"("uncordon": {"node": "n-0"})", "uncordon n-0"},
      {R"("drain": {"node": "n-0"})", "drain n-0 ds=false force=false empty=false grace=-1 timeout=-"},
      {R"("drain": {"node": "n-0", "ignoreDaemonSets": true, "force": true, "deleteEmptyDirData": true, "gracePeriodSeconds": 3, "timeout": "12s"})",
       "drain n-0 ds=true force=true empty=true grace=3 timeout=12s"},
      {R"("addNode": {"metadata": {"name": "m-0"}})", R"(addNode {"apiVersion":"v1","kind":"Node","metadata":{"name":"m-0"}})"},
      {R"("removeNode": {"node": "n-0"})", "removeNode n-0"},
      {R"("failNode": {"node": "n-0"})", "failNode n-0 0 -"},
      {R"("failNode": {"node": "n-0", "mode": "partition", "for": "3m"})", "failNode n-0 1 3m0s"},
      {R"("failNode": {"selector": "", "count": 1, "mode": "kubelet", "for": {"exponential": {"mean": "1m"}}})", "failNode []x1 2 exponential 1m0s"},
      {R"("shutdownNode": {"node": "n-0"})", "shutdownNode n-0 30s"},
      {R"("shutdownNode": {"node": "n-0", "gracePeriod": "1m"})", "shutdownNode n-0 1m0s"},
      {R"("shutdownNode": {"node": "n-0", "gracePeriodCriticalPods": "10s"})", "shutdownNode n-0 30s 10s"},
      {R"("failPod": {"name": "p"})", "failPod ns= name=p sel= node= count=0 1 "},
      {R"("failPod": {"selector": "a=b", "count": 1, "exit": 137, "reason": "OOMKilled"})", "failPod ns= name= sel=a=b node= count=1 137 OOMKilled"},
      {R"("failPod": {"selector": "a=b", "namespace": "x", "exit": {"code": 3, "reason": "Bad"}})", "failPod ns=x name= sel=a=b node= count=0 3 Bad"},
      {R"("setImage": {"kind": "DaemonSet", "name": "d", "container": "c", "image": "i:2"})", "setImage DaemonSet/default/d c=i:2"},
      {R"("rollback": {"kind": "DaemonSet", "name": "d"})", "rollback DaemonSet/default/d 0"},
      {R"("rollback": {"kind": "DaemonSet", "name": "d", "toRevision": 3})", "rollback DaemonSet/default/d 3"},
      {R"("suspend": {"kind": "CronJob", "name": "c"})", "suspend CronJob/default/c"},
      {R"("resume": {"kind": "Job", "name": "j", "namespace": "b"})", "resume Job/b/j"},
      {R"("stopController": {"controller": "tainteviction"})", "stop tainteviction"},
      {R"("startController": {"controller": "gc"})", "start gc"},
      {R"("apiOutage": {"for": "30s"})", "outage 30s"},
  };
  for (const auto& [written, read] : table) CHECK(verbs(good(fmt::format(R"({{"timeline": [{{"at": "1s", {}}}]}})", written)).timeline[0]) == read);
}

TEST_CASE("kubectl: command lines become the same verbs") {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"kubectl cordon n-0 n-1", "cordon n-0; cordon n-1"},
      {"cordon node/n-0", "cordon n-0"},
      {"kubectl uncordon -l disk=ssd", "uncordon [disk=ssd]"},
      {"kubectl drain n-0 --ignore-daemonsets --delete-emptydir-data --force --grace-period=3 --timeout 12s", "drain n-0 ds=true force=true empty=true grace=3 timeout=12s"},
      {"kubectl drain n-0 --ignore-daemonsets=false --timeout=0s", "drain n-0 ds=false force=false empty=false grace=-1 timeout=-"},
      {"kubectl apply -f manifests/jobs.yaml", "apply Job//first Job/other/second Node//from-the-list"},
      {"kubectl create -fmanifests/node-list.json", "create Node//a Node//b"},
      {"kubectl create job x --image=busybox:1 -n ns -- sleep 5", "create Job/ns/x"},
      {"kubectl create cronjob x --image=busybox:1 --schedule='*/5 * * * *'", "create CronJob//x"},
      {"kubectl delete job a b", "delete Job/default/a sel= node= count=0 Background grace=-1; delete Job/default/b sel= node= count=0 Background grace=-1"},
      {"kubectl delete -n x job/a cj/b --cascade=orphan", "delete Job/x/a sel= node= count=0 Orphan grace=-1; delete CronJob/x/b sel= node= count=0 Orphan grace=-1"},
      {"kubectl delete pods -l app=web,tier!=db --now", "delete Pod/default/ sel=app=web,tier!=db node= count=0 Background grace=1"},
      {"kubectl delete po --all --force", "delete Pod/default/ sel= node= count=0 Background grace=0"},
      {"kubectl delete pod x --grace-period=-1 --cascade=foreground --wait=false", "delete Pod/default/x sel= node= count=0 Foreground grace=-1"},
      {"kubectl delete pods --field-selector=spec.nodeName=n-1", "delete Pod/default/ sel= node=n-1 count=0 Background grace=-1"},
      {"kubectl delete -f manifests/jobs.yaml", "delete Job/default/first sel= node= count=0 Background grace=-1; delete Job/other/second sel= node= count=0 Background grace=-1; "
                                                "delete Node/from-the-list sel= node= count=0 Background grace=-1"},
      {"kubectl set image ds/d c=i:2 side=j", "setImage DaemonSet/default/d c=i:2; setImage DaemonSet/default/d side=j"},
      {"kubectl set image daemonset d '*=i:2'", "setImage DaemonSet/default/d *=i:2"},
      {"kubectl rollout undo daemonset/d --to-revision=2", "rollback DaemonSet/default/d 2"},
      {"kubectl rollout undo ds d -n x", "rollback DaemonSet/x/d 0"},
      {"kubectl rollout restart ds/d", "restart DaemonSet/default/d"},
      {R"(kubectl patch job j -p '{"spec": {"parallelism": 4}}')", R"(patch Job/default/j strategic {"spec":{"parallelism":4}})"},
      {R"(kubectl patch cj/c --type=merge -p "{\"spec\": {\"suspend\": true}}")", R"(patch CronJob/default/c merge {"spec":{"suspend":true}})"},
      {"kubectl patch jobs.batch/j --type json --patch '[{op: remove, path: /spec/parallelism}]'", R"(patch Job/default/j json [{"op":"remove","path":"/spec/parallelism"}])"},
      {"kubectl taint nodes n-0 maintenance=now:NoExecute gpu:NoSchedule- old-", "taint n-0 +maintenance=now:NoExecute -gpu=:NoSchedule -old=:"},
      {"kubectl taint node --all --overwrite a=b:PreferNoSchedule", "taint [] overwrite +a=b:PreferNoSchedule"},
      {"kubectl label nodes n-0 disk=ssd zone-", R"(label Node/n-0 {"disk":"ssd","zone":null})"},
      {"kubectl annotate job/j why='because I can' --overwrite", R"(annotate Job/default/j overwrite {"why":"because I can"})"},
      {"kubectl label po -l app=web -n x tier=front --overwrite", R"(label Pod/x/ [app=web] overwrite {"tier":"front"})"},
      {"kubectl label nodes --all zone=a", R"(label Node/ [] {"zone":"a"})"},
      {"kubectl annotate node/n-0 node/n-1 a=b", R"(annotate Node/n-0 {"a":"b"}; annotate Node/n-1 {"a":"b"})"},
      {"kubectl -n x delete job a --context=c -v 6", "delete Job/x/a sel= node= count=0 Background grace=-1"},
      {"kubectl --namespace=x rollout restart ds/d", "restart DaemonSet/x/d"},
      {"kubectl delete pod x --grace-period=0", "delete Pod/default/x sel= node= count=0 Background grace=1"},
      {"kubectl delete pod x --grace-period=0 --force", "delete Pod/default/x sel= node= count=0 Background grace=0"},
      {"kubectl delete po --all -A", "delete Pod/ sel= node= count=0 Background grace=-1"},
      {"kubectl delete all -l app=web", "delete Pod/default/ sel=app=web node= count=0 Background grace=-1; delete DaemonSet/default/ sel=app=web node= count=0 Background grace=-1; "
                                        "delete CronJob/default/ sel=app=web node= count=0 Background grace=-1; delete Job/default/ sel=app=web node= count=0 Background grace=-1"},
      {"kubectl delete node n-0", "delete Node/n-0 sel= node= count=0 Background grace=-1"},
      {"kubectl delete pod x --ignore-not-found", "delete Pod/default/x sel= node= count=0 Background grace=-1 if there"},
      {"kubectl create job now --from=cronjob/c -n x", "createJob now from CronJob/x/c"},
      {"kubectl create job now --from cj/c", "createJob now from CronJob/default/c"},
      {"kubectl create namespace x", "create Namespace//x"},
      {"kubectl create pdb p --selector=app=web --min-available=50%", "create PodDisruptionBudget//p"},
      {"kubectl create priorityclass high --value=1000 --description='for some' --preemption-policy=Never", "create PriorityClass//high"},
      {"kubectl run p --image=i --restart=Never -n x -- sleep 5", "create Pod/x/p"},
      {"kubectl apply -f manifests/jobs.yaml --record -o name", "apply Job//first Job/other/second Node//from-the-list"},
      {"kubectl cordon -l disk=ssd", "cordon [disk=ssd]"},
      {"kubectl uncordon n-0 n-1", "uncordon n-0; uncordon n-1"},
      {"kubectl rollout undo ds/d --to-revision 1 -n kube-system", "rollback DaemonSet/kube-system/d 1"},
  };
  for (const auto& row : table) {
    const std::string line = row.first;
    CAPTURE(line);
    const Scenario s = good(json{{"timeline", json::array({{{"at", "1s"}, {"kubectl", line}}})}}.dump());
    CHECK(verbs(s.timeline[0]) == row.second);
    CHECK(s.timeline[0].command == line);
  }
  const auto created = [](const char* line) {
    const Scenario scenario = good(json{{"timeline", json::array({{{"at", "1s"}, {"kubectl", line}}})}}.dump());
    return std::get<verb::Apply>(scenario.timeline[0].verbs[0]).objects[0].object;
  };
  CHECK(created("kubectl run p --image=i --labels=a=b,c=d --env=X=1 -- sleep 5") ==
        json::parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b", "c": "d"}},
          "spec": {"restartPolicy": "Always", "containers": [{"name": "p", "image": "i", "args": ["sleep", "5"], "env": [{"name": "X", "value": "1"}]}]}})"));
  CHECK(created("kubectl create pdb p --selector=app=web --max-unavailable=1")["spec"] == json::parse(R"({"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1})"));
  CHECK(created("kubectl create pdb p --selector='app in (a,b),c' --min-available=50%")["spec"] ==
        json::parse(R"({"selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}, {"key": "c", "operator": "Exists"}]}, "minAvailable": "50%"})"));
  const Scenario s = good(R"({"timeline": [{"at": 1, "kubectl": "kubectl create job x --image=i -- sleep 5"}]})");
  CHECK(std::get<verb::Apply>(s.timeline[0].verbs[0]).objects[0].object ==
        json::parse(R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"},
          "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "x", "image": "i", "command": ["sleep", "5"]}]}}}})"));
}

TEST_CASE("kubectl: what a timeline cannot do is refused with a way to do it") {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"kubectl rollout status ds/d", "orrery rollout status"},
      {"kubectl rollout history ds/d", "orrery rollout history"},
      {"kubectl rollout pause ds/d", "cannot be paused"},
      {"kubectl rollout undo job/j", "not simulated"},
      {"kubectl scale job/j --replicas=3", "spec.parallelism"},
      {"kubectl scale ds/d --replicas=3", "scale subresource"},
      {"kubectl edit job/j", "patch"},
      {"kubectl replace -f x.yaml", "apply -f"},
      {"kubectl set env ds/d A=b", "patch"},
      {"kubectl exec p -- sh", "behaviors"},
      {"kubectl get pods", "changes nothing"},
      {"kubectl apply -k folder", "-f FILE"},
      {"kubectl apply -f -", "standard input"},
      {"kubectl apply -f https://k8s.io/x.yaml", "no network"},
      {"kubectl delete pod x --dry-run=client", "changes nothing"},
      {"kubectl delete pod x --force --now", "--now"},
      {"kubectl delete pod x --now --grace-period=3", "--now"},
      {"kubectl delete pod x --force --grace-period=3", "--force"},
      {"kubectl create job x --from=job/y", "cronjob"},
      {"kubectl create job x --from=cronjob/y --image=i", "either --image or --from"},
      {"kubectl create deployment x --image=i", "possible"},
      {"kubectl create pdb p --selector=a=b", "--min-available"},
      {"kubectl run p", "--image"},
      {"kubectl label pod x", "which labels"},
      {"kubectl label pod x a=b -l c=d", "either"},
      {"kubectl drain n-0 --ignore-daemonset", "ignore-daemonsets"},
  };
  for (const auto& row : table) {
    const std::string line = row.first;
    CAPTURE(line);
    const std::string told = refused(json{{"timeline", json::array({{{"at", "1s"}, {"kubectl", line}}})}}.dump());
    CAPTURE(told);
    CHECK(told.find(row.second) != std::string::npos);
  }
}

TEST_CASE("at, every and times") {
  const Scenario s = good(R"({"timeline": [{"at": {"uniform": ["1s", "9s"]}, "cordon": {"node": "a"}}, {"at": "0s", "every": "10m", "times": 5, "cordon": {"node": "a"}},
    {"every": {"exponential": {"mean": "1h"}}, "cordon": {"node": "a"}}]})");
  CHECK(text(s.timeline[0].at) == "uniform 1s 9s");
  CHECK(!s.timeline[0].every);
  CHECK(!s.timeline[0].times);
  CHECK(text(s.timeline[1].at) == "0s");
  CHECK(text(s.timeline[1].every) == "10m0s");
  CHECK(s.timeline[1].times == 5);
  CHECK(text(s.timeline[2].at) == "exponential 1h0m0s");  // the first turn is one interval after the start
  CHECK(s.timeline[2].from.pointer == "/spec/timeline/2");
}

TEST_CASE("expectations") {
  const Scenario s = good(R"({"expect": [
    {"at": "end", "object": "DaemonSet/fluentd", "path": "/status/updatedNumberScheduled", "equals": 4},
    {"at": "60s", "within": "5s", "object": "Job/ns/j", "path": "/status/succeeded", "atLeast": 2},
    {"at": "always", "object": "Node/n-0", "path": "/spec/unschedulable", "atMost": "500m"},
    {"at": "never", "object": "Pod", "selector": "app=x", "path": "/status/phase", "matches": "^Fail", "count": {"atLeast": 1}},
    {"at": "eventually", "within": "1m", "object": "Pod", "namespace": "b", "selector": "app=x", "count": 3},
    {"object": "Job/j"}]})");
  REQUIRE(s.expect.size() == 6);
  using E = Expectation;
  CHECK(s.expect[0].when == E::When::end);
  CHECK(s.expect[0].kind == "DaemonSet");
  CHECK(s.expect[0].ns == "default");
  CHECK(s.expect[0].name == "fluentd");
  CHECK(s.expect[0].path == "/status/updatedNumberScheduled");
  CHECK(s.expect[0].test == E::Test::equals);
  CHECK(s.expect[0].value == 4);
  CHECK(s.expect[0].from.pointer == "/spec/expect/0");
  CHECK(s.expect[1].when == E::When::instant);
  CHECK(s.expect[1].at == 60s);
  CHECK(s.expect[1].within == 5s);
  CHECK(s.expect[1].ns == "ns");
  CHECK(s.expect[1].test == E::Test::at_least);
  CHECK(s.expect[2].when == E::When::always);
  CHECK(s.expect[2].ns.empty());
  CHECK(s.expect[2].test == E::Test::at_most);
  CHECK(s.expect[3].when == E::When::never);
  CHECK(s.expect[3].test == E::Test::matches);
  REQUIRE(s.expect[3].count);
  CHECK(s.expect[3].count->least == 1);
  CHECK(s.expect[3].name.empty());
  CHECK(s.expect[3].selector == "app=x");
  CHECK(s.expect[4].when == E::When::eventually);
  CHECK(s.expect[4].ns == "b");
  REQUIRE(s.expect[4].count);
  CHECK(s.expect[4].count->least == 3);
  CHECK(s.expect[4].count->most == 3);
  CHECK(s.expect[5].when == E::When::end);
  CHECK(s.expect[5].test == E::Test::exists);
}

TEST_CASE("--set, --seed and --until win over the file") {
  const std::string spec = R"({"seed": 1, "until": "10m", "nodes": [{"count": 2, "metadata": {"name": "n"}}], "controlPlane": {"apiLatency": "1ms"}})";
  CHECK(good(spec, {.overrides = {"seed=5"}}).seed == 5);
  CHECK(good(spec, {.overrides = {"/spec/seed=6"}}).seed == 6);
  CHECK(good(spec, {.overrides = {"spec.seed=7", "seed=8"}}).seed == 8);
  CHECK(good(spec, {.overrides = {"seed=5"}, .seed = 9}).seed == 9);
  CHECK(good(spec, {.overrides = {"nodes[0].count=7"}}).nodes[0].count == 7);
  CHECK(good(spec, {.overrides = {"nodes.0.metadata.name=m"}}).nodes[0].node["metadata"]["name"] == "m");
  CHECK(good(spec, {.overrides = {R"(nodes[1]={"metadata": {"name": "x"}})"}}).nodes.size() == 2);
  CHECK(good(spec, {.overrides = {"controlPlane.watchLatency=3ms"}}).control_plane.watch_latency == 3ms);
  CHECK(good(spec, {.overrides = {"controlPlane=ideal"}}).control_plane.api_latency == 0ns);
  CHECK(good(spec, {.overrides = {"metadata.name=other"}}).name == "other");
  CHECK(good(spec, {.overrides = {"/metadata/annotations/a~1b=c=d"}}).annotations.at("a/b") == "c=d");
  CHECK(good(spec, {.until = 5s}).until == 5s);

  CHECK(refused(spec, {.overrides = {"seed"}}) == "--set seed: expected PATH=VALUE (for example --set controlPlane.apiLatency=5ms)\n");
  CHECK(refused(spec, {.overrides = {"nodes[0=1"}}).find("is not a path") != std::string::npos);
  CHECK(refused(spec, {.overrides = {"nodes[5].count=1"}}) == "--set nodes[5].count=1: /spec/nodes: \"5\" is no index of a list of 1\n");
  CHECK(refused(spec, {.overrides = {"seed.x=1"}}) == "--set seed.x=1: /spec/seed: a number has no fields\n");
  CHECK(refused(spec, {.overrides = {"seeed=1"}}) == "--set seeed=1: /spec/seeed: unknown field \"seeed\" (did you mean \"seed\"?)\n");
  CHECK(refused(spec, {.overrides = {"nodes[0].count=many"}}) == "--set nodes[0].count=many: /spec/nodes/0/count: expected an integer, got a string\n");
  CHECK(refused(spec, {.overrides = {"nodes={"}}).find("--set nodes={: /spec/nodes: ") == 0);
  CHECK(refused(spec, {.until = -5s}).find("--until: ") == 0);
}

TEST_CASE("messages: source, line, pointer, what, and what to do; all of them, in the order of the lines") {
  const auto result = parse_scenario(R"({
  "apiVersion": "orrery/v1",
  "kind": "Scenario",
  "spec": {
    "sed": 1,
    "until": "10 minutes",
    "controlPlane": "realisitc",
    "timeline": [
      { "at": "60s", "drian": { "node": "n-1" } },
      { "at": "60s", "drain": { "node": "n-1", "ignoreDaemonsets": true } }
    ],
    "objects": [ "manifests/broken.yaml" ]
  }
})", "rollout.json", kTests);
  REQUIRE(!result);
  CHECK(all(result.problems()) ==
        "rollout.json:5: /spec/sed: unknown field \"sed\" (did you mean \"seed\"?)\n"
        "rollout.json:6: /spec/until: \"10 minutes\" is not a duration (write it like 90s, 1h30m, 250ms or 2d)\n"
        "rollout.json:7: /spec/controlPlane: unknown profile \"realisitc\" (did you mean \"realistic\"?)\n"
        "rollout.json:9: /spec/timeline/0/drian: unknown field \"drian\" (did you mean \"drain\"?)\n"
        "rollout.json:10: /spec/timeline/1/drain/ignoreDaemonsets: unknown field \"ignoreDaemonsets\" (did you mean \"ignoreDaemonSets\"?)\n" +
            fmt::format("{0}/manifests/broken.yaml:11:3: /spec/paralelism: unknown field \"paralelism\" (did you mean \"parallelism\"?)\n"
                        "{0}/manifests/broken.yaml:15:1: /metadata: the field \"name\" is required\n",
                        kTests));
}

TEST_CASE("plain manifests") {
  const auto s = scenario_from_manifests({kTests + "/manifests/jobs.yaml"}, {.nodes = 3, .nodes_from = kTests + "/manifests/node-list.json", .read = {.overrides = {"seed=4"}, .until = 5s}});
  REQUIRE_MESSAGE(s, all(s.problems()));
  CHECK(s->name == "jobs");
  CHECK(s->seed == 4);
  CHECK(s->until == 5s);
  CHECK(s->control_plane.profile == "realistic");
  std::string names;
  for (const NodeEntry& n : s->nodes)
    for (std::int64_t i = 0; i < node_count(n); ++i) names += node_name(n, i) + " ";
  CHECK(names == "a b from-the-list node-0 node-1 node-2 ");
  REQUIRE(s->objects.size() == 2);
  CHECK(s->objects[1].object["metadata"]["name"] == "second");

  const auto twice = scenario_from_manifests({kTests + "/manifests/jobs.yaml", kTests + "/manifests/jobs.yaml"});
  REQUIRE(!twice);
  CHECK(twice.problems().size() == 3);
  const auto bad = scenario_from_manifests({kTests + "/manifests/broken.yaml", "gone.yaml"}, {.nodes = -1, .nodes_from = kTests + "/manifests/jobs.yaml"});
  REQUIRE(!bad);
  const std::string text = all(bad.problems());
  CHECK(text.find("broken.yaml:11:3: /spec/paralelism") != std::string::npos);
  CHECK(text.find("gone.yaml: cannot read \"gone.yaml\": there is no such file") != std::string::npos);
  CHECK(text.find("only Nodes belong into the file of the nodes") != std::string::npos);
  CHECK(text.find("--nodes: expected 0 to 1000000 nodes, got -1") != std::string::npos);
}

TEST_CASE("is_scenario") {
  CHECK(is_scenario(json::parse(R"({"apiVersion": "orrery/v1", "kind": "Scenario"})")));
  CHECK(is_scenario(json::parse(R"({"kind": "Scenario"})")));
  CHECK(is_scenario(json::parse(R"({"apiVersion": "orrery/v7"})")));
  CHECK(!is_scenario(json::parse(R"({"apiVersion": "batch/v1", "kind": "Job"})")));
  CHECK(!is_scenario(json::parse("[]")));
  const auto manifest = read_scenario_file(kTests + "/manifests/jobs.yaml");
  REQUIRE(!manifest);
  CHECK(manifest.problems()[0].hint == "plain manifests run with --nodes N");
  const auto gone = read_scenario_file("no/such.json");
  REQUIRE(!gone);
  CHECK(to_string(gone.problems()[0]) == "no/such.json: there is no such file");
}

TEST_CASE("every conformance scenario is read without a problem") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kTests + "/conformance/scenarios")) {
    const auto result = read_scenario_file(entry.path().string());
    CHECK_MESSAGE(result, all(result.problems()));
    ++files;
    if (!result || entry.path().stem() != "job-20-qps") continue;
    CHECK(result->control_plane.qps_milli == 6'300);
    CHECK(result->control_plane.burst == 3);
    CHECK(result->control_plane.api_latency == 2'003us);
  }
  CHECK(files >= 157);
}
