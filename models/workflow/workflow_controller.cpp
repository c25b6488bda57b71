// The workflow controller: creates a Job when what it depends on has ended as wanted, skips what can never run, and tells in the
// status where everything stands. It deletes nothing: the Jobs belong to the workflow, and the garbage collector follows.
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/defaults.hpp"
#include "orrery/api/validation.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/workflow.hpp"
#include "workflow/progress.hpp"

namespace orrery {

namespace {

using Json = nlohmann::json;
using workflow::JobProgress;
using workflow::JobState;
using workflow::Progress;
using workflow::Readiness;
using Workflow = GenericObject;

const Json kNoJson;

const Json& at(const Json& object, const char* key) {
  if (!object.is_object()) return kNoJson;
  const auto it = object.find(key);
  return it == object.end() ? kNoJson : *it;
}
bool flag_at(const Json& object, const char* key) { return at(object, key).is_boolean() && at(object, key).get<bool>(); }
const Json& spec_of(const Workflow& w) { return at(*w.body->value, "spec"); }
const Json& status_of(const Workflow& w) { return at(*w.body->value, "status"); }

/// When a finished Job finished, as its status says.
Stamp completion_of(const Job& job) {
  if (job.status.completion_time) return job.status.completion_time;
  for (const Condition& c : job.status.conditions)
    if ((c.type == sym::Complete || c.type == sym::Failed) && c.status == sym::True) return c.transition;
  return {};
}

bool finished(const Json& status) { return !at(status, "completionTime").is_null(); }

Json condition(std::string_view type, bool holds, std::string_view reason, std::string message, const std::string& now) {
  return {{"type", type}, {"status", holds ? "True" : "False"}, {"reason", reason}, {"message", std::move(message)}, {"lastTransitionTime", now}};
}

/// Puts the condition in the place of the one of its type; one that holds already keeps its time.
void set_condition(Json& conditions, Json next) {
  for (Json& c : conditions) {
    if (at(c, "type") != at(next, "type")) continue;
    if (at(c, "status") == at(next, "status")) next["lastTransitionTime"] = at(c, "lastTransitionTime");
    c = std::move(next);
    return;
  }
  conditions.push_back(std::move(next));
}

class WorkflowController final : public Controller {
 public:
  explicit WorkflowController(Cluster& cluster)
      : Controller(cluster, {.name = "workflow", .component = "workflow-controller", .position = 9}),
        queue_(cluster, "workflow queue", 5, {}, [this](const ObjectKey& key) { return reconcile(key); }) {}

  bool watches(Kind kind) const override { return kind == Kind::workflow || kind == Kind::job; }

  void on_change(const Change& change) override {
    if (change.kind == Kind::workflow) {
      if (change.type == ChangeType::deleted)
        memory_.erase(serial_of(*change.object));
      else
        queue_.add(key_of(*change.object));
      return;
    }
    const OwnerReference* owner = change.object->meta.controller();
    if (owner == nullptr || owner->kind != kind_name(Kind::workflow)) return;
    const Object* parent = store().cached(Kind::workflow, change.object->ns(), owner->name);
    if (parent == nullptr || parent->uid() != owner->uid) return;
    if (change.type == ChangeType::deleted) remember_deleted(*parent, static_cast<const Job&>(*change.object));
    queue_.add(key_of(*parent));
  }
  void on_start() override { queue_.start(); }
  void on_stop() override {
    queue_.stop();
    memory_.clear();
  }

 private:
  /// What this process knows of a workflow beyond the caches.
  struct Memory {
    WorkflowPlan plan;
    std::vector<char> made;      ///< created, whether or not the cache shows it yet
    std::map<std::size_t, JobProgress> gone;  ///< Jobs that were deleted, as they were last seen
  };

  static std::uint64_t serial_of(const Object& o) { return o.meta.id->serial; }

  Memory& memory_of(const Object& w) {
    const auto [it, fresh] = memory_.try_emplace(serial_of(w));
    if (fresh) {
      // The jobs of a workflow never change, so neither does its plan.
      it->second.plan = workflow_plan(spec_of(static_cast<const Workflow&>(w)));
      it->second.made.assign(it->second.plan.jobs.size(), 0);
    }
    return it->second;
  }

  static std::string job_name(const Object& w, const PlannedJob& job) { return fmt::format("{}-{}", w.name(), job.name); }

