#pragma once
// A cluster with CronJobs, driven by hand between instants of its wall clock, and what its CronJobs said meanwhile:
// "10:00:00.1 SuccessfulCreate h-28575960", with the date where it is not the first day.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "orrery/cluster/user_api.hpp"
#include "orrery/io/scenario.hpp"
#include "orrery/models/simulation.hpp"

namespace orrery::test {

using Json = nlohmann::json;

inline Json job_spec(const Json& more = Json::object()) {
  Json spec = {{"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", {{{"name", "c"}, {"image", "i:1"}}}}}}}}};
  spec.update(more);
  return spec;
}

inline Json cron_job(const std::string& name, const std::string& schedule, const Json& more = Json::object()) {
  Json spec = {{"schedule", schedule}, {"jobTemplate", {{"spec", job_spec()}}}};
  spec.update(more);
  return {{"apiVersion", "batch/v1"}, {"kind", "CronJob"}, {"metadata", {{"name", name}}}, {"spec", spec}};
}

struct CronRunOptions {
  std::string start = "2024-05-01T09:59:59.5Z";
  Json behavior = {{"run", "5s"}, {"start", "0s"}, {"stop", "0s"}};  ///< of every container
  Json control_plane = {{"profile", "ideal"}};
};

class CronRun {
 public:
  using Options = CronRunOptions;
  explicit CronRun(const Json& objects, const Options& options = {}) : day_(options.start.substr(0, 11)) {
    Json behavior = options.behavior;
    if (!behavior.contains("match")) behavior["match"] = Json::object();
    const Json scenario = {
        {"apiVersion", "orrery/v1"},
        {"kind", "Scenario"},
        {"metadata", {{"name", "run"}}},
        {"spec",
         {{"start", options.start},
          {"until", "1000h"},
          {"controlPlane", options.control_plane},
          {"nodes", {{{"count", 1}, {"metadata", {{"name", "n"}}}, {"status", {{"allocatable", {{"cpu", "64"}, {"memory", "64Gi"}, {"pods", "500"}}}}}}}},
          {"objects", objects},
          {"behaviors", Json::array({behavior})}}}};
    auto read = parse_scenario(scenario.dump(), "test", ".");
    if (!read)
      for (const Diagnostic& d : read.problems()) MESSAGE(to_string(d));
    REQUIRE(read);
    sim_ = std::make_unique<Simulation>(std::move(*read));
    sim_->on_change([this](Duration, const Change& c) { write_down(c); });
    api_ = std::make_unique<UserApi>(sim_->cluster());
    (void)sim_->run_until({});
  }

  /// "10:05:00" of the first day, or with a date; fractions allowed.
  CronRun& to(const std::string& wall) {
    const auto t = parse_rfc3339((wall.find('T') == std::string::npos ? day_ + wall : wall) + "Z");
    REQUIRE_MESSAGE(t, wall);
    (void)sim_->run_until(*t - sim_->scenario().start);
    return *this;
  }
  /// Lets everything of the present instant happen.
  CronRun& settle() {
    (void)sim_->run_until(sim_->elapsed());
    return *this;
  }
  CronRun& stop() {
    sim_->controller("cronjob")->stop();
    return *this;
  }
  CronRun& start() {
    sim_->controller("cronjob")->start();
    return *this;
  }
  /// Of the CronJob controller alone; its Events are posted all the same.
  void cut_off(bool cut) { sim_->controller("cronjob")->client().cut_off(cut); }
  CronRun& spec(const std::string& name, const Json& spec) { return patch("CronJob", name, {{"spec", spec}}); }
  /// Any update that is no change of the schedule.
  CronRun& touch(const std::string& name) { return patch("CronJob", name, {{"metadata", {{"labels", {{"touched", std::to_string(++touched_)}}}}}}); }
  CronRun& patch(const std::string& kind, const std::string& name, const Json& patch) {
    const ApiResult r = api_->patch(kind, "", name, PatchType::merge, patch);
    CHECK_MESSAGE(r.ok(), r.message());
    return *this;
  }
  CronRun& remove(const std::string& kind, const std::string& name, Propagation p = Propagation::background) {
    const ApiResult r = api_->remove(kind, "", name, {.propagation = p, .uid = {}});
    CHECK_MESSAGE(r.ok(), r.message());
    return *this;
  }
  ApiResult create(const Json& object) { return api_->create(object); }
  /// A Job by hand that names its controller; `kind` may be none of ours.
  void create_owned_job(const std::string& name, const std::string& owner_kind, const std::string& owner, const std::string& uid) {
    const Json job = {{"apiVersion", "batch/v1"},
                      {"kind", "Job"},
                      {"metadata",
                       {{"name", name},
                        {"ownerReferences",
                         {{{"apiVersion", "batch/v1"}, {"kind", owner_kind}, {"name", owner}, {"uid", uid}, {"controller", true}, {"blockOwnerDeletion", true}}}}}},
                      {"spec", job_spec()}};
    const ApiResult r = create(job);
    CHECK_MESSAGE(r.ok(), r.message());
  }

  Simulation& sim() { return *sim_; }
  const CronJob& cron(std::string_view name) {
    const CronJob* c = sim_->cluster().store().live_cron_job(sym::default_, name);
    REQUIRE(c != nullptr);
    return *c;
  }
  bool has(Kind kind, std::string_view name) { return sim_->cluster().store().live(kind, sym::default_, name) != nullptr; }
  /// "h-1 h-2": the Jobs there are, or those of status.active.
  std::string jobs() {
    std::string out;
    for (const auto& o : sim_->cluster().store().list(Kind::job)) out.append(out.empty() ? "" : " ").append(o->name());
    return out;
  }
  std::string active(std::string_view name) {
    std::string out;
    for (const ActiveJob& j : cron(name).status.active) out += (out.empty() ? "" : " ") + j.name;
    return out;
  }
  std::string wall(Time t) const {
    std::string s = format_rfc3339_micro(t);
    if (s.substr(0, 11) == day_) s.erase(0, 11);
    s.pop_back();
    while (s.back() == '0') s.pop_back();
    if (s.back() == '.') s.pop_back();
    return s;
  }
  std::string wall(Stamp s) const { return s ? format_rfc3339(s.s).substr(0, 11) == day_ ? format_rfc3339(s.s).substr(11, 8) : format_rfc3339(s.s) : ""; }

  /// What was said since the last call, one line each; without SawCompletedJob unless asked for.
  std::string said(bool with_completed = false) {
    std::string out;
    for (const auto& [line, completed] : lines_)
      if (with_completed || !completed) out += line + "\n";
    lines_.clear();
    return out;
  }

 private:
  void write_down(const Change& c) {
    if (c.kind != Kind::event) return;
    const auto& e = static_cast<const EventObject&>(*c.object);
    if (e.on->kind != Kind::cronjob) return;
    const std::string reason(sim_->cluster().text(e.reason));
    std::string line = wall(c.at) + " " + reason;
    for (const char* with_name : {"SuccessfulCreate", "SuccessfulDelete", "MissingJob", "UnexpectedJob"})
      if (reason == with_name) line += e.message.substr(e.message.rfind(' '));
    if (reason == "SawCompletedJob") line.append(" ").append(e.message.substr(std::string("Saw completed job: ").size()));
    lines_.emplace_back(std::move(line), reason == "SawCompletedJob");
  }

  std::string day_;
  std::unique_ptr<Simulation> sim_;
  std::unique_ptr<UserApi> api_;
  std::vector<std::pair<std::string, bool>> lines_;
  int touched_ = 0;
};

}  // namespace orrery::test
