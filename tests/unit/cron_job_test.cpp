// The CronJob controller in a running cluster without latencies: rows of C-201 to C-268 that need more than arithmetic.
#include <doctest/doctest.h>

#include <functional>

#include "support/cron_run.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

Json forbid() { return {{"concurrencyPolicy", "Forbid"}}; }
Json replace() { return {{"concurrencyPolicy", "Replace"}}; }
Json running_for(const std::string& time) { return {{"run", time}, {"start", "0s"}, {"stop", "0s"}}; }
Json both(Json a, const Json& b) {
  a.update(b);
  return a;
}

/// One story: what is done to a CronJob, and all that it says.
struct Story {
  const char* rule;
  Json cron;
  std::function<void(CronRun&)> act;
  const char* said;
  CronRunOptions options = {};
};

const char* const kHourly = "0 * * * *";
const char* const kMinutely = "* * * * *";

std::vector<Story> downtime() {
  return {
      {"C-201", cron_job("h", kHourly), [](CronRun& r) { r.to("10:00:30").stop().to("13:20:00").start().to("14:00:01"); },
       "10:00:00.1 SuccessfulCreate h-28575960\n13:20:00 SuccessfulCreate h-28576140\n14:00:00.1 SuccessfulCreate h-28576200\n"},
      {"C-202", cron_job("h", kHourly, {{"startingDeadlineSeconds", 600}}), [](CronRun& r) { r.to("10:00:30").stop().to("13:20:00").start().to("14:00:01"); },
       "10:00:00.1 SuccessfulCreate h-28575960\n14:00:00.1 SuccessfulCreate h-28576200\n"},
      {"C-203", cron_job("h", kHourly, {{"startingDeadlineSeconds", 600}}), [](CronRun& r) { r.to("10:00:30").stop().to("13:05:00").start().to("14:00:01"); },
       "10:00:00.1 SuccessfulCreate h-28575960\n13:05:00 SuccessfulCreate h-28576140\n14:00:00.1 SuccessfulCreate h-28576200\n"},
      {"C-205", cron_job("m", kMinutely), [](CronRun& r) { r.to("10:00:30").stop().to("13:00:30").start().to("13:01:01"); },
       "10:00:00.1 SuccessfulCreate m-28575960\n13:00:30 TooManyMissedTimes\n13:00:30 SuccessfulCreate m-28576140\n13:01:00.1 SuccessfulCreate m-28576141\n"},
      {"C-206", cron_job("m", kMinutely), [](CronRun& r) { r.to("10:00:30").stop().to("11:40:59").start().settle(); },
       "10:00:00.1 SuccessfulCreate m-28575960\n11:40:59 SuccessfulCreate m-28576060\n"},
      {"C-209", cron_job("s", "*/10 * * * *", {{"startingDeadlineSeconds", 5}}), [](CronRun& r) { r.to("10:10:01").stop().to("10:20:06").start().to("10:30:01"); },
       "10:10:00.1 SuccessfulCreate s-28575970\n10:30:00.1 SuccessfulCreate s-28575990\n",
       {.start = "2024-05-01T10:01:00Z"}},
      {"C-210", cron_job("s", kMinutely, {{"startingDeadlineSeconds", 0}}), [](CronRun& r) { r.to("10:05:00"); }, ""},
      {"C-236", cron_job("h", kHourly), [](CronRun& r) { r.to("11:00:01"); }, "11:00:00.1 SuccessfulCreate h-28576020\n", {.start = "2024-05-01T10:00:00Z"}},
      {"C-236", cron_job("h", kHourly), [](CronRun& r) { r.to("10:00:01"); }, "10:00:00.1 SuccessfulCreate h-28575960\n", {.start = "2024-05-01T09:59:59.75Z"}},
      {"C-240", cron_job("n", "59 23 31 2 *"), [](CronRun& r) { r.to("10:01:00").touch("n").to("11:00:00"); }, "09:59:59.5 InvalidSchedule\n10:01:00 InvalidSchedule\n"},
      {"C-240", cron_job("n", ", * * * *"), [](CronRun& r) { r.to("11:00:00"); }, "09:59:59.5 InvalidSchedule\n"},
  };
}

