#include "orrery/kubectl/get.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "orrery/core/time.hpp"

using nlohmann::json;
using namespace orrery;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNow = 1'767'571'200 * kSecond;  // 2026-01-05T00:00:00Z

std::string ago(std::int64_t seconds) { return format_rfc3339(kNow / kSecond - seconds); }

json object(const std::string& name, std::int64_t age) {
  return {{"metadata", {{"name", name}, {"namespace", "default"}, {"creationTimestamp", ago(age)}}}};
}

std::string print(const char* kind, const std::vector<json>& objects, const GetOptions& options = {}) {
  const KindInfo* info = resolve_kind(kind);
  REQUIRE(info != nullptr);
  return print_objects(*info, objects, kNow, options);
}

GetOptions wide() { return {.output = GetOptions::Output::wide}; }

// A pod of `containers` and `init` (specs by name) with the given status.
json pod(const std::string& name, std::int64_t age, json status, const json& spec = {{"containers", {{{"name", "c"}}}}}) {
  json p = object(name, age);
  p["spec"] = spec;
  p["status"] = std::move(status);
  return p;
}

json container_status(const char* name, json state, std::int64_t restarts = 0, bool ready = false) {
  return {{"name", name}, {"state", std::move(state)}, {"restartCount", restarts}, {"ready", ready}};
}

json exited(int code, const char* reason) { return {{"terminated", {{"exitCode", code}, {"reason", reason}}}}; }
json waiting(const char* reason) { return {{"waiting", {{"reason", reason}}}}; }
json running() { return {{"running", {{"startedAt", ago(1)}}}}; }

std::string row(const json& p) { return print("pods", {p}, {.no_headers = true}); }

}  // namespace

TEST_CASE("K-002: ages") {
  struct Case {
    std::int64_t seconds;
    const char* text;
  };
  for (const Case& c : std::vector<Case>{{-2, "<invalid>"}, {0, "0s"}, {119, "119s"}, {120, "2m"}, {121, "2m1s"}, {599, "9m59s"}, {600, "10m"},
                                         {10799, "179m"}, {10800, "3h"}, {10860, "3h1m"}, {28799, "7h59m"}, {28800, "8h"}, {172799, "47h"},
                                         {172800, "2d"}, {176400, "2d1h"}, {691199, "7d23h"}, {691200, "8d"}, {63071999, "729d"}, {63072000, "2y"},
                                         {63158400, "2y1d"}, {252287999, "7y364d"}, {252288000, "8y"}}) {
    CAPTURE(c.seconds);
    CHECK(human_duration(c.seconds * kSecond) == c.text);
  }
  CHECK(human_duration(-3 * kSecond / 2) == "0s");
  CHECK(human_duration(120 * kSecond - 1) == "119s");
}

TEST_CASE("resource words") {
  struct Case {
    std::string word;
    const char* kind;
  };
  for (const Case& c : std::vector<Case>{{"po", "Pod"}, {"Pods", "Pod"}, {"jobs.batch", "Job"}, {"job.v1.batch", "Job"}, {"cj", "CronJob"},
                                         {"ds", "DaemonSet"}, {"DaemonSet", "DaemonSet"}, {"no", "Node"}, {"pdb", "PodDisruptionBudget"},
                                         {"ev", "Event"}, {"leases", "Lease"}, {"controllerrevisions", "ControllerRevision"},
                                         {"pc", "PriorityClass"}, {"ns", "Namespace"}}) {
    CAPTURE(c.word);
    const KindInfo* info = resolve_kind(c.word);
    REQUIRE(info != nullptr);
    CHECK(info->kind == c.kind);
  }
  for (const char* word : {"", ".", "podz", "jobs.apps", "pods.batch"}) CHECK(resolve_kind(word) == nullptr);
}

