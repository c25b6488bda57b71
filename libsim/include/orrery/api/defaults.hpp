#pragma once
// What the API server writes into an object before it is validated and stored: defaults of the API version, the
// normal form of its JSON, and what the registry sets or clears on create and update.
// Works on JSON trees whose field types were already checked. All functions may be applied again to their own result.
// Source: Kubernetes 1.36, pkg/apis/*/v1/defaults.go, pkg/registry/*/*/strategy.go.
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace orrery {

/// Kinds with defaults and rules here: Pod, PodTemplate, Job, CronJob, DaemonSet, ControllerRevision, Node,
/// PodDisruptionBudget, Lease, PriorityClass. Every function below leaves other kinds as they are.
bool is_known_kind(std::string_view kind);

/// False for Node and PriorityClass (and for unknown kinds).
bool is_namespaced_kind(std::string_view kind);

/// Fills in the versioned defaults (J-001, J-002, C-002, D-010, P-010, P-011) and brings the tree into the form in
/// which the API server writes it: quantities canonical, empty optional fields left out, obligatory ones present
/// (`resources: {}`, `status: {}`), unknown fields dropped.
void apply_defaults(std::string_view kind, nlohmann::json& object);

struct CreateContext {
  std::string_view uid;                            ///< metadata.uid of the object to be; empty: keep what is there
  std::string_view now;                            ///< RFC 3339, whole seconds; empty: no timestamps are set
  std::string_view default_namespace = "default";  ///< of namespaced objects that name none
};

/// apply_defaults, the Pod admission plugin DefaultTolerationSeconds (P-012), then what the registry does on create:
/// status cleared, generation 1, the generated selector and labels of a Job (J-041), phase and QoS class of a Pod.
/// Names are not generated here: metadata.name has to be set first where generateName is used (a Job's labels carry it).
void prepare_for_create(std::string_view kind, nlohmann::json& object, const CreateContext& context);

/// apply_defaults, then what the registry does on update: status, uid and timestamps stay those of `old_object`,
/// the generation grows by one iff the spec differs. A missing resourceVersion means an unconditional update.
void prepare_for_update(std::string_view kind, nlohmann::json& new_object, const nlohmann::json& old_object);

/// The same for a write to the status subresource: the spec stays, the generation too.
void prepare_for_status_update(std::string_view kind, nlohmann::json& new_object, const nlohmann::json& old_object);

/// Guaranteed, Burstable or BestEffort, from the resources of the containers or of the pod.
std::string_view pod_qos_class(const nlohmann::json& pod_spec);

}  // namespace orrery
