// Nodes and their pods: crashes, partitions, shutdown, removal, failPod, and what a kubelet refuses.
#include "../support/pod_history.hpp"

using namespace orrery;
using namespace orrery::test;

TEST_CASE("a node that fails") {
  static const Row rows[] = {
      {"P-098: after a crash for good nothing more is heard of the pod", "{'pod':{'tolerations':[{'operator':'Exists'}]},'until':'200s','behaviors':[{'match':{},'run':'20s'}],'timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash'}}]}", R"(
        69 Running c=ready)"},
      {"P-055: back after a crash, a pod that never restarts has failed", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'60s'}],'timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash','for':'20s'}}]}", R"(
        30 Failed c=lost)"},
      {"P-055: any other starts again; the new kubelet knows of no back-off", "{'pod':{},'until':'60s','behaviors':[{'match':{},'attempts':[{'run':'2s','exit':1},{'run':'2s','exit':1},{'run':'20s','exit':1}]}],'timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash','for':'20s'}}]}", R"(
        3 Running c=exit1
        4 Running Ready c=ready*1
        6 Running c=wait10*1
        30 Running c=wait:ContainerCreating*2
        31 Running Ready c=ready*2
        51 Running c=exit1*2
        52 Running Ready c=ready*3)"},
      {"P-125 E-37: partitioned, its containers run on; the status is written when it is back", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'15s'}],'timeline':[{'at':'10s','failNode':{'node':'n','mode':'partition','for':'20s'}}]}", R"(
        30 Succeeded c=exit0)"},
      {"P-098 P-125: deleted while partitioned: stopped when it is back", "{'pod':{},'timeline':[{'at':'10s','failNode':{'node':'n','mode':'kubelet','for':'20s'}},{'at':'15s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        15 Running Ready del30 c=ready
        31 Failed del30 c=exit143
        31 Failed del0 c=exit143
        31 gone)"},
      {"of two cuts the longer one counts", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'10s'}],'timeline':[{'at':'5s','failNode':{'node':'n','mode':'partition','for':'30s'}},{'at':'20s','failNode':{'node':'n','mode':'partition','for':'5s'}}]}", R"(
        35 Succeeded c=exit0)"},
      {"a later, longer one too", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'10s'}],'timeline':[{'at':'5s','failNode':{'node':'n','mode':'partition','for':'10s'}},{'at':'10s','failNode':{'node':'n','mode':'partition','for':'20s'}}]}", R"(
        30 Succeeded c=exit0)"},
      {"a cut does not bring a dead machine back", "{'pod':{'restartPolicy':'Never','tolerations':[{'operator':'Exists'}]},'until':'50s','timeline':[{'at':'5s','failNode':{'node':'n','mode':'crash'}},{'at':'10s','failNode':{'node':'n','mode':'partition','for':'10s'}}]}", ""},
      {"a crash within a partition ends it", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'run':'60s'}],'timeline':[{'at':'5s','failNode':{'node':'n','mode':'partition','for':'40s'}},{'at':'10s','failNode':{'node':'n','mode':'crash','for':'10s'}}]}", R"(
        20 Failed c=lost)"},
      {"E-21 P-120 P-122 P-123: a node that dies at 10, just after its renewal at 9.5: unknown at 69, tainted 100 ms later, deleted 300 s later, never gone", "{'nodes':[{'count':2,'metadata':{'name':'n'}}],'pod':{'nodeName':'n-0'},'until':'1h','timeline':[{'at':'10s','failNode':{'node':'n-0','mode':'crash'}}]}", R"(
        69 Running c=ready
        369.1 Running del30 c=ready)"},
      {"E-37: back before the 300 s are over: not deleted, and its container has never stopped", "{'nodes':[{'count':2,'metadata':{'name':'n'}}],'pod':{'nodeName':'n-0'},'until':'1h','behaviors':[{'match':{},'run':'20m','exit':1}],'timeline':[{'at':'10s','failNode':{'node':'n-0','mode':'partition','for':'200s'}}]}", R"(
        69 Running c=ready
        1201 Running c=exit1
        1202 Running Ready c=ready*1
        2402 Running c=exit1*1
        2403 Running Ready c=ready*2)"},
      {"P-055: deleted while its machine was off: removed when it is back", "{'pod':{},'timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash','for':'20s'}},{'at':'15s','delete':{'kind':'Pod','name':'p'}}]}", R"(
        15 Running Ready del30 c=ready
        30 Failed del30 c=lost
        30 Failed del0 c=lost
        30 gone)"},
      {"P-055: a crash while it is being stopped: what remains of it is removed, and the old stop comes to nothing", "{'pod':{},'behaviors':[{'match':{},'stop':'28s'}],'timeline':[{'at':'10s','delete':{'kind':'Pod','name':'p'}},{'at':'15s','failNode':{'node':'n','mode':'crash','for':'5s'}}]}", R"(
        10 Running Ready del30 c=ready
        20 Failed del30 c=lost
        20 Failed del0 c=lost
        20 gone)"},
      {"P-124: node removed: PodGC, every 20 s from -1 on, sees that at 19 and acts at 59", "{'pod':{},'timeline':[{'at':'10s','removeNode':{'node':'n'}}]}", R"(
        59 Failed Ready c=ready
        59 Failed Ready del0 c=ready
        59 gone)"},
      {"P-055: another machine of that name finds what is bound to it, and nothing of it running", "{'pod':{'restartPolicy':'OnFailure'},'timeline':[{'at':'10s','removeNode':{'node':'n'}},{'at':'15s','addNode':{'metadata':{'name':'n'}}}]}", R"(
        15 Running c=wait:ContainerCreating*1
        16 Running Ready c=ready*1)"},
      {"P-055: likewise, and the pod never restarts", "{'pod':{'restartPolicy':'Never'},'timeline':[{'at':'10s','removeNode':{'node':'n'}},{'at':'15s','addNode':{'metadata':{'name':'n'}}}]}", R"(
        15 Failed c=lost)"},
      {"P-098: deleted while the machine of that name was absent: removed by the next", "{'pod':{},'timeline':[{'at':'10s','removeNode':{'node':'n'}},{'at':'12s','delete':{'kind':'Pod','name':'p'}},{'at':'15s','addNode':{'metadata':{'name':'n'}}}]}", R"(
        12 Running Ready del30 c=ready
        15 Failed del30 c=lost
        15 Failed del0 c=lost
        15 gone)"},
  };
  for (const Row& row : rows) check_after_start(row);
}

