/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is written where, on directories that look like a cgroup file system; real ones are in
 * {@link KernelCgroupsTest}.
 */
class PodCgroupsTest {

    private static final String UID = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "fedcba9876543210fedcba9876543210";

    @TempDir
    Path root;

    private static CgroupSettings settings(List<String> above, long pids, long memory) {
        return new CgroupSettings(
                true, above, Optional.of(Duration.ofMillis(100)), pids, List.of("2MB", "1GB"), 4000, memory);
    }

    private PodCgroups cgroups(CgroupSettings settings) {
        return new PodCgroups(settings, CgroupTree.at(root), () -> CgroupDriver.CGROUPFS, UID::equals);
    }

    static Pod pod(String uid, String requests, String limits) {
        ContainerSpec container = ContainerSpec.builder("app", "image")
                .resources(new Resources(quantities(requests), quantities(limits)))
                .build();
        return new Pod(
                new PodName("default", "web"),
                "node1",
                uid,
                "v1:0",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(container)).build(),
                new Pod.Manifest("{}", "/web.yaml"));
    }

    private static Map<String, Quantity> quantities(String text) {
        Map<String, Quantity> quantities = new HashMap<>();
        for (String each : text.isEmpty() ? new String[0] : text.split(" ")) {
            quantities.put(each.split("=")[0], Quantity.parse(each.split("=")[1]));
        }
        return quantities;
    }

    /** Creates the files of a cgroup as the kernel does. */
    private void cgroup(String path, String... files) throws IOException {
        Path directory = Files.createDirectories(root.resolve(path));
        for (String file : files) {
            Files.writeString(directory.resolve(file), "");
        }
    }

    private void v1(String path) throws IOException {
        cgroup("cpu/" + path, "cgroup.procs", "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us");
        cgroup("memory/" + path, "cgroup.procs", "memory.limit_in_bytes");
        cgroup("pids/" + path, "cgroup.procs", "pids.max");
        cgroup("hugetlb/" + path, "cgroup.procs", "hugetlb.2MB.limit_in_bytes", "hugetlb.1GB.limit_in_bytes");
    }

    private void v2(String path) throws IOException {
        cgroup(
                path,
                "cgroup.procs",
                "cgroup.subtree_control",
                "cpu.weight",
                "cpu.max",
                "memory.max",
                "pids.max",
                "hugetlb.2MB.max",
                "hugetlb.1GB.max");
    }

    /** Everything that was written, by file. */
    private Map<String, String> written() throws IOException {
        Map<String, String> written = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                if (!text.isEmpty()) {
                    written.put(root.relativize(file).toString(), text);
                }
            }
        }
        return written;
    }

    @Test
    void aBurstablePodOnV1HasItsWeightAndTheLimitsThatAllItsContainersHave() throws Exception {
        for (String path : List.of("", "kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            v1(path);
        }
        v1("kubepods/burstable/pod" + UID);
        Pod pod = pod(UID, "cpu=250m memory=64Mi", "memory=128Mi");
        PodCgroups cgroups = cgroups(settings(List.of(), 100, 1 << 30));
        cgroups.make(pod);
        assertEquals(Optional.of("/kubepods/burstable/pod" + UID), cgroups.parent(pod));
        String at = "kubepods/burstable/pod" + UID + "/";
        assertEquals(
                Map.of(
                        "cpu/kubepods/cpu.shares",
                        "4096",
                        "memory/kubepods/memory.limit_in_bytes",
                        "1073741824",
                        "cpu/kubepods/besteffort/cpu.shares",
                        "2",
                        "cpu/kubepods/burstable/cpu.shares",
                        "256",
                        "cpu/" + at + "cpu.shares",
                        "256",
                        "memory/" + at + "memory.limit_in_bytes",
                        "134217728",
                        "pids/" + at + "pids.max",
                        "100",
                        "hugetlb/" + at + "hugetlb.2MB.limit_in_bytes",
                        "0",
                        "hugetlb/" + at + "hugetlb.1GB.limit_in_bytes",
                        "0"),
                written());
    }

    @Test
    void aGuaranteedPodOnV2IsDirectlyBelowAllPods() throws Exception {
        for (String path : List.of("", "jubelet", "jubelet/kubepods")) {
            v2(path);
        }
        v2("jubelet/kubepods/besteffort");
        v2("jubelet/kubepods/burstable");
        v2("jubelet/kubepods/pod" + UID);
        Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu io memory hugetlb pids rdma misc\n");
        String both = "cpu=1500m memory=1Gi hugepages-2Mi=4Mi";
        cgroups(settings(List.of("jubelet"), 0, 0)).make(pod(UID, both, both));
        Map<String, String> expected = new TreeMap<>(Map.of(
                "cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc\n",
                "cgroup.subtree_control", "+cpu +cpuset +hugetlb +io +memory +pids",
                "jubelet/cgroup.subtree_control", "+cpu +cpuset +hugetlb +io +memory +pids",
                "jubelet/kubepods/cgroup.subtree_control", "+cpu +cpuset +hugetlb +io +memory +pids",
                "jubelet/kubepods/cpu.weight", Long.toString(CpuTime.weight(4096)),
                "jubelet/kubepods/besteffort/cpu.weight", "1",
                "jubelet/kubepods/burstable/cpu.weight", "1"));
        String at = "jubelet/kubepods/pod" + UID + "/";
        expected.put(at + "cpu.weight", Long.toString(CpuTime.weight(1536)));
        expected.put(at + "cpu.max", "150000 100000");
        expected.put(at + "memory.max", "1073741824");
        expected.put(at + "hugetlb.2MB.max", "4194304");
        expected.put(at + "hugetlb.1GB.max", "0");
        assertEquals(expected, written());
    }

    @Test
    void theWeightOfBurstablePodsFollowsTheirRequests() throws Exception {
        for (String path : List.of("", "kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            v1(path);
        }
        v1("kubepods/burstable/pod" + UID);
        v1("kubepods/burstable/pod" + OTHER);
        PodCgroups cgroups =
                new PodCgroups(settings(List.of(), 0, 0), CgroupTree.at(root), () -> CgroupDriver.CGROUPFS, _ -> true);
        Path shares = root.resolve("cpu/kubepods/burstable/cpu.shares");
        cgroups.expect(List.of(pod(UID, "cpu=1", ""), pod(OTHER, "cpu=2", "")));
        assertEquals("3072", Files.readString(shares));
        cgroups.make(pod(OTHER, "cpu=2", ""));
        assertEquals("3072", Files.readString(shares));
        Path directory = root.resolve("cpu/kubepods/burstable/pod" + OTHER);
        for (String hierarchy : List.of("cpu", "memory", "pids", "hugetlb")) {
            try (Stream<Path> files = Files.list(root.resolve(hierarchy).resolve("kubepods/burstable/pod" + OTHER))) {
                for (Path file : files.toList()) {
                    Files.delete(file); // the kernel's files go with their directory
                }
            }
        }
        cgroups.remove(OTHER);
        assertFalse(Files.exists(directory));
        assertEquals("1024", Files.readString(shares));
    }

    @Test
    void upperCgroupsStayAsTheyAreIfAnotherKubeletHasPodsThere() throws Exception {
        for (String path : List.of("", "kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            v1(path);
        }
        v1("kubepods/burstable/pod" + UID);
        v1("kubepods/besteffort/pod1d7c0a52-52a1-4a3c-9c57-5d5c2f0f5e11");
        PodCgroups cgroups = cgroups(settings(List.of(), 0, 1 << 30));
        cgroups.expect(List.of());
        cgroups.make(pod(UID, "cpu=1", ""));
        assertEquals(
                Map.of(
                        "cpu/kubepods/burstable/pod" + UID + "/cpu.shares", "1024",
                        "hugetlb/kubepods/burstable/pod" + UID + "/hugetlb.2MB.limit_in_bytes", "0",
                        "hugetlb/kubepods/burstable/pod" + UID + "/hugetlb.1GB.limit_in_bytes", "0"),
                written());
    }

    @Test
    void removesTheCgroupOfAnUnknownPodOnlyIfItIsEmpty() throws Exception {
        v1("");
        for (String path : List.of("kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            v1(path);
        }
        v1("kubepods/pod" + UID);
        Files.writeString(root.resolve("memory/kubepods/pod" + UID + "/cgroup.procs"), "4194305\n");
        cgroups(settings(List.of(), 0, 0)).removeEmpty(UID);
        assertTrue(Files.exists(root.resolve("memory/kubepods/pod" + UID + "/cgroup.procs")));
    }

    @Test
    void failuresNameTheFileThatCannotBeWritten() throws Exception {
        for (String path : List.of("", "kubepods", "kubepods/besteffort", "kubepods/burstable")) {
            v1(path);
        }
        PodCgroups cgroups = cgroups(settings(List.of(), 0, 0));
        IOException e = assertThrows(IOException.class, () -> cgroups.make(pod(UID, "cpu=1", "")));
        assertTrue(
                e.getMessage().contains("cannot write 1024 to " + root + "/cpu/kubepods/burstable/pod"),
                e.getMessage());
    }

    @Test
    void withoutCgroupsTheRuntimeChoosesOrUsesTheConfiguredRoot() throws Exception {
        Pod pod = pod(UID, "", "");
        PodCgroups none = PodCgroups.none();
        none.make(pod);
        none.remove(UID);
        assertEquals(Optional.empty(), none.parent(pod));
        assertFalse(none.enabled());
        CgroupSettings off = new CgroupSettings(false, List.of("apps"), Optional.empty(), 0, List.of(), 1000, 0);
        assertEquals(
                Optional.of("/apps"),
                new PodCgroups(off, CgroupTree.at(root), () -> CgroupDriver.CGROUPFS, UID::equals).parent(pod));
        assertEquals(Optional.empty(), CgroupTree.at(root));
    }
}
