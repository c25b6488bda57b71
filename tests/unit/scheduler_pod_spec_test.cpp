// What the scheduler reads out of pods and nodes.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "scheduler/node_view.hpp"
#include "scheduler/pod_spec_view.hpp"

using namespace orrery;
using nlohmann::json;

namespace {
constexpr std::int64_t kMi = std::int64_t{1} << 20;
SchedPodSpec compile(Interner& names, const char* spec, const char* labels = "{}", Diagnostics* problems = nullptr) {
  return parse_sched_pod_spec(json::parse(spec), json::parse(labels), "default", names, problems);
}
}  // namespace

TEST_CASE("S-040 request of a pod, S-031 request for scoring") {
  struct Row {
    const char* what;
    const char* spec;
    std::int64_t cpu, memory, scored_cpu, scored_memory;
  };
  const Row rows[] = {
      {"sum of containers", R"({"containers":[{"resources":{"requests":{"cpu":"500m","memory":"1Gi"}}},{"resources":{"requests":{"cpu":1}}}]})", 1500, 1024 * kMi, 1500, 1224 * kMi},
      {"nothing asked", R"({"containers":[{},{}]})", 0, 0, 200, 400 * kMi},
      {"an explicit 0 is no default", R"({"containers":[{"resources":{"requests":{"cpu":"0","memory":"0"}}}]})", 0, 0, 0, 0},
      {"a large init container", R"({"initContainers":[{"resources":{"requests":{"cpu":"2"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]})", 2000, 0, 2000, 200 * kMi},
      {"sidecar beside the containers", R"({"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]})", 2000, 0, 2000, 400 * kMi},
      {"init container after a sidecar", R"({"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}},{"resources":{"requests":{"cpu":"5"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]})", 6000, 0, 6000, 400 * kMi},
      {"init container before a sidecar", R"({"initContainers":[{"resources":{"requests":{"cpu":"5"}}},{"restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]})", 5000, 0, 5000, 400 * kMi},
      {"overhead", R"({"overhead":{"cpu":"250m","memory":"10Mi"},"containers":[{"resources":{"requests":{"cpu":"1"}}}]})", 1250, 10 * kMi, 1250, 210 * kMi},
      {"pod level replaces what it names", R"({"resources":{"requests":{"cpu":"3"}},"containers":[{"resources":{"requests":{"cpu":"1","memory":"1Mi"}}}]})", 3000, kMi, 3000, kMi},
  };
  for (const Row& r : rows) {
    INFO(r.what);
    Interner names;
    const SchedPodSpec s = compile(names, r.spec);
    CHECK(s.requests.milli_cpu == r.cpu);
    CHECK(s.requests.memory == r.memory);
    CHECK(s.scored_milli_cpu == r.scored_cpu);
    CHECK(s.scored_memory == r.scored_memory);
  }
}

TEST_CASE("S-043 tolerations") {
  struct Row {
    const char* toleration;
    bool tolerates;
  };
  const Row rows[] = {
      {R"({"key":"k","operator":"Equal","value":"v","effect":"NoSchedule"})", true},
      {R"({"key":"k","value":"v"})", true},
      {R"({"key":"k","value":"w"})", false},
      {R"({"key":"k","operator":"Exists"})", true},
      {R"({"operator":"Exists"})", true},
      {R"({"operator":"Exists","effect":"NoExecute"})", false},
      {R"({"key":"other","operator":"Exists"})", false},
      {R"({"key":"k","operator":"Exists","tolerationSeconds":5})", true},
  };
  for (const Row& r : rows) {
    INFO(r.toleration);
    Interner names;
    const auto t = parse_sched_tolerations(json::array({json::parse(r.toleration)}), names);
    const auto taints = parse_sched_taints(json::parse(R"([{"key":"k","value":"v","effect":"NoSchedule"}])"), names);
    CHECK((untolerated(taints, t) == nullptr) == r.tolerates);
  }
}

