// Where a pod may run: affinity, tolerations, topology spread.
#include <fmt/format.h>

#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "pod_rules.hpp"

namespace orrery::validation {

namespace {

enum class Strictness : std::uint8_t { required, preferred };

void check_node_requirement(const Path& path, const json& requirement, Strictness strictness, Errors& errors) {
  const std::string_view op = text(requirement, "operator");
  const json& values = list(requirement, "values");
  const Path values_path = path.child("values");
  if (op == "In" || op == "NotIn") {
    if (values.empty()) errors.required(values_path, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty()) errors.forbidden(values_path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (op == "Gt" || op == "Lt") {
    if (values.size() != 1) errors.required(values_path, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else {
    errors.invalid(path.child("operator"), json_quoted(op), "not a valid selector operator");
  }
  const std::string_view key = text(requirement, "key");
  errors.invalid_each(path.child("key"), key, label_key(key));
  if (strictness == Strictness::preferred) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    errors.invalid_each(values_path.index(i), text(values[i]), label_value(text(values[i])));
  }
}

void check_node_field_requirement(const Path& path, const json& requirement, Errors& errors) {
  const std::string_view op = text(requirement, "operator");
  const json& values = list(requirement, "values");
  if (op == "In" || op == "NotIn") {
    if (values.size() != 1) {
      errors.required(path.child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
    }
  } else {
    errors.invalid(path.child("operator"), json_quoted(op), "not a valid selector operator");
  }
  const std::string_view key = text(requirement, "key");
  if (key != "metadata.name") {
    errors.invalid(path.child("key"), go_quoted(key), "not a valid field selector key");
    return;
  }
  const Path values_path = path.child("values");
  for (std::size_t i = 0; i < values.size(); ++i) {
    errors.invalid_each(values_path.index(i), text(values[i]), dns1123_subdomain(text(values[i])));
  }
}

void check_node_selector_term(const Path& path, const json& term, Strictness strictness, Errors& errors) {
  const json& expressions = list(term, "matchExpressions");
  const Path expressions_path = path.child("matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    check_node_requirement(expressions_path.index(i), expressions[i], strictness, errors);
  }
  const json& fields = list(term, "matchFields");
  const Path fields_path = path.child("matchFields");
  for (std::size_t i = 0; i < fields.size(); ++i) check_node_field_requirement(fields_path.index(i), fields[i], errors);
}

void check_weight(const Path& path, const json& term, Errors& errors) {
  const std::int64_t weight = number(term, "weight");
  if (weight <= 0 || weight > 100) errors.invalid(path.child("weight"), fmt::format("{}", weight), "must be in the range 1-100");
}

void check_node_affinity(const Path& path, const json& affinity, Errors& errors) {
  if (const json* required = member(affinity, "requiredDuringSchedulingIgnoredDuringExecution")) {
    const Path required_path = path.child("requiredDuringSchedulingIgnoredDuringExecution");
    const Path terms_path = required_path.child("nodeSelectorTerms");
    const json& terms = list(*required, "nodeSelectorTerms");
    if (terms.empty()) errors.required(terms_path, "must have at least one node selector term");
    for (std::size_t i = 0; i < terms.size(); ++i) {
      check_node_selector_term(terms_path.index(i), terms[i], Strictness::required, errors);
    }
  }
  const Path preferred_path = path.child("preferredDuringSchedulingIgnoredDuringExecution");
  const json& preferred = list(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const Path term = preferred_path.index(i);
    check_weight(term, preferred[i], errors);
    check_node_selector_term(term.child("preference"), object(preferred[i], "preference"), Strictness::preferred, errors);
  }
}

void check_label_keys(const Path& path, const json& keys, const json* selector, Errors& errors) {
  if (keys.empty()) return;
  if (selector == nullptr) {
    errors.forbidden(path, "must not be specified when labelSelector is not set");
    return;
  }
  for (std::size_t i = 0; i < keys.size(); ++i) errors.invalid_each(path.index(i), text(keys[i]), label_key(text(keys[i])));
}

void check_match_label_keys(const Path& path, const json& term, Errors& errors) {
  const json& match = list(term, "matchLabelKeys");
  const json& mismatch = list(term, "mismatchLabelKeys");
  const json* selector = member(term, "labelSelector");
  check_label_keys(path.child("matchLabelKeys"), match, selector, errors);
  check_label_keys(path.child("mismatchLabelKeys"), mismatch, selector, errors);
  if (selector != nullptr) {
    // The registry merges these keys into the selector on create, so only a key that is there twice is a mistake.
    std::map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < match.size(); ++i) index[text(match[i])] = i;
    std::set<std::string_view> selected;
    const json& labels = object(*selector, "matchLabels");
    for (auto it = labels.begin(); it != labels.end(); ++it) selected.insert(it.key());
    for (const json& expression : list(*selector, "matchExpressions")) {
      const std::string_view key = text(expression, "key");
      const auto found = index.find(key);
      if (found != index.end() && selected.count(key) > 0) {
        errors.invalid(path.index(found->second), go_quoted(key), "exists in both matchLabelKeys and labelSelector");
      }
      selected.insert(key);
    }
  }
  const Path match_path = path.child("matchLabelKeys");
  for (std::size_t i = 0; i < match.size(); ++i) {
    for (const json& other : mismatch) {
      if (match[i] != other) continue;
      errors.invalid(match_path.index(i), go_quoted(text(match[i])), "exists in both matchLabelKeys and mismatchLabelKeys");
      break;
    }
  }
}

void check_pod_affinity_term(const Path& path, const json& term, Errors& errors) {
  check_label_selector(path.child("labelSelector"), member(term, "labelSelector"), errors);
  check_label_selector(path.child("namespaceSelector"), member(term, "namespaceSelector"), errors);
  for (const json& name : list(term, "namespaces")) errors.invalid_each(path.child("namespace"), text(name), dns1123_label(text(name)));
  check_match_label_keys(path, term, errors);
  const std::string_view key = text(term, "topologyKey");
  if (key.empty()) errors.required(path.child("topologyKey"), "can not be empty");
  errors.invalid_each(path.child("topologyKey"), key, label_key(key));
}

void check_pod_affinity(const Path& path, const json& affinity, Errors& errors) {
  const Path required_path = path.child("requiredDuringSchedulingIgnoredDuringExecution");
  const json& required = list(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < required.size(); ++i) check_pod_affinity_term(required_path.index(i), required[i], errors);
  const Path preferred_path = path.child("preferredDuringSchedulingIgnoredDuringExecution");
  const json& preferred = list(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const Path term = preferred_path.index(i);
    check_weight(term, preferred[i], errors);
    check_pod_affinity_term(term.child("podAffinityTerm"), object(preferred[i], "podAffinityTerm"), errors);
  }
}

void check_inclusion_policy(const Path& path, const json* policy, Errors& errors) {
  if (policy == nullptr || text(*policy) == "Honor" || text(*policy) == "Ignore") return;
  errors.not_supported(path, json_quoted(text(*policy)), {"Honor", "Ignore"});
}

}  // namespace

void check_affinity(const Path& path, const json* affinity, Errors& errors) {
  if (affinity == nullptr) return;
  if (const json* node = member(*affinity, "nodeAffinity")) check_node_affinity(path.child("nodeAffinity"), *node, errors);
  for (const char* name : {"podAffinity", "podAntiAffinity"}) {
    if (const json* pods = member(*affinity, name)) check_pod_affinity(path.child(name), *pods, errors);
  }
}

void check_taint_effect(const Path& path, std::string_view effect, Errors& errors) {
  if (effect == "NoSchedule" || effect == "PreferNoSchedule" || effect == "NoExecute") return;
  errors.not_supported(path, json_quoted(effect), {"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

void check_tolerations(const Path& path, const json& tolerations, Errors& errors) {
  for (std::size_t i = 0; i < tolerations.size(); ++i) {
    const Path own = path.index(i);
    const json& toleration = tolerations[i];
    const std::string_view key = text(toleration, "key");
    const std::string_view op = text(toleration, "operator");
    const std::string_view value = text(toleration, "value");
    const std::string_view effect = text(toleration, "effect");
    if (!key.empty()) errors.invalid_each(own.child("key"), key, label_key(key));
    if (key.empty() && op != "Exists") {
      errors.invalid(own.child("operator"), json_quoted(op),
                     "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
    }
    if (member(toleration, "tolerationSeconds") != nullptr && effect != "NoExecute") {
      errors.invalid(own.child("effect"), json_quoted(effect), "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    if (op.empty() || op == "Equal") {
      const Messages messages = label_value(value);
      if (!messages.empty()) errors.invalid(own.child("operator"), go_quoted(value), join(messages, ";"));
    } else if (op == "Exists") {
      if (!value.empty()) errors.invalid(own.child("operator"), go_quoted(value), "value must be empty when `operator` is 'Exists'");
    } else if (op == "Lt" || op == "Gt") {
      errors.not_supported(own.child("operator"), json_quoted(op), {"Equal", "Exists", "Lt", "Gt"});
    } else {
      errors.not_supported(own.child("operator"), json_quoted(op), {"Equal", "Exists"});
    }
    if (!effect.empty()) check_taint_effect(own.child("effect"), effect, errors);
  }
}

void check_topology_spread(const Path& path, const json& constraints, Errors& errors) {
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const Path own = path.index(i);
    const json& constraint = constraints[i];
    const std::int64_t skew = number(constraint, "maxSkew");
    if (skew <= 0) errors.invalid(own.child("maxSkew"), fmt::format("{}", skew), "must be greater than zero");
    const std::string_view key = text(constraint, "topologyKey");
    if (key.empty()) errors.required(own.child("topologyKey"), "can not be empty");
    const std::string_view action = text(constraint, "whenUnsatisfiable");
    if (action != "DoNotSchedule" && action != "ScheduleAnyway") {
      errors.not_supported(own.child("whenUnsatisfiable"), json_quoted(action), {"DoNotSchedule", "ScheduleAnyway"});
    }
    for (std::size_t k = i + 1; k < constraints.size(); ++k) {
      if (text(constraints[k], "topologyKey") != key || text(constraints[k], "whenUnsatisfiable") != action) continue;
      errors.duplicate(own.child("{topologyKey, whenUnsatisfiable}"), go_quoted(fmt::format("{{{}, {}}}", key, action)));
      break;
    }
    if (const json* domains = member(constraint, "minDomains")) {
      const std::string value = fmt::format("{}", number(*domains));
      if (number(*domains) <= 0) errors.invalid(own.child("minDomains"), value, "must be greater than zero");
      if (action != "DoNotSchedule") {
        errors.invalid(own.child("minDomains"), value,
                       fmt::format("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}", action));
      }
    }
    check_inclusion_policy(own.child("nodeAffinityPolicy"), member(constraint, "nodeAffinityPolicy"), errors);
    check_inclusion_policy(own.child("nodeTaintsPolicy"), member(constraint, "nodeTaintsPolicy"), errors);
    check_match_label_keys(own, constraint, errors);
    check_label_selector(own.child("labelSelector"), member(constraint, "labelSelector"), errors);
  }
}

}  // namespace orrery::validation
