/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the size of the huge pages of an emptyDir, which is a size that the pod requests.
 * Source: the kubelet's emptyDir plugin, which finds out when it mounts. Pure.
 */
public final class PageSize {

    private PageSize() {}

    /**
     * The size in bytes.
     *
     * @throws IllegalArgumentException when the pod does not request such pages, or requests
     *     several sizes; the message is for the user
     */
    public static long of(PodSpec pod, Volume.Medium.HugePages medium) {
        Set<Long> requested = new TreeSet<>();
        pod.allContainers().forEach(container -> add(container.resources(), requested));
        pod.resources().ifPresent(whole -> add(whole, requested));
        if (medium.pageSize().isPresent()) {
            requested.retainAll(Set.of(medium.pageSize().get().value()));
        } else if (requested.size() > 1) {
            throw new IllegalArgumentException(
                    "medium " + medium.text() + " can't be used if containers request multiple"
                            + " huge page sizes; write one of them, such as HugePages-2Mi");
        }
        return requested.stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("medium " + medium.text()
                        + ": huge pages storage requested, but there is no resource request for"
                        + " such huge pages; add one to a container, such as limits: {hugepages-2Mi: 4Mi}"));
    }

    private static void add(Resources resources, Set<Long> sizes) {
        for (String name : resources.requests().keySet()) {
            if (name.startsWith(Resources.HUGE_PAGES)) {
                sizes.add(Quantity.parse(name.substring(Resources.HUGE_PAGES.length()))
                        .value());
            }
        }
    }
}
