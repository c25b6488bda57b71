// Volumes of a pod. Of the sources that need a storage vendor (iSCSI, RBD, FC, …) only their number is checked.
#include <fmt/format.h>

#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "pod_rules.hpp"

namespace orrery::validation {

namespace {

constexpr std::string_view kModeText = "must be a number between 0 and 0777 (octal), both inclusive";
const std::vector<std::string_view> kVolumeFields = {"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace",
                                                     "metadata.uid"};

void check_mode(const Path& path, const json* mode, Errors& errors) {
  if (mode == nullptr) return;
  const std::int64_t value = number(*mode);
  if (value < 0 || value > 0777) errors.invalid(path, fmt::format("{}", value), kModeText);
}

void check_local_path(const Path& path, std::string_view target, Errors& errors) {
  check_local_descending_path(path, target, errors);
  if (target.substr(0, 2) == ".." && target.substr(0, 3) != "../") errors.invalid(path, go_quoted(target), "must not start with '..'");
}

void check_key_to_path(const Path& path, const json& item, Errors& errors) {
  if (text(item, "key").empty()) errors.required(path.child("key"));
  const std::string_view target = text(item, "path");
  if (target.empty()) errors.required(path.child("path"));
  check_local_path(path.child("path"), target, errors);
  check_mode(path.child("mode"), member(item, "mode"), errors);
}

void check_items(const Path& path, const json& items, Errors& errors) {
  for (std::size_t i = 0; i < items.size(); ++i) check_key_to_path(path.index(i), items[i], errors);
}

void check_downward_file(const Path& path, const json& file, Errors& errors) {
  const std::string_view target = text(file, "path");
  if (target.empty()) errors.required(path.child("path"));
  check_local_path(path.child("path"), target, errors);
  const json* field = member(file, "fieldRef");
  const json* resource = member(file, "resourceFieldRef");
  if (field != nullptr) {
    check_field_reference(path.child("fieldRef"), *field, kVolumeFields, errors);
    if (resource != nullptr) errors.invalid(path, "\"resource\"", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (resource != nullptr) {
    check_resource_field_reference(path.child("resourceFieldRef"), *resource, true, errors);
  } else {
    errors.required(path, "one of fieldRef and resourceFieldRef is required");
  }
  check_mode(path.child("mode"), member(file, "mode"), errors);
}

/// The paths that the sources of a projected volume write; each may come once.
class ProjectedPaths {
 public:
  ProjectedPaths(const Path& path, Errors& errors) : path_(path), errors_(errors) {}
  void add(std::string_view target, std::string_view blamed) {
    if (!seen_.insert(target).second) errors_.invalid(path_, go_quoted(blamed), "conflicting duplicate paths");
  }

 private:
  const Path& path_;
  Errors& errors_;
  std::set<std::string_view> seen_;
};

void check_projected_object(const Path& path, const json& source, ProjectedPaths& paths, Errors& errors) {
  const std::string_view name = text(source, "name");
  if (name.empty()) errors.required(path.child("name"));
  const Path items_path = path.child("items");
  const json& items = list(source, "items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    check_key_to_path(items_path.index(i), items[i], errors);
    const std::string_view target = text(items[i], "path");
    if (!target.empty()) paths.add(target, name);
  }
}

void check_projected(const Path& path, const json& projected, Errors& errors) {
  check_mode(path.child("defaultMode"), member(projected, "defaultMode"), errors);
  ProjectedPaths paths(path, errors);
  const Path sources_path = path.child("sources");
  const json& sources = list(projected, "sources");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Path source = sources_path.index(i);
    int kinds = 0;
    for (const char* name : {"secret", "configMap"}) {
      const json* part = member(sources[i], name);
      if (part == nullptr) continue;
      ++kinds;
      check_projected_object(source.child(name), *part, paths, errors);
    }
    if (const json* downward = member(sources[i], "downwardAPI")) {
      ++kinds;
      const Path downward_path = source.child("downwardAPI");
      for (const json& file : list(*downward, "items")) {
        check_downward_file(downward_path, file, errors);
        const std::string_view target = text(file, "path");
        if (!target.empty()) paths.add(target, target);
      }
    }
    if (const json* token = member(sources[i], "serviceAccountToken")) {
      ++kinds;
      const Path token_path = source.child("serviceAccountToken");
      const std::int64_t seconds = number(*token, "expirationSeconds");
      const Path seconds_path = token_path.child("expirationSeconds");
      if (seconds < 600) errors.invalid(seconds_path, fmt::format("{}", seconds), "may not specify a duration less than 10 minutes");
      if (seconds > (std::int64_t{1} << 32)) {
        errors.invalid(seconds_path, fmt::format("{}", seconds), "may not specify a duration larger than 2^32 seconds");
      }
      const std::string_view target = text(*token, "path");
      if (target.empty()) {
        errors.required(path.child("path"));
      } else {
        check_local_path(path.child("path"), target, errors);
      }
    }
    if (kinds > 1) errors.forbidden(source, "may not specify more than 1 volume type per source");
  }
}

void check_host_path(const Path& path, const json& source, Errors& errors) {
  const std::string_view target = text(source, "path");
  if (target.empty()) {
    errors.required(path.child("path"));
    return;
  }
  check_no_backsteps(path.child("path"), target, errors);
  const std::string_view type = text(source, "type");
  for (const std::string_view known :
       {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"}) {
    if (type == known) return;
  }
  errors.not_supported(path.child("type"), json_quoted(type),
                       {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"});
}

void check_named_source(const Path& path, const json& source, const char* name_field, Errors& errors) {
  if (text(source, name_field).empty()) errors.required(path.child(name_field));
  check_mode(path.child("defaultMode"), member(source, "defaultMode"), errors);
  check_items(path.child("items"), list(source, "items"), errors);
}

void check_nfs(const Path& path, const json& source, Errors& errors) {
  if (text(source, "server").empty()) errors.required(path.child("server"));
  const std::string_view target = text(source, "path");
  if (target.empty()) errors.required(path.child("path"));
  if (target.substr(0, 1) != "/") errors.invalid(path.child("path"), go_quoted(target), "must be an absolute path");
}

void check_csi(const Path& path, const json& source, Errors& errors) {
  const std::string_view driver = text(source, "driver");
  if (driver.empty()) {
    errors.required(path.child("driver"));
  } else {
    if (driver.size() > 63) errors.too_long(path.child("driver"), 63);
    std::string lower(driver);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    errors.invalid_each(path.child("driver"), driver, dns1123_subdomain(lower));
  }
  if (const json* secret = member(source, "nodePublishSecretRef")) {
    const std::string_view name = text(*secret, "name");
    if (name.empty()) {
      errors.required(path.child("nodePublishSecretRef.name"));
    } else {
      errors.invalid_each(path.child("name"), name, dns1123_subdomain(name));
    }
  }
}

void check_source(const Path& path, std::string_view kind, const json& source, const PodContext& context, Errors& errors) {
  const Path own = path.child(kind);
  if (kind == "hostPath") check_host_path(own, source, errors);
  if (kind == "gitRepo") {
    if (text(source, "repository").empty()) errors.required(own.child("repository"));
    check_local_descending_path(own.child("directory"), text(source, "directory"), errors);
  }
  if (kind == "secret") check_named_source(own, source, "secretName", errors);
  if (kind == "configMap") check_named_source(own, source, "name", errors);
  if (kind == "nfs") check_nfs(own, source, errors);
  if (kind == "persistentVolumeClaim" && text(source, "claimName").empty()) errors.required(own.child("claimName"));
  if (kind == "downwardAPI") {
    check_mode(own.child("defaultMode"), member(source, "defaultMode"), errors);
    for (const json& file : list(source, "items")) check_downward_file(own, file, errors);
  }
  if (kind == "projected") check_projected(own, source, errors);
  if (kind == "csi") check_csi(own, source, errors);
  if (kind == "ephemeral" && member(source, "volumeClaimTemplate") == nullptr) errors.required(own.child("volumeClaimTemplate"));
  if (kind == "image") {
    if (context.is_pod && text(source, "reference").empty()) errors.required(own.child("reference"));
    check_pull_policy(own.child("pullPolicy"), text(source, "pullPolicy"), errors);
  }
}

void check_volume_source(const Path& path, const json& volume, const PodContext& context, Errors& errors) {
  bool found = false;
  if (const json* empty_dir = member(volume, "emptyDir")) {
    found = true;
    const std::string_view limit = text(*empty_dir, "sizeLimit");
    if (limit.substr(0, 1) == "-") {
      errors.forbidden(path.child("emptyDir.sizeLimit"), "SizeLimit field must be a valid resource quantity");
    }
  }
  // In the order in which the API server looks at them; two names in its messages are not those of the fields.
  for (const char* kind :
       {"hostPath",   "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret",      "nfs",       "iscsi",         "glusterfs",
        "flocker",    "persistentVolumeClaim", "rbd", "cinder",               "cephfs",      "quobyte",   "downwardAPI",   "fc",
        "flexVolume", "configMap", "azureFile",       "vsphereVolume",        "photonPersistentDisk", "portworxVolume", "azureDisk",
        "storageos",  "projected", "scaleIO",         "csi",                  "ephemeral",   "image"}) {
    const json* source = member(volume, kind);
    if (source == nullptr) continue;
    if (found) {
      const std::string_view name = kind;
      errors.forbidden(path.child(name == "downwardAPI" ? "downwarAPI" : name == "cephfs" ? "cephFS" : name),
                       "may not specify more than 1 volume type");
      continue;
    }
    found = true;
    check_source(path, kind, *source, context, errors);
    if (std::string_view(kind) == "ephemeral" && context.metadata != nullptr) {
      const std::string_view pod = text(*context.metadata, "name");
      const std::string_view name = text(volume, "name");
      if (!pod.empty() && !name.empty()) {
        const std::string claim = fmt::format("{}-{}", pod, name);
        for (const std::string& message : dns1123_subdomain(claim)) {
          errors.invalid(path.child("name"), go_quoted(name), fmt::format("PVC name {}: {}", go_quoted(claim), message));
        }
      }
    }
  }
  if (!found) errors.required(path, "must specify a volume type");
}

}  // namespace

void check_no_backsteps(const Path& path, std::string_view target, Errors& errors) {
  std::string_view rest = target;
  while (true) {
    const std::size_t end = rest.find('/');
    if (rest.substr(0, end) == "..") {
      errors.invalid(path, go_quoted(target), "must not contain '..'");
      return;
    }
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

void check_local_descending_path(const Path& path, std::string_view target, Errors& errors) {
  if (target.substr(0, 1) == "/") errors.invalid(path, go_quoted(target), "must be a relative path");
  check_no_backsteps(path, target, errors);
}

std::map<std::string_view, const json*> check_volumes(const Path& path, const json& volumes, const PodContext& context, Errors& errors) {
  std::map<std::string_view, const json*> valid;
  std::set<std::string> created_claims;
  const std::string_view pod = context.metadata == nullptr ? std::string_view() : text(*context.metadata, "name");
  if (!pod.empty()) {
    for (const json& volume : volumes) {
      if (member(volume, "ephemeral") != nullptr) created_claims.insert(fmt::format("{}-{}", pod, text(volume, "name")));
    }
  }
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const Path volume = path.index(i);
    const std::string_view name = text(volumes[i], "name");
    const std::size_t before = errors.size();
    check_volume_source(volume, volumes[i], context, errors);
    if (name.empty()) {
      errors.required(volume.child("name"));
    } else {
      errors.invalid_each(volume.child("name"), name, dns1123_label(name));
    }
    if (valid.count(name) > 0) errors.duplicate(volume.child("name"), go_quoted(name));
    if (errors.size() == before) valid[name] = &volumes[i];
    const std::string_view claim = text(object(volumes[i], "persistentVolumeClaim"), "claimName");
    if (!claim.empty() && created_claims.count(std::string(claim)) > 0) {
      errors.invalid(volume.child("persistentVolumeClaim.claimName"), go_quoted(claim),
                     "must not reference a PVC that gets created for an ephemeral volume");
    }
  }
  return valid;
}

}  // namespace orrery::validation
