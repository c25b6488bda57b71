// ControllerRevisions and rollbacks. Each case names its rule.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "daemon_set/template_hash.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"
#include "support/daemon_world.hpp"

using namespace orrery;
using namespace orrery::test;
using Numbers = std::vector<std::int64_t>;

namespace {
Ref<const ControllerRevision> revision(DaemonWorld& d, std::int64_t number) {
  for (const auto& o : d.w.store().list(Kind::controllerrevision)) {
    Ref<const ControllerRevision> r(static_cast<const ControllerRevision*>(o.get()));
    if (r->revision == number) return r;
  }
  return {};
}
std::string hash_of(const Object& o) {
  const std::string* h = o.meta.label("controller-revision-hash");
  return h != nullptr ? *h : "";
}
Json as_json(DaemonWorld& d, const Object& o) {
  Json j = to_json(o, d.w.cluster.names());
  for (const char* key : {"uid", "resourceVersion", "creationTimestamp"}) j["metadata"].erase(key);
  return j;
}
}  // namespace

TEST_CASE("D-090, D-092, D-093: the first revision, its labels and its data") {
  DaemonWorld d;
  d.nodes(1);
  Json o = daemon_set(rolling(1));
  o["metadata"]["annotations"] = {{"kubernetes.io/change-cause", "the beginning"}};
  REQUIRE(d.create(o) == "");
  (void)d.step();
  const auto r = revision(d, 1);
  REQUIRE(r);
  CHECK(r->name() == "d-" + hash_of(*r));
  CHECK(*r->meta.label("app") == "d");
  CHECK(*r->meta.annotation("kubernetes.io/change-cause") == "the beginning");
  CHECK(r->meta.controller()->uid == d.set().uid());
  const Json data = Json::parse(r->data->text);
  CHECK(data["spec"]["template"]["$patch"] == "replace");
  CHECK(data["spec"]["template"]["spec"]["containers"][0]["image"] == "i:1");
  const auto pod = d.pods().at(0);
  CHECK(hash_of(*pod) == hash_of(*r));
  CHECK(*pod->meta.label("pod-template-generation") == "1");
  CHECK(pod->meta.id->generate_name() == "d-");
}

TEST_CASE("D-093, D-112: going back reuses the revision under a new number, with its old cause") {
  DaemonWorld d;
  d.settled(1, on_delete());
  REQUIRE(d.image("i:2") == "");
  (void)d.step();
  CHECK(d.revisions() == Numbers{1, 2});
  const std::string first(revision(d, 1)->name());
  REQUIRE(d.image("i:1") == "");
  (void)d.step();
  CHECK(d.revisions() == Numbers{2, 3});
  CHECK(revision(d, 3)->name() == first);
  CHECK(d.set().status.updated == 1);  // its pod has that hash already
}

TEST_CASE("D-096, D-239, D-240: old revisions are cleaned up unless a pod lives by them") {
  DaemonWorld d;
  Json spec = on_delete();
  spec["revisionHistoryLimit"] = 2;
  d.settled(1, spec);
  for (int i = 2; i <= 5; ++i) {
    REQUIRE(d.image(fmt::format("i:{}", i)) == "");
    (void)d.step();
  }
  CHECK(d.revisions() == Numbers{1, 4, 5});
  REQUIRE(d.patch({{"spec", {{"revisionHistoryLimit", 0}}}}) == "");
  (void)d.step();
  CHECK(d.revisions() == Numbers{1, 5});
  d.kill(*d.pod_on("n-0"));
  (void)d.step();
  CHECK(d.revisions() == Numbers{5});
}

TEST_CASE("D-094, D-241: another template under the same name") {
  DaemonWorld first;
  REQUIRE(first.create(daemon_set(rolling(1))) == "");
  (void)first.step();
  const std::string name(revision(first, 1)->name());
  DaemonWorld d;
  d.nodes(1);
  REQUIRE(d.create({{"apiVersion", "apps/v1"}, {"kind", "ControllerRevision"}, {"metadata", {{"name", name}}}, {"data", {{"x", 1}}}, {"revision", 7}}) == "");
  REQUIRE(d.create(daemon_set(rolling(1))) == "");
  (void)d.step(std::chrono::seconds{1});
  CHECK(d.set().status.collisions == 1);
  const auto r = revision(d, 1);
  REQUIRE(r);
  CHECK(r->name() != name);
  CHECK(hash_of(*d.pods().at(0)) == hash_of(*r));
}

