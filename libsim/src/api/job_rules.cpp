// Jobs on create and update: J-005 to J-017. Source: pkg/apis/batch/validation/validation.go.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

constexpr std::int64_t kMaxIndexedParallelism = 100'000;
constexpr std::int64_t kMaxFailedIndexes = 100'000;
constexpr std::int64_t kManyCompletions = 100'000;
constexpr std::int64_t kLimitForManyCompletions = 10'000;
constexpr std::size_t kMaxRules = 20;
constexpr std::size_t kMaxExitCodes = 255;
constexpr std::size_t kMaxConditionPatterns = 20;
constexpr std::size_t kMaxSucceededIndexes = std::size_t{64} * 1024;

constexpr const char* kJobName = "batch.kubernetes.io/job-name";
constexpr const char* kControllerUid = "batch.kubernetes.io/controller-uid";
constexpr const char* kOldJobName = "job-name";
constexpr const char* kOldControllerUid = "controller-uid";

std::string plain(std::int64_t value) { return fmt::format("{}", value); }

enum class Labels : std::uint8_t { old_only, all };

void check_has_label(const Path& path, const json& labels, const char* key, std::string_view expected, Errors& errors) {
  const json* value = member(labels, key);
  const Path own = path.key(key);
  const std::string detail = fmt::format("must be '{}'", expected);
  if (value == nullptr) {
    errors.required(own, detail);
  } else if (text(*value) != expected) {
    errors.invalid(own, go_json(labels), detail);
  }
}

void check_generated_selector(const json& job, Labels required, Errors& errors) {
  const json& spec = object(job, "spec");
  const json* selector = member(spec, "selector");
  if (flag(spec, "manualSelector") || selector == nullptr) return;
  const json& metadata = object(job, "metadata");
  const std::string_view uid = text(metadata, "uid");
  const std::string_view name = text(metadata, "name");
  if (uid.empty()) errors.required(Path("metadata.uid"));
  const json& labels = object(object(object(spec, "template"), "metadata"), "labels");
  const Path path("spec.template.metadata.labels");
  json expected = {{kOldControllerUid, uid}, {kOldJobName, name}};
  check_has_label(path, labels, kOldControllerUid, uid, errors);
  check_has_label(path, labels, kOldJobName, name, errors);
  if (required == Labels::all) {
    check_has_label(path, labels, kControllerUid, uid, errors);
    check_has_label(path, labels, kJobName, name, errors);
    expected[kControllerUid] = uid;
    expected[kJobName] = name;
  }
  if (selector_matches(selector, expected) == Match::no) {
    errors.invalid(Path("spec.selector"), wire_text("LabelSelector", selector), "`selector` not auto-generated");
  }
}

void check_selector(const Path& path, const json& spec, Errors& errors) {
  const json* selector = member(spec, "selector");
  if (selector == nullptr) {
    errors.required(path.child("selector"));
  } else {
    check_label_selector(path.child("selector"), selector, errors);
  }
  const json* labels = member(object(object(spec, "template"), "metadata"), "labels");
  if (selector_matches(selector, labels == nullptr ? json::object() : *labels) == Match::no) {
    errors.invalid(path.child("template.metadata.labels"), labels == nullptr ? "null" : go_json(*labels),
                   "`selector` does not match template `labels`");
  }
}

void check_job(const json& job, Labels required, Errors& errors) {
  const Path path("spec");
  const json& spec = object(job, "spec");
  check_metadata(job, Scope::namespaced, errors);
  check_generated_selector(job, required, errors);
  check_job_spec(path, spec, errors);
  check_selector(path, spec, errors);
  const std::int64_t completions = number(spec, "completions");
  if (text(spec, "completionMode") != "Indexed" || completions <= 0) return;
  const std::string_view name = text(object(job, "metadata"), "name");
  const std::string hostname = fmt::format("{}-{}", name, completions - 1);
  if (!dns1123_label(hostname).empty()) {
    errors.invalid(Path("metadata.name"), go_quoted(name), fmt::format("will not able to create pod with invalid DNS label: {}", hostname));
  }
}

