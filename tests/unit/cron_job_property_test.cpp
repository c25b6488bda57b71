// Random small worlds of CronJobs, with invariants checked after every committed change. A failure prints the seed and the
// scenario, so that `orrery run` reproduces it.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

constexpr const char* kStamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";

Json random_scenario(std::uint64_t seed) {
  RandomStream r(seed, purpose("test.cron_job_property"), 0);
  auto pick = [&](std::int64_t lo, std::int64_t hi) { return lo + static_cast<std::int64_t>(r.below(static_cast<std::uint64_t>(hi - lo + 1))); };
  auto chance = [&](std::uint64_t percent) { return r.below(100) < percent; };
  auto schedule = [&]() -> std::string {
    static constexpr const char* kSchedules[] = {"* * * * *", "*/2 * * * *", "1-59/3 * * * *", "@every 45s", "@every 20s", "@every 90s", "5,6,7,20 * * * *", "@hourly"};
    return kSchedules[r.below(std::size(kSchedules))];
  };
  Json objects = Json::array(), timeline = Json::array();
  const std::int64_t count = pick(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    static constexpr const char* kPolicies[] = {"Allow", "Forbid", "Replace"};
    Json spec = {{"schedule", schedule()}, {"concurrencyPolicy", kPolicies[r.below(3)]}};
    if (chance(60)) spec["successfulJobsHistoryLimit"] = pick(0, 3);
    if (chance(60)) spec["failedJobsHistoryLimit"] = pick(0, 3);
    if (chance(30)) spec["startingDeadlineSeconds"] = pick(0, 200);
    if (chance(15)) spec["suspend"] = true;
    if (chance(20)) spec["timeZone"] = "Asia/Kathmandu";
    spec["jobTemplate"]["spec"] = {{"backoffLimit", pick(0, 1)},
                                   {"template", {{"spec", {{"restartPolicy", chance(50) ? "Never" : "OnFailure"}, {"containers", {{{"name", "c"}, {"image", "i:1"}}}}}}}}};
    if (chance(15)) spec["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] = pick(0, 90);
    objects.push_back({{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", fmt::format("c{}", i)}}}, {"spec", spec}});
  }
  for (std::int64_t i = pick(0, 6); i > 0; --i) {
    const std::string at = fmt::format("{}ms", pick(500, 1'500'000));
    const Json target = {{"kind", "CronJob"}, {"name", fmt::format("c{}", pick(0, count - 1))}};
    auto patch = [&](const Json& p) {
      Json verb = target;
      verb["patch"] = p;
      timeline.push_back({{"at", at}, {"patch", verb}});
    };
    switch (r.below(7)) {
      case 0: timeline.push_back({{"at", at}, {"suspend", target}}); break;
      case 1: timeline.push_back({{"at", at}, {"resume", target}}); break;
      case 2: patch({{"spec", {{"schedule", schedule()}}}}); break;
      case 3: patch({{"metadata", {{"labels", {{"touched", at}}}}}}); break;
      case 4: timeline.push_back({{"at", at}, {"stopController", {{"controller", "cronjob"}}}}); break;
      case 5: timeline.push_back({{"at", at}, {"startController", {{"controller", "cronjob"}}}}); break;
      default: patch({{"spec", {{"successfulJobsHistoryLimit", pick(0, 3)}}}}); break;
    }
  }
  // In the end the controller is there, and nothing new begins.
  timeline.push_back({{"at", "26m"}, {"startController", {{"controller", "cronjob"}}}});
  for (std::int64_t i = 0; i < count; ++i) timeline.push_back({{"at", "27m"}, {"suspend", {{"kind", "CronJob"}, {"name", fmt::format("c{}", i)}}}});
  return {{"apiVersion", "orrery/v1"},
          {"kind", "Scenario"},
          {"metadata", {{"name", fmt::format("seed-{}", seed)}}},
          {"spec",
           {{"seed", seed},
            {"until", "4h"},
            {"controlPlane", {{"profile", chance(60) ? "realistic" : "ideal"}}},
            {"nodes", {{{"count", pick(1, 3)}, {"metadata", {{"name", "n"}}}}}},
            {"objects", objects},
            {"behaviors",
             {{{"match", {{"kind", "CronJob"}}},
               {"start", {{"uniform", {"200ms", "2s"}}}},
               {"run", {{"exponential", {{"mean", "40s"}}}}},
               {"stop", {{"uniform", {"100ms", "3s"}}}},
               {"exit", {{"0", 0.7}, {"1", 0.3}}}}}},
            {"timeline", timeline}}}};
}

/// What must hold after every change; the text of the first thing that did not.
class Invariants {
 public:
  explicit Invariants(Simulation& sim) : sim_(sim) {}
  std::string broken;
  int made = 0, overlaps = 0;

  void check(Duration t, const Change& c) {
    if (!broken.empty()) return;
    if (c.kind == Kind::job && c.type == ChangeType::added) check_new_job(t, static_cast<const Job&>(*c.object));
    if (c.kind == Kind::cronjob) check_cron_job(t, c);
    if (c.kind == Kind::event) {
      const auto& e = static_cast<const EventObject&>(*c.object);
      for (const char* never : {"MissSchedule", "UnexpectedJob", "FailedCreate", "InvalidSchedule", "UnparseableSchedule"})
        if (sim_.cluster().text(e.reason) == never) fail(t, fmt::format("{} about {}", never, e.on->name()));
    }
  }

 private:
  void fail(Duration t, std::string what) {
    if (broken.empty()) broken = fmt::format("at {}: {}", format_go_duration(t), what);
  }
  const Store& store() { return sim_.cluster().store(); }

  void check_new_job(Duration t, const Job& job) {
    const OwnerReference* owner = job.meta.controller();
    if (owner == nullptr || owner->kind != "CronJob") return fail(t, "a Job without a CronJob");
    const CronJob* cron = store().live_cron_job(job.ns(), owner->name);
    if (cron == nullptr) return fail(t, "a Job of a CronJob that is gone");
    ++made;
    const std::string* at = job.meta.annotation(kStamp);
    const auto slot = at != nullptr ? parse_rfc3339(*at) : std::nullopt;
    if (!slot) return fail(t, "C-102: no slot");
    if (job.name() != fmt::format("{}-{}", cron->name(), unix_seconds(*slot) / 60)) fail(t, "C-100: the name is not the slot's");
    if (*slot > sim_.cluster().now()) fail(t, "a Job before its slot");
    // The names of all Jobs of a CronJob differ, unless the second slot of a minute finds the name free again (C-253).
    if (const auto [it, first] = names_.emplace(job.name(), *slot); !first) {
      if (it->second >= *slot) fail(t, fmt::format("C-111: a slot ran twice: {}", job.name()));
      it->second = *slot;
    }
    if (cron->status.last_schedule && cron->status.last_schedule >= stamp(*slot)) fail(t, "C-085: a slot that is not after the last");
    int others = 0;
    for (const auto& o : store().list(Kind::job)) {
      const Job& other = static_cast<const Job&>(*o);
      const OwnerReference* its = other.meta.controller();
      if (&other != &job && its != nullptr && its->uid == cron->uid() && !other.status.finished()) ++others;
    }
    if (others > 0) ++overlaps;
    using Policy = CronJobSpec::Concurrency;
    if (others > 0 && cron->spec->concurrency != Policy::allow) fail(t, fmt::format("S12, S13: {} starts beside another", job.name()));
  }

  void check_cron_job(Duration t, const Change& c) {
    if (c.type != ChangeType::modified) return;
    const CronJob &cron = static_cast<const CronJob&>(*c.object), &before = static_cast<const CronJob&>(*c.before);
    if (cron.status.last_schedule < before.status.last_schedule) fail(t, "C-111: lastScheduleTime went back");
    if (cron.status.last_successful < before.status.last_successful) fail(t, "C-112: lastSuccessfulTime went back");
    std::set<Uid> active;
    for (const ActiveJob& j : cron.status.active)
      if (!active.insert(j.uid).second) fail(t, "C-110: a Job is listed twice");
    using Policy = CronJobSpec::Concurrency;
    if (active.size() > 1 && cron.spec->concurrency != Policy::allow) fail(t, "more than one active Job");
  }

  Simulation& sim_;
  std::map<std::string, Time> names_;
};

}  // namespace

TEST_CASE("random CronJobs under random interference keep the invariants") {
  constexpr std::uint64_t kSeeds = 300;
  int made = 0, overlaps = 0;
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
    made += invariants.made;
    overlaps += invariants.overlaps;
    // When all has ended: the history is within its limits (C-120), and nothing is called active that is not.
    const Store& store = sim.cluster().store();
    for (const auto& o : store.list(Kind::cronjob)) {
      const CronJob& cron = static_cast<const CronJob&>(*o);
      std::int64_t complete = 0, failed = 0;
      for (const auto& j : store.list(Kind::job)) {
        const Job& job = static_cast<const Job&>(*j);
        if (job.meta.controller() == nullptr || job.meta.controller()->uid != cron.uid()) continue;
        CHECK(job.status.finished());
        complete += job.status.complete();
        failed += job.status.failed_true();
      }
      CHECK(complete <= cron.spec->successful_limit);
      CHECK(failed <= cron.spec->failed_limit);
      CHECK(cron.status.active.empty());
    }
    // The same seed again gives the same run.
    if (seed % 20 == 0) {
      Simulation again(*scenario);
      CHECK(again.run().fingerprint == report.fingerprint);
    }
  }
  CHECK(made > static_cast<int>(kSeeds) * 5);
  CHECK(overlaps > 100);  // Allow does let them overlap
}
