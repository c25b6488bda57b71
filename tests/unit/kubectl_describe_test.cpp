// describe, against the samples and edge cases of the K-rules.
#include "orrery/kubectl/describe.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "kubectl/describe_other.hpp"
#include "orrery/core/time.hpp"

using nlohmann::json;
using namespace orrery;

namespace {

std::int64_t at(const char* text) { return parse_rfc3339(text)->time_since_epoch().count(); }

json parsed(const char* text) {
  json j = json::parse(text, nullptr, false);
  REQUIRE(!j.is_discarded());
  return j;
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

json event(const char* kind, const char* name, const char* uid, const char* reason, const char* component, const char* message, json times) {
  json e{{"involvedObject", {{"kind", kind}, {"namespace", "default"}, {"name", name}, {"uid", uid}}},
         {"type", "Normal"},
         {"reason", reason},
         {"source", {{"component", component}}},
         {"message", message},
         {"count", 1}};
  e.update(times);
  return e;
}

json pi_job() {
  return parsed(R"({"metadata": {"name": "pi", "namespace": "default", "uid": "c994"},
    "spec": {"parallelism": 1, "completions": 1, "completionMode": "NonIndexed", "suspend": false, "backoffLimit": 4,
      "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "c994"}},
      "template": {"metadata": {"labels": {"batch.kubernetes.io/controller-uid": "c994", "batch.kubernetes.io/job-name": "pi", "controller-uid": "c994", "job-name": "pi"}},
        "spec": {"containers": [{"name": "pi", "image": "perl:5.34.0", "command": ["perl", "-wle", "print"]}]}}},
    "status": {"startTime": "2019-12-02T15:20:11Z", "completionTime": "2019-12-02T15:21:16Z", "succeeded": 1, "ready": 0}})");
}

json pod_with(json spec, json status = json::object()) {
  return {{"metadata", {{"name", "w"}, {"namespace", "default"}, {"uid", "u1"}}}, {"spec", std::move(spec)}, {"status", std::move(status)}};
}

}  // namespace

TEST_CASE("K-050, K-053, K-044: a finished job") {
  const std::vector<json> events{
      event("Job", "pi", "c994", "SuccessfulCreate", "job-controller", "Created pod: pi-5rwd7", {{"firstTimestamp", "2019-12-02T15:20:11Z"}, {"lastTimestamp", "2019-12-02T15:20:11Z"}}),
      event("Job", "pi", "old", "SuccessfulCreate", "job-controller", "of an earlier job", {{"lastTimestamp", "2019-12-02T15:20:11Z"}}),
      event("Pod", "pi", "c994", "Started", "kubelet", "of another kind", {{"lastTimestamp", "2019-12-02T15:20:11Z"}}),
      event("Job", "pi", "c994", "Completed", "job-controller", "Job completed", {{"firstTimestamp", "2019-12-02T15:21:16Z"}, {"lastTimestamp", "2019-12-02T15:21:16Z"}})};
  CHECK(describe("Job", pi_job(), {.events = events, .now_ns = at("2019-12-02T15:21:21Z")}) == R"(Name:             pi
Namespace:        default
Selector:         batch.kubernetes.io/controller-uid=c994
Labels:           <none>
Annotations:      <none>
Parallelism:      1
Completions:      1
Completion Mode:  NonIndexed
Suspend:          false
Backoff Limit:    4
Start Time:       Mon, 02 Dec 2019 15:20:11 +0000
Completed At:     Mon, 02 Dec 2019 15:21:16 +0000
Duration:         65s
Pods Statuses:    0 Active (0 Ready) / 1 Succeeded / 0 Failed
Pod Template:
  Labels:  batch.kubernetes.io/controller-uid=c994
           batch.kubernetes.io/job-name=pi
           controller-uid=c994
           job-name=pi
  Containers:
   pi:
    Image:      perl:5.34.0
    Port:       <none>
    Host Port:  <none>
    Command:
      perl
      -wle
      print
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Events:
  Type    Reason            Age   From            Message
  ----    ------            ----  ----            -------
  Normal  SuccessfulCreate  70s   job-controller  Created pod: pi-5rwd7
  Normal  Completed         5s    job-controller  Job completed
)");
}

