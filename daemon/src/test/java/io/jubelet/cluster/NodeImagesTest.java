/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.Image;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeImagesTest {

    private static final Duration REPORTS = Duration.ofSeconds(10);

    private final SimulatedRuntime simulated =
            SimulatedRuntime.create(SimulatedClock.manual(Instant.parse("2026-01-01T12:00:00Z")));
    private final Set<String> asked = new HashSet<>();

    private NodeImages images(int most) {
        simulated.onCall(call -> asked.add(call.operation()));
        return new NodeImages(simulated.imageService(), most, REPORTS);
    }

    private static Image image(String id, long size, List<String> digests, String... tags) {
        return new Image(id, List.of(tags), digests, size, null, "", null, false);
    }

    @Test
    void theLargestAreFirstAndNoMoreThanAreAskedFor() {
        List<Image> all = List.of(
                image("a", 5, List.of(), "r/a:1"),
                image("b", 70, List.of("r/b@sha256:b"), "r/b:1"),
                image("c", 5, List.of(), "r/c:1"));
        NodeReport.Image b = new NodeReport.Image(List.of("r/b@sha256:b", "r/b:1"), 70);
        NodeReport.Image c = new NodeReport.Image(List.of("r/c:1"), 5);
        NodeReport.Image a = new NodeReport.Image(List.of("r/a:1"), 5);
        // Images of one size keep their order, so that the status does not change each time.
        assertEquals(List.of(b, c, a), NodeImages.report(all, -1));
        assertEquals(List.of(b, c, a), NodeImages.report(all.reversed(), 50));
        assertEquals(List.of(b), NodeImages.report(all, 1));
        assertEquals(List.of(), NodeImages.report(all, 0));
    }

    @Test
    void anImageHasFiveNamesAtMost() {
        Image many = image("a", 5, List.of("r/a@1", "r/b@1", "r/c@1"), "r/a:1", "r/b:1", "r/c:1");
        assertEquals(
                List.of("r/a@1", "r/b@1", "r/c@1", "r/a:1", "r/b:1"),
                NodeImages.report(List.of(many), 50).getFirst().names());
    }

    @Test
    void whatWasKnownStaysWhileTheRuntimeDoesNotAnswerAndIsAskedForSooner() {
        simulated.images().add("r.io/a:1");
        NodeImages images = images(50);
        assertEquals(List.of(), images.all());
        assertEquals(Optional.empty(), images.directory());
        assertEquals(REPORTS.multipliedBy(3), images.refresh());
        assertEquals(List.of("r.io/a:1"), tags(images));
        assertEquals(Optional.of(Path.of("/var/lib/simulated")), images.directory());
        simulated.images().add("r.io/b:1");
        simulated.goDown();
        assertEquals(REPORTS, images.refresh());
        assertEquals(List.of("r.io/a:1"), tags(images));
        assertEquals(Optional.empty(), images.directory());
        simulated.comeBack();
        assertEquals(REPORTS.multipliedBy(3), images.refresh());
        assertEquals(2, tags(images).size());
    }

    private static List<String> tags(NodeImages images) {
        return images.all().stream()
                .flatMap(image -> image.names().stream())
                .filter(name -> !name.contains("@"))
                .toList();
    }

    @Test
    void listsNothingWhereNothingIsToBeTold() {
        NodeImages images = images(0);
        images.refresh();
        images.refresh();
        assertEquals(Set.of("ImageFsInfo"), asked);
    }
}
