#include <doctest/doctest.h>

#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

using Lines = std::vector<std::string>;

/// Nodes registered at t = -0.5 s, whose kubelets renew their leases every 10 s from then on until they are told to stop.
struct NodeWorld : World {
  std::vector<std::string> beating;

  explicit NodeWorld(std::vector<std::string> names, const NodeLifecycleOptions& options = {}, bool evicting = false) : beating(std::move(names)) {
    add(make_node_lifecycle(cluster, options));
    if (evicting) add(make_taint_eviction(cluster));
    run_to(-1s + cluster.timing().watch_latency);
    for (auto& c : controllers) c->start();
    run_to(-500ms);
    for (const auto& n : beating) create(node(n));
    beat();
    run_to(0s);
    lines.clear();
  }
  void beat() {
    for (const auto& n : beating) {
      const Object* old = store().live(Kind::lease, sym::kube_node_lease, n);
      Ref<LeaseObject> next = old != nullptr ? clone_as(static_cast<const LeaseObject&>(*old)) : make_ref<LeaseObject>();
      next->renewed = cluster.now();
      if (old != nullptr) {
        (void)store().replace(std::move(next));
        continue;
      }
      next->meta.id = Identity::make(Kind::lease, sym::kube_node_lease, n);
      (void)store().create(std::move(next));
    }
  }
  void advance(Duration t) {
    const Duration present = cluster.now() - kStart;
    auto k = (present + 500ms) / 10s + 1;
    for (; k * 10s - 500ms <= t; ++k) {
      run_to(k * 10s - 500ms);
      beat();
    }
    run_to(t);
  }
  void lose(const std::string& name) { std::erase(beating, name); }
  void ready(const std::string& name, Symbol status) {
    change<Node>(name, [&](Node& n) {
      Condition* const all = n.conditions.edit();
      for (std::size_t i = 0; i < n.conditions.size(); ++i) {
        Condition& c = all[i];
        c.status = c.type == sym::Ready ? status : Symbol{sym::False};
        c.probe = stamp(cluster.now());
        if (c.type == sym::Ready) c.transition = stamp(cluster.now());
      }
    });
  }
  std::string taints(const std::string& name) {
    std::string out;
    for (const Taint& t : store().live_node(name)->taints) out += (out.empty() ? "" : " ") + t.key.substr(t.key.find('/') + 1) + ":" + std::string(cluster.text(t.effect));
    return out;
  }
  nlohmann::json ready_pod(const std::string& name, const std::string& on) {
    auto p = pod(name, on);
    p["status"]["conditions"] = {{{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", "2026-01-01T00:00:01Z"}}};
    return p;
  }
};

std::vector<std::string> names(int n) {
  std::vector<std::string> out;
  for (int i = 0; i < n; ++i) out.push_back("n-" + std::to_string(i));
  return out;
}

}  // namespace

TEST_CASE("N-046, P-120 … P-122: a lost node, to the microsecond, and its return") {
  NodeWorld w(names(4), {}, true);
  w.create(w.ready_pod("a", "n-0"));
  w.lines.clear();
  w.advance(20300ms);
  w.lose("n-0");
  w.advance(200300ms);
  // Last renewal 19.5 s, seen by the pass at 24.001009; more than 50 s later is the pass at 79.001009.
  CHECK(w.lines == Lines{"79.003018 MODIFIED Node n-0", "79.005027 MODIFIED Pod a", "79.008045 MODIFIED Node n-0", "79.105027 MODIFIED Node n-0",
                         "79.110056 MODIFIED Pod a", "79.112066 MODIFIED Pod a"});
  CHECK(w.taints("n-0") == "unreachable:NoSchedule unreachable:NoExecute");
  const Condition* ready = find_condition(w.store().live_node("n-0")->conditions, sym::Ready);
  CHECK(ready->status == sym::Unknown);
  CHECK(ready->reason == sym::NodeStatusUnknown);
  CHECK(w.cluster.text(ready->message) == "Kubelet stopped posting node status.");
  const Condition* pod_ready = find_condition(w.store().live_pod(sym::default_, "a")->conditions, sym::Ready);
  CHECK(pod_ready->status == sym::False);
  CHECK(pod_ready->transition == stamp(NodeWorld::kStart + 79s));
  CHECK(Lines(w.events.begin() + 4, w.events.end()) ==
        Lines{"79.005027 NodeNotReady n-0: Node n-0 status is now: NodeNotReady", "79.007036 NodeNotReady a: Node is not ready",
              "79.108046 TaintManagerEviction a: Marking for deletion Pod default/a"});

  w.lines.clear();
  w.ready("n-0", sym::True);
  w.beating.push_back("n-0");
  w.beat();
  w.advance(210s);
  CHECK(w.lines == Lines{"200.3 MODIFIED Node n-0", "200.305027 MODIFIED Node n-0", "204.009045 MODIFIED Node n-0"});
  CHECK(w.taints("n-0").empty());
}

TEST_CASE("N-025, N-026, N-060: nodes are registered and forgotten by the next pass, with Events") {
  NodeWorld w(names(1));
  w.advance(10300ms);
  w.create(World::node("m"));
  w.advance(20s);
  w.remove(Kind::node, "m");
  w.advance(30s);
  CHECK(w.events == Lines{"4.003018 RegisteredNode n-0: Node n-0 event: Registered Node n-0 in Controller",
                          "14.003018 RegisteredNode m: Node m event: Registered Node m in Controller",
                          "24.003018 RemovingNode m: Node m event: Removing Node m from Controller"});
}

TEST_CASE("N-036: NoSchedule taints follow the conditions at once") {
  struct Row {
    const char* what;
    void (*change)(Node&);
    const char* taints;
  };
  const Row rows[] = {
      {"cordoned", [](Node& n) { n.unschedulable = true; }, "unschedulable:NoSchedule"},
      {"not ready", [](Node& n) { find_condition(n.conditions, sym::Ready)->status = sym::False; }, "not-ready:NoSchedule"},
      {"disk pressure", [](Node& n) { find_condition(n.conditions, sym::DiskPressure)->status = sym::True; }, "disk-pressure:NoSchedule"},
      {"unjustified", [](Node& n) { n.taints.push_back({"node.kubernetes.io/unschedulable", "", sym::NoSchedule, {}}); }, ""},
      {"another effect", [](Node& n) { n.taints.push_back({"node.kubernetes.io/unschedulable", "", sym::PreferNoSchedule, {}}); },
       "unschedulable:PreferNoSchedule"},
      {"another key", [](Node& n) { n.taints.push_back({"k", "", sym::NoSchedule, {}}); }, "k:NoSchedule"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    NodeWorld w(names(1));
    w.advance(6s);
    w.change<Node>("n-0", row.change);
    w.advance(6500ms);
    CHECK(w.taints("n-0").substr(0, w.taints("n-0").find(" not-ready:NoExecute")) == row.taints);
  }
}

TEST_CASE("N-202: a kubelet that reports Ready=False gets NoExecute through the queue, and no pod is marked") {
  NodeWorld w(names(4));
  w.create(w.ready_pod("a", "n-0"));
  w.advance(203s);
  w.lines.clear();
  w.ready("n-0", sym::False);
  w.advance(230s);
  CHECK(w.lines == Lines{"203 MODIFIED Node n-0", "203.005027 MODIFIED Node n-0", "204.105027 MODIFIED Node n-0"});
  CHECK(w.taints("n-0") == "not-ready:NoSchedule not-ready:NoExecute");
}

TEST_CASE("N-203: when that kubelet then dies the taint changes sides at once") {
  NodeWorld w(names(4));
  w.advance(203s);
  w.ready("n-0", sym::False);
  w.lose("n-0");
  w.advance(400s);
  CHECK(w.taints("n-0") == "unreachable:NoExecute unreachable:NoSchedule");
  for (const auto& e : w.events) CHECK(e.find("NodeNotReady") == std::string::npos);
}

TEST_CASE("N-043, N-211 … N-216: zones and their rates") {
  struct Row {
    int size, lost;
    int tainted_soon;  ///< within the first tainting pass
    int tainted_later; ///< 45 s after it
  };
  const Row rows[] = {{10, 3, 1, 3}, {10, 5, 1, 5}, {3, 2, 1, 2}, {10, 6, 0, 0}, {60, 40, 1, 1}, {50, 30, 0, 0}, {20, 11, 0, 0}, {5, 3, 0, 0}, {3, 3, 0, 0}};
  for (const Row& row : rows) {
    CAPTURE(row.size);
    CAPTURE(row.lost);
    NodeWorld w(names(row.size));
    w.advance(20300ms);
    for (int i = 0; i < row.lost; ++i) w.lose("n-" + std::to_string(i));
    const auto tainted = [&] {
      int n = 0;
      for (int i = 0; i < row.size; ++i) n += w.taints("n-" + std::to_string(i)).find("NoExecute") != std::string::npos;
      return n;
    };
    w.advance(80s);
    CHECK(w.taints("n-0").starts_with("unreachable:NoSchedule"));
    CHECK(tainted() == row.tainted_soon);
    w.advance(125s);
    CHECK(tainted() == row.tainted_later);
  }
}

TEST_CASE("N-214: in a large, partly disrupted zone nodes are tainted every 100 s") {
  NodeWorld w(names(60));
  w.advance(20300ms);
  for (int i = 0; i < 40; ++i) w.lose("n-" + std::to_string(i));
  const auto tainted = [&] {
    int n = 0;
    for (int i = 0; i < 60; ++i) n += w.taints("n-" + std::to_string(i)).find("NoExecute") != std::string::npos;
    return n;
  };
  w.advance(170s);
  CHECK(tainted() == 1);
  w.advance(190s);
  CHECK(tainted() == 2);
}

TEST_CASE("N-217: a zone that is lost whole keeps its rate while another is healthy") {
  NodeWorld w({});
  for (const char* name : {"a-0", "a-1", "a-2", "b-0"}) {
    auto n = World::node(name);
    n["metadata"]["labels"] = {{"topology.kubernetes.io/zone", std::string(1, name[0])}};
    w.create(n);
    w.beating.push_back(name);
  }
  w.beat();
  w.advance(20300ms);
  for (const char* name : {"a-0", "a-1", "a-2"}) w.lose(name);
  w.advance(125s);
  for (const char* name : {"a-0", "a-1", "a-2"}) CHECK(w.taints(name) == "unreachable:NoSchedule unreachable:NoExecute");
}

TEST_CASE("N-218, N-220: a cluster lost whole is not tainted, and its nodes wait for a token when some return") {
  NodeWorld w(names(3));
  w.advance(20300ms);
  w.beating.clear();
  w.advance(200s);
  for (const auto& n : names(3)) CHECK(w.taints(n) == "unreachable:NoSchedule");
  w.ready("n-2", sym::True);
  w.beating = {"n-2"};
  w.beat();
  w.advance(206s);
  CHECK(w.taints("n-2").empty());
  CHECK(w.taints("n-0") == "unreachable:NoSchedule");
  w.advance(216s);
  CHECK(w.taints("n-0") == "unreachable:NoSchedule unreachable:NoExecute");
  w.advance(226s);
  CHECK(w.taints("n-1") == "unreachable:NoSchedule unreachable:NoExecute");
}

TEST_CASE("N-223: a node that never posted a status is Unknown after 60 s, unless it renews its lease") {
  for (const bool renews : {false, true}) {
    CAPTURE(renews);
    NodeWorld w(names(1));
    w.advance(1s);
    w.create(World::node("m", ""));
    if (renews) w.beating.push_back("m");
    w.advance(59s);
    CHECK(w.store().live_node("m")->conditions.empty());
    w.advance(130s);
    const auto& conditions = w.store().live_node("m")->conditions;
    CHECK(conditions.size() == (renews ? 0 : 4));
    if (renews) continue;
    CHECK(w.cluster.text(conditions[0].reason) == "NodeStatusNeverUpdated");
    CHECK(w.cluster.text(conditions[0].message) == "Kubelet never posted node status.");
    CHECK(w.taints("m") == "unreachable:NoSchedule unreachable:NoExecute");
  }
}

TEST_CASE("N-030, N-031: only pods that say they are ready are marked, and those bound to a lost node later") {
  NodeWorld w(names(4));
  w.create(w.ready_pod("a", "n-0"));
  w.create(w.pod("b", "n-0"));
  w.create(w.ready_pod("c", "n-1"));
  w.advance(20300ms);
  w.lose("n-0");
  w.advance(90s);
  w.create(w.ready_pod("d", "n-0"));
  w.advance(91s);
  const auto ready = [&](const char* name) { return condition_true(w.store().live_pod(sym::default_, name)->conditions, sym::Ready); };
  CHECK_FALSE(ready("a"));
  CHECK(w.store().live_pod(sym::default_, "b")->conditions.empty());
  CHECK(ready("c"));
  CHECK_FALSE(ready("d"));
}

TEST_CASE("N-230: a pod that could not be marked is tried again by the next pass") {
  NodeWorld w(names(4));
  w.create(w.ready_pod("a", "n-0"));
  w.advance(20300ms);
  w.lose("n-0");
  w.advance(79004ms);  // its status is being written from what the cache held at 79.003018
  w.change<Pod>("a", [](Pod& p) { p.set_reason(p.reason(), sym::Error); });
  w.advance(80s);
  CHECK(condition_true(w.store().live_pod(sym::default_, "a")->conditions, sym::Ready));
  w.advance(85s);
  CHECK_FALSE(condition_true(w.store().live_pod(sym::default_, "a")->conditions, sym::Ready));
}

TEST_CASE("N-038: the beta labels follow the stable ones") {
  NodeWorld w(names(1));
  auto n = World::node("m");
  n["metadata"]["labels"] = {{"kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "arm64"}, {"beta.kubernetes.io/arch", "amd64"}};
  w.create(n);
  w.advance(1s);
  const ObjectMeta& meta = w.store().live_node("m")->meta;
  CHECK(*meta.label("beta.kubernetes.io/os") == "linux");
  CHECK(*meta.label("beta.kubernetes.io/arch") == "arm64");
}

TEST_CASE("without heartbeats no node is ever found silent, and an idle cluster costs one event per pass") {
  NodeWorld w(names(100), {.heartbeats = false});
  w.beating.clear();
  w.run_to(10s);
  const auto before = w.cluster.kernel().executed();
  w.run_to(3610s);
  CHECK(w.cluster.kernel().executed() - before == 720);
  CHECK(w.cluster.kernel().pending_foreground_events() == 0);
  w.change<Node>("n-7", [](Node& n) { find_condition(n.conditions, sym::Ready)->status = sym::False; });
  w.run_to(3620s);
  CHECK(w.taints("n-7") == "not-ready:NoSchedule not-ready:NoExecute");
}

TEST_CASE("a run that waits for a node to be found lost is not over") {
  NodeWorld w(names(4));
  w.advance(40s);
  w.lose("n-0");
  w.advance(65s);  // the first pass at which the silence, from 39.5 s on, is remarkable
  for (int i = 1; w.taints("n-0").find("NoExecute") == std::string::npos && i < 40; ++i) {
    CHECK(w.cluster.kernel().pending_foreground_events() > 0);
    w.advance(65s + std::chrono::seconds{i});
  }
  w.advance(120s);
  CHECK(w.taints("n-0") == "unreachable:NoSchedule unreachable:NoExecute");
  CHECK(w.cluster.kernel().pending_foreground_events() == 0);
}

TEST_CASE("N-063: a restarted controller knows nothing and gives everybody 50 s again") {
  NodeWorld w(names(4));
  w.advance(20300ms);
  w.lose("n-0");
  w.advance(70s);
  w.controllers[0]->stop();
  w.controllers[0]->start();
  w.advance(119s);
  CHECK(w.taints("n-0").empty());
  w.advance(126s);
  CHECK(w.taints("n-0") == "unreachable:NoSchedule unreachable:NoExecute");
}

TEST_CASE("N-212, N-219: when the last node falls silent too, taints go and evictions are cancelled") {
  NodeWorld w(names(3), {}, true);
  auto p = w.ready_pod("a", "n-0");
  p["spec"]["tolerations"] = {{{"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}}};
  w.create(p);
  w.advance(20300ms);
  w.lose("n-0");
  w.advance(100s);
  CHECK(w.taints("n-0") == "unreachable:NoSchedule unreachable:NoExecute");
  w.beating.clear();
  w.advance(300s);
  for (const auto& n : names(3)) CHECK(w.taints(n) == "unreachable:NoSchedule");
  CHECK(w.events.back().find("Cancelling deletion of Pod default/a") != std::string::npos);
  w.advance(600s);
  CHECK_FALSE(w.store().live_pod(sym::default_, "a")->meta.deleted);
}

TEST_CASE("N-221: a lost node's disk pressure is unknown, and so no reason for a taint") {
  NodeWorld w(names(4));
  w.advance(10s);
  w.change<Node>("n-0", [](Node& n) { find_condition(n.conditions, sym::DiskPressure)->status = sym::True; });
  w.advance(20300ms);
  CHECK(w.taints("n-0") == "disk-pressure:NoSchedule");
  w.lose("n-0");
  w.advance(100s);
  CHECK(w.taints("n-0") == "unreachable:NoSchedule unreachable:NoExecute");
}

TEST_CASE("N-222: a taint of conditions made by hand is gone with the next pass, but not without effect") {
  NodeWorld w(names(2), {}, true);
  for (const char* name : {"patient", "intolerant"}) {
    auto p = w.ready_pod(name, "n-0");
    if (*name == 'p') p["spec"]["tolerations"] = {{{"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}}};
    w.create(p);
  }
  w.advance(10s);
  w.change<Node>("n-0", [](Node& n) { n.taints.push_back({"node.kubernetes.io/not-ready", "", sym::NoExecute, {}}); });
  w.advance(16s);
  CHECK(w.taints("n-0").empty());
  CHECK(w.store().live_pod(sym::default_, "intolerant")->meta.deleted);
  w.advance(400s);
  CHECK_FALSE(w.store().live_pod(sym::default_, "patient")->meta.deleted);
}

TEST_CASE("N-224: without its lease a healthy kubelet is taken for lost") {
  NodeWorld w(names(3));
  w.advance(100s);
  (void)w.store().remove(Kind::lease, sym::kube_node_lease, "n-0", {.uid = {}});
  w.lose("n-0");
  w.advance(140s);
  CHECK(condition_true(w.store().live_node("n-0")->conditions, sym::Ready));
  w.advance(165s);
  CHECK(find_condition(w.store().live_node("n-0")->conditions, sym::Ready)->status == sym::Unknown);
}

TEST_CASE("N-062, N-231: a node made anew under an old name is Unknown at once where nobody renews its lease") {
  NodeWorld w(names(3));
  w.advance(100s);
  w.lose("n-0");
  w.advance(106s);  // a pass has seen the last lease
  w.remove(Kind::node, "n-0");
  w.advance(400s);
  w.create(World::node("n-0", ""));
  w.advance(406s);
  const Condition* ready = find_condition(w.store().live_node("n-0")->conditions, sym::Ready);
  REQUIRE(ready != nullptr);
  CHECK(w.cluster.text(ready->reason) == "NodeStatusNeverUpdated");
}