TEST_CASE("P-020: a pod that names a node of the future starts when that node joins") {
  static const Row rows[] = {
      {"bound before", "{'nodes':[{'count':1,'metadata':{'name':'other'}}],'pod':{'nodeName':'late'},'timeline':[{'at':'10s','addNode':{'metadata':{'name':'late'}}}]}", R"(
        0 Pending
        10 Pending c=wait:ContainerCreating
        11 Running Ready c=ready)"},
  };
  check_rows(rows);
}

TEST_CASE("after a crash, init containers and OnFailure (P-055)") {
  static const Row rows[] = {
      {"init containers run again; what had succeeded under OnFailure does not", "{'pod':{'restartPolicy':'OnFailure','initContainers':[{'name':'i'}],'containers':[{'name':'a'},{'name':'b'}]},'behaviors':[{'match':{'container':'i'},'start':0,'run':'1s'},{'match':{'container':'a'},'start':0,'run':'4s'},{'match':{},'start':0,'run':'20s'}],'timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash','for':'10s'}}]}", R"(
        0 Pending
        0 Pending i=wait:PodInitializing a=wait:PodInitializing b=wait:PodInitializing
        0 Pending i=up a=wait:PodInitializing b=wait:PodInitializing
        1 Pending i=exit0 a=wait:PodInitializing b=wait:PodInitializing
        1 Pending i=exit0 a=ready b=wait:PodInitializing
        1 Running Ready i=exit0 a=ready b=ready
        5 Running i=exit0 a=exit0 b=ready
        20 Running i=wait:PodInitializing*1 a=exit0 b=wait:PodInitializing*1
        20 Pending i=up*1 a=exit0 b=wait:PodInitializing*1
        21 Running i=exit0*1 a=exit0 b=wait:PodInitializing*1
        21 Running i=exit0*1 a=exit0 b=ready*1
        41 Succeeded i=exit0*1 a=exit0 b=exit0*1)"},
      {"a crash before anything ran: it starts as if nothing had been", "{'pod':{'restartPolicy':'Never'},'behaviors':[{'match':{},'start':'8s','run':'5s'}],'timeline':[{'at':'5s','failNode':{'node':'n','mode':'crash','for':'5s'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        18 Running Ready c=ready
        23 Succeeded c=exit0)"},
      {"a pull that was under way begins anew", "{'pod':{},'behaviors':[{'match':{},'start':0,'pull':'10s'}],'timeline':[{'at':'5s','failNode':{'node':'n','mode':'crash','for':'1s'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        16 Running Ready c=ready)"},
  };
  check_rows(rows);
}

