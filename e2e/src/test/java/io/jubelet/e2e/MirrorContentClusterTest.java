/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.e2e.PodWatch.Event;
import io.jubelet.testing.StallAdjustedTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a real API server takes of a pod's spec and status. */
class MirrorContentClusterTest extends JoinedDaemon {

    @Test
    void whatRefersToLocalConfigurationIsLeftOutAndSaid() throws Exception {
        Path secret = Files.writeString(daemon.home.resolve("s.new"), """
                apiVersion: v1
                kind: Secret
                metadata: {name: creds}
                stringData: {password: "not for others"}
                """);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.move(secret, daemon.manifests.resolve("secret.yaml"));
        daemon.write("config.yaml", """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: web}
                data: {greeting: "hello"}
                """);
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper(), """
                  imagePullSecrets: [{name: creds}]
                  volumes:
                  - {name: settings, configMap: {name: web}}
                  - {name: keys, secret: {secretName: creds}}
                  - name: all
                    projected:
                      sources:
                      - {configMap: {name: web}}
                      - {downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
                  initContainers:
                  - name: first
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: ["true"]
                    envFrom: [{secretRef: {name: creds}}]
                """) + """
                    env:
                    - {name: GREETING, valueFrom: {configMapKeyRef: {name: web, key: greeting}}}
                    - {name: PLAIN, value: plain}
                    volumeMounts:
                    - {name: settings, mountPath: /settings, readOnly: true}
                    - {name: settings, mountPath: /greeting, subPath: greeting}
                    - {name: keys, mountPath: /keys}
                    - {name: all, mountPath: /all}
                """);
        daemon.start();
        daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        assertEquals(
                "image pull secret (Secret creds), volume settings (ConfigMap web), volume keys (Secret creds),"
                        + " a part of volume all (ConfigMap web), envFrom of init container first (Secret creds),"
                        + " env GREETING of container app (ConfigMap web)",
                mirror.text("metadata.annotations[jubelet.io/mirror-without]"));
        assertEquals(
                List.of("PLAIN"),
                mirror.objects("spec.containers[0].env").stream()
                        .map(variable -> variable.text("name"))
                        .toList());
        assertEquals(4, mirror.objects("spec.containers[0].volumeMounts").size());
        assertTrue(mirror.has("spec.volumes[0].emptyDir"));
        assertTrue(mirror.has("spec.volumes[1].emptyDir"));
        assertEquals(1, mirror.objects("spec.volumes[2].projected.sources").size());
        assertFalse(mirror.toString().contains("not for others"), mirror::toString);
        assertFalse(mirror.has("spec.imagePullSecrets"));
    }

    /** An API server stores quantities in their canonical form, whatever it is sent. */
    @Test
    void mirrorHasMountsAndResourcesOfTheStatus() throws Exception {
        daemon.write(
                "web.yaml",
                DaemonProcess.pod("web", DaemonProcess.sleeper(), "  volumes: [{name: v, emptyDir: {}}]\n") + """
                    volumeMounts: [{name: v, mountPath: /v, readOnly: true}]
                    resources: {requests: {cpu: "0.1"}, limits: {memory: 65536Ki}}
                """);
        daemon.start();
        daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        String app = "status.containerStatuses[0].";
        assertEquals("100m", mirror.text(app + "allocatedResources.cpu"));
        assertEquals("64Mi", mirror.text(app + "resources.limits.memory"));
        assertEquals("Disabled", mirror.text(app + "volumeMounts[0].recursiveReadOnly"));
        assertEquals("100m", mirror.text("status.allocatedResources.cpu"));
        assertEquals("64Mi", mirror.text("status.resources.limits.memory"));
    }

    /** The API server refuses a priority that is not that of the class. */
    @Test
    void aPriorityWithoutItsClassIsLeftOutAndSaid() throws Exception {
        daemon.write(
                "web.yaml",
                DaemonProcess.pod(
                        "web", DaemonProcess.sleeper(), "  priority: 2000001000\n  preemptionPolicy: Never\n"));
        daemon.write(
                "critical.yaml",
                DaemonProcess.pod(
                                "critical",
                                DaemonProcess.sleeper(),
                                "  priority: 7\n  priorityClassName: system-node-critical\n")
                        .replace("  name: critical\n", "  name: critical\n  namespace: kube-system\n"));
        daemon.start();
        JsonObject mirror = awaitReady("web");
        assertEquals("0", mirror.text("spec.priority"));
        assertEquals(
                "priority 2000001000, preemptionPolicy Never",
                mirror.text("metadata.annotations[jubelet.io/mirror-without]"));
        JsonObject critical = cluster.awaitObject(path("kube-system", full("critical")), "to be there", _ -> true);
        assertEquals("2000001000", critical.text("spec.priority"));
        assertFalse(critical.has("metadata.annotations[jubelet.io/mirror-without]"));
    }

    @Test
    void forgedStatusIsRepairedAndForeignConditionsStay() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        cluster.patch(mirror("web") + "/status", """
                {"status": {"phase": "Failed", "message": "forged", "podIP": "192.0.2.9", "podIPs": [{"ip": "192.0.2.9"}],
                 "containerStatuses": []}}""");
        Event forged = watch.await(
                "the forgery", event -> event.pod().text("status.message").equals("forged"));
        Event right = watch.await(
                "the right status",
                event -> event.isAfter(forged)
                        && event.pod().text("status.phase").equals("Running"));
        assertPromised(forged, right);
        assertFalse(right.pod().has("status.message"));
        assertEquals(1, right.pod().objects("status.podIPs").size());
        assertEquals(mirror.text("status.podIP"), right.pod().text("status.podIPs[0].ip"));
        assertEquals(
                mirror.text("status.containerStatuses[0].containerID"),
                right.pod().text("status.containerStatuses[0].containerID"));
        assertEquals(mirror.uid(), right.pod().uid());
        String conditions = mirror.objects("status.conditions").toString();
        String more = conditions.substring(0, conditions.length() - 1)
                + ", {\"type\": \"example.com/Checked\", \"status\": \"True\"}]";
        cluster.patch(mirror("web") + "/status", "{\"status\": {\"phase\": \"Failed\", \"conditions\": " + more + "}}");
        cluster.awaitObject(
                mirror("web"),
                "to be right, with the foreign condition",
                o -> o.text("status.phase").equals("Running")
                        && o.status("example.com/Checked").equals("True"));
        assertUntouched("web", container);
    }

    @Test
    void aMirrorThatMayNotHaveTheStatusOfItsPodIsMadeAnew() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper(), "  restartPolicy: Never"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = awaitReady("web");
        // What has ended for good does not run again, thinks the API server.
        cluster.patch(mirror("web") + "/status", """
                {"status": {"containerStatuses": [{"name": "app", "image": "x", "imageID": "", "restartCount": 0,
                 "ready": false, "state": {"terminated": {"exitCode": 0}}}]}}""");
        JsonObject next = cluster.awaitObject(
                mirror("web"),
                "to be another",
                o -> !o.uid().equals(mirror.uid()) && o.status("Ready").equals("True"));
        assertEquals("containerd://" + container.id().value(), next.text("status.containerStatuses[0].containerID"));
        assertUntouched("web", container);
    }

    @Test
    void aCrashIsShownAndABurstOfChangesIsFewPatches() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        daemon.start();
        Container first = daemon.awaitRunning("web");
        awaitReady("web");
        // Four patches at most until now, however many steps a start has.
        assertTrue(
                watch.events(event -> event.type().equals("MODIFIED")).size() <= 4,
                () -> "patched: " + watch.events(event -> event.type().equals("MODIFIED")));
        daemon.crash(first);
        Container second = daemon.awaitReplaced("web", first);
        JsonObject mirror = cluster.awaitObject(
                mirror("web"),
                "to show the restart",
                o -> o.text("status.containerStatuses[0].restartCount").equals("1")
                        && o.status("Ready").equals("True"));
        assertEquals("containerd://" + second.id().value(), mirror.text("status.containerStatuses[0].containerID"));
        assertEquals("137", mirror.text("status.containerStatuses[0].lastState.terminated.exitCode"));
    }

    @Test
    void manyMirrorsComeTogether() throws Exception {
        for (int i = 0; i < 20; i++) {
            daemon.write("web" + i + ".yaml", DaemonProcess.pod("web" + i, DaemonProcess.sleeper()));
        }
        // It is not the runtime that is in doubt, and a real one has all hands full with so many.
        daemon.withFlags("--container-runtime-endpoint=simulated:").start();
        cluster.awaitObject("/api/v1/nodes/" + daemon.node, "to be there", _ -> true);
        StallAdjustedTime before = StallAdjustedTime.now();
        for (int i = 0; i < 20; i++) {
            assertPromised(before, awaitNext("ADDED", full("web" + i), null));
        }
        for (int i = 0; i < 20; i++) {
            awaitReady("web" + i);
        }
    }
}
