/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Every field of the v1 Pod (Kubernetes 1.36), and how it is supported.
 *
 * <p>Parsers, suggestions for misspelt fields and docs/pod-spec.md use these tables.
 */
public final class PodFields {

    private static final String SERVER_SIDE = "an API server sets it; a manifest cannot";
    private static final String SCHEDULED = "a static pod is not scheduled: it runs on the node with its file";
    private static final String NO_CLUSTER_OBJECTS =
            "a static pod cannot use %s: it must start without an API server. %s";

    /** The document itself. */
    public static final FieldTable POD = FieldTable.of("a Pod")
            .honoured("apiVersion", "kind", "metadata", "spec")
            .noEffect("spec says what the pod runs; status is output of the kubelet", "status");

    public static final FieldTable METADATA = FieldTable.of("metadata")
            .honoured("name", "namespace", "labels", "annotations")
            .noEffect(SERVER_SIDE, "creationTimestamp", "resourceVersion", "generation", "managedFields", "selfLink")
            .ignored("is ignored; Jubelet derives the uid from the content of the manifest", "uid")
            .ignored("is ignored; " + SERVER_SIDE, "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences")
            .ignored("is ignored: removing the manifest removes the pod, regardless of finalizers", "finalizers")
            .ignored("is ignored; no API server makes a name from it, and metadata.name is the name", "generateName");

    public static final FieldTable SPEC = FieldTable.of("spec")
            .honoured(
                    "initContainers",
                    "containers",
                    "restartPolicy",
                    "activeDeadlineSeconds",
                    "terminationGracePeriodSeconds",
                    "hostNetwork",
                    "hostPID",
                    "hostIPC",
                    "hostUsers",
                    "shareProcessNamespace",
                    "imagePullSecrets",
                    "runtimeClassName",
                    "securityContext",
                    "volumes",
                    "resources",
                    "overhead",
                    "priorityClassName",
                    "hostname",
                    "subdomain",
                    "setHostnameAsFQDN",
                    "hostnameOverride",
                    "hostAliases",
                    "dnsPolicy",
                    "dnsConfig",
                    "nodeSelector",
                    "affinity")
            .noEffect(
                    "a static pod runs on the node with its file; the name of another node causes a warning",
                    "nodeName")
            .noEffect("every node runs Linux; windows is refused", "os")
            .noEffect(
                    SCHEDULED,
                    "schedulerName",
                    "tolerations",
                    "preemptionPolicy",
                    "topologySpreadConstraints",
                    "schedulingGroup")
            .noEffect("no Service exists without an API server", "enableServiceLinks")
            .noEffect("a static pod has no service account", "automountServiceAccountToken")
            .noEffect("the API server derives it from priorityClassName; without that, a warning", "priority")
            .refused(
                    "cannot be in a manifest because they are added to a running pod through an API server",
                    "ephemeralContainers")
            .refused(
                    "no API object exists on which a controller could set the condition, so the pod would never be"
                            + " ready; leave it out",
                    "readinessGates")
            .refused(
                    "a static pod is never scheduled, so no scheduler would remove its gates; leave it out",
                    "schedulingGates")
            .refused(
                    cluster(
                            "a service account",
                            "Write its token or kubeconfig to a Secret beside the manifest, such as {apiVersion: v1, kind:"
                                    + " Secret, metadata: {name: NAME, namespace: NAMESPACE}, stringData: {token: TOKEN}},"
                                    + " and mount that with a secret volume"),
                    "serviceAccountName",
                    "serviceAccount")
            .refused(cluster("a ResourceClaim", "Leave it out"), "resourceClaims");

    public static final FieldTable PULL_SECRET =
            FieldTable.of("a reference to a Secret").honoured("name");

    public static final FieldTable OS = FieldTable.of("os").noEffect("every node runs Linux", "name");

