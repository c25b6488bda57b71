#include "metadata_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "name_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

constexpr std::size_t kMaxAnnotationBytes = 256 * 1024;

void check_owner_references(const Path& path, const json& references, Errors& errors) {
  std::string first_controller;
  for (const json& reference : references) {
    const std::string_view api_version = text(reference, "apiVersion");
    const std::string_view kind = text(reference, "kind");
    const std::string_view name = text(reference, "name");
    const std::size_t slash = api_version.find('/');
    const std::string_view version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
    const bool malformed = version.find('/') != std::string_view::npos;  // the parser then gives up on the whole text
    if (version.empty() || malformed) errors.invalid(path.child("apiVersion"), go_quoted(api_version), "version must not be empty");
    if (kind.empty()) errors.invalid(path.child("kind"), go_quoted(kind), "must not be empty");
    if (name.empty()) errors.invalid(path.child("name"), go_quoted(name), "must not be empty");
    if (text(reference, "uid").empty()) errors.invalid(path.child("uid"), "\"\"", "must not be empty");
    if (api_version == "v1" && kind == "Event") {
      errors.invalid(path, wire_text("OwnerReference", &reference), "/v1, Kind=Event is disallowed from being an owner");
    }
    if (!flag(reference, "controller")) continue;
    std::string controller = fmt::format("{}/{}", kind, name);
    if (first_controller.empty()) {
      first_controller = std::move(controller);
    } else {
      errors.invalid(path, wire_text("[]OwnerReference", &references),
                     fmt::format("Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
                                 first_controller, controller));
    }
  }
}

void check_finalizers(const Path& path, const json& finalizers, Errors& errors) {
  bool orphan = false;
  bool foreground = false;
  for (const json& finalizer : finalizers) {
    errors.invalid_each(path, text(finalizer), label_key(text(finalizer)));
    orphan = orphan || text(finalizer) == "orphan";
    foreground = foreground || text(finalizer) == "foregroundDeletion";
  }
  if (orphan && foreground) {
    errors.invalid(path, go_json(finalizers), "finalizer orphan and foregroundDeletion cannot be both set");
  }
}

void check_finalizers_are_qualified(const Path& path, const json& finalizers, Errors& errors) {
  for (std::size_t i = 0; i < finalizers.size(); ++i) {
    const std::string_view name = text(finalizers[i]);
    if (name.find('/') != std::string_view::npos) continue;
    if (name == "kubernetes" || name == "orphan" || name == "foregroundDeletion") continue;
    errors.invalid(path.index(i), go_quoted(name), "name is neither a standard finalizer name nor is it fully qualified");
  }
}

void check_managed_fields(const Path& path, const json& entries, Errors& errors) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Path entry = path.index(i);
    const std::string_view operation = text(entries[i], "operation");
    if (operation != "Apply" && operation != "Update") {
      errors.invalid(entry.child("operation"), json_quoted(operation), "must be `Apply` or `Update`");
    }
    const std::string_view type = text(entries[i], "fieldsType");
    if (!type.empty() && type != "FieldsV1") errors.invalid(entry.child("fieldsType"), go_quoted(type), "must be `FieldsV1`");
  }
}

/// The part of the metadata rules that does not depend on the kind's names.
void check_metadata_body(const Path& path, const json& metadata, Scope scope, Errors& errors) {
  const std::string_view ns = text(metadata, "namespace");
  if (scope == Scope::namespaced) {
    if (ns.empty()) {
      errors.required(path.child("namespace"));
    } else {
      errors.invalid_each(path.child("namespace"), ns, dns1123_label(ns));
    }
  } else if (!ns.empty()) {
    errors.forbidden(path.child("namespace"), "not allowed on this type");
  }
  errors.nonnegative(path.child("generation"), number(metadata, "generation"));
  check_labels(path.child("labels"), object(metadata, "labels"), errors);
  check_annotations(path.child("annotations"), object(metadata, "annotations"), errors);
  check_owner_references(path.child("ownerReferences"), list(metadata, "ownerReferences"), errors);
  check_finalizers(path.child("finalizers"), list(metadata, "finalizers"), errors);
  check_managed_fields(path.child("managedFields"), list(metadata, "managedFields"), errors);
}

