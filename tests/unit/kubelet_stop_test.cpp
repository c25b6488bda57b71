// Termination: grace periods, hooks, deletions of all kinds, deadlines. Rules P-090 ... P-098, P-110.
#include "../support/pod_history.hpp"

using namespace orrery::test;

TEST_CASE("deletion of a running pod") {
  static const Row rows[] = {
      {"P-142 E-13: SIGTERM, exit with 143, final status and removal", "{'pod':{},'behaviors':[{'match':{},'stop':'4s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        10 Running Ready del30 c=ready
        14 Failed del30 c=exit143
        14 Failed del0 c=exit143
        14 gone)"},
      {"E-17 P-095: exit 0 on SIGTERM under Always: Succeeded for an instant", "{'pod':{},'behaviors':[{'match':{},'stopExit':0}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        10 Running Ready del30 c=ready
        11 Succeeded del30 c=exit0
        11 Succeeded del0 c=exit0
        11 gone)"},
      {"E-10: SIGTERM ignored: SIGKILL after 30 s, 137", "{'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'100s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        100 Running Ready del30 c=ready
        130 Failed del30 c=exit137
        130 Failed del0 c=exit137
        130 gone)"},
      {"P-090: the spec's grace period", "{'pod':{'terminationGracePeriodSeconds':7},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        10 Running Ready del7 c=ready
        17 Failed del7 c=exit137
        17 Failed del0 c=exit137
        17 gone)"},
      {"P-090: the deletion's wins", "{'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':4}}]}", R"(
        10 Running Ready del4 c=ready
        14 Failed del4 c=exit137
        14 Failed del0 c=exit137
        14 gone)"},
      {"P-092 E-36: preStop of 5 s, then 1 s after SIGTERM", "{'pod':{'containers':[{'name':'c','lifecycle':{'preStop':{'sleep':{'seconds':5}}}}]},'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        10 Running Ready del30 c=ready
        16 Failed del30 c=exit143
        16 Failed del0 c=exit143
        16 gone)"},
      {"E-11: what the hook takes is taken off the grace period", "{'pod':{'containers':[{'name':'c','lifecycle':{'preStop':{'sleep':{'seconds':10}}}}]},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        10 Running Ready del30 c=ready
        40 Failed del30 c=exit137
        40 Failed del0 c=exit137
        40 gone)"},
      {"E-12: a hook that does not end is abandoned with the grace period; SIGTERM then, SIGKILL 2 s later",
       "{'pod':{'terminationGracePeriodSeconds':100,'containers':[{'name':'c','lifecycle':{'preStop':{'sleep':{'seconds':90}}}}]},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':30}}]}", R"(
        10 Running Ready del30 c=ready
        42 Failed del30 c=exit137
        42 Failed del0 c=exit137
        42 gone)"},
      {"P-091: a second deletion with a shorter grace period does not hasten what is under way, though it shows", "{'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}},{'at':'15s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':8}},{'at':'20s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':2}}]}", R"(
        10 Running Ready del30 c=ready
        15 Running Ready del8 c=ready
        20 Running Ready del1 c=ready
        40 Failed del1 c=exit137
        40 Failed del0 c=exit137
        40 gone)"},
      {"E-41: a forced deletion after it: the object is gone at once", "{'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}},{'at':'15s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':0}}]}", R"(
        10 Running Ready del30 c=ready
        15 Running Ready del0 c=ready
        15 gone)"},
      {"E-14: a forced deletion: two changes at once", "{'pod':{},'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':0}}]}", R"(
        10 Running Ready del0 c=ready
        10 gone)"},
      {"E-14 P-093: with a finalizer it stays, and its process is killed after 2 s", "{'metadata':{'finalizers':['x.io/y']},'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':0}}]}", R"(
        10 Running Ready del0 c=ready
        12 Failed del0 c=exit137)"},
      {"P-095: with a finalizer the deleted pod stays, Failed", "{'metadata':{'finalizers':['x.io/y']},'pod':{},'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}},{'at':'20s','patch':{'kind':'Pod','name':'p','type':'merge','patch':{'metadata':{'finalizers':null}}}}]}", R"(
        10 Running Ready del30 c=ready
        11 Failed del30 c=exit143
        11 Failed del0 c=exit143
        20 gone)"},
      {"P-052: a deleted pod restarts nothing, not even what ends by itself meanwhile", "{'pod':{'containers':[{'name':'c'}]},'behaviors':[{'match':{},'run':'12s','stop':'5s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        10 Running Ready del30 c=ready
        13 Succeeded del30 c=exit0
        15 Succeeded del0 c=exit0
        15 gone)"},
      {"P-095: one that backs off is finished at once", "{'pod':{},'behaviors':[{'match':{},'run':'4s','exit':1}],'timeline':[{'at':'15s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        5 Running c=exit1
        6 Running Ready c=ready*1
        10 Running c=wait10*1
        15 Running del30 c=wait10*1
        15 Failed del30 c=exit1*1
        15 Failed del0 c=exit1*1
        15 gone)"},
      {"E-16: a finished pod with a finalizer keeps its phase", "{'metadata':{'finalizers':['x.io/y']},'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'4s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        5 Succeeded c=exit0
        10 Succeeded del0 c=exit0)"},
      {"E-34: forced deletion, then a new pod of that name on the same node", "{'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':0}},{'at':'11s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'i:1'}]}}}]}", R"(
        10 Running Ready del0 c=ready
        10 gone
        11 #2 Pending
        11 #2 Pending c=wait:ContainerCreating
        12 #2 Running Ready c=ready)"},
  };
  for (const Row& row : rows) check_after_start(row);
}

TEST_CASE("deletion of a pod that does not run") {
  static const Row rows[] = {
      {"E-15: no node: gone in the same request", "{'nodes':[],'pod':{},'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        10 Pending del0
        10 gone)"},
      {"P-095: bound, nothing has run: its containers are taken for lost", "{'pod':{},'behaviors':[{'match':{},'start':'20s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        10 Pending del30 c=wait:ContainerCreating
        10 Failed del30 c=lost
        10 Failed del0 c=lost
        10 gone)"},
  };
  check_rows(rows);
  static const Row status[] = {
      {"E-15: what kubectl shows", "{'nodes':[],'pod':{},'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 0/1 Pending 0
        10 0/1 Terminating 0
        10 gone 0/1 Terminating 0)"},
      {"E-16: STATUS stays Completed", "{'metadata':{'finalizers':['x.io/y']},'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'4s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        0 0/1 Pending 0
        0 0/1 ContainerCreating 0
        1 1/1 Running 0
        5 0/1 Completed 0)"},
  };
  check_rows(status, kubectl_view);
}

TEST_CASE("a pod's deadline (P-110)") {
  static const Row rows[] = {
      {"E-18 P-004: from the stored start, in whole seconds; a process that ignores SIGTERM dies 30 s later, and only then the phase changes",
       "{'objects':[{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'x'}}],'timeline':[{'at':'700ms','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{'activeDeadlineSeconds':60,'containers':[{'name':'c','image':'i:1'}]}}}],'behaviors':[{'match':{},'stop':'1h'}]}", R"(
        0.7 Pending
        0.7 Pending c=wait:ContainerCreating
        1.7 Running Ready c=ready
        90 Failed/DeadlineExceeded c=exit137)"},
      {"P-110: crash back-off ends with it", "{'pod':{'activeDeadlineSeconds':12},'behaviors':[{'match':{},'run':'4s','exit':1}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        5 Running c=exit1
        6 Running Ready c=ready*1
        10 Running c=wait10*1
        12 Failed/DeadlineExceeded c=exit1*1)"},
      {"P-110: the phase is Failed even if all exit 0", "{'pod':{'activeDeadlineSeconds':12},'behaviors':[{'match':{},'stopExit':0}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        13 Failed/DeadlineExceeded c=exit0)"},
      {"P-110: one that ended before keeps its end", "{'pod':{'restartPolicy':'Never','activeDeadlineSeconds':12},'behaviors':[{'match':{},'run':'3s'}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        4 Succeeded c=exit0)"},
      {"P-091 P-110: a deletion while it is being stopped for its deadline changes nothing but that it is removed",
       "{'pod':{'activeDeadlineSeconds':12},'behaviors':[{'match':{},'stop':'10s'}],'timeline':[{'at':'15s','delete':{'kind':'Pod','name':'p','gracePeriodSeconds':2}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        15 Running Ready del2 c=ready
        22 Failed/DeadlineExceeded del2 c=exit143
        22 Failed/DeadlineExceeded del0 c=exit143
        22 gone)"},
      {"E-40: without a node it never expires", "{'nodes':[],'pod':{'activeDeadlineSeconds':12}}", "0 Pending"},
  };
  check_rows(rows);
}
