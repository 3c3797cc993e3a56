/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;
import java.util.List;

/** The page docs/pod-spec.md: every field of a Pod with what is made of it, from the tables that the parsers read by. */
final class PodSpecPage {

    /**
     * The fields of one type of the API.
     *
     * @param type as in the API reference, such as {@code Container}
     * @param paths where in a Pod it is
     */
    record Section(String type, FieldTable table, String... paths) {}

    static final List<Section> SECTIONS = List.of(
            new Section("Pod", PodFields.POD, "the document"),
            new Section("ObjectMeta", PodFields.METADATA, "metadata"),
            new Section("PodSpec", PodFields.SPEC, "spec"),
            new Section("LocalObjectReference", PodFields.PULL_SECRET, "spec.imagePullSecrets[]"),
            new Section("PodOS", PodFields.OS, "spec.os"),
            new Section("Container", PodFields.CONTAINER, "spec.containers[]", "spec.initContainers[]"),
            new Section("ContainerPort", PodFields.PORT, "ports[] of a container"),
            new Section("EnvVar", PodFields.ENV, "env[] of a container"),
            new Section("EnvVarSource", PodFields.ENV_SOURCE, "valueFrom of a variable"),
            new Section("ObjectFieldSelector", PodFields.FIELD_REF, "fieldRef of valueFrom"),
            new Section("ResourceFieldSelector", PodFields.RESOURCE_FIELD_REF, "resourceFieldRef of valueFrom"),
            new Section("ConfigMapKeySelector", ReferenceFields.CONFIG_MAP_KEY, "configMapKeyRef of valueFrom"),
            new Section("SecretKeySelector", ReferenceFields.SECRET_KEY, "secretKeyRef of valueFrom"),
            new Section("EnvFromSource", ReferenceFields.ENV_FROM, "envFrom[] of a container"),
            new Section("ConfigMapEnvSource", ReferenceFields.ENV_CONFIG_MAP, "configMapRef of envFrom"),
            new Section("SecretEnvSource", ReferenceFields.ENV_SECRET, "secretRef of envFrom"),
            new Section("FileKeySelector", PodFields.FILE_KEY_REF, "fileKeyRef of valueFrom"),
            new Section("ResourceRequirements", PodFields.RESOURCES, "resources of a container"),
            new Section("ContainerResizePolicy", PodFields.RESIZE_POLICY, "resizePolicy[] of a container"),
            new Section("ResourceRequirements", PodFields.POD_RESOURCES, "spec.resources"),
            new Section("VolumeMount", PodFields.MOUNT, "volumeMounts[] of a container"),
            new Section("PodSecurityContext", SecurityFields.POD, "spec.securityContext"),
            new Section("SecurityContext", SecurityFields.CONTAINER, "securityContext of a container"),
            new Section("Capabilities", SecurityFields.CAPABILITIES, "capabilities of a securityContext"),
            new Section("SeccompProfile", SecurityFields.SECCOMP, "seccompProfile of a securityContext"),
            new Section("AppArmorProfile", SecurityFields.APP_ARMOR, "appArmorProfile of a securityContext"),
            new Section("SELinuxOptions", SecurityFields.SELINUX, "seLinuxOptions of a securityContext"),
            new Section("Sysctl", SecurityFields.SYSCTL, "sysctls[] of the securityContext of a pod"),
            new Section("Probe", PodFields.PROBE, "livenessProbe of a container", "readinessProbe", "startupProbe"),
            new Section("Lifecycle", PodFields.LIFECYCLE, "lifecycle of a container"),
            new Section("LifecycleHandler", PodFields.HOOK, "postStart of lifecycle", "preStop"),
            new Section("ExecAction", PodFields.EXEC, "exec of a probe or a hook"),
            new Section("HTTPGetAction", PodFields.HTTP_GET, "httpGet of a probe or a hook"),
            new Section("HTTPHeader", PodFields.HTTP_HEADER, "httpHeaders[] of httpGet"),
            new Section("TCPSocketAction", PodFields.TCP_SOCKET, "tcpSocket of a probe or a hook"),
            new Section("GRPCAction", PodFields.GRPC, "grpc of a probe"),
            new Section("SleepAction", PodFields.SLEEP, "sleep of a hook"),
            new Section("ContainerRestartRule", PodFields.RESTART_RULE, "restartPolicyRules[] of a container"),
            new Section("ContainerRestartRuleOnExitCodes", PodFields.EXIT_CODES, "exitCodes of a restart rule"),
            new Section("Volume", PodFields.VOLUME, "spec.volumes[]"),
            new Section("HostPathVolumeSource", PodFields.HOST_PATH, "hostPath of a volume"),
            new Section("EmptyDirVolumeSource", PodFields.EMPTY_DIR, "emptyDir of a volume"),
            new Section("ImageVolumeSource", PodFields.IMAGE, "image of a volume"),
            new Section("ConfigMapVolumeSource", ReferenceFields.CONFIG_MAP, "configMap of a volume"),
            new Section("SecretVolumeSource", ReferenceFields.SECRET, "secret of a volume"),
            new Section("DownwardAPIVolumeSource", ReferenceFields.DOWNWARD_API, "downwardAPI of a volume"),
            new Section("ProjectedVolumeSource", ReferenceFields.PROJECTED, "projected of a volume"),
            new Section("VolumeProjection", ReferenceFields.SOURCE, "sources[] of a projected volume"),
            new Section("ConfigMapProjection", ReferenceFields.SOURCE_CONFIG_MAP, "configMap of a source"),
            new Section("SecretProjection", ReferenceFields.SOURCE_SECRET, "secret of a source"),
            new Section("DownwardAPIProjection", ReferenceFields.SOURCE_DOWNWARD_API, "downwardAPI of a source"),
            new Section("KeyToPath", ReferenceFields.ITEM, "items[] of a configMap or secret"),
            new Section("DownwardAPIVolumeFile", ReferenceFields.FACT, "items[] of downwardAPI"),
            new Section("Toleration", SchedulingFields.TOLERATION, "spec.tolerations[]"),
            new Section("TopologySpreadConstraint", SchedulingFields.SPREAD, "spec.topologySpreadConstraints[]"),
            new Section("LabelSelector", SchedulingFields.SELECTOR, "labelSelector of a topology spread constraint"),
            new Section(
                    "LabelSelectorRequirement",
                    SchedulingFields.SELECTOR_EXPRESSION,
                    "matchExpressions[] of a label selector"),
            new Section("PodDNSConfig", NetworkFields.DNS_CONFIG, "spec.dnsConfig"),
            new Section("PodDNSConfigOption", NetworkFields.DNS_OPTION, "options[] of spec.dnsConfig"),
            new Section("HostAlias", NetworkFields.HOST_ALIAS, "spec.hostAliases[]"),
            new Section("Affinity", AffinityFields.AFFINITY, "spec.affinity"),
            new Section("NodeAffinity", AffinityFields.NODE, "nodeAffinity of spec.affinity"),
            new Section("NodeSelector", AffinityFields.SELECTOR, "the required part of nodeAffinity"),
            new Section("NodeSelectorTerm", AffinityFields.TERM, "nodeSelectorTerms[] of a node selector"),
            new Section(
                    "NodeSelectorRequirement",
                    AffinityFields.REQUIREMENT,
                    "matchExpressions[] of a node selector term",
                    "matchFields[]"),
            new Section("PreferredSchedulingTerm", AffinityFields.PREFERRED, "the preferred part of nodeAffinity"),
            new Section("PodAffinity", AffinityFields.POD, "podAffinity of spec.affinity"),
            new Section("PodAntiAffinity", AffinityFields.POD_ANTI, "podAntiAffinity of spec.affinity"),
            new Section(
                    "PodAffinityTerm", AffinityFields.POD_TERM, "the required part of podAffinity and podAntiAffinity"),
            new Section(
                    "WeightedPodAffinityTerm",
                    AffinityFields.WEIGHTED,
                    "the preferred part of podAffinity and podAntiAffinity"));

