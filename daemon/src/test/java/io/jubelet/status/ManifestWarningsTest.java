/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static io.jubelet.status.PodViews.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.desired.Manifest;
import io.jubelet.document.Finding;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestWarningsTest {

    private static final Finding CREATED = Finding.ofFile("hostPath /etc/app.conf did not exist");

    private final PodViews web = pod("web", "app");
    private final PodViews other = pod("other", "app");
    private final EventRecorder events = new EventRecorder(() -> PodViews.T0, () -> {});

    private List<List<Finding>> problems(PodViews shown) {
        List<Manifest> manifests = List.of(web.manifest(), other.manifest());
        StatusSnapshot snapshot = new StatusSnapshot(1, List.of(shown.report(), other.report()), manifests);
        return ManifestWarnings.of(snapshot, events.all()).stream()
                .map(Manifest::problems)
                .toList();
    }

    @Test
    void addsDirectoriesThatWereCreatedToTheManifestOfThePod() {
        Pod version = web.build().wanted().orElseThrow();
        events.warning(version, "app", "BackOff", "Back-off restarting failed container app");
        assertEquals(List.of(List.of(), List.of()), problems(web));
        events.warning(version, "app", EventRecorder.DIRECTORY_CREATED, CREATED.message());
        assertEquals(List.of(List.of(CREATED), List.of()), problems(web));
    }

    @Test
    void forgetsThemWithTheVersion() {
        events.warning(web.build().wanted().orElseThrow(), "app", EventRecorder.DIRECTORY_CREATED, CREATED.message());
        web.sandbox().updatedTo("2", "registry.local/web:2");
        assertEquals(List.of(List.of(), List.of()), problems(web));
    }
}
