// The pod as a whole: its spec and its annotations.
#include "pod_rules.hpp"

#include <fmt/format.h>

#include <limits>

#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

bool has_prefix(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }

void check_resource_claims(const Path& path, const json& claims, const PodContext& context, Errors& errors) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (context.metadata != nullptr && member(object(*context.metadata, "annotations"), "kubernetes.io/config.mirror") != nullptr) {
      errors.forbidden(Path(""), "static pods do not support resource claims");
      continue;
    }
    const Path own = path.index(i);
    const std::string_view name = text(claims[i], "name");
    if (name.empty()) {
      errors.required(own.child("name"));
    } else if (names.count(name) > 0) {
      errors.duplicate(own.child("name"), go_quoted(name));
    } else {
      errors.invalid_each(own.child("name"), name, dns1123_label(name));
      names.insert(name);
    }
    const json* claim = member(claims[i], "resourceClaimName");
    const json* claim_template = member(claims[i], "resourceClaimTemplateName");
    if (claim != nullptr && claim_template != nullptr) {
      errors.invalid(own, internal_text("PodResourceClaim", &claims[i]),
                     "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    }
    if (claim == nullptr && claim_template == nullptr) {
      errors.invalid(own, internal_text("PodResourceClaim", &claims[i]),
                     "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    }
    if (claim != nullptr) errors.invalid_each(own.child("resourceClaimName"), text(*claim), dns1123_subdomain(text(*claim)));
    if (claim_template != nullptr) {
      errors.invalid_each(own.child("resourceClaimTemplateName"), text(*claim_template), dns1123_subdomain(text(*claim_template)));
    }
  }
}

void check_host_network_ports(const Path& path, const json& spec, const PodContext& context, Errors& errors) {
  if (!flag(spec, "hostNetwork")) return;
  const Path containers_path = path.child("containers");
  const json& containers = list(spec, "containers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const json& ports = list(containers[i], "ports");
    const Path ports_path = containers_path.index(i, "ports");
    for (std::size_t k = 0; k < ports.size(); ++k) {
      const std::int64_t host = number(ports[k], "hostPort");
      if ((!context.is_pod && host == 0) || host == number(ports[k], "containerPort")) continue;
      errors.invalid(ports_path.index(k, "hostPort"), fmt::format("{}", host), "must match `containerPort` when `hostNetwork` is true");
    }
  }
}

void check_dns(const Path& path, const json& spec, Errors& errors) {
  const json* config = member(spec, "dnsConfig");
  if (text(spec, "dnsPolicy") == "None") {
    if (config == nullptr) {
      errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
      return;
    }
    if (list(*config, "nameservers").empty()) {
      errors.required(path.child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
      return;
    }
  }
  if (config == nullptr) return;
  const json& servers = list(*config, "nameservers");
  const Path servers_path = path.child("nameservers");
  if (servers.size() > 3) errors.invalid(servers_path, go_json(servers), "must not have more than 3 nameservers");
  for (std::size_t i = 0; i < servers.size(); ++i) check_ip(servers_path.index(i), text(servers[i]), errors);
  const json& searches = list(*config, "searches");
  const Path searches_path = path.child("searches");
  if (searches.size() > 32) errors.invalid(searches_path, go_json(searches), "must not have more than 32 search paths");
  std::size_t characters = searches.empty() ? 0 : searches.size() - 1;
  for (const json& search : searches) characters += text(search).size();
  if (characters > 2048) {
    errors.invalid(searches_path, go_json(searches), "must not have more than 2048 characters (including spaces) in the search list");
  }
  for (std::size_t i = 0; i < searches.size(); ++i) {
    std::string_view search = text(searches[i]);
    if (search == ".") continue;
    if (!search.empty() && search.back() == '.') search.remove_suffix(1);
    errors.invalid_each(searches_path.index(i), search, dns1123_subdomain_with_underscore(search));
  }
  const json& options = list(*config, "options");
  const Path options_path = path.child("options");
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (text(options[i], "name").empty()) errors.required(options_path.index(i), "must not be empty");
  }
}

void check_gates(const Path& path, const json& spec, Errors& errors) {
  const json& readiness = list(spec, "readinessGates");
  const Path readiness_path = path.child("readinessGates");
  for (std::size_t i = 0; i < readiness.size(); ++i) {
    const std::string_view type = text(readiness[i], "conditionType");
    errors.invalid_each(readiness_path.index(i, "conditionType"), type, label_key(type));
  }
  const json& gates = list(spec, "schedulingGates");
  const Path gates_path = path.child("schedulingGates");
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const std::string_view name = text(gates[i], "name");
    errors.invalid_each(gates_path.index(i), name, label_key(name));
    if (!seen.insert(name).second) errors.duplicate(gates_path.index(i), go_quoted(name));
  }
}

void check_host_users(const Path& path, const json& spec, Errors& errors) {
  const json* users = member(spec, "hostUsers");
  if (users == nullptr || flag(spec, "hostUsers")) return;
  constexpr std::string_view kWhy = "when `hostUsers` is false";
  if (flag(spec, "hostNetwork")) errors.forbidden(path.child("hostNetwork"), kWhy);
  if (flag(spec, "hostPID")) errors.forbidden(path.child("HostPID"), kWhy);
  if (flag(spec, "hostIPC")) errors.forbidden(path.child("HostIPC"), kWhy);
  visit_containers(spec, path, [&](const json& container, const Path& container_path) {
    if (!list(container, "volumeDevices").empty()) errors.forbidden(container_path.child("volumeDevices"), kWhy);
  });
}

void check_hostname_override(const Path& path, const json& spec, Errors& errors) {
  const json* name = member(spec, "hostnameOverride");
  if (name == nullptr) return;
  const Path own = path.child("hostnameOverride");
  if (flag(spec, "setHostnameAsFQDN")) errors.forbidden(own, "may not be specified when setHostnameAsFQDN is true");
  if (flag(spec, "hostNetwork")) errors.forbidden(own, "may not be specified when hostNetwork is true");
  if (text(*name).size() > 64) errors.too_long(own, 64);
  errors.invalid_each(own, text(*name), dns1123_subdomain(text(*name)));
}

void check_optional_name(const Path& path, const json& spec, const char* field, Messages (*rule)(std::string_view), Errors& errors) {
  const std::string_view name = text(spec, field);
  if (!name.empty()) errors.invalid_each(path.child(field), name, rule(name));
}

void check_identity(const Path& path, const json& spec, Errors& errors) {
  check_optional_name(path, spec, "serviceAccountName", dns1123_subdomain, errors);
  check_optional_name(path, spec, "nodeName", dns1123_subdomain, errors);
  if (const json* deadline = member(spec, "activeDeadlineSeconds")) {
    const std::int64_t value = number(*deadline);
    for (const std::string& message : in_range(value, 1, std::numeric_limits<std::int32_t>::max())) {
      errors.invalid(path.child("activeDeadlineSeconds"), fmt::format("{}", value), message);
    }
  }
  check_optional_name(path, spec, "hostname", dns1123_label, errors);
  check_optional_name(path, spec, "subdomain", dns1123_label, errors);
  check_tolerations(path.child("tolerations"), list(spec, "tolerations"), errors);
  const json& aliases = list(spec, "hostAliases");
  const Path aliases_path = path.child("hostAliases");
  for (std::size_t i = 0; i < aliases.size(); ++i) {
    check_ip(aliases_path.index(i, "ip"), text(aliases[i], "ip"), errors);
    const json& names = list(aliases[i], "hostnames");
    const Path names_path = aliases_path.index(i, "hostnames");
    for (std::size_t k = 0; k < names.size(); ++k) errors.invalid_each(names_path.index(k), text(names[k]), dns1123_subdomain(text(names[k])));
  }
  check_optional_name(path, spec, "priorityClassName", dns1123_subdomain, errors);
  if (const json* runtime = member(spec, "runtimeClassName")) {
    errors.invalid_each(path.child("runtimeClassName"), text(*runtime), dns1123_subdomain(text(*runtime)));
  }
  if (const json* policy = member(spec, "preemptionPolicy")) {
    const std::string_view value = text(*policy);
    if (value.empty()) {
      errors.required(path.child("preemptionPolicy"));
    } else if (value != "PreemptLowerPriority" && value != "Never") {
      errors.not_supported(path.child("preemptionPolicy"), json_quoted(value), {"PreemptLowerPriority", "Never"});
    }
  }
}

void check_file_key_volumes(const Path& path, const json& spec, Errors& errors) {
  std::map<std::string_view, const json*> volumes;
  for (const json& volume : list(spec, "volumes")) volumes[text(volume, "name")] = &volume;
  visit_containers(spec, path, [&](const json& container, const Path& container_path) {
    const json& variables = list(container, "env");
    const Path env_path = container_path.child("env");
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const json* reference = member(object(variables[i], "valueFrom"), "fileKeyRef");
      if (reference == nullptr) continue;
      const std::string_view name = text(*reference, "volumeName");
      const Path own = env_path.index(i, "valueFrom.fileKeyRef.volumeName");
      const auto volume = volumes.find(name);
      if (volume == volumes.end()) {
        errors.not_found(own, name);
      } else if (member(*volume->second, "emptyDir") == nullptr) {
        errors.invalid(own, go_quoted(name), "referenced volume must be of type emptyDir");
      }
    }
  });
}