TEST_CASE("K-050, G-30: the optional lines of a job") {
  json j = pi_job();
  j["metadata"]["ownerReferences"] = json::array({{{"kind", "CronJob"}, {"name", "hello"}, {"controller", true}}});
  j["spec"].erase("completions");
  j["spec"]["completionMode"] = "Indexed";
  j["spec"]["ttlSecondsAfterFinished"] = 100;
  j["spec"]["activeDeadlineSeconds"] = 30;
  j["status"] = {{"active", 2}, {"failed", 1}};
  const std::string text = describe("Job", j, {});
  CHECK(has(text, "\nControlled By:               CronJob/hello\n"));
  CHECK(has(text, "\nCompletions:                 <unset>\n"));
  CHECK(has(text, "\nTTL Seconds After Finished:  100\n"));
  CHECK(has(text, "\nActive Deadline Seconds:     30s\n"));
  CHECK(has(text, "\nPods Statuses:               2 Active / 0 Succeeded / 1 Failed\n"));
  CHECK(has(text, "\nCompleted Indexes:           <none>\n"));
  // Commas at 49 and 52: the first at or after position 50 ends it.
  const std::string head(49, '1'), indexes = head + ",22,3333333";
  j["status"]["completedIndexes"] = indexes;
  CHECK(has(describe("Job", j, {}), "  " + head + ",22,...\n"));
  j["status"]["completedIndexes"] = head + "," + std::string(20, '2');
  CHECK(has(describe("Job", j, {}), "  " + head + "," + std::string(20, '2') + "\n"));
}

TEST_CASE("K-051: a cron job") {
  const json hello = parsed(R"({"metadata": {"name": "hello", "namespace": "default"},
    "spec": {"schedule": "*/1 * * * *", "concurrencyPolicy": "Allow", "suspend": false, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
      "jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "hello", "image": "busybox:1.28"}]}}}}},
    "status": {"lastScheduleTime": "2024-03-01T00:01:00Z", "active": [{"name": "hello-28487281"}]}})");
  CHECK(describe("CronJob", hello, {.show_events = false}) == R"(Name:                          hello
Namespace:                     default
Labels:                        <none>
Annotations:                   <none>
Schedule:                      */1 * * * *
Concurrency Policy:            Allow
Suspend:                       False
Time Zone:                     <unset>
Successful Job History Limit:  3
Failed Job History Limit:      1
Starting Deadline Seconds:     <unset>
Selector:                      <unset>
Parallelism:                   <unset>
Completions:                   <unset>
Pod Template:
  Labels:  <none>
  Containers:
   hello:
    Image:           busybox:1.28
    Port:            <none>
    Host Port:       <none>
    Environment:     <none>
    Mounts:          <none>
  Volumes:           <none>
  Node-Selectors:    <none>
  Tolerations:       <none>
Last Schedule Time:  Fri, 01 Mar 2024 00:01:00 +0000
Active Jobs:         hello-28487281
)");
  json idle = hello;
  idle["status"] = json::object();
  const std::string text = describe("CronJob", idle, {});
  CHECK(has(text, "\nLast Schedule Time:  <unset>\nActive Jobs:         <none>\nEvents:              <none>\n"));
}

