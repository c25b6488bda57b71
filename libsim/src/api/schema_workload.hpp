#pragma once
// The fields of the kinds themselves and of their statuses: facts of the Kubernetes 1.36 API (k8s.io/api v0.36).
#include "api/schema_pod.hpp"

namespace orrery::schema {

inline constexpr Field kPodConditionFields[] = {{"lastProbeTime", kTime}, {"lastTransitionTime", kTime}, {"message", kString},
    {"observedGeneration", kInt64}, {"reason", kString}, {"status", kString}, {"type", kString}};
inline constexpr Type kPodCondition{"PodCondition", kPodConditionFields};

inline constexpr Field kHostIPFields[] = {{"ip", kString}};
inline constexpr Type kHostIP{"HostIP", kHostIPFields};

inline constexpr Field kPodIPFields[] = {{"ip", kString}};
inline constexpr Type kPodIP{"PodIP", kPodIPFields};

inline constexpr Field kContainerStateWaitingFields[] = {{"message", kString}, {"reason", kString}};
inline constexpr Type kContainerStateWaiting{"ContainerStateWaiting", kContainerStateWaitingFields};

inline constexpr Field kContainerStateRunningFields[] = {{"startedAt", kTime}};
inline constexpr Type kContainerStateRunning{"ContainerStateRunning", kContainerStateRunningFields};

inline constexpr Field kContainerStateTerminatedFields[] = {{"containerID", kString}, {"exitCode", kInt32}, {"finishedAt", kTime},
    {"message", kString}, {"reason", kString}, {"signal", kInt32}, {"startedAt", kTime}};
inline constexpr Type kContainerStateTerminated{"ContainerStateTerminated", kContainerStateTerminatedFields};

inline constexpr Field kContainerStateFields[] = {object("running", kContainerStateRunning),
    object("terminated", kContainerStateTerminated), object("waiting", kContainerStateWaiting)};
inline constexpr Type kContainerState{"ContainerState", kContainerStateFields};

inline constexpr Field kImageVolumeStatusFields[] = {{"imageRef", kString}};
inline constexpr Type kImageVolumeStatus{"ImageVolumeStatus", kImageVolumeStatusFields};

inline constexpr Field kVolumeStatusFields[] = {object("image", kImageVolumeStatus)};
inline constexpr Type kVolumeStatus{"VolumeStatus", kVolumeStatusFields};

inline constexpr Field kVolumeMountStatusFields[] = {{"mountPath", kString}, {"name", kString}, {"readOnly", kBool},
    {"recursiveReadOnly", kString}, object("volumeStatus", kVolumeStatus)};
inline constexpr Type kVolumeMountStatus{"VolumeMountStatus", kVolumeMountStatusFields};

inline constexpr Field kLinuxContainerUserFields[] = {{"gid", kInt64}, list_of("supplementalGroups", kInt64), {"uid", kInt64}};
inline constexpr Type kLinuxContainerUser{"LinuxContainerUser", kLinuxContainerUserFields};

inline constexpr Field kContainerUserFields[] = {object("linux", kLinuxContainerUser)};
inline constexpr Type kContainerUser{"ContainerUser", kContainerUserFields};

inline constexpr Field kResourceHealthFields[] = {{"health", kString}, {"message", kString}, {"resourceID", kString}};
inline constexpr Type kResourceHealth{"ResourceHealth", kResourceHealthFields};

inline constexpr Field kResourceStatusFields[] = {{"name", kString}, list_of("resources", kResourceHealth)};
inline constexpr Type kResourceStatus{"ResourceStatus", kResourceStatusFields};

inline constexpr Field kContainerStatusFields[] = {{"allocatedResources", kQuantityMap},
    merged_list("allocatedResourcesStatus", kResourceStatus, "name"), {"containerID", kString}, {"image", kString},
    {"imageID", kString}, object("lastState", kContainerState), {"name", kString}, {"ready", kBool},
    object("resources", kResourceRequirements), {"restartCount", kInt32}, {"started", kBool}, object("state", kContainerState),
    {"stopSignal", kString}, object("user", kContainerUser), merged_list("volumeMounts", kVolumeMountStatus, "mountPath")};
inline constexpr Type kContainerStatus{"ContainerStatus", kContainerStatusFields};

inline constexpr Field kPodResourceClaimStatusFields[] = {{"name", kString}, {"resourceClaimName", kString}};
inline constexpr Type kPodResourceClaimStatus{"PodResourceClaimStatus", kPodResourceClaimStatusFields};

inline constexpr Field kContainerExtendedResourceRequestFields[] = {{"containerName", kString}, {"requestName", kString},
    {"resourceName", kString}};
inline constexpr Type kContainerExtendedResourceRequest{"ContainerExtendedResourceRequest", kContainerExtendedResourceRequestFields};

inline constexpr Field kPodExtendedResourceClaimStatusFields[] = {list_of("requestMappings", kContainerExtendedResourceRequest),
    {"resourceClaimName", kString}};
inline constexpr Type kPodExtendedResourceClaimStatus{"PodExtendedResourceClaimStatus", kPodExtendedResourceClaimStatusFields};

inline constexpr Field kNodeAllocatableResourceClaimStatusFields[] = {list_of("containers", kString),
    {"resourceClaimName", kString}, {"resources", kQuantityMap}};
inline constexpr Type kNodeAllocatableResourceClaimStatus{"NodeAllocatableResourceClaimStatus", kNodeAllocatableResourceClaimStatusFields};

inline constexpr Field kPodStatusFields[] = {{"allocatedResources", kQuantityMap},
    merged_list("conditions", kPodCondition, "type"), list_of("containerStatuses", kContainerStatus),
    list_of("ephemeralContainerStatuses", kContainerStatus),
    object("extendedResourceClaimStatus", kPodExtendedResourceClaimStatus), {"hostIP", kString},
    merged_list("hostIPs", kHostIP, "ip"), list_of("initContainerStatuses", kContainerStatus), {"message", kString},
    list_of("nodeAllocatableResourceClaimStatuses", kNodeAllocatableResourceClaimStatus), {"nominatedNodeName", kString},
    {"observedGeneration", kInt64}, {"phase", kString}, {"podIP", kString}, merged_list("podIPs", kPodIP, "ip"),
    {"qosClass", kString}, {"reason", kString}, {"resize", kString},
    merged_list("resourceClaimStatuses", kPodResourceClaimStatus, "name", kRetainKeys),
    object("resources", kResourceRequirements), {"startTime", kTime}};
inline constexpr Type kPodStatus{"PodStatus", kPodStatusFields};

inline constexpr Field kPodFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kPodSpec), object("status", kPodStatus)};
inline constexpr Type kPod{"Pod", kPodFields};

