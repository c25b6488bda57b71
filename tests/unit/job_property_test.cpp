// Random small worlds of Jobs, with invariants checked after every committed change. A failure prints the seed and the
// scenario, so that `orrery run` reproduces it.
#include <doctest/doctest.h>

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

Json random_scenario(std::uint64_t seed) {
  RandomStream r(seed, purpose("test.job_property"), 0);
  auto pick = [&](std::int64_t lo, std::int64_t hi) { return lo + static_cast<std::int64_t>(r.below(static_cast<std::uint64_t>(hi - lo + 1))); };
  auto chance = [&](std::uint64_t percent) { return r.below(100) < percent; };
  const bool indexed = chance(40);
  const bool never = chance(60);
  Json spec = {{"parallelism", pick(0, 4)}, {"backoffLimit", pick(0, 5)}};
  if (spec["parallelism"] == 0 && chance(80)) spec["parallelism"] = 2;
  if (indexed || chance(80)) spec["completions"] = pick(1, 6);
  if (indexed) {
    spec["completionMode"] = "Indexed";
    if (chance(50)) {
      spec["backoffLimitPerIndex"] = pick(0, 2);
      spec.erase("backoffLimit");
      if (chance(50)) spec["maxFailedIndexes"] = pick(0, spec["completions"].get<std::int64_t>());
    }
    if (chance(20)) spec["successPolicy"] = {{"rules", {{{"succeededCount", 1}}}}};
  }
  if (never && chance(25))
    spec["podFailurePolicy"] = {{"rules", {{{"action", chance(50) ? "Ignore" : "FailJob"}, {"onExitCodes", {{"operator", "In"}, {"values", {3}}}}}}}};
  else if (chance(30))
    spec["podReplacementPolicy"] = "Failed";
  if (chance(20)) spec["activeDeadlineSeconds"] = pick(5, 120);
  if (chance(15)) spec["ttlSecondsAfterFinished"] = pick(0, 30);
  spec["template"] = {{"spec", {{"restartPolicy", never ? "Never" : "OnFailure"}, {"containers", {{{"name", "c"}, {"image", "i:1"}}}}}}};
  Json timeline = Json::array();
  for (std::int64_t i = pick(0, 4); i > 0; --i) {
    const std::string at = fmt::format("{}ms", pick(500, 90000));
    switch (r.below(5)) {
      case 0: timeline.push_back({{"at", at}, {"failPod", {{"selector", "job-name=j"}, {"count", pick(1, 2)}, {"exit", 137}}}}); break;
      case 1: timeline.push_back({{"at", at}, {"delete", {{"kind", "Pod"}, {"selector", "job-name=j"}, {"count", 1}}}}); break;
      case 2: timeline.push_back({{"at", at}, {"suspend", {{"kind", "Job"}, {"name", "j"}}}}); break;
      case 3: timeline.push_back({{"at", at}, {"resume", {{"kind", "Job"}, {"name", "j"}}}}); break;
      default: timeline.push_back({{"at", at}, {"patch", {{"kind", "Job"}, {"name", "j"}, {"patch", {{"spec", {{"parallelism", pick(0, 4)}}}}}}}}); break;
    }
  }
  timeline.push_back({{"at", "100s"}, {"resume", {{"kind", "Job"}, {"name", "j"}}}});
  return {{"apiVersion", "orrery/v1"},
          {"kind", "Scenario"},
          {"metadata", {{"name", fmt::format("seed-{}", seed)}}},
          {"spec",
           {{"seed", seed},
            {"until", "30m"},
            {"controlPlane", {{"profile", chance(50) ? "realistic" : "ideal"}}},
            {"nodes", {{{"count", pick(1, 3)}, {"metadata", {{"name", "n"}}}}}},
            {"objects", {{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "j"}}}, {"spec", spec}}}},
            {"behaviors",
             {{{"match", {{"kind", "Job"}}},
               {"start", {{"uniform", {"200ms", "2s"}}}},
               {"run", {{"exponential", {{"mean", "8s"}}}}},
               {"stop", {{"uniform", {"100ms", "3s"}}}},
               {"exit", {{"0", 0.6}, {"1", 0.3}, {"3", 0.1}}}}}},
            {"timeline", timeline}}}};
}

/// What must hold after every change; the text of the first thing that did not.
class Invariants {
 public:
  explicit Invariants(Simulation& sim) : sim_(sim) {}
  std::string broken;