void check_indexed(const Path& path, const json& spec, Errors& errors) {
  const json* completions = member(spec, "completions");
  const json* parallelism = member(spec, "parallelism");
  const json* max_failed = member(spec, "maxFailedIndexes");
  const Path parallelism_path = path.child("parallelism");
  const Path max_failed_path = path.child("maxFailedIndexes");
  if (completions == nullptr) errors.required(path.child("completions"), "when completion mode is Indexed");
  const auto check_limit = [&](const Path& own, const json* value, std::int64_t limit, std::string_view suffix) {
    if (value == nullptr || number(*value) <= limit) return;
    errors.invalid(own, plain(number(*value)), fmt::format("must be less than or equal to {}{}", limit, suffix));
  };
  check_limit(parallelism_path, parallelism, kMaxIndexedParallelism, " when completion mode is Indexed");
  if (completions != nullptr && max_failed != nullptr && number(*max_failed) > number(*completions)) {
    errors.invalid(max_failed_path, plain(number(*max_failed)), "must be less than or equal to completions");
  }
  check_limit(max_failed_path, max_failed, kMaxFailedIndexes, "");
  if (completions == nullptr || number(*completions) <= kManyCompletions || member(spec, "backoffLimitPerIndex") == nullptr) return;
  if (max_failed == nullptr) {
    errors.required(max_failed_path, fmt::format("must be specified when completions is above {}", kManyCompletions));
  }
  const std::string why = fmt::format(" when completions are above {} and used with backoff limit per index", kManyCompletions);
  check_limit(parallelism_path, parallelism, kLimitForManyCompletions, why);
  check_limit(max_failed_path, max_failed, kLimitForManyCompletions, why);
}

void check_exit_codes(const Path& path, const json& requirement, const std::set<std::string_view>& containers, Errors& errors) {
  const std::string_view op = text(requirement, "operator");
  if (op.empty()) {
    errors.required(path.child("operator"), R"(valid values: ["In" "NotIn"])");
  } else if (op != "In" && op != "NotIn") {
    errors.not_supported(path.child("operator"), json_quoted(op), {"In", "NotIn"});
  }
  const json* container = member(requirement, "containerName");
  if (container != nullptr && containers.count(text(*container)) == 0) {
    errors.invalid(path.child("containerName"), go_quoted(text(*container)),
                   "must be one of the container or initContainer names in the pod template");
  }
  const json* values = member(requirement, "values");
  const std::size_t count = values == nullptr ? 0 : values->size();
  const Path values_path = path.child("values");
  const std::string shown = values == nullptr ? "null" : go_json(*values);
  if (count == 0) {
    errors.invalid(values_path, shown, "at least one value is required");
  } else if (count > kMaxExitCodes) {
    errors.too_many(values_path, count, kMaxExitCodes);
  }
  bool ordered = true;
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t value = number((*values)[i]);
    const Path own = values_path.index(i);
    if (op == "In" && value == 0) errors.invalid(own, plain(value), "must not be 0 for the In operator");
    if (!seen.insert(value).second) errors.duplicate(own, plain(value));
    if (i > 0 && number((*values)[i - 1]) > value) ordered = false;
  }
  if (!ordered) errors.invalid(values_path, shown, "must be ordered");
}

void check_condition_patterns(const Path& path, const json& patterns, Errors& errors) {
  if (patterns.size() > kMaxConditionPatterns) errors.too_many(path, patterns.size(), kMaxConditionPatterns);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string_view type = text(patterns[i], "type");
    errors.invalid_each(path.index(i, "type"), type, label_key(type));
    const std::string_view status = text(patterns[i], "status");
    if (status.empty()) {
      errors.required(path.index(i, "status"), R"(valid values: ["False" "True" "Unknown"])");
    } else if (status != "False" && status != "True" && status != "Unknown") {
      errors.not_supported(path.index(i, "status"), json_quoted(status), {"False", "True", "Unknown"});
    }
  }
}

