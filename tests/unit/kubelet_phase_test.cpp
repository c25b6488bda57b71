// Phases, conditions, restart decisions and crash back-off of pods. Rules P-0xx and edge cases E-0x by their numbers.
#include "../support/pod_history.hpp"

using namespace orrery::test;

TEST_CASE("phases and restart decisions of plain pods") {
  static const Row rows[] = {
      {"P-026 P-041: a pod that runs for ever", "{'pod':{}}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready)"},
      {"P-140: success under Never", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'2500ms'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        3.5 Succeeded c=exit0)"},
      {"P-141: failure under Never", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'2s','exit':3}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        3 Failed c=exit3)"},
      {"P-032 P-115: killed for its memory", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'2s','exit':{'code':137,'reason':'OOMKilled'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        3 Failed c=exit137/OOMKilled)"},
      {"E-05 P-050: OnFailure, exits 2 then 0", "{'pod':{'restartPolicy':'OnFailure'},'behaviors':[{'match':{},'attempts':[{'run':'2s','exit':2},{'run':'2s','exit':0}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        3 Running c=exit2
        4 Running Ready c=ready*1
        6 Succeeded c=exit0*1)"},
      {"E-04 P-065: exit 0 under Always is backed off like any other, and the pod never succeeds", "{'pod':{},'until':'20s','behaviors':[{'match':{},'run':'2s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        3 Running c=exit0
        4 Running Ready c=ready*1
        6 Running c=wait10*1
        17 Running Ready c=ready*2
        19 Running c=wait20*2)"},
      {"E-08 P-097: one of two containers fails, the pod runs on until the other one ends; statuses by name (P-036)",
       "{'pod':{'restartPolicy':'Never','containers':[{'name':'b'},{'name':'a'}]},'behaviors':[{'match':{'container':'a'},'start':0,'run':'5s','exit':1},{'match':{},'start':0,'run':'60s'}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating
        0 Pending a=wait:ContainerCreating b=ready
        0 Running Ready a=ready b=ready
        5 Running a=exit1 b=ready
        60 Failed a=exit1 b=exit0)"},
      {"E-31: two containers finish shortly after each other", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b'}]},'behaviors':[{'match':{'container':'a'},'start':0,'run':'12300ms'},{'match':{},'start':0,'run':'12900ms'}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating
        0 Pending a=ready b=wait:ContainerCreating
        0 Running Ready a=ready b=ready
        12.3 Running a=exit0 b=ready
        12.9 Succeeded a=exit0 b=exit0)"},
      {"P-041 3: while one container waits, the pod is Pending", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b'}]},'behaviors':[{'match':{'container':'a'},'run':'3s'},{'match':{},'start':'10s','run':'2s'}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating
        1 Pending a=ready b=wait:ContainerCreating
        4 Pending a=exit0 b=wait:ContainerCreating
        10 Running a=exit0 b=ready
        12 Succeeded a=exit0 b=exit0)"},
      {"P-043: a terminal phase stays, whatever happens later", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'2s'}],'timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash','for':'5s'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        3 Succeeded c=exit0)"},
      {"E-30: a container that ends at 12.3 has its pod succeed then", "{'objects':[{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'j'},'spec':{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'i:1'}]}}}}],'behaviors':[{'match':{},'run':'11300ms'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        12.3 Succeeded c=exit0)"},
  };
  check_rows(rows);
}