  static JobProgress progress_of(const Job& job) {
    JobProgress out;
    out.state = job.status.complete() ? JobState::succeeded : job.status.failed_true() ? JobState::failed : JobState::running;
    out.start = job.meta.id->created;
    if (out.state != JobState::running) out.completion = completion_of(job);
    return out;
  }

  /// Whoever finished keeps its result; any other is lost.
  JobProgress end_of(const Job& job) {
    JobProgress out = progress_of(job);
    if (out.state == JobState::running) {
      out.state = JobState::failed;
      out.completion = stamp(now());
      out.message = "its Job was deleted before it finished";
    } else {
      out.message = failure_message(job);
    }
    return out;
  }
  std::string failure_message(const Job& job) const {
    for (const Condition& c : job.status.conditions)
      if (c.type == sym::Failed && c.status == sym::True) return std::string(cluster_.text(c.reason));
    return {};
  }

  void remember_deleted(const Object& parent, const Job& job) {
    Memory& m = memory_of(parent);
    for (std::size_t i = 0; i < m.plan.jobs.size(); ++i)
      if (job_name(parent, m.plan.jobs[i]) == job.name()) m.gone.insert_or_assign(i, end_of(job));
  }

  /// The Job of the workflow in the cache, or null.
  const Job* job_of(const Object& w, const PlannedJob& job) {
    const Job* found = store().cached_job(w.ns(), job_name(w, job));
    const OwnerReference* owner = found != nullptr ? found->meta.controller() : nullptr;
    return owner != nullptr && owner->uid == w.uid() ? found : nullptr;
  }

  void observe(const Object& w, const Memory& m, Progress& progress) {
    for (std::size_t i = 0; i < progress.size(); ++i) {
      JobProgress& p = progress[i];
      if (workflow::ended(p.state)) continue;
      if (const Job* job = job_of(w, m.plan.jobs[i])) {
        p = progress_of(*job);
        p.message = failure_message(*job);
      } else if (const auto gone = m.gone.find(i); gone != m.gone.end()) {
        p = gone->second;
      } else if (p.state == JobState::running) {
        // Whoever saw it run has seen it in the cache: it was deleted while nobody looked.
        p.state = JobState::failed;
        p.completion = stamp(now());
        p.message = "its Job was deleted before it finished";
      } else if (m.made[i] != 0) {
        p.state = JobState::running;
      }
    }
  }

