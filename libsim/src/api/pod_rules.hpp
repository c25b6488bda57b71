#pragma once
// The rules about pods, split over volume_rules, container_rules, env_rules, resource_rules, security_rules, scheduling_rules,
// pod_rules and pod_update_rules. Feature gates have their 1.36 defaults.
// DEVIATION: privileged containers are allowed, as on the clusters of kubeadm and all vendors (--allow-privileged).
// Source: pkg/apis/core/validation/validation.go.
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "support.hpp"

namespace orrery::validation {

struct PodContext {
  bool is_pod = false;             ///< a Pod rather than a template
  const json* metadata = nullptr;  ///< of the pod; null for a template
};

/// What the container rules need to know of the pod around them.
struct ContainerContext {
  std::map<std::string_view, const json*> volumes;  ///< the valid ones, by name
  std::set<std::string_view> claims;
  std::optional<std::int64_t> grace_period;
  std::string_view restart_policy;
  bool host_users = true;
};

using ContainerVisitor = std::function<void(const json& container, const Path& path)>;

void check_pod_create(const json& pod, Errors& errors);
void check_pod_update(const json& new_pod, const json& old_pod, Errors& errors);
void check_pod_template_spec(const Path& path, const json& pod_template, Errors& errors);
void check_pod_metadata_and_spec(const json& pod, Errors& errors);
void check_pod_annotations(const Path& path, const json& annotations, const json& spec, Errors& errors);
void check_pod_spec(const Path& path, const json& spec, const PodContext& context, Errors& errors);
void visit_containers(const json& spec, const Path& path, const ContainerVisitor& visitor);

std::map<std::string_view, const json*> check_volumes(const Path& path, const json& volumes, const PodContext& context, Errors& errors);
void check_local_descending_path(const Path& path, std::string_view target, Errors& errors);
void check_no_backsteps(const Path& path, std::string_view target, Errors& errors);

void check_containers(const Path& path, const json& containers, const ContainerContext& context, Errors& errors);
void check_init_containers(const Path& path, const json& spec, const ContainerContext& context, Errors& errors);
void check_ephemeral_containers(const Path& path, const json& spec, const ContainerContext& context, Errors& errors);
void check_env(const Path& path, const json& variables, Errors& errors);
void check_env_from(const Path& path, const json& sources, Errors& errors);
void check_field_reference(const Path& path, const json& reference, const std::vector<std::string_view>& supported, Errors& errors);
void check_resource_field_reference(const Path& path, const json& reference, bool in_volume, Errors& errors);
void check_pull_policy(const Path& path, std::string_view policy, Errors& errors);

void check_container_resources(const Path& path, const json& resources, const std::set<std::string_view>& claims, Errors& errors);
void check_pod_resources(const Path& path, const json& spec, const std::set<std::string_view>& claims, Errors& errors);
void check_resource_quantity(const Path& path, std::string_view resource, const json& quantity, Errors& errors);

void check_pod_security(const Path& path, const json& spec, Errors& errors);
void check_container_security(const Path& path, const json* security, bool host_users, Errors& errors);
void check_host_processes(const Path& path, const json& spec, Errors& errors);
void check_operating_system(const Path& path, const json& spec, Errors& errors);
void check_seccomp_annotations(const Path& path, const json& annotations, const json& spec, Errors& errors);
void check_app_armor_annotations(const Path& path, const json& annotations, const json& spec, Errors& errors);

void check_affinity(const Path& path, const json* affinity, Errors& errors);
void check_tolerations(const Path& path, const json& tolerations, Errors& errors);
void check_taint_effect(const Path& path, std::string_view effect, Errors& errors);
void check_topology_spread(const Path& path, const json& constraints, Errors& errors);

}  // namespace orrery::validation