void check_pod_failure_policy(const Path& path, const json& spec, const json& policy, Errors& errors) {
  const json& rules = list(policy, "rules");
  const Path rules_path = path.child("rules");
  if (rules.size() > kMaxRules) errors.too_many(rules_path, rules.size(), kMaxRules);
  std::set<std::string_view> containers;
  const json& pod_spec = object(object(spec, "template"), "spec");
  for (const char* field : {"containers", "initContainers"}) {
    for (const json& container : list(pod_spec, field)) containers.insert(text(container, "name"));
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Path rule = rules_path.index(i);
    const std::string_view action = text(rules[i], "action");
    if (action.empty()) {
      errors.required(rule.child("action"), R"(valid values: ["Count" "FailIndex" "FailJob" "Ignore"])");
    } else if (action == "FailIndex") {
      if (member(spec, "backoffLimitPerIndex") == nullptr) {
        errors.invalid(rule.child("action"), json_quoted(action), "requires the backoffLimitPerIndex to be set");
      }
    } else if (action != "Count" && action != "FailJob" && action != "Ignore") {
      errors.not_supported(rule.child("action"), json_quoted(action), {"Count", "FailIndex", "FailJob", "Ignore"});
    }
    const json* exit_codes = member(rules[i], "onExitCodes");
    const json& conditions = list(rules[i], "onPodConditions");
    if (exit_codes != nullptr) check_exit_codes(rule.child("onExitCodes"), *exit_codes, containers, errors);
    if (!conditions.empty()) check_condition_patterns(rule.child("onPodConditions"), conditions, errors);
    if (exit_codes != nullptr && !conditions.empty()) {
      errors.invalid(rule, {}, "specifying both OnExitCodes and OnPodConditions is not supported");
    }
    if (exit_codes == nullptr && conditions.empty()) {
      errors.invalid(rule, {}, "specifying one of OnExitCodes and OnPodConditions is required");
    }
  }
}

void check_success_policy(const Path& path, const json& spec, const json& policy, Errors& errors) {
  const json& rules = list(policy, "rules");
  const Path rules_path = path.child("rules");
  if (rules.empty()) errors.required(rules_path, "at least one rules must be specified when the successPolicy is specified");
  if (rules.size() > kMaxRules) errors.too_many(rules_path, rules.size(), kMaxRules);
  const json* completions_value = member(spec, "completions");
  // Upstream dereferences the missing completions here; the missing value itself was reported already.
  if (completions_value == nullptr) return;
  const std::int64_t completions = number(*completions_value);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Path rule = rules_path.index(i);
    const json* count = member(rules[i], "succeededCount");
    const json* indexes = member(rules[i], "succeededIndexes");
    if (count == nullptr && indexes == nullptr) {
      errors.required(rule, "at least one of succeededCount or succeededIndexes must be specified");
    }
    std::int64_t total = 0;
    if (indexes != nullptr) {
      const Path own = rule.child("succeededIndexes");
      if (text(*indexes).size() > kMaxSucceededIndexes) errors.too_long(own, kMaxSucceededIndexes);
      const IndexList parsed = parse_index_list(text(*indexes), completions);
      total = parsed.count;
      if (!parsed.error.empty()) errors.invalid(own, go_quoted(text(*indexes)), fmt::format("error parsing succeededIndexes: {}", parsed.error));
    }
    if (count == nullptr) continue;
    const Path own = rule.child("succeededCount");
    const std::int64_t value = number(*count);
    errors.nonnegative(own, value);
    if (value > completions) {
      errors.invalid(own, plain(value), fmt::format("must be less than or equal to {} (the number of specified completions)", completions));
    }
    if (indexes != nullptr && value > total) {
      errors.invalid(own, plain(value),
                     fmt::format("must be less than or equal to {} (the number of indexes in the specified succeededIndexes field)", total));
    }
  }
}

void check_pod_replacement_policy(const Path& path, const json& spec, Errors& errors) {
  const json* policy = member(spec, "podReplacementPolicy");
  if (policy == nullptr || text(*policy) == "Failed") return;
  if (member(spec, "podFailurePolicy") != nullptr) {
    errors.not_supported(path, json_quoted(text(*policy)), {"Failed"});
  } else if (text(*policy) != "TerminatingOrFailed") {
    errors.not_supported(path, json_quoted(text(*policy)), {"Failed", "TerminatingOrFailed"});
  }
}

