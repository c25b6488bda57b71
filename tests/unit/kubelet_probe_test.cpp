// Images and probes. Rules P-011, P-070 ... P-075 and P-080 ... P-087.
#include "../support/pod_history.hpp"

using namespace orrery::test;

TEST_CASE("images") {
  static const Row rows[] = {
      {"P-070: a missing image is pulled, then the container starts", "{'pod':{},'behaviors':[{'match':{},'pull':'7s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        8 Running Ready c=ready)"},
      {"P-072: pulls of a node are serial; the same image is pulled once, a second request for it finds it there",
       "{'pod':{'containers':[{'name':'a','image':'x:1'},{'name':'b','image':'y:1'},{'name':'d','image':'x:1'}]},'behaviors':[{'match':{'image':'x:1'},'pull':'7s','start':0},{'match':{'image':'y:1'},'pull':'5s','start':0}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating d=wait:ContainerCreating
        7 Pending a=ready b=wait:ContainerCreating d=wait:ContainerCreating
        12 Pending a=ready b=ready d=wait:ContainerCreating
        12 Running Ready a=ready b=ready d=ready)"},
      {"P-070: a restart finds it there", "{'pod':{'restartPolicy':'OnFailure'},'behaviors':[{'match':{},'pull':'7s','start':0,'run':'2s','attempts':[{'exit':1},{'exit':0}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        7 Running Ready c=ready
        9 Running c=exit1
        9 Running Ready c=ready*1
        11 Succeeded c=exit0*1)"},
      {"P-070: policy Never and a missing image: nothing but another pod brings it; the kubelet looks again every 10 s",
       "{'pod':{'containers':[{'name':'c','imagePullPolicy':'Never'}]},'behaviors':[{'match':{},'pull':'7s','start':0}],'timeline':[{'at':'5s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'q'},'spec':{'containers':[{'name':'c','image':'i:1'}]}}},{'at':'60s','cordon':{'node':'n'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        0 Pending c=wait:ErrImageNeverPull
        5 #2 Pending
        5 #2 Pending c=wait:ContainerCreating
        12 #2 Running Ready c=ready
        20 Running Ready c=ready)"},
      {"P-070: where no entry speaks of pulls every image is everywhere", "{'pod':{'containers':[{'name':'c','imagePullPolicy':'Never'}]}}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready)"},
      {"P-070: each node has its own images", "{'nodes':[{'metadata':{'name':'m'}},{'metadata':{'name':'n'}}],'pod':{'nodeName':'m'},'behaviors':[{'match':{},'pull':'3s','start':0}],'timeline':[{'at':'10s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'q'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i:1'}]}}},{'at':'20s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'r'},'spec':{'nodeName':'m','containers':[{'name':'c','image':'i:1'}]}}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        3 Running Ready c=ready
        10 #2 Pending
        10 #2 Pending c=wait:ContainerCreating
        13 #2 Running Ready c=ready
        20 #3 Pending
        20 #3 Pending c=wait:ContainerCreating
        20 #3 Running Ready c=ready)"},
      {"E-32: deleted while its image is pulled: no container runs, so it is finished at once; the pull goes on for the next pod",
       "{'pod':{},'behaviors':[{'match':{},'pull':'10s','start':0}],'timeline':[{'at':'4s','delete':{'kind':'Pod','name':'p'}},{'at':'5s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i:1'}]}}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        4 Pending del30 c=wait:ContainerCreating
        4 Failed del30 c=lost
        4 Failed del0 c=lost
        4 gone
        5 #2 Pending
        5 #2 Pending c=wait:ContainerCreating
        10 #2 Running Ready c=ready)"},
  };
  check_rows(rows);
}

TEST_CASE("readiness") {
  static const Row rows[] = {
      {"P-085: a probed container that answers at once is ready at once", "{'pod':{'containers':[{'name':'c','readinessProbe':{'tcpSocket':{'port':80}}}]}}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready)"},
      {"P-145: else at the next tick, counted from its start", "{'pod':{'containers':[{'name':'c','readinessProbe':{'tcpSocket':{'port':80},'periodSeconds':4}}]},'behaviors':[{'match':{},'start':'1500ms','ready':'5s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1.5 Running c=up
        9.5 Running Ready c=ready)"},
      {"P-082: an initial delay counts from the whole second of the start: 1.9 to 7", "{'pod':{'containers':[{'name':'c','readinessProbe':{'tcpSocket':{'port':80},'initialDelaySeconds':6,'periodSeconds':1}}]},'behaviors':[{'match':{},'start':'1900ms'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1.9 Running c=up
        7.9 Running Ready c=ready)"},
      {"P-082: 1.9 s, period 2 s: asked at 1.9, 3.9, 5.9 (too early for 1 + 6), 7.9", "{'pod':{'containers':[{'name':'c','readinessProbe':{'tcpSocket':{'port':80},'initialDelaySeconds':6,'periodSeconds':2}}]},'behaviors':[{'match':{},'start':'1900ms'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1.9 Running c=up
        7.9 Running Ready c=ready)"},
      {"P-084: successThreshold 3 takes two periods more", "{'pod':{'containers':[{'name':'c','readinessProbe':{'tcpSocket':{'port':80},'periodSeconds':4,'successThreshold':3}}]}}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=up
        9 Running Ready c=ready)"},
      {"without a probe `ready` is the delay itself", "{'pod':{},'behaviors':[{'match':{},'ready':'2500ms'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=up
        3.5 Running Ready c=ready)"},
      {"P-083: a new instance has to become ready anew", "{'pod':{'restartPolicy':'OnFailure'},'behaviors':[{'match':{},'ready':'2s','attempts':[{'run':'5s','exit':1},{'run':'5s','exit':0}]}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=up
        3 Running Ready c=ready
        6 Running c=exit1
        7 Running c=up*1
        9 Running Ready c=ready*1
        12 Succeeded c=exit0*1)"},
      {"P-087: readiness is probed while a pod is being stopped", "{'pod':{},'behaviors':[{'match':{},'ready':'5s','stop':'8s'}],'timeline':[{'at':'2s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=up
        2 Running del30 c=up
        6 Running Ready del30 c=ready
        10 Failed del30 c=exit143
        10 Failed del0 c=exit143
        10 gone)"},
      {"P-086: a liveness probe succeeds whatever `ready` says", "{'pod':{'containers':[{'name':'c','livenessProbe':{'tcpSocket':{'port':80},'periodSeconds':1}}]},'behaviors':[{'match':{},'ready':'60s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=up
        61 Running Ready c=ready)"},
  };
  check_rows(rows);
}

TEST_CASE("startup probes") {
  static const Row rows[] = {
      {"E-38: needs 65 s, is started at the first tick (period 10 s, from when the pod was bound) at 66 or after it",
       "{'pod':{'containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80},'failureThreshold':30},'readinessProbe':{'tcpSocket':{'port':80}}}]},'behaviors':[{'match':{},'ready':'65s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        70 Running Ready c=ready)"},
      {"P-081: ticks keep step with the binding, not with the start", "{'pod':{'containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80}}}]},'behaviors':[{'match':{},'start':'12s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        12 Running c=run
        20 Running Ready c=ready)"},
      {"P-082: initial delay", "{'pod':{'containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80},'initialDelaySeconds':10}}]}}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        20 Running Ready c=ready)"},
      {"P-053 P-084 P-066: three failures at 10, 20, 30 kill it; the first restart is free, the second too, and the back-off begins there",
       "{'pod':{'containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80}}}]},'until':'115s','behaviors':[{'match':{},'ready':'40s','stop':'2s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        32 Running c=exit143
        33 Running c=run*1
        62 Running c=exit143*1
        63 Running c=run*2
        92 Running c=exit143*2
        93 Running c=run*3)"},
      {"P-066: what is killed within its back-off waits for it, counted from its own end", "{'pod':{'containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80},'failureThreshold':1,'periodSeconds':1}}]},'until':'60s','behaviors':[{'match':{},'start':0,'ready':'1h','stop':'500ms'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        0 Running c=run
        0.5 Running c=exit143
        0.5 Running c=run*1
        1.5 Running c=exit143*1
        1.5 Running c=run*2
        2.5 Running c=wait10*2
        12.5 Running c=run*3
        13.5 Running c=wait20*3
        33.5 Running c=run*4
        34.5 Running c=wait40*4)"},
      {"P-053: under Never it is not restarted", "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80}}}]},'behaviors':[{'match':{},'ready':'40s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        31 Failed c=exit143)"},
      {"E-24: nor does a rule about its exit code count", "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'In','values':[143]}}],'startupProbe':{'tcpSocket':{'port':80}}}]},'behaviors':[{'match':{},'ready':'40s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        31 Failed c=exit143)"},
      {"P-053: under OnFailure it is, even if it exits with 0", "{'pod':{'restartPolicy':'OnFailure','containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80},'failureThreshold':2}}]},'until':'25s','behaviors':[{'match':{},'ready':'40s','stopExit':0}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        21 Running c=exit0
        22 Running c=run*1)"},
      {"P-086: the probe's own grace period", "{'pod':{'restartPolicy':'Never','containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80},'failureThreshold':1,'terminationGracePeriodSeconds':3}}]},'behaviors':[{'match':{},'ready':'40s','stop':'1h'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        13 Failed c=exit137)"},
      {"P-082: a pod that is being stopped is not killed for it", "{'pod':{'containers':[{'name':'c','startupProbe':{'tcpSocket':{'port':80}}}]},'behaviors':[{'match':{},'ready':'40s','stop':'20s'}],'timeline':[{'at':'25s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running c=run
        25 Running del30 c=run
        45 Failed del30 c=exit143
        45 Failed del0 c=exit143
        45 gone)"},
  };
  check_rows(rows);
}