void check_names(const Path& path, const json& metadata, NameRule name_rule, NameRule prefix_rule, Errors& errors) {
  const std::string_view generate_name = text(metadata, "generateName");
  if (!generate_name.empty()) errors.invalid_each(path.child("generateName"), generate_name, prefix_rule(generate_name));
  const std::string_view name = text(metadata, "name");
  if (name.empty()) {
    errors.required(path.child("name"), "name or generateName is required");
  } else {
    errors.invalid_each(path.child("name"), name, name_rule(name));
  }
}

void check_immutable(const Path& path, std::string_view kind, const json& new_metadata, const json& old_metadata, const char* name,
                     Errors& errors) {
  const json* now = member(new_metadata, name);
  if (semantically_equal(kind, now, member(old_metadata, name))) return;
  std::string value = kind == "s" ? go_quoted(now == nullptr ? std::string_view() : text(*now)) : wire_text(kind, now);
  errors.invalid(path.child(name), std::move(value), "field is immutable");
}

bool requirement_selects(const json& requirement, const json& labels, bool& malformed) {
  const std::string key(text(requirement, "key"));
  const std::string_view op = text(requirement, "operator");
  const json& values = list(requirement, "values");
  if (!label_key(key).empty()) malformed = true;
  const json* actual = member(labels, key);
  if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty()) malformed = true;
    return (actual != nullptr) == (op == "Exists");
  }
  if ((op != "In" && op != "NotIn") || values.empty()) {
    malformed = true;
    return false;
  }
  bool found = false;
  for (const json& value : values) {
    if (!label_value(text(value)).empty()) malformed = true;
    found = found || (actual != nullptr && text(*actual) == text(value));
  }
  return op == "In" ? found : !found;
}

}  // namespace

void check_labels(const Path& path, const json& labels, Errors& errors) {
  for (auto it = labels.begin(); it != labels.end(); ++it) {
    errors.invalid_each(path, it.key(), label_key(it.key()));
    errors.invalid_each(path, text(*it), label_value(text(*it)));
  }
}

void check_annotations(const Path& path, const json& annotations, Errors& errors) {
  std::size_t bytes = 0;
  for (auto it = annotations.begin(); it != annotations.end(); ++it) {
    std::string lower = it.key();
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    errors.invalid_each(path, it.key(), label_key(lower));
    bytes += it.key().size() + text(*it).size();
  }
  if (bytes > kMaxAnnotationBytes) errors.too_long(path, kMaxAnnotationBytes);
}

