// Init containers and sidecars: order, restarts, termination. Rules P-045, P-054, P-057 ... P-05A, P-094.
#include "../support/pod_history.hpp"

using namespace orrery::test;

TEST_CASE("init containers") {
  static const Row rows[] = {
      {"P-057 E-39: one after the other, then all the others at once",
       "{'pod':{'initContainers':[{'name':'i'},{'name':'k'}],'containers':[{'name':'a'},{'name':'b'}]},'behaviors':[{'match':{'container':'i'},'run':'3400ms'},{'match':{'container':'k'},'run':'3400ms'}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing k=wait:PodInitializing a=wait:PodInitializing b=wait:PodInitializing
        1 Pending i=up k=wait:PodInitializing a=wait:PodInitializing b=wait:PodInitializing
        4.4 Pending i=exit0 k=wait:PodInitializing a=wait:PodInitializing b=wait:PodInitializing
        5.4 Pending i=exit0 k=up a=wait:PodInitializing b=wait:PodInitializing
        8.8 Pending i=exit0 k=exit0 a=wait:PodInitializing b=wait:PodInitializing
        9.8 Pending i=exit0 k=exit0 a=ready b=wait:PodInitializing
        9.8 Running Ready i=exit0 k=exit0 a=ready b=ready)"},
      {"E-27 P-059: one that fails under Never fails the pod; the others wait for ever",
       "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'i'},{'name':'k'}]},'behaviors':[{'match':{'container':'i'},'run':'2s','exit':1}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing k=wait:PodInitializing c=wait:PodInitializing
        1 Pending i=up k=wait:PodInitializing c=wait:PodInitializing
        3 Failed i=exit1 k=wait:PodInitializing c=wait:PodInitializing)"},
      {"P-059: under OnFailure and Always it runs again, with crash back-off; once done it is done",
       "{'pod':{'initContainers':[{'name':'i'}]},'until':'50s','behaviors':[{'match':{'container':'i'},'run':'2s','attempts':[{'exit':1},{'exit':1},{'exit':0}]},{'match':{},'run':'4s'}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing c=wait:PodInitializing
        1 Pending i=up c=wait:PodInitializing
        3 Pending i=exit1 c=wait:PodInitializing
        4 Pending i=up*1 c=wait:PodInitializing
        6 Pending i=wait10*1 c=wait:PodInitializing
        17 Pending i=up*2 c=wait:PodInitializing
        19 Pending i=exit0*2 c=wait:PodInitializing
        20 Running Ready i=exit0*2 c=ready
        24 Running i=exit0*2 c=exit0
        25 Running Ready i=exit0*2 c=ready*1
        29 Running i=exit0*2 c=wait10*1
        40 Running Ready i=exit0*2 c=ready*2
        44 Running i=exit0*2 c=wait20*2)"},
      {"P-115: killed for its memory it has failed, whatever its exit code",
       "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'i'}]},'behaviors':[{'match':{'container':'i'},'run':'2s','exit':{'code':0,'reason':'OOMKilled'}}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing c=wait:PodInitializing
        1 Pending i=up c=wait:PodInitializing
        3 Failed i=exit0/OOMKilled c=wait:PodInitializing)"},
      {"P-095: deleted before it was initialised: what had no turn never was", "{'pod':{'initContainers':[{'name':'i'},{'name':'k'}]},'behaviors':[{'match':{'container':'i'},'run':'60s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing k=wait:PodInitializing c=wait:PodInitializing
        1 Pending i=up k=wait:PodInitializing c=wait:PodInitializing
        10 Pending del30 i=up k=wait:PodInitializing c=wait:PodInitializing
        11 Failed del30 i=exit143 k=wait:PodInitializing c=wait:PodInitializing
        11 Failed del0 i=exit143 k=wait:PodInitializing c=wait:PodInitializing
        11 gone)"},
      {"P-110 P-025: the deadline while an init container runs: the phase changes when it has ended", "{'pod':{'activeDeadlineSeconds':10,'initContainers':[{'name':'i'}]},'behaviors':[{'match':{'container':'i'},'run':'60s','stop':'3s'}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing c=wait:PodInitializing
        1 Pending i=up c=wait:PodInitializing
        13 Failed/DeadlineExceeded i=exit143 c=wait:PodInitializing)"},
      {"P-095: and before anything ran at all", "{'pod':{'initContainers':[{'name':'i'},{'name':'k'}]},'behaviors':[{'match':{},'start':'20s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing k=wait:PodInitializing c=wait:PodInitializing
        10 Pending del30 i=wait:PodInitializing k=wait:PodInitializing c=wait:PodInitializing
        10 Failed del30 i=lost k=wait:PodInitializing c=wait:PodInitializing
        10 Failed del0 i=lost k=wait:PodInitializing c=wait:PodInitializing
        10 gone)"},
  };
  check_rows(rows);
}