TEST_CASE("restart policies and rules of single containers (P-050, P-051, P-056)") {
  static const Row rows[] = {
      {"E-24: exit 42 restarts with back-off although the policy is Never, exit 1 is final",
       "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In','values':[42]}}]}]},'behaviors':[{'match':{},'run':'1s','attempts':[{'exit':42},{'exit':42},{'exit':1}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        2 Running c=exit42
        3 Running Ready c=ready*1
        4 Running c=wait10*1
        15 Running Ready c=ready*2
        16 Failed c=exit1*2)"},
      {"P-050: NotIn; and 0 is an exit code like any other", "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'NotIn','values':[7]}}]}]},'behaviors':[{'match':{},'run':'1s','attempts':[{'exit':0},{'exit':7}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        2 Running c=exit0
        3 Running Ready c=ready*1
        4 Failed c=exit7*1)"},
      {"P-050: the container's policy wins over the pod's: OnFailure in a pod that never restarts", "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'OnFailure'}]},'behaviors':[{'match':{},'run':'1s','attempts':[{'exit':1},{'exit':0}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        2 Running c=exit1
        3 Running Ready c=ready*1
        4 Succeeded c=exit0*1)"},
      {"P-050: Never in a pod that always restarts", "{'pod':{'containers':[{'name':'c','restartPolicy':'Never'}]},'behaviors':[{'match':{},'run':'1s','exit':1}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        2 Failed c=exit1)"},
      {"E-35 P-056: RestartAllContainers: the other one is killed, both count, no back-off",
       "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b','restartPolicy':'Never','restartPolicyRules':[{'action':'RestartAllContainers','exitCodes':{'operator':'In','values':[42]}}]}]},'behaviors':[{'match':{'container':'b'},'attempts':[{'run':'5s','exit':42},{'run':'5s','exit':42},{'run':'50s','exit':0}]},{'match':{},'run':'12s','stop':'1h'}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating
        1 Pending a=ready b=wait:ContainerCreating
        1 Running Ready a=ready b=ready
        6 Running a=ready b=exit42
        8 Running a=exit137 b=exit42
        8 Running a=wait:RestartingAllContainers*1 b=wait:RestartingAllContainers*1
        9 Running a=ready*1 b=wait:RestartingAllContainers*1
        9 Running Ready a=ready*1 b=ready*1
        14 Running a=ready*1 b=exit42*1
        16 Running a=exit137*1 b=exit42*1
        16 Running a=wait:RestartingAllContainers*2 b=wait:RestartingAllContainers*2
        17 Running a=ready*2 b=wait:RestartingAllContainers*2
        17 Running Ready a=ready*2 b=ready*2
        29 Running a=exit0*2 b=ready*2
        67 Succeeded a=exit0*2 b=exit0*2)"},
      {"P-056: and again from the first init container", "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'i'}],'containers':[{'name':'b','restartPolicy':'Never','restartPolicyRules':[{'action':'RestartAllContainers','exitCodes':{'operator':'In','values':[42]}}]}]},'behaviors':[{'match':{'container':'b'},'start':0,'attempts':[{'run':'5s','exit':42},{'run':'5s','exit':0}]},{'match':{},'start':0,'run':'3s'}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing b=wait:PodInitializing
        0 Pending i=up b=wait:PodInitializing
        3 Pending i=exit0 b=wait:PodInitializing
        3 Running Ready i=exit0 b=ready
        8 Running i=exit0 b=exit42
        8 Running i=wait:RestartingAllContainers*1 b=wait:RestartingAllContainers*1
        8 Pending i=up*1 b=wait:RestartingAllContainers*1
        11 Running i=exit0*1 b=wait:RestartingAllContainers*1
        11 Running Ready i=exit0*1 b=ready*1
        16 Succeeded i=exit0*1 b=exit0*1)"},
  };
  check_rows(rows);
}

