#pragma once
// The fields of object metadata and of pod templates: facts of the Kubernetes 1.36 API (k8s.io/api v0.36, core/v1 and
// meta/v1). One long file because it is data: each type after those it is made of, fields in byte order.
#include "api/schema_words.hpp"

namespace orrery::schema {

inline constexpr Field kOwnerReferenceFields[] = {{"apiVersion", kString}, {"blockOwnerDeletion", kBool}, {"controller", kBool},
    {"kind", kString}, {"name", kString}, {"uid", kString}};
inline constexpr Type kOwnerReference{"OwnerReference", kOwnerReferenceFields};

inline constexpr Field kManagedFieldsEntryFields[] = {{"apiVersion", kString}, {"fieldsType", kString}, {"fieldsV1", kAny},
    {"manager", kString}, {"operation", kString}, {"subresource", kString}, {"time", kTime}};
inline constexpr Type kManagedFieldsEntry{"ManagedFieldsEntry", kManagedFieldsEntryFields};

inline constexpr Field kObjectMetaFields[] = {{"annotations", kStringMap}, {"creationTimestamp", kTime},
    {"deletionGracePeriodSeconds", kInt64}, {"deletionTimestamp", kTime}, set_of("finalizers", kString),
    {"generateName", kString}, {"generation", kInt64}, {"labels", kStringMap}, list_of("managedFields", kManagedFieldsEntry),
    {"name", kString}, {"namespace", kString}, merged_list("ownerReferences", kOwnerReference, "uid"),
    {"resourceVersion", kString}, {"selfLink", kString}, {"uid", kString}};
inline constexpr Type kObjectMeta{"ObjectMeta", kObjectMetaFields};

inline constexpr Field kObjectReferenceFields[] = {{"apiVersion", kString}, {"fieldPath", kString}, {"kind", kString},
    {"name", kString}, {"namespace", kString}, {"resourceVersion", kString}, {"uid", kString}};
inline constexpr Type kObjectReference{"ObjectReference", kObjectReferenceFields};

inline constexpr Field kHostPathVolumeSourceFields[] = {{"path", kString}, {"type", kString}};
inline constexpr Type kHostPathVolumeSource{"HostPathVolumeSource", kHostPathVolumeSourceFields};

inline constexpr Field kEmptyDirVolumeSourceFields[] = {{"medium", kString}, {"sizeLimit", kQuantity}};
inline constexpr Type kEmptyDirVolumeSource{"EmptyDirVolumeSource", kEmptyDirVolumeSourceFields};

inline constexpr Field kGCEPersistentDiskVolumeSourceFields[] = {{"fsType", kString}, {"partition", kInt32}, {"pdName", kString},
    {"readOnly", kBool}};
inline constexpr Type kGCEPersistentDiskVolumeSource{"GCEPersistentDiskVolumeSource", kGCEPersistentDiskVolumeSourceFields};

inline constexpr Field kAWSElasticBlockStoreVolumeSourceFields[] = {{"fsType", kString}, {"partition", kInt32},
    {"readOnly", kBool}, {"volumeID", kString}};
inline constexpr Type kAWSElasticBlockStoreVolumeSource{"AWSElasticBlockStoreVolumeSource", kAWSElasticBlockStoreVolumeSourceFields};

inline constexpr Field kGitRepoVolumeSourceFields[] = {{"directory", kString}, {"repository", kString}, {"revision", kString}};
inline constexpr Type kGitRepoVolumeSource{"GitRepoVolumeSource", kGitRepoVolumeSourceFields};

inline constexpr Field kKeyToPathFields[] = {{"key", kString}, {"mode", kInt32}, {"path", kString}};
inline constexpr Type kKeyToPath{"KeyToPath", kKeyToPathFields};

inline constexpr Field kSecretVolumeSourceFields[] = {{"defaultMode", kInt32}, list_of("items", kKeyToPath), {"optional", kBool},
    {"secretName", kString}};
inline constexpr Type kSecretVolumeSource{"SecretVolumeSource", kSecretVolumeSourceFields};

inline constexpr Field kNFSVolumeSourceFields[] = {{"path", kString}, {"readOnly", kBool}, {"server", kString}};
inline constexpr Type kNFSVolumeSource{"NFSVolumeSource", kNFSVolumeSourceFields};

inline constexpr Field kLocalObjectReferenceFields[] = {{"name", kString}};
inline constexpr Type kLocalObjectReference{"LocalObjectReference", kLocalObjectReferenceFields};

inline constexpr Field kISCSIVolumeSourceFields[] = {{"chapAuthDiscovery", kBool}, {"chapAuthSession", kBool},
    {"fsType", kString}, {"initiatorName", kString}, {"iqn", kString}, {"iscsiInterface", kString}, {"lun", kInt32},
    list_of("portals", kString), {"readOnly", kBool}, object("secretRef", kLocalObjectReference), {"targetPortal", kString}};
inline constexpr Type kISCSIVolumeSource{"ISCSIVolumeSource", kISCSIVolumeSourceFields};

inline constexpr Field kGlusterfsVolumeSourceFields[] = {{"endpoints", kString}, {"path", kString}, {"readOnly", kBool}};
inline constexpr Type kGlusterfsVolumeSource{"GlusterfsVolumeSource", kGlusterfsVolumeSourceFields};

inline constexpr Field kPersistentVolumeClaimVolumeSourceFields[] = {{"claimName", kString}, {"readOnly", kBool}};
inline constexpr Type kPersistentVolumeClaimVolumeSource{"PersistentVolumeClaimVolumeSource", kPersistentVolumeClaimVolumeSourceFields};

inline constexpr Field kRBDVolumeSourceFields[] = {{"fsType", kString}, {"image", kString}, {"keyring", kString},
    list_of("monitors", kString), {"pool", kString}, {"readOnly", kBool}, object("secretRef", kLocalObjectReference),
    {"user", kString}};
inline constexpr Type kRBDVolumeSource{"RBDVolumeSource", kRBDVolumeSourceFields};

inline constexpr Field kFlexVolumeSourceFields[] = {{"driver", kString}, {"fsType", kString}, {"options", kStringMap},
    {"readOnly", kBool}, object("secretRef", kLocalObjectReference)};
inline constexpr Type kFlexVolumeSource{"FlexVolumeSource", kFlexVolumeSourceFields};

inline constexpr Field kCinderVolumeSourceFields[] = {{"fsType", kString}, {"readOnly", kBool},
    object("secretRef", kLocalObjectReference), {"volumeID", kString}};
inline constexpr Type kCinderVolumeSource{"CinderVolumeSource", kCinderVolumeSourceFields};

inline constexpr Field kCephFSVolumeSourceFields[] = {list_of("monitors", kString), {"path", kString}, {"readOnly", kBool},
    {"secretFile", kString}, object("secretRef", kLocalObjectReference), {"user", kString}};
inline constexpr Type kCephFSVolumeSource{"CephFSVolumeSource", kCephFSVolumeSourceFields};

inline constexpr Field kFlockerVolumeSourceFields[] = {{"datasetName", kString}, {"datasetUUID", kString}};
inline constexpr Type kFlockerVolumeSource{"FlockerVolumeSource", kFlockerVolumeSourceFields};

inline constexpr Field kObjectFieldSelectorFields[] = {{"apiVersion", kString}, {"fieldPath", kString}};
inline constexpr Type kObjectFieldSelector{"ObjectFieldSelector", kObjectFieldSelectorFields};

inline constexpr Field kResourceFieldSelectorFields[] = {{"containerName", kString}, {"divisor", kQuantity},
    {"resource", kString}};
inline constexpr Type kResourceFieldSelector{"ResourceFieldSelector", kResourceFieldSelectorFields};

inline constexpr Field kDownwardAPIVolumeFileFields[] = {object("fieldRef", kObjectFieldSelector), {"mode", kInt32},
    {"path", kString}, object("resourceFieldRef", kResourceFieldSelector)};
inline constexpr Type kDownwardAPIVolumeFile{"DownwardAPIVolumeFile", kDownwardAPIVolumeFileFields};

inline constexpr Field kDownwardAPIVolumeSourceFields[] = {{"defaultMode", kInt32}, list_of("items", kDownwardAPIVolumeFile)};
inline constexpr Type kDownwardAPIVolumeSource{"DownwardAPIVolumeSource", kDownwardAPIVolumeSourceFields};

inline constexpr Field kFCVolumeSourceFields[] = {{"fsType", kString}, {"lun", kInt32}, {"readOnly", kBool},
    list_of("targetWWNs", kString), list_of("wwids", kString)};
inline constexpr Type kFCVolumeSource{"FCVolumeSource", kFCVolumeSourceFields};

inline constexpr Field kAzureFileVolumeSourceFields[] = {{"readOnly", kBool}, {"secretName", kString}, {"shareName", kString}};
inline constexpr Type kAzureFileVolumeSource{"AzureFileVolumeSource", kAzureFileVolumeSourceFields};

inline constexpr Field kConfigMapVolumeSourceFields[] = {{"defaultMode", kInt32}, list_of("items", kKeyToPath), {"name", kString},
    {"optional", kBool}};
inline constexpr Type kConfigMapVolumeSource{"ConfigMapVolumeSource", kConfigMapVolumeSourceFields};

inline constexpr Field kVsphereVirtualDiskVolumeSourceFields[] = {{"fsType", kString}, {"storagePolicyID", kString},
    {"storagePolicyName", kString}, {"volumePath", kString}};
inline constexpr Type kVsphereVirtualDiskVolumeSource{"VsphereVirtualDiskVolumeSource", kVsphereVirtualDiskVolumeSourceFields};

inline constexpr Field kQuobyteVolumeSourceFields[] = {{"group", kString}, {"readOnly", kBool}, {"registry", kString},
    {"tenant", kString}, {"user", kString}, {"volume", kString}};
inline constexpr Type kQuobyteVolumeSource{"QuobyteVolumeSource", kQuobyteVolumeSourceFields};

inline constexpr Field kAzureDiskVolumeSourceFields[] = {{"cachingMode", kString}, {"diskName", kString}, {"diskURI", kString},
    {"fsType", kString}, {"kind", kString}, {"readOnly", kBool}};
inline constexpr Type kAzureDiskVolumeSource{"AzureDiskVolumeSource", kAzureDiskVolumeSourceFields};

inline constexpr Field kPhotonPersistentDiskVolumeSourceFields[] = {{"fsType", kString}, {"pdID", kString}};
inline constexpr Type kPhotonPersistentDiskVolumeSource{"PhotonPersistentDiskVolumeSource", kPhotonPersistentDiskVolumeSourceFields};

inline constexpr Field kSecretProjectionFields[] = {list_of("items", kKeyToPath), {"name", kString}, {"optional", kBool}};
inline constexpr Type kSecretProjection{"SecretProjection", kSecretProjectionFields};

inline constexpr Field kDownwardAPIProjectionFields[] = {list_of("items", kDownwardAPIVolumeFile)};
inline constexpr Type kDownwardAPIProjection{"DownwardAPIProjection", kDownwardAPIProjectionFields};

inline constexpr Field kConfigMapProjectionFields[] = {list_of("items", kKeyToPath), {"name", kString}, {"optional", kBool}};
inline constexpr Type kConfigMapProjection{"ConfigMapProjection", kConfigMapProjectionFields};

inline constexpr Field kServiceAccountTokenProjectionFields[] = {{"audience", kString}, {"expirationSeconds", kInt64},
    {"path", kString}};
inline constexpr Type kServiceAccountTokenProjection{"ServiceAccountTokenProjection", kServiceAccountTokenProjectionFields};

inline constexpr Field kLabelSelectorRequirementFields[] = {{"key", kString}, {"operator", kString}, list_of("values", kString)};
inline constexpr Type kLabelSelectorRequirement{"LabelSelectorRequirement", kLabelSelectorRequirementFields};

inline constexpr Field kLabelSelectorFields[] = {list_of("matchExpressions", kLabelSelectorRequirement),
    {"matchLabels", kStringMap}};
inline constexpr Type kLabelSelector{"LabelSelector", kLabelSelectorFields};

inline constexpr Field kClusterTrustBundleProjectionFields[] = {object("labelSelector", kLabelSelector), {"name", kString},
    {"optional", kBool}, {"path", kString}, {"signerName", kString}};
inline constexpr Type kClusterTrustBundleProjection{"ClusterTrustBundleProjection", kClusterTrustBundleProjectionFields};

inline constexpr Field kPodCertificateProjectionFields[] = {{"certificateChainPath", kString}, {"credentialBundlePath", kString},
    {"keyPath", kString}, {"keyType", kString}, {"maxExpirationSeconds", kInt32}, {"signerName", kString},
    {"userAnnotations", kStringMap}};
inline constexpr Type kPodCertificateProjection{"PodCertificateProjection", kPodCertificateProjectionFields};

inline constexpr Field kVolumeProjectionFields[] = {object("clusterTrustBundle", kClusterTrustBundleProjection),
    object("configMap", kConfigMapProjection), object("downwardAPI", kDownwardAPIProjection),
    object("podCertificate", kPodCertificateProjection), object("secret", kSecretProjection),
    object("serviceAccountToken", kServiceAccountTokenProjection)};
inline constexpr Type kVolumeProjection{"VolumeProjection", kVolumeProjectionFields};

inline constexpr Field kProjectedVolumeSourceFields[] = {{"defaultMode", kInt32}, list_of("sources", kVolumeProjection)};
inline constexpr Type kProjectedVolumeSource{"ProjectedVolumeSource", kProjectedVolumeSourceFields};

inline constexpr Field kPortworxVolumeSourceFields[] = {{"fsType", kString}, {"readOnly", kBool}, {"volumeID", kString}};
inline constexpr Type kPortworxVolumeSource{"PortworxVolumeSource", kPortworxVolumeSourceFields};

inline constexpr Field kScaleIOVolumeSourceFields[] = {{"fsType", kString}, {"gateway", kString}, {"protectionDomain", kString},
    {"readOnly", kBool}, object("secretRef", kLocalObjectReference), {"sslEnabled", kBool}, {"storageMode", kString},
    {"storagePool", kString}, {"system", kString}, {"volumeName", kString}};
inline constexpr Type kScaleIOVolumeSource{"ScaleIOVolumeSource", kScaleIOVolumeSourceFields};

inline constexpr Field kStorageOSVolumeSourceFields[] = {{"fsType", kString}, {"readOnly", kBool},
    object("secretRef", kLocalObjectReference), {"volumeName", kString}, {"volumeNamespace", kString}};
inline constexpr Type kStorageOSVolumeSource{"StorageOSVolumeSource", kStorageOSVolumeSourceFields};

inline constexpr Field kCSIVolumeSourceFields[] = {{"driver", kString}, {"fsType", kString},
    object("nodePublishSecretRef", kLocalObjectReference), {"readOnly", kBool}, {"volumeAttributes", kStringMap}};
inline constexpr Type kCSIVolumeSource{"CSIVolumeSource", kCSIVolumeSourceFields};

inline constexpr Field kVolumeResourceRequirementsFields[] = {{"limits", kQuantityMap}, {"requests", kQuantityMap}};
inline constexpr Type kVolumeResourceRequirements{"VolumeResourceRequirements", kVolumeResourceRequirementsFields};

inline constexpr Field kTypedLocalObjectReferenceFields[] = {{"apiGroup", kString}, {"kind", kString}, {"name", kString}};
inline constexpr Type kTypedLocalObjectReference{"TypedLocalObjectReference", kTypedLocalObjectReferenceFields};

inline constexpr Field kTypedObjectReferenceFields[] = {{"apiGroup", kString}, {"kind", kString}, {"name", kString},
    {"namespace", kString}};
inline constexpr Type kTypedObjectReference{"TypedObjectReference", kTypedObjectReferenceFields};

inline constexpr Field kPersistentVolumeClaimSpecFields[] = {list_of("accessModes", kString),
    object("dataSource", kTypedLocalObjectReference), object("dataSourceRef", kTypedObjectReference),
    object("resources", kVolumeResourceRequirements), object("selector", kLabelSelector), {"storageClassName", kString},
    {"volumeAttributesClassName", kString}, {"volumeMode", kString}, {"volumeName", kString}};
inline constexpr Type kPersistentVolumeClaimSpec{"PersistentVolumeClaimSpec", kPersistentVolumeClaimSpecFields};

inline constexpr Field kPersistentVolumeClaimTemplateFields[] = {object("metadata", kObjectMeta),
    object("spec", kPersistentVolumeClaimSpec)};
inline constexpr Type kPersistentVolumeClaimTemplate{"PersistentVolumeClaimTemplate", kPersistentVolumeClaimTemplateFields};

inline constexpr Field kEphemeralVolumeSourceFields[] = {object("volumeClaimTemplate", kPersistentVolumeClaimTemplate)};
inline constexpr Type kEphemeralVolumeSource{"EphemeralVolumeSource", kEphemeralVolumeSourceFields};

inline constexpr Field kImageVolumeSourceFields[] = {{"pullPolicy", kString}, {"reference", kString}};
inline constexpr Type kImageVolumeSource{"ImageVolumeSource", kImageVolumeSourceFields};

inline constexpr Field kVolumeFields[] = {object("awsElasticBlockStore", kAWSElasticBlockStoreVolumeSource),
    object("azureDisk", kAzureDiskVolumeSource), object("azureFile", kAzureFileVolumeSource),
    object("cephfs", kCephFSVolumeSource), object("cinder", kCinderVolumeSource), object("configMap", kConfigMapVolumeSource),
    object("csi", kCSIVolumeSource), object("downwardAPI", kDownwardAPIVolumeSource), object("emptyDir", kEmptyDirVolumeSource),
    object("ephemeral", kEphemeralVolumeSource), object("fc", kFCVolumeSource), object("flexVolume", kFlexVolumeSource),
    object("flocker", kFlockerVolumeSource), object("gcePersistentDisk", kGCEPersistentDiskVolumeSource),
    object("gitRepo", kGitRepoVolumeSource), object("glusterfs", kGlusterfsVolumeSource),
    object("hostPath", kHostPathVolumeSource), object("image", kImageVolumeSource), object("iscsi", kISCSIVolumeSource),
    {"name", kString}, object("nfs", kNFSVolumeSource), object("persistentVolumeClaim", kPersistentVolumeClaimVolumeSource),
    object("photonPersistentDisk", kPhotonPersistentDiskVolumeSource), object("portworxVolume", kPortworxVolumeSource),
    object("projected", kProjectedVolumeSource), object("quobyte", kQuobyteVolumeSource), object("rbd", kRBDVolumeSource),
    object("scaleIO", kScaleIOVolumeSource), object("secret", kSecretVolumeSource), object("storageos", kStorageOSVolumeSource),
    object("vsphereVolume", kVsphereVirtualDiskVolumeSource)};
inline constexpr Type kVolume{"Volume", kVolumeFields};

inline constexpr Field kContainerPortFields[] = {{"containerPort", kInt32}, {"hostIP", kString}, {"hostPort", kInt32},
    {"name", kString}, {"protocol", kString}};
inline constexpr Type kContainerPort{"ContainerPort", kContainerPortFields};

inline constexpr Field kConfigMapEnvSourceFields[] = {{"name", kString}, {"optional", kBool}};
inline constexpr Type kConfigMapEnvSource{"ConfigMapEnvSource", kConfigMapEnvSourceFields};

inline constexpr Field kSecretEnvSourceFields[] = {{"name", kString}, {"optional", kBool}};
inline constexpr Type kSecretEnvSource{"SecretEnvSource", kSecretEnvSourceFields};

inline constexpr Field kEnvFromSourceFields[] = {object("configMapRef", kConfigMapEnvSource), {"prefix", kString},
    object("secretRef", kSecretEnvSource)};
inline constexpr Type kEnvFromSource{"EnvFromSource", kEnvFromSourceFields};

inline constexpr Field kConfigMapKeySelectorFields[] = {{"key", kString}, {"name", kString}, {"optional", kBool}};
inline constexpr Type kConfigMapKeySelector{"ConfigMapKeySelector", kConfigMapKeySelectorFields};

inline constexpr Field kSecretKeySelectorFields[] = {{"key", kString}, {"name", kString}, {"optional", kBool}};
inline constexpr Type kSecretKeySelector{"SecretKeySelector", kSecretKeySelectorFields};

inline constexpr Field kFileKeySelectorFields[] = {{"key", kString}, {"optional", kBool}, {"path", kString},
    {"volumeName", kString}};
inline constexpr Type kFileKeySelector{"FileKeySelector", kFileKeySelectorFields};

inline constexpr Field kEnvVarSourceFields[] = {object("configMapKeyRef", kConfigMapKeySelector),
    object("fieldRef", kObjectFieldSelector), object("fileKeyRef", kFileKeySelector),
    object("resourceFieldRef", kResourceFieldSelector), object("secretKeyRef", kSecretKeySelector)};
inline constexpr Type kEnvVarSource{"EnvVarSource", kEnvVarSourceFields};

inline constexpr Field kEnvVarFields[] = {{"name", kString}, {"value", kString}, object("valueFrom", kEnvVarSource)};
inline constexpr Type kEnvVar{"EnvVar", kEnvVarFields};

inline constexpr Field kResourceClaimFields[] = {{"name", kString}, {"request", kString}};
inline constexpr Type kResourceClaim{"ResourceClaim", kResourceClaimFields};

inline constexpr Field kResourceRequirementsFields[] = {list_of("claims", kResourceClaim), {"limits", kQuantityMap},
    {"requests", kQuantityMap}};
inline constexpr Type kResourceRequirements{"ResourceRequirements", kResourceRequirementsFields};

inline constexpr Field kContainerResizePolicyFields[] = {{"resourceName", kString}, {"restartPolicy", kString}};
inline constexpr Type kContainerResizePolicy{"ContainerResizePolicy", kContainerResizePolicyFields};

inline constexpr Field kContainerRestartRuleOnExitCodesFields[] = {{"operator", kString}, list_of("values", kInt32)};
inline constexpr Type kContainerRestartRuleOnExitCodes{"ContainerRestartRuleOnExitCodes", kContainerRestartRuleOnExitCodesFields};

inline constexpr Field kContainerRestartRuleFields[] = {{"action", kString},
    object("exitCodes", kContainerRestartRuleOnExitCodes)};
inline constexpr Type kContainerRestartRule{"ContainerRestartRule", kContainerRestartRuleFields};

inline constexpr Field kVolumeMountFields[] = {{"mountPath", kString}, {"mountPropagation", kString}, {"name", kString},
    {"readOnly", kBool}, {"recursiveReadOnly", kString}, {"subPath", kString}, {"subPathExpr", kString}};
inline constexpr Type kVolumeMount{"VolumeMount", kVolumeMountFields};

inline constexpr Field kVolumeDeviceFields[] = {{"devicePath", kString}, {"name", kString}};
inline constexpr Type kVolumeDevice{"VolumeDevice", kVolumeDeviceFields};

inline constexpr Field kExecActionFields[] = {list_of("command", kString)};
inline constexpr Type kExecAction{"ExecAction", kExecActionFields};

inline constexpr Field kHTTPHeaderFields[] = {{"name", kString}, {"value", kString}};
inline constexpr Type kHTTPHeader{"HTTPHeader", kHTTPHeaderFields};

inline constexpr Field kHTTPGetActionFields[] = {{"host", kString}, list_of("httpHeaders", kHTTPHeader), {"path", kString},
    {"port", kIntOrString}, {"scheme", kString}};
inline constexpr Type kHTTPGetAction{"HTTPGetAction", kHTTPGetActionFields};

inline constexpr Field kTCPSocketActionFields[] = {{"host", kString}, {"port", kIntOrString}};
inline constexpr Type kTCPSocketAction{"TCPSocketAction", kTCPSocketActionFields};

inline constexpr Field kGRPCActionFields[] = {{"port", kInt32}, {"service", kString}};
inline constexpr Type kGRPCAction{"GRPCAction", kGRPCActionFields};

inline constexpr Field kProbeFields[] = {object("exec", kExecAction), {"failureThreshold", kInt32}, object("grpc", kGRPCAction),
    object("httpGet", kHTTPGetAction), {"initialDelaySeconds", kInt32}, {"periodSeconds", kInt32}, {"successThreshold", kInt32},
    object("tcpSocket", kTCPSocketAction), {"terminationGracePeriodSeconds", kInt64}, {"timeoutSeconds", kInt32}};
inline constexpr Type kProbe{"Probe", kProbeFields};

inline constexpr Field kSleepActionFields[] = {{"seconds", kInt64}};
inline constexpr Type kSleepAction{"SleepAction", kSleepActionFields};

inline constexpr Field kLifecycleHandlerFields[] = {object("exec", kExecAction), object("httpGet", kHTTPGetAction),
    object("sleep", kSleepAction), object("tcpSocket", kTCPSocketAction)};
inline constexpr Type kLifecycleHandler{"LifecycleHandler", kLifecycleHandlerFields};

inline constexpr Field kLifecycleFields[] = {object("postStart", kLifecycleHandler), object("preStop", kLifecycleHandler),
    {"stopSignal", kString}};
inline constexpr Type kLifecycle{"Lifecycle", kLifecycleFields};

inline constexpr Field kCapabilitiesFields[] = {list_of("add", kString), list_of("drop", kString)};
inline constexpr Type kCapabilities{"Capabilities", kCapabilitiesFields};

inline constexpr Field kSELinuxOptionsFields[] = {{"level", kString}, {"role", kString}, {"type", kString}, {"user", kString}};
inline constexpr Type kSELinuxOptions{"SELinuxOptions", kSELinuxOptionsFields};

inline constexpr Field kWindowsSecurityContextOptionsFields[] = {{"gmsaCredentialSpec", kString},
    {"gmsaCredentialSpecName", kString}, {"hostProcess", kBool}, {"runAsUserName", kString}};
inline constexpr Type kWindowsSecurityContextOptions{"WindowsSecurityContextOptions", kWindowsSecurityContextOptionsFields};

inline constexpr Field kSeccompProfileFields[] = {{"localhostProfile", kString}, {"type", kString}};
inline constexpr Type kSeccompProfile{"SeccompProfile", kSeccompProfileFields};

inline constexpr Field kAppArmorProfileFields[] = {{"localhostProfile", kString}, {"type", kString}};
inline constexpr Type kAppArmorProfile{"AppArmorProfile", kAppArmorProfileFields};

inline constexpr Field kSecurityContextFields[] = {{"allowPrivilegeEscalation", kBool},
    object("appArmorProfile", kAppArmorProfile), object("capabilities", kCapabilities), {"privileged", kBool},
    {"procMount", kString}, {"readOnlyRootFilesystem", kBool}, {"runAsGroup", kInt64}, {"runAsNonRoot", kBool},
    {"runAsUser", kInt64}, object("seLinuxOptions", kSELinuxOptions), object("seccompProfile", kSeccompProfile),
    object("windowsOptions", kWindowsSecurityContextOptions)};
inline constexpr Type kSecurityContext{"SecurityContext", kSecurityContextFields};

inline constexpr Field kContainerFields[] = {list_of("args", kString), list_of("command", kString),
    merged_list("env", kEnvVar, "name"), list_of("envFrom", kEnvFromSource), {"image", kString}, {"imagePullPolicy", kString},
    object("lifecycle", kLifecycle), object("livenessProbe", kProbe), {"name", kString},
    merged_list("ports", kContainerPort, "containerPort"), object("readinessProbe", kProbe),
    list_of("resizePolicy", kContainerResizePolicy), object("resources", kResourceRequirements), {"restartPolicy", kString},
    list_of("restartPolicyRules", kContainerRestartRule), object("securityContext", kSecurityContext),
    object("startupProbe", kProbe), {"stdin", kBool}, {"stdinOnce", kBool}, {"terminationMessagePath", kString},
    {"terminationMessagePolicy", kString}, {"tty", kBool}, merged_list("volumeDevices", kVolumeDevice, "devicePath"),
    merged_list("volumeMounts", kVolumeMount, "mountPath"), {"workingDir", kString}};
inline constexpr Type kContainer{"Container", kContainerFields};

inline constexpr Field kEphemeralContainerFields[] = {list_of("args", kString), list_of("command", kString),
    merged_list("env", kEnvVar, "name"), list_of("envFrom", kEnvFromSource), {"image", kString}, {"imagePullPolicy", kString},
    object("lifecycle", kLifecycle), object("livenessProbe", kProbe), {"name", kString},
    merged_list("ports", kContainerPort, "containerPort"), object("readinessProbe", kProbe),
    list_of("resizePolicy", kContainerResizePolicy), object("resources", kResourceRequirements), {"restartPolicy", kString},
    list_of("restartPolicyRules", kContainerRestartRule), object("securityContext", kSecurityContext),
    object("startupProbe", kProbe), {"stdin", kBool}, {"stdinOnce", kBool}, {"targetContainerName", kString},
    {"terminationMessagePath", kString}, {"terminationMessagePolicy", kString}, {"tty", kBool},
    merged_list("volumeDevices", kVolumeDevice, "devicePath"), merged_list("volumeMounts", kVolumeMount, "mountPath"),
    {"workingDir", kString}};
inline constexpr Type kEphemeralContainer{"EphemeralContainer", kEphemeralContainerFields};

inline constexpr Field kSysctlFields[] = {{"name", kString}, {"value", kString}};
inline constexpr Type kSysctl{"Sysctl", kSysctlFields};

inline constexpr Field kPodSecurityContextFields[] = {object("appArmorProfile", kAppArmorProfile), {"fsGroup", kInt64},
    {"fsGroupChangePolicy", kString}, {"runAsGroup", kInt64}, {"runAsNonRoot", kBool}, {"runAsUser", kInt64},
    {"seLinuxChangePolicy", kString}, object("seLinuxOptions", kSELinuxOptions), object("seccompProfile", kSeccompProfile),
    list_of("supplementalGroups", kInt64), {"supplementalGroupsPolicy", kString}, list_of("sysctls", kSysctl),
    object("windowsOptions", kWindowsSecurityContextOptions)};
inline constexpr Type kPodSecurityContext{"PodSecurityContext", kPodSecurityContextFields};

inline constexpr Field kNodeSelectorRequirementFields[] = {{"key", kString}, {"operator", kString}, list_of("values", kString)};
inline constexpr Type kNodeSelectorRequirement{"NodeSelectorRequirement", kNodeSelectorRequirementFields};

inline constexpr Field kNodeSelectorTermFields[] = {list_of("matchExpressions", kNodeSelectorRequirement),
    list_of("matchFields", kNodeSelectorRequirement)};
inline constexpr Type kNodeSelectorTerm{"NodeSelectorTerm", kNodeSelectorTermFields};

inline constexpr Field kNodeSelectorFields[] = {list_of("nodeSelectorTerms", kNodeSelectorTerm)};
inline constexpr Type kNodeSelector{"NodeSelector", kNodeSelectorFields};

inline constexpr Field kPreferredSchedulingTermFields[] = {object("preference", kNodeSelectorTerm), {"weight", kInt32}};
inline constexpr Type kPreferredSchedulingTerm{"PreferredSchedulingTerm", kPreferredSchedulingTermFields};

inline constexpr Field kNodeAffinityFields[] = {
    list_of("preferredDuringSchedulingIgnoredDuringExecution", kPreferredSchedulingTerm),
    object("requiredDuringSchedulingIgnoredDuringExecution", kNodeSelector)};
inline constexpr Type kNodeAffinity{"NodeAffinity", kNodeAffinityFields};

inline constexpr Field kPodAffinityTermFields[] = {object("labelSelector", kLabelSelector), list_of("matchLabelKeys", kString),
    list_of("mismatchLabelKeys", kString), object("namespaceSelector", kLabelSelector), list_of("namespaces", kString),
    {"topologyKey", kString}};
inline constexpr Type kPodAffinityTerm{"PodAffinityTerm", kPodAffinityTermFields};

inline constexpr Field kWeightedPodAffinityTermFields[] = {object("podAffinityTerm", kPodAffinityTerm), {"weight", kInt32}};
inline constexpr Type kWeightedPodAffinityTerm{"WeightedPodAffinityTerm", kWeightedPodAffinityTermFields};

inline constexpr Field kPodAffinityFields[] = {
    list_of("preferredDuringSchedulingIgnoredDuringExecution", kWeightedPodAffinityTerm),
    list_of("requiredDuringSchedulingIgnoredDuringExecution", kPodAffinityTerm)};
inline constexpr Type kPodAffinity{"PodAffinity", kPodAffinityFields};

inline constexpr Field kPodAntiAffinityFields[] = {
    list_of("preferredDuringSchedulingIgnoredDuringExecution", kWeightedPodAffinityTerm),
    list_of("requiredDuringSchedulingIgnoredDuringExecution", kPodAffinityTerm)};
inline constexpr Type kPodAntiAffinity{"PodAntiAffinity", kPodAntiAffinityFields};

inline constexpr Field kAffinityFields[] = {object("nodeAffinity", kNodeAffinity), object("podAffinity", kPodAffinity),
    object("podAntiAffinity", kPodAntiAffinity)};
inline constexpr Type kAffinity{"Affinity", kAffinityFields};

inline constexpr Field kTolerationFields[] = {{"effect", kString}, {"key", kString}, {"operator", kString},
    {"tolerationSeconds", kInt64}, {"value", kString}};
inline constexpr Type kToleration{"Toleration", kTolerationFields};

inline constexpr Field kHostAliasFields[] = {list_of("hostnames", kString), {"ip", kString}};
inline constexpr Type kHostAlias{"HostAlias", kHostAliasFields};

inline constexpr Field kPodDNSConfigOptionFields[] = {{"name", kString}, {"value", kString}};
inline constexpr Type kPodDNSConfigOption{"PodDNSConfigOption", kPodDNSConfigOptionFields};

inline constexpr Field kPodDNSConfigFields[] = {list_of("nameservers", kString), list_of("options", kPodDNSConfigOption),
    list_of("searches", kString)};
inline constexpr Type kPodDNSConfig{"PodDNSConfig", kPodDNSConfigFields};

inline constexpr Field kPodReadinessGateFields[] = {{"conditionType", kString}};
inline constexpr Type kPodReadinessGate{"PodReadinessGate", kPodReadinessGateFields};

inline constexpr Field kTopologySpreadConstraintFields[] = {object("labelSelector", kLabelSelector),
    list_of("matchLabelKeys", kString), {"maxSkew", kInt32}, {"minDomains", kInt32}, {"nodeAffinityPolicy", kString},
    {"nodeTaintsPolicy", kString}, {"topologyKey", kString}, {"whenUnsatisfiable", kString}};
inline constexpr Type kTopologySpreadConstraint{"TopologySpreadConstraint", kTopologySpreadConstraintFields};

inline constexpr Field kPodOSFields[] = {{"name", kString}};
inline constexpr Type kPodOS{"PodOS", kPodOSFields};

inline constexpr Field kPodSchedulingGateFields[] = {{"name", kString}};
inline constexpr Type kPodSchedulingGate{"PodSchedulingGate", kPodSchedulingGateFields};

inline constexpr Field kPodResourceClaimFields[] = {{"name", kString}, {"resourceClaimName", kString},
    {"resourceClaimTemplateName", kString}};
inline constexpr Type kPodResourceClaim{"PodResourceClaim", kPodResourceClaimFields};

inline constexpr Field kPodSchedulingGroupFields[] = {{"podGroupName", kString}};
inline constexpr Type kPodSchedulingGroup{"PodSchedulingGroup", kPodSchedulingGroupFields};

inline constexpr Field kPodSpecFields[] = {{"activeDeadlineSeconds", kInt64}, object("affinity", kAffinity),
    {"automountServiceAccountToken", kBool}, merged_list("containers", kContainer, "name"), object("dnsConfig", kPodDNSConfig),
    {"dnsPolicy", kString}, {"enableServiceLinks", kBool}, merged_list("ephemeralContainers", kEphemeralContainer, "name"),
    merged_list("hostAliases", kHostAlias, "ip"), {"hostIPC", kBool}, {"hostNetwork", kBool}, {"hostPID", kBool},
    {"hostUsers", kBool}, {"hostname", kString}, {"hostnameOverride", kString},
    merged_list("imagePullSecrets", kLocalObjectReference, "name"), merged_list("initContainers", kContainer, "name"),
    {"nodeName", kString}, {"nodeSelector", kStringMap}, object("os", kPodOS), {"overhead", kQuantityMap},
    {"preemptionPolicy", kString}, {"priority", kInt32}, {"priorityClassName", kString},
    list_of("readinessGates", kPodReadinessGate), merged_list("resourceClaims", kPodResourceClaim, "name", kRetainKeys),
    object("resources", kResourceRequirements), {"restartPolicy", kString}, {"runtimeClassName", kString},
    {"schedulerName", kString}, merged_list("schedulingGates", kPodSchedulingGate, "name"),
    object("schedulingGroup", kPodSchedulingGroup), object("securityContext", kPodSecurityContext), {"serviceAccount", kString},
    {"serviceAccountName", kString}, {"setHostnameAsFQDN", kBool}, {"shareProcessNamespace", kBool}, {"subdomain", kString},
    {"terminationGracePeriodSeconds", kInt64}, list_of("tolerations", kToleration),
    merged_list("topologySpreadConstraints", kTopologySpreadConstraint, "topologyKey"),
    merged_list("volumes", kVolume, "name", kRetainKeys)};
inline constexpr Type kPodSpec{"PodSpec", kPodSpecFields};

inline constexpr Field kPodTemplateSpecFields[] = {object("metadata", kObjectMeta), object("spec", kPodSpec)};
inline constexpr Type kPodTemplateSpec{"PodTemplateSpec", kPodTemplateSpecFields};

}  // namespace orrery::schema
