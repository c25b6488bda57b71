// DaemonSets: D-011, D-012. Source: pkg/apis/apps/validation/validation.go.
#include <fmt/format.h>

#include <limits>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

/// The number in front of the percent sign; none if it is not a percentage.
std::optional<std::int64_t> percent_value(const json* value) {
  if (value == nullptr || !value->is_string() || !percent(text(*value)).empty()) return std::nullopt;
  const std::string_view digits = text(*value).substr(0, text(*value).size() - 1);
  return parse_go_int(digits).value_or(std::numeric_limits<std::int64_t>::max());
}

std::int64_t count_or_percent(const json* value) {
  const std::optional<std::int64_t> percentage = percent_value(value);
  if (percentage) return *percentage;
  if (value == nullptr) return 0;
  return value->is_string() ? parse_go_int(text(*value)).value_or(0) : number(*value);
}

std::string shown(const json* value) { return value == nullptr ? "0" : go_json(*value); }

void check_rolling_update(const Path& path, const json& rolling, Errors& errors) {
  const json* unavailable = member(rolling, "maxUnavailable");
  const json* surge = member(rolling, "maxSurge");
  const Path unavailable_path = path.child("maxUnavailable");
  const Path surge_path = path.child("maxSurge");
  check_count_or_percent(unavailable_path, unavailable, errors);
  check_count_or_percent(surge_path, surge, errors);
  check_at_most_100_percent(unavailable_path, unavailable, errors);
  check_at_most_100_percent(surge_path, surge, errors);
  const bool has_unavailable = count_or_percent(unavailable) != 0;
  const bool has_surge = count_or_percent(surge) != 0;
  if (has_unavailable && has_surge) errors.invalid(surge_path, shown(surge), "may not be set when maxUnavailable is non-zero");
  if (!has_unavailable && !has_surge) errors.required(unavailable_path, "cannot be 0 when maxSurge is 0");
}

void check_update_strategy(const Path& path, const json& strategy, Errors& errors) {
  const std::string_view type = text(strategy, "type");
  if (type == "OnDelete") return;
  if (type != "RollingUpdate") {
    errors.not_supported(path, internal_text("DaemonSetUpdateStrategy", &strategy), {"RollingUpdate", "OnDelete"});
    return;
  }
  const json* rolling = member(strategy, "rollingUpdate");
  if (rolling == nullptr) {
    errors.required(path.child("rollingUpdate"));
  } else {
    check_rolling_update(path.child("rollingUpdate"), *rolling, errors);
  }
}

void check_spec(const Path& path, const json& spec, Errors& errors) {
  const json* selector = member(spec, "selector");
  check_label_selector(path.child("selector"), selector, errors);
  const json& pod_template = object(spec, "template");
  const json* labels = member(object(pod_template, "metadata"), "labels");
  if (selector_matches(selector, labels == nullptr ? json::object() : *labels) == Match::no) {
    errors.invalid(path.child("template.metadata.labels"), labels == nullptr ? "null" : go_json(*labels),
                   "`selector` does not match template `labels`");
  }
  if (selector != nullptr && object(*selector, "matchLabels").empty() && list(*selector, "matchExpressions").empty()) {
    errors.invalid(path.child("selector"), wire_text("LabelSelector", selector), "empty selector is invalid for daemonset");
  }
  const Path template_path = path.child("template");
  check_pod_template_spec(template_path, pod_template, errors);
  const json& pod_spec = object(pod_template, "spec");
  const std::string_view restart_policy = text(pod_spec, "restartPolicy");
  if (restart_policy != "Always") {
    errors.not_supported(template_path.child("spec.restartPolicy"), json_quoted(restart_policy), {"Always"});
  }
  if (member(pod_spec, "activeDeadlineSeconds") != nullptr) {
    errors.forbidden(template_path.child("spec.activeDeadlineSeconds"), "activeDeadlineSeconds in DaemonSet is not Supported");
  }
  errors.nonnegative(path.child("minReadySeconds"), number(spec, "minReadySeconds"));
  check_update_strategy(path.child("updateStrategy"), object(spec, "updateStrategy"), errors);
  errors.nonnegative(path.child("revisionHistoryLimit"), number(spec, "revisionHistoryLimit"));
}

}  // namespace

void check_count_or_percent(const Path& path, const json* value, Errors& errors) {
  if (value == nullptr) return;
  if (value->is_string()) {
    for (const std::string& message : percent(text(*value))) errors.invalid(path, json_quoted(text(*value)), message);
  } else {
    errors.nonnegative(path, number(*value));
  }
}

void check_at_most_100_percent(const Path& path, const json* value, Errors& errors) {
  if (percent_value(value).value_or(0) > 100) errors.invalid(path, json_quoted(text(*value)), "must not be greater than 100%");
}

void check_daemon_set_create(const json& daemon_set, Errors& errors) {
  const Path path("spec");
  check_metadata(daemon_set, Scope::namespaced, errors);
  check_spec(path, object(daemon_set, "spec"), errors);
}

void check_daemon_set_update(const json& new_daemon_set, const json& old_daemon_set, Errors& errors) {
  const Path path("spec");
  const json& now = object(new_daemon_set, "spec");
  check_kind_metadata_update(new_daemon_set, old_daemon_set, errors);
  const json* selector = member(now, "selector");
  if (!semantically_equal("*LabelSelector", selector, member(object(old_daemon_set, "spec"), "selector"))) {
    errors.invalid(path.child("selector"), wire_text("*LabelSelector", selector), "field is immutable");
  }
  check_spec(path, now, errors);
}

void check_daemon_set_status_update(const json& new_daemon_set, const json& old_daemon_set, Errors& errors) {
  check_kind_metadata_update(new_daemon_set, old_daemon_set, errors);
  const Path path("status");
  const json& now = object(new_daemon_set, "status");
  for (const char* field : {"currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration",
                            "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount"}) {
    errors.nonnegative(path.child(field), number(now, field));
  }
  const json* collisions = member(object(old_daemon_set, "status"), "collisionCount");
  if (collisions != nullptr && number(now, "collisionCount") < number(*collisions)) {
    errors.invalid(path.child("collisionCount"), fmt::format("{}", number(now, "collisionCount")), "cannot be decremented");
  }
}

void check_pod_template_create(const json& pod_template, Errors& errors) {
  check_metadata(pod_template, Scope::namespaced, errors);
  const Path path("template");
  check_pod_template_spec(path, object(pod_template, "template"), errors);
}

void check_pod_template_update(const json& new_template, const json& old_template, Errors& errors) {
  check_kind_metadata_update(new_template, old_template, errors);
  const Path path("template");
  check_pod_template_spec(path, object(new_template, "template"), errors);
}

}  // namespace orrery::validation