TEST_CASE("K-052: a daemon set counts the pods it selects and controls") {
  const json set = parsed(R"({"metadata": {"name": "node-agent", "namespace": "kube-system", "uid": "d1", "labels": {"app": "node-agent"},
      "annotations": {"deprecated.daemonset.template.generation": "1"}},
    "spec": {"selector": {"matchLabels": {"app": "node-agent"}}, "template": {"metadata": {"labels": {"app": "node-agent"}},
      "spec": {"containers": [{"name": "agent", "image": "agent:1"}],
        "tolerations": [{"key": "node.kubernetes.io/disk-pressure", "operator": "Exists", "effect": "NoSchedule"}]}}},
    "status": {"desiredNumberScheduled": 3, "currentNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 2, "numberMisscheduled": 0}})");
  const auto pod = [](const char* uid, const char* app, const char* phase) {
    return json{{"metadata", {{"namespace", "kube-system"}, {"labels", {{"app", app}}}, {"ownerReferences", {{{"kind", "DaemonSet"}, {"uid", uid}, {"controller", true}}}}}},
                {"status", {{"phase", phase}}}};
  };
  const std::vector<json> pods{pod("d1", "node-agent", "Running"), pod("d1", "node-agent", "Running"), pod("d1", "node-agent", "Running"),
                               pod("d2", "node-agent", "Running"), pod("d1", "other", "Pending"), pod("d1", "node-agent", "Unknown")};
  CHECK(describe("DaemonSet", set, {.pods = pods}) == R"(Name:           node-agent
Namespace:      kube-system
Selector:       app=node-agent
Node-Selector:  <none>
Labels:         app=node-agent
Annotations:    deprecated.daemonset.template.generation: 1
Desired Number of Nodes Scheduled: 3
Current Number of Nodes Scheduled: 3
Number of Nodes Scheduled with Up-to-date Pods: 3
Number of Nodes Scheduled with Available Pods: 2
Number of Nodes Misscheduled: 0
Pods Status:  3 Running / 0 Waiting / 0 Succeeded / 0 Failed
Pod Template:
  Labels:  app=node-agent
  Containers:
   agent:
    Image:         agent:1
    Port:          <none>
    Host Port:     <none>
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     node.kubernetes.io/disk-pressure:NoSchedule op=Exists
Events:            <none>
)");
}

TEST_CASE("K-055, K-058: a pod in its back-off") {
  json p = pod_with(parsed(R"({"nodeName": "n1", "serviceAccountName": "default", "priority": 0, "containers": [{"name": "c", "image": "i:1"}],
      "tolerations": [{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
                      {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]})"),
                    parsed(R"({"phase": "Running", "hostIP": "10.0.0.1", "podIP": "10.244.1.7", "podIPs": [{"ip": "10.244.1.7"}], "qosClass": "BestEffort",
      "startTime": "2024-03-01T00:00:01Z",
      "containerStatuses": [{"name": "c", "ready": false, "restartCount": 2, "containerID": "containerd://1", "imageID": "sha256:1",
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"reason": "Error", "exitCode": 1, "startedAt": "2024-03-01T00:00:14Z", "finishedAt": "2024-03-01T00:00:15Z"}}}],
      "conditions": [{"type": "PodReadyToStartContainers", "status": "True"}, {"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "False"},
        {"type": "ContainersReady", "status": "False"}, {"type": "PodScheduled", "status": "True"}]})"));
  p["metadata"]["ownerReferences"] = json::array({{{"kind", "Job"}, {"name", "pi"}, {"controller", true}}});
  CHECK(describe("Pod", p, {.show_events = false}) ==
        "Name:             w\n"
        "Namespace:        default\n"
        "Priority:         0\n"
        "Service Account:  default\n"
        "Node:             n1/10.0.0.1\n"
        "Start Time:       Fri, 01 Mar 2024 00:00:01 +0000\n"
        "Labels:           <none>\n"
        "Annotations:      <none>\n"
        "Status:           Running\n"
        "IP:               10.244.1.7\n"
        "IPs:\n"
        "  IP:           10.244.1.7\n"
        "Controlled By:  Job/pi\n"
        "Containers:\n"
        "  c:\n"
        "    Container ID:   containerd://1\n"
        "    Image:          i:1\n"
        "    Image ID:       sha256:1\n"
        "    Port:           <none>\n"
        "    Host Port:      <none>\n"
        "    State:          Waiting\n"
        "      Reason:       CrashLoopBackOff\n"
        "    Last State:     Terminated\n"
        "      Reason:       Error\n"
        "      Exit Code:    1\n"
        "      Started:      Fri, 01 Mar 2024 00:00:14 +0000\n"
        "      Finished:     Fri, 01 Mar 2024 00:00:15 +0000\n"
        "    Ready:          False\n"
        "    Restart Count:  2\n"
        "    Environment:    <none>\n"
        "    Mounts:         <none>\n"
        "Conditions:\n"
        "  Type                        Status\n"
        "  PodReadyToStartContainers   True \n"
        "  Initialized                 True \n"
        "  Ready                       False \n"
        "  ContainersReady             False \n"
        "  PodScheduled                True \n"
        "Volumes:                      <none>\n"
        "QoS Class:                    BestEffort\n"
        "Node-Selectors:               <none>\n"
        "Tolerations:                  node.kubernetes.io/not-ready:NoExecute op=Exists for 300s\n"
        "                              node.kubernetes.io/unreachable:NoExecute op=Exists for 300s\n");
}