std::vector<Story> concurrency() {
  return {
      // The pod ends at 10:02:29.1. A second later the Job's status changes twice, first counting the pod: with the slot of
      // 10:02 unmet, the refusal is said again (C-216).
      {"C-211", cron_job("f", kMinutely, forbid()), [](CronRun& r) { r.to("10:02:28").said(); r.to("10:03:01"); },
       "10:02:30.1 JobAlreadyActive\n10:02:30.1 SuccessfulCreate f-28575962\n10:03:00.1 JobAlreadyActive\n",
       {.behavior = running_for("149s")}},
      {"C-211", cron_job("f", kMinutely, forbid()), [](CronRun& r) { r.to("10:02:28"); },
       "10:00:00.1 SuccessfulCreate f-28575960\n10:01:00.1 JobAlreadyActive\n10:02:00.1 JobAlreadyActive\n",
       {.behavior = running_for("149s")}},
      {"C-212", cron_job("f", kMinutely, both(forbid(), {{"startingDeadlineSeconds", 20}})), [](CronRun& r) { r.to("10:03:01"); },
       "10:00:00.1 SuccessfulCreate f-28575960\n10:01:00.1 JobAlreadyActive\n10:02:00.1 JobAlreadyActive\n10:03:00.1 SuccessfulCreate f-28575963\n",
       {.behavior = running_for("149s")}},
      {"C-213", cron_job("f", kMinutely, forbid()), [](CronRun& r) { r.to("10:02:20").said(); r.remove("Job", "f-28575960").to("10:02:59"); },
       "10:02:20 MissingJob f-28575960\n10:02:20 SuccessfulCreate f-28575962\n",
       {.behavior = running_for("149s")}},
      {"C-214", cron_job("f", kHourly, forbid()), [](CronRun& r) { r.to("10:00:30").stop().to("13:20:00").start().to("13:45:00"); },
       "10:00:00.1 SuccessfulCreate f-28575960\n13:20:00 JobAlreadyActive\n13:39:59.1 JobAlreadyActive\n13:39:59.1 SuccessfulCreate f-28576140\n",
       {.behavior = running_for("13198s")}},
      {"C-215", cron_job("f", kMinutely, forbid()), [](CronRun& r) { r.to("10:00:30").stop().to("13:20:00").start().to("13:20:30").touch("f").settle(); },
       "10:00:00.1 SuccessfulCreate f-28575960\n13:20:00 TooManyMissedTimes\n13:20:00 JobAlreadyActive\n13:20:30 TooManyMissedTimes\n13:20:30 JobAlreadyActive\n",
       {.behavior = running_for("10h")}},
      {"C-217", cron_job("r", kMinutely, replace()), [](CronRun& r) { r.to("10:01:01"); CHECK(r.active("r") == "r-28575961"); },
       "10:00:00.1 SuccessfulCreate r-28575960\n10:01:00.1 SuccessfulDelete r-28575960\n10:01:00.1 SuccessfulCreate r-28575961\n",
       {.behavior = running_for("10h")}},
      {"C-218", cron_job("r", kHourly, replace()), [](CronRun& r) { r.to("10:00:30").stop().to("13:20:00").start().to("13:21:00"); },
       "10:00:00.1 SuccessfulCreate r-28575960\n13:20:00 SuccessfulDelete r-28575960\n13:20:00 SuccessfulCreate r-28576140\n",
       {.behavior = running_for("10h")}},
      {"C-219", cron_job("r", kMinutely, replace()), [](CronRun& r) { r.to("10:00:59").cut_off(true); r.to("10:01:00.13").cut_off(false); r.to("10:01:01"); },
       "10:00:00.1 SuccessfulCreate r-28575960\n10:01:00.1 FailedGet\n10:01:00.105 FailedGet\n10:01:00.115 FailedGet\n10:01:00.135 SuccessfulDelete r-28575960\n"
       "10:01:00.135 SuccessfulCreate r-28575961\n",
       {.behavior = running_for("10h")}},
      {"C-220", cron_job("r", kMinutely), [](CronRun& r) { r.to("10:01:30").spec("r", replace()).to("10:02:01"); },
       "10:00:00.1 SuccessfulCreate r-28575960\n10:01:00.1 SuccessfulCreate r-28575961\n10:02:00.1 SuccessfulDelete r-28575960\n"
       "10:02:00.1 SuccessfulDelete r-28575961\n10:02:00.1 SuccessfulCreate r-28575962\n",
       {.behavior = running_for("10h")}},
      {"C-221", cron_job("a", kMinutely), [](CronRun& r) { r.to("10:02:01"); CHECK(r.active("a") == "a-28575960 a-28575961 a-28575962"); },
       "10:00:00.1 SuccessfulCreate a-28575960\n10:01:00.1 SuccessfulCreate a-28575961\n10:02:00.1 SuccessfulCreate a-28575962\n",
       {.behavior = running_for("150s")}},
      {"C-222", cron_job("a", kMinutely),
       [](CronRun& r) {
         r.to("10:01:30").spec("a", forbid()).to("10:02:01").said();
         // The first of the two ends at 10:03:21; only when the second has is there room.
         r.to("10:03:59").said();
         r.to("10:04:30");
       },
       "10:04:00.1 JobAlreadyActive\n10:04:20.1 JobAlreadyActive\n10:04:20.1 SuccessfulCreate a-28575964\n",
       {.behavior = running_for("199s")}},
  };
}