TEST_CASE("K-030, K-031, K-032: jobs") {
  json pi = object("pi", 246);
  pi["spec"] = {{"completions", 1}, {"parallelism", 1}};
  pi["status"] = {{"succeeded", 1}, {"startTime", ago(246)}, {"completionTime", ago(175)}, {"conditions", {{{"type", "Complete"}, {"status", "True"}}}}};
  CHECK(print("jobs", {pi}) ==
        "NAME   STATUS     COMPLETIONS   DURATION   AGE\n"
        "pi     Complete   1/1           71s        4m6s\n");
  json queue = object("queue", 5);
  queue["spec"] = {{"parallelism", 3}};
  queue["status"] = {{"startTime", ago(5)}};
  json fresh = object("new", 0);
  fresh["spec"] = {{"completions", 1}, {"suspend", true}};
  fresh["status"]["conditions"] = json::array({{{"type", "Suspended"}, {"status", "True"}}});
  CHECK(print("jobs", {queue, fresh}) ==
        "NAME    STATUS      COMPLETIONS   DURATION   AGE\n"
        "queue   Running     0/1 of 3      5s         5s\n"
        "new     Suspended   0/1                      0s\n");
}

TEST_CASE("K-012, K-022: the pods of a finished job") {
  std::vector<json> pods;
  int n = 0;
  for (const std::int64_t age : {146, 146, 110, 110, 73, 73, 40, 40})
    pods.push_back(pod("work-" + std::to_string(n++), age, {{"phase", "Succeeded"}, {"containerStatuses", {container_status("c", exited(0, "Completed"))}}}));
  CHECK(print("pods", pods) ==
        "NAME     READY   STATUS      RESTARTS   AGE\n"
        "work-0   0/1     Completed   0          2m26s\n"
        "work-1   0/1     Completed   0          2m26s\n"
        "work-2   0/1     Completed   0          110s\n"
        "work-3   0/1     Completed   0          110s\n"
        "work-4   0/1     Completed   0          73s\n"
        "work-5   0/1     Completed   0          73s\n"
        "work-6   0/1     Completed   0          40s\n"
        "work-7   0/1     Completed   0          40s\n");
}