TEST_CASE("G-04: a pod being deleted") {
  json p = pod_with(json::object(), {{"phase", "Running"}});
  p["metadata"]["deletionTimestamp"] = "2024-03-01T00:00:30Z";
  p["metadata"]["deletionGracePeriodSeconds"] = 30;
  const std::string text = describe("Pod", p, {.now_ns = at("2024-03-01T00:00:05Z")});
  CHECK(has(text, "\nStatus:                    Terminating (lasts <invalid>)\nTermination Grace Period:  30s\n"));
  CHECK(has(text, "\nContainers: <none>\n"));
  CHECK(has(describe("Pod", p, {.now_ns = at("2024-03-01T00:00:31Z")}), "Terminating (lasts 1s)\n"));
  p["status"]["phase"] = "Succeeded";
  CHECK(has(describe("Pod", p, {.now_ns = at("2024-03-01T00:00:31Z")}), "\nStatus:       Succeeded\n"));
}

TEST_CASE("K-054, K-056: ports, resources, probes, environment, mounts") {
  const json p = pod_with(parsed(R"({"containers": [{"name": "c", "image": "i", "args": ["a\nb", "c"],
    "ports": [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 443, "hostPort": 8443, "protocol": "TCP", "name": "https"}],
    "resources": {"requests": {"memory": "64Mi", "cpu": 0.5}, "limits": {"cpu": "1000m"}},
    "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3},
    "readinessProbe": {"exec": {"command": ["cmd", "a"]}, "initialDelaySeconds": 5},
    "startupProbe": {"tcpSocket": {"port": "http"}},
    "env": [{"name": "A", "value": "x\ny"}, {"name": "NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
            {"name": "NODE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}},
            {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu"}}},
            {"name": "MEM", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
            {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
    "envFrom": [{"configMapRef": {"name": "m", "optional": true}}, {"prefix": "P_", "secretRef": {"name": "s"}}],
    "volumeMounts": [{"name": "v", "mountPath": "/z", "readOnly": true}, {"name": "v", "mountPath": "/a", "subPath": "d"}]}],
    "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}, {"name": "h", "hostPath": {"path": "/x"}}, {"name": "n", "nfs": {}}]})"));
  const std::string text = describe("Pod", p, {});
  CHECK(has(text, "\n    Image:       i\n    Ports:       80/TCP, 443/TCP (https)\n    Host Ports:  0/TCP, 8443/TCP (https)\n    Args:\n      a\n      b\n      c\n"));
  CHECK(has(text, "\n    Limits:\n      cpu:  1\n    Requests:\n      cpu:      500m\n      memory:   64Mi\n"));
  CHECK(has(text, "\n    Liveness:   http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3\n"
                  "    Readiness:  exec [cmd a] delay=5s timeout=0s period=0s #success=0 #failure=0\n"
                  "    Startup:    tcp-socket :http delay=0s timeout=0s period=0s #success=0 #failure=0\n"));
  CHECK(has(text, "\n    Environment Variables from:\n      m  ConfigMap                Optional: true\n      s  Secret with prefix 'P_'  Optional: false\n"));
  CHECK(has(text, "\n    Environment:\n      A:     x\n             y\n      NAME:  w (v1:metadata.name)\n      NODE:   (v1:spec.nodeName)\n"));
  CHECK(has(text, "\n      CPU:   1 (requests.cpu)\n      MEM:   node allocatable (limits.memory)\n"));
  CHECK(has(text, "      S:     <set to the key 'k' in secret 's'>  Optional: false\n"));
  CHECK(has(text, "\n    Mounts:\n      /a from v (rw,path=\"d\")\n      /z from v (ro)\n"));
  CHECK(has(text, "\nVolumes:\n  v:\n    Type:       EmptyDir (a temporary directory that shares a pod's lifetime)\n    Medium:     \n    SizeLimit:  1Gi\n"));
  CHECK(has(text, "\n  h:\n    Type:          HostPath (bare host directory volume)\n    Path:          /x\n    HostPathType:  <none>\n  n:\n  <unknown>\n"));
  CHECK(has(text, "\nQoS Class:       Burstable\n"));
}

TEST_CASE("K-041, K-042, K-057: values of several lines") {
  json p = pod_with(parsed(R"({"nodeSelector": {"b": "1", "a": "2"}, "tolerations": [{"operator": "Exists"}, {"key": "k", "value": "v", "effect": "NoSchedule"}]})"));
  p["metadata"]["annotations"] = {{"a", "1"}, {"long", std::string(140, 'x')}, {"two", "l1\nl2\n"}, {"kubectl.kubernetes.io/last-applied-configuration", "{}"}};
  const std::string text = describe("Pod", p, {});
  CHECK(has(text, "\nAnnotations:  a: 1\n              long:\n                " + std::string(138, 'x') + "...\n              two:\n                l1\n                l2\n"));
  CHECK(has(text, "\nNode-Selectors:  a=2\n                 b=1\nTolerations:     op=Exists\n                 k=v:NoSchedule\n"));
  p["metadata"]["annotations"] = {{"kubectl.kubernetes.io/last-applied-configuration", "{}"}};
  CHECK(has(describe("Pod", p, {}), "\nAnnotations:  <none>\n"));
}

TEST_CASE("K-044, G-24: events of a pod, those without lastTimestamp first") {
  std::vector<json> events{
      event("Pod", "w", "u1", "Pulled", "kubelet", " Already present \n", {{"firstTimestamp", "2024-03-01T00:00:01Z"}, {"lastTimestamp", "2024-03-01T00:00:01Z"}}),
      event("Pod", "w", "u1", "BackOff", "kubelet", "Back-off", {{"firstTimestamp", "2024-03-01T00:00:02Z"}, {"lastTimestamp", "2024-03-01T00:00:55Z"}, {"count", 5}}),
      event("Pod", "w", "u1", "Scheduled", "", "Successfully assigned", {{"eventTime", "2024-03-01T00:00:00.500000Z"}, {"reportingComponent", "default-scheduler"}})};
  events[1]["involvedObject"]["fieldPath"] = "spec.containers{c}";
  CHECK(has(describe("Pod", pod_with(json::object()), {.events = events, .now_ns = at("2024-03-01T00:01:03Z")}),
            "\nEvents:\n"
            "  Type    Reason     Age               From               Message\n"
            "  ----    ------     ----              ----               -------\n"
            "  Normal  Scheduled  62s               default-scheduler  Successfully assigned\n"
            "  Normal  Pulled     62s               kubelet            Already present\n"
            "  Normal  BackOff    8s (x5 over 61s)  kubelet            spec.containers{c}: Back-off\n"));
}

TEST_CASE("a node with its pods") {
  const json node = parsed(R"({"metadata": {"name": "n1", "uid": "x", "creationTimestamp": "2024-03-01T00:00:00Z", "labels": {"node-role.kubernetes.io/control-plane": ""}},
    "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"], "unschedulable": true,
      "taints": [{"key": "b", "effect": "NoSchedule", "value": "v"}, {"key": "a", "effect": "NoExecute"}]},
    "status": {"capacity": {"cpu": "2", "memory": "4Gi", "pods": "110"}, "allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110", "example.com/gpu": "4"},
      "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "ok", "lastHeartbeatTime": "2024-03-01T00:00:00Z", "lastTransitionTime": "2024-03-01T00:00:00Z"}],
      "addresses": [{"type": "Hostname", "address": "n1"}], "nodeInfo": {"machineID": "m", "systemUUID": "s", "bootID": "b", "kernelVersion": "6.1", "osImage": "Linux", "operatingSystem": "linux",
        "architecture": "amd64", "containerRuntimeVersion": "containerd://2.1", "kubeletVersion": "v1.36.2", "kubeProxyVersion": "v1.36.2"}}})");
  const auto pod = [](const char* name, const char* phase, json spec) {
    spec["nodeName"] = "n1";
    return json{{"metadata", {{"name", name}, {"namespace", "default"}, {"creationTimestamp", "2024-03-01T00:00:00Z"}}}, {"spec", spec}, {"status", {{"phase", phase}}}};
  };
  const std::vector<json> pods{
      pod("a", "Running", parsed(R"({"containers": [{"resources": {"requests": {"cpu": "250m", "memory": "64Mi"}, "limits": {"cpu": "3"}}}],
        "initContainers": [{"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}, {"resources": {"requests": {"memory": "1Gi"}}}]})")),
      pod("b", "Running", parsed(R"({"containers": [{"resources": {"requests": {"example.com/gpu": "2"}}}]})")), pod("done", "Succeeded", json::object())};
  const json lease{{"spec", {{"holderIdentity", "n1"}, {"renewTime", "2024-03-01T00:00:10.000000Z"}}}};
  std::vector<json> events{event("Node", "n1", "n1", "Starting", "kubelet", "Starting kubelet.", {{"firstTimestamp", "2024-03-01T00:00:00Z"}})};
  CHECK(describe("Node", node, {.events = events, .pods = pods, .lease = &lease, .now_ns = at("2024-03-01T00:02:00Z")}) ==
        R"(Name:               n1
Roles:              control-plane
Labels:             node-role.kubernetes.io/control-plane=
Annotations:        <none>
CreationTimestamp:  Fri, 01 Mar 2024 00:00:00 +0000
Taints:             a:NoExecute
                    b=v:NoSchedule
Unschedulable:      true
Lease:
  HolderIdentity:  n1
  AcquireTime:     <unset>
  RenewTime:       Fri, 01 Mar 2024 00:00:10 +0000
Conditions:
  Type    Status  LastHeartbeatTime                 LastTransitionTime                Reason         Message
  ----    ------  -----------------                 ------------------                ------         -------
  Ready   True    Fri, 01 Mar 2024 00:00:00 +0000   Fri, 01 Mar 2024 00:00:00 +0000   KubeletReady   ok
Addresses:
  Hostname:  n1
Capacity:
  cpu:     2
  memory:  4Gi
  pods:    110
Allocatable:
  cpu:              2
  example.com/gpu:  4
  memory:           4Gi
  pods:             110
System Info:
  Machine ID:                 m
  System UUID:                s
  Boot ID:                    b
  Kernel Version:             6.1
  OS Image:                   Linux
  Operating System:           linux
  Architecture:               amd64
  Container Runtime Version:  containerd://2.1
  Kubelet Version:            v1.36.2
  Kube-Proxy Version:         v1.36.2
PodCIDR:                      10.244.0.0/24
PodCIDRs:                     10.244.0.0/24
Non-terminated Pods:          (2 in total)
  Namespace                   Name    CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
  ---------                   ----    ------------  ----------  ---------------  -------------  ---
  default                     a       350m (17%)    3 (150%)    1Gi (25%)        0 (0%)         2m
  default                     b       0 (0%)        0 (0%)      0 (0%)           0 (0%)         2m
Allocated resources:
  (Total limits may be over 100 percent, i.e., overcommitted.)
  Resource           Requests    Limits
  --------           --------    ------
  cpu                350m (17%)  3 (150%)
  memory             1Gi (25%)   0 (0%)
  ephemeral-storage  0 (0%)      0 (0%)
  example.com/gpu    2           0
Events:
  Type    Reason    Age   From     Message
  ----    ------    ----  ----     -------
  Normal  Starting  2m    kubelet  Starting kubelet.
)");
  CHECK(has(describe("Node", node, {}), "\nLease:              Failed to get lease: leases.coordination.k8s.io \"n1\" not found\n"));
}

TEST_CASE("a disruption budget") {
  json b = parsed(R"({"metadata": {"name": "b", "namespace": "default"}, "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"a": "b"}}},
    "status": {"disruptionsAllowed": 1, "currentHealthy": 3, "desiredHealthy": 2, "expectedPods": 3}})");
  CHECK(describe("PodDisruptionBudget", b, {}) ==
        "Name:           b\nNamespace:      default\nMin available:  50%\nSelector:       a=b\nStatus:\n"
        "    Allowed disruptions:  1\n    Current:              3\n    Desired:              2\n    Total:                3\nEvents:                   <none>\n");
  b["spec"] = {{"maxUnavailable", 1}, {"selector", json::object()}};
  CHECK(has(describe("PodDisruptionBudget", b, {}), "\nMax unavailable:  1\nSelector:         <none>\n"));
}

