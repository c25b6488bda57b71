// Security contexts, operating systems and the annotations that came before those fields.
#include <fmt/format.h>

#include <algorithm>

#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

bool has_prefix(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }

void check_id(const Path& path, const json& context, const char* name, Errors& errors) {
  const json* value = member(context, name);
  if (value == nullptr) return;
  for (const std::string& message : user_or_group_id(number(*value))) {
    errors.invalid(path.child(name), fmt::format("{}", number(*value)), message);
  }
}

void check_seccomp_profile(const Path& path, const json* profile, Errors& errors) {
  if (profile == nullptr) return;
  const std::string_view type = text(*profile, "type");
  const json* local = member(*profile, "localhostProfile");
  if (type.empty()) {
    errors.required(path.child("type"), "type is required when seccompProfile is set");
  } else if (type != "Localhost" && type != "RuntimeDefault" && type != "Unconfined") {
    errors.not_supported(path.child("type"), json_quoted(type), {"Localhost", "RuntimeDefault", "Unconfined"});
  }
  if (type != "Localhost") {
    if (local != nullptr) {
      errors.invalid(path.child("localhostProfile"), internal_text("SeccompProfile", profile),
                     "can only be set when seccomp type is Localhost");
    }
  } else if (local == nullptr) {
    errors.required(path.child("localhostProfile"), "must be set when seccomp type is Localhost");
  } else {
    check_local_descending_path(path.child("localhostProfile"), text(*local), errors);
  }
}

void check_app_armor_profile(const Path& path, const json* profile, Errors& errors) {
  if (profile == nullptr) return;
  const std::string_view type = text(*profile, "type");
  const json* local = member(*profile, "localhostProfile");
  const Path local_path = path.child("localhostProfile");
  if (type == "Localhost") {
    if (local == nullptr) {
      errors.required(local_path, "must be set when AppArmor type is Localhost");
      return;
    }
    const std::string_view name = text(*local);
    const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    if (!name.empty() && (is_blank(name.front()) || is_blank(name.back()))) {
      errors.invalid(local_path, go_quoted(name), "must not be padded with whitespace");
    } else if (name.empty()) {
      errors.required(local_path, "must be set when AppArmor type is Localhost");
    }
    if (name.size() > 4095) errors.too_long(local_path, 4095);
  } else if (type == "RuntimeDefault" || type == "Unconfined") {
    if (local != nullptr) errors.invalid(local_path, json_quoted(text(*local)), "can only be set when AppArmor type is Localhost");
  } else if (type.empty()) {
    errors.required(path.child("type"), "type is required when appArmorProfile is set");
  } else {
    errors.not_supported(path.child("type"), json_quoted(type), {"Localhost", "RuntimeDefault", "Unconfined"});
  }
}

bool is_sysctl_name(std::string_view name) {
  if (name.size() > 253) return false;
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  while (true) {
    const std::size_t end = name.find_first_of("./");
    const std::string_view part = name.substr(0, end);
    if (part.empty() || !is_alnum(part.front()) || !is_alnum(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return is_alnum(c) || c == '-' || c == '_'; })) return false;
    if (end == std::string_view::npos) return true;
    name.remove_prefix(end + 1);
  }
}

enum class SysctlNamespace : std::uint8_t { none, ipc, net };

