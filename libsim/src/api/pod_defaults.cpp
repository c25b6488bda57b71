// Source: pkg/apis/core/v1/defaults.go, zz_generated.defaults.go.
#include "pod_defaults.hpp"

#include <algorithm>

#include "support.hpp"

namespace orrery::validation {

namespace {

void set_default(json& object, const char* field, json value) {
  if (member(object, field) == nullptr) object[field] = std::move(value);
}

/// Fields that are plain strings or numbers: the zero value counts as absent.
void set_default_text(json& object, const char* field, const char* value) {
  if (text(object, field).empty()) object[field] = value;
}

void set_default_number(json& object, const char* field, int value) {
  if (number(object, field) == 0) object[field] = value;
}

json* mutable_member(json& object, const char* field) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(field);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

template <class Function>
void for_each(json& object, const char* field, Function function) {
  json* items = mutable_member(object, field);
  if (items == nullptr || !items->is_array()) return;
  for (json& item : *items) {
    if (item.is_object()) function(item);
  }
}

void default_http_get(json& handler) {
  json* action = mutable_member(handler, "httpGet");
  if (action == nullptr) return;
  set_default_text(*action, "path", "/");
  set_default_text(*action, "scheme", "HTTP");
}

void default_probe(json& container, const char* field) {
  json* probe = mutable_member(container, field);
  if (probe == nullptr) return;
  set_default_number(*probe, "timeoutSeconds", 1);
  set_default_number(*probe, "periodSeconds", 10);
  set_default_number(*probe, "successThreshold", 1);
  set_default_number(*probe, "failureThreshold", 3);
  default_http_get(*probe);
  if (json* grpc = mutable_member(*probe, "grpc")) set_default(*grpc, "service", "");
}

void default_field_reference(json& source) {
  if (json* reference = mutable_member(source, "fieldRef")) set_default_text(*reference, "apiVersion", "v1");
}

void default_container(json& container) {
  if (text(container, "imagePullPolicy").empty()) container["imagePullPolicy"] = default_pull_policy(text(container, "image"));
  set_default_text(container, "terminationMessagePath", "/dev/termination-log");
  set_default_text(container, "terminationMessagePolicy", "File");
  for_each(container, "ports", [](json& port) { set_default_text(port, "protocol", "TCP"); });
  for_each(container, "env", [](json& variable) {
    json* from = mutable_member(variable, "valueFrom");
    if (from == nullptr) return;
    default_field_reference(*from);
    if (json* file = mutable_member(*from, "fileKeyRef")) set_default(*file, "optional", false);
  });
  for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
  if (json* lifecycle = mutable_member(container, "lifecycle")) {
    for (const char* hook : {"postStart", "preStop"}) {
      if (json* handler = mutable_member(*lifecycle, hook)) default_http_get(*handler);
    }
  }
}

void default_projected_source(json& source) {
  if (json* downward = mutable_member(source, "downwardAPI")) for_each(*downward, "items", default_field_reference);
  if (json* token = mutable_member(source, "serviceAccountToken")) set_default(*token, "expirationSeconds", 3600);
}

void default_volume(json& volume) {
  bool has_source = false;
  for (auto it = volume.begin(); it != volume.end(); ++it) has_source = has_source || (it.key() != "name" && !it->is_null());
  if (!has_source) volume["emptyDir"] = json::object();
  for (const char* kind : {"secret", "configMap", "downwardAPI", "projected"}) {
    if (json* source = mutable_member(volume, kind)) set_default(*source, "defaultMode", 0644);
  }
  if (json* source = mutable_member(volume, "hostPath")) set_default(*source, "type", "");
  if (json* source = mutable_member(volume, "downwardAPI")) for_each(*source, "items", default_field_reference);
  if (json* source = mutable_member(volume, "projected")) for_each(*source, "sources", default_projected_source);
  if (json* source = mutable_member(volume, "image")) {
    if (text(*source, "pullPolicy").empty()) (*source)["pullPolicy"] = default_pull_policy(text(*source, "reference"));
  }
  if (json* source = mutable_member(volume, "iscsi")) set_default_text(*source, "iscsiInterface", "default");
  if (json* source = mutable_member(volume, "rbd")) {
    set_default_text(*source, "pool", "rbd");
    set_default_text(*source, "user", "admin");
    set_default_text(*source, "keyring", "/etc/ceph/keyring");
  }
  if (json* source = mutable_member(volume, "azureDisk")) {
    set_default(*source, "cachingMode", "ReadWrite");
    set_default(*source, "fsType", "ext4");
    set_default(*source, "readOnly", false);
    set_default(*source, "kind", "Shared");
  }
  if (json* source = mutable_member(volume, "scaleIO")) {
    set_default_text(*source, "storageMode", "ThinProvisioned");
    set_default_text(*source, "fsType", "xfs");
  }
  if (json* source = mutable_member(volume, "ephemeral")) {
    json* claim = mutable_member(*source, "volumeClaimTemplate");
    json* spec = claim == nullptr ? nullptr : mutable_member(*claim, "spec");
    if (spec != nullptr) set_default(*spec, "volumeMode", "Filesystem");
  }
}

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// One part of a repository name: lower case letters and digits in groups, separated by one dot, up to two underscores
/// or any number of dashes.
bool is_repository_part(std::string_view part) {
  if (part.empty() || !is_lower_alnum(part.front()) || !is_lower_alnum(part.back())) return false;
  for (std::size_t i = 0; i < part.size();) {
    if (is_lower_alnum(part[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < part.size() && part[end] == part[i]) ++end;
    const std::size_t length = end - i;
    const bool separator = part[i] == '-' || (part[i] == '.' && length == 1) || (part[i] == '_' && length <= 2);
    if (!separator || !is_lower_alnum(part[end])) return false;
    i = end;
  }
  return true;
}

/// A registry: a host name, and a port.
bool is_registry(std::string_view host) {
  const auto is_alnum = [](char c) { return is_lower_alnum(c) || (c >= 'A' && c <= 'Z'); };
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (port.empty() || !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  }
  for (std::string_view rest = host.substr(0, colon);;) {
    const std::size_t end = rest.find('.');
    const std::string_view part = rest.substr(0, end);
    if (part.empty() || !is_alnum(part.front()) || !is_alnum(part.back())) return false;
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return is_alnum(c) || c == '-'; })) return false;
    if (end == std::string_view::npos) return true;
    rest.remove_prefix(end + 1);
  }
}

bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 128 || tag.front() == '.' || tag.front() == '-') return false;
  return std::all_of(tag.begin(), tag.end(), [](char c) { return is_lower_alnum(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '-'; });
}

}  // namespace

