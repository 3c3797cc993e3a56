/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The simulated images have four million bytes each. */
class ImageGarbageCollectorTest {

    private final ManualClock time = SimulatedClock.manual(Instant.parse("2026-01-01T12:00:00Z"));
    private final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    private final Set<String> wanted = new HashSet<>();
    private final List<String> alarms = new ArrayList<>();
    private ImageGarbageCollector.DiskSpace space = new ImageGarbageCollector.DiskSpace(100_000_000, 50_000_000);

    private ImageGarbageCollector collector(int high, int low, Duration minimumAge, Duration maximumAge) {
        return new ImageGarbageCollector(
                simulated.imageService(),
                simulated.runtimeService(),
                Optional.empty(),
                () -> wanted,
                new ImageGarbageCollector.Policy(high, low, minimumAge, maximumAge),
                _ -> space,
                (reason, message) -> alarms.add(reason + ": " + message),
                time);
    }

    private ImageGarbageCollector collector() {
        return collector(85, 80, Duration.ofMinutes(2), Duration.ZERO);
    }

    private Set<String> left() {
        Set<String> tags = new TreeSet<>();
        for (Image image : simulated.imageService().listImages()) {
            image.repoTags().forEach(tag -> tags.add(tag.substring(tag.indexOf('/') + 1)));
        }
        return tags;
    }

    private void add(String... names) {
        for (String name : names) {
            simulated.images().add("r.io/" + name + ":1");
        }
    }

    private void use(String name) {
        PodSandboxConfig pod = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(name, name, "default", 0))
                .build();
        PodSandboxId sandbox = simulated.runtimeService().runPodSandbox(pod, "");
        simulated
                .runtimeService()
                .createContainer(
                        sandbox,
                        ContainerConfig.builder()
                                .metadata(new ContainerMetadata("app", 0))
                                .image(ImageSpec.of("r.io/" + name + ":1"))
                                .build(),
                        pod);
    }

    @Test
    void whileThereIsSpaceEverythingStays() {
        add("a", "b");
        space = new ImageGarbageCollector.DiskSpace(100_000_000, 16_000_000); // 84 %
        collector().collect();
        assertEquals(Set.of("a:1", "b:1"), left());
    }

    @Test
    void fromTheHighThresholdOnUnusedImagesGoDownToTheLowOne() {
        add("a", "b", "c", "d");
        space = new ImageGarbageCollector.DiskSpace(100_000_000, 15_000_000);
        collector().collect(); // five million bytes are needed
        assertEquals(2, left().size());
        assertEquals(List.of(), alarms);
    }

    @Test
    void whatIsUsedOrWantedStays() {
        add("used", "wanted", "digest", "free");
        use("used");
        wanted.add("r.io/wanted:1");
        String digest = simulated
                .imageService()
                .imageStatus(ImageSpec.of("r.io/digest:1"))
                .repoDigests()
                .getFirst();
        wanted.add(digest.replace("@", ":other@"));
        space = new ImageGarbageCollector.DiskSpace(100_000_000, 1_000_000);
        collector().collect();
        assertEquals(Set.of("digest:1", "used:1", "wanted:1"), left());
        assertEquals(
                List.of("FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to free"
                        + " 19000000 bytes, but only found 4000000 bytes eligible to free."),
                alarms);
    }

    @Test
    void whatWasUsedLastGoesLast() {
        add("z-old", "a-new");
        ImageGarbageCollector collector = collector();
        wanted.add("r.io/z-old:1");
        collector.collect();
        time.advance(Duration.ofMinutes(5));
        wanted.add("r.io/a-new:1");
        wanted.remove("r.io/z-old:1");
        collector.collect();
        time.advance(Duration.ofMinutes(5));
        wanted.clear();
        space = new ImageGarbageCollector.DiskSpace(50_000_000, 7_000_000); // three million bytes are needed
        collector.collect();
        assertEquals(Set.of("a-new:1"), left());
    }

    @Test
    void aYoungImageStays() {
        ImageGarbageCollector collector = collector();
        collector.collect();
        add("young");
        time.advance(Duration.ofMinutes(5));
        collector.collect();
        space = new ImageGarbageCollector.DiskSpace(100_000_000, 0);
        time.advance(Duration.ofMinutes(1));
        collector.collect();
        assertEquals(Set.of("young:1"), left());
        time.advance(Duration.ofMinutes(1));
        collector.collect();
        assertEquals(Set.of(), left());
    }

    @Test
    void anOldImageGoesOnceWeHaveLookedForAsLong() {
        add("a", "b");
        ImageGarbageCollector collector = collector(85, 80, Duration.ofMinutes(2), Duration.ofHours(1));
        wanted.add("r.io/b:1");
        collector.collect();
        time.advance(Duration.ofMinutes(59));
        collector.collect();
        wanted.clear();
        assertEquals(Set.of("a:1", "b:1"), left());
        time.advance(Duration.ofMinutes(1));
        collector.collect();
        assertEquals(Set.of("b:1"), left());
        time.advance(Duration.ofMinutes(58));
        collector.collect();
        assertEquals(Set.of("b:1"), left());
        time.advance(Duration.ofMinutes(1));
        collector.collect();
        assertEquals(Set.of(), left());
    }

    @Test
    void aFailureIsToldAsAnEventTheSecondTime() {
        ImageGarbageCollector collector = collector();
        for (int i = 0; i < 2; i++) {
            simulated.faults().failBefore("ListImages", _ -> new CriException.Failed("ListImages", "no"));
            collector.collect();
            assertEquals(i, alarms.size());
        }
        assertTrue(alarms.getFirst().startsWith("ImageGCFailed: "), alarms.toString());
    }

    @Test
    void aDiskWithoutCapacityIsTold() {
        space = new ImageGarbageCollector.DiskSpace(0, 0);
        collector().collect();
        assertEquals(List.of("InvalidDiskCapacity: invalid capacity 0 on image filesystem"), alarms);
    }
}