inline constexpr Field kTaintFields[] = {{"effect", kString}, {"key", kString}, {"timeAdded", kTime}, {"value", kString}};
inline constexpr Type kTaint{"Taint", kTaintFields};

inline constexpr Field kConfigMapNodeConfigSourceFields[] = {{"kubeletConfigKey", kString}, {"name", kString},
    {"namespace", kString}, {"resourceVersion", kString}, {"uid", kString}};
inline constexpr Type kConfigMapNodeConfigSource{"ConfigMapNodeConfigSource", kConfigMapNodeConfigSourceFields};

inline constexpr Field kNodeConfigSourceFields[] = {object("configMap", kConfigMapNodeConfigSource)};
inline constexpr Type kNodeConfigSource{"NodeConfigSource", kNodeConfigSourceFields};

inline constexpr Field kNodeSpecFields[] = {object("configSource", kNodeConfigSource), {"externalID", kString},
    {"podCIDR", kString}, set_of("podCIDRs", kString), {"providerID", kString}, list_of("taints", kTaint),
    {"unschedulable", kBool}};
inline constexpr Type kNodeSpec{"NodeSpec", kNodeSpecFields};

inline constexpr Field kNodeConditionFields[] = {{"lastHeartbeatTime", kTime}, {"lastTransitionTime", kTime},
    {"message", kString}, {"reason", kString}, {"status", kString}, {"type", kString}};
inline constexpr Type kNodeCondition{"NodeCondition", kNodeConditionFields};