  /// A Job from its template; nothing where the API would refuse it, `why` says what for.
  Ref<Object> make_job(const Object& w, const Json& entry, const PlannedJob& planned, std::string& why) {
    const Json& job_template = at(entry, "template");
    Json meta = {{"name", job_name(w, planned)}, {"namespace", cluster_.text(w.ns())}};
    for (const char* key : {"labels", "annotations"})
      if (const Json& map = at(at(job_template, "metadata"), key); map.is_object()) meta[key] = map;
    meta["labels"][std::string(kWorkflowLabel)] = w.name();
    meta["labels"][std::string(kWorkflowJobLabel)] = planned.name;
    meta["ownerReferences"] = Json::array({{{"apiVersion", api_version(Kind::workflow)},
                                            {"kind", kind_name(Kind::workflow)},
                                            {"name", w.name()},
                                            {"uid", w.uid().text()},
                                            {"controller", true},
                                            {"blockOwnerDeletion", true}}});
    const std::string uid = store().new_uid().text();
    meta["uid"] = uid;
    Json job = {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", std::move(meta)}, {"spec", at(job_template, "spec")}};
    const std::string created = format_rfc3339(unix_seconds(now()));
    prepare_for_create("Job", job, {.uid = uid, .now = created});
    const auto errors = validate_create("Job", job);
    if (!errors.empty()) {
      why = invalid_message("Job.batch", job_name(w, planned), errors);
      return {};
    }
    return from_json(job, cluster_.names());
  }

  /// Which jobs may start now: no more at once than the workflow allows, first those that stand first in the graph's order.
  static std::vector<std::size_t> startable(const WorkflowPlan& plan, const Progress& progress, const Json& spec) {
    std::vector<std::size_t> out;
    if (flag_at(spec, "suspend")) return out;
    const Json& limit = at(spec, "parallelism");
    std::int64_t room = limit.is_number_integer() ? limit.get<std::int64_t>() : INT64_MAX;
    for (const JobProgress& p : progress)
      if (p.state == JobState::running) --room;
    std::string why;
    for (const std::size_t i : plan.order) {
      if (static_cast<std::int64_t>(out.size()) >= room) break;
      if (progress[i].state == JobState::waiting && workflow::readiness(plan, progress, i, why) == Readiness::ready) out.push_back(i);
    }
    return out;
  }

  Json next_status(const Workflow& w, const WorkflowPlan& plan, const Progress& progress) const {
    Json status = status_of(w).is_object() ? status_of(w) : Json::object();
    const Json& spec = spec_of(w);
    const bool suspended = flag_at(spec, "suspend");
    const std::string present = format_rfc3339(unix_seconds(now()));
    std::array<std::int64_t, workflow::kJobStates.size()> counts{};
    Json jobs = Json::array();
    for (std::size_t i = 0; i < progress.size(); ++i) {
      const JobProgress& p = progress[i];
      ++counts[static_cast<std::size_t>(p.state)];
      Json o = {{"name", plan.jobs[i].name}, {"state", workflow::kJobStates[static_cast<std::size_t>(p.state)]}};
      if (p.state != JobState::waiting && p.state != JobState::skipped) o["jobName"] = job_name(w, plan.jobs[i]);
      if (p.start) o["startTime"] = format_rfc3339(p.start.s);
      if (p.completion) o["completionTime"] = format_rfc3339(p.completion.s);
      if (!p.message.empty()) o["message"] = p.message;
      jobs.push_back(std::move(o));
    }
    const auto count = [&](JobState s) { return counts[static_cast<std::size_t>(s)]; };
    for (const auto& [key, state] : {std::pair{"waiting", JobState::waiting}, std::pair{"active", JobState::running}, std::pair{"succeeded", JobState::succeeded},
                                     std::pair{"failed", JobState::failed}, std::pair{"skipped", JobState::skipped}}) {
      if (count(state) != 0)
        status[key] = count(state);
      else
        status.erase(key);
    }
    status["jobs"] = std::move(jobs);
    status["observedGeneration"] = w.meta.generation;
    Json& conditions = status["conditions"];
    if (!conditions.is_array()) conditions = Json::array();
    const bool over = count(JobState::waiting) == 0 && count(JobState::running) == 0;
    if ((!suspended || count(JobState::waiting) != static_cast<std::int64_t>(progress.size())) && !status.contains("startTime")) status["startTime"] = present;
    if (over) {
      const std::vector<std::size_t> failures = workflow::unhandled_failures(plan, progress);
      status["completionTime"] = present;
      status["phase"] = failures.empty() ? "Succeeded" : "Failed";
      if (failures.empty())
        set_condition(conditions, condition("Complete", true, "JobsFinished",
                                            fmt::format("{} jobs succeeded, {} failed and were handled, {} were skipped", count(JobState::succeeded),
                                                        count(JobState::failed), count(JobState::skipped)),
                                            present));
      else
        set_condition(conditions, condition("Failed", true, "JobFailed",
                                            failures.size() == 1 ? fmt::format("job {} failed", plan.jobs[failures[0]].name)
                                                                 : fmt::format("job {} and {} more failed", plan.jobs[failures[0]].name, failures.size() - 1),
                                            present));
    } else {
      status["phase"] = suspended ? "Suspended" : "Running";
      bool was_suspended = false;
      for (const Json& c : conditions) was_suspended = was_suspended || at(c, "type") == "Suspended";
      if (suspended)
        set_condition(conditions, condition("Suspended", true, "WorkflowSuspended", "no further job is started", present));
      else if (was_suspended)
        set_condition(conditions, condition("Suspended", false, "WorkflowResumed", "jobs are started again", present));
    }
    if (conditions.empty()) status.erase("conditions");
    return status;
  }

  void say(const Object& w, Symbol type, std::string_view reason, std::string message) {
    recorder().event(w, type, cluster_.symbol(reason), std::move(message));
  }

  /// The Events of what a written status shows for the first time.
  void announce(const Workflow& w, const Json& before, const Json& after) {
    const Json &old_jobs = at(before, "jobs"), &jobs = at(after, "jobs");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const std::string state = jobs[i].value("state", "");
      const std::string old_state = old_jobs.is_array() && i < old_jobs.size() ? old_jobs[i].value("state", "") : "Waiting";
      if (state == old_state) continue;
      const std::string name = jobs[i].value("name", ""), message = jobs[i].value("message", "");
      if (state == "Skipped") say(w, sym::Normal, "JobSkipped", fmt::format("Skipped job {}: {}", name, message));
      if (state == "Succeeded") say(w, sym::Normal, "JobSucceeded", fmt::format("Job {} succeeded", name));
      if (state == "Failed") say(w, sym::Warning, "JobFailed", fmt::format("Job {} failed: {}", name, message));
    }
    const std::string phase = after.value("phase", ""), old_phase = before.is_object() ? before.value("phase", "") : std::string{};
    if (phase == old_phase) return;
    if (phase == "Suspended") say(w, sym::Normal, "Suspended", "Workflow suspended");
    if (phase == "Running" && old_phase == "Suspended") say(w, sym::Normal, "Resumed", "Workflow resumed");
    if (phase == "Succeeded") say(w, sym::Normal, "Completed", "Workflow completed");
    if (phase == "Failed") say(w, sym::Warning, "Failed", "Workflow failed");
  }

