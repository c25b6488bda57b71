// Versioned defaults of each kind. Sources: pkg/apis/{core,batch,apps,scheduling}/v1/defaults.go.
#include "orrery/api/defaults.hpp"

#include <limits>

#include "pod_defaults.hpp"
#include "quantity_tree.hpp"
#include "shape.hpp"
#include "support.hpp"

namespace orrery {

namespace {

using namespace validation;

void set_default(json& object, const char* field, json value) {
  if (member(object, field) == nullptr) object[field] = std::move(value);
}

json& child(json& parent, const char* field) {
  json& value = parent[field];
  if (!value.is_object()) value = json::object();
  return value;
}

void round_up(json& resources) {
  if (!resources.is_object()) return;
  for (json& quantity : resources) {
    const std::optional<Quantity> parsed = parse_quantity(quantity);
    if (parsed) quantity = rounded_to_milli(*parsed).to_string();
  }
}

/// Resource lists keep milli units at most.
void round_up_resources(json& spec) {
  const auto round_in = [](json& holder) {
    const auto resources = holder.find("resources");
    if (resources == holder.end() || !resources->is_object()) return;
    for (const char* list_name : {"limits", "requests"}) {
      const auto amounts = resources->find(list_name);
      if (amounts != resources->end()) round_up(*amounts);
    }
  };
  for (const char* field : {"initContainers", "containers", "ephemeralContainers"}) {
    const auto containers = spec.find(field);
    if (containers == spec.end() || !containers->is_array()) continue;
    for (json& container : *containers) {
      if (container.is_object()) round_in(container);
    }
  }
  const auto overhead = spec.find("overhead");
  if (overhead != spec.end()) round_up(*overhead);
  round_in(spec);
}

void default_pod_template(json& pod_template) {
  json& spec = child(pod_template, "spec");
  default_pod_spec(spec);
  round_up_resources(spec);
}

void default_job_spec_within(json& spec) {
  default_pod_template(child(spec, "template"));
  const auto policy = spec.find("podFailurePolicy");
  if (policy == spec.end() || !policy->is_object() || !policy->contains("rules")) return;
  for (json& rule : (*policy)["rules"]) {
    if (!rule.is_object() || !rule.contains("onPodConditions") || !rule["onPodConditions"].is_array()) continue;
    for (json& pattern : rule["onPodConditions"]) {
      if (pattern.is_object() && text(pattern, "status").empty()) pattern["status"] = "True";
    }
  }
}

void default_job(json& job) {
  json& spec = child(job, "spec");
  if (member(spec, "parallelism") == nullptr) {
    set_default(spec, "completions", 1);
    spec["parallelism"] = 1;
  }
  set_default(spec, "backoffLimit", member(spec, "backoffLimitPerIndex") != nullptr ? std::numeric_limits<std::int32_t>::max() : 6);
  const json& template_labels = object(object(object(spec, "template"), "metadata"), "labels");
  if (!template_labels.empty() && object(object(job, "metadata"), "labels").empty()) child(job, "metadata")["labels"] = template_labels;
  set_default(spec, "completionMode", "NonIndexed");
  set_default(spec, "suspend", false);
  set_default(spec, "podReplacementPolicy", member(spec, "podFailurePolicy") != nullptr ? "Failed" : "TerminatingOrFailed");
  set_default(spec, "manualSelector", false);
  default_job_spec_within(spec);
}

void default_cron_job(json& cron_job) {
  json& spec = child(cron_job, "spec");
  if (text(spec, "concurrencyPolicy").empty()) spec["concurrencyPolicy"] = "Allow";
  set_default(spec, "suspend", false);
  set_default(spec, "successfulJobsHistoryLimit", 3);
  set_default(spec, "failedJobsHistoryLimit", 1);
  default_job_spec_within(child(child(spec, "jobTemplate"), "spec"));
}

void default_workflow(json& workflow) {
  json& spec = child(workflow, "spec");
  set_default(spec, "suspend", false);
  const auto jobs = spec.find("jobs");
  if (jobs == spec.end() || !jobs->is_array()) return;
  for (json& job : *jobs) {
    default_job_spec_within(child(child(job, "template"), "spec"));
    const auto depends = job.find("dependsOn");
    if (depends == job.end() || !depends->is_array()) continue;
    // A plain name is short for an object.
    for (json& d : *depends) {
      if (d.is_string()) d = json{{"job", d}};
      if (d.is_object()) set_default(d, "condition", "success");
    }
  }
}

void default_daemon_set(json& daemon_set) {
  json& spec = child(daemon_set, "spec");
  json& strategy = child(spec, "updateStrategy");
  if (text(strategy, "type").empty()) strategy["type"] = "RollingUpdate";
  if (text(strategy, "type") == "RollingUpdate") {
    json& rolling = child(strategy, "rollingUpdate");
    set_default(rolling, "maxUnavailable", 1);
    set_default(rolling, "maxSurge", 0);
  }
  if (member(strategy, "rollingUpdate") != nullptr) {
    // Of another type: the API server's own type has no null here.
    for (const char* field : {"maxUnavailable", "maxSurge"}) set_default(strategy["rollingUpdate"], field, 0);
  }
  set_default(spec, "revisionHistoryLimit", 10);
  default_pod_template(child(spec, "template"));
}

void default_node(json& node) {
  json& status = child(node, "status");
  const json* capacity = member(status, "capacity");
  if (member(status, "allocatable") == nullptr && capacity != nullptr) status["allocatable"] = *capacity;
  for (const char* field : {"capacity", "allocatable"}) {
    if (status.contains(field)) round_up(status[field]);
  }
  // One address range and the list of them are two names of one thing.
  json& spec = child(node, "spec");
  const json& ranges = list(spec, "podCIDRs");
  if (!ranges.empty()) {
    spec["podCIDR"] = json(ranges[0]);
  } else if (!text(spec, "podCIDR").empty()) {
    spec["podCIDRs"] = json::array({text(spec, "podCIDR")});
  }
}

void default_pod(json& pod) {
  json& spec = child(pod, "spec");
  default_pod_only(spec);
  default_pod_spec(spec);
  round_up_resources(spec);
}

}  // namespace

void apply_defaults(std::string_view kind, json& object) {
  if (!is_known_kind(kind)) return;
  object = to_typed(kind, std::move(object));  // from here on every part has its type
  if (kind == "Pod") default_pod(object);
  if (kind == "PodTemplate") default_pod_template(child(object, "template"));
  if (kind == "Job") default_job(object);
  if (kind == "CronJob") default_cron_job(object);
  if (kind == "DaemonSet") default_daemon_set(object);
  if (kind == "Workflow") default_workflow(object);
  if (kind == "Node") default_node(object);
  if (kind == "PriorityClass") set_default(object, "preemptionPolicy", "PreemptLowerPriority");
  object = to_wire(kind, std::move(object));
}

}  // namespace orrery
