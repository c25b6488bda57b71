// What may change in a pod once it is there.
#include <fmt/format.h>

#include <limits>

#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "shape.hpp"
#include "unified_diff.hpp"

namespace orrery::validation {

namespace {

constexpr std::string_view kUpdatableText =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";

void check_annotation_changes(const Path& path, const json& now, const json& before, Errors& errors) {
  constexpr std::string_view kAppArmor = "container.apparmor.security.beta.kubernetes.io/";
  constexpr std::string_view kMirror = "kubernetes.io/config.mirror";
  const auto is_app_armor = [&](const std::string& key) { return key.compare(0, kAppArmor.size(), kAppArmor) == 0; };
  for (auto it = before.begin(); it != before.end(); ++it) {
    const json* kept = member(now, it.key());
    if (kept != nullptr && *kept == *it) continue;
    if (is_app_armor(it.key())) errors.forbidden(path.key(it.key()), "may not remove or update AppArmor annotations");
    if (it.key() == kMirror) errors.forbidden(path.key(it.key()), "may not remove or update mirror pod annotation");
  }
  for (auto it = now.begin(); it != now.end(); ++it) {
    if (member(before, it.key()) != nullptr) continue;
    if (is_app_armor(it.key())) errors.forbidden(path.key(it.key()), "may not add AppArmor annotations");
    if (it.key() == kMirror) errors.forbidden(path.key(it.key()), "may not add mirror pod annotation");
  }
}

/// False if the number of containers changed, after which nothing else is compared.
bool check_container_changes(const Path& path, const json& now, const json& before, Errors& errors) {
  if (now.size() != before.size()) {
    errors.forbidden(path, "pod updates may not add or remove containers");
    return false;
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::string_view image = text(now[i], "image");
    const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    if (image.empty()) errors.required(path.index(i, "image"));
    if (!image.empty() && (is_blank(image.front()) || is_blank(image.back()))) {
      errors.invalid(path.index(i, "image"), go_quoted(image), "must not have leading or trailing whitespace");
    }
  }
  return true;
}

bool check_deadline_change(const Path& path, const json& now, const json& before, Errors& errors) {
  const json* value = member(now, "activeDeadlineSeconds");
  const json* old_value = member(before, "activeDeadlineSeconds");
  if (value == nullptr) {
    if (old_value != nullptr) errors.invalid(path, "null", "must not update from a positive integer to nil value");
    return true;
  }
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  if (number(*value) < 0 || number(*value) > kMax) {
    errors.invalid(path, fmt::format("{}", number(*value)), must_be_between(0, kMax));
    return false;
  }
  if (old_value != nullptr && number(*old_value) < number(*value)) {
    errors.invalid(path, fmt::format("{}", number(*value)), "must be less than or equal to previous value");
    return false;
  }
  return true;
}

void check_toleration_changes(const Path& path, const json& now, const json& before, Errors& errors) {
  for (const json& old_toleration : before) {
    bool found = false;
    for (const json& toleration : now) {
      json with_seconds = old_toleration;
      with_seconds.erase("tolerationSeconds");
      json candidate = toleration;
      candidate.erase("tolerationSeconds");
      found = found || semantically_equal("Toleration", &with_seconds, &candidate);
    }
    if (!found) {
      errors.forbidden(path, "existing toleration can not be modified except its tolerationSeconds");
      return;
    }
  }
  check_tolerations(path, now, errors);
}

void check_gate_changes(const Path& path, const json& now, const json& before, Errors& errors) {
  std::map<std::string_view, std::size_t> added;
  for (std::size_t i = 0; i < now.size(); ++i) added[text(now[i], "name")] = i;
  for (const json& gate : before) added.erase(text(gate, "name"));
  for (const auto& [name, i] : added) {
    errors.forbidden(path.index(i, "name"), fmt::format("only deletion is allowed, but found new scheduling gate '{}'", name));
  }
}

bool only_adds(const json& now, const json& before) {
  if (list(before, "matchExpressions").empty() && list(before, "matchFields").empty() &&
      (!list(now, "matchExpressions").empty() || !list(now, "matchFields").empty())) {
    return false;
  }
  for (const char* field : {"matchExpressions", "matchFields"}) {
    const json& new_requirements = list(now, field);
    const json& old_requirements = list(before, field);
    if (new_requirements.size() < old_requirements.size()) return false;
    for (std::size_t i = 0; i < old_requirements.size(); ++i) {
      if (!semantically_equal("NodeSelectorRequirement", &new_requirements[i], &old_requirements[i])) return false;
    }
  }
  return true;
}

void check_node_affinity_change(const Path& path, const json* now, const json* before, Errors& errors) {
  constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
  const json* old_required = before == nullptr ? nullptr : member(*before, kRequired);
  if (old_required == nullptr) return;
  const json* new_required = now == nullptr ? nullptr : member(*now, kRequired);
  const json& old_terms = list(*old_required, "nodeSelectorTerms");
  const json* new_terms = new_required == nullptr ? nullptr : member(*new_required, "nodeSelectorTerms");
  const std::size_t count = new_terms == nullptr ? 0 : new_terms->size();
  const Path required_path = path.child(kRequired);
  const Path terms_path = required_path.child("nodeSelectorTerms");
  if (!old_terms.empty() && old_terms.size() != count) {
    errors.invalid(terms_path, internal_text("[]NodeSelectorTerm", new_terms),
                   "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    return;
  }
  for (std::size_t i = 0; i < old_terms.size(); ++i) {
    if (only_adds((*new_terms)[i], old_terms[i])) continue;
    errors.invalid(terms_path.index(i), internal_text("NodeSelectorTerm", &(*new_terms)[i]),
                   "only additions are allowed (no mutations or deletions)");
  }
}

void restore(json& target, const json& source, const char* field) {
  const json* value = member(source, field);
  if (value == nullptr) {
    target.erase(field);
  } else {
    target[field] = *value;
  }
}

/// A pod that waits for its scheduling gates may narrow down where it will run.
void allow_gated_changes(const Path& path, json& munged, const json& before, Errors& errors) {
  const json* selector = member(munged, "nodeSelector");
  const json* old_selector = member(before, "nodeSelector");
  if (!semantically_equal("{}s", selector, old_selector)) {
    const json& kept = object(before, "nodeSelector");
    for (auto it = kept.begin(); it != kept.end(); ++it) {
      const json* value = selector == nullptr ? nullptr : member(*selector, it.key());
      if (value != nullptr && *value == *it) continue;
      errors.invalid(path.child("nodeSelector"), selector == nullptr ? "null" : go_json(*selector),
                     "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
      break;
    }
    restore(munged, before, "nodeSelector");
  }
  const json* old_node_affinity = member(object(before, "affinity"), "nodeAffinity");
  const json* node_affinity = member(object(munged, "affinity"), "nodeAffinity");
  if (semantically_equal("*NodeAffinity", old_node_affinity, node_affinity)) return;
  check_node_affinity_change(path.child("affinity.nodeAffinity"), node_affinity, old_node_affinity, errors);
  const json* affinity = member(munged, "affinity");
  if (affinity == nullptr) {
    munged["affinity"] = json{{"nodeAffinity", *old_node_affinity}};
  } else if (member(before, "affinity") == nullptr && member(*affinity, "podAffinity") == nullptr &&
             member(*affinity, "podAntiAffinity") == nullptr) {
    munged.erase("affinity");
  } else {
    restore(munged["affinity"], object(before, "affinity"), "nodeAffinity");
  }
}

}  // namespace

void check_pod_update(const json& new_pod, const json& old_pod, Errors& errors) {
  check_kind_metadata_update(new_pod, old_pod, errors);
  check_pod_metadata_and_spec(new_pod, errors);
  const Path metadata_path("metadata");
  const Path annotations_path = metadata_path.child("annotations");
  check_annotation_changes(annotations_path, object(object(new_pod, "metadata"), "annotations"),
                           object(object(old_pod, "metadata"), "annotations"), errors);

  const Path path("spec");
  const json& now = object(new_pod, "spec");
  const json& before = object(old_pod, "spec");
  for (const char* field : {"containers", "initContainers"}) {
    if (!check_container_changes(path.child(field), list(now, field), list(before, field), errors)) return;
  }
  if (!check_deadline_change(path.child("activeDeadlineSeconds"), now, before, errors)) return;
  check_toleration_changes(path.child("tolerations"), list(now, "tolerations"), list(before, "tolerations"), errors);
  check_gate_changes(path.child("schedulingGates"), list(now, "schedulingGates"), list(before, "schedulingGates"), errors);
  if (semantically_equal("PodSpec", &now, &before)) return;

  // Whatever may change is put back; if something still differs it may not.
  json munged = now;
  for (const char* field : {"containers", "initContainers"}) {
    const json& old_containers = list(before, field);
    for (std::size_t i = 0; i < old_containers.size(); ++i) restore(munged[field][i], old_containers[i], "image");
  }
  for (const char* field : {"activeDeadlineSeconds", "schedulingGates", "tolerations"}) restore(munged, before, field);
  const json* grace_period = member(before, "terminationGracePeriodSeconds");
  if (grace_period != nullptr && number(*grace_period) < 0 && number(munged, "terminationGracePeriodSeconds") == 1) {
    munged["terminationGracePeriodSeconds"] = *grace_period;
  }
  if (!list(before, "schedulingGates").empty()) allow_gated_changes(path, munged, before, errors);
  if (semantically_equal("PodSpec", &munged, &before)) return;
  errors.forbidden(path, std::string(kUpdatableText) + unified_diff(go_json_indented(to_internal("PodSpec", &before)),
                                                                    go_json_indented(to_internal("PodSpec", &munged))));
}

}  // namespace orrery::validation
