// The environment of a container, and references to fields and resources of the pod.
#include <fmt/format.h>

#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "quantity_tree.hpp"

namespace orrery::validation {

namespace {

bool is_one_of(std::string_view value, const std::vector<std::string_view>& known) {
  for (const std::string_view name : known) {
    if (value == name) return true;
  }
  return false;
}

void check_key_selector(const Path& path, const json& selector, Errors& errors) {
  const std::string_view name = text(selector, "name");
  errors.invalid_each(path.child("name"), name, dns1123_subdomain(name));
  const std::string_view key = text(selector, "key");
  if (key.empty()) {
    errors.required(path.child("key"));
  } else {
    errors.invalid_each(path.child("key"), key, config_map_key(key));
  }
}

void check_file_key_selector(const Path& path, const json& selector, Errors& errors) {
  const std::string_view key = text(selector, "key");
  if (key.empty()) {
    errors.required(path.child("key"));
  } else {
    errors.invalid_each(path.child("key"), key, env_var_name(key));
  }
  const std::string_view volume = text(selector, "volumeName");
  if (volume.empty()) {
    errors.required(path.child("volumeName"));
  } else {
    errors.invalid_each(path.child("volumeName"), volume, dns1123_label(volume));
  }
  const std::string_view target = text(selector, "path");
  if (target.empty()) {
    errors.required(path.child("path"));
  } else {
    check_no_backsteps(path.child("path"), target, errors);
  }
}

void check_env_source(const Path& path, const json& variable, Errors& errors) {
  const json* from = member(variable, "valueFrom");
  if (from == nullptr) return;
  static const std::vector<std::string_view> kEnvFields = {"metadata.name", "metadata.namespace", "metadata.uid",
                                                           "spec.nodeName", "spec.serviceAccountName", "status.hostIP",
                                                           "status.hostIPs", "status.podIP", "status.podIPs"};
  int sources = 0;
  if (const json* source = member(*from, "fieldRef")) {
    ++sources;
    check_field_reference(path.child("fieldRef"), *source, kEnvFields, errors);
  }
  if (const json* source = member(*from, "resourceFieldRef")) {
    ++sources;
    check_resource_field_reference(path.child("resourceFieldRef"), *source, false, errors);
  }
  for (const char* name : {"configMapKeyRef", "secretKeyRef"}) {
    if (const json* source = member(*from, name)) {
      ++sources;
      check_key_selector(path.child(name), *source, errors);
    }
  }
  if (const json* source = member(*from, "fileKeyRef")) {
    ++sources;
    check_file_key_selector(path.child("fileKeyRef"), *source, errors);
  }
  if (sources == 0) {
    errors.invalid(path, "\"\"", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
  } else if (!text(variable, "value").empty()) {
    errors.invalid(path, "\"\"", "may not be specified when `value` is not empty");
  } else if (sources > 1) {
    errors.invalid(path, "\"\"", "may not have more than one field specified at a time");
  }
}

}  // namespace

void check_env(const Path& path, const json& variables, Errors& errors) {
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Path variable = path.index(i);
    const std::string_view name = text(variables[i], "name");
    if (name.empty()) {
      errors.required(variable.child("name"));
    } else {
      errors.invalid_each(variable.child("name"), name, env_var_name(name));
    }
    check_env_source(variable.child("valueFrom"), variables[i], errors);
  }
}

void check_env_from(const Path& path, const json& sources, Errors& errors) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Path source = path.index(i);
    const std::string_view prefix = text(sources[i], "prefix");
    if (!prefix.empty()) errors.invalid_each(source.child("prefix"), prefix, env_var_name(prefix));
    int kinds = 0;
    for (const char* kind : {"configMapRef", "secretRef"}) {
      const json* reference = member(sources[i], kind);
      if (reference == nullptr) continue;
      ++kinds;
      const Path own = source.child(kind);
      const std::string_view name = text(*reference, "name");
      if (name.empty()) {
        errors.required(own.child("name"));
      } else {
        errors.invalid_each(own.child("name"), name, dns1123_subdomain(masked_trailing_dash(name)));
      }
    }
    if (kinds == 0) errors.invalid(path, "\"\"", "must specify one of: `configMapRef` or `secretRef`");
    if (kinds > 1) errors.invalid(path, "\"\"", "may not have more than one field specified at a time");
  }
}

