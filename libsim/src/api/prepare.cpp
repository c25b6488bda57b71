// What the registry does with an object before it is validated. Sources: pkg/registry/*/*/strategy.go,
// apiserver/pkg/registry/rest/{create,update}.go, plugin/pkg/admission/defaulttolerationseconds.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "kind_rules.hpp"
#include "orrery/api/defaults.hpp"
#include "quantity_tree.hpp"
#include "shape.hpp"
#include "support.hpp"

namespace orrery {

namespace {

using namespace validation;

constexpr const char* kTemplateGeneration = "deprecated.daemonset.template.generation";

json* mutable_member(json& object, const char* field) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(field);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

/// The pod specs inside an object of a kind; null if there is none.
json* pod_spec_of(std::string_view kind, json& object) {
  json* holder = &object;
  const auto descend = [&](std::initializer_list<const char*> path) {
    for (const char* field : path) holder = holder == nullptr ? nullptr : mutable_member(*holder, field);
    return holder;
  };
  if (kind == "Pod") return descend({"spec"});
  if (kind == "PodTemplate") return descend({"template", "spec"});
  if (kind == "Job" || kind == "DaemonSet") return descend({"spec", "template", "spec"});
  if (kind == "CronJob") return descend({"spec", "jobTemplate", "spec", "template", "spec"});
  return nullptr;
}

/// Fields behind feature gates that are off in 1.36 are taken out without a word.
void drop_disabled_fields(json* pod_spec) {
  if (pod_spec == nullptr) return;
  pod_spec->erase("schedulingGroup");
  for (const char* field : {"initContainers", "containers", "ephemeralContainers"}) {
    json* containers = mutable_member(*pod_spec, field);
    if (containers == nullptr) continue;
    for (json& container : *containers) {
      if (json* lifecycle = mutable_member(container, "lifecycle")) lifecycle->erase("stopSignal");
    }
  }
  json* volumes = mutable_member(*pod_spec, "volumes");
  if (volumes == nullptr) return;
  for (json& volume : *volumes) {
    json* projected = mutable_member(volume, "projected");
    json* sources = projected == nullptr ? nullptr : mutable_member(*projected, "sources");
    if (sources == nullptr) continue;
    for (json& source : *sources) {
      source.erase("clusterTrustBundle");
      source.erase("podCertificate");
    }
  }
}

/// J-041. The labels that a Job took over from its template (J-001) are not extended by the generated ones, as in the
/// recorded traces.
void generate_job_selector(json& job) {
  json& spec = job["spec"];
  if (flag(spec, "manualSelector")) return;
  const json& metadata = object(job, "metadata");
  const std::string uid(text(metadata, "uid"));
  const std::string name(text(metadata, "name"));
  json& labels = spec["template"]["metadata"]["labels"];
  if (!labels.is_object()) labels = json::object();
  labels.emplace("job-name", name);
  labels.emplace("batch.kubernetes.io/job-name", name);
  labels.emplace("controller-uid", uid);
  labels.emplace("batch.kubernetes.io/controller-uid", uid);
  json& match_labels = spec["selector"]["matchLabels"];
  if (!match_labels.is_object()) match_labels = json::object();
  match_labels.emplace("batch.kubernetes.io/controller-uid", uid);
}

/// P-012: unless the pod says something about them, it stays five minutes on a node that is lost.
void add_default_tolerations(json& spec) {
  json tolerations = list(spec, "tolerations");
  for (const char* key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool tolerated = false;
    for (const json& toleration : list(spec, "tolerations")) {
      const std::string_view own = text(toleration, "key");
      const std::string_view effect = text(toleration, "effect");
      tolerated = tolerated || ((own.empty() || own == key) && (effect.empty() || effect == "NoExecute"));
    }
    if (!tolerated) tolerations.push_back({{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
  }
  spec["tolerations"] = std::move(tolerations);
}

/// The values of the pod's own labels that a selector is to be narrowed by.
void merge_label_keys(json& term, const json& labels) {
  json* selector = mutable_member(term, "labelSelector");
  if (selector == nullptr) return;
  for (const auto& [field, op] : {std::pair{"matchLabelKeys", "In"}, std::pair{"mismatchLabelKeys", "NotIn"}}) {
    for (const json& key : list(term, field)) {
      const json* value = member(labels, std::string(text(key)));
      if (value == nullptr) continue;
      json& expressions = (*selector)["matchExpressions"];
      if (!expressions.is_array()) expressions = json::array();
      expressions.push_back({{"key", key}, {"operator", op}, {"values", json::array({*value})}});
    }
  }
}

void merge_all_label_keys(json& spec, const json& labels) {
  if (json* affinity = mutable_member(spec, "affinity")) {
    for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
      json* pods = mutable_member(*affinity, kind);
      if (pods == nullptr) continue;
      if (json* terms = mutable_member(*pods, "preferredDuringSchedulingIgnoredDuringExecution")) {
        for (json& term : *terms) merge_label_keys(term["podAffinityTerm"], labels);
      }
      if (json* terms = mutable_member(*pods, "requiredDuringSchedulingIgnoredDuringExecution")) {
        for (json& term : *terms) merge_label_keys(term, labels);
      }
    }
  }
  if (json* constraints = mutable_member(spec, "topologySpreadConstraints")) {
    for (json& constraint : *constraints) merge_label_keys(constraint, labels);
  }
}

void prepare_pod(json& pod, std::string_view now) {
  json& spec = pod["spec"];
  add_default_tolerations(spec);
  json status = {{"phase", "Pending"}, {"qosClass", pod_qos_class(spec)}};
  if (!list(spec, "schedulingGates").empty()) {
    json condition = {{"type", "PodScheduled"},
                      {"status", "False"},
                      {"reason", "SchedulingGated"},
                      {"message", "Scheduling is blocked due to non-empty scheduling gates"}};
    if (!now.empty()) condition["lastTransitionTime"] = now;
    status["conditions"] = json::array({std::move(condition)});
  }
  pod["status"] = std::move(status);
  merge_all_label_keys(spec, object(object(pod, "metadata"), "labels"));
}

/// The template generation of a DaemonSet travels in an annotation.
std::int64_t template_generation(const json& daemon_set) {
  const std::string_view value = text(object(object(daemon_set, "metadata"), "annotations"), kTemplateGeneration);
  return parse_go_int(value).value_or(0);
}

void set_template_generation(json& daemon_set, std::int64_t generation) {
  json& annotations = daemon_set["metadata"]["annotations"];
  if (!annotations.is_object()) annotations = json::object();
  annotations[kTemplateGeneration] = std::to_string(generation);
}

void keep(json& target, const json& source, const char* field) {
  const json* value = member(source, field);
  if (value == nullptr) {
    target.erase(field);
  } else {
    target[field] = *value;
  }
}

/// What an update cannot change, whatever it says.
void keep_system_metadata(json& new_object, const json& old_object) {
  json& now = new_object["metadata"];
  const json& before = object(old_object, "metadata");
  keep(now, before, "generation");
  for (const char* field : {"uid", "resourceVersion", "deletionGracePeriodSeconds"}) {
    if (member(now, field) == nullptr) keep(now, before, field);
  }
  for (const char* field : {"creationTimestamp", "deletionTimestamp"}) {
    if (member(before, field) != nullptr) keep(now, before, field);
  }
}

void bump_generation(json& object_tree, const json& old_object) {
  object_tree["metadata"]["generation"] = number(object(old_object, "metadata"), "generation") + 1;
}

void bump_if_changed(json& new_object, const json& old_object, const char* field, std::string_view type) {
  if (!semantically_equal(type, member(new_object, field), member(old_object, field))) bump_generation(new_object, old_object);
}

/// Saturates: a sum beyond int64 is as unbounded as any.
void add_up(std::int64_t& sum, std::int64_t value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  sum = value > kMax - sum ? kMax : sum + value;
}

bool has_generation(std::string_view kind) { return kind != "Node" && kind != "ControllerRevision" && kind != "Lease"; }

}  // namespace

std::string_view pod_qos_class(const json& pod_spec) {
  // Sums in thousandths, which is all that resource lists keep.
  std::map<std::string, std::int64_t> requests;
  std::map<std::string, std::int64_t> limits;
  bool guaranteed = true;
  const auto add = [&](const json& resources, bool limits_of_all) {
    std::size_t limited = 0;
    for (const char* name : {"cpu", "memory"}) {
      const json* request = member(object(resources, "requests"), name);
      if (request != nullptr && quantity_of(*request).sign() > 0) add_up(requests[name], quantity_of(*request).milli_value());
      const json* limit = member(object(resources, "limits"), name);
      if (limit == nullptr || quantity_of(*limit).sign() <= 0) continue;
      add_up(limits[name], quantity_of(*limit).milli_value());
      ++limited;
    }
    if (limited < 2 && limits_of_all) guaranteed = false;
  };
  if (const json* resources = member(pod_spec, "resources")) {
    add(*resources, !object(*resources, "limits").empty());
  } else {
    for (const char* field : {"containers", "initContainers"}) {
      for (const json& container : list(pod_spec, field)) add(object(container, "resources"), true);
    }
  }
  if (requests.empty() && limits.empty()) return "BestEffort";
  return guaranteed && requests == limits ? "Guaranteed" : "Burstable";
}

void prepare_for_create(std::string_view kind, json& object_tree, const CreateContext& context) {
  if (!is_known_kind(kind)) return;
  apply_defaults(kind, object_tree);
  drop_disabled_fields(pod_spec_of(kind, object_tree));
  json& metadata = object_tree["metadata"];
  for (const char* field : {"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"}) metadata.erase(field);
  if (is_namespaced_kind(kind) && text(metadata, "namespace").empty()) metadata["namespace"] = context.default_namespace;
  if (!context.uid.empty()) metadata["uid"] = context.uid;
  if (!context.now.empty()) metadata["creationTimestamp"] = context.now;
  if (has_generation(kind)) metadata["generation"] = 1;
  if (kind != "Node") object_tree.erase("status");
  if (kind == "Job") generate_job_selector(object_tree);
  if (kind == "Pod") prepare_pod(object_tree, context.now);
  if (kind == "DaemonSet") set_template_generation(object_tree, std::max<std::int64_t>(1, template_generation(object_tree)));
  if (kind == "Node") object_tree["spec"].erase("configSource");
  object_tree = to_wire(kind, std::move(object_tree));
}

void prepare_for_update(std::string_view kind, json& new_object, const json& old_object) {
  if (!is_known_kind(kind)) return;
  apply_defaults(kind, new_object);
  drop_disabled_fields(pod_spec_of(kind, new_object));
  keep_system_metadata(new_object, old_object);
  if (is_namespaced_kind(kind) && text(new_object["metadata"], "namespace").empty()) {
    keep(new_object["metadata"], object(old_object, "metadata"), "namespace");
  }
  keep(new_object, old_object, "status");
  if (kind == "Job") bump_if_changed(new_object, old_object, "spec", "JobSpec");
  if (kind == "Workflow") bump_if_changed(new_object, old_object, "spec", "WorkflowSpec");
  if (kind == "CronJob") bump_if_changed(new_object, old_object, "spec", "CronJobSpec");
  if (kind == "PodDisruptionBudget") bump_if_changed(new_object, old_object, "spec", "PodDisruptionBudgetSpec");
  if (kind == "PodTemplate") bump_if_changed(new_object, old_object, "template", "PodTemplateSpec");
  if (kind == "Pod") bump_if_changed(new_object, old_object, "spec", "PodSpec");
  if (kind == "DaemonSet") {
    bump_if_changed(new_object, old_object, "spec", "DaemonSetSpec");
    const bool new_template = !semantically_equal("PodTemplateSpec", &object(object(new_object, "spec"), "template"),
                                                  &object(object(old_object, "spec"), "template"));
    set_template_generation(new_object, template_generation(old_object) + (new_template ? 1 : 0));
  }
  new_object = to_wire(kind, std::move(new_object));
}

void prepare_for_status_update(std::string_view kind, json& new_object, const json& old_object) {
  if (!is_known_kind(kind)) return;
  apply_defaults(kind, new_object);
  keep(new_object, old_object, kind == "PodTemplate" ? "template" : "spec");
  keep_system_metadata(new_object, old_object);
  json& metadata = new_object["metadata"];
  if (kind == "Pod") {
    keep(metadata, object(old_object, "metadata"), "ownerReferences");
    json& status = new_object["status"];
    if (text(status, "qosClass").empty()) keep(status, object(old_object, "status"), "qosClass");
  }
  if (kind == "DaemonSet") set_template_generation(new_object, template_generation(old_object));
  new_object = to_wire(kind, std::move(new_object));
}

}  // namespace orrery
