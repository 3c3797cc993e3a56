/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What pods and containers may take, read from the kernel's files, on real containerd. */
@OnContainerd
class ResourcesContainerdTest {

    private static final Path V1 = Path.of("/sys/fs/cgroup");

    private DaemonProcess daemon;

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private DaemonProcess start(String... options) throws IOException {
        daemon = new DaemonProcess(options).start();
        assumeTrue(Files.exists(V1.resolve("cpu/cpu.shares")), "these read the files of cgroup v1");
        return daemon;
    }

    /** A sleeper with resources; {@code more} are further lines of the spec, indented by two. */
    private static String pod(String name, String resources, String more) {
        return DaemonProcess.pod(name, sleeper(), more) + ("resources: " + resources).indent(4);
    }

    private static String uid(Container container) {
        return container.labels().get("io.kubernetes.pod.uid");
    }

    /** The cgroup of a process in the hierarchy of a controller, from the kernel itself. */
    private String cgroup(Container container, String controller) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + daemon.pid(container) + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (List.of(parts[1].split(",")).contains(controller)) {
                return parts[2];
            }
        }
        throw new IOException("no cgroup of " + controller);
    }

    private static String value(String controller, String cgroup, String file) throws IOException {
        return Files.readString(
                        V1.resolve(controller).resolve(cgroup.substring(1)).resolve(file))
                .strip();
    }

    private String pods() {
        return "/" + daemon.cgroupRoot + "/kubepods";
    }

    private void assertPod(String cgroup, String shares, String quota, String memory) throws IOException {
        assertEquals(
                List.of(shares, quota),
                List.of(value("cpu", cgroup, "cpu.shares"), value("cpu", cgroup, "cpu.cfs_quota_us")));
        Path limit = V1.resolve("memory").resolve(cgroup.substring(1)).resolve("memory.limit_in_bytes");
        assertEquals(memory, Files.readString(limit).strip());
    }

    private static final String UNLIMITED = "9223372036854771712";

    @Test
    void eachClassOfServiceHasItsPlaceAndAPodTheLimitsOfItsContainersTogether() throws Exception {
        start("--pod-max-pids=333");
        daemon.write("g.yaml", pod("guaranteed", "{limits: {cpu: 200m, memory: 40Mi}}", ""));
        daemon.write("b.yaml", pod("burstable", "{requests: {cpu: 100m}, limits: {memory: 50Mi}}", ""));
        daemon.write("e.yaml", pod("besteffort", "{}", ""));
        Container guaranteed = daemon.awaitRunning("guaranteed");
        String at = pods() + "/pod" + uid(guaranteed);
        assertEquals(at + "/" + guaranteed.id(), cgroup(guaranteed, "memory"));
        assertEquals(at + "/" + guaranteed.id(), cgroup(guaranteed, "cpu"));
        assertPod(at, "204", "20000", "41943040");
        assertPod(cgroup(guaranteed, "cpu"), "204", "20000", "41943040");
        assertEquals("333", value("pids", at, "pids.max"));
        Container burstable = daemon.awaitRunning("burstable");
        at = pods() + "/burstable/pod" + uid(burstable);
        assertEquals(at + "/" + burstable.id(), cgroup(burstable, "memory"));
        assertPod(at, "102", "-1", "52428800");
        Container besteffort = daemon.awaitRunning("besteffort");
        at = pods() + "/besteffort/pod" + uid(besteffort);
        assertEquals(at + "/" + besteffort.id(), cgroup(besteffort, "memory"));
        assertPod(at, "2", "-1", UNLIMITED);
        assertEquals("2", value("cpu", pods() + "/besteffort", "cpu.shares"));
        assertEquals("102", value("cpu", pods() + "/burstable", "cpu.shares"));
    }

    @Test
    void theCgroupOfAPodGoesWithItAndTheWeightOfItsClassToo() throws Exception {
        start();
        daemon.write("one.yaml", pod("one", "{requests: {cpu: 100m}}", ""));
        daemon.write("two.yaml", pod("two", "{requests: {cpu: 300m}}", ""));
        String one = uid(daemon.awaitRunning("one"));
        daemon.awaitRunning("two");
        assertEquals("409", value("cpu", pods() + "/burstable", "cpu.shares"));
        daemon.remove("one.yaml");
        daemon.awaitGone("one");
        daemon.await(
                "the directories of the pod to be gone", () -> !Files.exists(daemon.rootDir.resolve("pods/" + one)));
        assertEquals(List.of(), daemon.cgroupsNamed("pod" + one));
        assertEquals("307", value("cpu", pods() + "/burstable", "cpu.shares"));
    }

    @Test
    void aContainerOfAPodWithALimitOfMemoryIsKilledWhenThePodHasUsedItUp() throws Exception {
        start();
        daemon.write("oom.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: oom}
                spec:
                  restartPolicy: Never
                  resources: {limits: {memory: 32Mi}}
                  volumes: [{name: v, emptyDir: {}}]
                  containers:
                  - name: hungry
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "until test -e /v/up; do sleep 0.1; done; x=$(head -c 100000000 /dev/zero | tr '\\\\0' x); echo ${#x}"]
                    volumeMounts: [{name: v, mountPath: /v}]
                  - name: modest
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    # It must not fork once memory is short: a fork that fails would end it.
                    command: [sh, -c, "mkfifo /p; exec 3<>/p; trap 'exit 0' TERM; touch /v/up; read x <&3"]
                    volumeMounts: [{name: v, mountPath: /v}]
                """);
        daemon.await(
                "the hungry one to be killed",
                () -> daemon.get("/api/v1/namespaces/default/pods/oom-" + daemon.node)
                        .contains("OOMKilled"));
        assertEquals(
                1,
                daemon.running("oom").size(),
                () -> daemon.get("/api/v1/namespaces/default/pods/oom-" + daemon.node));
        Container modest = daemon.running("oom").getFirst();
        assertEquals("modest", modest.metadata().name());
        String at = pods() + "/burstable/pod" + uid(modest);
        assertEquals("33554432", value("memory", at, "memory.limit_in_bytes"));
        // Its own limit is that of the pod, for it has none.
        assertEquals("33554432", value("memory", cgroup(modest, "memory"), "memory.limit_in_bytes"));
    }

    @Test
    void thePodsOwnResourcesAndOverheadMakeItsCgroup() throws Exception {
        start();
        daemon.write("own.yaml", pod("own", "{requests: {cpu: 50m}}", """
                          resources: {requests: {cpu: 200m, memory: 32Mi}, limits: {cpu: 500m, memory: 64Mi}}
                          overhead: {cpu: 100m, memory: 8Mi}
                        """));
        Container own = daemon.awaitRunning("own");
        assertPod(pods() + "/burstable/pod" + uid(own), "307", "60000", "75497472");
        assertPod(cgroup(own, "cpu"), "51", "50000", "67108864");
    }

    @Test
    void aRestartOfTheDaemonRestartsNothingAndForgetsNoCgroup() throws Exception {
        start();
        daemon.write("keep.yaml", pod("keep", "{requests: {cpu: 250m}}", ""));
        daemon.write("gone.yaml", pod("gone", "{requests: {cpu: 250m}}", ""));
        Container keep = daemon.awaitRunning("keep");
        String gone = uid(daemon.awaitRunning("gone"));
        daemon.kill();
        daemon.remove("gone.yaml");
        daemon.start();
        daemon.awaitGone("gone");
        daemon.await("its directories to be gone", () -> !Files.exists(daemon.rootDir.resolve("pods/" + gone)));
        assertEquals(List.of(), daemon.cgroupsNamed("pod" + gone));
        assertEquals(keep.id(), daemon.awaitRunning("keep").id());
        assertEquals("256", value("cpu", pods() + "/burstable", "cpu.shares"));
        daemon.crash(keep);
        Container next = daemon.awaitReplaced("keep", keep);
        assertEquals(pods() + "/burstable/pod" + uid(keep) + "/" + next.id(), cgroup(next, "cpu"));
    }

    @Test
    void aPodThatHadNoCgroupIsNotRestartedForItAndGetsOneWithItsNextContainer() throws Exception {
        start("--cgroups-per-qos=false");
        daemon.write("old.yaml", pod("old", "{requests: {cpu: 250m}}", ""));
        Container old = daemon.awaitRunning("old");
        assertFalse(Files.exists(V1.resolve("cpu" + pods())));
        daemon.kill();
        daemon.options("--cgroups-per-qos=true");
        daemon.start();
        daemon.holdsFor(
                "the container",
                Duration.ofSeconds(2),
                () -> daemon.awaitRunning("old").id().equals(old.id()));
        daemon.crash(old);
        Container next = daemon.awaitReplaced("old", old);
        assertEquals(pods() + "/burstable/pod" + uid(old) + "/" + next.id(), cgroup(next, "cpu"));
        assertEquals("256", value("cpu", pods() + "/burstable/pod" + uid(old), "cpu.shares"));
    }

    @Test
    void whatIsLeftOfPodsOfOthersIsNotTouched() throws Exception {
        daemon = new DaemonProcess();
        Path foreign = V1.resolve("cpu" + pods() + "/besteffort/pod1d7c0a52-52a1-4a3c-9c57-5d5c2f0f5e11");
        Files.createDirectories(foreign);
        Path tier = V1.resolve("cpu" + pods() + "/burstable");
        Files.createDirectories(tier);
        String before = Files.readString(tier.resolve("cpu.shares"));
        daemon.start();
        daemon.write("mine.yaml", pod("mine", "{requests: {cpu: 250m}}", ""));
        Container mine = daemon.awaitRunning("mine");
        assertEquals("256", value("cpu", pods() + "/burstable/pod" + uid(mine), "cpu.shares"));
        assertEquals(before, Files.readString(tier.resolve("cpu.shares")));
        daemon.remove("mine.yaml");
        daemon.awaitGone("mine");
        assertTrue(Files.exists(foreign));
        assertTrue(daemon.log().contains("holds cgroups of pods that are not ours"), daemon.log());
    }

    @Test
    void scoresAndSwapAreTheKubelets() throws Exception {
        start();
        daemon.write("node.yaml", pod("critical", "{}", "  priorityClassName: system-node-critical"));
        daemon.write("swap.yaml", pod("swap", "{limits: {memory: 48Mi}}", ""));
        Container swap = daemon.awaitRunning("swap");
        assertEquals("50331648", value("memory", cgroup(swap, "memory"), "memory.memsw.limit_in_bytes"));
        Container critical = daemon.awaitRunning("critical");
        String spec =
                daemon.runtime().containerStatusVerbose(critical.id()).info().toString();
        assertNotEquals(-1, spec.indexOf("\"oom_score_adj\":-997"), spec);
    }

    @Test
    void anExtendedResourceIsRefusedWithTheReason() throws Exception {
        start();
        daemon.write("gpu.yaml", pod("gpu", "{limits: {example.com/gpu: 1}}", ""));
        daemon.await(
                "the reason", () -> daemon.get("/jubelet/v1/manifests").contains("because it runs no device plugins"));
        assertEquals(List.of(), daemon.sandboxes("gpu"));
    }

    @Test
    void logCollectorsFindTheLogOfEachContainerUntilItIsRemoved() throws Exception {
        Path logs = Files.createTempDirectory("jubelet-logs");
        start("--pod-logs-dir=" + logs.resolve("pods"));
        daemon.write("seen.yaml", DaemonProcess.pod("seen", "echo found; " + sleeper()));
        Container first = daemon.awaitRunning("seen");
        Path links = logs.resolve("containers");
        Path link = links.resolve("seen-" + daemon.node + "_default_app-" + first.id() + ".log");
        daemon.await("the link", () -> Files.isSymbolicLink(link));
        daemon.await("what it wrote", () -> read(link).contains("found"));
        daemon.crash(first);
        Container second = daemon.awaitReplaced("seen", first);
        daemon.crash(second);
        daemon.awaitReplaced("seen", second);
        daemon.await("the first one's link to be gone with it", () -> !Files.isSymbolicLink(link));
        daemon.remove("seen.yaml");
        daemon.awaitGone("seen");
        daemon.await("no link to be left", () -> links.toFile().list().length == 0);
        Files.delete(links);
        daemon.await("the logs to be gone", () -> logs.resolve("pods").toFile().list().length == 0);
        Files.delete(logs.resolve("pods"));
        Files.delete(logs);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** With the driver that is configured no sandbox could be made. */
    @Test
    void cgroupDriverOfTheRuntimeOverridesTheConfiguration() throws Exception {
        start("--cgroup-driver=systemd");
        daemon.write("asked.yaml", pod("asked", "{}", ""));
        Container asked = daemon.awaitRunning("asked");
        assertEquals(pods() + "/besteffort/pod" + uid(asked) + "/" + asked.id(), cgroup(asked, "cpu"));
        assertTrue(daemon.log().contains("configured=SYSTEMD runtime=CGROUPFS"), daemon.log());
    }
}
