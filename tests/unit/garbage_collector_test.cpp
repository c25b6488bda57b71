#include <doctest/doctest.h>

#include <set>
#include <string>

#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

struct GcWorld : World {
  explicit GcWorld(const Timing& timing = recorded_timing()) : World(timing) {
    add(make_garbage_collector(cluster));
    start();
  }
  const Pod* pod_named(std::string_view name) { return store().live_pod(sym::default_, name); }
  void since(std::size_t n) { lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(n)); }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("background: dependents of a deleted owner go one GET and one DELETE after the watch") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  w.create(w.pod("a", "n", job.get()));
  w.create(w.pod("b", "", job.get()));
  w.create(w.pod("c", "n"));
  w.run_to(12700ms);
  w.since(w.lines.size());
  w.remove(Kind::job, "j");
  w.run_to(20s);
  // a is running (30 s of grace), b was never scheduled, c belongs to nobody.
  CHECK(w.lines == Lines{"12.7 DELETED Job j", "12.705025 MODIFIED Pod a", "12.7050251 MODIFIED Pod b", "12.7050251 DELETED Pod b"});
  CHECK(w.pod_named("a")->meta.deletion_grace == 30);
}

TEST_CASE("a dependent that changed since the GET is deleted on a second try if its owners are the same") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  w.create(w.pod("a", "n", job.get()));
  w.run_to(12700ms);
  w.remove(Kind::job, "j");
  w.run_to(12704ms);  // between GET and DELETE
  w.change<Pod>("a", [](Pod& p) { p.set_reason(p.reason(), sym::Error); });
  w.since(w.lines.size());
  w.run_to(20s);
  CHECK(w.lines == Lines{"12.709041 MODIFIED Pod a"});
}

TEST_CASE("foreground: dependents first, then the finalizer and with it the owner") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  w.create(w.pod("a", "", job.get()));
  w.create(w.pod("b", "", job.get()));
  w.run_to(18004012us);
  w.since(w.lines.size());
  w.remove(Kind::job, "j", Propagation::foreground);
  w.run_to(30s);
  CHECK(w.lines == Lines{"18.004012 MODIFIED Job j", "18.011045 MODIFIED Pod a", "18.011045 DELETED Pod a", "18.0110451 MODIFIED Pod b",
                         "18.0110451 DELETED Pod b", "18.018078 DELETED Job j"});
}

TEST_CASE("foreground: a dependent that does not block is deleted without being waited for") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  auto p = w.pod("a", "n", job.get());
  p["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = false;
  w.create(p);
  w.run_to(10s);
  w.since(w.lines.size());
  w.remove(Kind::job, "j", Propagation::foreground);
  w.run_to(30s);
  CHECK(w.lines == Lines{"10 MODIFIED Job j", "10.007033 MODIFIED Pod a", "10.0070331 DELETED Job j"});
}

TEST_CASE("orphan: dependents lose the reference at once, then the owner goes; they stay") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  w.create(w.pod("a", "n", job.get()));
  w.create(w.pod("b", "n", job.get()));
  w.run_to(12700ms);
  w.since(w.lines.size());
  w.remove(Kind::job, "j", Propagation::orphan);
  w.run_to(60s);
  CHECK(w.lines == Lines{"12.7 MODIFIED Job j", "12.703017 MODIFIED Pod a", "12.7030171 MODIFIED Pod b", "12.7070331 DELETED Job j"});
  REQUIRE(w.pod_named("a") != nullptr);
  CHECK_FALSE(w.pod_named("a")->meta.owners());
}

TEST_CASE("a pod whose owner never existed is collected") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  auto p = w.pod("a", "", job.get());
  p["metadata"]["ownerReferences"][0]["uid"] = "11111111-1111-4111-8111-111111111111";
  p["metadata"]["ownerReferences"][0]["name"] = "ghost";
  w.run_to(5s);
  w.since(w.lines.size());
  w.create(p);
  w.run_to(60s);
  // Owner asked for at 5.001009 and denied at 5.003017; then GET and DELETE of the pod.
  CHECK(w.lines == Lines{"5 ADDED Pod a", "5.007033 MODIFIED Pod a", "5.007033 DELETED Pod a"});
}

TEST_CASE("a live owner with another UID is no owner") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  auto p = w.pod("a", "", job.get());
  p["metadata"]["ownerReferences"][0]["uid"] = "11111111-1111-4111-8111-111111111111";
  w.create(p);
  w.run_to(60s);
  CHECK(w.pod_named("a") == nullptr);
}

