#include "orrery/kubectl/describe.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "describe_node.hpp"
#include "describe_other.hpp"
#include "describe_parts.hpp"
#include "orrery/api/quantity.hpp"
#include "orrery/api/selector.hpp"
#include "orrery/kubectl/get.hpp"
#include "tab_text.hpp"
#include "values.hpp"

namespace orrery {

using Json = nlohmann::json;
using namespace kubectl;

namespace {

constexpr const char* kUnset = "<unset>";

std::string integer_or_unset(const Json& v, std::string_view unit = {}) {
  return v.is_number_integer() ? fmt::format("{}{}", integer_of(v), unit) : std::string(kUnset);
}

std::string controller_text(const Json& object) {
  const Json& owner = controller_of(object);
  return owner.is_null() ? std::string{} : fmt::format("{}/{}", text_at(owner, {"kind"}), text_at(owner, {"name"}));
}

void put_if(TabText& out, std::string_view title, const std::string& value) {
  if (!value.empty()) out.line(0, "{}:\t{}", title, value);
}

// ---- pods

// status.qosClass, or what it would be: the sums of cpu and memory decide.
std::string qos_class(const Json& pod) {
  if (const std::string stated = text_at(pod, {"status", "qosClass"}); !stated.empty()) return stated;
  std::map<std::string, std::int64_t> requests, limits;
  const auto add = [](std::map<std::string, std::int64_t>& sums, const Json& list) {
    std::size_t found = 0;
    for (const char* name : {"cpu", "memory"})
      if (const auto q = parse_quantity(member(list, name)); q && q->sign() > 0) {
        ++found;
        std::int64_t& sum = sums[name];
        if (__builtin_add_overflow(sum, q->milli_value(), &sum)) sum = INT64_MAX;
      }
    return found;
  };
  bool limited = true;
  for (const char* key : {"containers", "initContainers"})
    for (const Json& c : items_of(at_path(pod, {"spec", key}))) {
      (void)add(requests, at_path(c, {"resources", "requests"}));
      if (add(limits, at_path(c, {"resources", "limits"})) != 2) limited = false;
    }
  if (requests.empty() && limits.empty()) return "BestEffort";
  return limited && requests == limits ? "Guaranteed" : "Burstable";
}

void put_seccomp(TabText& out, const Json& pod) {
  const Json& profile = at_path(pod, {"spec", "securityContext", "seccompProfile"});
  if (!profile.is_object()) return;
  out.line(0, "SeccompProfile:\t{}", text_at(profile, {"type"}));
  if (text_at(profile, {"type"}) == "Localhost") out.line(0, "LocalhostProfile:\t{}", text_at(profile, {"localhostProfile"}));
}

void put_pod_head(TabText& out, const Json& pod, std::int64_t now_ns) {
  const Json &meta = member(pod, "metadata"), &spec = member(pod, "spec"), &status = member(pod, "status");
  out.line(0, "Name:\t{}", text_at(meta, {"name"}));
  out.line(0, "Namespace:\t{}", text_at(meta, {"namespace"}));
  if (const Json& priority = member(spec, "priority"); priority.is_number_integer()) out.line(0, "Priority:\t{}", integer_of(priority));
  put_if(out, "Priority Class Name", text_at(spec, {"priorityClassName"}));
  put_if(out, "Runtime Class Name", text_at(spec, {"runtimeClassName"}));
  put_if(out, "Service Account", text_at(spec, {"serviceAccountName"}));
  const std::string node = text_at(spec, {"nodeName"});
  out.line(0, "Node:\t{}", node.empty() ? "<none>" : node + '/' + text_at(status, {"hostIP"}));
  if (const Json& start = member(status, "startTime"); !start.is_null()) out.line(0, "Start Time:\t{}", absolute_time(start));
  put_labels(out, "Labels", member(meta, "labels"));
  put_annotations(out, "Annotations", member(meta, "annotations"));
  const std::string phase = text_at(status, {"phase"});
  if (const Json& deletion = member(meta, "deletionTimestamp"); !deletion.is_null() && phase != "Failed" && phase != "Succeeded") {
    out.line(0, "Status:\tTerminating (lasts {})", age_of(deletion, now_ns, "<unknown>"));
    out.line(0, "Termination Grace Period:\t{}s", integer_of(member(meta, "deletionGracePeriodSeconds")));
  } else {
    out.line(0, "Status:\t{}", phase);
  }
  put_if(out, "Reason", text_at(status, {"reason"}));
  put_if(out, "Message", text_at(status, {"message"}));
  put_seccomp(out, pod);
  out.line(0, "IP:\t{}", text_at(status, {"podIP"}));
  const Json& addresses = items_of(member(status, "podIPs"));
  out.line(0, "IPs:{}", addresses.empty() ? "\t<none>" : "");
  for (const Json& a : addresses) out.line(1, "IP:\t{}", text_at(a, {"ip"}));
  put_if(out, "Controlled By", controller_text(pod));
  put_if(out, "NominatedNodeName", text_at(status, {"nominatedNodeName"}));
}

void put_pod(TabText& out, const Json& pod, std::int64_t now_ns) {
  const Json &spec = member(pod, "spec"), &status = member(pod, "status");
  put_pod_head(out, pod, now_ns);
  if (const Json& resources = member(spec, "resources"); resources.is_object()) {
    out.line(0, "Resources:");
    put_resources(out, 1, resources);
  }
  if (!items_of(member(spec, "initContainers")).empty())
    put_containers(out, member(spec, "initContainers"), member(status, "initContainerStatuses"), {.label = "Init Containers", .space = "", .pod = &pod});
  put_containers(out, member(spec, "containers"), member(status, "containerStatuses"), {.label = "Containers", .space = "", .pod = &pod});
  if (!items_of(member(spec, "ephemeralContainers")).empty())
    put_containers(out, member(spec, "ephemeralContainers"), member(status, "ephemeralContainerStatuses"), {.label = "Ephemeral Containers", .space = "", .pod = &pod});
  // Here each cell has a blank before its tab or line end.
  const Json& gates = items_of(member(spec, "readinessGates"));
  if (!gates.empty()) out.put(0, "Readiness Gates:\n  Type\tStatus\n");
  for (const Json& g : gates) {
    const std::string type = text_at(g, {"conditionType"});
    const Json& condition = condition_of(pod, type);
    out.line(1, "{} \t{} ", type, condition.is_null() ? "<none>" : text_at(condition, {"status"}));
  }
  const Json& conditions = items_of(member(status, "conditions"));
  if (!conditions.empty()) out.put(0, "Conditions:\n  Type\tStatus\n");
  for (const Json& c : conditions) out.line(1, "{} \t{} ", text_at(c, {"type"}), text_at(c, {"status"}));
  put_volumes(out, member(spec, "volumes"), "");
  out.line(0, "QoS Class:\t{}", qos_class(pod));
  put_labels(out, "Node-Selectors", member(spec, "nodeSelector"));
  put_tolerations(out, "Tolerations", member(spec, "tolerations"));
  put_topology_spread(out, member(spec, "topologySpreadConstraints"), "");
}

// ---- workloads

void put_name(TabText& out, const Json& object) {
  out.line(0, "Name:\t{}", text_at(object, {"metadata", "name"}));
  out.line(0, "Namespace:\t{}", text_at(object, {"metadata", "namespace"}));
}

void put_metadata(TabText& out, const Json& object) {
  put_labels(out, "Labels", at_path(object, {"metadata", "labels"}));
  put_annotations(out, "Annotations", at_path(object, {"metadata", "annotations"}));
}

// At most up to the first comma at or after position 50 (G-30).
std::string capped_indexes(const std::string& indexes) {
  constexpr std::size_t kSoftLimit = 50;
  if (indexes.empty()) return "<none>";
  const std::size_t comma = indexes.find(',', std::min(kSoftLimit, indexes.size()));
  return comma == std::string::npos ? indexes : indexes.substr(0, comma + 1) + "...";
}

// K-050.
void put_job(TabText& out, const Json& job) {
  const Json &spec = member(job, "spec"), &status = member(job, "status");
  const auto count = [&](const char* key) { return integer_of(member(status, key)); };
  put_name(out, job);
  out.line(0, "Selector:\t{}", selector_line(member(spec, "selector")));
  put_metadata(out, job);
  put_if(out, "Controlled By", controller_text(job));
  if (const Json& v = member(spec, "parallelism"); v.is_number_integer()) out.line(0, "Parallelism:\t{}", integer_of(v));
  out.line(0, "Completions:\t{}", integer_or_unset(member(spec, "completions")));
  put_if(out, "Completion Mode", text_at(spec, {"completionMode"}));
  if (const Json& v = member(spec, "suspend"); v.is_boolean()) out.line(0, "Suspend:\t{}", is_true(v));
  if (const Json& v = member(spec, "backoffLimit"); v.is_number_integer()) out.line(0, "Backoff Limit:\t{}", integer_of(v));
  if (const Json& v = member(spec, "ttlSecondsAfterFinished"); v.is_number_integer()) out.line(0, "TTL Seconds After Finished:\t{}", integer_of(v));
  const Json &start = member(status, "startTime"), &end = member(status, "completionTime");
  if (!start.is_null()) out.line(0, "Start Time:\t{}", absolute_time(start));
  if (!end.is_null()) out.line(0, "Completed At:\t{}", absolute_time(end));
  if (!start.is_null() && !end.is_null()) out.line(0, "Duration:\t{}", age_of(start, nanoseconds_of(end), kUnset));
  if (const Json& v = member(spec, "activeDeadlineSeconds"); v.is_number_integer()) out.line(0, "Active Deadline Seconds:\t{}s", integer_of(v));
  const std::string ready = member(status, "ready").is_number_integer() ? fmt::format(" ({} Ready)", count("ready")) : "";
  out.line(0, "Pods Statuses:\t{} Active{} / {} Succeeded / {} Failed", count("active"), ready, count("succeeded"), count("failed"));
  if (text_at(spec, {"completionMode"}) == "Indexed") out.line(0, "Completed Indexes:\t{}", capped_indexes(text_at(status, {"completedIndexes"})));
  put_pod_template(out, member(spec, "template"));
}

// K-051.
void put_cron_job(TabText& out, const Json& cron_job) {
  const Json &spec = member(cron_job, "spec"), &status = member(cron_job, "status"), &job_spec = at_path(spec, {"jobTemplate", "spec"});
  put_name(out, cron_job);
  put_metadata(out, cron_job);
  out.line(0, "Schedule:\t{}", text_at(spec, {"schedule"}));
  out.line(0, "Concurrency Policy:\t{}", text_at(spec, {"concurrencyPolicy"}));
  const Json& suspend = member(spec, "suspend");
  out.line(0, "Suspend:\t{}", !suspend.is_boolean() ? kUnset : is_true(suspend) ? "True" : "False");
  out.line(0, "Time Zone:\t{}", member(spec, "timeZone").is_string() ? text_at(spec, {"timeZone"}) : kUnset);
  out.line(0, "Successful Job History Limit:\t{}", integer_or_unset(member(spec, "successfulJobsHistoryLimit")));
  out.line(0, "Failed Job History Limit:\t{}", integer_or_unset(member(spec, "failedJobsHistoryLimit")));
  out.line(0, "Starting Deadline Seconds:\t{}", integer_or_unset(member(spec, "startingDeadlineSeconds"), "s"));
  const Json& selector = member(job_spec, "selector");
  out.line(0, "Selector:\t{}", selector.is_null() ? kUnset : selector_line(selector));
  out.line(0, "Parallelism:\t{}", integer_or_unset(member(job_spec, "parallelism")));
  out.line(0, "Completions:\t{}", integer_or_unset(member(job_spec, "completions")));
  if (const Json& v = member(job_spec, "activeDeadlineSeconds"); v.is_number_integer()) out.line(0, "Active Deadline Seconds:\t{}s", integer_of(v));
  put_pod_template(out, member(job_spec, "template"));
  const Json& last = member(status, "lastScheduleTime");
  out.line(0, "Last Schedule Time:\t{}", last.is_null() ? kUnset : absolute_time(last));
  std::vector<std::string> active;
  for (const Json& j : items_of(member(status, "active"))) active.push_back(text_at(j, {"name"}));
  out.line(0, "Active Jobs:\t{}", active.empty() ? "<none>" : fmt::format("{}", fmt::join(active, ", ")));
}

// K-052.
void put_daemon_set(TabText& out, const Json& daemon_set, std::span<const Json> pods) {
  const Json &meta = member(daemon_set, "metadata"), &spec = member(daemon_set, "spec"), &status = member(daemon_set, "status");
  put_name(out, daemon_set);
  out.line(0, "Selector:\t{}", selector_line(member(spec, "selector")));
  out.line(0, "Node-Selector:\t{}", map_line(at_path(spec, {"template", "spec", "nodeSelector"})));
  put_metadata(out, daemon_set);
  const auto count = [&](const char* key) { return integer_of(member(status, key)); };
  out.line(0, "Desired Number of Nodes Scheduled: {}", count("desiredNumberScheduled"));
  out.line(0, "Current Number of Nodes Scheduled: {}", count("currentNumberScheduled"));
  out.line(0, "Number of Nodes Scheduled with Up-to-date Pods: {}", count("updatedNumberScheduled"));
  out.line(0, "Number of Nodes Scheduled with Available Pods: {}", count("numberAvailable"));
  out.line(0, "Number of Nodes Misscheduled: {}", count("numberMisscheduled"));
  const auto selector = label_selector(member(spec, "selector"));
  std::int64_t running = 0, waiting = 0, succeeded = 0, failed = 0;
  for (const Json& p : pods) {
    const Json& owner = controller_of(p);
    if (owner.is_null() || text_at(owner, {"uid"}) != text_at(meta, {"uid"}) || text_at(p, {"metadata", "namespace"}) != text_at(meta, {"namespace"})) continue;
    std::vector<std::pair<std::string, std::string>> labels;
    if (const Json& l = at_path(p, {"metadata", "labels"}); l.is_object())
      for (const auto& [k, v] : l.items()) labels.emplace_back(k, text_of(v));
    if (!selector || !selector->matches(labels)) continue;
    const std::string phase = text_at(p, {"status", "phase"});
    running += phase == "Running" ? 1 : 0;
    waiting += phase == "Pending" ? 1 : 0;
    succeeded += phase == "Succeeded" ? 1 : 0;
    failed += phase == "Failed" ? 1 : 0;
  }
  out.line(0, "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed", running, waiting, succeeded, failed);
  put_pod_template(out, member(spec, "template"));
}

void put_budget(TabText& out, const Json& budget) {
  const Json &spec = member(budget, "spec"), &status = member(budget, "status");
  put_name(out, budget);
  const Json &min = member(spec, "minAvailable"), &max = member(spec, "maxUnavailable");
  if (!min.is_null())
    out.line(0, "Min available:\t{}", scalar_text(min));
  else if (!max.is_null())
    out.line(0, "Max unavailable:\t{}", scalar_text(max));
  const Json& selector = member(spec, "selector");
  out.line(0, "Selector:\t{}", selector.is_null() ? kUnset : selector_or_none(selector));
  out.line(0, "Status:");
  for (const auto& [title, key] : {std::pair{"Allowed disruptions", "disruptionsAllowed"}, std::pair{"Current", "currentHealthy"},
                                   std::pair{"Desired", "desiredHealthy"}, std::pair{"Total", "expectedPods"}})
    out.line(2, "{}:\t{}", title, integer_of(member(status, key)));
}

}  // namespace

std::string describe(std::string_view kind, const Json& object, const DescribeContext& context) {
  TabText out;
  if (kind == "Pod")
    put_pod(out, object, context.now_ns);
  else if (kind == "Node")
    put_node(out, object, context);
  else if (kind == "Job")
    put_job(out, object);
  else if (kind == "CronJob")
    put_cron_job(out, object);
  else if (kind == "DaemonSet")
    put_daemon_set(out, object, context.pods);
  else if (kind == "PodDisruptionBudget")
    put_budget(out, object);
  else if (kind == "Namespace")
    put_namespace(out, object);
  else if (kind == "PriorityClass")
    put_priority_class(out, object);
  else if (kind == "ConfigMap")
    put_config_map(out, object);
  else
    put_any(out, object);
  if (context.show_events && kind != "Namespace") put_events(out, object, context.events, context.now_ns, {.kind = kind, .any_kind = kind == "Pod", .name_as_uid = kind == "Node"});
  return out.aligned();
}

}  // namespace orrery
