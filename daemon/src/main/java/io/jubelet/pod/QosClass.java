package io.jubelet.pod;

import java.util.Optional;

/** Quality of service of a pod, computed from cpu and memory of all its containers, init containers among them. Spelt as in the API. */
public enum QosClass {
    Guaranteed,
    Burstable,
    BestEffort;

    private static final String[] COUNTED = {"cpu", "memory"};

    /** The class of a pod: Guaranteed when each container limits both to what it requests, BestEffort without any. */
    public static QosClass of(PodSpec spec) {
        boolean any = false;
        boolean guaranteed = true;
        for (ContainerSpec container : spec.allContainers().toList()) {
            for (String resource : COUNTED) {
                Optional<Quantity> request = positive(container.resources().request(resource));
                Optional<Quantity> limit = positive(container.resources().limit(resource));
                any |= request.isPresent() || limit.isPresent();
                guaranteed &=
                        limit.isPresent() && request.isPresent() && limit.get().compareTo(request.get()) == 0;
            }
        }
        if (!any) {
            return BestEffort;
        }
        return guaranteed ? Guaranteed : Burstable;
    }

    private static Optional<Quantity> positive(Optional<Quantity> quantity) {
        return quantity.filter(q -> q.number().signum() > 0);
    }
}
