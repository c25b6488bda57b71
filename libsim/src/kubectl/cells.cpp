// Columns and cells of every kind but their own files' (K-020, K-030..K-038). Source:
// pkg/printers/internalversion/printers.go.
#include <set>
#include <utility>

#include <fmt/format.h>

#include "kubectl/access.hpp"
#include "kubectl/table.hpp"
#include "orrery/kubectl/get.hpp"

namespace orrery::kubectl {
namespace {

using nlohmann::json;

std::string name_of(const json& o) { return string_at(o, {"metadata", "name"}); }
std::string age_of(const json& o, Time now) { return age_text(now, seconds_at(o, {"metadata", "creationTimestamp"})); }

std::string number_at(const json& o, std::initializer_list<std::string_view> keys) { return fmt::format("{}", int_at(o, keys)); }

Row generic_cells(const json& o, Time now) { return {name_of(o), age_of(o, now)}; }

std::string or_unknown(std::string text) { return text.empty() ? "<unknown>" : text; }

std::string job_status(const json& job) {
  if (condition_status(job, "Complete") == "True") return "Complete";
  if (condition_status(job, "Failed") == "True") return "Failed";
  if (!at(job, {"metadata", "deletionTimestamp"}).is_null()) return "Terminating";
  for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"})
    if (condition_status(job, type) == "True") return type;
  return "Running";
}

std::string job_completions(const json& job) {
  const std::int64_t succeeded = int_at(job, {"status", "succeeded"});
  if (at(job, {"spec", "completions"}).is_number_integer())
    return fmt::format("{}/{}", succeeded, int_at(job, {"spec", "completions"}));
  const std::int64_t parallelism = int_at(job, {"spec", "parallelism"});
  return parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism) : fmt::format("{}/1", succeeded);
}

std::string job_duration(const json& job, Time now) {
  const auto start = seconds_at(job, {"status", "startTime"});
  if (!start) return {};
  const Time end = seconds_at(job, {"status", "completionTime"}).value_or(now);
  return human_duration(subtract_checked(end, *start).count());
}

Row job_cells(const json& job, Time now) {
  const json& containers = list_at(job, {"spec", "template", "spec", "containers"});
  return {name_of(job),         job_status(job),           job_completions(job),       job_duration(job, now),
          age_of(job, now),     join(containers, "name"),  join(containers, "image"),  selector_text(at(job, {"spec", "selector"}))};
}

Row cron_job_cells(const json& cron_job, Time now) {
  const json& containers = list_at(cron_job, {"spec", "jobTemplate", "spec", "template", "spec", "containers"});
  const json& suspend = at(cron_job, {"spec", "suspend"});
  const auto last = seconds_at(cron_job, {"status", "lastScheduleTime"});
  return {name_of(cron_job),
          string_at(cron_job, {"spec", "schedule"}),
          or_none(string_at(cron_job, {"spec", "timeZone"})),
          !suspend.is_boolean() ? "<unset>" : suspend.get<bool>() ? "True" : "False",
          fmt::format("{}", list_at(cron_job, {"status", "active"}).size()),
          last ? age_text(now, last) : "<none>",
          age_of(cron_job, now),
          join(containers, "name"),
          join(containers, "image"),
          selector_text(at(cron_job, {"spec", "jobTemplate", "spec", "selector"}))};
}

Row daemon_set_cells(const json& ds, Time now) {
  const json& containers = list_at(ds, {"spec", "template", "spec", "containers"});
  return {name_of(ds),
          number_at(ds, {"status", "desiredNumberScheduled"}),
          number_at(ds, {"status", "currentNumberScheduled"}),
          number_at(ds, {"status", "numberReady"}),
          number_at(ds, {"status", "updatedNumberScheduled"}),
          number_at(ds, {"status", "numberAvailable"}),
          labels_text(at(ds, {"spec", "template", "spec", "nodeSelector"})),
          age_of(ds, now),
          join(containers, "name"),
          join(containers, "image"),
          selector_text(at(ds, {"spec", "selector"}))};
}

std::string node_roles(const json& node) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  const json& labels = at(node, {"metadata", "labels"});
  if (labels.is_object())
    for (const auto& [key, value] : labels.items()) {
      if (key.starts_with(kPrefix))
        roles.insert(key.substr(kPrefix.size()));
      else if (key == "kubernetes.io/role" && value.is_string())
        roles.insert(value.get<std::string>());
    }
  roles.erase("");
  std::string out;
  for (const std::string& role : roles) out += (out.empty() ? "" : ",") + role;
  return or_none(std::move(out));
}

std::string node_address(const json& node, std::string_view type) {
  for (const json& a : list_at(node, {"status", "addresses"}))
    if (string_at(a, {"type"}) == type) return string_at(a, {"address"});
  return "<none>";
}

Row node_cells(const json& node, Time now) {
  const std::string ready = condition_status(node, "Ready");
  std::string status = ready.empty() ? "Unknown" : ready == "True" ? "Ready" : "NotReady";
  if (true_at(node, {"spec", "unschedulable"})) status += ",SchedulingDisabled";
  const json& info = at(node, {"status", "nodeInfo"});
  std::string kernel = or_unknown(string_at(info, {"kernelVersion"}));
  if (const std::string arch = string_at(info, {"architecture"}); !arch.empty()) kernel += " (" + arch + ")";
  return {name_of(node),
          std::move(status),
          node_roles(node),
          age_of(node, now),
          string_at(info, {"kubeletVersion"}),
          node_address(node, "InternalIP"),
          node_address(node, "ExternalIP"),
          or_unknown(string_at(info, {"osImage"})),
          std::move(kernel),
          or_unknown(string_at(info, {"containerRuntimeVersion"}))};
}

