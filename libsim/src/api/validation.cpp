// Which rules apply to which kind, in the order in which the API server's registry asks for them.
#include "orrery/api/validation.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "orrery/api/defaults.hpp"
#include "pod_rules.hpp"
#include "shape.hpp"

namespace orrery {

namespace {

using validation::Errors;
using validation::Scope;

struct Kind {
  std::string_view name;
  std::string_view with_group;
  Scope scope;
  validation::CreateRules create;
  validation::UpdateRules update;
  validation::UpdateRules update_status;
};

constexpr std::array<Kind, 11> kKinds = {{
    {"ControllerRevision", "ControllerRevision.apps", Scope::namespaced, validation::check_controller_revision_create,
     validation::check_controller_revision_update, nullptr},
    {"CronJob", "CronJob.batch", Scope::namespaced, validation::check_cron_job_create, validation::check_cron_job_update, nullptr},
    {"DaemonSet", "DaemonSet.apps", Scope::namespaced, validation::check_daemon_set_create, validation::check_daemon_set_update,
     validation::check_daemon_set_status_update},
    {"Job", "Job.batch", Scope::namespaced, validation::check_job_create, validation::check_job_update, validation::check_job_status_update},
    {"Lease", "Lease.coordination.k8s.io", Scope::namespaced, validation::check_lease_create, validation::check_lease_update, nullptr},
    {"Node", "Node", Scope::cluster, validation::check_node_create, validation::check_node_update, nullptr},
    {"Pod", "Pod", Scope::namespaced, validation::check_pod_create, validation::check_pod_update, nullptr},
    {"PodDisruptionBudget", "PodDisruptionBudget.policy", Scope::namespaced, validation::check_disruption_budget_create,
     validation::check_disruption_budget_update, validation::check_disruption_budget_status_update},
    {"PodTemplate", "PodTemplate", Scope::namespaced, validation::check_pod_template_create, validation::check_pod_template_update, nullptr},
    {"PriorityClass", "PriorityClass.scheduling.k8s.io", Scope::cluster, validation::check_priority_class_create,
     validation::check_priority_class_update, nullptr},
    {"Workflow", "Workflow.orrery", Scope::namespaced, validation::check_workflow_create, validation::check_workflow_update, nullptr},
}};

const Kind* find_kind(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace

bool is_known_kind(std::string_view kind) { return find_kind(kind) != nullptr; }

bool is_namespaced_kind(std::string_view kind) {
  const Kind* found = find_kind(kind);
  return found != nullptr && found->scope == Scope::namespaced;
}

std::string_view kind_with_group(std::string_view kind) {
  const Kind* found = find_kind(kind);
  return found == nullptr ? kind : found->with_group;
}

std::vector<FieldError> validate_create(std::string_view kind, const nlohmann::json& object) {
  const Kind* rules = find_kind(kind);
  Errors errors;
  if (rules == nullptr) {
    // Whatever it is, its name is part of a path.
    validation::check_path_names(object, errors);
    return errors.take_unique();
  }
  rules->create(object, errors);
  // The registry's own check comes only after an object passed those of its kind.
  if (errors.empty()) validation::check_common_metadata(object, rules->scope, errors);
  return errors.take_unique();
}

std::vector<FieldError> validate_update(std::string_view kind, const nlohmann::json& new_object, const nlohmann::json& old_object) {
  const Kind* rules = find_kind(kind);
  if (rules == nullptr) return {};
  // The update rules put parts of the one object into the other, so every part has to have its type.
  const nlohmann::json now = validation::to_typed(kind, new_object);
  const nlohmann::json before = validation::to_typed(kind, old_object);
  Errors errors;
  validation::check_common_metadata(now, rules->scope, errors);
  validation::check_metadata_update(now, before, errors);
  rules->update(now, before, errors);
  return errors.take_unique();
}

std::vector<FieldError> validate_status_update(std::string_view kind, const nlohmann::json& new_object,
                                               const nlohmann::json& old_object) {
  const Kind* rules = find_kind(kind);
  if (rules == nullptr) return {};
  Errors errors;
  validation::check_common_metadata(new_object, rules->scope, errors);
  validation::check_metadata_update(new_object, old_object, errors);
  if (rules->update_status != nullptr) rules->update_status(new_object, old_object, errors);
  return errors.take_unique();
}

}  // namespace orrery