inline constexpr Field kNodeAddressFields[] = {{"address", kString}, {"type", kString}};
inline constexpr Type kNodeAddress{"NodeAddress", kNodeAddressFields};

inline constexpr Field kDaemonEndpointFields[] = {{"Port", kInt32}};
inline constexpr Type kDaemonEndpoint{"DaemonEndpoint", kDaemonEndpointFields};

inline constexpr Field kNodeDaemonEndpointsFields[] = {object("kubeletEndpoint", kDaemonEndpoint)};
inline constexpr Type kNodeDaemonEndpoints{"NodeDaemonEndpoints", kNodeDaemonEndpointsFields};

inline constexpr Field kNodeSwapStatusFields[] = {{"capacity", kInt64}};
inline constexpr Type kNodeSwapStatus{"NodeSwapStatus", kNodeSwapStatusFields};

inline constexpr Field kNodeSystemInfoFields[] = {{"architecture", kString}, {"bootID", kString},
    {"containerRuntimeVersion", kString}, {"kernelVersion", kString}, {"kubeProxyVersion", kString}, {"kubeletVersion", kString},
    {"machineID", kString}, {"operatingSystem", kString}, {"osImage", kString}, object("swap", kNodeSwapStatus),
    {"systemUUID", kString}};
inline constexpr Type kNodeSystemInfo{"NodeSystemInfo", kNodeSystemInfoFields};

inline constexpr Field kContainerImageFields[] = {list_of("names", kString), {"sizeBytes", kInt64}};
inline constexpr Type kContainerImage{"ContainerImage", kContainerImageFields};

inline constexpr Field kAttachedVolumeFields[] = {{"devicePath", kString}, {"name", kString}};
inline constexpr Type kAttachedVolume{"AttachedVolume", kAttachedVolumeFields};

inline constexpr Field kNodeConfigStatusFields[] = {object("active", kNodeConfigSource), object("assigned", kNodeConfigSource),
    {"error", kString}, object("lastKnownGood", kNodeConfigSource)};
inline constexpr Type kNodeConfigStatus{"NodeConfigStatus", kNodeConfigStatusFields};

inline constexpr Field kNodeRuntimeHandlerFeaturesFields[] = {{"recursiveReadOnlyMounts", kBool}, {"userNamespaces", kBool}};
inline constexpr Type kNodeRuntimeHandlerFeatures{"NodeRuntimeHandlerFeatures", kNodeRuntimeHandlerFeaturesFields};

inline constexpr Field kNodeRuntimeHandlerFields[] = {object("features", kNodeRuntimeHandlerFeatures), {"name", kString}};
inline constexpr Type kNodeRuntimeHandler{"NodeRuntimeHandler", kNodeRuntimeHandlerFields};

inline constexpr Field kNodeFeaturesFields[] = {{"supplementalGroupsPolicy", kBool}};
inline constexpr Type kNodeFeatures{"NodeFeatures", kNodeFeaturesFields};

inline constexpr Field kNodeStatusFields[] = {merged_list("addresses", kNodeAddress, "type"), {"allocatable", kQuantityMap},
    {"capacity", kQuantityMap}, merged_list("conditions", kNodeCondition, "type"), object("config", kNodeConfigStatus),
    object("daemonEndpoints", kNodeDaemonEndpoints), list_of("declaredFeatures", kString), object("features", kNodeFeatures),
    list_of("images", kContainerImage), object("nodeInfo", kNodeSystemInfo), {"phase", kString},
    list_of("runtimeHandlers", kNodeRuntimeHandler), list_of("volumesAttached", kAttachedVolume),
    list_of("volumesInUse", kString)};
inline constexpr Type kNodeStatus{"NodeStatus", kNodeStatusFields};

inline constexpr Field kNodeFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kNodeSpec), object("status", kNodeStatus)};
inline constexpr Type kNode{"Node", kNodeFields};

inline constexpr Field kPodFailurePolicyOnExitCodesRequirementFields[] = {{"containerName", kString}, {"operator", kString},
    list_of("values", kInt32)};
inline constexpr Type kPodFailurePolicyOnExitCodesRequirement{"PodFailurePolicyOnExitCodesRequirement", kPodFailurePolicyOnExitCodesRequirementFields};

