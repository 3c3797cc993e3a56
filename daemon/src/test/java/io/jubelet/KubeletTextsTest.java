/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The texts with which Jubelet says why a pod or a container cannot run are the kubelet's where it has one, because users
 * search for them. {@code tools/kubelet-records.sh} writes the record of the kubelet's from its source of 1.36. The tests of
 * each class hold whole messages.
 */
class KubeletTextsTest {

    /** As the kubelet's source has them, with what is filled in. */
    private static final List<String> SHARED = List.of(
            // at admission
            "AppArmor is not enabled on the host",
            "Cannot enforce AppArmor: %v",
            "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
            "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d",
            "Predicate %s failed: %s",
            "SupplementalGroupsPolicy=%s is not supported in this node",
            "forbidden sysctl: %v",
            "can't set `spec.hostUsers: false`, RuntimeClass handler %q does not support user namespaces",
            "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
            // of volumes
            "configmap references non-existent config key: %s",
            "references non-existent secret key: %s",
            "hostPath type check failed: %s is not a block device",
            "hostPath type check failed: %s is not a character device",
            "hostPath type check failed: %s is not a directory",
            "hostPath type check failed: %s is not a file",
            "hostPath type check failed: %s is not a socket file",
            "MountVolume.SetUp failed",
            "cannot find volume %q to mount into container %q",
            "error SubPath `%s` must not be an absolute path",
            "unable to provision SubPath `%s`: %w",
            "must not contain '..'",
            "failed to prepare subPath for volumeMount %q of container %q",
            "failed to resolve recursive read-only mode: %w",
            "volume %q requested recursive read-only mode, but it is not supported by the runtime",
            // of containers
            "couldn't find key %v in ",
            "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root",
            "container has runAsNonRoot and image will run as root",
            "container's runAsUser breaks non-root policy",
            "failed to construct FQDN from pod hostname and cluster domain, FQDN %s is too long (%d characters is the"
                    + " max, %d characters requested)",
            // of images
            "Back-off pulling image %q",
            "Container image %q is not present with pull policy of Never",
            "Container image %q already present on machine and can be accessed by the pod",
            "Failed to pull image %q: %v",
            "Failed to inspect image %q: %v",
            "Pulling image %q",
            "Unable to retrieve some image pull secrets (%s); attempting to pull the image may not succeed.");

    @Test
    void sharedTextsAreTheKubelets() throws IOException {
        Set<String> kubelet;
        try (InputStream in = KubeletTextsTest.class.getResourceAsStream("/kubelet/texts-1.36.txt")) {
            kubelet = Set.copyOf(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        }
        assertEquals(
                List.of(),
                SHARED.stream()
                        .filter(text -> kubelet.stream().noneMatch(each -> each.contains(text)))
                        .toList(),
                "texts that the kubelet does not have");
        String sources = sources();
        List<String> missing = new ArrayList<>();
        for (String text : SHARED) {
            // What is between two values is one literal here, too; quotes around a value are part of ours.
            for (String piece : text.split("%[a-z]")) {
                if (!sources.contains(piece.strip())) {
                    missing.add(text + ": \"" + piece + "\"");
                }
            }
        }
        assertTrue(missing.isEmpty(), () -> String.join("\n", missing));
    }

    /** All sources, in which literals that are divided over lines are joined and quotes are not escaped. */
    private static String sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/io/jubelet"))) {
            StringBuilder all = new StringBuilder();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                all.append(Files.readString(file));
            }
            return all.toString().replaceAll("(?<!\\\\)\"\\s*\\+\\s*\"", "").replace("\\\"", "\"");
        }
    }
}