TEST_CASE("objects of the wrong shape are described as empty ones") {
  const std::vector<json> odd{nullptr, 3, json::array({1}), json{{"metadata", 1}, {"spec", "x"}, {"status", json::array()}},
                              json{{"metadata", {{"labels", {1}}, {"annotations", 1}, {"ownerReferences", {1, nullptr}}, {"creationTimestamp", "soon"}}},
                                   {"spec", {{"containers", {1, {{"env", {1}}, {"ports", {nullptr}}, {"command", {1}}, {"resources", {{"limits", {{"cpu", {1}}}}}}}}},
                                             {"selector", {{"matchExpressions", {1}}}}, {"tolerations", {1}}, {"taints", {1}}, {"volumes", {1}},
                                             {"template", {{"spec", {{"containers", 1}, {"topologySpreadConstraints", {1}}}}}}}},
                                   {"status", {{"conditions", {1}}, {"containerStatuses", {1}}, {"podIPs", {1}}, {"active", {1}}, {"startTime", 1}, {"completionTime", "x"}}}}};
  for (const char* kind : {"Pod", "Node", "Job", "CronJob", "DaemonSet", "PodDisruptionBudget"})
    for (const json& o : odd) CHECK(!describe(kind, o, {.events = odd, .pods = odd, .lease = &odd[0]}).empty());
  CHECK(!describe("Lease", odd[0], {}).empty());
}

