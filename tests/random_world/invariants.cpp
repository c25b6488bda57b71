#include "random_world/invariants.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/workflow_plan.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/models/workflow.hpp"

namespace orrery::random_world {

using Json = nlohmann::json;

namespace {
constexpr std::size_t kEnough = 5;          // messages
constexpr std::uint64_t kIndexEvery = 97;   // changes between two looks at all indexes
bool terminal(const Object& o) { return static_cast<const Pod&>(o).terminal(); }
}  // namespace

Invariants::Invariants(Simulation& sim) : sim_(sim), store_(sim.cluster().store()) {
  for (const TimelineAction& a : sim.scenario().timeline)
    for (const Verb& v : a.verbs)
      calls_may_be_lost_ = calls_may_be_lost_ || std::holds_alternative<verb::ApiOutage>(v) || std::holds_alternative<verb::StopController>(v);
}

void Invariants::fail(std::string what) {
  if (broken_.size() < kEnough) broken_.push_back(fmt::format("at {}: {}", format_go_duration(now_), what));
}

void Invariants::check(Duration t, const Change& c) {
  now_ = t;
  if (c.kind == Kind::lease) return;
  if (t < last_time_) fail("time went back");
  last_time_ = t;
  // Nodes that stood before t = 0 come first, in the order of their names.
  const std::uint64_t version = c.object->meta.resource_version;
  if (version <= last_version_ && !(c.kind == Kind::node && t == Duration{})) fail(fmt::format("the resource version of {} did not grow", c.object->name()));
  last_version_ = std::max(last_version_, version);
  if (c.type == ChangeType::modified) {
    if (c.before->meta.deleted && !c.object->meta.deleted) fail(fmt::format("the deletion of {} was taken back", c.object->name()));
    if (c.object->meta.generation < c.before->meta.generation) fail(fmt::format("the generation of {} fell", c.object->name()));
  }
  if (c.type == ChangeType::deleted && !c.object->meta.finalizers().empty()) fail(fmt::format("{} vanished with finalizers", c.object->name()));
  if (c.kind == Kind::pod) check_pod(c);
  if (c.kind == Kind::job) check_job(c);
  if (c.kind == Kind::poddisruptionbudget && c.type == ChangeType::modified) check_budget(c);
  if (++changes_ % kIndexEvery == 0) check_indexes();
}

void Invariants::check_pod(const Change& c) {
  const Pod& pod = static_cast<const Pod&>(*c.object);
  if (c.type == ChangeType::modified) {
    const Pod& before = static_cast<const Pod&>(*c.before);
    if (before.terminal() && pod.phase != before.phase) fail(fmt::format("P-043: the terminal phase of {} changed", pod.name()));
    if (before.node != 0 && pod.node != before.node) fail(fmt::format("{} moved to another node", pod.name()));
    for (std::size_t i = 0; i < before.containers.size() && i < pod.containers.size(); ++i)
      if (pod.containers[i].restart_count < before.containers[i].restart_count) fail(fmt::format("P-034: restartCount of {} fell", pod.name()));
    if (pod.node != before.node && store_.live_node(sim_.cluster().text(pod.node)) == nullptr) fail(fmt::format("{} was bound to a node that is gone", pod.name()));
  }
  if (c.type == ChangeType::added) check_daemon_pods(pod);
}

/// E-010: an eviction takes what its budget allows, one pod at a time, and only by a status that is up to date.
void Invariants::check_budget(const Change& c) {
  const auto& budget = static_cast<const PodDisruptionBudget&>(*c.object);
  const auto& before = static_cast<const PodDisruptionBudget&>(*c.before).status;
  const PodDisruptionBudgetStatus& s = budget.status;
  if (s.allowed < 0) fail(fmt::format("{} allows less than nothing", budget.name()));
  if (s.healthy == before.healthy && s.desired == before.desired && s.disrupted.size() > before.disrupted.size()) {
    if (before.allowed <= 0 || before.observed_generation < budget.meta.generation) fail(fmt::format("E-010: {} did not allow an eviction", budget.name()));
    if (s.allowed != before.allowed - 1 || s.disrupted.size() != before.disrupted.size() + 1) fail(fmt::format("E-010: an eviction by {} took more than one pod", budget.name()));
  }
  if (s.observed_generation == budget.meta.generation && s.allowed > std::max(0, s.healthy - s.desired)) fail(fmt::format("{} allows more than it can spare", budget.name()));
}

/// D-rules: one pod of a set on a node, as none of the sets here surges.
void Invariants::check_daemon_pods(const Pod& pod) {
  const OwnerReference* owner = pod.meta.controller();
  if (owner == nullptr || owner->kind != kind_name(Kind::daemonset)) return;
  const Symbol place = pod.node != 0 ? pod.node : pod.spec->pinned_node;
  for (const auto& o : store_.list(Kind::pod)) {
    const Pod& p = static_cast<const Pod&>(*o);
    const OwnerReference* other = p.meta.controller();
    if (&p == &pod || p.name() == pod.name() || other == nullptr || other->uid != owner->uid || p.meta.deleted || p.terminal()) continue;
    if ((p.node != 0 ? p.node : p.spec->pinned_node) == place) fail(fmt::format("two pods of {} on {}: {} and {}", owner->name, sim_.cluster().text(place), p.name(), pod.name()));
  }
}

void Invariants::check_job(const Change& c) {
  const Job& job = static_cast<const Job&>(*c.object);
  const JobStatus& s = job.status;
  if (s.ready > s.active) fail(fmt::format("J-018: more ready than active in {}", job.name()));
  if (s.active < 0 || s.terminating < -1 || s.failed < 0 || s.succeeded < 0) fail(fmt::format("a negative counter in {}", job.name()));
  if (s.complete() && s.failed_true()) fail(fmt::format("{} is Complete and Failed", job.name()));
  if (s.finished() && (!s.uncounted_failed.empty() || !s.uncounted_succeeded.empty())) fail(fmt::format("{} is finished with uncounted pods", job.name()));
  if (s.complete() && !s.completion_time) fail(fmt::format("J-216: {} is Complete without completionTime", job.name()));
  if (c.type == ChangeType::modified) {
    const JobStatus& before = static_cast<const Job&>(*c.before).status;
    if (s.failed < before.failed || s.succeeded < before.succeeded) fail(fmt::format("a count of {} fell", job.name()));
    if (before.finished() && !(s == before)) fail(fmt::format("the status of the finished {} changed", job.name()));
  }
  if (c.type != ChangeType::added) return;
  const OwnerReference* owner = job.meta.controller();
  if (owner == nullptr) return;
  if (owner->kind == kind_name(Kind::cronjob)) check_forbid(job, *owner);
  if (owner->kind == kind_name(Kind::workflow)) check_workflow_job(job, *owner);
}

/// C-rules: with Forbid no Job is made while another runs.
void Invariants::check_forbid(const Job& made, const OwnerReference& owner) {
  const Object* cron = store_.live(Kind::cronjob, made.ns(), owner.name);
  if (cron == nullptr || cron->uid() != owner.uid || calls_may_be_lost_) return;
  const Json whole = to_json(*cron, sim_.cluster().names());
  if (whole.value(Json::json_pointer("/spec/concurrencyPolicy"), "") != "Forbid") return;
  for (const auto& o : store_.list(Kind::job)) {
    const Job& j = static_cast<const Job&>(*o);
    const OwnerReference* other = j.meta.controller();
    if (j.name() == made.name() || other == nullptr || other->uid != owner.uid || j.meta.deleted || j.status.finished()) continue;
    // Jobs made before the policy was Forbid do not count, but no patch here makes it so.
    fail(fmt::format("Forbid: {} was made while {} runs", made.name(), j.name()));
  }
}

/// A Job of a workflow is made when nothing it waits for can still change.
void Invariants::check_workflow_job(const Job& made, const OwnerReference& owner) {
  const Object* w = store_.live(Kind::workflow, made.ns(), owner.name);
  if (w == nullptr || w->uid() != owner.uid) return;
  const WorkflowPlan plan = workflow_plan(static_cast<const GenericObject&>(*w).body->value->value("spec", Json::object()));
  const std::string* name = made.meta.label(kWorkflowJobLabel);
  for (const PlannedJob& job : plan.jobs) {
    if (name == nullptr || job.name != *name) continue;
    for (const WorkflowDependency& d : job.depends_on) {
      const Job* before = store_.live_job(made.ns(), fmt::format("{}-{}", owner.name, plan.jobs[d.job].name));
      if (before == nullptr || before->meta.controller() == nullptr || before->meta.controller()->uid != owner.uid) continue;
      const bool holds = before->status.finished() && (d.condition == DependencyCondition::always || (d.condition == DependencyCondition::success) == before->status.complete());
      if (!holds) fail(fmt::format("{} was made although {} is not as it should be", made.name(), before->name()));
    }
  }
}

/// The caches and the lists by owner are one and the same set of pods.
void Invariants::check_indexes() {
  std::map<Uid, std::size_t> owned;
  std::map<Symbol, std::size_t> orphans;
  for (const auto& o : store_.cached_list(Kind::pod)) {
    const OwnerReference* owner = o->meta.controller();
    if (owner != nullptr)
      ++owned[owner->uid];
    else
      ++orphans[o->ns()];
    const auto& list = owner != nullptr ? store_.cached_pods_of(owner->uid) : store_.cached_orphans(o->ns());
    if (std::count_if(list.begin(), list.end(), [&](const auto& p) { return p.get() == o.get(); }) != 1) fail(fmt::format("{} is not once in the list of its owner", o->name()));
    if (store_.cached_by_uid(o->uid()) != o.get()) fail(fmt::format("{} is not found by its UID", o->name()));
  }
  for (const auto& [uid, n] : owned)
    if (store_.cached_pods_of(uid).size() != n) fail("a list of an owner's pods holds more than the cache");
  for (const auto& [ns, n] : orphans)
    if (store_.cached_orphans(ns).size() != n) fail("the list of orphans holds more than the cache");
  for (std::size_t k = 0; k < kKindCount; ++k) {
    const auto list = store_.list(static_cast<Kind>(k));
    if (list.size() != store_.count(static_cast<Kind>(k))) fail("a count of objects is wrong");
    for (const auto& o : list)
      if (store_.live(o->kind, o->ns(), o->name(), o->meta.id->other_kind()) != o.get() || store_.live_at(o->meta.id->slot) != o.get())
        fail(fmt::format("{} is not found by its name or slot", o->name()));
  }
}

/// It was told to end, but there is nobody on its node who could say that it has: a real one stays Terminating, too.
bool Invariants::stranded(const Pod& pod) const {
  const Node* node = store_.live_node(sim_.cluster().text(pod.node));
  return pod.meta.deleted && node != nullptr && !condition_true(node->conditions, sym::Ready);
}

/// With a limit per index a failed pod is let go when its successor is made, which parallelism 0 puts off for ever.
/// upstream: pkg/controller/job/indexed_job_utils.go, pods with delayed deletion
bool Invariants::awaits_successor(const Pod& pod) const {
  const OwnerReference* owner = pod.meta.controller();
  const Job* job = owner != nullptr ? store_.live_job(pod.ns(), owner->name) : nullptr;
  return job != nullptr && job->uid() == owner->uid && !job->status.finished() && job->spec->backoff_limit_per_index != kUnset && pod.phase == PodPhase::failed;
}

void Invariants::check_end() {
  now_ = sim_.elapsed();
  check_indexes();
  std::set<Uid> alive;
  for (std::size_t k = 0; k < kKindCount; ++k)
    for (const auto& o : store_.list(static_cast<Kind>(k))) alive.insert(o->uid());
  for (const Kind kind : {Kind::pod, Kind::job, Kind::controllerrevision})
    for (const auto& o : store_.list(kind)) {
      const OwnerReference* owner = o->meta.controller();
      if (owner != nullptr && !alive.contains(owner->uid) && !(kind == Kind::pod && stranded(static_cast<const Pod&>(*o)))) fail(fmt::format("{} {} outlived its owner {}", kind_name(kind), o->name(), owner->name));
    }
  for (const auto& o : store_.list(Kind::pod))
    if (terminal(*o) && o->meta.has_finalizer(sym::job_tracking) && !awaits_successor(static_cast<const Pod&>(*o))) fail(fmt::format("J-205: the finished {} still has its finalizer", o->name()));
  for (const auto& o : store_.list(Kind::workflow)) {
    const Json status = static_cast<const GenericObject&>(*o).body->value->value("status", Json::object());
    if (status.value("waiting", 0) > 0 && status.value("active", 0) == 0 && !o->meta.deleted) fail(fmt::format("the workflow {} waits for nothing", o->name()));
  }
}

}  // namespace orrery::random_world
