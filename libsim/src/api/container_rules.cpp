// One container: ports, mounts, probes, hooks, restart rules.
#include <fmt/format.h>

#include "name_rules.hpp"
#include "pod_rules.hpp"

namespace orrery::validation {

namespace {

bool is_one_of(std::string_view value, const std::vector<std::string_view>& known) {
  for (const std::string_view name : known) {
    if (value == name) return true;
  }
  return false;
}

void check_ports(const Path& path, const json& ports, Errors& errors) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Path port = path.index(i);
    const std::string_view name = text(ports[i], "name");
    if (!name.empty()) {
      const Messages messages = port_name(name);
      errors.invalid_each(port.child("name"), name, messages);
      if (messages.empty() && !names.insert(name).second) errors.duplicate(port.child("name"), go_quoted(name));
    }
    const std::int64_t container_port = number(ports[i], "containerPort");
    if (container_port == 0) {
      errors.required(port.child("containerPort"));
    } else {
      for (const std::string& message : port_number(container_port)) {
        errors.invalid(port.child("containerPort"), fmt::format("{}", container_port), message);
      }
    }
    const std::int64_t host_port = number(ports[i], "hostPort");
    if (host_port != 0) {
      for (const std::string& message : port_number(host_port)) {
        errors.invalid(port.child("hostPort"), fmt::format("{}", host_port), message);
      }
    }
    const std::string_view protocol = text(ports[i], "protocol");
    if (protocol.empty()) {
      errors.required(port.child("protocol"));
    } else if (!is_one_of(protocol, {"SCTP", "TCP", "UDP"})) {
      errors.not_supported(port.child("protocol"), json_quoted(protocol), {"SCTP", "TCP", "UDP"});
    }
  }
}

void check_mount_propagation(const Path& path, const json& mount, const json& container, Errors& errors) {
  const json* value = member(mount, "mountPropagation");
  if (value == nullptr) return;
  const std::string_view mode = text(*value);
  if (!is_one_of(mode, {"Bidirectional", "HostToContainer", "None"})) {
    errors.not_supported(path, json_quoted(mode), {"Bidirectional", "HostToContainer", "None"});
  }
  if (mode == "Bidirectional" && !flag(object(container, "securityContext"), "privileged")) {
    errors.forbidden(path, "Bidirectional mount propagation is available only to privileged containers");
  }
}

void check_recursive_read_only(const Path& path, const json& mount, Errors& errors) {
  const json* value = member(mount, "recursiveReadOnly");
  if (value == nullptr || text(*value) == "Disabled") return;
  if (text(*value) != "Enabled" && text(*value) != "IfPossible") {
    errors.not_supported(path, json_quoted(text(*value)), {"Disabled", "Enabled", "IfPossible"});
    return;
  }
  if (!flag(mount, "readOnly")) errors.forbidden(path, "may only be specified when readOnly is true");
  const json* propagation = member(mount, "mountPropagation");
  if (propagation != nullptr && text(*propagation) != "None") {
    errors.forbidden(path, "may only be specified when mountPropagation is None or not specified");
  }
}

std::map<std::string_view, std::string_view> by_name(const json& items, const char* value) {
  std::map<std::string_view, std::string_view> out;
  for (const json& item : items) out[text(item, "name")] = text(item, value);
  return out;
}

bool has_value(const std::map<std::string_view, std::string_view>& map, std::string_view value) {
  for (const auto& [key, candidate] : map) {
    if (candidate == value) return true;
  }
  return false;
}

