// The cells of each kind (K-020 … K-038).
#include "columns.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "orrery/core/time.hpp"

namespace orrery::kubectl {

using Json = nlohmann::json;

namespace {
const Json kNull;
const Json kEmptyList = Json::array();
constexpr const char* kNone = "<none>";

const Json& list(const Json& v) { return v.is_array() ? v : kEmptyList; }
std::int64_t number(const Json& v) { return v.is_number_integer() ? v.get<std::int64_t>() : 0; }
bool truth(const Json& v) { return v.is_boolean() && v.get<bool>(); }
const Json& find(const Json& conditions, std::string_view type) {
  for (const Json& c : list(conditions))
    if (text_of(member(c, "type")) == type) return c;
  return kNull;
}
bool condition_true(const Json& conditions, std::string_view type) { return text_of(member(find(conditions, type), "status")) == "True"; }
std::string or_none(std::string s) { return s.empty() ? kNone : s; }

std::int64_t seconds(const Json& timestamp) {
  const auto t = parse_rfc3339(text_of(timestamp));
  return t ? unix_seconds(*t) : 0;
}

std::string joined(const Json& containers, const char* key) {
  std::string out;
  for (const Json& c : list(containers)) out += (out.empty() ? "" : ",") + text_of(member(c, key));
  return out;
}

/// K-035.
std::string selector_text(const Json& selector) {
  std::vector<std::pair<std::string, std::string>> parts;
  if (const Json& labels = member(selector, "matchLabels"); labels.is_object())
    for (const auto& [k, v] : labels.items()) parts.emplace_back(k, k + "=" + text_of(v));
  for (const Json& e : list(member(selector, "matchExpressions"))) {
    const std::string key = text_of(member(e, "key")), op = text_of(member(e, "operator"));
    if (op == "Exists" || op == "DoesNotExist") {
      parts.emplace_back(key, op == "Exists" ? key : "!" + key);
      continue;
    }
    std::vector<std::string> values;
    for (const Json& v : list(member(e, "values"))) values.push_back(text_of(v));
    std::sort(values.begin(), values.end());
    parts.emplace_back(key, fmt::format("{} {} ({})", key, op == "In" ? "in" : "notin", fmt::join(values, ",")));
  }
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out;
  for (const auto& p : parts) out += (out.empty() ? "" : ",") + p.second;
  return or_none(out);
}

std::string map_text(const Json& map) {
  std::string out;
  if (map.is_object())
    for (const auto& [k, v] : map.items()) out += (out.empty() ? "" : ",") + k + "=" + text_of(v);
  return or_none(out);
}

void add_template_columns(Row& row, const Json& spec) {
  const Json& containers = member(member(member(spec, "template"), "spec"), "containers");
  row.push_back(joined(containers, "name"));
  row.push_back(joined(containers, "image"));
  row.push_back(selector_text(member(spec, "selector")));
}

// ---- pods

struct PodCells {
  std::string status;
  std::int64_t ready = 0, all = 0, restarts = 0;
  std::int64_t last_restart = 0;  ///< Unix seconds
};

std::string terminated_word(const Json& terminated) {
  const std::string reason = text_of(member(terminated, "reason"));
  if (!reason.empty()) return reason;
  if (const std::int64_t signal = number(member(terminated, "signal")); signal != 0) return fmt::format("Signal:{}", signal);
  return fmt::format("ExitCode:{}", number(member(terminated, "exitCode")));
}

/// K-022, K-023.
PodCells pod_cells(const Json& pod) {
  PodCells out;
  const Json &spec = member(pod, "spec"), &status = member(pod, "status");
  auto is_sidecar = [&](const std::string& name) {
    for (const Json& c : list(member(spec, "initContainers")))
      if (text_of(member(c, "name")) == name) return text_of(member(c, "restartPolicy")) == "Always";
    return false;
  };
  out.all = static_cast<std::int64_t>(list(member(spec, "containers")).size());
  const std::size_t inits = list(member(spec, "initContainers")).size();
  for (const Json& c : list(member(spec, "initContainers")))
    if (text_of(member(c, "restartPolicy")) == "Always") ++out.all;
  const std::string phase = text_of(member(status, "phase")), pod_reason = text_of(member(status, "reason"));
  out.status = pod_reason.empty() ? phase : pod_reason;
  if (text_of(member(find(member(status, "conditions"), "PodScheduled"), "reason")) == "SchedulingGated") out.status = "SchedulingGated";

  std::int64_t restarts = 0, last = 0, sidecar_restarts = 0, sidecar_last = 0;
  auto count = [](const Json& c, std::int64_t& n, std::int64_t& when) {
    n += number(member(c, "restartCount"));
    when = std::max(when, seconds(member(member(member(c, "lastState"), "terminated"), "finishedAt")));
  };
  bool initializing = false;
  const Json& init_statuses = list(member(status, "initContainerStatuses"));
  for (std::size_t i = 0; i < init_statuses.size(); ++i) {
    const Json& c = init_statuses[i];
    const Json& state = member(c, "state");
    const bool sidecar = is_sidecar(text_of(member(c, "name")));
    count(c, restarts, last);
    if (sidecar) count(c, sidecar_restarts, sidecar_last);
    const Json& terminated = member(state, "terminated");
    if (terminated.is_object() && number(member(terminated, "exitCode")) == 0) continue;
    if (sidecar && truth(member(c, "started"))) {
      if (truth(member(c, "ready"))) ++out.ready;
      continue;
    }
    const std::string waiting = text_of(member(member(state, "waiting"), "reason"));
    if (terminated.is_object())
      out.status = "Init:" + terminated_word(terminated);
    else if (!waiting.empty() && waiting != "PodInitializing")
      out.status = "Init:" + waiting;
    else
      out.status = fmt::format("Init:{}/{}", i, inits);
    initializing = true;
    break;
  }
  if (!initializing || condition_true(member(status, "conditions"), "Initialized")) {
    restarts = sidecar_restarts;
    last = sidecar_last;
    bool running = false;
    std::string error;
    const Json& statuses = list(member(status, "containerStatuses"));
    for (std::size_t i = statuses.size(); i-- > 0;) {
      const Json& c = statuses[i];
      const Json& state = member(c, "state");
      count(c, restarts, last);
      const std::string waiting = text_of(member(member(state, "waiting"), "reason"));
      const Json& terminated = member(state, "terminated");
      if (!waiting.empty()) {
        out.status = waiting;
      } else if (terminated.is_object()) {
        out.status = terminated_word(terminated);
        if (number(member(terminated, "exitCode")) != 0) error = out.status;
      } else if (truth(member(c, "ready")) && member(state, "running").is_object()) {
        running = true;
        ++out.ready;
      }
    }
    if (out.status == "Completed") {
      if (running && condition_true(member(status, "conditions"), "Ready"))
        out.status = "Running";
      else if (!error.empty())
        out.status = error;
      else if (running)
        out.status = "NotReady";
    }
  }
  if (!member(member(pod, "metadata"), "deletionTimestamp").is_null()) {
    if (pod_reason == "NodeLost")
      out.status = "Unknown";
    else if (phase != "Succeeded" && phase != "Failed")
      out.status = "Terminating";
  }
  out.restarts = restarts;
  out.last_restart = last;
  return out;
}

Row pod_row(const Json& pod, std::int64_t now_ns, bool wide) {
  const PodCells c = pod_cells(pod);
  std::string restarts = fmt::format("{}", c.restarts);
  if (c.restarts != 0 && c.last_restart != 0) restarts += fmt::format(" ({} ago)", human_duration(now_ns - c.last_restart * 1'000'000'000));
  Row row{fmt::format("{}/{}", c.ready, c.all), c.status, restarts, age_of(member(member(pod, "metadata"), "creationTimestamp"), now_ns, "<unknown>")};
  if (wide) {
    const Json &spec = member(pod, "spec"), &status = member(pod, "status");
    const Json& ips = list(member(status, "podIPs"));
    row.push_back(or_none(ips.empty() ? text_of(member(status, "podIP")) : text_of(member(ips[0], "ip"))));
    row.push_back(or_none(text_of(member(spec, "nodeName"))));
    row.push_back(or_none(text_of(member(status, "nominatedNodeName"))));
    const Json& gates = list(member(spec, "readinessGates"));
    std::int64_t passed = 0;
    for (const Json& g : gates) passed += condition_true(member(status, "conditions"), text_of(member(g, "conditionType"))) ? 1 : 0;
    row.push_back(gates.empty() ? kNone : fmt::format("{}/{}", passed, gates.size()));
  }
  return row;
}

// ---- other kinds

Row job_row(const Json& job, std::int64_t now_ns, bool wide) {
  const Json &meta = member(job, "metadata"), &spec = member(job, "spec"), &status = member(job, "status");
  const Json& conditions = member(status, "conditions");
  std::string word = "Running";
  if (condition_true(conditions, "Complete"))
    word = "Complete";
  else if (condition_true(conditions, "Failed"))
    word = "Failed";
  else if (!member(meta, "deletionTimestamp").is_null())
    word = "Terminating";
  else
    for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"})
      if (condition_true(conditions, type)) {
        word = type;
        break;
      }
  const std::int64_t succeeded = number(member(status, "succeeded")), parallelism = number(member(spec, "parallelism"));
  std::string completions;
  if (member(spec, "completions").is_number_integer())
    completions = fmt::format("{}/{}", succeeded, number(member(spec, "completions")));
  else
    completions = parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism) : fmt::format("{}/1", succeeded);
  std::string duration;
  if (const std::int64_t start = seconds(member(status, "startTime")); start != 0) {
    const std::int64_t done = seconds(member(status, "completionTime"));
    duration = human_duration((done != 0 ? done * 1'000'000'000 : now_ns) - start * 1'000'000'000);
  }
  Row row{word, completions, duration, age_of(member(meta, "creationTimestamp"), now_ns, "<unknown>")};
  if (wide) add_template_columns(row, spec);
  return row;
}

/// A kind of our own, in the manner of Jobs: how many of its jobs have come to an end, and for how long it has been at it.
Row workflow_row(const Json& o, std::int64_t now_ns, bool wide) {
  const Json &meta = member(o, "metadata"), &status = member(o, "status");
  std::string word = text_of(member(status, "phase"));
  if (!member(meta, "deletionTimestamp").is_null()) word = "Terminating";
  const auto count = [&](const char* key) { return number(member(status, key)); };
  std::string duration;
  if (const std::int64_t start = seconds(member(status, "startTime")); start != 0) {
    const std::int64_t done = seconds(member(status, "completionTime"));
    duration = human_duration((done != 0 ? done * 1'000'000'000 : now_ns) - start * 1'000'000'000);
  }
  Row row{word.empty() ? "Pending" : word,
          fmt::format("{}/{}", count("succeeded") + count("failed") + count("skipped"), list(member(member(o, "spec"), "jobs")).size()), duration,
          age_of(member(meta, "creationTimestamp"), now_ns, "<unknown>")};
  if (wide)
    for (const char* key : {"waiting", "active", "succeeded", "failed", "skipped"}) row.push_back(fmt::format("{}", count(key)));
  return row;
}

Row cron_job_row(const Json& o, std::int64_t now_ns, bool wide) {
  const Json &spec = member(o, "spec"), &status = member(o, "status");
  const Json& suspend = member(spec, "suspend");
  Row row{text_of(member(spec, "schedule")),
          or_none(text_of(member(spec, "timeZone"))),
          suspend.is_boolean() ? (truth(suspend) ? "True" : "False") : "<unset>",
          fmt::format("{}", list(member(status, "active")).size()),
          age_of(member(status, "lastScheduleTime"), now_ns, kNone),
          age_of(member(member(o, "metadata"), "creationTimestamp"), now_ns, "<unknown>")};
  if (wide) add_template_columns(row, member(member(spec, "jobTemplate"), "spec"));
  return row;
}

Row daemon_set_row(const Json& o, std::int64_t now_ns, bool wide) {
  const Json &spec = member(o, "spec"), &status = member(o, "status");
  Row row;
  for (const char* key : {"desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable"})
    row.push_back(fmt::format("{}", number(member(status, key))));
  row.push_back(map_text(member(member(member(spec, "template"), "spec"), "nodeSelector")));
  row.push_back(age_of(member(member(o, "metadata"), "creationTimestamp"), now_ns, "<unknown>"));
  if (wide) add_template_columns(row, spec);
  return row;
}

Row node_row(const Json& o, std::int64_t now_ns, bool wide) {
  const Json &meta = member(o, "metadata"), &status = member(o, "status");
  const Json& ready = find(member(status, "conditions"), "Ready");
  std::string word = ready.is_null() ? "Unknown" : text_of(member(ready, "status")) == "True" ? "Ready" : "NotReady";
  if (truth(member(member(o, "spec"), "unschedulable"))) word += ",SchedulingDisabled";
  std::vector<std::string> roles;
  if (const Json& labels = member(meta, "labels"); labels.is_object())
    for (const auto& [k, v] : labels.items()) {
      constexpr std::string_view kRole = "node-role.kubernetes.io/";
      if (k.starts_with(kRole) && k.size() > kRole.size()) roles.push_back(k.substr(kRole.size()));
      if (k == "kubernetes.io/role" && !text_of(v).empty()) roles.push_back(text_of(v));
    }
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  const Json& info = member(status, "nodeInfo");
  Row row{word, or_none(fmt::format("{}", fmt::join(roles, ","))), age_of(member(meta, "creationTimestamp"), now_ns, "<unknown>"), text_of(member(info, "kubeletVersion"))};
  if (wide) {
    auto address = [&](std::string_view type) {
      for (const Json& a : list(member(status, "addresses")))
        if (text_of(member(a, "type")) == type) return text_of(member(a, "address"));
      return std::string(kNone);
    };
    auto known = [&](const char* key) {
      const std::string s = text_of(member(info, key));
      return s.empty() ? std::string("<unknown>") : s;
    };
    row.push_back(address("InternalIP"));
    row.push_back(address("ExternalIP"));
    row.push_back(known("osImage"));
    const std::string architecture = text_of(member(info, "architecture"));
    row.push_back(architecture.empty() ? known("kernelVersion") : fmt::format("{} ({})", known("kernelVersion"), architecture));
    row.push_back(known("containerRuntimeVersion"));
  }
  return row;
}

Row event_row(const Json& o, std::int64_t now_ns, bool wide) {
  auto first_of = [](std::initializer_list<const Json*> options) -> const Json& {
    for (const Json* v : options)
      if (!v->is_null()) return *v;
    return kNull;
  };
  const Json& series = member(o, "series");
  const Json& first = first_of({&member(o, "firstTimestamp"), &member(o, "eventTime")});
  const Json& last = first_of({&member(series, "lastObservedTime"), &member(o, "lastTimestamp"), &first});
  std::string object = text_of(member(member(o, "involvedObject"), "kind"));
  std::transform(object.begin(), object.end(), object.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  object += "/" + text_of(member(member(o, "involvedObject"), "name"));
  std::string message = text_of(member(o, "message"));
  message.erase(0, message.find_first_not_of(" \t\n"));
  message.erase(message.find_last_not_of(" \t\n") + 1);
  Row row{age_of(last, now_ns, "<unknown>"), text_of(member(o, "type")), text_of(member(o, "reason")), object};
  if (wide) {
    const Json& source = member(o, "source");
    std::string from = text_of(member(source, "component"));
    if (from.empty()) from = text_of(member(o, "reportingComponent"));
    std::string host = text_of(member(source, "host"));
    if (host.empty()) host = text_of(member(o, "reportingInstance"));
    row.push_back(text_of(member(member(o, "involvedObject"), "fieldPath")));
    row.push_back(host.empty() ? from : from + ", " + host);
    row.push_back(message);
    row.push_back(age_of(first, now_ns, "<unknown>"));
    const std::int64_t count = number(member(series.is_object() ? series : o, "count"));
    row.push_back(fmt::format("{}", count == 0 && !series.is_object() ? 1 : count));
    row.push_back(text_of(member(member(o, "metadata"), "name")));
  } else {
    row.push_back(message);
  }
  return row;
}

/// "daemonset.apps/name"; a kind of the core group stands alone.
std::string owner_text(const Json& reference) {
  std::string kind = text_of(member(reference, "kind"));
  for (char& c : kind)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const std::string version = text_of(member(reference, "apiVersion"));
  const std::size_t slash = version.find('/');
  if (slash != std::string::npos) kind += '.' + version.substr(0, slash);
  return kind.empty() ? text_of(member(reference, "name")) : kind + '/' + text_of(member(reference, "name"));
}

Row budget_row(const Json& o, std::int64_t now_ns) {
  const Json& spec = member(o, "spec");
  auto amount = [&](const char* key) {
    const Json& v = member(spec, key);
    return v.is_null() ? std::string("N/A") : v.is_string() ? v.get<std::string>() : v.dump();
  };
  return {amount("minAvailable"), amount("maxUnavailable"), fmt::format("{}", number(member(member(o, "status"), "disruptionsAllowed"))),
          age_of(member(member(o, "metadata"), "creationTimestamp"), now_ns, "<unknown>")};
}

}  // namespace

const Json& member(const Json& object, const char* key) {
  if (!object.is_object()) return kNull;
  auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

std::string text_of(const Json& v) { return v.is_string() ? v.get<std::string>() : std::string{}; }

std::string age_of(const Json& timestamp, std::int64_t now_ns, std::string_view otherwise) {
  const auto t = parse_rfc3339(text_of(timestamp));
  if (!t) return std::string(otherwise);
  return human_duration(now_ns - t->time_since_epoch().count());
}

Columns columns_of(std::string_view kind, bool wide) {
  const Row extra{"CONTAINERS", "IMAGES", "SELECTOR"};
  Columns c;
  if (kind == "Pod")
    c = {{"READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "NOMINATED NODE", "READINESS GATES"}, 4};
  else if (kind == "Job")
    c = {{"STATUS", "COMPLETIONS", "DURATION", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"}, 4};
  else if (kind == "Workflow")
    c = {{"STATUS", "JOBS", "DURATION", "AGE", "WAITING", "ACTIVE", "SUCCEEDED", "FAILED", "SKIPPED"}, 4};
  else if (kind == "CronJob")
    c = {{"SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"}, 6};
  else if (kind == "DaemonSet")
    c = {{"DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"}, 7};
  else if (kind == "Node")
    c = {{"STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"}, 4};
  else if (kind == "Event")
    return wide ? Columns{{"LAST SEEN", "TYPE", "REASON", "OBJECT", "SUBOBJECT", "SOURCE", "MESSAGE", "FIRST SEEN", "COUNT", "NAME"}, 10}
                : Columns{{"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"}, 5};
  else if (kind == "ControllerRevision")
    c = {{"CONTROLLER", "REVISION", "AGE"}, 3};
  else if (kind == "PodDisruptionBudget")
    c = {{"MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"}, 4};
  else if (kind == "PriorityClass")
    c = {{"VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"}, 4};
  else if (kind == "ConfigMap")
    c = {{"DATA", "AGE"}, 2};
  else if (kind == "Lease")
    c = {{"HOLDER", "AGE"}, 2};
  else if (kind == "Namespace")
    c = {{"STATUS", "AGE"}, 2};
  else
    c = {{"AGE"}, 1};
  if (!wide) c.header.resize(c.ordinary);
  return c;
}

Row cells_of(std::string_view kind, const Json& o, std::int64_t now_ns, bool wide) {
  const std::string age = age_of(member(member(o, "metadata"), "creationTimestamp"), now_ns, "<unknown>");
  if (kind == "Pod") return pod_row(o, now_ns, wide);
  if (kind == "Job") return job_row(o, now_ns, wide);
  if (kind == "Workflow") return workflow_row(o, now_ns, wide);
  if (kind == "CronJob") return cron_job_row(o, now_ns, wide);
  if (kind == "DaemonSet") return daemon_set_row(o, now_ns, wide);
  if (kind == "Node") return node_row(o, now_ns, wide);
  if (kind == "Event") return event_row(o, now_ns, wide);
  if (kind == "PodDisruptionBudget") return budget_row(o, now_ns);
  if (kind == "PriorityClass")
    return {fmt::format("{}", number(member(o, "value"))), truth(member(o, "globalDefault")) ? "true" : "false", age, text_of(member(o, "preemptionPolicy"))};
  if (kind == "ConfigMap") return {fmt::format("{}", member(o, "data").size() + member(o, "binaryData").size()), age};
  if (kind == "Lease") return {text_of(member(member(o, "spec"), "holderIdentity")), age};
  if (kind == "Namespace") return {text_of(member(member(o, "status"), "phase")), age};
  if (kind == "ControllerRevision") {
    std::string controller = kNone;
    for (const Json& r : list(member(member(o, "metadata"), "ownerReferences")))
      if (truth(member(r, "controller"))) controller = owner_text(r);
    return {controller, fmt::format("{}", number(member(o, "revision"))), age};
  }
  return {age};
}

}  // namespace orrery::kubectl