TEST_CASE("D-242: a set made again finds the revision of its predecessor") {
  DaemonWorld d;
  d.settled(1, rolling(1));
  const std::string hash = hash_of(*revision(d, 1));
  d.delete_set(Propagation::background);
  for (const auto& p : d.pods()) d.kill(*p);
  (void)d.step();
  REQUIRE(d.create(daemon_set(rolling(1))) == "");
  (void)d.step();
  CHECK(d.revisions() == Numbers{1});
  CHECK(revision(d, 1)->meta.controller()->uid != d.set().uid());
  CHECK(hash_of(*d.pods().at(0)) == hash);
  // The garbage collector takes it away; the next sync makes it anew and no pod is touched.
  (void)d.w.store().remove(Kind::controllerrevision, sym::default_, revision(d, 1)->name(), {});
  CHECK(d.step() == Step{0, 0});
  CHECK(d.revisions().empty());
  d.all_ready();
  CHECK(d.step() == Step{0, 0});
  CHECK(d.revisions() == Numbers{1});
  CHECK(hash_of(*revision(d, 1)) == hash);
  CHECK(revision(d, 1)->meta.controller()->uid == d.set().uid());
}

TEST_CASE("D-095, D-243: duplicates of the current revision: the newest stays, pods are relabelled") {
  DaemonWorld d;
  d.settled(2, on_delete());
  Json copy = as_json(d, *revision(d, 1));
  copy["metadata"]["name"] = "d-copy";
  copy["metadata"]["labels"]["controller-revision-hash"] = "copy";
  copy["revision"] = 5;
  (void)d.w.create(copy);
  REQUIRE(d.patch({{"metadata", {{"labels", {{"x", "y"}}}}}}) == "");
  CHECK(d.step() == Step{0, 0});
  CHECK(d.revisions() == Numbers{5});
  for (const auto& p : d.pods()) CHECK(hash_of(*p) == "copy");
}

TEST_CASE("D-093: a revision without the hash label is given its name; an orphan is adopted, a stranger released") {
  DaemonWorld d;
  d.settled(1, on_delete());
  (void)d.w.create({{"apiVersion", "apps/v1"}, {"kind", "ControllerRevision"}, {"metadata", {{"name", "old"}, {"namespace", "default"}, {"labels", {{"app", "d"}}}}}, {"data", {{"x", 1}}}, {"revision", 4}});
  (void)d.step();
  const auto old = revision(d, 4);
  REQUIRE(old);
  CHECK(hash_of(*old) == "old");
  REQUIRE(old->meta.controller() != nullptr);
  CHECK(old->meta.controller()->uid == d.set().uid());
  // Its number counts: the current one moves past it.
  CHECK(d.revisions() == Numbers{4, 5});
  d.w.change<ControllerRevision>("old", [](ControllerRevision& r) { r.meta.set_labels(make_string_map({{"app", "other"}})); });
  (void)d.step();
  CHECK(revision(d, 4)->meta.controller() == nullptr);
}

TEST_CASE("D-092: hashes are those of Go's print of the template") {
  struct Row {
    const char* from;
    const char* pod_template;
    const char* hash;
  };
  for (const Row& row : std::vector<Row>{
           {"recorded: ds-initial-3",
            R"({"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"c","image":"app:1","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler"}})",
            "d4b5696c"},
           {"the Go libraries, with quantities, a probe, ports, volumes and affinity",
            R"({"metadata":{"labels":{"b":"2","a":"1"},"annotations":{"x":"y"}},"spec":{"tolerations":[{"key":"k","operator":"Exists","effect":"NoSchedule","tolerationSeconds":5}],"volumes":[{"name":"v","hostPath":{"path":"/x","type":""}},{"name":"e","emptyDir":{"sizeLimit":"1Gi"}}],"containers":[{"name":"c","image":"app:1","ports":[{"containerPort":80,"protocol":"TCP"}],"env":[{"name":"N","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"spec.nodeName"}}}],"resources":{"limits":{"memory":"200Mi","example.com/gpu":"2"},"requests":{"cpu":"100m","memory":"1500Mi","ephemeral-storage":"1G"}},"livenessProbe":{"httpGet":{"path":"/","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent","securityContext":{"runAsUser":0,"privileged":true}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","nodeSelector":{"d":"e"},"securityContext":{},"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"z","operator":"In","values":["a","b"]}]}}]}},"schedulerName":"default-scheduler"}})",
            "59c4d9b44d"}}) {
    CAPTURE(row.from);
    Interner names;
    intern_well_known(names);
    const Json spec = {{"selector", {{"matchLabels", {{"app", "d"}}}}}, {"template", Json::parse(row.pod_template)}};
    CHECK(daemon::template_hash(*DaemonSetSpec::make(spec, names), -1) == row.hash);
  }
}