SysctlNamespace sysctl_namespace(std::string_view name) {
  std::string dotted(name);
  const std::size_t first = dotted.find_first_of("./");
  if (first != std::string::npos && dotted[first] == '/') {
    for (char& c : dotted) c = c == '/' ? '.' : c == '.' ? '/' : c;
  }
  for (const std::string_view known : {"kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
                                       "kernel.shm", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.msg"}) {
    if (dotted == known) return SysctlNamespace::ipc;
  }
  if (has_prefix(dotted, "fs.mqueue.")) return SysctlNamespace::ipc;
  return has_prefix(dotted, "net.") ? SysctlNamespace::net : SysctlNamespace::none;
}

void check_sysctls(const Path& path, const json& spec, const json& sysctls, Errors& errors) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < sysctls.size(); ++i) {
    const Path own = path.index(i, "name");
    const std::string_view name = text(sysctls[i], "name");
    if (name.empty()) {
      errors.required(own);
    } else if (!is_sysctl_name(name)) {
      errors.invalid(own, go_quoted(name),
                     "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
    } else if (names.count(name) > 0) {
      errors.duplicate(own, go_quoted(name));
    }
    const SysctlNamespace ns = sysctl_namespace(name);
    if (flag(spec, "hostNetwork") && ns == SysctlNamespace::net) {
      errors.invalid(own, go_quoted(name), "may not be specified when 'hostNetwork' is true");
    } else if (flag(spec, "hostIPC") && ns == SysctlNamespace::ipc) {
      errors.invalid(own, go_quoted(name), "may not be specified when 'hostIPC' is true");
    }
    names.insert(name);
  }
}

void check_windows_options(const Path& path, const json* options, Errors& errors) {
  if (options == nullptr) return;
  if (const json* name = member(*options, "gmsaCredentialSpecName")) {
    for (const std::string& message : dns1123_subdomain(text(*name))) {
      errors.invalid(path.child("gmsaCredentialSpecName"), json_quoted(text(*name)), message);
    }
  }
  if (const json* credentials = member(*options, "gmsaCredentialSpec")) {
    const std::string_view value = text(*credentials);
    const Path own = path.child("gmsaCredentialSpec");
    if (value.empty()) errors.invalid(own, json_quoted(value), "gmsaCredentialSpec cannot be an empty string");
    if (value.size() > std::size_t{64} * 1024) errors.invalid(own, json_quoted(value), "gmsaCredentialSpec size must be under 64 KiB");
  }
  if (const json* user_name = member(*options, "runAsUserName")) {
    if (text(*user_name).empty()) errors.invalid(path.child("runAsUserName"), "\"\"", "runAsUserName cannot be an empty string");
  }
}

void forbid_all(const Path& path, const json& value, std::initializer_list<const char*> names, std::string_view why, Errors& errors) {
  for (const char* name : names) {
    if (member(value, name) != nullptr) errors.forbidden(path.child(name), why);
  }
}

void check_windows_pod(const Path& path, const json& spec, Errors& errors) {
  constexpr std::string_view kWhy = "cannot be set for a windows pod";
  const Path pod_path = path.child("securityContext");
  if (const json* context = member(spec, "securityContext")) {
    forbid_all(pod_path, *context, {"appArmorProfile", "seLinuxOptions"}, kWhy, errors);
    if (member(spec, "hostUsers") != nullptr) errors.forbidden(path.child("hostUsers"), kWhy);
    for (const char* name : {"hostPID", "hostIPC"}) {
      if (flag(spec, name)) errors.forbidden(path.child(name), kWhy);
    }
    forbid_all(pod_path, *context, {"seccompProfile", "fsGroup", "fsGroupChangePolicy"}, kWhy, errors);
    if (!list(*context, "sysctls").empty()) errors.forbidden(pod_path.child("sysctls"), kWhy);
    if (member(spec, "shareProcessNamespace") != nullptr) errors.forbidden(path.child("shareProcessNamespace"), kWhy);
    forbid_all(pod_path, *context, {"runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy"}, kWhy,
               errors);
  }
  visit_containers(spec, path, [&](const json& container, const Path& container_path) {
    const json* context = member(container, "securityContext");
    if (context == nullptr) return;
    const Path own = container_path.child("securityContext");
    forbid_all(own, *context,
               {"appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged",
                "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup"},
               kWhy, errors);
  });
}