TEST_CASE("kinds with little to say") {
  CHECK(describe("Namespace", parsed(R"({"metadata": {"name": "x", "labels": {"kubernetes.io/metadata.name": "x"}}, "status": {"phase": "Active"}})"), {}) ==
        "Name:         x\nLabels:       kubernetes.io/metadata.name=x\nAnnotations:  <none>\nStatus:       Active\n\nNo resource quota.\n\nNo LimitRange resource.\n");
  CHECK(describe("PriorityClass", parsed(R"({"metadata": {"name": "high"}, "value": 1000, "preemptionPolicy": "Never", "description": "for some"})"), {}) ==
        "Name:              high\nValue:             1000\nGlobalDefault:     false\nPreemptionPolicy:  Never\nDescription:       for some\nAnnotations:       <none>\nEvents:            <none>\n");
  CHECK(describe("ConfigMap", parsed(R"({"metadata": {"name": "m", "namespace": "x"}, "data": {"a": "1"}, "binaryData": {"b": "aGVsbG8="}})"), {.show_events = false}) ==
        "Name:         m\nNamespace:    x\nLabels:       <none>\nAnnotations:  <none>\n\nData\n====\na:\n----\n1\n\n\nBinaryData\n====\nb: 5 bytes\n\n");
}

TEST_CASE("a kind without a description of its own is told field by field") {
  CHECK(describe("Lease", parsed(R"({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "metadata": {"name": "n1", "namespace": "kube-node-lease", "uid": "u", "managedFields": [1]},
      "spec": {"holderIdentity": "n1", "leaseDurationSeconds": 40, "list": ["a", 2], "objects": [{"someURL": "x"}, {"none": null}], "x.y/z": true}})"), {}) ==
        R"(Name:         n1
Namespace:    kube-node-lease
Labels:       <none>
Annotations:  <none>
API Version:  coordination.k8s.io/v1
Kind:         Lease
Metadata:
  UID:  u
Spec:
  Holder Identity:         n1
  Lease Duration Seconds:  40
  List:
    a
    2
  Objects:
    Some URL:  x
    None:      <nil>
  x.y/z:       true
Events:        <none>
)");
  for (const auto& [field, title] : std::vector<std::pair<const char*, const char*>>{
           {"simpleField", "Simple Field"}, {"respectPDBs", "Respect PDBs"}, {"respectPDB", "Respect PDB"}, {"apiURL", "API URL"}, {"kubeAPI", "Kube API"}, {"userUID", "User UID"}, {"HTTPSProxy", "HTTPSProxy"}, {"customCRDs", "Custom CRDs"}, {"pod-template", "Pod - Template"}, {"a1", "a1"}, {"", ""}})
    CHECK(kubectl::title_of_field(field) == title);
}
