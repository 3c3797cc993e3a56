/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;
import java.util.Optional;

/**
 * Requests and limits of a container or a pod by resource name ({@code cpu}, {@code memory}, ...),
 * with the v1 default that a limit without a request is also the request.
 */
public record Resources(Map<String, Quantity> requests, Map<String, Quantity> limits) {

    /** The prefix of the names of huge pages; their size follows. */
    public static final String HUGE_PAGES = "hugepages-";

    /** No request and no limit. */
    public static final Resources NONE = new Resources(Map.of(), Map.of());

    public Resources {
        requests = Map.copyOf(requests);
        limits = Map.copyOf(limits);
    }

    /** The request for a resource; empty for none. */
    public Optional<Quantity> request(String resource) {
        return Optional.ofNullable(requests.get(resource));
    }

    /** The limit of a resource; empty for none. */
    public Optional<Quantity> limit(String resource) {
        return Optional.ofNullable(limits.get(resource));
    }
}
