// Random small worlds of DaemonSets: nodes that join, leave, fail, are tainted and relabelled, templates that change, break
// and are rolled back. Invariants are checked after every committed change. A failure prints the seed and the scenario.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "daemon_set/node_table.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

Json random_scenario(std::uint64_t seed) {
  RandomStream r(seed, purpose("test.daemon_set_property"), 0);
  auto pick = [&](std::int64_t lo, std::int64_t hi) { return lo + static_cast<std::int64_t>(r.below(static_cast<std::uint64_t>(hi - lo + 1))); };
  auto chance = [&](std::uint64_t percent) { return r.below(100) < percent; };
  const std::int64_t nodes = pick(1, 6);
  Json spec = {{"selector", {{"matchLabels", {{"app", "d"}}}}},
               {"template",
                {{"metadata", {{"labels", {{"app", "d"}}}}},
                 {"spec", {{"terminationGracePeriodSeconds", pick(0, 10)}, {"containers", Json::array({{{"name", "c"}, {"image", "good:1"}}})}}}}}};
  switch (r.below(5)) {
    case 0: spec["updateStrategy"] = {{"type", "OnDelete"}}; break;
    case 1: spec["updateStrategy"] = {{"rollingUpdate", {{"maxUnavailable", 0}, {"maxSurge", chance(50) ? Json(pick(1, 3)) : Json(fmt::format("{}%", pick(1, 100)))}}}}; break;
    case 2: spec["updateStrategy"] = {{"rollingUpdate", {{"maxUnavailable", fmt::format("{}%", pick(1, 100))}}}}; break;
    default: spec["updateStrategy"] = {{"rollingUpdate", {{"maxUnavailable", pick(1, 3)}}}}; break;
  }
  if (chance(40)) spec["minReadySeconds"] = pick(1, 8);
  if (chance(50)) spec["revisionHistoryLimit"] = pick(0, 2);
  if (chance(25)) spec["template"]["spec"]["nodeSelector"] = {{"run", "yes"}};
  Json timeline = Json::array();
  std::int64_t joined = 0;
  for (std::int64_t i = pick(1, 9); i > 0; --i) {
    const std::string at = fmt::format("{}ms", pick(500, 90000));
    const std::string node = fmt::format("n-{}", pick(0, nodes - 1));
    const Json set = {{"kind", "DaemonSet"}, {"name", "d"}};
    Json verb;
    switch (r.below(9)) {
      case 0:
      case 1:
      case 2: {
        static const char* kImages[] = {"good:1", "good:2", "good:3", "unready:1", "crash:1"};
        Json v = set;
        v["container"] = "c";
        v["image"] = kImages[r.below(5)];
        verb["setImage"] = v;
        break;
      }
      case 3: verb["rollback"] = set; break;
      case 4: verb["addNode"] = {{"metadata", {{"name", fmt::format("m-{}", joined++)}, {"labels", {{"run", "yes"}}}}}}; break;
      case 5: verb["removeNode"] = {{"node", node}}; break;
      case 6: verb["failNode"] = {{"node", node}, {"mode", chance(50) ? "partition" : "crash"}, {"for", fmt::format("{}s", pick(20, 200))}}; break;
      case 7:
        verb["patch"] = {{"kind", "Node"}, {"name", node}, {"type", "merge"}};
        if (chance(50))
          verb["patch"]["patch"] = {{"metadata", {{"labels", {{"run", chance(50) ? Json("yes") : Json()}}}}}};
        else
          verb["patch"]["patch"] = {{"spec", {{"taints", Json::array({{{"key", "k"}, {"effect", chance(50) ? "NoSchedule" : "NoExecute"}}})}}}};
        break;
      default: verb["failPod"] = {{"selector", "app=d"}, {"count", pick(1, 2)}, {"exit", 137}}; break;
    }
    verb["at"] = at;
    timeline.push_back(verb);
  }
  if (chance(15)) timeline.push_back({{"at", "20m"}, {"delete", {{"kind", "DaemonSet"}, {"name", "d"}}}});
  return {{"apiVersion", "orrery/v1"},
          {"kind", "Scenario"},
          {"metadata", {{"name", fmt::format("seed-{}", seed)}}},
          {"spec",
           {{"seed", seed},
            {"until", "30m"},
            {"controlPlane", {{"profile", chance(60) ? "realistic" : "ideal"}}},
            {"nodes", Json::array({{{"count", nodes}, {"metadata", {{"name", "n"}, {"labels", {{"run", "yes"}}}}}}})},
            {"objects", Json::array({{{"apiVersion", "apps/v1"}, {"kind", "DaemonSet"}, {"metadata", {{"name", "d"}}}, {"spec", spec}}})},
            {"behaviors", Json::array({{{"match", {{"image", "unready:1"}}}, {"start", "1s"}, {"ready", "24h"}, {"stop", "1s"}},
                                       {{"match", {{"image", "crash:1"}}}, {"start", "1s"}, {"run", "2s"}, {"exit", 1}},
                                       {{"match", Json::object()}, {"start", {{"uniform", {"200ms", "3s"}}}}, {"ready", {{"uniform", {"0s", "2s"}}}}, {"stop", {{"uniform", {"100ms", "4s"}}}}}})},
            {"timeline", timeline}}}};
}