// `daemonset.apps/a` of the owner that is the controller.
std::string controller_text(const json& o) {
  for (const json& owner : list_at(o, {"metadata", "ownerReferences"})) {
    if (!true_at(owner, {"controller"})) continue;
    std::string out = string_at(owner, {"kind"});
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const std::string version = string_at(owner, {"apiVersion"});
    if (const std::size_t slash = version.find('/'); slash != std::string::npos) out += '.' + version.substr(0, slash);
    return out + '/' + string_at(owner, {"name"});
  }
  return "<none>";
}

Row controller_revision_cells(const json& revision, Time now) {
  return {name_of(revision), controller_text(revision), number_at(revision, {"revision"}), age_of(revision, now)};
}

std::string int_or_string(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? fmt::format("{}", value.get<std::int64_t>()) : "N/A";
}

Row budget_cells(const json& budget, Time now) {
  return {name_of(budget), int_or_string(at(budget, {"spec", "minAvailable"})), int_or_string(at(budget, {"spec", "maxUnavailable"})),
          number_at(budget, {"status", "disruptionsAllowed"}), age_of(budget, now)};
}

Row lease_cells(const json& lease, Time now) {
  return {name_of(lease), string_at(lease, {"spec", "holderIdentity"}), age_of(lease, now)};
}

Row namespace_cells(const json& ns, Time now) { return {name_of(ns), string_at(ns, {"status", "phase"}), age_of(ns, now)}; }

Row priority_class_cells(const json& pc, Time now) {
  return {name_of(pc), number_at(pc, {"value"}), true_at(pc, {"globalDefault"}) ? "true" : "false", age_of(pc, now),
          string_at(pc, {"preemptionPolicy"})};
}

constexpr bool kWide = true;

}  // namespace

const KindTable& table_of(std::string_view kind) {
  static const std::vector<KindTable> tables{
      {"Pod",
       {{"NAME"}, {"READY"}, {"STATUS"}, {"RESTARTS"}, {"AGE"}, {"IP", kWide}, {"NODE", kWide}, {"NOMINATED NODE", kWide}, {"READINESS GATES", kWide}},
       pod_cells},
      {"Job",
       {{"NAME"}, {"STATUS"}, {"COMPLETIONS"}, {"DURATION"}, {"AGE"}, {"CONTAINERS", kWide}, {"IMAGES", kWide}, {"SELECTOR", kWide}},
       job_cells},
      {"CronJob",
       {{"NAME"}, {"SCHEDULE"}, {"TIMEZONE"}, {"SUSPEND"}, {"ACTIVE"}, {"LAST SCHEDULE"}, {"AGE"}, {"CONTAINERS", kWide}, {"IMAGES", kWide}, {"SELECTOR", kWide}},
       cron_job_cells},
      {"DaemonSet",
       {{"NAME"}, {"DESIRED"}, {"CURRENT"}, {"READY"}, {"UP-TO-DATE"}, {"AVAILABLE"}, {"NODE SELECTOR"}, {"AGE"}, {"CONTAINERS", kWide}, {"IMAGES", kWide}, {"SELECTOR", kWide}},
       daemon_set_cells},
      {"Node",
       {{"NAME"}, {"STATUS"}, {"ROLES"}, {"AGE"}, {"VERSION"}, {"INTERNAL-IP", kWide}, {"EXTERNAL-IP", kWide}, {"OS-IMAGE", kWide}, {"KERNEL-VERSION", kWide}, {"CONTAINER-RUNTIME", kWide}},
       node_cells},
      {"Event",
       {{"LAST SEEN"}, {"TYPE"}, {"REASON"}, {"OBJECT"}, {"SUBOBJECT", kWide}, {"SOURCE", kWide}, {"MESSAGE"}, {"FIRST SEEN", kWide}, {"COUNT", kWide}, {"NAME", kWide}},
       event_cells,
       9},
      {"ControllerRevision", {{"NAME"}, {"CONTROLLER"}, {"REVISION"}, {"AGE"}}, controller_revision_cells},
      {"PodDisruptionBudget",
       {{"NAME"}, {"MIN AVAILABLE"}, {"MAX UNAVAILABLE"}, {"ALLOWED DISRUPTIONS"}, {"AGE"}},
       budget_cells},
      {"Lease", {{"NAME"}, {"HOLDER"}, {"AGE"}}, lease_cells},
      {"Namespace", {{"NAME"}, {"STATUS"}, {"AGE"}}, namespace_cells},
      {"PriorityClass", {{"NAME"}, {"VALUE"}, {"GLOBAL-DEFAULT"}, {"AGE"}, {"PREEMPTIONPOLICY"}}, priority_class_cells},
  };
  static const KindTable generic{"", {{"NAME"}, {"AGE"}}, generic_cells};
  for (const KindTable& t : tables)
    if (t.kind == kind) return t;
  return generic;
}

}  // namespace orrery::kubectl