void check_old_seccomp_profile(const Path& path, std::string_view profile, Errors& errors) {
  if (profile == "runtime/default" || profile == "docker/default" || profile == "unconfined") return;
  constexpr std::string_view kLocal = "localhost/";
  if (has_prefix(profile, kLocal)) {
    check_local_descending_path(path, profile.substr(kLocal.size()), errors);
  } else {
    errors.invalid(path, go_quoted(profile), "must be a valid seccomp profile");
  }
}

bool is_deletion_cost(std::string_view value) {
  const bool negative = !value.empty() && value.front() == '-';
  std::string_view digits = negative ? value.substr(1) : value;
  if (digits.empty() || digits.size() > 10 || (digits.size() > 1 && digits.front() == '0') || (negative && digits.front() == '0')) return false;
  std::int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  return number <= std::int64_t{std::numeric_limits<std::int32_t>::max()} + (negative ? 1 : 0);
}

bool has_container(const json& spec, std::string_view name) {
  bool found = false;
  visit_containers(spec, Path("spec"), [&](const json& container, const Path&) { found = found || text(container, "name") == name; });
  return found;
}

void check_images(const Path& path, const json& containers, Errors& errors) {
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const std::string_view image = text(containers[i], "image");
    const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    if (!image.empty() && (is_blank(image.front()) || is_blank(image.back()))) {
      errors.invalid(path.index(i, "image"), go_quoted(image), "must not have leading or trailing whitespace");
    }
  }
}

}  // namespace