class Invariants {
 public:
  explicit Invariants(Simulation& sim) : sim_(sim) {}
  std::string broken;

  void check(Duration t, const Change& c) {
    if (!broken.empty()) return;
    now_ = t;
    if (c.kind == Kind::pod) check_pod(c);
    if (c.kind == Kind::daemonset) check_set(static_cast<const DaemonSet&>(*c.object));
  }
  const DaemonSet* set() const { return sim_.cluster().store().live_daemon_set(sym::default_, "d"); }
  bool runs_on(const Node& n) const { return daemon::NodeRule::of(*set()->spec, sim_.cluster().names())->judge(n).should_run; }
  std::vector<const Pod*> live_on(Symbol node) const {
    std::vector<const Pod*> out;
    for (const auto& [uid, p] : pods_)
      if (!p->terminal() && !p->meta.deleted && daemon::target_node(*p, sim_.cluster().names()) == node) out.push_back(p.get());
    return out;
  }
  bool surges() const { return set()->spec->max_surge.value > 0 && set()->spec->strategy == DaemonSetSpec::Strategy::rolling_update; }

 private:
  void fail(std::string what) {
    if (broken.empty()) broken = fmt::format("at {}: {}", format_go_duration(now_), what);
  }
  bool available(const Pod& p) const { return !p.meta.deleted && daemon::is_available(p, set()->spec->min_ready_s, sim_.cluster().now()); }