void check_restart_policy(const Path& path, const json& spec, Errors& errors) {
  const std::string_view policy = text(object(object(spec, "template"), "spec"), "restartPolicy");
  if (policy.empty() || policy == "Always") {
    errors.required(path, R"(valid values: "OnFailure", "Never")");
  } else if (policy != "OnFailure" && policy != "Never") {
    errors.not_supported(path, json_quoted(policy), {"OnFailure", "Never"});
  } else if (member(spec, "podFailurePolicy") != nullptr && policy != "Never") {
    errors.invalid(path, json_quoted(policy), "only \"Never\" is supported when podFailurePolicy is specified");
  }
}

void check_immutable(const Path& path, std::string_view kind, const json& now, const json& before, const char* field, Errors& errors) {
  const json* value = member(now, field);
  if (semantically_equal(kind, value, member(before, field))) return;
  errors.invalid(path.child(field), internal_text(kind, value), "field is immutable");
}

void restore(json& target, const json& source, const char* field) {
  const json* value = member(source, field);
  if (value == nullptr) {
    target.erase(field);
  } else {
    target[field] = *value;
  }
}

/// J-015: a Job that is suspended and has no pods may be told where its pods will run.
json with_new_scheduling(const json& old_template, const json& new_template) {
  json out = old_template;
  json& spec = out["spec"];
  const json& new_spec = object(new_template, "spec");
  const json* new_affinity = member(new_spec, "affinity");
  const json* old_affinity = member(spec, "affinity");
  if (new_affinity == nullptr && old_affinity != nullptr) {
    spec["affinity"].erase("nodeAffinity");
    if (spec["affinity"].empty()) spec.erase("affinity");
  } else if (new_affinity != nullptr) {
    if (old_affinity == nullptr) spec["affinity"] = json::object();
    restore(spec["affinity"], *new_affinity, "nodeAffinity");
  }
  for (const char* field : {"nodeSelector", "tolerations", "schedulingGates"}) restore(spec, new_spec, field);
  const json& new_metadata = object(new_template, "metadata");
  for (const char* field : {"labels", "annotations"}) restore(out["metadata"], new_metadata, field);
  return out;
}

/// J-016: and what they will use.
json with_new_resources(const json& old_spec, const json& new_spec) {
  json out = old_spec;
  for (const char* field : {"containers", "initContainers"}) {
    const json& new_containers = list(new_spec, field);
    if (new_containers.size() != list(out, field).size()) continue;
    for (std::size_t i = 0; i < new_containers.size(); ++i) {
      json& container = out[field][i];
      if (text(container, "name") == text(new_containers[i], "name")) restore(container, new_containers[i], "resources");
    }
  }
  return out;
}

void check_template_update(const Path& path, const json& now, const json& before, bool mutable_template, Errors& errors) {
  const json& new_template = object(now, "template");
  if (!mutable_template) {
    if (!semantically_equal("PodTemplateSpec", &new_template, &object(before, "template"))) {
      errors.invalid(path.child("template"), internal_text("PodTemplateSpec", &new_template), "field is immutable");
    }
    return;
  }
  const json allowed = with_new_resources(object(with_new_scheduling(object(before, "template"), new_template), "spec"),
                                          object(new_template, "spec"));
  if (!semantically_equal("PodSpec", &object(new_template, "spec"), &allowed)) {
    errors.invalid(path.child("template.spec"), internal_text("PodSpec", &object(new_template, "spec")), "field is immutable");
  }
}

bool has_condition(const json& job, std::string_view type) {
  for (const json& condition : list(object(job, "status"), "conditions")) {
    if (text(condition, "type") == type && text(condition, "status") == "True") return true;
  }
  return false;
}

}  // namespace

