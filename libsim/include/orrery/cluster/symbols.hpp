#pragma once
// Words that the cluster and the models use all the time, interned at fixed places so that comparing them is comparing integers.
#include "orrery/core/intern.hpp"

namespace orrery {

// Order is part of nothing but this build: symbols never leave the process as numbers.
#define ORRERY_WELL_KNOWN_SYMBOLS(X)                                                                    \
  X(default_, "default") X(kube_system, "kube-system") X(kube_node_lease, "kube-node-lease")            \
  X(True, "True") X(False, "False") X(Unknown, "Unknown")                                               \
  X(PodScheduled, "PodScheduled") X(PodReadyToStartContainers, "PodReadyToStartContainers")             \
  X(Initialized, "Initialized") X(Ready, "Ready") X(ContainersReady, "ContainersReady")                 \
  X(DisruptionTarget, "DisruptionTarget") X(Unschedulable, "Unschedulable")                             \
  X(SchedulingGated, "SchedulingGated") X(PodCompleted, "PodCompleted") X(PodFailed, "PodFailed")       \
  X(ContainersNotReady, "ContainersNotReady") X(ContainersNotInitialized, "ContainersNotInitialized")   \
  X(ContainerCreating, "ContainerCreating") X(PodInitializing, "PodInitializing")                       \
  X(CrashLoopBackOff, "CrashLoopBackOff") X(ErrImagePull, "ErrImagePull")                               \
  X(ImagePullBackOff, "ImagePullBackOff") X(ErrImageNeverPull, "ErrImageNeverPull")                     \
  X(Error, "Error") X(Completed, "Completed") X(OOMKilled, "OOMKilled")                                 \
  X(ContainerStatusUnknown, "ContainerStatusUnknown") X(DeadlineExceeded, "DeadlineExceeded")           \
  X(Evicted, "Evicted") X(Terminated, "Terminated")                                                     \
  X(Suspended, "Suspended") X(Complete, "Complete") X(Failed, "Failed") X(FailureTarget, "FailureTarget") \
  X(SuccessCriteriaMet, "SuccessCriteriaMet") X(JobSuspended, "JobSuspended") X(JobResumed, "JobResumed") \
  X(PodFailurePolicy, "PodFailurePolicy") X(BackoffLimitExceeded, "BackoffLimitExceeded")               \
  X(MaxFailedIndexesExceeded, "MaxFailedIndexesExceeded") X(FailedIndexes, "FailedIndexes")             \
  X(SuccessPolicy, "SuccessPolicy") X(CompletionsReached, "CompletionsReached")                         \
  X(DeletionByTaintManager, "DeletionByTaintManager") X(DeletionByPodGC, "DeletionByPodGC")             \
  X(EvictionByEvictionAPI, "EvictionByEvictionAPI") X(PreemptionByScheduler, "PreemptionByScheduler")   \
  X(TerminationByKubelet, "TerminationByKubelet")                                                       \
  X(MemoryPressure, "MemoryPressure") X(DiskPressure, "DiskPressure") X(PIDPressure, "PIDPressure")     \
  X(KubeletHasSufficientMemory, "KubeletHasSufficientMemory")                                           \
  X(KubeletHasNoDiskPressure, "KubeletHasNoDiskPressure")                                               \
  X(KubeletHasSufficientPID, "KubeletHasSufficientPID") X(KubeletReady, "KubeletReady")                 \
  X(NodeStatusUnknown, "NodeStatusUnknown") X(Normal, "Normal") X(Warning, "Warning")                   \
  X(job_tracking, "batch.kubernetes.io/job-tracking") X(orphan, "orphan")                               \
  X(foregroundDeletion, "foregroundDeletion") X(NoSchedule, "NoSchedule") X(NoExecute, "NoExecute")     \
  X(PreferNoSchedule, "PreferNoSchedule") X(batch_v1, "batch/v1") X(v1, "v1") X(apps_v1, "apps/v1")     \
  X(Job, "Job") X(Pod, "Pod") X(Node, "Node") X(CronJob, "CronJob") X(DaemonSet, "DaemonSet")           \
  X(Event, "Event") X(Lease, "Lease") X(DisruptionAllowed, "DisruptionAllowed")                         \
  X(SufficientPods, "SufficientPods") X(InsufficientPods, "InsufficientPods") X(SyncFailed, "SyncFailed")

namespace sym {
enum : std::uint32_t {
  none = 0,
#define ORRERY_X(name, text) name,
  ORRERY_WELL_KNOWN_SYMBOLS(ORRERY_X)
#undef ORRERY_X
      count_
};
}  // namespace sym

/// Interns the words above in `names`, which must be empty, so that each gets the number of its constant.
void intern_well_known(Interner& names);

}  // namespace orrery
