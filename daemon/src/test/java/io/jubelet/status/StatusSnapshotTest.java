/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.desired.Manifest;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusSnapshotTest {

    private static final PodName WEB = new PodName("default", "web");
    private static final PodName DB = new PodName("default", "db");

    private static Manifest file(String path, Manifest.State state, PodName... pods) {
        return new Manifest(path, state, List.of(pods), List.of(), Instant.EPOCH);
    }

    private static StatusSnapshot of(Manifest... manifests) {
        return new StatusSnapshot(1, List.of(), List.of(manifests));
    }

    @Test
    void aPodComesFromTheFileThatIsNotInConflict() {
        Manifest conflict = file("a", Manifest.State.CONFLICT, WEB, DB);
        Manifest accepted = file("b", Manifest.State.ACCEPTED, WEB);
        Manifest later = file("c", Manifest.State.CONFLICT, WEB, DB);
        StatusSnapshot snapshot = of(conflict, accepted, later);
        assertEquals(Optional.of(accepted), snapshot.manifestOf(WEB));
        assertEquals(Optional.of(conflict), snapshot.manifestOf(DB), "the first one");
        assertEquals(Map.of(WEB, accepted, DB, conflict), snapshot.manifestsByPod());
        assertEquals(Optional.empty(), snapshot.manifestOf(new PodName("default", "other")));
    }

    @Test
    void ofTwoFilesThatAreNotInConflictTheFirstCounts() {
        Manifest first = file("a", Manifest.State.ACCEPTED, WEB);
        assertEquals(
                Optional.of(first),
                of(first, file("b", Manifest.State.REFUSED, WEB)).manifestOf(WEB));
    }
}