void check_volume_mounts(const Path& path, const json& container, const ContainerContext& context, Errors& errors) {
  const json& mounts = list(container, "volumeMounts");
  const auto devices = by_name(list(container, "volumeDevices"), "devicePath");
  std::set<std::string_view> mount_points;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const Path mount = path.index(i);
    const std::string_view name = text(mounts[i], "name");
    const std::string_view target = text(mounts[i], "mountPath");
    if (name.empty()) errors.required(mount.child("name"));
    if (context.volumes.count(name) == 0) errors.not_found(mount.child("name"), name);
    if (target.empty()) errors.required(mount.child("mountPath"));
    if (!mount_points.insert(target).second) errors.invalid(mount.child("mountPath"), go_quoted(target), "must be unique");
    if (devices.count(name) > 0) errors.invalid(mount.child("name"), go_quoted(name), "must not already exist in volumeDevices");
    if (has_value(devices, target)) {
      errors.invalid(mount.child("mountPath"), go_quoted(target), "must not already exist as a path in volumeDevices");
    }
    const std::string_view sub_path = text(mounts[i], "subPath");
    if (!sub_path.empty()) check_local_descending_path(path.child("subPath"), sub_path, errors);
    const std::string_view expression = text(mounts[i], "subPathExpr");
    if (!expression.empty()) {
      if (!sub_path.empty()) {
        errors.invalid(mount.child("subPathExpr"), go_quoted(expression), "subPathExpr and subPath are mutually exclusive");
      }
      check_local_descending_path(path.child("subPathExpr"), expression, errors);
    }
    check_mount_propagation(path.child("mountPropagation"), mounts[i], container, errors);
    check_recursive_read_only(path.child("recursiveReadOnly"), mounts[i], errors);
  }
}

