/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Configs.ofFlags;
import static io.jubelet.config.Configs.parse;
import static io.jubelet.config.Configs.valid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodGroups;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RunAs;
import io.jubelet.pod.SecurityProfiles;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceConfigTest {

    private static ResourceConfig resources(String text, String... flags) {
        return valid(parse(text, flags)).resources();
    }

    @Test
    void readsHowManyUserIdsAPodHas() {
        assertEquals(
                131072,
                resources("userNamespaces: {idsPerPod: 131072}").confinement().idsPerPod());
        for (String wrong : List.of("65535", "65537", "0", "4294967296", "x")) {
            assertEquals(
                    1,
                    parse("userNamespaces: {idsPerPod: " + wrong + "}").errors().size(),
                    wrong);
        }
    }

    @Test
    void readsTheFileAndTheFlags() {
        String file = """
                cgroupRoot: /apps
                cgroupDriver: systemd
                cgroupsPerQOS: true
                podPidsLimit: 1000
                singleProcessOOMKill: true
                cpuCFSQuotaPeriod: 10ms
                kubeReserved: {cpu: 100m, memory: 1Gi}
                systemReserved: {cpu: "1", ephemeral-storage: 2Gi}
                evictionHard: {memory.available: 5%, nodefs.available: 10%}
                enforceNodeAllocatable: [none]
                maxPods: 20
                """;
        ResourceConfig fromFile = resources(file);
        assertEquals(
                new ResourceConfig.Cgroups(
                        List.of("apps"), true, Optional.of("systemd"), 1000, true, Optional.of(Duration.ofMillis(10))),
                fromFile.cgroups());
        assertEquals(1100, fromFile.reserved().get("cpu").milli());
        assertEquals(1L << 30, fromFile.reserved().get("memory").value());
        assertFalse(fromFile.enforceAllocatable());
        assertEquals(20, fromFile.maxPods());
        assertEquals(50, fromFile.memoryToStayFree(1000));
        ResourceConfig fromFlags =
                resources(file, "--cgroup-root=/mine/of-pods/", "--pod-max-pids=-1", "--cpu-cfs-quota=false");
        assertEquals(
                new ResourceConfig.Cgroups(
                        List.of("mine", "of-pods"), true, Optional.of("systemd"), -1, true, Optional.empty()),
                fromFlags.cgroups());
    }

    @Test
    void readsHowPodsAreConfined() {
        ConfinementSettings confinement = resources(
                        "seccompDefault: true\nallowedUnsafeSysctls: [net.core.*, kernel.sem]\n")
                .confinement();
        assertTrue(confinement.seccompDefault());
        assertTrue(allows(confinement, "net.core.somaxconn"));
        assertTrue(allows(confinement, "kernel.sem"));
        assertFalse(allows(confinement, "kernel.msgmax"));
        ConfinementSettings flags = valid(
                        ofFlags("--seccomp-default=true", "--allowed-unsafe-sysctls=net.core.*", "--root-dir=/r"))
                .resources()
                .confinement();
        assertEquals("/r", flags.rootDir().toString());
        assertTrue(allows(flags, "net.core.somaxconn"));
    }

    private static boolean allows(ConfinementSettings confinement, String sysctl) {
        PodSpec spec = PodSpec.builder(
                        List.of(ContainerSpec.builder("app", "busybox").build()))
                .security(new PodSecurity(
                        RunAs.UNSET, PodGroups.UNSET, SecurityProfiles.UNSET, new LinkedHashMap<>(Map.of(sysctl, "1"))))
                .build();
        return confinement.sysctls().rejection(spec).isEmpty();
    }

    @Test
    void aHundredMebibytesOfMemoryStayFreeByDefault() {
        assertEquals(100 << 20, resources("").memoryToStayFree(8L << 30));
        assertEquals(
                200 << 20,
                resources("evictionHard: {memory.available: 200Mi}\n").memoryToStayFree(8L << 30));
        // A map that is there replaces all defaults.
        assertEquals(0, resources("evictionHard: {nodefs.available: 10%}\n").memoryToStayFree(8L << 30));
    }

    private static EvictionThresholds thresholds(String text) {
        return resources(text).evictionHard();
    }

    @Test
    void thresholdsReplaceAllDefaultsUnlessTheyAreMerged() {
        assertEquals(EvictionThresholds.DEFAULT, thresholds(""));
        assertEquals(5, thresholds("").floor("imagefs.inodesFree", 100));
        assertEquals(Map.of(), thresholds("evictionHard: {}\n").hard());
        assertEquals(
                Map.of("pid.available", "7"),
                thresholds("evictionHard: {pid.available: \"7\"}\n").hard());
        EvictionThresholds merged = thresholds(
                "evictionHard: {pid.available: \"7\", nodefs.available: 0%}\nmergeDefaultEvictionSettings: true\n");
        assertEquals(7, merged.floor("pid.available", 100));
        assertEquals(0, merged.floor("nodefs.available", 100));
        assertEquals(5, merged.floor("nodefs.inodesFree", 100));
    }

    /** As the kubelet reads them. */
    @Test
    void noneAndAllAreNoThresholds() {
        EvictionThresholds thresholds =
                thresholds("evictionHard: {memory.available: 0%, nodefs.available: 100%, imagefs.available: 99.5%}\n");
        assertEquals(0, thresholds.floor("memory.available", 1000));
        assertEquals(0, thresholds.floor("nodefs.available", 1000));
        assertEquals(995, thresholds.floor("imagefs.available", 1000));
    }

    @ParameterizedTest
    @CsvSource({
        "containerfs.available, as with the kubelet",
        "containerfs.inodesFree, as with the kubelet",
        "allocatableMemory.available, is not measured"
    })
    void aSignalWithoutEffectIsAWarning(String signal, String why) {
        LoadedConfig loaded = parse("evictionHard: {" + signal + ": 5%, memory.available: 5%}\n");
        assertEquals(List.of(), loaded.errors());
        assertEquals(1, loaded.warnings().size());
        String warning = loaded.warnings().getFirst();
        assertTrue(warning.contains("evictionHard: " + signal + " has no effect"), warning);
        assertTrue(warning.contains(why), warning);
        assertEquals(
                Map.of("memory.available", "5%"),
                loaded.config().resources().evictionHard().hard());
    }
}