  void check(Duration t, const Change& c) {
    if (!broken.empty() || c.kind == Kind::lease) return;
    if (t < last_time_) fail(t, "time went back");
    last_time_ = t;
    const std::uint64_t version = c.object->meta.resource_version;
    if (c.kind != Kind::node && version <= last_version_) fail(t, "a resource version did not grow");
    last_version_ = std::max(last_version_, version);
    if (c.kind == Kind::pod) check_pod(t, c);
    if (c.kind == Kind::job) check_job(t, c);
  }

 private:
  void fail(Duration t, std::string what) {
    if (broken.empty()) broken = fmt::format("at {}: {}", format_go_duration(t), what);
  }
  void check_pod(Duration t, const Change& c) {
    const Pod& pod = static_cast<const Pod&>(*c.object);
    if (c.type == ChangeType::modified) {
      const Pod& before = static_cast<const Pod&>(*c.before);
      if (before.terminal() && pod.phase != before.phase) fail(t, "P-043: a terminal phase changed");
      if (before.node != 0 && pod.node != before.node) fail(t, "a bound pod moved");
      for (std::size_t i = 0; i < before.containers.size() && i < pod.containers.size(); ++i)
        if (pod.containers[i].restart_count < before.containers[i].restart_count) fail(t, "P-034: restartCount fell");
      if (before.meta.deleted && !pod.meta.deleted) fail(t, "a deletion was taken back");
    }
    if (c.type == ChangeType::deleted && !pod.meta.finalizers().empty()) fail(t, "a pod vanished with finalizers");
    if (c.type == ChangeType::added) {
      const Job* job = sim_.cluster().store().live_job(pod.ns(), "j");
      if (job != nullptr && job->status.finished()) fail(t, "a pod was made for a finished job");
      ++made_;
      if (pod.meta.annotation("batch.kubernetes.io/job-completion-index") != nullptr) check_index(t, pod);
    }
  }
  /// At most one active pod for each index, and none for an index that has succeeded.
  void check_index(Duration t, const Pod& made) {
    const std::string& index = *made.meta.annotation("batch.kubernetes.io/job-completion-index");
    int active = 0;
    for (const auto& o : sim_.cluster().store().list(Kind::pod)) {
      const Pod& p = static_cast<const Pod&>(*o);
      const std::string* mine = p.meta.annotation("batch.kubernetes.io/job-completion-index");
      if (mine != nullptr && *mine == index && !p.terminal() && !p.meta.deleted) ++active;
    }
    if (active > 1) fail(t, "J-127: two active pods for index " + index);
  }
  void check_job(Duration t, const Change& c) {
    const Job& job = static_cast<const Job&>(*c.object);
    const JobStatus& s = job.status;
    if (s.ready > s.active) fail(t, "J-018: more ready than active");
    if (s.active < 0 || s.terminating < -1 || s.failed < 0 || s.succeeded < 0) fail(t, "a negative counter");
    if (s.complete() && s.failed_true()) fail(t, "Complete and Failed");
    if (s.finished() && (!s.uncounted_failed.empty() || !s.uncounted_succeeded.empty())) fail(t, "finished with uncounted pods");
    if (s.complete() && !s.completion_time) fail(t, "J-216: Complete without completionTime");
    if (c.type != ChangeType::modified) return;
    const JobStatus& before = static_cast<const Job&>(*c.before).status;
    if (s.failed < before.failed) fail(t, "failed fell");
    if (s.succeeded < before.succeeded) fail(t, "succeeded fell");
    if (before.finished() && !(s == before)) fail(t, "the status of a finished job changed");
    if (s.succeeded + s.failed > made_) fail(t, "more pods counted than made");
  }

  Simulation& sim_;
  Duration last_time_{};
  std::uint64_t last_version_ = 0;
  std::int32_t made_ = 0;
};

}  // namespace

TEST_CASE("random Jobs under random faults keep the invariants") {
  constexpr std::uint64_t kSeeds = 400;
  std::size_t finished = 0;
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
    // When all is over: a finished job has released every pod (J-205), and nobody owns nothing.
    const Store& store = sim.cluster().store();
    const Job* job = store.live_job(sym::default_, "j");
    for (const auto& o : store.list(Kind::pod)) {
      if (job == nullptr || job->status.finished()) CHECK_FALSE(o->meta.has_finalizer(sym::job_tracking));
      CHECK_MESSAGE((o->meta.controller() == nullptr || job != nullptr), "a pod outlived its job");
    }
    if (job == nullptr || job->status.finished()) ++finished;
    // The same seed again gives the same run.
    if (seed % 20 == 0) {
      Simulation again(*scenario);
      CHECK(again.run().fingerprint == report.fingerprint);
    }
  }
  // Most of these jobs end; the others have parallelism 0.
  CHECK(finished > kSeeds / 2);
}