std::vector<Story> edits() {
  return {
      {"C-223", cron_job("h", kHourly), [](CronRun& r) { r.to("10:30:00").spec("h", {{"suspend", true}}).to("14:25:00").spec("h", {{"suspend", false}}).to("15:00:01"); },
       "10:00:00.1 SuccessfulCreate h-28575960\n14:25:00 SuccessfulCreate h-28576200\n15:00:00.1 SuccessfulCreate h-28576260\n"},
      {"C-224", cron_job("h", kHourly, {{"startingDeadlineSeconds", 900}}),
       [](CronRun& r) { r.to("10:30:00").spec("h", {{"suspend", true}}).to("14:25:00").spec("h", {{"suspend", false}}).to("15:00:01"); },
       "10:00:00.1 SuccessfulCreate h-28575960\n15:00:00.1 SuccessfulCreate h-28576260\n"},
      {"C-224", cron_job("h", kHourly, {{"startingDeadlineSeconds", 1800}}),
       [](CronRun& r) { r.to("10:30:00").spec("h", {{"suspend", true}}).to("14:25:00").spec("h", {{"suspend", false}}).to("14:30:00"); },
       "10:00:00.1 SuccessfulCreate h-28575960\n14:25:00 SuccessfulCreate h-28576200\n"},
      {"C-225", cron_job("d", "0 0 * * *", {{"suspend", true}}), [](CronRun& r) { r.to("2024-05-04T07:00:00").spec("d", {{"suspend", false}}).to("2024-05-05T00:00:01"); },
       "2024-05-04T07:00:00 SuccessfulCreate d-28579680\n2024-05-05T00:00:00.1 SuccessfulCreate d-28581120\n",
       {.start = "2024-05-01T08:30:00Z"}},
      {"C-227", cron_job("x", kHourly),
       [](CronRun& r) {
         r.to("10:30:00").spec("x", {{"suspend", true}});
         r.to("14:25:00").spec("x", {{"suspend", false}, {"schedule", "30 * * * *"}}).to("14:31:00");
       },
       "10:00:00.1 SuccessfulCreate x-28575960\n14:30:00.1 SuccessfulCreate x-28576230\n"},
      {"C-228", cron_job("x", kHourly), [](CronRun& r) { r.to("10:32:00").spec("x", {{"schedule", "*/5 * * * *"}}).to("10:36:00"); },
       "10:00:00.1 SuccessfulCreate x-28575960\n10:35:00.1 SuccessfulCreate x-28575995\n"},
      {"C-228", cron_job("x", kHourly), [](CronRun& r) { r.to("10:32:00").spec("x", {{"schedule", "*/5 * * * *"}}).to("10:33:00").touch("x").to("10:34:00"); },
       "10:00:00.1 SuccessfulCreate x-28575960\n10:33:00 SuccessfulCreate x-28575990\n"},
      {"C-229", cron_job("x", kHourly), [](CronRun& r) { r.to("10:30:00").spec("x", {{"schedule", "15 * * * *"}}).to("11:15:01"); },
       "10:00:00.1 SuccessfulCreate x-28575960\n11:00:00.1 SuccessfulCreate x-28575975\n11:15:00.1 SuccessfulCreate x-28576035\n"},
      {"C-230", cron_job("x", kHourly), [](CronRun& r) { r.to("10:32:00").spec("x", {{"schedule", "0 3 * * *"}}).to("2024-05-02T03:00:01"); },
       "10:00:00.1 SuccessfulCreate x-28575960\n2024-05-02T03:00:00.1 SuccessfulCreate x-28576980\n"},
      {"C-231", cron_job("x", kHourly, {{"startingDeadlineSeconds", 86400}}),
       [](CronRun& r) { r.to("08:45:00").spec("x", {{"schedule", "45 9 * * *"}, {"suspend", true}}).to("10:30:05").spec("x", {{"suspend", false}}).to("10:31:00"); },
       "10:30:05 SuccessfulCreate x-28575945\n",
       {.start = "2024-05-01T08:30:00Z"}},
      {"C-232", cron_job("x", "0 9 * * *"), [](CronRun& r) { r.to("10:00:00").spec("x", {{"timeZone", "America/New_York"}}).to("13:00:01"); },
       "09:00:00.1 SuccessfulCreate x-28575900\n13:00:00.1 SuccessfulCreate x-28576140\n",
       {.start = "2024-05-01T08:30:00Z"}},
      {"C-260", cron_job("n", "30 2 * * *", {{"timeZone", "America/New_York"}}), [](CronRun& r) { r.to("2024-03-11T12:00:00"); },
       "07:30:00.1 SuccessfulCreate n-28499490\n2024-03-11T06:30:00.1 SuccessfulCreate n-28502310\n",
       {.start = "2024-03-09T07:00:00Z"}},
      {"C-261", cron_job("n", "30 1 * * *", {{"timeZone", "America/New_York"}}), [](CronRun& r) { r.to("12:00:00"); },
       "05:30:00.1 SuccessfulCreate n-28843530\n06:30:00.1 SuccessfulCreate n-28843590\n",
       {.start = "2024-11-03T00:00:00Z"}},
      {"C-262", cron_job("k", "0 0 * * *", {{"timeZone", "Africa/Cairo"}}), [](CronRun& r) { r.to("2024-04-26T22:00:00"); },
       "22:00:00.1 SuccessfulCreate k-28566600\n2024-04-26T21:00:00.1 SuccessfulCreate k-28569420\n",
       {.start = "2024-04-24T21:00:00Z"}},
      {"C-263", cron_job("l", "0 9 * * *", {{"timeZone", "Australia/Lord_Howe"}}), [](CronRun& r) { r.to("2024-10-05T23:17:00").stop().start().to("2024-10-06T22:00:01"); },
       "22:30:00.1 SuccessfulCreate l-28801350\n2024-10-06T22:00:00.1 SuccessfulCreate l-28804200\n",
       {.start = "2024-10-04T22:00:00Z"}},
      {"C-252", cron_job("e", "@every 30s"), [](CronRun& r) { r.to("10:04:01"); },
       "10:00:30.1 SuccessfulCreate e-28575960\n10:01:00.1 SuccessfulCreate e-28575961\n10:02:00.1 SuccessfulCreate e-28575962\n"
       "10:03:00.1 SuccessfulCreate e-28575963\n10:04:00.1 SuccessfulCreate e-28575964\n",
       {.start = "2024-05-01T10:00:00Z", .behavior = running_for("10h")}},
      {"C-254", cron_job("e", "@every 1h", {{"startingDeadlineSeconds", 600}}), [](CronRun& r) { r.to("15:00:00"); }, "", {.start = "2024-05-01T10:07:23Z"}},
      {"C-254", cron_job("e", "@every 1h", {{"startingDeadlineSeconds", 3600}}), [](CronRun& r) { r.to("12:08:00"); },
       "11:07:23.1 SuccessfulCreate e-28576027\n12:07:23.1 SuccessfulCreate e-28576087\n",
       {.start = "2024-05-01T10:07:23Z"}},
      {"C-255", cron_job("e", "@every 1h"), [](CronRun& r) { r.to("11:08:00").stop().to("15:30:00").start().to("16:08:00"); },
       "11:07:23.1 SuccessfulCreate e-28576027\n15:30:00 SuccessfulCreate e-28576267\n16:07:23.1 SuccessfulCreate e-28576327\n",
       {.start = "2024-05-01T10:07:23Z"}},
  };
}