void check_volume_devices(const Path& path, const json& container, const ContainerContext& context, Errors& errors) {
  const json& devices = list(container, "volumeDevices");
  const auto mounts = by_name(list(container, "volumeMounts"), "mountPath");
  std::set<std::string_view> paths;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Path device = path.index(i);
    const std::string_view name = text(devices[i], "name");
    const std::string_view target = text(devices[i], "devicePath");
    const auto volume = context.volumes.find(name);
    const bool found = volume != context.volumes.end();
    if (name.empty()) errors.required(device.child("name"));
    if (names.count(name) > 0) errors.invalid(device.child("name"), go_quoted(name), "must be unique");
    if (found && member(*volume->second, "persistentVolumeClaim") == nullptr && member(*volume->second, "ephemeral") == nullptr) {
      errors.invalid(device.child("name"), go_quoted(name),
                     "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    }
    if (!found) errors.not_found(device.child("name"), name);
    if (target.empty()) errors.required(device.child("devicePath"));
    if (paths.count(target) > 0) errors.invalid(device.child("devicePath"), go_quoted(target), "must be unique");
    Errors backsteps;
    check_no_backsteps(path, target, backsteps);
    if (backsteps.empty()) {
      paths.insert(target);
    } else {
      errors.invalid(device.child("devicePath"), go_quoted(target), "can not contain backsteps ('..')");
    }
    if (mounts.count(name) > 0) errors.invalid(device.child("name"), go_quoted(name), "must not already exist in volumeMounts");
    if (has_value(mounts, target)) {
      errors.invalid(device.child("devicePath"), go_quoted(target), "must not already exist as a path in volumeMounts");
    }
    if (!name.empty()) names.insert(name);
  }
}

void check_port_or_name(const Path& path, const json* port, Errors& errors) {
  if (port != nullptr && port->is_string()) {
    errors.invalid_each(path, text(*port), port_name(text(*port)));
    return;
  }
  const std::int64_t value = port == nullptr ? 0 : number(*port);
  for (const std::string& message : port_number(value)) errors.invalid(path, fmt::format("{}", value), message);
}

void check_http_get(const Path& path, const json& action, Errors& errors) {
  if (text(action, "path").empty()) errors.required(path.child("path"));
  check_port_or_name(path.child("port"), member(action, "port"), errors);
  const std::string_view scheme = text(action, "scheme");
  if (scheme != "HTTP" && scheme != "HTTPS") errors.not_supported(path.child("scheme"), json_quoted(scheme), {"HTTP", "HTTPS"});
  for (const json& header : list(action, "httpHeaders")) {
    const std::string_view name = text(header, "name");
    errors.invalid_each(path.child("httpHeaders"), name, http_header_name(name));
  }
}

void check_handler(const Path& path, const json& handler, std::initializer_list<const char*> kinds,
                   const std::optional<std::int64_t>& grace_period, Errors& errors) {
  bool found = false;
  for (const char* name : kinds) {
    const json* action = member(handler, name);
    if (action == nullptr) continue;
    const Path own = path.child(name);
    if (found) {
      errors.forbidden(own, "may not specify more than 1 handler type");
      continue;
    }
    found = true;
    const std::string_view kind = name;
    if (kind == "exec" && list(*action, "command").empty()) errors.required(own.child("command"));
    if (kind == "httpGet") check_http_get(own, *action, errors);
    if (kind == "tcpSocket" || kind == "grpc") check_port_or_name(own.child("port"), member(*action, "port"), errors);
    if (kind == "sleep" && grace_period) {
      const std::int64_t seconds = number(*action, "seconds");
      if (seconds < 0 || seconds > *grace_period) {
        errors.invalid(own, fmt::format("{}", seconds),
                       fmt::format("must be non-negative and less than terminationGracePeriodSeconds ({})", *grace_period));
      }
    }
  }
  if (!found) errors.required(path, "must specify a handler type");
}

enum class ProbeKind : std::uint8_t { liveness, readiness, startup };

void check_probe(const Path& path, const json* probe, ProbeKind kind, const ContainerContext& context, Errors& errors) {
  if (probe == nullptr) return;
  check_handler(path, *probe, {"exec", "httpGet", "tcpSocket", "grpc"}, context.grace_period, errors);
  for (const char* name : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"}) {
    errors.nonnegative(path.child(name), number(*probe, name));
  }
  const json* grace_period = member(*probe, "terminationGracePeriodSeconds");
  const Path grace_path = path.child("terminationGracePeriodSeconds");
  if (grace_period != nullptr && number(*grace_period) <= 0) {
    errors.invalid(grace_path, fmt::format("{}", number(*grace_period)), "must be greater than 0");
  }
  if (kind == ProbeKind::readiness) {
    if (grace_period != nullptr) {
      errors.invalid(grace_path, fmt::format("{}", number(*grace_period)), "must not be set for readinessProbes");
    }
  } else if (number(*probe, "successThreshold") != 1) {
    errors.invalid(path.child("successThreshold"), fmt::format("{}", number(*probe, "successThreshold")), "must be 1");
  }
}

void check_lifecycle_and_probes(const Path& path, const json& container, const ContainerContext& context, Errors& errors) {
  if (const json* lifecycle = member(container, "lifecycle")) {
    const Path own = path.child("lifecycle");
    for (const char* hook : {"postStart", "preStop"}) {
      const json* handler = member(*lifecycle, hook);
      if (handler != nullptr) check_handler(own.child(hook), *handler, {"exec", "httpGet", "tcpSocket", "sleep"}, context.grace_period, errors);
    }
  }
  check_probe(path.child("livenessProbe"), member(container, "livenessProbe"), ProbeKind::liveness, context, errors);
  check_probe(path.child("readinessProbe"), member(container, "readinessProbe"), ProbeKind::readiness, context, errors);
  check_probe(path.child("startupProbe"), member(container, "startupProbe"), ProbeKind::startup, context, errors);
}

void check_restart_policy(const Path& path, const json& container, Errors& errors) {
  const json* policy = member(container, "restartPolicy");
  const json& rules = list(container, "restartPolicyRules");
  if (policy == nullptr) {
    if (rules.empty()) return;
    errors.required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used");
  } else if (!is_one_of(text(*policy), {"Always", "Never", "OnFailure"})) {
    errors.not_supported(path.child("restartPolicy"), json_quoted(text(*policy)), {"Always", "Never", "OnFailure"});
  }
  const Path rules_path = path.child("restartPolicyRules");
  if (rules.size() > 20) errors.too_many(rules_path, rules.size(), 20);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Path rule = rules_path.index(i);
    const std::string_view action = text(rules[i], "action");
    if (!is_one_of(action, {"Restart", "RestartAllContainers"})) {
      errors.not_supported(rule.child("action"), json_quoted(action), {"Restart", "RestartAllContainers"});
    }
    const json* codes = member(rules[i], "exitCodes");
    const Path codes_path = rule.child("exitCodes");
    if (codes == nullptr) {
      errors.required(codes_path, "must be specified");
      continue;
    }
    const std::string_view op = text(*codes, "operator");
    if (!is_one_of(op, {"In", "NotIn"})) errors.not_supported(codes_path.child("operator"), json_quoted(op), {"In", "NotIn"});
    const std::size_t values = list(*codes, "values").size();
    if (values > 255) errors.too_many(codes_path.child("values"), values, 255);
  }
}