TEST_CASE("K-021, K-022, K-025: STATUS") {
  const json two = {{"containers", {{{"name", "a"}}, {{"name", "b"}}}}};
  const json init = {{"containers", {{{"name", "c"}}}}, {"initContainers", {{{"name", "i"}}, {{"name", "j"}}}}};
  const json sidecar = {{"containers", {{{"name", "c"}}}}, {"initContainers", {{{"name", "s"}, {"restartPolicy", "Always"}}}}};
  const auto with = [](const char* phase, json containers) { return json{{"phase", phase}, {"containerStatuses", std::move(containers)}}; };
  const auto with_init = [](json inits, json containers) {
    return json{{"phase", "Pending"}, {"initContainerStatuses", std::move(inits)}, {"containerStatuses", std::move(containers)}};
  };
  const auto list = [](std::initializer_list<json> items) {
    json out = json::array();
    for (const json& i : items) out.push_back(i);
    return out;
  };
  struct Case {
    std::string rule;
    json p;
    const char* cells;  // READY and STATUS; without a header READY has the minimum width (K-012)
  };
  json leaving = pod("p", 9, with("Running", list({container_status("c", running(), 0, true)})));
  leaving["metadata"]["deletionTimestamp"] = ago(1);
  json finished = pod("p", 9, with("Succeeded", list({container_status("c", exited(0, "Completed"))})));
  finished["metadata"]["deletionTimestamp"] = ago(1);
  json lost = leaving;
  lost["status"]["reason"] = "NodeLost";
  json up = container_status("s", running(), 0, true);
  up["started"] = true;
  const std::vector<Case> cases{
      {"K-025 unscheduled", pod("p", 9, {{"phase", "Pending"}}), "0/1   Pending"},
      {"K-025", pod("p", 9, with("Pending", list({container_status("c", waiting("ContainerCreating"))}))), "0/1   ContainerCreating"},
      {"K-025", pod("p", 9, with("Running", list({container_status("c", running(), 0, true)}))), "1/1   Running"},
      {"K-025", pod("p", 9, with("Running", list({container_status("c", running())}))), "0/1   Running"},
      {"K-025", pod("p", 9, with("Failed", list({container_status("c", exited(1, "Error"))}))), "0/1   Error"},
      {"K-025", pod("p", 9, with("Failed", list({container_status("c", exited(137, ""))}))), "0/1   ExitCode:137"},
      {"K-025", pod("p", 9, with("Running", list({container_status("c", waiting("CrashLoopBackOff"))}))), "0/1   CrashLoopBackOff"},
      {"G-15", pod("p", 9, {{"phase", "Failed"}, {"reason", "Evicted"}}), "0/1   Evicted"},
      {"G-05", pod("p", 9, with("Running", list({container_status("a", exited(0, "Completed")), container_status("b", running(), 0, true)})), two), "1/2   NotReady"},
      {"G-05", pod("p", 9, with("Running", list({container_status("a", exited(0, "Completed")), container_status("b", running())})), two), "0/2   Completed"},
      {"G-06", pod("p", 9, with("Running", list({container_status("a", exited(1, "Error")), container_status("b", running(), 0, true)})), two), "1/2   Error"},
      {"G-07", pod("p", 9, with("Failed", list({container_status("a", exited(0, "Completed")), container_status("b", exited(1, "Error"))})), two), "0/2   Error"},
      {"G-08", pod("p", 9, with("Running", list({container_status("a", waiting("CrashLoopBackOff")), container_status("b", waiting("ImagePullBackOff"))})), two), "0/2   CrashLoopBackOff"},
      {"G-09", pod("p", 9, with_init(list({container_status("i", exited(0, "Completed")), container_status("j", running())}), list({container_status("c", waiting("PodInitializing"))})), init), "0/1   Init:1/2"},
      {"K-022", pod("p", 9, with_init(list({container_status("i", exited(0, "Completed")), container_status("j", exited(0, "Completed"))}), list({container_status("c", waiting("PodInitializing"))})), init), "0/1   PodInitializing"},
      {"K-022", pod("p", 9, with_init(list({container_status("i", exited(1, "Error"))}), list({container_status("c", waiting("PodInitializing"))})), init), "0/1   Init:Error"},
      {"K-022", pod("p", 9, with_init(list({container_status("i", waiting("CrashLoopBackOff"))}), list({container_status("c", waiting("PodInitializing"))})), init), "0/1   Init:CrashLoopBackOff"},
      {"G-10", pod("p", 9, with_init(list({up}), list({container_status("c", running(), 0, true)})), sidecar), "2/2   Pending"},
      {"G-10", pod("p", 9, with_init(list({up}), list({container_status("c", exited(0, "Completed"))})), sidecar), "1/2   Completed"},
      {"K-022", leaving, "1/1   Terminating"},
      {"G-16", finished, "0/1   Completed"},
      {"K-022", lost, "1/1   Unknown"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.rule);
    CHECK(row(c.p).find("p     " + std::string(c.cells) + "   ") == 0);
  }
}

TEST_CASE("K-023: RESTARTS counts from the end of the previous instance") {
  json status = container_status("c", running(), 2, true);
  status["lastState"]["terminated"] = {{"exitCode", 1}, {"finishedAt", ago(5)}};
  CHECK(row(pod("p", 60, {{"phase", "Running"}, {"containerStatuses", {status}}})) == "p     1/1   Running   2 (5s ago)   60s\n");
  // A plain init container counts only while it is in the way (G-12).
  json init = container_status("i", exited(0, "Completed"), 4);
  init["lastState"]["terminated"] = {{"exitCode", 1}, {"finishedAt", ago(30)}};
  const json spec = {{"containers", {{{"name", "c"}}}}, {"initContainers", {{{"name", "i"}}}}};
  json p = pod("p", 60, {{"phase", "Running"}}, spec);
  p["status"]["initContainerStatuses"] = json::array({init});
  p["status"]["containerStatuses"] = json::array({container_status("c", running(), 0, true)});
  CHECK(row(p) == "p     1/1   Running   0     60s\n");
}