    public static final FieldTable CONTAINER = FieldTable.of("a container")
            .honoured(
                    "name",
                    "image",
                    "imagePullPolicy",
                    "command",
                    "args",
                    "envFrom",
                    "env",
                    "workingDir",
                    "ports",
                    "resources",
                    "volumeMounts",
                    "restartPolicy",
                    "restartPolicyRules",
                    "livenessProbe",
                    "readinessProbe",
                    "startupProbe",
                    "lifecycle",
                    "terminationMessagePath",
                    "terminationMessagePolicy",
                    "stdin",
                    "stdinOnce",
                    "tty",
                    "securityContext")
            .noEffect("a static pod is not resized in place: a changed manifest replaces it", "resizePolicy")
            .refused(
                    cluster(
                            "a PersistentVolumeClaim",
                            "Mount the device with a hostPath volume of type BlockDevice into a privileged container"),
                    "volumeDevices");

    public static final FieldTable PORT =
            FieldTable.of("a port").honoured("name", "containerPort", "hostPort", "hostIP", "protocol");

    public static final FieldTable ENV =
            FieldTable.of("an environment variable").honoured("name", "value", "valueFrom");

    public static final FieldTable ENV_SOURCE = FieldTable.of("valueFrom")
            .honoured("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef");

    public static final FieldTable FIELD_REF =
            FieldTable.of("fieldRef").honoured("fieldPath").defaultOnly("apiVersion", "v1");

    public static final FieldTable RESOURCE_FIELD_REF =
            FieldTable.of("resourceFieldRef").honoured("containerName", "resource", "divisor");

    public static final FieldTable FILE_KEY_REF =
            FieldTable.of("fileKeyRef").honoured("volumeName", "path", "key", "optional");

    public static final FieldTable PROBE = FieldTable.of("a probe")
            .honoured(
                    "exec",
                    "httpGet",
                    "tcpSocket",
                    "grpc",
                    "initialDelaySeconds",
                    "timeoutSeconds",
                    "periodSeconds",
                    "successThreshold",
                    "failureThreshold",
                    "terminationGracePeriodSeconds");

    public static final FieldTable LIFECYCLE =
            FieldTable.of("lifecycle").honoured("postStart", "preStop", "stopSignal");

    public static final FieldTable HOOK = FieldTable.of("a hook").honoured("exec", "httpGet", "tcpSocket", "sleep");

    public static final FieldTable EXEC = FieldTable.of("exec").honoured("command");

    public static final FieldTable HTTP_GET =
            FieldTable.of("httpGet").honoured("host", "port", "path", "scheme", "httpHeaders");

    public static final FieldTable HTTP_HEADER = FieldTable.of("an HTTP header").honoured("name", "value");

    public static final FieldTable TCP_SOCKET = FieldTable.of("tcpSocket").honoured("host", "port");

    public static final FieldTable GRPC = FieldTable.of("grpc").honoured("port", "service");

    public static final FieldTable SLEEP = FieldTable.of("sleep").honoured("seconds");

    public static final FieldTable RESTART_RULE =
            FieldTable.of("a restart rule").honoured("action", "exitCodes");

    public static final FieldTable EXIT_CODES = FieldTable.of("exitCodes").honoured("operator", "values");

    public static final FieldTable RESOURCES = FieldTable.of("resources")
            .honoured("requests", "limits")
            .refused(cluster("a ResourceClaim", "Leave it out"), "claims");

    public static final FieldTable POD_RESOURCES = FieldTable.of("resources of a pod")
            .honoured("requests", "limits")
            .refused("can be set only for a container, not for the pod as a whole", "claims");

    public static final FieldTable RESIZE_POLICY = FieldTable.of("a resize policy")
            .noEffect(
                    "a static pod is not resized in place: a changed manifest replaces it",
                    "resourceName",
                    "restartPolicy");

    public static final FieldTable MOUNT = FieldTable.of("a volume mount")
            .honoured(
                    "name", "mountPath", "readOnly", "recursiveReadOnly", "mountPropagation", "subPath", "subPathExpr");