void check_resize_policy(const Path& path, const json& policies, std::string_view pod_restart_policy, Errors& errors) {
  std::set<std::string_view> resources;
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const std::string_view resource = text(policies[i], "resourceName");
    const std::string_view policy = text(policies[i], "restartPolicy");
    if (!resources.insert(resource).second) errors.duplicate(path.index(i), json_quoted(resource));
    if (resource.empty()) {
      errors.required(path);
    } else if (!is_one_of(resource, {"cpu", "memory"})) {
      errors.not_supported(path, json_quoted(resource), {"cpu", "memory"});
    }
    if (policy.empty()) {
      errors.required(path);
    } else if (!is_one_of(policy, {"NotRequired", "RestartContainer"})) {
      errors.not_supported(path, json_quoted(policy), {"NotRequired", "RestartContainer"});
    }
    if (pod_restart_policy == "Never" && policy != "NotRequired") {
      errors.invalid(path, json_quoted(policy), "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    }
  }
}

void check_container_common(const Path& path, const json& container, const ContainerContext& context, Errors& errors) {
  const std::string_view name = text(container, "name");
  if (name.empty()) {
    errors.required(path.child("name"));
  } else {
    errors.invalid_each(path.child("name"), name, dns1123_label(name));
  }
  if (text(container, "image").empty()) errors.required(path.child("image"));
  const std::string_view message_policy = text(container, "terminationMessagePolicy");
  if (message_policy.empty()) {
    errors.required(path.child("terminationMessagePolicy"));
  } else if (!is_one_of(message_policy, {"File", "FallbackToLogsOnError"})) {
    errors.not_supported(path.child("terminationMessagePolicy"), json_quoted(message_policy), {"File", "FallbackToLogsOnError"});
  }
  check_ports(path.child("ports"), list(container, "ports"), errors);
  check_env(path.child("env"), list(container, "env"), errors);
  check_env_from(path.child("envFrom"), list(container, "envFrom"), errors);
  check_volume_mounts(path.child("volumeMounts"), container, context, errors);
  check_volume_devices(path.child("volumeDevices"), container, context, errors);
  check_pull_policy(path.child("imagePullPolicy"), text(container, "imagePullPolicy"), errors);
  check_container_resources(path.child("resources"), object(container, "resources"), context.claims, errors);
  check_resize_policy(path.child("resizePolicy"), list(container, "resizePolicy"), context.restart_policy, errors);
  check_container_security(path.child("securityContext"), member(container, "securityContext"), context.host_users, errors);
}

void check_host_ports(const Path& path, const json& container, std::size_t index, std::set<std::string>& used, Errors& errors) {
  const json& ports = list(container, "ports");
  const Path own = path.index(index, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::int64_t port = number(ports[i], "hostPort");
    if (port == 0) continue;
    std::string key = fmt::format("{}/{}/{}", text(ports[i], "protocol"), text(ports[i], "hostIP"), port);
    if (used.count(key) > 0) {
      errors.duplicate(own.index(i, "hostPort"), go_quoted(key));
    } else {
      used.insert(std::move(key));
    }
  }
}

}  // namespace