TEST_CASE("K-024: pods, wide") {
  json w = pod("w", 3, {{"phase", "Running"}, {"containerStatuses", {container_status("c", running(), 0, true)}}});
  w["status"]["podIPs"] = json::array({{{"ip", "10.244.1.7"}}});
  w["spec"]["nodeName"] = "n1";
  json p = pod("p", 3, {{"phase", "Pending"}, {"nominatedNodeName", "n2"}});
  p["spec"]["readinessGates"] = json::array({{{"conditionType", "x"}}, {{"conditionType", "y"}}});
  CHECK(print("pods", {w, p}, wide()) ==
        "NAME   READY   STATUS    RESTARTS   AGE   IP           NODE     NOMINATED NODE   READINESS GATES\n"
        "w      1/1     Running   0          3s    10.244.1.7   n1       <none>           <none>\n"
        "p      0/1     Pending   0          3s    <none>       <none>   n2               0/2\n");
}

TEST_CASE("K-036: nodes") {
  json n1 = object("n1", 864000);
  n1["metadata"]["labels"] = {{"node-role.kubernetes.io/control-plane", ""}};
  n1["spec"]["unschedulable"] = true;
  n1["status"] = {{"conditions", {{{"type", "Ready"}, {"status", "True"}}}}, {"nodeInfo", {{"kubeletVersion", "v1.36.2"}}}};
  json n2 = object("n2", 172799);
  n2["status"] = {{"conditions", {{{"type", "Ready"}, {"status", "Unknown"}}}}, {"nodeInfo", {{"kubeletVersion", "v1.36.2"}}}};
  CHECK(print("nodes", {n1, n2}, {.all_namespaces = true}) ==
        "NAME   STATUS                     ROLES           AGE   VERSION\n"
        "n1     Ready,SchedulingDisabled   control-plane   10d   v1.36.2\n"
        "n2     NotReady                   <none>          47h   v1.36.2\n");
}

TEST_CASE("K-033, K-034, K-038: cron jobs, daemon sets, revisions") {
  json hello = object("hello", 12);
  hello["spec"] = {{"schedule", "*/1 * * * *"}, {"suspend", false}};
  CHECK(print("cj", {hello}) ==
        "NAME    SCHEDULE      TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE\n"
        "hello   */1 * * * *   <none>     False     0        <none>          12s\n");
  json agent = object("node-agent", 300);
  agent["status"] = {{"desiredNumberScheduled", 3}, {"currentNumberScheduled", 3}, {"numberReady", 2}, {"updatedNumberScheduled", 3}, {"numberAvailable", 2}};
  CHECK(print("ds", {agent}) ==
        "NAME         DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE\n"
        "node-agent   3         3         2       3            2           <none>          5m\n");
  json revision = object("node-agent-6b8d", 300);
  revision["metadata"]["ownerReferences"] = json::array({{{"apiVersion", "apps/v1"}, {"kind", "DaemonSet"}, {"name", "node-agent"}, {"controller", true}}});
  revision["revision"] = 1;
  CHECK(print("controllerrevisions", {revision}) ==
        "NAME              CONTROLLER                  REVISION   AGE\n"
        "node-agent-6b8d   daemonset.apps/node-agent   1          5m\n");
}

TEST_CASE("K-011, K-037: events, cut at a line end") {
  json e = object("w.1", 60);
  e.update({{"type", "Normal"}, {"reason", "Scheduled"}, {"involvedObject", {{"kind", "Pod"}, {"name", "w"}}}, {"message", " one\ntwo\n"}, {"eventTime", ago(120)}});
  CHECK(print("events", {e}) ==
        "LAST SEEN   TYPE     REASON      OBJECT   MESSAGE\n"
        "2m          Normal   Scheduled   pod/w    one...\n");
}