TEST_CASE("an owner seen by the API before the watch is asked for again until the watch shows it") {
  GcWorld w;
  w.create(World::job("j"));
  w.controllers[0]->stop();
  w.run_to(5s);
  w.controllers[0]->start();
  w.run_to(6s);
  const auto job = w.create(World::job("k"));
  w.create(w.pod("a", "n", job.get()));
  w.run_to(60s);
  CHECK(w.pod_named("a") != nullptr);
}

TEST_CASE("one solid owner keeps an object; the dangling reference is removed") {
  GcWorld w;
  const auto j = w.create(World::job("j"));
  const auto k = w.create(World::job("k"));
  auto p = w.pod("a", "n", j.get());
  auto second = w.pod("x", "n", k.get())["metadata"]["ownerReferences"][0];
  second["controller"] = false;
  p["metadata"]["ownerReferences"].push_back(second);
  w.create(p);
  w.run_to(10s);
  w.remove(Kind::job, "j");
  w.run_to(60s);
  REQUIRE(w.pod_named("a") != nullptr);
  REQUIRE(w.pod_named("a")->meta.owners());
  CHECK(w.pod_named("a")->meta.owners()->items.size() == 1);
  CHECK(w.pod_named("a")->meta.owners()->items[0].name == "k");
}

TEST_CASE("an owner of a kind that the cluster has never had is taken for present") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  auto p = w.pod("a", "n", job.get());
  p["metadata"]["ownerReferences"][0]["kind"] = "ReplicaSet";
  p["metadata"]["ownerReferences"][0]["apiVersion"] = "apps/v1";
  p["metadata"]["ownerReferences"][0]["uid"] = "11111111-1111-4111-8111-111111111111";
  w.create(p);
  w.run_to(60s);
  CHECK(w.pod_named("a") != nullptr);
  CHECK(w.cluster.kernel().pending_foreground_events() == 0);
}

TEST_CASE("owners and dependents of other kinds are collected too") {
  GcWorld w;
  const nlohmann::json rs = {{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}, {"metadata", {{"name", "r"}, {"namespace", "default"}}}};
  const auto r = w.create(rs);
  auto p = w.pod("a", "", r.get());
  p["metadata"]["ownerReferences"][0]["kind"] = "ReplicaSet";
  p["metadata"]["ownerReferences"][0]["apiVersion"] = "apps/v1";
  w.create(p);
  auto config = rs;
  config["kind"] = "ConfigMap";
  config["apiVersion"] = "v1";
  config["metadata"]["ownerReferences"] = p["metadata"]["ownerReferences"];
  w.create(config);
  w.run_to(10s);
  CHECK(w.store().count(Kind::other) == 2);
  (void)w.store().remove(Kind::other, sym::default_, "r", {}, r->meta.id->other_kind());
  w.run_to(60s);
  CHECK(w.pod_named("a") == nullptr);
  CHECK(w.store().count(Kind::other) == 0);
}

TEST_CASE("a restarted collector rebuilds its graph and serves what was asked for meanwhile") {
  for (const Propagation policy : {Propagation::background, Propagation::foreground, Propagation::orphan}) {
    CAPTURE(static_cast<int>(policy));
    GcWorld w;
    const auto job = w.create(World::job("j"));
    w.create(w.pod("a", "", job.get()));
    w.run_to(10s);
    w.controllers[0]->stop();
    w.remove(Kind::job, "j", policy);
    w.run_to(20s);
    w.controllers[0]->start();
    w.run_to(60s);
    CHECK(w.store().live_job(sym::default_, "j") == nullptr);
    CHECK((w.pod_named("a") != nullptr) == (policy == Propagation::orphan));
  }
}

TEST_CASE("a collector that stops in the middle of its calls loses them and nothing else") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  for (int i = 0; i < 50; ++i) w.create(w.pod("p" + std::to_string(i), "", job.get()));
  w.run_to(10s);
  w.remove(Kind::job, "j", Propagation::foreground);
  w.run_to(10006ms);
  w.controllers[0]->stop();
  w.run_to(20s);
  CHECK(w.store().live_job(sym::default_, "j") != nullptr);
  w.controllers[0]->start();
  w.run_to(60s);
  CHECK(w.store().live_job(sym::default_, "j") == nullptr);
  CHECK(w.store().count(Kind::pod) == 0);
}