void visit_containers(const json& spec, const Path& path, const ContainerVisitor& visitor) {
  for (const char* field : {"initContainers", "containers", "ephemeralContainers"}) {
    const json& containers = list(spec, field);
    const Path own = path.child(field);
    for (std::size_t i = 0; i < containers.size(); ++i) visitor(containers[i], own.index(i));
  }
}

void check_pod_annotations(const Path& path, const json& annotations, const json& spec, Errors& errors) {
  constexpr std::string_view kMirror = "kubernetes.io/config.mirror";
  constexpr std::string_view kCost = "controller.kubernetes.io/pod-deletion-cost";
  constexpr std::string_view kSeccomp = "container.seccomp.security.alpha.kubernetes.io/";
  constexpr std::string_view kAppArmor = "container.apparmor.security.beta.kubernetes.io/";
  const json* mirror = member(annotations, kMirror.data());
  if (mirror != nullptr && text(spec, "nodeName").empty()) {
    errors.invalid(path.key(kMirror), go_quoted(text(*mirror)), "must set spec.nodeName if mirror pod annotation is set");
  }
  const json* cost = member(annotations, kCost.data());
  if (cost != nullptr && !is_deletion_cost(text(*cost))) {
    errors.invalid(path.key(kCost), go_quoted(text(*cost)), "must be a 32bit integer");
  }
  constexpr std::string_view kPodSeccomp = "seccomp.security.alpha.kubernetes.io/pod";
  if (const json* profile = member(annotations, kPodSeccomp.data())) {
    check_old_seccomp_profile(path.child(kPodSeccomp), text(*profile), errors);
  }
  for (auto it = annotations.begin(); it != annotations.end(); ++it) {
    if (has_prefix(it.key(), kSeccomp)) check_old_seccomp_profile(path.child(it.key()), text(*it), errors);
  }
  for (auto it = annotations.begin(); it != annotations.end(); ++it) {
    if (!has_prefix(it.key(), kAppArmor)) continue;
    const std::string_view container = std::string_view(it.key()).substr(kAppArmor.size());
    if (!has_container(spec, container)) errors.invalid(path.key(it.key()), go_quoted(container), "container not found");
    const std::string_view profile = text(*it);
    if (!profile.empty() && profile != "runtime/default" && profile != "unconfined" && !has_prefix(profile, "localhost/")) {
      errors.invalid(path.key(it.key()), go_quoted(profile), fmt::format("invalid AppArmor profile name: {}", go_quoted(profile)));
    }
  }
}

