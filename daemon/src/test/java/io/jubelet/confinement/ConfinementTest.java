/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.config.ConfinementSettings;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.criconfig.Pods;
import io.jubelet.node.KernelSecurity;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodGroups;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.Profile;
import io.jubelet.pod.RunAs;
import io.jubelet.pod.SecurityProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfinementTest {

    private static final String IMAGE = "docker.io/library/busybox:1";

    @TempDir
    private Path dir;

    private final SimulatedRuntime simulated = SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH));
    private final ContainerSpec container = Pods.shell("app", "true");
    private Confinement confinement;
    private String imageId;

    @BeforeEach
    void open() {
        simulated.images().add(IMAGE);
        imageId = simulated.imageService().imageStatus(ImageSpec.of(IMAGE)).id();
        confinement = new Confinement(
                ConfinementSettings.defaults(dir),
                simulated.runtimeService(),
                new ImageUserCache(simulated.imageService()),
                List::of,
                new KernelSecurity());
    }

    private ContainerConfig plain() {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata("app", 0))
                .image(ImageSpec.of(imageId))
                .linux(new LinuxContainerConfig(
                        LinuxContainerResources.builder().build(),
                        LinuxContainerSecurityContext.builder()
                                .namespaceOptions(new NamespaceOption(
                                        NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "", null))
                                .build()))
                .build();
    }

    private static Pod with(Pod pod, Profile seccomp) {
        return Pods.with(
                pod,
                spec -> spec.security(new PodSecurity(
                        RunAs.UNSET,
                        PodGroups.UNSET,
                        new SecurityProfiles(Optional.of(seccomp), Optional.empty(), Optional.empty()),
                        new LinkedHashMap<>())));
    }

    @Test
    void returnsTheConfigurationOfAPodThatRequiresNothingUnchanged() {
        ContainerConfig plain = plain();
        assertSame(plain, confinement.of(Pods.pod(List.of(), container), container, plain));
    }

    @Test
    void rejectsAContainerWhoseSeccompProfileDoesNotExist() throws IOException {
        Pod pod = with(Pods.pod(List.of(), container), new Profile.Localhost("strict.json"));
        ActionFailedException failure =
                assertThrows(ActionFailedException.class, () -> confinement.of(pod, container, plain()));
        assertEquals("CreateContainerError", failure.reason());
        assertTrue(failure.getMessage().startsWith("cannot load seccomp profile"), failure.getMessage());

        assumeTrue(new KernelSecurity().hasSeccomp(), "the kernel of this machine has no seccomp");
        Path profile = Files.createDirectories(dir.resolve("seccomp")).resolve("strict.json");
        Files.writeString(profile, "{}");
        assertEquals(
                SecurityProfile.localhost(profile.toString()),
                confinement
                        .of(pod, container, plain())
                        .linux()
                        .securityContext()
                        .seccomp());
    }
}
