/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Resources;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Builds pods for tests of the packages that prepare and run them. */
public final class Pods {

    public static final String NODE = "node1";
    public static final String UID = "0123456789abcdef0123456789abcdef";
    public static final PodName WEB = new PodName("default", "web");

    private Pods() {}

    public static Pod pod(List<Volume> volumes, ContainerSpec... containers) {
        return pod(WEB, UID, volumes, containers);
    }

    public static Pod pod(PodName name, String uid, List<Volume> volumes, ContainerSpec... containers) {
        PodSpec spec = PodSpec.builder(List.of(containers))
                .terminationGracePeriod(Duration.ofSeconds(5))
                .volumes(volumes)
                .build();
        return new Pod(
                name,
                NODE,
                uid,
                "v1:" + uid,
                Map.of("app", "web"),
                Map.of("note", "a"),
                spec,
                new Pod.Manifest("{\"of\":\"" + uid + "\"}", "/manifests/" + name.name() + ".yaml"));
    }

    public static Pod onHostNetwork(Pod pod) {
        return with(pod, spec -> spec.hostNetwork(true));
    }

    /** The same pod with another spec. */
    public static Pod with(Pod pod, UnaryOperator<PodSpec.Builder> change) {
        return new Pod(
                pod.name(),
                pod.node(),
                pod.uid(),
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                change.apply(pod.spec().toBuilder()).build(),
                pod.manifest());
    }

    public static ContainerSpec shell(String name, String script, VolumeMount... mounts) {
        return container(name, List.of("sh", "-c", script), List.of(), Resources.NONE, List.of(), mounts);
    }

    public static ContainerSpec container(
            String name,
            List<String> command,
            List<EnvVar> env,
            Resources resources,
            List<ContainerPort> ports,
            VolumeMount... mounts) {
        return ContainerSpec.builder(name, "docker.io/library/busybox:1")
                .command(command)
                .env(env)
                .ports(ports)
                .resources(resources)
                .volumeMounts(List.of(mounts))
                .build();
    }
}
