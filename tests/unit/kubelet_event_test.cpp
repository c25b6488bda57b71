// The Events of kubelets: type, reason, fieldPath and message (table of section 15: P-028, P-065, P-070, P-075, P-110, P-111).
#include "../support/pod_history.hpp"

using namespace orrery::test;

TEST_CASE("events of a pod's life") {
  static const Row rows[] = {
      {"order at a start: Pulled, Created, Started; and Killing", "{'pod':{},'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Normal Pulled spec.containers{c} Container image "i:1" already present on machine and can be accessed by the pod
        1 Normal Created spec.containers{c} Container created
        1 Normal Started spec.containers{c} Container started
        10 Normal Killing spec.containers{c} Stopping container c)"},
      {"P-075: pulls: the first duration without the time in the queue", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a','image':'x:1'},{'name':'b','image':'y:1'}]},'behaviors':[{'match':{'container':'a'},'pull':'1200ms','run':'1s'},{'match':{},'pull':'2s','run':'1s'}]}", R"(
        0 Normal Pulling spec.containers{a} Pulling image "x:1"
        0 Normal Pulling spec.containers{b} Pulling image "y:1"
        1.2 Normal Pulled spec.containers{a} Successfully pulled image "x:1" in 1.2s (1.2s including waiting). Image size: 0 bytes.
        2.2 Normal Created spec.containers{a} Container created
        2.2 Normal Started spec.containers{a} Container started
        3.2 Normal Pulled spec.containers{b} Successfully pulled image "y:1" in 2s (3.2s including waiting). Image size: 0 bytes.
        4.2 Normal Created spec.containers{b} Container created
        4.2 Normal Started spec.containers{b} Container started)"},
      {"P-070: under Always the registry is asked for an image that is there", "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','imagePullPolicy':'Always'}]},'behaviors':[{'match':{},'run':'1s'}]}", R"(
        0 Normal Pulling spec.containers{c} Pulling image "i:1"
        0 Normal Pulled spec.containers{c} Successfully pulled image "i:1" in 0s (0s including waiting). Image size: 0 bytes.
        1 Normal Created spec.containers{c} Container created
        1 Normal Started spec.containers{c} Container started)"},
      {"P-070: ErrImageNeverPull", "{'until':'15s','pod':{'containers':[{'name':'c','imagePullPolicy':'Never'}]},'behaviors':[{'match':{},'pull':'1s'}]}", R"(
        0 Warning ErrImageNeverPull spec.containers{c} Container image "i:1" is not present with pull policy of Never)"},
      {"init containers have their own path; the deadline's Event is on the pod", "{'pod':{'activeDeadlineSeconds':5,'initContainers':[{'name':'i'}]}}", R"(
        0 Normal Pulled spec.initContainers{i} Container image "i:1" already present on machine and can be accessed by the pod
        1 Normal Created spec.initContainers{i} Container created
        1 Normal Started spec.initContainers{i} Container started
        5 Normal DeadlineExceeded - Pod was active on the node longer than the specified deadline
        5 Normal Killing spec.initContainers{i} Stopping container i)"},
      {"P-092: all Killing Events come when the pod begins to stop, though sidecars wait for their turn", "{'pod':{'initContainers':[{'name':'s','restartPolicy':'Always'}]},'behaviors':[{'match':{},'start':0,'stop':'5s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Normal Pulled spec.initContainers{s} Container image "i:1" already present on machine and can be accessed by the pod
        0 Normal Created spec.initContainers{s} Container created
        0 Normal Started spec.initContainers{s} Container started
        0 Normal Pulled spec.containers{c} Container image "i:1" already present on machine and can be accessed by the pod
        0 Normal Created spec.containers{c} Container created
        0 Normal Started spec.containers{c} Container started
        10 Normal Killing spec.initContainers{s} Stopping container s
        10 Normal Killing spec.containers{c} Stopping container c)"},
      {"Unhealthy, and the kill of what never starts", "{'until':'22s','pod':{'containers':[{'name':'c','startupProbe':{'exec':{'command':['x']},'failureThreshold':2}}]},'behaviors':[{'match':{},'ready':'1h','stop':'5s'}]}", R"(
        0 Normal Pulled spec.containers{c} Container image "i:1" already present on machine and can be accessed by the pod
        1 Normal Created spec.containers{c} Container created
        1 Normal Started spec.containers{c} Container started
        10 Warning Unhealthy spec.containers{c} Startup probe failed:
        20 Warning Unhealthy spec.containers{c} Startup probe failed:  x2
        20 Normal Killing spec.containers{c} Container c failed startup probe, will be restarted)"},
      {"Unhealthy readiness", "{'until':'40s','pod':{'containers':[{'name':'c','readinessProbe':{'exec':{'command':['x']}}}]},'behaviors':[{'match':{},'ready':'15s'}]}", R"(
        0 Normal Pulled spec.containers{c} Container image "i:1" already present on machine and can be accessed by the pod
        1 Normal Created spec.containers{c} Container created
        1 Normal Started spec.containers{c} Container started
        1 Warning Unhealthy spec.containers{c} Readiness probe failed:
        11 Warning Unhealthy spec.containers{c} Readiness probe failed:  x2)"},
      {"P-111: what is refused", "{'nodes':[{'metadata':{'name':'n'},'status':{'allocatable':{'pods':'0','cpu':'8'}}}],'pod':{'nodeName':'n'}}", R"(
        0 Warning OutOfpods - Node didn't have enough resource: pods, requested: 1, used: 0, capacity: 0)"},
  };
  check_rows(rows, event_view);
}

TEST_CASE("the BackOff Event names the pod with its UID (P-065)") {
  const std::string text = history_of("{'until':'5s','pod':{},'behaviors':[{'match':{},'start':0,'run':'1s','exit':1}]}", event_view);
  const auto at = text.find("2 Warning BackOff spec.containers{c} Back-off restarting failed container c in pod p_default(");
  REQUIRE(at != std::string::npos);
  CHECK(text.find(")", at) != std::string::npos);
}
