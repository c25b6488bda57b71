// A year of a thousand CronJobs, with schedules from minutes to months in zones around the world.
#include <doctest/doctest.h>

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/cron.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

TEST_CASE("every slot of a year runs once, and the history stays within its limits") {
  constexpr int kCount = 1000;
  const char* const zones[] = {"",           "America/New_York", "Europe/Berlin",    "Asia/Tokyo",          "Australia/Lord_Howe",
                               "Asia/Kolkata", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Auckland", "America/Los_Angeles"};
  Json objects = Json::array();
  for (int i = 0; i < kCount; ++i) {
    const int minute = i * 7 % 60, hour = i * 11 % 24, day = 1 + i * 13 % 31;
    std::string schedule;
    if (i < 8)
      schedule = fmt::format("{} * * * *", minute);
    else if (i < 40)
      schedule = fmt::format("{} */6 * * *", minute);
    else if (i < 640)
      schedule = fmt::format("{} {} * * *", minute, hour);
    else if (i < 740)
      schedule = fmt::format("{} {} * * MON-FRI", minute, hour);
    else if (i < 840)
      schedule = fmt::format("{} {} * * {}", minute, hour, i % 7);
    else if (i < 940)
      schedule = fmt::format("{} {} {} * *", minute, hour, day);
    else
      schedule = fmt::format("@every {}h", 7 + i % 90);
    Json spec = {{"schedule", schedule},
                 {"jobTemplate", {{"spec", {{"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", {{{"name", "c"}, {"image", "i:1"}}}}}}}}}}}}};
    if (const std::string zone = zones[static_cast<std::size_t>(i) % std::size(zones)]; !zone.empty() && i < 940) spec["timeZone"] = zone;
    objects.push_back({{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", fmt::format("c-{:03}", i)}}}, {"spec", spec}});
  }
  const Json scenario_json = {{"apiVersion", "orrery/v1"},
                              {"kind", "Scenario"},
                              {"metadata", {{"name", "year"}}},
                              {"spec",
                               {{"start", "2026-01-01T00:00:30Z"},
                                {"until", "8760h"},
                                {"nodes", {{{"count", 20}, {"metadata", {{"name", "n"}}}}}},
                                {"objects", objects},
                                {"behaviors", {{{"match", {{"kind", "CronJob"}}}, {"run", "20s"}}}}}}};
  auto scenario = parse_scenario(scenario_json.dump(), "year", ".");
  REQUIRE(scenario);
  const Time end = scenario->start + std::chrono::hours{8760};
  Simulation sim(std::move(*scenario));
  std::map<std::string, std::int64_t> made;
  std::int64_t all = 0;
  sim.on_change([&](Duration, const Change& c) {
    if (c.kind != Kind::job || c.type != ChangeType::added) return;
    ++made[c.object->meta.controller()->name];
    ++all;
  });
  const RunReport report = sim.run();
  MESSAGE(report.events, " events, ", all, " Jobs, fingerprint ", report.fingerprint);
  const Store& store = sim.cluster().store();
  std::map<Uid, std::int64_t> kept;
  for (const auto& o : store.list(Kind::job)) ++kept[o->meta.controller()->uid];
  for (const auto& o : store.list(Kind::cronjob)) {
    const CronJob& cron = static_cast<const CronJob&>(*o);
    CAPTURE(cron.name());
    CAPTURE(cron.spec->schedule);
    std::int64_t slots = 0;
    for (Time t = cron.spec->cron.schedule->next(time_of(cron.meta.id->created)); t + std::chrono::seconds{1} < end; t = cron.spec->cron.schedule->next(t)) ++slots;
    CHECK(made[std::string(cron.name())] == slots);
    CHECK(kept[cron.uid()] <= 4);
  }
  CHECK(store.count(Kind::cronjob) == kCount);
}