    private static final String HEAD = """
            # Supported fields of a Pod

            This page lists every field of the v1 Pod of Kubernetes 1.36, with what Jubelet does with it. Jubelet never ignores
            a field silently if you could expect an effect: it refuses the manifest, or it warns. Fields below a field that is
            refused as a whole are not listed. `jubelet explain spec.containers.livenessProbe` shows the same for one field.

            - **honoured**: the field works as the Kubernetes API reference says.
            - **no effect**: accepted without a warning, because the field cannot have an effect on a static pod.
            - **ignored**: accepted with a warning; the note is the warning.
            - **default only**: accepted with the values in the note, which are the default; refused with other values.
            - **refused**: the manifest is refused, and the note is the message; an empty value (`null`, `false`, `{}`) is
              accepted.

            `PodSpecPageTest` generates this page from the tables that the parsers use. After a change of the tables, run
            `tools/test.sh -pl daemon -am -Dtest=PodSpecPageTest -Dpod-spec.update=true -Dsurefire.failIfNoSpecifiedTests=false`
            and review the difference.
            """;

    private PodSpecPage() {}

    /** The expected text of the page. */
    static String text() {
        StringBuilder page = new StringBuilder(HEAD);
        for (Section section : SECTIONS) {
            page.append("\n## ").append(section.type()).append("\n\nAt ");
            for (int i = 0; i < section.paths().length; i++) {
                String[] words = section.paths()[i].split(" ", 2);
                boolean path = !words[0].equals("the");
                page.append(i == 0 ? "" : ", ")
                        .append(path ? "`" + words[0] + "`" : words[0])
                        .append(words.length > 1 ? " " + words[1] : "");
            }
            page.append(".\n\n| Field | Support | Note |\n|---|---|---|\n");
            for (FieldTable.Field field : section.table().fields()) {
                page.append("| `")
                        .append(field.name())
                        .append("` | ")
                        .append(use(field))
                        .append(" | ")
                        .append(note(field))
                        .append(" |\n");
            }
        }
        return page.toString();
    }

    private static String use(FieldTable.Field field) {
        return switch (field.use()) {
            case HONOURED -> "honoured";
            case NO_EFFECT -> "no effect";
            case IGNORED -> "ignored";
            case DEFAULT_ONLY -> "default only";
            case REFUSED -> "refused";
        };
    }

    private static String note(FieldTable.Field field) {
        return field.use() == FieldTable.Use.DEFAULT_ONLY
                ? "`" + String.join("`, `", field.values()) + "`"
                : field.note().map(note -> note.replace("|", "\\|")).orElse("");
    }
}