TEST_CASE("node shutdown (P-116) and admission (P-111)") {
  static const Row rows[] = {
      {"P-116: its pods fail with Terminated", "{'pod':{},'behaviors':[{'match':{},'stop':'3s'}],'timeline':[{'at':'10s','shutdownNode':{'node':'n','gracePeriod':'30s'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        13 Failed/Terminated c=exit143)"},
      {"P-116: they have no longer than the shutdown", "{'pod':{},'behaviors':[{'match':{},'stop':'1h'}],'timeline':[{'at':'10s','shutdownNode':{'node':'n','gracePeriod':'5s'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        15 Failed/Terminated c=exit137)"},
      {"P-111: a pod that comes while the node shuts down is refused", "{'pod':{},'behaviors':[{'match':{},'stop':'8s'}],'timeline':[{'at':'10s','shutdownNode':{'node':'n','gracePeriod':'30s'}},{'at':'12s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'q'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i:1'}]}}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        12 #2 Pending
        12 #2 Failed/NodeShutdown
        18 Failed/Terminated c=exit143)"},
      {"E-33 P-111: no room for another pod: OutOfpods", "{'nodes':[{'metadata':{'name':'n'},'status':{'allocatable':{'pods':'1','cpu':'8'}}}],'pod':{},'timeline':[{'at':'10s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'q'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i:1'}]}}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        10 #2 Pending
        10 #2 Failed/OutOfpods)"},
      {"P-111: nor CPU: OutOfcpu; a smaller one is taken", "{'nodes':[{'metadata':{'name':'n'},'status':{'allocatable':{'pods':'9','cpu':'4'}}}],'pod':{'containers':[{'name':'c','resources':{'requests':{'cpu':'3'}}}]},'timeline':[{'at':'10s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'q'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i:1','resources':{'requests':{'cpu':'1100m'}}}]}}},{'at':'11s','apply':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'r'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'i:1','resources':{'requests':{'cpu':'1'}}}]}}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        10 #2 Pending
        10 #2 Failed/OutOfcpu
        11 #3 Pending
        11 #3 Pending c=wait:ContainerCreating
        12 #3 Running Ready c=ready)"},
  };
  check_rows(rows);
  static const Row conditions[] = {
      {"P-116: that it is disrupted shows before it is over", "{'pod':{},'behaviors':[{'match':{},'stop':'3s'}],'timeline':[{'at':'10s','shutdownNode':{'node':'n','gracePeriod':'30s'}}]}", R"(
        10 DisruptionTarget=True/TerminationByKubelet: Pod was terminated in response to imminent node shutdown.)"},
  };
  check_rows(conditions, condition_view({"DisruptionTarget"}));
}

TEST_CASE("node shutdown in groups (E-030, E-031)") {
  // A: priority 0, grace 60; B: priority 0, grace 5; C: system-node-critical, grace 30. They stop as the behaviors say.
  const auto world = [](const char* stop_a, const char* stop_b, bool ordinary) {
    Json objects = Json::array();
    const auto pod = [&](const char* name, int grace, std::int64_t priority) {
      objects.push_back({{"apiVersion", "v1"},
                         {"kind", "Pod"},
                         {"metadata", {{"name", name}}},
                         {"spec", {{"nodeName", "n"}, {"priority", priority}, {"terminationGracePeriodSeconds", grace}, {"containers", {{{"name", name}, {"image", "i:1"}}}}}}});
    };
    if (ordinary) pod("a", 60, 0), pod("b", 5, 0);
    pod("c", 30, 2'000'001'000);
    return Json{{"objects", objects},
                {"behaviors", {{{"match", {{"container", "a"}}}, {"stop", stop_a}}, {{"match", {{"container", "b"}}}, {"stop", stop_b}}, {{"match", {{"container", "c"}}}, {"stop", "1h"}}}},
                {"timeline", {{{"at", "100s"}, {"shutdownNode", {{"node", "n"}, {"gracePeriod", "30s"}, {"gracePeriodCriticalPods", "10s"}}}}}}}
        .dump();
  };
  const auto ends = [](const std::string& input) {
    std::string out;
    const std::string all = history_of(input.c_str(), state_view);
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t end = all.find('\n', at);
      const std::string line = all.substr(at, end - at);
      if (line.find("Failed/Terminated") != std::string::npos) out += line + "\n";
      at = end + 1;
    }
    return out;
  };
  INFO("E-229: C is told when A, at the end of the 20 s that the critical pods leave, has been killed; it has 10 s");
  CHECK(ends(world("1h", "1h", true)) == "105 #2 Failed/Terminated b=exit137\n120 Failed/Terminated a=exit137\n130 #3 Failed/Terminated c=exit137\n");
  INFO("E-229: or when both are gone");
  CHECK(ends(world("3s", "5s", true)) == "103 Failed/Terminated a=exit143\n105 #2 Failed/Terminated b=exit143\n115 #3 Failed/Terminated c=exit137\n");
  INFO("E-230: an empty group costs nothing");
  CHECK(ends(world("3s", "5s", false)) == "110 Failed/Terminated c=exit137\n");
}

TEST_CASE("failPod") {
  static const Row rows[] = {
      {"its running containers exit with the code and reason", "{'pod':{'restartPolicy':'Never','containers':[{'name':'a'},{'name':'b'}]},'timeline':[{'at':'10s','failPod':{'name':'p','exit':9,'reason':'Oops'}}]}", R"(
        0 Pending
        0 Pending a=wait:ContainerCreating b=wait:ContainerCreating
        1 Pending a=ready b=wait:ContainerCreating
        1 Running Ready a=ready b=ready
        10 Running a=exit9/Oops b=ready
        10 Failed a=exit9/Oops b=exit9/Oops)"},
      {"the pod's policy then applies", "{'pod':{},'timeline':[{'at':'10s','failPod':{'name':'p','exit':0}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        10 Running c=exit0
        11 Running Ready c=ready*1)"},
      {"nothing fails on a machine that is off", "{'pod':{'tolerations':[{'operator':'Exists'}]},'until':'30s','timeline':[{'at':'10s','failNode':{'node':'n','mode':'crash'}},{'at':'20s','failPod':{'name':'p'}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        refused at 20: failPod: nothing matches)"},
      {"on a node that is cut off it does, and shows later", "{'pod':{'restartPolicy':'Never'},'timeline':[{'at':'10s','failNode':{'node':'n','mode':'partition','for':'20s'}},{'at':'20s','failPod':{'name':'p','exit':3}}]}", R"(
        0 Pending
        0 Pending c=wait:ContainerCreating
        1 Running Ready c=ready
        30 Failed c=exit3)"},
  };
  check_rows(rows);
}

TEST_CASE("taints of nodes that die together (P-122)") {
  const View taints = [](Simulation& sim, const Change& c) -> std::string {
    if (c.kind != Kind::node) return {};
    std::string out;
    for (const Taint& t : static_cast<const Node&>(*c.object).taints) out += fmt::format(" {}", sim.cluster().text(t.effect));
    return out.empty() ? out : std::string(c.object->name()) + out;
  };
  static const Row rows[] = {
      {"E-22: three of five: none is evicted from", "{'nodes':[{'count':5,'metadata':{'name':'n'}}],'until':'10m','timeline':[{'at':'10s','failNode':{'node':'n-0','mode':'crash'}},{'at':'10s','failNode':{'node':'n-1','mode':'crash'}},{'at':'10s','failNode':{'node':'n-2','mode':'crash'}}]}", R"(
        69 n-0 NoSchedule
        69 n-1 NoSchedule
        69 n-2 NoSchedule)"},
      {"E-23: two of ten: the second one 10 s after the first", "{'nodes':[{'count':10,'metadata':{'name':'n'}}],'until':'10m','timeline':[{'at':'10s','failNode':{'node':'n-0','mode':'crash'}},{'at':'10s','failNode':{'node':'n-1','mode':'crash'}}]}", R"(
        69 n-0 NoSchedule
        69 n-1 NoSchedule
        69.1 n-0 NoSchedule NoExecute
        79.1 n-1 NoSchedule NoExecute)"},
  };
  check_rows(rows, taints);
}