void check_pod_spec(const Path& path, const json& spec, const PodContext& context, Errors& errors) {
  ContainerContext around;
  if (const json* grace_period = member(spec, "terminationGracePeriodSeconds")) {
    around.grace_period = number(*grace_period);
  } else {
    errors.required(path.child("terminationGracePeriodSeconds"));
  }
  around.host_users = member(spec, "hostUsers") == nullptr || flag(spec, "hostUsers");
  around.restart_policy = text(spec, "restartPolicy");
  around.volumes = check_volumes(path.child("volumes"), list(spec, "volumes"), context, errors);
  for (const json& claim : list(spec, "resourceClaims")) {
    if (!text(claim, "name").empty()) around.claims.insert(text(claim, "name"));
  }
  check_resource_claims(path.child("resourceClaims"), list(spec, "resourceClaims"), context, errors);
  check_containers(path.child("containers"), list(spec, "containers"), around, errors);
  check_init_containers(path.child("initContainers"), spec, around, errors);
  check_ephemeral_containers(path.child("ephemeralContainers"), spec, around, errors);
  check_pod_resources(path, spec, around.claims, errors);
  check_host_network_ports(path, spec, context, errors);
  if (around.restart_policy.empty()) {
    errors.required(path.child("restartPolicy"));
  } else if (around.restart_policy != "Always" && around.restart_policy != "OnFailure" && around.restart_policy != "Never") {
    errors.not_supported(path.child("restartPolicy"), json_quoted(around.restart_policy), {"Always", "OnFailure", "Never"});
  }
  const std::string_view dns = text(spec, "dnsPolicy");
  if (dns.empty()) {
    errors.required(path.child("dnsPolicy"));
  } else if (dns != "ClusterFirstWithHostNet" && dns != "ClusterFirst" && dns != "Default" && dns != "None") {
    errors.not_supported(path.child("dnsPolicy"), json_quoted(dns), {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  }
  check_labels(path.child("nodeSelector"), object(spec, "nodeSelector"), errors);
  check_pod_security(path.child("securityContext"), spec, errors);
  check_affinity(path.child("affinity"), member(spec, "affinity"), errors);
  check_dns(path.child("dnsConfig"), spec, errors);
  check_gates(path, spec, errors);
  check_topology_spread(path.child("topologySpreadConstraints"), list(spec, "topologySpreadConstraints"), errors);
  check_host_processes(path, spec, errors);
  check_host_users(path, spec, errors);
  check_hostname_override(path, spec, errors);
  check_identity(path, spec, errors);
  if (const json* overhead = member(spec, "overhead")) {
    check_container_resources(path.child("overhead"), json{{"limits", *overhead}}, {}, errors);
  }
  check_operating_system(path, spec, errors);
  check_file_key_volumes(path, spec, errors);
}

void check_pod_metadata_and_spec(const json& pod, Errors& errors) {
  const json& metadata = object(pod, "metadata");
  const json& spec = object(pod, "spec");
  const Path metadata_path("metadata");
  const Path spec_path("spec");
  check_metadata(pod, Scope::namespaced, errors);
  check_pod_annotations(metadata_path.child("annotations"), object(metadata, "annotations"), spec, errors);
  check_pod_spec(spec_path, spec, {true, &metadata}, errors);
  if (text(spec, "serviceAccountName").empty()) {
    const json& volumes = list(spec, "volumes");
    const Path volumes_path = spec_path.child("volumes");
    for (std::size_t i = 0; i < volumes.size(); ++i) {
      const json& sources = list(object(volumes[i], "projected"), "sources");
      const Path sources_path = volumes_path.index(i, "projected.sources");
      for (std::size_t k = 0; k < sources.size(); ++k) {
        if (member(sources[k], "serviceAccountToken") == nullptr) continue;
        errors.forbidden(sources_path.index(k, "serviceAccountToken"), "must not be specified when serviceAccountName is not set");
      }
    }
  }
  check_images(spec_path.child("containers"), list(spec, "containers"), errors);
  check_images(spec_path.child("initContainers"), list(spec, "initContainers"), errors);
}

void check_pod_create(const json& pod, Errors& errors) {
  check_pod_metadata_and_spec(pod, errors);
  const Path path("spec");
  const json& spec = object(pod, "spec");
  if (!list(spec, "ephemeralContainers").empty()) errors.forbidden(path.child("ephemeralContainers"), "cannot be set on create");
  if (!text(spec, "nodeName").empty() && !list(spec, "schedulingGates").empty()) {
    errors.forbidden(path.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
  }
  const json& annotations = object(object(pod, "metadata"), "annotations");
  check_seccomp_annotations(path, annotations, spec, errors);
  check_app_armor_annotations(path, annotations, spec, errors);
}

void check_pod_template_spec(const Path& path, const json& pod_template, Errors& errors) {
  const json& metadata = object(pod_template, "metadata");
  const json& annotations = object(metadata, "annotations");
  const json& spec = object(pod_template, "spec");
  const Path spec_path = path.child("spec");
  check_labels(path.child("labels"), object(metadata, "labels"), errors);
  check_annotations(path.child("annotations"), annotations, errors);
  check_pod_annotations(path.child("annotations"), annotations, spec, errors);
  check_pod_spec(spec_path, spec, {}, errors);
  check_seccomp_annotations(spec_path, annotations, spec, errors);
  check_app_armor_annotations(spec_path, annotations, spec, errors);
  if (!list(spec, "ephemeralContainers").empty()) {
    errors.forbidden(spec_path.child("ephemeralContainers"), "ephemeral containers not allowed in pod template");
  }
}

}  // namespace orrery::validation