TEST_CASE("S-042 node affinity, one requirement each") {
  struct Row {
    const char* term;
    bool matches;
  };
  const Row rows[] = {
      {R"({"matchExpressions":[{"key":"disk","operator":"In","values":["ssd","nvme"]}]})", true},
      {R"({"matchExpressions":[{"key":"disk","operator":"NotIn","values":["ssd"]}]})", false},
      {R"({"matchExpressions":[{"key":"absent","operator":"NotIn","values":["ssd"]}]})", true},
      {R"({"matchExpressions":[{"key":"empty","operator":"Exists"}]})", true},
      {R"({"matchExpressions":[{"key":"empty","operator":"In","values":[""]}]})", true},
      {R"({"matchExpressions":[{"key":"absent","operator":"In","values":[""]}]})", false},
      {R"({"matchExpressions":[{"key":"absent","operator":"DoesNotExist"}]})", true},
      {R"({"matchExpressions":[{"key":"cores","operator":"Gt","values":["7"]}]})", true},
      {R"({"matchExpressions":[{"key":"cores","operator":"Gt","values":["8"]}]})", false},
      {R"({"matchExpressions":[{"key":"cores","operator":"Lt","values":["9"]}]})", true},
      {R"({"matchExpressions":[{"key":"disk","operator":"Lt","values":["9"]}]})", false},
      {R"({"matchExpressions":[{"key":"cores","operator":"Gt","values":["x"]}]})", false},
      {R"({"matchExpressions":[{"key":"cores","operator":"Near","values":["8"]}]})", false},
      {R"({"matchFields":[{"key":"metadata.name","operator":"In","values":["n1"]}]})", true},
      {R"({"matchFields":[{"key":"metadata.name","operator":"NotIn","values":["n1"]}]})", false},
      {R"({"matchFields":[{"key":"metadata.uid","operator":"In","values":["n1"]}]})", false},
      {R"({})", false},
  };
  for (const Row& r : rows) {
    INFO(r.term);
    Interner names;
    const SchedNode node = parse_sched_node(json::parse(R"({"metadata":{"name":"n1","labels":{"disk":"ssd","cores":"8","empty":""}}})"), names);
    const json spec = {{"affinity", {{"nodeAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", {{"nodeSelectorTerms", json::array({json::parse(r.term)})}}}}}}}};
    CHECK(parse_sched_pod_spec(spec, nlohmann::json::object(), "default", names).node_matches(node.labels, node.name) == r.matches);
  }
}

TEST_CASE("S-024 names to which node affinity narrows the search") {
  struct Row {
    const char* terms;
    std::vector<std::string> pinned;
    bool conflict;
  };
  const Row rows[] = {
      {R"([{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]}])", {"a"}, false},
      {R"([{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]},{"matchFields":[{"key":"metadata.name","operator":"In","values":["b","a"]}]}])", {"a", "b"}, false},
      {R"([{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]},{"matchExpressions":[{"key":"x","operator":"Exists"}]}])", {}, false},
      {R"([{"matchFields":[{"key":"metadata.name","operator":"NotIn","values":["a"]}]}])", {}, false},
      {R"([{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]},{"key":"metadata.name","operator":"In","values":["b"]}]}])", {}, true},
  };
  for (const Row& r : rows) {
    INFO(r.terms);
    Interner names;
    const json spec = {{"affinity", {{"nodeAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", {{"nodeSelectorTerms", json::parse(r.terms)}}}}}}}};
    const SchedPodSpec s = parse_sched_pod_spec(spec, nlohmann::json::object(), "default", names);
    std::vector<std::string> pinned;
    for (Symbol p : s.pinned) pinned.emplace_back(names.text(p));
    CHECK(pinned == r.pinned);
    CHECK(s.pins_conflict == r.conflict);
  }
}