void check_pull_policy(const Path& path, std::string_view policy, Errors& errors) {
  if (policy.empty()) {
    errors.required(path);
  } else if (!is_one_of(policy, {"Always", "IfNotPresent", "Never"})) {
    errors.not_supported(path, json_quoted(policy), {"Always", "IfNotPresent", "Never"});
  }
}

void check_containers(const Path& path, const json& containers, const ContainerContext& context, Errors& errors) {
  if (containers.empty()) {
    errors.required(path);
    return;
  }
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const Path container = path.index(i);
    check_container_common(container, containers[i], context, errors);
    const std::string_view name = text(containers[i], "name");
    if (!names.insert(name).second) errors.duplicate(container.child("name"), go_quoted(name));
    check_lifecycle_and_probes(container, containers[i], context, errors);
    check_restart_policy(container, containers[i], errors);
  }
  std::set<std::string> used;
  for (std::size_t i = 0; i < containers.size(); ++i) check_host_ports(path, containers[i], i, used, errors);
}

void check_init_containers(const Path& path, const json& spec, const ContainerContext& context, Errors& errors) {
  std::set<std::string_view> names;
  for (const json& container : list(spec, "containers")) names.insert(text(container, "name"));
  const json& containers = list(spec, "initContainers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const json& own = containers[i];
    const Path container = path.index(i);
    check_container_common(container, own, context, errors);
    check_restart_policy(container, own, errors);
    const bool is_sidecar = text(own, "restartPolicy") == "Always";
    const std::string_view name = text(own, "name");
    if (names.count(name) > 0) {
      errors.duplicate(container.child("name"), go_quoted(name));
    } else if (!name.empty()) {
      names.insert(name);
    }
    std::set<std::string> used;
    check_host_ports(path, own, 0, used, errors);  // upstream numbers a lone container 0 here
    if (is_sidecar) {
      check_lifecycle_and_probes(container, own, context, errors);
    } else {
      for (const char* field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
        if (member(own, field) == nullptr) continue;
        errors.forbidden(container.child(field), "may not be set for init containers without restartPolicy=Always");
      }
      const json& policies = list(own, "resizePolicy");
      const Path policies_path = container.child("resizePolicy");
      for (std::size_t k = 0; k < policies.size(); ++k) {
        if (text(policies[k], "restartPolicy") != "RestartContainer") continue;
        errors.invalid(policies_path.index(k, "restartPolicy"), "\"RestartContainer\"",
                       "must not be set to 'RestartContainer' for non-sidecar initContainers");
      }
    }
  }
}

void check_ephemeral_containers(const Path& path, const json& spec, const ContainerContext& context, Errors& errors) {
  std::set<std::string_view> others;
  for (const char* field : {"containers", "initContainers"}) {
    for (const json& container : list(spec, field)) others.insert(text(container, "name"));
  }
  std::set<std::string_view> names = others;
  const json& containers = list(spec, "ephemeralContainers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const Path container = path.index(i);
    check_container_common(container, containers[i], context, errors);
    const std::string_view name = text(containers[i], "name");
    if (!names.insert(name).second) errors.duplicate(container.child("name"), go_quoted(name));
    const std::string_view target = text(containers[i], "targetContainerName");
    if (!target.empty() && others.count(target) == 0) errors.not_found(container.child("targetContainerName"), target);
    for (const char* field : {"ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe",
                              "startupProbe", "lifecycle"}) {
      const json* value = member(containers[i], field);
      if (value != nullptr && !value->empty()) errors.forbidden(container.child(field), "cannot be set for an Ephemeral Container");
    }
    const json& mounts = list(containers[i], "volumeMounts");
    const Path mounts_path = container.child("volumeMounts");
    for (std::size_t k = 0; k < mounts.size(); ++k) {
      for (const char* field : {"subPath", "subPathExpr"}) {
        if (!text(mounts[k], field).empty()) errors.forbidden(mounts_path.index(k, field), "cannot be set for an Ephemeral Container");
      }
    }
  }
}

}  // namespace orrery::validation