  Task<Outcome> reconcile(const ObjectKey& key) {
    const Object* cached = store().cached(Kind::workflow, key.ns, key.name);
    if (cached == nullptr || cached->meta.deleted) co_return Outcome::ok();
    const Ref<const Workflow> w(static_cast<const Workflow*>(cached));
    if (finished(status_of(*w))) co_return Outcome::ok();
    const WorkflowPlan plan = memory_of(*w).plan;
    if (plan.order.empty()) co_return Outcome::ok();
    Progress progress = workflow::progress_from(status_of(*w), plan);
    observe(*w, memory_of(*w), progress);
    (void)workflow::skip_hopeless(plan, progress);

    // Fan-out: all that may start now starts at once.
    std::vector<std::size_t> started = startable(plan, progress, spec_of(*w));
    std::vector<CallId> calls;
    std::vector<std::size_t> asked;
    bool failed = false;
    for (const std::size_t i : started) {
      std::string why;
      Ref<Object> job = make_job(*w, at(spec_of(*w), "jobs")[i], plan.jobs[i], why);
      if (job) {
        calls.push_back(client().start_create(std::move(job)));
        asked.push_back(i);
        continue;
      }
      say(*w, sym::Warning, "FailedCreate", fmt::format("Error creating job: {}", why));
      failed = true;
    }
    if (!calls.empty()) {
      Client::All all = client().all(calls);
      co_await all;
    }
    for (std::size_t k = 0; k < calls.size(); ++k) {
      const ApiResult r = client().take(calls[k]);
      const std::size_t i = asked[k];
      if (r.ok()) {
        progress[i].state = JobState::running;
        progress[i].start = r.object->meta.id->created;
        // A workflow that was deleted meanwhile is remembered no more.
        if (const auto m = memory_.find(serial_of(*w)); m != memory_.end()) m->second.made[i] = 1;
        say(*w, sym::Normal, "SuccessfulCreate", fmt::format("Created job {}", job_name(*w, plan.jobs[i])));
      } else {
        failed = true;
        if (r.status != ApiStatus::unavailable) say(*w, sym::Warning, "FailedCreate", fmt::format("Error creating job: {}", r.message()));
      }
    }

    Json status = next_status(*w, plan, progress);
    if (status == status_of(*w)) co_return failed ? Outcome::failed() : Outcome::ok();
    Ref<Workflow> next = clone_as(*w);
    auto body = make_ref<GenericObject::Body>();
    body->api_version = w->body->api_version;
    body->kind = w->body->kind;
    body->value = std::make_unique<Json>(*w->body->value);
    (*body->value)["status"] = status;
    next->body = std::move(body);
    Client::Call write = client().update_status(std::move(next));
    const ApiResult written = co_await write;
    if (written.status == ApiStatus::not_found) co_return Outcome::ok();
    if (!written.ok()) co_return Outcome::failed();
    announce(*w, status_of(*w), status);
    co_return failed ? Outcome::failed() : Outcome::ok();
  }

  WorkQueue queue_;
  std::map<std::uint64_t, Memory> memory_;
};

}  // namespace

std::unique_ptr<Controller> make_workflow_controller(Cluster& cluster) { return std::make_unique<WorkflowController>(cluster); }

}  // namespace orrery
