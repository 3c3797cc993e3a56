/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;
import java.util.Optional;

/**
 * Quality of service class of a pod, calculated from cpu and memory of the pod itself if it sets
 * them, otherwise of all its containers, init containers among them. Spelled as in the API.
 */
public enum QosClass {
    Guaranteed,
    Burstable,
    BestEffort;

    private static final String[] COUNTED = {"cpu", "memory"};

    /**
     * The class of a pod: Guaranteed when in each container, or in the pod itself, the limits of
     * both are equal to the requests; BestEffort without requests and limits. If the pod itself has
     * resources, even empty ones, only these count, as in the kubelet.
     */
    public static QosClass of(PodSpec spec) {
        if (spec.resources().isPresent()) {
            Resources whole = spec.resources().get();
            return of(any(whole.requests()) || any(whole.limits()), guaranteed(whole));
        }
        boolean any = false;
        boolean guaranteed = true;
        for (ContainerSpec container : spec.allContainers().toList()) {
            any |= any(container.resources().requests())
                    || any(container.resources().limits());
            guaranteed &= guaranteed(container.resources());
        }
        return of(any, guaranteed);
    }

    private static QosClass of(boolean any, boolean guaranteed) {
        if (!any) {
            return BestEffort;
        }
        return guaranteed ? Guaranteed : Burstable;
    }

    private static boolean any(Map<String, Quantity> quantities) {
        for (String resource : COUNTED) {
            if (positive(quantities, resource).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static boolean guaranteed(Resources resources) {
        for (String resource : COUNTED) {
            Optional<Quantity> request = positive(resources.requests(), resource);
            Optional<Quantity> limit = positive(resources.limits(), resource);
            if (limit.isEmpty() || request.isEmpty() || limit.get().compareTo(request.get()) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Optional<Quantity> positive(Map<String, Quantity> quantities, String resource) {
        return Optional.ofNullable(quantities.get(resource))
                .filter(quantity -> quantity.number().signum() > 0);
    }
}