TEST_CASE("an owner with many dependents goes in time proportional to their number") {
  GcWorld w(Timing{});
  const auto job = w.create(World::job("j"));
  for (int i = 0; i < 20000; ++i) w.create(w.pod("p" + std::to_string(i), "n", job.get()));
  w.run_to(10s);
  w.remove(Kind::job, "j", Propagation::foreground);
  w.run_to(20s);
  CHECK(w.store().count(Kind::pod) == 20000);
  for (int i = 0; i < 20000; ++i) {
    w.remove(Kind::pod, "p" + std::to_string(i), Propagation::background, 0);
    w.run_to(20s + std::chrono::milliseconds{i});
  }
  w.run_to(60s);
  CHECK(w.store().live_job(sym::default_, "j") == nullptr);
  CHECK(w.cluster.kernel().executed() < 500000);
}

TEST_CASE("a pod of which nothing was known but its owner becomes an owner itself") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  const auto a = w.create(w.pod("a", "", job.get()));
  w.create(w.pod("beside", "", job.get()));
  w.run_to(5s);
  w.create(w.pod("b", "", a.get()));
  w.create(w.pod("c", "", a.get()));
  w.run_to(10s);
  w.remove(Kind::pod, "a");
  w.run_to(20s);
  CHECK(w.pod_named("b") == nullptr);
  CHECK(w.pod_named("c") == nullptr);
  CHECK(w.pod_named("beside") != nullptr);
  CHECK(w.store().live_job(sym::default_, "j") != nullptr);
  w.remove(Kind::job, "j");
  w.run_to(30s);
  CHECK(w.pod_named("beside") == nullptr);
}

TEST_CASE("a pod that gets a second owner, or another one, is followed") {
  GcWorld w;
  const auto j = w.create(World::job("j"));
  const auto k = w.create(World::job("k"));
  for (const char* name : {"both", "moved", "left"}) w.create(w.pod(name, "", j.get()));
  w.run_to(5s);
  const auto with = [&](std::vector<const Object*> owners) {
    auto list = make_ref<OwnerList>();
    for (const Object* o : owners) list->items.push_back(controller_reference(*o));
    return Ref<const OwnerList>(std::move(list));
  };
  w.change<Pod>("both", [&](Pod& p) { p.meta.set_owners(with({j.get(), k.get()})); });
  w.change<Pod>("moved", [&](Pod& p) { p.meta.set_owners(with({k.get()})); });
  w.change<Pod>("left", [&](Pod& p) { p.meta.set_owners({}); });
  w.run_to(10s);
  w.remove(Kind::job, "j");
  w.run_to(20s);
  REQUIRE(w.pod_named("both") != nullptr);
  CHECK(w.pod_named("both")->meta.owners()->items.size() == 1);
  CHECK(w.pod_named("moved") != nullptr);
  CHECK(w.pod_named("left") != nullptr);
  w.remove(Kind::job, "k");
  w.run_to(30s);
  CHECK(w.pod_named("both") == nullptr);
  CHECK(w.pod_named("moved") == nullptr);
  CHECK(w.pod_named("left") != nullptr);
}

TEST_CASE("pods that come and go in any order leave no gap: the rest goes with the owner") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  std::set<std::string> there;
  std::uint64_t dice = 1;
  for (int step = 0; step < 600; ++step) {
    dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::string name = "p" + std::to_string(dice >> 33 & 127);
    if (there.insert(name).second) {
      w.create(w.pod(name, "", job.get()));
    } else {
      w.remove(Kind::pod, name);
      there.erase(name);
    }
    if (step % 7 == 0) w.run_to(std::chrono::milliseconds(100 * step));
  }
  w.run_to(100s);
  REQUIRE(there.size() > 20);
  CHECK(w.store().list(Kind::pod).size() == there.size());
  w.remove(Kind::job, "j", Propagation::foreground);
  w.run_to(200s);
  CHECK(w.store().list(Kind::pod).empty());
  CHECK(w.store().live_job(sym::default_, "j") == nullptr);
}

TEST_CASE("foreground: pods that are on their way out already are not deleted again") {
  GcWorld w;
  const auto job = w.create(World::job("j"));
  w.create(w.pod("a", "n", job.get()));
  w.create(w.pod("b", "n", job.get()));
  w.run_to(5s);
  w.remove(Kind::pod, "a");
  w.remove(Kind::pod, "b");
  w.run_to(10s);
  w.since(w.lines.size());
  w.remove(Kind::job, "j", Propagation::foreground);
  w.run_to(20s);
  CHECK(w.lines == Lines{"10 MODIFIED Job j"});
  // The end of their grace, which a kubelet would see to.
  w.remove(Kind::pod, "a", Propagation::background, 0);
  w.run_to(25s);
  CHECK(w.store().live_job(sym::default_, "j") != nullptr);
  w.remove(Kind::pod, "b", Propagation::background, 0);
  w.run_to(30s);
  CHECK(w.store().live_job(sym::default_, "j") == nullptr);
}