/// Whether a profile field says what an older annotation says. `what` is seccomp or apparmor.
void check_profile_matches(const Path& path, const json& profile, std::string_view annotation, std::string_view what, Errors& errors) {
  const std::string_view type = text(profile, "type");
  const std::string mismatch = fmt::format("{} type in annotation and field must match", what);
  const bool seccomp = what == "seccomp";
  if (type == "Unconfined" && annotation != "unconfined") errors.forbidden(path.child("type"), mismatch);
  if (type == "RuntimeDefault" && annotation != "runtime/default" && !(seccomp && annotation == "docker/default")) {
    errors.forbidden(path.child("type"), mismatch);
  }
  if (type != "Localhost") return;
  constexpr std::string_view kPrefix = "localhost/";
  const json* local = member(profile, "localhostProfile");
  if (!has_prefix(annotation, kPrefix)) {
    errors.forbidden(path.child("type"), mismatch);
  } else if (local == nullptr || annotation.substr(kPrefix.size()) != text(*local)) {
    errors.forbidden(path.child("localhostProfile"), fmt::format("{} profile in annotation and field must match", what));
  }
}

}  // namespace

void check_pod_security(const Path& path, const json& spec, Errors& errors) {
  const json* context = member(spec, "securityContext");
  if (context == nullptr) return;
  for (const char* name : {"fsGroup", "runAsUser", "runAsGroup"}) check_id(path, *context, name, errors);
  const json& groups = list(*context, "supplementalGroups");
  const Path groups_path = path.child("supplementalGroups");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const std::string& message : user_or_group_id(number(groups[i]))) {
      errors.invalid(groups_path.index(i), fmt::format("{}", number(groups[i])), message);
    }
  }
  if (flag(spec, "shareProcessNamespace") && flag(spec, "hostPID")) {
    errors.invalid(path.child("shareProcessNamespace"), "true", "ShareProcessNamespace and HostPID cannot both be enabled");
  }
  check_sysctls(path.child("sysctls"), spec, list(*context, "sysctls"), errors);
  if (const json* policy = member(*context, "fsGroupChangePolicy")) {
    if (text(*policy) != "Always" && text(*policy) != "OnRootMismatch") {
      errors.not_supported(path.child("fsGroupChangePolicy"), json_quoted(text(*policy)), {"Always", "OnRootMismatch"});
    }
  }
  check_seccomp_profile(path.child("seccompProfile"), member(*context, "seccompProfile"), errors);
  check_windows_options(path.child("windowsOptions"), member(*context, "windowsOptions"), errors);
  check_app_armor_profile(path.child("appArmorProfile"), member(*context, "appArmorProfile"), errors);
  if (const json* policy = member(*context, "supplementalGroupsPolicy")) {
    if (text(*policy) != "Merge" && text(*policy) != "Strict") {
      errors.not_supported(path.child("supplementalGroupsPolicy"), json_quoted(text(*policy)), {"Merge", "Strict"});
    }
  }
  if (const json* policy = member(*context, "seLinuxChangePolicy")) {
    if (text(*policy) != "Recursive") errors.not_supported(path.child("seLinuxChangePolicy"), json_quoted(text(*policy)), {"Recursive"});
  }
}

