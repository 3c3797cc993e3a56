/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTree;

/**
 * Where the tables of {@link PodFields} apply in a Pod. Loaded only for manifests with a field that
 * is unknown where it stands.
 */
public final class PodFieldTree {

    private static final String CONTAINERS = "spec.containers[]";
    private static final String INIT_CONTAINERS = "spec.initContainers[]";
    private static final String REQUIRED = ".requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = ".preferredDuringSchedulingIgnoredDuringExecution";

    private static final String[] RESOURCES = {"cpu", "memory", "ephemeral-storage"};

    private final FieldTree tree = new FieldTree();

    private PodFieldTree() {}

    /** The tree of a Pod. */
    public static FieldTree create() {
        PodFieldTree pod = new PodFieldTree();
        pod.tree
                .at("", PodFields.POD)
                .at("metadata", PodFields.METADATA)
                .at("spec", PodFields.SPEC)
                .at("spec.imagePullSecrets[]", PodFields.PULL_SECRET)
                .at("spec.os", PodFields.OS)
                .at("spec.resources", PodFields.POD_RESOURCES)
                .labels("metadata.labels")
                .rarer(INIT_CONTAINERS, CONTAINERS);
        pod.resources("spec.resources");
        pod.container(CONTAINERS);
        pod.container(INIT_CONTAINERS);
        pod.volume("spec.volumes[]");
        pod.security("spec.securityContext");
        pod.network();
        pod.scheduling();
        return pod.tree;
    }

    private void container(String path) {
        tree.at(path, PodFields.CONTAINER)
                .at(path + ".ports[]", PodFields.PORT)
                .at(path + ".resources", PodFields.RESOURCES)
                .at(path + ".resizePolicy[]", PodFields.RESIZE_POLICY)
                .at(path + ".volumeMounts[]", PodFields.MOUNT)
                .at(path + ".lifecycle", PodFields.LIFECYCLE)
                .at(path + ".restartPolicyRules[]", PodFields.RESTART_RULE)
                .at(path + ".restartPolicyRules[].exitCodes", PodFields.EXIT_CODES);
        resources(path + ".resources");
        environment(path);
        for (String probe : new String[] {".livenessProbe", ".readinessProbe", ".startupProbe"}) {
            tree.at(path + probe, PodFields.PROBE).at(path + probe + ".grpc", PodFields.GRPC);
            handler(path + probe);
        }
        for (String hook : new String[] {".lifecycle.postStart", ".lifecycle.preStop"}) {
            tree.at(path + hook, PodFields.HOOK).at(path + hook + ".sleep", PodFields.SLEEP);
            handler(path + hook);
        }
        String security = path + ".securityContext";
        tree.at(security, SecurityFields.CONTAINER).at(security + ".capabilities", SecurityFields.CAPABILITIES);
        profiles(security);
    }

    private void resources(String path) {
        tree.keys(path + ".limits", RESOURCES).keys(path + ".requests", RESOURCES);
    }

    private void environment(String container) {
        String env = container + ".env[]";
        String from = env + ".valueFrom";
        String envFrom = container + ".envFrom[]";
        tree.at(env, PodFields.ENV)
                .at(from, PodFields.ENV_SOURCE)
                .at(from + ".fieldRef", PodFields.FIELD_REF)
                .at(from + ".resourceFieldRef", PodFields.RESOURCE_FIELD_REF)
                .at(from + ".configMapKeyRef", ReferenceFields.CONFIG_MAP_KEY)
                .at(from + ".secretKeyRef", ReferenceFields.SECRET_KEY)
                .at(from + ".fileKeyRef", PodFields.FILE_KEY_REF)
                .at(envFrom, ReferenceFields.ENV_FROM)
                .at(envFrom + ".configMapRef", ReferenceFields.ENV_CONFIG_MAP)
                .at(envFrom + ".secretRef", ReferenceFields.ENV_SECRET);
    }

    private void handler(String path) {
        tree.at(path + ".exec", PodFields.EXEC)
                .at(path + ".httpGet", PodFields.HTTP_GET)
                .at(path + ".httpGet.httpHeaders[]", PodFields.HTTP_HEADER)
                .at(path + ".tcpSocket", PodFields.TCP_SOCKET);
    }