void tell(const std::vector<Story>& stories) {
  for (const Story& story : stories) {
    CAPTURE(story.rule);
    CronRun run(Json::array({story.cron}), story.options);
    story.act(run);
    CHECK(run.said() == story.said);
    CHECK(run.sim().refusals().empty());
  }
}

}  // namespace

TEST_CASE("C-201 to C-210, C-236, C-240: downtime and deadlines") { tell(downtime()); }
TEST_CASE("C-211 to C-222: concurrency policies") { tell(concurrency()); }
TEST_CASE("C-223 to C-232, C-252 to C-263: suspension, edits, @every, changes of the clock") { tell(edits()); }

TEST_CASE("C-226: suspending leaves running Jobs alone, and their end is noticed") {
  CronRun r(Json::array({cron_job("h", kHourly)}));
  r.to("10:00:02").spec("h", {{"suspend", true}}).to("10:30:00");
  CHECK(r.said(true) == "10:00:00.1 SuccessfulCreate h-28575960\n10:00:06.1 SawCompletedJob h-28575960, condition: Complete\n");
  CHECK(r.active("h") == "");
  CHECK(r.wall(r.cron("h").status.last_successful) == "10:00:06");
}

TEST_CASE("C-100 to C-104, C-110, C-111: the Job of a slot and the status it leaves") {
  Json cron = cron_job("x", "0 9 * * *", {{"timeZone", "America/New_York"}});
  cron["spec"]["jobTemplate"]["metadata"] = {{"labels", {{"app", "x"}}},
                                             {"annotations", {{"note", "kept"}, {"batch.kubernetes.io/cronjob-scheduled-timestamp", "overwritten"}}},
                                             {"name", "ignored"}};
  cron["spec"]["jobTemplate"]["spec"]["template"]["metadata"] = {{"labels", {{"tier", "batch"}}}};
  CronRun r(Json::array({cron}), {.start = "2024-05-01T12:59:00Z", .behavior = running_for("1h")});
  r.to("13:00:01");
  const Job* job = r.sim().cluster().store().live_job(sym::default_, "x-28576140");
  REQUIRE(job != nullptr);
  const Json o = to_json(*job, r.sim().cluster().names());
  const std::string uid = job->uid().text();
  CHECK(o["metadata"]["labels"] == Json({{"app", "x"}}));
  CHECK(o["metadata"]["annotations"] == Json({{"note", "kept"}, {"batch.kubernetes.io/cronjob-scheduled-timestamp", "2024-05-01T09:00:00-04:00"}}));
  CHECK(o["metadata"]["ownerReferences"] ==
        Json::array({{{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"name", "x"}, {"uid", r.cron("x").uid().text()}, {"controller", true}, {"blockOwnerDeletion", true}}}));
  CHECK(o["metadata"]["creationTimestamp"] == "2024-05-01T13:00:00Z");
  CHECK(o["metadata"]["generation"] == 1);
  CHECK(o["spec"]["backoffLimit"] == 6);
  CHECK(o["spec"]["selector"]["matchLabels"] == Json({{"batch.kubernetes.io/controller-uid", uid}}));
  CHECK(o["spec"]["template"]["metadata"]["labels"] == Json({{"tier", "batch"},
                                                             {"batch.kubernetes.io/controller-uid", uid},
                                                             {"batch.kubernetes.io/job-name", "x-28576140"},
                                                             {"controller-uid", uid},
                                                             {"job-name", "x-28576140"}}));
  const Json c = to_json(r.cron("x"), r.sim().cluster().names());
  CHECK(c["spec"]["jobTemplate"]["spec"].contains("backoffLimit") == false);
  CHECK(c["spec"]["successfulJobsHistoryLimit"] == 3);
  CHECK(c["status"]["lastScheduleTime"] == "2024-05-01T13:00:00Z");
  const Json& active = c["status"]["active"];
  REQUIRE(active.size() == 1);
  CHECK(active[0]["kind"] == "Job");
  CHECK(active[0]["namespace"] == "default");
  CHECK(active[0]["uid"] == uid);
  // The Job has been written since; the reference keeps the version of its creation.
  CHECK(std::stoi(active[0]["resourceVersion"].get<std::string>()) < std::stoi(o["metadata"]["resourceVersion"].get<std::string>()));
  // What a Job is made of is the same through the API and through the template (C-104): nothing but names differs.
  Json by_hand = {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "by-hand"}, {"labels", {{"app", "x"}}}}}, {"spec", cron["spec"]["jobTemplate"]["spec"]}};
  CHECK(r.create(by_hand).ok());
  const Job* other = r.sim().cluster().store().live_job(sym::default_, "by-hand");
  Json spec = to_json(*other, r.sim().cluster().names())["spec"];
  std::string text = spec.dump();
  for (const auto& [from, to] : {std::pair{other->uid().text(), uid}, std::pair{std::string("by-hand"), std::string("x-28576140")}})
    for (std::size_t i; (i = text.find(from)) != std::string::npos;) text.replace(i, from.size(), to);
  CHECK(Json::parse(text) == o["spec"]);
}

