// Objects as JSON text: written field by field, since a trace holds every version of every object.
#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "json_writer.hpp"
#include "orrery/cluster/cron_job.hpp"
#include "orrery/cluster/object_branch.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery {

namespace {

using Writer = JsonWriter;

void write_map(Writer& w, std::string_view key, const StringMap* m) {
  if (m == nullptr || m->items.empty() || !w.wants(key)) return;
  w.key(key);
  w.open();
  for (const auto& [k, v] : m->items) {
    w.comma();
    append_json_string(w.out(), k);
    w.out() += ':';
    append_json_string(w.out(), v);
  }
  w.close();
}

void write_head(Writer& w, std::string_view kind, std::string_view version) {
  w.open();
  w.text("kind", kind);
  w.text("apiVersion", version);
}

void write_meta(Writer& w, const ObjectMeta& m) {
  if (!w.wants("metadata")) return;
  const Identity& id = *m.id;
  w.key("metadata");
  w.open();
  w.text("name", id.name());
  w.text_if("generateName", id.generate_name());
  w.symbol_if("namespace", id.ns);
  w.text("uid", id.uid.text());
  w.text("resourceVersion", fmt::format_int(m.resource_version).c_str());
  if (m.generation != 0) w.number("generation", m.generation);
  w.time("creationTimestamp", id.created);
  w.time_if("deletionTimestamp", m.deleted);
  if (m.deletion_grace != kNoGrace) w.number("deletionGracePeriodSeconds", m.deletion_grace);
  write_map(w, "labels", m.labels().get());
  write_map(w, "annotations", m.annotations().get());
  if (m.owners() && !m.owners()->items.empty() && w.wants("ownerReferences")) {
    w.key("ownerReferences");
    w.open('[');
    for (const auto& o : m.owners()->items) {
      w.comma();
      w.open();
      w.text("apiVersion", o.api_version);
      w.text("kind", o.kind);
      w.text("name", o.name);
      w.text("uid", o.uid.text());
      if (o.controller) w.flag("controller", true);
      if (o.block_owner_deletion) w.flag("blockOwnerDeletion", true);
      w.close();
    }
    w.close(']');
  }
  if (!m.finalizers().empty() && w.wants("finalizers")) {
    w.key("finalizers");
    w.open('[');
    for (Symbol f : m.finalizers()) w.item(w.name(f));
    w.close(']');
  }
  w.close();
}

enum class Probe { omit_unset, always };

void write_conditions(Writer& w, const Conditions& list, std::string_view probe_key, Probe probe) {
  if (list.empty() || !w.wants("conditions")) return;
  w.key("conditions");
  w.open('[');
  for (const auto& c : list) {
    w.comma();
    w.open();
    w.symbol("type", c.type);
    if (c.observed_generation != 0) w.number("observedGeneration", c.observed_generation);
    w.symbol("status", c.status);
    if (probe == Probe::always || c.probe) w.time(probe_key, c.probe);
    w.time("lastTransitionTime", c.transition);
    w.symbol_if("reason", c.reason);
    w.symbol_if("message", c.message);
    w.close();
  }
  w.close(']');
}

void write_terminated(Writer& w, const TerminatedState& t, std::string_view id) {
  w.key("terminated");
  w.open();
  w.number("exitCode", t.exit_code);
  w.symbol_if("reason", t.reason);
  w.symbol_if("message", t.message);
  w.time("startedAt", t.started);
  w.time("finishedAt", t.finished);
  if (t.started) w.text("containerID", id);
  w.close();
}

void write_containers(Writer& w, std::string_view key, const ContainerStatuses& list, const Pod& pod) {
  if (list.empty() || !w.wants(key)) return;
  w.key(key);
  w.open('[');
  for (const auto& c : list) {
    const std::string id = fmt::format("containerd://{}", w.name(c.name));
    w.comma();
    w.open();
    w.symbol("name", c.name);
    w.key("state");
    w.open();
    switch (c.state) {
      case ContainerStatus::State::waiting:
        w.key("waiting");
        w.open();
        w.symbol_if("reason", c.waiting_reason);
        if (c.waiting_reason == sym::CrashLoopBackOff)
          w.text("message", fmt::format("back-off {} restarting failed container={} pod={}_{}({})", format_go_duration(std::chrono::seconds{c.backoff_s}),
                                        w.name(c.name), pod.name(), w.name(pod.ns()), pod.uid().text()));
        else
          w.symbol_if("message", c.waiting_message);
        w.close();
        break;
      case ContainerStatus::State::running:
        w.key("running");
        w.open();
        w.time("startedAt", c.running_since);
        w.close();
        break;
      case ContainerStatus::State::terminated: write_terminated(w, c.terminated, id); break;
    }
    w.close();
    w.key("lastState");
    w.open();
    if (c.has_last) write_terminated(w, c.last, id);
    w.close();
    w.flag("ready", c.ready);
    w.number("restartCount", c.restart_count);
    w.symbol("image", c.image);
    w.text("imageID", "");
    if (c.has_id) w.text("containerID", id);
    w.flag("started", c.started);
    w.close();
  }
  w.close(']');
}

void write_pod_status(Writer& w, const Pod& p) {
  if (!w.wants("status")) return;
  w.key("status");
  w.open();
  if (p.observed_generation() != 0) w.number("observedGeneration", p.observed_generation());
  w.text("phase", phase_name(p.phase));
  write_conditions(w, p.conditions, "lastProbeTime", Probe::always);
  w.symbol_if("message", p.message());
  w.symbol_if("reason", p.reason());
  w.symbol_if("nominatedNodeName", p.nominated_node());
  w.time_if("startTime", p.start_time);
  write_containers(w, "initContainerStatuses", p.init_containers(), p);
  write_containers(w, "containerStatuses", p.containers, p);
  w.text_if("qosClass", p.spec->qos_class);
  w.close();
}

void write_pod(Writer& w, const Pod& p) {
  write_head(w, "Pod", "v1");
  write_meta(w, p.meta);
  if (w.wants("spec")) {
    w.open_from("spec", p.spec->text());
    if (p.node != 0) w.symbol("nodeName", p.node);
    if (const std::string_view hostname = p.meta.id->hostname(); !hostname.empty()) w.text("hostname", hostname);
    w.close();
  }
  write_pod_status(w, p);
  w.close();
}

void write_uids(Writer& w, std::string_view key, const std::vector<Uid>& list) {
  if (list.empty()) return;
  w.key(key);
  w.open('[');
  for (const Uid& u : list) w.item(u.text());
  w.close(']');
}

void write_job_status(Writer& w, const JobStatus& s) {
  if (!w.wants("status")) return;
  w.key("status");
  w.open();
  write_conditions(w, s.conditions, "lastProbeTime", Probe::always);
  w.time_if("startTime", s.start_time);
  w.time_if("completionTime", s.completion_time);
  if (s.active != 0) w.number("active", s.active);
  if (s.succeeded != 0) w.number("succeeded", s.succeeded);
  if (s.failed != 0) w.number("failed", s.failed);
  if (s.terminating >= 0) w.number("terminating", s.terminating);
  w.text_if("completedIndexes", s.completed_indexes);
  if (s.has_failed_indexes) w.text("failedIndexes", s.failed_indexes);
  if (s.has_uncounted && w.wants("uncountedTerminatedPods")) {
    w.key("uncountedTerminatedPods");
    w.open();
    write_uids(w, "succeeded", s.uncounted_succeeded);
    write_uids(w, "failed", s.uncounted_failed);
    w.close();
  }
  if (s.ready >= 0) w.number("ready", s.ready);
  w.close();
}

void write_job(Writer& w, const Job& j) {
  write_head(w, "Job", "batch/v1");
  write_meta(w, j.meta);
  w.raw("spec", j.spec->text(*j.meta.id));
  write_job_status(w, j.status);
  w.close();
}

void write_daemon_set(Writer& w, const DaemonSet& d) {
  write_head(w, "DaemonSet", "apps/v1");
  write_meta(w, d.meta);
  w.raw("spec", d.spec->text());
  const DaemonSetStatus& s = d.status;
  w.key("status");
  w.open();
  w.number("currentNumberScheduled", s.current);
  w.number("numberMisscheduled", s.misscheduled);
  w.number("desiredNumberScheduled", s.desired);
  w.number("numberReady", s.ready);
  if (s.observed_generation != 0) w.number("observedGeneration", s.observed_generation);
  if (s.updated != 0) w.number("updatedNumberScheduled", s.updated);
  if (s.available != 0) w.number("numberAvailable", s.available);
  if (s.unavailable != 0) w.number("numberUnavailable", s.unavailable);
  if (s.collisions >= 0) w.number("collisionCount", s.collisions);
  w.close();
  w.close();
}

void write_revision(Writer& w, const ControllerRevision& r) {
  write_head(w, "ControllerRevision", "apps/v1");
  write_meta(w, r.meta);
  if (r.data->text != "null") w.raw("data", r.data->text);
  w.number("revision", r.revision);
  w.close();
}

void write_cron_job(Writer& w, const CronJob& c) {
  write_head(w, "CronJob", "batch/v1");
  write_meta(w, c.meta);
  if (w.wants("spec")) {
    w.open_from("spec", c.spec->text());
    w.raw("jobTemplate", c.spec->job_template->text());
    w.close();
  }
  const CronJobStatus& s = c.status;
  w.key("status");
  w.open();
  if (!s.active.empty()) {
    w.key("active");
    w.open('[');
    for (const ActiveJob& job : s.active) {
      w.comma();
      w.open();
      w.text("kind", "Job");
      w.symbol("namespace", c.ns());
      w.text("name", job.name);
      w.text("uid", job.uid.text());
      w.text("apiVersion", "batch/v1");
      w.text("resourceVersion", fmt::format_int(job.resource_version).c_str());
      w.close();
    }
    w.close(']');
  }
  w.time_if("lastScheduleTime", s.last_schedule);
  w.time_if("lastSuccessfulTime", s.last_successful);
  w.close();
  w.close();
}

std::string_view without_brace(std::string_view object_text) { return object_text.substr(0, object_text.size() - 1); }

void write_node(Writer& w, const Node& n) {
  write_head(w, "Node", "v1");
  write_meta(w, n.meta);
  w.open_from("spec", without_brace(n.body->spec_text));
  if (!n.taints.empty()) {
    w.key("taints");
    w.open('[');
    for (const Taint& t : n.taints) {
      w.comma();
      w.open();
      w.text("key", t.key);
      w.text_if("value", t.value);
      w.symbol("effect", t.effect);
      w.time_if("timeAdded", t.added);
      w.close();
    }
    w.close(']');
  }
  if (n.unschedulable) w.flag("unschedulable", true);
  w.close();
  w.open_from("status", without_brace(n.body->status_text));
  write_conditions(w, n.conditions, "lastHeartbeatTime", Probe::always);
  w.close();
  w.close();
}

void write_budget(Writer& w, const PodDisruptionBudget& b) {
  write_head(w, "PodDisruptionBudget", "policy/v1");
  write_meta(w, b.meta);
  w.raw("spec", b.spec->text());
  const PodDisruptionBudgetStatus& s = b.status;
  w.key("status");
  w.open();
  if (s.observed_generation != 0) w.number("observedGeneration", s.observed_generation);
  if (!s.disrupted.empty()) {
    w.key("disruptedPods");
    w.open();
    for (const auto& [name, when] : s.disrupted) w.time(name, when);
    w.close();
  }
  w.number("disruptionsAllowed", s.allowed);
  w.number("currentHealthy", s.healthy);
  w.number("desiredHealthy", s.desired);
  w.number("expectedPods", s.expected);
  if (!s.conditions.empty()) {
    w.key("conditions");
    w.open('[');
    for (const Condition& c : s.conditions) {
      w.comma();
      w.open();
      w.symbol("type", c.type);
      w.symbol("status", c.status);
      if (c.observed_generation != 0) w.number("observedGeneration", c.observed_generation);
      w.time("lastTransitionTime", c.transition);
      w.symbol("reason", c.reason);
      w.symbol("message", c.message);
      w.close();
    }
    w.close(']');
  }
  w.close();
  w.close();
}

void write_event(Writer& w, const EventObject& e) {
  write_head(w, "Event", "v1");
  write_meta(w, e.meta);
  w.key("involvedObject");
  w.open();
  w.text("kind", kind_name(e.on->kind));
  w.symbol_if("namespace", e.on->ns);
  w.text("name", e.on->name());
  w.text("uid", e.on->uid.text());
  w.text("apiVersion", api_version(e.on->kind));
  if (e.on_resource_version != 0) w.text("resourceVersion", fmt::format_int(e.on_resource_version).c_str());
  w.text_if("fieldPath", e.field_path);
  w.close();
  w.symbol("reason", e.reason);
  w.text("message", e.message);
  w.key("source");
  w.open();
  w.symbol("component", e.component);
  w.symbol_if("host", e.host);
  w.close();
  w.time("firstTimestamp", e.first);
  w.time("lastTimestamp", e.last);
  w.number("count", e.count);
  w.symbol("type", e.type);
  w.raw("eventTime", "null");
  w.symbol("reportingComponent", e.component);
  w.text("reportingInstance", e.host != 0 ? w.name(e.host) : std::string_view{});
  w.close();
}

void write_lease(Writer& w, const LeaseObject& l) {
  write_head(w, "Lease", "coordination.k8s.io/v1");
  write_meta(w, l.meta);
  w.key("spec");
  w.open();
  w.symbol("holderIdentity", l.holder);
  w.number("leaseDurationSeconds", 40);
  w.text("renewTime", format_rfc3339_micro(l.renewed));
  w.close();
  w.close();
}

void write_generic(Writer& w, const GenericObject& g) {
  write_head(w, g.body->kind, g.body->api_version);
  write_meta(w, g.meta);
  for (const auto& [k, v] : g.body->value->items())
    if (w.wants(k)) w.raw(k, v.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  w.close();
}

void write_object(Writer& w, const Object& object) {
  switch (object.kind) {
    case Kind::pod: return write_pod(w, static_cast<const Pod&>(object));
    case Kind::job: return write_job(w, static_cast<const Job&>(object));
    case Kind::daemonset: return write_daemon_set(w, static_cast<const DaemonSet&>(object));
    case Kind::controllerrevision: return write_revision(w, static_cast<const ControllerRevision&>(object));
    case Kind::cronjob: return write_cron_job(w, static_cast<const CronJob&>(object));
    case Kind::node: return write_node(w, static_cast<const Node&>(object));
    case Kind::poddisruptionbudget: return write_budget(w, static_cast<const PodDisruptionBudget&>(object));
    case Kind::event: return write_event(w, static_cast<const EventObject&>(object));
    case Kind::lease: return write_lease(w, static_cast<const LeaseObject&>(object));
    default: return write_generic(w, static_cast<const GenericObject&>(object));
  }
}
}  // namespace

void append_json(std::string& out, const Object& object, const Interner& names) {
  Writer w(out, names);
  write_object(w, object);
}

nlohmann::json to_json(const Object& object, const Interner& names) {
  std::string text;
  append_json(text, object, names);
  return nlohmann::json::parse(text, nullptr, false);
}

nlohmann::json branch_to_json(const Object& object, const Interner& names, std::span<const std::string> path) {
  std::string text;
  Writer w(text, names, path);
  write_object(w, object);
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace orrery