void check_container_security(const Path& path, const json* security, bool host_users, Errors& errors) {
  if (security == nullptr) return;
  for (const char* name : {"runAsUser", "runAsGroup"}) check_id(path, *security, name, errors);
  if (const json* mount = member(*security, "procMount")) {
    if (text(*mount) != "Default" && text(*mount) != "Unmasked") {
      errors.not_supported(path.child("procMount"), json_quoted(text(*mount)), {"Default", "Unmasked"});
    }
    if (host_users && text(*mount) == "Unmasked") {
      errors.invalid(path.child("procMount"), "\"Unmasked\"", "`hostUsers` must be false to use `Unmasked`");
    }
  }
  check_seccomp_profile(path.child("seccompProfile"), member(*security, "seccompProfile"), errors);
  const json* escalation = member(*security, "allowPrivilegeEscalation");
  if (escalation != nullptr && !flag(*security, "allowPrivilegeEscalation")) {
    if (flag(*security, "privileged")) {
      errors.invalid(path, internal_text("SecurityContext", security),
                     "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
    for (const json& capability : list(object(*security, "capabilities"), "add")) {
      if (text(capability) != "CAP_SYS_ADMIN") continue;
      errors.invalid(path, internal_text("SecurityContext", security),
                     "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
  }
  check_windows_options(path.child("windowsOptions"), member(*security, "windowsOptions"), errors);
  check_app_armor_profile(path.child("appArmorProfile"), member(*security, "appArmorProfile"), errors);
}

void check_host_processes(const Path& path, const json& spec, Errors& errors) {
  const json* pod_wide = member(object(object(spec, "securityContext"), "windowsOptions"), "hostProcess");
  std::size_t containers = 0;
  std::size_t host_processes = 0;
  visit_containers(spec, path, [&](const json& container, const Path& container_path) {
    ++containers;
    const json* own = member(object(object(container, "securityContext"), "windowsOptions"), "hostProcess");
    if (pod_wide != nullptr && own != nullptr && *pod_wide != *own) {
      errors.invalid(container_path.child("securityContext.windowsOptions.hostProcess"), go_json(*own),
                     fmt::format("pod hostProcess value must be identical if both are specified, was {}", go_json(*pod_wide)));
    }
    const json* effective = own != nullptr ? own : pod_wide;
    if (effective != nullptr && effective->is_boolean() && effective->get<bool>()) ++host_processes;
  });
  if (host_processes == 0) return;
  if (host_processes != containers) {
    errors.invalid(path, "\"\"", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
  }
  if (!flag(spec, "hostNetwork")) {
    errors.invalid(path.child("hostNetwork"), "false", "hostNetwork must be true if pod contains any hostProcess containers");
  }
}

void check_operating_system(const Path& path, const json& spec, Errors& errors) {
  const json* os = member(spec, "os");
  if (os == nullptr) return;
  const std::string_view name = text(*os, "name");
  const Path own = path.child("os");
  if (name.empty()) {
    errors.required(own.child("name"));
  } else if (name == "windows") {
    check_windows_pod(path, spec, errors);
  } else if (name == "linux") {
    constexpr std::string_view kWhy = "windows options cannot be set for a linux pod";
    if (member(object(spec, "securityContext"), "windowsOptions") != nullptr) {
      errors.forbidden(path.child("securityContext.windowsOptions"), kWhy);
    }
    visit_containers(spec, path, [&](const json& container, const Path& container_path) {
      if (member(object(container, "securityContext"), "windowsOptions") == nullptr) return;
      errors.forbidden(container_path.child("securityContext.windowsOptions"), kWhy);
    });
  } else {
    errors.not_supported(own, json_quoted(name), {"linux", "windows"});
  }
}

void check_seccomp_annotations(const Path& path, const json& annotations, const json& spec, Errors& errors) {
  const json* pod_profile = member(object(spec, "securityContext"), "seccompProfile");
  const json* pod_annotation = member(annotations, "seccomp.security.alpha.kubernetes.io/pod");
  if (pod_profile != nullptr && pod_annotation != nullptr) {
    check_profile_matches(path.child("securityContext.seccompProfile"), *pod_profile, text(*pod_annotation), "seccomp", errors);
  }
  visit_containers(spec, path, [&](const json& container, const Path& container_path) {
    const json* profile = member(object(container, "securityContext"), "seccompProfile");
    const json* annotation = member(annotations, fmt::format("container.seccomp.security.alpha.kubernetes.io/{}", text(container, "name")));
    if (profile == nullptr || annotation == nullptr) return;
    check_profile_matches(container_path.child("securityContext.seccompProfile"), *profile, text(*annotation), "seccomp", errors);
  });
}

void check_app_armor_annotations(const Path& path, const json& annotations, const json& spec, Errors& errors) {
  if (text(object(spec, "os"), "name") == "windows") return;
  const json* pod_profile = member(object(spec, "securityContext"), "appArmorProfile");
  visit_containers(spec, path, [&](const json& container, const Path& container_path) {
    const json* own = member(object(container, "securityContext"), "appArmorProfile");
    const json* profile = own != nullptr ? own : pod_profile;
    const json* annotation =
        member(annotations, fmt::format("container.apparmor.security.beta.kubernetes.io/{}", text(container, "name")));
    if (profile == nullptr || annotation == nullptr) return;
    check_profile_matches(container_path.child("securityContext.appArmorProfile"), *profile, text(*annotation), "apparmor", errors);
  });
}

}  // namespace orrery::validation
