// ControllerRevision, PodDisruptionBudget, Lease, PriorityClass.
// Sources: pkg/apis/{apps,policy,coordination,scheduling}/validation/validation.go.
#include <fmt/format.h>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

constexpr std::int64_t kHighestUserPriority = 1'000'000'000;

void check_revision(const json& revision, Errors& errors) {
  check_metadata(revision, Scope::namespaced, errors);
  errors.nonnegative(Path("revision"), number(revision, "revision"));
}

void check_lease_spec(const Path& path, const json& spec, Errors& errors) {
  const json* duration = member(spec, "leaseDurationSeconds");
  if (duration != nullptr && number(*duration) <= 0) {
    errors.invalid(path.child("leaseDurationSeconds"), fmt::format("{}", number(*duration)), "must be greater than 0");
  }
  errors.nonnegative(path.child("leaseTransitions"), number(spec, "leaseTransitions"));
}

void check_system_priority_class(const json& priority_class, Errors& errors) {
  const std::string_view name = text(object(priority_class, "metadata"), "name");
  const std::int64_t value = number(priority_class, "value");
  std::string why = fmt::format("{} is not a known system priority class", name);
  for (const auto& [known, expected] :
       {std::pair<std::string_view, std::int64_t>{"system-node-critical", 2'000'001'000}, {"system-cluster-critical", 2'000'000'000}}) {
    if (name != known) continue;
    if (value != expected) {
      why = fmt::format("value of {} PriorityClass must be {}", known, expected);
    } else if (flag(priority_class, "globalDefault")) {
      why = fmt::format("globalDefault of {} PriorityClass must be false", known);
    } else {
      return;
    }
  }
  errors.forbidden(Path("metadata.name"),
                   fmt::format("priority class names with 'system-' prefix are reserved for system use only. error: {}", why));
}

}  // namespace

void check_controller_revision_create(const json& revision, Errors& errors) {
  check_revision(revision, errors);
  const json* data = member(revision, "data");
  if (data == nullptr) {
    errors.required(Path("data"), "data is mandatory");
  } else if (!data->is_object()) {
    errors.required(Path("data"), "data must be a valid JSON object");
  }
}

void check_controller_revision_update(const json& new_revision, const json& old_revision, Errors& errors) {
  check_kind_metadata_update(new_revision, old_revision, errors);
  check_revision(new_revision, errors);
  const json* data = member(new_revision, "data");
  if (!semantically_equal("r", data, member(old_revision, "data"))) {
    errors.invalid(Path("data"), data == nullptr ? "null" : go_json(*data), "field is immutable");
  }
}

void check_disruption_budget_create(const json& budget, Errors& errors) {
  const Path path("spec");
  const json& spec = object(budget, "spec");
  const json* available = member(spec, "minAvailable");
  const json* unavailable = member(spec, "maxUnavailable");
  if (available != nullptr && unavailable != nullptr) {
    errors.invalid(path, internal_text("PodDisruptionBudgetSpec", &spec), "minAvailable and maxUnavailable cannot be both set");
  }
  check_count_or_percent(path.child("minAvailable"), available, errors);
  check_at_most_100_percent(path.child("minAvailable"), available, errors);
  check_count_or_percent(path.child("maxUnavailable"), unavailable, errors);
  check_at_most_100_percent(path.child("maxUnavailable"), unavailable, errors);
  check_label_selector(path.child("selector"), member(spec, "selector"), errors);
  const json* policy = member(spec, "unhealthyPodEvictionPolicy");
  if (policy != nullptr && text(*policy) != "AlwaysAllow" && text(*policy) != "IfHealthyBudget") {
    errors.not_supported(path.child("unhealthyPodEvictionPolicy"), json_quoted(text(*policy)), {"AlwaysAllow", "IfHealthyBudget"});
  }
}

void check_disruption_budget_update(const json& new_budget, const json&, Errors& errors) {
  check_disruption_budget_create(new_budget, errors);
}

void check_disruption_budget_status_update(const json& new_budget, const json&, Errors& errors) {
  const Path path("status");
  for (const char* field : {"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"}) {
    errors.nonnegative(path.child(field), number(object(new_budget, "status"), field));
  }
}

void check_lease_create(const json& lease, Errors& errors) {
  check_plain_metadata(lease, Scope::namespaced, errors);
  const Path path("spec");
  check_lease_spec(path, object(lease, "spec"), errors);
}

void check_lease_update(const json& new_lease, const json& old_lease, Errors& errors) {
  check_metadata_update(new_lease, old_lease, errors);
  const Path path("spec");
  check_lease_spec(path, object(new_lease, "spec"), errors);
}

void check_priority_class_create(const json& priority_class, Errors& errors) {
  check_metadata(priority_class, Scope::cluster, errors);
  const std::string_view name = text(object(priority_class, "metadata"), "name");
  if (name.substr(0, 7) == "system-") {
    check_system_priority_class(priority_class, errors);
  } else if (number(priority_class, "value") > kHighestUserPriority) {
    errors.forbidden(Path("value"), fmt::format("maximum allowed value of a user defined priority is {}", kHighestUserPriority));
  }
  if (const json* policy = member(priority_class, "preemptionPolicy")) {
    if (text(*policy).empty()) {
      errors.required(Path("preemptionPolicy"));
    } else if (text(*policy) != "PreemptLowerPriority" && text(*policy) != "Never") {
      errors.not_supported(Path("preemptionPolicy"), json_quoted(text(*policy)), {"PreemptLowerPriority", "Never"});
    }
  }
}

void check_priority_class_update(const json& new_class, const json& old_class, Errors& errors) {
  check_kind_metadata_update(new_class, old_class, errors);
  if (number(new_class, "value") != number(old_class, "value")) errors.forbidden(Path("value"), "may not be changed in an update.");
  const json* policy = member(new_class, "preemptionPolicy");
  if (!semantically_equal("*s", policy, member(old_class, "preemptionPolicy"))) {
    errors.invalid(Path("preemptionPolicy"), wire_text("*s", policy), "field is immutable");
  }
}

}  // namespace orrery::validation