TEST_CASE("K-037: COUNT is the series' count, else the event's, else 1") {
  const auto count_of = [](const json& changes) {
    json e = object("w.1", 60);
    e.update({{"type", "Normal"}, {"reason", "R"}, {"involvedObject", {{"kind", "Pod"}, {"name", "w"}}}, {"message", "m"}, {"firstTimestamp", ago(61)}, {"lastTimestamp", ago(8)}});
    e.update(changes);
    return print("events", {e}, {.output = GetOptions::Output::wide, .no_headers = true});
  };
  CHECK(count_of({{"count", 5}}) == "8s    Normal   R     pod/w               m     61s   5     w.1\n");
  CHECK(count_of({{"count", 5}, {"series", {{"count", 3}, {"lastObservedTime", ago(2)}}}}) == "2s    Normal   R     pod/w               m     61s   3     w.1\n");
  CHECK(count_of({{"count", 0}}) == "8s    Normal   R     pod/w               m     61s   1     w.1\n");
  CHECK(count_of(json::object()) == "8s    Normal   R     pod/w               m     61s   1     w.1\n");
  CHECK(count_of({{"lastTimestamp", nullptr}, {"firstTimestamp", nullptr}, {"eventTime", ago(9)}, {"source", {{"component", "kubelet"}, {"host", "n1"}}}, {"involvedObject", {{"kind", "Pod"}, {"name", "w"}, {"fieldPath", "spec.containers{c}"}}}}) ==
        "9s    Normal   R     pod/w   spec.containers{c}   kubelet, n1   m     9s    1     w.1\n");
}

