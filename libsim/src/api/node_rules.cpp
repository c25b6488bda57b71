// Nodes. Source: pkg/apis/core/validation/validation.go.
#include <fmt/format.h>

#include <set>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

void check_taints(const Path& path, const json& taints, Errors& errors) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (std::size_t i = 0; i < taints.size(); ++i) {
    const Path taint = path.index(i);
    const std::string_view key = text(taints[i], "key");
    const std::string_view value = text(taints[i], "value");
    const std::string_view effect = text(taints[i], "effect");
    errors.invalid_each(taint.child("key"), key, label_key(key));
    const Messages messages = label_value(value);
    if (!messages.empty()) errors.invalid(taint.child("value"), go_quoted(value), join(messages, ";"));
    if (effect.empty()) {
      errors.required(taint.child("effect"));
    } else {
      check_taint_effect(taint.child("effect"), effect, errors);
    }
    if (!seen.emplace(effect, key).second) {
      errors.add(FieldError::Type::duplicate, taint, internal_text("Taint", &taints[i]), "taints must be unique by key and effect pair");
    }
  }
}

void check_resources(const json& node, Errors& errors) {
  const Path path("status");
  for (const char* field : {"capacity", "allocatable"}) {
    const Path own = path.child(field);
    const json& resources = object(object(node, "status"), field);
    for (auto it = resources.begin(); it != resources.end(); ++it) check_resource_quantity(own.child(it.key()), it.key(), *it, errors);
  }
}

void check_pod_cidrs(const json& cidrs, Errors& errors) {
  const Path path("spec.podCIDRs");
  bool has_v4 = false;
  bool has_v6 = false;
  std::string unreadable;
  for (std::size_t i = 0; i < cidrs.size(); ++i) {
    if (!check_cidr(path.index(i), text(cidrs[i]), errors) && unreadable.empty()) {
      unreadable = fmt::format("invalid CIDR[{}]: <nil> (invalid CIDR address: {})", i, text(cidrs[i]));
    }
    const bool v6 = text(cidrs[i]).find(':') != std::string_view::npos;
    has_v6 = has_v6 || v6;
    has_v4 = has_v4 || !v6;
  }
  if (cidrs.size() < 2) return;
  if (!unreadable.empty()) {
    errors.add(FieldError::Type::internal, path, {}, fmt::format("invalid PodCIDRs. failed to check with dual stack with error:{}", unreadable));
  }
  if (!unreadable.empty() || cidrs.size() > 2 || !has_v4 || !has_v6) {
    errors.invalid(path, go_json(cidrs), "may specify no more than one CIDR for each IP family");
  }
}

}  // namespace

void check_node_create(const json& node, Errors& errors) {
  check_metadata(node, Scope::cluster, errors);
  const Path taints_path("metadata.taints");  // upstream reports them below the metadata
  check_taints(taints_path, list(object(node, "spec"), "taints"), errors);
  check_resources(node, errors);
  const json* swap = member(object(object(object(node, "status"), "nodeInfo"), "swap"), "capacity");
  if (swap != nullptr && number(*swap) <= 0) {
    errors.invalid(Path("metadata.nodeSwapStatus.capacity"), fmt::format("{}", number(*swap)), "must be greater than zero");
  }
  check_pod_cidrs(list(object(node, "spec"), "podCIDRs"), errors);
}

void check_node_update(const json& new_node, const json& old_node, Errors& errors) {
  check_node_create(new_node, errors);
  check_kind_metadata_update(new_node, old_node, errors);
  const json& now = object(new_node, "spec");
  const json& before = object(old_node, "spec");
  const Path addresses_path("status.addresses");
  const json& addresses = list(object(new_node, "status"), "addresses");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (!semantically_equal("NodeAddress", &addresses[i], &addresses[k])) continue;
      errors.duplicate(addresses_path.index(i), internal_text("NodeAddress", &addresses[i]));
      break;
    }
  }
  const json& old_cidrs = list(before, "podCIDRs");
  if (!old_cidrs.empty() && old_cidrs != list(now, "podCIDRs")) {
    errors.forbidden(Path("spec.podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
  }
  const std::string_view provider = text(before, "providerID");
  if (!provider.empty() && provider != text(now, "providerID")) {
    errors.forbidden(Path("spec.providerID"), "node updates may not change providerID except from \"\" to valid");
  }
  if (text(before, "externalID") != text(now, "externalID")) errors.forbidden(Path("spec.externalID"), "may not be updated");
}

}  // namespace orrery::validation