inline constexpr Field kPodFailurePolicyOnPodConditionsPatternFields[] = {{"status", kString}, {"type", kString}};
inline constexpr Type kPodFailurePolicyOnPodConditionsPattern{"PodFailurePolicyOnPodConditionsPattern", kPodFailurePolicyOnPodConditionsPatternFields};

inline constexpr Field kPodFailurePolicyRuleFields[] = {{"action", kString},
    object("onExitCodes", kPodFailurePolicyOnExitCodesRequirement),
    list_of("onPodConditions", kPodFailurePolicyOnPodConditionsPattern)};
inline constexpr Type kPodFailurePolicyRule{"PodFailurePolicyRule", kPodFailurePolicyRuleFields};

inline constexpr Field kPodFailurePolicyFields[] = {list_of("rules", kPodFailurePolicyRule)};
inline constexpr Type kPodFailurePolicy{"PodFailurePolicy", kPodFailurePolicyFields};

inline constexpr Field kSuccessPolicyRuleFields[] = {{"succeededCount", kInt32}, {"succeededIndexes", kString}};
inline constexpr Type kSuccessPolicyRule{"SuccessPolicyRule", kSuccessPolicyRuleFields};

inline constexpr Field kSuccessPolicyFields[] = {list_of("rules", kSuccessPolicyRule)};
inline constexpr Type kSuccessPolicy{"SuccessPolicy", kSuccessPolicyFields};

inline constexpr Field kJobSpecFields[] = {{"activeDeadlineSeconds", kInt64}, {"backoffLimit", kInt32},
    {"backoffLimitPerIndex", kInt32}, {"completionMode", kString}, {"completions", kInt32}, {"managedBy", kString},
    {"manualSelector", kBool}, {"maxFailedIndexes", kInt32}, {"parallelism", kInt32},
    object("podFailurePolicy", kPodFailurePolicy), {"podReplacementPolicy", kString}, object("selector", kLabelSelector),
    object("successPolicy", kSuccessPolicy), {"suspend", kBool}, object("template", kPodTemplateSpec),
    {"ttlSecondsAfterFinished", kInt32}};
inline constexpr Type kJobSpec{"JobSpec", kJobSpecFields};

inline constexpr Field kJobConditionFields[] = {{"lastProbeTime", kTime}, {"lastTransitionTime", kTime}, {"message", kString},
    {"reason", kString}, {"status", kString}, {"type", kString}};
inline constexpr Type kJobCondition{"JobCondition", kJobConditionFields};

inline constexpr Field kUncountedTerminatedPodsFields[] = {list_of("failed", kString), list_of("succeeded", kString)};
inline constexpr Type kUncountedTerminatedPods{"UncountedTerminatedPods", kUncountedTerminatedPodsFields};

inline constexpr Field kJobStatusFields[] = {{"active", kInt32}, {"completedIndexes", kString}, {"completionTime", kTime},
    merged_list("conditions", kJobCondition, "type"), {"failed", kInt32}, {"failedIndexes", kString}, {"ready", kInt32},
    {"startTime", kTime}, {"succeeded", kInt32}, {"terminating", kInt32},
    object("uncountedTerminatedPods", kUncountedTerminatedPods)};
inline constexpr Type kJobStatus{"JobStatus", kJobStatusFields};

inline constexpr Field kJobFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kJobSpec), object("status", kJobStatus)};
inline constexpr Type kJob{"Job", kJobFields};

inline constexpr Field kJobTemplateSpecFields[] = {object("metadata", kObjectMeta), object("spec", kJobSpec)};
inline constexpr Type kJobTemplateSpec{"JobTemplateSpec", kJobTemplateSpecFields};

inline constexpr Field kCronJobSpecFields[] = {{"concurrencyPolicy", kString}, {"failedJobsHistoryLimit", kInt32},
    object("jobTemplate", kJobTemplateSpec), {"schedule", kString}, {"startingDeadlineSeconds", kInt64},
    {"successfulJobsHistoryLimit", kInt32}, {"suspend", kBool}, {"timeZone", kString}};
inline constexpr Type kCronJobSpec{"CronJobSpec", kCronJobSpecFields};

