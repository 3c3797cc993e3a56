/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.desired.Manifest;
import io.jubelet.document.Finding;
import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Adds to manifests what the start of their pods found out about them and no parser can know. Pure. */
public final class ManifestWarnings {

    private ManifestWarnings() {}

    /** The manifests of a snapshot, with a finding for each directory that was created for a path they name. */
    public static List<Manifest> of(StatusSnapshot snapshot, List<Event> events) {
        List<Event> created = events.stream()
                .filter(event -> event.reason().equals(EventRecorder.DIRECTORY_CREATED))
                .toList();
        if (created.isEmpty()) {
            return snapshot.manifests();
        }
        Map<PodName, String> versions = snapshot.pods().stream()
                .filter(report -> report.view().wanted().isPresent())
                .collect(Collectors.toMap(
                        PodReport::name,
                        report -> report.view().wanted().map(Pod::uid).orElseThrow()));
        return snapshot.manifests().stream()
                .map(manifest -> with(
                        manifest,
                        created.stream()
                                .filter(event -> manifest.pods().contains(event.pod())
                                        && event.object().uid().equals(versions.get(event.pod())))
                                .toList()))
                .toList();
    }

    private static Manifest with(Manifest manifest, List<Event> created) {
        if (created.isEmpty()) {
            return manifest;
        }
        List<Finding> problems = new ArrayList<>(manifest.problems());
        created.stream().map(Event::message).distinct().map(Finding::ofFile).forEach(problems::add);
        return manifest.withProblems(problems);
    }
}
