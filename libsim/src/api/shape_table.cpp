// The fields of the API types, in the order of their declaration: facts of the Kubernetes 1.36 API (api/*/v1/types.go)
// and of the API server's own types (pkg/apis/*/types.go), as tables because every rule about them is the same.
// One long file because it is data. Format of a field: see shape.cpp.
#include "shape_table.hpp"

namespace orrery::validation {

namespace {
// NAME FLAG KIND; flag: ! always written, ? left out when empty (omitempty), ~ left out when zero (omitzero).
const ShapeRow kWireRows[] = {
    {"AWSElasticBlockStoreVolumeSource", "volumeID!s fsType?s partition?i readOnly?b"},
    {"Affinity", "nodeAffinity?*NodeAffinity podAffinity?*PodAffinity podAntiAffinity?*PodAntiAffinity"},
    {"AppArmorProfile", "type!s localhostProfile?*s"},
    {"AttachedVolume", "name!s devicePath!s"},
    {"AzureDiskVolumeSource", "diskName!s diskURI!s cachingMode?*s fsType?*s readOnly?*b kind?*s"},
    {"AzureFileVolumeSource", "secretName!s shareName!s readOnly?b"},
    {"CSIVolumeSource",
     "driver!s readOnly?*b fsType?*s volumeAttributes?{}s nodePublishSecretRef?*LocalObjectReference"},
    {"Capabilities", "add?[]s drop?[]s"},
    {"CephFSVolumeSource", "monitors![]s path?s user?s secretFile?s secretRef?*LocalObjectReference readOnly?b"},
    {"CinderVolumeSource", "volumeID!s fsType?s readOnly?b secretRef?*LocalObjectReference"},
    {"ClusterTrustBundleProjection", "name?*s signerName?*s labelSelector?*LabelSelector optional?*b path!s"},
    {"Condition", "type!s status!s observedGeneration?i lastTransitionTime!t reason!s message!s"},
    {"ConfigMapEnvSource", "name?s optional?*b"},
    {"ConfigMapKeySelector", "name?s key!s optional?*b"},
    {"ConfigMapNodeConfigSource", "namespace!s name!s uid?s resourceVersion?s kubeletConfigKey!s"},
    {"ConfigMapProjection", "name?s items?[]KeyToPath optional?*b"},
    {"ConfigMapVolumeSource", "name?s items?[]KeyToPath defaultMode?*i optional?*b"},
    {"Container",
     "name!s image?s command?[]s args?[]s workingDir?s ports?[]ContainerPort envFrom?[]EnvFromSource env?[]EnvVar "
     "resources?ResourceRequirements resizePolicy?[]ContainerResizePolicy restartPolicy?*s "
     "restartPolicyRules?[]ContainerRestartRule volumeMounts?[]VolumeMount volumeDevices?[]VolumeDevice "
     "livenessProbe?*Probe readinessProbe?*Probe startupProbe?*Probe lifecycle?*Lifecycle terminationMessagePath?s "
     "terminationMessagePolicy?s imagePullPolicy?s securityContext?*SecurityContext stdin?b stdinOnce?b tty?b"},
    {"ContainerExtendedResourceRequest", "containerName!s resourceName!s requestName!s"},
    {"ContainerImage", "names![]s sizeBytes?i"},
    {"ContainerPort", "name?s hostPort?i containerPort!i protocol?s hostIP?s"},
    {"ContainerResizePolicy", "resourceName!s restartPolicy!s"},
    {"ContainerRestartRule", "action?s exitCodes?*ContainerRestartRuleOnExitCodes"},
    {"ContainerRestartRuleOnExitCodes", "operator?s values?[]i"},
    {"ContainerState",
     "waiting?*ContainerStateWaiting running?*ContainerStateRunning terminated?*ContainerStateTerminated"},
    {"ContainerStateRunning", "startedAt?t"},
    {"ContainerStateTerminated", "exitCode!i signal?i reason?s message?s startedAt?t finishedAt?t containerID?s"},
    {"ContainerStateWaiting", "reason?s message?s"},
    {"ContainerStatus",
     "name!s state?ContainerState lastState?ContainerState ready!b restartCount!i image!s imageID!s containerID?s "
     "started?*b allocatedResources?{}q resources?*ResourceRequirements volumeMounts?[]VolumeMountStatus "
     "user?*ContainerUser allocatedResourcesStatus?[]ResourceStatus stopSignal?*s"},
    {"ContainerUser", "linux?*LinuxContainerUser"},
    {"ControllerRevision", "kind?s apiVersion?s metadata?ObjectMeta data?r revision!i"},
    {"CronJob", "kind?s apiVersion?s metadata?ObjectMeta spec?CronJobSpec status?CronJobStatus"},
    {"CronJobSpec",
     "schedule!s timeZone?*s startingDeadlineSeconds?*i concurrencyPolicy?s suspend?*b jobTemplate!JobTemplateSpec "
     "successfulJobsHistoryLimit?*i failedJobsHistoryLimit?*i"},
    {"CronJobStatus", "active?[]ObjectReference lastScheduleTime?*t lastSuccessfulTime?*t"},
    {"DaemonEndpoint", "Port!i"},
    {"DaemonSet", "kind?s apiVersion?s metadata?ObjectMeta spec?DaemonSetSpec status?DaemonSetStatus"},
    {"DaemonSetCondition", "type!s status!s lastTransitionTime?t reason?s message?s"},
    {"DaemonSetSpec",
     "selector!*LabelSelector template!PodTemplateSpec updateStrategy?DaemonSetUpdateStrategy minReadySeconds?i "
     "revisionHistoryLimit?*i"},
    {"DaemonSetStatus",
     "currentNumberScheduled!i numberMisscheduled!i desiredNumberScheduled!i numberReady!i observedGeneration?i "
     "updatedNumberScheduled?i numberAvailable?i numberUnavailable?i collisionCount?*i "
     "conditions?[]DaemonSetCondition"},
    {"DaemonSetUpdateStrategy", "type?s rollingUpdate?*RollingUpdateDaemonSet"},
    {"DownwardAPIProjection", "items?[]DownwardAPIVolumeFile"},
    {"DownwardAPIVolumeFile", "path!s fieldRef?*ObjectFieldSelector resourceFieldRef?*ResourceFieldSelector mode?*i"},
    {"DownwardAPIVolumeSource", "items?[]DownwardAPIVolumeFile defaultMode?*i"},
    {"EmptyDirVolumeSource", "medium?s sizeLimit?*q"},
    {"EnvFromSource", "prefix?s configMapRef?*ConfigMapEnvSource secretRef?*SecretEnvSource"},
    {"EnvVar", "name!s value?s valueFrom?*EnvVarSource"},
    {"EnvVarSource",
     "fieldRef?*ObjectFieldSelector resourceFieldRef?*ResourceFieldSelector configMapKeyRef?*ConfigMapKeySelector "
     "secretKeyRef?*SecretKeySelector fileKeyRef?*FileKeySelector"},
    {"EphemeralContainer",
     "name!s image?s command?[]s args?[]s workingDir?s ports?[]ContainerPort envFrom?[]EnvFromSource env?[]EnvVar "
     "resources?ResourceRequirements resizePolicy?[]ContainerResizePolicy restartPolicy?*s "
     "restartPolicyRules?[]ContainerRestartRule volumeMounts?[]VolumeMount volumeDevices?[]VolumeDevice "
     "livenessProbe?*Probe readinessProbe?*Probe startupProbe?*Probe lifecycle?*Lifecycle terminationMessagePath?s "
     "terminationMessagePolicy?s imagePullPolicy?s securityContext?*SecurityContext stdin?b stdinOnce?b tty?b "
     "targetContainerName?s"},
    {"EphemeralVolumeSource", "volumeClaimTemplate?*PersistentVolumeClaimTemplate"},
    {"ExecAction", "command?[]s"},
    {"FCVolumeSource", "targetWWNs?[]s lun?*i fsType?s readOnly?b wwids?[]s"},
    {"FileKeySelector", "volumeName!s path!s key!s optional?*b"},
    {"FlexVolumeSource", "driver!s fsType?s secretRef?*LocalObjectReference readOnly?b options?{}s"},
    {"FlockerVolumeSource", "datasetName?s datasetUUID?s"},
    {"GCEPersistentDiskVolumeSource", "pdName!s fsType?s partition?i readOnly?b"},
    {"GRPCAction", "port!i service!*s"},
    {"GitRepoVolumeSource", "repository!s revision?s directory?s"},
    {"GlusterfsVolumeSource", "endpoints!s path!s readOnly?b"},
    {"HTTPGetAction", "path?s port!o host?s scheme?s httpHeaders?[]HTTPHeader"},
    {"HTTPHeader", "name!s value!s"},
    {"HostAlias", "ip!s hostnames?[]s"},
    {"HostIP", "ip!s"},
    {"HostPathVolumeSource", "path!s type?*s"},
    {"ISCSIVolumeSource",
     "targetPortal!s iqn!s lun!i iscsiInterface?s fsType?s readOnly?b portals?[]s chapAuthDiscovery?b "
     "chapAuthSession?b secretRef?*LocalObjectReference initiatorName?*s"},
    {"ImageVolumeSource", "reference?s pullPolicy?s"},
    {"ImageVolumeStatus", "imageRef?s"},
    {"Job", "kind?s apiVersion?s metadata?ObjectMeta spec?JobSpec status?JobStatus"},
    {"JobCondition", "type!s status!s lastProbeTime?t lastTransitionTime?t reason?s message?s"},
    {"JobSpec",
     "parallelism?*i completions?*i activeDeadlineSeconds?*i podFailurePolicy?*PodFailurePolicy "
     "successPolicy?*SuccessPolicy backoffLimit?*i backoffLimitPerIndex?*i maxFailedIndexes?*i "
     "selector?*LabelSelector manualSelector?*b template!PodTemplateSpec ttlSecondsAfterFinished?*i "
     "completionMode?*s suspend?*b podReplacementPolicy?*s managedBy?*s"},
    {"JobStatus",
     "conditions?[]JobCondition startTime?*t completionTime?*t active?i succeeded?i failed?i terminating?*i "
     "completedIndexes?s failedIndexes?*s uncountedTerminatedPods?*UncountedTerminatedPods ready?*i"},
    {"JobTemplateSpec", "metadata?ObjectMeta spec?JobSpec"},
    {"KeyToPath", "key!s path!s mode?*i"},
    {"LabelSelector", "matchLabels?{}s matchExpressions?[]LabelSelectorRequirement"},
    {"LabelSelectorRequirement", "key!s operator!s values?[]s"},
    {"Lease", "kind?s apiVersion?s metadata?ObjectMeta spec?LeaseSpec"},
    {"LeaseSpec",
     "holderIdentity?*s leaseDurationSeconds?*i acquireTime?*t renewTime?*t leaseTransitions?*i strategy?*s "
     "preferredHolder?*s"},
    {"Lifecycle", "postStart?*LifecycleHandler preStop?*LifecycleHandler stopSignal?*s"},
    {"LifecycleHandler", "exec?*ExecAction httpGet?*HTTPGetAction tcpSocket?*TCPSocketAction sleep?*SleepAction"},
    {"LinuxContainerUser", "uid!i gid!i supplementalGroups?[]i"},
    {"LocalObjectReference", "name?s"},
    {"ManagedFieldsEntry", "manager?s operation?s apiVersion?s time?*t fieldsType?s fieldsV1?*r subresource?s"},
    {"NFSVolumeSource", "server!s path!s readOnly?b"},
    {"Node", "kind?s apiVersion?s metadata?ObjectMeta spec?NodeSpec status?NodeStatus"},
    {"NodeAddress", "type!s address!s"},
    {"NodeAffinity",
     "requiredDuringSchedulingIgnoredDuringExecution?*NodeSelector "
     "preferredDuringSchedulingIgnoredDuringExecution?[]PreferredSchedulingTerm"},
    {"NodeAllocatableResourceClaimStatus", "resourceClaimName!s containers?[]s resources!{}q"},
    {"NodeCondition", "type!s status!s lastHeartbeatTime?t lastTransitionTime?t reason?s message?s"},
    {"NodeConfigSource", "configMap?*ConfigMapNodeConfigSource"},
    {"NodeConfigStatus",
     "assigned?*NodeConfigSource active?*NodeConfigSource lastKnownGood?*NodeConfigSource error?s"},
    {"NodeDaemonEndpoints", "kubeletEndpoint?DaemonEndpoint"},
    {"NodeFeatures", "supplementalGroupsPolicy?*b"},
    {"NodeRuntimeHandler", "name!s features?*NodeRuntimeHandlerFeatures"},
    {"NodeRuntimeHandlerFeatures", "recursiveReadOnlyMounts?*b userNamespaces?*b"},
    {"NodeSelector", "nodeSelectorTerms![]NodeSelectorTerm"},
    {"NodeSelectorRequirement", "key!s operator!s values?[]s"},
    {"NodeSelectorTerm", "matchExpressions?[]NodeSelectorRequirement matchFields?[]NodeSelectorRequirement"},
    {"NodeSpec",
     "podCIDR?s podCIDRs?[]s providerID?s unschedulable?b taints?[]Taint configSource?*NodeConfigSource "
     "externalID?s"},
    {"NodeStatus",
     "capacity?{}q allocatable?{}q phase?s conditions?[]NodeCondition addresses?[]NodeAddress "
     "daemonEndpoints?NodeDaemonEndpoints nodeInfo?NodeSystemInfo images?[]ContainerImage volumesInUse?[]s "
     "volumesAttached?[]AttachedVolume config?*NodeConfigStatus runtimeHandlers?[]NodeRuntimeHandler "
     "features?*NodeFeatures declaredFeatures?[]s"},
    {"NodeSwapStatus", "capacity?*i"},
    {"NodeSystemInfo",
     "machineID!s systemUUID!s bootID!s kernelVersion!s osImage!s containerRuntimeVersion!s kubeletVersion!s "
     "kubeProxyVersion!s operatingSystem!s architecture!s swap?*NodeSwapStatus"},
    {"ObjectFieldSelector", "apiVersion?s fieldPath!s"},
    {"ObjectMeta",
     "name?s generateName?s namespace?s selfLink?s uid?s resourceVersion?s generation?i creationTimestamp~t "
     "deletionTimestamp?*t deletionGracePeriodSeconds?*i labels?{}s annotations?{}s "
     "ownerReferences?[]OwnerReference finalizers?[]s managedFields?[]ManagedFieldsEntry"},
    {"ObjectReference", "kind?s namespace?s name?s uid?s apiVersion?s resourceVersion?s fieldPath?s"},
    {"OwnerReference", "apiVersion!s kind!s name!s uid!s controller?*b blockOwnerDeletion?*b"},
    {"PersistentVolumeClaimSpec",
     "accessModes?[]s selector?*LabelSelector resources?VolumeResourceRequirements volumeName?s "
     "storageClassName?*s volumeMode?*s dataSource?*TypedLocalObjectReference dataSourceRef?*TypedObjectReference "
     "volumeAttributesClassName?*s"},
    {"PersistentVolumeClaimTemplate", "metadata?ObjectMeta spec!PersistentVolumeClaimSpec"},
    {"PersistentVolumeClaimVolumeSource", "claimName!s readOnly?b"},
    {"PhotonPersistentDiskVolumeSource", "pdID!s fsType?s"},
    {"Pod", "kind?s apiVersion?s metadata?ObjectMeta spec?PodSpec status?PodStatus"},
    {"PodAffinity",
     "requiredDuringSchedulingIgnoredDuringExecution?[]PodAffinityTerm "
     "preferredDuringSchedulingIgnoredDuringExecution?[]WeightedPodAffinityTerm"},
    {"PodAffinityTerm",
     "labelSelector?*LabelSelector namespaces?[]s topologyKey!s namespaceSelector?*LabelSelector "
     "matchLabelKeys?[]s mismatchLabelKeys?[]s"},
    {"PodAntiAffinity",
     "requiredDuringSchedulingIgnoredDuringExecution?[]PodAffinityTerm "
     "preferredDuringSchedulingIgnoredDuringExecution?[]WeightedPodAffinityTerm"},
    {"PodCertificateProjection",
     "signerName?s keyType?s maxExpirationSeconds?*i credentialBundlePath?s keyPath?s certificateChainPath?s "
     "userAnnotations?{}s"},
    {"PodCondition",
     "type!s observedGeneration?i status!s lastProbeTime?t lastTransitionTime?t reason?s message?s"},
    {"PodDNSConfig", "nameservers?[]s searches?[]s options?[]PodDNSConfigOption"},
    {"PodDNSConfigOption", "name?s value?*s"},
    {"PodDisruptionBudget",
     "kind?s apiVersion?s metadata?ObjectMeta spec?PodDisruptionBudgetSpec status?PodDisruptionBudgetStatus"},
    {"PodDisruptionBudgetSpec", "minAvailable?*o selector?*LabelSelector maxUnavailable?*o unhealthyPodEvictionPolicy?*s"},
    {"PodDisruptionBudgetStatus",
     "observedGeneration?i disruptedPods?{}t disruptionsAllowed!i currentHealthy!i desiredHealthy!i expectedPods!i "
     "conditions?[]Condition"},
    {"PodExtendedResourceClaimStatus", "requestMappings![]ContainerExtendedResourceRequest resourceClaimName!s"},
    {"PodFailurePolicy", "rules![]PodFailurePolicyRule"},
    {"PodFailurePolicyOnExitCodesRequirement", "containerName?*s operator!s values![]i"},
    {"PodFailurePolicyOnPodConditionsPattern", "type!s status!s"},
    {"PodFailurePolicyRule",
     "action!s onExitCodes?*PodFailurePolicyOnExitCodesRequirement "
     "onPodConditions?[]PodFailurePolicyOnPodConditionsPattern"},
    {"PodIP", "ip!s"},
    {"PodOS", "name!s"},
    {"PodReadinessGate", "conditionType!s"},
    {"PodResourceClaim", "name!s resourceClaimName?*s resourceClaimTemplateName?*s"},
    {"PodResourceClaimStatus", "name!s resourceClaimName?*s"},
    {"PodSchedulingGate", "name!s"},
    {"PodSchedulingGroup", "podGroupName?*s"},
    {"PodSecurityContext",
     "seLinuxOptions?*SELinuxOptions windowsOptions?*WindowsSecurityContextOptions runAsUser?*i runAsGroup?*i "
     "runAsNonRoot?*b supplementalGroups?[]i supplementalGroupsPolicy?*s fsGroup?*i sysctls?[]Sysctl "
     "fsGroupChangePolicy?*s seccompProfile?*SeccompProfile appArmorProfile?*AppArmorProfile "
     "seLinuxChangePolicy?*s"},
    {"PodSpec",
     "volumes?[]Volume initContainers?[]Container containers![]Container ephemeralContainers?[]EphemeralContainer "
     "restartPolicy?s terminationGracePeriodSeconds?*i activeDeadlineSeconds?*i dnsPolicy?s nodeSelector?{}s "
     "serviceAccountName?s serviceAccount?s automountServiceAccountToken?*b nodeName?s hostNetwork?b hostPID?b "
     "hostIPC?b shareProcessNamespace?*b securityContext?*PodSecurityContext "
     "imagePullSecrets?[]LocalObjectReference hostname?s subdomain?s affinity?*Affinity schedulerName?s "
     "tolerations?[]Toleration hostAliases?[]HostAlias priorityClassName?s priority?*i dnsConfig?*PodDNSConfig "
     "readinessGates?[]PodReadinessGate runtimeClassName?*s enableServiceLinks?*b preemptionPolicy?*s overhead?{}q "
     "topologySpreadConstraints?[]TopologySpreadConstraint setHostnameAsFQDN?*b os?*PodOS hostUsers?*b "
     "schedulingGates?[]PodSchedulingGate resourceClaims?[]PodResourceClaim resources?*ResourceRequirements "
     "hostnameOverride?*s schedulingGroup?*PodSchedulingGroup"},
    {"PodStatus",
     "observedGeneration?i phase?s conditions?[]PodCondition message?s reason?s nominatedNodeName?s hostIP?s "
     "hostIPs?[]HostIP podIP?s podIPs?[]PodIP startTime?*t initContainerStatuses?[]ContainerStatus "
     "containerStatuses?[]ContainerStatus qosClass?s ephemeralContainerStatuses?[]ContainerStatus resize?s "
     "resourceClaimStatuses?[]PodResourceClaimStatus extendedResourceClaimStatus?*PodExtendedResourceClaimStatus "
     "allocatedResources?{}q resources?*ResourceRequirements "
     "nodeAllocatableResourceClaimStatuses?[]NodeAllocatableResourceClaimStatus"},
    {"PodTemplate", "kind?s apiVersion?s metadata?ObjectMeta template?PodTemplateSpec"},
    {"PodTemplateSpec", "metadata?ObjectMeta spec?PodSpec"},
    {"PortworxVolumeSource", "volumeID!s fsType?s readOnly?b"},
    {"PreferredSchedulingTerm", "weight!i preference!NodeSelectorTerm"},
    {"PriorityClass",
     "kind?s apiVersion?s metadata?ObjectMeta value!i globalDefault?b description?s preemptionPolicy?*s"},
    {"Probe",
     "exec?*ExecAction httpGet?*HTTPGetAction tcpSocket?*TCPSocketAction grpc?*GRPCAction initialDelaySeconds?i "
     "timeoutSeconds?i periodSeconds?i successThreshold?i failureThreshold?i terminationGracePeriodSeconds?*i"},
    {"ProjectedVolumeSource", "sources![]VolumeProjection defaultMode?*i"},
    {"QuobyteVolumeSource", "registry!s volume!s readOnly?b user?s group?s tenant?s"},
    {"RBDVolumeSource",
     "monitors![]s image!s fsType?s pool?s user?s keyring?s secretRef?*LocalObjectReference readOnly?b"},
    {"ResourceClaim", "name!s request?s"},
    {"ResourceFieldSelector", "containerName?s resource!s divisor?q"},
    {"ResourceHealth", "resourceID!s health?s message?*s"},
    {"ResourceRequirements", "limits?{}q requests?{}q claims?[]ResourceClaim"},
    {"ResourceStatus", "name!s resources?[]ResourceHealth"},
    {"RollingUpdateDaemonSet", "maxUnavailable?*o maxSurge?*o"},
    {"SELinuxOptions", "user?s role?s type?s level?s"},
    {"ScaleIOVolumeSource",
     "gateway!s system!s secretRef!*LocalObjectReference sslEnabled?b protectionDomain?s storagePool?s "
     "storageMode?s volumeName?s fsType?s readOnly?b"},
    {"SeccompProfile", "type!s localhostProfile?*s"},
    {"SecretEnvSource", "name?s optional?*b"},
    {"SecretKeySelector", "name?s key!s optional?*b"},
    {"SecretProjection", "name?s items?[]KeyToPath optional?*b"},
    {"SecretVolumeSource", "secretName?s items?[]KeyToPath defaultMode?*i optional?*b"},
    {"SecurityContext",
     "capabilities?*Capabilities privileged?*b seLinuxOptions?*SELinuxOptions "
     "windowsOptions?*WindowsSecurityContextOptions runAsUser?*i runAsGroup?*i runAsNonRoot?*b "
     "readOnlyRootFilesystem?*b allowPrivilegeEscalation?*b procMount?*s seccompProfile?*SeccompProfile "
     "appArmorProfile?*AppArmorProfile"},
    {"ServiceAccountTokenProjection", "audience?s expirationSeconds?*i path!s"},
    {"SleepAction", "seconds!i"},
    {"StorageOSVolumeSource", "volumeName?s volumeNamespace?s fsType?s readOnly?b secretRef?*LocalObjectReference"},
    {"SuccessPolicy", "rules![]SuccessPolicyRule"},
    {"SuccessPolicyRule", "succeededIndexes?*s succeededCount?*i"},
    {"Sysctl", "name!s value!s"},
    {"TCPSocketAction", "port!o host?s"},
    {"Taint", "key!s value?s effect!s timeAdded?*t"},
    {"Toleration", "key?s operator?s value?s effect?s tolerationSeconds?*i"},
    {"TopologySpreadConstraint",
     "maxSkew!i topologyKey!s whenUnsatisfiable!s labelSelector?*LabelSelector minDomains?*i nodeAffinityPolicy?*s "
     "nodeTaintsPolicy?*s matchLabelKeys?[]s"},
    {"TypedLocalObjectReference", "apiGroup!*s kind!s name!s"},
    {"TypedObjectReference", "apiGroup!*s kind!s name!s namespace?*s"},
    {"UncountedTerminatedPods", "succeeded?[]s failed?[]s"},
    {"Volume",
     "name!s hostPath?*HostPathVolumeSource emptyDir?*EmptyDirVolumeSource "
     "gcePersistentDisk?*GCEPersistentDiskVolumeSource awsElasticBlockStore?*AWSElasticBlockStoreVolumeSource "
     "gitRepo?*GitRepoVolumeSource secret?*SecretVolumeSource nfs?*NFSVolumeSource iscsi?*ISCSIVolumeSource "
     "glusterfs?*GlusterfsVolumeSource persistentVolumeClaim?*PersistentVolumeClaimVolumeSource "
     "rbd?*RBDVolumeSource flexVolume?*FlexVolumeSource cinder?*CinderVolumeSource cephfs?*CephFSVolumeSource "
     "flocker?*FlockerVolumeSource downwardAPI?*DownwardAPIVolumeSource fc?*FCVolumeSource "
     "azureFile?*AzureFileVolumeSource configMap?*ConfigMapVolumeSource "
     "vsphereVolume?*VsphereVirtualDiskVolumeSource quobyte?*QuobyteVolumeSource azureDisk?*AzureDiskVolumeSource "
     "photonPersistentDisk?*PhotonPersistentDiskVolumeSource projected?*ProjectedVolumeSource "
     "portworxVolume?*PortworxVolumeSource scaleIO?*ScaleIOVolumeSource storageos?*StorageOSVolumeSource "
     "csi?*CSIVolumeSource ephemeral?*EphemeralVolumeSource image?*ImageVolumeSource"},
    {"VolumeDevice", "name!s devicePath!s"},
    {"VolumeMount",
     "name!s readOnly?b recursiveReadOnly?*s mountPath!s subPath?s mountPropagation?*s subPathExpr?s"},
    {"VolumeMountStatus", "name!s mountPath!s readOnly?b recursiveReadOnly?*s volumeStatus?*VolumeStatus"},
    {"VolumeProjection",
     "secret?*SecretProjection downwardAPI?*DownwardAPIProjection configMap?*ConfigMapProjection "
     "serviceAccountToken?*ServiceAccountTokenProjection clusterTrustBundle?*ClusterTrustBundleProjection "
     "podCertificate?*PodCertificateProjection"},
    {"VolumeResourceRequirements", "limits?{}q requests?{}q"},
    {"VolumeStatus", "image?*ImageVolumeStatus"},
    {"VsphereVirtualDiskVolumeSource", "volumePath!s fsType?s storagePolicyName?s storagePolicyID?s"},
    {"WeightedPodAffinityTerm", "weight!i podAffinityTerm!PodAffinityTerm"},
    {"WindowsSecurityContextOptions", "gmsaCredentialSpecName?*s gmsaCredentialSpec?*s runAsUserName?*s hostProcess?*b"},
    {"Workflow", "kind?s apiVersion?s metadata?ObjectMeta spec?WorkflowSpec status?WorkflowStatus"},
    {"WorkflowJob", "name!s dependsOn?[]r template!JobTemplateSpec"},
    {"WorkflowJobStatus", "name!s state!s jobName?s startTime?*t completionTime?*t message?s"},
    {"WorkflowSpec", "suspend?*b parallelism?*i jobs![]WorkflowJob"},
    {"WorkflowStatus",
     "observedGeneration?i phase?s startTime?*t completionTime?*t active?i waiting?i succeeded?i failed?i skipped?i "
     "jobs?[]WorkflowJobStatus conditions?[]Condition"},
};

// GONAME=NAME:KIND, NAME being that of the wire; @metadata stands for the embedded ObjectMeta.
const ShapeRow kInternalRows[] = {
    {"AWSElasticBlockStoreVolumeSource", "VolumeID=volumeID:s FSType=fsType:s Partition=partition:i ReadOnly=readOnly:b"},
    {"Affinity",
     "NodeAffinity=nodeAffinity:*NodeAffinity PodAffinity=podAffinity:*PodAffinity "
     "PodAntiAffinity=podAntiAffinity:*PodAntiAffinity"},
    {"AppArmorProfile", "Type=type:s LocalhostProfile=localhostProfile:*s"},
    {"AzureDiskVolumeSource",
     "DiskName=diskName:s DataDiskURI=diskURI:s CachingMode=cachingMode:*s FSType=fsType:*s ReadOnly=readOnly:*b "
     "Kind=kind:*s"},
    {"AzureFileVolumeSource", "SecretName=secretName:s ShareName=shareName:s ReadOnly=readOnly:b"},
    {"CSIVolumeSource",
     "Driver=driver:s ReadOnly=readOnly:*b FSType=fsType:*s VolumeAttributes=volumeAttributes:{}s "
     "NodePublishSecretRef=nodePublishSecretRef:*LocalObjectReference"},
    {"Capabilities", "Add=add:[]s Drop=drop:[]s"},
    {"CephFSVolumeSource",
     "Monitors=monitors:[]s Path=path:s User=user:s SecretFile=secretFile:s "
     "SecretRef=secretRef:*LocalObjectReference ReadOnly=readOnly:b"},
    {"CinderVolumeSource",
     "VolumeID=volumeID:s FSType=fsType:s ReadOnly=readOnly:b SecretRef=secretRef:*LocalObjectReference"},
    {"ClusterTrustBundleProjection",
     "Name=name:*s SignerName=signerName:*s LabelSelector=labelSelector:*LabelSelector Optional=optional:*b "
     "Path=path:s"},
    {"ConfigMapEnvSource", "Name=name:s Optional=optional:*b"},
    {"ConfigMapKeySelector", "Name=name:s Key=key:s Optional=optional:*b"},
    {"ConfigMapProjection", "Name=name:s Items=items:[]KeyToPath Optional=optional:*b"},
    {"ConfigMapVolumeSource", "Name=name:s Items=items:[]KeyToPath DefaultMode=defaultMode:*i Optional=optional:*b"},
    {"Container",
     "Name=name:s Image=image:s Command=command:[]s Args=args:[]s WorkingDir=workingDir:s "
     "Ports=ports:[]ContainerPort EnvFrom=envFrom:[]EnvFromSource Env=env:[]EnvVar "
     "Resources=resources:ResourceRequirements ResizePolicy=resizePolicy:[]ContainerResizePolicy "
     "RestartPolicy=restartPolicy:*s RestartPolicyRules=restartPolicyRules:[]ContainerRestartRule "
     "VolumeMounts=volumeMounts:[]VolumeMount VolumeDevices=volumeDevices:[]VolumeDevice "
     "LivenessProbe=livenessProbe:*Probe ReadinessProbe=readinessProbe:*Probe StartupProbe=startupProbe:*Probe "
     "Lifecycle=lifecycle:*Lifecycle TerminationMessagePath=terminationMessagePath:s "
     "TerminationMessagePolicy=terminationMessagePolicy:s ImagePullPolicy=imagePullPolicy:s "
     "SecurityContext=securityContext:*SecurityContext Stdin=stdin:b StdinOnce=stdinOnce:b TTY=tty:b"},
    {"ContainerPort",
     "Name=name:s HostPort=hostPort:i ContainerPort=containerPort:i Protocol=protocol:s HostIP=hostIP:s"},
    {"ContainerResizePolicy", "ResourceName=resourceName:s RestartPolicy=restartPolicy:s"},
    {"ContainerRestartRule", "Action=action:s ExitCodes=exitCodes:*ContainerRestartRuleOnExitCodes"},
    {"ContainerRestartRuleOnExitCodes", "Operator=operator:s Values=values:[]i"},
    {"DaemonSetUpdateStrategy", "Type=type:s RollingUpdate=rollingUpdate:*RollingUpdateDaemonSet"},
    {"DownwardAPIProjection", "Items=items:[]DownwardAPIVolumeFile"},
    {"DownwardAPIVolumeFile",
     "Path=path:s FieldRef=fieldRef:*ObjectFieldSelector ResourceFieldRef=resourceFieldRef:*ResourceFieldSelector "
     "Mode=mode:*i"},
    {"DownwardAPIVolumeSource", "Items=items:[]DownwardAPIVolumeFile DefaultMode=defaultMode:*i"},
    {"EmptyDirVolumeSource", "Medium=medium:s SizeLimit=sizeLimit:*q"},
    {"EnvFromSource",
     "Prefix=prefix:s ConfigMapRef=configMapRef:*ConfigMapEnvSource SecretRef=secretRef:*SecretEnvSource"},
    {"EnvVar", "Name=name:s Value=value:s ValueFrom=valueFrom:*EnvVarSource"},
    {"EnvVarSource",
     "FieldRef=fieldRef:*ObjectFieldSelector ResourceFieldRef=resourceFieldRef:*ResourceFieldSelector "
     "ConfigMapKeyRef=configMapKeyRef:*ConfigMapKeySelector SecretKeyRef=secretKeyRef:*SecretKeySelector "
     "FileKeyRef=fileKeyRef:*FileKeySelector"},
    {"EphemeralContainer",
     "Name=name:s Image=image:s Command=command:[]s Args=args:[]s WorkingDir=workingDir:s "
     "Ports=ports:[]ContainerPort EnvFrom=envFrom:[]EnvFromSource Env=env:[]EnvVar "
     "Resources=resources:ResourceRequirements ResizePolicy=resizePolicy:[]ContainerResizePolicy "
     "RestartPolicy=restartPolicy:*s RestartPolicyRules=restartPolicyRules:[]ContainerRestartRule "
     "VolumeMounts=volumeMounts:[]VolumeMount VolumeDevices=volumeDevices:[]VolumeDevice "
     "LivenessProbe=livenessProbe:*Probe ReadinessProbe=readinessProbe:*Probe StartupProbe=startupProbe:*Probe "
     "Lifecycle=lifecycle:*Lifecycle TerminationMessagePath=terminationMessagePath:s "
     "TerminationMessagePolicy=terminationMessagePolicy:s ImagePullPolicy=imagePullPolicy:s "
     "SecurityContext=securityContext:*SecurityContext Stdin=stdin:b StdinOnce=stdinOnce:b TTY=tty:b "
     "TargetContainerName=targetContainerName:s"},
    {"EphemeralVolumeSource", "VolumeClaimTemplate=volumeClaimTemplate:*PersistentVolumeClaimTemplate"},
    {"ExecAction", "Command=command:[]s"},
    {"FCVolumeSource", "TargetWWNs=targetWWNs:[]s Lun=lun:*i FSType=fsType:s ReadOnly=readOnly:b WWIDs=wwids:[]s"},
    {"FileKeySelector", "VolumeName=volumeName:s Path=path:s Key=key:s Optional=optional:*b"},
    {"FlexVolumeSource",
     "Driver=driver:s FSType=fsType:s SecretRef=secretRef:*LocalObjectReference ReadOnly=readOnly:b "
     "Options=options:{}s"},
    {"FlockerVolumeSource", "DatasetName=datasetName:s DatasetUUID=datasetUUID:s"},
    {"GCEPersistentDiskVolumeSource", "PDName=pdName:s FSType=fsType:s Partition=partition:i ReadOnly=readOnly:b"},
    {"GRPCAction", "Port=port:i Service=service:*s"},
    {"GitRepoVolumeSource", "Repository=repository:s Revision=revision:s Directory=directory:s"},
    {"GlusterfsVolumeSource", "EndpointsName=endpoints:s Path=path:s ReadOnly=readOnly:b"},
    {"HTTPGetAction", "Path=path:s Port=port:o Host=host:s Scheme=scheme:s HTTPHeaders=httpHeaders:[]HTTPHeader"},
    {"HTTPHeader", "Name=name:s Value=value:s"},
    {"HostAlias", "IP=ip:s Hostnames=hostnames:[]s"},
    {"HostPathVolumeSource", "Path=path:s Type=type:*s"},
    {"ISCSIVolumeSource",
     "TargetPortal=targetPortal:s IQN=iqn:s Lun=lun:i ISCSIInterface=iscsiInterface:s FSType=fsType:s "
     "ReadOnly=readOnly:b Portals=portals:[]s DiscoveryCHAPAuth=chapAuthDiscovery:b "
     "SessionCHAPAuth=chapAuthSession:b SecretRef=secretRef:*LocalObjectReference InitiatorName=initiatorName:*s"},
    {"ImageVolumeSource", "Reference=reference:s PullPolicy=pullPolicy:s"},
    {"KeyToPath", "Key=key:s Path=path:s Mode=mode:*i"},
    {"Lifecycle",
     "PostStart=postStart:*LifecycleHandler PreStop=preStop:*LifecycleHandler StopSignal=stopSignal:*s"},
    {"LifecycleHandler",
     "Exec=exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction "
     "Sleep=sleep:*SleepAction"},
    {"LocalObjectReference", "Name=name:s"},
    {"NFSVolumeSource", "Server=server:s Path=path:s ReadOnly=readOnly:b"},
    {"NodeAddress", "Type=type:s Address=address:s"},
    {"NodeAffinity",
     "RequiredDuringSchedulingIgnoredDuringExecution=requiredDuringSchedulingIgnoredDuringExecution:*NodeSelector "
     "PreferredDuringSchedulingIgnoredDuringExecution=preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm"},
    {"NodeSelector", "NodeSelectorTerms=nodeSelectorTerms:[]NodeSelectorTerm"},
    {"NodeSelectorRequirement", "Key=key:s Operator=operator:s Values=values:[]s"},
    {"NodeSelectorTerm",
     "MatchExpressions=matchExpressions:[]NodeSelectorRequirement "
     "MatchFields=matchFields:[]NodeSelectorRequirement"},
    {"ObjectFieldSelector", "APIVersion=apiVersion:s FieldPath=fieldPath:s"},
    {"PersistentVolumeClaimSpec",
     "AccessModes=accessModes:[]s Selector=selector:*LabelSelector Resources=resources:VolumeResourceRequirements "
     "VolumeName=volumeName:s StorageClassName=storageClassName:*s VolumeMode=volumeMode:*s "
     "DataSource=dataSource:*TypedLocalObjectReference DataSourceRef=dataSourceRef:*TypedObjectReference "
     "VolumeAttributesClassName=volumeAttributesClassName:*s"},
    {"PersistentVolumeClaimTemplate", "@metadata:ObjectMeta Spec=spec:PersistentVolumeClaimSpec"},
    {"PersistentVolumeClaimVolumeSource", "ClaimName=claimName:s ReadOnly=readOnly:b"},
    {"PhotonPersistentDiskVolumeSource", "PdID=pdID:s FSType=fsType:s"},
    {"PodAffinity",
     "RequiredDuringSchedulingIgnoredDuringExecution=requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm "
     "PreferredDuringSchedulingIgnoredDuringExecution=preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm"},
    {"PodAffinityTerm",
     "LabelSelector=labelSelector:*LabelSelector Namespaces=namespaces:[]s TopologyKey=topologyKey:s "
     "NamespaceSelector=namespaceSelector:*LabelSelector MatchLabelKeys=matchLabelKeys:[]s "
     "MismatchLabelKeys=mismatchLabelKeys:[]s"},
    {"PodAntiAffinity",
     "RequiredDuringSchedulingIgnoredDuringExecution=requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm "
     "PreferredDuringSchedulingIgnoredDuringExecution=preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm"},
    {"PodCertificateProjection",
     "SignerName=signerName:s KeyType=keyType:s MaxExpirationSeconds=maxExpirationSeconds:*i "
     "CredentialBundlePath=credentialBundlePath:s KeyPath=keyPath:s CertificateChainPath=certificateChainPath:s "
     "UserAnnotations=userAnnotations:{}s"},
    {"PodDNSConfig", "Nameservers=nameservers:[]s Searches=searches:[]s Options=options:[]PodDNSConfigOption"},
    {"PodDNSConfigOption", "Name=name:s Value=value:*s"},
    {"PodDisruptionBudgetSpec",
     "MinAvailable=minAvailable:*o Selector=selector:*LabelSelector MaxUnavailable=maxUnavailable:*o "
     "UnhealthyPodEvictionPolicy=unhealthyPodEvictionPolicy:*s"},
    {"PodFailurePolicy", "Rules=rules:[]PodFailurePolicyRule"},
    {"PodFailurePolicyOnExitCodesRequirement", "ContainerName=containerName:*s Operator=operator:s Values=values:[]i"},
    {"PodFailurePolicyOnPodConditionsPattern", "Type=type:s Status=status:s"},
    {"PodFailurePolicyRule",
     "Action=action:s OnExitCodes=onExitCodes:*PodFailurePolicyOnExitCodesRequirement "
     "OnPodConditions=onPodConditions:[]PodFailurePolicyOnPodConditionsPattern"},
    {"PodOS", "Name=name:s"},
    {"PodReadinessGate", "ConditionType=conditionType:s"},
    {"PodResourceClaim",
     "Name=name:s ResourceClaimName=resourceClaimName:*s ResourceClaimTemplateName=resourceClaimTemplateName:*s"},
    {"PodSchedulingGate", "Name=name:s"},
    {"PodSchedulingGroup", "PodGroupName=podGroupName:*s"},
    {"PodSecurityContext",
     "HostNetwork=hostNetwork:b HostPID=hostPID:b HostIPC=hostIPC:b ShareProcessNamespace=shareProcessNamespace:*b "
     "HostUsers=hostUsers:*b SELinuxOptions=seLinuxOptions:*SELinuxOptions "
     "WindowsOptions=windowsOptions:*WindowsSecurityContextOptions RunAsUser=runAsUser:*i RunAsGroup=runAsGroup:*i "
     "RunAsNonRoot=runAsNonRoot:*b SupplementalGroups=supplementalGroups:[]i "
     "SupplementalGroupsPolicy=supplementalGroupsPolicy:*s FSGroup=fsGroup:*i "
     "FSGroupChangePolicy=fsGroupChangePolicy:*s Sysctls=sysctls:[]Sysctl "
     "SeccompProfile=seccompProfile:*SeccompProfile AppArmorProfile=appArmorProfile:*AppArmorProfile "
     "SELinuxChangePolicy=seLinuxChangePolicy:*s"},
    {"PodSpec",
     "Volumes=volumes:[]Volume InitContainers=initContainers:[]Container Containers=containers:[]Container "
     "EphemeralContainers=ephemeralContainers:[]EphemeralContainer RestartPolicy=restartPolicy:s "
     "TerminationGracePeriodSeconds=terminationGracePeriodSeconds:*i "
     "ActiveDeadlineSeconds=activeDeadlineSeconds:*i DNSPolicy=dnsPolicy:s NodeSelector=nodeSelector:{}s "
     "ServiceAccountName=serviceAccountName:s AutomountServiceAccountToken=automountServiceAccountToken:*b "
     "NodeName=nodeName:s SecurityContext=securityContext:*PodSecurityContext "
     "ImagePullSecrets=imagePullSecrets:[]LocalObjectReference Hostname=hostname:s Subdomain=subdomain:s "
     "SetHostnameAsFQDN=setHostnameAsFQDN:*b Affinity=affinity:*Affinity SchedulerName=schedulerName:s "
     "Tolerations=tolerations:[]Toleration HostAliases=hostAliases:[]HostAlias "
     "PriorityClassName=priorityClassName:s Priority=priority:*i PreemptionPolicy=preemptionPolicy:*s "
     "DNSConfig=dnsConfig:*PodDNSConfig ReadinessGates=readinessGates:[]PodReadinessGate "
     "RuntimeClassName=runtimeClassName:*s Overhead=overhead:{}q EnableServiceLinks=enableServiceLinks:*b "
     "TopologySpreadConstraints=topologySpreadConstraints:[]TopologySpreadConstraint OS=os:*PodOS "
     "SchedulingGates=schedulingGates:[]PodSchedulingGate ResourceClaims=resourceClaims:[]PodResourceClaim "
     "Resources=resources:*ResourceRequirements HostnameOverride=hostnameOverride:*s "
     "SchedulingGroup=schedulingGroup:*PodSchedulingGroup"},
    {"PodTemplateSpec", "@metadata:ObjectMeta Spec=spec:PodSpec"},
    {"PortworxVolumeSource", "VolumeID=volumeID:s FSType=fsType:s ReadOnly=readOnly:b"},
    {"PreferredSchedulingTerm", "Weight=weight:i Preference=preference:NodeSelectorTerm"},
    {"Probe",
     "Exec=exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction "
     "GRPC=grpc:*GRPCAction InitialDelaySeconds=initialDelaySeconds:i TimeoutSeconds=timeoutSeconds:i "
     "PeriodSeconds=periodSeconds:i SuccessThreshold=successThreshold:i FailureThreshold=failureThreshold:i "
     "TerminationGracePeriodSeconds=terminationGracePeriodSeconds:*i"},
    {"ProjectedVolumeSource", "Sources=sources:[]VolumeProjection DefaultMode=defaultMode:*i"},
    {"QuobyteVolumeSource",
     "Registry=registry:s Volume=volume:s ReadOnly=readOnly:b User=user:s Group=group:s Tenant=tenant:s"},
    {"RBDVolumeSource",
     "CephMonitors=monitors:[]s RBDImage=image:s FSType=fsType:s RBDPool=pool:s RadosUser=user:s Keyring=keyring:s "
     "SecretRef=secretRef:*LocalObjectReference ReadOnly=readOnly:b"},
    {"ResourceClaim", "Name=name:s Request=request:s"},
    {"ResourceFieldSelector", "ContainerName=containerName:s Resource=resource:s Divisor=divisor:q"},
    {"ResourceRequirements", "Limits=limits:{}q Requests=requests:{}q Claims=claims:[]ResourceClaim"},
    {"RollingUpdateDaemonSet", "MaxUnavailable=maxUnavailable:o MaxSurge=maxSurge:o"},
    {"SELinuxOptions", "User=user:s Role=role:s Type=type:s Level=level:s"},
    {"ScaleIOVolumeSource",
     "Gateway=gateway:s System=system:s SecretRef=secretRef:*LocalObjectReference SSLEnabled=sslEnabled:b "
     "ProtectionDomain=protectionDomain:s StoragePool=storagePool:s StorageMode=storageMode:s "
     "VolumeName=volumeName:s FSType=fsType:s ReadOnly=readOnly:b"},
    {"SeccompProfile", "Type=type:s LocalhostProfile=localhostProfile:*s"},
    {"SecretEnvSource", "Name=name:s Optional=optional:*b"},
    {"SecretKeySelector", "Name=name:s Key=key:s Optional=optional:*b"},
    {"SecretProjection", "Name=name:s Items=items:[]KeyToPath Optional=optional:*b"},
    {"SecretVolumeSource",
     "SecretName=secretName:s Items=items:[]KeyToPath DefaultMode=defaultMode:*i Optional=optional:*b"},
    {"SecurityContext",
     "Capabilities=capabilities:*Capabilities Privileged=privileged:*b "
     "SELinuxOptions=seLinuxOptions:*SELinuxOptions WindowsOptions=windowsOptions:*WindowsSecurityContextOptions "
     "RunAsUser=runAsUser:*i RunAsGroup=runAsGroup:*i RunAsNonRoot=runAsNonRoot:*b "
     "ReadOnlyRootFilesystem=readOnlyRootFilesystem:*b AllowPrivilegeEscalation=allowPrivilegeEscalation:*b "
     "ProcMount=procMount:*s SeccompProfile=seccompProfile:*SeccompProfile "
     "AppArmorProfile=appArmorProfile:*AppArmorProfile"},
    {"ServiceAccountTokenProjection", "Audience=audience:s ExpirationSeconds=expirationSeconds:i Path=path:s"},
    {"SleepAction", "Seconds=seconds:i"},
    {"StorageOSVolumeSource",
     "VolumeName=volumeName:s VolumeNamespace=volumeNamespace:s FSType=fsType:s ReadOnly=readOnly:b "
     "SecretRef=secretRef:*LocalObjectReference"},
    {"SuccessPolicy", "Rules=rules:[]SuccessPolicyRule"},
    {"SuccessPolicyRule", "SucceededIndexes=succeededIndexes:*s SucceededCount=succeededCount:*i"},
    {"Sysctl", "Name=name:s Value=value:s"},
    {"TCPSocketAction", "Port=port:o Host=host:s"},
    {"Taint", "Key=key:s Value=value:s Effect=effect:s TimeAdded=timeAdded:*t"},
    {"Toleration",
     "Key=key:s Operator=operator:s Value=value:s Effect=effect:s TolerationSeconds=tolerationSeconds:*i"},
    {"TopologySpreadConstraint",
     "MaxSkew=maxSkew:i TopologyKey=topologyKey:s WhenUnsatisfiable=whenUnsatisfiable:s "
     "LabelSelector=labelSelector:*LabelSelector MinDomains=minDomains:*i NodeAffinityPolicy=nodeAffinityPolicy:*s "
     "NodeTaintsPolicy=nodeTaintsPolicy:*s MatchLabelKeys=matchLabelKeys:[]s"},
    {"TypedLocalObjectReference", "APIGroup=apiGroup:*s Kind=kind:s Name=name:s"},
    {"TypedObjectReference", "APIGroup=apiGroup:*s Kind=kind:s Name=name:s Namespace=namespace:*s"},
    {"UncountedTerminatedPods", "Succeeded=succeeded:[]s Failed=failed:[]s"},
    {"Volume",
     "Name=name:s HostPath=hostPath:*HostPathVolumeSource EmptyDir=emptyDir:*EmptyDirVolumeSource "
     "GCEPersistentDisk=gcePersistentDisk:*GCEPersistentDiskVolumeSource "
     "AWSElasticBlockStore=awsElasticBlockStore:*AWSElasticBlockStoreVolumeSource "
     "GitRepo=gitRepo:*GitRepoVolumeSource Secret=secret:*SecretVolumeSource NFS=nfs:*NFSVolumeSource "
     "ISCSI=iscsi:*ISCSIVolumeSource Glusterfs=glusterfs:*GlusterfsVolumeSource "
     "PersistentVolumeClaim=persistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD=rbd:*RBDVolumeSource "
     "Quobyte=quobyte:*QuobyteVolumeSource FlexVolume=flexVolume:*FlexVolumeSource "
     "Cinder=cinder:*CinderVolumeSource CephFS=cephfs:*CephFSVolumeSource Flocker=flocker:*FlockerVolumeSource "
     "DownwardAPI=downwardAPI:*DownwardAPIVolumeSource FC=fc:*FCVolumeSource "
     "AzureFile=azureFile:*AzureFileVolumeSource ConfigMap=configMap:*ConfigMapVolumeSource "
     "VsphereVolume=vsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk=azureDisk:*AzureDiskVolumeSource "
     "PhotonPersistentDisk=photonPersistentDisk:*PhotonPersistentDiskVolumeSource "
     "Projected=projected:*ProjectedVolumeSource PortworxVolume=portworxVolume:*PortworxVolumeSource "
     "ScaleIO=scaleIO:*ScaleIOVolumeSource StorageOS=storageos:*StorageOSVolumeSource CSI=csi:*CSIVolumeSource "
     "Ephemeral=ephemeral:*EphemeralVolumeSource Image=image:*ImageVolumeSource"},
    {"VolumeDevice", "Name=name:s DevicePath=devicePath:s"},
    {"VolumeMount",
     "Name=name:s ReadOnly=readOnly:b RecursiveReadOnly=recursiveReadOnly:*s MountPath=mountPath:s "
     "SubPath=subPath:s MountPropagation=mountPropagation:*s SubPathExpr=subPathExpr:s"},
    {"VolumeProjection",
     "Secret=secret:*SecretProjection DownwardAPI=downwardAPI:*DownwardAPIProjection "
     "ConfigMap=configMap:*ConfigMapProjection "
     "ServiceAccountToken=serviceAccountToken:*ServiceAccountTokenProjection "
     "ClusterTrustBundle=clusterTrustBundle:*ClusterTrustBundleProjection "
     "PodCertificate=podCertificate:*PodCertificateProjection"},
    {"VolumeResourceRequirements", "Limits=limits:{}q Requests=requests:{}q"},
    {"VsphereVirtualDiskVolumeSource",
     "VolumePath=volumePath:s FSType=fsType:s StoragePolicyName=storagePolicyName:s "
     "StoragePolicyID=storagePolicyID:s"},
    {"WeightedPodAffinityTerm", "Weight=weight:i PodAffinityTerm=podAffinityTerm:PodAffinityTerm"},
    {"WindowsSecurityContextOptions",
     "GMSACredentialSpecName=gmsaCredentialSpecName:*s GMSACredentialSpec=gmsaCredentialSpec:*s "
     "RunAsUserName=runAsUserName:*s HostProcess=hostProcess:*b"},
};

}  // namespace

std::span<const ShapeRow> wire_rows() { return kWireRows; }
std::span<const ShapeRow> internal_rows() { return kInternalRows; }

}  // namespace orrery::validation