TEST_CASE("every kind's columns, ordinary and wide") {
  struct Case {
    const char* kind;
    json o;
    const char* ordinary;
    const char* wide;  // null: the same
  };
  const json workload = {{"containers", {{{"name", "a"}, {"image", "i:1"}}, {{"name", "b"}, {"image", "j"}}}}, {"initContainers", {{{"name", "x"}, {"image", "y"}}}}};
  const auto of = [](const char* name, const json& more) {
    json o = object(name, 300);
    o.merge_patch(more);
    return o;
  };
  const std::vector<Case> cases{
      {"jobs", of("a", {{"spec", {{"parallelism", 0}, {"selector", {{"matchLabels", {{"z", "1"}, {"b", "2"}}}}}, {"template", {{"spec", workload}}}}}, {"status", {{"succeeded", 2}}}}),
       "NAME   STATUS    COMPLETIONS   DURATION   AGE\n"
       "a      Running   2/1                      5m\n",
       "NAME   STATUS    COMPLETIONS   DURATION   AGE   CONTAINERS   IMAGES   SELECTOR\n"
       "a      Running   2/1                      5m    a,b          i:1,j    b=2,z=1\n"},
      {"cj", of("c", {{"spec", {{"schedule", "0 2 * * *"}, {"timeZone", "Europe/Paris"}, {"suspend", true}, {"jobTemplate", {{"spec", {{"template", {{"spec", workload}}}}}}}}},
                      {"status", {{"active", {{{"name", "x"}}}}, {"lastScheduleTime", ago(26)}}}}),
       "NAME   SCHEDULE    TIMEZONE       SUSPEND   ACTIVE   LAST SCHEDULE   AGE\n"
       "c      0 2 * * *   Europe/Paris   True      1        26s             5m\n",
       "NAME   SCHEDULE    TIMEZONE       SUSPEND   ACTIVE   LAST SCHEDULE   AGE   CONTAINERS   IMAGES   SELECTOR\n"
       "c      0 2 * * *   Europe/Paris   True      1        26s             5m    a,b          i:1,j    <none>\n"},
      {"ds", of("d", {{"spec", {{"selector", {{"matchExpressions", {{{"key", "app"}, {"operator", "In"}, {"values", {"y", "x"}}}}}}}, {"template", {{"spec", {{"nodeSelector", {{"disk", "ssd"}, {"a", "b"}}}, {"containers", workload["containers"]}}}}}}}}),
       "NAME   DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE\n"
       "d      0         0         0       0            0           a=b,disk=ssd    5m\n",
       "NAME   DESIRED   CURRENT   READY   UP-TO-DATE   AVAILABLE   NODE SELECTOR   AGE   CONTAINERS   IMAGES   SELECTOR\n"
       "d      0         0         0       0            0           a=b,disk=ssd    5m    a,b          i:1,j    app in (x,y)\n"},
      {"no", of("n", {{"metadata", {{"labels", {{"kubernetes.io/role", "worker"}, {"node-role.kubernetes.io/a", ""}}}}},
                      {"status", {{"addresses", {{{"type", "InternalIP"}, {"address", "10.0.0.1"}}}}, {"nodeInfo", {{"kubeletVersion", "v1.36.2"}, {"kernelVersion", "6.1"}, {"architecture", "amd64"}}}}}}),
       "NAME   STATUS    ROLES      AGE   VERSION\n"
       "n      Unknown   a,worker   5m    v1.36.2\n",
       "NAME   STATUS    ROLES      AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE    KERNEL-VERSION   CONTAINER-RUNTIME\n"
       "n      Unknown   a,worker   5m    v1.36.2   10.0.0.1      <none>        <unknown>   6.1 (amd64)      <unknown>\n"},
      {"controllerrevisions", of("r", {{"revision", 3}}),
       "NAME   CONTROLLER   REVISION   AGE\n"
       "r      <none>       3          5m\n", nullptr},
      {"pdb", of("p", {{"spec", {{"minAvailable", "50%"}}}, {"status", {{"disruptionsAllowed", 2}}}}),
       "NAME   MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE\n"
       "p      50%             N/A               2                     5m\n", nullptr},
      {"pdb", of("p", {{"spec", {{"maxUnavailable", 1}}}}),
       "NAME   MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE\n"
       "p      N/A             1                 0                     5m\n", nullptr},
      {"pc", of("high", {{"value", 1000000}, {"globalDefault", true}, {"preemptionPolicy", "PreemptLowerPriority"}}),
       "NAME   VALUE     GLOBAL-DEFAULT   AGE   PREEMPTIONPOLICY\n"
       "high   1000000   true             5m    PreemptLowerPriority\n", nullptr},
      {"leases", of("l", {{"spec", {{"holderIdentity", "n1"}}}}),
       "NAME   HOLDER   AGE\n"
       "l      n1       5m\n", nullptr},
      {"ns", of("x", {{"status", {{"phase", "Active"}}}}),
       "NAME   STATUS   AGE\n"
       "x      Active   5m\n", nullptr},
      {"cm", of("m", {{"data", {{"a", "1"}, {"b", "2"}}}, {"binaryData", {{"c", ""}}}}),
       "NAME   DATA   AGE\n"
       "m      3      5m\n", nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(c.kind);
    CHECK(print(c.kind, {c.o}) == c.ordinary);
    CHECK(print(c.kind, {c.o}, wide()) == (c.wide == nullptr ? c.ordinary : c.wide));
  }
}

TEST_CASE("K-038: other owners of a revision") {
  json r = object("r", 1);
  r["metadata"]["ownerReferences"] = json::array({{{"apiVersion", "apps/v1"}, {"kind", "StatefulSet"}, {"name", "s"}, {"controller", true}}});
  CHECK(print("controllerrevisions", {r}, {.no_headers = true}) == "r     statefulset.apps/s   0     1s\n");
}

TEST_CASE("K-013: a watch keeps the widths of what was wider before") {
  WatchTable table(*resolve_kind("pods"), {}, false);
  std::string text;
  const auto add = [&](std::int64_t age, json state, const char* phase, std::int64_t restarts = 0, std::int64_t ended = 0) {
    json status = container_status("c", std::move(state), restarts, phase == std::string("Running"));
    if (ended != 0) status["lastState"]["terminated"] = {{"finishedAt", ago(ended)}};
    text += table.add("MODIFIED", {pod("crash", age, {{"phase", phase}, {"containerStatuses", {status}}})}, kNow);
  };
  text += table.add("ADDED", {pod("crash", 0, {{"phase", "Pending"}})}, kNow);
  add(0, waiting("ContainerCreating"), "Pending");
  add(1, running(), "Running");
  add(2, running(), "Running", 1, 1);
  add(13, waiting("CrashLoopBackOff"), "Pending", 1, 10);
  CHECK(text ==
        "NAME    READY   STATUS    RESTARTS   AGE\n"
        "crash   0/1     Pending   0          0s\n"
        "crash   0/1     ContainerCreating   0          0s\n"
        "crash   1/1     Running             0          1s\n"
        "crash   1/1     Running             1 (1s ago)   2s\n"
        "crash   0/1     CrashLoopBackOff    1 (10s ago)   13s\n");
}

TEST_CASE("K-018: the column EVENT") {
  WatchTable table(*resolve_kind("jobs"), {}, true);
  const auto job = [](std::int64_t age, const char* condition) {
    json o = object("pi", age);
    o["spec"] = {{"completions", 1}};
    o["status"] = {{"startTime", ago(age)}};
    if (condition != nullptr) o["status"]["conditions"] = json::array({{{"type", condition}, {"status", "True"}}});
    return o;
  };
  CHECK(table.add("ADDED", {}, kNow).empty());
  CHECK(table.add("ADDED", {job(3, nullptr)}, kNow) ==
        "EVENT      NAME   STATUS    COMPLETIONS   DURATION   AGE\n"
        "ADDED      pi     Running   0/1           3s         3s\n");
  CHECK(table.add("MODIFIED", {job(65, "SuccessCriteriaMet")}, kNow) == "MODIFIED   pi     SuccessCriteriaMet   0/1           65s        65s\n");
  CHECK(table.add("DELETED", {job(66, "Complete")}, kNow) == "DELETED    pi     Complete             0/1           66s        66s\n");
}

TEST_CASE("K-015: label columns") {
  json a = object("a", 1);
  a["metadata"]["labels"] = {{"app.kubernetes.io/part-of", "x"}};
  CHECK(print("leases", {a, object("b", 1)}, {.label_columns = {"app.kubernetes.io/part-of", "tier"}}) ==
        "NAME   HOLDER   AGE   PART-OF   TIER\n"
        "a               1s    x         \n"
        "b               1s              \n");
}

TEST_CASE("K-014, K-015: prefixes, namespaces, labels, names") {
  json a = object("a", 1);
  a["metadata"]["labels"] = {{"z", "1"}, {"b", "2"}};
  CHECK(print("leases", {a}, {.no_headers = true, .with_kind = true}) == "lease.coordination.k8s.io/a         1s\n");
  CHECK(print("pc", {}) == "");
  CHECK(print("jobs", {a}, {.output = GetOptions::Output::name}) == "job.batch/a\n");
  CHECK(print("pods", {a}, {.output = GetOptions::Output::name}) == "pod/a\n");
  CHECK(print("leases", {a}, {.all_namespaces = true, .show_labels = true}) ==
        "NAMESPACE   NAME   HOLDER   AGE   LABELS\n"
        "default     a               1s    b=2,z=1\n");
}

TEST_CASE("json and yaml") {
  const json a = {{"kind", "Pod"}, {"metadata", {{"name", "a<b"}, {"managedFields", json::array()}}}};
  CHECK(print("pods", {a}, {.output = GetOptions::Output::json, .single = true}) ==
        "{\n    \"kind\": \"Pod\",\n    \"metadata\": {\n        \"name\": \"a\\u003cb\"\n    }\n}\n");
  CHECK(print("pods", {}, {.output = GetOptions::Output::yaml}) == "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n");
  const std::string list = print("pods", {a}, {.output = GetOptions::Output::json});
  CHECK(json::parse(list)["items"][0]["metadata"]["name"] == "a<b");
  CHECK(json::parse(list)["kind"] == "List");
}

TEST_CASE("Objects of the wrong shape print like empty ones") {
  for (const char* kind : {"po", "no", "ns", "ev", "jobs", "cj", "ds", "controllerrevisions", "pdb", "pc", "leases"})
    for (const json& o : std::vector<json>{nullptr, 3, json::array(), json{{"metadata", 1}, {"spec", "x"}, {"status", json::array({1})}},
                                           json{{"status", {{"conditions", 1}, {"containerStatuses", {1, "x", nullptr}}}}, {"spec", {{"containers", {1}}, {"selector", 1}}}}}) {
      CAPTURE(kind);
      CHECK(!print(kind, {o}, wide()).empty());
    }
}