    private void volume(String path) {
        String source = path + ".projected.sources[]";
        tree.at(path, PodFields.VOLUME)
                .at(path + ".hostPath", PodFields.HOST_PATH)
                .at(path + ".emptyDir", PodFields.EMPTY_DIR)
                .at(path + ".image", PodFields.IMAGE)
                .at(path + ".configMap", ReferenceFields.CONFIG_MAP)
                .at(path + ".configMap.items[]", ReferenceFields.ITEM)
                .at(path + ".secret", ReferenceFields.SECRET)
                .at(path + ".secret.items[]", ReferenceFields.ITEM)
                .at(path + ".downwardAPI", ReferenceFields.DOWNWARD_API)
                .at(path + ".projected", ReferenceFields.PROJECTED)
                .at(source, ReferenceFields.SOURCE)
                .at(source + ".configMap", ReferenceFields.SOURCE_CONFIG_MAP)
                .at(source + ".configMap.items[]", ReferenceFields.ITEM)
                .at(source + ".secret", ReferenceFields.SOURCE_SECRET)
                .at(source + ".secret.items[]", ReferenceFields.ITEM)
                .at(source + ".downwardAPI", ReferenceFields.SOURCE_DOWNWARD_API);
        for (String items : new String[] {path + ".downwardAPI.items[]", source + ".downwardAPI.items[]"}) {
            tree.at(items, ReferenceFields.FACT)
                    .at(items + ".fieldRef", PodFields.FIELD_REF)
                    .at(items + ".resourceFieldRef", PodFields.RESOURCE_FIELD_REF);
        }
    }

    private void security(String path) {
        tree.at(path, SecurityFields.POD).at(path + ".sysctls[]", SecurityFields.SYSCTL);
        profiles(path);
    }

    private void profiles(String path) {
        tree.at(path + ".seccompProfile", SecurityFields.SECCOMP)
                .at(path + ".appArmorProfile", SecurityFields.APP_ARMOR)
                .at(path + ".seLinuxOptions", SecurityFields.SELINUX);
    }

    private void network() {
        tree.at("spec.dnsConfig", NetworkFields.DNS_CONFIG)
                .at("spec.dnsConfig.options[]", NetworkFields.DNS_OPTION)
                .at("spec.hostAliases[]", NetworkFields.HOST_ALIAS);
    }

    private void scheduling() {
        String spread = "spec.topologySpreadConstraints[]";
        String affinity = "spec.affinity";
        String node = affinity + ".nodeAffinity";
        tree.at("spec.tolerations[]", SchedulingFields.TOLERATION)
                .at(spread, SchedulingFields.SPREAD)
                .at(affinity, AffinityFields.AFFINITY)
                .at(node, AffinityFields.NODE)
                .at(node + REQUIRED, AffinityFields.SELECTOR)
                .at(node + PREFERRED + "[]", AffinityFields.PREFERRED)
                .at(affinity + ".podAffinity", AffinityFields.POD)
                .at(affinity + ".podAntiAffinity", AffinityFields.POD_ANTI);
        selector(spread + ".labelSelector");
        term(node + REQUIRED + ".nodeSelectorTerms[]");
        term(node + PREFERRED + "[].preference");
        for (String pods : new String[] {affinity + ".podAffinity", affinity + ".podAntiAffinity"}) {
            tree.at(pods + PREFERRED + "[]", AffinityFields.WEIGHTED);
            podTerm(pods + REQUIRED + "[]");
            podTerm(pods + PREFERRED + "[].podAffinityTerm");
        }
    }

    private void term(String path) {
        tree.at(path, AffinityFields.TERM)
                .at(path + ".matchExpressions[]", AffinityFields.REQUIREMENT)
                .at(path + ".matchFields[]", AffinityFields.REQUIREMENT);
    }

    private void podTerm(String path) {
        tree.at(path, AffinityFields.POD_TERM);
        selector(path + ".labelSelector");
        selector(path + ".namespaceSelector");
    }

    private void selector(String path) {
        tree.at(path, SchedulingFields.SELECTOR).at(path + ".matchExpressions[]", SchedulingFields.SELECTOR_EXPRESSION);
    }
}