TEST_CASE("a user's write to the Job of a slot makes it no other") {
  const auto story = [](const Json& patch) {
    CronRun r(Json::array({cron_job("x", kHourly), cron_job("y", kHourly)}), {.behavior = running_for("20m")});
    r.to("10:05:00");
    if (!patch.is_null()) r.patch("Job", "x-28575960", patch);
    r.to("10:40:00");
    const auto job = [&](const char* name) {
      Json o = to_json(*r.sim().cluster().store().live_job(sym::default_, name), r.sim().cluster().names());
      o["metadata"].erase("resourceVersion");
      return o;
    };
    CHECK(job("x-28575960")["status"]["succeeded"] == 1);
    CHECK(job("y-28575960")["spec"]["template"]["metadata"]["labels"]["job-name"] == "y-28575960");
    return job("x-28575960");
  };
  const Json untouched = story({});
  CHECK(untouched["metadata"]["labels"] == untouched["spec"]["template"]["metadata"]["labels"]);
  CHECK(untouched["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] == "2024-05-01T10:00:00Z");
  Json labelled = story({{"metadata", {{"labels", {{"seen", "yes"}}}}}});
  CHECK(labelled["metadata"]["labels"].erase("seen") == 1);
  CHECK(labelled == untouched);
  // A Job without labels has those of its pods again when it is written next (J-002).
  CHECK(story({{"metadata", {{"labels", nullptr}}}}) == untouched);
  Json suspended = story({{"spec", {{"backoffLimit", 5}}}});
  suspended["spec"]["backoffLimit"] = 6;
  suspended["metadata"]["generation"] = 1;
  CHECK(suspended == untouched);
}

TEST_CASE("C-242 as recorded: a Job with the slot's name is tried again with back-off until another slot is due") {
  CronRun r(Json::array({cron_job("a", kMinutely), {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "a-28575961"}}}, {"spec", job_spec()}}}));
  r.to("10:05:10");
  // 5 ms + 10 ms + … + 40.96 s after 10:01:00.1.
  CHECK(r.said() ==
        "10:00:00.1 SuccessfulCreate a-28575960\n10:02:22.015 SuccessfulCreate a-28575962\n10:03:00.1 SuccessfulCreate a-28575963\n"
        "10:04:00.1 SuccessfulCreate a-28575964\n10:04:06.1 SuccessfulDelete a-28575960\n10:05:00.1 SuccessfulCreate a-28575965\n"
        "10:05:06.1 SuccessfulDelete a-28575962\n");
}