TEST_CASE("conditions (P-046 ... P-049)") {
  static const Row rows[] = {
      {"P-140: of a successful pod", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'2s','ready':'1s'}]}", R"(
        0 PodScheduled=True
        0 PodReadyToStartContainers=False; Initialized=True; Ready=False/ContainersNotReady: containers with unready status: [c]; ContainersReady=False/ContainersNotReady: containers with unready status: [c]; PodScheduled=True
        1 PodReadyToStartContainers=True; Initialized=True; Ready=False/ContainersNotReady: containers with unready status: [c]; ContainersReady=False/ContainersNotReady: containers with unready status: [c]; PodScheduled=True
        2 PodReadyToStartContainers=True; Initialized=True; Ready=True; ContainersReady=True; PodScheduled=True
        3 PodReadyToStartContainers=False; Initialized=True/PodCompleted; Ready=False/PodCompleted; ContainersReady=False/PodCompleted; PodScheduled=True)"},
      {"P-141: of a failed one", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'2s','exit':1}]}", R"(
        0 PodScheduled=True
        0 PodReadyToStartContainers=False; Initialized=True; Ready=False/ContainersNotReady: containers with unready status: [c]; ContainersReady=False/ContainersNotReady: containers with unready status: [c]; PodScheduled=True
        1 PodReadyToStartContainers=True; Initialized=True; Ready=True; ContainersReady=True; PodScheduled=True
        3 PodReadyToStartContainers=False; Initialized=True; Ready=False/PodFailed; ContainersReady=False/PodFailed; PodScheduled=True)"},
  };
  check_rows(rows, condition_view({"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"}));
  static const Row two[] = {
      {"P-047 P-048: init containers and sidecars, the unready ones sidecars first, in spec order",
       "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'s','restartPolicy':'Always'},{'name':'i'}],'containers':[{'name':'y'},{'name':'x'}]},'behaviors':[{'match':{'container':'s'},'start':'1s','ready':'6s'},{'match':{'container':'i'},'run':'2s'},{'match':{'container':'y'},'ready':'2s'}]}", R"(
        0 Initialized=False/ContainersNotInitialized: containers with incomplete status: [s i]; Ready=False/ContainersNotReady: containers with unready status: [s y x]
        1 Initialized=False/ContainersNotInitialized: containers with incomplete status: [i]; Ready=False/ContainersNotReady: containers with unready status: [s y x]
        4 Initialized=True; Ready=False/ContainersNotReady: containers with unready status: [s y x]
        5 Initialized=True; Ready=False/ContainersNotReady: containers with unready status: [s y]
        7 Initialized=True; Ready=False/ContainersNotReady: containers with unready status: [y]
        7 Initialized=True; Ready=True)"},
  };
  check_rows(two, condition_view({"Initialized", "Ready"}));
  static const Row all[] = {
      {"P-046 P-056: AllContainersRestarting", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b','restartPolicy':'Never','restartPolicyRules':[{'action':'RestartAllContainers','exitCodes':{'operator':'In','values':[42]}}]}]},'behaviors':[{'match':{'container':'b'},'attempts':[{'run':'5s','exit':42},{'run':'5s'}]},{'match':{},'run':'12s'}]}", R"(
        0 AllContainersRestarting=False
        6 AllContainersRestarting=True/RestartAllContainersStarted
        7 AllContainersRestarting=False)"},
  };
  check_rows(all, condition_view({"AllContainersRestarting"}));
}