TEST_CASE("sidecars") {
  static const Row rows[] = {
      {"E-26 P-045: a Job's pod completes although its sidecar runs for ever; the sidecar's 143 does not matter",
       "{'objects':[{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'j'},'spec':{'template':{'spec':{'restartPolicy':'Never','initContainers':[{'name':'s','image':'i:1','restartPolicy':'Always'}],'containers':[{'name':'c','image':'i:1'}]}}}}],'behaviors':[{'match':{'container':'s'},'run':'forever','stop':'2s'},{'match':{},'run':'5s'}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing c=wait:PodInitializing
        1 Pending s=ready c=wait:PodInitializing
        2 Running Ready s=ready c=ready
        7 Running s=ready c=exit0
        9 Succeeded s=exit143 c=exit0)"},
      {"P-045: and it fails where its container failed", "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'s','restartPolicy':'Always'}]},'behaviors':[{'match':{'container':'s'},'stopExit':0},{'match':{},'run':'5s','exit':4}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing c=wait:PodInitializing
        1 Pending s=ready c=wait:PodInitializing
        2 Running Ready s=ready c=ready
        7 Running s=ready c=exit4
        8 Failed s=exit0 c=exit4)"},
      {"E-25 P-058: a sidecar that crashes restarts with back-off under Never; the pod runs on, not Ready meanwhile",
       "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'s','restartPolicy':'Always'}]},'behaviors':[{'match':{'container':'s'},'start':0,'attempts':[{'run':'5s','exit':1},{'run':'5s','exit':0},{'run':'forever'}]},{'match':{},'start':0,'run':'40s'}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready c=wait:PodInitializing
        0 Running Ready s=ready c=ready
        5 Running s=exit1 c=ready
        5 Running Ready s=ready*1 c=ready
        10 Running s=wait10*1 c=ready
        20 Running Ready s=ready*2 c=ready
        40 Running s=ready*2 c=exit0
        41 Succeeded s=exit143*2 c=exit0)"},
      {"P-045: a sidecar that waits to restart does not hold a finished pod", "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'s','restartPolicy':'Always'}]},'behaviors':[{'match':{'container':'s'},'start':0,'run':'5s','exit':1},{'match':{},'start':0,'run':'12s'}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready c=wait:PodInitializing
        0 Running Ready s=ready c=ready
        5 Running s=exit1 c=ready
        5 Running Ready s=ready*1 c=ready
        10 Running s=wait10*1 c=ready
        12 Running s=wait10*1 c=exit0
        12 Succeeded s=exit1*1 c=exit0)"},
      {"P-057: with a startup probe, the next one begins when it has passed", "{'pod':{'initContainers':[{'name':'s','restartPolicy':'Always','startupProbe':{'exec':{'command':['x']},'periodSeconds':4}},{'name':'i'}]},'behaviors':[{'match':{'container':'s'},'ready':'6s'},{'match':{'container':'i'},'run':'1s'}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing i=wait:PodInitializing c=wait:PodInitializing
        1 Pending s=run i=wait:PodInitializing c=wait:PodInitializing
        8 Pending s=ready i=wait:PodInitializing c=wait:PodInitializing
        9 Pending s=ready i=up c=wait:PodInitializing
        10 Pending s=ready i=exit0 c=wait:PodInitializing
        11 Running Ready s=ready i=exit0 c=ready)"},
      {"P-054: an init container that fails for good takes the sidecars with it", "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'s','restartPolicy':'Always'},{'name':'i'}]},'behaviors':[{'match':{'container':'i'},'run':'2s','exit':1}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing i=wait:PodInitializing c=wait:PodInitializing
        1 Pending s=ready i=wait:PodInitializing c=wait:PodInitializing
        2 Pending s=ready i=up c=wait:PodInitializing
        4 Pending s=ready i=exit1 c=wait:PodInitializing
        5 Failed s=exit143 i=exit1 c=wait:PodInitializing)"},
      {"P-094: deletion: regular containers first, then the sidecars from the last one to the first",
       "{'pod':{'initContainers':[{'name':'s','restartPolicy':'Always'},{'name':'t','restartPolicy':'Always'}]},'behaviors':[{'match':{'container':'c'},'start':0,'stop':'3s'},{'match':{'container':'s'},'start':0,'stop':'2s'},{'match':{'container':'t'},'start':0,'stop':'4s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing t=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready t=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready t=ready c=wait:PodInitializing
        0 Running Ready s=ready t=ready c=ready
        10 Running Ready del30 s=ready t=ready c=ready
        13 Running del30 s=ready t=ready c=exit143
        17 Running del30 s=ready t=exit143 c=exit143
        19 Failed del30 s=exit143 t=exit143 c=exit143
        19 Failed del0 s=exit143 t=exit143 c=exit143
        19 gone)"},
      {"P-094: when the grace period is over all that are left are stopped, with 2 s to go",
       "{'pod':{'terminationGracePeriodSeconds':5,'initContainers':[{'name':'s','restartPolicy':'Always'},{'name':'t','restartPolicy':'Always'}]},'behaviors':[{'match':{},'start':0,'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing t=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready t=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready t=ready c=wait:PodInitializing
        0 Running Ready s=ready t=ready c=ready
        10 Running Ready del5 s=ready t=ready c=ready
        15 Running del5 s=ready t=ready c=exit137
        17 Running del5 s=ready t=exit137 c=exit137
        17 Failed del5 s=exit137 t=exit137 c=exit137
        17 Failed del0 s=exit137 t=exit137 c=exit137
        17 gone)"},
      {"P-092 P-094: only whole seconds of the wait for its turn are taken off a sidecar's grace period",
       "{'pod':{'terminationGracePeriodSeconds':10,'initContainers':[{'name':'s','restartPolicy':'Always'}]},'behaviors':[{'match':{'container':'c'},'start':0,'stop':'2700ms'},{'match':{},'start':0,'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending s=wait:PodInitializing c=wait:PodInitializing
        0 Pending s=ready c=wait:PodInitializing
        0 Running Ready s=ready c=ready
        10 Running Ready del10 s=ready c=ready
        12.7 Running del10 s=ready c=exit143
        20.7 Failed del10 s=exit137 c=exit143
        20.7 Failed del0 s=exit137 c=exit143
        20.7 gone)"},
  };
  check_rows(rows);
}