  void check_pod(const Change& c) {
    Ref<const Pod> pod(static_cast<const Pod*>(c.object.get()));
    if (c.type == ChangeType::deleted)
      pods_.erase(pod->uid());
    else
      pods_.insert_or_assign(pod->uid(), pod);
    if (set() == nullptr) return;
    const Symbol node = daemon::target_node(*pod, sim_.cluster().names());
    const Node* there = sim_.cluster().store().live_node(sim_.cluster().text(node));
    if (c.type == ChangeType::added) {
      const auto live = live_on(node);
      // D-044: one, and beside it one of another revision while it surges.
      if (live.size() > (surges() ? 2u : 1u)) fail("too many pods on one node");
      if (live.size() == 2 && *live[0]->meta.label(daemon::kHashLabel) == *live[1]->meta.label(daemon::kHashLabel)) fail("two pods of one revision on one node");
      if (there == nullptr) fail("a pod was made for a node that is gone");
    }
    // Which nodes are down through a deletion of a pod that served (D-065, D-068).
    if (c.type == ChangeType::modified && pod->meta.deleted && !c.before->meta.deleted && there != nullptr && runs_on(*there)) {
      const Pod& before = static_cast<const Pod&>(*c.before);
      bool other = false;
      for (const Pod* p : live_on(node)) other = other || available(*p);
      if (available(before) && !other) {
        if (set()->spec->strategy == DaemonSetSpec::Strategy::on_delete) fail("OnDelete deleted a pod that served");
        down_.insert(node);
      }
    }
    std::erase_if(down_, [&](Symbol n) {
      const Node* o = sim_.cluster().store().live_node(sim_.cluster().text(n));
      if (o == nullptr || !runs_on(*o)) return true;
      for (const Pod* p : live_on(n))
        if (available(*p)) return true;
      return false;
    });
    std::int64_t nodes = 0;
    for (const auto& o : sim_.cluster().store().list(Kind::node)) nodes += runs_on(static_cast<const Node&>(*o));
    most_nodes_ = std::max(most_nodes_, nodes);
    const DaemonSetSpec& spec = *set()->spec;
    const std::int64_t budget = surges() ? 0 : std::max<std::int64_t>(1, spec.max_unavailable.of(most_nodes_));
    if (static_cast<std::int64_t>(down_.size()) > budget) fail(fmt::format("{} nodes down by its own doing, allowed {}", down_.size(), budget));
  }
  void check_set(const DaemonSet& d) {
    const DaemonSetStatus& s = d.status;
    if (s.current > s.desired || s.ready > s.current || s.available > s.ready || s.updated > s.current) fail("D-100: counters that contradict each other");
    if (s.unavailable != s.desired - s.available) fail("D-100: unavailable is not desired - available");
    if (s.observed_generation > d.meta.generation || s.observed_generation < observed_) fail("observedGeneration went wrong");
    observed_ = s.observed_generation;
    std::int64_t revisions = 0, last = 0;
    for (const auto& o : sim_.cluster().store().list(Kind::controllerrevision)) {
      ++revisions;
      last = std::max(last, static_cast<const ControllerRevision&>(*o).revision);
    }
    if (last < newest_revision_) fail("D-093: a revision number was used again");
    newest_revision_ = last;
  }

  Simulation& sim_;
  Duration now_{};
  std::map<Uid, Ref<const Pod>> pods_;
  std::set<Symbol> down_;
  std::int64_t most_nodes_ = 0, observed_ = 0, newest_revision_ = 0;
};

}  // namespace

TEST_CASE("random DaemonSets on random nodes keep the invariants") {
  constexpr std::uint64_t kSeeds = 300;
  std::size_t checked = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Json scenario_json = random_scenario(seed);
    auto scenario = parse_scenario(scenario_json.dump(), "property", ".");
    INFO("seed ", seed, "\n", scenario_json.dump());
    if (!scenario)
      for (const Diagnostic& d : scenario.problems()) MESSAGE(to_string(d));
    REQUIRE(scenario);
    Simulation sim(*scenario);
    Invariants invariants(sim);
    sim.on_change([&](Duration t, const Change& c) { invariants.check(t, c); });
    const RunReport report = sim.run();
    REQUIRE(report.status != RunStatus::livelock);
    CHECK_MESSAGE(invariants.broken.empty(), invariants.broken);
    const Store& store = sim.cluster().store();
    if (invariants.set() == nullptr) {
      CHECK(store.list(Kind::pod).empty());
      CHECK(store.list(Kind::controllerrevision).empty());
    } else {
      for (const auto& o : store.list(Kind::pod)) {
        const OwnerReference* owner = o->meta.controller();
        CHECK_MESSAGE((owner != nullptr && owner->uid == invariants.set()->uid()), "an orphan: ", o->name());
      }
      // All faults are over by now: each node that should have a pod and is well has one.
      for (const auto& o : store.list(Kind::node)) {
        const Node& n = static_cast<const Node&>(*o);
        if (!condition_true(n.conditions, sym::Ready) || !invariants.runs_on(n)) continue;
        const std::size_t live = invariants.live_on(sim.cluster().symbol(n.name())).size();
        CHECK_MESSAGE((live == 1 || (live == 2 && invariants.surges())), n.name(), ": ", live);
        ++checked;
      }
    }
    if (seed % 20 == 0) {
      Simulation again(*scenario);
      CHECK(again.run().fingerprint == report.fingerprint);
    }
  }
  CHECK(checked > kSeeds);
}