TEST_CASE("C-243, C-065, C-066: a creation that is refused is tried again after 5 ms, 10 ms, … 1000 s") {
  // The API checks the metadata of a template only when it becomes a Job's.
  Json cron = cron_job("q", kMinutely);
  cron["spec"]["jobTemplate"]["metadata"] = {{"labels", {{"no label!", "x"}}}};
  CronRun r(Json::array({cron}));
  r.to("10:56:00");
  std::string expected;
  for (const char* t : {"10:00:00.1", "10:00:00.105", "10:00:00.115", "10:00:00.135", "10:00:00.175", "10:00:00.255", "10:00:00.415", "10:00:00.735", "10:00:01.375",
                        "10:00:02.655", "10:00:05.215", "10:00:10.335", "10:00:20.575", "10:00:41.055", "10:01:22.015", "10:02:43.935", "10:05:27.775", "10:10:55.455",
                        "10:21:50.815", "10:38:30.815", "10:55:10.815"})
    expected += std::string(t) + " FailedCreate\n";
  CHECK(r.said() == expected);
  r.patch("CronJob", "q", {{"spec", {{"jobTemplate", {{"metadata", {{"labels", nullptr}}}}}}}}).to("10:57:01");
  CHECK(r.said() == "10:56:00 SuccessfulCreate q-28576016\n10:57:00.1 SuccessfulCreate q-28576017\n");
}

TEST_CASE("C-245 as recorded: a Job whose listing failed is never listed, and blocks nothing") {
  CronRun r(Json::array({cron_job("h", kHourly, forbid())}), {.behavior = running_for("2h")});
  bool armed = true;
  r.sim().on_change([&](Duration, const Change& c) {
    if (armed && c.kind == Kind::job && c.type == ChangeType::added) r.cut_off(true);
  });
  r.to("10:00:00.1");
  armed = false;
  r.cut_off(false);
  r.to("10:00:00.14");
  // The Job's arrival was a second failure within that instant: 5 ms, then 20 ms.
  CHECK(r.said() == "10:00:00.1 SuccessfulCreate h-28575960\n10:00:00.105 UnexpectedJob h-28575960\n10:00:00.125 UnexpectedJob h-28575960\n");
  CHECK(r.active("h") == "");
  CHECK(r.wall(r.cron("h").status.last_schedule) == "");
  r.to("11:30:00");
  CHECK(r.active("h") == "h-28576020");
}

TEST_CASE("C-247 as recorded: a controller that dies between Job and status never lists the Job") {
  for (const bool late : {false, true}) {
    CAPTURE(late);
    CronRun r(Json::array({cron_job("h", kHourly)}), {.behavior = running_for("10h")});
    bool armed = true;
    r.sim().on_change([&](Duration, const Change& c) {
      if (armed && c.kind == Kind::job && c.type == ChangeType::added) r.cut_off(true);
    });
    r.to("10:00:00.1").stop().said();
    armed = false;
    r.cut_off(false);
    r.to(late ? "11:30:00" : "10:30:00").start().settle();
    // Every further sync finds the lost Job again (C-070).
    CHECK(r.said() == (late ? "11:30:00 UnexpectedJob h-28575960\n11:30:00 SuccessfulCreate h-28576020\n11:30:00 UnexpectedJob h-28575960\n"
                            : "10:30:00 UnexpectedJob h-28575960\n"));
    CHECK(r.active("h") == (late ? "h-28576020" : ""));
  }
}

TEST_CASE("a process that ends takes the Events with it that it could not post; the next one posts at once") {
  CronRun r(Json::array({cron_job("h", kHourly)}), {.behavior = running_for("10h")});
  bool armed = true;
  r.sim().on_change([&](Duration, const Change& c) {
    if (armed && c.kind == Kind::job && c.type == ChangeType::added) r.sim().cluster().api_down = true;
  });
  r.to("10:00:02").stop();
  armed = false;
  r.sim().cluster().api_down = false;
  r.to("10:00:03").start().settle();
  CHECK(r.said() == "10:00:03 UnexpectedJob h-28575960\n");
  r.to("10:00:20");
  CHECK(r.said().find("SuccessfulCreate") == std::string::npos);
}

TEST_CASE("C-113, C-248: a Job by hand that names the CronJob is unexpected, blocks nothing, and counts when it is done") {
  CronRun r(Json::array({cron_job("f", kHourly, both(forbid(), {{"successfulJobsHistoryLimit", 1}}))}), {.behavior = running_for("10s")});
  r.to("09:59:59.6");
  r.create_owned_job("mine", "CronJob", "f", r.cron("f").uid().text());
  r.settle();
  // Once for the Job, once for its first status.
  CHECK(r.said() == "09:59:59.6 UnexpectedJob mine\n09:59:59.6 UnexpectedJob mine\n");
  r.to("10:00:00.1");
  CHECK(r.said().find("10:00:00.1 UnexpectedJob mine\n10:00:00.1 SuccessfulCreate f-28575960\n") != std::string::npos);
  r.to("10:01:00");
  // Of the two that are done the older goes; it was never listed, so it is not "seen completed".
  CHECK(r.said(true).find("SuccessfulDelete mine") != std::string::npos);
  CHECK(r.jobs() == "f-28575960");
  CHECK(r.wall(r.cron("f").status.last_successful) == "10:00:11");
}