TEST_CASE("S-033 image names, S-042 host ports, S-006 gates") {
  CHECK(sched_image_name("ubuntu") == "ubuntu:latest");
  CHECK(sched_image_name("ubuntu:22") == "ubuntu:22");
  CHECK(sched_image_name("host:5000/x") == "host:5000/x:latest");
  CHECK(sched_image_name("x@sha256:0a") == "x@sha256:0a");
  Interner names;
  const SchedPodSpec s = compile(names, R"({"schedulingGates":[{"name":"g"}],"containers":[{"ports":[{"containerPort":80},{"hostPort":80},{"hostPort":81,"hostIP":"10.0.0.1","protocol":"UDP"}]}]})");
  CHECK(s.gated);
  REQUIRE(s.ports.size() == 2);
  const Symbol tcp = names.intern("TCP"), other = names.intern("10.0.0.2");
  CHECK(s.ports[0].conflicts({other, tcp, 80}));
  CHECK_FALSE(s.ports[0].conflicts({other, names.intern("UDP"), 80}));
  CHECK_FALSE(s.ports[1].conflicts({other, names.intern("UDP"), 81}));
  CHECK(s.ports[1].conflicts({0, names.intern("UDP"), 81}));
}

TEST_CASE("matchLabelKeys look at the pod's own labels") {
  Interner names;
  const SchedPodSpec s = compile(names, R"({"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","labelSelector":{"matchLabels":{"app":"a"}},"matchLabelKeys":["rev","none"]}]})", R"({"app":"a","rev":"7"})");
  SchedLabels same, older;
  same.set("app", "a", names);
  older = same;
  same.set("rev", "7", names);
  older.set("rev", "6", names);
  CHECK(s.spread[0].selector.matches(same));
  CHECK_FALSE(s.spread[0].selector.matches(older));
}

TEST_CASE("input of any shape is read without complaint, except for quantities") {
  const char* shapes[] = {
      "null", "[]", "3", R"("x")", R"({"containers":{}})", R"({"containers":[3,null,[],{"resources":[]},{"resources":{"requests":[]}},{"ports":[7,{"hostPort":"x"}]}]})",
      R"({"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[7,{"matchFields":[1]}]}},"podAffinity":[],"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[null]}}})",
      R"({"topologySpreadConstraints":[1,{"maxSkew":-4,"minDomains":1e300,"matchLabelKeys":[1]}],"tolerations":[1,{"key":7}],"priority":99999999999999,"nodeSelector":{"a":1}})"};
  for (const char* shape : shapes) {
    Interner names;
    Diagnostics problems;
    (void)parse_sched_pod_spec(json::parse(shape), json::parse(shape), "default", names, &problems);
    (void)parse_sched_node(json::parse(shape), names, &problems);
    CHECK(problems.empty());
  }
  Interner names;
  Diagnostics problems;
  const SchedPodSpec s = compile(names, R"({"containers":[{},{"resources":{"requests":{"cpu":"many","memory":"9E","example.com/gpu":"-1"}}}]})", "{}", &problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].pointer == "/containers/1/resources/requests/cpu");
  CHECK(s.requests.milli_cpu == 0);
  CHECK(s.requests.memory == kSchedAmountMax);
}

TEST_CASE("S-021 one node of each zone in turn") {
  SchedNodeOrder order;
  order.add(0, 7);
  order.add(1, 7);
  order.add(2, 7);
  order.add(3, 8);
  order.add(4, 0);
  CHECK(order.list() == std::vector<std::uint32_t>{0, 3, 4, 1, 2});
  order.remove(3, 8);
  CHECK(order.list() == std::vector<std::uint32_t>{0, 4, 1, 2});
  order.add(3, 8);  // its zone had become empty, so it is the last one now
  CHECK(order.list() == std::vector<std::uint32_t>{0, 4, 3, 1, 2});
  Interner names;
  auto zone = [&](const char* labels) { return parse_sched_node({{"metadata", {{"name", "n"}, {"labels", json::parse(labels)}}}}, names).zone; };
  CHECK(zone("{}") == 0);
  CHECK(zone(R"({"topology.kubernetes.io/zone":"a"})") == zone(R"({"failure-domain.beta.kubernetes.io/zone":"a"})"));
  CHECK(zone(R"({"topology.kubernetes.io/zone":"a"})") != zone(R"({"topology.kubernetes.io/region":"a"})"));
}