void check_label_selector(const Path& path, const json* selector, Errors& errors) {
  if (selector == nullptr) return;
  check_labels(path.child("matchLabels"), object(*selector, "matchLabels"), errors);
  const Path expressions_path = path.child("matchExpressions");
  const json& expressions = list(*selector, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const Path expression = expressions_path.index(i);
    const Path values_path = expression.child("values");
    const json& values = list(expressions[i], "values");
    const std::string_view op = text(expressions[i], "operator");
    if (op == "In" || op == "NotIn") {
      if (values.empty()) errors.required(values_path, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (!values.empty()) errors.forbidden(values_path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
    } else {
      errors.invalid(expression.child("operator"), json_quoted(op), "not a valid selector operator");
    }
    const std::string_view key = text(expressions[i], "key");
    errors.invalid_each(expression.child("key"), key, label_key(key));
    for (std::size_t k = 0; k < values.size(); ++k) {
      errors.invalid_each(values_path.index(k), text(values[k]), label_value(text(values[k])));
    }
  }
}

Match selector_matches(const json* selector, const json& labels) {
  if (selector == nullptr) return Match::no;
  bool malformed = false;
  bool all = true;
  const json& match_labels = object(*selector, "matchLabels");
  for (auto it = match_labels.begin(); it != match_labels.end(); ++it) {
    if (!label_key(it.key()).empty() || !label_value(text(*it)).empty()) malformed = true;
    const json* actual = member(labels, it.key());
    all = all && actual != nullptr && text(*actual) == text(*it);
  }
  for (const json& requirement : list(*selector, "matchExpressions")) {
    const bool selected = requirement_selects(requirement, labels, malformed);
    all = all && selected;
  }
  if (malformed) return Match::malformed;
  return all ? Match::yes : Match::no;
}

void check_plain_metadata(const json& object_tree, Scope scope, Errors& errors) {
  const Path path("metadata");
  const json& metadata = object(object_tree, "metadata");
  check_names(path, metadata, dns1123_subdomain,
              [](std::string_view prefix) { return dns1123_subdomain(masked_trailing_dash(prefix)); }, errors);
  check_metadata_body(path, metadata, scope, errors);
}

void check_metadata(const json& object_tree, Scope scope, Errors& errors) {
  check_plain_metadata(object_tree, scope, errors);
  const Path path("metadata");
  check_finalizers_are_qualified(path.child("finalizers"), list(object(object_tree, "metadata"), "finalizers"), errors);
}

void check_path_names(const json& object_tree, Errors& errors) {
  check_names(Path("metadata"), object(object_tree, "metadata"), path_segment_name, path_segment_prefix, errors);
}

void check_common_metadata(const json& object_tree, Scope scope, Errors& errors) {
  check_path_names(object_tree, errors);
  check_metadata_body(Path("metadata"), object(object_tree, "metadata"), scope, errors);
}

void check_metadata_update(const json& new_object, const json& old_object, Errors& errors) {
  const Path path("metadata");
  const json& now = object(new_object, "metadata");
  const json& before = object(old_object, "metadata");
  if (member(before, "deletionTimestamp") != nullptr) {
    std::set<std::string_view> extra;
    for (const json& finalizer : list(now, "finalizers")) extra.insert(text(finalizer));
    for (const json& finalizer : list(before, "finalizers")) extra.erase(text(finalizer));
    if (!extra.empty()) {
      std::string names;
      for (const std::string_view name : extra) names += (names.empty() ? "" : ", ") + go_quoted(name);
      errors.forbidden(path.child("finalizers"),
                       fmt::format("no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}", names));
    }
  }
  if (text(now, "resourceVersion").empty()) errors.invalid(path.child("resourceVersion"), "\"\"", "must be specified for an update");
  if (number(now, "generation") < number(before, "generation")) {
    errors.invalid(path.child("generation"), fmt::format("{}", number(now, "generation")), "must not be decremented");
  }
  for (const char* name : {"name", "namespace"}) check_immutable(path, "s", now, before, name, errors);
  if (text(now, "uid") != text(before, "uid")) errors.invalid(path.child("uid"), json_quoted(text(now, "uid")), "field is immutable");
  for (const char* name : {"creationTimestamp", "deletionTimestamp"}) check_immutable(path, "t", now, before, name, errors);
  check_immutable(path, "*i", now, before, "deletionGracePeriodSeconds", errors);
  check_labels(path.child("labels"), object(now, "labels"), errors);
  check_annotations(path.child("annotations"), object(now, "annotations"), errors);
  check_owner_references(path.child("ownerReferences"), list(now, "ownerReferences"), errors);
  check_managed_fields(path.child("managedFields"), list(now, "managedFields"), errors);
}

void check_kind_metadata_update(const json& new_object, const json& old_object, Errors& errors) {
  check_metadata_update(new_object, old_object, errors);
  const Path path("metadata");
  check_finalizers_are_qualified(path.child("finalizers"), list(object(new_object, "metadata"), "finalizers"), errors);
}

}  // namespace orrery::validation