TEST_CASE("C-249: the controller's kind and UID are not compared when Jobs are listed, but they are for waking") {
  CronRun r(Json::array({cron_job("h", kHourly, {{"successfulJobsHistoryLimit", 0}})}));
  r.to("09:59:59.6");
  r.create_owned_job("alien", "Reactor", "h", "11111111-2222-4333-8444-555555555555");
  r.to("09:59:59.9");
  CHECK(r.said() == "");
  r.touch("h").settle();
  CHECK(r.said() == "09:59:59.9 UnexpectedJob alien\n");
  r.to("10:30:00").touch("h").settle();
  CHECK(r.said().find("SuccessfulDelete alien") != std::string::npos);
}

TEST_CASE("C-250: a Job over the limit that cannot go is deleted again at every sync") {
  CronRun r(Json::array({cron_job("h", kHourly, {{"successfulJobsHistoryLimit", 0}})}));
  r.to("10:00:02").patch("Job", "h-28575960", {{"metadata", {{"finalizers", {"example.com/hold"}}}}}).to("10:10:00").said();
  for (const char* t : {"10:20:00", "10:30:00"}) {
    r.to(t).touch("h").settle();
    CHECK(r.said() == std::string(t) + " SuccessfulDelete h-28575960\n");
  }
}

TEST_CASE("C-251: a deletion that the cache does not show yet is tried again, in vain") {
  CronRun r(Json::array({cron_job("m", kMinutely, {{"successfulJobsHistoryLimit", 0}})}), {.control_plane = {{"profile", "ideal"}, {"watchLatency", "10ms"}, {"apiLatency", "1ms"}}});
  r.to("10:00:05");
  for (int ms = 0; ms < 5000; ++ms) {
    (void)r.sim().run_until(r.sim().elapsed() + std::chrono::milliseconds{1});
    if (ms % 3 == 0) r.touch("m");
  }
  r.to("10:00:30");  // the conflicts of all these updates are over by then
  const std::string said = r.said();
  CHECK(said.find("SuccessfulDelete m-28575960\n") != std::string::npos);
  CHECK(said.find("FailedDelete") != std::string::npos);
  CHECK(r.jobs() == "");
  CHECK(r.active("m") == "");
}

TEST_CASE("C-253 as recorded: the second slot of a minute finds its name taken, unless the history is 0") {
  {
    CronRun r(Json::array({cron_job("e", "@every 30s")}), {.start = "2024-05-01T10:00:00Z"});
    r.to("10:01:30.5");
    CHECK(r.said().find("10:01:00.1 SuccessfulCreate e-28575961\n") != std::string::npos);
    // The slot of 10:01:30 fails until that of 10:02 has come: 5 ms + … + 20.48 s later.
    r.to("10:02:30");
    CHECK(r.said() == "10:02:11.055 SuccessfulCreate e-28575962\n");
  }
  {
    CronRun r(Json::array({cron_job("e", "@every 30s", {{"successfulJobsHistoryLimit", 0}})}), {.start = "2024-05-01T10:00:00Z"});
    r.to("10:01:29").said();
    r.to("10:01:31");
    CHECK(r.said() == "10:01:30.1 SuccessfulCreate e-28575961\n");
  }
}

TEST_CASE("C-256: history limits of 0") {
  CronRun r(Json::array({cron_job("z", kHourly, {{"successfulJobsHistoryLimit", 0}, {"failedJobsHistoryLimit", 0}})}));
  r.to("10:01:00");
  CHECK(r.said(true) == "10:00:00.1 SuccessfulCreate z-28575960\n10:00:06.1 SuccessfulDelete z-28575960\n");
  CHECK(r.active("z") == "");
  CHECK(r.jobs() == "");
  CHECK(r.wall(r.cron("z").status.last_successful) == "10:00:06");
}

TEST_CASE("C-257, C-258: the default limits 3 and 1, and a limit that is lowered") {
  Json cron = cron_job("d", kMinutely);
  cron["spec"]["jobTemplate"]["spec"] = job_spec({{"backoffLimit", 0}});
  Json behavior = running_for("5s");
  behavior["attempts"] = {{{"exit", 0}}, {{"exit", 1}}, {{"exit", 0}}, {{"exit", 1}}, {{"exit", 0}}};
  behavior["match"] = {{"kind", "CronJob"}, {"name", "d"}};  // so the attempts are counted over all its Jobs
  CronRun r(Json::array({cron}), {.behavior = behavior});
  r.to("10:03:30");
  const std::string said = r.said(true);
  CAPTURE(said);
  const auto gone = said.find("SuccessfulDelete d-28575961"), seen = said.find("SawCompletedJob d-28575963, condition: Failed");
  CHECK(seen != std::string::npos);
  CHECK(gone < seen);
  r.to("10:04:30").said();
  CHECK(r.jobs() == "d-28575960 d-28575962 d-28575963 d-28575964");
  r.spec("d", {{"successfulJobsHistoryLimit", 1}}).settle();
  CHECK(r.said() == "10:04:30 SuccessfulDelete d-28575960\n10:04:30 SuccessfulDelete d-28575962\n");
}