std::string_view default_pull_policy(std::string_view image) {
  // An image that is no reference has no tag, so it is pulled as one with another tag would be.
  constexpr std::string_view kIfNotPresent = "IfNotPresent";
  const std::size_t at = image.find('@');
  const std::string_view reference = image.substr(0, at);
  const std::size_t slash = reference.rfind('/');
  const std::size_t colon = reference.find(':', slash == std::string_view::npos ? 0 : slash);
  const bool tagged = colon != std::string_view::npos;
  const std::string_view tag = tagged ? reference.substr(colon + 1) : std::string_view();
  std::string_view repository = reference.substr(0, colon);
  if (at != std::string_view::npos || repository.empty() || (tagged && !is_tag(tag))) return kIfNotPresent;
  const std::size_t first_slash = repository.find('/');
  if (first_slash != std::string_view::npos) {
    const std::string_view host = repository.substr(0, first_slash);
    const bool upper = std::any_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (host.find_first_of(".:") != std::string_view::npos || host == "localhost" || upper) {
      if (!is_registry(host)) return kIfNotPresent;
      repository = repository.substr(first_slash + 1);
    }
  } else if (repository.size() == 64 &&
             std::all_of(repository.begin(), repository.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); })) {
    return kIfNotPresent;  // an image id
  }
  if (repository.size() > 255) return kIfNotPresent;
  while (true) {
    const std::size_t end = repository.find('/');
    if (!is_repository_part(repository.substr(0, end))) return kIfNotPresent;
    if (end == std::string_view::npos) break;
    repository.remove_prefix(end + 1);
  }
  return !tagged || tag == "latest" ? "Always" : kIfNotPresent;
}

void default_pod_spec(json& spec) {
  if (!spec.is_object()) spec = json::object();
  set_default_text(spec, "dnsPolicy", "ClusterFirst");
  set_default_text(spec, "restartPolicy", "Always");
  set_default(spec, "securityContext", json::object());
  set_default(spec, "terminationGracePeriodSeconds", 30);
  set_default_text(spec, "schedulerName", "default-scheduler");
  // Two names of one field: an old client reads the one, a new client the other.
  if (text(spec, "serviceAccountName").empty() && !text(spec, "serviceAccount").empty()) {
    spec["serviceAccountName"] = text(spec, "serviceAccount");
  }
  if (!text(spec, "serviceAccountName").empty()) spec["serviceAccount"] = text(spec, "serviceAccountName");
  for_each(spec, "volumes", default_volume);
  for (const char* field : {"initContainers", "containers", "ephemeralContainers"}) for_each(spec, field, default_container);
}

void default_pod_only(json& spec) {
  const bool host_network = flag(spec, "hostNetwork");
  for (const char* field : {"containers", "initContainers"}) {
    for_each(spec, field, [&](json& container) {
      json* resources = mutable_member(container, "resources");
      json* limits = resources == nullptr ? nullptr : mutable_member(*resources, "limits");
      if (limits != nullptr && limits->is_object()) {
        json requests = object(*resources, "requests");
        for (auto it = limits->begin(); it != limits->end(); ++it) {
          if (!requests.contains(it.key())) requests[it.key()] = *it;
        }
        (*resources)["requests"] = std::move(requests);
      }
      if (!host_network) return;
      for_each(container, "ports", [](json& port) {
        if (number(port, "hostPort") == 0) port["hostPort"] = number(port, "containerPort");
      });
    });
  }
  set_default(spec, "enableServiceLinks", true);
}

}  // namespace orrery::validation