inline constexpr Field kCronJobStatusFields[] = {list_of("active", kObjectReference), {"lastScheduleTime", kTime},
    {"lastSuccessfulTime", kTime}};
inline constexpr Type kCronJobStatus{"CronJobStatus", kCronJobStatusFields};

inline constexpr Field kCronJobFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kCronJobSpec), object("status", kCronJobStatus)};
inline constexpr Type kCronJob{"CronJob", kCronJobFields};

inline constexpr Field kRollingUpdateDaemonSetFields[] = {{"maxSurge", kIntOrString}, {"maxUnavailable", kIntOrString}};
inline constexpr Type kRollingUpdateDaemonSet{"RollingUpdateDaemonSet", kRollingUpdateDaemonSetFields};

inline constexpr Field kDaemonSetUpdateStrategyFields[] = {object("rollingUpdate", kRollingUpdateDaemonSet), {"type", kString}};
inline constexpr Type kDaemonSetUpdateStrategy{"DaemonSetUpdateStrategy", kDaemonSetUpdateStrategyFields};

inline constexpr Field kDaemonSetSpecFields[] = {{"minReadySeconds", kInt32}, {"revisionHistoryLimit", kInt32},
    object("selector", kLabelSelector), object("template", kPodTemplateSpec), object("updateStrategy", kDaemonSetUpdateStrategy)};
inline constexpr Type kDaemonSetSpec{"DaemonSetSpec", kDaemonSetSpecFields};

inline constexpr Field kDaemonSetConditionFields[] = {{"lastTransitionTime", kTime}, {"message", kString}, {"reason", kString},
    {"status", kString}, {"type", kString}};
inline constexpr Type kDaemonSetCondition{"DaemonSetCondition", kDaemonSetConditionFields};

inline constexpr Field kDaemonSetStatusFields[] = {{"collisionCount", kInt32},
    merged_list("conditions", kDaemonSetCondition, "type"), {"currentNumberScheduled", kInt32},
    {"desiredNumberScheduled", kInt32}, {"numberAvailable", kInt32}, {"numberMisscheduled", kInt32}, {"numberReady", kInt32},
    {"numberUnavailable", kInt32}, {"observedGeneration", kInt64}, {"updatedNumberScheduled", kInt32}};
inline constexpr Type kDaemonSetStatus{"DaemonSetStatus", kDaemonSetStatusFields};

inline constexpr Field kDaemonSetFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kDaemonSetSpec), object("status", kDaemonSetStatus)};
inline constexpr Type kDaemonSet{"DaemonSet", kDaemonSetFields};

inline constexpr Field kControllerRevisionFields[] = {{"apiVersion", kString}, {"data", kAny}, {"kind", kString},
    object("metadata", kObjectMeta), {"revision", kInt64}};
inline constexpr Type kControllerRevision{"ControllerRevision", kControllerRevisionFields};

inline constexpr Field kPodDisruptionBudgetSpecFields[] = {{"maxUnavailable", kIntOrString}, {"minAvailable", kIntOrString},
    replaced_object("selector", kLabelSelector), {"unhealthyPodEvictionPolicy", kString}};
inline constexpr Type kPodDisruptionBudgetSpec{"PodDisruptionBudgetSpec", kPodDisruptionBudgetSpecFields};

inline constexpr Field kConditionFields[] = {{"lastTransitionTime", kTime}, {"message", kString}, {"observedGeneration", kInt64},
    {"reason", kString}, {"status", kString}, {"type", kString}};
inline constexpr Type kCondition{"Condition", kConditionFields};

inline constexpr Field kPodDisruptionBudgetStatusFields[] = {merged_list("conditions", kCondition, "type"),
    {"currentHealthy", kInt32}, {"desiredHealthy", kInt32}, {"disruptedPods", kTimeMap}, {"disruptionsAllowed", kInt32},
    {"expectedPods", kInt32}, {"observedGeneration", kInt64}};
inline constexpr Type kPodDisruptionBudgetStatus{"PodDisruptionBudgetStatus", kPodDisruptionBudgetStatusFields};