TEST_CASE("C-259: a finished Job without a start time is kept in preference") {
  CronRun r(Json::array({cron_job("h", kHourly, {{"successfulJobsHistoryLimit", 1}})}));
  r.to("10:00:30").stop();
  r.create_owned_job("a-odd", "CronJob", "h", r.cron("h").uid().text());
  r.to("10:01:00");
  Store& store = r.sim().cluster().store();
  Ref<Job> odd = clone_as(*store.live_job(sym::default_, "a-odd"));
  CHECK(odd->status.complete());
  odd->status.start_time = {};
  CHECK(store.replace(odd).ok());
  r.settle().said();
  r.start().settle();
  CHECK(r.said() == "10:01:00 SuccessfulDelete h-28575960\n");
  CHECK(r.jobs() == "a-odd");
}

TEST_CASE("C-264, C-266, C-267: a CronJob that is deleted, in each of the three ways") {
  {
    CronRun r(Json::array({cron_job("h", kHourly)}), {.behavior = running_for("10h")});
    r.to("10:00:30").said();
    r.remove("CronJob", "h").to("10:02:00");
    CHECK(r.said() == "");
    CHECK_FALSE(r.has(Kind::cronjob, "h"));
    CHECK(r.jobs() == "");
    CHECK(r.sim().cluster().store().list(Kind::pod).empty());
  }
  {
    CronRun r(Json::array({cron_job("h", kHourly)}), {.behavior = running_for("10h")});
    r.to("10:00:30").remove("CronJob", "h", Propagation::orphan).to("10:01:00");
    CHECK_FALSE(r.has(Kind::cronjob, "h"));
    CHECK(r.create(cron_job("h", kHourly, forbid())).ok());
    r.said();
    r.to("11:00:01");
    CHECK(r.said() == "11:00:00.1 SuccessfulCreate h-28576020\n");
    CHECK(r.jobs() == "h-28575960 h-28576020");
  }
  {
    CronRun r(Json::array({cron_job("m", kMinutely)}), {.behavior = both(running_for("10h"), {{"stop", "20s"}, {"stopExit", 0}})});
    r.to("10:00:50").said();
    r.remove("CronJob", "m", Propagation::foreground).to("10:01:05");
    CHECK(r.has(Kind::cronjob, "m"));
    r.to("10:02:30");
    CHECK_FALSE(r.has(Kind::cronjob, "m"));
    CHECK(r.jobs() == "");
    CHECK(r.said().find("SuccessfulCreate") == std::string::npos);
  }
}

TEST_CASE("C-265: what a deleted CronJob of the same name left behind goes away by its UID") {
  CronRun r(Json::array({cron_job("h", kHourly)}), {.behavior = running_for("10h")});
  r.to("10:00:30").remove("CronJob", "h");
  CHECK(r.create(cron_job("h", kHourly, forbid())).ok());
  r.to("10:59:00");
  CHECK(r.jobs() == "");
  r.said();
  r.to("11:00:01");
  CHECK(r.said() == "11:00:00.1 SuccessfulCreate h-28576020\n");
}

TEST_CASE("C-268, C-006: names of 52 and 53 characters") {
  CronRun r(Json::array());
  CHECK(r.create(cron_job(std::string(52, 'a'), kHourly)).ok());
  const ApiResult refused = r.create(cron_job(std::string(53, 'a'), kHourly));
  CHECK(refused.status == ApiStatus::invalid);
  CHECK(refused.message().find("must be no more than 52 characters") != std::string::npos);
  r.to("10:00:01");
  CHECK(r.jobs() == std::string(52, 'a') + "-28575960");
}

TEST_CASE("C-246, C-082: a stale copy of the CronJob makes no unexpected Jobs") {
  CronRun r(Json::array({cron_job("m", kMinutely)}), {.control_plane = {{"profile", "realistic"}}});
  r.to("11:00:00");
  const std::string said = r.said(true);
  CHECK(said.find("UnexpectedJob") == std::string::npos);
  CHECK(said.find("Failed") == std::string::npos);
  CHECK(r.jobs() == "m-28576017 m-28576018 m-28576019");
}

TEST_CASE("C-003: versions share the template; a status update leaves the generation") {
  CronRun r(Json::array({cron_job("m", kMinutely)}));
  r.to("10:00:30");
  const Ref<const CronJobSpec> before = r.cron("m").spec;
  CHECK(r.cron("m").meta.generation == 1);
  r.spec("m", {{"suspend", true}});
  CHECK(r.cron("m").meta.generation == 2);
  CHECK(r.cron("m").spec->job_template == before->job_template);
  r.touch("m");
  CHECK(r.cron("m").meta.generation == 2);
  const std::uint64_t version = r.cron("m").meta.resource_version;
  r.spec("m", {{"suspend", true}});
  CHECK(r.cron("m").meta.resource_version == version);
}