void check_field_reference(const Path& path, const json& reference, const std::vector<std::string_view>& supported, Errors& errors) {
  const std::string_view version = text(reference, "apiVersion");
  const std::string_view label = text(reference, "fieldPath");
  if (version.empty()) {
    errors.required(path.child("apiVersion"));
    return;
  }
  if (label.empty()) {
    errors.required(path.child("fieldPath"));
    return;
  }
  const auto unconvertible = [&](const std::string& why) {
    errors.invalid(path.child("fieldPath"), go_quoted(label), fmt::format("error converting fieldPath: {}", why));
  };
  if (version != "v1") return unconvertible(fmt::format("unsupported pod version: {}", version));
  const std::size_t open = label.find("['");
  if (open != std::string_view::npos && open > 0 && label.size() > open + 3 && label.substr(label.size() - 2) == "']") {
    const std::string_view base = label.substr(0, open);
    const std::string_view subscript = label.substr(open + 2, label.size() - open - 4);
    if (base == "metadata.annotations") {
      std::string lower(subscript);
      for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      errors.invalid_each(path, lower, label_key(lower));
    } else if (base == "metadata.labels") {
      errors.invalid_each(path, subscript, label_key(subscript));
    } else {
      unconvertible(fmt::format("field label does not support subscript: {}", label));
    }
    return;
  }
  static const std::vector<std::string_view> kConvertible = {
      "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
      "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase",
      "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.host"};
  if (!is_one_of(label, kConvertible)) return unconvertible(fmt::format("field label not supported: {}", label));
  const std::string_view converted = label == "spec.host" ? "spec.nodeName" : label;
  if (!is_one_of(converted, supported)) errors.not_supported(path.child("fieldPath"), go_quoted(converted), supported);
}

void check_resource_field_reference(const Path& path, const json& reference, bool in_volume, Errors& errors) {
  static const std::vector<std::string_view> kResources = {"limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
                                                           "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
  const std::string_view resource = text(reference, "resource");
  const bool huge_pages = resource.substr(0, 17) == "limits.hugepages-" || resource.substr(0, 19) == "requests.hugepages-";
  if (in_volume && text(reference, "containerName").empty()) {
    errors.required(path.child("containerName"));
  } else if (resource.empty()) {
    errors.required(path.child("resource"));
  } else if (!is_one_of(resource, kResources) && !huge_pages) {
    errors.not_supported(path.child("resource"), go_quoted(resource), kResources);
  }
  const json* value = member(reference, "divisor");
  if (value == nullptr) return;
  const Quantity divisor = quantity_of(*value);
  if (divisor.sign() == 0) return;
  const std::string divisor_text = divisor.to_string();
  const std::size_t dot = resource.find('.');
  const std::string_view what = dot == std::string_view::npos ? std::string_view() : resource.substr(dot + 1);
  if (what == "cpu") {
    if (divisor_text != "1m" && divisor_text != "1") {
      errors.invalid(path.child("divisor"), go_quoted(resource), "only divisor's values 1m and 1 are supported with the cpu resource");
    }
    return;
  }
  const std::string_view name = huge_pages                    ? "hugepages"
                                : what == "memory"            ? "memory"
                                : what == "ephemeral-storage" ? "local ephemeral storage"
                                                              : "";
  if (name.empty()) return;
  if (!is_one_of(divisor_text, {"1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"})) {
    errors.invalid(path.child("divisor"), go_quoted(resource),
                   fmt::format("only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the {} "
                               "resource",
                               name));
  }
}

}  // namespace orrery::validation
