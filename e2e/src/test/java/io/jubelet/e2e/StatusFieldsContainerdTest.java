/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerStatus;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.testing.Eventually;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the status says of mounts, users and resources, as far as a real containerd reports them. */
@OnContainerd
class StatusFieldsContainerdTest {

    private static final String APP = "status.containerStatuses[0].";

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              terminationGracePeriodSeconds: 1
              securityContext: {runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000]}
              volumes:
              - {name: data, emptyDir: {}}
              initContainers:
              - name: first
                image: docker.io/library/busybox:1
                imagePullPolicy: IfNotPresent
                command: ["true"]
                volumeMounts: [{name: data, mountPath: /first, readOnly: true, recursiveReadOnly: IfPossible}]
              containers:
              - name: app
                image: docker.io/library/busybox:1
                imagePullPolicy: IfNotPresent
                command: [sh, -c, "%s"]
                resources: {requests: {cpu: "0.1", memory: 32Mi}, limits: {cpu: "0.5", memory: 65536Ki}}
                volumeMounts:
                - {name: data, mountPath: /data, readOnly: true}
                - {name: data, mountPath: /both}
            """.formatted(DaemonProcess.sleeper());

    @Test
    void statusHasMountsUsersAndResources() throws Exception {
        for (Path containerd : RuntimeUnderTest.all()) {
            try (DaemonProcess daemon = new DaemonProcess(containerd, List.of()).start()) {
                daemon.write("web.yaml", POD);
                ContainerStatus reported = daemon.runtime()
                        .containerStatus(daemon.awaitRunning("web").id());
                boolean users = reported.user() != null;
                assertStatus(
                        Eventually.await(
                                "what " + containerd + " reports of the container",
                                () -> pod(daemon),
                                pod -> pod.has(APP + "state.running") && pod.has(APP + "user") == users),
                        users);
                String yaml = daemon.cli("get", "pod", "web", "-o", "yaml");
                assertTrue(yaml.contains("recursiveReadOnly: Disabled"), yaml);
                assertEquals(users, yaml.contains("gid: 3000"), yaml);
            }
        }
    }

    private static JsonObject pod(DaemonProcess daemon) {
        Node list = Documents.readJson(daemon.get("/api/v1/pods"), new Findings());
        return new JsonObject((Node.Mapping) Objects.requireNonNull(list))
                .objects("items")
                .getFirst();
    }

    private static void assertStatus(JsonObject pod, boolean users) {
        assertEquals("500m", pod.text(APP + "resources.limits.cpu"));
        assertEquals("64Mi", pod.text(APP + "resources.limits.memory"));
        assertEquals("100m", pod.text(APP + "resources.requests.cpu"));
        assertEquals("100m", pod.text(APP + "allocatedResources.cpu"));
        assertEquals("32Mi", pod.text(APP + "allocatedResources.memory"));
        assertEquals("32Mi", pod.text("status.allocatedResources.memory"));
        assertEquals("64Mi", pod.text("status.resources.limits.memory"));
        assertEquals("/data", pod.text(APP + "volumeMounts[0].mountPath"));
        assertEquals("Disabled", pod.text(APP + "volumeMounts[0].recursiveReadOnly"));
        assertEquals(List.of("name", "mountPath"), pod.keys(APP + "volumeMounts[1]"));
        // A runtime that reports users is one that can mount recursively read-only, if the kernel can.
        String first = pod.text("status.initContainerStatuses[0].volumeMounts[0].recursiveReadOnly");
        assertTrue(first.equals("Disabled") || (users && first.equals("Enabled")), pod::toString);
        if (users) {
            assertEquals("1000", pod.text(APP + "user.linux.uid"));
            assertEquals("3000", pod.text(APP + "user.linux.gid"));
            assertTrue(pod.keys(APP + "user.linux").contains("supplementalGroups"), pod::toString);
        }
    }
}