TEST_CASE("equal templates have equal hashes, collisions other ones") {
  DaemonWorld d;
  REQUIRE(d.create(daemon_set(rolling(1))) == "");
  const DaemonSetSpec& spec = *d.set().spec;
  CHECK(daemon::template_hash(spec, -1) == daemon::template_hash(spec, -1));
  CHECK(daemon::template_hash(spec, -1) != daemon::template_hash(spec, 0));
  CHECK(daemon::template_hash(spec, 0) != daemon::template_hash(spec, 1));
}

// ---- kubectl rollout undo

namespace {
struct Undone {
  std::string image;
  Numbers revisions;
  std::vector<std::string> refusals;
};
Undone undo(const Json& timeline) {
  const Json scenario = {{"apiVersion", "orrery/v1"},
                         {"kind", "Scenario"},
                         {"metadata", {{"name", "undo"}}},
                         {"spec",
                          {{"until", "5m"},
                           {"controlPlane", {{"apiLatency", "2ms"}, {"watchLatency", "1ms"}, {"bindLatency", "10ms"}}},
                           {"nodes", Json::array({{{"metadata", {{"name", "n"}}}}})},
                           {"objects", Json::array({daemon_set(on_delete())})},
                           {"timeline", timeline}}}};
  auto read = parse_scenario(scenario.dump(), "undo", ".");
  REQUIRE(read);
  Simulation sim(*read);
  const RunReport report = sim.run();
  Undone out;
  for (const auto& r : report.refusals) out.refusals.push_back(r.message);
  const Store& store = sim.cluster().store();
  out.image = to_json(*store.live_daemon_set(sym::default_, "d"), sim.cluster().names())["spec"]["template"]["spec"]["containers"][0]["image"];
  for (const auto& o : store.list(Kind::controllerrevision)) out.revisions.push_back(static_cast<const ControllerRevision&>(*o).revision);
  std::sort(out.revisions.begin(), out.revisions.end());
  return out;
}
Json image_at(const char* at, const char* image) { return {{"at", at}, {"setImage", {{"kind", "DaemonSet"}, {"name", "d"}, {"container", "c"}, {"image", image}}}}; }
Json undo_at(const char* at, int to = 0) {
  Json v = {{"kind", "DaemonSet"}, {"name", "d"}};
  if (to != 0) v["toRevision"] = to;
  return {{"at", at}, {"rollback", v}};
}
}  // namespace

TEST_CASE("D-113, D-236 … D-238: rollbacks") {
  struct Row {
    const char* rule;
    Json timeline;
    std::string image;
    Numbers revisions;
    std::vector<std::string> refusals;
  };
  for (const Row& row : std::vector<Row>{
           {"D-236: undo", {image_at("10s", "i:2"), undo_at("20s")}, "i:1", {2, 3}, {}},
           {"D-236: undo the undo", {image_at("10s", "i:2"), undo_at("20s"), undo_at("30s")}, "i:2", {3, 4}, {}},
           {"D-237: before the snapshot", {image_at("10s", "i:2"), image_at("20s", "i:3"), undo_at("20s")}, "i:1", {2, 3}, {}},
           {"D-238: one revision only", {image_at("10s", "i:2"), undo_at("10s")}, "i:2", {1, 2}, {"error: no last revision to roll back to"}},
           {"to a revision", {image_at("10s", "i:2"), image_at("20s", "i:3"), undo_at("30s", 1)}, "i:1", {2, 3, 4}, {}},
           {"to one that is not there", {image_at("10s", "i:2"), undo_at("20s", 9)}, "i:2", {1, 2}, {"error: unable to find specified revision 9 in history"}},
           {"to the current one", {image_at("10s", "i:2"), undo_at("20s", 2)}, "i:2", {1, 2}, {}}}) {
    CAPTURE(row.rule);
    const Undone got = undo(row.timeline);
    CHECK(got.image == row.image);
    CHECK(got.revisions == row.revisions);
    CHECK(got.refusals == row.refusals);
  }
}