void check_job_spec(const Path& path, const json& spec, Errors& errors) {
  for (const char* field : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
                            "backoffLimitPerIndex", "maxFailedIndexes"}) {
    errors.nonnegative(path.child(field), number(spec, field));
  }
  const json* per_index = member(spec, "backoffLimitPerIndex");
  const json* max_failed = member(spec, "maxFailedIndexes");
  if (max_failed != nullptr && per_index == nullptr) {
    errors.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
  }
  if (const json* manager = member(spec, "managedBy")) {
    check_domain_prefixed_path(path.child("managedBy"), text(*manager), errors);
    if (text(*manager).size() > 63) errors.too_long(path.child("managedBy"), 63);
  }
  const json* mode = member(spec, "completionMode");
  if (mode != nullptr && text(*mode) != "NonIndexed" && text(*mode) != "Indexed") {
    errors.not_supported(path.child("completionMode"), json_quoted(text(*mode)), {"NonIndexed", "Indexed"});
  }
  const bool indexed = mode != nullptr && text(*mode) == "Indexed";
  if (indexed) check_indexed(path, spec, errors);
  if (mode == nullptr || text(*mode) == "NonIndexed") {
    if (per_index != nullptr) errors.invalid(path.child("backoffLimitPerIndex"), plain(number(*per_index)), "requires indexed completion mode");
    if (max_failed != nullptr) errors.invalid(path.child("maxFailedIndexes"), plain(number(*max_failed)), "requires indexed completion mode");
  }
  if (const json* policy = member(spec, "podFailurePolicy")) {
    check_pod_failure_policy(path.child("podFailurePolicy"), spec, *policy, errors);
  }
  if (const json* policy = member(spec, "successPolicy")) {
    if (indexed) {
      check_success_policy(path.child("successPolicy"), spec, *policy, errors);
    } else {
      errors.invalid(path.child("successPolicy"), internal_text("SuccessPolicy", policy), "requires indexed completion mode");
    }
  }
  check_pod_replacement_policy(path.child("podReplacementPolicy"), spec, errors);
  check_pod_template_spec(path.child("template"), object(spec, "template"), errors);
  check_restart_policy(path.child("template.spec.restartPolicy"), spec, errors);
}

void check_job_create(const json& job, Errors& errors) { check_job(job, Labels::all, errors); }

void check_job_update(const json& new_job, const json& old_job, Errors& errors) {
  const json& now = object(new_job, "spec");
  const json& before = object(old_job, "spec");
  const json& old_labels = object(object(object(before, "template"), "metadata"), "labels");
  const bool has_new_labels = member(old_labels, kJobName) != nullptr && member(old_labels, kControllerUid) != nullptr;
  check_job(new_job, has_new_labels ? Labels::all : Labels::old_only, errors);
  check_kind_metadata_update(new_job, old_job, errors);

  const Path path("spec");
  if (text(now, "completionMode") != "Indexed") {
    check_immutable(path, "*i", now, before, "completions", errors);
  } else if (!semantically_equal("*i", member(now, "completions"), member(before, "completions")) && member(now, "completions") != nullptr &&
             number(now, "completions") != number(now, "parallelism")) {
    errors.invalid(path.child("completions"), plain(number(now, "completions")), "can only be modified in tandem with spec.parallelism");
  }
  check_immutable(path, "*LabelSelector", now, before, "selector", errors);
  const json& old_status = object(old_job, "status");
  const bool not_running = member(old_status, "startTime") == nullptr || has_condition(old_job, "Suspended");
  const bool mutable_template = flag(before, "suspend") && not_running && number(old_status, "active") == 0;
  check_template_update(path, now, before, mutable_template, errors);
  check_immutable(path, "*s", now, before, "completionMode", errors);
  check_immutable(path, "*PodFailurePolicy", now, before, "podFailurePolicy", errors);
  check_immutable(path, "*i", now, before, "backoffLimitPerIndex", errors);
  check_immutable(path, "*s", now, before, "managedBy", errors);
  check_immutable(path, "*SuccessPolicy", now, before, "successPolicy", errors);
}

}  // namespace orrery::validation