TEST_CASE("crash back-off (P-060 ... P-062)") {
  static const Row rows[] = {
      {"E-01: runs 1 s each time: starts at 0, 1, 12, 33, 74, 155, 316, 617, 918, 1219", "{'pod':{},'until':'1220s','behaviors':[{'match':{},'start':0,'run':'1s','exit':1}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        0 Running Ready c=ready
        1 Running c=exit1
        1 Running Ready c=ready*1
        2 Running c=wait10*1
        12 Running Ready c=ready*2
        13 Running c=wait20*2
        33 Running Ready c=ready*3
        34 Running c=wait40*3
        74 Running Ready c=ready*4
        75 Running c=wait80*4
        155 Running Ready c=ready*5
        156 Running c=wait160*5
        316 Running Ready c=ready*6
        317 Running c=wait300*6
        617 Running Ready c=ready*7
        618 Running c=wait300*7
        918 Running Ready c=ready*8
        919 Running c=wait300*8
        1219 Running Ready c=ready*9
        1220 Running c=wait300*9)"},
      {"E-02: exits at once: starts at 0, 0, 10, 30, 70, 150, 310, 610, 910", "{'pod':{},'until':'910s','behaviors':[{'match':{},'start':0,'run':0,'exit':1}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        0 Running Ready c=ready
        0 Running c=exit1
        0 Running Ready c=ready*1
        0 Running c=wait10*1
        10 Running Ready c=ready*2
        10 Running c=wait20*2
        30 Running Ready c=ready*3
        30 Running c=wait40*3
        70 Running Ready c=ready*4
        70 Running c=wait80*4
        150 Running Ready c=ready*5
        150 Running c=wait160*5
        310 Running Ready c=ready*6
        310 Running c=wait300*6
        610 Running Ready c=ready*7
        610 Running c=wait300*7
        910 Running Ready c=ready*8
        910 Running c=wait300*8)"},
      {"E-06: what ran for 601 s restarts at once, and waits 10 s after the next crash", "{'pod':{},'until':'700s','behaviors':[{'match':{},'start':0,'exit':1,'attempts':[{'run':0},{'run':0},{'run':0},{'run':'601s'},{'run':'1s'}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        0 Running Ready c=ready
        0 Running c=exit1
        0 Running Ready c=ready*1
        0 Running c=wait10*1
        10 Running Ready c=ready*2
        10 Running c=wait20*2
        30 Running Ready c=ready*3
        631 Running c=exit1*3
        631 Running Ready c=ready*4
        632 Running c=wait10*4
        642 Running Ready c=ready*5
        643 Running c=wait20*5
        663 Running Ready c=ready*6
        664 Running c=wait40*6)"},
      {"P-062: 600 s to the dot are not enough", "{'pod':{},'until':'700s','behaviors':[{'match':{},'start':0,'exit':1,'attempts':[{'run':0},{'run':'600s'}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        0 Running Ready c=ready
        0 Running c=exit1
        0 Running Ready c=ready*1
        600 Running c=wait10*1
        610 Running Ready c=ready*2)"},
      {"P-060: each container has its own", "{'pod':{'containers':[{'name':'a'},{'name':'b'}]},'until':'20s','behaviors':[{'match':{'container':'a'},'start':0,'run':'3s','exit':1},{'match':{},'start':0,'run':'forever'}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating
        0 Pending a=ready b=wait:ContainerCreating
        0 Running Ready a=ready b=ready
        3 Running a=exit1 b=ready
        3 Running Ready a=ready*1 b=ready
        6 Running a=wait10*1 b=ready
        16 Running Ready a=ready*2 b=ready
        19 Running a=wait20*2 b=ready)"},
  };
  check_rows(rows);
}

TEST_CASE("what kubectl shows of it") {
  static const Row rows[] = {
      {"E-03: the first crash shows as Error until the restart, the second one as CrashLoopBackOff", "{'pod':{},'until':'30s','behaviors':[{'match':{},'run':'2s','exit':1}]}", R"(
        0 0/1 Pending 0
        0 0/1 ContainerCreating 0
        1 1/1 Running 0
        3 0/1 Error 0
        4 1/1 Running 1 (1s ago)
        6 0/1 CrashLoopBackOff 1 (0s ago)
        17 1/1 Running 2 (11s ago)
        19 0/1 CrashLoopBackOff 2 (0s ago))"},
      {"E-08: STATUS Error while the other container runs", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b'}]},'behaviors':[{'match':{'container':'a'},'start':0,'run':'5s','exit':1},{'match':{},'start':0,'run':'60s'}]}", R"(
        0 0/2 Pending 0
        0 0/2 ContainerCreating 0
        0 1/2 ContainerCreating 0
        0 2/2 Running 0
        5 1/2 Error 0
        60 0/2 Error 0)"},
      {"E-09: STATUS NotReady where it exited 0", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b'}]},'behaviors':[{'match':{'container':'a'},'start':0,'run':'5s'},{'match':{},'start':0,'run':'60s'}]}", R"(
        0 0/2 Pending 0
        0 0/2 ContainerCreating 0
        0 1/2 ContainerCreating 0
        0 2/2 Running 0
        5 1/2 NotReady 0
        60 0/2 Completed 0)"},
      {"E-27: Init:Error", "{'pod':{'restartPolicy':'Never','initContainers':[{'name':'i'}]},'behaviors':[{'match':{'container':'i'},'run':'2s','exit':1}]}", R"(
        0 0/1 Pending 0
        0 0/1 Init:0/1 0
        3 0/1 Init:Error 0)"},
  };
  check_rows(rows, kubectl_view);
}
