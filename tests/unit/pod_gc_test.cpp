#include <doctest/doctest.h>

#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

using Lines = std::vector<std::string>;

struct PodGcWorld : World {
  explicit PodGcWorld(const PodGcOptions& options = {}) {
    add(make_pod_gc(cluster, options));
    start();
  }
  const Pod* pod_named(std::string_view name) { return store().live_pod(sym::default_, name); }
};

}  // namespace

TEST_CASE("N-070, P-124: pods of a removed node are failed and deleted 40 to 60 s after its removal") {
  struct Row {
    Duration removed;
    const char* marked;
  };
  // Passes at -0.998991 s and every 20 s; then a live GET, the patch and the DELETE, 2.007 ms each.
  const Row rows[] = {{12s, "59.005023"}, {19s, "59.005023"}, {19s + 100us, "79.005023"}, {500300ms, "559.005023"}};
  for (const Row& row : rows) {
    CAPTURE(row.marked);
    PodGcWorld w;
    w.create(World::node("n"));
    w.create(w.pod("a", "n"));
    w.run_to(row.removed);
    w.remove(Kind::node, "n");
    w.run_to(600s);
    REQUIRE(w.lines.size() == 6);
    CHECK(w.lines[3] == std::string(row.marked) + " MODIFIED Pod a");
    CHECK(w.lines[5].ends_with(" DELETED Pod a"));
    CHECK(w.pod_named("a") == nullptr);
  }
}

TEST_CASE("N-070: the orphan is Failed with DisruptionTarget before it goes; a finalizer still holds it") {
  PodGcWorld w;
  w.create(World::node("n"));
  auto p = w.pod("a", "n");
  p["metadata"]["finalizers"] = {"batch.kubernetes.io/job-tracking"};
  w.create(p);
  w.remove(Kind::node, "n");
  w.run_to(100s);
  const Pod* pod = w.pod_named("a");
  REQUIRE(pod != nullptr);
  CHECK(pod->phase == PodPhase::failed);
  CHECK(pod->meta.deletion_grace == 0);
  const Condition* c = find_condition(pod->conditions, sym::DisruptionTarget);
  REQUIRE(c != nullptr);
  CHECK(c->reason == sym::DeletionByPodGC);
  CHECK(w.cluster.text(c->message) == "PodGC: node no longer exists");
  CHECK(c->observed_generation == 1);
  CHECK(pod->observed_generation() == 1);
  // Nothing that PodGC could do is left: it does not keep the run alive.
  CHECK(w.cluster.kernel().pending_foreground_events() == 0);
}

TEST_CASE("N-225: a node that reappears in time saves its pods") {
  PodGcWorld w;
  w.create(World::node("n"));
  w.create(w.pod("a", "n"));
  w.run_to(12s);
  w.remove(Kind::node, "n");
  w.run_to(50s);
  w.create(World::node("n"));
  w.run_to(300s);
  CHECK(w.pod_named("a") != nullptr);
}

TEST_CASE("N-068, N-229: a terminating pod without a node is failed, and waits for its finalizer") {
  PodGcWorld w;
  auto p = w.pod("a");
  p["metadata"]["finalizers"] = {"example.com/f"};
  w.create(p);
  w.run_to(5s);
  w.remove(Kind::pod, "a");
  w.run_to(60s);
  REQUIRE(w.pod_named("a") != nullptr);
  CHECK(w.pod_named("a")->phase == PodPhase::failed);
  CHECK(w.lines == Lines{"0 ADDED Pod a", "5 MODIFIED Pod a", "19.003016 MODIFIED Pod a"});
  w.change<Pod>("a", [](Pod& pod) { pod.meta.set_finalizers({}); });
  CHECK(w.pod_named("a") == nullptr);
}

TEST_CASE("N-067, N-228: of too many terminated pods evicted ones go first, then the oldest") {
  PodGcWorld w({.terminated_pods_max = 2});
  const auto finished = [&](const char* name, const char* phase, Duration at) {
    w.run_to(at);
    auto p = w.pod(name, "n");
    p["status"]["phase"] = phase;
    w.create(p);
  };
  w.create(World::node("n"));
  finished("b", "Succeeded", 1s);
  finished("c", "Failed", 5s);
  finished("a", "Failed", 9s);
  w.create(w.pod("running", "n"));
  w.change<Pod>("a", [](Pod& p) { p.set_reason(sym::Evicted, p.message()); });
  w.run_to(30s);
  CHECK(w.pod_named("a") == nullptr);
  CHECK(w.pod_named("b") != nullptr);
  CHECK(w.pod_named("c") != nullptr);
  finished("d", "Succeeded", 31s);
  w.run_to(50s);
  CHECK(w.pod_named("b") == nullptr);
  CHECK(w.pod_named("c") != nullptr);
  CHECK(w.pod_named("running") != nullptr);
}

TEST_CASE("N-080, N-227: terminating pods go from a node that is out of service and not ready") {
  struct Row {
    const char* ready;
    bool tainted, deleted, gone;
  };
  const Row rows[] = {{"Unknown", true, true, true}, {"True", true, true, false}, {"Unknown", false, true, false}, {"Unknown", true, false, false}};
  for (const Row& row : rows) {
    CAPTURE(row.ready);
    CAPTURE(row.tainted);
    CAPTURE(row.deleted);
    PodGcWorld w;
    auto n = World::node("n", row.ready);
    if (row.tainted) n["spec"]["taints"] = {{{"key", "node.kubernetes.io/out-of-service"}, {"effect", "NoExecute"}}};
    w.create(n);
    w.create(w.pod("a", "n"));
    w.run_to(5s);
    if (row.deleted) w.remove(Kind::pod, "a");
    w.run_to(100s);
    CHECK((w.pod_named("a") == nullptr) == row.gone);
  }
}

TEST_CASE("the loop keeps a run alive only while it has something to do") {
  PodGcWorld w;
  w.create(World::node("n"));
  w.create(w.pod("a", "n"));
  w.run_to(5s);
  CHECK(w.cluster.kernel().pending_foreground_events() == 0);
  w.remove(Kind::node, "n");
  const RunResult r = w.cluster.kernel().run_settled(World::kStart + 1000s);
  CHECK(r.status == RunStatus::settled);
  CHECK(w.pod_named("a") == nullptr);
  CHECK(w.cluster.now() < World::kStart + 80s);
}