    public static final FieldTable VOLUME = FieldTable.of("a volume")
            .honoured("name", "hostPath", "emptyDir", "configMap", "secret", "downwardAPI", "projected", "image")
            .refused(
                    "is not mounted by Jubelet. Mount it on the node with a line in /etc/fstab or a systemd mount unit, and"
                            + " use a hostPath volume",
                    "nfs",
                    "iscsi",
                    "fc",
                    "rbd",
                    "cephfs",
                    "cinder",
                    "flexVolume",
                    "gcePersistentDisk",
                    "awsElasticBlockStore",
                    "azureDisk",
                    "vsphereVolume",
                    "quobyte",
                    "photonPersistentDisk",
                    "portworxVolume",
                    "scaleIO",
                    "storageos",
                    "flocker")
            .refused(
                    "is no longer part of Kubernetes because a repository could run commands on the node. Clone into an"
                            + " emptyDir in an init container",
                    "gitRepo")
            .refused(
                    cluster(
                            "a PersistentVolumeClaim",
                            "Mount a directory of the node, such as hostPath: {path: /srv/data, type: Directory}"),
                    "persistentVolumeClaim",
                    "ephemeral")
            .refused(cluster("a CSI driver", "Mount it on the node and use a hostPath volume"), "csi")
            .refused(
                    cluster("Endpoints or Secrets", "Mount it on the node and use a hostPath volume"),
                    "glusterfs",
                    "azureFile");

    public static final FieldTable HOST_PATH = FieldTable.of("hostPath").honoured("path", "type");

    public static final FieldTable IMAGE = FieldTable.of("image").honoured("reference", "pullPolicy");

    public static final FieldTable EMPTY_DIR = FieldTable.of("emptyDir").honoured("medium", "sizeLimit");

    private PodFields() {}

    /** All tables, from the outermost level to the innermost. */
    public static List<FieldTable> all() {
        List<FieldTable> all = new ArrayList<>(List.of(
                POD,
                METADATA,
                SPEC,
                PULL_SECRET,
                OS,
                CONTAINER,
                PORT,
                ENV,
                ENV_SOURCE,
                FIELD_REF,
                RESOURCE_FIELD_REF,
                FILE_KEY_REF,
                PROBE,
                LIFECYCLE,
                HOOK,
                EXEC,
                HTTP_GET,
                HTTP_HEADER,
                TCP_SOCKET,
                GRPC,
                SLEEP,
                RESTART_RULE,
                EXIT_CODES,
                RESOURCES,
                RESIZE_POLICY,
                POD_RESOURCES,
                MOUNT,
                VOLUME,
                HOST_PATH,
                EMPTY_DIR,
                IMAGE,
                SecurityFields.POD,
                SecurityFields.CONTAINER,
                SecurityFields.CAPABILITIES,
                SecurityFields.SECCOMP,
                SecurityFields.APP_ARMOR,
                SecurityFields.SELINUX,
                SecurityFields.SYSCTL,
                SchedulingFields.TOLERATION,
                SchedulingFields.SPREAD,
                SchedulingFields.SELECTOR,
                SchedulingFields.SELECTOR_EXPRESSION,
                NetworkFields.DNS_CONFIG,
                NetworkFields.DNS_OPTION,
                NetworkFields.HOST_ALIAS,
                AffinityFields.AFFINITY,
                AffinityFields.NODE,
                AffinityFields.SELECTOR,
                AffinityFields.TERM,
                AffinityFields.REQUIREMENT,
                AffinityFields.PREFERRED,
                AffinityFields.POD,
                AffinityFields.POD_ANTI,
                AffinityFields.POD_TERM,
                AffinityFields.WEIGHTED));
        all.addAll(ReferenceFields.all());
        return List.copyOf(all);
    }

    private static String cluster(String what, String instead) {
        return String.format(NO_CLUSTER_OBJECTS, what, instead);
    }
}