inline constexpr Field kPodDisruptionBudgetFields[] = {{"apiVersion", kString}, {"kind", kString},
    object("metadata", kObjectMeta), object("spec", kPodDisruptionBudgetSpec), object("status", kPodDisruptionBudgetStatus)};
inline constexpr Type kPodDisruptionBudget{"PodDisruptionBudget", kPodDisruptionBudgetFields};

inline constexpr Field kLeaseSpecFields[] = {{"acquireTime", kMicroTime}, {"holderIdentity", kString},
    {"leaseDurationSeconds", kInt32}, {"leaseTransitions", kInt32}, {"preferredHolder", kString}, {"renewTime", kMicroTime},
    {"strategy", kString}};
inline constexpr Type kLeaseSpec{"LeaseSpec", kLeaseSpecFields};

inline constexpr Field kLeaseFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kLeaseSpec)};
inline constexpr Type kLease{"Lease", kLeaseFields};

inline constexpr Field kEventSourceFields[] = {{"component", kString}, {"host", kString}};
inline constexpr Type kEventSource{"EventSource", kEventSourceFields};

inline constexpr Field kEventSeriesFields[] = {{"count", kInt32}, {"lastObservedTime", kMicroTime}};
inline constexpr Type kEventSeries{"EventSeries", kEventSeriesFields};

inline constexpr Field kEventFields[] = {{"action", kString}, {"apiVersion", kString}, {"count", kInt32},
    {"eventTime", kMicroTime}, {"firstTimestamp", kTime}, object("involvedObject", kObjectReference), {"kind", kString},
    {"lastTimestamp", kTime}, {"message", kString}, object("metadata", kObjectMeta), {"reason", kString},
    object("related", kObjectReference), {"reportingComponent", kString}, {"reportingInstance", kString},
    object("series", kEventSeries), object("source", kEventSource), {"type", kString}};
inline constexpr Type kEvent{"Event", kEventFields};

inline constexpr Field kEventsEventSeriesFields[] = {{"count", kInt32}, {"lastObservedTime", kMicroTime}};
inline constexpr Type kEventsEventSeries{"EventSeries", kEventsEventSeriesFields};

inline constexpr Field kEventsEventFields[] = {{"action", kString}, {"apiVersion", kString}, {"deprecatedCount", kInt32},
    {"deprecatedFirstTimestamp", kTime}, {"deprecatedLastTimestamp", kTime}, object("deprecatedSource", kEventSource),
    {"eventTime", kMicroTime}, {"kind", kString}, object("metadata", kObjectMeta), {"note", kString}, {"reason", kString},
    object("regarding", kObjectReference), object("related", kObjectReference), {"reportingController", kString},
    {"reportingInstance", kString}, object("series", kEventsEventSeries), {"type", kString}};
inline constexpr Type kEventsEvent{"Event", kEventsEventFields};

inline constexpr Field kPriorityClassFields[] = {{"apiVersion", kString}, {"description", kString}, {"globalDefault", kBool},
    {"kind", kString}, object("metadata", kObjectMeta), {"preemptionPolicy", kString}, {"value", kInt32}};
inline constexpr Type kPriorityClass{"PriorityClass", kPriorityClassFields};

inline constexpr Field kNamespaceSpecFields[] = {list_of("finalizers", kString)};
inline constexpr Type kNamespaceSpec{"NamespaceSpec", kNamespaceSpecFields};

inline constexpr Field kNamespaceConditionFields[] = {{"lastTransitionTime", kTime}, {"message", kString}, {"reason", kString},
    {"status", kString}, {"type", kString}};
inline constexpr Type kNamespaceCondition{"NamespaceCondition", kNamespaceConditionFields};

inline constexpr Field kNamespaceStatusFields[] = {merged_list("conditions", kNamespaceCondition, "type"), {"phase", kString}};
inline constexpr Type kNamespaceStatus{"NamespaceStatus", kNamespaceStatusFields};

inline constexpr Field kNamespaceFields[] = {{"apiVersion", kString}, {"kind", kString}, object("metadata", kObjectMeta),
    object("spec", kNamespaceSpec), object("status", kNamespaceStatus)};
inline constexpr Type kNamespace{"Namespace", kNamespaceFields};

}  // namespace orrery::schema
