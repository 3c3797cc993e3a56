/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the sandbox of a kubelet runs what a manifest says. Pure.
 *
 * <p>The kubelet's hash of a whole pod is made from the memory layout of its release. So the proof is put together from what
 * the kubelet wrote beside it: the file has not changed since the kubelet read this version, labels and annotations agree, and
 * so does the kubelet's hash of each container.
 */
final class KubeletMatch {

    private static final String KUBERNETES = "kubernetes.io/";

    private KubeletMatch() {}

    /**
     * Returns what speaks against it, for the log; empty if the sandbox runs what the manifest says.
     *
     * @param changed when the content or the name of the manifest file changed last, by the clock of the node
     * @param containers those of the sandbox
     */
    static Optional<String> difference(Pod pod, Instant changed, PodSandbox sandbox, List<Container> containers) {
        Optional<Instant> seen = time(sandbox.annotations().get(Labels.CONFIG_SEEN));
        if (seen.isEmpty()) {
            return Optional.of("the kubelet did not note when it read the manifest");
        }
        if (!changed.isBefore(seen.get())) {
            return Optional.of("the manifest changed at " + changed + ", after the kubelet read it at " + seen.get());
        }
        if (!own(sandbox.labels(), true).equals(pod.labels())) {
            return Optional.of("it has other labels");
        }
        if (!own(sandbox.annotations(), false).equals(own(pod.annotations(), false))) {
            return Optional.of("it has other annotations");
        }
        return containers(pod.spec(), containers);
    }

    private static Optional<String> containers(PodSpec spec, List<Container> containers) {
        Map<String, Container> newest = new HashMap<>();
        for (Container container : containers) {
            newest.merge(
                    container.labels().getOrDefault(Labels.CONTAINER_NAME, ""),
                    container,
                    (a, b) -> a.metadata().attempt() > b.metadata().attempt() ? a : b);
        }
        for (ContainerSpec wanted : spec.allContainers().toList()) {
            Container found = newest.remove(wanted.name());
            boolean staysUp = !spec.isInit(wanted) || spec.isSidecar(wanted);
            if (found == null) {
                return Optional.of("container " + wanted.name() + " is missing");
            }
            String hash = found.annotations().getOrDefault(Labels.CONTAINER_HASH, "");
            if (!hash.equals(KubeletHash.of(wanted.name(), wanted.image()))) {
                return Optional.of("container " + wanted.name() + " was made from another image or name");
            }
            if (staysUp && found.state() != ContainerState.RUNNING) {
                return Optional.of("container " + wanted.name() + " does not run");
            }
            if (!staysUp && found.state() != ContainerState.EXITED) {
                return Optional.of("init container " + wanted.name() + " has not ended");
            }
        }
        return newest.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "it also has container " + newest.keySet().iterator().next());
    }

    /** Without what the kubelet adds. */
    private static Map<String, String> own(Map<String, String> all, boolean labels) {
        Map<String, String> own = new HashMap<>(all);
        own.keySet()
                .removeIf(key -> labels ? key.startsWith("io.kubernetes.") : key.startsWith(KUBERNETES + "config."));
        return own;
    }

    private static Optional<Instant> time(@Nullable String text) {
        try {
            return text == null
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
